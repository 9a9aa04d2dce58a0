//! # Security
//!
//! A session cookie is a password. This chapter lists what the crate guards against, by which default, and what it
//! cannot do for a program.
//!
//! ## Against servers
//!
//! | a server that | is stopped by |
//! |---|---|
//! | sets cookies for other sites (`Domain=com`, `Domain=github.io`) | the public suffix list, in both policies. [`PublicSuffixes::none`](crate::policy::PublicSuffixes::none) and [`python`](DefaultCookiePolicy::python) turn it off |
//! | wants the cookies of its parent domain | host-only cookies: without `Domain` a cookie is sent only to its own host ([`host_only`](DefaultCookiePolicy::host_only)). The default policy also sends a cookie of `foo.local` to `foo`, as RFC 2965 names it |
//! | puts CR, LF or NUL into a header or a file | rejection, whatever the source of the cookie; no switch. Other control characters: [`reject_control_characters`](DefaultCookiePolicy::reject_control_characters) |
//! | sends more than memory holds | [`Limits`]: a field over 64 KiB is rejected unread, a cookie over 12,288 bytes is rejected, and a site over 180 cookies loses some: a flood from one host evicts its own |
//! | sends input that is slow to parse | parsers that are linear in their input, without regular expressions |
//! | sends input to make a parser panic | no `unsafe` code, no panic on any input |
//! | redirects with a `Cookie` to another host | [`redirect`](crate::redirect): the jar's header is never sent to the next hop, and one set by hand stays within its origin; ureq and tower use it, reqwest has a rule of its own |
//! | responds as a proxy (407) or early (1xx) | such responses set no cookies, if the response type has a status |
//!
//! ## Against the network and other sites
//!
//! | threat | default policy | [`BrowserPolicy`](crate::BrowserPolicy) |
//! |---|---|---|
//! | a `Secure` cookie over http | withheld | withheld |
//! | http replaces a `Secure` cookie | allowed, as in Python | rejected |
//! | `__Host-`, `__Secure-` without the attributes they promise | allowed, as in Python | rejected |
//! | a request that another site caused (CSRF) | `SameSite` has no effect | `SameSite` is enforced, if the [`Provenance`](crate::Provenance) names the initiator, and the context the method, which reqwest's does not. A cookie without `SameSite` is sent with a `POST` in its first two minutes ([`lax_allows_unsafe`](crate::BrowserPolicy::lax_allows_unsafe)) |
//! | third parties | blocked if [`strict_ns_unverifiable`](DefaultCookiePolicy::strict_ns_unverifiable) is on and the provenance says so. By RFC 2965 the hosts of one suffix, such as `a.co.uk` and `b.co.uk`, are not third parties to each other | `SameSite`, and partitions |
//!
//! A program that is logged in somewhere and visits URLs that strangers choose should use `BrowserPolicy` and name
//! the initiator: only the program knows who caused the request.
//!
//! ## At rest
//!
//! - Files have mode 0600 on Unix from their first byte, and are replaced as a whole; elsewhere the folder decides who
//!   can read. [Their chapter](super::files) has what others cannot do in a shared folder.
//! - No cookie in a file of this crate can add another cookie to it, and what is written can be read back. In files of
//!   other programs, a line that can be read as two cookies is skipped, unless LWP files are read
//!   [strictly](crate::file::ReadOptions::strict).
//! - A new SQLite file and its companions are 0600. Those of another user are rejected in a folder that others can write
//!   to, and so is a file with another schema. In a sticky folder, such as `/tmp`, all companions are there before SQLite
//!   looks for them, and stay: a stranger can only take a name first, so that the file does not open. In a folder that
//!   others can write to and that is not sticky, they can replace any file: use a folder of your own.
//! - Records are not encrypted unless `PersistOptions::seal` has a cipher; otherwise use an encrypted disk, or SQLCipher
//!   through a `PRAGMA`.
//! - Cookies from a file or a database are valid, but their domains are believed: a file is trusted for every site that it
//!   names. The policy judges when they are sent, and when they are loaded if
//!   [`ask_policy`](crate::file::LoadOptions::ask_policy) is on. Archives and header dumps are judged for the URL of each
//!   response; bare `Set-Cookie` lines without a URL are believed, too.
//!
//! ## In logs and errors
//!
//! `Debug`, `Display`, errors, reports, panics and the events of feature `tracing` have names and reasons, never a value. The
//! exceptions are explicit: [`display_with_value`](crate::Cookie::display_with_value) and
//! `CookieSessions::set_logs_values`. An error of PostgreSQL has the condition's name and SQLSTATE, and the server's message
//! only while connecting, before any cookie is sent. Header values made for `http` are marked sensitive. A name can be a
//! secret, too: some servers put tokens there.
//!
//! ## What it cannot do
//!
//! - It does not see TLS. A URL with `https` counts as secure, even if the client accepts any certificate.
//! - It does not promise that a stored cookie stays, or is sent. An attacker who answers for a site over http can store
//!   enough cookies to fill the header; [`explain`](crate::CookieJar::explain) then reports the others as
//!   [`HeaderFull`](crate::Rejection::HeaderFull). One who answers for many of its hosts can fill the site: of a host in
//!   use only 18 cookies are safe, of others none, `Secure` or not, and the name of an evicted cookie is free. One host is
//!   enough to evict the insecure `Domain` cookies of the site. A client that never requests the site without TLS is not
//!   affected. A script can evict the `HttpOnly` cookies of its own host.
//! - It does not limit the number of sites, nor of sessions. With [`Limits::browsers`], which has a limit on all cookies
//!   together, responses of thousands of sites evict those of a site that is not in use.
//! - It does not limit the rows of a database. Each new name that a site sets is one, and after the cookie is evicted or
//!   deleted it stays, with at most 13 KiB under the default limits, until the hourly purge after
//!   `PersistOptions::tombstones` (24 hours): another process could undo a deletion that is forgotten sooner.
//! - It does not know the user. It learns who caused a request only from a `Provenance`.
//! - It does not protect a program from its own database server. Each wait for it has a time limit, and what is read
//!   is checked. But the client of PostgreSQL decodes replies without a limit, so its server can take all memory, or
//!   end the process. Replies of Redis are limited to 512 MiB and to the time of the call; over TLS, a Unix socket or a
//!   connector of yours, only each read is.
//! - It does not wipe memory. A value stays in freed memory until something overwrites it. If the process is killed while
//!   it reads the cookies of Firefox, a copy of them stays in a private folder in the system's temporary one.
//! - It does not trim names as some servers do: a name of white space outside ASCII and `__Host-sid` is a name of its own
//!   here and in browsers, and can be `__Host-sid` to such a server.
//! - The public suffix list is that of the build. A program that runs for years should load a newer one:
//!   `text.parse::<PublicSuffixes>()`. It takes effect at once; only the limits of sites still count a stored cookie under
//!   its site by the list before, until a jar with the new list [`import`](crate::CookieJar::import)s it.
//! - It does not limit the length of a URL, but what a field costs below it: a default path is copied only as far as
//!   [`Limits::cookie_bytes`] allows. Without that limit ([`python`](DefaultCookiePolicy::python)), and in
//!   [`make_cookies`](crate::CookieJar::make_cookies), each cookie without a `Path` has a copy of the whole path. Header
//!   dumps and HTTP archives are read without the cookies of URLs longer than 64 KiB.
//! - A session belongs to a key, not to a caller: [`CookieSessions`](crate::CookieSessions) keeps sessions apart, and
//!   does not check who asks.
//!
//! ## What a program must not do
//!
//! - A policy, a sink, a clock or headers of its own must not use the jar that calls them, nor wait for a thread that does:
//!   on the same thread the call panics with a sentence, on another it would wait for ever. If one of them panics, the jar
//!   stays whole.
//! - An engine and a seal may use the jar and the handle of its database, and a sink may use the handle, but none of them
//!   may wait for the database, as for a flush or for a session to load, nor call `unload_idle`,
//!   `changes` or `remove`.
//! - A wrapper must pass on all seven questions of a policy: [`replace_ok`](crate::CookiePolicy::replace_ok) is a protection,
//!   too.
//! - [`set_cookie`](crate::CookieJar::set_cookie), `Extend`, `import` and `apply` ask no policy. What they store is valid, and
//!   is judged when it is sent; text from strangers belongs in [`set_cookie_str`](crate::CookieJar::set_cookie_str).
//! - The URL must be that of the request that is sent, and a wrapper of a response must pass on its status.
//!
//! ## The guarantees
//!
//! | | held by |
//! |---|---|
//! | Every call that asks a policy rejects a cookie for another site, a public suffix or an address, for the same reason. | `a_policy_rejects_at_every_door_for_the_same_reason` |
//! | A cookie that no policy was asked about reaches no other site. | `a_cookie_that_no_policy_was_asked_about_reaches_no_other_site`, `a_cookie_goes_only_to_its_domain_and_below` |
//! | CR, LF and NUL are in no cookie, and one cookie stays one; with [`rfc2965`](DefaultCookiePolicy::rfc2965), to servers that know its quotes. | `line_breaks_and_nul_get_in_at_no_door`, `nothing_can_become_two_cookies` |
//! | A domain is a host, in one spelling. | `a_domain_is_a_host_at_every_door` |
//! | Records of a database pass the same checks. | `records_of_databases_pass_the_same_checks`, `records_of_sqlite_pass_the_same_checks`, `records_of_redis_pass_the_same_checks`, `records_of_postgresql_pass_the_same_checks` |
//! | Under `BrowserPolicy`, a name keeps what its prefix promises, and http replaces no `Secure` cookie. | `what_breaks_a_promise_of_browsers_is_not_sent_whatever_door_it_came_by`, `an_http_response_leaves_every_secure_cookie_as_it_was`, `another_list_lets_http_shadow_no_secure_cookie` |
//! | Under `BrowserPolicy`, a script neither sees nor replaces `HttpOnly` cookies. | `a_script_sees_and_changes_nothing_that_is_http_only` |
//! | No bytes make it panic. | `random_bytes_do_no_harm`, `requests_of_random_text_do_no_harm` |
//! | Reading takes bounded memory. | `a_header_takes_three_bytes_a_byte_at_most`, `short_fields_below_a_long_path_are_not_held_together`, `a_long_path_costs_each_field_no_more_than_a_cookie_may_have`, `cookies_of_a_head_have_one_context`, `cookies_of_an_entry_have_one_context`, `redirects_of_a_dump_are_linear`, `fields_without_octets_are_not_held_together`, `one_line_of_a_gibibyte` |
//! | A flood from one host evicts no host-only cookies of another, and many floods leave a host in use 18 of its own. | `two_floods_at_once_pay_both`, `a_host_in_use_keeps_up_to_a_tenth_of_the_limit_among_many_hosts`, `a_site_in_use_stays_among_thousands` |
//! | A rejected cookie and a failed call change nothing. | `a_refused_or_failed_call_changes_nothing` |
//! | Whatever panics, and at whichever call, the jar is whole. | `a_policy_may_panic_at_any_question`, `a_clock_may_panic_at_any_reading`, `a_sink_may_panic_at_any_change`, `an_engine_may_panic_at_any_call`, `a_seal_may_panic_at_any_call` |
//! | A call back into the jar panics or returns, and does not wait. | `who_calls_back_gets_a_sentence_and_waits_for_nothing`, `an_engine_may_call_the_jar`, `a_seal_may_call_the_jar`, `a_sink_may_use_the_handle_of_its_database`, `a_seal_may_use_the_handle_of_its_database`, `a_sink_may_drop_the_last_handle_of_its_database` |
//! | A wrong clock panics nowhere, and extends no cookie. | `any_clock_is_safe`, `no_clock_of_a_server_stops_a_jar` |
//! | A hostile database costs the time to read it. | `a_million_hostile_records_are_counted_and_few_are_reported`, `a_flood_of_changes_stops_no_write_and_no_close`, `stamps_a_year_ahead_move_no_clock_and_delete_nothing`, `a_session_that_is_not_ours_costs_itself_only`, `a_hostile_answer_to_a_call`, `a_server_of_one_octet_at_a_time`, `a_reply_ends_at_its_longest`, `a_hostile_reply_at_any_step`, `a_hostile_value_in_any_column` |
//! | No text of a database controls a terminal. | `errors_of_a_server_control_no_terminal`, `warnings_of_a_server_control_no_terminal` |
//! | Nothing shows a value unasked. | `jars_cookies_and_reports_show_no_value`, `files_and_their_errors_show_no_value`, `databases_show_no_value`, `the_value_of_a_pragma_is_in_no_error`, `no_error_of_a_statement_has_a_word_of_the_server`, `a_trigger_that_quotes_a_row_shows_no_value`, `no_cookie_and_no_word_of_the_server_is_logged`, `one_record_a_request_and_a_response`, `the_log_shows_no_part_of_a_quoted_value` |
//! | A file is the old one or the new one, private, and can be read. | `cookies_txt_is_whole_whenever_the_writer_is_killed`, `the_file_is_private_whatever_the_umask`, `what_a_stranger_put_into_a_shared_folder_is_not_opened`, `a_companion_of_a_stranger_gets_no_cookie`, `what_is_written_can_be_read` |
//! | A record of another program has no cookie but its own. | `no_field_of_a_record_makes_it_one_of_another_kind`, `a_name_with_a_blank_at_an_end_is_not_written_for_cookie_store` |
//! | No file extends an expired cookie, or mixes the cookies of containers. | `an_expired_cookie_of_another_program_stays_expired`, `a_writer_makes_no_session_cookie_of_an_expired_one`, `a_cookie_of_a_container_or_a_private_window_is_read_on_request_only` |
//! | A line of a file is one cookie, and a head of a dump one response of its site, unless read strictly or with trusted redirects. | `a_field_or_a_trailer_begins_no_head_of_a_dump`, `a_redirect_to_another_site_leaves_no_url_in_force`, `without_a_url_no_cookie_of_a_response_is_read`, `a_lone_cr_begins_no_line_of_cookies_txt`, `a_line_that_begins_with_a_blank_is_no_cookie`, `a_line_of_lwp_is_one_cookie`, `a_lone_cr_begins_no_line_of_lwp` |
//! | A file gives a cookie to no other port. | `no_file_widens_a_cookie_of_some_ports`, `a_synced_file_of_wget_keeps_its_ports` |
//! | The jar's header goes to one hop. | `what_the_jar_wrote_goes_and_what_the_hand_wrote_stays` |
//! | No cookie gets into another session. | `no_cookie_crosses_a_thousand_sessions_on_threads`, `processes_share_sessions_and_sessions_share_nothing`, `sessions_whose_keys_have_one_text_are_not_saved_as_one`, `a_file_with_one_key_twice_is_not_read`, `a_name_is_the_key_that_has_it_as_its_text` |
//! | A sealed record opens at its own place only. | `a_record_is_opened_at_its_own_place_only` |
//!
//! ## Reporting a problem
//!
//! A broken guarantee is a security problem. Report it to the owners of the package in private, before others know of it,
//! with the version, the features and the smallest input that shows it; never with a real cookie.

#![expect(unused_imports, reason = "the links of the text")]

use crate::DefaultCookiePolicy;
use crate::policy::Limits;

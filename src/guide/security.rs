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
//! | wants the cookies of its parent domain | host-only cookies: without `Domain` a cookie is sent only to its own host ([`host_only`](DefaultCookiePolicy::host_only)) |
//! | puts CR, LF or NUL into a header or a file | rejection, whatever the source of the cookie; no switch. Other control characters: [`reject_control_characters`](DefaultCookiePolicy::reject_control_characters) |
//! | sends more than memory holds | [`Limits`]: a field over 64 KiB is rejected unread, a cookie over 12,288 bytes is rejected, and a site over 180 cookies loses some: a flood evicts its own |
//! | sends input that is slow to parse | parsers that are linear in their input, without regular expressions |
//! | sends input to make a parser panic | no `unsafe` code, no panic on any input; the tests feed each parser random bytes |
//! | redirects with a `Cookie` to another host | [`redirect`](crate::redirect): the jar's header is never sent to the next hop, and one set by hand stays within its origin |
//! | responds as a proxy (407) or early (1xx) | such responses set no cookies, if the response type has a status |
//!
//! ## Against the network and other sites
//!
//! | threat | default policy | [`BrowserPolicy`](crate::BrowserPolicy) |
//! |---|---|---|
//! | a `Secure` cookie over http | withheld | withheld |
//! | http replaces a `Secure` cookie | allowed, as in Python | rejected |
//! | `__Host-`, `__Secure-` without the attributes they promise | allowed, as in Python | rejected |
//! | a request that another site caused (CSRF) | `SameSite` has no effect | `SameSite` is enforced, if the [`Provenance`](crate::Provenance) names the initiator |
//! | third parties | blocked if [`strict_ns_unverifiable`](DefaultCookiePolicy::strict_ns_unverifiable) is on and the provenance says so | `SameSite`, and partitions |
//!
//! A program that is logged in somewhere and visits URLs that strangers choose should use `BrowserPolicy` and name
//! the initiator: only the program knows who caused the request.
//!
//! ## At rest
//!
//! - Files are written with mode 0600 on Unix from their first byte, under names that cannot be guessed, and replaced as
//!   a whole. Links that someone else put into a shared folder are not followed. On other systems the folder decides
//!   who can read.
//! - No cookie in a file can add another cookie to it, and what a jar holds can always be read back.
//! - A SQLite file and its companions are 0600. Records are not encrypted unless `PersistOptions::seal` has
//!   a cipher; otherwise use an encrypted disk, or SQLCipher through a `PRAGMA`.
//! - Cookies from a file or a database must pass the same checks as those from a server. The policy is not asked unless
//!   [`ask_policy`](crate::file::LoadOptions::ask_policy) is on; it always judges when a cookie is sent.
//!
//! ## In logs and errors
//!
//! `Debug`, `Display`, errors, reports and the events of feature `tracing` have names and reasons, never a value. The
//! exceptions are explicit: [`display_with_value`](crate::Cookie::display_with_value) and
//! `CookieSessions::set_logs_values`. Header values made for `http` are marked sensitive. A name can be a secret,
//! too: some servers put tokens there.
//!
//! ## What it cannot do
//!
//! - It does not see TLS. A URL with `https` counts as secure, even if the client accepts any certificate.
//! - It does not know the user. It learns who caused a request only from a `Provenance`.
//! - It does not wipe memory. A value stays in freed memory until something overwrites it.
//! - The public suffix list is that of the build. A program that runs for years should load a newer one:
//!   `text.parse::<PublicSuffixes>()`.
//! - A session belongs to a key, not to a caller: [`CookieSessions`](crate::CookieSessions) keeps sessions apart, and
//!   does not check who asks.

#![expect(unused_imports, reason = "the links of the text")]

use crate::DefaultCookiePolicy;
use crate::policy::Limits;

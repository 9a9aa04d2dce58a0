//! The guide: how a jar is used, what it does unless told otherwise and why, and where it parts
//! from Python and from the RFCs.
//!
//! - [Using a jar](#using-a-jar)
//! - [Each default and its reason](#each-default-and-its-reason)
//! - [Writing a policy](#writing-a-policy)
//! - [The rules of browsers](#the-rules-of-browsers)
//! - [Files](#files)
//! - [Sharing a jar](#sharing-a-jar)
//! - [Sessions](#sessions)
//! - `persistence`, a page of its own with feature `persist`: jars and sessions in a database
//! - [Redirects](#redirects)
//! - [Testing](#testing)
//! - [The examples of Python's documentation](#the-examples-of-pythons-documentation)
//! - [Differences from Python](#differences-from-python)
//! - [Oddities of Python that are kept](#oddities-of-python-that-are-kept)
//! - [Differences from the RFCs](#differences-from-the-rfcs)
//!
//! # Using a jar
//!
//! A client makes two calls for each hop, and a redirect, an error answer and a retry are hops like
//! any other:
//!
//! 1. [`add_cookie_header`](CookieJar::add_cookie_header) before the request goes out, or
//!    [`add_cookie_header_to`](CookieJar::add_cookie_header_to) where the headers do not know their
//!    URL, or [`cookie_header`](CookieJar::cookie_header) for the bytes alone;
//! 2. [`extract_cookies`](CookieJar::extract_cookies) with the answer.
//!
//! Both take the URL of that very hop, which is the target's and never a proxy's. The `Cookie`
//! header that the jar wrote belongs to one hop: the next request begins without it, and the jar is
//! asked again.
//!
//! Both calls take anything that can be turned into a [`RequestContext`]: a [`url::Url`], an
//! [`http::Uri`], an [`http::Request`], or a context with a
//! [`Provenance`], such as that of an image on a page of another site:
//!
//! ```
//! use cookiejar::{CookieJar, DefaultCookiePolicy, Provenance, Rejection, RequestContext};
//! use url::Url;
//!
//! let pixel = Url::parse("https://tracker.example/pixel.gif")?;
//! let of_a_page = Provenance::new().unverifiable(true).origin_host("news.example");
//! let request = RequestContext::from(&pixel).caused_by(of_a_page);
//!
//! let policy = DefaultCookiePolicy::new().strict_ns_unverifiable(true);
//! let mut jar = CookieJar::with_policy(policy);
//! let account = jar.extract_cookies(&[("Set-Cookie", "id=1")], &request);
//! assert_eq!(account.refused[0].reason, Rejection::ThirdParty);
//! # Ok::<(), url::ParseError>(())
//! ```
//!
//! `http::Uri` keeps a path as it was written, `url::Url` resolves `..` and escapes; make the
//! context from the form in which the request is sent.
//!
//! **Looking into a jar** changes nothing: [`get`](CookieJar::get), [`iter`](CookieJar::iter),
//! [`len`](CookieJar::len) see what is stored, expired or not;
//! [`cookies_for`](CookieJar::cookies_for) says what a request would get, and
//! [`explain`](CookieJar::explain) why each other cookie in reach stays home.
//!
//! **By name and by site**: [`value_for`](CookieJar::value_for) is the value that a request would send under a
//! name, [`remove_for`](CookieJar::remove_for) removes that cookie;
//! [`cookies_of_site`](CookieJar::cookies_of_site), [`clear_site`](CookieJar::clear_site) and
//! [`clear_host`](CookieJar::clear_host) are about all that a site or a host has outside partitions. A cookie
//! comes from a text by [`set_cookie_str`](CookieJar::set_cookie_str), a copied `Cookie` header by
//! [`insert_pairs`](CookieJar::insert_pairs).
//!
//! **In a test**, give the jar a [`ManualClock`], or take a [`TestJar`](#testing). Nothing but a
//! jar's clock reads the time.
//!
//! **In a client** that is there already, no call need be made: [`client`](crate::client) has a jar
//! for reqwest, for ureq and for `tower` services, each behind a feature. Put cookies into the jar,
//! not into headers, with a client that follows redirects itself.
//!
//! # Each default and its reason
//!
//! The flags of [`DefaultCookiePolicy`] are Python's, and so are their defaults:
//!
//! | flag | default | because |
//! |---|---|---|
//! | `netscape` | `true` | it is what servers speak |
//! | `rfc2965` | `false` | hardly a server does, and RFC 6265 has taken its place |
//! | `rfc2109_as_netscape` | `None` | a `Set-Cookie` with `Version=1` is kept as a Netscape cookie while `rfc2965` is off, so that it is not lost, and as what it is while `rfc2965` is on |
//! | `hide_cookie2` | `false` | whoever speaks RFC 2965 says so, as its section 9.1 asks; without `rfc2965` nothing is said |
//! | `strict_domain` | `false` | it is a short list of second-level names; the public suffixes know them all |
//! | `strict_rfc2965_unverifiable` | `true` | RFC 2965, section 3.3.6, demands it |
//! | `strict_ns_unverifiable` | `false` | the Netscape protocol has no such rule, and logins that go through other hosts would lose their cookies |
//! | `strict_ns_domain` | `LIBERAL` | browsers let `a.b.acme.com` set a cookie for `acme.com` |
//! | `strict_ns_set_initial_dollar` | `false` | such names are harmless to servers that know no RFC 2965 |
//! | `strict_ns_set_path` | `false` | browsers let a server name any path; a path is no boundary of security |
//! | `secure_protocols` | https, wss | the schemes over TLS |
//! | `loopback_is_secure`, no flag of Python's | `false` | with it, `Secure` cookies go to this very machine over any scheme, as in browsers |
//! | block list, allow list | empty, none | nobody is refused by name |
//!
//! Beside them stand four guards, each with a switch. [`DefaultCookiePolicy::python`] has them off:
//!
//! | guard | default | because | off |
//! |---|---|---|---|
//! | [`host_only`](DefaultCookiePolicy::host_only) | a cookie without `Domain` goes back to its own host only | a host that wants to share says so; what stands below it may be somebody else's | `host_only(false)` |
//! | [`suffixes`](DefaultCookiePolicy::suffixes) | a `Domain` that is not within the registrable domain of the request-host is refused; one that is the request-host itself leaves a host-only cookie, the same as without `Domain`; see below | a cookie for everybody below `com` is nobody's business | `suffixes(PublicSuffixes::none())` |
//! | [`refuse_control_characters`](DefaultCookiePolicy::refuse_control_characters) | a name, value or attribute with a control octet other than TAB is refused, and is not sent if it came in by another way; readers of files take it | servers and logs read them in different ways. CR, LF and NUL are refused even with the guard off: they would end the header | `refuse_control_characters(false)` |
//! | [`limits`](DefaultCookiePolicy::limits) | see below | a server must not fill the memory, nor make requests that no server takes | `limits(Limits::none())` |
//!
//! Whose a `Domain` is, says the public suffix list, with its rule `*` for names that it does not know:
//! `wiki.corp` may share cookies for `wiki.corp` and below. Nobody's to share are public suffixes (`com`,
//! `co.uk`, `github.io`), names of a single label (`corp`, `localhost`), names above a suffix (`amazonaws.com`
//! for `x.s3.amazonaws.com`) and IP addresses. A cookie for one of them that came in by another way, such as
//! a file or an earlier policy, goes to the host of that very name alone, and a host-only cookie that this host
//! sets or deletes takes its place. Hosts without dots may still set
//! `Domain=.local`, which goes to hosts without dots only; `foo.local` may not.
//!
//! [`Limits::new`]:
//!
//! | limit | default | because |
//! |---|---|---|
//! | `site_cookies`, `site_cookies_kept` | 180, then down to 150 | browsers keep as many. A site is a registrable domain, so that sub-domains share the number. Expired cookies go first, then one cookie at a time from the group that ranks highest: see below. There is no limit on the number of sites |
//! | `pair_bytes` | 8,190 | a longer name and value would never fit into a header |
//! | `cookie_bytes` | 12,288 | the longest pair, and 4 KiB for domain, path and attributes: a cookie must not fill the memory, nor a line of a file |
//! | `field_bytes` | 65,536 | a longer header field is rejected unread |
//! | `header_cookies`, `header_bytes` | 150, 8,190 | common servers refuse a longer header line. When it is full, host-only cookies stay before `Domain` cookies, then those with the longest path; [`explain`](CookieJar::explain) says [`HeaderFull`](Rejection::HeaderFull) of the others |
//!
//! Who floods pays. The groups of a site are the `Domain` cookies of its own name, those of the host of
//! that name, and those of each label below it with all hosts below that. The fuller a group, the
//! higher it ranks; all with at most a tenth of the site's limit count as equally full, and among
//! equals it is the one whose latest cookie was sent or stored least recently. Within a group insecure
//! cookies go before `Secure` ones, then the least recently sent; times are whole seconds, and among
//! equals what was never sent goes first, then the older. So `evil.acme.com` can neither with `Domain`
//! cookies nor with hosts below it drive out the cookies of `www.acme.com`, and a host in use keeps 18
//! of them whatever happens. A limit on all cookies together
//! ([`total_cookies`](Limits::total_cookies)) goes by the same rank, with sites for groups.
//!
//! Limits on storing bind [`extract_cookies`](CookieJar::extract_cookies) and
//! [`set_cookie_if_ok`](CookieJar::set_cookie_if_ok); [`set_cookie`](CookieJar::set_cookie) and
//! `Extend` store what they are given.
//!
//! ```
//! use cookiejar::{CookieJar, DefaultCookiePolicy, Limits};
//!
//! let mut limits = Limits::new();
//! limits.site_cookies = 50;
//! limits.site_cookies_kept = 40;
//! let jar = CookieJar::with_policy(DefaultCookiePolicy::new().limits(limits));
//! ```
//!
//! And the jar itself:
//!
//! | what | default | because |
//! |---|---|---|
//! | a request that has a `Cookie` header | keeps it, and the jar adds none ([`Merge::Keep`]) | whoever set it by hand meant it. [`Merge::Append`] adds the jar's cookies behind it, [`Merge::Replace`] takes it away |
//! | a request | verifiable, and its own origin | only the caller knows better |
//! | the answers 1xx and 407 | set no cookies | the first is not the answer yet, the second is the proxy's |
//! | the clock | the system's | |
//! | the order of sending | longest path first, then earliest created | RFC 6265, section 5.4. Overwriting a cookie keeps its place |
//!
//! # Writing a policy
//!
//! The flags and lists of [`DefaultCookiePolicy`] may be all that is needed. They can be changed
//! while the jar is in use:
//!
//! ```
//! use cookiejar::CookieJar;
//!
//! let mut jar = CookieJar::new();
//! jar.policy_mut().set_blocked_domains(["ads.example", ".ads.example"]);
//! ```
//!
//! A rule of your own goes on top, with [`and`](PolicyExt::and). It can say no to what the first
//! policy allows, never yes to what the first refuses. [`set_ok_fn`] makes a rule for cookies that
//! are set, [`return_ok_fn`] one for cookies that are sent:
//!
//! ```
//! use cookiejar::{Cookie, CookieJar, DefaultCookiePolicy, PolicyExt, Rejection, return_ok_fn};
//! use url::Url;
//!
//! let by_day = return_ok_fn(|cookie: &Cookie, request| {
//!     let night = request.now().is_some_and(|now| now.hour() < 6);
//!     if night && cookie.name() == "shift" {
//!         return Err(Rejection::Custom(&"the shift begins at six"));
//!     }
//!     Ok(())
//! });
//! let mut jar = CookieJar::with_policy(DefaultCookiePolicy::new().and(by_day));
//!
//! let url = Url::parse("https://acme.com/")?;
//! jar.set_clock(|| time::macros::datetime!(2026-11-21 05:59 UTC));
//! jar.extract_cookies(&[("Set-Cookie", "shift=early")], &url);
//! assert_eq!(jar.cookie_header(&url), None);
//! assert_eq!(jar.explain(&url)[0].verdict, Err(Rejection::Custom(&"the shift begins at six")));
//! # Ok::<(), url::ParseError>(())
//! ```
//!
//! A block or an allow list goes on top of any policy, too. Its patterns are checked: one that no domain
//! can equal is an error, and not a list that blocks nothing. [`And::modify`](crate::And::modify) changes it
//! while the jar is in use:
//!
//! ```
//! use cookiejar::{BrowserPolicy, CookieJar, DomainList, PolicyExt};
//!
//! let policy = BrowserPolicy::new().and(DomainList::block_sites(["ads.example"])?);
//! let mut jar = CookieJar::with_policy(policy);
//! let longer = DomainList::block_sites(["ads.example", "more-ads.example"])?;
//! jar.policy_mut().modify(|_, list| *list = longer);
//! # Ok::<(), cookiejar::PatternError>(())
//! ```
//!
//! A rule that says yes where a policy says no, or that only listens, is
//! [`map_set_ok`](PolicyExt::map_set_ok) or [`map_return_ok`](PolicyExt::map_return_ok).
//!
//! Everything else is a [`CookiePolicy`] of your own. Its seven methods are required, so that a
//! policy which wraps another one passes every question on:
//!
//! ```
//! use cookiejar::{Cookie, CookieJar, CookiePolicy, DefaultCookiePolicy, Existing, Rejection, RequestContext, Settings};
//! use url::Url;
//!
//! /// Cookies of one scheme are not sent over another.
//! struct OneScheme {
//!     rules: DefaultCookiePolicy,
//!     scheme: &'static str,
//! }
//!
//! impl OneScheme {
//!     fn scheme_ok(&self, request: &RequestContext<'_>) -> Result<(), Rejection> {
//!         if request.scheme() == self.scheme { Ok(()) } else { Err(Rejection::Custom(&"another scheme")) }
//!     }
//! }
//!
//! impl CookiePolicy for OneScheme {
//!     fn set_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
//!         self.scheme_ok(request)?;
//!         self.rules.set_ok(cookie, request)
//!     }
//!
//!     fn domain_return_ok(&self, domain: &str, request: &RequestContext<'_>) -> Result<(), Rejection> {
//!         self.scheme_ok(request)?;
//!         self.rules.domain_return_ok(domain, request)
//!     }
//!
//!     fn path_return_ok(&self, path: &str, request: &RequestContext<'_>) -> Result<(), Rejection> {
//!         self.rules.path_return_ok(path, request)
//!     }
//!
//!     fn return_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
//!         self.rules.return_ok(cookie, request)
//!     }
//!
//!     fn settings(&self) -> &Settings {
//!         self.rules.settings()
//!     }
//!
//!     fn prepare(&self, cookie: &mut Cookie, request: &RequestContext<'_>) {
//!         self.rules.prepare(cookie, request);
//!     }
//!
//!     fn replace_ok(&self, cookie: &Cookie, stored: Existing<'_>, request: &RequestContext<'_>) -> Result<(), Rejection> {
//!         self.rules.replace_ok(cookie, stored, request)
//!     }
//! }
//!
//! let mut jar = CookieJar::with_policy(OneScheme { rules: DefaultCookiePolicy::new(), scheme: "https" });
//! jar.extract_cookies(&[("Set-Cookie", "a=1")], &Url::parse("https://acme.com/")?);
//! assert!(jar.cookie_header(&Url::parse("https://acme.com/")?).is_some());
//! assert!(jar.cookie_header(&Url::parse("http://acme.com/")?).is_none());
//! # Ok::<(), url::ParseError>(())
//! ```
//!
//! What to know, in short ([`CookiePolicy`] has the whole contract):
//!
//! - `Err` means no, and why. It does not mean that something broke.
//! - When cookies are sent, the jar asks about the domain, then the path, then the cookie; a no ends
//!   that branch. `return_ok` may rely on the two answers before it.
//! - A policy reads no clock. [`RequestContext::now`] is the time at which it judges.
//! - A policy neither uses the jar that asks it nor waits for a thread that does: while a question is
//!   asked, the jar is locked. A look into a table behind a lock is harmless; an answer that another
//!   thread gives after it has called the jar may never come.
//! - [`prepare`](CookiePolicy::prepare) is the only place that may change a cookie.
//! - [`replace_ok`](CookiePolicy::replace_ok) protects what is stored. A wrapper around
//!   [`BrowserPolicy`] that answered it by itself would let plain http overwrite
//!   Secure cookies.
//! - [`Settings`] hold what is no decision: the protocols, the limits, the public suffixes, and the
//!   [`DomainScope`]. With [`HostSuffixes`](DomainScope::HostSuffixes) the jar looks cookies up by
//!   the names above the host. With [`All`](DomainScope::All), the default of a new [`Settings`], it
//!   asks about every stored domain; a policy that sends cookies to hosts outside their domain needs
//!   that.
//! - Where the policy is chosen at run time, use a `CookieJar<Arc<dyn CookiePolicy>>`.
//!   [`AcceptAllPolicy`] has no rules at all.
//!
//! # The rules of browsers
//!
//! [`BrowserPolicy`] treats a server as the browsers do for which it was made. It is RFC 6265bis, and
//! these are its differences from the default policy:
//!
//! | where | default | browsers |
//! |---|---|---|
//! | headers | Python's reading, [`Dialect::Python`] | that of the draft, [`Dialect::Rfc6265bis`]: the last of equal attributes counts, a lone `foo` is a value without a name |
//! | `SameSite` | is read | is enforced; a cookie without it counts as `Lax`, and `SameSite=None` has to be `Secure` |
//! | `__Host-`, `__Secure-`, `__Http-`, `__Host-Http-` | are names like others | are promises that are checked, when a cookie is set, when a file is loaded with [`ask_policy`](crate::file::LoadOptions::ask_policy), and when it is sent. A server has to say the `Path` of a `__Host-` cookie; most files forget that it did |
//! | a cookie without a name | `=foo` is no cookie | `foo` and `=foo` are one and the same, which goes out as `foo` |
//! | `Secure` | is sent over secure schemes only | is accepted from them only, too, and no cookie from an insecure request replaces or overlays it |
//! | `HttpOnly` | is read | keeps a cookie from a request [from a script](Provenance::from_script), and keeps scripts from replacing it |
//! | `Partitioned` | is read | puts the cookie into the partition of the [top-level site](Provenance::partition_key) |
//! | lifetime | as the server says | 400 days at most |
//! | attributes that no rule knows | are kept, as in Python | are not kept, and do not count for a limit |
//! | hosts without dots | have an effective host name in `.local` | are names like others |
//! | third parties | [`unverifiable`](Provenance::unverifiable), where a flag says so | a matter of `SameSite` |
//! | RFC 2109, RFC 2965 | are understood | are not. A cookie of a version above 0, made by hand or from a file, is neither stored nor sent ([`Rfc2965Off`](Rejection::Rfc2965Off)): servers of today would split `$Version=1; a="1; b=2"` |
//! | limits | [`Limits::new`] | [`Limits::browsers`]: 180 cookies a site and 3,300 altogether, 4,096 octets of name and value; the header as by default, although browsers send what they have: [`Limits::browsers`] says why |
//!
//! `SameSite` depends on facts that a URL does not have. A [`Provenance`] names them:
//!
//! | fact | without it |
//! |---|---|
//! | [`initiator`](Provenance::initiator): the page whose link, form, picture or script it is | the request is the user's own: same-site, so that `SameSite` keeps no cookie back |
//! | [`top_level_navigation`](Provenance::top_level_navigation): the answer becomes the page in the address bar | it is no navigation: from another site, only `SameSite=None` goes along |
//! | [`method`](RequestContext::method) | `GET`; an [`http::Request`] says its own |
//! | [`by_the_user`](Provenance::by_the_user): a bookmark, a reload | the initiator counts |
//! | [`from_script`](Provenance::from_script): `document.cookie` | it is HTTP, and `HttpOnly` cookies go along |
//! | [`partition_key`](Provenance::partition_key): the top-level site, such as `https://shop.example` | the request is in no partition |
//!
//! The default is right for a program that itself decides which URLs it asks for. One that
//! fetches what strangers name, and is logged in somewhere, names the page as the initiator:
//!
//! ```
//! use cookiejar::{BrowserPolicy, CookieJar, Provenance, RequestContext};
//! use url::Url;
//!
//! let shop = Url::parse("https://shop.example/cart")?;
//! let mut jar = CookieJar::with_policy(BrowserPolicy::new().lax_allows_unsafe(false));
//! let response = [("Set-Cookie", "cart=7; SameSite=Lax"), ("Set-Cookie", "sid=31d4; SameSite=Strict")];
//! jar.extract_cookies(&response, &shop);
//!
//! let page = Url::parse("https://blog.example/")?;
//! let provenance = Provenance::new().initiator(&page);
//! let link = RequestContext::from(&shop).caused_by(provenance.clone().top_level_navigation(true));
//! assert_eq!(jar.cookie_header(link).expect("a cookie"), "cart=7");
//! let picture = RequestContext::from(&shop).caused_by(provenance);
//! assert!(jar.cookie_header(picture).is_none());
//! # Ok::<(), url::ParseError>(())
//! ```
//!
//! A redirect does not change who caused a request. Requests to this very machine, by a name or an address
//! of the loopback, count as secure without TLS, as in Chromium and Firefox;
//! [`explain`](CookieJar::explain) says it of each Secure cookie that is sent so, and
//! [`loopback_is_secure`](BrowserPolicy::loopback_is_secure) switches it off.
//!
//! # Files
//!
//! [`MozillaCookieJar`] and [`LwpCookieJar`] are Python's, `JsonCookieJar` (feature `json`) loses
//! nothing. Each is a file name beside a [`SharedCookieJar`], and
//! [`jar`](crate::FileCookieJar::jar) is a handle of that for a client. The module [`file`](crate::file) has the
//! formats, and functions that need no jar: the cookies of [`file::load`](crate::file::load) go into any jar by
//! [`import`](CookieJar::import).
//!
//! | what | default | because |
//! |---|---|---|
//! | session cookies | are neither saved nor loaded | their session is over. `ignore_discard(true)` takes them, too, as in Python |
//! | expired cookies | are neither saved nor loaded | nobody would send them. `ignore_expires(true)` takes them |
//! | [`open`](crate::FileCookieJar::open) | loads the file if it is there | the first run has none |
//! | [`load`](crate::FileCookieJar::load) | adds to the jar; [`revert`](crate::FileCookieJar::revert) replaces all of it | as in Python. One that fails changes nothing |
//! | policy and limits | are not asked when a file is loaded | whoever wrote the file has judged, and the policy speaks when a cookie is sent. [`ask_policy`](crate::file::LoadOptions::ask_policy) and [`limited`](crate::file::LoadOptions::limited) ask them |
//! | a line that is no cookie | is left out and reported | it costs itself only. [`strict`](crate::file::ReadOptions::strict) gives the file up where Python does, and only there: each format lists the exceptions |
//! | a line longer than [`max_line`](crate::file::ReadOptions::max_line), 1 MiB | is left out and reported, by reader and writer; so are cookies for which a file of [`max_bytes`](crate::file::WriteOptions::max_bytes), 256 MiB, has no room | what is saved can be loaded, whatever a server sent |
//! | a last line without a line break | is read where it is complete, and reported; in a file of ours it is left out | exporters write such lines; ours always end in a break, so this one is torn. [`unterminated(false)`](crate::file::ReadOptions::unterminated) leaves out all |
//! | an empty file | has no cookies; `strict` refuses it | a file that was just made is no fault |
//! | in the JSON of browsers, a cookie in a partition | is kept in it, under the [key that a request names](Provenance::partition_key) | outside it the cookie would go where the browser never sends it. [`partitions`](crate::file::ReadOptions::partitions) leaves such cookies out or takes them out of theirs |
//! | in the JSON of others, a cookie without a domain | is left out | nobody knows whose it is. [`of_url`](crate::file::ReadOptions::of_url) says it |
//! | in `cookies.txt`, a first flag that disagrees with the dot of the domain | the flag counts | curl reads it so |
//! | in `cookies.txt`, an `HttpOnly` cookie | its line begins with `#HttpOnly_` | curl writes it so. wget takes such lines for comments: [`http_only_prefix(false)`](crate::file::WriteOptions::http_only_prefix) |
//! | in `cookies.txt`, a session cookie | is written with the expiry `0`; `0` and an empty field are read | curl writes it so |
//! | text | the header's bytes | what is read goes out as it came |
//! | saving | a new file takes the place of the old one, on Unix with mode 0600; elsewhere the folder says who may read it | a killed program leaves the old file or the new one, and cookies are secrets |
//! | a folder that others can write | temporary names cannot be foretold, nothing that stands in the way is waited for, and in a sticky folder a stranger's link is not followed | nobody blocks a save or leads it elsewhere |
//! | a file of another user | is an error; root replaces it and keeps the owner, unless a stranger can have put it there | [`any_owner`](crate::file::SaveOptions::any_owner) replaces it by one of ours |
//! | a pipe or a device | is an error at once, for saving and loading | nothing is waited for |
//!
//! *Python's form* is asked for on both sides, since a file does not say who wrote it: with
//! [`WriteOptions::python_form`](crate::file::WriteOptions::python_form) a session cookie's expiry is
//! empty, the host `foo` stands as `foo.local`, and octets beyond ASCII are written as the UTF-8 of
//! their ISO-8859-1 characters; [`ReadOptions::python_form`](crate::file::ReadOptions::python_form)
//! turns that text back.
//!
//! # Sharing a jar
//!
//! A [`SharedCookieJar`] is one jar for several threads and tasks. Its clones share the cookies, each
//! call takes `&self` and gives owned results, and requests to different sites do not wait for each
//! other:
//!
//! ```
//! use cookiejar::SharedCookieJar;
//! use std::thread;
//! use url::Url;
//!
//! let jar = SharedCookieJar::new();
//! let url = Url::parse("https://acme.com/")?;
//! thread::scope(|scope| {
//!     scope.spawn(|| jar.extract_cookies(&[("Set-Cookie", "a=1")], &url));
//!     scope.spawn(|| jar.cookie_header(&url));
//! });
//! assert_eq!(jar.cookie_header(&url).expect("a cookie"), "a=1");
//!
//! let fork = jar.fork();
//! fork.clear();
//! assert_eq!((jar.len(), fork.len()), (1, 0));
//! # Ok::<(), url::ParseError>(())
//! ```
//!
//! - A clone is the same jar; a [`fork`](SharedCookieJar::fork) is a deep copy, which shares nothing
//!   but the clock and the policy.
//! - No guard leaves a call, so that none can be held across an `await`, and the jar can be used in
//!   async code as it is.
//! - A limit on all cookies together ([`Limits::total_cookies`]) is one count for the whole jar, which
//!   keeps what a plain one would keep. A call that finds it exceeded locks all parts of the jar.
//! - Its policy is chosen at run time, and [`set_policy`](SharedCookieJar::set_policy) replaces it for
//!   all who share the jar. A policy that panics leaves the jar whole, and one must not use the jar
//!   that asks it.
//!
//! A [`CookieJar`] is plain data, `Send` and `Sync`, without a lock inside. With a lock of your own
//! around it, the guard is held for one call and never across an `await`: fetch the header, drop the
//! guard, then wait for the answer. Sending takes `&self`, so that an [`RwLock`](std::sync::RwLock)
//! lets any number of requests ask at once:
//!
//! ```
//! use std::sync::{PoisonError, RwLock};
//! use std::thread;
//!
//! use cookiejar::{Account, CookieHeader, CookieJar};
//! use url::Url;
//!
//! fn cookies_for(jar: &RwLock<CookieJar>, url: &Url) -> Option<CookieHeader> {
//!     jar.read().unwrap_or_else(PoisonError::into_inner).cookie_header(url)
//! }
//!
//! fn take_cookies(jar: &RwLock<CookieJar>, response: &[(&str, &str)], url: &Url) -> Account {
//!     jar.write().unwrap_or_else(PoisonError::into_inner).extract_cookies(response, url)
//! }
//!
//! let jar = RwLock::new(CookieJar::new());
//! let url = Url::parse("https://acme.com/")?;
//! thread::scope(|scope| {
//!     scope.spawn(|| take_cookies(&jar, &[("Set-Cookie", "a=1")], &url));
//!     scope.spawn(|| cookies_for(&jar, &url));
//! });
//! assert_eq!(cookies_for(&jar, &url).expect("a cookie"), "a=1");
//! # Ok::<(), url::ParseError>(())
//! ```
//!
//! - A policy that panics leaves the jar whole, so that a poisoned lock may be
//!   opened.
//! - A clone of a [`CookieJar`] is a deep copy: the two share nothing but the clock.
//!
//! # Sessions
//!
//! [`CookieSessions`] has one jar for each session of a crawler, under a key of any kind; `None` is the
//! session of all who name none. A session comes into being when it is first asked for, and no cookie
//! of one is ever sent in another.
//!
//! ```
//! use cookiejar::{CookieSessions, RequestCookies};
//! use url::Url;
//!
//! let url = Url::parse("https://acme.com/")?;
//! let sessions = CookieSessions::new();
//! sessions.process_response(&"anna", &[("Set-Cookie", "sid=31d4")], &url);
//!
//! let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
//! sessions.process_request(&RequestCookies::new(&"anna").do_not_merge(), &mut headers, &url);
//! assert!(headers.is_empty());
//! sessions.process_request(&"anna", &mut headers, &url);
//! assert_eq!(headers[0].1, b"sid=31d4");
//! # Ok::<(), url::ParseError>(())
//! ```
//!
//! - [`RequestCookies`] is what one request says: its session, cookies that are given with it (judged
//!   as received ones, then stored), and whether it is kept out of the jar, in one direction or both.
//! - A `Cookie` header of the request's own goes, also when the session has no cookie for it: a header
//!   that was written for one URL is not sent to the next. A plain jar keeps it.
//!   [`merge`](RequestCookies::merge) says otherwise.
//! - [`jar`](CookieSessions::jar) hands out the [`SharedCookieJar`] of a session, for tasks that work
//!   with that alone.
//! - [`remove_idle`](CookieSessions::remove_idle) ends sessions that nobody uses;
//!   [`snapshot`](CookieSessions::snapshot) and [`restore`](CookieSessions::restore) carry all of them
//!   over, session cookies included.
//!
//! # Redirects
//!
//! A client that follows redirects itself asks the jar at every hop, and takes in the cookies of every
//! answer. What becomes of the headers in between is in [`redirect`](crate::redirect):
//!
//! - The `Cookie` header that the jar wrote never goes to the next hop. One that was set by hand goes
//!   on while scheme, host and port stay the same, and then no more.
//! - `Authorization` goes on within one origin, [or as you say](crate::redirect::Credentials).
//! - Every hop that a redirect leads to is an unverifiable transaction of the first hop's host, which
//!   matters to `strict_ns_unverifiable` and to RFC 2965.
//! - At most 10 redirects are followed, and one URL is asked for at most 4 times, as in Python.
//!
//! ```
//! use cookiejar::CookieJar;
//! use cookiejar::redirect::{Hop, Redirect, RedirectRules};
//! use url::Url;
//!
//! let mut jar = CookieJar::new();
//! let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
//! let first = Hop::new(Url::parse("https://acme.com/login")?, "POST", &headers);
//!
//! let answer = [("Set-Cookie", "sid=31d4"), ("Location", "/account")];
//! jar.extract_cookies(&answer, first.context());
//! let redirect = Redirect::new(302, &answer).expect("a redirect");
//! let next = RedirectRules::new().follow(&first, redirect, &mut headers)?;
//! jar.add_cookie_header_to(&mut headers, next.context());
//! assert_eq!((next.method(), next.url().as_str()), ("GET", "https://acme.com/account"));
//! assert_eq!(headers[0].1, b"sid=31d4");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Testing
//!
//! [`TestJar`](crate::testing::TestJar) is a jar for unit tests of a web application: it has a base
//! URL, so that paths are enough, a clock that begins with the year 2026 and stands still unless told otherwise, and
//! assertions that panic with what was found and why. It opens no connection;
//! [`call`](crate::testing::TestJar::call) hands a request with its cookies to the application itself.
//!
//! ```
//! use cookiejar::{Rejection, testing::TestJar};
//! use time::Duration;
//!
//! let mut jar = TestJar::new("https://acme.com");
//! let response = [("Set-Cookie", "sid=31d4; Path=/; Max-Age=60; HttpOnly"), ("Set-Cookie", "ad=1; Domain=com")];
//! jar.extract_cookies(&response, "/login");
//! jar.expect("sid").on("/account").http_only().host_only();
//! jar.expect_refused("ad").because(Rejection::PublicSuffix);
//! jar.advance(Duration::MINUTE);
//! jar.expect_none("sid").on("/account");
//! ```
//!
//! An application that computes `Expires` from the system's clock is tested
//! [in real time](crate::testing::TestJar::in_real_time); [the module](crate::testing#which-clock) says which
//! clock to take.
//!
//! An application on this machine that sets `Secure` cookies without TLS needs nothing else: the policy of a
//! new test jar is [`BrowserPolicy`]. Under [`DefaultCookiePolicy`] it needs
//! [`loopback_is_secure`](DefaultCookiePolicy::loopback_is_secure).
//!
//! # The examples of Python's documentation
//!
//! *The most common usage*, in Python:
//!
//! ```python
//! import http.cookiejar, urllib.request
//! cj = http.cookiejar.CookieJar()
//! opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cj))
//! r = opener.open("http://example.com/")
//! ```
//!
//! Here the processor is two lines around whatever sends requests:
//!
//! ```
//! use cookiejar::CookieJar;
//! use http::{Request, Response};
//!
//! fn open(jar: &mut CookieJar, mut request: Request<()>, send: impl Fn(Request<()>) -> Response<()>) -> Response<()> {
//!     let url = request.uri().clone();
//!     jar.add_cookie_header(&mut request);
//!     let response = send(request);
//!     jar.extract_cookies(&response, &url);
//!     response
//! }
//!
//! # let server = |request: Request<()>| match request.headers().get("cookie") {
//! #     None => Response::builder().header("Set-Cookie", "visits=1").body(()).expect("a response"),
//! #     Some(cookie) => Response::builder().header("Seen", cookie).body(()).expect("a response"),
//! # };
//! let mut jar = CookieJar::new();
//! open(&mut jar, Request::get("http://example.com/").body(())?, server);
//! let second = open(&mut jar, Request::get("http://example.com/").body(())?, server);
//! assert_eq!(second.headers()["seen"], "visits=1");
//! # Ok::<(), http::Error>(())
//! ```
//!
//! *A file of Netscape, Mozilla or Lynx cookies* is opened with:
//!
//! ```python
//! import os, http.cookiejar, urllib.request
//! cj = http.cookiejar.MozillaCookieJar()
//! cj.load(os.path.join(os.path.expanduser("~"), ".netscape", "cookies.txt"))
//! opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cj))
//! r = opener.open("http://example.com/")
//! ```
//!
//! ```
//! use cookiejar::MozillaCookieJar;
//! use url::Url;
//! # let folder = tempfile::tempdir()?;
//! # let home = folder.path();
//! # std::fs::create_dir(home.join(".netscape"))?;
//! # let line = "example.com\tFALSE\t/\tFALSE\t4102444800\ttheme\tdark\n";
//! # std::fs::write(home.join(".netscape/cookies.txt"), format!("# Netscape HTTP Cookie File\n{line}"))?;
//!
//! let cookies = MozillaCookieJar::new(home.join(".netscape").join("cookies.txt"));
//! let loaded = cookies.load()?;
//! assert_eq!(loaded.import.stored, 1);
//! let url = Url::parse("http://example.com/")?;
//! assert_eq!(cookies.jar().cookie_header(&url).expect("a header"), "theme=dark");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! *The use of a policy*: turn on RFC 2965 cookies, be more strict about domains when setting and
//! returning Netscape cookies, and block some domains from setting cookies or having them returned:
//!
//! ```python
//! from http.cookiejar import CookieJar, DefaultCookiePolicy
//! policy = DefaultCookiePolicy(
//!     rfc2965=True, strict_ns_domain=DefaultCookiePolicy.DomainStrict,
//!     blocked_domains=["ads.net", ".ads.net"])
//! cj = CookieJar(policy)
//! ```
//!
//! ```
//! use cookiejar::{CookieJar, DefaultCookiePolicy, StrictNsDomain};
//!
//! let policy = DefaultCookiePolicy::new()
//!     .rfc2965(true)
//!     .strict_ns_domain(StrictNsDomain::STRICT)
//!     .block_domains(["ads.net", ".ads.net"]);
//! let jar = CookieJar::with_policy(policy);
//! assert!(jar.policy().is_blocked("www.ads.net"));
//! ```
//!
//! *A policy of one's own* extends the default one:
//!
//! ```python
//! class MyCookiePolicy(http.cookiejar.DefaultCookiePolicy):
//!     def set_ok(self, cookie, request):
//!         if not http.cookiejar.DefaultCookiePolicy.set_ok(self, cookie, request):
//!             return False
//!         if i_dont_want_to_store_this_cookie(cookie):
//!             return False
//!         return True
//! ```
//!
//! ```
//! use cookiejar::{Cookie, CookieJar, DefaultCookiePolicy, PolicyExt, Rejection, set_ok_fn};
//! use url::Url;
//!
//! fn i_dont_want_to_store(cookie: &Cookie) -> bool {
//!     cookie.name().starts_with("_track")
//! }
//!
//! let my_policy = DefaultCookiePolicy::new().and(set_ok_fn(|cookie: &Cookie, _| {
//!     if i_dont_want_to_store(cookie) { Err(Rejection::Custom(&"not wanted")) } else { Ok(()) }
//! }));
//! let mut jar = CookieJar::with_policy(my_policy);
//! let response = [("Set-Cookie", "_track=1"), ("Set-Cookie", "lang=en")];
//! let account = jar.extract_cookies(&response, &Url::parse("https://acme.com/")?);
//! assert_eq!(account.stored, 1);
//! assert_eq!(account.refused[0].to_string(), "_track: not wanted");
//! # Ok::<(), url::ParseError>(())
//! ```
//!
//! # Differences from Python
//!
//! The reference is CPython 3.11. Where this page is silent, the jar decides as it does.
//!
//! The four guards [above](#each-default-and-its-reason) are additions with a switch. The rules
//! here have none; they hold in [`DefaultCookiePolicy::python`], too.
//!
//! | where | the rule here |
//! |---|---|
//! | deleting | a cookie that is expired when it comes asks [`set_ok`](CookiePolicy::set_ok) like any other, and only then deletes its namesake. [`make_cookies`](CookieJar::make_cookies) changes nothing and gives out expired cookies, too |
//! | IP addresses | an IPv4 or IPv6 host matches itself and nothing else, and every spelling of an address is the same host: `127.1` is `127.0.0.1`, `::1` is `[::1]`. An IPv6 host is no `.local` host, and its port is found behind its brackets |
//! | domain-match | is anchored at the end of the name and at the boundary of a label |
//! | hosts | user info is no part of a host. Names, also those in `Domain` and in the lists, are brought to their ASCII (IDNA) form. A trailing dot makes another host, and helps no `Domain` past a check. A URL without a host sets and gets no cookies ([`NoHost`](Rejection::NoHost)). More than 253 octets before a trailing dot, or an empty label, are no host. A domain that can equal no host, such as `x.de:8080`, `*.x.de` or `foo.123`, is refused at every entrance ([`InvalidDomain`](Rejection::InvalidDomain)) |
//! | numbers | `Version` and each port of `Port` are ASCII digits and nothing else. `Max-Age` is, too, and may have a minus before it. Expiry is clamped at the end of the year 9999 |
//! | one bad cookie | costs itself only, never its neighbours in the response. A `Max-Age` that is no number refuses the cookie; an `Expires` that cannot be read makes it a session cookie |
//! | `Secure` | with or without a value is `Secure` |
//! | default port | is 443 for https and wss, and 80 for all others |
//! | dates | asctime, long month names, any case, one-digit fields and what follows the date are read as well: where Python's form does not fit, RFC 6265, section 5.1.1, is tried. Dates before 1970 are past. A day that does not exist is unreadable. A two-digit year from 70 on is of the 20th century, one below of the 21st, whatever the year is now |
//! | white space | in headers it is the ASCII space and tab |
//! | `Path` | its bytes are percent-encoded once, as they came. One that does not begin with `/` counts as none |
//! | identity | is over bytes: a name sent as `E9` and one sent as `C3 A9` are two names. What is read goes out as the very same bytes |
//! | dotless hosts | a cookie of `localhost` is stored under `localhost`; the effective host name `localhost.local` is used in matching only. What is stored under `foo` or under `foo.local` goes back to the host `foo`. A host-only cookie that `foo` sets or deletes takes the place of the one of its name and path under either, and one of `foo.local` that is loaded from a file takes the place of that of `foo`, unless the file has both |
//! | names under `.local` | a host under `.local` sets no cookie for the name without it: `foo.local` cannot say `Domain=foo` |
//! | names without dots | cookies of a name without dots are its own: what `foo` has stored goes to no host below it, with [`host_only`](DefaultCookiePolicy::host_only) off, too |
//! | `Set-Cookie2` | is not looked at while `rfc2965` is off |
//! | values of version 1 | go out in quotes where they hold `;`, `,` or white space, and `"` and `\` in them are escaped |
//! | one cookie | stays one on the wire, whichever way it came in: header, builder, setter, file. `;` or `=` in a name, blanks at its ends, `,` in a name of version 1 ([`InvalidName`](Rejection::InvalidName)) and `;` in a value of version 0 ([`InvalidValue`](Rejection::InvalidValue)) are refused. So is a value without a name that has a `=` ([`NamelessPair`](Rejection::NamelessPair)) or begins with `__Host-`, `__Secure-` or `__Http-`, in any case ([`NamelessPrefix`](Rejection::NamelessPrefix)). `cookies.txt`, which knows no version, leaves a value with `;` out and reports it |
//! | block list | an entry `ads.com` blocks the host `ads.com` and the domain `.ads.com`. An entry `.ads.com`, on either list, means that domain and every one below, never the host `ads.com` alone. On the allow list `ads.com` allows the host alone, as in Python |
//! | order | there is one: longest path first, then earliest created |
//! | expired cookies | are never sent. Each write takes a bounded number of them out, earliest expiry first; [`clear_expired_cookies`](CookieJar::clear_expired_cookies) takes all. [`set_cookie`](CookieJar::set_cookie) with an expired cookie deletes its namesake and stores nothing |
//! | emptied domains | [`clear_domain`](CookieJar::clear_domain) and [`clear_path`](CookieJar::clear_path) where no cookie is left are [`NotFound`] |
//! | non-standard attributes | such as `HttpOnly` keep their case and are looked up in any case |
//! | answers 1xx and 407 | set no cookies, where the response type knows its status |
//! | files | a line that is no cookie is left out and reported, and an unreadable file changes nothing. They are saved atomically and for their owner alone, and nothing that a server sends makes one unreadable or adds a cookie to it. [`strict`](crate::file::ReadOptions::strict) and `python_form` are [Python's ways](#files) |
//! | text | `str` of a cookie shows no value; [`display_with_value`](Cookie::display_with_value) is Python's form |
//!
//! # Oddities of Python that are kept
//!
//! They are the documented rules, and somebody may rely on them. [`BrowserPolicy`] has none of them.
//!
//! - A response over http may replace or delete a `Secure` cookie.
//! - Of equal attributes the first counts; of several `Max-Age` the last does.
//! - A host without dots has an effective host name in `.local`, and may set `Domain=.local`.
//! - *Third party* is by RFC 2965's reach: `www.acme.com` is a third party to `acme.com`.
//! - A lone `foo` is a name without a value, and goes out without `=`; `=foo` is no cookie.
//! - Name prefixes (`__Host-`, `__Secure-`) and `SameSite` have no effect. [`Cookie::same_site`]
//!   reads the attribute.
//! - `strict_ns_unverifiable` and `strict_rfc2965_unverifiable` speak each for its own protocol: one
//!   says nothing about the other.
//! - The allow list with `ads.com` on it refuses `Domain=ads.com`: the stored domain is `.ads.com`.
//!
//! # Differences from the RFCs
//!
//! **RFC 6265 and its successor draft** describe browsers. The order of sending, the default path,
//! path-match, the rule for public suffixes, and what overwriting keeps are theirs. In
//! [`DefaultCookiePolicy`] these are Python's instead; [`BrowserPolicy`] has those of the draft:
//!
//! | where | RFC 6265 | here |
//! |---|---|---|
//! | equal attributes | the last counts | the first, but for `Max-Age` |
//! | `Max-Age` that is no number | is passed over | refuses the cookie |
//! | `Domain` without a value, or an empty one | is passed over | refuses the cookie |
//! | `Domain` without a dot inside | a matter of public suffixes | a matter of public suffixes; without a list refused, but for local hosts and addresses |
//! | `Path` | is compared as it came | is percent-encoded first, and so is the request's |
//! | `Version`, `Port`, `Comment`, `Discard` | mean nothing | mean what RFC 2109 and RFC 2965 say |
//! | prefixes, `SameSite`, 400 days, overwriting `Secure` from http (draft) | are rules | are none |
//! | lone `foo` | no cookie; in the draft a value without a name | a name without a value |
//! | limits | 4,096 bytes a cookie, 50 cookies a domain, at least | those of [`Limits`] |
//!
//! **RFC 2109 and RFC 2965**, with `rfc2965` on:
//!
//! - The version that leads a `Cookie` header is that of its first cookie.
//! - A value of version 1 goes out in quotes only where it needs them.
//! - `Cookie2: $Version="1"` goes out with cookies of another version than 1.

#![expect(unused_imports, reason = "the links of the text")]

#[cfg(feature = "persist")]
#[cfg_attr(docsrs, doc(cfg(feature = "persist")))]
pub mod persistence;

use crate::{
    AcceptAllPolicy, BrowserPolicy, Cookie, CookieJar, CookiePolicy, CookieSessions,
    DefaultCookiePolicy, Dialect, DomainScope, Limits, LwpCookieJar, ManualClock, Merge,
    MozillaCookieJar, NotFound, PolicyExt, Provenance, Rejection, RequestContext, RequestCookies,
    Settings, SharedCookieJar, return_ok_fn, set_ok_fn,
};

//! The guide: how a jar is used, what it does unless told otherwise and why, and where it parts
//! from Python and from the RFCs.
//!
//! - [Using a jar](#using-a-jar)
//! - [Each default and its reason](#each-default-and-its-reason)
//! - [Writing a policy](#writing-a-policy)
//! - [Sharing a jar](#sharing-a-jar)
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
//! [`http::Uri`], an [`http::Request`], or a context made by hand that says more, such as that an
//! image of a page on another site is what is loaded:
//!
//! ```
//! use cookiejar::{CookieJar, DefaultCookiePolicy, Rejection, RequestContext};
//! use url::Url;
//!
//! let pixel = Url::parse("https://tracker.example/pixel.gif")?;
//! let request = RequestContext::from(&pixel).unverifiable(true).origin_host("news.example");
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
//! **In a test**, give the jar a [`ManualClock`]. Nothing else in the crate reads the time.
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
//! | block list, allow list | empty, none | nobody is refused by name |
//!
//! Beside them stand four guards, each with a switch. [`DefaultCookiePolicy::python`] has them off:
//!
//! | guard | default | because | off |
//! |---|---|---|---|
//! | [`host_only`](DefaultCookiePolicy::host_only) | a cookie without `Domain` goes back to its own host only | a host that wants to share says so; what stands below it may be somebody else's | `host_only(false)` |
//! | [`suffixes`](DefaultCookiePolicy::suffixes) | a `Domain` that is a known public suffix (`com`, `co.uk`, `github.io`) is refused; one that is the request-host itself leaves a host-only cookie | a cookie for everybody below `com` is nobody's business | `suffixes(PublicSuffixes::none())` |
//! | [`refuse_control_characters`](DefaultCookiePolicy::refuse_control_characters) | a name, value or attribute with a control octet other than TAB is refused | servers and logs read them in different ways. CR, LF and NUL are refused even with the guard off: they would end the header | `refuse_control_characters(false)` |
//! | [`limits`](DefaultCookiePolicy::limits) | see below | a server must not fill the memory, nor make requests that no server takes | `limits(Limits::none())` |
//!
//! Only a *known* public suffix refuses: a name that the list does not have, such as that of an
//! intranet, is none.
//!
//! [`Limits::new`]:
//!
//! | limit | default | because |
//! |---|---|---|
//! | `site_cookies`, `site_cookies_kept` | 180, then down to 150 | browsers keep as many. A site is a registrable domain, so that sub-domains share the number. Expired cookies go first, then those that are not `Secure`, then those of the site's fullest stored domain; within that the least recently sent, then the oldest. There is no limit on the number of sites |
//! | `pair_bytes` | 8,190 | a longer name and value would never fit into a header |
//! | `header_cookies`, `header_bytes` | 150, 8,190 | common servers refuse a longer header line. When it is full, host-only cookies stay before `Domain` cookies, then those with the longest path; [`explain`](CookieJar::explain) says [`HeaderFull`](Rejection::HeaderFull) of the others |
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
//! A rule of your own goes on top, with [`and`](CookiePolicy::and). It can say no to what the first
//! policy allows, never yes to what the first refuses. [`set_ok_fn`] makes a rule for cookies that
//! are set, [`return_ok_fn`] one for cookies that are sent:
//!
//! ```
//! use cookiejar::{Cookie, CookieJar, CookiePolicy, DefaultCookiePolicy, Rejection, return_ok_fn};
//! use url::Url;
//!
//! let by_day = return_ok_fn(|cookie: &Cookie, request| {
//!     let night = request.now().is_some_and(|now| now.hour() < 6);
//!     if night && cookie.name() == "shift" {
//!         return Err(Rejection::Custom("the shift begins at six"));
//!     }
//!     Ok(())
//! });
//! let mut jar = CookieJar::with_policy(DefaultCookiePolicy::new().and(by_day));
//!
//! let url = Url::parse("https://acme.com/")?;
//! jar.set_clock(|| time::macros::datetime!(2026-11-21 05:59 UTC));
//! jar.extract_cookies(&[("Set-Cookie", "shift=early")], &url);
//! assert_eq!(jar.cookie_header(&url), None);
//! assert_eq!(jar.explain(&url)[0].verdict, Err(Rejection::Custom("the shift begins at six")));
//! # Ok::<(), url::ParseError>(())
//! ```
//!
//! Everything else is a [`CookiePolicy`] of your own. Its five methods are required, so that a
//! policy which wraps another one passes every question on:
//!
//! ```
//! use cookiejar::{Cookie, CookieJar, CookiePolicy, DefaultCookiePolicy, Rejection, RequestContext, Settings};
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
//!         if request.scheme() == self.scheme { Ok(()) } else { Err(Rejection::Custom("another scheme")) }
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
//! - [`prepare`](CookiePolicy::prepare) is the only place that may change a cookie. A wrapper passes
//!   it on.
//! - [`Settings`] hold what is no decision: the protocols, the limits, the public suffixes, and the
//!   [`DomainScope`]. With [`HostSuffixes`](DomainScope::HostSuffixes) the jar looks cookies up by
//!   the names above the host. With [`All`](DomainScope::All), the default of a new [`Settings`], it
//!   asks about every stored domain; a policy that sends cookies to hosts outside their domain needs
//!   that.
//! - Where the policy is chosen at run time, use a `CookieJar<Arc<dyn CookiePolicy>>`.
//!   [`AcceptAllPolicy`] has no rules at all.
//!
//! # Sharing a jar
//!
//! A jar is plain data, `Send` and `Sync`, without a lock inside. Put one around it. Sending takes
//! `&self`, so that an [`RwLock`](std::sync::RwLock) lets any number of requests ask at once:
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
//! - Hold the guard for the one call, as these functions do, and never across an `await`: fetch the
//!   header, drop the guard, then wait for the answer.
//! - A policy that panics leaves the jar as it was before the cookie, so that a poisoned lock may be
//!   opened.
//! - A clone of a jar is a deep copy: the two share nothing but the clock. For one jar a user or a
//!   session, keep a map of jars.
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
//! use cookiejar::{Cookie, CookieJar, CookiePolicy, DefaultCookiePolicy, Rejection, set_ok_fn};
//! use url::Url;
//!
//! fn i_dont_want_to_store(cookie: &Cookie) -> bool {
//!     cookie.name().starts_with("_track")
//! }
//!
//! let my_policy = DefaultCookiePolicy::new().and(set_ok_fn(|cookie: &Cookie, _| {
//!     if i_dont_want_to_store(cookie) { Err(Rejection::Custom("not wanted")) } else { Ok(()) }
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
//! | IP addresses | an IPv4 or IPv6 host matches itself and nothing else. An IPv6 host is no `.local` host, and its port is found behind its brackets |
//! | domain-match | is anchored at the end of the name and at the boundary of a label |
//! | hosts | user info is no part of a host. Names, also those in `Domain` and in the lists, are brought to their ASCII (IDNA) form. A trailing dot makes another host, and helps no `Domain` past a check. A URL without a host sets and gets no cookies ([`NoHost`](Rejection::NoHost)) |
//! | numbers | `Version` and each port of `Port` are ASCII digits and nothing else. `Max-Age` is, too, and may have a minus before it. Expiry is clamped at the end of the year 9999 |
//! | one bad cookie | costs itself only, never its neighbours in the response. A `Max-Age` that is no number refuses the cookie; an `Expires` that cannot be read makes it a session cookie |
//! | `Secure` | with or without a value is `Secure` |
//! | default port | is 443 for https and wss, and 80 for all others |
//! | dates | asctime, long month names, any case, one-digit fields and what follows the date are read as well: where Python's form does not fit, RFC 6265, section 5.1.1, is tried. Dates before 1970 are past. A day that does not exist is unreadable. A two-digit year from 70 on is of the 20th century, one below of the 21st, whatever the year is now |
//! | white space | in headers it is the ASCII space and tab |
//! | `Path` | its bytes are percent-encoded once, as they came. One that does not begin with `/` counts as none |
//! | identity | is over bytes: a name sent as `E9` and one sent as `C3 A9` are two names. What is read goes out as the very same bytes |
//! | dotless hosts | a cookie of `localhost` is stored under `localhost`; the effective host name `localhost.local` is used in matching only. `Domain=localhost` from `localhost` works. What is stored under `foo` or under `foo.local` goes back to the host `foo` |
//! | `Set-Cookie2` | is not looked at while `rfc2965` is off |
//! | values of version 1 | go out in quotes where they hold `;`, `,` or white space, and `"` and `\` in them are escaped |
//! | block list | an entry `ads.com` blocks the host `ads.com` and the domain `.ads.com`. An entry `.ads.com`, on either list, means that domain and every one below, never the host `ads.com` alone. On the allow list `ads.com` allows the host alone, as in Python |
//! | order | there is one: longest path first, then earliest created |
//! | expired cookies | are never sent. Each write takes a bounded number of them out, earliest expiry first; [`clear_expired_cookies`](CookieJar::clear_expired_cookies) takes all. [`set_cookie`](CookieJar::set_cookie) with an expired cookie deletes its namesake and stores nothing |
//! | emptied domains | [`clear_domain`](CookieJar::clear_domain) and [`clear_path`](CookieJar::clear_path) where no cookie is left are [`NotFound`] |
//! | non-standard attributes | such as `HttpOnly` keep their case and are looked up in any case |
//! | answers 1xx and 407 | set no cookies, where the response type knows its status |
//! | text | `str` of a cookie shows no value; [`display_with_value`](Cookie::display_with_value) is Python's form |
//!
//! # Oddities of Python that are kept
//!
//! They are the documented rules, and somebody may rely on them.
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
//! path-match, the rule for public suffixes, and what overwriting keeps are theirs. These are
//! Python's instead:
//!
//! | where | RFC 6265 | here |
//! |---|---|---|
//! | equal attributes | the last counts | the first, but for `Max-Age` |
//! | `Max-Age` that is no number | is passed over | refuses the cookie |
//! | `Domain` without a value, or an empty one | is passed over | refuses the cookie |
//! | `Domain` without a dot inside | a matter of public suffixes | refused, but for local hosts and addresses |
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

use crate::{
    AcceptAllPolicy, Cookie, CookieJar, CookiePolicy, DefaultCookiePolicy, DomainScope, Limits,
    ManualClock, Merge, NotFound, Rejection, RequestContext, Settings, return_ok_fn, set_ok_fn,
};

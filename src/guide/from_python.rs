//! # Coming from Python
//!
//! ## The examples of Python's documentation
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
//! Here the processor is two lines around the code that sends requests:
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
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! *A file of Netscape, Mozilla or Lynx cookies* is opened by [`MozillaCookieJar`](crate::MozillaCookieJar), as the
//! module [`file`](crate::file) shows.
//!
//! *The use of a policy*, here the same as in the example of [`DefaultCookiePolicy`]:
//!
//! ```python
//! from http.cookiejar import CookieJar, DefaultCookiePolicy
//! policy = DefaultCookiePolicy(
//!     rfc2965=True, strict_ns_domain=DefaultCookiePolicy.DomainStrict,
//!     blocked_domains=["ads.net", ".ads.net"])
//! cj = CookieJar(policy)
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
//! let report = jar.extract_cookies(&response, &Url::parse("https://acme.com/")?);
//! assert_eq!(report.stored, 1);
//! assert_eq!(report.rejected[0].to_string(), "_track: not wanted");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Differences from Python
//!
//! The reference is CPython 3.11. Apart from the differences below, the jar decides as it does.
//!
//! The four guards [of the default policy](super::defaults) have switches. The rules below have no switch; they hold
//! in [`DefaultCookiePolicy::python`], too.
//!
//! | where | the rule here |
//! |---|---|
//! | deleting | an expired cookie in a response is judged by [`set_ok`](CookiePolicy::set_ok) like any other, and only then deletes the stored one. [`make_cookies`](CookieJar::make_cookies) changes nothing, and returns expired cookies, too |
//! | IP addresses | an IPv4 or IPv6 host matches only itself, and every spelling of an address is the same host: `127.1` is `127.0.0.1`, `::1` is `[::1]`. An IPv6 host is not a `.local` host, and its port follows its brackets |
//! | domain-match | matches at the end of the name, at a label boundary |
//! | hosts | user info is not part of a host. Names, including those in `Domain` and in the lists, are converted to their ASCII (IDNA) form. A name with a trailing dot is another host, and a `Domain` with one is always rejected. A URL without a host sets and gets no cookies ([`NoHost`](Rejection::NoHost)). A name with more than 253 octets before a trailing dot, or with an empty label, is not a host. A domain that cannot equal a host, such as `x.de:8080`, `*.x.de` or `foo.123`, is rejected from any source ([`InvalidDomain`](Rejection::InvalidDomain)) |
//! | numbers | `Version` and each port of `Port` consist of ASCII digits. So does `Max-Age`, which may have a minus sign. Expiry is capped at the end of the year 9999 |
//! | one bad cookie | is rejected alone: the others in the response are stored. A `Max-Age` that is not a number rejects the cookie; an unreadable `Expires` makes it a session cookie |
//! | `Secure` | with or without a value is `Secure` |
//! | default port | is 443 for https and wss, and 80 for all others |
//! | dates | asctime, long month names, upper or lower case, one-digit fields and trailing text are read, too: if Python's form does not match, RFC 6265, section 5.1.1, is tried. Dates before 1970 are in the past. A day that does not exist is unreadable. A two-digit year from 70 on is in the 20th century, one below 70 in the 21st, whatever the current year |
//! | white space | in headers it is the ASCII space and tab |
//! | `Path` | its bytes are percent-encoded once, as received. A path that does not begin with `/` counts as absent |
//! | identity | compares bytes: a name sent as `E9` and one sent as `C3 A9` are two names. Cookies are sent as the same bytes |
//! | dotless hosts | a cookie of `localhost` is stored under `localhost`; the effective host name `localhost.local` is used only for matching. The host `foo` gets what is stored under `foo` and under `foo.local`. A host-only cookie that `foo` sets or deletes replaces the one with its name and path under either; one of `foo.local` from a file replaces that of `foo`, unless the file has both |
//! | names under `.local` | a host under `.local` cannot set a cookie for the name without it: `foo.local` cannot say `Domain=foo` |
//! | names without dots | a name without dots does not share its cookies: hosts below `foo` do not get them, with [`host_only`](DefaultCookiePolicy::host_only) off, too |
//! | `Set-Cookie2` | is ignored while `rfc2965` is off |
//! | values of version 1 | are sent in quotes if they contain `;`, `,` or white space, with `"` and `\` escaped |
//! | one cookie | stays one cookie on the wire, whether it came from a header, builder, setter or file. `;` or `=` in a name, blanks at its ends, `,` in a name of version 1 ([`InvalidName`](Rejection::InvalidName)) and `;` in a value of version 0 ([`InvalidValue`](Rejection::InvalidValue)) are rejected. So is a value without a name that contains `=` ([`NamelessPair`](Rejection::NamelessPair)) or begins with `__Host-`, `__Secure-` or `__Http-`, ignoring case ([`NamelessPrefix`](Rejection::NamelessPrefix)). `cookies.txt`, which has no version, skips and reports a value with `;` |
//! | block list | an entry `ads.com` blocks the host `ads.com` and the domain `.ads.com`. An entry `.ads.com`, on either list, means that domain and every one below, but not the host `ads.com`. On the allow list, `ads.com` allows only the host, as in Python |
//! | order | longest path first, then earliest created |
//! | expired cookies | are never sent. Each write removes a bounded number of them, earliest expiry first; [`clear_expired_cookies`](CookieJar::clear_expired_cookies) removes all. [`set_cookie`](CookieJar::set_cookie) with an expired cookie deletes the stored one and stores nothing |
//! | calls | canonicalize a domain that they are given: `clear_domain("ACME.com")` clears `acme.com` |
//! | emptied domains | [`clear_domain`](CookieJar::clear_domain) and [`clear_path`](CookieJar::clear_path) return [`NotFound`] if no cookie is left |
//! | non-standard attributes | such as `HttpOnly` keep their case; looking them up ignores case |
//! | responses with status 1xx or 407 | set no cookies, if the response type has a status |
//! | files | [their chapter](super::files) has the rules, and Python's ways |
//! | text | `str` of a cookie shows no value; [`display_with_value`](Cookie::display_with_value) is Python's form |
//!
//! ## Oddities of Python that are kept
//!
//! Programs may rely on them. [`BrowserPolicy`] has none of them.
//!
//! - A response over http may replace or delete a `Secure` cookie.
//! - Of equal attributes the first counts; of several `Max-Age` the last does.
//! - A host without dots has an effective host name in `.local`, and may set `Domain=.local`.
//! - *Third party* is by RFC 2965's reach: `www.acme.com` is a third party to `acme.com`, and `a.co.uk` is not one to
//!   `b.co.uk`.
//! - A lone `foo` is a name without a value, sent without `=`; `=foo` is not a cookie.
//! - Name prefixes (`__Host-`, `__Secure-`) and `SameSite` have no effect. [`Cookie::same_site`]
//!   reads the attribute.
//! - `strict_ns_unverifiable` and `strict_rfc2965_unverifiable` each apply to their own protocol only.
//! - An allow list with `ads.com` rejects `Domain=ads.com`: the stored domain is `.ads.com`.

#![expect(unused_imports, reason = "the links of the text")]

use crate::{
    BrowserPolicy, Cookie, CookieJar, CookiePolicy, DefaultCookiePolicy, NotFound, Rejection,
};

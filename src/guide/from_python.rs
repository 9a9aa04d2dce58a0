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
//! use cookiejar::policy::StrictNsDomain;
//! use cookiejar::{CookieJar, DefaultCookiePolicy};
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
//! let report = jar.extract_cookies(&response, &Url::parse("https://acme.com/")?);
//! assert_eq!(report.stored, 1);
//! assert_eq!(report.rejected[0].to_string(), "_track: not wanted");
//! # Ok::<(), url::ParseError>(())
//! ```
//!
//! ## Differences from Python
//!
//! The reference is CPython 3.11. Where this page is silent, the jar decides as it does.
//!
//! The four guards [of the default policy](super::defaults) are additions with a switch. The rules
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
//! | calls | bring the domain that they are given to the form in which it is stored: `clear_domain("ACME.com")` clears `acme.com` |
//! | emptied domains | [`clear_domain`](CookieJar::clear_domain) and [`clear_path`](CookieJar::clear_path) where no cookie is left are [`NotFound`] |
//! | non-standard attributes | such as `HttpOnly` keep their case and are looked up in any case |
//! | answers 1xx and 407 | set no cookies, where the response type knows its status |
//! | files | a line that is no cookie is skipped and reported, and an unreadable file changes nothing. They are saved atomically and for their owner alone, and nothing that a server sends makes one unreadable or adds a cookie to it. [`strict`](crate::file::ReadOptions::strict) and `python_form` are [Python's ways](super::files) |
//! | text | `str` of a cookie shows no value; [`display_with_value`](Cookie::display_with_value) is Python's form |
//!
//! ## Oddities of Python that are kept
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

#![expect(unused_imports, reason = "the links of the text")]

use crate::{
    BrowserPolicy, Cookie, CookieJar, CookiePolicy, DefaultCookiePolicy, NotFound, Rejection,
};

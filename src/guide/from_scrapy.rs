//! # Coming from Scrapy
//!
//! [`CookieSessions`] is the part of Scrapy's `CookiesMiddleware` that keeps the cookies: one jar for each session, and
//! the cookie options of a request. It sends nothing: call [`process_request`] before a request and
//! [`process_response`] after it, at each hop.
//!
//! ```
//! use cookiejar::{CookieSessions, RequestCookies};
//! use url::Url;
//!
//! let url = Url::parse("https://acme.com/")?;
//! let sessions = CookieSessions::new();
//! sessions.process_response(&"anna", &[("Set-Cookie", "sid=31d4")], &url);
//!
//! // Request(url, cookies={"lang": "en"}, meta={"cookiejar": "anna"})
//! let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
//! let cookies = RequestCookies::new(&"anna").cookies([("lang", "en")]);
//! sessions.process_request(&cookies, &mut headers, &url);
//! assert_eq!(headers[0].1, b"sid=31d4; lang=en");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | Scrapy | here |
//! |---|---|
//! | `CookiesMiddleware` | [`CookieSessions`], a cheap clone whose calls take `&self` |
//! | `process_request(request, spider)` | [`process_request`]`(&cookies, &mut request, &url)`, where `cookies` is the key of a session or a [`RequestCookies`] |
//! | `process_response(request, response, spider)` | [`process_response`]`(&cookies, &response, &url)` |
//! | `COOKIES_ENABLED` | [`set_enabled`](CookieSessions::set_enabled) |
//! | `COOKIES_DEBUG` | feature `tracing`, target `cookiejar::sessions`: names only, unless `set_logs_values` is on |
//! | `meta["cookiejar"]` | `RequestCookies::new(&key)`, or `&key`; `None` is the session of requests without a key |
//! | `middleware.jars[key]` | [`jar`](CookieSessions::jar) creates it, [`get`](CookieSessions::get) does not; [`remove`](CookieSessions::remove), [`iter`](CookieSessions::iter) |
//! | `meta["dont_merge_cookies"]` | [`do_not_merge`](RequestCookies::do_not_merge) |
//! | `Request(cookies={name: value})` | [`cookies`](RequestCookies::cookies)`([(name, value)])` |
//! | `Request(cookies=[{name, value, domain, path, secure}])` | [`cookie`](RequestCookies::cookie)`(GivenCookie::new(name, value).domain(domain).path(path).secure(yes))` |
//! | a `Cookie` header of the request | is removed, as in Scrapy; [`merge`](RequestCookies::merge)`(Merge::Keep)` keeps it |
//!
//! # Differences
//!
//! - Cookies given with a request are built, not pasted into a header, and the policy judges them as received ones.
//!   [`process_request`] returns an [`ExtractReport`] that says which were rejected.
//! - The default policy has the guards of [its chapter](super::defaults): a public suffix is rejected, and a cookie
//!   without `Domain` is sent only to its own host.
//! - [Their chapter](super::sessions) has how sessions end, and how they are carried over to the next run.
//! - The client follows redirects; [their chapter](super::redirects) has the headers at each hop.
//!
//! [`process_request`]: CookieSessions::process_request
//! [`process_response`]: CookieSessions::process_response

#![expect(unused_imports, reason = "the links of the text")]

use crate::{CookieSessions, ExtractReport, RequestCookies};

//! # Redirects
//!
//! A client that follows redirects itself asks the jar at every hop, and gives it every response.
//! [`redirect`](crate::redirect) changes the headers from one hop to the next:
//!
//! - The `Cookie` header that the jar wrote is never sent to the next hop. One that was set by hand is kept
//!   until the scheme, host or port changes.
//! - `Authorization` is kept within one origin, [by default](crate::redirect::Credentials).
//! - Every hop that a redirect leads to is an unverifiable transaction of the first hop's host, which
//!   matters to `strict_ns_unverifiable` and to RFC 2965.
//! - At most 10 redirects are followed, and one URL is requested at most 4 times, as in Python.
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
//! let answer = [("Set-Cookie", "sid=31d4"), ("Location", "/report")];
//! jar.extract_cookies(&answer, first.context());
//! let redirect = Redirect::new(302, &answer).expect("a redirect");
//! let next = RedirectRules::new().follow(&first, redirect, &mut headers)?;
//! jar.add_cookie_header_to(&mut headers, next.context());
//! assert_eq!((next.method(), next.url().as_str()), ("GET", "https://acme.com/report"));
//! assert_eq!(headers[0].1, b"sid=31d4");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
//! - [`changes`](CookieSessions::changes) is a queue of what changes in any session, with the session's key;
//!   a sink of [`add_change_sink`](CookieSessions::add_change_sink) hears the same without the key.

#![expect(unused_imports, reason = "the links of the text")]

use crate::{CookieSessions, RequestCookies, SharedCookieJar};

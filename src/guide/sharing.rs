//! # Sharing a jar
//!
//! A [`SharedCookieJar`] is one jar for several threads and tasks. Its clones share the cookies, each call takes
//! `&self` and returns owned results, and requests to different sites do not wait for each other.
//!
//! - A clone is the same jar; a [`fork`](SharedCookieJar::fork) is a deep copy, which shares only
//!   the clock and the policy.
//! - No call returns a guard, so no guard can be held across an `await`: the jar works in async code as it is.
//! - A limit on all cookies together ([`Limits::total_cookies`]) counts the whole
//!   jar, which keeps what a plain jar would keep. A call that exceeds it locks all parts of the jar.
//! - Its policy is chosen at run time, and [`set_policy`](SharedCookieJar::set_policy) replaces it in
//!   all clones. A policy that panics leaves the jar intact. A policy must not use the jar that asks it.
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
//! use cookiejar::{ExtractReport, CookieHeader, CookieJar};
//! use url::Url;
//!
//! fn cookies_for(jar: &RwLock<CookieJar>, url: &Url) -> Option<CookieHeader> {
//!     jar.read().unwrap_or_else(PoisonError::into_inner).cookie_header(url)
//! }
//!
//! fn take_cookies(jar: &RwLock<CookieJar>, response: &[(&str, &str)], url: &Url) -> ExtractReport {
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
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A policy that panics leaves the jar intact, so a poisoned lock can be ignored.

#![expect(unused_imports, reason = "the links of the text")]

use crate::policy::Limits;
use crate::{CookieJar, SharedCookieJar};

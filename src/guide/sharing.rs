//! # Sharing a jar
//!
//! A [`SharedCookieJar`] is one jar for several threads and tasks. Its clones share the cookies, each call takes
//! `&self` and returns owned results, and requests to different sites do not wait for each other.
//!
//! - A clone is the same jar; a [`fork`](SharedCookieJar::fork) is a deep copy, which shares only
//!   the clock and the policy.
//! - No call returns a guard: the jar works in async code as it is.
//! - A limit on all cookies together ([`Limits::total_cookies`]) counts the whole
//!   jar, which keeps what a plain jar would keep. A call that exceeds it locks all parts of the jar.
//! - Its policy is chosen at run time, and [`set_policy`](SharedCookieJar::set_policy) replaces it in
//!   all clones. A policy that panics leaves the jar intact. A policy must not use the jar that asks it.
//!
//! A [`CookieJar`] is plain data, `Send` and `Sync`, without a lock inside. Sending takes `&self`, so that with an
//! [`RwLock`](std::sync::RwLock) of your own around it any number of requests ask at once. Hold the guard for one call,
//! never across an `await`. Ignore a poisoned lock: a policy that panics leaves the jar intact.

#![expect(unused_imports, reason = "the links of the text")]

use crate::policy::Limits;
use crate::{CookieJar, SharedCookieJar};

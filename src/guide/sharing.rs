//! # Sharing a jar
//!
//! A [`SharedCookieJar`] is one jar for several threads and tasks. Its clones share the cookies, each call takes
//! `&self` and returns owned results, and requests to different sites do not wait for each other.
//!
//! - A clone is the same jar; a [`fork`](SharedCookieJar::fork) is a deep copy, which shares only
//!   the clock and the policy.
//! - No call returns a guard, so no guard can be held across an `await`: the jar works in async code as it is.
//!
//! A [`CookieJar`] is plain data, `Send` and `Sync`, without a lock inside. With a lock of your own
//! around it, the guard is held for one call and never across an `await`: fetch the header, drop the
//! guard, then wait for the answer. Sending takes `&self`, so that an [`RwLock`](std::sync::RwLock)
//! lets any number of requests ask at once. A policy that panics leaves the jar intact, so a poisoned lock can be
//! ignored. A clone of a [`CookieJar`] is a deep copy: the two share only the clock.

#![expect(unused_imports, reason = "the links of the text")]

use crate::{CookieJar, SharedCookieJar};

//! # Sessions
//!
//! [`CookieSessions`] has one jar for each session of a crawler, under a key of any type; `None` is the session of
//! requests without a key. A session is created at its first use, and no cookie of one is ever sent in another.
//!
//! - [`RequestCookies`] has the options of one request: its session, cookies given with it (judged like received ones,
//!   then stored), and whether it bypasses the jar, in one direction or both.
//! - A `Cookie` header that the request already has is removed, even if the session has no cookie for it, so that a
//!   header written for one URL is not sent to the next. A plain jar keeps it. [`merge`](RequestCookies::merge)
//!   chooses.
//! - [`jar`](CookieSessions::jar) returns the [`SharedCookieJar`] of a session.
//! - [`remove_idle`](CookieSessions::remove_idle) ends sessions that have not been used;
//!   [`snapshot`](CookieSessions::snapshot) and [`restore`](CookieSessions::restore) carry all of
//!   them over to another run, session cookies included; so do `save` and `load` (feature `json`).
//!   `PersistentCookieSessions` keeps them in a database.
//! - [`changes`](CookieSessions::changes) is a queue of what changes in any session, with the session's key; a
//!   sink of [`add_change_sink`](CookieSessions::add_change_sink) receives the same without the key.

#![expect(unused_imports, reason = "the links of the text")]

use crate::{CookieSessions, RequestCookies, SharedCookieJar};

//! # Listening to changes
//!
//! Each change of what a jar holds is reported once, in the order in which it happened within a site. A
//! [`CookieChange`] has the cookie, the one that it replaced, the [cause](ChangeCause) and the [origin](ChangeOrigin).
//!
//! - [`changes`](crate::SharedCookieJar::changes) returns a bounded queue, to be read from another thread or task. A reader
//!   that is too slow gets [`Heard::Missed`].
//! - [`add_change_sink`](crate::CookieJar::add_change_sink) calls a function for each change, which must be quick and must
//!   not use the jar.
//!
//! [`apply`](crate::CookieJar::apply) makes the same change in another jar: the changes of a jar, applied to an empty
//! one, give the same cookies. Sending a cookie is not a change. A rejected cookie changes nothing: it is in the
//! [`ExtractReport`](crate::ExtractReport).
//!
//! # Compared with the events of browsers
//!
//! | here | Chromium's `CookieChangeCause` | `cookies.onChanged` of web extensions | `change` of the web's `CookieStore` |
//! |---|---|---|---|
//! | [`Stored`](ChangeCause::Stored) | `INSERTED` | `explicit`, `removed: false` | in `changed` |
//! | [`Replaced`](ChangeCause::Replaced) | two events: `OVERWRITE` for the old cookie, then `INSERTED` | two events: `overwrite` with `removed: true`, then `explicit` | in `changed` |
//! | `Replaced` where [`is_unchanged`](CookieChange::is_unchanged) | the second is `INSERTED_NO_CHANGE_OVERWRITE` | the same two | depends on the browser |
//! | [`Removed`](ChangeCause::Removed), by its server | `EXPIRED_OVERWRITE` | `expired_overwrite` | in `deleted` |
//! | [`Cleared`](ChangeCause::Cleared), by the program | `EXPLICIT` | `explicit`, `removed: true` | in `deleted` |
//! | [`Evicted`](ChangeCause::Evicted) | `EVICTED` | `evicted` | in `deleted` |
//! | [`Expired`](ChangeCause::Expired) | `EXPIRED` | `expired` | in `deleted` |
//!
//! - A replacement is one change here, with both cookies. Between two events a listener would see a jar without the
//!   cookie, and would have to pair them.
//! - `explicit` of web extensions is both an insertion and a removal; here the cause alone shows [whether the
//!   cookie is present](ChangeCause::is_present).
//! - `CookieStore` reports to a page the cookies that its scripts can see, without the values of those deleted, and
//!   without the cause. Here a listener gets whole cookies, `HttpOnly` ones too.
//! - Expiry is reported when a later write sweeps the cookie.
//! - [`Remote`](ChangeOrigin::Remote) has no counterpart: another process made the change, in a shared database.

#![expect(unused_imports, reason = "the links of the text")]

use crate::jar::{ChangeCause, ChangeOrigin, CookieChange, Heard};

//! cookiejar
#![cfg_attr(docsrs, feature(doc_cfg))]

mod client;
mod clock;
mod cookie;
mod date;
mod domain;
mod header;
mod jar;
mod log;
mod message;
mod path;
mod policy;
mod public_suffix;
mod rejection;
mod request;
mod sessions;
mod shared;
mod store;
pub mod testing;

pub use clock::{Clock, ManualClock};
pub use cookie::{Cookie, CookieBuilder, SameSite};
pub use jar::{Account, Change, CookieJar, Explanation, IntoIter, Iter, NotFound, Refused};
pub use message::{CookieHeader, Merge, OutgoingRequest, RequestHeaders, ResponseHeaders};
pub use policy::{
    AcceptAllPolicy, And, CookiePolicy, DefaultCookiePolicy, Dialect, DomainScope, Limits,
    Protocols, ReturnOkFn, SetOkFn, Settings, StrictNsDomain, return_ok_fn, set_ok_fn,
};
pub use public_suffix::{PublicSuffixes, SuffixListError};
pub use rejection::Rejection;
pub use request::RequestContext;
pub use sessions::{CookieSessions, GivenCookie, RequestCookies, SavedSession};
pub use shared::SharedCookieJar;

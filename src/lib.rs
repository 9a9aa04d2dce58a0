//! An HTTP cookie jar for clients, tests and crawlers. It stores the cookies of responses, adds to each request those
//! that belong to it, and gives a reason for every cookie that it rejects or withholds.
//!
//! The design is that of Python's `http.cookiejar`: a jar stores, and a policy decides. Beside Python's rules it has
//! those of browsers (RFC 6265bis), and a policy of your own can add to both.
//!
//! Two calls do the work, both with the URL of the request:
//!
//! ```
//! use cookiejar::CookieJar;
//! use http::{Request, Response, Uri};
//!
//! fn main() -> Result<(), http::Error> {
//!     let mut jar = CookieJar::new();
//!     let response = Response::builder()
//!         .header("Set-Cookie", "sid=31d4; Domain=example.com")
//!         .body(())?;
//!     jar.extract_cookies(&response, &Uri::from_static("https://shop.example.com/login"));
//!
//!     let mut request = Request::get("https://pay.example.com/").body(())?;
//!     jar.add_cookie_header(&mut request);
//!     assert_eq!(request.headers()["cookie"], "sid=31d4");
//!     Ok(())
//! }
//! ```
//!
//! The [guide] goes on from here: [recipes](guide::recipes), [defaults](guide::defaults), [policies](guide::policies),
//! [security](guide::security), and the way [from Python](guide::from_python) or [from Scrapy](guide::from_scrapy).
//!
//! # Where to find what
//!
//! | for | use |
//! |---|---|
//! | one program, one thread at a time | [`CookieJar`] |
//! | many threads or tasks, and the clients | [`SharedCookieJar`]; [`client`] has adapters |
//! | a file | [`MozillaCookieJar`], [`LwpCookieJar`], `JsonCookieJar`; [`file`](mod@file) has formats without a jar |
//! | a database | `persist::PersistentCookieJar`, with feature `persist` or `sqlite` |
//! | a crawler with sessions | [`CookieSessions`], [`RequestCookies`] |
//! | a client that follows redirects itself | [`redirect`] |
//! | a unit test | [`testing::TestJar`], [`jar::ManualClock`] |
//! | other rules | [`DefaultCookiePolicy`], [`BrowserPolicy`], [`PolicyExt::and`], [`CookiePolicy`] |
//! | the reason for something | [`ExtractReport`], [`Explanation`], [`Rejection`] |
//! | facts about a request beyond its URL | [`RequestContext`], [`Provenance`] |
//! | header types of your own | [`headers::ResponseHeaders`], [`headers::RequestHeaders`] |
//!
//! # Features
//!
//! A feature adds items and never changes a result. `http` and `psl` are on by default.
//!
//! - `http`: the types of the `http` crate as headers, `http::Uri` as a URL.
//! - `psl`: the public suffix list, compiled in, and with it [`CookieJar::new`]. Without it, use
//!   [`DefaultCookiePolicy::with_suffixes`] with a list that you load, or with none.
//! - `json`: `JsonCookieJar` and `file::json`, a format that loses nothing, and the JSON of `cookie_store`, Playwright
//!   and browser extensions.
//! - `serde`: [`Cookie`] implements `Serialize` and `Deserialize`. It implies `json`.
//! - `persist`: jars and sessions in a database, and the contract for an engine of your own. It implies `json`.
//! - `sqlite`: `persist::sqlite::Sqlite`, with SQLite built in; `sqlite-system` uses the system's. Both imply `persist`.
//! - `redis-1`, `postgres-0_19`: `persist::redis::Redis` and `persist::postgres::Postgres`, with `persist`.
//! - `reqwest-0_13`: [`SharedCookieJar`] is a `CookieStore` of reqwest 0.13, async and blocking.
//! - `tower`: `client::tower::CookieLayer`, for clients made of `tower` services.
//! - `ureq-3`: `client::ureq_3::agent`, an agent of ureq 3 with a jar that sees every hop of a redirect.
//! - `cookie-0_18`: conversions to and from the `Cookie` of the crate `cookie` 0.18.
//! - `tracing`: an event of level debug for every cookie received, rejected, evicted, sent and withheld; never its
//!   value, unless `CookieSessions::set_logs_values` is on.
//!
//! The features of clients imply `http`, except `cookie-0_18`. None implies `psl`.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod client;
mod clock;
mod cookie;
mod date;
mod domain;
pub mod file;
pub mod guide;
pub mod headers;
pub mod jar;
mod log;
mod octets;
mod options;
mod path;
#[cfg(feature = "persist")]
pub mod persist;
pub mod policy;
mod public_suffix;
pub mod redirect;
mod rejection;
mod request;
pub mod sessions;
mod set_cookie;
mod settings;
mod shared;
mod store;
pub mod testing;

pub use cookie::{Cookie, CookieBuilder, CookieId, SameSite};
#[cfg(feature = "json")]
#[doc(inline)]
pub use file::JsonCookieJar;
#[doc(inline)]
pub use file::{LwpCookieJar, MozillaCookieJar};
#[doc(inline)]
pub use headers::CookieHeader;
#[doc(inline)]
pub use jar::{CookieJar, Explanation, ExtractReport, NotFound};
#[doc(inline)]
pub use policy::{BrowserPolicy, CookiePolicy, DefaultCookiePolicy, PolicyExt, set_ok_fn};
pub use rejection::Rejection;
pub use request::{OutgoingRequest, Provenance, RequestContext};
#[doc(inline)]
pub use sessions::{CookieSessions, RequestCookies};
pub use shared::SharedCookieJar;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;

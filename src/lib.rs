//! An HTTP cookie jar: it takes in the cookies of responses, gives each request the cookies that
//! belong to it, and says of every cookie why it was accepted, refused, sent or kept back. The
//! design is that of Python's `http.cookiejar`, a jar that stores and a policy that decides, made
//! for Rust programs.
//!
//! Two calls do the work, both with the URL of the hop at hand:
//!
//! ```
//! use cookiejar::CookieJar;
//! use http::{Request, Response, Uri};
//!
//! fn main() -> Result<(), http::Error> {
//!     let mut jar = CookieJar::new();
//!     let response = Response::builder().header("Set-Cookie", "sid=31d4; Domain=example.com").body(())?;
//!     jar.extract_cookies(&response, &Uri::from_static("https://shop.example.com/login"));
//!
//!     let mut request = Request::get("https://pay.example.com/").body(())?;
//!     jar.add_cookie_header(&mut request);
//!     assert_eq!(request.headers()["cookie"], "sid=31d4");
//!     Ok(())
//! }
//! ```
//!
//! The [guide] has the rest in prose: each default and its reason, what is different from Python
//! and from the RFCs, how to write a policy, how to share a jar.
//!
//! # The life of a cookie
//!
//! ```text
//! header bytes -> attributes -> Cookie -> policy says yes -> store                    extract_cookies
//! request -> domains in reach -> policy says yes -> cookies in order -> header bytes  add_cookie_header
//! ```
//!
//! | | |
//! |---|---|
//! | [`RequestContext`], [`Provenance`] | what the rules look at in a request, and who asked for it; made from a [`url::Url`], from parts, or from the types of `http` |
//! | [`ResponseHeaders`](headers::ResponseHeaders), [`RequestHeaders`](headers::RequestHeaders) | where the bytes come from and where they go |
//! | [`Cookie`], [`CookieBuilder`] | what a server said; or made by hand, through the same checks |
//! | [`CookiePolicy`] | every decision; [`DefaultCookiePolicy`] has Python's rules and guards on top, [`BrowserPolicy`] those of browsers, [`AcceptAllPolicy`](policy::AcceptAllPolicy) none; [`And`](policy::And) adds a rule of yours, or a [`DomainList`](policy::DomainList) |
//! | [`Rejection`] | the name of the rule that said no |
//! | [`CookieJar`] | the jar: look, edit, take in, send out |
//! | [`ExtractReport`], [`Explanation`] | what became of each cookie of a response; what becomes of each cookie for a request |
//!
//! Around them:
//!
//! | | |
//! |---|---|
//! | [`SharedCookieJar`] | one jar for many threads and tasks |
//! | [`CookieSessions`], [`RequestCookies`] | one jar for each session of a crawler; what a request says of its cookies |
//! | [`MozillaCookieJar`], [`LwpCookieJar`], `JsonCookieJar` | a jar with a file; [`file`](mod@file) has the formats, for use without a jar, too |
//! | [`client`] | the jar in reqwest, in ureq and among `tower` services, and the `Cookie` of the `cookie` crate |
//! | [`redirect`] | from one hop to the next, for a client that follows redirects itself |
//! | [`testing`] | a jar for unit tests of web applications |
//! | [`Clock`](jar::Clock), [`ManualClock`](jar::ManualClock) | the time, which nothing else tells |
//!
//! # Features
//!
//! Features add items and never change a result.
//!
//! - `http`, on by default: [`CookieJar`] takes `http::Request`, `http::Response`, their `Parts` and
//!   `HeaderMap` for headers, and `http::Uri` for a URL. Without it, headers are lists of (name,
//!   value) pairs.
//! - `psl`, on by default: the public suffix list is compiled in, and with it come
//!   [`CookieJar::new`] and [`DefaultCookiePolicy::new`]. Without it, use
//!   [`DefaultCookiePolicy::with_suffixes`] with a list that you load, or with none.
//! - `json`: `JsonCookieJar` and `file::json`, a file that loses nothing, and the JSON of `cookie_store`,
//!   Playwright and browser extensions. It needs `serde` and `serde_json`.
//! - `serde`: [`Cookie`] is `Serialize` and `Deserialize`, as the record of `file::json`; it implies `json`.
//! - `reqwest-0_13`: [`SharedCookieJar`] as the `CookieStore` of reqwest 0.13, async and blocking.
//! - `tower`: `client::tower::CookieLayer`, for clients made of `tower` services.
//! - `ureq-3`: `client::ureq_3::agent`, an agent of ureq 3 with a jar, which sees every hop of a redirect.
//! - `cookie-0_18`: conversions to and from the `Cookie` of the crate `cookie` 0.18, which server
//!   frameworks speak.
//! - `persist`: [`persist`], jars and sessions in a database, and the contract for an engine of your own; it implies
//!   `json`.
//! - `sqlite`: `persist::sqlite::Sqlite`, with SQLite built in; `sqlite-system` takes the system's. Both imply `persist`.
//! - `tracing`: an event of level debug for every cookie received, refused, evicted, sent and kept
//!   back; never a value, unless [`CookieSessions`] are told to show them.
//!
//! Those of clients imply `http`, but for `cookie-0_18`, and none implies `psl`.
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
#[cfg_attr(docsrs, doc(cfg(feature = "persist")))]
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
#[cfg_attr(docsrs, doc(cfg(feature = "json")))]
pub use file::JsonCookieJar;
pub use file::{LwpCookieJar, MozillaCookieJar};
pub use headers::CookieHeader;
pub use jar::{CookieJar, Explanation, ExtractReport, NotFound};
pub use policy::{BrowserPolicy, CookiePolicy, DefaultCookiePolicy, PolicyExt, set_ok_fn};
pub use rejection::Rejection;
pub use request::{OutgoingRequest, Provenance, RequestContext};
pub use sessions::{CookieSessions, RequestCookies};
pub use shared::SharedCookieJar;

/// The examples of the README, as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;

//! Adapters for HTTP clients, one for each feature. They decide nothing.
//!
//! | feature | module | what it provides |
//! |---|---|---|
//! | `reqwest-0_13` | `reqwest_0_13` | the jar as reqwest's `CookieStore` |
//! | `tower` | `tower` | `CookieLayer`, over any `Service<http::Request<B>>` |
//! | `ureq-3` | `ureq_3` | `agent`, which makes an agent of ureq with a jar, and `CookieAgent` around one of yours |
//! | `cookie-0_18` | `cookie_0_18` | conversions to and from the `cookie` crate's `Cookie` |
//!
//! A feature has the client's version in its name, so that its next major version is an addition. For other clients,
//! use the two calls of the jar, and [`redirect`](crate::redirect) if the client follows redirects itself.

#[cfg(feature = "cookie-0_18")]
pub mod cookie_0_18;
#[cfg(feature = "http")]
mod http;
#[cfg(any(feature = "tower", feature = "ureq-3"))]
mod options;
#[cfg(feature = "reqwest-0_13")]
pub mod reqwest_0_13;
#[cfg(feature = "tower")]
pub mod tower;
#[cfg(feature = "ureq-3")]
pub mod ureq_3;

#[cfg(any(feature = "tower", feature = "ureq-3"))]
pub use options::CookieOptions;

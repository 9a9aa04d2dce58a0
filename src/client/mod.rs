//! One client a file: translation between its types and ours, and no decision.
//!
//! Each has a feature, named after the client and its version, so that the client's next major version is
//! an addition here and breaks nobody. What the adapters share is [`CookieOptions`].

#[cfg(feature = "cookie-0_18")]
#[cfg_attr(docsrs, doc(cfg(feature = "cookie-0_18")))]
pub mod cookie_0_18;
#[cfg(feature = "http")]
mod http;
#[cfg(any(feature = "tower", feature = "ureq-3"))]
mod options;
#[cfg(feature = "reqwest-0_13")]
#[cfg_attr(docsrs, doc(cfg(feature = "reqwest-0_13")))]
pub mod reqwest_0_13;
#[cfg(feature = "tower")]
#[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
pub mod tower;
#[cfg(feature = "ureq-3")]
#[cfg_attr(docsrs, doc(cfg(feature = "ureq-3")))]
pub mod ureq_3;

#[cfg(any(feature = "tower", feature = "ureq-3"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "tower", feature = "ureq-3"))))]
pub use options::CookieOptions;

//! One client a file: translation between its types and ours, and no decision.

#[cfg(feature = "http")]
mod http;

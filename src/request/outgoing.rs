//! A request that knows its URL.

use super::RequestContext;
use crate::headers::RequestHeaders;

/// A request that knows its own URL, as [`add_cookie_header`](crate::CookieJar::add_cookie_header) needs it.
pub trait OutgoingRequest: RequestHeaders {
    /// Returns the context of the request.
    fn request_context(&self) -> RequestContext<'_>;
}

//! A request that knows where it goes.

use super::RequestContext;
use crate::headers::RequestHeaders;

/// A request that knows its own URL: one to which
/// [`add_cookie_header`](crate::CookieJar::add_cookie_header) can add without being told.
pub trait OutgoingRequest: RequestHeaders {
    /// The context of the request.
    fn request_context(&self) -> RequestContext<'_>;
}

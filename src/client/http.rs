//! The types of the `http` crate, which Rust clients speak.

use http::header::{HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};
use http::{Request, Response, request, response};

use crate::message::{CookieHeader, OutgoingRequest, RequestHeaders, ResponseHeaders};
use crate::request::RequestContext;

/// A header value that is marked sensitive, so that no log shows it.
///
/// It fails for a header with a control octet other than TAB, which only a policy that lets these
/// in can have stored. [`add_cookie_header`](crate::CookieJar::add_cookie_header) leaves such
/// cookies out.
impl TryFrom<CookieHeader> for HeaderValue {
    type Error = InvalidHeaderValue;

    fn try_from(header: CookieHeader) -> Result<Self, Self::Error> {
        let mut value = Self::try_from(header.into_bytes())?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl ResponseHeaders for HeaderMap {
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.get_all(name).into_iter().map(HeaderValue::as_bytes)
    }
}

impl<B> ResponseHeaders for Response<B> {
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        ResponseHeaders::header_values(self.headers(), name)
    }

    fn status(&self) -> Option<u16> {
        Some(Response::status(self).as_u16())
    }
}

impl ResponseHeaders for response::Parts {
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        ResponseHeaders::header_values(&self.headers, name)
    }

    fn status(&self) -> Option<u16> {
        Some(self.status.as_u16())
    }
}

impl RequestHeaders for HeaderMap {
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.get_all(name).into_iter().map(HeaderValue::as_bytes)
    }

    fn append_header(&mut self, name: &str, value: CookieHeader) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), value.try_into()) {
            self.append(name, value);
        }
    }

    fn replace_header(&mut self, name: &str, value: Option<CookieHeader>) {
        self.remove(name);
        if let Some(value) = value {
            self.append_header(name, value);
        }
    }

    fn can_hold(&self, octets: &[u8]) -> bool {
        HeaderValue::from_bytes(octets).is_ok()
    }
}

/// A type that has a `HeaderMap` and hands all work to it.
macro_rules! request_headers_of {
    ($([$($generics:ident)?] $type:ty: $headers:ident, $headers_mut:ident;)+) => {$(
        impl<$($generics)?> RequestHeaders for $type {
            fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
                RequestHeaders::header_values($headers(self), name)
            }

            fn append_header(&mut self, name: &str, value: CookieHeader) {
                $headers_mut(self).append_header(name, value);
            }

            fn replace_header(&mut self, name: &str, value: Option<CookieHeader>) {
                $headers_mut(self).replace_header(name, value);
            }

            fn can_hold(&self, octets: &[u8]) -> bool {
                $headers(self).can_hold(octets)
            }
        }

        impl<$($generics)?> OutgoingRequest for $type {
            fn request_context(&self) -> RequestContext<'_> {
                RequestContext::from(self)
            }
        }
    )+};
}

request_headers_of! {
    [B] Request<B>: of_request, of_request_mut;
    [] request::Parts: of_parts, of_parts_mut;
}

fn of_request<B>(request: &Request<B>) -> &HeaderMap {
    request.headers()
}

fn of_request_mut<B>(request: &mut Request<B>) -> &mut HeaderMap {
    request.headers_mut()
}

fn of_parts(parts: &request::Parts) -> &HeaderMap {
    &parts.headers
}

fn of_parts_mut(parts: &mut request::Parts) -> &mut HeaderMap {
    &mut parts.headers
}

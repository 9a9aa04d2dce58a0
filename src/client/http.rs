//! The types of the `http` crate, which Rust clients use.

use http::header::{COOKIE, HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue, SET_COOKIE};
use http::{Request, Response, request, response};

use crate::headers::{CookieHeader, HeaderFields, RequestHeaders, ResponseHeaders};
use crate::request::{OutgoingRequest, RequestContext};

/// Converts to a header value marked as sensitive, so that no log shows it.
///
/// It fails if the header contains a control octet other than TAB, which only a policy that accepts them can
/// have stored. [`add_cookie_header`](crate::CookieJar::add_cookie_header) withholds such cookies.
impl TryFrom<CookieHeader> for HeaderValue {
    type Error = InvalidHeaderValue;

    fn try_from(header: CookieHeader) -> Result<Self, Self::Error> {
        let mut value = Self::try_from(header.into_bytes())?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl HeaderFields for HeaderMap {
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let values = match usual_name(name) {
            Some(name) => self.get_all(name),
            None => self.get_all(name),
        };
        values.into_iter().map(HeaderValue::as_bytes)
    }
}

/// Names that need no parsing (bench `header, added to a request`).
#[inline]
fn usual_name(name: &str) -> Option<HeaderName> {
    match name {
        "Cookie" => Some(COOKIE),
        "Set-Cookie" => Some(SET_COOKIE),
        _ => None,
    }
}

/// A map has no status.
impl ResponseHeaders for HeaderMap {
    fn status(&self) -> Option<u16> {
        None
    }
}

impl<B> ResponseHeaders for Response<B> {
    fn status(&self) -> Option<u16> {
        Some(Response::status(self).as_u16())
    }
}

impl ResponseHeaders for response::Parts {
    fn status(&self) -> Option<u16> {
        Some(self.status.as_u16())
    }
}

impl RequestHeaders for HeaderMap {
    fn append_header(&mut self, name: &str, value: CookieHeader) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), value.try_into()) {
            self.append(name, value);
        }
    }

    fn replace_header(&mut self, name: &str, value: Option<CookieHeader>) {
        let Ok(name) = usual_name(name).map_or_else(|| HeaderName::try_from(name), Ok) else {
            return;
        };
        match value.and_then(|value| value.try_into().ok()) {
            Some(header) => _ = self.insert(name, header),
            None => _ = self.remove(name),
        }
    }

    fn can_hold(&self, octets: &[u8]) -> bool {
        HeaderValue::from_bytes(octets).is_ok()
    }
}

macro_rules! fields_of_map {
    ($([$($generics:ident)?] $type:ty: $map:expr;)+) => {$(
        impl<$($generics)?> HeaderFields for $type {
            fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
                let map: fn(&Self) -> &HeaderMap = $map;
                map(self).header_values(name)
            }
        }
    )+};
}

fields_of_map! {
    [B] Request<B>: Request::headers;
    [] request::Parts: |parts| &parts.headers;
    [B] Response<B>: Response::headers;
    [] response::Parts: |parts| &parts.headers;
}

macro_rules! request_headers_of_map {
    ($([$($generics:ident)?] $type:ty: $map:expr, $map_mut:expr;)+) => {$(
        impl<$($generics)?> RequestHeaders for $type {
            fn append_header(&mut self, name: &str, value: CookieHeader) {
                let map: fn(&mut Self) -> &mut HeaderMap = $map_mut;
                map(self).append_header(name, value);
            }

            fn replace_header(&mut self, name: &str, value: Option<CookieHeader>) {
                let map: fn(&mut Self) -> &mut HeaderMap = $map_mut;
                map(self).replace_header(name, value);
            }

            fn can_hold(&self, octets: &[u8]) -> bool {
                let map: fn(&Self) -> &HeaderMap = $map;
                map(self).can_hold(octets)
            }
        }

        impl<$($generics)?> OutgoingRequest for $type {
            fn request_context(&self) -> RequestContext<'_> {
                RequestContext::from(self)
            }
        }
    )+};
}

request_headers_of_map! {
    [B] Request<B>: Request::headers, Request::headers_mut;
    [] request::Parts: |parts| &parts.headers, |parts| &mut parts.headers;
}

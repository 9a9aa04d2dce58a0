//! From attributes and the request that they answer to a cookie.
//!
//! It knows no policy: it fills in defaults, and refuses only what cannot be read. What an attribute
//! means is a matter of the dialect; what a number and a domain are is not.

use super::fields::Bytes;
use super::text::Octets;
use super::{Cookie, Fields, Flags};
use crate::domain::Domain;
use crate::header::{Attributes, Pair};
use crate::policy::Dialect;
use crate::rejection::Rejection;
use crate::request::RequestContext;

mod python;
mod rfc6265;

impl Dialect {
    /// Makes the cookie that `attributes` describe in an answer to `request`, expired or not.
    #[inline]
    pub(crate) fn make_cookie<'a>(
        self,
        attributes: Attributes<'a, impl Iterator<Item = Pair<'a>> + Clone>,
        request: &RequestContext<'_>,
        now: i64,
    ) -> Result<Cookie, Rejection> {
        match self {
            Self::Python => python::make_cookie(attributes, request, now),
            Self::Rfc6265bis => rfc6265::make_cookie(attributes, request, now),
        }
    }
}

/// The worst octets of all that came, also of what no cookie keeps.
#[inline]
fn octets<'a>(attributes: &Attributes<'a, impl Iterator<Item = Pair<'a>> + Clone>) -> Octets {
    if attributes.plain {
        return Octets::Plain;
    }
    octets_of_all(attributes)
}

fn octets_of_all<'a>(
    attributes: &Attributes<'a, impl Iterator<Item = Pair<'a>> + Clone>,
) -> Octets {
    let of = |value: &Option<Bytes<'_>>| Octets::of(value.as_deref().unwrap_or_default());
    let pairs = attributes
        .pairs
        .clone()
        .map(|pair| Octets::of(pair.key).max(of(&pair.value)));
    pairs.fold(
        Octets::of(attributes.name).max(of(&attributes.value)),
        Octets::max,
    )
}

/// Seconds, which may be negative; what no `i64` can hold is clamped.
#[inline]
fn max_age(value: &[u8]) -> Option<i64> {
    match value.strip_prefix(b"-") {
        Some(value) => digits(value).map(|seconds| -seconds),
        None => digits(value),
    }
}

/// A number of ASCII digits and nothing else, clamped.
#[inline]
fn digits(text: &[u8]) -> Option<i64> {
    let all_digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let push = |number: i64, digit: &u8| {
        number
            .saturating_mul(10)
            .saturating_add(i64::from(digit - b'0'))
    };
    all_digits.then(|| text.iter().fold(0, push))
}

/// The domain as the attribute says it.
#[inline]
fn set_domain<'a>(fields: &mut Fields<'a>, domain: Bytes<'a>) {
    let (domain, has_dot) = Domain::parse_dotted(domain);
    fields.domain = domain;
    fields.dotted = true;
    fields.flags.set(Flags::DOMAIN_INITIAL_DOT, has_dot);
}

/// The request-host, alone.
#[inline]
fn set_host_only<'a>(fields: &mut Fields<'a>, request: &'a RequestContext<'_>) {
    fields.domain = Domain::of_host(request.host());
}

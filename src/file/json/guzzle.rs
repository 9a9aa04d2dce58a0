//! The cookies of Guzzle, the PHP client.

use serde_json::Value;

use super::expiry;
use super::foreign::{
    Object, bytes, fill_in_attributes, fill_in_domain_or, flag, required_text, text,
};
use crate::cookie::{Cookie, Fields, Flags, NEVER};
use crate::file::report::Reason;

/// ```text
/// {"Name":"sid","Value":"31d4","Domain":"acme.com","Path":"/","Max-Age":null,"Expires":1893456000,
///  "Secure":true,"Discard":false,"HttpOnly":true,"HostOnly":true,"SameSite":"Lax"}
/// ```
///
/// Older versions have no `HostOnly` and send a cookie without a `Domain` attribute to subdomains, too. Here it is
/// host-only unless its domain begins with a dot. A `Max-Age` above 0 is already in `Expires`; 0 and below, which
/// older versions keep without an `Expires`, is long expired.
pub(super) fn cookie(object: &Object, own_host: Option<&str>) -> Result<Cookie, Reason> {
    let mut fields = Fields {
        name: bytes(required_text(object, "Name")?),
        value: Some(bytes(required_text(object, "Value")?)),
        path: bytes(text(object, "Path")?.unwrap_or("/")),
        ..Fields::default()
    };
    let host_only = flag(object, "HostOnly")?;
    fill_in_domain_or(&mut fields, text(object, "Domain")?, host_only, own_host)?;
    let is_secure = is_set(object, "Secure")?;
    fields.flags.set(Flags::SECURE, is_secure);
    let http_only = is_set(object, "HttpOnly")?;
    fill_in_attributes(&mut fields, http_only, text(object, "SameSite")?);
    fields.expires = match expiry::parse(object, &["Expires"])? {
        NEVER if is_over(object) => 1,
        expires => expires,
    };
    if is_set(object, "Discard")? {
        fields.flags.set(Flags::DISCARD, true);
    }
    Ok(fields.pack()?)
}

fn is_over(object: &Object) -> bool {
    let seconds = match object.get("Max-Age") {
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_f64(),
        None => None,
    };
    seconds.is_some_and(|seconds| seconds <= 0.0)
}

fn is_set(object: &Object, key: &str) -> Result<bool, Reason> {
    match object.get(key) {
        Some(Value::String(text)) => Ok(!matches!(text.as_str(), "" | "0")),
        _ => Ok(flag(object, key)? == Some(true)),
    }
}

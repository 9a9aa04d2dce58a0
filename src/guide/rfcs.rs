//! # Differences from the RFCs
//!
//! **RFC 6265 and its successor draft** describe browsers. The order of sending, the default path,
//! path-match, the rule for public suffixes, and what overwriting keeps are theirs. In
//! [`DefaultCookiePolicy`] these are Python's instead; [`BrowserPolicy`] has those of the draft:
//!
//! | where | RFC 6265 | here |
//! |---|---|---|
//! | equal attributes | the last counts | the first, but for `Max-Age` |
//! | `Max-Age` that is no number | is passed over | refuses the cookie |
//! | `Domain` without a value, or an empty one | is passed over | refuses the cookie |
//! | `Domain` without a dot inside | a matter of public suffixes | a matter of public suffixes; without a list refused, but for local hosts and addresses |
//! | `Path` | is compared as it came | is percent-encoded first, and so is the request's |
//! | `Version`, `Port`, `Comment`, `Discard` | mean nothing | mean what RFC 2109 and RFC 2965 say |
//! | prefixes, `SameSite`, 400 days, overwriting `Secure` from http (draft) | are rules | are none |
//! | lone `foo` | no cookie; in the draft a value without a name | a name without a value |
//! | limits | 4,096 bytes a cookie, 50 cookies a domain, at least | those of [`Limits`] |
//!
//! **RFC 2109 and RFC 2965**, with `rfc2965` on:
//!
//! - The version that leads a `Cookie` header is that of its first cookie.
//! - A value of version 1 goes out in quotes only where it needs them.
//! - `Cookie2: $Version="1"` goes out with cookies of another version than 1.

#![expect(unused_imports, reason = "the links of the text")]

use crate::policy::Limits;
use crate::{BrowserPolicy, DefaultCookiePolicy};

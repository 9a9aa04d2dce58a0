//! # Differences from the RFCs
//!
//! **RFC 6265 and its successor draft** describe browsers. [`BrowserPolicy`] follows the draft. [`DefaultCookiePolicy`]
//! takes from it the order of sending, the default path, path-match, the rule for public suffixes, and what replacing a
//! cookie keeps, and follows Python in the rest:
//!
//! | where | RFC 6265 | `DefaultCookiePolicy` |
//! |---|---|---|
//! | equal attributes | the last counts | the first counts, except for `Max-Age` |
//! | `Max-Age` that is not a number | is ignored | rejects the cookie |
//! | `Domain` without a value, or with an empty one | is ignored | rejects the cookie |
//! | `Domain` without a dot inside | depends on the public suffixes | the same; without a list it is rejected, except for local hosts and addresses |
//! | `Path` | is compared as received | is percent-encoded first, as is the request's path |
//! | `Version`, `Port`, `Comment`, `Discard` | have no meaning | have the meaning of RFC 2109 and RFC 2965 |
//! | prefixes, `SameSite`, 400 days, overwriting `Secure` from http (draft) | are rules | have no rules |
//! | lone `foo` | is not a cookie; in the draft, a value without a name | is a name without a value |
//! | limits | at least 4,096 bytes per cookie and 50 cookies per domain | those of [`Limits`] |
//!
//! **RFC 2109 and RFC 2965**, with `rfc2965` on:
//!
//! - The version at the start of a `Cookie` header is that of its first cookie.
//! - A value of version 1 is quoted only if it needs to be.
//! - `Cookie2: $Version="1"` is sent with cookies of a version other than 1.

#![expect(unused_imports, reason = "the links of the text")]

use crate::policy::Limits;
use crate::{BrowserPolicy, DefaultCookiePolicy};

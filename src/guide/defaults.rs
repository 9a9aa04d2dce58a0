//! # Each default and its reason
//!
//! The flags of [`DefaultCookiePolicy`] are Python's, and so are their defaults:
//!
//! | flag | default | because |
//! |---|---|---|
//! | `netscape` | `true` | it is what servers speak |
//! | `rfc2965` | `false` | hardly any server uses it, and RFC 6265 has replaced it |
//! | `rfc2109_as_netscape` | `None` | while `rfc2965` is off, a `Set-Cookie` with `Version=1` is kept as a Netscape cookie instead of being lost; while it is on, as an RFC 2109 cookie |
//! | `hide_cookie2` | `false` | section 9.1 of RFC 2965 asks a client to announce it; without `rfc2965` there is nothing to announce |
//! | `strict_domain` | `false` | its short list of second-level names is part of the public suffix list |
//! | `strict_rfc2965_unverifiable` | `true` | required by RFC 2965, section 3.3.6 |
//! | `strict_ns_unverifiable` | `false` | the Netscape protocol has no such rule, and logins that go through other hosts would lose their cookies |
//! | `strict_ns_domain` | `LIBERAL` | browsers let `a.b.acme.com` set a cookie for `acme.com` |
//! | `strict_ns_set_initial_dollar` | `false` | such names only matter to servers that use RFC 2965 |
//! | `strict_ns_set_path` | `false` | browsers let a server name any path, and a path is not a security boundary |
//! | `secure_protocols` | https, wss | the schemes over TLS |
//! | `loopback_is_secure`, which Python does not have | `false` | if on, this machine gets `Secure` cookies over any scheme, as in browsers |
//! | block list, allow list | empty, none | no domain is rejected by name |
//!
//! Four guards are added, each with a switch. [`DefaultCookiePolicy::python`] turns them off:
//!
//! | guard | default | because | off |
//! |---|---|---|---|
//! | [`host_only`](DefaultCookiePolicy::host_only) | a cookie without `Domain` is sent only to its own host | a host that wants to share a cookie sets `Domain`; its subdomains may belong to someone else | `host_only(false)` |
//! | [`suffixes`](DefaultCookiePolicy::suffixes) | a `Domain` outside the registrable domain of the request-host is rejected, or makes a host-only cookie if it equals the request-host. See below | a cookie for all of `com` would reach other people's sites | `suffixes(PublicSuffixes::none())` |
//! | [`reject_control_characters`](DefaultCookiePolicy::reject_control_characters) | a cookie with a control octet other than TAB is rejected, and withheld if it has another source; files may contain it | servers and logs interpret them differently. CR, LF and NUL are always rejected, because they would end the header | `reject_control_characters(false)` |
//! | [`limits`](DefaultCookiePolicy::limits) | see below | a server must not exhaust memory, or make requests too large for any server | `limits(Limits::none())` |
//!
//! The public suffix list decides which `Domain` can be shared, with its rule `*` for names that it does not have:
//! `wiki.corp` may share cookies with its subdomains. Public suffixes (`com`, `co.uk`, `github.io`), names of a
//! single label (`corp`, `localhost`), names above a suffix (`amazonaws.com` for `x.s3.amazonaws.com`) and IP
//! addresses cannot be shared. A cookie for one of them from a file or an earlier policy is sent only to the host
//! of that name, and a host-only cookie that this host sets or deletes replaces it. Hosts without dots may still
//! set `Domain=.local`, which is sent only to hosts without dots; `foo.local` may not.
//!
//! [`Limits::new`]:
//!
//! | limit | default | because |
//! |---|---|---|
//! | `site_cookies`, `site_cookies_kept` | 180, then evicted down to 150 | as many as browsers keep. A site is a registrable domain, so its subdomains share the limit. The number of sites is not limited |
//! | `pair_bytes` | 8,190 | a longer name and value would never fit into a header |
//! | `cookie_bytes` | 12,288 | the longest pair, and 4 KiB for domain, path and attributes |
//! | `field_bytes` | 65,536 | a longer header field is rejected unread |
//! | `header_cookies`, `header_bytes` | 150, 8,190 | common servers reject a longer header line. [`header_bytes`](Limits::header_bytes) has the order; [`explain`](CookieJar::explain) reports the others as [`HeaderFull`](Rejection::HeaderFull) |
//!
//! A flood evicts its own cookies: [`site_cookies_kept`](Limits::site_cookies_kept) has the order. `evil.acme.com`
//! cannot evict the cookies of `www.acme.com`, neither with `Domain` cookies nor with hosts below it, and a host in use
//! always keeps 18 cookies.
//!
//! Limits on storing apply to [`extract_cookies`](CookieJar::extract_cookies) and
//! [`set_cookie_if_ok`](CookieJar::set_cookie_if_ok); [`set_cookie`](CookieJar::set_cookie) and
//! `Extend` ignore them.
//!
//! The jar itself:
//!
//! | what | default | because |
//! |---|---|---|
//! | a request that has a `Cookie` header | keeps it, and the jar adds none ([`Merge::Keep`]) | it was set on purpose. [`Merge::Append`] appends the jar's cookies, [`Merge::Replace`] replaces the header |
//! | a request | counts as verifiable, and as its own origin | only the caller can know more |
//! | responses with status 1xx or 407 | set no cookies | 1xx is not the final response, and 407 comes from a proxy |
//! | the clock | the system's | |
//! | the order of sending | longest path first, then earliest created | RFC 6265, section 5.4. Overwriting a cookie keeps its place |

#![expect(unused_imports, reason = "the links of the text")]

use crate::headers::Merge;
use crate::policy::Limits;
use crate::{CookieJar, DefaultCookiePolicy, Rejection};

//! # Each default and its reason
//!
//! The flags of [`DefaultCookiePolicy`] are Python's, and so are their defaults:
//!
//! | flag | default | because |
//! |---|---|---|
//! | `netscape` | `true` | it is what servers speak |
//! | `rfc2965` | `false` | hardly a server does, and RFC 6265 has taken its place |
//! | `rfc2109_as_netscape` | `None` | a `Set-Cookie` with `Version=1` is kept as a Netscape cookie while `rfc2965` is off, so that it is not lost, and as what it is while `rfc2965` is on |
//! | `hide_cookie2` | `false` | whoever speaks RFC 2965 says so, as its section 9.1 asks; without `rfc2965` nothing is said |
//! | `strict_domain` | `false` | it is a short list of second-level names; the public suffixes know them all |
//! | `strict_rfc2965_unverifiable` | `true` | RFC 2965, section 3.3.6, demands it |
//! | `strict_ns_unverifiable` | `false` | the Netscape protocol has no such rule, and logins that go through other hosts would lose their cookies |
//! | `strict_ns_domain` | `LIBERAL` | browsers let `a.b.acme.com` set a cookie for `acme.com` |
//! | `strict_ns_set_initial_dollar` | `false` | such names are harmless to servers that know no RFC 2965 |
//! | `strict_ns_set_path` | `false` | browsers let a server name any path; a path is no boundary of security |
//! | `secure_protocols` | https, wss | the schemes over TLS |
//! | `loopback_is_secure`, no flag of Python's | `false` | with it, `Secure` cookies go to this very machine over any scheme, as in browsers |
//! | block list, allow list | empty, none | nobody is refused by name |
//!
//! Beside them stand four guards, each with a switch. [`DefaultCookiePolicy::python`] has them off:
//!
//! | guard | default | because | off |
//! |---|---|---|---|
//! | [`host_only`](DefaultCookiePolicy::host_only) | a cookie without `Domain` goes back to its own host only | a host that wants to share says so; what stands below it may be somebody else's | `host_only(false)` |
//! | [`suffixes`](DefaultCookiePolicy::suffixes) | a `Domain` that is not within the registrable domain of the request-host is refused; one that is the request-host itself leaves a host-only cookie, the same as without `Domain`; see below | a cookie for everybody below `com` is nobody's business | `suffixes(PublicSuffixes::none())` |
//! | [`refuse_control_characters`](DefaultCookiePolicy::refuse_control_characters) | a name, value or attribute with a control octet other than TAB is refused, and is not sent if it came in by another way; readers of files take it | servers and logs read them in different ways. CR, LF and NUL are refused even with the guard off: they would end the header | `refuse_control_characters(false)` |
//! | [`limits`](DefaultCookiePolicy::limits) | see below | a server must not fill the memory, nor make requests that no server takes | `limits(Limits::none())` |
//!
//! Whose a `Domain` is, says the public suffix list, with its rule `*` for names that it does not know:
//! `wiki.corp` may share cookies for `wiki.corp` and below. Nobody's to share are public suffixes (`com`,
//! `co.uk`, `github.io`), names of a single label (`corp`, `localhost`), names above a suffix (`amazonaws.com`
//! for `x.s3.amazonaws.com`) and IP addresses. A cookie for one of them that came in by another way, such as
//! a file or an earlier policy, goes to the host of that very name alone, and a host-only cookie that this host
//! sets or deletes takes its place. Hosts without dots may still set
//! `Domain=.local`, which goes to hosts without dots only; `foo.local` may not.
//!
//! [`Limits::new`]:
//!
//! | limit | default | because |
//! |---|---|---|
//! | `site_cookies`, `site_cookies_kept` | 180, then down to 150 | browsers keep as many. A site is a registrable domain, so that sub-domains share the number. Expired cookies go first, then one cookie at a time from the group that ranks highest: see below. There is no limit on the number of sites |
//! | `pair_bytes` | 8,190 | a longer name and value would never fit into a header |
//! | `cookie_bytes` | 12,288 | the longest pair, and 4 KiB for domain, path and attributes: a cookie must not fill the memory, nor a line of a file |
//! | `field_bytes` | 65,536 | a longer header field is rejected unread |
//! | `header_cookies`, `header_bytes` | 150, 8,190 | common servers refuse a longer header line. When it is full, host-only cookies stay before `Domain` cookies, then those with the longest path; [`explain`](CookieJar::explain) says [`HeaderFull`](Rejection::HeaderFull) of the others |
//!
//! Who floods pays. The groups of a site are the `Domain` cookies of its own name, those of the host of
//! that name, and those of each label below it with all hosts below that. The fuller a group, the
//! higher it ranks; all with at most a tenth of the site's limit count as equally full, and among
//! equals it is the one whose latest cookie was sent or stored least recently. Within a group insecure
//! cookies go before `Secure` ones, then the least recently sent; times are whole seconds, and among
//! equals what was never sent goes first, then the older. So `evil.acme.com` can neither with `Domain`
//! cookies nor with hosts below it drive out the cookies of `www.acme.com`, and a host in use keeps 18
//! of them whatever happens. A limit on all cookies together
//! ([`total_cookies`](Limits::total_cookies)) goes by the same rank, with sites for groups.
//!
//! Limits on storing bind [`extract_cookies`](CookieJar::extract_cookies) and
//! [`set_cookie_if_ok`](CookieJar::set_cookie_if_ok); [`set_cookie`](CookieJar::set_cookie) and
//! `Extend` store what they are given.
//!
//! ```
//! use cookiejar::policy::Limits;
//! use cookiejar::{CookieJar, DefaultCookiePolicy};
//!
//! let mut limits = Limits::new();
//! limits.site_cookies = 50;
//! limits.site_cookies_kept = 40;
//! let jar = CookieJar::with_policy(DefaultCookiePolicy::new().limits(limits));
//! ```
//!
//! And the jar itself:
//!
//! | what | default | because |
//! |---|---|---|
//! | a request that has a `Cookie` header | keeps it, and the jar adds none ([`Merge::Keep`]) | whoever set it by hand meant it. [`Merge::Append`] adds the jar's cookies behind it, [`Merge::Replace`] takes it away |
//! | a request | verifiable, and its own origin | only the caller knows better |
//! | the answers 1xx and 407 | set no cookies | the first is not the answer yet, the second is the proxy's |
//! | the clock | the system's | |
//! | the order of sending | longest path first, then earliest created | RFC 6265, section 5.4. Overwriting a cookie keeps its place |

#![expect(unused_imports, reason = "the links of the text")]

use crate::headers::Merge;
use crate::policy::Limits;
use crate::{CookieJar, DefaultCookiePolicy, Rejection};

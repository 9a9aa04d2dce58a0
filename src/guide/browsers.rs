//! # The rules of browsers
//!
//! [`BrowserPolicy`] follows RFC 6265bis, as browsers do. It differs from the default policy in this:
//!
//! | where | default | browsers |
//! |---|---|---|
//! | headers | Python's reading, [`Dialect::Python`] | that of the draft, [`Dialect::Rfc6265bis`]: the last of equal attributes counts, a lone `foo` is a value without a name |
//! | `SameSite` | is read | is enforced; a cookie without it counts as `Lax`, and `SameSite=None` has to be `Secure` |
//! | `__Host-`, `__Secure-`, `__Http-`, `__Host-Http-` | are ordinary names | are checked when a cookie is set, when a file is loaded with [`ask_policy`](crate::file::LoadOptions::ask_policy), and when it is sent. A `__Host-` cookie needs an explicit `Path`, which most files do not record |
//! | a cookie without a name | `=foo` is not a cookie | `foo` and `=foo` are the same cookie, sent as `foo` |
//! | `Secure` | is sent only over secure schemes | is also accepted only from them, and no cookie from an insecure request replaces or shadows it |
//! | `HttpOnly` | is read | is withheld from a request [from a script](Provenance::from_script), and a script cannot replace it |
//! | `Partitioned` | is read | puts the cookie into the partition of the [top-level site](Provenance::partition_key) |
//! | lifetime | as the server says | at most 400 days |
//! | unknown attributes | are kept, as in Python | are dropped, and do not count toward a limit |
//! | hosts without dots | have an effective host name in `.local` | are ordinary names |
//! | third parties | [`unverifiable`](Provenance::unverifiable), if a flag is set | are left to `SameSite` |
//! | RFC 2109, RFC 2965 | are supported | are not supported. A cookie of a version above 0, from the builder or a file, is neither stored nor sent ([`Rfc2965Off`](Rejection::Rfc2965Off)): today's servers would split `$Version=1; a="1; b=2"` |
//! | limits | [`Limits::new`] | [`Limits::browsers`]: 180 cookies per site and 3,300 in total, 4,096 octets of name and value; header limits as by default |
//!
//! `SameSite` depends on facts that a URL does not have. A [`Provenance`] names them:
//!
//! | fact | without it |
//! |---|---|
//! | [`initiator`](Provenance::initiator): the page whose link, form, image or script caused it | the request counts as the user's own and same-site, so `SameSite` withholds no cookie |
//! | [`top_level_navigation`](Provenance::top_level_navigation): the response becomes the page in the address bar | it is not a navigation: from another site, only `SameSite=None` cookies are sent |
//! | [`method`](RequestContext::method) | `GET`; an [`http::Request`] has its own |
//! | [`by_the_user`](Provenance::by_the_user): a bookmark, a reload | the initiator counts |
//! | [`from_script`](Provenance::from_script): `document.cookie` | the request is HTTP, and `HttpOnly` cookies are sent |
//! | [`partition_key`](Provenance::partition_key): the top-level site, such as `https://shop.example` | the request is in no partition |
//!
//! The default is right for a program that chooses its URLs itself. A program that is logged in somewhere and fetches
//! URLs from others should name the page as the initiator:
//!
//! ```
//! use cookiejar::{BrowserPolicy, CookieJar, Provenance, RequestContext};
//! use url::Url;
//!
//! let shop = Url::parse("https://shop.example/cart")?;
//! let mut jar = CookieJar::with_policy(BrowserPolicy::new().lax_allows_unsafe(false));
//! let response = [("Set-Cookie", "cart=7; SameSite=Lax"), ("Set-Cookie", "sid=31d4; SameSite=Strict")];
//! jar.extract_cookies(&response, &shop);
//!
//! let page = Url::parse("https://blog.example/")?;
//! let provenance = Provenance::new().initiator(&page);
//! let link = RequestContext::from(&shop).caused_by(provenance.clone().top_level_navigation(true));
//! assert_eq!(jar.cookie_header(link).expect("a cookie"), "cart=7");
//! let picture = RequestContext::from(&shop).caused_by(provenance);
//! assert!(jar.cookie_header(picture).is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A redirect does not change who caused a request. Requests to a name or address of the loopback count as secure
//! without TLS, unless [`loopback_is_secure`](BrowserPolicy::loopback_is_secure) is off.

#![expect(unused_imports, reason = "the links of the text")]

use crate::policy::{Dialect, Limits};
use crate::{BrowserPolicy, CookieJar, Provenance, Rejection, RequestContext};

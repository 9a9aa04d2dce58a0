//! # Using a jar
//!
//! A client makes two calls at each hop. A redirect, an error response and a retry are hops like any other:
//!
//! 1. [`add_cookie_header`](CookieJar::add_cookie_header) before the request is sent, or
//!    [`add_cookie_header_to`](CookieJar::add_cookie_header_to) where the headers do not know their URL, or
//!    [`cookie_header`](CookieJar::cookie_header) for the bytes alone;
//! 2. [`extract_cookies`](CookieJar::extract_cookies) with the response.
//!
//! Both take the URL of that hop: that of the target, never that of a proxy. The next request starts without the
//! `Cookie` header that the jar wrote.
//!
//! Both accept anything that converts into a [`RequestContext`]: a [`url::Url`], an
//! [`http::Uri`], an [`http::Request`], or a context with a
//! [`Provenance`], such as that of an image on a page of another site.
//!
//! `http::Uri` keeps a path as it was written, `url::Url` resolves `..` and escapes; make the
//! context from the form in which the request is sent.
//!
//! **Looking into a jar** changes nothing: [`get`](CookieJar::get), [`iter`](CookieJar::iter),
//! [`len`](CookieJar::len) see what is stored, expired or not;
//! [`cookies_for`](CookieJar::cookies_for) returns the cookies that a request would get, and
//! [`explain`](CookieJar::explain) also the reason why each other cookie in reach is withheld.
//!
//! **By name and by site**: [`value_for`](CookieJar::value_for) is the value that a request would send under a
//! name, [`remove_for`](CookieJar::remove_for) removes that cookie;
//! [`cookies_of_site`](CookieJar::cookies_of_site), [`clear_site`](CookieJar::clear_site) and
//! [`clear_host`](CookieJar::clear_host) list or clear everything that a site or a host has outside partitions.
//! [`set_cookie_str`](CookieJar::set_cookie_str) stores a cookie from text, and
//! [`insert_pairs`](CookieJar::insert_pairs) those of a copied `Cookie` header.
//!
//! **In a test**, give the jar a [`ManualClock`], or use a [`TestJar`](super::testing). Only a jar's clock reads the
//! time.
//!
//! **In an existing client**, no calls are necessary: [`client`](crate::client) has adapters for reqwest, ureq and
//! `tower` services, each behind a feature. With a client that follows redirects, put cookies into the jar, not into
//! headers.

#![expect(unused_imports, reason = "the links of the text")]

use crate::jar::ManualClock;
use crate::{CookieJar, Provenance, RequestContext};

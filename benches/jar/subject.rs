//! The subjects of the measurements: this crate, the floor, and its peers in Rust, behind one trait.

use std::collections::BTreeSet;
use std::sync::Arc;

use cookie_store::{CookieStore, RawCookie};
use cookiejar::policy::Limits;
use cookiejar::{
    BrowserPolicy, CookieHeader, CookieJar, CookiePolicy, DefaultCookiePolicy, SharedCookieJar,
};
use cookiejar_benches::data::Response;
use http::Request;
use http::header::COOKIE;
use reqwest::cookie::CookieStore as _;
use reqwest::header::HeaderValue;
use url::Url;

use crate::floor::{Floor, SharedFloor};

/// A jar that can be filled and queried, as its documentation shows.
pub(crate) trait Subject {
    const NAME: &'static str;
    /// Whether it sends cookies in the order of RFC 6265, section 5.4.
    const SORTS: bool = true;
    /// Whether it scans all domains for each header.
    const SCANS: bool = false;
    type Header: AsRef<[u8]>;

    fn new() -> Self;

    /// Stores the cookies of a response.
    fn take(&mut self, response: &Response);

    /// The value of the `Cookie` header.
    fn header(&self, url: &Url) -> Option<Self::Header>;
}

/// This crate.
pub(crate) type Ours = CookieJar<DefaultCookiePolicy>;

/// This crate with a policy chosen at run time.
pub(crate) type OursDyn = CookieJar<Arc<dyn CookiePolicy>>;

/// A jar filled with these responses.
pub(crate) fn filled<S: Subject>(responses: &[Response]) -> S {
    let mut subject = S::new();
    for response in responses {
        subject.take(response);
    }
    subject
}

/// A subject that gives a wrong answer is not timed.
#[track_caller]
pub(crate) fn check<S: Subject>(subject: &S, url: &Url, expected: Option<&str>) {
    let header = subject.header(url);
    let text = header
        .as_ref()
        .map(|header| std::str::from_utf8(header.as_ref()).expect("a text"));
    if S::SORTS {
        assert_eq!(text, expected, "{} for {url}", S::NAME);
    } else {
        assert_eq!(
            text.map(pairs),
            expected.map(pairs),
            "{} for {url}",
            S::NAME
        );
    }
}

/// Adds the header to a request, as a client does for a jar that knows no requests.
pub(crate) fn add_header<S>(subject: &S, url: &Url, request: &mut Request<()>)
where
    S: Subject<Header: TryInto<HeaderValue>>,
{
    let header = subject.header(url).map(TryInto::try_into);
    if let Some(Ok(header)) = header {
        request.headers_mut().insert(COOKIE, header);
    }
}

fn pairs(header: &str) -> BTreeSet<&str> {
    header.split("; ").collect()
}

/// A policy with which this crate's jar is measured.
pub(crate) trait Measured: CookiePolicy {
    const NAME: &'static str;

    fn new() -> Self;
}

impl Measured for DefaultCookiePolicy {
    const NAME: &'static str = "cookiejar";

    fn new() -> Self {
        Self::new()
    }
}

impl Measured for BrowserPolicy {
    const NAME: &'static str = "cookiejar, BrowserPolicy";

    /// With the limits of the default policy: those of browsers evict cookies of ten thousand domains.
    fn new() -> Self {
        Self::new().limits(Limits::new())
    }
}

impl Measured for Arc<dyn CookiePolicy> {
    const NAME: &'static str = "cookiejar, dyn policy";

    fn new() -> Self {
        Arc::new(DefaultCookiePolicy::new())
    }
}

impl<P: Measured> Subject for CookieJar<P> {
    const NAME: &'static str = P::NAME;
    type Header = CookieHeader;

    fn new() -> Self {
        Self::with_policy(P::new())
    }

    fn take(&mut self, response: &Response) {
        let report = self.extract_cookies(&response.headers, &response.url);
        debug_assert!(report.rejected.is_empty());
    }

    fn header(&self, url: &Url) -> Option<CookieHeader> {
        self.cookie_header(url)
    }
}

impl Subject for SharedCookieJar {
    const NAME: &'static str = "cookiejar, shared";
    type Header = CookieHeader;

    fn new() -> Self {
        Self::new()
    }

    fn take(&mut self, response: &Response) {
        let report = self.extract_cookies(&response.headers, &response.url);
        debug_assert!(report.rejected.is_empty());
    }

    fn header(&self, url: &Url) -> Option<CookieHeader> {
        self.cookie_header(url)
    }
}

impl Subject for Floor {
    const NAME: &'static str = "floor";
    type Header = Vec<u8>;

    fn new() -> Self {
        Self::default()
    }

    fn take(&mut self, response: &Response) {
        self.take(response);
    }

    fn header(&self, url: &Url) -> Option<Vec<u8>> {
        self.header(url)
    }
}

impl Subject for SharedFloor {
    const NAME: &'static str = "floor, shared";
    type Header = Vec<u8>;

    fn new() -> Self {
        Self::default()
    }

    fn take(&mut self, response: &Response) {
        SharedFloor::take(self, response);
    }

    fn header(&self, url: &Url) -> Option<Vec<u8>> {
        self.header(url)
    }
}

impl Subject for CookieStore {
    const NAME: &'static str = "cookie_store";
    const SORTS: bool = false;
    const SCANS: bool = true;
    type Header = String;

    fn new() -> Self {
        Self::default()
    }

    fn take(&mut self, response: &Response) {
        let cookies = response
            .fields()
            .map(|field| RawCookie::parse(field).expect("a good cookie").into_owned());
        self.store_response_cookies(cookies, &response.url);
    }

    fn header(&self, url: &Url) -> Option<String> {
        let mut header = String::new();
        for (name, value) in self.get_request_values(url) {
            if !header.is_empty() {
                header.push_str("; ");
            }
            header.push_str(name);
            header.push('=');
            header.push_str(value);
        }
        (!header.is_empty()).then_some(header)
    }
}

impl Subject for reqwest::cookie::Jar {
    const NAME: &'static str = "reqwest";
    const SORTS: bool = false;
    const SCANS: bool = true;
    type Header = HeaderValue;

    fn new() -> Self {
        Self::default()
    }

    fn take(&mut self, response: &Response) {
        for field in response.fields() {
            self.add_cookie_str(field, &response.url);
        }
    }

    fn header(&self, url: &Url) -> Option<HeaderValue> {
        self.cookies(url)
    }
}

/// As shared by several threads.
impl Subject for Arc<reqwest::cookie::Jar> {
    const NAME: &'static str = reqwest::cookie::Jar::NAME;
    const SORTS: bool = false;
    const SCANS: bool = true;
    type Header = HeaderValue;

    fn new() -> Self {
        Self::default()
    }

    fn take(&mut self, response: &Response) {
        for field in response.fields() {
            self.add_cookie_str(field, &response.url);
        }
    }

    fn header(&self, url: &Url) -> Option<HeaderValue> {
        self.cookies(url)
    }
}

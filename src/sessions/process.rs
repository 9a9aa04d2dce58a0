//! Processes outgoing requests and incoming responses.

use std::convert::Infallible;
use std::hash::Hash;
#[cfg(feature = "tracing")]
use std::sync::atomic::Ordering;

use super::{CookieSessions, RequestCookies};
use crate::headers::{RequestHeaders, ResponseHeaders};
use crate::jar::{ExtractReport, Listeners};
use crate::log;
use crate::request::RequestContext;
use crate::shared::SharedCookieJar;

impl<K: Eq + Hash + Clone> CookieSessions<K> {
    /// Stores the cookies given with a request, sets its `Cookie` header from its session, and returns a report
    /// on the given ones.
    ///
    /// By default removes an existing `Cookie` header, even if the session has no cookie for the request; see
    /// [`RequestCookies::merge`].
    ///
    /// ```
    /// use cookiejar::headers::Merge;
    /// use cookiejar::{CookieSessions, RequestCookies};
    /// use http::Request;
    /// use url::Url;
    ///
    /// let url = Url::parse("https://acme.com/report")?;
    /// let sessions = CookieSessions::new();
    /// sessions.process_response(&"anna", &[("Set-Cookie", "sid=31d4; Path=/")], &url);
    ///
    /// let mut request = Request::get(url.as_str()).header("Cookie", "mine=1").body(()).expect("a request");
    /// let keep = RequestCookies::new(&"anna").merge(Merge::Append);
    /// sessions.process_request(&keep, &mut request, &url);
    /// assert_eq!(request.headers()["cookie"], "mine=1; sid=31d4");
    ///
    /// sessions.process_request(&"anna", &mut request, &url);
    /// assert_eq!(request.headers()["cookie"], "sid=31d4");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn process_request<'k, 'r>(
        &self,
        cookies: impl Into<RequestCookies<'k, K>>,
        headers: &mut impl RequestHeaders,
        request: impl Into<RequestContext<'r>>,
    ) -> ExtractReport
    where
        K: 'k,
    {
        if !self.is_enabled() {
            return ExtractReport::default();
        }
        let Ok(report) = process_request(self, cookies.into(), headers, &request.into());
        report
    }

    /// Stores the cookies of a response in the jar of its request's session, and returns a report; see
    /// [`CookieJar::extract_cookies`](crate::CookieJar::extract_cookies).
    pub fn process_response<'k, 'r>(
        &self,
        cookies: impl Into<RequestCookies<'k, K>>,
        response: &(impl ResponseHeaders + ?Sized),
        request: impl Into<RequestContext<'r>>,
    ) -> ExtractReport
    where
        K: 'k,
    {
        if !self.is_enabled() {
            return ExtractReport::default();
        }
        let Ok(report) = process_response(self, &cookies.into(), response, &request.into());
        report
    }
}

pub(crate) trait Jars<K> {
    type Error;

    fn jar(&self, key: Option<&K>) -> Result<SharedCookieJar, Self::Error>;

    fn jar_apart(&self) -> SharedCookieJar;

    fn logs_values(&self) -> bool;
}

impl<K: Eq + Hash + Clone> Jars<K> for CookieSessions<K> {
    type Error = Infallible;

    fn jar(&self, key: Option<&K>) -> Result<SharedCookieJar, Infallible> {
        Ok(self.jar(key))
    }

    fn jar_apart(&self) -> SharedCookieJar {
        SharedCookieJar::for_session(&self.inner.table.rules(), Listeners::default())
    }

    #[cfg(feature = "tracing")]
    fn logs_values(&self) -> bool {
        self.inner.logs_values.load(Ordering::Relaxed)
    }

    #[cfg(not(feature = "tracing"))]
    #[allow(clippy::unused_self, reason = "there is no log")]
    fn logs_values(&self) -> bool {
        false
    }
}

pub(crate) fn process_request<K, J: Jars<K>>(
    jars: &J,
    cookies: RequestCookies<'_, K>,
    headers: &mut impl RequestHeaders,
    request: &RequestContext<'_>,
) -> Result<ExtractReport, J::Error> {
    let RequestCookies {
        session,
        send,
        merge,
        given,
        ..
    } = cookies;
    if !send && given.is_empty() {
        return Ok(ExtractReport::default());
    }
    let jar = if send {
        jars.jar(session)?
    } else {
        jars.jar_apart()
    };
    let built = given.iter().map(|given| (given.name, given.build(request)));
    let report = jar.take_given(built, RequestContext::from(request));
    jar.merge_cookie_header(headers, request, merge);
    log::sending(headers, request, jars.logs_values());
    Ok(report)
}

pub(crate) fn process_response<K, J: Jars<K>>(
    jars: &J,
    cookies: &RequestCookies<'_, K>,
    response: &(impl ResponseHeaders + ?Sized),
    request: &RequestContext<'_>,
) -> Result<ExtractReport, J::Error> {
    if !cookies.receive {
        return Ok(ExtractReport::default());
    }
    log::receiving(response, request, jars.logs_values());
    Ok(jars
        .jar(cookies.session)?
        .extract_cookies(response, request))
}

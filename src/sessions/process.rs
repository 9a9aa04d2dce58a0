//! A request on its way out, a response on its way in.

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
    /// Stores the cookies that are given with a request, puts the `Cookie` header of its session on it, and
    /// gives an report of the given ones.
    ///
    /// A `Cookie` header that the request has goes, also when the session has no cookie for it; see
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
    /// # Ok::<(), url::ParseError>(())
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
        let RequestCookies {
            session,
            send,
            merge,
            given,
            ..
        } = cookies.into();
        if !self.is_enabled() || (!send && given.is_empty()) {
            return ExtractReport::default();
        }
        let request = request.into();
        let logs_values = self.logs_values();
        let jar = if send {
            self.jar(session)
        } else {
            // A jar that no one keeps.
            SharedCookieJar::for_session(&self.inner.table.rules(), Listeners::default())
        };
        let built = given
            .iter()
            .map(|given| (given.name, given.build(&request)));
        let report = jar.take_given(built, RequestContext::from(&request));
        jar.merge_cookie_header(headers, &request, merge);
        log::sending(headers, &request, logs_values);
        report
    }

    /// Takes the cookies of a response into the jar of its request's session, and gives an report; see
    /// [`CookieJar::extract_cookies`](crate::CookieJar::extract_cookies).
    ///
    /// ```
    /// use cookiejar::CookieSessions;
    /// use url::Url;
    ///
    /// let sessions: CookieSessions<String> = CookieSessions::new();
    /// let url = Url::parse("https://acme.com/")?;
    /// let report = sessions.process_response(None, &[("Set-Cookie", "sid=31d4")], &url);
    /// assert_eq!(report.stored, 1);
    /// assert_eq!(sessions.jar(None).len(), 1);
    /// # Ok::<(), url::ParseError>(())
    /// ```
    pub fn process_response<'k, 'r>(
        &self,
        cookies: impl Into<RequestCookies<'k, K>>,
        response: &(impl ResponseHeaders + ?Sized),
        request: impl Into<RequestContext<'r>>,
    ) -> ExtractReport
    where
        K: 'k,
    {
        let RequestCookies {
            session, receive, ..
        } = cookies.into();
        if !self.is_enabled() || !receive {
            return ExtractReport::default();
        }
        let request = request.into();
        log::receiving(response, &request, self.logs_values());
        self.jar(session).extract_cookies(response, &request)
    }

    #[cfg(feature = "tracing")]
    fn logs_values(&self) -> bool {
        self.inner.logs_values.load(Ordering::Relaxed)
    }

    #[cfg(not(feature = "tracing"))]
    #[expect(clippy::unused_self, reason = "there is no log")]
    fn logs_values(&self) -> bool {
        false
    }
}

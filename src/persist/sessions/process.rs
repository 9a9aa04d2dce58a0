//! Requests and responses, as sessions in memory process them.

use super::super::PersistError;
use super::{PersistentCookieSessions, SessionKey};
use crate::headers::{RequestHeaders, ResponseHeaders};
use crate::jar::{ExtractReport, Listeners};
use crate::request::RequestContext;
use crate::sessions::{Jars, RequestCookies, process_request, process_response};
use crate::shared::SharedCookieJar;

/// Requests and responses. If a session is not in memory yet, the call blocks until it is loaded; see
/// [`jar`](Self::jar) for async code.
impl<K: SessionKey> PersistentCookieSessions<K> {
    /// Stores the cookies given with a request, and sets the `Cookie` header of its session on it; see
    /// [`CookieSessions::process_request`](crate::CookieSessions::process_request).
    ///
    /// # Errors
    ///
    /// Those of [`jar`](Self::jar).
    pub fn process_request<'k, 'r>(
        &self,
        cookies: impl Into<RequestCookies<'k, K>>,
        headers: &mut impl RequestHeaders,
        request: impl Into<RequestContext<'r>>,
    ) -> Result<ExtractReport, PersistError>
    where
        K: 'k,
    {
        process_request(self, cookies.into(), headers, &request.into())
    }

    /// Stores the cookies of a response in the jar of its request's session; see
    /// [`CookieSessions::process_response`](crate::CookieSessions::process_response).
    ///
    /// # Errors
    ///
    /// Those of [`jar`](Self::jar).
    pub fn process_response<'k, 'r>(
        &self,
        cookies: impl Into<RequestCookies<'k, K>>,
        response: &(impl ResponseHeaders + ?Sized),
        request: impl Into<RequestContext<'r>>,
    ) -> Result<ExtractReport, PersistError>
    where
        K: 'k,
    {
        process_response(self, &cookies.into(), response, &request.into())
    }
}

impl<K: SessionKey> Jars<K> for PersistentCookieSessions<K> {
    type Error = PersistError;

    fn jar(&self, key: Option<&K>) -> Result<SharedCookieJar, PersistError> {
        self.jar(key).wait()
    }

    fn jar_apart(&self) -> SharedCookieJar {
        SharedCookieJar::for_session(&self.database().options().rules, Listeners::default())
    }

    fn logs_values(&self) -> bool {
        false
    }
}

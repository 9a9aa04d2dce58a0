//! The policy without rules.

use super::{CookiePolicy, Protocols, Settings};
use crate::cookie::Cookie;
use crate::rejection::Rejection;
use crate::request::RequestContext;

/// Accepts every cookie and returns every cookie to every host: for tests and tools, never for a
/// client of strangers' servers.
///
/// It speaks both protocols. Expired cookies are not sent, as by no jar.
///
/// ```
/// use cookiejar::{AcceptAllPolicy, CookieJar};
/// use url::Url;
///
/// let mut jar = CookieJar::with_policy(AcceptAllPolicy::new());
/// jar.extract_cookies(&[("Set-Cookie", "a=b; Domain=elsewhere.example")], &Url::parse("http://acme.com/")?);
/// assert!(jar.cookie_header(&Url::parse("http://third.example/")?).is_some());
/// # Ok::<(), url::ParseError>(())
/// ```
#[doc(alias = "NullPolicy")]
#[derive(Debug, Clone)]
pub struct AcceptAllPolicy {
    settings: Settings,
}

impl AcceptAllPolicy {
    /// The policy.
    #[must_use]
    pub fn new() -> Self {
        let both = Protocols {
            rfc2965: true,
            ..Protocols::new()
        };
        Self {
            settings: Settings::new().protocols(both),
        }
    }
}

impl Default for AcceptAllPolicy {
    fn default() -> Self {
        Self::new()
    }
}

impl CookiePolicy for AcceptAllPolicy {
    fn set_ok(&self, _: &Cookie, _: &RequestContext<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn return_ok(&self, _: &Cookie, _: &RequestContext<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn domain_return_ok(&self, _: &str, _: &RequestContext<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn path_return_ok(&self, _: &str, _: &RequestContext<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }
}

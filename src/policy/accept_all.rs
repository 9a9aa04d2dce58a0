//! The policy without rules.

use super::questions::agree_to;
use super::{CookiePolicy, Protocols, Settings};

/// Accepts every cookie and returns every cookie to every host. It is for tests and tools, never for a client of
/// untrusted servers.
///
/// It speaks both protocols.
///
/// ```
/// use cookiejar::CookieJar;
/// use cookiejar::policy::AcceptAllPolicy;
/// use url::Url;
///
/// let mut jar = CookieJar::with_policy(AcceptAllPolicy::new());
/// jar.extract_cookies(&[("Set-Cookie", "a=b; Domain=elsewhere.example")], &Url::parse("http://acme.com/")?);
/// assert!(jar.cookie_header(&Url::parse("http://third.example/")?).is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "NullPolicy")]
#[derive(Debug, Clone)]
pub struct AcceptAllPolicy {
    settings: Settings,
}

impl AcceptAllPolicy {
    /// Creates the policy.
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
    agree_to!(
        set_ok,
        return_ok,
        domain_return_ok,
        path_return_ok,
        prepare,
        replace_ok
    );

    fn settings(&self) -> &Settings {
        &self.settings
    }
}

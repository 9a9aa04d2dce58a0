//! A jar that extracts the cookies of recorded responses.

use time::OffsetDateTime;
use url::Url;

use super::collector::Collector;
use super::error::LoadError;
use super::options::ReadOptions;
use super::report::{Reading, Reason, Source};
use crate::cookie::{Cookie, Fields, UNKNOWN};
use crate::jar::CookieJar;
use crate::octets::is_word;
use crate::policy::CookiePolicy;
use crate::request::{Provenance, RequestContext};
use crate::set_cookie::{Pair, python};

/// Each cookie without a path, and each relative redirect, costs the length of the URL.
const LONGEST_URL: usize = 64 << 10;

pub(super) fn is_short(url: &Url) -> bool {
    url.as_str().len() <= LONGEST_URL
}

pub(super) struct Replay<'o, P> {
    jar: CookieJar<P>,
    pub(super) collector: Collector<'o>,
}

impl<'o, P: CookiePolicy> Replay<'o, P> {
    pub(super) fn new(source: Source, policy: P, options: &'o ReadOptions) -> Self {
        Self {
            jar: CookieJar::with_policy(policy),
            collector: Collector::new(source, options),
        }
    }

    /// Without a list of suffixes, each host is a site.
    pub(super) fn is_one_site(&self, a: &Url, b: &Url) -> bool {
        let suffixes = &self.jar.policy().settings().suffixes;
        let site = |url: &Url| {
            let host = url.host_str().unwrap_or_default();
            let site = if suffixes.is_none() {
                host
            } else {
                suffixes.site(host)
            };
            site.to_owned()
        };
        a.has_host() && b.has_host() && site(a) == site(b)
    }

    pub(super) fn set(
        &mut self,
        line: u64,
        field: &[u8],
        request: &RequestContext<'_>,
        time: Option<OffsetDateTime>,
    ) -> Result<(), LoadError> {
        if time.is_none() && has_max_age(field) {
            return self.collector.push(line, Err(Reason::Expiry));
        }
        let now = time.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let request = RequestContext::from(request).caused_by(Provenance::new().at(now));
        let report = self.jar.extract_cookies(&[("Set-Cookie", field)], request);
        for refused in report.rejected {
            self.collector.push(line, Err(refused.reason.into()))?;
        }
        Ok(())
    }

    /// A cookie that the jar would have sent, too, is not stored. If the jar would have sent one with this name and
    /// another value, it gets this value.
    #[cfg(feature = "json")]
    pub(super) fn sent(
        &mut self,
        line: u64,
        cookie: Cookie,
        request: &RequestContext<'_>,
    ) -> Result<(), LoadError> {
        let known = self.jar.cookies_for(request);
        let mut known = known
            .into_iter()
            .filter(|known| known.name_bytes() == cookie.name_bytes());
        let cookie = match known.next() {
            Some(known) if known.value_bytes() == cookie.value_bytes() => return Ok(()),
            Some(known) => {
                let mut known = known.clone();
                let value = cookie.value_bytes().unwrap_or_default();
                known.set_value(value).map(|()| known)
            }
            None => Ok(cookie),
        };
        let stored = cookie.and_then(|cookie| self.jar.set_cookie_if_ok(cookie, request));
        stored.map_or_else(
            |reason| self.collector.push(line, Err(reason.into())),
            |_| Ok(()),
        )
    }

    pub(super) fn finish(self) -> Result<Reading, LoadError> {
        let Self { jar, mut collector } = self;
        for cookie in jar {
            let is_timed = cookie.creation_time() != Some(OffsetDateTime::UNIX_EPOCH);
            let cookie = if is_timed {
                Ok(cookie)
            } else {
                untimed(&cookie)
            };
            // It has no line: only the options skip cookies here.
            collector.push(0, cookie)?;
        }
        Ok(collector.reading)
    }
}

fn untimed(cookie: &Cookie) -> Result<Cookie, Reason> {
    let fields = Fields {
        created: UNKNOWN,
        ..Fields::from(cookie)
    };
    Ok(fields.pack()?)
}

fn has_max_age(field: &[u8]) -> bool {
    python::parse(field).is_ok_and(|cookie| {
        let mut pairs = cookie.pairs;
        pairs.any(|Pair { key, .. }| is_word(key, b"Max-Age"))
    })
}

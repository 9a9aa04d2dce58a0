//! The two jars, which take the steps of a program.

use std::borrow::Borrow;
use std::sync::Arc;

use cookiejar::headers::Merge;
use cookiejar::jar::ManualClock;
use cookiejar::{
    Cookie, CookieHeader, CookieId, CookieJar, CookiePolicy, Explanation, ExtractReport,
    Provenance, Rejection, RequestContext, SharedCookieJar,
};
use time::{Duration, OffsetDateTime};

use super::list::{Kept, Present};
use super::program::{Made, Outcome, Step, Target, World};

pub(crate) type PlainJar = CookieJar<Arc<dyn CookiePolicy>>;

/// A jar that is compared with the model.
pub(crate) struct Subject<'w, J> {
    pub(crate) world: &'w World,
    pub(crate) clock: ManualClock,
    pub(crate) jar: J,
}

pub(crate) trait Jar: Present {
    fn apply(&mut self, step: &Step, now: i64) -> Outcome;
    /// All cookies in the order of their creation.
    fn cookies(&self) -> Vec<Kept>;
}

fn context(target: &Target) -> RequestContext<'_> {
    let scheme = if target.https { "https" } else { "http" };
    let context = RequestContext::new(scheme, &target.host, None, target.path);
    match &target.partition {
        Some(partition) => context.caused_by(Provenance::new().partition_key(partition)),
        None => context,
    }
}

fn id<'k>(
    partition: Option<&'k str>,
    domain: &'k str,
    path: &'k str,
    name: &'k str,
) -> CookieId<'k> {
    let id = CookieId::new(domain, path, name);
    match partition {
        Some(partition) => id.in_partition(partition),
        None => id,
    }
}

fn id_of(key: &super::program::Key) -> CookieId<'_> {
    id(key.partition.as_deref(), &key.domain, key.path, &key.name)
}

fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).expect("a time")
}

fn made(made: &Made, now: i64) -> Cookie {
    let mut builder = Cookie::builder(&made.name, &made.value)
        .domain(&made.domain)
        .path(made.path)
        .discard(made.discard)
        .secure(made.secure);
    if let Some(seconds) = made.expires {
        builder = builder.expires(at(now + seconds));
    }
    if let Some(partition) = &made.partition {
        builder = builder.partition_key(partition);
    }
    if let Some(seconds) = made.created {
        builder = builder.creation_time(at(now + seconds));
    }
    builder.build().expect("a cookie")
}

fn value(cookie: &impl Borrow<Cookie>) -> String {
    cookie.borrow().value().expect("a value").to_owned()
}

fn report(report: &ExtractReport) -> Outcome {
    let rejected = report
        .rejected
        .iter()
        .map(|rejected| (rejected.name().to_owned(), rejected.reason));
    Outcome::ExtractReport {
        stored: report.stored,
        replaced: report.replaced,
        removed: report.removed,
        evicted: report.evicted,
        rejected: rejected.collect(),
    }
}

fn header(header: Option<CookieHeader>) -> Outcome {
    Outcome::Header(header.map(|header| header.to_str().expect("UTF-8").to_owned()))
}

fn verdict(explanation: &Explanation<impl Borrow<Cookie>>) -> (String, Result<(), Rejection>) {
    (value(&explanation.cookie), explanation.verdict)
}

fn kept(cookie: &impl Borrow<Cookie>) -> Kept {
    let cookie = cookie.borrow();
    let seconds = OffsetDateTime::unix_timestamp;
    Kept {
        partition: cookie.partition_key().map(str::to_owned),
        domain: cookie.domain().to_owned(),
        path: cookie.path().to_owned(),
        name: cookie.name().to_owned(),
        value: value(cookie),
        expires: cookie.expires().map(seconds),
        discard: cookie.discard(),
        secure: cookie.secure(),
        created: cookie.creation_time().map(seconds).expect("it is stored"),
        sent: cookie.last_access_time().map(seconds),
        number: 0,
        site: Default::default(),
    }
    .of_its_site()
}

/// Cookies after a round trip through a file.
#[cfg(feature = "json")]
fn through_a_file(cookies: impl IntoIterator<Item = impl Borrow<Cookie>>) -> Vec<Cookie> {
    use cookiejar::file::{ReadOptions, WriteOptions, json};

    let cookies: Vec<_> = cookies.into_iter().collect();
    let mut file = Vec::new();
    let all = WriteOptions::new()
        .ignore_discard(true)
        .ignore_expires(true);
    json::write(&mut file, cookies.iter().map(Borrow::borrow), &all).expect("a vector takes all");
    let all = ReadOptions::new().ignore_discard(true).ignore_expires(true);
    let reading = json::read(&*file, &all).expect("what was written is read");
    reading.cookies
}

/// Without that format, every format loses something.
#[cfg(not(feature = "json"))]
fn through_a_file(cookies: impl IntoIterator<Item = impl Borrow<Cookie>>) -> Vec<Cookie> {
    let cookies = cookies.into_iter();
    cookies.map(|cookie| cookie.borrow().clone()).collect()
}

/// The two jars have the same calls, except that the names of those for the whole jar differ.
macro_rules! jar {
    ($jar:ty, $all:ident, $copy:ident, $in_parts:literal) => {
        impl Present for Subject<'_, $jar> {
            fn len(&self) -> usize {
                self.jar.len()
            }

            fn is_in_parts(&self) -> bool {
                $in_parts
            }

            fn has(&self, cookie: &Kept) -> bool {
                let Kept {
                    partition,
                    domain,
                    path,
                    name,
                    ..
                } = cookie;
                let found = self.jar.get(id(partition.as_deref(), domain, path, name));
                found.is_some_and(|found| found.value() == Some(&cookie.value))
            }
        }

        impl Jar for Subject<'_, $jar> {
            #[expect(clippy::too_many_lines, reason = "one arm a step")]
            fn apply(&mut self, step: &Step, now: i64) -> Outcome {
                let jar = &mut self.jar;
                match step {
                    Step::Advance(seconds) => {
                        self.clock.advance(Duration::seconds(*seconds));
                        Outcome::Done
                    }
                    Step::Clear => {
                        jar.clear();
                        Outcome::Done
                    }
                    Step::ClearDomain(domain) => Outcome::Count(jar.clear_domain(domain).ok()),
                    Step::ClearPath(domain, path) => {
                        Outcome::Count(jar.clear_path(domain, path).ok())
                    }
                    Step::ClearIn(partition) => Outcome::Count(jar.clear_in(partition).ok()),
                    Step::ClearExpired => Outcome::Count(Some(jar.clear_expired_cookies())),
                    Step::ClearSession => Outcome::Count(Some(jar.clear_session_cookies())),
                    Step::Retain(wish) => Outcome::Count(Some(jar.retain(|cookie| {
                        let (name, domain) = (cookie.name(), cookie.domain());
                        wish.keeps(name, domain, cookie.discard(), cookie.secure())
                    }))),
                    Step::Copy => {
                        let copy = jar.$copy();
                        jar.clear();
                        *jar = copy;
                        Outcome::Done
                    }
                    Step::CopyAside => {
                        #[allow(unused_mut, reason = "the plain jar wants it")]
                        let mut copy = jar.$copy();
                        copy.clear();
                        Outcome::Done
                    }
                    Step::SetLimits(index) => {
                        let policy = self.world.rules.policy(self.world.limits[*index]);
                        jar.set_policy(policy);
                        Outcome::Done
                    }
                    Step::Drain(wish) => {
                        let cookies: Vec<Cookie> = jar.drain().into_iter().collect();
                        assert!(jar.is_empty());
                        let values = cookies.iter().map(value).collect();
                        for cookie in cookies {
                            let (name, domain) = (cookie.name(), cookie.domain());
                            if wish.keeps(name, domain, cookie.discard(), cookie.secure()) {
                                jar.set_cookie(cookie);
                            }
                        }
                        Outcome::Cookies(values)
                    }
                    Step::Restore => {
                        let all = jar.$all();
                        let cookies = through_a_file(all);
                        jar.clear();
                        for cookie in cookies {
                            jar.set_cookie(cookie);
                        }
                        Outcome::Done
                    }
                    Step::Get(key) => {
                        let found = jar.get(id_of(key));
                        Outcome::Cookie(found.as_ref().map(value))
                    }
                    Step::Remove(key) => {
                        let gone = jar.remove(id_of(key));
                        Outcome::Cookie(gone.ok().as_ref().map(value))
                    }
                    Step::Cookies(target) => {
                        let cookies = jar.cookies_for(context(target));
                        Outcome::Cookies(cookies.iter().map(value).collect())
                    }
                    Step::Header(target) => header(jar.cookie_header(context(target))),
                    Step::Merge(target, replace) => {
                        let merge = if *replace {
                            Merge::Replace
                        } else {
                            Merge::Keep
                        };
                        let mut headers = vec![("Cookie".to_owned(), b"own=1".to_vec())];
                        jar.merge_cookie_header(&mut headers, context(target), merge);
                        let header = headers.pop().map(|(_, value)| value);
                        assert!(headers.is_empty());
                        let text = |header| String::from_utf8(header).expect("UTF-8");
                        Outcome::Header(header.map(text))
                    }
                    Step::Explain(target) => {
                        let explained = jar.explain(context(target));
                        Outcome::Verdicts(explained.iter().map(verdict).collect())
                    }
                    Step::Set(cookie) => Outcome::Set(Ok(jar.set_cookie(made(cookie, now)))),
                    Step::SetIfOk(from, cookie) => {
                        Outcome::Set(jar.set_cookie_if_ok(made(cookie, now), context(from)))
                    }
                    Step::Extract(from, fields) => {
                        let response: Vec<_> = fields
                            .iter()
                            .map(|field| ("Set-Cookie", field.text()))
                            .collect();
                        report(&jar.extract_cookies(&response, context(from)))
                    }
                }
            }

            fn cookies(&self) -> Vec<Kept> {
                let all = self.jar.$all();
                all.into_iter().map(|cookie| kept(&cookie)).collect()
            }
        }
    };
}

jar!(PlainJar, iter, clone, false);
jar!(SharedCookieJar, snapshot, fork, true);

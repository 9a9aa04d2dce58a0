//! `import`: cookies that no response set.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use super::calls::{self, Jar, Open, Room};
use super::extract::check_size;
use super::{CookieJar, Rejected, aliases};
use crate::cookie::{Cookie, CookieId};
use crate::domain;
use crate::log;
use crate::options::options;
use crate::policy::CookiePolicy;
use crate::rejection::Rejection;
use crate::request::{Provenance, RequestContext};
use crate::store::{Bucket, ChangeCause, CookieChange, Sink, Store};

/// Options for [`CookieJar::import`].
///
/// ```
/// use cookiejar::jar::ImportOptions;
/// use cookiejar::{Cookie, CookieJar, Rejection};
///
/// let mut jar = CookieJar::new();
/// jar.set_cookie(Cookie::builder("a", "mine").domain("acme.com").build()?);
/// let cookies = [
///     Cookie::builder("a", "theirs").domain("acme.com").build()?,
///     Cookie::builder("b", "1").domain(".com").build()?,
/// ];
/// let options = ImportOptions::new().ask_policy(true).keep_present(true);
/// let report = jar.import(cookies, &options);
/// assert_eq!((report.stored, report.yielded), (0, 1));
/// assert_eq!(report.rejected[0].reason, Rejection::PublicSuffix);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportOptions {
    keep_present: bool,
    ask_policy: bool,
    limited: bool,
}

impl ImportOptions {
    /// Stores every cookie, which replaces one with the same partition, domain, path and name.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    options! {
        /// Sets whether a cookie of the jar is kept when an imported one would replace it. Defaults to `false`.
        keep_present: bool;
        /// Sets whether the jar's policy is asked about each cookie, as if the cookie's own host had sent it over
        /// `https`. Defaults to `false`.
        ask_policy: bool;
        /// Sets whether the limits of the jar's policy apply. Defaults to `false`.
        limited: bool;
    }
}

/// The report of [`CookieJar::import`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportReport {
    /// Cookies that are new in the jar.
    pub stored: usize,
    /// Cookies that replaced others.
    pub replaced: usize,
    /// Cookies of the jar that were evicted because their site, or the whole jar, had too many.
    pub evicted: usize,
    /// Imported cookies that yielded to those of the jar; see [`ImportOptions::keep_present`].
    pub yielded: usize,
    /// The cookies that were rejected, in the order given.
    pub rejected: Vec<Rejected>,
}

impl Sink for ImportReport {
    fn changed(&mut self, change: &CookieChange<'_>) {
        match change.cause {
            ChangeCause::Stored => self.stored += 1,
            ChangeCause::Replaced => self.replaced += 1,
            ChangeCause::Evicted => self.evicted += 1,
            ChangeCause::Removed | ChangeCause::Cleared | ChangeCause::Expired => {}
        }
    }
}

/// Shows the counts, and a line for each rejected cookie.
impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            stored,
            replaced,
            evicted,
            yielded,
            rejected,
        } = self;
        write!(
            f,
            "{stored} stored, {replaced} replaced, {evicted} evicted, {yielded} yielded, {} rejected",
            rejected.len()
        )?;
        rejected.iter().try_for_each(|one| write!(f, "\n{one}"))
    }
}

/// Importing.
impl<P: CookiePolicy> CookieJar<P> {
    /// Stores cookies that no response set, such as those that [`file::load`](crate::file::load) read, and returns a
    /// report.
    ///
    /// The policy is asked, and its limits apply, only if the options say so. An imported cookie that has expired is
    /// stored: it deletes nothing, and a later call removes it. A cookie of the jar that has expired counts as absent.
    ///
    /// ```
    /// use cookiejar::CookieJar;
    /// use cookiejar::file::{self, CookiesTxt, ReadOptions};
    /// use cookiejar::jar::ImportOptions;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("cookies.txt");
    /// # std::fs::write(&path, "# Netscape HTTP Cookie File\nacme.com\tFALSE\t/\tFALSE\t0\tsid\t31d4\n")?;
    /// let reading = file::load(&path, &CookiesTxt, &ReadOptions::new().ignore_discard(true))?;
    /// let mut jar = CookieJar::new();
    /// let report = jar.import(reading.cookies, &ImportOptions::new().ask_policy(true));
    /// assert_eq!(report.to_string(), "1 stored, 0 replaced, 0 evicted, 0 yielded, 0 rejected");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn import(
        &mut self,
        cookies: impl IntoIterator<Item = Cookie>,
        options: &ImportOptions,
    ) -> ImportReport {
        calls::import(self, cookies.into_iter().collect(), options.into())
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Import<'o> {
    pub(crate) options: &'o ImportOptions,
    /// Seconds since the epoch, or `None` for the jar's clock. An imported cookie that has expired by then is stored,
    /// and deletes no other.
    pub(crate) now: Option<i64>,
    pub(crate) clear: bool,
}

impl<'o> From<&'o ImportOptions> for Import<'o> {
    fn from(options: &'o ImportOptions) -> Self {
        Self {
            options,
            now: None,
            clear: false,
        }
    }
}

pub(crate) fn import<J: Jar>(jar: &mut J, cookies: Vec<Cookie>, how: Import<'_>) -> ImportReport {
    let (policy, now, room) = jar.rules_and_room("", how.now);
    let mut report = ImportReport::default();
    let mut admitted = Vec::with_capacity(cookies.len());
    for mut cookie in cookies {
        match check(&*policy, &mut cookie, how.options, now) {
            Ok(()) => admitted.push(cookie),
            Err(reason) => {
                let name = cookie.name_bytes();
                log::rejected(&name, cookie.domain(), reason);
                report.rejected.push(Rejected::new(&name, reason));
            }
        }
    }
    let plan = room.plan(admitted.iter().map(Cookie::domain), None);
    room.open_all(&plan, |open| {
        store(open, &*policy, admitted, (how, now), &mut report);
    });
    room.note_stored(report.stored, &policy.settings().limits);
    report
}

#[derive(Default)]
pub(crate) struct Amendment {
    pub(crate) remove: Vec<CookieId<'static>>,
    pub(crate) store: Vec<Cookie>,
}

/// `decide` gets all cookies in order of creation, and `look` the resulting ones; no other call comes between. Cookies
/// of `domains` may be stored; no policy is asked. Also returns the number removed.
pub(crate) fn amend<'d, J: Jar, D, T>(
    jar: &mut J,
    domains: impl Iterator<Item = &'d str>,
    now: i64,
    decide: impl FnOnce(&[&Cookie]) -> (Amendment, D),
    look: impl FnOnce(&[&Cookie], D) -> T,
) -> (ImportReport, usize, T) {
    let (policy, now, room) = jar.rules_and_room("", Some(now));
    let plan = room.plan(domains, None);
    let mut report = ImportReport::default();
    let (removed, seen) = room.open_all(&plan, |open| {
        let (Amendment { remove, store: new }, decided) = decide(&all_cookies(open));
        let removed = remove.into_iter().filter(|id| {
            let (store, mut sink) = open.shelf(id.domain()).change(());
            store.remove(id, ChangeCause::Cleared, &mut sink).is_some()
        });
        let removed = removed.count();
        let options = ImportOptions::new();
        store(open, &*policy, new, ((&options).into(), now), &mut report);
        (removed, look(&all_cookies(open), decided))
    });
    room.note_stored(report.stored, &policy.settings().limits);
    (report, removed, seen)
}

fn all_cookies<'o>(open: &'o Open<'_, '_>) -> Vec<&'o Cookie> {
    let buckets = open.stores().flat_map(Store::buckets);
    let mut cookies: Vec<_> = buckets.flat_map(Bucket::cookies).collect();
    cookies.sort_by_cached_key(|cookie| cookie.creation_key());
    cookies
}

fn store<P: CookiePolicy + ?Sized>(
    open: &mut Open<'_, '_>,
    policy: &P,
    admitted: Vec<Cookie>,
    (how, now): (Import<'_>, i64),
    report: &mut ImportReport,
) {
    if how.clear {
        calls::clear_all(open);
    }
    let mut terms = open.terms(policy.settings(), now);
    if !how.options.limited {
        terms = terms.without_limits();
    }
    let own = own_cookies(&admitted);
    let keep_present = how.options.keep_present && !how.clear;
    for cookie in admitted {
        let alias = aliases::dotless_host(&cookie, now, policy, open)
            .filter(|host| !own.contains(&key(host, &cookie)));
        let is_there = || aliases::alive(cookie.domain(), &cookie, now, open).is_some();
        if keep_present && (alias.is_some() || is_there()) {
            report.yielded += 1;
            continue;
        }
        let displaced = aliases::take(alias.into_iter(), &cookie, now, open, report);
        let (store, mut sink) = open.shelf(cookie.domain()).change(&mut *report);
        let terms = terms.in_place_of(displaced.as_ref());
        store.set_even_if_expired(cookie, &terms, &mut sink);
    }
    if report.stored > 0 {
        open.evict_surplus(&terms, report);
    }
}

fn check<P: CookiePolicy + ?Sized>(
    policy: &P,
    cookie: &mut Cookie,
    options: &ImportOptions,
    now: i64,
) -> Result<(), Rejection> {
    if options.ask_policy {
        let (host, path) = (
            sender(policy, cookie).into_owned(),
            cookie.path().to_owned(),
        );
        let port = cookie
            .port()
            .and_then(|ports| ports.split(',').next()?.parse().ok());
        let partition = cookie.partition_key().map(str::to_owned);
        let mut request = RequestContext::new("https", &host, port, &path).at_seconds(now);
        if let Some(key) = &partition {
            request = request.caused_by(Provenance::new().partition_key(key));
        }
        if !request.has_host() {
            return Err(Rejection::NoHost);
        }
        policy.prepare(cookie, &request);
        // Most formats do not record whether the server sent the path, and for `/` it makes no difference: an honest
        // `__Host-` cookie passes.
        let said = cookie.path_specified();
        cookie.note_path_specified(said || cookie.path() == "/");
        let verdict = policy.set_ok(cookie, &request);
        cookie.note_path_specified(said);
        verdict?;
    }
    if options.limited {
        check_size(cookie, &policy.settings().limits)?;
    }
    Ok(())
}

/// A host that could have set the cookie. For a domain cookie it is one below, which cannot set a public suffix. Hosts
/// without dots share `.local`.
fn sender<'c, P: CookiePolicy + ?Sized>(policy: &P, cookie: &'c Cookie) -> Cow<'c, str> {
    let domain = domain::undotted(cookie.domain());
    if cookie.domain() == domain::LOCAL {
        return Cow::Borrowed("host");
    }
    let is_suffix = || policy.settings().suffixes.is_public_suffix(domain);
    let is_alone = cookie.host_only()
        || domain::is_ip_address(domain)
        || (!domain.contains('.') && !is_suffix());
    if is_alone {
        Cow::Borrowed(domain)
    } else {
        Cow::Owned(format!("www.{domain}"))
    }
}

type Key = (Option<String>, String, Vec<u8>, Vec<u8>);

fn key(domain: &str, cookie: &Cookie) -> Key {
    (
        cookie.partition_key().map(str::to_owned),
        domain.to_owned(),
        cookie.path_bytes().into_owned(),
        cookie.name_bytes().into_owned(),
    )
}

/// A file that has both a cookie of a host without dots and one under its effective name means both.
fn own_cookies(cookies: &[Cookie]) -> HashSet<Key> {
    let of_dotless = |cookie: &&Cookie| domain::is_dotless(cookie.domain());
    let own = cookies.iter().filter(of_dotless);
    own.map(|cookie| key(cookie.domain(), cookie)).collect()
}

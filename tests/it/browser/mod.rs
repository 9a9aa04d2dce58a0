//! [`BrowserPolicy`] against the text of its drafts, against properties that must hold whatever
//! servers send, and against a recorded session of a real browser.
#![cfg(feature = "psl")]

mod limits;
mod properties;
mod recorded;
mod retrieval;
mod storage;

use cookiejar::jar::ManualClock;
use cookiejar::{BrowserPolicy, CookieJar, ExtractReport, Provenance, Rejection, RequestContext};
use time::macros::datetime;
use url::Url;

/// The time at which tests start.
pub(crate) const START: time::OffsetDateTime = datetime!(2026-11-21 08:00 UTC);

/// A jar whose clock stands at [`START`], and that clock.
pub(crate) fn jar_with(policy: BrowserPolicy) -> (CookieJar<BrowserPolicy>, ManualClock) {
    let clock = ManualClock::new(START);
    let mut jar = CookieJar::with_policy(policy);
    jar.set_clock(clock.clone());
    (jar, clock)
}

pub(crate) fn jar() -> CookieJar<BrowserPolicy> {
    jar_with(BrowserPolicy::new()).0
}

/// A request as tests write it: its URL, and its provenance.
///
/// ```text
/// request = URL [ " by:" URL ] [ " in:" partition ] [ " top" ] [ " POST" ] [ " user" ] [ " script" ]
/// ```
#[track_caller]
pub(crate) fn context(text: &str) -> RequestContext<'static> {
    let mut words = text.split(' ');
    let url = Url::parse(words.next().expect("a URL")).expect("a URL");
    let mut context = RequestContext::from(&url).into_owned();
    let mut provenance = Provenance::new();
    for word in words {
        provenance = match (word, word.split_once(':')) {
            ("top", _) => provenance.top_level_navigation(true),
            ("POST", _) => {
                context = context.method("POST");
                provenance
            }
            ("user", _) => provenance.by_the_user(true),
            ("script", _) => provenance.from_script(true),
            (_, Some(("by", page))) => {
                let page = Url::parse(page).expect("a URL");
                provenance.initiator(&page).into_owned()
            }
            (_, Some(("in", key))) => provenance.partition_key(key).into_owned(),
            _ => panic!("{word:?} is not a fact of a request"),
        };
    }
    context.caused_by(provenance)
}

/// Stores one `Set-Cookie` field of a response to `request`.
#[track_caller]
pub(crate) fn set(
    jar: &mut CookieJar<BrowserPolicy>,
    request: &str,
    field: impl AsRef<[u8]>,
) -> ExtractReport {
    jar.extract_cookies(&[("Set-Cookie", field)], context(request))
}

/// The same for a field that must be accepted.
#[track_caller]
pub(crate) fn must_set(jar: &mut CookieJar<BrowserPolicy>, request: &str, field: &str) {
    assert_eq!(verdict(&set(jar, request, field)), Ok(()), "{field}");
}

/// The report's verdict on the only cookie of its response.
pub(crate) fn verdict(report: &ExtractReport) -> Result<(), Rejection> {
    report
        .rejected
        .first()
        .map_or(Ok(()), |rejected| Err(rejected.reason))
}

/// Returns the `Cookie` header for a request, or an empty string without cookies.
#[track_caller]
pub(crate) fn header(jar: &CookieJar<BrowserPolicy>, request: &str) -> String {
    let header = jar.cookie_header(context(request));
    header.map_or_else(String::new, |header| {
        header.to_str().expect("UTF-8").to_owned()
    })
}

use super::*;

#[test]
fn every_number_of_seconds_has_a_date() {
    assert_eq!(date_time(0), OffsetDateTime::UNIX_EPOCH);
    assert_eq!(date_time(i64::MAX).year(), 9999);
    assert_eq!(date_time(i64::MIN).year(), -9999);
}

thread_local! {
    /// How often this thread has read the system's clock.
    pub(super) static READINGS: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// What `wasm32-unknown-unknown` needs, where reading the system's clock panics.
#[test]
fn a_jar_with_a_clock_never_reads_the_system_s() {
    use crate::policy::DefaultCookiePolicy;
    use crate::public_suffix::PublicSuffixes;
    use crate::{CookieJar, CookieSessions, SharedCookieJar};

    let clock = ManualClock::new(date_time(1_800_000_000));
    let policy = || DefaultCookiePolicy::with_suffixes(PublicSuffixes::none());
    let url = url::Url::parse("https://acme.com/").expect("a URL");
    let response = [("Set-Cookie", "a=1; Max-Age=60"), ("Set-Cookie", "b=2")];
    READINGS.set(0);

    let mut jar = CookieJar::with_policy(policy());
    jar.set_clock(clock.clone());
    jar.extract_cookies(&response, &url);
    assert!(jar.cookie_header(&url).is_some());
    assert_eq!(jar.explain(&url).len(), 2);
    jar.clear_expired_cookies();
    let shared = SharedCookieJar::with_policy(policy());
    shared.set_clock(clock.clone());
    shared.extract_cookies(&response, &url);
    assert!(shared.cookie_header(&url).is_some());
    let sessions = CookieSessions::with_policy(policy());
    sessions.set_clock(clock);
    sessions.process_response(&1, &response, &url);
    sessions.restore(sessions.snapshot());
    sessions.remove_idle(time::Duration::MINUTE);

    assert_eq!(READINGS.get(), 0);
}

#[test]
fn the_system_clock_is_the_default() {
    let shown = JarClock::default().seconds();
    assert!(shown > 1_700_000_000, "the machine's clock reads {shown}");
}

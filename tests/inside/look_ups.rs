//! Look-ups in a jar with a database.

use url::Url;

use super::*;
use crate::clock::JarClock;
use crate::jar::Listeners;
use crate::policy::AcceptAllPolicy;
use crate::shared::{Rules, SharedCookieJar};

#[test]
fn a_look_up_takes_no_lock_of_the_database() {
    let replica = Arc::new(Replica::new(|| 0, || ()));
    let name: Arc<str> = "=anna".into();
    let rules = Rules::new(Arc::new(AcceptAllPolicy::new()), JarClock::default());
    let jar = SharedCookieJar::for_session(&rules, Listeners::default());
    jar.attach(|| Attached::session(&replica, &name));
    let url = Url::parse("https://acme.com/").expect("a URL");
    jar.extract_cookies(&[("Set-Cookie", "a=1")], &url);
    assert_eq!(replica.pending(), 1);

    // A thread that locked this again would wait for itself.
    let _state = replica.state();
    assert_eq!(jar.cookie_header(&url).expect("a cookie"), "a=1");
    assert_eq!(jar.cookies_for(&url).len(), 1);
    assert!(jar.get(("acme.com", "/", "a")).is_some());
    assert_eq!(jar.snapshot().len(), 1);
}

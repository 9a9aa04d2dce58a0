//! The changes that the writer drops, and when.

use std::sync::Arc;

use url::Url;

use super::engine::{EngineError, WriterId};
use super::replica::Replica;
use super::writer::{Settled, Writer};
use crate::clock::JarClock;
use crate::jar::Listeners;
use crate::persist::attached::Attached;
use crate::policy::AcceptAllPolicy;
use crate::shared::{Rules, SharedCookieJar};

#[test]
fn nothing_is_given_up_that_is_under_way() {
    let replica = Arc::new(Replica::new(|| 1_000, || ()));
    let name: Arc<str> = "=anna".into();
    let rules = Rules::new(Arc::new(AcceptAllPolicy::new()), JarClock::default());
    let jar = SharedCookieJar::for_session(&rules, Listeners::default());
    jar.attach(|| Attached::session(&replica, &name));
    let place = Arc::clone(jar.inner());
    replica.state().register(&name, place);
    let url = Url::parse("https://acme.com/").expect("a URL");
    for cookie in ["a=1", "b=2", "c=3", "d=4"] {
        jar.extract_cookies(&[("Set-Cookie", cookie)], &url);
    }

    // A rejected batch is halved, and a half that is in flight may be stored.
    let mut writer = Writer::new(WriterId::new(7));
    let batch = writer.prepare(&replica).expect("a batch");
    let refused = Err(EngineError::refused("one of them"));
    assert!(matches!(
        writer.settle(&replica, batch, refused),
        Settled::Done
    ));
    let half = writer.prepare(&replica).expect("a half");
    assert_eq!(writer.bound(&replica, 1), 0);
    assert_eq!(replica.pending(), 4);

    // When the server is unreachable, all of it is pending again.
    let gone = Err(EngineError::unavailable("gone"));
    assert!(matches!(
        writer.settle(&replica, half, gone),
        Settled::Retry(_)
    ));
    assert_eq!(writer.bound(&replica, 1), 3);
    assert_eq!(replica.pending(), 1);
    let rest = writer.prepare(&replica).expect("a batch");
    let sessions = rest.sessions();
    assert!(
        sessions[0].entries[0].identity.ends_with(b"d"),
        "the latest"
    );
    assert_eq!(sessions[0].entries.len(), 1);
}

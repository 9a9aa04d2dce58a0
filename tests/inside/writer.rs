//! The changes that the writer drops, and when.

use std::sync::Arc;

use url::Url;

use super::engine::{EngineError, WriterId};
use super::replica::Replica;
use super::writer::{Batch, Settled, Writer};
use crate::clock::JarClock;
use crate::jar::Listeners;
use crate::persist::attached::Attached;
use crate::policy::AcceptAllPolicy;
use crate::shared::{Rules, SharedCookieJar};

#[path = "repair.rs"]
mod repair;

/// A process with one session.
fn process() -> (Arc<Replica>, SharedCookieJar) {
    let replica = Arc::new(Replica::new(|| 1_000, || ()));
    let jar = attached(&replica, "=anna");
    (replica, jar)
}

fn attached(replica: &Arc<Replica>, session: &str) -> SharedCookieJar {
    let name: Arc<str> = session.into();
    let rules = Rules::new(Arc::new(AcceptAllPolicy::new()), JarClock::default());
    let jar = SharedCookieJar::for_session(&rules, Listeners::default());
    jar.attach(|| Attached::session(replica, &name));
    let place = Arc::clone(jar.inner());
    replica.state().register(&name, place);
    jar
}

fn respond<C: AsRef<[u8]>>(jar: &SharedCookieJar, cookies: impl IntoIterator<Item = C>) {
    let url = Url::parse("https://acme.com/").expect("a URL");
    let headers = cookies.into_iter().map(|cookie| ("Set-Cookie", cookie));
    jar.extract_cookies(&headers.collect::<Vec<_>>(), &url);
}

#[test]
fn a_batch_has_a_session_once_also_if_it_was_halved_or_is_cut() {
    let (replica, jar) = process();
    let mut writer = Writer::new(WriterId::new(7));
    respond(&jar, ["a=1", "b=2"]);
    let batch = writer.prepare(&replica).expect("a batch");
    let refused = Err(EngineError::refused("one of them"));
    writer.settle(&replica, batch, refused);
    let half = writer.prepare(&replica).expect("a half");
    let gone = Err(EngineError::unavailable("gone"));
    writer.settle(&replica, half, gone);
    let batch = writer.prepare(&replica).expect("a batch");
    assert_eq!(lengths(&batch), [2], "both halves, in one part");

    // Two calls that do not fit into one batch: the second waits for the next one.
    let (replica, jar) = process();
    for call in ["a", "b"] {
        respond(&jar, (0..3_000).map(|number| format!("{call}{number}=1")));
    }
    let batch = writer.prepare(&replica).expect("a batch");
    assert_eq!(lengths(&batch), [3_000]);
}

/// The number of entries of each part.
fn lengths(batch: &Batch) -> Vec<usize> {
    let sessions = batch.sessions().into_iter();
    sessions.map(|session| session.entries.len()).collect()
}

#[test]
fn nothing_is_given_up_that_is_under_way() {
    let (replica, jar) = process();
    for cookie in ["a=1", "b=2", "c=3", "d=4"] {
        respond(&jar, [cookie]);
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
    assert_eq!(lengths(&rest), [1]);
}

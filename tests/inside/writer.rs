//! The changes that the writer drops, and when.

use std::sync::Arc;

use url::Url;

use super::engine::{Answer, Applied, EngineError, History, Stamp, Version, WriterId};
use super::pending::Place;
use super::replica::Replica;
use super::writer::{Batch, Settled, Writer};
use crate::clock::JarClock;
use crate::jar::Listeners;
use crate::persist::attached::{Attached, FamilyPlace};
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

/// A jar each of whose families is a session, known once it is written.
fn families(replica: &Arc<Replica>) -> SharedCookieJar {
    let rules = Rules::new(Arc::new(AcceptAllPolicy::new()), JarClock::default());
    let jar = SharedCookieJar::for_session(&rules, Listeners::default());
    jar.attach(|| Attached::families(replica, true));
    let inner = Arc::clone(jar.inner());
    replica.state().follow_all(move |session| {
        let place = FamilyPlace::new(&inner, session)?;
        Some(Arc::new(place) as Arc<dyn Place>)
    });
    jar
}

fn respond_at<C: AsRef<[u8]>>(jar: &SharedCookieJar, url: &str, cookie: C) {
    let url = Url::parse(url).expect("a URL");
    jar.extract_cookies(&[("Set-Cookie", cookie)], &url);
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

/// The clock falls back, and with it the changes of sites that the writer has not heard of.
#[test]
fn changes_of_new_sites_are_restamped_with_the_others() {
    let replica = Arc::new(Replica::new(|| 90_000, || ()));
    let jar = families(&replica);
    let mut writer = Writer::new(WriterId::new(7));
    respond_at(&jar, "https://acme.com/", "a=1");
    let batch = writer.prepare(&replica).expect("a batch");
    respond_at(&jar, "https://example.org/", "b=2");
    let ahead = EngineError::StampAhead {
        clock: 10_000,
        history: History::new(b"h"),
    };
    writer.settle(&replica, batch, Err(ahead));
    respond_at(&jar, "https://example.org/", "c=3");
    let batch = writer.prepare(&replica).expect("a batch");
    let entries = batch
        .sessions()
        .into_iter()
        .flat_map(|session| session.entries.to_vec());
    let mut stamps: Vec<_> = entries.map(|entry| (entry.stamp, entry.identity)).collect();
    stamps.sort_unstable();
    let names: Vec<_> = stamps
        .iter()
        .filter_map(|(_, identity)| identity.last())
        .collect();
    assert_eq!(names, [b"a", b"b", b"c"].map(|name| &name[0]));
    assert!(
        stamps.iter().all(|(stamp, _)| *stamp < Stamp::at(11_000)),
        "{stamps:?}"
    );
}

/// Also those that wait behind a full batch while the database is gone.
#[test]
fn changes_of_new_sites_are_given_up_with_the_others() {
    let replica = Arc::new(Replica::new(|| 1_000, || ()));
    let jar = families(&replica);
    let mut writer = Writer::new(WriterId::new(7));
    let site = |number: u32| format!("https://site{number}.example/");
    for number in 0..2_500 {
        respond_at(&jar, &site(number), "a=1");
    }
    let batch = writer.prepare(&replica).expect("a batch");
    respond_at(&jar, &site(2_500), "a=1");
    writer.settle(&replica, batch, Err(EngineError::unavailable("gone")));
    assert_eq!(writer.bound(&replica, 100), 2_407);
    assert_eq!(replica.pending(), 94);
}

/// The number of a version is the database's.
#[test]
fn the_greatest_version_stops_no_writer() {
    let (replica, jar) = process();
    let mut writer = Writer::new(WriterId::new(7));
    replica.state().begin_at(Version::new(u64::MAX));
    respond(&jar, ["a=1"]);
    let batch = writer.prepare(&replica).expect("a batch");
    let applied = Answer {
        clock: 1_000,
        history: History::new(b"h"),
        value: Applied {
            version: Version::new(u64::MAX),
            taken: 1,
            floor: Stamp::default(),
        },
    };
    writer.settle(&replica, batch, Ok(applied));
    assert_eq!(replica.front().counts.written, 1);
}

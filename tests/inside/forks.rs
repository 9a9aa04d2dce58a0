//! A process that was forked after it opened a database has none of the database's threads.

use std::sync::atomic::Ordering;

use super::super::{PersistError, PersistOptions, PersistentCookieSessions};
use crate::jar::Persistence;
use crate::sessions::SavedSession;
use crate::testing::MemoryEngine;

#[test]
fn every_fallible_call_of_a_fork_is_an_error() {
    let engine = MemoryEngine::new();
    let sessions = PersistentCookieSessions::open(engine, PersistOptions::new()).expect("it opens");
    let key = 7_u32;
    let jar = sessions.jar(&key).wait().expect("it is loaded");
    let loading = sessions.jar(&8);
    let day = std::time::Duration::from_secs(86_400);
    let claim = sessions.claim(&key, day).wait().expect("an answer");
    let claim = claim.expect("it is free");
    let claiming = sessions.claim(&8, day);
    let parent = &sessions.database().replica.process;
    let own = parent.swap(0, Ordering::Relaxed);

    let forked = |result: Option<PersistError>| {
        assert!(matches!(result, Some(PersistError::Forked)), "{result:?}");
    };
    forked(loading.wait().err());
    forked(sessions.jar(&key).wait().err());
    forked(claiming.wait().err());
    forked(sessions.claim(&key, day).wait().err());
    forked(claim.renew(day).wait().err());
    assert!(!claim.is_held());
    drop(claim);
    forked(sessions.load([Some(&key)]).wait().err());
    forked(sessions.remove(&key).err());
    forked(sessions.keys().find_map(Result::err));
    forked(sessions.snapshot().find_map(Result::err));
    let saved = SavedSession::new(Some(key), time::OffsetDateTime::UNIX_EPOCH, []);
    forked(sessions.restore([saved]).err());
    forked(sessions.flush().wait().err());
    forked(sessions.clone().close().err());
    forked(sessions.status().last_error);
    assert!(sessions.get(&key).is_none());
    assert_eq!(sessions.unload_idle(time::Duration::ZERO), 0);
    assert_eq!(jar.persistence(), Persistence::Forked);
    // Neither waits for nor ends what the parent uses.
    drop(sessions.clone());
    parent.store(own, Ordering::Relaxed);
    assert_eq!(jar.persistence(), Persistence::Open);
}

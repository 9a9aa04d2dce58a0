use super::*;

fn connect(engine: &MemoryEngine) -> Connection {
    Connection(engine.connect("default").expect("it is up"))
}

#[test]
fn the_engine_in_memory_keeps_the_contract() {
    check_engine(&MemoryEngine::new());
}

#[test]
fn a_lost_answer_was_stored_and_may_be_sent_again_after_newer_ones() {
    let engine = MemoryEngine::new();
    let mut database = connect(&engine);
    let (old, new) = (database.ago(5), database.ago(1));
    engine.lose_answers(1);
    let entries = [set("a", old, "old")];
    assert!(database.0.apply(&[batch("s", &entries)]).is_err());
    assert_eq!(values(&database.entries("s")), ["old"]);
    connect(&engine).set("s", &[set("a", new, "new")]);
    database.set("s", &entries);
    assert_eq!(values(&database.entries("s")), ["new"]);
}

#[test]
fn lost_versions_begin_a_history() {
    let engine = MemoryEngine::new();
    engine.keep_versions(10);
    let mut database = connect(&engine);
    let stamp = database.ago(5);
    let before = database.0.hello().expect("hello");
    for number in 1..=4 {
        let stamp = Stamp::new(stamp.get() + number);
        database.set("s", &[set("a", stamp, &number.to_string())]);
    }
    assert_eq!(engine.lose_versions("default", 2), 2);
    let after = database.0.hello().expect("hello");
    assert_eq!(after.value.version.get(), 2);
    assert_ne!(after.history, before.history);
    assert_eq!(values(&database.entries("s")), ["2"]);
    assert_eq!(engine.lose_versions("default", 9), 2);
    assert_eq!(database.find("s"), None);
    assert_eq!(database.changed(Version::new(2)), Changed::TooFarBehind);
}

#[test]
fn a_server_that_is_down_and_calls_that_fail() {
    let engine = MemoryEngine::new();
    let mut database = connect(&engine);
    engine.set_down(true);
    assert!(matches!(
        database.0.hello(),
        Err(EngineError::Unavailable(_))
    ));
    assert!(engine.connect("default").is_err());
    engine.set_down(false);
    engine.fail(1);
    assert!(database.0.load(&["s"]).is_err());
    assert!(database.0.load(&["s"]).is_ok());
}

#[test]
fn changes_are_hidden_and_repeated() {
    let engine = MemoryEngine::new();
    let mut database = connect(&engine);
    let stamp = database.ago(0);
    for name in ["a", "b"] {
        database.set("s", &[set(name, stamp, name)]);
    }
    engine.hide_changes(1);
    assert_eq!(database.changes(Version::new(1)).version.get(), 1);
    engine.repeat_changes(1);
    assert_eq!(database.changes(Version::new(1)).sessions.len(), 2);
    assert_eq!(database.changes(Version::new(1)).sessions.len(), 1);
}

#[test]
fn entries_are_refused_and_sessions_dropped() {
    let engine = MemoryEngine::new();
    let mut database = connect(&engine);
    let stamp = database.ago(0);
    engine.refuse(|entry| entry.identity.len() > 3);
    let entries = [set("a", stamp, "1"), set("long", stamp, "2")];
    let rejected = database.0.apply(&[batch("s", &entries)]);
    assert!(matches!(rejected, Err(EngineError::Refused(_))));
    database.set("s", &entries[..1]);
    engine.drop_session("default", "s");
    assert_eq!(database.find("s"), None);
}

#[test]
fn a_servers_clock_that_steps_back_stops_the_namespaces() {
    let engine = MemoryEngine::new();
    engine.set_time(5_000);
    let mut database = connect(&engine);
    assert_eq!(database.clock(), 5_000);
    engine.set_time(3_000);
    assert_eq!(database.clock(), 5_000);
    engine.set_time(5_001);
    assert_eq!(database.clock(), 5_001);
}

/// An engine that changes the batches and answers of another one.
struct Altered<F>(MemoryEngine, F);

/// An engine whose claims break the contract.
struct BadClaims(MemoryEngine, Grant);

struct BadConnection(Box<dyn Database>, Grant);

/// Answers a claim.
type Grant = fn(&mut dyn Database, &str, ClaimOwner, Duration) -> ClaimAnswer;

type ClaimAnswer = Result<Answer<Option<Granted>>, EngineError>;

impl Engine for BadClaims {
    fn connect(&self, namespace: &str) -> Result<Box<dyn Database>, EngineError> {
        let database = self.0.connect(namespace)?;
        Ok(Box::new(BadConnection(database, self.1)))
    }
}

impl Database for BadConnection {
    fn apply(&mut self, batch: &[SessionBatch<'_>]) -> Result<Answer<Applied>, EngineError> {
        self.0.apply(batch)
    }

    fn load(
        &mut self,
        sessions: &[&str],
    ) -> Result<Answer<crate::persist::engine::Loaded>, EngineError> {
        self.0.load(sessions)
    }

    fn changes(&mut self, after: Version, wait: Duration) -> Result<Answer<Changed>, EngineError> {
        self.0.changes(after, wait)
    }

    fn sessions(
        &mut self,
        after: Option<&str>,
        at_most: usize,
    ) -> Result<Answer<Vec<crate::persist::engine::SessionInfo>>, EngineError> {
        self.0.sessions(after, at_most)
    }

    fn purge(&mut self, before: Stamp, at_most: usize) -> Result<Answer<usize>, EngineError> {
        self.0.purge(before, at_most)
    }

    fn hello(&mut self) -> Result<Answer<crate::persist::engine::Hello>, EngineError> {
        self.0.hello()
    }

    fn claims(&mut self) -> Option<&mut dyn ClaimDatabase> {
        Some(self)
    }
}

impl ClaimDatabase for BadConnection {
    fn claim(&mut self, session: &str, owner: ClaimOwner, time: Duration) -> ClaimAnswer {
        (self.1)(&mut *self.0, session, owner, time)
    }
}

fn claim(
    database: &mut dyn Database,
    session: &str,
    owner: ClaimOwner,
    time: Duration,
) -> ClaimAnswer {
    let claims = database.claims().expect("claims");
    claims.claim(session, owner, time)
}

#[test]
fn claims_that_break_the_contract_are_found() {
    let breaks: [Grant; 6] = [
        |database, session, _, time| claim(database, session, ClaimOwner::new(7), time),
        |database, _, owner, time| claim(database, "one", owner, time),
        |database, session, owner, time| claim(database, session, owner, time / 1_000),
        |database, session, owner, time| claim(database, session, owner, time * 1_000),
        |database, session, owner, time| {
            let mut answer = claim(database, session, owner, time)?;
            if let Some(granted) = &mut answer.value {
                granted.token = 1;
            }
            Ok(answer)
        },
        |database, session, owner, time| {
            let mut answer = claim(database, session, owner, time)?;
            if let Some(granted) = &mut answer.value {
                granted.version = Version::default();
            }
            Ok(answer)
        },
    ];
    for (number, grant) in breaks.into_iter().enumerate() {
        let engine = BadClaims(MemoryEngine::new(), grant);
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            check_engine(&engine);
        }));
        assert!(checked.is_err(), "break {number} was not found");
    }
}

struct AlteredConnection<F>(Box<dyn Database>, F);

/// The changed data: a batch before it is stored, or the answer of a load.
type Alter = fn(&mut Vec<Entry>);

impl Engine for Altered<Alter> {
    fn connect(&self, namespace: &str) -> Result<Box<dyn Database>, EngineError> {
        let database = self.0.connect(namespace)?;
        Ok(Box::new(AlteredConnection(database, self.1)))
    }
}

impl Database for AlteredConnection<Alter> {
    fn apply(&mut self, batch: &[SessionBatch<'_>]) -> Result<Answer<Applied>, EngineError> {
        self.0.apply(batch)
    }

    fn load(
        &mut self,
        sessions: &[&str],
    ) -> Result<Answer<crate::persist::engine::Loaded>, EngineError> {
        let mut answer = self.0.load(sessions)?;
        for session in answer.value.sessions.iter_mut().flatten() {
            (self.1)(&mut session.entries);
        }
        Ok(answer)
    }

    fn changes(&mut self, after: Version, wait: Duration) -> Result<Answer<Changed>, EngineError> {
        self.0.changes(after, wait)
    }

    fn sessions(
        &mut self,
        after: Option<&str>,
        at_most: usize,
    ) -> Result<Answer<Vec<crate::persist::engine::SessionInfo>>, EngineError> {
        self.0.sessions(after, at_most)
    }

    fn purge(&mut self, before: Stamp, at_most: usize) -> Result<Answer<usize>, EngineError> {
        self.0.purge(before, at_most)
    }

    fn hello(&mut self) -> Result<Answer<crate::persist::engine::Hello>, EngineError> {
        self.0.hello()
    }

    fn claims(&mut self) -> Option<&mut dyn ClaimDatabase> {
        self.0.claims()
    }
}

#[test]
fn engines_that_break_the_contract_are_found() {
    let breaks: [Alter; 4] = [
        |entries| entries.retain(|entry| !entry.is_tombstone()),
        |entries| {
            for entry in entries {
                entry.writer = WriterId::new(1);
            }
        },
        |entries| entries.truncate(1),
        |entries| {
            for record in entries.iter_mut().filter_map(|entry| entry.record.as_mut()) {
                record.expires = record.expires.map(|expires| expires.max(0));
            }
        },
    ];
    for (number, alter) in breaks.into_iter().enumerate() {
        let engine = Altered(MemoryEngine::new(), alter);
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            check_engine(&engine);
        }));
        assert!(checked.is_err(), "break {number} was not found");
    }
}

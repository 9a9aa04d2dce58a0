//! Claims of sessions, over the loader's connection; they are released behind the changes of the session.
//!
//! It knows no key.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime};

use super::PersistError;
use super::database::Database;
use super::engine::{
    Answer, ClaimOwner, Database as Connection, EngineError, Granted, History, MAX_CLAIM, Version,
};
use super::replica::Replica;
use super::state::{Load, State};
use super::threads::LOADER;
use crate::shared::SharedCookieJar;

const CLAIMS: usize = 64;

/// How long an answer may take, loading the session included.
pub(super) const PATIENCE: Duration = Duration::from_secs(15);

/// A claim that may be held. If no call waits for it, the last drop releases it.
pub(crate) struct Held {
    database: Arc<Database>,
    session: Arc<str>,
    owner: ClaimOwner,
    /// Keeps the session in memory, and with it the release.
    _jar: SharedCookieJar,
    may_be_granted: AtomicBool,
    grant: Mutex<Option<Grant>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) granted: Granted,
    history: History,
    /// When it lapses: not after the database's time for it.
    until: Instant,
}

type Reply = Result<Option<Grant>, PersistError>;

pub(crate) struct Question {
    held: Weak<Held>,
    for_at_most: Duration,
    reply: Mutex<Option<Reply>>,
}

#[derive(Default)]
pub(super) struct Questions(Mutex<VecDeque<Arc<Question>>>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The process and the time distinguish a process from its forks.
fn random_owner() -> ClaimOwner {
    let salt = (std::process::id(), SystemTime::now());
    let half = || u128::from(RandomState::new().hash_one(salt));
    ClaimOwner::new(half() << 64 | half())
}

impl Held {
    pub(crate) fn new(database: &Arc<Database>, session: Arc<str>, jar: SharedCookieJar) -> Self {
        Self {
            database: Arc::clone(database),
            session,
            owner: random_owner(),
            _jar: jar,
            may_be_granted: AtomicBool::new(false),
            grant: Mutex::default(),
        }
    }

    pub(crate) fn ask(self: &Arc<Self>, for_at_most: Duration) -> Arc<Question> {
        let question = Arc::new(Question {
            held: Arc::downgrade(self),
            for_at_most: for_at_most.clamp(Duration::from_millis(1), MAX_CLAIM),
            reply: Mutex::default(),
        });
        lock(&self.database.questions.0).push_back(Arc::clone(&question));
        self.database.work.raise();
        question
    }

    pub(crate) fn token(&self) -> u64 {
        let grant = lock(&self.grant);
        grant.as_ref().map_or(0, |grant| grant.granted.token)
    }

    pub(crate) fn is_held(&self) -> bool {
        let grant = lock(&self.grant).clone();
        self.database.check().is_ok()
            && grant.is_some_and(|grant| {
                let history = &self.database.replica.front().history;
                Instant::now() < grant.until && history.as_ref() == Some(&grant.history)
            })
    }

    /// Returns `None` until the session is read up to the grant. Asks again if another history has begun.
    pub(crate) fn begin(
        self: &Arc<Self>,
        question: &mut Arc<Question>,
    ) -> Option<Result<bool, PersistError>> {
        let grant = match question.reply()? {
            Ok(Some(grant)) => grant,
            Ok(None) => return Some(Ok(false)),
            Err(error) => return Some(Err(error)),
        };
        let state = self.database.replica.state();
        let is_same = state.front().history.as_ref() == Some(&grant.history);
        let is_read = state.is_read_up_to(&self.session, grant.granted.version);
        drop(state);
        if !is_same {
            *question = self.ask(question.for_at_most);
            return None;
        }
        is_read.then(|| {
            *lock(&self.grant) = Some(grant);
            Ok(true)
        })
    }

    /// A claim with another token had another owner in the meantime.
    pub(crate) fn renew(&self, question: &Question) -> Option<Result<bool, PersistError>> {
        let reply = question.reply()?;
        let renewed = match reply {
            Ok(renewed) => renewed,
            Err(error) => return Some(Err(error)),
        };
        let token = self.token();
        let mut grant = lock(&self.grant);
        match (renewed, &mut *grant) {
            (Some(renewed), Some(grant)) if renewed.granted.token == token => *grant = renewed,
            (renewed, Some(grant)) => {
                grant.until = Instant::now();
                if renewed.is_some() {
                    self.release();
                }
                return Some(Ok(false));
            }
            (_, None) => return Some(Ok(false)),
        }
        Some(Ok(true))
    }

    pub(crate) fn end(&self) {
        if self.may_be_granted.swap(false, Ordering::Relaxed) {
            self.release();
        }
    }

    fn release(&self) {
        let replica = &self.database.replica;
        if replica.check().is_ok() {
            replica.release(&self.session, self.owner);
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.end();
    }
}

impl Question {
    fn reply(&self) -> Option<Reply> {
        lock(&self.reply).clone()
    }

    fn answer(&self, reply: Reply) {
        *lock(&self.reply) = Some(reply);
    }
}

/// Returns whether there were claims to ask for.
pub(super) fn ask(
    database: &Database,
    connection: &mut Option<Box<dyn Connection>>,
) -> Result<bool, EngineError> {
    for number in 0..CLAIMS {
        let Some(question) = lock(&database.questions.0).pop_front() else {
            return Ok(number > 0);
        };
        if let Some(held) = question.held.upgrade()
            && let Err(error) = ask_one(database, connection, &question, &held)
        {
            // None of the others is worth the wait.
            for question in std::mem::take(&mut *lock(&database.questions.0)) {
                question.answer(Err(error.clone().into()));
            }
            return Err(error);
        }
    }
    Ok(true)
}

/// Fails only if the connection does.
fn ask_one(
    database: &Database,
    connection: &mut Option<Box<dyn Connection>>,
    question: &Question,
    held: &Held,
) -> Result<(), EngineError> {
    let asked = Instant::now();
    let before = held.may_be_granted.swap(true, Ordering::Relaxed);
    let answer = database.call(LOADER, connection, |connection| {
        let claims = connection.claims();
        claims
            .map(|claims| claims.claim(&held.session, held.owner, question.for_at_most))
            .transpose()
    });
    let (may_be_granted, reply) = match answer {
        Ok(Some(answer)) => {
            granted(&database.replica, &held.session, &answer);
            let grant = answer.value.map(|granted| Grant {
                granted,
                history: answer.history,
                until: asked + question.for_at_most,
            });
            (grant.is_some(), Ok(grant))
        }
        Ok(None) => (false, Err(PersistError::NoClaims)),
        Err(error @ (EngineError::Unavailable(_) | EngineError::Fatal(_))) => {
            question.answer(Err(error.clone().into()));
            return Err(error);
        }
        Err(error) => (before, Err(error.into())),
    };
    // Before the reply: who reads it may release the claim.
    held.may_be_granted.store(may_be_granted, Ordering::Relaxed);
    question.answer(reply);
    database.signal.raise();
    Ok(())
}

/// The session is loaded unless it is read up to the version at which the claim was granted.
pub(crate) fn granted(replica: &Replica, session: &Arc<str>, answer: &Answer<Option<Granted>>) {
    let mut state = replica.state();
    if replica.note(&mut state, answer.clock, &answer.history)
        && let Some(granted) = answer.value
        && !state.is_read_up_to(session, granted.version)
    {
        state.reload(session);
    }
}

impl State {
    pub(crate) fn is_read_up_to(&self, session: &str, version: Version) -> bool {
        let slot = self.slots.get(session);
        slot.is_some_and(|slot| {
            let read = self.cursor.max(Some(slot.as_of));
            slot.is_known && slot.load == Load::Done && read >= Some(version)
        })
    }
}

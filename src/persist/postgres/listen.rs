//! Waits for changes: by polling, and by notifications if the engine's user wants them.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use postgres::fallible_iterator::FallibleIterator;
use postgres::types::Type;

use super::super::engine::EngineError;
use super::error::translate;
use super::session::Session;

/// The number of notifications per second: a commit with one waits for all others of the server.
const PER_SECOND: u32 = 20;

#[derive(Default)]
pub(super) struct Budget(Mutex<Option<(Instant, u32)>>);

impl Budget {
    fn take(&self) -> bool {
        let mut second = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (begin, count) = match *second {
            Some((begin, count)) if begin.elapsed() < Duration::from_secs(1) => (begin, count + 1),
            _ => (Instant::now(), 1),
        };
        *second = Some((begin, count));
        count <= PER_SECOND
    }
}

pub(super) fn notify(
    session: &mut Session,
    budget: &Budget,
    namespace: &str,
) -> Result<(), EngineError> {
    if budget.take() {
        session.query(
            "SELECT pg_notify('cookiejar', $1)",
            &[(&namespace, Type::TEXT)],
        )?;
    }
    Ok(())
}

pub(super) fn listen(session: &mut Session) -> Result<(), EngineError> {
    if !session.is_listening {
        session.run("LISTEN cookiejar")?;
        session.is_listening = true;
    }
    Ok(())
}

pub(super) fn wait(
    session: &mut Session,
    namespace: &str,
    at_most: Duration,
) -> Result<(), EngineError> {
    if !session.is_listening {
        thread::sleep(at_most);
        return Ok(());
    }
    let end = Instant::now() + at_most;
    let mut notifications = session.client.notifications();
    loop {
        let rest = end.saturating_duration_since(Instant::now());
        let next = notifications.timeout_iter(rest).next();
        match next.map_err(translate)? {
            Some(heard) if heard.payload() == namespace => break,
            Some(_) => {}
            // The time is over, or the server has closed the connection.
            None => return Ok(()),
        }
    }
    while notifications.iter().next().map_err(translate)?.is_some() {}
    Ok(())
}

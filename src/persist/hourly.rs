//! The hourly work of each process: removes what is no longer needed, and ends unused sessions.
//!
//! It knows no session in memory.

use std::time::Duration;

use super::engine::{Database, EngineError, MAX_AHEAD, SessionBatch, SessionInfo, Stamp};
use super::options::PersistOptions;
use super::sessions::is_named;

const PURGED_SESSIONS: usize = 1_000;
const PAGE: usize = 1_000;
/// Use is recorded once an hour, so a shorter lifetime would end sessions in use.
const SHORTEST_LIFE: Duration = Duration::from_secs(2 * 60 * 60);

pub(super) fn purge(
    connection: &mut dyn Database,
    options: &PersistOptions,
) -> Result<(), EngineError> {
    if let Some(life) = options.sessions_end_after {
        end_unused(connection, life.max(SHORTEST_LIFE))?;
    }
    let clock = connection.hello()?.clock;
    let before = Stamp::at(clock.saturating_sub(millis(options.tombstones)));
    connection.purge(before, PURGED_SESSIONS)?;
    Ok(())
}

/// Ends the sessions that have not been used for longer than `life`, by the database's clock.
pub(super) fn end_unused(connection: &mut dyn Database, life: Duration) -> Result<(), EngineError> {
    let mut after: Option<String> = None;
    loop {
        let answer = connection.sessions(after.as_deref(), PAGE)?;
        let Some(last) = answer.value.last() else {
            return Ok(());
        };
        after = Some(last.session.clone());
        let latest = answer.clock.saturating_sub(millis(life));
        let is_over = |info: &&SessionInfo| is_named(&info.session) && info.last_used < latest;
        let over = answer.value.iter().filter(is_over);
        let batch: Vec<_> = over.map(|info| end(info, answer.clock)).collect();
        if !batch.is_empty() {
            connection.apply(&batch)?;
        }
    }
}

/// Clears a session at its last use, which keeps later changes of other processes. The stamp of that use may have been
/// ahead of the clock.
fn end(info: &SessionInfo, clock: u64) -> SessionBatch<'_> {
    let last_stamp = info.last_used.saturating_add(MAX_AHEAD + 1);
    SessionBatch {
        session: &info.session,
        cleared: Some(Stamp::at(last_stamp.min(clock))),
        ended: true,
        ..SessionBatch::default()
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/hourly.rs"]
mod tests;

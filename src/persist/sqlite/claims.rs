//! Claims: each is a row until it is released, or purged after it has lapsed.

use std::time::Duration;

use rusqlite::{Error, OptionalExtension, Transaction, params};

use super::super::engine::{ClaimOwner, Granted, SessionBatch, Version};
use super::database::Standing;

pub(super) fn claim(
    transaction: &Transaction<'_>,
    namespace: &str,
    standing: &Standing,
    session: &str,
    owner: ClaimOwner,
    for_at_most: Duration,
) -> Result<Option<Granted>, Error> {
    const HELD: &str = "SELECT owner, token FROM claims \
        WHERE namespace = ?1 AND session = ?2 AND until > ?3";
    const SET: &str = "INSERT OR REPLACE INTO claims VALUES(?1, ?2, ?3, ?4, ?5)";
    let clock = standing.clock.cast_signed();
    let held = transaction
        .prepare_cached(HELD)?
        .query_row(params![namespace, session, clock], |row| {
            Ok((row.get::<_, [u8; 16]>(0)?, row.get(1)?))
        });
    let token = match held.optional()? {
        Some((holder, token)) if octets(owner) == holder => token,
        Some((..)) => return Ok(None),
        None => next_token(transaction, namespace, clock)?,
    };
    let millis = i64::try_from(for_at_most.as_millis()).unwrap_or(i64::MAX);
    let until = clock.saturating_add(millis);
    transaction.prepare_cached(SET)?.execute(params![
        namespace,
        session,
        octets(owner),
        token,
        until
    ])?;
    Ok(Some(Granted {
        token: token.cast_unsigned(),
        version: Version::new(standing.version),
    }))
}

fn next_token(transaction: &Transaction<'_>, namespace: &str, clock: i64) -> Result<i64, Error> {
    const NEXT: &str = "UPDATE namespaces SET token = max(token + 1, ?2 * 1000) \
        WHERE namespace = ?1 RETURNING token";
    let mut next = transaction.prepare_cached(NEXT)?;
    next.query_row(params![namespace, clock], |row| row.get(0))
}

pub(super) fn release(
    transaction: &Transaction<'_>,
    namespace: &str,
    part: &SessionBatch<'_>,
) -> Result<(), Error> {
    const RELEASE: &str = "DELETE FROM claims WHERE namespace = ?1 AND session = ?2 AND owner = ?3";
    if let Some(owner) = part.released {
        let mut release = transaction.prepare_cached(RELEASE)?;
        release.execute(params![namespace, part.session, octets(owner)])?;
    }
    Ok(())
}

pub(super) fn purge(
    transaction: &Transaction<'_>,
    namespace: &str,
    standing: &Standing,
) -> Result<(), Error> {
    const PURGE: &str = "DELETE FROM claims WHERE namespace = ?1 AND until <= ?2";
    let mut purge = transaction.prepare_cached(PURGE)?;
    purge.execute(params![namespace, standing.clock.cast_signed()])?;
    Ok(())
}

fn octets(owner: ClaimOwner) -> [u8; 16] {
    owner.get().to_be_bytes()
}

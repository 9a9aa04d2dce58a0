//! Grants, renews and releases claims, under the lock of the namespace.

use std::time::Duration;

use postgres::types::Type;

use super::super::engine::{Answer, ClaimOwner, EngineError, Granted, Version};
use super::apply::number;
use super::database::{Standing, lock};
use super::session::{Session, Value, column};

pub(super) fn claim(
    session: &mut Session,
    namespace: &str,
    name: &str,
    owner: ClaimOwner,
    for_at_most: Duration,
) -> Result<Answer<Option<Granted>>, EngineError> {
    const CLAIM: &str = "INSERT INTO cookiejar_claims AS c (namespace, session, owner, token, until) \
        VALUES($1, $2, $3, $4, $6) ON CONFLICT (namespace, session) DO UPDATE SET \
        token = CASE WHEN c.until > $5 THEN c.token ELSE excluded.token END, \
        owner = excluded.owner, until = excluded.until \
        WHERE c.owner = excluded.owner OR c.until <= $5 RETURNING token";
    let standing = lock(session, namespace)?;
    let clock = number(standing.clock)?;
    let new = standing
        .token
        .saturating_add(1)
        .max(clock.saturating_mul(1_000));
    let time = i64::try_from(for_at_most.as_millis()).unwrap_or(i64::MAX);
    let until = clock.saturating_add(time);
    let values: &[Value<'_>] = &[
        (&namespace, Type::TEXT),
        (&name.as_bytes(), Type::BYTEA),
        (&&owner.get().to_be_bytes()[..], Type::BYTEA),
        (&new, Type::INT8),
        (&clock, Type::INT8),
        (&until, Type::INT8),
    ];
    let rows = session.query(CLAIM, values)?;
    let Some(row) = rows.first() else {
        return Ok(standing.answer(None));
    };
    let token: i64 = column(row, 0)?;
    if token == new {
        const SET: &str = "UPDATE cookiejar_namespaces SET token = $2 WHERE namespace = $1";
        session.query(SET, &[(&namespace, Type::TEXT), (&token, Type::INT8)])?;
    }
    let granted = Granted {
        token: token.cast_unsigned(),
        version: Version::new(standing.version),
    };
    Ok(standing.answer(Some(granted)))
}

pub(super) fn release(
    session: &mut Session,
    namespace: &str,
    claims: &[(&[u8], ClaimOwner)],
) -> Result<(), EngineError> {
    const RELEASE: &str = "DELETE FROM cookiejar_claims c USING unnest($2, $3) AS g(session, owner) \
        WHERE c.namespace = $1 AND c.session = g.session AND c.owner = g.owner";
    if claims.is_empty() {
        return Ok(());
    }
    let (names, owners): (Vec<_>, Vec<_>) = claims.iter().copied().unzip();
    let owners: Vec<_> = owners
        .iter()
        .map(|owner| owner.get().to_be_bytes())
        .collect();
    let owners: Vec<_> = owners.iter().map(|owner| &owner[..]).collect();
    let values: &[Value<'_>] = &[
        (&namespace, Type::TEXT),
        (&names, Type::BYTEA_ARRAY),
        (&owners, Type::BYTEA_ARRAY),
    ];
    session.query(RELEASE, values)?;
    Ok(())
}

pub(super) fn purge(
    session: &mut Session,
    namespace: &str,
    standing: &Standing,
) -> Result<(), EngineError> {
    const PURGE: &str = "DELETE FROM cookiejar_claims WHERE namespace = $1 AND until <= $2";
    let clock = number(standing.clock)?;
    session.query(PURGE, &[(&namespace, Type::TEXT), (&clock, Type::INT8)])?;
    Ok(())
}

//! Between a cookie and its record: the caller's cipher, and reports of unreadable records.
//!
//! It knows no cipher.

use std::fmt;
use std::sync::Arc;

use super::PersistError;
use super::engine::{Entry, Record, Stamp};
use super::part::Change;
use super::record;
use super::stamper::ROOM;
use crate::cookie::{Cookie, RowError};
use crate::rejection::Rejection;

/// Encrypts the records of cookies, so that a database never sees their values.
///
/// `place` identifies the record: namespace, session, the cookie's identity and its stamp. Use it as associated data of
/// the cipher: then a record that was moved to another place, or that stands under another stamp, fails to open. A
/// database that returns an old record with its old stamp is not detected. The names of sessions, the identities
/// (domain, path, name) and the times stay readable. A cipher must not wait for the database.
pub trait Seal: Send + Sync {
    /// Encrypts a record.
    fn seal(&self, place: &[u8], value: &[u8]) -> Vec<u8>;

    /// Decrypts a record; `None` for bytes that were not sealed for this place with a known key.
    fn open(&self, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>>;
}

/// Why a record was skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SkipReason {
    /// Its stamp is ahead of the database's clock, which no correct engine stores.
    AheadOfClock,
    /// A field is missing or has another type, or the cookie has another identity.
    Field,
    /// [`open`](Seal::open) returned `None`.
    NotOpened,
    /// It is not a valid cookie.
    Rejected(Rejection),
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AheadOfClock => f.write_str("its stamp is ahead of the clock"),
            Self::Field => f.write_str("a field is missing or of another type"),
            Self::NotOpened => f.write_str("it could not be opened"),
            Self::Rejected(reason) => reason.fmt(f),
        }
    }
}

impl From<RowError> for SkipReason {
    fn from(error: RowError) -> Self {
        match error {
            RowError::Field => Self::Field,
            RowError::Rejected(reason) => Self::Rejected(reason),
        }
    }
}

#[derive(Clone, Default)]
pub(crate) struct Codec {
    pub(crate) namespace: String,
    pub(crate) seal: Option<Arc<dyn Seal>>,
}

impl Codec {
    pub(crate) fn encode(&self, session: &str, change: &Change) -> Entry {
        let place = || self.place(session, &change.identity, change.stamp);
        let record = change.cookie.as_ref().map(|cookie| {
            let record = record::encode(cookie);
            match &self.seal {
                None => record,
                Some(seal) => Record {
                    bytes: seal.seal(&place(), &record.bytes).into(),
                    ..record
                },
            }
        });
        Entry {
            identity: Arc::clone(&change.identity),
            stamp: change.stamp,
            writer: change.writer,
            record,
        }
    }

    /// `None` for a tombstone. A cookie's place in the order of creation exceeds its stamp by at most a call of many
    /// cookies: a greater one would advance our clock.
    pub(crate) fn decode(
        &self,
        session: &str,
        entry: &Entry,
    ) -> Result<Option<Cookie>, SkipReason> {
        let Some(record) = &entry.record else {
            return Ok(None);
        };
        let opened = match &self.seal {
            None => None,
            Some(seal) => {
                let place = self.place(session, &entry.identity, entry.stamp);
                Some(
                    seal.open(&place, &record.bytes)
                        .ok_or(SkipReason::NotOpened)?,
                )
            }
        };
        let bytes = opened.as_deref().unwrap_or(&record.bytes);
        let mut cookie = record::decode(&entry.identity, bytes)?;
        cookie.cap_place(entry.stamp.get().saturating_add(ROOM));
        Ok(Some(cookie))
    }

    /// No two places have the same bytes: a namespace contains no NUL, and the length of the session precedes it.
    fn place(&self, session: &str, identity: &[u8], stamp: Stamp) -> Vec<u8> {
        [
            self.namespace.as_bytes(),
            b"\0",
            &(session.len() as u64).to_be_bytes(),
            session.as_bytes(),
            &stamp.get().to_be_bytes(),
            identity,
        ]
        .concat()
    }
}

const MOST_REPORTS: usize = 64;

#[derive(Debug, Default)]
pub(crate) struct Skips {
    pub(crate) count: u64,
    pub(crate) reports: Vec<PersistError>,
}

impl Skips {
    pub(crate) fn add(&mut self, session: &str, reason: SkipReason) {
        self.count += 1;
        if self.reports.len() < MOST_REPORTS {
            let session = session.to_owned();
            self.reports.push(PersistError::Skipped { session, reason });
        }
    }
}

//! The contract between a jar and a database: what an engine stores, how it merges, and what it answers.
//!
//! It knows no jar, no thread and no database. An engine only translates;
//! [`check_engine`](crate::testing::check_engine) tests every sentence of this page.
//!
//! # What is stored
//!
//! A **namespace** has a random id, made with it, and three numbers that never fall:
//!
//! - its *version*: each batch that stores something gets the next one, without a gap
//! - its *clock*, in milliseconds since the Unix epoch: the greater of the server's clock and the greatest it
//!   ever answered
//! - its *floor*: a stamp and a version, written by [`purge`](Database::purge) alone
//!
//! A namespace has **sessions**, by name. A session has `cleared`, a stamp that never falls, the time it was last used, and
//! [entries](Entry), one an identity, each with the version at which it was stored, as `cleared` has. A session is
//! *listed* from the first cookie that is stored in it (a tombstone does not count) until a batch
//! [ends](SessionBatch::ended) it.
//!
//! # The merge rules
//!
//! 1. A batch with a stamp that [is ahead of](Stamp::is_ahead_of) the namespace's clock is rejected with
//!    [`EngineError::StampAhead`], and stores nothing of that session. `cleared` is a stamp, too.
//! 2. `cleared` becomes the greater of the stored one and the batch's. Entries with a smaller stamp are removed, those of
//!    the same batch included.
//! 3. An entry is ignored if its stamp is below the floor's or below `cleared`, or if the stored entry of its identity has
//!    a (stamp, writer) that is not smaller. Every other entry replaces the stored one.
//! 4. Clock, floor, `cleared` and stored entries, by which a batch is judged, are read under the lock under which it is
//!    written.
//! 5. A batch is stored whole or not at all for each of its sessions. It may be sent again after any error: merging twice
//!    is merging once.
//!
//! No client's clock decides anything: engines take the time from their server, if it has one.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

mod error;

pub use error::{Cause, EngineError};

pub use super::entry::{Entry, Record};
pub use super::stamp::{MAX_AHEAD, Stamp, WriterId};

/// The version of the stored format: of [`Record::bytes`], of identities, and of the names of
/// sessions.
///
/// An engine stores it with a namespace when it makes one, and answers it in [`Hello::format`].
pub const FORMAT: u32 = 1;

/// How many entries of one session a jar puts into one batch, at most.
pub const MAX_BATCH: usize = 4_096;

/// The most bytes of a record: 1 MiB. An engine refuses a longer one, and answers a stored longer one without its bytes.
pub const MAX_RECORD: usize = 1 << 20;

/// Whether `name` is a namespace: 1 to 64 of `A-Z a-z 0-9 . _ -`.
///
/// ```
/// use cookiejar::persist::engine::is_namespace;
///
/// assert!(is_namespace("crawler-2.eu_west"));
/// assert!(!is_namespace("") && !is_namespace("a:b") && !is_namespace("é"));
/// ```
#[must_use]
pub fn is_namespace(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=64).contains(&name.len()) && name.bytes().all(allowed)
}

/// Opens connections to a database, and is kept to open them again.
///
/// A jar opens three: one to write, one to read changes, one to load. They are used at the same time, each by one
/// thread.
pub trait Engine: Send + Sync + 'static {
    /// Opens a connection to a namespace, which it makes if it is not there.
    ///
    /// `namespace` was checked with [`is_namespace`]. Two namespaces share nothing, whatever their names. The call
    /// ends within 5 seconds, unless the engine's user chose another time.
    ///
    /// # Errors
    ///
    /// - [`EngineError::Unavailable`]: the database cannot be reached now
    /// - [`EngineError::Fatal`]: it cannot be used, such as a damaged file or the file of another program
    fn connect(&self, namespace: &str) -> Result<Box<dyn Database>, EngineError>;
}

impl<E: Engine + ?Sized> Engine for Arc<E> {
    fn connect(&self, namespace: &str) -> Result<Box<dyn Database>, EngineError> {
        (**self).connect(namespace)
    }
}

impl<E: Engine + ?Sized> Engine for Box<E> {
    fn connect(&self, namespace: &str) -> Result<Box<dyn Database>, EngineError> {
        (**self).connect(namespace)
    }
}

/// A connection to one namespace, used by one thread.
///
/// Calls may block, and end by themselves: 10 seconds for [`apply`](Self::apply), 5 for the others and beyond the wait of
/// [`changes`](Self::changes), unless the engine's user chose another time. After [`EngineError::Unavailable`]
/// a connection is dropped and another one opened.
///
/// No error, no log and no `Debug` of an engine shows a record, or an address with a password in it.
pub trait Database: Send {
    /// Merges a batch by [the merge rules](self#the-merge-rules).
    ///
    /// - Batches without a session, sessions without entries and sessions that occur twice are allowed.
    /// - Every session of the batch that is there, or that the batch makes, counts as used at the server's present time.
    ///   A session without entries and without `cleared` is only that, a *touch*: it makes no session and takes no
    ///   version.
    /// - A batch of which every entry is ignored takes no version.
    /// - A session may have up to [`MAX_BATCH`] entries in a batch, and a batch any number of sessions.
    ///
    /// An engine may give one version to the whole batch, or one to each session. In the second case it may end with
    /// an error after some sessions were stored.
    ///
    /// # Errors
    ///
    /// - [`EngineError::StampAhead`]: see rule 1
    /// - [`EngineError::Refused`]: something in the batch cannot be stored, such as an identity or a record that is
    ///   too long. The jar halves the batch until the entry at fault is alone, and gives that one up.
    /// - [`EngineError::Unavailable`]: the batch may be stored or not
    fn apply(&mut self, batch: &[SessionBatch<'_>]) -> Result<Answer<Applied>, EngineError>;

    /// Loads sessions: their entries, tombstones and expired ones included, and the version as of which they are.
    ///
    /// All of the answer is of one moment: no batch is half in it. Loading does not count as using a session.
    ///
    /// # Errors
    ///
    /// [`EngineError::Unavailable`] or [`EngineError::Fatal`].
    fn load(&mut self, sessions: &[&str]) -> Result<Answer<Loaded>, EngineError>;

    /// Waits for a version greater than `after`, at most for `wait`, and answers all that was stored since `after`.
    ///
    /// `wait` is at most 5 seconds; it may be zero. The wait may end early, without a change.
    ///
    /// # Errors
    ///
    /// [`EngineError::Unavailable`] or [`EngineError::Fatal`].
    fn changes(&mut self, after: Version, wait: Duration) -> Result<Answer<Changed>, EngineError>;

    /// The sessions that are listed, page by page: at most `at_most` of those behind `after`, or from the start.
    ///
    /// The order is the engine's. A session that is listed all the time is answered at least once; one that is
    /// used meanwhile may be answered twice. A page without sessions is the end.
    ///
    /// # Errors
    ///
    /// [`EngineError::Unavailable`] or [`EngineError::Fatal`].
    fn sessions(
        &mut self,
        after: Option<&str>,
        at_most: usize,
    ) -> Result<Answer<Vec<SessionInfo>>, EngineError>;

    /// Removes entries and sessions that are older than `before` and no longer needed, in at most `at_most` sessions.
    /// Answers the number of sessions.
    ///
    /// `before` counts as no later than the first stamp of the namespace's clock. It removes
    ///
    /// - tombstones with a smaller stamp
    /// - entries with a smaller stamp whose expiry, in milliseconds, is before [`before.millis()`](Stamp::millis)
    /// - sessions that are not listed, have a smaller `cleared` and no entries any more
    ///
    /// If it removed anything, then in the same transaction the floor's stamp becomes greater than all stamps removed,
    /// those of `cleared` included, and at most `before`; and the floor's version becomes at least all versions
    /// removed, and at most the namespace's. Neither falls.
    ///
    /// # Errors
    ///
    /// [`EngineError::Unavailable`] or [`EngineError::Fatal`].
    fn purge(&mut self, before: Stamp, at_most: usize) -> Result<Answer<usize>, EngineError>;

    /// Answers the namespace's version, clock and floor. A jar also uses it to check a connection.
    ///
    /// # Errors
    ///
    /// [`EngineError::Unavailable`] or [`EngineError::Fatal`].
    fn hello(&mut self) -> Result<Answer<Hello>, EngineError>;
}

/// What a call of a [`Database`] answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<T> {
    /// The namespace's clock, in milliseconds since the Unix epoch.
    pub clock: u64,
    /// In which history the answer holds.
    pub history: History,
    /// What was asked for.
    pub value: T,
}

/// How many batches a namespace has stored: an entry has the version at which it was stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

impl Version {
    /// The version of this number; that of a new namespace is 0.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number, which orders versions.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// In which history versions count: it changes whenever a version could be given a second time, because a server
/// came back without its last changes, another one took over, or the database was put back from a copy.
///
/// After a change of it a jar writes what it knows and loads anew, so an engine that is not sure takes another one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct History(Arc<[u8]>);

impl History {
    /// The history of this id, in any form. It contains the namespace's random id.
    #[must_use]
    pub fn new(id: &[u8]) -> Self {
        Self(id.into())
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> &[u8] {
        &self.0
    }
}

/// What a batch changes in one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionBatch<'a> {
    /// The session's name: any text, NUL and the empty text included. Names are compared by bytes.
    pub session: &'a str,
    /// All entries with a smaller stamp are dead, present and to come.
    pub cleared: Option<Stamp>,
    /// Whether the session is removed from the list, unless it has an entry that is not a tombstone after the batch.
    /// `cleared` stays until it is purged.
    pub ended: bool,
    /// The cookies that were set and deleted, in the order of their identities, each at most once.
    pub entries: &'a [Entry],
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// The namespace's version after the batch, and with it at least the version of every entry that won over one of
    /// the batch.
    pub version: Version,
    /// How many versions the batch itself took, the last ones: if the jar has read up to the version before them, it does
    /// not read them back. An engine that does not know answers 0.
    pub taken: u64,
    /// The floor by which the batch was judged: entries with a smaller stamp were ignored.
    pub floor: Stamp,
}

/// Sessions, as of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// Everything stored up to this version is in the answer, and nothing that was stored later.
    pub version: Version,
    /// One for each session asked for, in the order of the question; `None` for one that is not there.
    pub sessions: Vec<Option<LoadedSession>>,
}

/// A session, as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadedSession {
    /// Entries with a smaller stamp are dead.
    pub cleared: Option<Stamp>,
    /// All entries, in any order.
    pub entries: Vec<Entry>,
}

/// What was stored since a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// The version asked for is below the floor's or greater than the namespace's, or what came after it is not kept
    /// any more: the jar has to load anew.
    TooFarBehind,
    /// All changes up to a version.
    UpTo(Changes),
}

/// What was stored after the version asked for, up to another one.
///
/// It is of one moment: an engine that keeps only the latest of each entry answers all up to its newest version. One
/// that keeps a log may end earlier, with whole batches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Everything stored up to this version is in the answer. It may be the version asked for.
    pub version: Version,
    /// What was stored, in the order of the versions. A session may occur several times. Entries that were ignored are not
    /// here.
    pub sessions: Vec<ChangedSession>,
}

/// What was stored in one session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangedSession {
    /// The session's name.
    pub session: String,
    /// The session's `cleared`, whether it changed or not.
    pub cleared: Option<Stamp>,
    /// The entries, each with the version at which it was stored.
    pub entries: Vec<(Version, Entry)>,
}

/// A session that is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInfo {
    /// The session's name.
    pub session: String,
    /// When it was last used, in milliseconds since the Unix epoch, by the server's clock.
    pub last_used: u64,
    /// How many entries it has that are not tombstones.
    pub cookies: usize,
    /// The bytes of their records.
    pub bytes: u64,
}

/// The state of a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The newest version.
    pub version: Version,
    /// The floor's stamp: entries with a smaller one are ignored.
    pub floor: Stamp,
    /// The [`FORMAT`] that the namespace was made with.
    pub format: u32,
    /// Whether no other process uses the namespace while this engine does. Then a jar need not write a cookie that is set
    /// again unchanged: no older deletion can be on its way.
    pub is_exclusive: bool,
    /// Warnings for an operator, such as a server that may drop data when its memory is full. They show no secret.
    pub warnings: Vec<String>,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

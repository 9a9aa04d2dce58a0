//! The contract between a jar and a database: what an engine stores, how it merges, and what it returns.
//!
//! It knows no jar, no thread and no database. An engine only translates;
//! [`check_engine`](crate::testing::check_engine) tests every sentence of this page.
//!
//! # What is stored
//!
//! A **namespace** has a random id, created with it, and three numbers that never decrease:
//!
//! - its *version*: each batch that stores something gets the next number, without gaps
//! - its *clock*, in milliseconds since the Unix epoch: the server's clock, or the greatest value ever returned if
//!   that is greater
//! - its *floor*: a stamp and a version, written only by [`purge`](Database::purge)
//!
//! A namespace has **sessions**, by name. A session has `cleared`, a stamp that never decreases; the time it was last used;
//! and [entries](Entry), one per identity. `cleared` and each entry have the version at which they were stored. A session
//! is *listed* from when its first cookie is stored (a tombstone does not count) until a batch [ends](SessionBatch::ended)
//! it.
//!
//! # The merge rules
//!
//! 1. A batch with a stamp that [is ahead of](Stamp::is_ahead_of) the namespace's clock is rejected with
//!    [`EngineError::StampAhead`], and stores nothing of that session. `cleared` is a stamp, too.
//! 2. `cleared` becomes the greater of the stored stamp and the batch's. Entries with a smaller stamp are removed,
//!    including those of the same batch.
//! 3. An entry is ignored if its stamp is below the floor's or below `cleared`, or if the stored entry with the same
//!    identity has an equal or greater (stamp, writer). Every other entry replaces the stored one.
//! 4. The clock, the floor, `cleared` and the stored entries that a batch is compared with are read under the lock
//!    under which the batch is written.
//! 5. For each of its sessions, a batch is stored completely or not at all. It may be sent again after any error: merging
//!    twice is the same as merging once.
//!
//! No client's clock decides anything: engines take the time from their server, if they have one.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

mod claim;
mod error;

pub use claim::{ClaimDatabase, ClaimOwner, Granted, MAX_CLAIM};
pub(in crate::persist) use error::shown;
pub use error::{Cause, EngineError};

pub use super::entry::{Entry, Record};
pub use super::stamp::{MAX_AHEAD, Stamp, WriterId};

/// The version of the stored format: of [`Record::bytes`], of identities, and of the names of sessions.
///
/// An engine stores it when it creates a namespace, and returns it in [`Hello::format`].
pub const FORMAT: u32 = 1;

/// The maximum number of entries of one session that a jar puts into one batch.
pub const MAX_BATCH: usize = 4_096;

/// The maximum length of a record: 1 MiB. An engine refuses a longer one, and returns a longer stored one without its
/// bytes.
pub const MAX_RECORD: usize = 1 << 20;

/// Drops octets that are longer than any jar writes them.
#[cfg(any(
    feature = "postgres-0_19",
    feature = "redis-1",
    feature = "sqlite-system"
))]
pub(in crate::persist) fn short(octets: &[u8]) -> &[u8] {
    if octets.len() > MAX_RECORD {
        &[]
    } else {
        octets
    }
}

/// Returns `true` if `name` is a valid namespace: 1 to 64 of `A-Z a-z 0-9 . _ -`.
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

/// Opens connections to a database. A jar keeps it, to reconnect.
///
/// A jar opens three connections, each used by one thread: to write, to read changes, and to load.
pub trait Engine: Send + Sync + 'static {
    /// Opens a connection to a namespace, and creates the namespace if it does not exist.
    ///
    /// `namespace` was checked with [`is_namespace`]. Two namespaces share nothing, whatever their names. The call
    /// returns within 5 seconds, unless the engine's user set another timeout.
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
/// Calls may block, and time out by themselves: after 10 seconds for [`apply`](Self::apply), 5 for the others, and 5
/// beyond the wait of [`changes`](Self::changes), unless the engine's user set other timeouts. After
/// [`EngineError::Unavailable`] the jar drops the connection and opens another.
///
/// No error, log or `Debug` output of an engine contains a record, or an address with a password.
pub trait Database: Send {
    /// Merges a batch by [the merge rules](self#the-merge-rules).
    ///
    /// - Batches without sessions, sessions without entries, and repeated sessions are allowed.
    /// - Every session of the batch that exists, or that the batch creates, counts as used at the server's current time.
    ///   A session without entries and without `cleared` is only a *touch*: it creates no session and takes no version,
    ///   even if it releases a claim.
    /// - A batch whose entries are all ignored takes no version.
    /// - A session may have up to [`MAX_BATCH`] entries in a batch, and a batch any number of sessions.
    ///
    /// An engine may assign one version to the whole batch, or one to each session. In the second case it may fail
    /// after it has stored some sessions.
    ///
    /// # Errors
    ///
    /// - [`EngineError::StampAhead`]: see rule 1
    /// - [`EngineError::Refused`]: something in the batch cannot be stored, such as an identity or a record that is
    ///   too long. The jar halves the batch until it has isolated the entry, and gives that entry up.
    /// - [`EngineError::Unavailable`]: the batch may or may not be stored
    fn apply(&mut self, batch: &[SessionBatch<'_>]) -> Result<Answer<Applied>, EngineError>;

    /// Loads sessions: all their entries, including tombstones and expired ones, and the version they reflect.
    ///
    /// The result is a consistent snapshot: it contains no half of a batch. Loading does not count as using a
    /// session.
    ///
    /// # Errors
    ///
    /// [`EngineError::Unavailable`] or [`EngineError::Fatal`].
    fn load(&mut self, sessions: &[&str]) -> Result<Answer<Loaded>, EngineError>;

    /// Waits up to `wait` for a version greater than `after`, and returns everything stored since `after`.
    ///
    /// `wait` is at most 5 seconds; it may be zero. The call may return early, without a change.
    ///
    /// # Errors
    ///
    /// [`EngineError::Unavailable`] or [`EngineError::Fatal`].
    fn changes(&mut self, after: Version, wait: Duration) -> Result<Answer<Changed>, EngineError>;

    /// Returns a page of the listed sessions: at most `at_most` of those after `after`, or from the start.
    ///
    /// The engine chooses the order. A session that is listed throughout is returned at least once; one that is used
    /// meanwhile may be returned twice. An empty page is the end.
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
    /// Returns the number of sessions.
    ///
    /// `before` is capped at the first stamp of the namespace's clock. The call removes
    ///
    /// - tombstones with a smaller stamp
    /// - entries with a smaller stamp whose expiry, in milliseconds, is before [`before.millis()`](Stamp::millis)
    /// - sessions that are not listed, have a smaller `cleared`, and have no entries left
    ///
    /// If it removed anything, then in the same transaction the floor's stamp becomes greater than all removed stamps,
    /// including those of `cleared`, and at most `before`; and the floor's version becomes at least all removed
    /// versions, and at most the namespace's. Neither ever decreases.
    ///
    /// Claims that have lapsed are removed, too; they do not count.
    ///
    /// # Errors
    ///
    /// [`EngineError::Unavailable`] or [`EngineError::Fatal`].
    fn purge(&mut self, before: Stamp, at_most: usize) -> Result<Answer<usize>, EngineError>;

    /// Returns the namespace's version, clock and floor. A jar also uses it to check a connection.
    ///
    /// # Errors
    ///
    /// [`EngineError::Unavailable`] or [`EngineError::Fatal`].
    fn hello(&mut self) -> Result<Answer<Hello>, EngineError>;

    /// Returns the claims of the namespace, or `None` if this engine has no claims. An engine always returns the same.
    fn claims(&mut self) -> Option<&mut dyn ClaimDatabase>;
}

/// The result of a call to a [`Database`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<T> {
    /// The namespace's clock, in milliseconds since the Unix epoch.
    pub clock: u64,
    /// The history to which the result belongs.
    pub history: History,
    /// The result itself.
    pub value: T,
}

/// The number of batches that a namespace has stored. An entry has the version at which it was stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

impl Version {
    /// Creates a version from its number; a new namespace has 0.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Returns the number, which orders versions.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// The history that versions count in. It changes whenever a version could be assigned twice, because a server
/// restarted without its last changes, another server took over, or the database was restored from a backup.
///
/// An engine that is not sure changes it: the jar then writes what it knows and reloads everything.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct History(Arc<[u8]>);

impl History {
    /// Creates a history from an id in any form. The id contains the namespace's random id.
    #[must_use]
    pub fn new(id: &[u8]) -> Self {
        Self(id.into())
    }

    /// Returns the id.
    #[must_use]
    pub fn id(&self) -> &[u8] {
        &self.0
    }
}

/// What a batch changes in one session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SessionBatch<'a> {
    /// The session's name: any text, including NUL and the empty text. Names are compared by bytes.
    pub session: &'a str,
    /// All entries with a smaller stamp are dead, both stored and future ones.
    pub cleared: Option<Stamp>,
    /// Whether the batch removes the session from the list, unless it then has an entry other than a tombstone.
    /// `cleared` stays until it is purged.
    pub ended: bool,
    /// The cookies that were set or deleted, sorted by identity, each at most once.
    pub entries: &'a [Entry],
    /// The owner whose [claim](ClaimDatabase) on the session ends when the entries are stored, even if all of them are
    /// ignored. An owner that does not have the claim is ignored. An engine without claims is never given one.
    pub released: Option<ClaimOwner>,
}

/// The outcome of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// The namespace's version after the batch. It is at least the version of every entry that won over one of the
    /// batch.
    pub version: Version,
    /// How many versions the batch itself took, the last ones: if the jar has read up to the version before them, it does
    /// not read them back. An engine that does not know returns 0.
    pub taken: u64,
    /// The floor that the batch was compared with: entries with a smaller stamp were ignored.
    pub floor: Stamp,
}

/// Sessions as they were at one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The result contains everything stored up to this version, and nothing stored later.
    pub version: Version,
    /// One for each requested session, in the order of the request; `None` for a session that does not exist.
    pub sessions: Vec<Option<LoadedSession>>,
}

/// A stored session.
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
    /// The requested version is below the floor's or above the namespace's, or the changes after it are no longer
    /// kept: the jar must reload.
    TooFarBehind,
    /// All changes up to a version.
    UpTo(Changes),
}

/// What was stored after the requested version, up to another version.
///
/// The changes are a consistent snapshot. An engine that keeps only the latest version of each entry returns
/// everything up to its newest version; one that keeps a log may stop earlier, after a whole batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The result contains everything stored up to this version, which may be the requested one.
    pub version: Version,
    /// What was stored, in the order of versions. A session may occur several times. Ignored entries are not included.
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

/// A listed session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInfo {
    /// The session's name.
    pub session: String,
    /// When it was last used, in milliseconds since the Unix epoch, by the server's clock.
    pub last_used: u64,
    /// The number of its entries that are not tombstones.
    pub cookies: usize,
    /// The total length of their records, in bytes.
    pub bytes: u64,
}

/// The state of a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The newest version.
    pub version: Version,
    /// The floor's stamp: entries with a smaller stamp are ignored.
    pub floor: Stamp,
    /// The [`FORMAT`] with which the namespace was created.
    pub format: u32,
    /// Whether this engine keeps all other processes out of the namespace. Then a jar need not write a cookie that is set
    /// again unchanged: no older deletion can be in flight.
    pub is_exclusive: bool,
    /// Warnings for an operator, such as a server that may drop data when its memory is full. They contain no
    /// secrets.
    pub warnings: Vec<String>,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

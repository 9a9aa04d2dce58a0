//! Opens a file: checks that it is ours, and creates its tables and namespace.

use std::fs::{self, OpenOptions};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior, ffi, params};

use super::super::engine::{EngineError, FORMAT};
use super::Sqlite;
use super::companions::ENDINGS;
use super::damage::beside;
use super::database::SqliteDatabase;
use super::error::{is_damage, noted, translate};
use super::identity::FileIdentity;
use crate::file::target;

/// `CKJR`, in the header of each of our files.
const APPLICATION_ID: i32 = 0x434B_4A52;

const USER_VERSION: i32 = 1;

const SCHEMA: &str = include_str!("schema.sql");

/// SQLite counts the milliseconds in 32 bits.
const LONGEST_BUSY: Duration = Duration::from_millis(i32::MAX as u64);

const SET_UP: Duration = Duration::from_secs(5);

pub(super) enum OpenError {
    Sqlite(rusqlite::Error),
    /// It is a valid file of another program or version.
    NotOurs(&'static str),
    /// The file or a companion was replaced while it was opened.
    Moved,
    /// It ends within a page.
    Torn,
    Io(std::io::Error),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<std::io::Error> for OpenError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl OpenError {
    pub(super) fn is_damage(&self) -> bool {
        match self {
            Self::Sqlite(error) => is_damage(error),
            Self::Torn => true,
            Self::Moved | Self::NotOurs(_) | Self::Io(_) => false,
        }
    }

    fn is_busy(&self) -> bool {
        let Self::Sqlite(error) = self else {
            return matches!(self, Self::Moved);
        };
        let code = error.sqlite_error_code();
        matches!(
            code,
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked)
        )
    }
}

impl From<OpenError> for EngineError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Sqlite(error) => translate(error),
            OpenError::Moved => Self::unavailable("the file was replaced while it was opened"),
            OpenError::NotOurs(why) => Self::fatal(why),
            OpenError::Torn => Self::fatal("the file ends within a page"),
            OpenError::Io(error) => Self::unavailable(error),
        }
    }
}

impl Sqlite {
    pub(super) fn open_namespace(&self, namespace: &str) -> Result<SqliteDatabase, EngineError> {
        let connection = self.open()?;
        let file = FileIdentity::read(&self.file).map_err(EngineError::unavailable)?;
        let id = self.namespace_id(&connection, namespace)?;
        Ok(SqliteDatabase::new(self, connection, namespace, id, file))
    }

    /// SQLite does not wait for another process that switches the file to its write-ahead log, so a busy file is
    /// retried.
    pub(super) fn open(&self) -> Result<Connection, OpenError> {
        let end = Instant::now() + SET_UP;
        loop {
            match self.try_open() {
                Err(error) if error.is_busy() && Instant::now() < end => {
                    thread::sleep(Duration::from_millis(10));
                }
                opened => return opened,
            }
        }
    }

    fn try_open(&self) -> Result<Connection, OpenError> {
        self.check_trusted()?;
        if !self.read_only {
            self.create_private()?;
        }
        let companions = self.create_companions()?;
        let access = if self.read_only {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } else {
            OpenFlags::SQLITE_OPEN_READ_WRITE
        };
        let length = self.length_without_log()?;
        let mut connection = self.connect(access)?;
        if companions.is_new {
            connection.pragma_update(None, "journal_mode", "MEMORY")?;
        }
        check_length(&connection, length)?;
        self.set_up(&mut connection)?;
        self.tune(&connection)?;
        companions.check()?;
        Ok(connection)
    }

    /// Nothing is read yet.
    pub(super) fn connect(&self, access: OpenFlags) -> Result<Connection, OpenError> {
        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.file, flags)?;
        connection.busy_timeout(self.busy_timeout.min(LONGEST_BUSY))?;
        // The last connection would remove the log.
        let keeps_log = self.is_in_shared_folder()?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keeps_log)?;
        let mut pragmas = self.pragmas.iter();
        pragmas.try_for_each(|(name, value)| {
            let set = connection.pragma_update(None, name, value);
            set.map_err(|error| rejected_pragma(name, &error))
        })?;
        // A file is untrusted: its schema may not call functions, and a damaged page is detected when it is read.
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        Ok(connection)
    }

    /// In a folder that others can write to, the file or a companion may be another user's.
    pub(super) fn check_trusted(&self) -> Result<(), OpenError> {
        target::check_trusted(&self.file)?;
        let file = target::resolve(&self.file)?;
        for companion in ENDINGS {
            target::check_trusted(&beside(&file, companion))?;
        }
        Ok(())
    }

    /// The length of the file, or 0 if it has a log. The file is not opened: closing it would release the locks of all
    /// connections of this process (SQLite, "How To Corrupt An SQLite Database File", section 2.2).
    fn length_without_log(&self) -> Result<u64, OpenError> {
        let log = fs::metadata(beside(&self.file, "-wal")).map_or(0, |log| log.len());
        let length = fs::metadata(&self.file)?.len();
        Ok(if log > 0 { 0 } else { length })
    }

    /// The file is private from its first byte, and SQLite gives its companions the same mode. It sets an empty file up
    /// like a new one.
    fn create_private(&self) -> Result<(), OpenError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&self.file) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error.into()),
            #[cfg(unix)]
            Err(_) if fs::metadata(&self.file)?.len() == 0 => {
                let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
                Ok(fs::set_permissions(&self.file, private)?)
            }
            _ => Ok(()),
        }
    }

    fn set_up(&self, connection: &mut Connection) -> Result<(), OpenError> {
        // One transaction reads a consistent state: another process may be setting the file up.
        let look = connection.transaction()?;
        let is_set_up = is_ours(&look)?;
        drop(look);
        if is_set_up {
            return Ok(());
        }
        if self.read_only {
            return Err(OpenError::NotOurs("the file has no cookies yet"));
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have done it already.
        if !is_ours(&transaction)? {
            transaction.execute_batch(SCHEMA)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", USER_VERSION)?;
        }
        transaction.commit()?;
        Ok(())
    }

    fn tune(&self, connection: &Connection) -> Result<(), OpenError> {
        if self.read_only {
            return Ok(());
        }
        connection.pragma_update(None, "journal_mode", "WAL")?;
        let synchronous = if self.full_sync { "FULL" } else { "NORMAL" };
        connection.pragma_update(None, "synchronous", synchronous)?;
        connection.pragma_update(None, "secure_delete", "FAST")?;
        Ok(())
    }

    fn namespace_id(
        &self,
        connection: &Connection,
        namespace: &str,
    ) -> Result<Vec<u8>, EngineError> {
        const MAKE: &str = "INSERT INTO namespaces VALUES(?1, randomblob(16), ?2, 0, 0, 0, 0, 0) \
                            ON CONFLICT DO NOTHING";
        const ID: &str = "SELECT id FROM namespaces WHERE namespace = ?1";
        if !self.read_only {
            connection
                .execute(MAKE, params![namespace, FORMAT])
                .map_err(|error| noted(&self.is_damaged, error))?;
        }
        match connection.query_row(ID, [namespace], |row| row.get(0)) {
            Err(rusqlite::Error::QueryReturnedNoRows) => {
                Err(EngineError::unavailable("the namespace is not there yet"))
            }
            id => id.map_err(|error| noted(&self.is_damaged, error)),
        }
    }
}

/// SQLite's text quotes the value, which may be a key.
fn rejected_pragma(name: &str, error: &rusqlite::Error) -> rusqlite::Error {
    let misuse = || ffi::Error::new(ffi::SQLITE_MISUSE);
    let code = error.sqlite_error().copied().unwrap_or_else(misuse);
    rusqlite::Error::SqliteFailure(code, Some(format!("the pragma `{name}` failed: {code}")))
}

/// SQLite reads zeros where a page lacks its end. A file with a log may lack it: the log has the page.
fn check_length(connection: &Connection, length: u64) -> Result<(), OpenError> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, u32>(0));
    // The size of a page is known once the header was read.
    number("schema_version")?;
    match length % u64::from(number("page_size")?.max(1)) {
        0 => Ok(()),
        _ => Err(OpenError::Torn),
    }
}

/// `false` for an empty file, and an error for another program's.
fn is_ours(connection: &Connection) -> Result<bool, OpenError> {
    let header = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let count = |kinds: &str| {
        let query = format!("SELECT count(*) FROM sqlite_schema WHERE type IN ({kinds})");
        connection.query_row(&query, [], |row| row.get::<_, i64>(0))
    };
    match (header("application_id")?, header("user_version")?) {
        (APPLICATION_ID, USER_VERSION) => {}
        (APPLICATION_ID, later) if later > USER_VERSION => {
            return Err(OpenError::NotOurs("a later version wrote the file"));
        }
        (0, 0) if count("'table', 'index', 'view', 'trigger'")? == 0 => return Ok(false),
        _ => return Err(OpenError::NotOurs("another program wrote the file")),
    }
    if schema(connection)? != sorted(SCHEMA.split_terminator(";\n")) {
        return Err(OpenError::NotOurs("the file has another schema"));
    }
    Ok(true)
}

/// The statements that made the file. An index or a column of another's could compute for hours.
fn schema(connection: &Connection) -> Result<Vec<String>, rusqlite::Error> {
    const ALL: &str = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL";
    let mut query = connection.prepare(ALL)?;
    let found = query.query_map([], |row| row.get::<_, String>(0))?;
    Ok(sorted(found.collect::<Result<Vec<_>, _>>()?))
}

fn sorted(statements: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    let mut statements: Vec<_> = statements.into_iter().map(Into::into).collect();
    statements.sort();
    statements
}

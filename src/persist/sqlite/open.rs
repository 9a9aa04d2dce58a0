//! Opens a file: checks that it is ours, and creates its tables and namespace.

use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};

use super::super::engine::{EngineError, FORMAT};
use super::Sqlite;
use super::damage::beside;
use super::database::SqliteDatabase;
use super::error::{is_damage, noted, translate};
use super::identity::FileIdentity;

/// `CKJR`, in the header of each of our files.
const APPLICATION_ID: i32 = 0x434B_4A52;

const USER_VERSION: i32 = 1;

const SCHEMA: &str = include_str!("schema.sql");

const SET_UP: Duration = Duration::from_secs(5);

pub(super) enum OpenError {
    Sqlite(rusqlite::Error),
    /// It is a valid file of another program or version.
    NotOurs(&'static str),
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
            Self::NotOurs(_) | Self::Io(_) => false,
        }
    }

    fn is_busy(&self) -> bool {
        let Self::Sqlite(error) = self else {
            return false;
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

    /// Opens the file, and sets it up if it is missing or empty. SQLite does not wait for another process that
    /// switches the file to its write-ahead log, so a busy file is retried.
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
        if !self.read_only {
            self.create_private()?;
        }
        let access = if self.read_only {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } else {
            OpenFlags::SQLITE_OPEN_READ_WRITE
        };
        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        self.check_length()?;
        let mut connection = Connection::open_with_flags(&self.file, flags)?;
        connection.busy_timeout(self.busy_timeout)?;
        for (name, value) in &self.pragmas {
            connection.pragma_update(None, name, value)?;
        }
        // A file is untrusted: its schema may not call functions, and a damaged page is detected when it is read.
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        self.set_up(&mut connection)?;
        self.tune(&connection)?;
        Ok(connection)
    }

    /// SQLite reads zeros where a page lacks its end. A file with a log may lack it: the log has the page.
    fn check_length(&self) -> Result<(), OpenError> {
        const MAGIC: &[u8] = b"SQLite format 3\0";
        let log = fs::metadata(beside(&self.file, "-wal")).map_or(0, |log| log.len());
        let mut file = File::open(&self.file)?;
        let mut start = [0; 18];
        if log > 0 || file.read_exact(&mut start).is_err() || !start.starts_with(MAGIC) {
            return Ok(());
        }
        // 65,536 is written as 1.
        let page = match u16::from_be_bytes([start[16], start[17]]) {
            0 | 1 => 65_536,
            size => u64::from(size),
        };
        match file.metadata()?.len() % page {
            0 => Ok(()),
            _ => Err(OpenError::Torn),
        }
    }

    /// Creates the file with mode 0600, so that it is private from its first byte. SQLite gives its companions the
    /// same mode.
    fn create_private(&self) -> Result<(), OpenError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&self.file) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error.into()),
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

/// Returns whether the file has our tables: `false` for an empty one, and an error for another program's.
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
    if count("'view', 'trigger'")? > 0 || count("'table'")? != 4 {
        return Err(OpenError::NotOurs("the file has another schema"));
    }
    Ok(true)
}

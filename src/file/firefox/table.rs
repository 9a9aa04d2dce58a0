//! The table of cookies: whether it is Firefox's, and its rows.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::load_error;
use super::row::{COLUMNS, Found, Parts, SAME_SITE_AS_SENT};
use crate::file::collector::Collector;
use crate::file::error::{LoadError, LoadErrorKind};
use crate::file::options::ReadOptions;

/// The bytes that a row takes besides its texts: its header has a byte for each column, and there are more than 10.
const ROW: u64 = 16;

/// How many bytes of text one byte of the file can become: two bytes of UTF-16 can be three of UTF-8.
const WIDEST: u64 = 2;

pub(super) struct Table<'c> {
    connection: &'c Connection,
    version: i64,
    columns: BTreeSet<String>,
}

impl<'c> Table<'c> {
    /// The table, if it exists with Firefox's columns. A view, a virtual table or a computed column is not Firefox's,
    /// and could have more rows than the file has bytes.
    pub(super) fn find(connection: &'c Connection) -> Result<Option<Self>, LoadError> {
        const TABLE: &str = "SELECT count(*) FROM sqlite_schema \
                             WHERE name = 'moz_cookies' AND type = 'table' AND rootpage > 0";
        const COLUMN: &str = "SELECT name FROM pragma_table_xinfo('moz_cookies') WHERE hidden = 0";
        let find = || -> rusqlite::Result<_> {
            let version = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
            let tables: i64 = connection.query_row(TABLE, [], |row| row.get(0))?;
            let mut statement = connection.prepare(COLUMN)?;
            let columns = statement.query_map([], |row| row.get(0))?;
            let columns: BTreeSet<String> = columns.collect::<Result<_, _>>()?;
            let is_ours = tables == 1 && COLUMNS.iter().all(|column| columns.contains(*column));
            Ok(is_ours.then_some(Self {
                connection,
                version,
                columns,
            }))
        };
        find().map_err(load_error)
    }

    pub(super) fn read(
        &self,
        bytes: u64,
        options: &ReadOptions,
        collector: &mut Collector<'_>,
    ) -> Result<(), LoadError> {
        let mut cookies = Vec::new();
        let mut statement = self.connection.prepare(&self.query()).map_err(load_error)?;
        let mut rows = statement.query([]).map_err(load_error)?;
        let (mut line, mut left) = (0, bytes.saturating_mul(WIDEST));
        while let Some(row) = rows.next().map_err(load_error)? {
            line += 1;
            let parts = Parts::of(row).map_err(load_error)?;
            // In a damaged file, many pages can point to one.
            let taken = ROW + parts.len() as u64;
            left = left.checked_sub(taken).ok_or(LoadErrorKind::Syntax)?;
            match parts.read(self.version, options) {
                Ok(Found::Cookie(created, cookie)) => cookies.push((created, line, cookie)),
                Ok(Found::Elsewhere) => collector.reading.report.other_containers += 1,
                Err(reason) => collector.push(line, Err(reason))?,
            }
        }
        cookies.sort_by_key(|(created, ..)| *created);
        for (_, line, cookie) in cookies {
            collector.push(line, Ok(cookie))?;
        }
        Ok(())
    }

    fn query(&self) -> String {
        let has = |column| self.columns.contains(column);
        // If both exist, `sameSite` is Firefox's interpretation.
        let same_site = match self.version < SAME_SITE_AS_SENT && has("rawSameSite") {
            true => "rawSameSite",
            false if has("sameSite") => "sameSite",
            false => "NULL",
        };
        format!(
            "SELECT {}, {same_site} FROM moz_cookies",
            COLUMNS.join(", ")
        )
    }
}

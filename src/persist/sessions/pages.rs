//! The sessions of a database, as stored.
//!
//! It reads over a connection of its own.

use std::sync::Arc;

use super::super::PersistError;
use super::super::database::Database;
use super::super::engine::{self, LoadedSession, SessionInfo};
use super::super::loader;
use super::ListedSession;
use crate::cookie::Cookie;
use crate::sessions::SavedSession;

pub(super) const PAGE: usize = 1_000;

pub(super) struct Pages {
    database: Arc<Database>,
    connection: Option<Box<dyn engine::Database>>,
    page: std::vec::IntoIter<SessionInfo>,
    after: Option<String>,
    is_over: bool,
}

impl Pages {
    pub(super) fn new(database: &Arc<Database>) -> Self {
        Self {
            database: Arc::clone(database),
            connection: None,
            page: Vec::new().into_iter(),
            after: None,
            is_over: false,
        }
    }

    fn connection(&mut self) -> Result<&mut Box<dyn engine::Database>, PersistError> {
        if self.connection.is_none() {
            self.connection = Some(self.database.connect()?);
        }
        self.connection.as_mut().ok_or(PersistError::Closed)
    }

    fn turn(&mut self) -> Result<(), PersistError> {
        let after = self.after.take();
        let page = self.connection()?.sessions(after.as_deref(), PAGE)?.value;
        self.after = page.last().map(|info| info.session.clone());
        self.is_over = page.is_empty();
        self.page = page.into_iter();
        Ok(())
    }

    pub(super) fn saved<K>(
        &mut self,
        name: &str,
        listed: ListedSession<K>,
        now: i64,
    ) -> Result<SavedSession<K>, PersistError> {
        let loaded = loader::load(&mut **self.connection()?, &[name])?.value;
        let session = loaded.sessions.into_iter().flatten().next();
        let cookies = self.cookies_of(name, &session.unwrap_or_default(), now);
        Ok(SavedSession::new(listed.key, listed.last_used, cookies))
    }

    fn cookies_of(&self, name: &str, session: &LoadedSession, now: i64) -> Vec<Cookie> {
        let replica = &self.database.replica;
        let mut cookies: Vec<_> = session
            .entries
            .iter()
            .filter_map(|entry| replica.decode(name, entry))
            .filter(|cookie| !cookie.is_expired_at(now))
            .collect();
        self.database.report_skips();
        cookies.sort_by_key(Cookie::creation_key);
        cookies
    }
}

impl Iterator for Pages {
    type Item = Result<SessionInfo, PersistError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(info) = self.page.next() {
                return Some(Ok(info));
            }
            if self.is_over {
                return None;
            }
            if let Err(error) = self.turn() {
                self.is_over = true;
                return Some(Err(error));
            }
        }
    }
}

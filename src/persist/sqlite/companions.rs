//! The companions of a file in a sticky folder that others can write to, such as `/tmp`.
//!
//! SQLite opens a log or a journal of any owner. So all companions are created before it looks for them, and no
//! connection removes them: in such a folder a stranger cannot do that either. SQLite treats an empty one as missing.

use std::path::PathBuf;
use std::{fs, iter};

use super::Sqlite;
use super::damage::beside;
use super::identity::FileIdentity;
use super::open::OpenError;
use crate::file::target;

pub(super) const ENDINGS: [&str; 3] = ["-journal", "-wal", "-shm"];

/// The file and its companions as they were before SQLite opened them; nothing in other folders.
pub(super) struct Companions {
    files: Vec<(PathBuf, FileIdentity)>,
    /// Creating the tables of an empty file must not use, and remove, the journal.
    pub(super) is_new: bool,
}

impl Sqlite {
    pub(super) fn is_in_shared_folder(&self) -> Result<bool, OpenError> {
        Ok(target::is_sticky_and_shared(&self.file)?)
    }

    pub(super) fn create_companions(&self) -> Result<Companions, OpenError> {
        let file = target::resolve(&self.file)?;
        let is_empty = fs::metadata(&file)?.len() == 0;
        let mut companions = Companions {
            files: Vec::new(),
            is_new: false,
        };
        if !self.is_in_shared_folder()? || self.read_only && is_empty {
            return Ok(companions);
        }
        companions.is_new = is_empty;
        for ending in iter::once("").chain(ENDINGS) {
            let companion = beside(&file, ending);
            target::create_like(&file, &companion)?;
            let identity = FileIdentity::read(&companion)?;
            companions.files.push((companion, identity));
        }
        Ok(companions)
    }
}

impl Companions {
    /// Fails if one was removed meanwhile, as when another process sets the file aside: SQLite may have opened anything.
    pub(super) fn check(&self) -> Result<(), OpenError> {
        let is_same = |(file, identity): &(PathBuf, FileIdentity)| {
            FileIdentity::read(file).is_ok_and(|now| now == *identity)
        };
        if self.files.iter().all(is_same) {
            Ok(())
        } else {
            Err(OpenError::Moved)
        }
    }
}

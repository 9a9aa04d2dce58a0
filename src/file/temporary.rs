//! Temporary files: with names that nobody can foretell, and taken away when their writer is no more.
//!
//! A writer that is killed leaves its temporary file behind. On Unix a writer holds a lock on its own, and a
//! later save takes away what nobody holds. Who holds the lock of a file that still has its name is the only
//! one who may take that name away, so that no living writer loses its file. Elsewhere what a killed writer
//! leaves stays.

use std::collections::hash_map::DefaultHasher;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};

/// How many names are tried. One can only be taken by chance, or by a writer that takes the new file for a
/// stale one.
const ATTEMPTS: usize = 64;

const SUFFIX: &str = ".tmp";

/// A temporary file, which goes away unless it is renamed.
pub(super) struct Temporary {
    pub(super) path: PathBuf,
    pub(super) file: File,
    pub(super) renamed: bool,
}

impl Temporary {
    /// Makes a file under a name that nobody has. A name that is taken, by whatever it may be, is passed over.
    pub(super) fn create(folder: &Path, target: &Path) -> io::Result<Self> {
        let prefix = prefix(target);
        for attempt in 0..ATTEMPTS {
            // The key is secret, so that the name cannot be foretold.
            let random = RandomState::new().hash_one((attempt, std::process::id()));
            let path = folder.join(format!("{prefix}{random:016x}{SUFFIX}"));
            if let Some(own) = make(path)? {
                #[cfg(unix)]
                stale::remove_all(folder, &prefix);
                return Ok(own);
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            // Nobody is left to be told.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// How the names of the temporary files for `target` begin. They do not grow with the target's own name,
/// which may be as long as a name can be.
pub(super) fn prefix(target: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    target
        .file_name()
        .unwrap_or(OsStr::new(""))
        .hash(&mut hasher);
    format!(".cookiejar-{:016x}-", hasher.finish())
}

/// Makes a file, unless its name is taken. On Unix it has mode 0600 from its first moment; elsewhere the
/// folder says who may read it.
fn make(path: PathBuf) -> io::Result<Option<Temporary>> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = match options.open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
        Err(error) => return Err(error),
    };
    // From here on the file goes away on all ways but one.
    let own = Temporary {
        path,
        file,
        renamed: false,
    };
    #[cfg(unix)]
    return stale::protect(own);
    #[cfg(not(unix))]
    Ok(Some(own))
}

#[cfg(unix)]
mod stale {
    use std::fs::TryLockError;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::{File, OpenOptions, Path, SUFFIX, Temporary, fs, io};
    use crate::file::target::flags;

    /// How many entries of a folder are looked at.
    const MAX_ENTRIES: usize = 1_024;

    /// Locks a new file, or gives it up if somebody else takes it for stale.
    pub(super) fn protect(mut own: Temporary) -> io::Result<Option<Temporary>> {
        // The umask can only have taken rights away; these are the ones that the file shall have.
        own.file
            .set_permissions(fs::Permissions::from_mode(0o600))?;
        match own.file.try_lock() {
            // Without file locks, stale files are never reclaimed, so this one is safe too.
            Ok(()) | Err(TryLockError::Error(_)) if is_named(&own.file, &own.path)? => {
                Ok(Some(own))
            }
            _ => {
                own.renamed = true;
                Ok(None)
            }
        }
    }

    /// Takes away the files of writers that are no more. What cannot be looked at stays: it is in nobody's
    /// way.
    pub(super) fn remove_all(folder: &Path, prefix: &str) {
        let Ok(entries) = fs::read_dir(folder) else {
            return;
        };
        for entry in entries.take(MAX_ENTRIES).flatten() {
            let name = entry.file_name();
            let name = name.to_str().unwrap_or_default();
            if name.starts_with(prefix) && name.ends_with(SUFFIX) {
                let _ = remove(&folder.join(name));
            }
        }
    }

    /// Takes a file away if it is a regular one of our own user that nobody holds.
    fn remove(path: &Path) -> io::Result<()> {
        let own_user = rustix::process::geteuid().as_raw();
        let is_ours = |found: fs::Metadata| found.is_file() && found.uid() == own_user;
        if !is_ours(fs::symlink_metadata(path)?) {
            return Ok(());
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        // Another file can have taken the name meanwhile.
        flags::of_this_name(&mut options);
        let file = options.open(path)?;
        if is_ours(file.metadata()?) && file.try_lock().is_ok() && is_named(&file, path)? {
            fs::remove_file(path)?;
        }
        Ok(())
    }

    /// Whether the file still has this name.
    fn is_named(file: &File, path: &Path) -> io::Result<bool> {
        let own = file.metadata()?;
        match fs::symlink_metadata(path) {
            Ok(named) => Ok((named.dev(), named.ino()) == (own.dev(), own.ino())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

//! Temporary files: their names are unpredictable, and they are removed when their writer has died.
//!
//! On Unix a writer holds a lock on its file, and a later save removes the files that are not locked. Only the holder
//! of the lock of a file that still has its name may remove that name, so that no living writer loses its file. On
//! other systems the file of a killed writer stays.

use std::collections::hash_map::DefaultHasher;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};

/// How many names are tried. One fails only if it exists by chance, or if another writer takes the new file for a
/// stale one.
const ATTEMPTS: usize = 64;

const SUFFIX: &str = ".tmp";

/// A temporary file, which is removed on drop unless it was renamed.
pub(super) struct Temporary {
    pub(super) path: PathBuf,
    pub(super) file: File,
    pub(super) renamed: bool,
}

impl Temporary {
    pub(super) fn create(folder: &Path, target: &Path) -> io::Result<Self> {
        let prefix = prefix(target);
        for attempt in 0..ATTEMPTS {
            // The key is secret, so that the name is unpredictable.
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

/// A file without a handle, which is removed on drop.
#[cfg(feature = "sqlite-system")]
pub(super) struct Closed(PathBuf);

#[cfg(feature = "sqlite-system")]
impl Temporary {
    pub(super) fn close(mut self) -> Closed {
        self.renamed = true;
        Closed(self.path.clone())
    }
}

#[cfg(feature = "sqlite-system")]
impl AsRef<Path> for Closed {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

#[cfg(feature = "sqlite-system")]
impl Drop for Closed {
    fn drop(&mut self) {
        // Drop cannot report an error.
        let _ = fs::remove_file(&self.0);
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            // Drop cannot report an error.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Its length does not depend on the target's name, which may be as long as a name can be.
pub(super) fn prefix(target: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    target
        .file_name()
        .unwrap_or(OsStr::new(""))
        .hash(&mut hasher);
    format!(".cookiejar-{:016x}-", hasher.finish())
}

/// `None` if the name exists. On Unix the file has mode 0600 from the start; elsewhere the folder decides who may read
/// it.
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
    // From here on the file is removed on every path but one.
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

    const MAX_ENTRIES: usize = 1_024;

    /// Abandons the file if another writer has taken it for a stale one.
    pub(super) fn protect(mut own: Temporary) -> io::Result<Option<Temporary>> {
        // The umask can only have removed permissions; these are the intended ones.
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

    /// What cannot be examined stays: it does no harm.
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

    fn remove(path: &Path) -> io::Result<()> {
        let own_user = rustix::process::geteuid().as_raw();
        let is_ours = |found: fs::Metadata| found.is_file() && found.uid() == own_user;
        if !is_ours(fs::symlink_metadata(path)?) {
            return Ok(());
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        // Another file may have taken the name meanwhile.
        flags::of_this_name(&mut options);
        let file = options.open(path)?;
        if is_ours(file.metadata()?) && file.try_lock().is_ok() && is_named(&file, path)? {
            fs::remove_file(path)?;
        }
        Ok(())
    }

    fn is_named(file: &File, path: &Path) -> io::Result<bool> {
        let own = file.metadata()?;
        match fs::symlink_metadata(path) {
            Ok(named) => Ok((named.dev(), named.ino()) == (own.dev(), own.ino())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

//! Saving so that at every moment the file is one whole generation, and nobody else's to read.
//!
//! The new text goes into a temporary file in the same folder, which has mode 0600 from its first
//! moment; the disk takes it; it is renamed to the file's name; the disk takes the folder. It knows
//! no cookies.
//!
//! A writer that is killed leaves its temporary file behind. On Unix these files have one of a few
//! names, and a writer holds a lock on its own: a later save looks at each name, and takes away
//! what nobody holds. Who holds the lock of a file that still has its name is the only one who may
//! take that name away, so that no living writer loses its file. Elsewhere the names are random,
//! and what a killed writer leaves stays.

use std::collections::hash_map::DefaultHasher;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::{SaveError, SaveStep};

/// How many writers can save one file at the same moment; the next one waits.
const NAMES: usize = 8;

/// How many symbolic links are followed, as many as Linux follows.
const MAX_LINKS: usize = 40;

/// The steps that can fail for reasons of the disk; the tests put failures in their place.
pub(super) trait Disk {
    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<usize> {
        file.write(bytes)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        if cfg!(unix) {
            File::open(folder)?.sync_all()
        } else {
            Ok(())
        }
    }
}

/// The disk itself.
pub(super) struct RealDisk;

impl Disk for RealDisk {}

/// Replaces `path` by what `write` writes, and tells beside its result whether the disk has taken
/// the new name. On failure the old file is as it was, and no temporary file is left.
pub(super) fn replace<T>(
    path: &Path,
    disk: &impl Disk,
    write: impl FnOnce(&mut dyn Write) -> io::Result<T>,
) -> Result<(T, bool), SaveError> {
    let failed = |step| {
        move |source| SaveError::Io {
            file: path.to_owned(),
            step,
            source,
        }
    };
    let target = find(path).map_err(failed(SaveStep::Find))?;
    let folder = match target.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let mut temporary = Temporary::create(folder, &target).map_err(failed(SaveStep::Create))?;
    let mut writer = Writer {
        file: &mut temporary.file,
        disk,
    };
    let result = write(&mut writer).map_err(failed(SaveStep::Write))?;
    disk.sync(&temporary.file).map_err(failed(SaveStep::Sync))?;
    disk.rename(&temporary.path, &target)
        .map_err(failed(SaveStep::Rename))?;
    temporary.renamed = true;
    Ok((result, disk.sync_folder(folder).is_ok()))
}

/// The file behind symbolic links, which need not exist. Only a regular file is replaced: nobody
/// wants to lose a device or a pipe.
fn find(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::symlink_metadata(&target) {
            Ok(found) if found.is_symlink() => {
                let link = fs::read_link(&target)?;
                target = target.parent().unwrap_or(Path::new("")).join(link);
            }
            Ok(found) if found.is_file() => return Ok(target),
            Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(_) => return Err(io::Error::other("not a regular file")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(target),
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

/// Writes through the [`Disk`].
struct Writer<'a, D> {
    file: &'a mut File,
    disk: &'a D,
}

impl<D: Disk> Write for Writer<'_, D> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.disk.write(self.file, bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A temporary file, which goes away unless it is renamed.
struct Temporary {
    path: PathBuf,
    file: File,
    renamed: bool,
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            // Nobody is left to be told.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Whether a name holds a file already.
enum Made {
    New(File),
    Present,
}

fn make(path: &Path) -> io::Result<Made> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(file) => Ok(Made::New(file)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Made::Present),
        Err(error) => Err(error),
    }
}

/// The name of a temporary file for `target`. It does not grow with the target's own name, which
/// may be as long as a name can be.
fn name_in(folder: &Path, target: &Path, which: impl std::fmt::Display) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    target
        .file_name()
        .unwrap_or(OsStr::new(""))
        .hash(&mut hasher);
    folder.join(format!(".cookiejar-{:016x}-{which}.tmp", hasher.finish()))
}

#[cfg(unix)]
mod names {
    use std::fs::TryLockError;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::{File, Made, NAMES, OpenOptions, Path, Temporary, fs, io, make, name_in};

    /// How often a writer waits for a name before it takes the names for blocked, by folders say.
    const ROUNDS: usize = 10_000;

    impl Temporary {
        /// Takes the first free name, and takes away what no living writer holds.
        pub(super) fn create(folder: &Path, target: &Path) -> io::Result<Self> {
            for _ in 0..ROUNDS {
                let mut own = None;
                for path in (0..NAMES).map(|number| name_in(folder, target, number)) {
                    if own.is_none() {
                        own = take(&path)?;
                    } else {
                        remove_stale(&path)?;
                    }
                }
                if let Some(own) = own {
                    return Ok(own);
                }
                wait(&name_in(folder, target, NAMES - 1))?;
            }
            Err(io::ErrorKind::AlreadyExists.into())
        }
    }

    /// Makes a file under a name that is free, or was a dead writer's.
    fn take(path: &Path) -> io::Result<Option<Temporary>> {
        remove_stale(path)?;
        let Made::New(file) = make(path)? else {
            return Ok(None);
        };
        // From here on the file goes away on all ways but one.
        let mut own = Temporary {
            path: path.to_owned(),
            file,
            renamed: false,
        };
        // The umask can only have taken rights away; these are the ones that the file shall have.
        own.file
            .set_permissions(fs::Permissions::from_mode(0o600))?;
        match own.file.try_lock() {
            // Where files cannot be locked nobody takes a stale one away, and nobody this one.
            Ok(()) | Err(TryLockError::Error(_)) if is_named(&own.file, path)? => Ok(Some(own)),
            // Somebody took it for stale before it was locked, and takes it away.
            _ => {
                own.renamed = true;
                Ok(None)
            }
        }
    }

    /// Takes away the file of a writer that is no more.
    fn remove_stale(path: &Path) -> io::Result<()> {
        let Some(file) = open(path)? else {
            return Ok(());
        };
        if file.try_lock().is_ok() && is_named(&file, path)? {
            fs::remove_file(path)?;
        }
        Ok(())
    }

    /// Waits for the writer that holds this name.
    fn wait(path: &Path) -> io::Result<()> {
        match File::open(path) {
            Ok(file) => file.lock(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Opens a file under one of our names. One that cannot be opened, such as another user's, is
    /// left alone.
    fn open(path: &Path) -> io::Result<Option<File>> {
        match fs::symlink_metadata(path) {
            Ok(found) if found.is_file() => {
                Ok(OpenOptions::new().read(true).write(true).open(path).ok())
            }
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
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

#[cfg(not(unix))]
impl Temporary {
    /// Takes a name that nobody has.
    fn create(folder: &Path, target: &Path) -> io::Result<Self> {
        use std::hash::{BuildHasher, RandomState};

        for attempt in 0..NAMES {
            let random = RandomState::new().hash_one((attempt, std::process::id()));
            let path = name_in(folder, target, format_args!("{random:016x}"));
            if let Made::New(file) = make(&path)? {
                return Ok(Self {
                    path,
                    file,
                    renamed: false,
                });
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

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
    if path.as_os_str().is_empty() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
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
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return if is_of_a_folder(&target) {
                    Err(io::ErrorKind::IsADirectory.into())
                } else {
                    Ok(target)
                };
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

/// Whether only a folder can have this name: it ends in a separator.
fn is_of_a_folder(path: &Path) -> bool {
    let last = path.as_os_str().as_encoded_bytes().last();
    last.is_some_and(|&byte| std::path::is_separator(char::from(byte)))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails at one step.
    struct Faulty(SaveStep);

    impl Faulty {
        fn at(&self, step: SaveStep) -> io::Result<()> {
            if self.0 == step {
                return Err(io::ErrorKind::StorageFull.into());
            }
            Ok(())
        }
    }

    impl Disk for Faulty {
        fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<usize> {
            // Some of it still finds room.
            file.write_all(&bytes[..bytes.len() / 2])?;
            self.at(SaveStep::Write)?;
            file.write_all(&bytes[bytes.len() / 2..])?;
            Ok(bytes.len())
        }

        fn sync(&self, _: &File) -> io::Result<()> {
            self.at(SaveStep::Sync)
        }

        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            self.at(SaveStep::Rename)?;
            fs::rename(from, to)
        }

        fn sync_folder(&self, _: &Path) -> io::Result<()> {
            // The one step after which there is no way back.
            self.at(SaveStep::Find)
        }
    }

    fn save(path: &Path, disk: &impl Disk, text: &str) -> Result<((), bool), SaveError> {
        replace(path, disk, |writer| writer.write_all(text.as_bytes()))
    }

    #[track_caller]
    fn assert_only(folder: &Path, names: &[&str]) {
        let mut found: Vec<_> = fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .into_string()
                    .expect("UTF-8")
            })
            .collect();
        found.sort();
        assert_eq!(found, names);
    }

    #[test]
    fn every_failure_leaves_the_old_file_and_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("cookies.txt");
        save(&file, &RealDisk, "old").expect("saved");
        for step in [SaveStep::Write, SaveStep::Sync, SaveStep::Rename] {
            let error = save(&file, &Faulty(step), "new").expect_err("a full disk");
            let SaveError::Io {
                step: failed,
                source,
                ..
            } = &error
            else {
                panic!("{error}");
            };
            assert_eq!((*failed, source.kind()), (step, io::ErrorKind::StorageFull));
            assert_eq!(fs::read(&file).expect("the file"), b"old");
            assert_only(folder.path(), &["cookies.txt"]);
        }
        // The folder comes last: the new file is there, and that it may not last is said.
        assert!(matches!(
            save(&file, &Faulty(SaveStep::Find), "new"),
            Ok(((), false))
        ));
        assert_eq!(fs::read(&file).expect("the file"), b"new");
    }

    #[test]
    fn a_writer_that_gives_up_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("cookies.txt");
        let result = replace(&file, &RealDisk, |writer| {
            writer.write_all(b"half")?;
            Err::<(), _>(io::Error::other("no more"))
        });
        assert!(result.is_err());
        assert_only(folder.path(), &[]);
        let missing = save(&folder.path().join("no/such"), &RealDisk, "x").expect_err("no folder");
        assert_eq!(io::Error::from(missing).kind(), io::ErrorKind::NotFound);
        let error = save(folder.path(), &RealDisk, "x").expect_err("a folder");
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::IsADirectory);
    }

    #[test]
    fn a_path_that_names_no_file_fails_before_anything_is_made() {
        let folder = tempfile::tempdir().expect("a folder");
        let name = folder.path().to_str().expect("UTF-8");
        for (path, kind) in [
            (String::new(), io::ErrorKind::InvalidInput),
            (format!("{name}/"), io::ErrorKind::IsADirectory),
            (format!("{name}/."), io::ErrorKind::IsADirectory),
            (format!("{name}/new/"), io::ErrorKind::IsADirectory),
        ] {
            let result = replace(Path::new(&path), &RealDisk, |_| -> io::Result<()> {
                panic!("{path}: nothing is to be written")
            });
            let error = result.expect_err("no file");
            assert!(
                matches!(&error, SaveError::Io { step: SaveStep::Find, source, .. } if source.kind() == kind),
                "{path}: {error:?}"
            );
            assert_only(folder.path(), &[]);
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_its_owner_s_alone_from_its_first_moment() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("cookies.txt");
        fs::write(&file, "old").expect("written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).expect("open to all");
        let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode() & 0o7777;
        replace(&file, &RealDisk, |_| {
            let temporary = name_in(folder.path(), &file, 0);
            assert_eq!(mode(&temporary), 0o600);
            Ok(())
        })
        .expect("saved");
        assert_eq!(mode(&file), 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_and_their_files_are_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let inside = folder.path().join("inside");
        fs::create_dir(&inside).expect("a folder");
        let (link, file) = (folder.path().join("link"), inside.join("cookies.txt"));
        std::os::unix::fs::symlink("inside/again", &link).expect("a link");
        std::os::unix::fs::symlink("cookies.txt", inside.join("again")).expect("a link");
        for text in ["first", "second"] {
            save(&link, &RealDisk, text).expect("saved");
            assert_eq!(fs::read_to_string(&file).expect("the file"), text);
        }
        assert_only(folder.path(), &["inside", "link"]);
        assert_only(&inside, &["again", "cookies.txt"]);
        std::os::unix::fs::symlink("loop", folder.path().join("loop")).expect("a link");
        assert!(save(&folder.path().join("loop"), &RealDisk, "x").is_err());
        assert!(save(Path::new("/dev/null"), &RealDisk, "x").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn stale_files_go_and_living_writers_keep_theirs() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("cookies.txt");
        for number in [0, 1, 5] {
            fs::write(name_in(folder.path(), &file, number), "half").expect("a dead writer's");
        }
        let other = folder.path().join(".cookiejar-of-another-0.tmp");
        fs::write(&other, "half").expect("another file's");
        replace(&file, &RealDisk, |writer| {
            let first = name_in(folder.path(), &file, 0);
            let second = name_in(folder.path(), &file, 1);
            assert!(first.exists() && !second.exists());
            // A second writer comes and goes while the first one writes.
            save(&file, &RealDisk, "second").expect("saved");
            assert!(first.exists(), "the living writer's file");
            writer.write_all(b"first")
        })
        .expect("saved");
        assert_eq!(fs::read_to_string(&file).expect("the file"), "first");
        assert_only(
            folder.path(),
            &[".cookiejar-of-another-0.tmp", "cookies.txt"],
        );
    }

    #[test]
    fn many_writers_get_their_turn() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("cookies.txt");
        std::thread::scope(|scope| {
            for writer in 0..3 * NAMES {
                let file = &file;
                scope.spawn(move || {
                    for _ in 0..20 {
                        let text = format!("{writer} ").repeat(1000);
                        save(file, &Faulty(SaveStep::Create), &text).expect("saved");
                    }
                });
            }
        });
        let text = fs::read_to_string(&file).expect("the file");
        let first = text.split(' ').next().expect("a number");
        assert_eq!(text, format!("{first} ").repeat(1000));
        assert_only(folder.path(), &["cookies.txt"]);
    }

    #[test]
    fn a_long_name_is_no_hindrance() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("x".repeat(255));
        save(&file, &RealDisk, "x").expect("saved");
    }
}

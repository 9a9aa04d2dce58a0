//! Atomic saves: the effects of a full disk, another user and other writers.

use std::path::PathBuf;

use super::*;
use crate::file::temporary::prefix;

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
        // Part of it still fits.
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
        // The only step after which the new file exists.
        self.at(SaveStep::Find)
    }
}

fn save(path: &Path, disk: &impl Disk, text: &str) -> Result<((), bool), SaveError> {
    replace(path, false, disk, |writer| {
        writer.write_all(text.as_bytes())
    })
}

fn temporary_files(folder: &Path, target: &Path) -> Vec<PathBuf> {
    let prefix = prefix(target);
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let names = entries.map(|entry| entry.file_name().into_string().expect("UTF-8"));
    let names = names.filter(|name| name.starts_with(&prefix));
    names.map(|name| folder.join(name)).collect()
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
    // The folder is synced last: the new file exists, and the error says that it may not last.
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
    let result = replace(&file, false, &RealDisk, |writer| {
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
        let result = replace(Path::new(&path), false, &RealDisk, |_| -> io::Result<()> {
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
    replace(&file, false, &RealDisk, |_| {
        let temporary = temporary_files(folder.path(), &file);
        assert_eq!(temporary.len(), 1);
        assert_eq!(mode(&temporary[0]), 0o600);
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
        let name = format!("{}{number:016x}.tmp", prefix(&file));
        fs::write(folder.path().join(name), "half").expect("a dead writer's");
    }
    let other = folder.path().join(".cookiejar-of-another-0.tmp");
    fs::write(&other, "half").expect("another file's");
    replace(&file, false, &RealDisk, |writer| {
        let [first] = &*temporary_files(folder.path(), &file) else {
            panic!("the dead writers' files are gone, and the living one's is there");
        };
        // A second writer starts and finishes while the first one writes.
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
        for writer in 0..24 {
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

/// Fails after five seconds, so that the test never hangs.
#[cfg(unix)]
#[track_caller]
fn in_time<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || sender.send(run()));
    let limit = std::time::Duration::from_secs(5);
    receiver.recv_timeout(limit).expect("an end of it")
}

#[cfg(unix)]
fn fifos(names: &[PathBuf]) {
    for names in names.chunks(1_000) {
        let made = std::process::Command::new("mkfifo").args(names).status();
        assert!(made.expect("mkfifo").success());
    }
}

/// What another user can put into the folder to block a save, and whether the save succeeds.
#[cfg(unix)]
#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn nobody_blocks_a_save() {
    type Block = fn(&Path, &[PathBuf]);
    let blocks: [(&str, Block, bool); 10] = [
        ("pipes", |_, names| fifos(names), true),
        (
            "folders",
            |_, names| {
                for name in names {
                    fs::create_dir(name).expect("made");
                }
            },
            true,
        ),
        (
            "files that are held",
            |_, names| {
                for name in names {
                    let file = File::create(name).expect("made");
                    file.try_lock().expect("locked");
                    std::mem::forget(file);
                }
            },
            true,
        ),
        (
            "links to pipes",
            |folder, names| {
                let pipe = folder.join("pipe");
                fifos(std::slice::from_ref(&pipe));
                for name in names {
                    std::os::unix::fs::symlink(&pipe, name).expect("made");
                }
            },
            true,
        ),
        (
            "files of another user",
            |_, names| {
                for name in names {
                    fs::write(name, "theirs").expect("made");
                    // Only root can.
                    let _ = std::os::unix::fs::chown(name, Some(65_534), None);
                }
            },
            true,
        ),
        (
            "a thousand entries",
            |folder, _| {
                let names: Vec<_> = (0..3_000)
                    .map(|number| {
                        folder.join(format!("{}{number:016x}.tmp", prefix(Path::new("cookies"))))
                    })
                    .collect();
                fifos(&names);
            },
            true,
        ),
        (
            "a pipe for the file",
            |folder, _| fifos(&[folder.join("cookies")]),
            false,
        ),
        (
            "a folder for the file",
            |folder, _| fs::create_dir(folder.join("cookies")).expect("made"),
            false,
        ),
        (
            "a link to a pipe for the file",
            |folder, _| {
                fifos(&[folder.join("pipe")]);
                std::os::unix::fs::symlink("pipe", folder.join("cookies")).expect("made");
            },
            false,
        ),
        (
            "a link to itself for the file",
            |folder, _| {
                std::os::unix::fs::symlink("cookies", folder.join("cookies")).expect("made");
            },
            false,
        ),
    ];
    for (what, block, succeeds) in blocks {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("cookies");
        let name = |number| folder.path().join(format!("{}{number}.tmp", prefix(&file)));
        block(folder.path(), &(0..8).map(name).collect::<Vec<_>>());
        let saved = in_time({
            let file = file.clone();
            move || save(&file, &RealDisk, "new").is_ok()
        });
        assert_eq!(saved, succeeds, "{what}");
        let loaded = in_time(move || target::open_regular(&file).is_ok());
        assert_eq!(loaded, succeeds, "{what}");
    }
    let device = in_time(|| target::open_regular(Path::new("/dev/zero")).map(drop));
    assert_eq!(
        device.expect_err("a device").to_string(),
        "not a regular file"
    );
}

#[cfg(unix)]
#[test]
fn names_cannot_be_foretold() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cookies");
    let mut seen = std::collections::HashSet::new();
    for _ in 0..20 {
        let name = replace(&file, false, &RealDisk, |_| {
            Ok(temporary_files(folder.path(), &file).remove(0))
        });
        let (name, _) = name.expect("saved");
        assert!(seen.insert(name));
    }
}

/// The files of another user in a folder, as the user that runs the test sees them. Only root can play both.
#[cfg(unix)]
#[test]
fn strangers_are_not_trusted_in_shared_folders() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown, symlink};

    const STRANGER: u32 = 65_534;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cookies");
    fs::write(&file, "theirs").expect("written");
    if chown(&file, Some(STRANGER), Some(STRANGER)).is_err() {
        eprintln!("skipped: only root can make files of others");
        return;
    }
    let open_to = |mode| {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).expect("changed");
    };
    let owner = || fs::metadata(&file).expect("a file").uid();
    let denied = |result: Result<((), bool), SaveError>| {
        let error = io::Error::from(result.expect_err("not ours"));
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    };
    // In a folder of the same user the owner is kept: root works in another user's mounted folder.
    save(&file, &RealDisk, "kept").expect("saved");
    assert_eq!(owner(), STRANGER);
    for mode in [0o1777, 0o777, 0o775] {
        open_to(mode);
        denied(save(&file, &RealDisk, "given away"));
        assert_eq!(fs::read(&file).expect("the file"), b"kept");
    }
    replace(&file, true, &RealDisk, |_| Ok(())).expect("saved");
    assert_eq!(owner(), 0);

    let link = folder.path().join("link");
    symlink("cookies", &link).expect("a link");
    let linked = folder.path().join("folder");
    symlink(folder.path(), &linked).expect("a link");
    let both = [link.clone(), linked.join("cookies")];
    for path in &both {
        save(path, &RealDisk, "ours").expect("saved");
    }
    lchown(&link, Some(STRANGER), None).expect("given");
    lchown(&linked, Some(STRANGER), None).expect("given");
    for path in &both {
        open_to(0o1777);
        denied(save(path, &RealDisk, "followed"));
        let read = target::open_regular(path).expect_err("followed");
        assert_eq!(read.kind(), io::ErrorKind::PermissionDenied);
        // In a folder that is not sticky any user can remove any file.
        open_to(0o755);
        save(path, &RealDisk, "ours").expect("saved");
    }
    // The owner of the folder is trusted.
    open_to(0o1777);
    chown(folder.path(), Some(STRANGER), None).expect("given");
    for path in &both {
        save(path, &RealDisk, "ours").expect("saved");
    }
    assert_only(folder.path(), &["cookies", "folder", "link"]);
}

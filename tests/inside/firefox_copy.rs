use super::*;

fn state(modified: u64, log: Option<u8>) -> State {
    let modified = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(modified);
    State {
        len: 4096,
        modified: Some(modified),
        log: log.map(|salt| [salt; LOG_HEADER]),
    }
}

#[test]
fn what_is_whole() {
    let rows = [
        ((1, None), (1, None), true),
        ((1, None), (1, Some(1)), true), // the first change is in the log
        ((1, Some(1)), (1, Some(2)), true), // the log was restarted, after an earlier checkpoint
        ((1, Some(1)), (2, Some(1)), true), // checkpointed, and all of it is still in the log
        ((1, None), (2, None), false),   // written without a log
        ((1, None), (2, Some(1)), false),
        ((1, Some(1)), (2, Some(2)), false),
        ((1, Some(1)), (2, None), false), // checkpointed and closed
    ];
    for (before, after, whole) in rows {
        let (before, after) = (state(before.0, before.1), state(after.0, after.1));
        assert_eq!(before.is_whole_with(&after), whole);
    }
}

#[cfg(unix)]
#[test]
fn a_copy_is_private_and_goes_away() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("cookies.sqlite");
    fs::write(&database, "12345").expect("written");
    fs::write(log_of(&database), "123").expect("written");
    let copy = PrivateCopy::make(&database, 8).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(copy.bytes(), 8);
    let mode = |file: &Path| {
        let found = fs::metadata(file).expect("there");
        found.permissions().mode() & 0o777
    };
    assert_eq!(mode(&copy.folder), 0o700);
    assert_eq!(mode(&copy.database()), 0o600);
    assert_eq!(mode(&log_of(&copy.database())), 0o600);
    let own = copy.folder.clone();
    drop(copy);
    assert!(!own.exists());
    let error = PrivateCopy::make(&database, 7).err().expect("too long");
    assert!(matches!(error.kind(), LoadErrorKind::TooLong));
}

/// Only root can make links of others.
#[cfg(unix)]
#[test]
fn a_link_of_a_stranger_in_a_shared_folder_is_not_followed() {
    use std::os::unix::fs::{PermissionsExt, lchown, symlink};

    const STRANGER: u32 = 65_534;
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("cookies.sqlite");
    fs::write(&database, "12345").expect("written");
    fs::write(log_of(&database), "123").expect("written");
    let link = folder.path().join("link");
    symlink("cookies.sqlite", &link).expect("a link");
    let shared = fs::Permissions::from_mode(0o1777);
    fs::set_permissions(folder.path(), shared).expect("changed");
    let own = PrivateCopy::make(&link, 100).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(own.bytes(), 8, "the log is next to the file");
    if lchown(&link, Some(STRANGER), None).is_err() {
        eprintln!("skipped: only root can make links of others");
        return;
    }
    let error = PrivateCopy::make(&link, 100).err().expect("followed");
    let LoadErrorKind::Io(cause) = error.kind() else {
        panic!("{error}");
    };
    assert_eq!(cause.kind(), io::ErrorKind::PermissionDenied);
}

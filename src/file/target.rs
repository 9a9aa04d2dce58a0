//! Which file is read and replaced: a regular one of our own, behind links that can be trusted.
//!
//! In a folder that others can write to, a stranger may have put anything under a name that we use. It knows no
//! cookies and writes nothing.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

#[cfg(feature = "sqlite-system")]
use super::temporary::Temporary;

/// How many symbolic links are followed, as on Linux.
const MAX_LINKS: usize = 40;

#[derive(Debug)]
pub(super) struct Target {
    pub(super) path: PathBuf,
    owner: Option<(u32, u32)>,
}

impl Target {
    pub(super) fn give_to_owner(&self, file: &File) -> io::Result<()> {
        #[cfg(unix)]
        if let Some((user, group)) = self.owner {
            return std::os::unix::fs::fchown(file, Some(user), Some(group));
        }
        let _ = (file, self.owner);
        Ok(())
    }
}

/// Only a regular file is replaced, never a device or a pipe.
pub(super) fn find(path: &Path, any_owner: bool) -> io::Result<Target> {
    if path.as_os_str().is_empty() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut target = path.to_owned();
    for _ in 0..MAX_LINKS {
        owners::check_links_above(&target)?;
        match fs::symlink_metadata(&target) {
            Ok(found) if found.is_symlink() => {
                owners::check_link(&target, &found)?;
                let link = fs::read_link(&target)?;
                target = target.parent().unwrap_or(Path::new("")).join(link);
            }
            Ok(found) => {
                check_regular(&found)?;
                let owner = owners::of_new_file(&target, &found, any_owner)?;
                return Ok(Target {
                    path: target,
                    owner,
                });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return if is_of_a_folder(&target) {
                    Err(io::ErrorKind::IsADirectory.into())
                } else {
                    Ok(Target {
                        path: target,
                        owner: None,
                    })
                };
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

fn is_of_a_folder(path: &Path) -> bool {
    let last = path.as_os_str().as_encoded_bytes().last();
    last.is_some_and(|&byte| std::path::is_separator(char::from(byte)))
}

pub(super) fn check_regular(found: &Metadata) -> io::Result<()> {
    if found.is_file() {
        Ok(())
    } else if found.is_dir() {
        Err(io::ErrorKind::IsADirectory.into())
    } else {
        Err(io::Error::other("not a regular file"))
    }
}

pub(super) fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Anything but a regular file is an error at once: opening a pipe would wait for its writer.
pub(crate) fn open_regular(file: &Path) -> io::Result<File> {
    check_regular(&fs::metadata(file)?)?;
    let file = &find(file, true)?.path;
    let mut options = OpenOptions::new();
    options.read(true);
    // Another file may have taken the name meanwhile.
    #[cfg(unix)]
    flags::without_waiting(&mut options);
    let opened = options.open(file)?;
    check_regular(&opened.metadata()?)?;
    Ok(opened)
}

/// SQLite will open the file by its name. It need not exist.
#[cfg(feature = "sqlite-system")]
pub(crate) fn check_trusted(path: &Path) -> io::Result<()> {
    let target = find(path, true)?.path;
    match fs::symlink_metadata(&target) {
        Ok(found) => owners::check_trusted(&target, &found),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Returns the file behind links that can be trusted. SQLite puts companions next to this one.
#[cfg(feature = "sqlite-system")]
pub(crate) fn resolve(path: &Path) -> io::Result<PathBuf> {
    Ok(find(path, true)?.path)
}

/// Others can add files to its folder, but cannot remove ours.
#[cfg(feature = "sqlite-system")]
pub(crate) fn is_sticky_and_shared(path: &Path) -> io::Result<bool> {
    owners::is_sticky_and_shared(&resolve(path)?)
}

/// Creates an empty file with the owner of another one, unless it exists. It is then a trusted one, and as private.
///
/// The file is closed before it has its name: closing it later would release the locks that another connection of this
/// process may have on it by then.
#[cfg(feature = "sqlite-system")]
pub(crate) fn create_like(file: &Path, path: &Path) -> io::Result<()> {
    while let Err(error) = fs::symlink_metadata(path) {
        if error.kind() != io::ErrorKind::NotFound {
            return Err(error);
        }
        let unnamed = Temporary::create(folder_of(path), path)?;
        owners::give_like(&unnamed.file, file)?;
        let linked = fs::hard_link(unnamed.close(), path);
        match linked {
            // Another process has taken it for a stale one, or was first.
            Err(error)
                if ![io::ErrorKind::NotFound, io::ErrorKind::AlreadyExists]
                    .contains(&error.kind()) =>
            {
                return Err(error);
            }
            _ => {}
        }
    }
    check_trusted(path)?;
    owners::check_as_private(path, file)
}

pub(super) fn open_folder(folder: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    flags::without_waiting(&mut options);
    options.open(folder)
}

#[cfg(unix)]
pub(super) mod flags {
    use std::fs::OpenOptions;
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;

    pub(in crate::file) fn without_waiting(options: &mut OpenOptions) {
        options.custom_flags(OFlags::NONBLOCK.bits().cast_signed());
    }

    pub(in crate::file) fn of_this_name(options: &mut OpenOptions) {
        let flags = OFlags::NONBLOCK | OFlags::NOFOLLOW;
        options.custom_flags(flags.bits().cast_signed());
    }
}

#[cfg(unix)]
mod owners {
    use std::os::unix::fs::MetadataExt;

    use super::{Metadata, Path, folder_of, fs, io};

    const WRITABLE: u32 = 0o022;
    const STICKY: u32 = 0o1000;
    const ROOT: u32 = 0;
    const OTHER_USER: &str = "the file belongs to another user";

    fn own_user() -> u32 {
        rustix::process::geteuid().as_raw()
    }

    fn refused(reason: &'static str) -> io::Error {
        io::Error::new(io::ErrorKind::PermissionDenied, reason)
    }

    /// A link in a sticky folder that others can write to, such as `/tmp`, is followed if it is ours or the folder
    /// owner's (Linux: `protected_symlinks`).
    pub(super) fn check_link(link: &Path, found: &Metadata) -> io::Result<()> {
        let folder = fs::metadata(folder_of(link))?;
        let is_shared = folder.mode() & STICKY != 0 && folder.mode() & WRITABLE != 0;
        if is_shared && ![own_user(), folder.uid()].contains(&found.uid()) {
            return Err(refused("a link of another user in a shared folder"));
        }
        Ok(())
    }

    pub(super) fn check_links_above(file: &Path) -> io::Result<()> {
        check_folders(folder_of(file), &mut 0)
    }

    /// One of our links may lead to one of a stranger.
    fn check_folders(folder: &Path, links: &mut usize) -> io::Result<()> {
        for folder in folder.ancestors() {
            if let Ok(found) = fs::symlink_metadata(folder)
                && found.is_symlink()
            {
                check_link(folder, &found)?;
                *links += 1;
                if *links > super::MAX_LINKS {
                    return Err(io::Error::other("too many symbolic links"));
                }
                let behind = folder_of(folder).join(fs::read_link(folder)?);
                check_folders(&behind, links)?;
            }
        }
        Ok(())
    }

    /// Root keeps the owner, for containers that work in a folder of another user, unless that user can have put the
    /// file there to receive the cookies.
    pub(super) fn of_new_file(
        file: &Path,
        found: &Metadata,
        any_owner: bool,
    ) -> io::Result<Option<(u32, u32)>> {
        let us = own_user();
        if found.uid() == us {
            return Ok(None);
        }
        match us {
            ROOT if is_trusted(file, found)? => Ok(Some((found.uid(), found.gid()))),
            _ if any_owner => Ok(None),
            _ => Err(refused(OTHER_USER)),
        }
    }

    fn is_trusted(file: &Path, found: &Metadata) -> io::Result<bool> {
        let folder = fs::metadata(folder_of(file))?;
        Ok(folder.mode() & WRITABLE == 0 || found.uid() == folder.uid())
    }

    #[cfg(feature = "sqlite-system")]
    pub(super) fn is_sticky_and_shared(file: &Path) -> io::Result<bool> {
        let folder = fs::metadata(folder_of(file))?.mode();
        Ok(folder & STICKY != 0 && folder & WRITABLE != 0)
    }

    #[cfg(feature = "sqlite-system")]
    pub(super) fn give_like(file: &fs::File, other: &Path) -> io::Result<()> {
        let other = fs::metadata(other)?;
        if other.uid() == own_user() {
            return Ok(());
        }
        std::os::unix::fs::fchown(file, Some(other.uid()), Some(other.gid()))
    }

    /// A stranger may have linked to a file of ours that others can read.
    #[cfg(feature = "sqlite-system")]
    pub(super) fn check_as_private(path: &Path, other: &Path) -> io::Result<()> {
        let (own, other) = (fs::metadata(path)?.mode(), fs::metadata(other)?.mode());
        if own & 0o777 & !other == 0 {
            return Ok(());
        }
        Err(refused("more users may read a companion than the file"))
    }

    #[cfg(feature = "sqlite-system")]
    pub(super) fn check_trusted(file: &Path, found: &Metadata) -> io::Result<()> {
        if found.uid() == own_user() || is_trusted(file, found)? {
            return Ok(());
        }
        Err(refused(OTHER_USER))
    }
}

#[cfg(not(unix))]
mod owners {
    use super::{Metadata, Path, io};

    pub(super) fn check_link(_: &Path, _: &Metadata) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn check_links_above(_: &Path) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn of_new_file(_: &Path, _: &Metadata, _: bool) -> io::Result<Option<(u32, u32)>> {
        Ok(None)
    }

    #[cfg(feature = "sqlite-system")]
    pub(super) fn check_trusted(_: &Path, _: &Metadata) -> io::Result<()> {
        Ok(())
    }

    #[cfg(feature = "sqlite-system")]
    pub(super) fn is_sticky_and_shared(_: &Path) -> io::Result<bool> {
        Ok(false)
    }

    #[cfg(feature = "sqlite-system")]
    pub(super) fn give_like(_: &std::fs::File, _: &Path) -> io::Result<()> {
        Ok(())
    }

    #[cfg(feature = "sqlite-system")]
    pub(super) fn check_as_private(_: &Path, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

//! Atomic saves: readers always see a complete file, and on Unix only its owner can read it.
//!
//! It knows no cookies.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use super::error::{SaveError, SaveStep};
use super::report::{Saved, WriteReport};
use super::target;
use super::temporary::Temporary;

/// The steps at which a disk can fail; tests replace them with failures.
pub(crate) trait Disk {
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
            target::open_folder(folder)?.sync_all()
        } else {
            Err(io::ErrorKind::Unsupported.into())
        }
    }
}

pub(crate) struct RealDisk;

impl Disk for RealDisk {}

/// Returns the result of `write`, and whether the new name is on disk. On failure the old file is unchanged, and no
/// temporary file is left. A file of another user is replaced if `any_owner` is set, or by the rules of `target.rs`.
pub(crate) fn replace<T>(
    path: &Path,
    any_owner: bool,
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
    let target = target::find(path, any_owner).map_err(failed(SaveStep::Find))?;
    let folder = target::folder_of(&target.path);
    let mut temporary =
        Temporary::create(folder, &target.path).map_err(failed(SaveStep::Create))?;
    let mut writer = Writer {
        file: &mut temporary.file,
        disk,
    };
    let result = write(&mut writer).map_err(failed(SaveStep::Write))?;
    target
        .give_to_owner(&temporary.file)
        .map_err(failed(SaveStep::Create))?;
    disk.sync(&temporary.file).map_err(failed(SaveStep::Sync))?;
    disk.rename(&temporary.path, &target.path)
        .map_err(failed(SaveStep::Rename))?;
    temporary.renamed = true;
    Ok((result, disk.sync_folder(folder).is_ok()))
}

pub(super) fn replace_by(
    path: &Path,
    any_owner: bool,
    text: &[u8],
    report: io::Result<WriteReport>,
) -> Result<Saved, SaveError> {
    let (report, durable) = replace(path, any_owner, &RealDisk, |writer| {
        let report = report?;
        writer.write_all(text)?;
        Ok(report)
    })?;
    Ok(Saved { report, durable })
}

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

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/atomic.rs"]
mod tests;

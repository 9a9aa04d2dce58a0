//! The identity of a file: its device and inode, if the system has them.
//!
//! A file that was moved, deleted or restored from a backup is another file. A connection that still has the old one
//! open would write where no process reads.

use std::io;
use std::path::Path;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileIdentity {
    device: u64,
    inode: u64,
}

impl FileIdentity {
    /// Reads the file that currently has this name. On systems without inodes all files are equal.
    pub(super) fn read(path: &Path) -> io::Result<Self> {
        let metadata = path.metadata()?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Ok(Self {
                device: metadata.dev(),
                inode: metadata.ino(),
            })
        }
        #[cfg(not(unix))]
        {
            let _ = metadata;
            Ok(Self {
                device: 0,
                inode: 0,
            })
        }
    }

    pub(super) fn to_bytes(self) -> [u8; 16] {
        (u128::from(self.device) << 64 | u128::from(self.inode)).to_be_bytes()
    }
}

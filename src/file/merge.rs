//! Three-way merging of one cookie: what a jar and a file have now, against what they had when last compared.
//!
//! It knows only hashes of cookies.

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Side {
    #[default]
    Absent,
    /// The options keep it on its side, as they do session cookies.
    Private(u64),
    Shared(u64),
}

impl Side {
    pub(super) fn hash(self) -> Option<u64> {
        match self {
            Self::Absent => None,
            Self::Private(hash) | Self::Shared(hash) => Some(hash),
        }
    }

    fn has_changed(self, last: Self) -> bool {
        let is_let_over = matches!((last, self), (Self::Private(_), Self::Shared(_)));
        is_let_over || self.hash() != last.hash()
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Last {
    pub(super) ours: Side,
    pub(super) theirs: Side,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InJar {
    Goes,
    Stays,
    Theirs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InFile {
    Goes,
    Ours,
    Stays,
}

/// Takes what only one side changed or deleted; if both did, the jar's. A cookie that neither side had before is new,
/// and never counts as deleted.
pub(super) fn merge(last: Last, ours: Side, theirs: Side) -> (InJar, InFile) {
    let ours_changed = ours.has_changed(last.ours);
    let theirs_changed = theirs.has_changed(last.theirs);
    if ours.hash() == theirs.hash() || (!ours_changed && !theirs_changed) {
        return (InJar::Stays, InFile::Stays);
    }
    if !ours_changed {
        let in_jar = match theirs {
            Side::Shared(_) => InJar::Theirs,
            Side::Absent | Side::Private(_) => InJar::Goes,
        };
        return (in_jar, InFile::Stays);
    }
    let in_file = match ours {
        Side::Shared(_) => InFile::Ours,
        // The file has a newer cookie of another program.
        Side::Private(_) if theirs_changed => InFile::Stays,
        Side::Absent | Side::Private(_) => InFile::Goes,
    };
    (InJar::Stays, in_file)
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/merge.rs"]
mod tests;

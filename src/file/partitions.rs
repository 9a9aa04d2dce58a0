//! Which of the cookies that a browser isolates are read: those of partitions and of containers.

/// What happens to cookies that a browser keeps in a partition.
///
/// ```
/// use cookiejar::file::{Partitions, ReadOptions};
///
/// // The cookies that chat.example has in frames of shop.example become cookies like others.
/// let options = ReadOptions::new().partitions(Partitions::Plain("https://shop.example".into()));
/// # let _ = options;
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Partitions {
    /// Each stays in its partition: it is sent only with requests that name the partition.
    #[default]
    Keep,
    /// All are skipped and reported, even in strict reading.
    Skip,
    /// Those in the partition of this [key](crate::Cookie::partition_key) become plain cookies; the others stay in
    /// theirs. It is for a program that continues a browser's login and names no partitions.
    ///
    /// If the file also has a plain cookie with the same name, domain and path, the later one replaces the earlier.
    Plain(String),
}

/// Which cookies of Firefox's containers, and in JSON of private windows, are read. A tab in a container has that
/// container's cookies and no others.
///
/// ```
/// use cookiejar::file::{Containers, ReadOptions};
///
/// let options = ReadOptions::new().containers(Containers::One(2));
/// assert_eq!(options.get_containers(), Containers::One(2));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Containers {
    /// The cookies outside all containers.
    #[default]
    None,
    /// The cookies of the container with this `userContextId`, as `containers.json` in the profile has it.
    One(u32),
    /// The cookies of all containers, of private windows, and those outside, as if containers did not exist. If several
    /// have a cookie with the same name, domain and path, a jar keeps the one that was created last, in JSON the last
    /// one of the file.
    All,
}

#[cfg(feature = "json")]
impl Containers {
    pub(super) fn include(self, container: Option<u32>) -> bool {
        match self {
            Self::None => container.is_none(),
            Self::One(id) => container == Some(id).filter(|id| *id != 0),
            Self::All => true,
        }
    }
}

//! Which cookies are read that a browser keeps apart from the others: those of partitions and of containers.

/// What becomes of cookies that a browser keeps in a partition.
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
    /// Each stays in its partition: only a request that names the partition gets it.
    #[default]
    Keep,
    /// All are skipped and reported, in strict reading too.
    Skip,
    /// Those in the partition of this [key](crate::Cookie::partition_key) are taken out of it; the
    /// others stay in theirs. It is for a program that goes on where a browser was logged in, and
    /// names no partitions.
    ///
    /// Where the file has a plain cookie of the same name, domain and path, too, the later one
    /// replaces the earlier.
    Plain(String),
}

/// Which cookies of Firefox's containers are read. A tab in a container has that container's cookies and no others.
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
    /// The cookies of all containers and those outside, as if there were no containers. Where several have a cookie
    /// of the same name, domain and path, a jar keeps the one that was created last.
    All,
}

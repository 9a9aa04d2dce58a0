//! The public suffix list: built in, loaded at run time, or absent.
//!
//! It knows no cookie rule.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use publicsuffix::Psl;

use crate::domain;

/// The public suffixes that a policy uses: names such as `com`, `co.uk` or `github.io`, under which anyone can
/// register a name.
///
/// Both sections of the list count. If the list does not know a name, its implicit rule `*` applies: the last label is
/// the suffix, so that `corp` is a suffix and `wiki.corp` is registrable.
///
/// ```
/// use cookiejar::policy::PublicSuffixes;
///
/// let suffixes = PublicSuffixes::parse("com\nco.uk\n")?;
/// assert!(suffixes.is_public_suffix("co.uk"));
/// assert!(!suffixes.is_public_suffix("intranet"));
/// assert_eq!(suffixes.registrable_domain("www.acme.co.uk"), Some("acme.co.uk"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct PublicSuffixes(Source);

#[derive(Clone, Default)]
enum Source {
    #[default]
    None,
    #[cfg(feature = "psl")]
    BuiltIn,
    Loaded(Arc<Loaded>),
}

struct Loaded {
    list: publicsuffix::List,
    id: u32,
}

impl Loaded {
    fn new(list: publicsuffix::List) -> Self {
        static NEXT_ID: AtomicU32 = AtomicU32::new(FIRST_LOADED);
        let next = |id: u32| id.checked_add(1);
        let id = NEXT_ID.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        let id = id.unwrap_or(NO_ID);
        Self { list, id }
    }
}

/// The id of every list once all ids are used up.
pub(crate) const NO_ID: u32 = 0;

const NONE: u32 = 1;

#[cfg(feature = "psl")]
const BUILT_IN: u32 = 2;

const FIRST_LOADED: u32 = 3;

/// The text is not a public suffix list, or has no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no public suffix list: {0}")]
pub struct SuffixListError(String);

impl SuffixListError {
    /// A rule is shown without its control characters, so that no list controls a terminal.
    fn new(text: &str) -> Self {
        Self(text.replace(char::is_control, "?"))
    }
}

impl PublicSuffixes {
    /// Returns a value without a list: hosts can share cookies with every domain above them.
    #[must_use]
    pub fn none() -> Self {
        Self(Source::None)
    }

    /// Returns the list that is compiled into the crate.
    #[cfg(feature = "psl")]
    #[must_use]
    pub fn built_in() -> Self {
        Self(Source::BuiltIn)
    }

    /// Parses a list in the format of <https://publicsuffix.org/list/>, one rule per line. Rules outside of the
    /// sections of that list count, too.
    ///
    /// # Errors
    ///
    /// Returns an error for a malformed rule, such as one with a wildcard that is not its first label, and for a text
    /// without rules; [`none`](Self::none) is the list without any.
    pub fn parse(text: &str) -> Result<Self, SuffixListError> {
        let list = complete(text)?.parse();
        match list {
            Ok(list) => Self::from_list(list),
            Err(error) => Err(SuffixListError::new(&publicsuffix::Error::to_string(
                &error,
            ))),
        }
    }

    /// Wraps a list that the `publicsuffix` crate has parsed, and answers as it does. Only [`parse`](Self::parse)
    /// reads rules outside of sections, and heeds a wildcard (`*.ck`) next to a longer rule (`a.b.ck`).
    ///
    /// # Errors
    ///
    /// Returns an error for a list without rules, like [`parse`](Self::parse).
    pub fn from_list(list: publicsuffix::List) -> Result<Self, SuffixListError> {
        if list.is_empty() {
            return Err(SuffixListError("it has no rules".to_owned()));
        }
        Ok(Self(Source::Loaded(Arc::new(Loaded::new(list)))))
    }

    /// Returns `true` if it has no list.
    #[must_use]
    pub fn is_none(&self) -> bool {
        matches!(self.0, Source::None)
    }

    /// Returns `true` if `domain`, a name in lower-case ASCII without a leading dot, is a known public suffix.
    /// A trailing dot makes no difference.
    #[must_use]
    pub fn is_public_suffix(&self, domain: &str) -> bool {
        let name = domain::without_root_dot(domain);
        self.suffix(name)
            .is_some_and(|suffix| suffix.is_known() && suffix.as_bytes().len() == name.len())
    }

    /// Returns the registrable domain of a name in lower-case ASCII: its public suffix and one more label, by
    /// the rule `*` if the list does not know the name. Returns `None` for a name that is itself a suffix, for
    /// IP addresses, and for names with an empty label in that place.
    #[must_use]
    pub fn registrable_domain<'a>(&self, domain: &'a str) -> Option<&'a str> {
        if domain::is_ip_address(domain) {
            return None;
        }
        let name = domain::without_root_dot(domain);
        let suffix_len = match self.suffix(name) {
            Some(suffix) => suffix.as_bytes().len(),
            None => name.len() - last_label_in(name.as_bytes()),
        };
        let above = name.as_bytes()[..name.len() - suffix_len].strip_suffix(b".")?;
        let label = last_label_in(above);
        (label < above.len()).then(|| &domain[label..])
    }

    /// Cookies are counted under this name: `domain` itself if it has no registrable domain.
    pub(crate) fn site<'a>(&self, domain: &'a str) -> &'a str {
        self.registrable_domain(domain).unwrap_or(domain)
    }

    /// A number unique to this list, the key of a cached answer; [`NO_ID`] for an answer that must not be cached.
    #[inline]
    pub(crate) fn id(&self) -> u32 {
        match &self.0 {
            Source::None => NONE,
            #[cfg(feature = "psl")]
            Source::BuiltIn => BUILT_IN,
            Source::Loaded(loaded) => loaded.id,
        }
    }

    fn suffix<'a>(&self, name: &'a str) -> Option<publicsuffix::Suffix<'a>> {
        match &self.0 {
            Source::None => None,
            #[cfg(feature = "psl")]
            Source::BuiltIn => built_in::List.suffix(name.as_bytes()),
            Source::Loaded(loaded) => loaded.list.suffix(name.as_bytes()),
        }
    }
}

/// The list of the `psl` crate: a match on the octets of each label, compiled anew for the iterator over them.
#[cfg(feature = "psl")]
mod built_in {
    use publicsuffix::{Info, Psl};

    pub(super) struct List;

    impl Psl for List {
        fn find<'a, T: Iterator<Item = &'a [u8]>>(&self, labels: T) -> Info {
            psl::List.find(&mut Labels(labels))
        }
    }

    struct Labels<T>(T);

    impl<'a, T: Iterator<Item = &'a [u8]>> Iterator for Labels<T> {
        type Item = &'a [u8];

        /// In each of the 1,300 functions of the list, a call takes a third less time to compile.
        #[inline(never)]
        fn next(&mut self) -> Option<&'a [u8]> {
            self.0.next()
        }
    }
}

/// Reads a list, as [`parse`](PublicSuffixes::parse) does.
impl FromStr for PublicSuffixes {
    type Err = SuffixListError;

    fn from_str(text: &str) -> Result<Self, SuffixListError> {
        Self::parse(text)
    }
}

impl fmt::Debug for PublicSuffixes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Source::None => "PublicSuffixes::none()",
            #[cfg(feature = "psl")]
            Source::BuiltIn => "PublicSuffixes::built_in()",
            Source::Loaded(_) => "PublicSuffixes(loaded)",
        })
    }
}

/// Returns a list with the rules of a text, all in one section: outside of sections they would not be read.
///
/// A wildcard is looked up only where no rule has the name, so each name within a rule that a wildcard makes a suffix
/// gets its own. Exceptions come last, because the last rule of a name counts.
fn complete(text: &str) -> Result<String, SuffixListError> {
    let (exceptions, rules): (BTreeSet<_>, BTreeSet<_>) =
        rules_in(text).partition(|rule| rule.starts_with('!'));
    let names = exceptions.iter().map(|rule| &rule[1..]);
    let names = names.chain(rules.iter().map(String::as_str));
    for name in names.clone() {
        let fault = match name.rfind('*') {
            _ if name.len() > domain::LONGEST => "is longer than a host",
            Some(1..) => "has a wildcard that is not its first label",
            _ => continue,
        };
        return Err(SuffixListError::new(&format!("`{name:.80}` {fault}")));
    }
    let wild: HashSet<_> = rules
        .iter()
        .filter_map(|rule| rule.strip_prefix("*."))
        .collect();
    let mut seen = HashSet::new();
    let mut list = String::from("// ===BEGIN ICANN DOMAINS===\n");
    for name in names {
        for name in domain::suffixes(name).take_while(|name| seen.insert(*name)) {
            let is_wild = name
                .split_once('.')
                .is_some_and(|(_, above)| wild.contains(above));
            if is_wild || rules.contains(name) {
                list.extend([name, "\n"]);
            }
        }
    }
    list.extend(exceptions.iter().flat_map(|rule| [rule, "\n"]));
    Ok(list)
}

fn rules_in(text: &str) -> impl Iterator<Item = String> {
    let lines = text.trim_start_matches('\u{feff}').lines();
    let words = lines.filter_map(|line| line.split_whitespace().next());
    let rules = words.filter(|word| !word.starts_with("//"));
    rules.map(|rule| idna::domain_to_ascii(rule).unwrap_or_else(|_| rule.to_owned()))
}

/// Names are so short that a plain loop beats a library search.
fn last_label_in(name: &[u8]) -> usize {
    let dot = name.iter().rposition(|&byte| byte == b'.');
    dot.map_or(0, |dot| dot + 1)
}

#[cfg(all(test, feature = "inside"))]
#[path = "../tests/inside/public_suffix.rs"]
mod tests;

//! The keys of sessions, and the names under which databases store them.

use std::fmt;
use std::hash::Hash;
use std::str::FromStr;
use std::sync::Arc;

use super::super::PersistError;

/// The key of a session, stored as text.
///
/// Every type with [`Display`](fmt::Display) and [`FromStr`] implements it. A key's text must parse as the same key.
pub trait SessionKey: Eq + Hash + Clone + Send + Sync + 'static {
    /// Returns the text of the key.
    fn to_text(&self) -> String;

    /// Parses a key; `None` if the text is not a key.
    fn from_text(text: &str) -> Option<Self>;
}

impl<K> SessionKey for K
where
    K: Eq + Hash + Clone + Send + Sync + fmt::Display + FromStr + 'static,
{
    fn to_text(&self) -> String {
        self.to_string()
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// The name of the session without a key. No session with a key has it.
const UNNAMED: &str = "-";
/// The first character of the name of a session with a key.
const NAMED: char = '=';

pub(super) fn name_of<K: SessionKey>(key: Option<&K>) -> Result<Arc<str>, PersistError> {
    let Some(key) = key else {
        return Ok(UNNAMED.into());
    };
    let text = key.to_text();
    match K::from_text(&text) {
        Some(same) if same == *key => Ok(format!("{NAMED}{text}").into()),
        _ => Err(PersistError::Key),
    }
}

pub(crate) fn is_named(name: &str) -> bool {
    name == UNNAMED || name.starts_with(NAMED)
}

pub(super) enum Named<K> {
    Unnamed,
    Key(K),
    Foreign,
}

impl<K: SessionKey> Named<K> {
    pub(super) fn parse(name: &str) -> Self {
        let key = || {
            let text = name.strip_prefix(NAMED)?;
            // `07` is not the session `7`.
            K::from_text(text).filter(|key| key.to_text() == text)
        };
        match name {
            UNNAMED => Self::Unnamed,
            _ => key().map_or(Self::Foreign, Self::Key),
        }
    }
}

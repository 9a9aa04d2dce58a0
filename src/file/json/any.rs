//! JSON of any kind, including HTTP archives: a file that shows signs of two kinds is an error.

use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::parse::{self, Walk};
use super::{LoadError, LoadErrorKind, ReadOptions, Reading};
use crate::file::har::walk::{Archive, Entry, LogSeed};
use crate::file::lines::without_mark;
use crate::file::replay::Replay;
use crate::file::report::Source;
use crate::policy::CookiePolicy;

/// Whether a text begins like an object with keys, or like an array of objects.
pub(in crate::file) fn recognizes(head: &[u8]) -> bool {
    match without_mark(head).trim_ascii_start() {
        [b'{', rest @ ..] => matches!(rest.trim_ascii_start(), [] | [b'"' | b'}', ..]),
        [b'[', rest @ ..] => matches!(rest.trim_ascii_start(), [] | [b'{' | b']', ..]),
        _ => false,
    }
}

pub(in crate::file) fn read_any(
    reader: impl Read,
    policy: impl CookiePolicy,
    options: &ReadOptions,
) -> Result<Reading, LoadError> {
    let mut replay = Replay::new(Source::Har, policy, options);
    let mut judge = |entry: Entry| entry.judge(&mut replay, options);
    let reading = parse::read(reader, options, Some(&mut judge))?;
    match reading.report.source {
        Source::Har => replay.finish(),
        _ => Ok(reading),
    }
}

pub(super) type Judge<'a> = dyn FnMut(Entry) -> Result<(), LoadError> + 'a;

pub(super) struct Any<'a> {
    judge: &'a mut Judge<'a>,
}

impl<'a> Any<'a> {
    pub(super) fn new(judge: &'a mut Judge<'a>) -> Self {
        Self { judge }
    }
}

pub(super) fn ambiguous(first: Source, second: Source) -> LoadErrorKind {
    let candidates = vec![first, second];
    LoadErrorKind::Ambiguous { candidates }
}

impl Walk<'_> {
    pub(super) fn log<'de, A: MapAccess<'de>>(&mut self, object: &mut A) -> Result<(), A::Error> {
        let Some(any) = &mut self.any else {
            return Ok(());
        };
        let mut archive = Archive::new(self.progress, self.options, any.judge);
        let read = object.next_value_seed(Log(&mut archive));
        let Archive {
            fault, has_entries, ..
        } = archive;
        self.fault = fault;
        read?;
        if has_entries {
            self.settle(Source::Har)?;
        }
        Ok(())
    }
}

struct Log<'w, 'a>(&'w mut Archive<'a>);

impl<'de> DeserializeSeed<'de> for Log<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        self.0.progress.begin_ignored();
        parser.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Log<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the log of an archive")
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        LogSeed(self.0).visit_map(object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        while array.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    scalars!(_log => Ok(()));
}

//! Walks through an archive, one entry in memory at a time.

use std::fmt;
use std::io::Read;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::file::error::{LoadError, LoadErrorKind};
use crate::file::json::foreign::Object;
use crate::file::json::limits::{Parser, Progress};
use crate::file::json::parse::{Captured, first_value};
use crate::file::options::ReadOptions;

pub(super) fn read<R: Read>(
    mut parser: Parser<'_, R>,
    progress: &Progress,
    options: &ReadOptions,
    judge: &mut dyn FnMut(Entry) -> Result<(), LoadError>,
) -> Result<(), LoadError> {
    let mut archive = Archive::new(progress, options, judge);
    progress.begin_value();
    let read = RootSeed(&mut archive).deserialize(&mut parser);
    if let Err(error) = read.and_then(|()| parser.end()) {
        return Err(archive
            .fault
            .take()
            .unwrap_or_else(|| progress.error(error)));
    }
    if !archive.has_entries {
        return Err(LoadErrorKind::NotThisFormat.into());
    }
    Ok(())
}

#[derive(Default)]
pub(in crate::file) struct Entry {
    pub(super) time: Option<String>,
    pub(super) url: Option<String>,
    pub(super) status: Option<u16>,
    pub(super) set: Vec<(u64, String)>,
    pub(super) cookies: Vec<(u64, Object)>,
    pub(super) sent: Vec<(u64, String)>,
    pub(super) too_long: Vec<u64>,
    pub(super) octets: usize,
}

/// The state of reading one archive. Data of a cookie is held until the end of its entry, because keys can be in any
/// order.
pub(in crate::file) struct Archive<'a> {
    pub(in crate::file) progress: &'a Progress,
    options: &'a ReadOptions,
    /// Our own error, passed through the parser, which knows only its own.
    pub(in crate::file) fault: Option<LoadError>,
    entry: Entry,
    pub(in crate::file) has_entries: bool,
    judge: &'a mut dyn FnMut(Entry) -> Result<(), LoadError>,
}

impl<'a> Archive<'a> {
    pub(in crate::file) fn new(
        progress: &'a Progress,
        options: &'a ReadOptions,
        judge: &'a mut dyn FnMut(Entry) -> Result<(), LoadError>,
    ) -> Self {
        Self {
            progress,
            options,
            fault: None,
            entry: Entry::default(),
            has_entries: false,
            judge,
        }
    }

    fn fail<E: serde::de::Error>(&mut self, fault: LoadError) -> E {
        self.fault = Some(fault);
        E::custom("see the fault")
    }

    /// Its line is recorded if it or all texts of the entry together are too long.
    fn may_wait(&mut self, line: u64, text: Option<&[u8]>) -> bool {
        let entry = &mut self.entry;
        // Those without a text are held, too.
        let octets = text.map(|text| entry.octets + text.len().max(1));
        match octets.filter(|octets| *octets <= self.options.max_line) {
            Some(octets) => entry.octets = octets,
            // One more than is reported is enough.
            None if entry.too_long.len() <= self.options.max_skipped => entry.too_long.push(line),
            None => {}
        }
        octets.is_some_and(|octets| octets == entry.octets)
    }

    fn end_entry<E: serde::de::Error>(&mut self) -> Result<(), E> {
        let entry = std::mem::take(&mut self.entry);
        (self.judge)(entry).map_err(|fault| self.fail(fault))
    }
}

#[derive(Deserialize)]
struct Header {
    name: String,
    value: String,
}

fn scalar<'de, T, A>(archive: &Archive<'_>, object: &mut A) -> Result<Option<T>, A::Error>
where
    T: for<'t> Deserialize<'t>,
    A: MapAccess<'de>,
{
    let (_, text) = object.next_value_seed(Captured::value(archive.progress))?;
    let value = first_value(&text.unwrap_or_default());
    Ok(serde_json::from_value(value).ok())
}

macro_rules! object_seed {
    ($name:ident, |$archive:ident, $object:ident| { $($key:literal => $take:expr,)+ }) => {
        pub(in crate::file) struct $name<'w, 'a>(pub(in crate::file) &'w mut Archive<'a>);

        impl<'de> DeserializeSeed<'de> for $name<'_, '_> {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
                parser.deserialize_map(self)
            }
        }

        impl<'de> Visitor<'de> for $name<'_, '_> {
            type Value = ();

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of an archive")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut $object: A) -> Result<(), A::Error> {
                let Self($archive) = self;
                $archive.progress.begin_value();
                while let Some(key) = $object.next_key::<String>()? {
                    $archive.progress.begin_value();
                    match key.as_str() {
                        $($key => $take,)+
                        _ => {
                            $archive.progress.begin_ignored();
                            $object.next_value::<IgnoredAny>()?;
                        }
                    }
                    $archive.progress.begin_value();
                }
                Ok(())
            }
        }
    };
}

macro_rules! array_seed {
    ($name:ident, |$archive:ident, $array:ident| $element:expr) => {
        struct $name<'w, 'a>(&'w mut Archive<'a>);

        impl<'de> DeserializeSeed<'de> for $name<'_, '_> {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
                parser.deserialize_seq(self)
            }
        }

        impl<'de> Visitor<'de> for $name<'_, '_> {
            type Value = ();

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of an archive")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut $array: A) -> Result<(), A::Error> {
                let Self($archive) = self;
                $archive.progress.begin_value();
                while let Some(()) = $element {
                    $archive.progress.begin_value();
                }
                Ok(())
            }
        }
    };
}

object_seed!(RootSeed, |archive, object| {
    "log" => object.next_value_seed(LogSeed(archive))?,
});
object_seed!(LogSeed, |archive, object| {
    "entries" => {
        archive.has_entries = true;
        object.next_value_seed(EntriesSeed(archive))?;
    },
});
array_seed!(EntriesSeed, |archive, array| {
    let entry = array.next_element_seed(EntrySeed(archive))?;
    if entry.is_some() {
        archive.end_entry()?;
    }
    entry
});
object_seed!(EntrySeed, |archive, object| {
    "startedDateTime" => archive.entry.time = scalar(archive, &mut object)?,
    "request" => object.next_value_seed(RequestSeed(archive))?,
    "response" => object.next_value_seed(ResponseSeed(archive))?,
});
object_seed!(RequestSeed, |archive, object| {
    "url" => archive.entry.url = scalar(archive, &mut object)?,
    "headers" => object.next_value_seed(RequestHeadersSeed(archive))?,
    "cookies" => object.next_value_seed(CookiesSeed(archive))?,
});
object_seed!(ResponseSeed, |archive, object| {
    "status" => archive.entry.status = scalar(archive, &mut object)?,
    "headers" => object.next_value_seed(ResponseHeadersSeed(archive))?,
});
array_seed!(RequestHeadersSeed, |archive, array| {
    let header = array.next_element_seed(Captured::element(archive.progress))?;
    if let Some((line, text)) = &header
        && archive.options.requests
        && let Some(field) = field(archive, *line, text.as_deref(), "Cookie")
    {
        archive.entry.sent.push((*line, field));
    }
    header.map(|(_, text)| archive.progress.reuse(text.unwrap_or_default()))
});
array_seed!(ResponseHeadersSeed, |archive, array| {
    let header = array.next_element_seed(Captured::element(archive.progress))?;
    if let Some((line, text)) = &header
        && let Some(field) = field(archive, *line, text.as_deref(), "Set-Cookie")
    {
        archive.entry.set.push((*line, field));
    }
    header.map(|(_, text)| archive.progress.reuse(text.unwrap_or_default()))
});
array_seed!(CookiesSeed, |archive, array| {
    let cookie = array.next_element_seed(Captured::element(archive.progress))?;
    if let Some((line, text)) = &cookie
        && archive.options.requests
        && archive.may_wait(*line, text.as_deref())
    {
        let text = text.as_deref().unwrap_or_default();
        let object = serde_json::from_slice(text).unwrap_or_default();
        archive.entry.cookies.push((*line, object));
    }
    cookie.map(|(_, text)| archive.progress.reuse(text.unwrap_or_default()))
});

fn field(archive: &mut Archive<'_>, line: u64, text: Option<&[u8]>, name: &str) -> Option<String> {
    let header = text.map(serde_json::from_slice::<Header>);
    let value = match header {
        None => None,
        Some(Ok(header)) if header.name.eq_ignore_ascii_case(name) => Some(header.value),
        Some(_) => return None,
    };
    let may_wait = archive.may_wait(line, value.as_deref().map(str::as_bytes));
    value.filter(|_| may_wait)
}

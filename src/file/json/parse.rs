//! Walks through a file, one cookie in memory at a time, and finds its kind.

use std::fmt;
use std::io::Read;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::any::{self, Any, Judge};
use super::foreign::{self, Kind, Object};
use super::limits::{self, Progress};
use super::{FORMAT, LoadError, LoadErrorKind, ReadOptions, Reading, VERSION, tough_cookie};
use crate::cookie::{Cookie, Row};
use crate::file::collector::Collector;
use crate::file::report::{Reason, Source};

pub(super) fn read(
    reader: impl Read,
    options: &ReadOptions,
    judge: Option<&mut Judge<'_>>,
) -> Result<Reading, LoadError> {
    #[expect(clippy::redundant_closure, reason = "lifetimes want the closure")]
    let any = judge.map(|judge| Any::new(judge));
    let progress = Progress::new(options);
    let mut parser = progress.parser(reader)?;
    let mut walk = Walk {
        collector: Collector::new(Source::Other, options),
        options,
        progress: &progress,
        kind: None,
        any,
        fault: None,
    };
    // Only the lines of cookie_store are more than one value.
    while parser.end().is_err() {
        if !matches!(walk.source(), Source::Other | Source::CookieStoreLines) {
            return Err(LoadError::at(progress.line(), LoadErrorKind::Syntax));
        }
        progress.begin_value();
        let result = (&mut walk).deserialize(&mut parser);
        if let Err(error) = result {
            return Err(walk.fault.take().unwrap_or_else(|| progress.error(error)));
        }
    }
    if walk.source() == Source::Other {
        if options.strict {
            return Err(LoadErrorKind::NotThisFormat.into());
        }
        walk.set_source(Source::Empty);
    }
    Ok(walk.collector.reading)
}

pub(super) struct Walk<'o> {
    collector: Collector<'o>,
    pub(super) options: &'o ReadOptions,
    pub(super) progress: &'o Progress,
    kind: Option<Kind>,
    pub(super) any: Option<Any<'o>>,
    /// Our own error, passed through the parser, which knows only its own.
    pub(super) fault: Option<LoadError>,
}

impl Walk<'_> {
    fn source(&self) -> Source {
        self.collector.reading.report.source
    }

    fn set_source(&mut self, source: Source) {
        self.collector.reading.report.source = source;
    }

    pub(super) fn settle<E: Error>(&mut self, source: Source) -> Result<(), E> {
        let current = self.source();
        if self.any.is_some() && ![Source::Other, source].contains(&current) {
            return Err(self.fail_here(any::ambiguous(current, source)));
        }
        self.set_source(source);
        Ok(())
    }

    fn may_be_store(&mut self, key: &str) -> bool {
        match self.source() {
            Source::ToughCookie => true,
            Source::Other => tough_cookie::is_domain(key),
            _ => false,
        }
    }

    pub(super) fn fail<E: Error>(&mut self, fault: LoadError) -> E {
        self.fault = Some(fault);
        E::custom("see the fault")
    }

    fn fail_here<E: Error>(&mut self, kind: LoadErrorKind) -> E {
        let line = self.progress.line();
        self.fail(LoadError::at(line, kind))
    }

    pub(super) fn push<E: Error>(
        &mut self,
        line: u64,
        cookie: Result<Cookie, Reason>,
    ) -> Result<(), E> {
        self.collector
            .push(line, cookie)
            .map_err(|fault| self.fail(fault))
    }

    fn check_object<E: Error>(&mut self, line: u64) -> Result<(), E> {
        match self.source() {
            Source::Json
            | Source::StorageState
            | Source::ToughCookie
            | Source::Guzzle
            | Source::Har => Ok(()),
            _ => Err(self.fail(LoadError::at(line, LoadErrorKind::NotThisFormat))),
        }
    }

    /// Fails if an element that could not be read is not JSON.
    fn check<E: Error>(&mut self, line: u64, text: &[u8], is_read: bool) -> Result<(), E> {
        if is_read {
            return Ok(());
        }
        let checked = limits::check(line, text);
        checked.map_err(|fault| self.fail(fault))
    }

    fn element<E: Error>(&mut self, line: u64, text: Option<&[u8]>) -> Result<(), E> {
        let Some(text) = text else {
            return self.push(line, Err(Reason::TooLong));
        };
        if self.source() == Source::Json {
            let row = serde_json::from_slice::<Row<'_>>(text);
            self.check(line, text, row.is_ok())?;
            let cookie = row
                .map_err(|_| Reason::Field)
                .and_then(|row| Ok(row.cookie()?));
            return self.push(line, cookie);
        }
        let element = serde_json::from_slice(text);
        self.check(line, text, element.is_ok())?;
        self.foreign_element(line, &element.unwrap_or_default())
    }

    fn foreign_element<E: Error>(&mut self, line: u64, element: &Object) -> Result<(), E> {
        let kind = self.kind_with(element);
        let kind = kind.map_err(|kind| self.fail(LoadError::at(line, kind)))?;
        if !foreign::is_in_store(element, kind, self.options.containers) {
            self.collector.reading.report.other_containers += 1;
            return Ok(());
        }
        let cookie = foreign::cookie(element, kind, self.options);
        self.push(line, cookie)
    }

    /// The first element that shows its kind decides for all.
    fn kind_with(&mut self, element: &Object) -> Result<Kind, LoadErrorKind> {
        if let Some(kind) = self.kind {
            return Ok(kind);
        }
        let mut signs = Kind::signs(element);
        self.kind = signs.next();
        if let (Some(first), Some(second), true) = (self.kind, signs.next(), self.any.is_some()) {
            return Err(any::ambiguous(first.source(), second.source()));
        }
        match (self.source(), self.kind) {
            (Source::Other, None) => return Err(LoadErrorKind::NotThisFormat),
            (Source::Other, Some(kind))
            | (Source::StorageState, Some(kind @ (Kind::Guzzle | Kind::ToughCookie))) => {
                self.set_source(kind.source());
            }
            _ => {}
        }
        Ok(self.kind.unwrap_or(match self.source() {
            Source::ToughCookie => Kind::ToughCookie,
            _ => Kind::Browser,
        }))
    }
}

/// A whole value: an array of cookies, or an object that has one or is one.
impl<'de> DeserializeSeed<'de> for &mut Walk<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array or an object")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<(), A::Error> {
        if self.source() == Source::CookieStoreLines {
            return Err(self.fail_here(LoadErrorKind::Syntax));
        }
        Elements(self).visit_seq(array)?;
        if self.source() == Source::Other {
            self.set_source(Source::Empty);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let line = self.progress.line();
        let mut head = Head::default();
        let mut record = Object::new();
        let mut too_long = false;
        self.progress.begin_value();
        while let Some(key) = object.next_key::<String>()? {
            self.progress.begin_value();
            match key.as_str() {
                "format" => head.format = object.next_value().ok(),
                "version" => head.version = object.next_value().ok(),
                "cookies" => {
                    let source = head.source().map_err(|kind| self.fail_here(kind))?;
                    self.settle(source)?;
                    object.next_value_seed(Elements(self))?;
                }
                "raw_cookie" | "path" | "domain" | "expires" => {
                    let (_, text) = object.next_value_seed(Captured::value(self.progress))?;
                    too_long |= text.is_none();
                    record.insert(key, first_value(&text.unwrap_or_default()));
                }
                "log" if self.any.is_some() => self.log(&mut object)?,
                "storeType" => {
                    head.is_tough_cookie = true;
                    object.next_value::<IgnoredAny>()?;
                }
                domain if self.may_be_store(domain) => {
                    object.next_value_seed(tough_cookie::Paths(self))?;
                }
                _ => {
                    self.progress.begin_ignored();
                    object.next_value::<IgnoredAny>()?;
                }
            }
            self.progress.begin_value();
        }
        if record.contains_key("raw_cookie") {
            self.settle(Source::CookieStoreLines)?;
            let fault = too_long.then_some(Reason::TooLong);
            let cookie = || foreign::cookie(&record, Kind::CookieStore, self.options);
            let cookie = fault.map_or_else(cookie, Err);
            return self.push(line, cookie);
        }
        self.check_object(line)
    }

    scalars!(walk => Err(walk.fail_here(LoadErrorKind::NotThisFormat)));
}

#[derive(Default)]
struct Head {
    format: Option<String>,
    version: Option<u64>,
    is_tough_cookie: bool,
}

impl Head {
    fn source(&self) -> Result<Source, LoadErrorKind> {
        match (self.format.as_deref(), self.version) {
            (Some(FORMAT), Some(VERSION)) => Ok(Source::Json),
            (Some(FORMAT), _) => Err(LoadErrorKind::UnknownVersion),
            _ if self.is_tough_cookie => Ok(Source::ToughCookie),
            _ => Ok(Source::StorageState),
        }
    }
}

struct Elements<'w, 'o>(&'w mut Walk<'o>);

impl<'de> DeserializeSeed<'de> for Elements<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of cookies")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        let Self(walk) = self;
        walk.progress.begin_value();
        while let Some((line, text)) = array.next_element_seed(Captured::ahead(walk.progress))? {
            walk.element(line, text.as_deref())?;
            walk.progress.reuse(text.unwrap_or_default());
            walk.progress.begin_value();
        }
        Ok(())
    }
}

pub(in crate::file) struct Captured<'m> {
    progress: &'m Progress,
    begin: fn(&Progress),
}

impl<'m> Captured<'m> {
    pub(in crate::file) fn element(progress: &'m Progress) -> Self {
        let begin = Progress::begin_element;
        Self { progress, begin }
    }

    /// The caller [checks](limits::check) whether the element is JSON.
    fn ahead(progress: &'m Progress) -> Self {
        let begin = Progress::begin_element_ahead;
        Self { progress, begin }
    }

    pub(in crate::file) fn value(progress: &'m Progress) -> Self {
        let begin = Progress::begin_captured;
        Self { progress, begin }
    }
}

impl<'de> DeserializeSeed<'de> for Captured<'_> {
    type Value = (u64, Option<Vec<u8>>);

    fn deserialize<D: serde::Deserializer<'de>>(self, parser: D) -> Result<Self::Value, D::Error> {
        let line = self.progress.line();
        (self.begin)(self.progress);
        IgnoredAny::deserialize(parser)?;
        Ok((line, self.progress.end_captured()))
    }
}

pub(in crate::file) fn first_value(text: &[u8]) -> Value {
    let mut parser = serde_json::Deserializer::from_slice(text);
    Value::deserialize(&mut parser).unwrap_or_default()
}

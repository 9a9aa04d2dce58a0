//! The sessions of a crawler, in one JSON document with cookies as in [`json`](crate::file::json):
//!
//! ```text
//! {"format":"cookiejar-sessions","version":1,"sessions":[
//! {"session":"anna","last_used":1763712000,"cookies":[
//! {"name":"sid","value":"31d4","domain":"acme.com","host_only":true,"path":"/","created":1763712000}]}
//! ]}
//! ```
//!
//! It knows no jar: it reads and writes [`SavedSession`]s.

use std::collections::HashSet;
use std::hash::Hash;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::SavedSession;
use crate::clock::date_time;
use crate::cookie::{Cookie, Row};
use crate::file::atomic::{self, RealDisk};
use crate::file::collector::Collector;
use crate::file::json::VERSION;
use crate::file::target;
use crate::file::{
    LoadError, LoadErrorKind, NotWritten, ReadOptions, ReadReport, Reason, SaveError, SaveOptions,
    Saved, Source, WriteOptions, WriteReport,
};

const FORMAT: &str = "cookiejar-sessions";
const END_OF_SESSION: &[u8] = b"]}";
const END: &[u8] = b"\n]}\n";

pub(crate) fn save<K: Serialize>(
    file: &Path,
    sessions: &[SavedSession<K>],
    options: &SaveOptions,
) -> Result<Saved, SaveError> {
    let (report, durable) = atomic::replace(file, options.any_owner, &RealDisk, |writer| {
        write(BufWriter::new(writer), sessions, &options.write)
    })?;
    Ok(Saved { report, durable })
}

fn write<K: Serialize>(
    mut writer: impl Write,
    sessions: &[SavedSession<K>],
    options: &WriteOptions,
) -> io::Result<WriteReport> {
    let start = format!("{{\"format\":\"{FORMAT}\",\"version\":{VERSION},\"sessions\":[");
    let heads = heads(sessions)?;
    let mut room = room(&start, &heads, options.max_bytes)?;
    let mut report = WriteReport::default();
    let mut line = Vec::new();
    writer.write_all(start.as_bytes())?;
    for (number, (session, head)) in sessions.iter().zip(heads).enumerate() {
        writer.write_all(if number > 0 { b",\n" } else { b"\n" })?;
        writer.write_all(&head)?;
        let before = report.written;
        for cookie in &session.cookies {
            line.clear();
            let is_first = report.written == before;
            line.extend_from_slice(if is_first { b"\n" } else { b",\n" });
            serde_json::to_writer(&mut line, &Row::from(cookie))?;
            match options.check_room(line.len(), room) {
                Ok(()) => {
                    writer.write_all(&line)?;
                    room -= line.len() as u64;
                    report.written += 1;
                }
                Err(reason) => report.skipped.push(NotWritten::new(cookie, reason)),
            }
        }
        writer.write_all(END_OF_SESSION)?;
    }
    writer.write_all(END)?;
    writer.flush()?;
    Ok(report)
}

/// Rejects two keys with one text, whose sessions would be read as one.
fn heads<K: Serialize>(sessions: &[SavedSession<K>]) -> io::Result<Vec<Vec<u8>>> {
    let mut keys = HashSet::with_capacity(sessions.len());
    let head = |session: &SavedSession<K>| {
        let key = key(session.key.as_ref())?;
        let mut head = [b"{\"session\":", &*key].concat();
        let last_used = session.last_used.unix_timestamp();
        write!(head, ",\"last_used\":{last_used},\"cookies\":[")?;
        if !keys.insert(key) {
            return Err(unwritable("the keys of two sessions have the same text"));
        }
        Ok(head)
    };
    sessions.iter().map(head).collect()
}

fn unwritable(reason: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, reason)
}

fn room(start: &str, heads: &[Vec<u8>], max_bytes: u64) -> io::Result<u64> {
    let around = ",\n".len() + END_OF_SESSION.len();
    let sessions: usize = heads.iter().map(|head| head.len() + around).sum();
    // The first one has no comma before it.
    let taken = start.len() + sessions - usize::from(!heads.is_empty()) + END.len();
    max_bytes.checked_sub(taken as u64).ok_or_else(|| {
        let reason = "the file would be longer than allowed without any cookie";
        io::Error::new(io::ErrorKind::FileTooLarge, reason)
    })
}

/// Rejects a key that serializes to `null`: it would be read as `None`, and its cookies would be stored in
/// the session without a key.
fn key<K: Serialize>(key: Option<&K>) -> io::Result<Vec<u8>> {
    let text = serde_json::to_vec(&key)?;
    if key.is_some() && text == b"null" {
        return Err(unwritable("the key of a session is null"));
    }
    Ok(text)
}

pub(crate) fn load<K: DeserializeOwned + Eq + Hash>(
    file: &Path,
    options: &ReadOptions,
) -> Result<(Vec<SavedSession<K>>, ReadReport), LoadError> {
    let reading = contents(file, options.max_bytes).and_then(|text| read(&text, options));
    reading.map_err(|error| error.in_file(file))
}

fn contents(file: &Path, max_bytes: u64) -> Result<Vec<u8>, LoadError> {
    let opened = target::open_regular(file)?;
    let mut text = Vec::new();
    let is_longer = opened.metadata()?.len() > max_bytes
        || opened
            .take(max_bytes.saturating_add(1))
            .read_to_end(&mut text)? as u64
            > max_bytes;
    if is_longer {
        return Err(LoadErrorKind::TooLong.into());
    }
    Ok(text)
}

#[derive(Deserialize)]
struct Head {
    format: String,
    version: u64,
}

#[derive(Deserialize)]
struct Body<'a, K> {
    #[serde(borrow)]
    sessions: Vec<Session<'a, K>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "K: Deserialize<'de>"))]
struct Session<'a, K> {
    // Without this, serde reads a missing key as `None`.
    #[serde(rename = "session", deserialize_with = "Option::deserialize")]
    key: Option<K>,
    last_used: i64,
    #[serde(borrow)]
    cookies: Vec<&'a RawValue>,
}

fn body<K: DeserializeOwned + Eq + Hash>(text: &[u8]) -> Result<Body<'_, K>, LoadError> {
    let head: Head = serde_json::from_slice(text).map_err(|error| fault(&error))?;
    if head.format != FORMAT {
        return Err(LoadErrorKind::NotThisFormat.into());
    }
    if head.version != VERSION {
        return Err(LoadErrorKind::UnknownVersion.into());
    }
    let body: Body<'_, K> = serde_json::from_slice(text).map_err(|error| fault(&error))?;
    let keys: HashSet<_> = body.sessions.iter().map(|session| &session.key).collect();
    if keys.len() < body.sessions.len() {
        return Err(LoadErrorKind::DuplicateSession.into());
    }
    Ok(body)
}

fn read<K: DeserializeOwned + Eq + Hash>(
    text: &[u8],
    options: &ReadOptions,
) -> Result<(Vec<SavedSession<K>>, ReadReport), LoadError> {
    let body = body(text)?;
    let mut collector = Collector::new(Source::Json, options);
    let mut lines = LineCount {
        text,
        at: 0,
        line: 1,
    };
    let mut sessions = Vec::with_capacity(body.sessions.len());
    for session in body.sessions {
        for cookie in session.cookies {
            let line = lines.up_to(cookie.get());
            collector.push(line, self::cookie(cookie.get(), options.max_line))?;
        }
        sessions.push(SavedSession {
            key: session.key,
            last_used: date_time(session.last_used),
            cookies: std::mem::take(&mut collector.reading.cookies),
        });
    }
    Ok((sessions, collector.reading.report))
}

fn cookie(text: &str, max_len: usize) -> Result<Cookie, Reason> {
    if text.len() > max_len {
        return Err(Reason::TooLong);
    }
    let row: Row<'_> = serde_json::from_str(text).map_err(|_| Reason::Field)?;
    Ok(row.cookie()?)
}

/// The parser's own text may contain values.
fn fault(error: &serde_json::Error) -> LoadError {
    let kind = match error.classify() {
        Category::Data => LoadErrorKind::NotThisFormat,
        Category::Eof | Category::Io | Category::Syntax => LoadErrorKind::Syntax,
    };
    LoadError::at(error.line().max(1) as u64, kind)
}

struct LineCount<'t> {
    text: &'t [u8],
    at: usize,
    line: u64,
}

impl LineCount<'_> {
    /// Counts from 1. Parts must be passed in order.
    fn up_to(&mut self, part: &str) -> u64 {
        let begin = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let passed = self.text.get(self.at..begin).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.at = begin.max(self.at);
        self.line
    }
}

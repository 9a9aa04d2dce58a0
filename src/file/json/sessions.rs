//! The sessions of a crawler, in one JSON document with the very cookies of [`json`](super):
//!
//! ```text
//! {"format":"cookiejar-sessions","version":1,"sessions":[
//! {"session":"anna","last_used":1763712000,"cookies":[
//! {"name":"sid","value":"31d4","domain":"acme.com","host_only":true,"path":"/","created":1763712000}]}
//! ]}
//! ```
//!
//! It knows no jar: it takes and gives [`SavedSession`]s.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::{LoadError, LoadErrorKind, ReadOptions, Record, VERSION, WriteReport};
use crate::clock::date_time;
use crate::file::atomic::{self, RealDisk};
use crate::file::error::SaveError;
use crate::file::intake::Intake;
use crate::file::report::{ReadReport, Reason, Saved, Source};
use crate::sessions::SavedSession;

const FORMAT: &str = "cookiejar-sessions";

/// Replaces the file by one with these sessions.
pub(crate) fn save<K: Serialize>(
    file: &Path,
    sessions: &[SavedSession<K>],
) -> Result<Saved, SaveError> {
    let (report, durable) = atomic::replace(file, &RealDisk, |writer| {
        write(BufWriter::new(writer), sessions)
    })?;
    Ok(Saved { report, durable })
}

fn write<K: Serialize>(
    mut writer: impl Write,
    sessions: &[SavedSession<K>],
) -> io::Result<WriteReport> {
    let mut report = WriteReport::default();
    write!(
        writer,
        "{{\"format\":\"{FORMAT}\",\"version\":{VERSION},\"sessions\":["
    )?;
    for (number, session) in sessions.iter().enumerate() {
        let comma = if number > 0 { "," } else { "" };
        write!(writer, "{comma}\n{{\"session\":")?;
        writer.write_all(&key(session.key.as_ref())?)?;
        let last_used = session.last_used.unix_timestamp();
        write!(writer, ",\"last_used\":{last_used},\"cookies\":[")?;
        for (number, cookie) in session.cookies.iter().enumerate() {
            writer.write_all(if number > 0 { b",\n" } else { b"\n" })?;
            serde_json::to_writer(&mut writer, &Record::from(cookie))?;
            report.written += 1;
        }
        writer.write_all(b"]}")?;
    }
    writer.write_all(b"\n]}\n")?;
    writer.flush()?;
    Ok(report)
}

/// A key that is `null` itself would be read as none, and its cookies get into the session of others.
fn key<K: Serialize>(key: Option<&K>) -> io::Result<Vec<u8>> {
    let text = serde_json::to_vec(&key)?;
    if key.is_some() && text == b"null" {
        let reason = "the key of a session is null";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    }
    Ok(text)
}

/// Reads a file as a whole, at the time `now`.
pub(crate) fn load<K: DeserializeOwned>(
    file: &Path,
    now: i64,
) -> Result<(Vec<SavedSession<K>>, ReadReport), LoadError> {
    let options = ReadOptions::new().ignore_discard(true).at(date_time(now));
    let reading = contents(file, options.max_bytes).and_then(|text| read(&text, &options));
    reading.map_err(|error| error.in_file(file))
}

fn contents(file: &Path, max_bytes: u64) -> Result<Vec<u8>, LoadError> {
    let opened = File::open(file)?;
    let mut text = Vec::new();
    let is_longer = opened.metadata()?.len() > max_bytes
        || opened.take(max_bytes + 1).read_to_end(&mut text)? as u64 > max_bytes;
    if is_longer {
        return Err(LoadErrorKind::TooLong.into());
    }
    Ok(text)
}

/// What a document says of itself, wherever it says it.
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
    // Without this, serde takes a missing key for none.
    #[serde(rename = "session", deserialize_with = "Option::deserialize")]
    key: Option<K>,
    last_used: i64,
    #[serde(borrow)]
    cookies: Vec<&'a RawValue>,
}

fn read<K: DeserializeOwned>(
    text: &[u8],
    options: &ReadOptions,
) -> Result<(Vec<SavedSession<K>>, ReadReport), LoadError> {
    let head: Head = serde_json::from_slice(text).map_err(|error| fault(&error))?;
    if head.format != FORMAT {
        return Err(LoadErrorKind::NotThisFormat.into());
    }
    if head.version != VERSION {
        return Err(LoadErrorKind::UnknownVersion.into());
    }
    let body: Body<'_, K> = serde_json::from_slice(text).map_err(|error| fault(&error))?;
    let mut intake = Intake::new(Source::Json, options);
    let mut lines = LineCount {
        text,
        at: 0,
        line: 1,
    };
    let mut sessions = Vec::with_capacity(body.sessions.len());
    for session in body.sessions {
        for cookie in session.cookies {
            let line = lines.up_to(cookie.get());
            let record = serde_json::from_str::<Record<'_>>(cookie.get());
            let cookie = record.map_err(|_| Reason::Field).and_then(Record::cookie);
            intake.take(line, cookie)?;
        }
        sessions.push(SavedSession {
            key: session.key,
            last_used: date_time(session.last_used),
            cookies: std::mem::take(&mut intake.reading.cookies),
        });
    }
    Ok((sessions, intake.reading.report))
}

/// What an error of the parser means. Its own text may show values.
fn fault(error: &serde_json::Error) -> LoadError {
    let kind = match error.classify() {
        Category::Data => LoadErrorKind::NotThisFormat,
        Category::Eof | Category::Io | Category::Syntax => LoadErrorKind::Syntax,
    };
    LoadError::at(error.line().max(1) as u64, kind)
}

/// Counts the lines before one part of a text after the other.
struct LineCount<'t> {
    text: &'t [u8],
    at: usize,
    line: u64,
}

impl LineCount<'_> {
    /// The line, counted from 1, in which a part begins. Each comes after the one before.
    fn up_to(&mut self, part: &str) -> u64 {
        let begin = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let passed = self.text.get(self.at..begin).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.at = begin.max(self.at);
        self.line
    }
}

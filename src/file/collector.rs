//! Collects what a reader has read: the cookies that the options ask for, and the skipped lines.
//!
//! It knows no format.

use super::error::{LoadError, LoadErrorKind};
use super::lines::Line;
use super::options::ReadOptions;
use super::partitions::Partitions;
use super::report::{Reading, Reason, Skipped, Source};
use crate::cookie::{Cookie, Fields};

pub(crate) struct Collector<'o> {
    options: &'o ReadOptions,
    now: Option<i64>,
    pub(crate) reading: Reading,
}

impl<'o> Collector<'o> {
    pub(crate) fn new(source: Source, options: &'o ReadOptions) -> Self {
        Self {
            options,
            now: options.now.map(time::OffsetDateTime::unix_timestamp),
            reading: Reading::new(source),
        }
    }

    pub(crate) fn push(
        &mut self,
        line: u64,
        cookie: Result<Cookie, Reason>,
    ) -> Result<(), LoadError> {
        let cookie = match cookie {
            Ok(cookie) if cookie.partition_key().is_some() => match self.out_of_partition(cookie) {
                Some(cookie) => cookie,
                None => return self.skip(line, Reason::Partitioned),
            },
            Ok(cookie) => cookie,
            Err(reason) if self.options.strict => {
                return Err(LoadError::at(line, LoadErrorKind::Line(reason)));
            }
            Err(reason) => return self.skip(line, reason),
        };
        let Reading { cookies, report } = &mut self.reading;
        if !self.options.ignore_discard && cookie.discard() {
            report.session += 1;
        } else if !self.options.ignore_expires && is_expired(&cookie, self.now) {
            report.expired += 1;
        } else {
            cookies.push(cookie);
        }
        Ok(())
    }

    pub(super) fn push_last(
        &mut self,
        line: &Line<'_>,
        cookie: Result<Cookie, Reason>,
    ) -> Result<(), LoadError> {
        if !line.terminated && cookie.is_ok() {
            self.reading.report.unterminated = Some(line.number);
        }
        self.push(line.number, cookie)
    }

    fn out_of_partition(&self, cookie: Cookie) -> Option<Cookie> {
        match &self.options.partitions {
            Partitions::Skip => None,
            Partitions::Plain(key) if cookie.partition_key() == Some(key) => plain(&cookie),
            Partitions::Keep | Partitions::Plain(_) => Some(cookie),
        }
    }

    fn skip(&mut self, line: u64, reason: Reason) -> Result<(), LoadError> {
        let skipped = &mut self.reading.report.skipped;
        if skipped.len() >= self.options.max_skipped {
            return Err(LoadError::at(line, LoadErrorKind::TooManySkipped));
        }
        skipped.push(Skipped::new(line, reason));
        Ok(())
    }
}

fn plain(cookie: &Cookie) -> Option<Cookie> {
    let mut fields = Fields::from(cookie);
    fields.rare().partition = None;
    let is_partitioned = |key: &[u8]| key.eq_ignore_ascii_case(b"Partitioned");
    fields.attributes.retain(|(key, _)| !is_partitioned(key));
    fields.pack().ok()
}

pub(super) fn is_expired(cookie: &Cookie, now: Option<i64>) -> bool {
    now.is_some_and(|now| cookie.is_expired_at(now))
}

//! The floor: the least that a program has to do to give the right answer to well-behaved data.
//!
//! One hash look-up for each suffix of the host, one block of memory for each host, a copy of the
//! bytes; a `memchr` scan of the header. It knows no rules and no policy: it takes every server at
//! its word, confuses `acme.com` with `.acme.com`, sends Secure cookies anywhere, and never gives
//! anything back. What it must not leave out is what changes the answer on good data: paths, expiry,
//! the order, and the clock that expiry asks for.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use foldhash::fast::RandomState;
use smallvec::SmallVec;
use url::Url;

use crate::data::Response;

/// The jar without rules.
#[derive(Default)]
pub(crate) struct Floor {
    blocks: HashMap<Box<str>, Block, RandomState>,
    next_sequence: u32,
}

impl Floor {
    /// The value of the `Cookie` header.
    pub(crate) fn header(&self, url: &Url) -> Option<Vec<u8>> {
        self.header_at(url, system_seconds())
    }

    /// The same at a time of the caller's.
    pub(crate) fn header_at(&self, url: &Url, now: i64) -> Option<Vec<u8>> {
        let (host, path) = (url.host_str()?, url.path().as_bytes());
        let mut blocks = SmallVec::<[Records<'_>; 4]>::new();
        blocks.extend(
            suffixes(host)
                .filter_map(|name| self.blocks.get(name))
                .map(Block::records),
        );
        let room = blocks.iter().map(|records| records.0.len()).sum();
        let mut header = Vec::new();
        let mut send = |record: &Record<'_>| {
            if header.is_empty() {
                // The blocks are larger than what is sent of them.
                header.reserve_exact(room);
            } else {
                header.extend_from_slice(b"; ");
            }
            header.extend_from_slice(record.pair);
        };
        match blocks.as_mut_slice() {
            [] => {}
            [records] => records
                .filter(|record| record.goes_to(path, now))
                .for_each(|record| send(&record)),
            many => merge(many, |record| record.goes_to(path, now), send),
        }
        (!header.is_empty()).then_some(header)
    }

    /// Takes in the cookies of a response.
    pub(crate) fn take(&mut self, response: &Response) {
        self.take_at(response, system_seconds());
    }

    /// The same at a time of the caller's.
    pub(crate) fn take_at(&mut self, response: &Response, now: i64) {
        let host = response.url.host_str().unwrap_or_default();
        for (_, field) in &response.headers {
            let cookie = Scanned::scan(field, host, now);
            let sequence = self.next_sequence;
            self.next_sequence += 1;
            match self.blocks.get_mut(cookie.domain) {
                Some(block) => block.put(&cookie, sequence),
                None => {
                    let mut block = Block::default();
                    block.put(&cookie, sequence);
                    self.blocks.insert(cookie.domain.into(), block);
                }
            }
        }
    }
}

/// The cookies of one host back to back, in the order in which they are sent.
///
/// ```text
/// record = expires (8) sequence (4) name-length (2) path-length (2) pair-length (2) path pair
/// ```
#[derive(Default)]
struct Block(Vec<u8>);

const HEAD: usize = 18;

impl Block {
    fn records(&self) -> Records<'_> {
        Records(&self.0)
    }

    fn put(&mut self, cookie: &Scanned<'_>, sequence: u32) {
        let mut place = 0;
        let mut insert_at = None;
        for record in self.records() {
            if record.path == cookie.path && record.name() == cookie.name() {
                return self.overwrite(place, record.len(), record.sequence, cookie);
            }
            if insert_at.is_none() && record.path.len() < cookie.path.len() {
                insert_at = Some(place);
            }
            place += record.len();
        }
        let record = cookie.record(sequence);
        match insert_at {
            Some(place) => drop(self.0.splice(place..place, record)),
            None => {
                self.0.reserve_exact(record.len());
                self.0.extend_from_slice(&record);
            }
        }
    }

    fn overwrite(&mut self, place: usize, len: usize, sequence: u32, cookie: &Scanned<'_>) {
        if len == HEAD + cookie.path.len() + cookie.pair.len() {
            let record = &mut self.0[place..place + len];
            record[..8].copy_from_slice(&cookie.expires.to_le_bytes());
            record[HEAD + cookie.path.len()..].copy_from_slice(cookie.pair);
        } else {
            drop(self.0.splice(place..place + len, cookie.record(sequence)));
        }
    }
}

struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    #[inline]
    fn next(&mut self) -> Option<Record<'a>> {
        let (head, rest) = self.0.split_first_chunk::<HEAD>()?;
        let len = |at: usize| usize::from(u16::from_le_bytes([head[at], head[at + 1]]));
        let (path, rest) = rest.split_at(len(14));
        let (pair, rest) = rest.split_at(len(16));
        self.0 = rest;
        Some(Record {
            expires: i64::from_le_bytes(*head.first_chunk()?),
            sequence: u32::from_le_bytes([head[8], head[9], head[10], head[11]]),
            name_len: len(12),
            path,
            pair,
        })
    }
}

struct Record<'a> {
    expires: i64,
    sequence: u32,
    name_len: usize,
    path: &'a [u8],
    pair: &'a [u8],
}

impl Record<'_> {
    fn len(&self) -> usize {
        HEAD + self.path.len() + self.pair.len()
    }

    fn name(&self) -> &[u8] {
        &self.pair[..self.name_len]
    }

    /// Longest path first, then earliest created first.
    fn order(&self) -> (std::cmp::Reverse<usize>, u32) {
        (std::cmp::Reverse(self.path.len()), self.sequence)
    }

    #[inline]
    fn goes_to(&self, path: &[u8], now: i64) -> bool {
        let matches = match path.strip_prefix(self.path) {
            Some([]) => true,
            Some([next, ..]) => *next == b'/' || self.path.ends_with(b"/"),
            None => false,
        };
        matches && self.expires > now
    }
}

/// Goes through several blocks as if they were one.
fn merge<'a>(
    blocks: &mut [Records<'a>],
    is_wanted: impl Fn(&Record<'a>) -> bool,
    mut each: impl FnMut(&Record<'a>),
) {
    let mut heads: SmallVec<[_; 4]> = blocks
        .iter_mut()
        .map(|records| records.find(&is_wanted))
        .collect();
    loop {
        let present = heads.iter().enumerate();
        let first = present
            .filter_map(|(block, head)| Some((block, head.as_ref()?.order())))
            .min_by_key(|(_, order)| *order);
        let Some((block, _)) = first else { return };
        let next = blocks[block].find(&is_wanted);
        if let Some(record) = std::mem::replace(&mut heads[block], next) {
            each(&record);
        }
    }
}

/// A `Set-Cookie` field, scanned.
struct Scanned<'a> {
    pair: &'a [u8],
    name_len: usize,
    domain: &'a str,
    path: &'a [u8],
    expires: i64,
}

impl<'a> Scanned<'a> {
    fn scan(field: &'a str, host: &'a str, now: i64) -> Self {
        let bytes = field.as_bytes();
        let end = memchr::memchr(b';', bytes).unwrap_or(bytes.len());
        let pair = &bytes[..end];
        let mut cookie = Scanned {
            pair,
            name_len: memchr::memchr(b'=', pair).unwrap_or(end),
            domain: host,
            path: b"/",
            expires: i64::MAX,
        };
        let mut has_max_age = false;
        let mut rest = &field[end..];
        while let Some(attribute) = rest.strip_prefix("; ") {
            let end = memchr::memchr(b';', attribute.as_bytes()).unwrap_or(attribute.len());
            let equals = memchr::memchr(b'=', &attribute.as_bytes()[..end]);
            rest = &attribute[end..];
            let Some(equals) = equals else { continue };
            let value = &attribute[equals + 1..end];
            // One letter tells them apart; `SameSite` is the only other one with a value.
            match attribute.as_bytes()[0] | 0x20 {
                b'd' => cookie.domain = value,
                b'p' => cookie.path = value.as_bytes(),
                b'm' => {
                    cookie.expires = now + digits(value.as_bytes());
                    has_max_age = true;
                }
                b'e' if !has_max_age => cookie.expires = date(value.as_bytes()),
                _ => {}
            }
        }
        cookie
    }

    fn name(&self) -> &[u8] {
        &self.pair[..self.name_len]
    }

    fn record(&self, sequence: u32) -> SmallVec<[u8; 256]> {
        let mut record = SmallVec::with_capacity(HEAD + self.path.len() + self.pair.len());
        record.extend_from_slice(&self.expires.to_le_bytes());
        record.extend_from_slice(&sequence.to_le_bytes());
        for len in [self.name_len, self.path.len(), self.pair.len()] {
            let len = u16::try_from(len).expect("the parts of a cookie are short here");
            record.extend_from_slice(&len.to_le_bytes());
        }
        record.extend_from_slice(self.path);
        record.extend_from_slice(self.pair);
        record
    }
}

fn digits(text: &[u8]) -> i64 {
    text.iter()
        .fold(0, |number, digit| number * 10 + i64::from(digit & 15))
}

/// `Sun, 01 Jul 2040 12:34:56 GMT`, taken at its word.
fn date(text: &[u8]) -> i64 {
    let Some(text) = text.first_chunk::<29>() else {
        return i64::MAX;
    };
    let month = match &text[8..11] {
        b"Jan" => 11,
        b"Feb" => 12,
        b"Mar" => 1,
        b"Apr" => 2,
        b"May" => 3,
        b"Jun" => 4,
        b"Jul" => 5,
        b"Aug" => 6,
        b"Sep" => 7,
        b"Oct" => 8,
        b"Nov" => 9,
        _ => 10,
    };
    // Years begin with March here, so that the leap day is the last one.
    let year = digits(&text[12..16]) - i64::from(month > 10);
    let days = 365 * year + year / 4 - year / 100
        + year / 400
        + (153 * month - 151) / 5
        + digits(&text[5..7])
        - 719_469;
    let of_day = digits(&text[17..19]) * 3_600 + digits(&text[20..22]) * 60 + digits(&text[23..25]);
    days * 86_400 + of_day
}

/// A host and all names above it.
fn suffixes(host: &str) -> impl Iterator<Item = &str> {
    let dots = memchr::memchr_iter(b'.', host.as_bytes());
    std::iter::once(host).chain(dots.map(|dot| &host[dot + 1..]))
}

fn system_seconds() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs().cast_signed())
}

/// The dates must be right, or nothing would ever expire.
pub(crate) fn check_dates() {
    let rows = [
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799),
        ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
        ("Sun, 01 Jul 2040 12:34:56 GMT", 2_224_758_896),
        ("Mon, 31 Dec 2040 00:00:00 GMT", 2_240_524_800),
    ];
    for (text, seconds) in rows {
        assert_eq!(date(text.as_bytes()), seconds, "{text}");
    }
}

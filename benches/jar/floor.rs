//! The floor: the least that a program has to do to give the right answer to well-behaved data.
//!
//! One hash look-up for each suffix of the host, one block of memory for each host, a copy of the
//! bytes; a `memchr` scan of the header. It knows no rules and no policy: it trusts every server,
//! confuses `acme.com` with `.acme.com`, sends Secure cookies anywhere, and never frees
//! anything. It must not leave out what changes the answer on good data: paths, expiry,
//! the order, and the clock that expiry needs.

use std::collections::HashMap;
use std::hash::BuildHasher as _;
use std::sync::{Arc, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use cookiejar_benches::data::Response;
use foldhash::fast::RandomState;
use smallvec::SmallVec;
use url::Url;

/// The jar without rules.
#[derive(Default)]
pub(crate) struct Floor {
    blocks: HashMap<Box<[u8]>, Block, RandomState>,
    next_sequence: u32,
}

impl Floor {
    /// The value of the `Cookie` header.
    pub(crate) fn header(&self, url: &Url) -> Option<Vec<u8>> {
        self.header_at(url, system_seconds())
    }

    /// The same at a time given by the caller.
    pub(crate) fn header_at(&self, url: &Url, now: i64) -> Option<Vec<u8>> {
        let path = url.path().as_bytes();
        let mut name = url.host_str()?.as_bytes();
        let mut found = SmallVec::<[(u64, &[u8]); 16]>::new();
        let mut len = 0;
        let mut blocks = 0;
        loop {
            if let Some(block) = self.blocks.get(name) {
                blocks += 1;
                for record in block.records() {
                    if record.goes_to(path, now) {
                        len += record.pair.len() + 2;
                        found.push((record.order(), record.pair));
                    }
                }
            }
            match memchr::memchr(b'.', name) {
                Some(dot) => name = &name[dot + 1..],
                None => break,
            }
        }
        if found.is_empty() {
            return None;
        }
        if blocks > 1 {
            found.sort_unstable_by_key(|(order, _)| *order);
        }
        let mut header = Vec::with_capacity(len);
        for (_, pair) in &found {
            header.extend_from_slice(pair);
            header.extend_from_slice(b"; ");
        }
        header.truncate(len - 2);
        Some(header)
    }

    /// Stores the cookies of a response.
    pub(crate) fn take(&mut self, response: &Response) {
        self.take_at(response, system_seconds());
    }

    /// The same at a time given by the caller.
    pub(crate) fn take_at(&mut self, response: &Response, now: i64) {
        let host = response.url.host_str().unwrap_or_default();
        for (_, field) in &response.headers {
            let cookie = Scanned::scan(field.as_bytes(), host.as_bytes(), now);
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

/// The same for several threads: in shards, each behind a lock, by the last two labels of a host.
#[derive(Clone)]
pub(crate) struct SharedFloor(Arc<[RwLock<Floor>]>);

const SHARDS: usize = 64;

impl Default for SharedFloor {
    fn default() -> Self {
        Self((0..SHARDS).map(|_| RwLock::default()).collect())
    }
}

impl SharedFloor {
    /// The value of the `Cookie` header.
    pub(crate) fn header(&self, url: &Url) -> Option<Vec<u8>> {
        let shard = self.shard(url).read();
        shard.expect("nothing panics here").header(url)
    }

    /// Stores the cookies of a response.
    pub(crate) fn take(&self, response: &Response) {
        let shard = self.shard(&response.url).write();
        shard.expect("nothing panics here").take(response);
    }

    fn shard(&self, url: &Url) -> &RwLock<Floor> {
        let host = url.host_str().unwrap_or_default().as_bytes();
        let mut dots = memchr::memrchr_iter(b'.', host);
        let start = dots.nth(1).map_or(0, |dot| dot + 1);
        let hash = foldhash::quality::FixedState::default().hash_one(&host[start..]);
        &self.0[usize::try_from(hash % SHARDS as u64).expect("a small number")]
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
    fn order(&self) -> u64 {
        let path_len = u64::try_from(self.path.len()).unwrap_or(u64::MAX);
        (!path_len << 32) | u64::from(self.sequence)
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

/// A `Set-Cookie` field, scanned.
struct Scanned<'a> {
    pair: &'a [u8],
    name_len: usize,
    domain: &'a [u8],
    path: &'a [u8],
    expires: i64,
}

impl<'a> Scanned<'a> {
    fn scan(field: &'a [u8], host: &'a [u8], now: i64) -> Self {
        let end = memchr::memchr(b';', field).unwrap_or(field.len());
        let pair = &field[..end];
        let mut cookie = Scanned {
            pair,
            name_len: memchr::memchr(b'=', pair).unwrap_or(end),
            domain: host,
            path: b"/",
            expires: i64::MAX,
        };
        let mut has_max_age = false;
        let mut rest = &field[end..];
        while let [b';', b' ', letter, attribute @ ..] = rest {
            let end = memchr::memchr(b';', attribute).unwrap_or(attribute.len());
            // One letter distinguishes them, and determines the length of the name.
            let value = |key_len: usize| attribute.get(key_len..end).unwrap_or_default();
            match letter | 0x20 {
                b'd' => cookie.domain = value("omain=".len()),
                b'p' => cookie.path = value("ath=".len()),
                b'm' => {
                    cookie.expires = now + digits(value("ax-age=".len()));
                    has_max_age = true;
                }
                b'e' if !has_max_age => cookie.expires = date(value("xpires=".len())),
                _ => {}
            }
            rest = &attribute[end..];
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

/// `Sun, 01 Jul 2040 12:34:56 GMT`, without validation.
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
    // Years start with March here, so that the leap day is the last one.
    let year = digits(&text[12..16]) - i64::from(month > 10);
    let days = 365 * year + year / 4 - year / 100
        + year / 400
        + (153 * month - 151) / 5
        + digits(&text[5..7])
        - 719_469;
    let of_day = digits(&text[17..19]) * 3_600 + digits(&text[20..22]) * 60 + digits(&text[23..25]);
    days * 86_400 + of_day
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

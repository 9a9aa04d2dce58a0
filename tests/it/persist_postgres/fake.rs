//! A server that speaks PostgreSQL's protocol as far as the engine needs it, and answers as a test wants.
#![expect(clippy::unnecessary_wraps, reason = "the values of a row")]

use std::collections::HashMap;
use std::io::{self, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use cookiejar::persist::postgres::Postgres;

pub(super) const BOOL: u32 = 16;
pub(super) const BYTEA: u32 = 17;
pub(super) const INT8: u32 = 20;
pub(super) const TEXT: u32 = 25;

/// The types and the rows of an answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    pub(super) types: Vec<u32>,
    pub(super) rows: Vec<Vec<Option<Vec<u8>>>>,
}

/// What the client waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Startup,
    /// Statements without parameters, whose answer is text.
    Simple,
    Prepare,
    Execute,
}

/// What the server sends in place of its ordinary answer.
pub(super) enum Reply {
    Octets(Vec<u8>),
    /// These octets again and again.
    Endless(Vec<u8>),
}

/// After how many octets an endless reply ends with the connection.
const ENDLESS: usize = 64 << 20;

pub(super) type Script =
    Arc<dyn Fn(Step, &str, &mut Table) -> Option<Reply> + Send + Sync + 'static>;

#[derive(Clone)]
pub(super) struct Fake {
    script: Script,
    /// After how many octets a connection is cut.
    cut: usize,
    /// The time before each octet.
    pace: Duration,
}

impl Fake {
    pub(super) fn new(
        script: impl Fn(Step, &str, &mut Table) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        Self {
            script: Arc::new(script),
            cut: usize::MAX,
            pace: Duration::ZERO,
        }
    }

    pub(super) fn cut(mut self, cut: usize) -> Self {
        self.cut = cut;
        self
    }

    pub(super) fn pace(mut self, pace: Duration) -> Self {
        self.pace = pace;
        self
    }

    /// An engine of this server, whose calls take `most`.
    pub(super) fn start(self, most: Duration) -> Postgres {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let fake = self.clone();
                std::thread::spawn(move || fake.serve(&stream));
            }
        });
        engine_at(address)
            .connect_timeout(most)
            .load_timeout(most)
            .apply_timeout(most)
    }

    fn serve(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.set_write_timeout(Some(Duration::from_secs(10)))?;
        let mut connection = Connection {
            fake: self,
            stream,
            left: self.cut,
            statements: HashMap::new(),
        };
        let result = connection.run();
        let _ = stream.shutdown(std::net::Shutdown::Both);
        result
    }
}

fn engine_at(address: SocketAddr) -> Postgres {
    let config = format!(
        "host={} port={} user=anna dbname=jars",
        address.ip(),
        address.port()
    );
    Postgres::config(&config).expect("an address")
}

struct Connection<'f> {
    fake: &'f Fake,
    stream: &'f TcpStream,
    left: usize,
    statements: HashMap<Vec<u8>, (String, Vec<u8>)>,
}

impl Connection<'_> {
    fn run(&mut self) -> io::Result<()> {
        let mut reader = BufReader::new(self.stream);
        body(&mut reader)?;
        self.answer(Step::Startup, "", "", &[])?;
        let (mut asked, mut sql, mut parameters) = (String::new(), String::new(), Vec::new());
        loop {
            let mut tag = [0];
            reader.read_exact(&mut tag)?;
            let body = body(&mut reader)?;
            let mut parts = body.splitn(3, |octet| *octet == 0);
            let mut part = || parts.next().unwrap_or_default().to_vec();
            match tag[0] {
                b'Q' => self.answer(Step::Simple, &text(part()), "", &[])?,
                b'P' => {
                    let (name, statement, mut types) = (part(), text(part()), part());
                    if types == [0, 0] && statement.contains("$1") {
                        // The client asks for a type by its number.
                        types = vec![0, 1, 0, 0, 0, 26];
                    }
                    (sql, parameters) = (statement.clone(), types.clone());
                    self.statements.insert(name, (statement, types));
                    asked.push('P');
                }
                b'B' => {
                    part();
                    let known = self.statements.get(&part()).cloned();
                    (sql, parameters) = known.unwrap_or_default();
                    asked.push('B');
                }
                b'S' => {
                    let step = if asked.contains('E') {
                        Step::Execute
                    } else {
                        Step::Prepare
                    };
                    self.answer(step, &sql, &std::mem::take(&mut asked), &parameters)?;
                }
                b'X' => return Ok(()),
                tag => asked.push(tag.into()),
            }
        }
    }

    fn answer(&mut self, step: Step, sql: &str, asked: &str, types: &[u8]) -> io::Result<()> {
        let mut table = ordinary(sql);
        match (self.fake.script)(step, sql, &mut table) {
            None => self.send(&reply(step, asked, types, &table)),
            Some(Reply::Octets(octets)) => self.send(&octets),
            Some(Reply::Endless(octets)) => {
                let octets = octets.repeat((1 << 16) / octets.len());
                for _ in 0..ENDLESS >> 16 {
                    self.send(&octets)?;
                }
                Err(io::ErrorKind::ConnectionAborted.into())
            }
        }
    }

    fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        let length = octets.len().min(self.left);
        self.left -= length;
        if self.fake.pace.is_zero() {
            self.stream.write_all(&octets[..length])?;
        } else {
            for octet in &octets[..length] {
                std::thread::sleep(self.fake.pace);
                self.stream.write_all(&[*octet])?;
            }
        }
        if self.left == 0 {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }
}

fn body(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    reader.read_exact(&mut length)?;
    let mut body = vec![0; (u32::from_be_bytes(length) as usize).saturating_sub(4)];
    reader.read_exact(&mut body)?;
    Ok(body)
}

fn text(octets: Vec<u8>) -> String {
    String::from_utf8(octets).expect("a statement")
}

pub(super) fn reply(step: Step, asked: &str, parameters: &[u8], table: &Table) -> Vec<u8> {
    let end = message(b'Z', b"I");
    let mut reply = Vec::new();
    if step == Step::Startup {
        reply.extend(message(b'R', &[0; 4]));
        reply.extend(message(b'S', b"client_encoding\0UTF8\0"));
        reply.extend(message(b'K', &[0; 8]));
        return [reply, end].concat();
    }
    if step == Step::Simple {
        if !table.types.is_empty() {
            reply.extend(description(&table.types));
        }
        reply.extend(rows(table));
        reply.extend(message(b'C', b"OK\0"));
        return [reply, end].concat();
    }
    for tag in asked.chars() {
        match tag {
            'P' => reply.extend(message(b'1', b"")),
            'B' => reply.extend(message(b'2', b"")),
            'C' => reply.extend(message(b'3', b"")),
            'D' => {
                if !asked.contains('B') {
                    reply.extend(message(b't', parameters));
                }
                if table.types.is_empty() {
                    reply.extend(message(b'n', b""));
                } else {
                    reply.extend(description(&table.types));
                }
            }
            _ => {
                reply.extend(rows(table));
                reply.extend(message(b'C', b"OK\0"));
            }
        }
    }
    [reply, end].concat()
}

pub(super) fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("it fits");
    [&[tag], &length.to_be_bytes()[..], body].concat()
}

pub(super) fn error(tag: u8, code: &str, text: &str) -> Vec<u8> {
    let fields = format!("SERROR\0VERROR\0C{code}\0M{text}\0D{text}\0H{text}\0\0");
    message(tag, fields.as_bytes())
}

fn description(types: &[u32]) -> Vec<u8> {
    let mut body = count(types.len()).to_vec();
    for oid in types {
        body.extend(b"c\0\0\0\0\0\0\0");
        body.extend(oid.to_be_bytes());
        body.extend([0, 8, 255, 255, 255, 255, 0, 1]);
    }
    message(b'T', &body)
}

fn count(length: usize) -> [u8; 2] {
    u16::try_from(length).expect("it fits").to_be_bytes()
}

fn rows(table: &Table) -> Vec<u8> {
    table.rows.iter().flat_map(|row| data(row)).collect()
}

pub(super) fn data(row: &[Option<Vec<u8>>]) -> Vec<u8> {
    let mut body = count(row.len()).to_vec();
    for value in row {
        let length = value
            .as_ref()
            .map_or(Ok(-1), |value| i32::try_from(value.len()));
        let length = length.expect("it fits");
        body.extend(length.to_be_bytes());
        body.extend(value.iter().flatten());
    }
    message(b'D', &body)
}

pub(super) fn number(number: i64) -> Option<Vec<u8>> {
    Some(number.to_be_bytes().into())
}

pub(super) fn octets(octets: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    Some(octets.as_ref().into())
}

pub(super) const CLOCK: i64 = 1_795_248_000_000;

const ENTRIES: [u32; 11] = [
    INT8, BYTEA, INT8, BYTEA, INT8, INT8, INT8, INT8, INT8, INT8, BYTEA,
];

/// The first row of an answer to a call that reads.
pub(super) fn standing(version: i64) -> Vec<Option<Vec<u8>>> {
    vec![
        number(-1),
        octets("history"),
        number(0),
        None,
        number(version),
        number(CLOCK),
        number(0),
        number(1),
        number(0),
        None,
        None,
    ]
}

/// A row of a cookie. `place` is that of the session, its version, or the time of its last use.
pub(super) fn cookie(
    place: i64,
    session: &str,
    identity: &[u8],
    record: &str,
) -> Vec<Option<Vec<u8>>> {
    vec![
        number(place),
        octets(session),
        None,
        octets(identity),
        number(CLOCK << 16),
        number(1),
        number(1),
        None,
        None,
        None,
        octets(record),
    ]
}

/// What a server with one session of one cookie answers.
fn ordinary(sql: &str) -> Table {
    let has = |part: &str| sql.contains(part);
    let (types, rows): (&[u32], _) = if sql == "SHOW server_version_num" {
        (&[TEXT], vec![vec![octets("150000")]])
    } else if has("UNION ALL") {
        let row = if has("octet_length(record))") {
            let mut row = standing(7);
            row[1] = octets("a");
            row
        } else {
            cookie(1, "a", b"acme.com\0/\0a", r#"{"value":"1"}"#)
        };
        (&ENTRIES, vec![standing(7), row])
    } else if has("UPDATE cookiejar_namespaces n") {
        (&ENTRIES, vec![standing(7)])
    } else if has("FOR UPDATE) s") {
        let row = vec![octets("a"), number(1), None, octets([1])];
        (&[BYTEA, INT8, INT8, BOOL], vec![row])
    } else if has("bool_or") {
        (&[BYTEA, BOOL], vec![vec![octets("a"), octets([1])]])
    } else if has("SELECT DISTINCT session") || has("SELECT s.session FROM") {
        (&[BYTEA], vec![vec![octets("a")]])
    } else if has("FROM gone") {
        (&[INT8, INT8], vec![vec![number(5), number(5)]])
    } else if has("RETURNING token") {
        (&[INT8], vec![vec![number(7)]])
    } else if has("count(*) = 4") {
        (&[BOOL], vec![vec![octets([0])]])
    } else if has("pg_catalog.pg_type") {
        // A type of the name.
        let row = [
            octets("S3CRET\x1b[2J"),
            octets(b"b"),
            number4(0),
            None,
            number4(0),
            octets("public"),
            number4(0),
        ];
        (&[19, 18, 26, 26, 26, 19, 26], vec![row.into()])
    } else {
        (&[], Vec::new())
    };
    Table {
        types: types.to_vec(),
        rows,
    }
}

fn number4(number: u32) -> Option<Vec<u8>> {
    Some(number.to_be_bytes().into())
}

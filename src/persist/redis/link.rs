//! Requests and replies over a connection, with a time limit.
//!
//! It knows no key and no entry.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use ::redis::{Connection, Parser, RedisError, RedisResult, Value};

use super::super::engine::EngineError;
use super::error;
use crate::clock;

/// How much is gathered before it is sent.
const PIECE: usize = 1 << 20;

/// The maximum length of all replies to one request, in octets: that of a server's longest text.
const LONGEST: usize = 512 << 20;

/// A timeout is never zero.
pub(super) const LEAST: Duration = Duration::from_millis(1);

#[derive(Default)]
pub(super) struct Request {
    octets: Vec<u8>,
    commands: usize,
}

impl Request {
    pub(super) fn command(&mut self, arguments: &[&[u8]]) {
        self.begin(arguments.len());
        for argument in arguments {
            self.argument(argument);
        }
    }

    pub(super) fn begin(&mut self, arguments: usize) {
        self.commands += 1;
        self.octets
            .extend_from_slice(format!("*{arguments}\r\n").as_bytes());
    }

    pub(super) fn argument(&mut self, argument: &[u8]) {
        self.octets
            .extend_from_slice(format!("${}\r\n", argument.len()).as_bytes());
        self.octets.extend_from_slice(argument);
        self.octets.extend_from_slice(b"\r\n");
    }

    pub(super) fn commands(&self) -> usize {
        self.commands
    }

    pub(super) fn is_long(&self) -> bool {
        self.octets.len() >= PIECE
    }
}

pub(super) enum Link {
    /// A connection of the client, which limits the time of each read, and not that of a reply.
    Given(Connection),
    Own(Limited, Parser),
}

impl Link {
    pub(super) fn open(address: (&str, u16), limit: Duration) -> Result<Self, EngineError> {
        let end = clock::end_of(limit);
        let connect = || {
            let mut result = Err(io::ErrorKind::AddrNotAvailable.into());
            for address in address.to_socket_addrs()? {
                result = TcpStream::connect_timeout(&address, rest(end)?);
                if result.is_ok() {
                    break;
                }
            }
            let stream = result?;
            // A request may be more than one packet, and must not wait for the acknowledgment of the first.
            stream.set_nodelay(true)?;
            Ok(stream)
        };
        let stream = connect().map_err(unavailable)?;
        Ok(Self::Own(Limited::new(stream, limit), Parser::new()))
    }

    pub(super) fn send(
        &mut self,
        request: &mut Request,
        limit: Duration,
    ) -> Result<(), EngineError> {
        if request.octets.is_empty() {
            return Ok(());
        }
        let sent = match self {
            Self::Given(connection) => connection
                .set_write_timeout(Some(limit))
                .and_then(|()| connection.send_packed_command(&request.octets)),
            Self::Own(stream, _) => {
                stream.limit(limit);
                stream.write_all(&request.octets).map_err(RedisError::from)
            }
        };
        request.octets.clear();
        sent.map_err(error::translate)
    }

    /// An error of the server is a reply, too.
    pub(super) fn ask(
        &mut self,
        mut request: Request,
        limit: Duration,
    ) -> Result<Vec<Value>, EngineError> {
        let end = clock::end_of(limit);
        self.send(&mut request, limit)?;
        match self {
            Self::Given(connection) => connection
                .set_read_timeout(Some(limit))
                .map_err(error::translate)?,
            Self::Own(stream, _) => stream.limit(rest(end).unwrap_or(LEAST)),
        }
        let mut replies = Vec::with_capacity(request.commands);
        while replies.len() < request.commands {
            match self.receive().map_err(error::translate)? {
                Value::Push { .. } => {}
                Value::Attribute { data, .. } => replies.push(*data),
                reply => replies.push(reply),
            }
            if Instant::now() > end {
                return Err(EngineError::unavailable("the server is too slow"));
            }
        }
        Ok(replies)
    }

    fn receive(&mut self) -> RedisResult<Value> {
        match self {
            Self::Given(connection) => connection.recv_response(),
            Self::Own(stream, parser) => parser.parse_value(stream),
        }
    }
}

fn unavailable(error: io::Error) -> EngineError {
    error::translate(error.into())
}

fn rest(end: Instant) -> io::Result<Duration> {
    let rest = end.saturating_duration_since(Instant::now());
    if rest.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    Ok(rest.max(LEAST))
}

/// A stream on which one request and its replies end in time, however slow or long.
pub(super) struct Limited {
    stream: TcpStream,
    end: Instant,
    left: usize,
}

impl Limited {
    fn new(stream: TcpStream, limit: Duration) -> Self {
        let end = clock::end_of(limit);
        let left = LONGEST;
        Self { stream, end, left }
    }

    fn limit(&mut self, limit: Duration) {
        self.end = clock::end_of(limit);
        self.left = LONGEST;
    }
}

impl Read for Limited {
    fn read(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(rest(self.end)?))?;
        let read = self.stream.read(octets)?;
        let left = self.left.checked_sub(read);
        self.left = left.ok_or_else(|| io::Error::other("the reply is too long"))?;
        Ok(read)
    }
}

impl Write for Limited {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(rest(self.end)?))?;
        self.stream.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn check(replies: &[Value]) -> Result<(), EngineError> {
    match replies.iter().find_map(error_of) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

pub(super) fn error_of(reply: &Value) -> Option<EngineError> {
    match reply {
        Value::ServerError(error) => Some(error::of_server(error.code(), error.details())),
        _ => None,
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../../tests/inside/redis_link.rs"]
mod tests;

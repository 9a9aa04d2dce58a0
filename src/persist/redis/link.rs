//! Requests and replies over a connection, with a time limit.
//!
//! It knows no key and no entry.

use std::time::{Duration, Instant};

use ::redis::{Connection, Value};

use super::super::engine::EngineError;
use super::error;

/// How much is gathered before it is sent.
const PIECE: usize = 1 << 20;

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

    /// Begins a command with a number of arguments, and its name.
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

    pub(super) fn is_long(&self) -> bool {
        self.octets.len() >= PIECE
    }
}

pub(super) struct Link(Connection);

impl Link {
    pub(super) fn new(connection: Connection) -> Self {
        Self(connection)
    }

    pub(super) fn send(
        &mut self,
        request: &mut Request,
        limit: Duration,
    ) -> Result<(), EngineError> {
        if request.octets.is_empty() {
            return Ok(());
        }
        self.0
            .set_write_timeout(Some(limit))
            .map_err(error::translate)?;
        let sent = self.0.send_packed_command(&request.octets);
        request.octets.clear();
        sent.map_err(error::translate)
    }

    /// Sends what was gathered, and returns a reply for each command. An error of the server is a reply, too.
    pub(super) fn ask(
        &mut self,
        mut request: Request,
        limit: Duration,
    ) -> Result<Vec<Value>, EngineError> {
        let end = Instant::now() + limit;
        self.send(&mut request, limit)?;
        self.0
            .set_read_timeout(Some(limit))
            .map_err(error::translate)?;
        let mut replies = Vec::with_capacity(request.commands);
        while replies.len() < request.commands {
            match self.0.recv_response().map_err(error::translate)? {
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

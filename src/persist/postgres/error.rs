//! What an error of the server or of the connection means to a jar.

use std::error::Error as _;
use std::io;

use postgres::Error;
use postgres::error::SqlState;

use super::super::engine::{EngineError, shown};

/// The part of an error that contains no value: details and hints of the server's errors may quote rows.
#[derive(Debug, thiserror::Error)]
pub(super) enum Reported {
    #[error("{message} (SQLSTATE {})", code.code())]
    Server { code: SqlState, message: String },
    #[error("{0}")]
    Connection(String),
}

impl Reported {
    pub(super) fn of(error: &EngineError) -> Option<&Self> {
        match error {
            EngineError::Fatal(cause)
            | EngineError::Refused(cause)
            | EngineError::Unavailable(cause) => cause.downcast_ref(),
            EngineError::StampAhead { .. } => None,
        }
    }

    pub(super) fn is_conflict(&self) -> bool {
        self.has_code(&[
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::T_R_SERIALIZATION_FAILURE,
        ])
    }

    /// Whether a pooler sent a statement to a server that has not prepared it.
    pub(super) fn is_lost_statement(&self) -> bool {
        self.has_code(&[
            SqlState::INVALID_SQL_STATEMENT_NAME,
            SqlState::DUPLICATE_PSTATEMENT,
        ])
    }

    fn has_code(&self, codes: &[SqlState]) -> bool {
        matches!(self, Self::Server { code, .. } if codes.contains(code))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "a function for `map_err`")]
pub(super) fn translate(error: Error) -> EngineError {
    match error.as_db_error() {
        Some(reported) => {
            let code = valid(reported.code());
            // Some messages quote the data that is not valid.
            let message = if code.code().starts_with("22") {
                "the server does not accept a value".to_owned()
            } else {
                shown(reported.message())
            };
            server(code, message)
        }
        None => connection(&error),
    }
}

fn valid(code: &SqlState) -> SqlState {
    let octets = code.code().as_bytes();
    if octets.len() == 5 && octets.iter().all(u8::is_ascii_alphanumeric) {
        code.clone()
    } else {
        SqlState::INTERNAL_ERROR
    }
}

fn server(code: SqlState, mut message: String) -> EngineError {
    if code == SqlState::UNDEFINED_TABLE {
        message.push_str("; `Postgres::create_tables` creates the tables");
    }
    let class = &code.code()[..2];
    let is_refused = matches!(class, "22" | "23" | "54");
    // Connections, transactions, resources, an operator's intervention, a server that only replicates, system errors.
    let is_unavailable = matches!(class, "08" | "25" | "40" | "53" | "55" | "57" | "58")
        || matches!(code.code(), "26000" | "42P05");
    let reported = Reported::Server { code, message };
    if is_refused {
        EngineError::refused(reported)
    } else if is_unavailable {
        EngineError::unavailable(reported)
    } else {
        EngineError::fatal(reported)
    }
}

fn connection(error: &Error) -> EngineError {
    let Some(source) = error.source() else {
        return EngineError::unavailable(Reported::Connection(error.to_string()));
    };
    let reported = Reported::Connection(format!("{error}: {source}"));
    match source.downcast_ref::<io::Error>().map(io::Error::kind) {
        // A message that is too long for the protocol.
        Some(io::ErrorKind::InvalidInput) => EngineError::refused(reported),
        Some(_) => EngineError::unavailable(reported),
        None => EngineError::fatal(reported),
    }
}

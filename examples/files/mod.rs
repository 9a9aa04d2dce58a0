//! What the examples about files share: formats by name, `-` for the standard streams, and errors.

use std::error::Error;
use std::fs::File;
use std::io::{self, Read};
use std::process::ExitCode;

use cookiejar::file::{CookieFormat, CookiesTxt, Json, Lwp, ReadOptions, Reading};

pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// The main function of such an example: help where it is asked for, the work else, and what goes wrong on
/// standard error.
pub(crate) fn run<A>(
    program: &str,
    help: &str,
    arguments: Outcome<Option<A>>,
    work: impl FnOnce(&A) -> Outcome<()>,
) -> ExitCode {
    let arguments = match arguments {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            print!("{help}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("{program}: {error}; see --help");
            return ExitCode::from(2);
        }
    };
    match work(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{program}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A format by its name on the command line.
pub(crate) fn format(name: &str) -> Outcome<&'static dyn CookieFormat> {
    match name {
        "txt" => Ok(&CookiesTxt),
        "lwp" => Ok(&Lwp),
        "json" => Ok(&Json),
        other => Err(format!("{other:?} is no format: say txt, lwp or json").into()),
    }
}

/// The name of the format that a text looks like.
fn recognize(text: &[u8]) -> &'static str {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    match text.trim_ascii_start() {
        [b'{' | b'[', ..] => "json",
        text if text.starts_with(b"#LWP-Cookies") || text.starts_with(b"Set-Cookie3:") => "lwp",
        _ => "txt",
    }
}

/// Reads a file, or standard input for `-`, in a format that is named or else looked for. What is left
/// out is said on standard error, without values.
pub(crate) fn read(file: &str, name: Option<&str>, options: &ReadOptions) -> Outcome<Reading> {
    let input: Box<dyn Read> = match file {
        "-" => Box::new(io::stdin()),
        _ => Box::new(File::open(file).map_err(|error| format!("{file}: {error}"))?),
    };
    let mut input = input.take(options.get_max_bytes() + 1);
    let mut head = vec![0; 64];
    let mut len = 0;
    while len < head.len() {
        match input.read(&mut head[len..])? {
            0 => break,
            more => len += more,
        }
    }
    head.truncate(len);
    let format = format(name.unwrap_or_else(|| recognize(&head)))?;
    let mut whole = io::Cursor::new(head).chain(input);
    let reading = format
        .read(&mut whole, options)
        .map_err(|error| format!("{file}: {error}"))?;
    eprintln!(
        "{file}: {} cookies, read as {}",
        reading.cookies.len(),
        reading.report.source
    );
    for skipped in &reading.report.skipped {
        eprintln!("{file}: skipped: {skipped}");
    }
    Ok(reading)
}

/// A text without control characters, which a terminal would obey.
pub(crate) fn plain(text: &impl ToString) -> String {
    text.to_string().replace(char::is_control, "\u{fffd}")
}

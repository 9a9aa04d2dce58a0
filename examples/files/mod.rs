//! The common parts of the examples about files: formats by name, `-` for the standard streams, and errors.

use std::error::Error;
use std::fs::File;
use std::io::{self, Read};
use std::process::ExitCode;

use cookiejar::file::json::Program;
use cookiejar::file::{
    self, CookieFormat, CookiesTxt, Json, Lwp, ReadOptions, Reading, har, header_dump,
};

pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// The main function of these examples: prints the help on request, or does the work, with errors on standard
/// error.
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

/// The formats that can be written, by their names on the command line.
pub(crate) const FORMATS: &str =
    "txt, lwp, json, playwright, extension, selenium, puppeteer, cookie_store";

/// A format by its name.
pub(crate) fn format(name: &str) -> Outcome<&'static dyn CookieFormat> {
    Ok(match name {
        "txt" => &CookiesTxt,
        "lwp" => &Lwp,
        "json" => &Json,
        "playwright" => &Program::Playwright,
        "extension" => &Program::Extension,
        "selenium" => &Program::Selenium,
        "puppeteer" => &Program::Puppeteer,
        "cookie_store" => &Program::CookieStore,
        other => return Err(format!("{other:?} is not a format: say {FORMATS}").into()),
    })
}

/// Reads a file, or standard input for `-`, in the named or else the recognized format. Prints what was skipped to
/// standard error, without values.
pub(crate) fn read(file: &str, name: Option<&str>, options: &ReadOptions) -> Outcome<Reading> {
    let input: Box<dyn Read> = match file {
        "-" => Box::new(io::stdin()),
        _ => Box::new(File::open(file).map_err(|error| format!("{file}: {error}"))?),
    };
    let reading = match name {
        None => file::read_any(input, options),
        Some("har") => har::read(input, options),
        Some("headers") => header_dump::read(input, options),
        Some(name) => format(name)?.read(&mut { input }, options),
    };
    let reading = reading.map_err(|error| format!("{file}: {error}"))?;
    eprintln!(
        "{file}: {} cookies from {}",
        reading.cookies.len(),
        reading.report
    );
    Ok(reading)
}

/// A text without control characters, which a terminal would obey, except line breaks: no cookie has one.
pub(crate) fn plain(text: &impl ToString) -> String {
    text.to_string()
        .replace(|c: char| c.is_control() && c != '\n', "\u{fffd}")
}

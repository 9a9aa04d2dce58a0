//! Converts a cookie file from any format to any other, and prints what was skipped and why.
//!
//! ```text
//! cargo run --example convert_file --features json -- examples/cookies.txt jar.json
//! ```

use std::env;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use cookiejar::file::{self, ReadOptions, WriteOptions};
use time::OffsetDateTime;
use url::Url;

#[path = "files/mod.rs"]
mod files;

use files::Outcome;

const HELP: &str = "\
Usage: convert_file [OPTIONS] INPUT OUTPUT

Converts a cookie file of any format, which is recognized: cookies.txt, LWP, the JSON of this library, of
cookie_store, Playwright, Puppeteer, Selenium, browser extensions, tough-cookie and Guzzle, HTTP archives, and
header dumps of curl -D. INPUT and OUTPUT may be `-`, standard input and output. What is skipped is said on
standard error, without values.

Options:
  --to FORMAT       txt, lwp, json, playwright, extension, selenium, puppeteer or cookie_store; by default by
                    the ending of OUTPUT: .txt, .lwp, .json
  --from FORMAT     one of these, har or headers, where the input could be two things
  --url URL         the page from which cookies without a domain and header dumps come, and to which Selenium
                    gives its cookies
  --trust-redirects follow a header dump to the sites to which its servers redirect
  --strict          stop at the first line that is not a cookie
  --no-session      skip session cookies
  --no-expired      skip expired cookies
  --from-python     Python wrote the input: its text is turned back into the octets of headers
  --for-python      write what Python wants: empty expiries, foo.local for foo, text as it reads it
  --for-perl        write what libwww-perl wants: foo.local for foo
  -h, --help        show this
";

struct Arguments {
    input: String,
    output: String,
    from: Option<String>,
    to: Option<String>,
    read: ReadOptions,
    write: WriteOptions,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse(env::args().skip(1));
    files::run("convert_file", HELP, arguments, convert)
}

impl Arguments {
    /// `None` if the user asked for help.
    fn parse(mut arguments: impl Iterator<Item = String>) -> Outcome<Option<Self>> {
        let now = OffsetDateTime::now_utc();
        let (mut from, mut to, mut files) = (None, None, Vec::new());
        let mut read = ReadOptions::new()
            .ignore_discard(true)
            .ignore_expires(true)
            .at(now);
        let mut write = WriteOptions::new()
            .ignore_discard(true)
            .ignore_expires(true);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "-h" | "--help" => return Ok(None),
                "--from" => from = Some(arguments.next().ok_or("--from needs a format")?),
                "--to" => to = Some(arguments.next().ok_or("--to needs a format")?),
                "--url" => {
                    let page = page(arguments.next())?;
                    read = read.of_url(&page);
                    write = write.of_url(&page);
                }
                "--trust-redirects" => read = read.trust_redirects(true),
                "--strict" => read = read.strict(true),
                "--no-session" => read = read.ignore_discard(false),
                "--no-expired" => read = read.ignore_expires(false),
                "--from-python" => read = read.python_form(true),
                "--for-python" => write = write.python_form(true),
                "--for-perl" => write = write.dot_local(true),
                option if option.starts_with('-') && option != "-" => {
                    return Err(format!("unknown option {option}").into());
                }
                _ => files.push(argument),
            }
        }
        let [input, output] = <[String; 2]>::try_from(files).map_err(|_| "two files are needed")?;
        Ok(Some(Self {
            input,
            output,
            from,
            to,
            read,
            write,
        }))
    }

    fn output_format(&self) -> Outcome<&str> {
        let ending = Path::new(&self.output).extension();
        self.to
            .as_deref()
            .or_else(|| ending?.to_str())
            .ok_or_else(|| "--to is needed to know the format of the output".into())
    }
}

/// A page by its URL on the command line.
fn page(url: Option<String>) -> Outcome<Url> {
    let url = url.ok_or("--url needs a URL")?;
    Url::parse(&url).map_err(|error| format!("{url}: {error}").into())
}

fn convert(arguments: &Arguments) -> Outcome<()> {
    let Arguments { output, write, .. } = arguments;
    let format = files::format(arguments.output_format()?)?;
    let reading = files::read(&arguments.input, arguments.from.as_deref(), &arguments.read)?;
    let report = if output == "-" {
        let mut stdout = io::stdout().lock();
        let report = format.write(&mut stdout, &mut reading.cookies.iter(), write)?;
        stdout.flush()?;
        report
    } else {
        file::save(output, format, &reading.cookies, write)?.report
    };
    eprintln!("{output}: {}", files::plain(&report));
    Ok(())
}

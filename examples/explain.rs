//! Shows which cookies of a file are sent with a request, in which order, and why the others are withheld.
//!
//! ```text
//! cargo run --example explain --features json -- examples/cookies.txt https://www.acme.com/cart/list
//! ```

use std::env;
use std::process::ExitCode;

use cookiejar::file::ReadOptions;
use cookiejar::{Cookie, CookieJar, DefaultCookiePolicy};
use time::OffsetDateTime;
use url::Url;

#[path = "files/mod.rs"]
mod files;

use files::Outcome;

const HELP: &str = "\
Usage: explain [OPTIONS] FILE URL

Says which cookies of FILE a request for URL gets, in the order in which they are sent, and why it does
not get the others. FILE is a cookie file of any format, which is recognized, or `-` for standard input.

Options:
  --from FORMAT     txt, lwp, json, har or headers, where the file could be two things
  --page URL        the page from which cookies without a domain and header dumps come
  --from-python     Python wrote the file
  --python          judge as Python does, without the guards that are on by default
  --values          show the values, too: they may be secrets
  -h, --help        show this
";

struct Arguments {
    file: String,
    url: Url,
    from: Option<String>,
    page: Option<Url>,
    from_python: bool,
    python: bool,
    values: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse(env::args().skip(1));
    files::run("explain", HELP, arguments, explain)
}

impl Arguments {
    /// `None` if the user asked for help.
    fn parse(mut arguments: impl Iterator<Item = String>) -> Outcome<Option<Self>> {
        let (mut from, mut page, mut rest) = (None, None, Vec::new());
        let (mut from_python, mut python, mut values) = (false, false, false);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "-h" | "--help" => return Ok(None),
                "--from" => from = Some(arguments.next().ok_or("--from needs a format")?),
                "--page" => page = Some(parse(&arguments.next().ok_or("--page needs a URL")?)?),
                "--from-python" => from_python = true,
                "--python" => python = true,
                "--values" => values = true,
                option if option.starts_with('-') && option != "-" => {
                    return Err(format!("unknown option {option}").into());
                }
                _ => rest.push(argument),
            }
        }
        let [file, url] =
            <[String; 2]>::try_from(rest).map_err(|_| "a file and a URL are needed")?;
        Ok(Some(Self {
            file,
            url: parse(&url)?,
            from,
            page,
            from_python,
            python,
            values,
        }))
    }
}

fn parse(url: &str) -> Outcome<Url> {
    Url::parse(url).map_err(|error| format!("{url}: {error}").into())
}

fn explain(arguments: &Arguments) -> Outcome<()> {
    let mut options = ReadOptions::new()
        .ignore_discard(true)
        .ignore_expires(true)
        .python_form(arguments.from_python);
    if let Some(page) = &arguments.page {
        options = options.of_url(page);
    }
    let reading = files::read(&arguments.file, arguments.from.as_deref(), &options)?;
    let policy = if arguments.python {
        DefaultCookiePolicy::python()
    } else {
        DefaultCookiePolicy::new()
    };
    let now = OffsetDateTime::now_utc();
    let all = reading.cookies.len();
    let (expired, live): (Vec<_>, Vec<_>) = reading
        .cookies
        .into_iter()
        .partition(|cookie| cookie.is_expired(now));
    let mut jar = CookieJar::with_policy(policy);
    jar.set_clock(move || now);
    jar.extend(live);
    let show = |cookie: &Cookie| {
        if arguments.values {
            files::plain(&cookie.display_with_value())
        } else {
            files::plain(cookie)
        }
    };

    let explained = jar.explain(&arguments.url);
    let sent = explained.iter().filter(|entry| entry.verdict.is_ok());
    let count = sent.clone().count();
    println!("sent to {}: {count}", arguments.url);
    for (number, entry) in sent.enumerate() {
        println!("{:>4}. {}", number + 1, show(entry.cookie));
    }
    println!("not sent: {}", all - count);
    for entry in &explained {
        if let Err(reason) = entry.verdict {
            println!("      {}: {reason}", show(entry.cookie));
        }
    }
    for cookie in &expired {
        println!("      {}: it is expired", show(cookie));
    }
    let others = [
        (jar.len() - explained.len(), "of other domains"),
        (all - expired.len() - jar.len(), "replaced by later lines"),
    ];
    for (more, why) in others.into_iter().filter(|(more, _)| *more > 0) {
        println!("      {more} more: {why}");
    }
    Ok(())
}

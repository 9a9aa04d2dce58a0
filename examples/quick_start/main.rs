//! A cookie jar at work: a real client, a real server, and the jar's decisions at every hop.
//!
//! `client.rs` has the code to copy: a jar and redirects around a client that has neither. `server.rs` is the
//! server, `story.rs` says what must happen, `tell.rs` prints it.

use std::error::Error;
use std::fs::File;
use std::process::ExitCode;

use cookiejar::file::{self, CookieFormat, CookiesTxt, ReadOptions, WriteOptions};
use cookiejar::jar::{Clock, ManualClock};
use cookiejar::{CookieJar, DefaultCookiePolicy};
use time::{Duration, OffsetDateTime};
use url::Url;

mod client;
mod server;
mod story;
mod tell;

use client::{Client, Visit};
use tell::Values;

const HELP: &str = "\
Shows a cookie jar at work, hop by hop.

usage: cargo run --example quick_start                     a made-up shop
       cargo run --example quick_start -- [--values] URL   a URL of yours

The shop is a server that this program starts on loopback. The program saves the
cookies to a new cookies.txt and ends with a verdict: the exit status is 1 if a hop
differs from what it must be.

A URL is followed through up to 10 redirects, without a verdict. Cookies are shown by
name; --values shows their values, too. It has to be an http URL: this example has no
TLS.
";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut values = Values::Hidden;
    let mut url = None;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "-h" | "--help" => {
                print!("{HELP}");
                return ExitCode::SUCCESS;
            }
            "--values" => values = Values::Shown,
            _ if argument.starts_with('-') || url.is_some() => {
                return wrong_usage(&format!("unexpected argument {argument:?}"));
            }
            _ => url = Some(argument),
        }
    }
    let told = match url {
        None => tell_the_story().await,
        Some(url) => match Url::parse(&url) {
            Ok(url) if url.scheme() == "http" && url.has_host() => tell_of(url, values).await,
            Ok(url) if url.scheme() == "https" => {
                return wrong_usage("this example has no TLS: use an http URL");
            }
            _ => return wrong_usage(&format!("{url:?} is not an http URL")),
        },
    };
    told.unwrap_or_else(|error| {
        eprintln!("quick_start: {error}");
        ExitCode::FAILURE
    })
}

fn wrong_usage(what: &str) -> ExitCode {
    eprintln!("quick_start: {what}\n\n{HELP}");
    ExitCode::from(2)
}

/// Plays the story with its own clock, so that it is the same story every day.
async fn tell_the_story() -> Result<ExitCode, Box<dyn Error>> {
    let shop = server::start().await?;
    let clock = ManualClock::new(story::BEGIN);
    let mut jar = CookieJar::with_policy(DefaultCookiePolicy::new().loopback_is_secure(true));
    jar.set_clock(clock.clone());
    let mut client = Client::new(jar, Some(shop));
    let mut faults = Vec::new();

    tell::opening(shop);
    for (number, step) in story::STEPS.iter().enumerate() {
        clock.advance(Duration::minutes(step.minutes_later));
        tell::heading(number + 1, step.heading, clock.now());
        let url = Url::parse(step.url)?;
        let tell = |visit: &Visit| tell::visit(visit, Values::Shown);
        let visits = client.open(step.method, url, tell).await?;
        faults.extend(tell::faults(step, &visits));
    }
    faults.extend(story::dates_fault(client.jar()));
    faults.extend(save(client.jar(), clock.now())?);
    Ok(tell::verdict(&faults))
}

/// Saves the cookies in the format of curl and wget, and reads them back.
fn save(jar: &CookieJar, now: OffsetDateTime) -> Result<Option<String>, Box<dyn Error>> {
    let folder = tempfile::Builder::new().prefix("quick_start-").tempdir()?;
    let path = folder.keep().join("cookies.txt");
    let saved = file::save(&path, &CookiesTxt, jar, WriteOptions::new().at(now))?;
    tell::saved(&path, &saved.report);
    let reading = CookiesTxt.read(&mut File::open(&path)?, &ReadOptions::new().at(now))?;
    let differs = reading.cookies.len() != story::SAVED || saved.report.written != story::SAVED;
    Ok(differs.then(|| format!("{} cookies must be saved", story::SAVED)))
}

/// Requests one URL without a verdict.
async fn tell_of(url: Url, values: Values) -> Result<ExitCode, Box<dyn Error>> {
    let mut client = Client::new(CookieJar::new(), None);
    let tell = |visit: &Visit| tell::visit(visit, values);
    let ended = client.open("GET", url, tell).await;
    tell::jar(client.jar(), values);
    ended.map(|_| ExitCode::SUCCESS)
}

//! A cookie jar at work: a real client, a real server, and what the jar says at every hop.
//!
//! `story.rs` is what must happen, `server.rs` the server to which it happens, `client.rs` the two
//! calls that a client makes, `tell.rs` the telling of it.

use std::error::Error;
use std::process::ExitCode;

use cookiejar::CookieJar;
use cookiejar::jar::ManualClock;
use time::Duration;
use url::Url;

mod client;
mod server;
mod story;
mod tell;

use client::{Client, Visit};
use tell::Values;

const HELP: &str = "\
A cookie jar at work, hop by hop.

usage: cargo run --example quick_start                     the story of a made-up shop
       cargo run --example quick_start -- [--values] URL   the same telling of a URL of yours

The story runs against a server that this program starts on loopback. It ends with
a verdict; the exit status is 1 if anything went otherwise than it must.

A URL is followed through up to 10 redirects, without a verdict. Of its cookies the
names are shown, and the values only with --values. It has to be an http URL: this
example has no TLS.
";

const REDIRECTS: usize = 10;

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
                return wrong_usage(&format!("what is {argument:?}?"));
            }
            _ => url = Some(argument),
        }
    }
    let told = match url {
        None => tell_the_story().await,
        Some(url) => match Url::parse(&url) {
            Ok(url) if url.scheme() == "http" && url.has_host() => tell_of(url, values).await,
            Ok(url) if url.scheme() == "https" => {
                return wrong_usage("this example has no TLS: give it an http URL");
            }
            _ => return wrong_usage(&format!("{url:?} is no http URL")),
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

/// Plays the story on a clock of its own, so that it is the same story on every day.
async fn tell_the_story() -> Result<ExitCode, Box<dyn Error>> {
    let shop = server::start().await?;
    let clock = ManualClock::new(story::BEGIN);
    let mut jar = CookieJar::new();
    jar.set_clock(clock.clone());
    let mut client = Client::new(jar, Some(shop));
    let mut faults = Vec::new();

    tell::opening(shop, story::BEGIN);
    for (number, step) in story::STEPS.iter().enumerate() {
        clock.advance(Duration::minutes(step.minutes_later));
        tell::heading(number + 1, step.heading);
        let url = Url::parse(step.url)?;
        let visits = follow(&mut client, step.method, url, Values::Shown).await?;
        faults.extend(tell::faults(step, &visits));
    }
    faults.extend(story::dates_fault(client.jar()));
    Ok(tell::verdict(&faults))
}

/// Tells of one URL, and judges nothing.
async fn tell_of(url: Url, values: Values) -> Result<ExitCode, Box<dyn Error>> {
    let mut client = Client::new(CookieJar::new(), None);
    follow(&mut client, "GET", url, values).await?;
    tell::jar(client.jar(), values);
    Ok(ExitCode::SUCCESS)
}

/// Goes to a URL and on to wherever it redirects, and tells of each hop.
async fn follow(
    client: &mut Client,
    method: &str,
    url: Url,
    values: Values,
) -> Result<Vec<Visit>, Box<dyn Error>> {
    let mut visits = Vec::new();
    let mut next = Some((method.to_owned(), url));
    while let Some((method, url)) = next {
        if url.scheme() != "http" || visits.len() > REDIRECTS {
            tell::stopped_before(&url);
            break;
        }
        let visit = client.visit(&method, &url).await?;
        tell::visit(&visit, values);
        next = visit.redirect();
        visits.push(visit);
    }
    Ok(visits)
}

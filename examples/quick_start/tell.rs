//! Prints the hops, and compares them with the story.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use cookiejar::file::WriteReport;
use cookiejar::jar::ChangeCause;
use cookiejar::{Cookie, CookieJar, ExtractReport, Rejection};
use time::OffsetDateTime;

use crate::client::{SetCookie, Visit};
use crate::story::{Hop, Step};

/// Prints a line. A closed pipe (`| head`) is not an error.
macro_rules! say {
    ($($text:tt)*) => {
        let _ = writeln!(std::io::stdout(), $($text)*);
    };
}

/// Whether cookies are shown with their values.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Values {
    Hidden,
    Shown,
}

pub(crate) fn opening(shop: SocketAddr) {
    say!(
        "A server on {shop} plays a shop with two hosts, shop.example.com and pay.example.com,\n\
         and a wallet, wallet.localhost. The jar has a clock that this program sets.\n"
    );
}

/// The number and the text of a step, and the time by the jar's clock.
pub(crate) fn heading(number: usize, text: &str, now: OffsetDateTime) {
    say!("{number}. {text}\n   The clock shows {}.\n", date(now));
}

/// The request and the response, with the jar's verdict on each cookie.
pub(crate) fn visit(visit: &Visit, values: Values) {
    say!("   -> {} {}", visit.method, visit.url);
    line("Cookie", &cookies_sent(visit, values));
    for (name, reason) in &visit.withheld {
        line("withheld", &format!("{name}: {reason}"));
    }
    say!("   <- {}", visit.status);
    if let Some(location) = &visit.location {
        line("Location", location);
    }
    for set_cookie in &visit.set {
        line("Set-Cookie", &masked(&set_cookie.field, values));
        line("", &format!("= {}", what_became_of(set_cookie)));
    }
    if !visit.set.is_empty() {
        line("report", &sum(&visit.report));
    }
    say!();
}

/// The file to which the cookies were saved, and their number.
pub(crate) fn saved(path: &Path, report: &WriteReport) {
    say!(
        "Saved {} to {}, for curl, wget and the next run.\n\
         {} not saved: they end with the session.\n",
        count(report.written, "cookie"),
        path.display(),
        count(report.session, "session cookie"),
    );
}

/// The contents of the jar at the end.
pub(crate) fn jar(jar: &CookieJar, values: Values) {
    say!("   The jar holds {}", count(jar.len(), "cookie"));
    for cookie in jar {
        match values {
            Values::Hidden => line("", &cookie.to_string()),
            Values::Shown => line("", &cookie.display_with_value().to_string()),
        }
    }
}

fn line(label: &str, text: &str) {
    say!("      {label:<11} {text}");
}

fn cookies_sent(visit: &Visit, values: Values) -> String {
    match (&visit.sent, values) {
        (None, _) => "none".to_owned(),
        (Some(header), Values::Shown) => header.clone(),
        (Some(_), Values::Hidden) => visit.sent_names.join(", "),
    }
}

/// A `Set-Cookie` field, with the length of its value instead of the value.
fn masked(field: &str, values: Values) -> String {
    let end = field.find(';').unwrap_or(field.len());
    match field[..end].split_once('=') {
        Some((name, value)) if values == Values::Hidden => {
            let size = count(value.len(), "byte");
            format!("{name}=<{size}>{}", &field[end..])
        }
        _ => field.to_owned(),
    }
}

fn what_became_of(set_cookie: &SetCookie) -> String {
    let place = set_cookie.cookie.as_ref().map(place).unwrap_or_default();
    match set_cookie.outcome {
        Ok(Some(ChangeCause::Stored)) => format!("stored{place}"),
        Ok(Some(ChangeCause::Replaced)) => format!("replaced{place}"),
        Ok(Some(ChangeCause::Removed)) => "removed".to_owned(),
        Ok(_) => "nothing to remove".to_owned(),
        Err(reason) => format!("rejected: {reason}"),
    }
}

/// The hosts to which a cookie is sent, its path, and its expiry.
fn place(cookie: &Cookie) -> String {
    let hosts = match cookie.domain().strip_prefix('.') {
        Some(domain) => format!("{domain} and its subdomains"),
        None => format!("{} only", cookie.domain()),
    };
    let end = cookie.expires().map_or_else(
        || "for this session".to_owned(),
        |expires| format!("until {}", date(expires)),
    );
    format!(" for {hosts}, path {}, {end}", cookie.path())
}

fn date(moment: OffsetDateTime) -> String {
    let (hour, minute, second) = moment.to_hms();
    format!("{} {hour:02}:{minute:02}:{second:02}", moment.date())
}

fn sum(report: &ExtractReport) -> String {
    counted([
        (report.stored, "stored"),
        (report.replaced, "replaced"),
        (report.removed, "removed"),
        (report.evicted, "evicted"),
        (report.rejected.len(), "rejected"),
    ])
}

fn counted<const KINDS: usize>(counts: [(usize, &str); KINDS]) -> String {
    let told = counts.iter().filter(|(count, _)| *count > 0);
    joined(told.map(|(count, what)| format!("{count} {what}")))
}

fn joined(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

fn count(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Every difference between a step and what must happen.
pub(crate) fn faults(step: &Step, visits: &[Visit]) -> Vec<String> {
    let mut faults = Vec::new();
    if step.hops.len() != visits.len() {
        faults.push(format!("{} hops must be {}", visits.len(), step.hops.len()));
    }
    for (hop, visit) in step.hops.iter().zip(visits) {
        let mut check = |what: &str, is: String, must: String| {
            if is != must {
                let place = format!("{} {}", visit.method, visit.url);
                faults.push(format!("{place}: {what} is {is} and must be {must}"));
            }
        };
        let seen = visit.seen.as_deref().unwrap_or_default();
        check("the Cookie header", seen.to_owned(), hop.seen.to_owned());
        check(
            "the status",
            visit.status.as_str().to_owned(),
            hop.status.to_string(),
        );
        check(
            "what is withheld",
            reasons(&visit.withheld),
            reasons(hop.withheld),
        );
        check("what was set", outcomes_of(visit), outcomes_in(hop));
        check("the report", sum(&visit.report), sum_in(hop));
    }
    faults
}

fn reasons<S: AsRef<str>>(withheld: &[(S, Rejection)]) -> String {
    let each = withheld.iter();
    joined(each.map(|(name, reason)| format!("{} {reason:?}", name.as_ref())))
}

fn outcomes_of(visit: &Visit) -> String {
    let each = visit.set.iter();
    joined(each.map(|set| format!("{} {:?}", set.name(), set.outcome)))
}

fn outcomes_in(hop: &Hop) -> String {
    let each = hop.set.iter();
    joined(each.map(|(name, outcome)| format!("{name} {:?}", outcome.map(Some))))
}

/// The counts that the report must have.
fn sum_in(hop: &Hop) -> String {
    let ended = |as_: ChangeCause| hop.set.iter().filter(|(_, end)| *end == Ok(as_)).count();
    let rejected = hop.set.iter().filter(|(_, end)| end.is_err()).count();
    counted([
        (ended(ChangeCause::Stored), "stored"),
        (ended(ChangeCause::Replaced), "replaced"),
        (ended(ChangeCause::Removed), "removed"),
        (rejected, "rejected"),
    ])
}

/// The last lines, and the exit status.
pub(crate) fn verdict(faults: &[String]) -> ExitCode {
    if faults.is_empty() {
        say!("All hops are as they must be.");
        return ExitCode::SUCCESS;
    }
    say!("{}:", count(faults.len(), "difference"));
    for fault in faults {
        say!("- {fault}");
    }
    ExitCode::FAILURE
}

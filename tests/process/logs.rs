//! The log records of jars and sessions.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use cookiejar::headers::Merge;
use cookiejar::jar::CookieChange;
use cookiejar::policy::Limits;
use cookiejar::{CookieJar, CookieSessions, DefaultCookiePolicy, RequestCookies, SharedCookieJar};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use url::Url;

/// Keeps the records of one target, one line each.
#[derive(Clone)]
struct Lines {
    target: &'static str,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Lines {
    fn new(target: &'static str) -> Self {
        Self {
            target,
            lines: Arc::default(),
        }
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.lines.lock().expect("no panic"))
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, "{}={value:?} ", field.name());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = write!(self.0, "{}={value} ", field.name());
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == self.target
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.lines
            .lock()
            .expect("no panic")
            .push(line.0.trim().to_owned());
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[test]
fn one_record_a_request_and_a_response() {
    let lines = Lines::new("cookiejar::sessions");
    let _guard = tracing::subscriber::set_default(lines.clone());
    let url = Url::parse("https://acme.com/a?token=secret").expect("a URL");
    let sessions: CookieSessions<u8> = CookieSessions::new();
    let mut headers: Vec<(String, Vec<u8>)> = Vec::new();

    // No record if nothing was sent or stored.
    sessions.process_request(&1, &mut headers, &url);
    sessions.process_response(&1, &[("Content-Type", "text/html")], &url);
    assert_eq!(lines.take(), [""; 0]);

    let response = [
        ("Set-Cookie", "sid=secret; Path=/"),
        ("Set-Cookie", "b=secret"),
        ("set-cookie", "secret"),
    ];
    sessions.process_response(&1, &response, &url);
    sessions.process_request(&1, &mut headers, &url);
    let expected = [
        "message=Set-Cookie received url=https://acme.com:443/a cookies=sid | b | ?",
        "message=Cookie sent url=https://acme.com:443/a cookies=sid; b; ?",
    ];
    assert_eq!(lines.take(), expected);

    sessions.set_logs_values(true);
    sessions.process_response(&1, &response[..1], &url);
    sessions.process_request(&1, &mut headers, &url);
    let expected = [
        "message=Set-Cookie received url=https://acme.com:443/a cookies=sid=secret; Path=/",
        "message=Cookie sent url=https://acme.com:443/a cookies=sid=secret; b=secret; secret",
    ];
    assert_eq!(lines.take(), expected);

    // No record for cookies that are kept out of the jar, and none when processing is disabled.
    sessions.process_response(RequestCookies::new(&1).receive(false), &response, &url);
    sessions.set_enabled(false);
    sessions.process_request(&1, &mut headers, &url);
    sessions.process_response(&1, &response, &url);
    assert_eq!(lines.take(), [""; 0]);
}

/// A value of RFC 2965 may contain semicolons. What could be inside quotes is not shown, in whatever dialect it is read.
#[test]
fn the_log_shows_no_part_of_a_quoted_value() {
    let lines = Lines::new("cookiejar::sessions");
    let _guard = tracing::subscriber::set_default(lines.clone());
    let url = Url::parse("https://acme.com/").expect("a URL");
    let policy = DefaultCookiePolicy::new().rfc2965(true);
    let sessions: CookieSessions<u8> = CookieSessions::with_policy(policy);

    let field = r#"sid="user=anna; secret=1; x"; Version=1; Path="/""#;
    sessions.process_response(&1, &[("Set-Cookie2", field)], &url);
    let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
    sessions.process_request(&1, &mut headers, &url);
    let sent = String::from_utf8_lossy(&headers[0].1);
    assert!(sent.contains("secret=1"), "{sent}");
    let line = "message=Cookie sent url=https://acme.com:443/ cookies=$Version; sid; $Path";
    assert_eq!(lines.take(), [line]);

    let rows = [
        (r#"a="1"; b="2;secret=3"; c=4"#, "a; b; c"),
        (r#"a = "1;secret=2"x; b=3"#, "a; b"),
        (r#"a="1\"; b="\";secret=2"; c=3"#, "a; c"),
        (r#"a="1\\"; b=2"#, "a; b"),
        (r#"a=x"y; b=z""#, "a; b"), // no value of RFC 2965
        (r#"a="1;secret=2"#, "a"),  // no end, or a Netscape value
        (r#"a="1\";secret=2"#, "a"),
        (r#"a="x; sid="user; secret=1"; c=3"#, "a; c"), // a Netscape value, then one of RFC 2965
        (r#"a="YQ=="; b="1;secret=2"; c=3"#, "a; c"), // the quote after `=` could begin another value
        (r#"a="YQ=";secret=1; c=3"#, "a"),
        (r#""secret=1"; b=2"#, "?; b"), // no name has quotes
        (r#"a=1,b="2;secret=3""#, "a"),
        ("a=", "a"),
        ("=", ""),
        (r#"""#, "?"),
    ];
    let by_hand = || RequestCookies::new(&2).merge(Merge::Keep);
    for (header, shown) in rows {
        let mut headers = vec![("Cookie".to_owned(), header.as_bytes().to_vec())];
        sessions.process_request(by_hand(), &mut headers, &url);
        let line = format!("message=Cookie sent url=https://acme.com:443/ cookies={shown}");
        assert_eq!(lines.take(), [line.trim()], "{header}");
    }
    // HTTP/2 splits a header at any semicolon.
    let parts = [r#"sid="user=anna"#, r#"secret=1""#, "a=2"];
    let mut headers = parts
        .map(|part| ("Cookie".to_owned(), part.as_bytes().to_vec()))
        .to_vec();
    sessions.process_request(by_hand(), &mut headers, &url);
    let line = "message=Cookie sent url=https://acme.com:443/ cookies=sid; a";
    assert_eq!(lines.take(), [line]);
    for (field, shown) in [
        (r#"sid="1;secret=2""#, "sid"),
        (r#""secret=1"; Path=/"#, "?"),
        (r#"x"secret=1"#, "?"),
    ] {
        sessions.process_response(&3, &[("Set-Cookie", field)], &url);
        let line = "message=Set-Cookie received url=https://acme.com:443/ cookies=";
        assert_eq!(lines.take(), [format!("{line}{shown}")], "{field}");
    }

    sessions.set_logs_values(true);
    let mut headers = vec![("Cookie".to_owned(), rows[0].0.as_bytes().to_vec())];
    sessions.process_request(by_hand(), &mut headers, &url);
    let all = r#"cookies=a=\"1\"; b=\"2;secret=3\"; c=4"#;
    let line = lines.take().remove(0);
    assert!(line.ends_with(all), "{line}");
}

/// Every change is one record, in the order in which a sink receives it; so each eviction is one.
#[test]
fn the_log_hears_each_eviction() {
    let mut limits = Limits::new();
    (limits.site_cookies, limits.site_cookies_kept) = (5, 3);
    (limits.total_cookies, limits.total_cookies_kept) = (12, 9);
    let policy = DefaultCookiePolicy::new().limits(limits);
    let shared = SharedCookieJar::with_policy(policy.clone());
    let mut plain = CookieJar::with_policy(policy);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::new({
        let heard = Arc::clone(&heard);
        move |change: &CookieChange<'_>| {
            let CookieChange { cause, cookie, .. } = change;
            let (domain, name) = (cookie.domain(), cookie.name());
            let line =
                format!("message=cookie changed domain={domain} name={name} cause={cause:?}");
            heard.lock().expect("no panic").push(line);
        }
    });
    shared.add_change_sink(sink.clone());
    plain.add_change_sink(sink);
    let lines = Lines::new("cookiejar");
    let _guard = tracing::subscriber::set_default(lines.clone());
    let mut evicted = 0;
    for number in 0..60 {
        let url = format!("https://site{}.example/", number % 5);
        let url = Url::parse(&url).expect("a URL");
        let field = [("Set-Cookie", format!("n{number}=1"))];
        evicted += shared.extract_cookies(&field, &url).evicted;
        evicted += plain.extract_cookies(&field, &url).evicted;
    }
    let heard = std::mem::take(&mut *heard.lock().expect("no panic"));
    let logged = lines.take();
    let evictions = logged.iter().filter(|line| line.ends_with("cause=Evicted"));
    assert_eq!(evictions.count(), evicted);
    assert!(evicted > 60, "{evicted} evicted");
    assert_eq!(logged, heard);
}

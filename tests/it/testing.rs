//! The harness for unit tests, applied to a web application, and its messages when a test fails.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};

use axum::body::Body;
use axum::extract::Form;
use axum::http::{HeaderMap, Request, Response, StatusCode};
use axum::routing::{get, post};
use axum::{Router, response::IntoResponse};
use cookiejar::jar::Clock;
use cookiejar::testing::TestJar;
use cookiejar::{Rejection, SameSite};
use time::format_description::well_known::Rfc2822;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tower::ServiceExt;

/// A login with a token against forgery, a session, and a logout.
fn app() -> Router {
    Router::new()
        .route("/login", get(login_form).post(login))
        .route("/report", get(report))
        .route("/logout", post(logout))
}

async fn login_form() -> impl IntoResponse {
    [(
        "Set-Cookie",
        "csrf=c0ffee; Path=/login; SameSite=Strict; Secure",
    )]
}

async fn login(headers: HeaderMap, Form(fields): Form<Vec<(String, String)>>) -> Response<Body> {
    let token = fields.iter().find(|(name, _)| name == "csrf");
    if token.is_none_or(|(_, token)| cookie(&headers) != format!("csrf={token}")) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let cookies = [
        ("Set-Cookie", "csrf=; Path=/login; Max-Age=0"),
        (
            "Set-Cookie",
            "sid=31d4; Path=/; Max-Age=3600; Secure; HttpOnly; SameSite=Lax",
        ),
        ("Set-Cookie", "theme=dark; Domain=acme.com; Path=/"),
    ];
    let mut response = StatusCode::SEE_OTHER.into_response();
    for (name, value) in cookies {
        response
            .headers_mut()
            .append(name, value.parse().expect("a header"));
    }
    response
}

async fn report(headers: HeaderMap) -> StatusCode {
    if cookie(&headers).contains("sid=31d4") {
        StatusCode::OK
    } else {
        StatusCode::UNAUTHORIZED
    }
}

async fn logout() -> impl IntoResponse {
    [("Set-Cookie", "sid=; Path=/; Max-Age=0")]
}

fn cookie(headers: &HeaderMap) -> String {
    let header = headers
        .get("cookie")
        .map(|value| value.to_str().expect("ASCII"));
    header.unwrap_or_default().to_owned()
}

fn request(method: &str, path: &str, body: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(Body::from(body.to_owned()))
        .expect("a request")
}

#[tokio::test]
async fn logging_in_and_out() -> Result<(), Infallible> {
    let app = app();
    let mut jar = TestJar::new("https://www.acme.com");
    let send = |request| app.clone().oneshot(request);

    let rejected = jar
        .call(request("POST", "/login", "csrf=c0ffee"), send)
        .await?;
    assert_eq!(rejected.status(), StatusCode::FORBIDDEN);

    jar.call(request("GET", "/login", ""), send).await?;
    jar.expect("csrf")
        .on("/login")
        .same_site(SameSite::Strict)
        .session();
    jar.expect_none("csrf")
        .on("/report")
        .because(Rejection::PathMismatch);

    let welcome = jar
        .call(request("POST", "/login", "csrf=c0ffee"), send)
        .await?;
    assert_eq!(welcome.status(), StatusCode::SEE_OTHER);
    jar.expect_none("csrf").on("/login");
    jar.expect("sid")
        .on("/report")
        .secure()
        .http_only()
        .host_only()
        .path("/");
    jar.expect("sid")
        .on("/report")
        .same_site(SameSite::Lax)
        .lasts(Duration::HOUR);
    jar.expect("theme")
        .on("http://shop.acme.com/")
        .domain("acme.com")
        .value("dark");
    jar.expect_none("sid")
        .on("http://www.acme.com/report")
        .because(Rejection::InsecureRequest);
    jar.expect_none("sid").on("https://shop.acme.com/report");

    let page = jar.call(request("GET", "/report", ""), send).await?;
    assert_eq!(page.status(), StatusCode::OK);

    jar.advance(Duration::HOUR);
    let page = jar.call(request("GET", "/report", ""), send).await?;
    assert_eq!(
        page.status(),
        StatusCode::UNAUTHORIZED,
        "the session is over"
    );

    jar.call(request("GET", "/login", ""), send).await?;
    jar.call(request("POST", "/login", "csrf=c0ffee"), send)
        .await?;
    jar.call(request("POST", "/logout", ""), send).await?;
    jar.expect_none("sid").on("/report");
    Ok(())
}

#[test]
fn a_new_jar_is_a_browser_on_this_machine() {
    for base in ["http://localhost:3000", "http://127.0.0.1", "http://[::1]"] {
        let mut jar = TestJar::new(base);
        let response = [
            ("Set-Cookie", "__Host-sid=1; Secure; Path=/"),
            ("Set-Cookie", "__Host-id=1; Secure; Path=/report"),
        ];
        jar.extract_cookies(&response, "/");
        jar.expect("__Host-sid").on("/report").secure();
        jar.expect_rejected("__Host-id")
            .because(Rejection::HostPrefix);
    }
    let mut jar = TestJar::new("http://acme.com");
    jar.extract_cookies(&[("Set-Cookie", "sid=1; Secure")], "/");
    jar.expect_rejected("sid")
        .because(Rejection::InsecureRequest);
}

/// The message of a failing assertion.
fn said(assertion: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(assertion)).expect_err("a failure");
    *panic.downcast::<String>().expect("a sentence")
}

fn jar() -> TestJar {
    let mut jar = TestJar::new("https://www.acme.com");
    let response = [
        ("Set-Cookie", "sid=secret; Path=/shop"),
        ("Set-Cookie", "wide=secret; Domain=com"),
    ];
    jar.extract_cookies(&response, "/");
    jar
}

#[test]
fn a_failure_says_what_was_found_and_why() {
    let jar = jar();
    let rows: [(&dyn Fn(), &str); 9] = [
        (
            &|| {
                jar.expect("sid").on("/cart");
            },
            "expected the cookie `sid` with a request for https://www.acme.com/cart, but it is not sent\n  \
             <Cookie sid for www.acme.com/shop> is withheld: the request's path does not path-match the cookie's\n  \
             the jar holds\n    <Cookie sid for www.acme.com/shop>",
        ),
        (
            &|| {
                jar.expect("sid").on("https://evil.example/");
            },
            "expected the cookie `sid` with a request for https://evil.example/, but it is not sent\n  \
             <Cookie sid for www.acme.com/shop> is of another host\n  \
             the jar holds\n    <Cookie sid for www.acme.com/shop>",
        ),
        (
            &|| {
                jar.expect("wide").on("/");
            },
            "expected the cookie `wide` with a request for https://www.acme.com/, but it is not sent\n  \
             one in the response of https://www.acme.com/ was rejected: the domain is a public suffix or above one\n  \
             the jar holds\n    <Cookie sid for www.acme.com/shop>",
        ),
        (
            &|| {
                jar.expect("typo").on("/");
            },
            "expected the cookie `typo` with a request for https://www.acme.com/, but it is not sent\n  \
             no response has set it\n  \
             the jar holds\n    <Cookie sid for www.acme.com/shop>",
        ),
        (
            &|| {
                jar.expect_none("sid").on("/shop");
            },
            "expected no cookie `sid` with a request for https://www.acme.com/shop, but this one is sent: Cookie {",
        ),
        (
            &|| {
                jar.expect_none("sid")
                    .on("/")
                    .because(Rejection::InsecureRequest);
            },
            "expected of the cookie `sid`: the cookie is Secure and the request is not\n  \
             found: the request's path does not path-match the cookie's",
        ),
        (
            &|| {
                jar.expect_rejected("sid");
            },
            "expected that the cookie `sid` was rejected, but no response had one that was",
        ),
        (
            &|| {
                jar.expect("sid").on("/shop").secure();
            },
            "expected of the cookie `sid`: Secure\n  found: Cookie {",
        ),
        (
            &|| {
                jar.expect("sid").on("/shop").lasts(Duration::HOUR);
            },
            "expected of the cookie `sid`: a lifetime of 1h, found none\n  found: Cookie {",
        ),
    ];
    for (assertion, expected) in rows {
        let said = said(assertion);
        assert!(said.starts_with(expected), "{said}");
        assert!(!said.contains("secret"), "{said}");
    }
}

#[test]
fn a_refused_removal_is_told_where_its_cookie_is_still_sent() {
    let mut jar = TestJar::new("https://www.acme.com");
    jar.extract_cookies(&[("Set-Cookie", "sid=secret; Path=/")], "/login");
    // A logout that deletes nothing: its domain is not that of the login.
    for field in [
        "sid=; Path=/; Max-Age=0; Domain=app.acme.com",
        "sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Domain=com",
    ] {
        let report = jar.extract_cookies(&[("Set-Cookie", field)], "/logout");
        assert_eq!((report.removed, report.rejected.len()), (0, 1), "{field}");
    }
    jar.extract_cookies(&[("Set-Cookie", "sid=new; SameSite=None")], "/report");
    let said = said(|| {
        jar.expect_none("sid").on("/report");
    });
    let (_, rejected) = said.split_once('\n').expect("more lines");
    let removal = "  a removal in the response of https://www.acme.com/logout was rejected";
    let other = "  one in the response of https://www.acme.com/report was rejected";
    let lines = [
        format!("{removal}: {}", Rejection::DomainMismatch),
        format!("{removal}: {}", Rejection::PublicSuffix),
        format!("{other}: {}", Rejection::SameSiteNoneInsecure),
    ];
    assert_eq!(rejected, lines.join("\n"));
    assert!(!said.contains("secret"), "{said}");
    jar.expect_rejected("sid").because(Rejection::PublicSuffix);
}

/// An application that computes `Expires` from the given time.
fn expires_in_an_hour(now: OffsetDateTime) -> [(&'static str, String); 1] {
    let expires = (now + Duration::HOUR).format(&Rfc2822).expect("a date");
    [("Set-Cookie", format!("sid=31d4; Expires={expires}"))]
}

#[test]
fn a_test_in_real_time_is_right_in_every_year() {
    let mut jar = TestJar::new("https://acme.com").in_real_time();
    jar.extract_cookies(&expires_in_an_hour(OffsetDateTime::now_utc()), "/");
    jar.expect("sid").on("/").lasts(Duration::HOUR);
    jar.extract_cookies(&[("Set-Cookie", "age=1; Max-Age=3600")], "/");
    jar.expect("age").on("/").lasts(Duration::HOUR);
    assert!(
        said(|| {
            // So much longer that it cannot be caused by the running time of the test.
            jar.expect("sid").on("/").lasts(Duration::HOUR * 2);
        })
        .contains("a lifetime of 2h, found")
    );
    assert!(
        said(|| {
            jar.expect("sid")
                .on("/")
                .lasts(Duration::HOUR - Duration::MINUTE);
        })
        .contains("a lifetime of 59m, found")
    );
    jar.advance(Duration::HOUR);
    jar.expect_none("sid").on("/");
}

#[test]
fn a_test_at_a_given_time_stands_still_there() {
    let then = datetime!(2031-05-06 07:08:09 UTC);
    let mut jar = TestJar::new("https://acme.com").at(then);
    assert_eq!(jar.now(), then);
    let clock = jar.clock();
    jar.extract_cookies(&expires_in_an_hour(clock.now()), "/");
    jar.expect("sid").on("/").lasts(Duration::HOUR);
    assert!(
        said(|| {
            let next = Duration::HOUR + Duration::SECOND;
            jar.expect("sid").on("/").lasts(next);
        })
        .contains("found 1h")
    );
    jar.advance(Duration::MINUTE);
    assert_eq!(clock.now(), then + Duration::MINUTE);
    jar.expect("sid")
        .on("/")
        .lasts(Duration::HOUR - Duration::MINUTE);
    assert_eq!(
        TestJar::new("https://acme.com").now(),
        datetime!(2026-01-01 0:00 UTC)
    );
}

#[test]
fn every_assertion_fails_where_it_should() {
    let jar = jar();
    let found = || jar.expect("sid").on("/shop");
    let rows: [(&dyn Fn(), &str); 6] = [
        (
            &|| {
                found().http_only();
            },
            "HttpOnly",
        ),
        (
            &|| {
                found().domain("acme.com");
            },
            "Domain=acme.com",
        ),
        (
            &|| {
                found().path("/");
            },
            "Path=/",
        ),
        (
            &|| {
                found().same_site(SameSite::Lax);
            },
            "SameSite=Lax, found none",
        ),
        (
            &|| {
                found().value("other");
            },
            "the value `other`, found `secret`",
        ),
        (
            &|| {
                jar.expect_rejected("wide")
                    .because(Rejection::DomainMismatch);
            },
            "the request-host is not within the cookie's domain",
        ),
    ];
    for (assertion, expected) in rows {
        let said = said(assertion);
        assert!(said.contains(expected), "{said}");
    }
    let mut wide = TestJar::new("https://www.acme.com");
    wide.extract_cookies(&[("Set-Cookie", "a=1; Domain=acme.com; Max-Age=9")], "/");
    assert!(
        said(|| {
            wide.expect("a").on("/").host_only();
        })
        .contains("no Domain")
    );
    assert!(
        said(|| {
            wide.expect("a").on("/").session();
        })
        .contains("a session cookie")
    );
}

#[test]
fn a_failure_points_at_the_test() {
    let jar = jar();
    let here = std::thread::current().id();
    let (tell, told) = std::sync::mpsc::channel();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let location = info.location().map(|at| (at.file().to_owned(), at.line()));
        if std::thread::current().id() == here {
            tell.send(location).expect("a listener");
        }
    }));
    let begin = line!();
    said(|| {
        jar.expect("sid").on("/shop").path("/");
    });
    said(|| {
        jar.expect_none("sid").on("/shop");
    });
    said(|| jar.expect_rejected("wide").because(Rejection::Expired));
    let end = line!();
    std::panic::set_hook(before);
    let told: Vec<_> = told.try_iter().flatten().collect();
    assert_eq!(told.len(), 3);
    for (file, line) in told {
        assert!(
            file == file!() && (begin..end).contains(&line),
            "{file}:{line}"
        );
    }
}

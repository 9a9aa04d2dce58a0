//! The server: a shop with two hosts, and a wallet on this machine. Each response repeats in `Cookies-Seen` the
//! cookies that reached it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use axum::http::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::routing::{get, post};
use tokio::net::TcpListener;

/// Opens the shop on a free loopback port. It closes when the program ends.
pub(crate) async fn start() -> io::Result<SocketAddr> {
    let shop = Router::new()
        .route("/", get(home))
        .route("/login", post(login))
        .route("/report", get(report))
        .route("/cart/add", get(add_to_cart))
        .route("/checkout", get(checkout))
        .route("/logout", post(logout))
        .route("/wallet", get(wallet))
        .route("/wallet/open", get(open_wallet));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, shop).await });
    Ok(address)
}

type Answer = (StatusCode, HeaderMap);

/// A guest gets cookies with dates in five common forms, and two that a jar must reject.
async fn home(request: HeaderMap) -> Answer {
    if has_cookie(&request, "visits") {
        return page(
            &request,
            &["visits=2; Expires=Sun, 09 Nov 2031 09:12:40 GMT"],
        );
    }
    page(
        &request,
        &[
            "lang=en; Expires=Sun, 09 Nov 2031 09:12:40 GMT",
            "theme=dark; Expires=Sunday, 09-Nov-31 09:12:40 GMT",
            "visits=1; Expires=Sun Nov  9 09:12:40 2031",
            "tour=seen; Expires=Sun Nov 09 2031 09:12:40 GMT+0000 (Coordinated Universal Time)",
            "news=weekly; expires=9 nov 2031 9:12:40",
            "everyone=1; Domain=com",
            "spy=1; Domain=ads.example.net",
        ],
    )
}

/// The redirect after a login sets the cookies.
async fn login(request: HeaderMap) -> Answer {
    see_other(
        &request,
        "/report",
        &[
            "sid=5e55; Domain=example.com; Path=/; HttpOnly; SameSite=Lax",
            "csrf=c5f1; Path=/report",
            "hint=hello; Max-Age=300",
            "card=4711; Secure",
        ],
    )
}

/// Only for users who are logged in; others are redirected home.
async fn report(request: HeaderMap) -> Answer {
    if has_cookie(&request, "sid") {
        page(&request, &[])
    } else {
        see_other(&request, "/", &[])
    }
}

async fn add_to_cart(request: HeaderMap) -> Answer {
    page(&request, &["items=7; Path=/cart"])
}

async fn checkout(request: HeaderMap) -> Answer {
    page(&request, &["receipt=r1"])
}

/// Deletes two cookies by setting expired ones with the same name, domain and path.
async fn logout(request: HeaderMap) -> Answer {
    see_other(
        &request,
        "/",
        &[
            "sid=; Domain=example.com; Path=/; Max-Age=0",
            "csrf=; Path=/report; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        ],
    )
}

/// This host is loopback, which counts as secure without TLS.
async fn open_wallet(request: HeaderMap) -> Answer {
    see_other(&request, "/wallet", &["key=9d1e; Path=/; Secure"])
}

async fn wallet(request: HeaderMap) -> Answer {
    page(&request, &[])
}

fn page(request: &HeaderMap, set_cookies: &[&'static str]) -> Answer {
    let mut headers = HeaderMap::new();
    if let Some(cookies) = request.get(COOKIE) {
        headers.insert("cookies-seen", cookies.clone());
    }
    for set_cookie in set_cookies {
        headers.append(SET_COOKIE, HeaderValue::from_static(set_cookie));
    }
    (StatusCode::OK, headers)
}

fn see_other(request: &HeaderMap, location: &'static str, set_cookies: &[&'static str]) -> Answer {
    let (_, mut headers) = page(request, set_cookies);
    headers.insert(LOCATION, HeaderValue::from_static(location));
    (StatusCode::SEE_OTHER, headers)
}

fn has_cookie(request: &HeaderMap, name: &str) -> bool {
    let header = request.get(COOKIE).and_then(|value| value.to_str().ok());
    let mut pairs = header.unwrap_or_default().split("; ");
    pairs.any(|pair| pair.split('=').next() == Some(name))
}

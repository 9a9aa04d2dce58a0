//! The servers of the examples, and the engines of those that use a database.
//!
//! A shop on `127.0.0.1` redirects to a counter on `localhost`, which is another host and redirects back. Both
//! set a cookie. `/account` is for users who have logged in at `/login`, with the token that it sets.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

/// Starts the servers, on one port, and returns the URL of the shop.
///
/// # Errors
///
/// The port cannot be opened, or the thread cannot be started.
pub fn start() -> std::io::Result<String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let port = listener.local_addr()?.port();
            let app = Router::new()
                .route("/shop", get(shop))
                .route("/counter", get(counter))
                .route("/thanks", get(thanks))
                .route("/login", get(form).post(log_in))
                .route("/account", get(account))
                .with_state(port);
            tell.send(format!("http://127.0.0.1:{port}/shop")).ok();
            axum::serve(listener, app).await
        })
    });
    told.recv().map_err(std::io::Error::other)
}

async fn shop(State(port): State<u16>) -> impl IntoResponse {
    redirect(
        format!("http://localhost:{port}/counter"),
        "cart=7; Path=/; HttpOnly",
    )
}

async fn counter(State(port): State<u16>) -> impl IntoResponse {
    redirect(
        format!("http://127.0.0.1:{port}/thanks"),
        "visits=1; Path=/; Max-Age=3600",
    )
}

fn redirect(to: String, cookie: &str) -> impl IntoResponse {
    let headers = [("Location", to), ("Set-Cookie", cookie.to_owned())];
    (StatusCode::FOUND, AppendHeaders(headers))
}

async fn form() -> impl IntoResponse {
    ([("Set-Cookie", "csrf=c5f1; Path=/login")], "Log in")
}

/// Logs in a user whose token matches the cookie.
async fn log_in(headers: HeaderMap, user: String) -> Response {
    let token = headers
        .get("X-CSRF-Token")
        .and_then(|token| token.to_str().ok());
    if token.is_none() || cookie(&headers, "csrf") != token {
        return StatusCode::FORBIDDEN.into_response();
    }
    let user = user.trim_start_matches("user=");
    let sid = format!("sid={user}; Path=/; Max-Age=3600; HttpOnly");
    ([("Set-Cookie", sid)], "Welcome").into_response()
}

async fn account(headers: HeaderMap) -> Response {
    match cookie(&headers, "sid") {
        Some(user) => format!("The account of {user}").into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut pairs = headers.get("Cookie")?.to_str().ok()?.split("; ");
    pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

async fn thanks(headers: HeaderMap) -> String {
    let cookies = headers
        .get("Cookie")
        .map(|value| value.as_bytes().escape_ascii().to_string());
    format!("Thanks! You sent: {}", cookies.unwrap_or_default())
}

/// Returns the engine at an address: `redis://..`, the parameters of a PostgreSQL, or the name of a SQLite file.
///
/// # Errors
///
/// It is not an address.
#[cfg(feature = "databases")]
pub fn engine(
    address: &str,
) -> Result<Box<dyn cookiejar::persist::engine::Engine>, cookiejar::persist::engine::EngineError> {
    use cookiejar::persist::{postgres::Postgres, redis::Redis, sqlite::Sqlite};

    if address.starts_with("redis") {
        return Ok(Box::new(Redis::url(address)?));
    }
    if address.starts_with("postgres") || address.contains("host=") {
        let engine = Postgres::config(address)?;
        engine.create_tables()?;
        return Ok(Box::new(engine));
    }
    Ok(Box::new(Sqlite::file(address)))
}

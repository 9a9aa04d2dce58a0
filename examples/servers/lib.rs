//! What the examples ask: a shop on `127.0.0.1` that sends its visitors to a counter on `localhost`, which is
//! another host, which sends them back to say thanks. Each of the two sets a cookie.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse};
use axum::routing::get;
use tokio::net::TcpListener;

/// Starts both, which stand on one port, and returns the URL of the shop.
///
/// # Errors
///
/// Those of the port and of the thread.
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

async fn thanks(headers: HeaderMap) -> String {
    let cookies = headers
        .get("Cookie")
        .map(|value| value.as_bytes().escape_ascii().to_string());
    format!("Thanks! You sent: {}", cookies.unwrap_or_default())
}

//! A jar in a stack of tower services: `cargo run -p cookiejar-examples --example tower_layer`

use std::error::Error;

use axum::body::Bytes;
use cookiejar::client::tower::CookieLayer;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tower::{ServiceBuilder, ServiceExt};
use tower_http::follow_redirect::FollowRedirectLayer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let shop = servers::start()?;

    let cookies = CookieLayer::default();
    let client = ServiceBuilder::new()
        .layer(FollowRedirectLayer::new())
        .layer(cookies.clone()) // below the redirect layer: it sees every hop
        .service(Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>());

    let request = Request::get(&shop).body(Full::default())?;
    let response = client.oneshot(request).await?;
    let text = response.into_body().collect().await?.to_bytes();
    println!("{}", String::from_utf8_lossy(&text));
    for cookie in cookies.jar().snapshot() {
        println!("in the jar: {cookie}");
    }
    Ok(())
}

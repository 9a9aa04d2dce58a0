//! A jar in reqwest: `cargo run -p cookiejar-examples --example reqwest_client`

use std::error::Error;
use std::sync::Arc;

use cookiejar::SharedCookieJar;
use reqwest::Client;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let shop = servers::start()?;
    // The cryptography that reqwest is to use; its feature `rustls` brings one.
    rustls::crypto::ring::default_provider()
        .install_default()
        .expect("the first provider");

    let jar = SharedCookieJar::new();
    let client = Client::builder()
        .cookie_provider(Arc::new(jar.clone()))
        .build()?;

    let response = client.get(&shop).send().await?;
    println!("{}", response.text().await?);
    for cookie in jar.snapshot() {
        println!("in the jar: {cookie}");
    }
    Ok(())
}

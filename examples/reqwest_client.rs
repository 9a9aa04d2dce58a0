//! A jar in reqwest: logs in with a token that arrives as a cookie, keeps its cookies in a file, and is still logged
//! in on the next run.
//!
//! `cargo run -p cookiejar-examples --example reqwest_client`

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use cookiejar::MozillaCookieJar;
use reqwest::{Client, StatusCode};
use url::Url;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let site = Url::parse(&servers::start()?)?;
    // The cryptography for reqwest; its feature `rustls` includes a provider.
    rustls::crypto::ring::default_provider()
        .install_default()
        .expect("the first provider");

    let folder = tempfile::tempdir()?;
    let file = folder.path().join("cookies.txt");
    println!("first run: {}", run(&site, &file).await?);
    println!("second run: {}", run(&site, &file).await?);
    Ok(())
}

/// One run of the program, from start to end.
async fn run(site: &Url, file: &Path) -> Result<String, Box<dyn Error>> {
    let cookies = MozillaCookieJar::open(file)?;
    let jar = cookies.jar();
    let client = Client::builder()
        .cookie_provider(Arc::new(jar.clone()))
        .build()?;

    let account = site.join("/account")?;
    let mut response = client.get(account.clone()).send().await?;
    let known = response.status() != StatusCode::UNAUTHORIZED;
    if !known {
        let login = site.join("/login")?;
        client.get(login.clone()).send().await?;
        let token = jar.value_for(&login, "csrf").ok_or("no token")?;
        let post = client.post(login).header("X-CSRF-Token", token);
        post.body("user=anna").send().await?.error_for_status()?;
        response = client.get(account).send().await?;
    }
    let page = response.error_for_status()?.text().await?;
    cookies.save()?;
    let how = if known {
        "still logged in"
    } else {
        "logged in"
    };
    Ok(format!("{how}. {page}"))
}

//! A jar in ureq: `cargo run -p cookiejar-examples --example ureq_client`

use std::error::Error;

use cookiejar::SharedCookieJar;
use cookiejar::client::ureq_3;

fn main() -> Result<(), Box<dyn Error>> {
    let shop = servers::start()?;

    let jar = SharedCookieJar::new();
    let agent = ureq_3::agent(jar.clone(), |config| config);

    let text = agent.get(&shop).call()?.body_mut().read_to_string()?;
    println!("{text}");
    for cookie in jar.snapshot() {
        println!("in the jar: {cookie}");
    }
    Ok(())
}

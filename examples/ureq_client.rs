//! A jar in ureq: `cargo run --example ureq_client --features ureq-3`

mod servers;

use std::error::Error;

use cookiejar::SharedCookieJar;
use cookiejar::client::ureq_3::CookieAgent;
use ureq::Agent;

fn main() -> Result<(), Box<dyn Error>> {
    let shop = servers::start()?;

    let jar = SharedCookieJar::new();
    let cookies = CookieAgent::new(Agent::new_with_defaults(), jar.clone());
    let agent: Agent = Agent::config_builder().middleware(cookies).build().into();

    let text = agent.get(&shop).call()?.body_mut().read_to_string()?;
    println!("{text}");
    for cookie in jar.snapshot() {
        println!("in the jar: {cookie}");
    }
    Ok(())
}

//! W8: the memory of 100,000 sessions x 5 cookies, each session a jar of its own.
//!
//! `cargo bench --bench sessions_memory` prints the figures and fails where one is over the bar. Memory is
//! what the program asked the allocator for and has not given back, which is the same on every machine.
//! `sessions.rs` has the time, which an allocator that counts would spoil.

use std::alloc::System;

use cookiejar::CookieSessions;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use url::Url;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const SESSIONS: u32 = 100_000;
const BYTES_A_COOKIE: usize = 300;

/// Five cookies as a site sends them that one logs in to.
const RESPONSE: [(&str, &str); 5] = [
    (
        "Set-Cookie",
        "sessionid=5b6f1a0c9d3e4f27a8b1c2d3e4f50617; Path=/; HttpOnly; Secure",
    ),
    (
        "Set-Cookie",
        "csrftoken=JbV0m9qk3FzXc7Ty; Path=/; Max-Age=31449600; SameSite=Lax",
    ),
    ("Set-Cookie", "lang=de; Path=/; Max-Age=31536000"),
    ("Set-Cookie", "currency=EUR; Path=/shop"),
    ("Set-Cookie", "seen=1"),
];

fn main() {
    let mut good = true;
    for hosts in [1, 2, 5] {
        good &= print_memory(hosts);
    }
    assert!(good, "a figure is over its bar");
}

/// The bytes of a full crawler: sessions, jars, cookies, indexes, keys.
fn print_memory(hosts: usize) -> bool {
    let urls: Vec<_> = (0..hosts)
        .map(|host| {
            Url::parse(&format!("https://www.site{host}.example/shop/cart")).expect("a URL")
        })
        .collect();
    let region = Region::new(ALLOCATOR);
    let mut sessions = CookieSessions::new();
    for number in 0..SESSIONS {
        for (field, url) in RESPONSE.iter().zip(urls.iter().cycle()) {
            sessions.process_response(&number, std::slice::from_ref(field), url);
        }
    }
    let stats = region.change();
    let cookies: usize = sessions.iter().map(|(_, jar)| jar.len()).sum();
    assert_eq!(cookies, 5 * SESSIONS as usize);
    let bytes = (stats.bytes_allocated - stats.bytes_deallocated) / cookies;
    let blocks = (stats.allocations - stats.deallocations) / SESSIONS as usize;
    println!(
        "{SESSIONS} sessions x 5 cookies of {hosts} hosts: {bytes} bytes a cookie (bar {BYTES_A_COOKIE}), {blocks} blocks a session"
    );
    bytes <= BYTES_A_COOKIE
}

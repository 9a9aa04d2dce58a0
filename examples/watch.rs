//! Prints the changes of a jar as they happen, on a separate thread.
//!
//! ```sh
//! cargo run --example watch
//! ```
//!
//! The jar never waits for its reader: a slow reader receives the number of changes that it has missed.

use std::num::NonZeroUsize;
use std::time::Duration;

use cookiejar::SharedCookieJar;
use cookiejar::jar::Heard;
use url::Url;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let jar = SharedCookieJar::new();
    let mut changes = jar.changes(NonZeroUsize::new(1_000).ok_or("zero")?);
    let reader = std::thread::spawn(move || {
        let mut heard = 0;
        // Ends when no change has arrived for a while: here, after the jar is dropped.
        while let Some(next) = changes.next_within(Duration::from_secs(5)) {
            match next {
                Heard::Change(change) => {
                    println!(
                        "{:?} {:?} ({:?})",
                        change.cause, change.cookie, change.origin
                    );
                    heard += 1;
                }
                Heard::Missed(number) => println!("{number} changes missed"),
            }
        }
        heard
    });

    let url = Url::parse("https://shop.example/")?;
    jar.extract_cookies(
        &[
            ("Set-Cookie", "sid=31d4; Secure"),
            ("Set-Cookie", "theme=dark"),
        ],
        &url,
    );
    jar.extract_cookies(&[("Set-Cookie", "theme=light")], &url);
    jar.extract_cookies(&[("Set-Cookie", "sid=gone; Max-Age=0")], &url);
    jar.clear();
    drop(jar);

    let heard = reader.join().map_err(|_| "the reader panicked")?;
    println!("{heard} changes in all");
    assert_eq!(
        heard, 5,
        "two stored, one replaced, one removed, one cleared"
    );
    Ok(())
}

//! Records of cookies, as serde and databases hand them in.

use cookiejar::Cookie;
use cookiejar::file::{ReadOptions, json};

use super::checks::check_cookie;

/// The input is one record.
pub fn records(data: &[u8]) {
    let alone: Option<Cookie> = serde_json::from_slice(data).ok();
    if let Some(cookie) = &alone {
        check_cookie(cookie);
    }
    in_a_file(data, alone.as_ref());
    // The same text by way of another format of serde, which borrows nothing.
    if let Ok(value) = serde_json::from_slice::<serde_json::Value>(data) {
        let read: Option<Cookie> = serde_json::from_value(value).ok();
        if let Some(cookie) = &read {
            check_cookie(cookie);
        }
    }
}

/// A file takes the record exactly when serde does.
fn in_a_file(data: &[u8], alone: Option<&Cookie>) {
    let file = [
        &br#"{"format":"cookiejar","version":1,"cookies":["#[..],
        data,
        b"]}",
    ]
    .concat();
    let options = ReadOptions::new().ignore_discard(true).ignore_expires(true);
    let Ok(reading) = json::read(&*file, &options) else {
        assert!(alone.is_none());
        return;
    };
    reading.cookies.iter().for_each(check_cookie);
    if let Some(alone) = alone {
        assert_eq!(reading.cookies, std::slice::from_ref(alone));
    }
}

//! The stored format, read by a program in another language.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use url::Url;

use super::{Place, folder, jar, open};

/// Runs the script, which sends a request, and returns the `Cookie` that arrived.
fn sent(place: &Place, url: &Url) -> Option<String> {
    let (script, database) = match place {
        Place::File(file) => ("read_sqlite.py", file.clone()),
        #[cfg(feature = "redis-1")]
        Place::Redis { address, .. } => {
            let server = address.strip_prefix("redis://").expect("an address");
            ("read_redis.py", PathBuf::from(server))
        }
        #[cfg(feature = "postgres-0_19")]
        Place::Postgres { address, .. } => ("read_postgres.py", PathBuf::from(address)),
    };
    let scripts = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("apps");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let mut child = Command::new("python3")
        // No compiled modules in the sources.
        .arg("-B")
        .arg(scripts.join(script))
        .arg(database)
        .args([place.namespace(), "=7", url.as_str(), &address])
        .spawn()
        .expect("Python");
    let (stream, _) = listener.accept().expect("a request");
    let lines = BufReader::new(&stream).lines().map_while(Result::ok);
    let head: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
    write!(&stream, "HTTP/1.0 204 No Content\r\n\r\n").expect("an answer");
    drop(stream);
    assert!(child.wait().expect("it ends").success());
    let mut cookies = head.iter().filter_map(|line| line.strip_prefix("Cookie: "));
    let cookie = cookies.next().map(str::to_owned);
    assert_eq!(cookies.next(), None);
    cookie
}

#[test]
fn a_script_sends_what_our_jar_sends() {
    let (_folder, file) = folder();
    compare(&Place::File(file));
}

#[cfg(feature = "redis-1")]
#[test]
fn a_script_sends_what_our_jar_in_redis_sends() {
    let address = cookiejar_tests::server!("COOKIEJAR_REDIS", "Redis read by a script");
    compare(&Place::new_in_redis(&address, "script"));
}

#[cfg(feature = "postgres-0_19")]
#[test]
fn a_script_sends_what_our_jar_in_postgres_sends() {
    let address = cookiejar_tests::server!("COOKIEJAR_POSTGRES", "PostgreSQL read by a script");
    compare(&Place::new_in_postgres(&address, "script"));
}

fn compare(place: &Place) {
    if Command::new("python3").arg("--version").output().is_err() {
        cookiejar_tests::skip!("a database read by a script: no python3");
        return;
    }
    let sessions = open(place, Duration::ZERO);
    let session = jar(&sessions, 7);
    let page = Url::parse("https://www.acme.com/shop/cart").expect("a URL");
    let fields: [&[u8]; 9] = [
        b"plain=1; Path=/",
        b"deep=2; Path=/shop/cart",
        b"all=3; Domain=acme.com; Path=/",
        b"secure=4; Secure; Path=/",
        b"other=5; Path=/help",
        b"old=6; Path=/",
        b"latin=\xe9\xff; Path=/",
        b"empty=; Path=/",
        b"flag; Path=/",
    ];
    for field in fields {
        session.extract_cookies(&[("Set-Cookie", field)], &page);
    }
    session.extract_cookies(&[("Set-Cookie", "old=6; Path=/; Max-Age=0")], &page);
    session.extract_cookies(&[("Set-Cookie", "plain=changed; Path=/")], &page);
    let host = Url::parse("https://shop.example/").expect("a URL");
    session.extract_cookies(&[("Set-Cookie", "sid=shop")], &host);
    jar(&sessions, 8).extract_cookies(&[("Set-Cookie", "plain=of another session; Path=/")], &page);
    sessions.flush().wait().expect("it is written");

    for url in [
        "https://www.acme.com/shop/cart",
        "https://www.acme.com/shop/cartoon",
        "http://www.acme.com/",
        "https://acme.com/",
        "https://api.acme.com/help/x",
        "https://shop.example/x",
        "https://example.org/",
    ] {
        let url = Url::parse(url).expect("a URL");
        let ours = session.cookie_header(&url).map(|header| {
            let octets = header.as_bytes().iter().copied();
            octets.map(char::from).collect::<String>()
        });
        // Both as octets that are shown as ISO-8859-1 characters.
        assert_eq!(sent(place, &url), ours, "{url}");
    }
}

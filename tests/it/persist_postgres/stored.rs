//! The stored format, read by the SQL of the module's documentation.

use super::{client, engine, jar, namespace, open, url};

/// The SQL in the documentation, with another session and namespace.
fn documented(namespace: &str) -> String {
    let page = include_str!("../../../src/persist/postgres/mod.rs");
    let sql = page.split("```sql\n").nth(2).expect("the second example");
    let sql = sql.split("//! ```").next().expect("its end");
    let lines: Vec<_> = sql
        .lines()
        .map(|line| line.trim_start_matches("//!"))
        .collect();
    lines
        .join("\n")
        .replace("'default'", &format!("'{namespace}'"))
}

#[test]
fn the_documented_sql_reads_a_session() {
    let address = cookiejar_tests::server!("COOKIEJAR_POSTGRES", "PostgreSQL");
    let engine = engine(&address);
    let namespace = namespace();
    let sessions = open(&engine, &namespace);
    let session = jar(&sessions, 7);
    for field in [
        "a=1; Path=/shop; Secure",
        "b=2; Domain=acme.com; Max-Age=3600",
        "gone=3",
        "gone=3; Max-Age=0",
    ] {
        session.extract_cookies(&[("Set-Cookie", field)], &url());
    }
    session.extract_cookies(&[("Set-Cookie", "over=4; Max-Age=1")], &url());
    super::set(&jar(&sessions, 8), "other=5");
    sessions.flush().wait().expect("it is written");
    std::thread::sleep(std::time::Duration::from_millis(2_100));

    let rows = client(&address).query(&documented(&namespace), &[]);
    let rows = rows.expect("the documented statement").into_iter();
    let mut found: Vec<_> = rows
        .map(|row| {
            let record: serde_json::Value =
                serde_json::from_str(row.get("record")).expect("a record");
            let text = |name| row.get::<_, String>(name);
            (
                text("domain"),
                text("path"),
                text("name"),
                record["value"].clone(),
            )
        })
        .collect();
    found.sort_by(|a, b| a.2.cmp(&b.2));
    let expected = [
        ("acme.com", "/shop", "a", "1"),
        (".acme.com", "/", "b", "2"),
    ];
    let expected = expected.map(|(domain, path, name, value)| {
        let text = str::to_owned;
        (text(domain), text(path), text(name), value.into())
    });
    assert_eq!(found, expected);
}

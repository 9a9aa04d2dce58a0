use super::*;

/// The container and the key of the partition, of a cookie of `chat.example`.
fn shown(text: &str) -> Result<(Option<u32>, Option<String>), Reason> {
    let origin = Origin::parse(text.as_bytes())?;
    let key = origin.partition_key("chat.example");
    Ok((origin.container, key))
}

#[test]
fn attributes_with_their_verdicts() {
    let rows = [
        ("", Ok((None, None))),
        ("^", Ok((None, None))),
        ("^userContextId=2", Ok((Some(2), None))),
        ("^userContextId=0", Ok((None, None))),
        (
            "^partitionKey=%28https%2Cshop.example%29",
            Ok((None, Some("https://shop.example"))),
        ),
        (
            "^partitionKey=%28http%2Clocalhost%2C8080%29",
            Ok((None, Some("http://localhost:8080"))),
        ),
        (
            "^partitionKey=%28https%2Cshop.example%2Cf%29",
            Ok((None, Some("https://shop.example"))),
        ),
        (
            "^partitionKey=%28https%2Cchat.example%2Cf%29", // of its own site, in a frame of another
            Ok((None, Some("https://chat.example?hasCrossSiteAncestor=true"))),
        ),
        (
            "^partitionKey=%28https%2Cchat.example%29",
            Ok((None, Some("https://chat.example"))),
        ),
        (
            "^firstPartyDomain=shop.example",
            Ok((None, Some("shop.example"))),
        ),
        (
            "^userContextId=3&partitionKey=%28https%2Cshop.example%29",
            Ok((Some(3), Some("https://shop.example"))),
        ),
        ("^partitionKey=", Ok((None, None))),
        ("userContextId=2", Err(Reason::Field)),
        ("^userContextId=two", Err(Reason::Field)),
        ("^partitionKey=shop.example", Err(Reason::Partitioned)),
        ("^partitionKey=%28https%29", Err(Reason::Partitioned)),
        ("^partitionKey=%28%2C%29", Err(Reason::Partitioned)),
        (
            "^partitionKey=%28a%2Cb%2Cc%2Cd%2Ce%29",
            Err(Reason::Partitioned),
        ),
        ("^geckoViewUserContextId=x", Err(Reason::Partitioned)),
        ("^inBrowser=1", Err(Reason::Partitioned)),
    ];
    for (text, expected) in rows {
        let expected = expected.map(|(id, key): (_, Option<&str>)| (id, key.map(str::to_owned)));
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn containers_by_choice() {
    let outside = Origin::parse(b"").expect("attributes");
    let within = Origin::parse(b"^userContextId=2").expect("attributes");
    let rows = [
        (Containers::None, true, false),
        (Containers::One(2), false, true),
        (Containers::One(3), false, false),
        (Containers::One(0), true, false), // Firefox's number for none
        (Containers::All, true, true),
    ];
    for (containers, first, second) in rows {
        assert_eq!(outside.is_in(containers), first, "{containers:?}");
        assert_eq!(within.is_in(containers), second, "{containers:?}");
    }
}

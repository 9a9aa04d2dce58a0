use super::*;

fn list() -> PublicSuffixes {
    PublicSuffixes::parse("com\nco.uk\nuk\ngithub.io\n*.ck\n!www.ck\n").expect("a good list")
}

#[test]
fn known_suffixes_and_no_others() {
    let list = list();
    for suffix in ["com", "co.uk", "uk", "github.io", "com.", "x.ck"] {
        assert!(list.is_public_suffix(suffix), "{suffix}");
    }
    for name in [
        "acme.com",
        "intranet",
        "www.ck",
        "io",
        "",
        "acme.github.io",
        "1.2.3.4",
    ] {
        assert!(!list.is_public_suffix(name), "{name}");
    }
}

#[test]
fn registrable_domains() {
    let list = list();
    let rows = [
        ("www.acme.com", Some("acme.com")),
        ("acme.com", Some("acme.com")),
        ("a.b.acme.co.uk", Some("acme.co.uk")),
        ("acme.com.", Some("acme.com.")),
        ("www.acme.com.", Some("acme.com.")),
        ("x.github.io", Some("x.github.io")),
        ("a.www.ck", Some("www.ck")),
        ("host.corp.intranet", Some("corp.intranet")), // unlisted: by the rule `*`
        ("com", None),
        ("foo", None),
        ("1.2.3.4", None),
        ("[::1]", None),
        ("", None),
        (".com", None),
        ("..", None),
    ];
    for (name, expected) in rows {
        assert_eq!(list.registrable_domain(name), expected, "{name}");
    }
    assert_eq!(
        PublicSuffixes::none().registrable_domain("a.b.co.uk"),
        Some("co.uk")
    );
}

#[test]
fn an_empty_list_is_noticed() {
    for empty in ["", "\n", "// only a comment\n"] {
        assert!(PublicSuffixes::parse(empty).is_err(), "{empty:?}");
    }
    assert!(PublicSuffixes::from_list(publicsuffix::List::new()).is_err());
}

#[cfg(feature = "psl")]
#[test]
fn the_built_in_list_is_there() {
    let list = PublicSuffixes::built_in();
    assert!(list.is_public_suffix("co.uk") && list.is_public_suffix("github.io"));
    assert!(!list.is_public_suffix("localhost") && !list.is_public_suffix("corp.internal"));
}

#[test]
fn rules_count_in_and_outside_of_sections() {
    let marker = "// ===BEGIN PRIVATE DOMAINS===";
    let text = format!("\u{feff}// a list\nx.example // ours\n\tcom\n{marker}\ny.example\n");
    for rules in [
        text.clone(),
        text.replace(marker, ""),
        text.replace('\n', "\r\n"),
    ] {
        let list = PublicSuffixes::parse(&rules).expect("a list");
        for suffix in ["x.example", "com", "y.example"] {
            assert!(list.is_public_suffix(suffix), "{suffix} in {rules:?}");
        }
        assert!(!list.is_public_suffix("ours") && !list.is_public_suffix("example"));
    }
}

#[test]
fn rules_in_any_spelling() {
    let rules = "公司.cn\n*.XN--55QX5D.example\na.b.公司.example\n!www.公司.example";
    let list = PublicSuffixes::parse(rules).expect("a list");
    for suffix in [
        "xn--55qx5d.cn",
        "b.xn--55qx5d.example",
        "a.b.xn--55qx5d.example",
    ] {
        assert!(list.is_public_suffix(suffix), "{suffix}");
    }
    assert!(!list.is_public_suffix("www.xn--55qx5d.example"));
}

#[test]
fn a_list_that_cannot_be_read_is_an_error() {
    for rule in [
        "foo.*", "a.*.ck", "*.*.ck", "!*.*.ck", "a..ck", ".ck", "!ck",
    ] {
        let list = PublicSuffixes::parse(&format!("com\n{rule}\n"));
        assert!(list.is_err(), "{rule}: {list:?}");
    }
    for rule in [
        "a.".repeat(500_000) + "com",
        "a\u{1b}]0;x\u{7}.*".to_owned(),
    ] {
        let error = PublicSuffixes::parse(&rule)
            .expect_err("no host has it")
            .to_string();
        assert!(
            error.len() < 150 && !error.contains(char::is_control),
            "{error:?}"
        );
    }
}

#[test]
fn a_list_of_rules_below_one_another_is_not_longer_than_its_text() {
    let below = |name: &String| Some(format!("a.{name}"));
    let names: Vec<_> = std::iter::successors(Some("com".to_owned()), below)
        .take(120)
        .collect();
    let deepest = names.last().expect("a name");
    let leaves = (0..1_000).map(|number| format!("x{number}.{deepest}"));
    let text = [names.clone(), leaves.collect()].concat().join("\n");
    let list = complete(&text).expect("a list");
    assert!(list.len() < text.len() + 100, "{}", list.len());
}

/// The algorithm of <https://publicsuffix.org/list/>: the number of labels of the suffix, and whether a rule says so.
fn suffix_labels(rules: &[String], name: &str) -> (usize, bool) {
    let labels: Vec<_> = name.rsplit('.').collect();
    let matches = |rule: &str| {
        let rule: Vec<_> = rule.rsplit('.').collect();
        let pairs = || rule.iter().zip(&labels);
        rule.len() <= labels.len() && pairs().all(|(rule, label)| rule == label || *rule == "*")
    };
    let len = |rule: &str| rule.split('.').count();
    let exceptions = rules.iter().filter_map(|rule| rule.strip_prefix('!'));
    let exception = exceptions.filter(|rule| matches(rule)).map(len).min();
    let others = rules
        .iter()
        .filter(|rule| matches(rule))
        .map(|rule| len(rule));
    match exception {
        Some(labels) => (labels - 1, true),
        None => others.max().map_or((1, false), |labels| (labels, true)),
    }
}

#[test]
fn random_lists_and_names_are_as_the_algorithm_says() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % bound as u64).expect("small")
    };
    let mut wildcards = 0;
    for _ in 0..3_000 {
        let mut name = |longest| {
            let labels: Vec<_> = (0..=below(longest))
                .map(|_| ["a", "b", "c"][below(3)])
                .collect();
            (labels.join("."), below(6))
        };
        let rules: Vec<_> = (0..8)
            .map(|_| match name(4) {
                (name, 0 | 1) => format!("*.{name}"),
                (name, 2) if name.contains('.') => format!("!{name}"),
                (name, 3) => format!("// ===BEGIN PRIVATE DOMAINS===\n{name}"),
                (name, _) => name,
            })
            .collect();
        let list = PublicSuffixes::parse(&rules.join("\n")).expect("a list");
        let rules: Vec<_> = rules
            .iter()
            .map(|rule| rule.lines().last().expect("a rule").to_owned())
            .collect();
        for _ in 0..60 {
            let (name, _) = name(6);
            let (suffix, is_known) = suffix_labels(&rules, &name);
            let labels = name.split('.').count();
            let registrable = (labels > suffix).then(|| {
                let above = name.rmatch_indices('.').nth(suffix);
                above.map_or(&*name, |(dot, _)| &name[dot + 1..])
            });
            assert_eq!(
                list.registrable_domain(&name),
                registrable,
                "{name} by {rules:?}"
            );
            let is_suffix = is_known && labels == suffix;
            assert_eq!(
                list.is_public_suffix(&name),
                is_suffix,
                "{name} by {rules:?}"
            );
            wildcards += u32::from(is_suffix && !rules.contains(&name));
        }
    }
    assert!(wildcards > 1_000, "{wildcards}");
}

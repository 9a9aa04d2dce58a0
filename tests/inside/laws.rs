//! The laws of the [architecture](super::architecture), checked against the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The maximum number of lines of a file before its tests.
const LONGEST: usize = 400;

/// The files that may be longer: a format has tables.
const FORMATS: [&str; 3] = ["file/cookies_txt.rs", "file/json/mod.rs", "file/lwp.rs"];

/// The modules outside all floors: the root, the prose, and test-only modules.
const OUTSIDE: [&str; 2] = ["guide", "lib"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../src")
}

/// The source files, by their path under `src`.
fn sources() -> BTreeMap<String, String> {
    let mut sources = BTreeMap::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let place = path.strip_prefix(root()).expect("a file under src");
                let place = place.to_str().expect("a name").replace('\\', "/");
                sources.insert(place, fs::read_to_string(&path).expect("a text"));
            }
        }
    }
    sources
}

/// The lines of a file before its tests.
fn before_tests(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines.windows(2).position(|two| {
        two[0].starts_with("#[cfg(")
            && two[0].contains("test")
            && two[1].contains("mod ")
            && two[1].ends_with('{')
    });
    lines[..tests.unwrap_or(lines.len())].to_vec()
}

/// The module on the table that a file belongs to.
fn module_of(place: &str) -> &str {
    let first = place.split('/').next().expect("a place");
    first.strip_suffix(".rs").unwrap_or(first)
}

/// The names after each `crate::` in the code: all names of a group.
fn names(lines: &[&str]) -> BTreeSet<String> {
    let code: Vec<_> = lines
        .iter()
        .filter(|line| !line.trim_start().starts_with("//"))
        .copied()
        .collect();
    let code = code.join("\n");
    let mut names = BTreeSet::new();
    for part in code.split("crate::").skip(1) {
        match part.strip_prefix('{') {
            Some(group) => names.extend(heads(group)),
            None => names.extend([head(part)]),
        }
    }
    names
}

fn head(path: &str) -> String {
    let is_of_name = |c: char| c.is_alphanumeric() || c == '_';
    path.chars().take_while(|&c| is_of_name(c)).collect()
}

/// The first names of the paths in a group that is open.
fn heads(group: &str) -> Vec<String> {
    let (mut depth, mut paths) = (0, vec![String::new()]);
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => paths.push(String::new()),
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => paths.last_mut().expect("one").push(c),
        }
    }
    let paths = paths.iter().map(|path| head(path.trim()));
    paths.filter(|name| !name.is_empty()).collect()
}

/// The floors of the table, each with its modules and whether they are peers.
fn floors() -> Vec<(bool, Vec<&'static str>)> {
    let chapter = include_str!("../../src/guide/architecture.rs");
    let (_, section) = chapter.split_once("## Floors").expect("the section");
    let section = section.split("//! ## ").next().expect("a text");
    let rows = section
        .lines()
        .filter(|line| line.starts_with("//! | ") && line.contains('`'));
    rows.map(|row| {
        let modules = row.split('`').skip(1).step_by(2).collect();
        (row.contains("peers"), modules)
    })
    .collect()
}

/// The modules that a module may know.
fn known_to(module: &str) -> Option<BTreeSet<&'static str>> {
    let mut known = BTreeSet::from_iter([]);
    for (peers, modules) in floors() {
        let Some(at) = modules.iter().position(|other| *other == module) else {
            known.extend(modules);
            continue;
        };
        if !peers {
            known.extend(&modules[..at]);
        }
        return Some(known);
    }
    None
}

/// The module of each name at the root of the crate.
fn names_at_the_root(root: &str) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for import in root.split("pub use ").skip(1) {
        let import = import.split(';').next().expect("a path");
        let module = head(import);
        let (_, rest) = import.split_once("::").expect("a name");
        let rest = rest.rsplit("::").next().expect("a name");
        for name in heads(rest.trim_start_matches('{')) {
            names.insert(name, module.clone());
        }
    }
    names
}

#[test]
fn no_module_knows_what_stands_above_it() {
    let sources = sources();
    let from_root = names_at_the_root(&sources["lib.rs"]);
    let mut faults = Vec::new();
    for (place, text) in &sources {
        let module = module_of(place);
        if OUTSIDE.contains(&module) {
            continue;
        }
        let Some(known) = known_to(module) else {
            faults.push(format!("{place} is of no module on the table"));
            continue;
        };
        for name in names(&before_tests(text)) {
            let other = from_root.get(&name).unwrap_or(&name);
            if other != module && !known.contains(other.as_str()) {
                faults.push(format!("{place} must not know {other} ({name})"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    let mut faults = Vec::new();
    for (place, text) in sources() {
        let lines = before_tests(&text).len();
        if lines > LONGEST && !FORMATS.contains(&&*place) {
            faults.push(format!("{place} has {lines} lines"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_chapter_of_the_guide_is_longer_than_200_lines() {
    for (place, text) in sources() {
        if place.starts_with("guide/") {
            assert!(text.lines().count() <= 200, "{place}");
        }
    }
}

/// The files of tests, each with its text.
fn test_files() -> BTreeMap<PathBuf, String> {
    let (mut files, mut folders) = (BTreeMap::new(), vec![root().join("../tests")]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a text");
                files.insert(path, text);
            }
        }
    }
    files
}

/// A test in a file that belongs to no program is never run.
#[test]
fn each_file_of_tests_is_mounted() {
    let files = test_files();
    let texts: Vec<_> = sources()
        .into_values()
        .chain(files.values().cloned())
        .collect();
    let texts = texts.join("\n");
    for path in files.keys() {
        let stem = path.file_stem().expect("a name").to_str().expect("a text");
        let of_folder = path.parent().and_then(Path::file_name).expect("a name");
        let name = match stem {
            "lib" | "main" => continue,
            "mod" => of_folder.to_str().expect("a text"),
            _ => stem,
        };
        // A file beside its module's sources is named by its path.
        let mount = match of_folder.to_str() {
            Some("inside") => format!("{name}.rs\"]"),
            _ => format!("mod {name};"),
        };
        assert!(texts.contains(&mount), "{}", path.display());
    }
}

#[test]
fn each_guarantee_is_held_by_tests_that_exist() {
    let sources = sources();
    let tests: String = test_files().into_values().collect();
    let tests = tests + &sources["testing/engine/mod.rs"];
    for (chapter, at_least) in [("guide/security.rs", 30), ("guide/persistence.rs", 9)] {
        let rows = sources[chapter].lines().filter_map(|line| {
            let row = line.strip_prefix("//! | ")?.strip_suffix(" |")?;
            let (promise, held_by) = row.rsplit_once(" | ")?;
            promise.ends_with('.').then_some(held_by)
        });
        let mut found = 0;
        for row in rows {
            let names: Vec<_> = row.split('`').skip(1).step_by(2).collect();
            assert!(!names.is_empty(), "{chapter}: {row}");
            for name in names {
                assert!(tests.contains(&format!("fn {name}(")), "{chapter}: {name}");
                found += 1;
            }
        }
        assert!(found >= at_least, "{chapter}: {found} tests");
    }
}

#[test]
fn paths_are_found_in_code() {
    let code = [
        "use crate::cookie::{Cookie, NEVER};",
        "// crate::comment",
        "use crate::{domain, path::{self, Path}, Rejection};",
        "crate::date::parse(text)",
    ];
    let expected = ["Rejection", "cookie", "date", "domain", "path"];
    assert!(names(&code).iter().eq(expected));
}

#[test]
fn a_bench_that_a_comment_cites_exists() {
    let benches = root().join("../benches/jar");
    for (place, text) in sources() {
        for (at, before) in text
            .match_indices("bench `")
            .chain(text.match_indices("benches `"))
        {
            let cited = &text[at + before.len()..];
            // The name of a row can follow.
            let end = cited.find(['`', ',', ':']).unwrap_or(cited.len());
            let name = &cited[..end];
            let exists = benches.join(name).exists() || benches.join(format!("{name}.rs")).exists();
            assert!(exists, "{place} cites the bench {name:?}");
        }
    }
}

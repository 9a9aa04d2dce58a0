//! What the crate is made of besides its own sources: licences, sources, duplicates, and a reason for each direct
//! dependency. `.ci/deny.toml` has the lists, for `cargo deny`, too.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).expect("a file")
}

/// The texts between quotes at the start of each line of a list.
fn listed(section: &str, list: &str) -> BTreeSet<String> {
    let text = read(".ci/deny.toml");
    let (_, text) = text.split_once(&format!("[{section}]")).expect("a section");
    let (_, text) = text.split_once(&format!("{list} = [")).expect("a list");
    let (text, _) = text.split_once("\n]").expect("the end of a list");
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| line.split('"').nth(1).expect("a text").to_owned())
        .collect()
}

/// A package that the crate can be built with on this platform.
struct Package {
    name: String,
    version: String,
    license: String,
    source: Option<String>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn platform() -> String {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let version = Command::new(rustc).arg("-vV").output().expect("rustc");
    let version = String::from_utf8(version.stdout).expect("a text");
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("a host").to_owned()
}

/// The packages with all features, but for those of tests.
fn packages() -> Vec<Package> {
    let cargo = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .args(["--all-features", "--filter-platform", &platform()])
        .output()
        .expect("cargo");
    assert!(
        cargo.status.success(),
        "{}",
        String::from_utf8_lossy(&cargo.stderr)
    );
    let metadata: Value = serde_json::from_slice(&cargo.stdout).expect("JSON");
    let packages = list(&metadata["packages"]).iter();
    let packages: BTreeMap<_, _> = packages
        .map(|package| (text(&package["id"]), package))
        .collect();
    let nodes = list(&metadata["resolve"]["nodes"]).iter();
    let nodes: BTreeMap<_, _> = nodes.map(|node| (text(&node["id"]), node)).collect();
    let own = packages
        .iter()
        .find(|(_, package)| package["name"] == "cookiejar");
    let mut open = vec![own.expect("the crate").0.clone()];
    let mut known = BTreeSet::new();
    while let Some(id) = open.pop() {
        for edge in list(&nodes[&id]["deps"]) {
            let kinds = list(&edge["dep_kinds"]);
            if kinds.iter().any(|kind| kind["kind"] != "dev") && known.insert(text(&edge["pkg"])) {
                open.push(text(&edge["pkg"]));
            }
        }
    }
    let package = |id: &String| Package {
        name: text(&packages[id]["name"]),
        version: text(&packages[id]["version"]),
        license: text(&packages[id]["license"]),
        source: packages[id]["source"].as_str().map(str::to_owned),
    };
    known.iter().map(package).collect()
}

/// Whether one of the alternatives of a licence needs nothing but what is allowed.
fn is_allowed(license: &str, allowed: &BTreeSet<String>) -> bool {
    let license = license.replace(['(', ')'], "").replace('/', " OR ");
    // The parentheses in use enclose alternatives, so `AND` binds less.
    license.split(" AND ").all(|part| {
        let mut alternatives = part.split(" OR ").map(str::trim);
        alternatives.any(|name| allowed.contains(name))
    })
}

#[test]
fn every_package_has_an_allowed_licence_and_comes_from_the_registry() {
    let allowed = listed("licenses", "allow");
    let packages = packages();
    assert!(packages.len() > 100, "{}", packages.len());
    for Package {
        name,
        license,
        source,
        ..
    } in packages
    {
        assert!(is_allowed(&license, &allowed), "{name}: {license}");
        let source = source.unwrap_or_default();
        assert!(source.starts_with("registry+"), "{name}: {source}");
    }
}

#[test]
fn a_package_that_is_there_twice_has_a_reason() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages() {
        versions
            .entry(package.name)
            .or_default()
            .insert(package.version);
    }
    versions.retain(|_, versions| versions.len() > 1);
    let explained = listed("bans", "skip");
    let unexplained = versions
        .iter()
        .filter(|(name, _)| !explained.contains(*name));
    assert_eq!(unexplained.collect::<Vec<_>>(), []);
}

/// The direct dependencies, by the name of the crate, each with the line above it.
fn dependencies(manifest: &str) -> Vec<(String, &str)> {
    let mut dependencies = Vec::new();
    for section in [
        "\n[dependencies]\n",
        "\n[target.'cfg(unix)'.dependencies]\n",
    ] {
        let (_, text) = manifest.split_once(section).expect("a section");
        let (text, _) = text.split_once("\n\n").expect("an end");
        let lines: Vec<_> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            if let Some((name, _)) = line.split_once(" = ")
                && !line.starts_with('#')
            {
                let above = number.checked_sub(1).map_or("", |above| lines[above]);
                dependencies.push((name.replace('-', "_"), above));
            }
        }
    }
    dependencies
}

/// All sources in a folder, as one text.
fn sources(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            text += &sources(&path);
        } else {
            text += &fs::read_to_string(&path).expect("a text");
        }
    }
    text
}

#[test]
fn every_direct_dependency_has_a_reason_and_is_used() {
    let (manifest, sources) = (read("Cargo.toml"), sources(&root().join("src")));
    let dependencies = dependencies(&manifest);
    assert!(dependencies.len() > 20, "{}", dependencies.len());
    for (name, above) in dependencies {
        assert!(above.starts_with("# "), "{name} has no reason");
        assert!(sources.contains(&format!("{name}::")), "{name} is not used");
    }
}

#[test]
fn licences_are_read() {
    let allowed: BTreeSet<_> = ["MIT", "ISC"].map(str::to_owned).into();
    for (license, expected) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0/MIT", true),
        ("MIT AND ISC", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR GPL-3.0) AND ISC", true),
        ("(MIT OR GPL-3.0) AND Zlib", false),
    ] {
        assert_eq!(is_allowed(license, &allowed), expected, "{license}");
    }
}

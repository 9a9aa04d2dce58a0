//! The two examples about files, run as programs.
#![cfg(all(feature = "json", feature = "psl"))]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// An example, which is built together with the tests.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("this program");
    let profile = test.ancestors().nth(2).expect("the folder of the profile");
    profile.join("examples").join(name)
}

fn run(name: &str, arguments: &[&str], input: &str) -> Option<Output> {
    let program = example(name);
    if !program.exists() {
        cookiejar_tests::skip!("the example {name}: it is not built");
        return None;
    }
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped());
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut stdin = child.stdin.take().expect("its input");
    // A program that has read enough may have closed it.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    Some(child.wait_with_output().expect("its output"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const FILE: &str = "# Netscape HTTP Cookie File\n\
    .acme.com\tTRUE\t/\tFALSE\t0\ttheme\tsecret1\n\
    www.acme.com\tFALSE\t/shop\tFALSE\t0\tcart\tsecret2\n\
    www.acme.com\tFALSE\t/\tTRUE\t0\tsid\tsecret3\n\
    other.example\tFALSE\t/\tFALSE\t0\tx\tsecret4\n\
    www.acme.com\tFALSE\t/\tFALSE\t1\told\tsecret5\n\
    www.acme.com\tsecret6\n";

#[test]
fn convert_file_goes_from_any_format_to_any_other() {
    let Some(output) = run("convert_file", &["-", "-", "--to", "lwp"], FILE) else {
        return;
    };
    assert!(output.status.success());
    let (lwp, said) = (text(&output.stdout), text(&output.stderr));
    assert!(
        lwp.starts_with("#LWP-Cookies-2.0\nSet-Cookie3: theme=secret1;"),
        "{lwp}"
    );
    assert!(
        said.contains("-: 5 cookies from cookies.txt\nline 7: 7 columns expected, 2 found\n"),
        "{said}"
    );
    assert!(!said.contains("secret"), "{said}");

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("jar.json");
    let file = file.to_str().expect("UTF-8");
    let output = run("convert_file", &["-", file], &lwp).expect("built");
    assert!(output.status.success());
    let output = run("convert_file", &["--to", "txt", file, "-"], "").expect("built");
    let lines = text(&output.stdout);
    let kept = FILE.lines().skip(1).take(5);
    assert!(kept.clone().all(|line| lines.contains(line)), "{lines}");
    assert!(Path::new(file).exists());

    let output = run("convert_file", &["--strict", "-", file], FILE).expect("built");
    assert_eq!(output.status.code(), Some(1));
    assert!(!text(&output.stderr).contains("secret"));
}

#[test]
fn convert_file_writes_what_every_program_reads() {
    for (to, source) in [
        ("txt", "cookies.txt"),
        ("lwp", "an LWP file"),
        ("json", "cookiejar JSON"),
        ("playwright", "a storage state"),
        ("extension", "a browser export"),
        ("selenium", "a browser export"),
        ("puppeteer", "a browser export"),
        ("cookie_store", "a cookie_store array"),
    ] {
        let page = ["--url", "https://www.acme.com/"];
        let arguments = [&page[..], &["--no-expired", "-", "-", "--to", to]].concat();
        let Some(output) = run("convert_file", &arguments, FILE) else {
            return;
        };
        let (file, said) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{to}: {said}");
        let arguments = [&page[..], &["-", "-", "--to", "txt"]].concat();
        let output = run("convert_file", &arguments, &file).expect("built");
        let said = text(&output.stderr);
        // A driver rejects host-only cookies of another page.
        let count = if to == "selenium" { 3 } else { 4 };
        assert!(
            said.starts_with(&format!("-: {count} cookies from {source}\n")),
            "{to}: {said}"
        );
        assert!(
            text(&output.stdout).contains("\tTRUE\t0\tsid\tsecret3\n"),
            "{to}"
        );
    }
    let output = run("convert_file", &["-", "-", "--to", "toml"], FILE).expect("built");
    assert!(text(&output.stderr).contains("say txt, lwp, json, playwright"));
    let output = run("convert_file", &["-", "-", "--to", "txt"], "<html>").expect("built");
    assert!(text(&output.stderr).contains("-: not a known format; looked for cookies.txt"));
    let dump = "HTTP/1.1 200 OK\r\nSet-Cookie: sid=31d4\r\n\r\n";
    let arguments = ["--url", "https://acme.com/", "-", "-", "--to", "txt"];
    let output = run("convert_file", &arguments, dump).expect("built");
    assert!(text(&output.stdout).ends_with("\nacme.com\tFALSE\t/\tFALSE\t0\tsid\t31d4\n"));
}

/// The commands of the README, in a folder with the contents of the repository.
#[test]
fn the_commands_of_the_readme_run_as_they_stand() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the repository");
    let readme = std::fs::read_to_string(root.join("README.md")).expect("the README");
    let folder = tempfile::tempdir().expect("a folder");
    let examples = folder.path().join("examples");
    std::fs::create_dir(&examples).expect("a folder");
    let file = "examples/cookies.txt";
    std::fs::copy(root.join(file), folder.path().join(file)).expect("copied");
    for name in ["convert_file", "explain"] {
        let begin = format!("cargo run --example {name} --features json -- ");
        let commands: Vec<_> = readme.split(&begin).skip(1).collect();
        assert!(!commands.is_empty(), "{name} is not in the README");
        for command in commands {
            let end = command.find(['`', '\n', '#']).expect("an end");
            let program = example(name);
            if !program.exists() {
                cookiejar_tests::skip!("the example {name}: it is not built");
                return;
            }
            let mut command_line = Command::new(program);
            command_line
                .args(command[..end].split_whitespace())
                .current_dir(folder.path());
            let output = command_line.stdin(Stdio::null()).output().expect("it runs");
            assert!(output.status.success(), "{name}: {}", text(&output.stderr));
            assert!(
                text(&output.stderr).contains(": 5 cookies from cookies.txt\n"),
                "{name}"
            );
        }
    }
    assert!(folder.path().join("jar.json").exists());
}

#[test]
fn explain_says_what_is_sent_and_why_the_rest_is_not() {
    let arguments = ["-", "http://www.acme.com/shop/x"];
    let Some(output) = run("explain", &arguments, FILE) else {
        return;
    };
    let said = text(&output.stdout);
    let expected = "sent to http://www.acme.com/shop/x: 2\n   \
        1. <Cookie cart for www.acme.com/shop>\n   \
        2. <Cookie theme for .acme.com/>\n\
        not sent: 3\n      \
        <Cookie sid for www.acme.com/>: the cookie is Secure and the request is not\n      \
        <Cookie old for www.acme.com/>: it is expired\n      \
        1 more: of other domains\n";
    assert_eq!(said, expected);
    assert!(!text(&output.stderr).contains("secret"));
    let arguments = [&arguments[..], &["--values"]].concat();
    let output = run("explain", &arguments, FILE).expect("built");
    assert!(text(&output.stdout).contains("cart=secret2"));
}

#[test]
fn both_have_help_and_say_what_is_wrong() {
    for name in ["convert_file", "explain"] {
        let Some(output) = run(name, &["--help"], "") else {
            return;
        };
        assert!(output.status.success());
        assert!(text(&output.stdout).starts_with("Usage: "));
        for arguments in [
            &["one"][..],
            &["--nonsense", "a", "b"],
            &["a", "b", "c"],
            &["--from"],
        ] {
            let output = run(name, arguments, "").expect("built");
            assert_eq!(output.status.code(), Some(2), "{name} {arguments:?}");
        }
    }
    let output = run("convert_file", &["/no/such/file", "-", "--to", "txt"], "").expect("built");
    assert_eq!(output.status.code(), Some(1));
}

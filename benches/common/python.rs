//! Python's `http.cookiejar` on the same data: `http_cookiejar.py` measures it if Python is installed.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use url::Url;

use crate::data::Response;
use crate::table::Figure;

/// A Python installation that has the module.
#[derive(Debug)]
pub struct Python {
    program: String,
    /// Everything runs a few times only.
    is_quick: bool,
}

/// Names the program if it is not `python3`.
const PROGRAM: &str = "PYTHON";

impl Python {
    pub fn find(is_quick: bool) -> Option<Self> {
        let program = std::env::var(PROGRAM).unwrap_or_else(|_| "python3".to_owned());
        let found = Command::new(&program)
            .args(["-c", "import http.cookiejar"])
            .stderr(Stdio::null())
            .status();
        match found {
            Ok(status) if status.success() => Some(Self { program, is_quick }),
            _ => {
                println!("there is no {program} ({PROGRAM} names another): its column stays empty");
                None
            }
        }
    }

    /// Runs the measurements of a task. The script fails if one of Python's answers is not as expected.
    pub fn measure(&self, task: &Value) -> Measured {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("http_cookiejar.py");
        let mut child = Command::new(&self.program)
            .arg(script)
            .args(self.is_quick.then_some("--quick"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it was there a moment ago");
        let mut stdin = child.stdin.take().expect("it is piped");
        stdin
            .write_all(task.to_string().as_bytes())
            .expect("the script reads its task");
        drop(stdin);
        let output = child.wait_with_output().expect("the script ends");
        assert!(output.status.success(), "http_cookiejar.py has failed");
        Measured(serde_json::from_slice(&output.stdout).expect("the script answers in JSON"))
    }

    /// Headers for kinds of requests, each with the header that it must get, from a jar with these
    /// responses; filling it is `fill`, per cookie.
    pub fn headers(&self, fill: &[Response], kinds: &[(&str, Vec<Expected>)]) -> Measured {
        let kinds: serde_json::Map<_, _> = kinds
            .iter()
            .map(|(kind, expected)| ((*kind).to_owned(), requests(expected)))
            .collect();
        self.measure(&json!({
            "task": "headers",
            "fill": responses(fill),
            "requests": kinds,
        }))
    }
}

/// The URL of a request, and the header that it must get.
pub type Expected = (Url, Option<String>);

pub fn responses(responses: &[Response]) -> Value {
    responses.iter().map(response).collect()
}

pub fn response(response: &Response) -> Value {
    let fields: Vec<_> = response.fields().collect();
    json!([response.url.as_str(), fields])
}

pub fn requests(requests: &[Expected]) -> Value {
    let request = |(url, header): &Expected| json!([url.as_str(), header]);
    requests.iter().map(request).collect()
}

/// The output of the script: numbers by name.
#[derive(Debug)]
pub struct Measured(Value);

impl Measured {
    pub fn number(&self, name: &str) -> Option<f64> {
        self.0[name].as_f64()
    }

    pub fn time(&self, name: &str) -> Option<Figure> {
        self.number(name).map(Figure::Nanoseconds)
    }
}

//! A web application by other authors: the administration of Django, with its login, CSRF cookie and
//! sessions. A script fetches it from PyPI and starts it; if PyPI cannot be reached, the test prints that and
//! passes.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use cookiejar::SharedCookieJar;

use super::matrix::{Ask, Make, Subject};
use super::site::Site;

struct Django {
    process: Child,
    url: String,
}

impl Django {
    /// The freshly created application, or the reason why it is missing.
    fn start() -> Result<Self, String> {
        // The script sets up the application once, and never twice at the same time.
        static SETTING_UP: Mutex<()> = Mutex::new(());
        let _one = SETTING_UP.lock().expect("a lock");
        if !cookiejar_tests::is_thorough() {
            return Err(format!(
                "{} is not set, and Django is fetched",
                cookiejar_tests::THOROUGH
            ));
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("apps/django.sh");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("django");
        let mut process = Command::new(script)
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the script does not start: {error}"))?;
        let stdout = process.stdout.take().expect("its output");
        let line = BufReader::new(stdout).lines().next();
        match line {
            Some(Ok(url)) => Ok(Self { process, url }),
            _ => {
                let status = process.wait().expect("its end");
                assert_eq!(status.code(), Some(77), "the application does not start");
                Err("Django cannot be fetched".to_owned())
            }
        }
    }
}

impl Drop for Django {
    fn drop(&mut self) {
        // It may have exited by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Logs in, posts, reads the post, logs out, and is logged out.
pub(crate) fn log_in_post_and_log_out(make: Make) {
    let django = match Django::start() {
        Ok(django) => django,
        Err(reason) => {
            cookiejar_tests::skip!("clients and Django: {reason}");
            return;
        }
    };
    let subject = make(&Site::start(), SharedCookieJar::new());
    let admin = format!("{}/admin/", django.url);
    // The site is reused by later runs.
    let group = format!("{} {}", django.url, std::process::id());

    let (status, page) = get(&subject, &admin);
    assert!(
        status == 200 && page.contains("id_username"),
        "the login page, after a redirect"
    );
    let fields = [
        ("username", "ann"),
        ("password", "secret-31d4"),
        ("next", "/admin/"),
    ];
    let (status, page) = post(&subject, &format!("{admin}login/"), &fields);
    assert!(
        status == 200 && page.contains("Site administration"),
        "{status}: logged in"
    );
    let session = |subject: &Subject| subject.jar.get(("127.0.0.1", "/", "sessionid"));
    assert!(session(&subject).expect("a session").http_only());

    let (status, page) = post(
        &subject,
        &format!("{admin}auth/group/add/"),
        &[("name", &group)],
    );
    assert!(
        status == 200 && page.contains("was added successfully"),
        "{status}: posted"
    );
    let (_, page) = get(&subject, &format!("{admin}auth/group/"));
    assert!(page.contains(&group), "the list has it");

    let (status, _) = post(&subject, &format!("{admin}logout/"), &[]);
    assert_eq!(status, 200);
    assert!(
        session(&subject).is_none(),
        "the logout took the cookie back"
    );
    let (_, page) = get(&subject, &admin);
    assert!(page.contains("id_username"), "the login page again");
}

fn get(subject: &Subject, url: &str) -> (u16, String) {
    (subject.send)(Ask {
        url,
        ..Ask::default()
    })
}

/// A form with the token from the jar.
fn post(subject: &Subject, url: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let token = subject
        .jar
        .get(("127.0.0.1", "/", "csrftoken"))
        .expect("a token");
    let token = [("csrfmiddlewaretoken", token.value().expect("a value"))];
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(token.iter().chain(fields))
        .finish();
    (subject.send)(Ask {
        url,
        form: Some(&form),
        hand: None,
    })
}

//! A small polite crawler of several sessions: each logs in to a web application, reads every page that it
//! finds a link to, and never sees another session's page. Half-way it saves its sessions to a file and stops; when
//! restarted, it is still logged in.
//!
//! `cargo run -p cookiejar-examples --example crawler`
//!
//! With `--features databases` and the address of a database as its argument (`redis://127.0.0.1/`, the name of a SQLite
//! file), the sessions are in the database.

use std::collections::{HashSet, VecDeque};
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use cookiejar::CookieSessions;
#[cfg(feature = "databases")]
use cookiejar::persist::{PersistOptions, PersistentCookieSessions};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use ureq::Agent;
use ureq::http::{Request, Response};
use url::Url;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USERS: [&str; 3] = ["anna", "bert", "carl"];
/// How long a polite crawler waits between two requests.
const PAUSE: Duration = Duration::from_millis(10);

fn main() -> Result<()> {
    let site = application::serve()?;
    let mut frontiers = USERS.map(|user| Frontier::new(user, &site));
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("sessions.json");
    let mut crawler = Crawler::new(Sessions::open(&file)?);

    for frontier in &mut frontiers {
        crawler.log_in(frontier.user, &site)?;
    }
    crawler.crawl(&mut frontiers, 4)?;
    crawler.sessions.close()?;

    // The program ends, and is started again another day.
    let mut crawler = Crawler::new(Sessions::open(&file)?);
    crawler.crawl(&mut frontiers, usize::MAX)?;

    for Frontier { user, pages, .. } in &frontiers {
        assert!(
            pages
                .iter()
                .all(|page| page.contains(&format!("for {user}.")))
        );
        println!("{user}: {} pages", pages.len());
    }
    for user in USERS {
        crawler.fetch(
            user,
            Request::post(site.join("/logout")?.as_str()).body(String::new())?,
        )?;
        assert!(
            crawler
                .get(user, &site.join("/report")?)?
                .contains("Log in")
        );
    }
    Ok(())
}

/// The sessions: in memory and a file, or in the database whose address is the program's argument.
enum Sessions {
    File(CookieSessions<String>, PathBuf),
    #[cfg(feature = "databases")]
    Database(PersistentCookieSessions<String>),
}

impl Sessions {
    fn open(file: &std::path::Path) -> Result<Self> {
        #[cfg(feature = "databases")]
        if let Some(address) = std::env::args().nth(1) {
            let options = PersistOptions::new().namespace("crawler");
            let sessions = PersistentCookieSessions::open(servers::engine(&address)?, options)?;
            return Ok(Self::Database(sessions));
        }
        let sessions = CookieSessions::new();
        if file.exists() {
            sessions.load(file)?;
        }
        Ok(Self::File(sessions, file.to_owned()))
    }

    fn close(self) -> Result<()> {
        match self {
            Self::File(sessions, file) => _ = sessions.save(file)?,
            #[cfg(feature = "databases")]
            Self::Database(sessions) => sessions.close()?,
        }
        Ok(())
    }

    fn process_request(
        &self,
        user: &String,
        request: &mut Request<String>,
        url: &Url,
    ) -> Result<()> {
        match self {
            Self::File(sessions, _) => _ = sessions.process_request(user, request, url),
            #[cfg(feature = "databases")]
            Self::Database(sessions) => _ = sessions.process_request(user, request, url)?,
        }
        Ok(())
    }

    fn process_response<B>(&self, user: &String, response: &Response<B>, url: &Url) -> Result<()> {
        match self {
            Self::File(sessions, _) => _ = sessions.process_response(user, response, url),
            #[cfg(feature = "databases")]
            Self::Database(sessions) => _ = sessions.process_response(user, response, url)?,
        }
        Ok(())
    }
}

/// The client: sends each request with the cookies of its session.
struct Crawler {
    agent: Agent,
    sessions: Sessions,
}

impl Crawler {
    fn new(sessions: Sessions) -> Self {
        // The jar is consulted at every hop, so the crawler follows the redirects, not the client.
        let config = Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false);
        let config = config.user_agent("crawler-example (crawler@acme.com)");
        Self {
            agent: config.build().into(),
            sessions,
        }
    }

    /// Fills in the login form, which has a token that must match a cookie.
    fn log_in(&mut self, user: &str, site: &Url) -> Result<()> {
        let url = site.join("/login")?;
        let form = self.get(user, &url)?;
        let token = between(&form, "name=token value=\"", "\"")
            .next()
            .ok_or("a form without a token")?;
        let login = Request::post(url.as_str())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(format!("user={user}&token={token}"))?;
        let page = self.fetch(user, login)?;
        if page.contains("Log in") {
            return Err(format!("{user} could not log in").into());
        }
        Ok(())
    }

    /// Reads up to `most` pages per user, one user after the other.
    fn crawl(&mut self, frontiers: &mut [Frontier], most: usize) -> Result<()> {
        let bars = MultiProgress::new();
        for frontier in &mut *frontiers {
            frontier.bar = bars.add(frontier.bar_so_far()?);
        }
        for _ in 0..most {
            let mut idle = true;
            for frontier in &mut *frontiers {
                if let Some(url) = frontier.next() {
                    let page = self.get(frontier.user, &url)?;
                    frontier.read(&url, page)?;
                    idle = false;
                }
            }
            if idle {
                break;
            }
        }
        Ok(())
    }

    fn get(&mut self, user: &str, url: &Url) -> Result<String> {
        self.fetch(user, Request::get(url.as_str()).body(String::new())?)
    }

    /// Sends a request in a session and follows redirects.
    fn fetch(&mut self, user: &str, mut request: Request<String>) -> Result<String> {
        let session = user.to_owned();
        for _ in 0..10 {
            std::thread::sleep(PAUSE);
            let url = Url::parse(&request.uri().to_string())?;
            self.sessions
                .process_request(&session, &mut request, &url)?;
            let mut response = self.agent.run(request)?;
            self.sessions.process_response(&session, &response, &url)?;
            match redirect(&response, &url)? {
                Some(next) => request = Request::get(next.as_str()).body(String::new())?,
                None => return Ok(response.body_mut().read_to_string()?),
            }
        }
        Err("too many redirects".into())
    }
}

/// The target of a `303 See Other`; the application has no other redirects.
fn redirect<B>(response: &Response<B>, url: &Url) -> Result<Option<Url>> {
    match response.headers().get("location") {
        Some(location) if response.status() == 303 => Ok(Some(url.join(location.to_str()?)?)),
        _ => Ok(None),
    }
}

/// The pages that a user has read, and the next ones.
struct Frontier {
    user: &'static str,
    next: VecDeque<Url>,
    known: HashSet<Url>,
    pages: Vec<String>,
    bar: ProgressBar,
}

impl Frontier {
    fn new(user: &'static str, site: &Url) -> Self {
        let start = site.join("/report").expect("a path");
        Self {
            user,
            next: VecDeque::from([start.clone()]),
            known: HashSet::from([start]),
            pages: Vec::new(),
            bar: ProgressBar::hidden(),
        }
    }

    fn next(&mut self) -> Option<Url> {
        self.next.pop_front()
    }

    /// Records a page and its links to the same site.
    fn read(&mut self, url: &Url, page: String) -> Result<()> {
        for link in between(&page, "href=\"", "\"") {
            let link = url.join(link)?;
            if link.origin() == url.origin() && self.known.insert(link.clone()) {
                self.next.push_back(link);
            }
        }
        self.pages.push(page);
        self.bar.set_length(self.known.len() as u64);
        self.bar.inc(1);
        Ok(())
    }

    fn bar_so_far(&self) -> Result<ProgressBar> {
        let style = ProgressStyle::with_template("{prefix:8} {bar:30} {pos}/{len} pages")?;
        let bar = ProgressBar::new(self.known.len() as u64).with_prefix(self.user);
        Ok(bar.with_style(style).with_position(self.pages.len() as u64))
    }
}

/// The texts between `before` and `after`.
fn between<'a>(text: &'a str, before: &'a str, after: &'a str) -> impl Iterator<Item = &'a str> {
    let parts = text.split(before).skip(1);
    parts.filter_map(move |part| Some(part.split_once(after)?.0))
}

/// The web application: a login with a token against forgery, pages that differ from user to user, a logout.
mod application {
    use std::collections::HashMap;
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::extract::{Form, Path, State};
    use axum::http::HeaderMap;
    use axum::response::{Html, IntoResponse, Redirect, Response};
    use axum::routing::{get, post};
    use url::Url;

    /// The users that are logged in, by the value of their session cookie.
    type LoggedIn = Arc<Mutex<HashMap<String, String>>>;

    /// Serves the application on its own port, in its own thread.
    pub(super) fn serve() -> super::Result<Url> {
        let app = Router::new()
            .route("/login", get(form).post(log_in))
            .route("/report", get(report))
            .route("/letters/{number}", get(letter))
            .route("/logout", post(log_out))
            .with_state(LoggedIn::default());
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let url = Url::parse(&format!("http://{}/", listener.local_addr()?))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()?;
        std::thread::spawn(move || {
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                axum::serve(listener, app).await.expect("a server");
            });
        });
        Ok(url)
    }

    async fn form(State(logged_in): State<LoggedIn>) -> Response {
        let token = format!("t{}", logged_in.lock().expect("no panic").len() + 1);
        let page = format!(
            "Log in: <form method=post><input name=token value=\"{token}\"><input name=user></form>"
        );
        (
            [(
                "Set-Cookie",
                format!("token={token}; Path=/login; HttpOnly"),
            )],
            Html(page),
        )
            .into_response()
    }

    async fn log_in(
        State(logged_in): State<LoggedIn>,
        headers: HeaderMap,
        Form(fields): Form<HashMap<String, String>>,
    ) -> Response {
        let user = fields.get("user").cloned().unwrap_or_default();
        if user.is_empty() || cookie(&headers, "token") != fields.get("token").cloned() {
            return Redirect::to("/login").into_response();
        }
        let mut logged_in = logged_in.lock().expect("no panic");
        let sid = format!("s{}-of-{user}", logged_in.len());
        logged_in.insert(sid.clone(), user);
        let cookie = format!("sid={sid}; Path=/; HttpOnly; SameSite=Lax");
        ([("Set-Cookie", cookie)], Redirect::to("/report")).into_response()
    }

    async fn report(State(logged_in): State<LoggedIn>, headers: HeaderMap) -> Response {
        page(&logged_in, &headers, |user| {
            let letters = (0..=user.len() * 2).map(|n| format!("<a href=\"/letters/{n}\">{n}</a>"));
            format!("Letters for {user}. {}", letters.collect::<String>())
        })
    }

    async fn letter(
        State(logged_in): State<LoggedIn>,
        headers: HeaderMap,
        Path(number): Path<u32>,
    ) -> Response {
        page(&logged_in, &headers, |user| {
            format!("Letter {number} for {user}. <a href=\"/report\">All</a>")
        })
    }

    /// A page for the user who is logged in; all others are redirected to the login.
    fn page(logged_in: &LoggedIn, headers: &HeaderMap, text: impl Fn(&str) -> String) -> Response {
        let logged_in = logged_in.lock().expect("no panic");
        match cookie(headers, "sid").and_then(|sid| logged_in.get(&sid)) {
            Some(user) => Html(text(user)).into_response(),
            None => Redirect::to("/login").into_response(),
        }
    }

    async fn log_out(State(logged_in): State<LoggedIn>, headers: HeaderMap) -> Response {
        if let Some(sid) = cookie(&headers, "sid") {
            logged_in.lock().expect("no panic").remove(&sid);
        }
        (
            [("Set-Cookie", "sid=; Path=/; Max-Age=0")],
            Redirect::to("/login"),
        )
            .into_response()
    }

    fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
        let header = headers.get("cookie")?.to_str().ok()?;
        let mut pairs = header.split("; ").filter_map(|pair| pair.split_once('='));
        pairs.find_map(|(known, value)| (known == name).then(|| value.to_owned()))
    }
}

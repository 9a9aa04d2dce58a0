//! Jars of a database inside runtimes, with every client: nothing hangs, and nothing panics.

use std::future::Future;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use cookiejar::SharedCookieJar;
use cookiejar::client::tower::CookieLayer;
use cookiejar::client::ureq_3;
use cookiejar::persist::PersistentCookieJar;
use cookiejar::persist::sqlite::Sqlite;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::runtime::{Builder, Runtime};
use tower::{ServiceBuilder, ServiceExt};

use super::{Sessions, key, options, until};

/// A server that sets a cookie at `/login`, and returns the received cookies elsewhere.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || answer(&stream));
        }
    });
    url
}

fn answer(mut stream: &TcpStream) -> Option<()> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let is_login = lines.next()?.contains("/login");
    let fields = lines.take_while(|line| !line.is_empty());
    let cookie = fields.filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("cookie")
            .then(|| value.to_owned())
    });
    let body = cookie.collect::<Vec<_>>().join("|");
    let set = if is_login {
        "Set-Cookie: sid=31d4; Path=/; Max-Age=3600\r\n"
    } else {
        ""
    };
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nConnection: close\r\n{set}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .ok()
}

async fn by_reqwest(jar: SharedCookieJar, server: &str) -> String {
    // Another test may have installed it first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .no_proxy()
        .cookie_provider(Arc::new(jar));
    let client = client.build().expect("a client");
    let get = async |path| {
        let answer = client
            .get(format!("{server}{path}"))
            .send()
            .await
            .expect("an answer");
        answer.text().await.expect("a text")
    };
    get("/login").await;
    get("/").await
}

async fn by_tower(jar: SharedCookieJar, server: &str) -> String {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let service = ServiceBuilder::new()
        .layer(CookieLayer::new(jar))
        .service(client);
    let get = async |path| {
        let request = Request::get(format!("{server}{path}"))
            .body(Full::default())
            .expect("a request");
        let answer = service.clone().oneshot(request).await.expect("an answer");
        let body = answer
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes();
        String::from_utf8(body.to_vec()).expect("a text")
    };
    get("/login").await;
    get("/").await
}

fn by_ureq(jar: SharedCookieJar, server: &str) -> String {
    let agent = ureq_3::agent(jar, |config| config.proxy(None));
    let get = |path| {
        let request = Request::get(format!("{server}{path}"))
            .body(())
            .expect("a request");
        let mut answer = agent.run(request).expect("an answer");
        answer.body_mut().read_to_string().expect("a text")
    };
    get("/login");
    get("/")
}

/// Runs the same in a runtime with one thread and in one with more.
fn in_both<F: Future<Output = ()>>(work: impl Fn(String) -> F) {
    let server = server();
    let run = |runtime: Runtime| {
        runtime.block_on(async {
            let patience = Duration::from_secs(60);
            let done = tokio::time::timeout(patience, work(server.clone())).await;
            done.expect("it does not hang");
        });
    };
    run(Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime"));
    run(Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime"));
}

fn open(file: &Path) -> Sessions {
    Sessions::open(Sqlite::file(file), options()).expect("it opens")
}

#[test]
fn every_client_in_every_runtime() {
    in_both(async |server| {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("jar.db");
        let sessions = open(&file);
        let jar = async |name| sessions.jar(&key(name)).await.expect("it is loaded");
        assert_eq!(by_reqwest(jar("reqwest").await, &server).await, "sid=31d4");
        assert_eq!(by_tower(jar("tower").await, &server).await, "sid=31d4");
        let (of_ureq, server) = (jar("ureq").await, server);
        let sent = tokio::task::spawn_blocking(move || by_ureq(of_ureq, &server)).await;
        assert_eq!(sent.expect("no panic"), "sid=31d4");

        let names = ["reqwest", "tower", "ureq"].map(key);
        sessions.flush().await.expect("it is written");
        let other = open(&file);
        other
            .load(names.each_ref().map(Some))
            .await
            .expect("they are loaded");
        for name in &names {
            let jar = other.get(name).expect("it is in memory");
            assert_eq!(jar.len(), 1, "{name}");
        }
    });
}

#[test]
fn waiting_and_dropping_inside_a_runtime() {
    in_both(async |_| {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("jar.db");
        // Blocking calls block the thread, and need no other task to continue.
        let jar = PersistentCookieJar::open(&file).expect("it opens").jar();
        super::set(&jar, "a=1; Max-Age=3600");
        drop(jar); // The last handle writes.
        let opened = PersistentCookieJar::open(&file).expect("it opens");
        assert_eq!(opened.jar().len(), 1);
        opened.flush().wait().expect("it is written");
        opened.close().expect("it closes");

        let sessions = open(&file);
        let anna = sessions.jar(&key("anna")).wait().expect("it is loaded");
        super::set(&anna, "b=1");
        let flushed = sessions.flush().wait_at_most(Duration::from_secs(60));
        assert!(matches!(flushed, Some(Ok(()))), "{flushed:?}");
        // A future that is never polled, and one that is dropped half-way.
        drop(sessions.flush());
        let loading = sessions.jar(&key("bert"));
        let soon = tokio::time::timeout(Duration::ZERO, loading).await;
        drop(soon);
        let task = tokio::spawn({
            let sessions = sessions.clone();
            async move {
                sessions
                    .jar(&key("bert"))
                    .await
                    .expect("it is loaded")
                    .len()
            }
        });
        assert_eq!(task.await.expect("no panic"), 0);
        drop((sessions, anna));

        let again = open(&file);
        let jar = tokio::task::spawn_blocking(move || {
            let jar = again.jar(&key("anna")).wait();
            jar.expect("it is loaded")
        });
        assert_eq!(jar.await.expect("no panic").len(), 1);
    });
}

/// The last handle is dropped with the runtime, in a task that never ends.
#[test]
fn a_runtime_that_ends_takes_its_jars_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("jar.db");
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let (sent, received) = std::sync::mpsc::channel();
    let own = file.clone();
    runtime.spawn(async move {
        let jar = PersistentCookieJar::open(own).expect("it opens").jar();
        super::set(&jar, "a=1; Max-Age=3600");
        sent.send(()).expect("the test waits");
        std::future::pending::<()>().await;
        drop(jar);
    });
    received.recv().expect("it is set");
    drop(runtime);
    let opened = || {
        PersistentCookieJar::open(&file)
            .expect("it opens")
            .jar()
            .len()
    };
    until("it was written", || opened() == 1);
}

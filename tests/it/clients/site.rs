//! A web site on loopback: two ports of http and one of https, all of which answer as configured and record
//! their requests.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::serve::Listener;
use http::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE,
    TRANSFER_ENCODING,
};
use http::{HeaderValue, StatusCode};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// The response for a path.
#[derive(Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) set_cookie: Vec<Vec<u8>>,
    pub(crate) delay: Duration,
}

impl Answer {
    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    pub(crate) fn redirect(status: u16, location: impl Into<String>) -> Self {
        Self {
            location: Some(location.into()),
            ..Self::status(status)
        }
    }

    pub(crate) fn cookie(mut self, set_cookie: impl Into<Vec<u8>>) -> Self {
        self.set_cookie.push(set_cookie.into());
        self
    }

    pub(crate) fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }
}

/// A request as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) host: String,
    pub(crate) path: String,
    /// All `Cookie` headers.
    pub(crate) cookies: Vec<Vec<u8>>,
    pub(crate) authorization: bool,
    pub(crate) content_type: bool,
    /// Whether a header states the length of the body.
    pub(crate) framed: bool,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    /// The one `Cookie` header, or nothing.
    #[track_caller]
    pub(crate) fn cookie(&self) -> String {
        assert!(self.cookies.len() <= 1, "two Cookie headers: {self:?}");
        self.cookies
            .first()
            .map_or(String::new(), |cookie| cookie.escape_ascii().to_string())
    }
}

#[derive(Default)]
struct Book {
    answers: Mutex<HashMap<String, Answer>>,
    seen: Mutex<Vec<Seen>>,
}

pub(crate) struct Site {
    pub(crate) port: u16,
    pub(crate) other_port: u16,
    pub(crate) https_port: u16,
    pub(crate) certificate: CertificateDer<'static>,
    book: Arc<Book>,
    runtime: Option<Runtime>,
}

impl Site {
    pub(crate) fn start() -> Self {
        install_provider();
        let book = Arc::new(Book::default());
        let app = Router::new().fallback(answer).with_state(Arc::clone(&book));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let _guard = runtime.enter();
        let (tls, certificate) = tls();
        let (first, port) = listen();
        let (second, other_port) = listen();
        let (third, https_port) = listen();
        runtime.spawn(axum::serve(first, app.clone()).into_future());
        runtime.spawn(axum::serve(second, app.clone()).into_future());
        runtime.spawn(axum::serve(TlsListener { tcp: third, tls }, app).into_future());
        Self {
            port,
            other_port,
            https_port,
            certificate,
            book,
            runtime: Some(runtime),
        }
    }

    /// Forgets everything, and answers like this from now on.
    pub(crate) fn answers<P: Into<String>>(&self, answers: impl IntoIterator<Item = (P, Answer)>) {
        let answers = answers
            .into_iter()
            .map(|(path, answer)| (path.into(), answer));
        *self.book.answers.lock().expect("a lock") = answers.collect();
        self.book.seen.lock().expect("a lock").clear();
    }

    /// The requests since the last call.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.book.seen.lock().expect("a lock"))
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The one cryptography provider of the process, for servers and clients.
pub(crate) fn install_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        rustls::crypto::ring::default_provider()
            .install_default()
            .expect("the first provider");
    });
}

fn listen() -> (TcpListener, u16) {
    let listener = StdListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener
        .set_nonblocking(true)
        .expect("a listener that does not block");
    let port = listener.local_addr().expect("an address").port();
    (TcpListener::from_std(listener).expect("a listener"), port)
}

fn tls() -> (TlsAcceptor, CertificateDer<'static>) {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .expect("a server");
    (TlsAcceptor::from(Arc::new(config)), certificate)
}

struct TlsListener {
    tcp: TcpListener,
    tls: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.tcp).await;
            if let Ok(stream) = self.tls.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}

async fn answer(State(book): State<Arc<Book>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let (parts, body) = request.into_parts();
    let headers = parts.headers;
    let bytes = |value: &HeaderValue| value.as_bytes().to_vec();
    let seen = Seen {
        method: parts.method.to_string(),
        host: headers[HOST].to_str().expect("a host").to_owned(),
        path: path.clone(),
        cookies: headers.get_all(COOKIE).iter().map(bytes).collect(),
        authorization: headers.contains_key(AUTHORIZATION),
        content_type: headers.contains_key(CONTENT_TYPE),
        framed: headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING),
        body: to_bytes(body, 1024).await.expect("a body").to_vec(),
    };
    if let Some(answer) = session(&path, &seen) {
        return respond(&answer);
    }
    book.seen.lock().expect("a lock").push(seen);
    let answer = book.answers.lock().expect("a lock").get(&path).cloned();
    let answer = answer.unwrap_or(Answer::status(200));
    tokio::time::sleep(answer.delay).await;
    respond(&answer)
}

/// `/login/n` starts session n and redirects to `/page/n`, which exists only for session n.
fn session(path: &str, seen: &Seen) -> Option<Answer> {
    if let Some(id) = path.strip_prefix("/login/") {
        let cookie = format!("sid={id}; Path=/; HttpOnly");
        return Some(Answer::redirect(303, format!("/page/{id}")).cookie(cookie));
    }
    let id = path.strip_prefix("/page/")?;
    let own = seen.cookie() == format!("sid={id}");
    Some(Answer::status(if own { 200 } else { 403 }))
}

fn respond(answer: &Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).expect("a status");
    let mut response = (status, "body").into_response();
    let value = |bytes: &[u8]| HeaderValue::from_bytes(bytes).expect("a value");
    let headers = response.headers_mut();
    for field in &answer.set_cookie {
        headers.append(SET_COOKIE, value(field));
    }
    if let Some(location) = &answer.location {
        headers.insert(LOCATION, value(location.as_bytes()));
    }
    response
}

/// A server that answers one request with exactly these bytes; returns its URL.
pub(crate) fn answer_once(answer: &'static [u8]) -> String {
    let listener = StdListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let mut request = Vec::new();
        let mut buffer = [0; 1024];
        while !request.windows(4).any(|four| four == b"\r\n\r\n") {
            let count = stream.read(&mut buffer).expect("a request");
            request.extend_from_slice(&buffer[..count]);
        }
        stream.write_all(answer).expect("an answer");
    });
    format!("http://127.0.0.1:{port}/")
}

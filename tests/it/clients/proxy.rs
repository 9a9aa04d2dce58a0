//! An HTTP proxy on loopback that records its requests: it answers plain requests itself, and opens
//! tunnels to this machine.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// The head of a plain request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    pub(crate) path: String,
    pub(crate) cookie: String,
    pub(crate) user_agent: String,
}

#[derive(Default)]
struct Book {
    heads: Mutex<Vec<Head>>,
    tunnels: Mutex<Vec<String>>,
}

pub(crate) struct Proxy {
    port: u16,
    book: Arc<Book>,
}

/// A server that must not receive anything.
pub(crate) struct Beyond(TcpListener);

impl Beyond {
    pub(crate) fn url(&self, path: &str) -> String {
        let address = self.0.local_addr().expect("an address");
        format!("http://{address}{path}")
    }

    /// The number of new connections since the last call. An opened one is in the queue of the
    /// listener before its client continues.
    pub(crate) fn connections(&self) -> usize {
        std::iter::from_fn(|| self.0.accept().ok()).count()
    }
}

impl Proxy {
    pub(crate) fn listen() -> Beyond {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        listener
            .set_nonblocking(true)
            .expect("a listener that does not block");
        Beyond(listener)
    }

    /// `answer` is the response to a plain request: the status and the headers.
    pub(crate) fn start(answer: impl Fn(&Head) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let book = Arc::new(Book::default());
        let answer = Arc::new(answer);
        let notes = Arc::clone(&book);
        thread::spawn(move || {
            for client in listener.incoming() {
                let (notes, answer) = (Arc::clone(&notes), Arc::clone(&answer));
                // A client that disconnects ends its connection, and nothing else.
                thread::spawn(move || serve(&client?, &notes, &*answer));
            }
        });
        Self { port, book }
    }

    pub(crate) fn for_ureq(&self) -> ureq::Proxy {
        ureq::Proxy::new(&format!("http://127.0.0.1:{}", self.port)).expect("a proxy")
    }

    /// The plain requests since the last call, including those through tunnels.
    pub(crate) fn heads(&self) -> Vec<Head> {
        std::mem::take(&mut self.book.heads.lock().expect("a lock"))
    }

    /// The targets of the tunnels opened since the last call.
    pub(crate) fn tunnels(&self) -> Vec<String> {
        std::mem::take(&mut self.book.tunnels.lock().expect("a lock"))
    }
}

fn serve(client: &TcpStream, book: &Book, answer: &dyn Fn(&Head) -> String) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut writer = client.try_clone()?;
    while let Some((target, head)) = read_head(&mut reader)? {
        let Some(authority) = target.strip_prefix("CONNECT ") else {
            book.heads.lock().expect("a lock").push(head.clone());
            let answer = answer(&head);
            write!(writer, "HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n")?;
            continue;
        };
        write!(writer, "HTTP/1.1 200 OK\r\n\r\n")?;
        // A client may send plain text through a tunnel, too; TLS starts with the octet 22.
        if reader.fill_buf()?.first() == Some(&22) {
            book.tunnels
                .lock()
                .expect("a lock")
                .push(authority.to_owned());
            return tunnel(authority, reader, writer);
        }
    }
    Ok(())
}

/// The method and target, and the head, of the next request, if any.
fn read_head(reader: &mut impl BufRead) -> io::Result<Option<(String, Head)>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let after_scheme = target.split_once("://").map_or(target, |(_, rest)| rest);
    let path = after_scheme
        .find('/')
        .map_or("", |slash| &after_scheme[slash..]);
    let mut head = Head {
        path: path.to_owned(),
        ..Head::default()
    };
    let target = match method {
        "CONNECT" => format!("CONNECT {target}"),
        _ => target.to_owned(),
    };
    loop {
        let mut field = String::new();
        reader.read_line(&mut field)?;
        let Some((name, value)) = field.trim_end().split_once(": ") else {
            return Ok(Some((target, head)));
        };
        match name.to_ascii_lowercase().as_str() {
            "cookie" => value.clone_into(&mut head.cookie),
            "user-agent" => value.clone_into(&mut head.user_agent),
            _ => {}
        }
    }
}

fn tunnel(
    authority: &str,
    mut from: impl io::Read + Send + 'static,
    mut to: TcpStream,
) -> io::Result<()> {
    let server = TcpStream::connect(authority)?;
    let mut up = server.try_clone()?;
    thread::spawn(move || io::copy(&mut from, &mut up));
    io::copy(&mut &server, &mut to)?;
    Ok(())
}

//! A TCP proxy in front of a server, which cuts, stalls and resets connections on demand.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What the proxy does with connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Mode {
    /// Passes everything on.
    Forward,
    /// Closes connections, and closes new ones at once.
    Cut,
    /// Passes nothing on, and closes nothing.
    Stall,
    /// Resets a connection when its client sends something.
    Reset,
    /// Passes requests on, and closes the connection in place of the reply.
    LoseReplies,
}

/// How often a connection looks for a new mode.
const LOOK: Duration = Duration::from_millis(2);

struct Shared {
    mode: AtomicU8,
    server: Mutex<SocketAddr>,
    connections: AtomicUsize,
}

impl Shared {
    fn is(&self, mode: Mode) -> bool {
        self.mode.load(Ordering::SeqCst) == mode as u8
    }
}

/// It ends with the test's process.
pub(crate) struct Proxy {
    shared: Arc<Shared>,
    address: SocketAddr,
}

impl Proxy {
    pub(crate) fn new(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            mode: AtomicU8::new(Mode::Forward as u8),
            server: Mutex::new(server),
            connections: AtomicUsize::new(0),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                accepting.connections.fetch_add(1, Ordering::SeqCst);
                let shared = Arc::clone(&accepting);
                thread::spawn(move || connect(&shared, &client));
            }
        });
        Self { shared, address }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn set(&self, mode: Mode) {
        self.shared.mode.store(mode as u8, Ordering::SeqCst);
    }

    /// Lets new connections lead to another server, and cuts the others.
    pub(crate) fn lead_to(&self, server: SocketAddr) {
        *self.shared.server.lock().expect("no panic") = server;
        self.set(Mode::Cut);
        thread::sleep(20 * LOOK);
        self.set(Mode::Forward);
    }

    /// The number of connections that were accepted.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

fn connect(shared: &Arc<Shared>, client: &TcpStream) {
    let server = *shared.server.lock().expect("no panic");
    if shared.is(Mode::Cut) {
        return;
    }
    let Ok(server) = TcpStream::connect(server) else {
        return;
    };
    for stream in [client, &server] {
        stream.set_read_timeout(Some(LOOK)).expect("a socket");
        stream.set_nodelay(true).expect("a socket");
    }
    let (Ok(client_too), Ok(server_too)) = (client.try_clone(), server.try_clone()) else {
        return;
    };
    let shared_too = Arc::clone(shared);
    let replies = thread::spawn(move || pump(&shared_too, &server_too, &client_too, true));
    pump(shared, client, &server, false);
    let _ = replies.join();
}

/// Passes octets on until either end closes or the mode says so.
fn pump(shared: &Shared, mut from: &TcpStream, mut to: &TcpStream, is_reply: bool) {
    let mut buffer = [0; 16 * 1_024];
    while !shared.is(Mode::Cut) {
        if shared.is(Mode::Stall) {
            thread::sleep(LOOK);
            continue;
        }
        if shared.is(Mode::Reset) {
            // What is unread when a socket is closed makes it a reset.
            match from.peek(&mut buffer) {
                Ok(0) => break,
                Ok(_) if !is_reply => break,
                Err(error) if !is_wait(&error) => break,
                _ => thread::sleep(LOOK),
            }
            continue;
        }
        match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(_) if is_reply && shared.is(Mode::LoseReplies) => break,
            Ok(length) if to.write_all(&buffer[..length]).is_ok() => {}
            Err(error) if is_wait(&error) => {}
            _ => break,
        }
    }
    if !shared.is(Mode::Reset) {
        let _ = from.shutdown(Shutdown::Both);
    }
    let _ = to.shutdown(Shutdown::Both);
}

fn is_wait(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

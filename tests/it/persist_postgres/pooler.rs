//! A pooler in transaction mode, whose server is swapped while its clients stay connected.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use cookiejar::persist::postgres::Postgres;

use super::{apply, client, connect, content, engine, jar, namespace, open, set, until};
use crate::common::own_postgres::OwnPostgres;

/// Each client has a connection to one of the servers; after a swap it gets one to the other, when no call is under way.
struct Pooler {
    server: Arc<(Mutex<SocketAddr>, AtomicUsize)>,
    address: SocketAddr,
}

impl Pooler {
    fn new(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = Arc::new((Mutex::new(server), AtomicUsize::new(0)));
        let shared = Arc::clone(&server);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = Arc::clone(&shared);
                thread::spawn(move || serve(&client, &server));
            }
        });
        Self { server, address }
    }

    fn swap(&self, server: SocketAddr) {
        *self.server.0.lock().expect("no panic") = server;
        self.server.1.fetch_add(1, Ordering::SeqCst);
    }

    fn engine(&self) -> Postgres {
        let address = format!(
            "host=127.0.0.1 port={} user=cookiejar dbname=postgres",
            self.address.port()
        );
        engine(&address).poll(Duration::from_millis(5))
    }
}

/// Reads a message, which is a length of four octets (and a type before it, except for the first), and its content.
fn message(mut from: &TcpStream, has_type: bool) -> Option<Vec<u8>> {
    let mut message = vec![0; 4 + usize::from(has_type)];
    from.read_exact(&mut message).ok()?;
    let length = message[usize::from(has_type)..].try_into().ok()?;
    let mut content = vec![0; usize::try_from(u32::from_be_bytes(length)).ok()? - 4];
    from.read_exact(&mut content).ok()?;
    message.extend(content);
    Some(message)
}

/// Passes the server's messages on until it is ready for the next call; returns whether it is outside a transaction.
fn reply(server: &TcpStream, mut client: Option<&TcpStream>) -> Option<bool> {
    loop {
        let reply = message(server, true)?;
        if let Some(client) = &mut client {
            client.write_all(&reply).ok()?;
        }
        if reply[0] == b'Z' {
            return Some(reply[5] == b'I');
        }
    }
}

fn serve(client: &TcpStream, shared: &(Mutex<SocketAddr>, AtomicUsize)) -> Option<()> {
    client.set_nodelay(true).ok()?;
    let startup = message(client, false)?;
    let open = || {
        let mut server = TcpStream::connect(*shared.0.lock().expect("no panic")).ok()?;
        server.set_nodelay(true).ok()?;
        server.write_all(&startup).ok()?;
        Some(server)
    };
    let (mut server, mut swaps) = (open()?, shared.1.load(Ordering::SeqCst));
    let mut is_idle = reply(&server, Some(client))?;
    loop {
        // A call ends with Sync, or is a simple query.
        let mut call = message(client, true)?;
        while !matches!(call[call.len() - 5..], [b'S', 0, 0, 0, 4]) && call[0] != b'Q' {
            call.extend(message(client, true)?);
        }
        let now = shared.1.load(Ordering::SeqCst);
        if is_idle && now != swaps {
            (server, swaps) = (open()?, now);
            reply(&server, None)?;
        }
        server.write_all(&call).ok()?;
        is_idle = reply(&server, Some(client))?;
    }
}

/// Two servers, of which the second is a copy of the first as it was before the namespace had any cookie.
struct Servers([OwnPostgres; 2]);

impl Servers {
    fn start() -> Self {
        Self([OwnPostgres::start(), OwnPostgres::start()])
    }

    fn address(&self, number: usize) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.0[number].port()))
    }

    fn copy_namespace(&self, namespace: &str) {
        let [first, second] = &self.0;
        engine(&second.address());
        let mut first = client(&first.address());
        let id = "SELECT id FROM cookiejar_namespaces WHERE namespace = $1";
        let id: Vec<u8> = first.query_one(id, &[&namespace]).expect("a row").get(0);
        let copy = "INSERT INTO cookiejar_namespaces VALUES($1, $2, 1, 0, 0, 0, 0, 0)";
        let mut second = client(&second.address());
        second.execute(copy, &[&namespace, &id]).expect("a copy");
    }
}

#[test]
fn a_swapped_server_is_another_history_on_the_same_connection() {
    cookiejar_tests::server!("COOKIEJAR_POSTGRES", "two servers behind a pooler");
    let servers = Servers::start();
    let pooler = Pooler::new(servers.address(0));
    let engine = pooler.engine().prepared(false);
    let namespace = namespace();
    let mut database = connect(&engine, &namespace);
    apply(&mut *database, &["s"], "a").expect("stored");
    servers.copy_namespace(&namespace);
    let before = database.hello().expect("hello");
    pooler.swap(servers.address(1));
    let loaded = database.load(&["s"]).expect("a session");
    assert_ne!(loaded.history, before.history);
    assert_eq!(loaded.value.sessions, [None]);
    let after = database.hello().expect("hello");
    assert_eq!(after.history, loaded.history);
    assert_eq!(after.value.version.get(), 0);
}

#[test]
fn jars_fill_the_server_that_took_over() {
    cookiejar_tests::server!("COOKIEJAR_POSTGRES", "two servers behind a pooler");
    let servers = Servers::start();
    let pooler = Pooler::new(servers.address(0));
    let engine = pooler.engine().prepared(false);
    let namespace = namespace();
    let sessions = open(&engine, &namespace);
    set(&jar(&sessions, 1), "a=1");
    sessions.flush().wait().expect("it is written");
    servers.copy_namespace(&namespace);
    pooler.swap(servers.address(1));
    set(&jar(&sessions, 1), "b=1");
    let direct = super::engine(&servers.0[1].address());
    until("the second has both", || {
        content(&jar(&open(&direct, &namespace), 1)) == ["a=1", "b=1"]
    });
}

/// The second server has not prepared the statements.
#[test]
fn a_pooler_that_loses_prepared_statements_is_noticed() {
    cookiejar_tests::server!("COOKIEJAR_POSTGRES", "two servers behind a pooler");
    let servers = Servers::start();
    let pooler = Pooler::new(servers.address(0));
    let engine = pooler.engine();
    let namespace = namespace();
    let sessions = open(&engine, &namespace);
    set(&jar(&sessions, 1), "a=1");
    sessions.flush().wait().expect("it is written");
    assert!(sessions.status().warnings.is_empty());
    servers.copy_namespace(&namespace);
    pooler.swap(servers.address(1));
    set(&jar(&sessions, 1), "b=1");
    sessions.flush().wait().expect("it is written");
    let mut database = connect(&engine, &namespace);
    let warnings = database.hello().expect("hello").value.warnings;
    assert_eq!(
        warnings,
        ["a pooler lost prepared statements: set `prepared(false)`"]
    );
    for number in 2..5 {
        pooler.swap(servers.address(number % 2));
        pooler.swap(servers.address(1));
        set(&jar(&sessions, 1), &format!("b={number}"));
        sessions.flush().wait().expect("it is written");
    }
}

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use super::Limited;

/// A stream and its other end.
fn pair() -> (Limited, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let stream = TcpStream::connect(address).expect("a connection");
    let (other, _) = listener.accept().expect("a connection");
    (Limited::new(stream, Duration::from_secs(60)), other)
}

#[test]
fn a_reply_ends_at_its_longest() {
    let (mut limited, mut other) = pair();
    limited.left = 10;
    other.write_all(&[0; 10]).expect("sent");
    limited.read_exact(&mut [0; 10]).expect("it fits");
    other.write_all(&[0]).expect("sent");
    let error = limited.read(&mut [0; 100]).expect_err("it is too long");
    assert_eq!(error.to_string(), "the reply is too long");
    limited.limit(Duration::from_secs(60));
    other.write_all(&[0]).expect("sent");
    assert_eq!(limited.read(&mut [0; 100]).expect("another reply"), 1);
}

#[test]
fn nothing_is_read_or_written_after_the_end() {
    let (mut limited, mut other) = pair();
    other.write_all(&[0; 100]).expect("sent");
    limited.limit(Duration::ZERO);
    let read = limited.read(&mut [0; 100]).expect_err("it is over");
    let written = limited.write(&[0; 100]).expect_err("it is over");
    assert_eq!(
        (read.kind(), written.kind()),
        (ErrorKind::TimedOut, ErrorKind::TimedOut)
    );
}

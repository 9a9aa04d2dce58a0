//! SIGSTOP of a program for longer than the server keeps changes: it loads anew.

use std::io::stdin;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::{Place, Program, content, jar, open, set, until};

/// The child: it shows the cookies of a session for each line of input.
pub(super) fn show(place: &Place) {
    let sessions = open(place, Duration::ZERO);
    let jar = jar(&sessions, 7);
    println!("\nopen");
    for _ in stdin().lines().map_while(Result::ok) {
        println!("\nhas {}", content(&jar).join(" "));
    }
}

#[test]
fn a_stopped_program_catches_up() {
    let address = cookiejar_tests::server!("COOKIEJAR_REDIS", "a program that is stopped");
    let place = Place::new_in_redis(&address, "stopped");
    let sessions = open(&place, Duration::ZERO);
    let ours = jar(&sessions, 7);
    set(&ours, &["a=1", "gone=1"]);
    sessions.flush().wait().expect("it is written");
    let mut child = Program::start("stopped", 0, &place);
    child.expect("open");
    let pid = Pid::from_child(&child.child);
    kill_process(pid, Signal::STOP).expect("it is stopped");
    for number in 0..200 {
        set(&ours, &[&format!("b{}={number}", number % 5)]);
        sessions.flush().wait().expect("it is written");
    }
    set(&ours, &["gone=; Max-Age=0"]);
    sessions.flush().wait().expect("it is written");
    // As if the stream's time was over.
    let client = redis::Client::open(address).expect("a URL");
    let mut connection = client.get_connection().expect("a connection");
    let stream = format!("cookiejar:{{{}}}:changes", place.namespace());
    let mut trim = redis::cmd("XTRIM");
    trim.arg(stream).arg("MAXLEN").arg(0);
    trim.exec(&mut connection).expect("it is trimmed");
    kill_process(pid, Signal::CONT).expect("it continues");
    let expected = content(&ours).join(" ");
    until("it has caught up", || {
        child.say("what do you have");
        child.expect("has") == expected
    });
    assert_eq!(ours.len(), 6);
}

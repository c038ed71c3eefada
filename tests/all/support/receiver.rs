//! A receiver as the real binary runs it, and a client that can also be rude. It asserts nothing of answers.

use crate::support::Workspace;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver as Lines, channel};
use std::time::Duration;

/// `lastgood serve`, running.
pub(crate) struct Receiver {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// The first thing it said.
    pub(crate) listening: serde_json::Value,
    /// What it says, one value a line.
    lines: Lines<serde_json::Value>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The head, in lower case.
    pub(crate) head: String,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Receiver {
    /// Starts it there, on a port that is free.
    pub(crate) fn start(workspace: &Workspace, arguments: &[&str]) -> Receiver {
        Receiver::of(workspace.command(), arguments)
    }

    /// The same with an environment of its own.
    pub(crate) fn of(mut command: Command, arguments: &[&str]) -> Receiver {
        command.args(["--json", "serve", "--listen", "127.0.0.1:0"]).args(arguments);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = out.next().expect("it says where it listens").unwrap();
        let first: serde_json::Value = serde_json::from_str(&first).unwrap();
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in out.map_while(Result::ok) {
                if send.send(serde_json::from_str(&line).unwrap()).is_err() {
                    return;
                }
            }
        });
        let address = first["address"].as_str().unwrap().parse().unwrap();
        Receiver { child, address, listening: first, lines }
    }

    /// The next line it says.
    pub(crate) fn said(&self) -> serde_json::Value {
        self.lines.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    /// A connection to it.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// Posts a body with these headers beside `host` and the length.
    pub(crate) fn post(&self, path: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Answer {
        self.ask("POST", path, headers, body)
    }

    /// Gets what is there, with these headers beside `host`.
    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask("GET", path, headers, "")
    }

    /// The same with any method.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Answer {
        let body = body.as_ref();
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        if !headers.iter().any(|(name, _)| *name == "host") {
            head += &format!("host: {}\r\n", self.address);
        }
        headers.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
        head += &format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len());
        let mut stream = self.connect();
        stream.write_all(head.as_bytes()).unwrap();
        // It may have answered, and closed, before it was sent everything.
        stream.write_all(body).unwrap_or_default();
        answer(&mut stream)
    }

    /// Posts one JSON document to where OpenLineage's clients do.
    pub(crate) fn event(&self, event: &str) -> Answer {
        self.post("/api/v1/lineage", &[("content-type", "application/json")], event)
    }

    /// Its number.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Ends it at once, with nothing said.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, and gives its exit code.
    pub(crate) fn stop(self) -> Option<i32> {
        self.end(rustix::process::Signal::TERM).0
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Ends it with a signal: its exit code, and what it said until it was gone.
    pub(crate) fn end(mut self, signal: rustix::process::Signal) -> (Option<i32>, Vec<serde_json::Value>) {
        self.signal(signal);
        (self.child.wait().unwrap().code(), self.lines.iter().collect())
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        drop(self.child.wait());
    }
}

/// Reads an answer to its end.
pub(crate) fn answer(stream: &mut TcpStream) -> Answer {
    let mut all = Vec::new();
    // What was read before a reset is what was answered.
    drop(stream.read_to_end(&mut all));
    let end = all.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(all.len());
    let head = String::from_utf8_lossy(&all[..end]).to_lowercase();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, head, body: all.get(end + 4..).unwrap_or_default().to_vec() }
}

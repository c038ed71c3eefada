//! The receiver, as the real binary runs it, under clients that send at once and wait for each answer: how long until
//! what they sent is durable. It asserts nothing.

use crate::figure::{Bar, figure, held, part};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const CLIENTS: usize = 16;

/// `each` is how many requests every client sends.
pub(crate) fn run(each: usize) {
    part("receiver");
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (mut child, address) = start(folder.path());
    single(address, each);
    several(address, each / 10 + 1);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// One event a request, as OpenLineage's clients do.
fn single(address: SocketAddr, each: usize) {
    let (times, all) = storm(address, "/api/v1/lineage", each, &|client, at| event(client * each + at));
    let count = times.len() as f64;
    tell(&format!("acknowledged, {CLIENTS} clients, an event a request"), times, Bar::AtMost(50.0));
    figure("events durable a second", count / all.as_secs_f64(), "/s", Bar::None);
}

/// Fifty events a request.
fn several(address: SocketAddr, each: usize) {
    let body = |client: usize, at: usize| {
        let first = 10_000_000 + (client * each + at) * 50;
        let events: Vec<String> = (first..first + 50).map(event).collect();
        format!("[{}]", events.join(","))
    };
    let (times, all) = storm(address, "/api/v1/lineage/batch", each, &body);
    let count = times.len() as f64 * 50.0;
    tell(&format!("acknowledged, {CLIENTS} clients, 50 events a request"), times, Bar::None);
    figure("events durable a second", count / all.as_secs_f64(), "/s", Bar::None);
}

fn tell(what: &str, mut times: Vec<Duration>, bar: Bar) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    held(&format!("{what}: p50"), at(0.5), Bar::None);
    held(&format!("{what}: p99"), at(0.99), bar);
}

fn start(folder: &Path) -> (Child, SocketAddr) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lastgood"))
        .args(["--json", "serve", "--listen", "127.0.0.1:0"])
        .env("HOME", folder)
        .env("LASTGOOD_LEDGER", folder.join("bench.lastgood"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    // What it says further on has to go somewhere.
    std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
    let said: serde_json::Value = serde_json::from_str(&line).unwrap();
    (child, said["address"].as_str().unwrap().parse().unwrap())
}

fn event(run: usize) -> String {
    format!(
        "{{\"eventType\":\"COMPLETE\",\"eventTime\":\"2026-11-18T09:00:00Z\",\"producer\":\"https://example.test/p\",\
         \"run\":{{\"runId\":\"0190a0b0-0000-7000-8000-{run:012x}\"}},\"job\":{{\"namespace\":\"etl\",\"name\":\"load\"}},\
         \"inputs\":[{{\"namespace\":\"lake\",\"name\":\"in\"}}],\"outputs\":[{{\"namespace\":\"lake\",\"name\":\"out\"}}]}}"
    )
}

/// Every client sends its requests one after the other on a connection of its own.
fn storm(
    address: SocketAddr,
    path: &str,
    each: usize,
    body: &(dyn Fn(usize, usize) -> String + Sync),
) -> (Vec<Duration>, Duration) {
    let begun = Instant::now();
    let times = std::thread::scope(|scope| {
        let clients = (0..CLIENTS).map(|client| {
            scope.spawn(move || {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.set_nodelay(true).unwrap();
                (0..each).map(|at| exchange(&mut stream, path, &body(client, at))).collect::<Vec<_>>()
            })
        });
        let clients: Vec<_> = clients.collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    (times, begun.elapsed())
}

fn exchange(stream: &mut TcpStream, path: &str, body: &str) -> Duration {
    let request = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let begun = Instant::now();
    stream.write_all(request.as_bytes()).unwrap();
    let (mut got, mut buffer) = (Vec::new(), [0; 16 << 10]);
    loop {
        let read = stream.read(&mut buffer).unwrap();
        got.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&got);
        assert!(read > 0 && text.starts_with("HTTP/1.1 20"), "{text}");
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        if body.len() >= length.unwrap_or(0) {
            return begun.elapsed();
        }
    }
}

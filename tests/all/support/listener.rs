//! A server of one process's own that answers what a test tells it to, in the clear or over TLS, and notes what it was
//! asked. It knows no protocol above HTTP's first lines.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What comes back for a request: a status line with headers, and a body.
pub(crate) type Answer = (String, Vec<u8>);

/// An answer of JSON.
pub(crate) fn json(body: &str) -> Answer {
    ("200 OK\r\ncontent-type: application/json".to_owned(), body.as_bytes().to_vec())
}

/// There is no such thing.
pub(crate) fn nothing() -> Answer {
    ("404 Not Found".to_owned(), Vec::new())
}

pub(crate) struct Listener {
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
    heard: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
}

impl Listener {
    pub(crate) fn new(
        tls: Option<Arc<ServerConfig>>,
        answer: impl Fn(&str) -> Answer + Send + Sync + 'static,
    ) -> Listener {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (heard, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (hears, stops, answer) = (Arc::clone(&heard), Arc::clone(&stop), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stops.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let (hears, answer, tls) = (Arc::clone(&hears), Arc::clone(&answer), tls.clone());
                std::thread::spawn(move || {
                    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
                    match tls {
                        None => serve(stream, &hears, &*answer),
                        Some(config) => {
                            let connection = ServerConnection::new(config).unwrap();
                            serve(StreamOwned::new(connection, stream), &hears, &*answer);
                        }
                    }
                });
            }
        });
        Listener { address, heard, stop }
    }

    /// The heads of what it was asked so far.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

fn serve(mut stream: impl Read + Write, heard: &Mutex<Vec<String>>, answer: &dyn Fn(&str) -> Answer) {
    let (mut head, mut piece) = (Vec::new(), [0; 4096]);
    let end = loop {
        if let Some(end) = head.windows(4).position(|it| it == b"\r\n\r\n") {
            break end + 4;
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return,
            Ok(got) => head.extend_from_slice(&piece[..got]),
        }
    };
    let text = String::from_utf8_lossy(&head[..end]).into_owned();
    let length = text.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    while head.len() < end + length.unwrap_or(0) {
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return,
            Ok(got) => head.extend_from_slice(&piece[..got]),
        }
    }
    heard.lock().unwrap().push(text);
    let (status, body) = answer(&String::from_utf8_lossy(&head));
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    // Whoever has heard enough may hang up.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).and_then(|()| stream.flush());
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // The listener waits for somebody to come.
        drop(TcpStream::connect(&self.address));
    }
}

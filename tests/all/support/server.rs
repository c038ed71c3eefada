//! A server on loopback that answers as a test says, and what it was sent. It knows no protocol beyond the end of a head.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Serves until told to stop, and notes what it was sent.
pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) heard: Arc<Mutex<String>>,
    stop: Arc<AtomicBool>,
}

impl Server {
    pub(crate) fn start(answer: impl Fn(&mut TcpStream, &str, usize, &AtomicBool) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (heard, stop) = (Arc::new(Mutex::new(String::new())), Arc::new(AtomicBool::new(false)));
        let (hears, stops, answer) = (Arc::clone(&heard), Arc::clone(&stop), Arc::new(answer));
        let count = Arc::new(AtomicUsize::new(0));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stops.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(mut stream) = stream else { continue };
                let (hears, stops, answer, count) =
                    (Arc::clone(&hears), Arc::clone(&stops), Arc::clone(&answer), Arc::clone(&count));
                std::thread::spawn(move || {
                    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
                    let mut head = Vec::new();
                    let mut piece = [0; 4096];
                    while !head.windows(4).any(|it| it == b"\r\n\r\n") {
                        match stream.read(&mut piece) {
                            Ok(0) | Err(_) => return,
                            Ok(got) => head.extend_from_slice(&piece[..got]),
                        }
                    }
                    let head = String::from_utf8_lossy(&head).into_owned();
                    hears.lock().unwrap().push_str(&head);
                    answer(&mut stream, &head, count.fetch_add(1, Ordering::Relaxed), &stops);
                });
            }
        });
        Server { address, heard, stop }
    }
}

/// A whole answer in JSON; nothing for what is not there.
pub(crate) fn reply(stream: &mut TcpStream, body: Option<&str>) {
    let (status, body) = match body {
        Some(body) => ("200 OK", body),
        None => ("404 Not Found", "{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\"}"),
    };
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n", body.len());
    // Whoever has heard enough may hang up.
    stream.write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes()).unwrap_or_default();
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // The listener waits for somebody to come.
        drop(TcpStream::connect(&self.address));
    }
}

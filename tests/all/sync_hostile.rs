//! Servers that misbehave, each of them taken for every kind that can be pulled from: the sync ends, no credential
//! reaches anybody else, and the ledger still verifies. What is answered stands in one table.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use crate::support::Workspace;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What nobody but the server itself may see.
const CANARY: &str = "canary-5f1c9d7e2b";

/// The key that another ledger would have to sign with.
const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

/// One way to misbehave: bytes sent in answer, and how.
enum Way {
    /// A whole answer: status line and headers, and a body. `{else}` stands for the other listener, `{n}` for how
    /// often something was asked.
    Says(&'static str, &'static str),
    /// The head, then a piece again and again.
    Endless(&'static str, &'static str),
    /// One byte after the other, slowly.
    Slow(&'static str),
    /// A head, then nothing more.
    Hangs(&'static str),
    /// A gzip of very many zeros.
    Bomb,
    /// A head that is longer than anybody's.
    ManyHeaders,
}

use Way::{Bomb, Endless, Hangs, ManyHeaders, Says, Slow};

const JSON: &str = "200 OK\r\ncontent-type: application/json";

const WAYS: &[(&str, Way)] = &[
    ("redirect to another port", Says("302 Found\r\nlocation: http://{else}/x", "")),
    ("redirect to another port, kept method", Says("307 Temporary Redirect\r\nlocation: http://{else}/x", "")),
    ("redirect with a body kept", Says("308 Permanent Redirect\r\nlocation: http://{else}/x", "")),
    ("redirect without a scheme", Says("301 Moved\r\nlocation: //{else}/x", "")),
    ("redirect with a name in it", Says("302 Found\r\nlocation: http://u:p@{else}/x", "")),
    (
        "redirect to where clouds keep credentials",
        Says("302 Found\r\nlocation: http://169.254.169.254/latest/meta-data/", ""),
    ),
    ("redirect to itself", Says("302 Found\r\nlocation: /loop{n}", "")),
    ("redirect to a file", Says("302 Found\r\nlocation: file:///etc/passwd", "")),
    ("redirect to nothing", Says("302 Found\r\nlocation: http://", "")),
    ("redirect without a place", Says("302 Found", "")),
    (
        "token from elsewhere",
        Says("401 Unauthorized\r\nwww-authenticate: Bearer realm=\"http://{else}/token\",service=\"x\"", ""),
    ),
    ("token from a broken realm", Says("401 Unauthorized\r\nwww-authenticate: Bearer realm=\"", "")),
    ("password wanted again and again", Says("401 Unauthorized\r\nwww-authenticate: Basic realm=\"mlflow\"", "")),
    ("not let in", Says("403 Forbidden", "no")),
    (
        "next page elsewhere",
        Says(
            "200 OK\r\ncontent-type: application/json\r\nlink: <http://{else}/v2/_catalog?last=a>; rel=\"next\"",
            "{\"repositories\":[\"a\"],\"tags\":[\"a\"]}",
        ),
    ),
    (
        "the same page token for ever",
        Says(JSON, "{\"next_page_token\":\"same\",\"experiments\":[{\"experiment_id\":\"0\"}]}"),
    ),
    ("new page tokens and nothing else", Says(JSON, "{\"next_page_token\":\"t{n}\"}")),
    (
        "endless pages with objects",
        Says(
            JSON,
            "{\"next_page_token\":\"t{n}\",\"experiments\":[{\"experiment_id\":\"{n}\"}],\"namespaces\":[],\"events\":[]}",
        ),
    ),
    ("too many requests, come back in ages", Says("429 Too Many Requests\r\nretry-after: 99999999999", "")),
    (
        "too many requests, come back never",
        Says("429 Too Many Requests\r\nretry-after: Fri, 31 Dec 9999 23:59:59 GMT", ""),
    ),
    ("too many requests, nonsense", Says("429 Too Many Requests\r\nretry-after: -1", "")),
    ("unavailable, at once again", Says("503 Service Unavailable\r\nretry-after: 0", "")),
    ("bad gateway", Says("502 Bad Gateway", "<html>")),
    ("internal error that repeats what it was sent", Says("500 Internal Server Error", "{\"message\":\"{auth}\"}")),
    ("teapot", Says("418 I'm a teapot", "\u{1b}[2Jshort and stout")),
    ("a list where an object is expected", Says(JSON, "[1,2,3]")),
    (
        "an object where a list is expected",
        Says(JSON, "{\"experiments\":{},\"repositories\":{},\"events\":{},\"namespaces\":{}}"),
    ),
    (
        "numbers in lists of objects",
        Says(JSON, "{\"experiments\":[1],\"repositories\":[1],\"events\":[1],\"namespaces\":[1]}"),
    ),
    ("null", Says(JSON, "null")),
    ("an empty body", Says(JSON, "")),
    ("cut JSON", Says(JSON, "{\"experiments\":[{\"experiment_id\":\"0\"")),
    (
        "text that is no UTF-8",
        Says("200 OK\r\ncontent-type: application/json\r\nx: \u{e9}", "{\"experiments\":\"\u{0}\"}"),
    ),
    ("deep nesting", Says(JSON, "{\"experiments\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[")),
    ("a body longer than it says it is long", Says("200 OK\r\ncontent-length: 1", "{\"a\":1}")),
    ("a body that will be very long", Says("200 OK\r\ncontent-length: 999999999999", "{")),
    ("a body shorter than it says", Says("200 OK\r\ncontent-length: 5000", "{\"experiments\":[")),
    ("two lengths", Says("200 OK\r\ncontent-length: 1\r\ncontent-length: 9", "{}")),
    ("broken chunks", Says("200 OK\r\ntransfer-encoding: chunked", "zz\r\nhello\r\n")),
    ("gzip that is none", Says("200 OK\r\ncontent-encoding: gzip", "\u{1f}not at all")),
    ("no HTTP at all", Says("", "SSH-2.0-OpenSSH_9.2\r\n")),
    (
        "a page of links elsewhere",
        Says(
            "200 OK\r\ncontent-type: text/html",
            "<a href=\"http://{else}/a\">a</a><a href=\"//{else}/b\">b</a><a href=\"../../etc\">c</a>",
        ),
    ),
    ("endless chunks", Endless("200 OK\r\ntransfer-encoding: chunked", "4\r\n[[[[\r\n")),
    ("endless header", Endless("200 OK\r\nx: ", "xxxxxxxxxxxxxxxx")),
    ("slow headers", Slow("200 OK\r\ncontent-type: application/json\r\n\r\n{}")),
    ("hangs before the body", Hangs("200 OK\r\ncontent-length: 10\r\n\r\n")),
    ("hangs at once", Hangs("")),
    ("a gzip bomb", Bomb),
    ("very many headers", ManyHeaders),
];

/// Serves until told to stop, and notes what it was sent.
struct Server {
    address: String,
    heard: Arc<Mutex<String>>,
    stop: Arc<AtomicBool>,
}

impl Server {
    fn start(answer: impl Fn(&mut TcpStream, &str, usize, &AtomicBool) + Send + Sync + 'static) -> Server {
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

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // The listener waits for somebody to come.
        drop(TcpStream::connect(&self.address));
    }
}

/// Sends what it has to; whoever has heard enough may hang up.
fn send(stream: &mut TcpStream, bytes: &[u8]) -> bool {
    stream.write_all(bytes).is_ok()
}

fn misbehave(way: &Way, stream: &mut TcpStream, head: &str, other: &str, n: usize, stop: &AtomicBool) {
    let auth = head.lines().find(|line| line.to_lowercase().starts_with("authorization")).unwrap_or_default();
    let fill = |text: &str| text.replace("{else}", other).replace("{n}", &n.to_string()).replace("{auth}", auth);
    match way {
        Says("", body) => drop(send(stream, body.as_bytes())),
        Says(start, body) => {
            let (start, body) = (fill(start), fill(body));
            let sized = start.contains("content-length") || start.contains("transfer-encoding");
            let length = if sized { String::new() } else { format!("content-length: {}\r\n", body.len()) };
            send(stream, format!("HTTP/1.1 {start}\r\n{length}connection: close\r\n\r\n{body}").as_bytes());
        }
        Endless(start, piece) => {
            let end = if start.ends_with(": ") { "" } else { "\r\n\r\n" };
            if send(stream, format!("HTTP/1.1 {start}{end}").as_bytes()) {
                while !stop.load(Ordering::Relaxed) && send(stream, piece.repeat(512).as_bytes()) {}
            }
        }
        Slow(text) => {
            for byte in format!("HTTP/1.1 {text}").bytes() {
                std::thread::park_timeout(Duration::from_millis(150));
                if stop.load(Ordering::Relaxed) || !send(stream, &[byte]) {
                    return;
                }
            }
        }
        Hangs(text) => {
            if !text.is_empty() {
                send(stream, format!("HTTP/1.1 {text}").as_bytes());
            }
            // Ends when the other side hangs up, or nobody waits any more.
            drop(stream.read(&mut [0; 16]));
        }
        Bomb => {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            for _ in 0..64 {
                packed.write_all(&vec![b' '; 1 << 20]).unwrap();
            }
            let packed = packed.finish().unwrap();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", packed.len());
            send(stream, head.as_bytes());
            send(stream, &packed);
        }
        ManyHeaders => {
            send(stream, b"HTTP/1.1 200 OK\r\n");
            for at in 0..5000 {
                if !send(stream, format!("x-{at}: y\r\n").as_bytes()) {
                    return;
                }
            }
            send(stream, b"\r\n{}");
        }
    }
}

/// One server, taken for one kind.
fn try_one(way: &'static (&'static str, Way), kind: &str) {
    let (name, how) = (way.0, &way.1);
    let other = Server::start(|stream, _, _, _| {
        let _ = send(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    });
    let place = other.address.clone();
    let server = Server::start(move |stream, head, n, stop| misbehave(how, stream, head, &place, n, stop));
    let work = Workspace::new();
    let folder = work.path().join("home/.config/lastgood");
    std::fs::create_dir_all(&folder).unwrap();
    let settings = format!(
        "[bad]\nurl = \"http://{}\"\nkind = \"{kind}\"\nkey = \"{KEY}\"\ncredential = {{ user = \"u\", env = \"CANARY\" }}\n\
         patience = {{ connect = 0.5, read = 0.4, answer = 0.8, sync = 2.0, pause = 0.1, tries = 2, bytes = 4000000 }}\n",
        server.address
    );
    std::fs::write(folder.join("sources.toml"), settings).unwrap();
    let run = work.command().env("CANARY", CANARY).args(["sync", "bad", "--json"]).output().unwrap();
    let said = crate::support::said(run);
    let case = format!("{name}, as {kind}: {said:?}");
    assert!(matches!(said.exit, Some(0 | 3 | 5)), "{case}");
    assert!(!server.heard.lock().unwrap().is_empty(), "nothing was asked: {case}");
    let basic = "dTpjYW5hcnk";
    for leaked in [CANARY, basic] {
        assert!(!other.heard.lock().unwrap().contains(leaked), "the other listener heard it: {case}");
        assert!(!said.out.contains(leaked) && !said.err.contains(leaked), "it was told: {case}");
        let bytes = std::fs::read(work.ledger()).unwrap();
        assert!(!bytes.windows(leaked.len()).any(|it| it == leaked.as_bytes()), "it is in the ledger: {case}");
    }
    assert!(!said.err.contains('\u{1b}') && !said.out.contains('\u{1b}'), "{case}");
    let verified = work.run(&["verify"]);
    assert_eq!(verified.exit, Some(0), "{case}: {verified:?}");
}

#[test]
fn no_server_holds_a_sync_up_or_gets_what_is_not_its_own() {
    let kinds = ["mlflow", "marquez", "oci", "files", "lastgood"];
    let cases: Vec<(&'static (&'static str, Way), &str)> =
        WAYS.iter().flat_map(|way| kinds.iter().map(move |kind| (way, *kind))).collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some((way, kind)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    try_one(way, kind);
                }
            });
        }
    });
    assert!(next.load(Ordering::Relaxed) >= cases.len());
}

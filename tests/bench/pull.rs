//! Measures a sync of a real MLflow server against its own REST answers, asked for one after the other by a client that
//! keeps nothing. It needs LASTGOOD_MLFLOW_3, and says so where it is missing.

#![expect(clippy::print_stdout, clippy::panic, reason = "a bench prints what it measured, and needs its server")]

use crate::figure::{Bar, figure, middle, part, said, timed};
use crate::place::Place;
use lastgood::config::SourceSetting;
use lastgood::engine::SyncReport;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const RUNS: u32 = 1_200;
/// As many again, to see whether memory grows with the server.
const MORE: u32 = 6_000;

/// Prints the figures.
pub(crate) fn run(place: &Place) {
    part("pull");
    let Some(python) = std::env::var("LASTGOOD_MLFLOW_3").ok().filter(|it| Path::new(it).exists()) else {
        println!("SKIPPED: LASTGOOD_MLFLOW_3 names no interpreter that has MLflow's server");
        return;
    };
    let server = Server::start(&python, &seeded(&python, RUNS));
    let (asked, first) = recorded(place, server.port);
    println!("{RUNS} runs: {} records in {} requests", first.import.records, asked.len());
    let rounds = std::env::var("LASTGOOD_BENCH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(5);
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    let mut second = 0;
    // In turns, so that what else the machine does meets them alike.
    for _ in 0..rounds {
        bare.push(timed(|| replay(&asked, server.port)));
        let ledger = place.path("pull.lastgood");
        ours.push(timed(|| drop(pull(place, &ledger, server.port))));
        let again = pull(place, &ledger, server.port);
        assert_eq!((again.import.records, again.changed), (0, 0), "{again:?}");
        second = second.max(again.requests);
        place.remove(&ledger);
    }
    let mut ratios: Vec<f64> =
        bare.iter().zip(&ours).map(|(bare, ours)| ours.as_secs_f64() / bare.as_secs_f64()).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    said("its own REST answers, one after the other", middle(bare));
    said("sync into an empty ledger", middle(ours));
    figure("  of the bare answers", ratios[ratios.len() / 2], "×", Bar::AtMost(1.5));
    figure("second sync with nothing new: requests", second as f64, "", Bar::AtMost(10.0));
    let few = peak(place, server.port);
    drop(server);
    let many = peak(place, Server::start(&python, &seeded(&python, MORE)).port);
    figure(&format!("peak memory, {RUNS} runs"), few, "MB", Bar::None);
    figure(&format!("peak memory, {MORE} runs"), many, "MB", Bar::None);
    // the ledger keeps 64 MiB of its pages in memory, however large it grows
    figure("  more than for the fewer", many - few, "MB", Bar::AtMost(64.0));
}

/// Pulls everything, in a process of its own.
pub(crate) fn child(place: &Place) {
    let port = std::fs::read_to_string(place.path("pull-port")).unwrap().parse().unwrap();
    let ledger = place.path("child-pull.lastgood");
    drop(pull(place, &ledger, port));
    place.remove(&ledger);
}

fn peak(place: &Place, port: u16) -> f64 {
    std::fs::write(place.path("pull-port"), port.to_string()).unwrap();
    place.peak_of("pull")
}

fn pull(place: &Place, ledger: &Path, port: u16) -> SyncReport {
    let setting =
        SourceSetting { url: format!("http://127.0.0.1:{port}"), kind: "mlflow".into(), ..SourceSetting::default() };
    let cancel = Arc::new(AtomicBool::new(false));
    let report = place.engine(ledger).sync("live", &setting, &|_| None, &cancel, &()).unwrap();
    assert!(report.complete, "{report:?}");
    report
}

/// The store of a server with so many runs, made once.
fn seeded(python: &str, runs: u32) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mlflow-{runs}.db"));
    if !file.exists() {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mlflow/bulk.py");
        let making = file.with_extension("new");
        std::fs::remove_file(&making).unwrap_or_default();
        let made = Command::new(python).arg(script).arg(&making).arg(runs.to_string()).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        std::fs::rename(making, &file).unwrap();
    }
    file
}

struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(python: &str, database: &Path) -> Server {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(python)
            .args(["-m", "mlflow", "server", "--host", "127.0.0.1", "--workers", "1", "--port", &port.to_string()])
            .args(["--backend-store-uri", &format!("sqlite:///{}", database.display())])
            .env("MLFLOW_DISABLE_TELEMETRY", "true")
            .env("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")
            .env("PATH", Path::new(python).parent().unwrap())
            .current_dir(env!("CARGO_TARGET_TMPDIR"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let server = Server { child, port };
        let request = b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        for _ in 0..3000 {
            let mut answer = String::new();
            let asked = TcpStream::connect(("127.0.0.1", port)).and_then(|mut stream| {
                stream.write_all(request)?;
                stream.read_to_string(&mut answer)
            });
            if asked.is_ok() && answer.contains("200 OK") {
                return server;
            }
            std::thread::park_timeout(Duration::from_millis(100));
        }
        panic!("the server is not ready");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let group = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process_group(group, rustix::process::Signal::KILL).unwrap_or_default();
        self.child.wait().unwrap();
    }
}

/// A whole sync, and every request that it sent, as it was sent.
fn recorded(place: &Place, port: u16) -> (Vec<Vec<u8>>, SyncReport) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    let log = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&log);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (client, server) = (client.unwrap(), TcpStream::connect(("127.0.0.1", port)).unwrap());
            let (mut back, mut out) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            std::thread::spawn(move || {
                drop(std::io::copy(&mut back, &mut out));
                drop(out.shutdown(Shutdown::Both));
            });
            let noted = Arc::clone(&noted);
            std::thread::spawn(move || note(client, server, &noted));
        }
    });
    let ledger = place.path("recorded.lastgood");
    let report = pull(place, &ledger, own);
    place.remove(&ledger);
    let asked = log.lock().unwrap().clone();
    assert_eq!(asked.len() as u64, report.requests);
    (asked, report)
}

fn note(mut client: TcpStream, mut server: TcpStream, noted: &Mutex<Vec<Vec<u8>>>) {
    let (mut held, mut piece) = (Vec::new(), [0; 64 * 1024]);
    while let Ok(got) = client.read(&mut piece) {
        if got == 0 {
            break;
        }
        held.extend_from_slice(&piece[..got]);
        while let Some(end) = whole(&held) {
            noted.lock().unwrap().push(held.drain(..end).collect());
        }
        server.write_all(&piece[..got]).unwrap();
    }
    drop(server.shutdown(Shutdown::Both));
}

/// Where the first request ends, once it is there.
fn whole(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|it| it == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    let end = head + length.unwrap_or(0);
    (bytes.len() >= end).then_some(end)
}

/// Asks the same again over one connection, one after the other, and throws the answers away.
fn replay(asked: &[Vec<u8>], port: u16) {
    let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", port)).unwrap());
    for request in asked {
        stream.get_mut().write_all(request).unwrap();
        let (mut length, mut chunked, mut line) = (0, false, String::new());
        while stream.read_line(&mut line).unwrap() > 2 {
            let lower = line.to_lowercase();
            length = lower.strip_prefix("content-length:").map_or(length, |it| it.trim().parse().unwrap());
            chunked |= lower.starts_with("transfer-encoding:") && lower.contains("chunked");
            line.clear();
        }
        line.clear();
        if !chunked {
            std::io::copy(&mut stream.by_ref().take(length), &mut std::io::sink()).unwrap();
            continue;
        }
        loop {
            let mut size = String::new();
            stream.read_line(&mut size).unwrap();
            let size = u64::from_str_radix(size.trim(), 16).unwrap();
            std::io::copy(&mut stream.by_ref().take(size + 2), &mut std::io::sink()).unwrap();
            if size == 0 {
                break;
            }
        }
    }
}

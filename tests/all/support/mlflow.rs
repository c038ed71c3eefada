//! Real MLflow servers for tests, on a port of their own, and a relay before one that can be told to break off. It
//! seeds nothing by itself.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use crate::support::skipped;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// The interpreter that has MLflow's server; nothing, having said so, where there is none.
pub(crate) fn python(what: &str) -> Option<String> {
    let found = std::env::var("LASTGOOD_MLFLOW_3").ok().filter(|it| Path::new(it).exists());
    if found.is_none() {
        skipped(what, "LASTGOOD_MLFLOW_3 names no interpreter that has it");
    }
    found
}

/// Runs one of the scripts that fill a store; what it prints last.
pub(crate) fn filled(python: &str, script: &str, arguments: &[&str], folder: &Path) -> serde_json::Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mlflow").join(script);
    let run = Command::new(python).arg(script).args(arguments).current_dir(folder).output().unwrap();
    let told = String::from_utf8_lossy(&run.stdout).into_owned();
    serde_json::from_str(told.lines().last().unwrap_or_default()).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    prefix: String,
}

impl Server {
    /// One below `prefix`; it speaks TLS where `more` says so, and is then known to be ready by its port alone.
    pub(crate) fn start(
        python: &str,
        database: &Path,
        port: u16,
        prefix: &str,
        more: &[&str],
        environment: &[(&str, &str)],
    ) -> Server {
        let mut command = Command::new(python);
        command.args(["-m", "mlflow", "server", "--host", "127.0.0.1", "--workers", "1"]);
        if !prefix.is_empty() {
            command.args(["--static-prefix", prefix]);
        }
        let child = command
            .args(["--port", &port.to_string(), "--backend-store-uri", &format!("sqlite:///{}", database.display())])
            .args(more)
            .env("MLFLOW_DISABLE_TELEMETRY", "true")
            .env("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")
            .env("PATH", Path::new(python).parent().unwrap())
            .envs(environment.iter().copied())
            .current_dir(database.parent().unwrap())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut server = Server { child, port, prefix: prefix.to_owned() };
        let tls = more.iter().any(|it| it.contains("--ssl-"));
        for _ in 0..1200 {
            let ready = if tls {
                TcpStream::connect(("127.0.0.1", port)).is_ok()
            } else {
                server.ask("GET", "health", "").is_some_and(|it| it.contains("200 OK"))
            };
            if ready {
                return server;
            }
            assert!(server.child.try_wait().unwrap().is_none(), "the server ended");
            std::thread::park_timeout(Duration::from_millis(100));
        }
        panic!("the server is not ready");
    }

    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let head = format!(
            "{method} {}/{path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.prefix,
            self.port,
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    /// Changes something there; what was answered.
    pub(crate) fn change(&self, method: &str, path: &str, body: &str) -> String {
        let answer = self.ask(method, &format!("api/{path}"), body).unwrap();
        assert!(answer.contains(" 200 OK"), "{path}: {answer}");
        answer
    }

    /// Ends it as a crash would.
    pub(crate) fn kill(&mut self) {
        // Its worker is a process of its own, in its group.
        let group = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process_group(group, rustix::process::Signal::KILL).unwrap_or_default();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Stands before a server, and holds back questions of one sort until it is told to let them pass.
pub(crate) struct Relay {
    pub(crate) port: u16,
    /// Questions that are held back.
    held: Arc<(Mutex<usize>, Condvar)>,
    passes: Arc<AtomicBool>,
}

impl Relay {
    pub(crate) fn before(port: u16, sort: &'static str) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = listener.local_addr().unwrap().port();
        let held = Arc::new((Mutex::new(0), Condvar::new()));
        let passes = Arc::new(AtomicBool::new(false));
        let (holds, lets) = (Arc::clone(&held), Arc::clone(&passes));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), Ok(server)) = (client, TcpStream::connect(("127.0.0.1", port))) else { continue };
                let (mut back, mut out) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                std::thread::spawn(move || {
                    drop(std::io::copy(&mut back, &mut out));
                    drop(out.shutdown(Shutdown::Both));
                });
                let (holds, lets) = (Arc::clone(&holds), Arc::clone(&lets));
                std::thread::spawn(move || forward(client, server, sort, &holds, &lets));
            }
        });
        Relay { port: own, held, passes }
    }

    /// Hands everything on from here.
    pub(crate) fn pass(&self) {
        self.passes.store(true, Ordering::Relaxed);
    }

    /// Waits until a question is held back.
    pub(crate) fn until_held(&self) {
        let (count, told) = &*self.held;
        let mut count = count.lock().unwrap();
        while *count == 0 {
            count = told.wait(count).unwrap();
        }
    }
}

fn forward(
    mut client: TcpStream,
    mut server: TcpStream,
    sort: &str,
    held: &(Mutex<usize>, Condvar),
    passes: &AtomicBool,
) {
    let mut piece = [0; 64 * 1024];
    while let Ok(got) = client.read(&mut piece) {
        let text = String::from_utf8_lossy(&piece[..got]);
        if text.lines().next().is_some_and(|line| line.contains(sort)) && !passes.load(Ordering::Relaxed) {
            *held.0.lock().unwrap() += 1;
            held.1.notify_all();
            // Ends when the client hangs up.
            while client.read(&mut piece).is_ok_and(|got| got > 0) {}
            break;
        }
        if got == 0 || server.write_all(&piece[..got]).is_err() {
            break;
        }
    }
    drop(server.shutdown(Shutdown::Both));
}

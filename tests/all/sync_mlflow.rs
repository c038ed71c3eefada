//! A real MLflow server, below a path of its own: everything arrives that its database holds, a second look finds
//! nothing new in a few requests, and what moves or is deleted between two looks becomes history.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use crate::support::{Workspace, skipped};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(python: &str, database: &Path) -> Server {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(python)
            .args(["-m", "mlflow", "server", "--host", "127.0.0.1", "--workers", "1", "--static-prefix", "/ml"])
            .args(["--port", &port.to_string(), "--backend-store-uri", &format!("sqlite:///{}", database.display())])
            .env("MLFLOW_DISABLE_TELEMETRY", "true")
            .env("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")
            .env("PATH", Path::new(python).parent().unwrap())
            .current_dir(database.parent().unwrap())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut server = Server { child, port };
        for _ in 0..1200 {
            if server.ask("GET", "health", "").is_some_and(|it| it.contains("200 OK")) {
                return server;
            }
            assert!(server.child.try_wait().unwrap().is_none(), "the server ended");
            std::thread::park_timeout(Duration::from_millis(100));
        }
        panic!("the server is not ready");
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let head = format!(
            "{method} /ml/{path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    fn change(&self, method: &str, path: &str, body: &str) {
        let answer = self.ask(method, &format!("api/2.0/mlflow/{path}"), body).unwrap();
        assert!(answer.contains("200 OK"), "{path}: {answer}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its worker is a process of its own, in its group.
        let group = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process_group(group, rustix::process::Signal::KILL).unwrap_or_default();
        self.child.wait().unwrap();
    }
}

fn ids(work: &Workspace) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for kind in ["run", "model", "model-version", "prompt", "dataset", "deployment", "experiment", "step", "agent"] {
        let said = work.run(&["find", "--json", "--limit", "10000", &format!("kind:{kind}")]).json();
        found.extend(said["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
    }
    found
}

/// A sync at that minute of the hour.
fn sync(work: &Workspace, minute: u32) -> Value {
    let mut command = work.command();
    command.args(["sync", "live", "--json"]).env("LASTGOOD_CLOCK", format!("2026-11-19T02:{minute:02}:00Z"));
    let said = crate::support::said(command.output().unwrap());
    assert_eq!(said.exit, Some(0), "{said:?}");
    said.json()
}

/// What stands directly around an artefact.
fn around(work: &Workspace, id: &str) -> BTreeSet<String> {
    let rows = work.run(&["tree", id, "--depth", "1", "--json"]).answered().json()["rows"].clone();
    rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

/// One version, its run and that run's datasets, of a server of which nothing was pulled: what `whole` says of them.
fn one_version_by_itself(url: &str, whole: &Workspace) {
    let work = Workspace::new();
    work.run(&["source", "add", "live", url]).answered();
    let looked = work.run(&["sync", "--around", "models:/fraud-scorer/2", "--json"]).answered().json();
    assert!(looked["records"].as_u64() >= Some(3) && looked["requests"].as_u64() <= Some(60), "{looked}");
    assert_eq!((looked["around"].as_str(), looked["failed"].as_array().map(Vec::len)), (Some("models:/fraud-scorer/2"), Some(0)));
    let found = work.run(&["show", "models:/fraud-scorer/2", "--json"]).answered().json();
    let version = found["rows"][0]["id"].as_str().unwrap();
    let stands = around(&work, version);
    assert_eq!(stands, around(whole, version));
    let run = stands.iter().find(|id| id.starts_with("run:mlflow/")).unwrap_or_else(|| panic!("{stands:?}"));
    assert_eq!(around(&work, run), around(whole, run));
    // the sync that follows finds it as it was, and goes on to the rest
    let synced = sync(&work, 5);
    assert_eq!((synced["changed"].as_u64(), synced["gone"].as_u64()), (Some(0), Some(0)), "{synced}");
    assert!(synced["unchanged"].as_u64() >= looked["records"].as_u64().map(|it| it - 1), "{synced}");
    assert_eq!(ids(&work), ids(whole));
}

#[test]
fn a_server_arrives_whole_and_what_moves_becomes_history() {
    let Some(python) = std::env::var("LASTGOOD_MLFLOW_3").ok().filter(|it| Path::new(it).exists()) else {
        return skipped("a live MLflow server", "LASTGOOD_MLFLOW_3 names no interpreter that has it");
    };
    let from_file = Workspace::new();
    let database = from_file.path().join("mlflow.db");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mlflow/seed.py");
    let uri = format!("sqlite:///{}", database.display());
    let seeded = Command::new(&python).arg(script).arg(uri).current_dir(from_file.path()).output().unwrap();
    let told = String::from_utf8_lossy(&seeded.stdout).into_owned();
    let seed: Value = serde_json::from_str(told.lines().last().unwrap_or_default())
        .unwrap_or_else(|error| panic!("{error}: {seeded:?}"));
    from_file.run(&["import", &database.display().to_string()]).answered();
    let server = Server::start(&python, &database);
    let work = Workspace::new();
    let url = format!("http://127.0.0.1:{}/ml", server.port);
    let added = work.run(&["source", "add", "live", &url]).answered();
    assert!(added.out.contains("MLflow 3."), "{added:?}");
    let first = sync(&work, 10);
    assert_eq!((first["complete"].as_bool(), first["quarantined_count"].as_u64()), (Some(true), Some(0)), "{first}");
    // A deleted version stands in the database alone, and so do the whole request and response of a trace.
    let there = ids(&work);
    let apart = |id: &str| {
        id.ends_with("/fraud-scorer@3")
            || id.starts_with("step:") && (id.ends_with("/prompt") || id.ends_with("/output"))
    };
    let missing: Vec<String> = ids(&from_file).into_iter().filter(|id| !there.contains(id) && !apart(id)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    one_version_by_itself(&url, &work);
    let again = sync(&work, 20);
    assert!(again["requests"].as_u64().unwrap() <= 10, "{again}");
    assert_eq!((again["records"].as_u64(), again["changed"].as_u64()), (Some(0), Some(0)), "{again}");

    let moved = r#"{"name":"fraud-scorer","alias":"champion","version":"1"}"#;
    server.change("POST", "registered-models/alias", moved);
    let run = seed["run"].as_str().unwrap();
    server.change("POST", "runs/delete", &format!("{{\"run_id\":\"{run}\"}}"));
    let third = sync(&work, 30);
    assert_eq!(third["changed"].as_u64(), Some(2), "{third}");
    let found = work.run(&["find", "--json", "kind:deployment champion"]).answered().json();
    let alias = found["rows"][0]["id"].as_str().unwrap().to_owned();
    let tree = |work: &Workspace| work.run(&["tree", "--depth", "1", &alias]).answered().out;
    let now = tree(&work);
    assert!(now.contains("fraud-scorer@1  (since") && now.contains("fraud-scorer@2  (until"), "{now}");
    assert!(work.run(&["show", &format!("run:mlflow/{run}")]).answered().out.contains("deleted"));

    // Back again: each time it pointed there is a link of its own.
    server.change("POST", "registered-models/alias", &moved.replace("\"1\"", "\"2\""));
    assert_eq!(sync(&work, 40)["changed"].as_u64(), Some(1));
    work.run(&["rebuild"]).answered();
    let then = tree(&work);
    let of_two = then.lines().filter(|line| line.contains("fraud-scorer@2")).count();
    assert!(of_two == 2 || then.contains("fraud-scorer@2  (since"), "{then}");
    assert!(then.lines().any(|line| line.contains("fraud-scorer@1  (since") && line.contains("until")), "{then}");

    drop(server);
    let dead = work.run(&["sync", "live", "--json"]);
    assert_eq!(dead.exit, Some(5), "{dead:?}");
    let listed = work.run(&["source", "list", "--json"]).answered().json();
    assert_eq!(listed["rows"][0]["state"], "failed", "{listed}");
}

//! An import killed at any moment is finished by running it again: nothing lost, nothing doubled,
//! the same root as without the kill.

use crate::support::Workspace;
use std::io::Read as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

const LINES: usize = 60_000;

fn lines() -> String {
    let mut out = String::new();
    for n in 0..LINES / 3 {
        let day = n % 28 + 1;
        out.push_str(&format!(
            "{{\"type\":\"artefact\",\"id\":\"dataset:lake/t{n}@1\",\"kind\":\"dataset\",\"at\":\"2026-10-{day:02}T00:00:00Z\"}}\n\
             {{\"type\":\"artefact\",\"id\":\"run:r{n}\",\"kind\":\"run\"}}\n\
             {{\"type\":\"link\",\"from\":\"run:r{n}\",\"to\":\"dataset:lake/t{n}@1\",\"relation\":\"used\",\"since\":\"2026-10-{day:02}T01:00:00Z\"}}\n"
        ));
    }
    out
}

struct Outcome {
    root: String,
    artefacts: u64,
    records: u64,
}

fn outcome(workspace: &Workspace) -> Outcome {
    let stats = workspace.run(&["--json", "stats"]).answered().json();
    Outcome {
        root: stats["root"].as_str().unwrap().to_owned(),
        artefacts: stats["artefacts"].as_u64().unwrap(),
        records: stats["records"].as_u64().unwrap(),
    }
}

/// A workspace with the keys of `like`, so that salts are equal and roots can be compared.
fn twin(like: &Workspace) -> Workspace {
    let twin = Workspace::new();
    let keys = |workspace: &Workspace| workspace.path().join("home/.config/lastgood/keys");
    std::fs::create_dir_all(keys(&twin)).unwrap();
    std::fs::copy(keys(like).join("pepper"), keys(&twin).join("pepper")).unwrap();
    twin
}

/// Waits until the process has written something to the ledger's log, then for `delay` more, then
/// kills it. Says whether the kill came before the end.
fn kill_during_import(workspace: &Workspace, file: &str, delay: Duration) -> bool {
    let mut child = workspace
        .command()
        .args(["import", "-q", file])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + delay;
    let ended = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if Instant::now() >= deadline {
            break None;
        }
        std::thread::yield_now();
    };
    let killed = ended.is_none();
    if killed {
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert!(killed || status.success(), "{err}");
    killed
}

fn kills(times: u32) {
    let whole = Workspace::new();
    let text = lines();
    let file = whole.file("history.lineage.jsonl", &text);
    let file = file.to_str().unwrap();
    let started = Instant::now();
    whole.run(&["import", "-q", file]).answered();
    // How long an import takes drifts with the machine: the span follows what is seen.
    let mut span = started.elapsed();
    let expected = outcome(&whole);
    let (mut killed, mut tried) = (0, 0);
    let mut seed = 0x2026_1119_u64;
    while killed < times {
        assert!(tried < times * 5, "only {killed} of {tried} kills came in time: the test would prove nothing");
        let workspace = twin(&whole);
        for _ in 0..2 {
            tried += 1;
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let delay = span.mul_f64((seed >> 40) as f64 / f64::from(1 << 24));
            let in_time = kill_during_import(&workspace, file, delay);
            span = span.mul_f64(if in_time { 1.05 } else { 0.9 });
            killed += u32::from(in_time);
        }
        workspace.run(&["import", "-q", file]).answered();
        let resumed = outcome(&workspace);
        assert_eq!(resumed.root, expected.root, "seed {seed}");
        assert_eq!((resumed.artefacts, resumed.records), (expected.artefacts, expected.records));
        let verified = workspace.run(&["--json", "verify"]).answered().json();
        assert_eq!(verified["verdict"], "unanchored", "{verified}");
    }
    println!("{killed} kills, each resumed to the same root");
}

#[test]
fn a_killed_import_resumes_to_the_same_root() {
    kills(6);
}

#[test]
#[ignore = "slow: run by .ci/run in the release build"]
fn three_hundred_killed_imports_resume_to_the_same_root() {
    kills(300);
}

#[test]
fn an_import_that_is_stopped_by_a_signal_says_what_it_kept() {
    use std::io::Write as _;
    for (signal, code) in [(rustix::process::Signal::INT, 130), (rustix::process::Signal::TERM, 143)] {
        let workspace = Workspace::new();
        workspace.import("{\"type\":\"artefact\",\"id\":\"dataset:first\",\"kind\":\"dataset\"}\n");
        let mut child = workspace
            .command()
            .args(["import", "-", "--source", "endless"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // more than one batch, and the input never ends
        let mut input = child.stdin.take().unwrap();
        let text = lines();
        for round in 0..3 {
            input
                .write_all(
                    text.replace("lake/", &format!("lake{round}/"))
                        .replace("run:r", &format!("run:r{round}-"))
                        .as_bytes(),
                )
                .unwrap();
        }
        input.flush().unwrap();
        let deadline = Instant::now() + Duration::from_secs(120);
        let count = || {
            let reader = rusqlite::Connection::open(workspace.ledger()).unwrap();
            reader.query_row("SELECT records FROM head", [], |row| row.get::<_, i64>(0)).unwrap()
        };
        while count() < 2 {
            assert!(Instant::now() < deadline, "no batch was committed");
            std::thread::yield_now();
        }
        rustix::process::kill_process(rustix::process::Pid::from_child(&child), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        drop(input);
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{err}");
        assert!(err.contains("records were added and are kept"), "{err}");
        assert_eq!(workspace.run(&["--json", "verify"]).answered().json()["verdict"], "unanchored");
    }
}

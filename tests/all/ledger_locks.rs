//! A ledger that is open in one process while another looks at it and goes away: what is appended afterwards must not go
//! into a log that was deleted. Whoever closes a descriptor of the file in passing loses the lock that prevents it; the
//! SQLite that is built in notices, older ones do not, so that the lock itself is looked for.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use crate::support::receiver::Receiver;
use crate::support::{NOW, Workspace, json};
use lastgood::config::Home;
use lastgood::engine::{Clock, Engine, VerifyRequest};
use lastgood::model::Time;
use rusqlite::Connection;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// What any program that knows SQLite does.
fn look(ledger: &Path) -> u64 {
    let connection = Connection::open(ledger).unwrap();
    let count: i64 = connection.query_row("SELECT count(*) FROM record", [], |row| row.get(0)).unwrap();
    connection.close().unwrap();
    count.try_into().unwrap()
}

/// Whether that process holds the lock of whoever has the file open.
fn holds(process: u32, ledger: &Path) -> bool {
    let inode = format!(":{}", ledger.metadata().unwrap().ino());
    let locks = std::fs::read_to_string("/proc/locks").unwrap();
    let mut words = locks.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    words.any(|it| it[1] == "POSIX" && it[4] == process.to_string() && it[5].ends_with(&inode))
}

fn records(work: &Workspace) -> u64 {
    json(work, &["stats"])["records"].as_u64().unwrap()
}

fn line(n: u32) -> String {
    format!("{{\"type\":\"artefact\",\"id\":\"dataset:d@{n}\",\"kind\":\"dataset\"}}\n")
}

#[test]
fn what_a_receiver_answered_for_outlives_a_look_by_others_and_a_kill() {
    let work = Workspace::new();
    let receiver = Receiver::start(&work, &[]);
    let send = |n: u32| receiver.post("/records", &[("content-type", "application/x-ndjson")], line(n)).status;
    assert_eq!(send(1), 201);
    assert!(holds(receiver.process(), &work.ledger()));
    assert_eq!(look(&work.ledger()), 1);
    assert_eq!((send(2), send(3)), (201, 201));
    assert_eq!(look(&work.ledger()), 3, "others see what was answered for");
    work.run(&["mark", "dataset:d@1", "compromised", "--reason", "seen to be altered"]).answered();
    assert_eq!(send(4), 201);
    receiver.kill();
    assert_eq!(records(&work), 5);
    assert_eq!(work.run(&["verify"]).exit, Some(0));
}

#[test]
fn nothing_that_a_process_does_beside_its_ledger_costs_the_locks_on_it() {
    let work = Workspace::new();
    let home = Home::below(work.path());
    // the other process is of the same user
    for (ours, theirs) in [("config", ".config"), ("data", ".local/share"), ("state", ".local/state")] {
        let theirs = work.path().join("home").join(theirs);
        std::fs::create_dir_all(&theirs).unwrap();
        std::os::unix::fs::symlink(work.path().join(ours), theirs.join("lastgood")).unwrap();
    }
    let clock = || Clock::fixed(Time::parse_stated(NOW).unwrap().0);
    let ledger = work.ledger();
    let engine = Engine::open_or_create(&home, &ledger, clock()).unwrap();
    let add = |n: u32| {
        engine.ingest_bytes(Some("platform"), vec![("a.lineage.jsonl".to_owned(), line(n).into_bytes())]).unwrap()
    };
    add(1);
    // a second look of our own, a verification, and a walk over where the ledger lies
    let held = || holds(std::process::id(), &ledger);
    assert!(held());
    drop(Engine::open_or_create(&home, &ledger, clock()).unwrap());
    assert!(held(), "a second connection cost it");
    Engine::verify(&home, &ledger, &VerifyRequest::default()).unwrap();
    assert!(held(), "a verification cost it");
    let around =
        lastgood::connector::walk(&[ledger.parent().unwrap().to_owned()], &lastgood::connector::Limits::default());
    assert!(around.filter_map(Result::err).any(|it| it.why.contains("lastgood ledger")));
    assert!(held(), "a walk cost it");
    // another process writes and goes away: it must not take itself for the last one
    work.run(&["mark", "dataset:d@1", "compromised", "--reason", "seen to be altered"]).answered();
    add(2);
    assert_eq!(records(&work), 3, "it went into a log that was deleted");
    assert_eq!(work.run(&["verify"]).exit, Some(0));
}

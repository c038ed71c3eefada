//! A writer killed at any instant: what it acknowledged is there, nothing is there by half, and
//! the import run again ends at the same root.

use crate::ledger_fixture::*;
use lastgood::store::{Access, Ledger, Verdict};
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

const BATCH: u64 = 3;
const RECORDS: u64 = 60;

/// Appends everything in batches, and says so after each.
fn import(ledger: &mut Ledger, said: &mut dyn FnMut(u64)) {
    let all: Vec<_> = (1..=RECORDS).map(numbered).collect();
    for batch in all.chunks(BATCH as usize) {
        said(ledger.append(batch, &keys(), now()).unwrap().head.records);
    }
}

#[test]
#[ignore = "the half of the test below that is killed"]
fn importer() {
    let Ok(path) = env::var("LEDGER_KILL_PATH") else { return };
    let mut ledger = Ledger::open(path, Access::Write).unwrap();
    import(&mut ledger, &mut |records| {
        // Straight to the pipe: a line held back would look like work not acknowledged.
        let mut out = std::io::stdout().lock();
        writeln!(out, "acknowledged: {records}").and_then(|()| out.flush()).unwrap();
    });
}

#[test]
fn an_import_killed_and_run_again_ends_as_if_never_killed() {
    let whole = Small::new(0, 1);
    let mut ledger = whole.open(Access::Write);
    import(&mut ledger, &mut |_| ());
    let expected = ledger.head().unwrap();
    let mut kills = 0;
    for spare in 0..RECORDS / BATCH {
        let small = Small::new(0, 1);
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "ledger_kill::importer", "--ignored", "--nocapture", "--test-threads=1"])
            .env("LEDGER_KILL_PATH", &small.path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut acknowledged = 0;
        for line in lines {
            if let Some((_, records)) = line.split_once("acknowledged: ") {
                acknowledged = records.parse().unwrap();
            }
            if acknowledged >= spare * BATCH {
                break;
            }
        }
        // It goes on writing while we get here; where in a batch it is then is left to chance.
        child.kill().unwrap();
        kills += u64::from(!child.wait().unwrap().success());
        let verified = small.verify(&with_key());
        assert_eq!(verified.verdict, Verdict::Unanchored, "{:?}", verified.first_bad);
        assert!(verified.records >= acknowledged, "{acknowledged} acknowledged, {} there", verified.records);
        assert!(verified.records.is_multiple_of(BATCH), "half a batch: {}", verified.records);
        let mut ledger = small.open(Access::Write);
        import(&mut ledger, &mut |_| ());
        assert_eq!(ledger.head().unwrap(), expected);
        drop(ledger);
        assert_eq!(dump(&small.raw()).unwrap(), dump(&whole.raw()).unwrap());
    }
    println!("{kills} imports killed");
    assert!(kills > 5, "{kills}");
}

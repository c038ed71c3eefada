//! Single bits of a small ledger file turned over: none may change what it says unnoticed.

use crate::ledger_fixture::*;
use lastgood::store::{Access, Anchors, Keys, Ledger, Verdict, heads};
use rusqlite::OpenFlags;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const THREADS: u64 = 2;

fn plain_dump(path: &Path) -> rusqlite::Result<Vec<String>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    dump(&rusqlite::Connection::open_with_flags(path, flags)?)
}

struct Case {
    /// The file whose bits are turned, and what SQLite keeps beside it.
    files: Vec<PathBuf>,
    turned: usize,
    /// One bit in this many is turned.
    one_in: u64,
    anchors: Anchors,
    before: Vec<String>,
}

/// Turns one bit in so many, not always the same of its byte; verifies; turns it back.
fn turn_bits(case: Case) -> BTreeMap<String, u64> {
    let case = Arc::new(case);
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let case = Arc::clone(&case);
            std::thread::spawn(move || {
                let directory = tempfile::TempDir::new().unwrap();
                let copies: Vec<PathBuf> =
                    case.files.iter().map(|file| directory.path().join(file.file_name().unwrap())).collect();
                for (from, to) in case.files.iter().zip(&copies) {
                    fs::copy(from, to).unwrap();
                }
                let file = fs::OpenOptions::new().read(true).write(true).open(&copies[case.turned]).unwrap();
                let bits = file.metadata().unwrap().len() * 8;
                let mut counts: BTreeMap<String, u64> = BTreeMap::new();
                for step in (thread..bits / case.one_in).step_by(THREADS as usize) {
                    let bit = step * case.one_in + step * 7 % case.one_in;
                    let mut byte = [0];
                    file.read_exact_at(&mut byte, bit / 8).unwrap();
                    let turned = [byte[0] ^ (1 << (bit % 8))];
                    file.write_all_at(&turned, bit / 8).unwrap();
                    let word = match verify(&copies[0], &case.anchors) {
                        Err(_) => "refused",
                        Ok(verified) if verified.verdict == Verdict::Unanchored => {
                            let after = plain_dump(&copies[0]);
                            assert!(after.is_ok_and(|after| after == case.before), "bit {bit} changes it unnoticed");
                            "says the same"
                        }
                        Ok(verified) => verified.verdict.as_str(),
                    };
                    *counts.entry(word.to_owned()).or_default() += 1;
                    file.write_all_at(&byte, bit / 8).unwrap();
                }
                assert_eq!(verify(&copies[0], &case.anchors).unwrap().verdict, Verdict::Unanchored);
                counts
            })
        })
        .collect();
    let mut total = BTreeMap::new();
    for thread in threads {
        for (word, count) in thread.join().expect("a turned bit must never panic") {
            *total.entry(word).or_default() += count;
        }
    }
    total
}

/// The same ledger in the smallest pages that hold it well, so that fewer bits mean nothing.
fn packed_tight(small: &Small) {
    let batch = "PRAGMA journal_mode = DELETE; PRAGMA page_size = 1024; VACUUM; PRAGMA journal_mode = WAL;";
    let raw = small.raw();
    raw.execute_batch(batch).unwrap();
    raw.close().unwrap();
}

fn small_with_everything() -> Small {
    let small = Small::new(5, 3);
    packed_tight(&small);
    let mut ledger = small.open(Access::Write);
    let _ = ledger.redact(2, "person:me", "a name in it", now(), &keys()).unwrap();
    small
}

#[test]
fn no_bit_of_a_closed_ledger_changes_it_unnoticed() {
    let small = small_with_everything();
    let wal = small.directory.path().join("small.lastgood-wal");
    assert!(!wal.exists(), "closing folds the write-ahead log in");
    let before = plain_dump(&small.path).unwrap();
    assert!(before.len() > 40);
    let case = Case { files: vec![small.path.clone()], turned: 0, one_in: 16, anchors: with_key(), before };
    let counts = turn_bits(case);
    println!("closed ledger of {} bytes: {counts:?}", small.path.metadata().unwrap().len());
    assert!(counts["failed"] > 3_000, "{counts:?}");
    assert!(!counts.contains_key("anchored"));
}

#[test]
fn no_bit_of_a_write_ahead_log_changes_the_ledger_unnoticed() {
    let small = Small::new(2, 2);
    packed_tight(&small);
    let mut ledger = small.open(Access::Write);
    let append = |ledger: &mut Ledger, number, keys: &Keys| ledger.append(&[numbered(number)], keys, now()).unwrap();
    let _ = append(&mut ledger, 3, &keys());
    let note = append(&mut ledger, 4, &keys()).checkpoint_note;
    let head = small.directory.path().join("head");
    heads::keep(&head, &note).unwrap();
    // As a crash would leave it: the last two batches lie in the write-ahead log only.
    let wal = small.directory.path().join("small.lastgood-wal");
    assert!(wal.metadata().unwrap().len() > 8_000);
    let crashed = tempfile::TempDir::new().unwrap();
    let files: Vec<PathBuf> = [&small.path, &wal]
        .into_iter()
        .map(|file| {
            let to = crashed.path().join(file.file_name().unwrap());
            fs::copy(file, &to).unwrap();
            to
        })
        .collect();
    let anchors = Anchors { own: heads::load(&head).unwrap(), ..with_key() };
    let before = plain_dump(&files[0]).unwrap();
    assert!(before.iter().any(|line| line.starts_with("record|Integer(4)")), "the log is read");
    for (turned, one_in) in [(1, 16), (0, 16)] {
        let files = files.clone();
        let case = Case { files, turned, one_in, anchors: anchors.clone(), before: before.clone() };
        let counts = turn_bits(case);
        println!("ledger with a write-ahead log, bits of file {turned}: {counts:?}");
        assert!(turned == 0 || counts["rolled-back"] > 1_000, "{counts:?}");
    }
}

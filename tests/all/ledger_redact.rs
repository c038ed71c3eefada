//! Redaction: what was erased is nowhere left, and the log verifies as before.

use crate::ledger_fixture::*;
use lastgood::proof::digest::sha256;
use lastgood::store::{Access, Anchors, StoreError, Verdict};
use std::fs;
use std::path::Path;

/// Everything that lies beside and in the ledger, as bytes.
fn bytes_of(small: &Small) -> Vec<u8> {
    let mut all = fs::read(&small.path).unwrap();
    for suffix in ["-wal", "-shm"] {
        let beside = format!("{}{suffix}", small.path.display());
        if Path::new(&beside).exists() {
            all.extend(fs::read(beside).unwrap());
        }
    }
    all
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn a_redacted_record_is_gone_and_the_log_still_verifies() {
    let small = Small::new(5, 2);
    let mut ledger = small.open(Access::Write);
    // Random text does not pack, so its bytes would be seen.
    let noise: String = (0..400u32).map(|n| hex::encode(&sha256(&n.to_be_bytes())[..8])).collect();
    let text =
        format!("a dataset:jane-doe@{} dataset note={noise}\nm dataset:jane-doe@1 said too much\n", &noise[..40]);
    let personal = record_of(6, &text);
    let before = ledger.append(&[personal.clone(), numbered(7)], &keys(), now()).unwrap();
    let leaf = ledger.record(6).unwrap().unwrap().leaf();
    let raw = small.raw();
    let salt: Vec<u8> = raw.query_row("SELECT salt FROM content WHERE seq = 6", [], |row| row.get(0)).unwrap();
    drop(raw);
    let traces: [&[u8]; 5] = [b"jane-doe", b"said too much", &personal.packed[20..200], &salt, &personal.digest];
    for trace in traces {
        assert!(holds(&bytes_of(&small), trace), "{:?}", String::from_utf8_lossy(trace));
    }
    let erasure = ledger.redact(6, "person:dpo", "asked for by the person", now(), &keys()).unwrap();
    assert!(erasure.wal_emptied);
    assert_eq!((erasure.told_in, erasure.head.records, erasure.redaction.claims), (8, 8, 2));
    for trace in traces {
        assert!(!holds(&bytes_of(&small), trace), "{:?} is left", String::from_utf8_lossy(trace));
    }
    let record = ledger.record(6).unwrap().unwrap();
    assert_eq!((record.content.as_deref(), record.leaf()), (None, leaf));
    assert!(ledger.claims(&[20, 21]).unwrap().iter().all(|(_, record, _)| *record != 6));
    assert_eq!(ledger.redactions().unwrap(), std::slice::from_ref(&erasure.redaction));
    let told = ledger.record(8).unwrap().unwrap();
    assert!(String::from_utf8(told.content.unwrap()).unwrap().contains("asked for by the person"));
    // What was signed before still stands.
    let anchors = Anchors { others: vec![kept(&before.checkpoint_note, "ticket")], ..with_key() };
    let verified = small.verify(&anchors);
    assert_eq!((verified.verdict, verified.anchored_to, verified.checked.redactions), (Verdict::Anchored, 7, 1));
    // The same content does not come in again by the next import.
    let again = ledger.append(&[personal], &keys(), now()).unwrap();
    assert_eq!((again.added, again.already_known), (0, 1));
    // Numbers of claims stay what they were, also through a rebuild.
    let names: Vec<_> = [1, 22, 24].map(|id| ledger.claim_name(id).unwrap()).into();
    ledger.rebuild(&mut read).unwrap();
    assert_eq!([1, 22, 24].map(|id| ledger.claim_name(id).unwrap()).to_vec(), names);
    assert_eq!(small.verify(&anchors).verdict, Verdict::Anchored);
    let later = ledger.append(&[numbered(9)], &keys(), now()).unwrap();
    assert_eq!(later.head.records, 9);
    assert_eq!(small.verify(&anchors).verdict, Verdict::Anchored);
}

#[test]
fn what_cannot_be_redacted_says_why() {
    let small = Small::new(2, 2);
    let mut ledger = small.open(Access::Write);
    let mut redact = |seq| ledger.redact(seq, "me", "x", now(), &keys());
    assert!(matches!(redact(9), Err(StoreError::NoRecord { seq: 9, .. })));
    let _ = redact(1).unwrap();
    assert!(matches!(redact(1), Err(StoreError::NotRedactable { .. })));
    assert!(matches!(redact(3), Err(StoreError::NotRedactable { .. })), "what tells of it stays");
    assert_eq!(small.verify(&with_key()).verdict, Verdict::Unanchored);
}

#[test]
fn a_redaction_that_the_log_does_not_tell_of_fails() {
    let small = Small::new(4, 4);
    let mut ledger = small.open(Access::Write);
    let _ = ledger.redact(2, "person:me", "honest", now(), &keys()).unwrap();
    drop(ledger);
    for edit in [
        "UPDATE redaction SET why = 'other'",
        "UPDATE redaction SET \"by\" = 'person:you'",
        "UPDATE redaction SET at = at + 1",
        "UPDATE redaction SET claims = claims + 1",
        "UPDATE redaction SET claims = 9223372036854775807",
        "UPDATE redaction SET erased = zeroblob(32)",
        "UPDATE redaction SET told_in = 4",
        "DELETE FROM redaction",
        "INSERT INTO content SELECT 2, zeroblob(32), salt, size, encoding, bytes FROM content WHERE seq = 1",
        "UPDATE redaction SET record = 3",
        "DELETE FROM content WHERE seq = 5",
    ] {
        let path = small.directory.path().join("edited");
        fs::copy(&small.path, &path).unwrap();
        let connection = raw(&path);
        forge(&connection, |connection| connection.execute_batch(edit).unwrap());
        connection.close().unwrap();
        let verified = verify(&path, &with_key()).unwrap();
        assert_eq!(verified.verdict, Verdict::Failed, "{edit}");
    }
}

#[test]
fn of_many_redacted_records_no_digest_is_left_to_guess_against() {
    let small = Small::new(600, 50);
    let digests: Vec<[u8; 32]> = (1..=600).map(|number| numbered(number).digest).collect();
    let mut ledger = small.open(Access::Write);
    let gone: Vec<u64> = (1..=600).filter(|number| number % 37 == 5).collect();
    for number in &gone {
        let _ = ledger.redact(*number, "person:me", "many", now(), &keys()).unwrap();
    }
    let all = bytes_of(&small);
    let left: Vec<&u64> = gone.iter().filter(|number| holds(&all, &digests[**number as usize - 1])).collect();
    assert!(left.is_empty(), "digests of {left:?} are left");
    assert!(holds(&all, &digests[0]));
    assert_eq!(small.verify(&with_key()).verdict, Verdict::Unanchored);
}

#[test]
fn while_somebody_reads_the_write_ahead_log_is_said_not_to_be_empty() {
    let small = Small::new(3, 1);
    let reader = small.raw();
    reader.execute_batch("BEGIN; SELECT count(*) FROM record").unwrap();
    let mut ledger = small.open(Access::Write);
    ledger.wait_for_writer(std::time::Duration::from_millis(1)).unwrap();
    let erasure = ledger.redact(1, "me", "x", now(), &keys()).unwrap();
    assert!(!erasure.wal_emptied);
}

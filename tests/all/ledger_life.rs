//! A ledger's ordinary life: made, appended to, read, rebuilt, by one process and by several.

use crate::ledger_fixture::*;
use lastgood::model::{Statement, Time};
use lastgood::store::{Access, Ledger, Quarantined, StoreError, Verdict, heads};
use std::ops::ControlFlow;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

fn all_claims(ledger: &Ledger) -> Vec<String> {
    let mut found = Vec::new();
    ledger
        .claims_since(0, &mut |claim| {
            found.push(format!("{claim:?}"));
            ControlFlow::Continue(())
        })
        .unwrap();
    found
}

#[test]
fn what_was_appended_reads_back() {
    let small = Small::new(9, 4);
    let ledger = small.open(Access::Read);
    let head = ledger.head().unwrap();
    assert_eq!((head.records, head.claims), (9, 9 * 3 + 2 * 3));
    assert_eq!(ledger.origin(), ORIGIN);
    let record = ledger.record(4).unwrap().unwrap();
    let (new, leaf) = (numbered(4), record.leaf());
    assert_eq!(record.content.as_ref(), Some(&new.content));
    assert_eq!((record.file, record.offset, record.line), (new.file, new.offset, new.line));
    assert_eq!((record.received_at, record.observed_at), (now(), new.observed_at));
    assert_eq!(ledger.record(10).unwrap(), None);
    assert_eq!(ledger.record(u64::MAX).unwrap(), None);
    assert!(ledger.knows(&new.digest).unwrap());
    assert!(!ledger.knows(&[0; 32]).unwrap());
    let mut seen = Vec::new();
    ledger
        .records(3, &mut |record| {
            seen.push(record.seq);
            if record.seq == 5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    assert_eq!(seen, [3, 4, 5]);
    let sources = ledger.sources().unwrap();
    assert_eq!(
        sources.iter().map(|s| (s.name.as_str(), s.records)).collect::<Vec<_>>(),
        [("file:a.txt", 6), ("file:b.txt", 3)]
    );
    let leaves = ledger.leaves().unwrap();
    assert_eq!((leaves.len(), leaves[3]), (9, leaf));
    assert_eq!(lastgood::proof::merkle::root(&leaves), head.root);
    let mode = small.path.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn claims_are_found_by_number_name_and_type() {
    let small = Small::new(8, 3);
    let ledger = small.open(Access::Read);
    let claims = ledger.claims(&[14, 1, 999]).unwrap();
    assert_eq!(claims.iter().map(|(id, record, _)| (*id, *record)).collect::<Vec<_>>(), [(14, 4), (1, 1)]);
    assert_eq!(claims[1].2, numbered(1).claims[0]);
    assert_eq!(ledger.claim_name(14).unwrap(), Some((4, 5)));
    assert_eq!(ledger.claim_named(4, 5).unwrap(), Some(14));
    assert_eq!(ledger.claim_named(4, 7).unwrap(), None);
    assert_eq!(ledger.claim_named(4, 0).unwrap(), None);
    assert_eq!(ledger.claim_name(999).unwrap(), None);
    let said = ledger.sayings().unwrap();
    assert_eq!(
        said.iter().map(|(id, record, s)| (*id, *record, s.word())).collect::<Vec<_>>(),
        [(13, 4, "mark"), (14, 4, "note"), (15, 4, "retract"), (28, 8, "mark"), (29, 8, "note"), (30, 8, "retract"),]
    );
    let marks = ledger.marks().unwrap();
    assert!(marks.iter().all(|(.., it)| it.word() != "note") && marks.len() == 4, "marks and retractions only");
    assert!(matches!(&marks[0].2, Statement::Mark(mark) if mark.reason == "leaked in 4"));
    let mut since = 0;
    ledger
        .claims_since(25, &mut |claim| {
            assert!(claim.id > 25);
            since += 1;
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(since, 5);
}

#[test]
fn importing_twice_adds_nothing_and_an_interrupted_import_ends_at_the_same_root() {
    let whole = Small::new(9, 9);
    let parts = Small::new(5, 2);
    let mut ledger = parts.open(Access::Write);
    let all: Vec<_> = (1..=9).map(numbered).collect();
    let appended = ledger.append(&all, &keys(), now()).unwrap();
    assert_eq!((appended.added(), appended.already_known()), (4, 5));
    assert_eq!(appended.head, whole.open(Access::Read).head().unwrap());
    let again = ledger.append(&all, &keys(), now()).unwrap();
    assert_eq!((again.added(), again.already_known()), (0, 9));
    assert_eq!((again.head, again.checkpoint_note), (appended.head, appended.checkpoint_note));
    let doubled = ledger.append(&[numbered(20), numbered(20)], &keys(), now()).unwrap();
    assert_eq!((doubled.added(), doubled.already_known()), (1, 1));
    assert_eq!(parts.verify(&with_key()).verdict, Verdict::Unanchored);
}

#[test]
fn a_rebuild_gives_the_same_claims() {
    let small = Small::new(9, 4);
    let before = dump(&small.raw()).unwrap();
    let mut ledger = small.open(Access::Write);
    let rebuilt = ledger.rebuild(&mut read).unwrap();
    assert_eq!((rebuilt.records, rebuilt.claims), (9, 33));
    drop(ledger);
    assert_eq!(dump(&small.raw()).unwrap(), before);
    assert_eq!(small.verify(&with_key()).verdict, Verdict::Unanchored);
    assert!(small.raw().execute("DELETE FROM claim", []).is_err(), "the triggers are back");
    // With another reading, there are other claims, the log is as it was, and verify takes the same reading.
    let mut ledger = small.open(Access::Write);
    ledger.rebuild(&mut |record| read(record).into_iter().take(1).collect()).unwrap();
    assert_eq!(all_claims(&ledger).len(), 9);
    let verified = ledger
        .verify(&with_key(), &mut |record| read(record).into_iter().take(1).collect(), &mut |_, _| {
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(verified.verdict, Verdict::Unanchored);
    let verified = small.verify(&with_key());
    assert_eq!((verified.verdict, verified.first_bad.unwrap().record), (Verdict::Failed, Some(1)));
}

#[test]
fn readers_go_on_while_one_writes_and_a_second_writer_is_told() {
    let small = Small::new(3, 3);
    let reader = small.open(Access::Read);
    let writing = small.raw();
    writing.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(reader.head().unwrap().records, 3);
    assert_eq!(all_claims(&reader).len(), 9);
    let mut second = small.open(Access::Write);
    second.wait_for_writer(Duration::from_millis(1)).unwrap();
    let refused = second.append(&[numbered(4)], &keys(), now()).unwrap_err();
    assert!(matches!(refused, StoreError::Busy { .. }), "{refused}");
    assert!(refused.to_string().contains("small.lastgood"));
    writing.execute_batch("ROLLBACK").unwrap();
    let _ = second.append(&[numbered(4)], &keys(), now()).unwrap();
    assert_eq!(reader.head().unwrap().records, 4);
    assert!(matches!(small.open(Access::Read).rebuild(&mut read).unwrap_err(), StoreError::ReadOnly { .. }));
}

#[test]
fn two_writers_take_turns() {
    let small = Small::new(1, 1);
    let threads: Vec<_> = (0..2u64)
        .map(|which| {
            let path = small.path.clone();
            std::thread::spawn(move || {
                let mut ledger = Ledger::open(path, Access::Write).unwrap();
                for number in 0..10 {
                    let _ = ledger.append(&[numbered(100 + which * 100 + number)], &keys(), now()).unwrap();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let verified = small.verify(&with_key());
    assert_eq!((verified.verdict, verified.records), (Verdict::Unanchored, 21));
}

#[test]
fn keys_of_another_ledger_and_reserved_formats_are_refused() {
    let small = Small::new(2, 2);
    let mut ledger = small.open(Access::Write);
    let mut other = keys();
    other.signing = lastgood::proof::checkpoint::SigningKey::from_seed("lastgood/other", &[1; 32]).unwrap();
    assert!(matches!(ledger.append(&[numbered(3)], &other, now()), Err(StoreError::OtherKey { .. })));
    // The right name and another seed: the last checkpoint is not by this key.
    other.signing = keys_of(2).signing;
    assert!(matches!(ledger.append(&[numbered(3)], &other, now()), Err(StoreError::Damaged { .. })));
    other = keys();
    other.pepper = keys_of(2).pepper;
    assert!(matches!(ledger.append(&[numbered(3)], &other, now()), Err(StoreError::OtherPepper { .. })));
    let mut reserved = numbered(3);
    reserved.format = "lastgood-redaction".to_owned();
    assert!(matches!(ledger.append(&[reserved], &keys(), now()), Err(StoreError::ReservedFormat { .. })));
    assert_eq!(ledger.head().unwrap().records, 2);
}

#[test]
fn what_does_not_read_back_is_not_signed() {
    let small = Small::new(2, 2);
    let mut ledger = small.open(Access::Write);
    let mut wrong_digest = numbered(4);
    wrong_digest.digest[0] ^= 1;
    let mut wrong_packing = numbered(4);
    wrong_packing.packed = numbered(5).packed;
    for bad in [wrong_digest, wrong_packing] {
        let refused = ledger.append(&[numbered(3), bad], &keys(), now()).unwrap_err();
        assert!(matches!(&refused, StoreError::ReadBack { file, line: 28, .. } if file == "in/4.txt"), "{refused}");
    }
    assert_eq!(ledger.head().unwrap().records, 2);
    assert_eq!(small.verify(&with_key()).verdict, Verdict::Unanchored);
}

#[test]
fn every_edit_is_refused_by_the_database_itself() {
    let small = Small::new(4, 4);
    let mut ledger = small.open(Access::Write);
    let _ = ledger.redact(2, "person:me", "test", now(), &keys()).unwrap();
    drop(ledger);
    let raw = small.raw();
    raw.execute_batch("PRAGMA recursive_triggers = ON").unwrap();
    let before = dump(&raw).unwrap();
    let tables = ["ledger", "source", "record", "content", "redaction", "checkpoint", "reading", "claim"];
    for table in tables {
        let column: String =
            raw.query_row("SELECT name FROM pragma_table_info(?) LIMIT 1 OFFSET 1", [table], |row| row.get(0)).unwrap();
        for edit in [
            format!("UPDATE {table} SET \"{column}\" = \"{column}\""),
            format!("DELETE FROM {table}"),
            format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}"),
            format!("UPDATE OR IGNORE {table} SET \"{column}\" = NULL"),
        ] {
            let refused = raw.execute(&edit, []).unwrap_err().to_string();
            assert!(
                refused.contains("append-only")
                    || refused.contains("rebuilt")
                    || refused.contains("erased")
                    || refused.contains("gaps"),
                "{edit}: {refused}"
            );
        }
    }
    assert!(raw.execute("DELETE FROM head", []).is_err());
    assert!(raw.execute("UPDATE head SET records = 0", []).is_err());
    assert_eq!(dump(&raw).unwrap(), before);
}

#[test]
fn quarantine_notes_each_unit_once() {
    let small = Small::new(1, 1);
    let mut ledger = small.open(Access::Write);
    let unit = Quarantined {
        source: "s".to_owned(),
        file: "f.jsonl".to_owned(),
        offset: 10,
        line: 2,
        reason: "not JSON at column 3".to_owned(),
        excerpt: Quarantined::excerpt_of(&[b"\x1b[31m\xff\n".as_slice(), &[b'a'; 400]].concat()),
        sha256: [1; 32],
        at: Time::from_seconds(5),
    };
    assert!(unit.excerpt.starts_with("\\x1b[31m\\xff\\naaa"));
    assert!(unit.excerpt.len() < 300);
    assert_eq!(ledger.quarantine(&[unit.clone(), unit.clone()]).unwrap(), 1);
    let later = Quarantined { at: Time::from_seconds(6), ..unit.clone() };
    let other = Quarantined { offset: 11, ..unit.clone() };
    assert_eq!(ledger.quarantine(&[later, other.clone()]).unwrap(), 1);
    assert_eq!(ledger.quarantined().unwrap(), [unit, other]);
    assert_eq!(small.verify(&with_key()).verdict, Verdict::Unanchored);
}

#[test]
fn a_kept_head_is_private_whole_and_never_put_back() {
    let small = Small::new(3, 1);
    let head = small.directory.path().join("heads").join("small");
    assert!(heads::keep(&head, &small.notes[1]).is_err(), "the directory is the caller's to make");
    std::fs::create_dir(head.parent().unwrap()).unwrap();
    assert_eq!(heads::load(&head).unwrap(), None);
    heads::keep(&head, &small.notes[2]).unwrap();
    assert_eq!(head.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    heads::keep(&head, &small.notes[1]).unwrap();
    assert_eq!(heads::load(&head).unwrap().unwrap().note, small.notes[2]);
    heads::keep(&head, &small.notes[3]).unwrap();
    assert_eq!(heads::load(&head).unwrap().unwrap().note, small.notes[3]);
    assert_eq!(std::fs::read_dir(head.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
    Ledger::open_held(&small.path, &head, &keys().signing.verifier()).unwrap();
    std::fs::write(&head, "garbage").unwrap();
    let refused = Ledger::open_held(&small.path, &head, &keys().signing.verifier()).unwrap_err();
    assert!(matches!(refused, StoreError::Kept { .. }), "{refused}");
}

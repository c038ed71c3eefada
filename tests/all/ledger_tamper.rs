//! Somebody edits the file: which verdict each edit gets, and which record is named first.

use crate::ledger_fixture::*;
use lastgood::proof::checkpoint::Checkpoint;
use lastgood::proof::digest::{sha256, sha256_of};
use lastgood::proof::merkle::{self, Frontier};
use lastgood::store::{Access, Anchors, Ledger, Record, StoreError, Verdict, Verified, heads};
use rusqlite::{Connection, params};
use std::fs;
use std::path::PathBuf;

const RECORDS: u64 = 12;

/// A copy of `small` after `edit` by somebody who lifts the triggers, and what verify says of it.
fn edited(small: &Small, anchors: &Anchors, edit: impl FnOnce(&Connection)) -> Verified {
    let path = small.directory.path().join("edited.lastgood");
    fs::copy(&small.path, &path).unwrap();
    let connection = raw(&path);
    forge(&connection, edit);
    connection.close().unwrap();
    let verified = verify(&path, anchors).unwrap();
    fs::remove_file(&path).unwrap();
    verified
}

/// What somebody without the key can make consistent again: leaf columns and the head row.
fn recompute(connection: &Connection, path: &PathBuf) {
    let ledger = Ledger::open(path, Access::Read).unwrap();
    let mut frontier = Frontier::new();
    let mut leaves = Vec::new();
    let mut seqs: Vec<i64> = Vec::new();
    let mut statement = connection.prepare("SELECT seq FROM record ORDER BY seq").unwrap();
    seqs.extend(statement.query_map([], |row| row.get::<_, i64>(0)).unwrap().map(Result::unwrap));
    for seq in seqs {
        let record: Record = ledger.record(seq as u64).unwrap().unwrap();
        frontier.push(record.leaf());
        leaves.push((seq, record.leaf()));
    }
    for (seq, leaf) in &leaves {
        connection.execute("UPDATE record SET leaf = ? WHERE seq = ?", params![leaf, seq]).unwrap();
    }
    connection
        .execute(
            "UPDATE head SET records = ?, frontier = ?",
            params![leaves.len() as i64, frontier.hashes().as_flattened()],
        )
        .unwrap();
}

/// Signs every checkpoint anew over what the file now says.
fn resign(connection: &Connection, keys: &lastgood::store::Keys) {
    let mut statement = connection.prepare("SELECT leaf FROM record ORDER BY seq").unwrap();
    let leaves: Vec<[u8; 32]> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut statement = connection.prepare("SELECT size FROM checkpoint").unwrap();
    let sizes: Vec<i64> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    for size in sizes {
        if size as usize > leaves.len() {
            connection.execute("DELETE FROM checkpoint WHERE size = ?", [size]).unwrap();
            continue;
        }
        let root = merkle::root(&leaves[..size as usize]);
        let note = Checkpoint { origin: ORIGIN.to_owned(), size: size as u64, root }.sign(&keys.signing);
        connection.execute("UPDATE checkpoint SET note = ? WHERE size = ?", params![note, size]).unwrap();
    }
}

/// How far the forger goes after the edit.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Effort {
    Raw,
    Recomputed,
    OtherKey,
}

/// Replaces content as a forger would who knows the layout but not the pepper.
fn new_content(connection: &Connection, seq: i64, content: &[u8]) {
    let packed = lastgood::store::Packer::new().unwrap().pack(content).unwrap();
    let digest = sha256(content);
    let salt = [9u8; 16];
    connection
        .execute(
            "UPDATE content SET digest = ?, salt = ?, size = ?, bytes = ? WHERE seq = ?",
            params![digest, salt, content.len() as i64, packed, seq],
        )
        .unwrap();
    let commitment = sha256_of(&[&salt, &digest]);
    connection.execute("UPDATE record SET commitment = ? WHERE seq = ?", params![commitment, seq]).unwrap();
}

type Edit = (&'static str, fn(&Connection, i64));

/// Each edit concerns record `seq` first of all.
const EDITS: [Edit; 20] = [
    ("source", |c, s| {
        // Of the two sources there are, the other one.
        run(c, "UPDATE record SET source = 3 - source WHERE seq = ?", s);
    }),
    ("format", |c, s| run(c, "UPDATE record SET format = 'tesu' WHERE seq = ?", s)),
    ("importer_version", |c, s| run(c, "UPDATE record SET importer_version = 2 WHERE seq = ?", s)),
    ("framing", |c, s| run(c, "UPDATE record SET framing = 'whole' WHERE seq = ?", s)),
    ("media_type", |c, s| run(c, "UPDATE record SET media_type = 'text/html' WHERE seq = ?", s)),
    ("file", |c, s| run(c, "UPDATE record SET file = 'elsewhere.txt' WHERE seq = ?", s)),
    ("offset", |c, s| run(c, "UPDATE record SET \"offset\" = \"offset\" + 1 WHERE seq = ?", s)),
    ("line", |c, s| run(c, "UPDATE record SET line = line + 1 WHERE seq = ?", s)),
    ("received_at", |c, s| run(c, "UPDATE record SET received_at = received_at - 86400000000 WHERE seq = ?", s)),
    ("observed_at", |c, s| run(c, "UPDATE record SET observed_at = 1 WHERE seq = ?", s)),
    ("observed_at gone or come", |c, s| {
        run(c, "UPDATE record SET observed_at = iif(observed_at IS NULL, 0, NULL) WHERE seq = ?", s);
    }),
    ("commitment", |c, s| run(c, "UPDATE record SET commitment = zeroblob(32) WHERE seq = ?", s)),
    ("salt", |c, s| run(c, "UPDATE content SET salt = zeroblob(16) WHERE seq = ?", s)),
    ("content, cleverly", |c, s| new_content(c, s, b"a run:train@1 run owner=team:mallory\n")),
    ("content cut off", |c, s| {
        run(c, "UPDATE content SET bytes = substr(bytes, 1, length(bytes) - 3) WHERE seq = ?", s)
    }),
    ("size", |c, s| run(c, "UPDATE content SET size = size - 1 WHERE seq = ?", s)),
    ("content gone", |c, s| run(c, "DELETE FROM content WHERE seq = ?", s)),
    ("content swapped with the next", |c, s| swap(c, "content", s)),
    ("records swapped", |c, s| {
        swap(c, "record", s);
    }),
    ("records swapped with their content", |c, s| {
        swap(c, "record", s);
        swap(c, "content", s);
    }),
];

fn run(connection: &Connection, sql: &str, seq: i64) {
    assert_eq!(connection.execute(sql, [seq]).unwrap(), 1, "{sql}");
}

fn swap(connection: &Connection, table: &str, seq: i64) {
    for (from, to) in [(seq, 1000), (seq + 1, seq), (1000, seq + 1)] {
        connection.execute(&format!("UPDATE {table} SET seq = ? WHERE seq = ?"), [to, from]).unwrap();
    }
}

#[test]
fn every_edit_of_every_record_fails_and_is_named() {
    let small = Small::new(RECORDS, 1);
    let mut cases = 0;
    for (name, edit) in EDITS {
        for seq in 1..RECORDS {
            for effort in [Effort::Raw, Effort::Recomputed, Effort::OtherKey] {
                let mut possible = true;
                // With a checkpoint kept, a ledger signed anew by another key is not merely another's.
                let anchors = Anchors { own: small.notes.last().map(|note| kept(note, "home")), ..with_key() };
                let verified = edited(&small, &anchors, |connection| {
                    edit(connection, seq as i64);
                    let path = small.directory.path().join("edited.lastgood");
                    let readable = |n| Ledger::open(&path, Access::Read).unwrap().record(n).is_ok();
                    // Content that cannot be unpacked cannot be made consistent either.
                    possible = effort == Effort::Raw || (readable(seq) && readable(seq + 1));
                    if possible && effort != Effort::Raw {
                        recompute(connection, &path);
                    }
                    if possible && effort == Effort::OtherKey {
                        resign(connection, &keys_of(2));
                    }
                });
                if !possible {
                    continue;
                }
                cases += 1;
                assert_eq!(verified.verdict, Verdict::Failed, "{name} of {seq}, {effort:?}: {verified:?}");
                let bad = verified.first_bad.unwrap();
                // Signed anew with another key, already the checkpoint of no records is wrong.
                let first = if effort == Effort::OtherKey { None } else { Some(seq) };
                assert_eq!(bad.record, first, "{name} of {seq}, {effort:?}: {}", bad.what);
            }
        }
    }
    println!("{cases} edits of records, each failed and named");
    assert!(cases > 600, "{cases}");
}

#[test]
fn records_that_go_or_come_are_named() {
    let small = Small::new(RECORDS, 1);
    for seq in 1..=RECORDS as i64 {
        let gone = edited(&small, &with_key(), |c| {
            for table in ["content", "record"] {
                run(c, &format!("DELETE FROM {table} WHERE seq = ?"), seq);
            }
        });
        assert_eq!((gone.verdict, gone.first_bad.unwrap().record), (Verdict::Failed, Some(seq as u64)), "delete {seq}");
        let renumbered = edited(&small, &with_key(), |c| {
            for table in ["content", "record"] {
                run(c, &format!("DELETE FROM {table} WHERE seq = ?"), seq);
                for later in seq + 1..=RECORDS as i64 {
                    run(c, &format!("UPDATE {table} SET seq = seq - 1 WHERE seq = ?"), later);
                }
            }
        });
        let first = renumbered.first_bad.unwrap().record;
        assert_eq!((renumbered.verdict, first), (Verdict::Failed, Some(seq as u64)), "delete and renumber {seq}");
        let doubled = edited(&small, &with_key(), |c| {
            let all = "format, importer_version, framing, media_type, file, \"offset\", line, received_at, observed_at, \
                commitment, leaf";
            c.execute(&format!("INSERT INTO record SELECT 13, source, {all} FROM record WHERE seq = ?"), [seq])
                .unwrap();
            c.execute(
                "INSERT INTO content SELECT 13, zeroblob(32), salt, size, encoding, bytes FROM content WHERE seq = ?",
                [seq],
            )
            .unwrap();
        });
        assert_eq!(
            (doubled.verdict, doubled.first_bad.unwrap().record),
            (Verdict::Failed, Some(13)),
            "duplicate {seq}"
        );
        let cut = edited(&small, &with_key(), |c| {
            for table in ["content", "record"] {
                c.execute(&format!("DELETE FROM {table} WHERE seq >= ?"), [seq]).unwrap();
            }
        });
        assert_eq!((cut.verdict, cut.first_bad.unwrap().record), (Verdict::Failed, Some(seq as u64)), "cut at {seq}");
    }
    let before_all = edited(&small, &with_key(), |c| {
        c.execute("INSERT INTO record SELECT 0, source, format, importer_version, framing, media_type, file, \"offset\", line, received_at, observed_at, commitment, leaf FROM record WHERE seq = 1", []).unwrap();
    });
    assert_eq!((before_all.verdict, before_all.first_bad.unwrap().record), (Verdict::Failed, Some(1)));
}

#[test]
fn an_edit_within_a_batch_names_the_record_or_its_batch() {
    let small = Small::new(RECORDS, 4);
    for seq in 1..=RECORDS as i64 {
        let file = |c: &Connection| run(c, "UPDATE record SET file = 'x' WHERE seq = ?", seq);
        let raw = edited(&small, &with_key(), file).first_bad.unwrap();
        assert_eq!(raw.record, Some(seq as u64));
        let path = small.directory.path().join("edited.lastgood");
        let recomputed = edited(&small, &with_key(), |c| {
            file(c);
            recompute(c, &path);
        });
        let first = (seq as u64 - 1) / 4 * 4 + 1;
        assert_eq!((recomputed.verdict, recomputed.records), (Verdict::Failed, first - 1));
        let bad = recomputed.first_bad.unwrap();
        assert_eq!(bad.record, Some(first));
        assert!(bad.what.contains(&format!("one of the records {first} to {}", first + 3)), "{}", bad.what);
    }
}

#[test]
fn every_column_of_every_claim_is_checked() {
    let small = Small::new(8, 3);
    let claims: i64 = small.raw().query_row("SELECT count(*) FROM claim", [], |row| row.get(0)).unwrap();
    let edits = [
        "UPDATE claim SET record = record + 1 WHERE id = ?",
        "UPDATE claim SET at = at + 1 WHERE id = ?",
        "UPDATE claim SET type = iif(type = 'note', 'mark', 'note') WHERE id = ?",
        "UPDATE claim SET about = about || 'x' WHERE id = ?",
        "UPDATE claim SET target = iif(target IS NULL, 'x', NULL) WHERE id = ?",
        "UPDATE claim SET what = what || 'x' WHERE id = ?",
        "UPDATE claim SET since = ifnull(since, 0) + 1 WHERE id = ?",
        "UPDATE claim SET until = 5 WHERE id = ?",
        "UPDATE claim SET body = iif(body IS NULL, '{}', NULL) WHERE id = ?",
        "UPDATE claim SET body = ifnull(body, '') || ' ' WHERE id = ?",
        "DELETE FROM claim WHERE id = ?",
        "UPDATE claim SET id = id + 1000 WHERE id = ?",
    ];
    let mut cases = 0;
    for id in 1..=claims {
        let record: u64 =
            small.open(Access::Read).claims(&[id as u64]).unwrap().first().map(|(_, record, _)| *record).unwrap();
        for edit in edits {
            let verified = edited(&small, &with_key(), |c| run(c, edit, id));
            assert_eq!(verified.verdict, Verdict::Failed, "{edit} {id}");
            let bad = verified.first_bad.unwrap();
            assert_eq!((bad.record, bad.claim), (Some(record), Some(id as u64)), "{edit} {id}: {}", bad.what);
            cases += 1;
        }
    }
    println!("{cases} edits of claims, each failed and named");
    let added = edited(&small, &with_key(), |c| {
        c.execute("INSERT INTO claim SELECT id + 1, record, at, type, about, target, what, since, until, body FROM claim WHERE id = ?", [claims]).unwrap();
    });
    assert_eq!(added.first_bad.unwrap().claim, Some(claims as u64 + 1));
}

#[test]
fn bookkeeping_tables_and_triggers_are_checked() {
    let small = Small::new(6, 2);
    let edits = [
        "UPDATE reading SET claims = claims + 1 WHERE record = 3",
        "UPDATE reading SET first_claim = first_claim + 1 WHERE record = 3",
        "DELETE FROM reading WHERE record = 6",
        "INSERT INTO reading VALUES (7, 1, 1)",
        "INSERT INTO source VALUES (9, 'file:nowhere')",
        "UPDATE source SET name = 'file:c.txt' WHERE id = 1",
        "UPDATE source SET id = 9 WHERE id = 1",
        "UPDATE ledger SET origin = 'lastgood/fedcba9876543210'",
        "UPDATE head SET records = 5",
        "UPDATE head SET claims = claims + 1",
        "UPDATE head SET frontier = zeroblob(64)",
        "UPDATE head SET frontier = x''",
        "DELETE FROM head",
        "DELETE FROM ledger",
        "DELETE FROM checkpoint",
        "DELETE FROM checkpoint WHERE size = 6",
        "UPDATE checkpoint SET note = note || ' ' WHERE size = 4",
        "UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = 2) WHERE size = 4",
        "UPDATE checkpoint SET size = 5 WHERE size = 4",
        "INSERT INTO checkpoint SELECT 8, note FROM checkpoint WHERE size = 6",
        "INSERT INTO redaction VALUES (2, 3, 'me', 'x', 0, 3, zeroblob(32))",
        "INSERT INTO redaction VALUES (2, 3, 'me', 'x', 0, 3, zeroblob(32)); DELETE FROM content WHERE seq = 2; DELETE FROM claim WHERE record = 2",
        "INSERT INTO content VALUES (7, zeroblob(32), zeroblob(16), 0, 'zstd', x'')",
        "CREATE TABLE more (a)",
        "CREATE VIEW more AS SELECT * FROM claim",
        "CREATE TRIGGER more AFTER INSERT ON claim BEGIN DELETE FROM quarantine; END",
        "DROP INDEX claim_statement",
        "DROP TABLE quarantine",
        "PRAGMA user_version = 0",
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (one = 1)', 'CHECK (one = 2)') WHERE name = 'head'",
    ];
    for edit in edits {
        let path = small.directory.path().join("edited.lastgood");
        fs::copy(&small.path, &path).unwrap();
        let connection = raw(&path);
        if edit.starts_with("DROP") || edit.starts_with("CREATE") || edit.starts_with("PRAGMA") {
            connection.execute_batch(edit).unwrap();
        } else {
            forge(&connection, |connection| connection.execute_batch(edit).unwrap());
        }
        connection.close().unwrap();
        match verify(&path, &with_key()) {
            Ok(verified) => assert_eq!(verified.verdict, Verdict::Failed, "{edit}: {verified:?}"),
            Err(refused) => assert!(matches!(refused, StoreError::Foreign { .. }), "{edit}: {refused}"),
        }
    }
    for (name, _) in triggers(&small.raw()) {
        let verified = {
            let path = small.directory.path().join("edited.lastgood");
            fs::copy(&small.path, &path).unwrap();
            let connection = raw(&path);
            connection.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
            connection.close().unwrap();
            verify(&path, &with_key()).unwrap()
        };
        assert_eq!(verified.verdict, Verdict::Failed, "{name}");
        assert!(verified.first_bad.unwrap().what.contains(&name));
    }
}

fn triggers(connection: &Connection) -> Vec<(String, String)> {
    let mut statement = connection.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").unwrap();
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

#[test]
fn an_older_copy_put_back_shows_only_against_a_kept_checkpoint() {
    let small = Small::new(0, 1);
    let key = keys().signing.verifier();
    let kept_head = small.directory.path().join("head");
    let mut ledger = small.open(Access::Write);
    let mut copies: Vec<PathBuf> = Vec::new();
    for number in 1..=8u64 {
        drop(ledger);
        let copy = small.directory.path().join(format!("copy-{}", number - 1));
        fs::copy(&small.path, &copy).unwrap();
        copies.push(copy);
        ledger = small.open(Access::Write);
        let appended = ledger.append(&[numbered(number)], &keys(), now()).unwrap();
        heads::keep(&kept_head, &appended.checkpoint_note).unwrap();
    }
    drop(ledger);
    let own = heads::load(&kept_head).unwrap();
    let state = Anchors { own: own.clone(), ..with_key() };
    let outside = Anchors { others: own.into_iter().collect(), ..with_key() };
    for (records, copy) in copies.iter().enumerate() {
        let alone = verify(copy, &with_key()).unwrap();
        assert_eq!((alone.verdict, alone.records), (Verdict::Unanchored, records as u64), "never anchored");
        assert!(alone.notes.iter().any(|note| note.contains("cut-off end would not show")));
        for anchors in [&state, &outside] {
            let verified = verify(copy, anchors).unwrap();
            assert_eq!(verified.verdict, Verdict::RolledBack, "{records}");
            assert_eq!(verified.first_bad.unwrap().record, Some(records as u64 + 1));
        }
        let refused = Ledger::open_held(copy, &kept_head, &key).unwrap_err();
        assert!(matches!(refused, StoreError::RolledBack { kept: 8, .. }), "{refused}");
    }
    assert_eq!(small.verify(&state).verdict, Verdict::Unanchored, "the user's own copy anchors nothing");
    let anchored = small.verify(&outside);
    assert_eq!((anchored.verdict, anchored.anchored_to), (Verdict::Anchored, 8));
}

#[test]
fn an_older_copy_carried_on_is_another_history() {
    let small = Small::new(6, 1);
    let key = keys().signing.verifier();
    let kept_head = small.directory.path().join("head");
    heads::keep(&kept_head, &small.notes[6]).unwrap();
    for fork_at in 0..6u64 {
        let fork = Small::new(fork_at, 1);
        let mut ledger = fork.open(Access::Write);
        let others: Vec<_> = (0..8 - fork_at).map(|number| numbered(100 + number)).collect();
        for other in &others {
            let _ = ledger.append(std::slice::from_ref(other), &keys(), now()).unwrap();
        }
        drop(ledger);
        assert_eq!(fork.verify(&with_key()).verdict, Verdict::Unanchored, "signed with the true key");
        let anchors = Anchors { own: Some(kept(&small.notes[6], "state")), ..with_key() };
        let verified = fork.verify(&anchors);
        assert_eq!(verified.verdict, Verdict::Diverged, "{fork_at}");
        let both = Anchors { others: vec![kept(&small.notes[fork_at as usize], "ticket")], ..anchors };
        let verified = fork.verify(&both);
        assert_eq!((verified.verdict, verified.first_bad.unwrap().record), (Verdict::Diverged, Some(fork_at + 1)));
        let refused = Ledger::open_held(&fork.path, &kept_head, &key).unwrap_err();
        assert!(matches!(refused, StoreError::Diverged { size: 6, .. }), "{refused}");
    }
}

#[test]
fn only_a_good_checkpoint_from_elsewhere_anchors() {
    let small = Small::new(6, 2);
    let anchored = |note: &str| {
        let anchors = Anchors { others: vec![kept(note, "ticket INC-1")], ..with_key() };
        small.verify(&anchors)
    };
    let verified = anchored(&small.notes[3]);
    assert_eq!((verified.verdict, verified.anchored_to), (Verdict::Anchored, 6));
    let verified = anchored(&small.notes[1]);
    assert_eq!((verified.verdict, verified.anchored_to), (Verdict::Anchored, 2));
    assert!(verified.notes.iter().any(|note| note.contains("records 3 to 6 are newer")), "{:?}", verified.notes);
    assert_eq!(anchored(&small.notes[0]).verdict, Verdict::Unanchored, "nothing is vouched for by no records");
    let root = Checkpoint::stated(&small.notes[3]).unwrap().root;
    let forged = Checkpoint { origin: ORIGIN.to_owned(), size: 6, root };
    let other_log = Checkpoint { origin: "lastgood/other".to_owned(), ..forged.clone() };
    for note in [
        forged.sign(&keys_of(2).signing),
        other_log.sign(&keys().signing),
        small.notes[3].replace("\n6\n", "\n4\n"),
        String::new(),
    ] {
        let verified = anchored(&note);
        assert_eq!(verified.verdict, Verdict::Inconclusive, "{note}");
        assert!(verified.notes.iter().any(|note| note.starts_with("ticket INC-1 is of no use")));
    }
    let without_key = small.verify(&Anchors { others: vec![kept(&small.notes[3], "x")], ..Anchors::default() });
    assert_eq!(without_key.verdict, Verdict::Inconclusive);
    let other_key = small.verify(&Anchors { key: Some(keys_of(2).signing.verifier()), ..Anchors::default() });
    assert_eq!(other_key.verdict, Verdict::Inconclusive);
    assert!(other_key.notes[0].starts_with("this key is not for this ledger"), "{:?}", other_key.notes);
    let mut seen = 0;
    let stopped = small
        .open(Access::Read)
        .verify(&with_key(), &mut read, &mut |done, of| {
            seen = done;
            assert_eq!(of, 6);
            std::ops::ControlFlow::Break(())
        })
        .unwrap();
    assert_eq!((stopped.verdict, seen), (Verdict::Inconclusive, 1));
}

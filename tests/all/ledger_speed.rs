//! How fast a large ledger is written, read and verified. Run by hand, optimised:
//! `cargo test --release --test all -- --ignored --nocapture ledger_speed`.

use crate::ledger_fixture::{keys, now, read, with_key};
use lastgood::model::{Artefact, Claim, Kind, Link, Relation, Statement, Time};
use lastgood::proof::digest::sha256;
use lastgood::store::{Access, Ledger, NewRecord, Packer};
use std::fmt::Write;
use std::ops::ControlFlow;
use std::time::Instant;

/// How many, unless `LEDGER_SPEED_ARTEFACTS` says otherwise.
const ARTEFACTS: u64 = 200_000;
const LINKS: u64 = 5;

/// One artefact with its links, as native lines of the usual length and as claims.
fn artefact(number: u64, text: &mut String, claims: &mut Vec<Claim>) {
    let id = format!("model-version:fraud-scorer-{number}@{}", number % 100);
    let mut described = Artefact::new(id.clone(), Kind::ModelVersion);
    described.name = Some(format!("fraud-scorer-{number}"));
    described.version = Some((number % 100).to_string());
    described.owner = Some(format!("team:{}", number % 50));
    described.at = Some(Time::from_seconds(1_700_000_000 + number as i64));
    claims.push(Claim { at: text.len() as u32, statement: Statement::Artefact(described) });
    writeln!(
        text,
        "{{\"type\":\"artefact\",\"id\":\"{id}\",\"kind\":\"model-version\",\"name\":\"fraud-scorer-{number}\",\
         \"version\":\"{}\",\"at\":\"2026-11-18T09:00:00Z\",\"owner\":\"team:{}\",\"attributes\":{{\"p\":{number}}}}}",
        number % 100,
        number % 50
    )
    .unwrap();
    for link in 0..LINKS {
        let to =
            format!("dataset:lake/transactions-{}@2026-11-17", number.wrapping_mul(2_654_435_761) % ARTEFACTS + link);
        let at = text.len() as u32;
        writeln!(
            text,
            "{{\"type\":\"link\",\"from\":\"{id}\",\"to\":\"{to}\",\"relation\":\"trained-on\",\
             \"since\":\"2026-11-18T08:12:00Z\",\"until\":null}}"
        )
        .unwrap();
        let mut linked = Link::new(id.clone(), Relation::TrainedOn, to);
        linked.since = Some(Time::from_seconds(1_795_000_000));
        claims.push(Claim { at, statement: Statement::Link(linked) });
    }
}

fn records() -> Vec<NewRecord> {
    let wanted = std::env::var("LEDGER_SPEED_ARTEFACTS").ok().and_then(|text| text.parse().ok()).unwrap_or(ARTEFACTS);
    let mut packer = Packer::new().unwrap();
    let mut records = Vec::new();
    let mut number = 0;
    while number < wanted {
        let (mut text, mut claims) = (String::new(), Vec::new());
        while text.len() < 63_000 && number < wanted {
            artefact(number, &mut text, &mut claims);
            number += 1;
        }
        let content = text.into_bytes();
        records.push(NewRecord {
            source: "file:big".to_owned(),
            format: "native".to_owned(),
            importer_version: 1,
            framing: "lines".to_owned(),
            media_type: "application/jsonl".to_owned(),
            file: "big.lineage.jsonl".to_owned(),
            offset: number,
            line: number,
            observed_at: None,
            digest: sha256(&content),
            packed: packer.pack(&content).unwrap(),
            content,
            claims,
        });
    }
    records
}

#[test]
#[ignore = "takes minutes unoptimised; it measures and asserts nothing"]
fn a_million_claims() {
    let directory = tempfile::TempDir::new().unwrap();
    let path = directory.path().join("speed.lastgood");
    let records = records();
    let claims: usize = records.iter().map(|record| record.claims.len()).sum();
    let bytes: usize = records.iter().map(|record| record.content.len()).sum();
    let rate = |what: &str, since: Instant, count: usize| {
        let taken = since.elapsed();
        println!("{what}: {taken:.2?}, {:.0} a second", count as f64 / taken.as_secs_f64());
    };
    println!("{} records, {claims} claims, {} MB", records.len(), bytes / 1_000_000);

    let bare = rusqlite::Connection::open(directory.path().join("bare")).unwrap();
    bare.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE claim (id INTEGER PRIMARY KEY, record INTEGER, \
         at INTEGER, type TEXT, about TEXT, target TEXT, what TEXT, since INTEGER, until INTEGER, body TEXT)",
    )
    .unwrap();
    let start = Instant::now();
    for chunk in records.chunks(256) {
        bare.execute_batch("BEGIN").unwrap();
        let mut insert =
            bare.prepare_cached("INSERT INTO claim VALUES (NULL, 1, ?, 'link', ?, ?, ?, ?, NULL, NULL)").unwrap();
        for claim in chunk.iter().flat_map(|record| &record.claims) {
            let about = claim.statement.about().unwrap();
            insert.execute(rusqlite::params![claim.at, about, about, "trained-on", 1]).unwrap();
        }
        drop(insert);
        bare.execute_batch("COMMIT").unwrap();
    }
    rate("bare insert loop", start, claims);

    let mut ledger = Ledger::create(&path, &keys()).unwrap();
    let start = Instant::now();
    for chunk in records.chunks(256) {
        let _ = ledger.append(chunk, &keys(), now()).unwrap();
    }
    rate("append", start, claims);
    println!("file: {} MB", path.metadata().unwrap().len() / 1_000_000);

    let start = Instant::now();
    let again: u64 = records.chunks(256).map(|chunk| ledger.append(chunk, &keys(), now()).unwrap().already_known).sum();
    assert_eq!(again, records.len() as u64);
    rate("append again, all known", start, records.len());

    let start = Instant::now();
    let (mut seen, mut length) = (0, 0);
    ledger
        .claims_since(0, &mut |claim| {
            seen += 1;
            length += claim.about.len() + claim.target.map_or(0, str::len);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert!(seen == claims && length > 0);
    rate("claims_since", start, claims);

    let by_record: Vec<&Vec<Claim>> = records.iter().map(|record| &record.claims).collect();
    let mut reread = |record: &lastgood::store::Record| by_record[record.seq as usize - 1].clone();
    let start = Instant::now();
    ledger.rebuild(&mut reread).unwrap();
    rate("rebuild", start, claims);

    drop(ledger);
    let ledger = Ledger::open(&path, Access::Read).unwrap();
    let start = Instant::now();
    let verified = ledger.verify(&with_key(), &mut reread, &mut |_, _| ControlFlow::Continue(())).unwrap();
    println!("{:?} {:?}", verified.verdict, verified.first_bad);
    rate("verify", start, claims);
    // The reading of the other tests is of no use for these records, and says so.
    let verified = ledger.verify(&with_key(), &mut read, &mut |_, _| ControlFlow::Continue(())).unwrap();
    assert_eq!(verified.first_bad.unwrap().record, Some(1));
}

//! How fast importing is. Ignored by default: run with `cargo test --release -- --ignored speed`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail as tests do")]

use crate::import_streams::import;
use lastgood::import::redact;
use lastgood::proof::fingerprint::Pepper;
use std::fmt::Write as _;
use std::time::Instant;

fn lines(count: usize) -> String {
    let mut text = String::new();
    for n in 0..count {
        if n % 6 == 0 {
            writeln!(text, r#"{{"type":"artefact","id":"model-version:fraud-scorer@{n}","kind":"model-version","name":"fraud-scorer","version":"{n}","at":"2026-11-18T09:00:00Z","owner":"team:risk-ml","risk":"high","environment":"prod","digests":["sha256:{n:064x}"],"identifiers":["models:/fraud-scorer/{n}"],"attributes":{{"param.max_depth":"9","metric.auc":0.941}}}}"#).unwrap();
        } else {
            writeln!(text, r#"{{"type":"link","from":"model-version:fraud-scorer@{n}","to":"dataset:lake/transactions@{n}","relation":"trained-on","since":"2026-11-18T08:12:00Z","until":null}}"#).unwrap();
        }
    }
    text
}

#[test]
#[ignore = "a measurement"]
fn speed_of_native_lines() {
    let count = 600_000;
    let text = lines(count);
    let start = Instant::now();
    let imported = import(text.as_bytes()).unwrap();
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(imported.claims().count(), count);
    println!("native: {:.0} lines/s, {:.0} MB/s", count as f64 / seconds, text.len() as f64 / seconds / 1e6);
}

#[test]
#[ignore = "a measurement"]
fn speed_of_redaction() {
    let pepper = Pepper::new([1; 32]);
    let clean = "{\"kind\":\"dataset\",\"name\":\"fraud transactions of November\",\"rows\":123456}\n".repeat(1 << 20);
    for (name, text) in [("clean text", clean), ("native lines", lines(400_000))] {
        redact(b"", &pepper);
        let start = Instant::now();
        let found = text.as_bytes().chunks(65_536).map(|chunk| redact(chunk, &pepper).found.len()).sum::<usize>();
        let seconds = start.elapsed().as_secs_f64();
        assert_eq!(found, 0);
        println!("redaction, {name}: {:.0} MB/s", text.len() as f64 / seconds / 1e6);
    }
}

#[test]
#[ignore = "a measurement"]
fn speed_of_events() {
    let event = |n: usize| {
        format!(
            r#"{{"eventType":"COMPLETE","eventTime":"2026-11-18T08:12:00Z","producer":"https://example.com/p","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json","run":{{"runId":"3f2a7d1e-0000-4000-8000-{n:012}","facets":{{"parent":{{"_producer":"https://example.com/p","_schemaURL":"u","run":{{"runId":"3f2a7d1e-0000-4000-8000-000000000000"}},"job":{{"namespace":"n","name":"dag"}}}}}}}},"job":{{"namespace":"n","name":"dag.task"}},"inputs":[{{"namespace":"s3://lake","name":"a/{n}","facets":{{"schema":{{"fields":[{{"name":"id","type":"long"}}]}}}}}}],"outputs":[{{"namespace":"s3://lake","name":"b/{n}"}}]}}"#
        )
    };
    let count = 100_000;
    let text: String = (0..count).map(|n| event(n) + "\n").collect();
    let start = Instant::now();
    let imported = import(text.as_bytes()).unwrap();
    let seconds = start.elapsed().as_secs_f64();
    assert!(imported.reasons().is_empty());
    println!("openlineage: {:.0} events/s, {:.0} MB/s", count as f64 / seconds, text.len() as f64 / seconds / 1e6);
}

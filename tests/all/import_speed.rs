//! How fast importing is. Ignored by default: run with `cargo test --release -- --ignored speed`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail as tests do")]

use crate::import_streams::import;
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

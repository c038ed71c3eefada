//! Measures an import against a bare loop over the same file: read a line, parse it, insert a row. The
//! bare loop keeps no history, signs nothing and finds no secret; that is what the ratio pays for.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use crate::figure::{Bar, figure, middle, part, said, timed};
use crate::generate::Shape;
use crate::place::Place;
use rusqlite::{Connection, params};
use serde::Deserialize;
use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::time::Duration;

/// Rows a transaction of the bare loop.
const ROWS: usize = 10_000;

/// Prints the figures.
pub(crate) fn run(shape: &Shape, place: &Place) {
    part("import");
    let native = place.native(shape);
    println!("{} MB of native lines", native.metadata().unwrap().len() / 1_000_000);
    let ledger = place.ledger();
    let rounds = std::env::var("LASTGOOD_BENCH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let (mut typed, mut values, mut ours) = (Vec::new(), Vec::new(), Vec::new());
    // In turns, so that what else the machine does meets them alike.
    for _ in 0..rounds {
        typed.push(bare_loop(place, &native, insert_typed));
        values.push(bare_loop(place, &native, insert_value));
        place.remove(&ledger);
        ours.push(timed(|| drop(place.import(&native, &ledger))));
    }
    let pairs = |peer: &[Duration]| ratios(peer, &ours);
    let (of_typed, of_values) = (pairs(&typed), pairs(&values));
    said("bare loop, a typed struct a line", middle(typed));
    said("bare loop, serde_json::Value a line", middle(values));
    said("import", middle(ours));
    figure("  of the bare loop, typed", of_typed, "×", Bar::AtMost(2.5));
    figure("  of the bare loop, Value", of_values, "×", Bar::AtMost(2.5));
    println!("ledger: {} MB", ledger.metadata().unwrap().len() / 1_000_000);
    figure("peak memory of an import", place.peak_of("import"), "MB", Bar::None);
}

/// The import alone, in a process of its own.
pub(crate) fn child(shape: &Shape, place: &Place) {
    let ledger = place.path("child.lastgood");
    place.import(&place.native(shape), &ledger);
    place.remove(&ledger);
}

/// The median of the rounds' ratios.
fn ratios(peer: &[Duration], ours: &[Duration]) -> f64 {
    let mut all: Vec<f64> = peer.iter().zip(ours).map(|(peer, ours)| ours.as_secs_f64() / peer.as_secs_f64()).collect();
    all.sort_unstable_by(f64::total_cmp);
    all[all.len() / 2]
}

/// One line of either type.
#[derive(Deserialize)]
struct Typed<'a> {
    r#type: &'a str,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    kind: Option<&'a str>,
    at: Option<&'a str>,
    #[serde(borrow)]
    owner: Option<Cow<'a, str>>,
    #[serde(borrow)]
    environment: Option<Cow<'a, str>>,
    #[serde(borrow)]
    from: Option<Cow<'a, str>>,
    #[serde(borrow)]
    to: Option<Cow<'a, str>>,
    relation: Option<&'a str>,
    since: Option<&'a str>,
}

const TABLES: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE artefact (id TEXT, kind TEXT, at TEXT, owner TEXT, environment TEXT);
    CREATE TABLE link (\"from\" TEXT, \"to\" TEXT, relation TEXT, since TEXT);";
const ARTEFACT: &str = "INSERT INTO artefact VALUES (?, ?, ?, ?, ?)";
const LINK: &str = "INSERT INTO link VALUES (?, ?, ?, ?)";

fn bare_loop(place: &Place, native: &Path, insert: fn(&Connection, &str)) -> Duration {
    let file = place.path("bare.sqlite");
    let time = timed(|| {
        let database = Connection::open(&file).unwrap();
        database.execute_batch(TABLES).unwrap();
        let mut lines = BufReader::new(File::open(native).unwrap());
        let mut text = String::new();
        let mut rows = 0;
        database.execute_batch("BEGIN").unwrap();
        while lines.read_line(&mut text).unwrap() > 0 {
            insert(&database, &text);
            text.clear();
            rows += 1;
            if rows % ROWS == 0 {
                database.execute_batch("COMMIT; BEGIN").unwrap();
            }
        }
        database.execute_batch("COMMIT").unwrap();
        // Closing folds the write-ahead log in, as an import does at its end.
        drop(database);
    });
    place.remove(&file);
    time
}

fn insert_typed(database: &Connection, line: &str) {
    let it: Typed<'_> = serde_json::from_str(line).unwrap();
    if it.r#type == "link" {
        let mut link = database.prepare_cached(LINK).unwrap();
        link.execute(params![it.from, it.to, it.relation, it.since]).unwrap();
    } else {
        let mut artefact = database.prepare_cached(ARTEFACT).unwrap();
        artefact.execute(params![it.id, it.kind, it.at, it.owner, it.environment]).unwrap();
    }
}

fn insert_value(database: &Connection, line: &str) {
    let it: serde_json::Value = serde_json::from_str(line).unwrap();
    let text = |field: &str| it[field].as_str();
    if text("type") == Some("link") {
        let mut link = database.prepare_cached(LINK).unwrap();
        link.execute(params![text("from"), text("to"), text("relation"), text("since")]).unwrap();
    } else {
        let mut artefact = database.prepare_cached(ARTEFACT).unwrap();
        artefact.execute(params![text("id"), text("kind"), text("at"), text("owner"), text("environment")]).unwrap();
    }
}

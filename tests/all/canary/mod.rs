//! A thousand secrets through every importer: none is left in the ledger, its log, the index, the folders
//! beside it, an answer, an error or a screen, and each is found again by pasting it. Which values are
//! recognised in which text is tested with the rules; here it is that nothing goes round them.

mod planters;
mod shapes;

use crate::support::tui::Tui;
use aho_corasick::AhoCorasick;
use lastgood::cli::console_setup;
use lastgood::config::Home;
use lastgood::engine::{Clock, Engine, Ingest, RecordOf, Scope};
use lastgood::import::IMPORTERS;
use lastgood::model::Time;
use shapes::{Canary, canaries};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Finds what is left of secrets, and says of which.
struct Traces {
    finder: AhoCorasick,
    of: Vec<String>,
}

impl Traces {
    fn new(canaries: &[Canary]) -> Traces {
        let (mut traces, mut of) = (Vec::new(), Vec::new());
        for canary in canaries {
            for secret in &canary.secrets {
                for trace in shapes::traces(secret) {
                    traces.push(trace);
                    of.push(format!("{} in {}", canary.shape, canary.encoding));
                }
            }
        }
        Traces { finder: AhoCorasick::new(traces).unwrap(), of }
    }

    /// Which shapes and encodings are left in a text, with what stands about the first of each.
    fn left(&self, text: &[u8]) -> BTreeMap<&str, String> {
        let mut left = BTreeMap::new();
        for hit in self.finder.find_iter(text) {
            left.entry(self.of[hit.pattern().as_usize()].as_str()).or_insert_with(|| {
                let about = text.get(hit.start().saturating_sub(60)..text.len().min(hit.end() + 20)).unwrap();
                String::from_utf8_lossy(about).into_owned()
            });
        }
        left
    }

    fn none(&self, place: &str, text: &[u8], leaks: &mut BTreeSet<String>) {
        for (what, about) in self.left(text) {
            leaks.insert(format!("{place}: {what}: {about}"));
        }
    }
}

fn every_file(below: &Path, take: &mut dyn FnMut(&Path, &[u8])) {
    for entry in std::fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            every_file(&path, take);
        } else {
            take(&path, &std::fs::read(&path).unwrap());
        }
    }
}

/// Writes the documents of a format into a folder: one in five compressed, and one cut off in the middle.
fn plant(folder: &Path, format: &str, canaries: &[Canary]) -> (usize, BTreeSet<(usize, bool)>) {
    let (mut count, mut all) = (0, BTreeSet::new());
    for (_, way, document) in planters::PLANTERS.iter().filter(|(name, _, _)| *name == format) {
        for (document, planted) in planters::documents(*way, document, canaries) {
            count += 1;
            all.extend(planted);
            let write = |name: String, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
            if count % 5 == 0 {
                let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                gzip.write_all(&document).unwrap();
                write(format!("{count}.gz"), &gzip.finish().unwrap());
            } else {
                write(count.to_string(), &document);
            }
            if count == 1 {
                write("cut".to_owned(), document.get(..document.len() * 2 / 3).unwrap());
            }
        }
    }
    (count, all)
}

/// What the command line answers of that ledger, in text and in JSON, with the same keys as the engine.
fn answers(home: &Path, ledger: &Path) -> Vec<(String, Vec<u8>)> {
    let xdg = |part: &str| home.join("xdg").join(part);
    for part in ["config", "data", "state"] {
        std::fs::create_dir_all(xdg(part)).unwrap();
        std::os::unix::fs::symlink(home.join(part), xdg(part).join("lastgood")).unwrap();
    }
    let questions: &[&[&str]] = &[
        &["find", "kind:secret"],
        &["stats"],
        &["gaps"],
        &["record", "1"],
        &["record", "2.1"],
        &["export", "--to", "lineage"],
        &["export", "--to", "bundle"],
    ];
    let mut out = Vec::new();
    for question in questions {
        for json in [&[][..], &["--json"]] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_lastgood"));
            command.env_clear().env("HOME", home).env("LASTGOOD_LEDGER", ledger);
            for part in ["config", "data", "state"] {
                command.env(format!("XDG_{}_HOME", part.to_uppercase()), xdg(part));
            }
            let said = command.args(json).args(*question).output().unwrap();
            out.push((format!("{question:?} {json:?}"), [said.stdout, said.stderr].concat()));
        }
    }
    out
}

fn screens(engine: Engine, traces: &Traces, place: &str, leaks: &mut BTreeSet<String>) {
    let setup = console_setup(engine, Scope::default(), "person:on-call".to_owned(), None).unwrap();
    let mut tui = Tui::over(setup, (), 160, 50);
    for keys in ["down", "enter", "o", "pgdn", "esc", "9", "down", "o", "esc", "1"] {
        tui.keys(keys);
        traces.none(&format!("{place}: the screen after {keys}"), tui.screen().as_bytes(), leaks);
    }
}

/// Imports what was planted for a format and searches every place for it. What is wrong goes to `leaks`.
fn through(format: &str, canaries: &[Canary], traces: &Traces, leaks: &mut BTreeSet<String>) {
    let planted = tempfile::tempdir().unwrap();
    let (documents, stand) = plant(planted.path(), format, canaries);
    assert!(documents > 0, "{format}: there is no planter: add one to tests/all/canary/planters.rs");
    let place = tempfile::tempdir().unwrap();
    let home = Home::below(place.path());
    let ledger = place.path().join("data.lastgood");
    let clock = || Clock::fixed(Time::parse_stated("2026-11-20T00:00:00Z").unwrap().0);
    let engine = Engine::open_or_create(&home, &ledger, clock()).unwrap();
    let what = Ingest { paths: vec![PathBuf::from(planted.path())], ..Ingest::default() };
    let report = engine.ingest(&what, &()).unwrap();
    assert!(report.formats.keys().any(|name| name == format), "{format}: {:?}", report.formats);
    let read = report.formats.get(format).copied().unwrap_or_default();
    assert!(read >= documents as u64, "{format}: {read} of {documents} are taken for it: {:?}", report.formats);
    for problem in report.quarantined.iter().chain(&report.warnings) {
        traces.none(&format!("{format}: a message"), format!("{problem:?}").as_bytes(), leaks);
    }
    let view = engine.view(&Scope::default()).unwrap();
    let found = |secret: &str| !view.holders_of_secret(secret.as_bytes()).unwrap().is_empty();
    assert_eq!(stand.iter().map(|(number, _)| number).collect::<BTreeSet<_>>().len(), canaries.len());
    for (number, all) in stand {
        let canary = &canaries[number];
        // Under a name only the second half of a pair stands.
        let parts = if all { &canary.secrets[..] } else { &canary.secrets[canary.secrets.len() - 1..] };
        for secret in parts.iter().filter(|secret| !found(secret)) {
            let about = secret.get(..12).unwrap();
            leaks.insert(format!("{format}: pasting finds nothing: {} in {}: {about}…", canary.shape, canary.encoding));
        }
    }
    drop(view);
    let records = engine.head().unwrap().records;
    for record in 1..=records {
        let kept = engine.record(&RecordOf { record, ordinal: None }).unwrap();
        traces.none(&format!("{format}: the content of record {record}"), kept.content.as_bytes(), leaks);
    }
    // While it is open the write-ahead log is there too.
    every_file(place.path(), &mut |path, bytes| {
        let name = path.strip_prefix(place.path()).unwrap().display().to_string();
        traces.none(&format!("{format}: {name}"), bytes, leaks);
    });
    for (question, answer) in answers(place.path(), &ledger) {
        traces.none(&format!("{format}: {question}"), &answer, leaks);
    }
    screens(engine, traces, format, leaks);
}

#[test]
fn a_thousand_secrets_through_every_importer_leave_no_trace_and_are_found_by_pasting() {
    let canaries = canaries();
    assert!(canaries.len() >= 1000);
    let shapes: BTreeSet<&str> = canaries.iter().map(|canary| canary.shape).collect();
    assert_eq!((shapes.len(), shapes::ENCODINGS.len()), (shapes::SHAPES, 8));
    let traces = Traces::new(&canaries);
    // What is searched for would be found.
    for canary in &canaries {
        let encoded = format!("{} {}", canary.text.replace('\n', ""), shapes::percent(&canary.text));
        assert!(
            canary.encoding == "gzip" || !traces.left(encoded.as_bytes()).is_empty(),
            "{} in {}",
            canary.shape,
            canary.encoding
        );
    }
    let leaks: BTreeSet<String> = std::thread::scope(|scope| {
        let halves: Vec<_> = (0..2)
            .map(|half| {
                let (canaries, traces) = (&canaries, &traces);
                scope.spawn(move || {
                    let mut leaks = BTreeSet::new();
                    for importer in IMPORTERS.iter().skip(half).step_by(2) {
                        through(importer.format().name, canaries, traces, &mut leaks);
                    }
                    leaks
                })
            })
            .collect();
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    });
    // One example of each sort of leak, without the number of the record.
    let mut sorts: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for leak in &leaks {
        let sort: String = leak.splitn(4, ": ").take(3).collect::<Vec<_>>().join(": ");
        let sort = sort.chars().filter(|c| !c.is_ascii_digit() || !leak.contains("record")).collect();
        let (count, _) = sorts.entry(sort).or_insert_with(|| (0, leak.clone()));
        *count += 1;
    }
    let told: Vec<String> = sorts.into_values().map(|(count, leak)| format!("{count} × {leak}")).collect();
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), told.join("\n"));
}

#[test]
fn no_planter_is_for_a_format_that_is_not_read() {
    let read: BTreeSet<&str> = IMPORTERS.iter().map(|importer| importer.format().name).collect();
    for (format, _, _) in planters::PLANTERS {
        assert!(read.contains(format), "{format}");
    }
}

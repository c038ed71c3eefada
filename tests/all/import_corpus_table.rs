//! Every real file of the corpora in a format that is read, against what its manifest says of it, as one table:
//! format, files, as expected, not, why. What single files have to say is asked beside, format by format.

use crate::import_streams::{Imported, import};
use crate::support::skipped;
use lastgood::connector::{Limits, walk};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Folders whose formats no importer reads yet, and those that hold no files of a format.
const NOT_READ: [&str; 7] = ["prov", "c2pa", "croissant", "dbt", "datahub", "dps", "schemas"];

/// What came of a file.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// Read in full.
    Read,
    /// Read, with a doubt.
    Doubted,
    /// Something of it, or all of it, was set aside.
    Refused(String),
    /// No importer takes it.
    Unknown(String),
}

fn outcome(imported: Result<Imported, lastgood::import::Unknown>) -> Outcome {
    let imported = match imported {
        Ok(imported) => imported,
        Err(unknown) => return Outcome::Unknown(unknown.to_string()),
    };
    let first = imported.reasons().into_iter().next();
    match first {
        Some(why) => Outcome::Refused(why),
        None if imported.warnings().is_empty() => Outcome::Read,
        None => Outcome::Doubted,
    }
}

/// Why an outcome is not what the manifest asks for.
fn wrong(expect: &str, outcome: &Outcome) -> Option<String> {
    let taken = matches!(outcome, Outcome::Read | Outcome::Doubted);
    let found_wrong = matches!(outcome, Outcome::Refused(_) | Outcome::Unknown(_) | Outcome::Doubted);
    let right = match expect {
        "accept" | "accept(empty)" | "verify-ok" => taken,
        // One that must not verify is read all the same, as far as it can be.
        "verify-fail" | "reference" => true,
        "accept-warn" => matches!(outcome, Outcome::Doubted | Outcome::Refused(_)),
        "reject" => found_wrong,
        "pattern" => matches!(outcome, Outcome::Refused(why) | Outcome::Unknown(why) if why.contains("template")),
        // A piece of an event, a recording of HTTP: said to be none of ours.
        "accept(facet)" | "unknown-format" => matches!(outcome, Outcome::Unknown(_)),
        other => panic!("the manifest expects {other}, which this test does not know"),
    };
    (!right).then(|| format!("{expect} expected, found {outcome:?}"))
}

/// Files of which something else is asked than the manifest's word, by a part of their path, each with why.
const OTHERWISE: &[(&str, &str)] = &[
    // What lies beside the files of a format: it has no format to be read in.
    ("/keys/", "a key"),
    ("README", "a text"),
    ("conformance/a.txt", "the artefact that was signed"),
    ("/key.pub", "a key"),
    ("trusted_root.json", "a trust root, which settings name"),
    ("/ignore-me", "a file of a signed model"),
    ("/signme-", "a file of a signed model"),
    (".digest", "a digest alone"),
    ("scenario.md", "a text"),
    ("/maintainers.json", "who maintains a scenario"),
    ("compat-consumer/scenarios/airflow/config.json", "settings of a scenario"),
    ("compat-consumer/scenarios/simple_run_event/config.json", "settings of a scenario"),
    ("spark_dataproc_simple_producer_test/config.json", "settings of a scenario"),
    ("/facets/job_facets.json", "facets without their event, and said to be that"),
    ("/facets/run_facets.json", "facets without their event, and said to be that"),
    ("flink1-patterns/events.jsonl", "payloads of a queue, not events"),
    ("flink1-patterns/events_proto.jsonl", "payloads of a queue, not events"),
    ("resource_descriptor-", "a descriptor without its statement"),
    ("test-catalog-sources.yaml", "a list of catalogues, which names no model"),
    // What the notes on the formats ask for.
    ("bom-issue3936-", "a component without a name is refused, and the rest is kept"),
    ("dbt-events/postgres/", "its run ids are {{ any(result) }}: a template, and said to be one"),
    ("sparksql/1.json", "an event without a run id is refused"),
    ("sparksql/2.json", "an event without a run id is refused"),
    (
        "sample_no_metadata.md",
        "nothing in a text without front matter says that it is a card; --as huggingface reads it",
    ),
    ("trufflehog-clean-scan.jsonl", "nothing in an empty file says of what it is; --as trufflehog reads it"),
    // Formats that are not read yet, and said to be unknown.
    ("chainloop-renderer/renderer/chainloop/testdata/attestation.source", "Chainloop's own state before signing"),
    ("blackduck_sca.json", "Black Duck"),
    ("checkmarx.json", "Checkmarx"),
    ("csaf", "CSAF"),
    ("evidence-with-id-data-schema.json", "Chainloop's own envelope"),
    ("ghas-code-scan.json", "GitHub code scanning"),
    ("ghas-dependency-scan.json", "Dependabot"),
    ("gl-sast-report.json", "GitLab SAST"),
    ("scorecard", "OpenSSF Scorecard"),
    ("twistcli_scan.json", "Prisma Cloud"),
];

/// What came of the files of a format.
#[derive(Default)]
struct Row {
    files: usize,
    /// Those of which something else is asked, by why.
    otherwise: BTreeMap<&'static str, usize>,
    not: Vec<String>,
}

/// A file as an import opens it, decompressed.
fn opened(path: &Path) -> Box<dyn Read + Send> {
    let items = walk(&[path.to_owned()], &Limits::default());
    items.map(|item| item.unwrap().reader).next().unwrap_or_else(|| Box::new(std::io::empty()))
}

fn corpora() -> Option<PathBuf> {
    let root = std::env::var_os("LASTGOOD_CORPORA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"), PathBuf::from);
    root.join("MANIFEST.tsv").is_file().then_some(root)
}

#[test]
fn every_file_of_the_corpora_comes_out_as_its_manifest_says() {
    let Some(root) = corpora() else { return skipped("the table of the corpora", "LASTGOOD_CORPORA names none") };
    let manifest = std::fs::read_to_string(root.join("MANIFEST.tsv")).unwrap();
    let mut table: BTreeMap<String, Row> = BTreeMap::new();
    for row in manifest.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        let (path, expect) = (columns[0], columns[8]);
        let format = path.split('/').next().unwrap();
        if NOT_READ.contains(&format) {
            continue;
        }
        let read = std::panic::catch_unwind(|| import(opened(&root.join(path))));
        let other = OTHERWISE.iter().find(|(part, _)| path.contains(part));
        let why = match read {
            Ok(imported) => wrong(expect, &outcome(imported)),
            Err(_) => Some("reading it panicked".to_owned()),
        };
        let row = table.entry(format.to_owned()).or_default();
        row.files += 1;
        match (why, other) {
            (Some(why), Some((_, other))) if !why.contains("panicked") => {
                *row.otherwise.entry(other).or_default() += 1;
            }
            (Some(why), _) => row.not.push(format!("{path}: {why}")),
            (None, _) => {}
        }
    }
    println!("{:<16} {:>6} {:>12} {:>5}", "format", "files", "as expected", "not");
    for (format, Row { files, otherwise, not }) in &table {
        println!("{format:<16} {files:>6} {:>12} {:>5}", files - not.len(), not.len());
        for (why, count) in otherwise {
            println!("    {count} refused, as they should be: {why}");
        }
        not.iter().for_each(|why| println!("    {why}"));
    }
    assert!(table.values().all(|row| row.not.is_empty()), "see the table");
}

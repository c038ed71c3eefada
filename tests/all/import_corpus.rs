//! Real captured files, kept outside the project: `LASTGOOD_CORPORA`, or `corpora`
//! beside the checkout. Skips, and says so, where there are none, unless `CI=true`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail as tests do")]

use crate::import_streams::{Imported, import};
use lastgood::import::redact;
use lastgood::model::{Relation, Statement};
use lastgood::proof::fingerprint::Pepper;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The folder of OpenLineage files, or nothing after having said why.
fn corpus() -> Option<PathBuf> {
    corpus_of("openlineage")
}

/// A folder of the corpora, or nothing after having said why.
pub(crate) fn corpus_of(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("LASTGOOD_CORPORA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"), PathBuf::from);
    let folder = root.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{} is missing", folder.display());
    println!("SKIPPED {name} corpus: {} is missing", folder.display());
    None
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ext| ext == "json" || ext == "jsonl") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(file: &Path) -> Result<Imported, String> {
    import(std::fs::File::open(file).unwrap()).map_err(|unknown| unknown.to_string())
}

/// What several files say together.
#[derive(Default)]
struct Said {
    kinds: BTreeMap<String, BTreeSet<String>>,
    links: BTreeSet<(String, String, String)>,
    reasons: Vec<String>,
    warnings: Vec<String>,
}

impl Said {
    fn by(folder: &Path) -> Said {
        let mut said = Said::default();
        for file in files(folder) {
            let imported = read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            assert_eq!(imported.format, "openlineage");
            said.reasons.extend(imported.reasons());
            said.warnings.extend(imported.warnings().into_iter().map(str::to_owned));
            for statement in imported.claims() {
                match statement {
                    Statement::Artefact(artefact) => {
                        said.kinds.entry(artefact.kind.to_string()).or_default().insert(artefact.id.clone());
                    }
                    Statement::Link(link) => {
                        assert!(link.since.is_some(), "{link:?}");
                        said.links.insert((link.from.clone(), link.relation.to_string(), link.to.clone()));
                    }
                    _ => {}
                }
            }
        }
        said
    }

    fn count(&self, kind: &str) -> usize {
        self.kinds.get(kind).map_or(0, BTreeSet::len)
    }

    fn of(&self, relation: &Relation) -> impl Iterator<Item = (&str, &str)> {
        let word = relation.to_string();
        self.links.iter().filter(move |link| link.1 == word).map(|(from, _, to)| (from.as_str(), to.as_str()))
    }

    /// Runs, jobs, datasets, edges between runs and datasets.
    fn figures(&self) -> [usize; 4] {
        let edges = self.of(&Relation::Used).count() + self.of(&Relation::ProducedBy).count();
        [self.count("run"), self.count("job"), self.count("dataset"), edges]
    }

    /// Dataset from dataset through one run: what a walk over two links finds.
    fn derived(&self) -> BTreeSet<(&str, &str)> {
        let used: Vec<(&str, &str)> = self.of(&Relation::Used).collect();
        self.of(&Relation::ProducedBy)
            .flat_map(|(output, by)| {
                used.iter().filter(move |(run, _)| *run == by).map(move |(_, input)| (*input, output))
            })
            .collect()
    }
}

#[test]
fn airflow_has_its_runs_and_its_twelve_derivations() {
    let Some(corpus) = corpus() else { return };
    let said = Said::by(&corpus.join("compat-consumer/scenarios/airflow/events"));
    assert_eq!(said.figures(), [16, 16, 13, 24]);
    assert_eq!(said.of(&Relation::ChildOf).count(), 13);
    assert_eq!(said.reasons, Vec::<String>::new());
    let short = |id: &str| id.rsplit('/').next().unwrap().to_owned();
    let derived: BTreeSet<(String, String)> = said.derived().into_iter().map(|(a, b)| (short(a), short(b))).collect();
    let expected = [
        ("copied.csv", "mock-project.test.upload"),
        ("test.csv", "mock-project.test.upload"),
        ("mock-project.test.upload", "mock-project.test.upload_cp"),
        ("mock-project.test.upload_cp", "result.csv"),
        ("data.txt", "uploaded_file.txt"),
        ("uploaded_file.txt", "copy_of_uploaded_file.txt"),
        ("uploaded_file.txt", "downloaded_file.txt"),
        ("uploaded_data.txt", "copy_of_uploaded_data.txt"),
        ("uploaded_file.txt", "compose_result.txt"),
        ("uploaded_data.txt", "compose_result.txt"),
        ("copy_of_uploaded_data.txt", "compose_result.txt"),
        ("copy_of_uploaded_file.txt", "compose_result.txt"),
    ];
    assert_eq!(derived, expected.into_iter().map(|(a, b)| (a.to_owned(), b.to_owned())).collect());
    assert_eq!(said.derived().len(), 12);
}

#[test]
fn apples_has_its_runs() {
    let Some(corpus) = corpus() else { return };
    assert_eq!(Said::by(&corpus.join("marquez-events/apples")).figures(), [8, 5, 9, 20]);
}

#[test]
fn events_of_one_run_are_one_run() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("compat-consumer/scenarios/spark_dataproc_simple_producer_test/events");
    let said = Said::by(&folder);
    assert_eq!([said.count("run"), said.count("dataset"), said.of(&Relation::ChildOf).count()], [1, 2, 1]);
    let keys: BTreeSet<String> = files(&folder)
        .iter()
        .flat_map(|file| {
            let imported = read(file).unwrap();
            let keys: Vec<String> = imported
                .claims()
                .filter_map(|claim| match claim {
                    Statement::Artefact(it) if it.id.starts_with("run:") => Some(it.attributes.keys().cloned()),
                    _ => None,
                })
                .flatten()
                .collect();
            keys
        })
        .collect();
    for key in ["state.START", "state.RUNNING", "state.COMPLETE", "engine.name", "facet.gcp_dataproc_spark"] {
        assert!(keys.contains(key), "{key} is not among {keys:?}");
    }
}

#[test]
fn a_run_id_that_is_no_uuid_is_accepted_with_a_warning() {
    let Some(corpus) = corpus() else { return };
    let said = Said::by(&corpus.join("compat-consumer/scenarios/simple_run_event/events"));
    assert_eq!(said.derived().len(), 1);
    assert!(said.kinds["run"].contains("run:run_id"));
    assert!(said.warnings.iter().any(|text| text.contains("is not a UUID")), "{:?}", said.warnings);
}

#[test]
fn what_a_validator_finds_wrong_is_said_with_its_pointer() {
    let Some(corpus) = corpus() else { return };
    let file = |name: &str| read(&corpus.join("fluentd-validation").join(name)).unwrap();
    let reasons = file("event_no_run_id.json").reasons();
    assert_eq!(reasons, ["1: /run: \"runId\" is a required property"]);
    let warnings = |name: &str| file(name).warnings().join("\n");
    assert!(
        warnings("event_invalid_run_facet.json").contains("/run/facets/parent/run: \"runId\" is a required property")
    );
    assert!(
        warnings("event_invalid_job_facet.json").contains("/job/facets/ownership/owners/0: \"name\" is a required")
    );
    let full = file("event_full.json");
    let rows = full.claims().find_map(|claim| match claim {
        Statement::Link(link) => link.attributes.get("rows").cloned(),
        _ => None,
    });
    assert_eq!(rows, Some(serde_json::json!(2000)));
    let id = |imported: &Imported, wanted: &str| {
        imported.claims().any(|claim| claim.about() == Some(&format!("run:{wanted}")[..]))
    };
    assert!(id(&full, "ea041791-68bc-4ae1-bd89-4c8106a157e4"));
    assert!(id(&file("event_simple.json"), "41fb5137-f0fd-4ee5-ba5c-56f8571d1bd7"));
}

#[test]
fn events_without_a_run_are_accepted() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("marquez-events/open_lineage");
    for name in ["event_dataset_event.json", "event_job_event.json", "event_unicode.json", "event_required_only.json"] {
        let imported = read(&folder.join(name)).unwrap();
        assert_eq!(imported.reasons(), Vec::<String>::new(), "{name}");
        assert!(imported.claims().count() > 0, "{name}");
        let run = imported.claims().any(|claim| matches!(claim, Statement::Artefact(it) if it.id.starts_with("run:")));
        assert_eq!(run, !name.contains("dataset_event") && !name.contains("job_event"), "{name}");
    }
}

#[test]
fn templates_store_nothing() {
    let Some(corpus) = corpus() else { return };
    for folder in ["hive-patterns", "flink1-patterns/events", "spark-expected-patterns", "marquez-seed", "dbt-events"] {
        for file in files(&corpus.join(folder)) {
            let refused = read(&file).map(|imported| imported.claims().count()).err();
            let refused = refused.unwrap_or_else(|| panic!("{} was read", file.display()));
            assert!(refused.contains("OpenLineage test template, not telemetry"), "{}: {refused}", file.display());
        }
    }
}

#[test]
fn facets_alone_are_refused_by_name() {
    let Some(corpus) = corpus() else { return };
    for file in files(&corpus.join("spec-facets")) {
        let refused = read(&file).map(|imported| imported.claims().count()).err();
        assert!(refused.is_some_and(|text| text.contains("OpenLineage facets without")), "{}", file.display());
    }
}

#[test]
fn redaction_harms_no_file() {
    let Some(corpus) = corpus() else { return };
    let pepper = Pepper::new([3; 32]);
    for file in files(corpus.parent().unwrap()) {
        let bytes = std::fs::read(&file).unwrap();
        let redacted = redact(&bytes, &pepper);
        let json = |bytes: &[u8]| serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok();
        assert_eq!(json(&bytes), json(&redacted.bytes), "{}", file.display());
        assert!(redact(&redacted.bytes, &pepper).found.is_empty(), "{}", file.display());
        if std::env::var_os("SHOW").is_some() {
            for sighting in redacted.found {
                let at = sighting.at as usize;
                let from = at.saturating_sub(60);
                let context = String::from_utf8_lossy(&redacted.bytes[from..at]).replace('\n', " ");
                println!("{} {}: {context}", file.strip_prefix(&corpus).unwrap_or(&file).display(), sighting.rule);
            }
        }
    }
}

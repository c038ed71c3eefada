//! Stores of MLflow as they lie about: what is read of each version, that nothing of the original changes in
//! any state it may be in, and what is said of databases that are not what they seem.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use crate::support::Workspace;
use lastgood::connector::{Limits, Refused, walk};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The tables of a store of MLflow 2, as far as they are read.
const TWO: &str = "
CREATE TABLE alembic_version (version_num TEXT PRIMARY KEY);
INSERT INTO alembic_version VALUES ('5b0e9adcef9c');
CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name TEXT, artifact_location TEXT, lifecycle_stage TEXT,
  creation_time BIGINT, last_update_time BIGINT);
CREATE TABLE experiment_tags (\"key\" TEXT, value TEXT, experiment_id INTEGER, PRIMARY KEY (\"key\", experiment_id));
CREATE TABLE runs (run_uuid TEXT PRIMARY KEY, name TEXT, user_id TEXT, status TEXT, start_time BIGINT, end_time BIGINT,
  lifecycle_stage TEXT, artifact_uri TEXT, experiment_id INTEGER, deleted_time BIGINT);
CREATE TABLE params (\"key\" TEXT, value TEXT, run_uuid TEXT, PRIMARY KEY (\"key\", run_uuid));
CREATE TABLE tags (\"key\" TEXT, value TEXT, run_uuid TEXT, PRIMARY KEY (\"key\", run_uuid));
CREATE TABLE metrics (\"key\" TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT, step BIGINT, is_nan BOOLEAN);
CREATE TABLE datasets (dataset_uuid TEXT, experiment_id INTEGER, name TEXT, digest TEXT, dataset_source_type TEXT,
  dataset_source TEXT, dataset_schema TEXT, dataset_profile TEXT, PRIMARY KEY (experiment_id, name, digest));
CREATE TABLE inputs (input_uuid TEXT, source_type TEXT, source_id TEXT, destination_type TEXT, destination_id TEXT);
CREATE TABLE input_tags (input_uuid TEXT, name TEXT, value TEXT, PRIMARY KEY (input_uuid, name));
CREATE TABLE registered_models (name TEXT PRIMARY KEY, creation_time BIGINT, last_updated_time BIGINT, description TEXT);
CREATE TABLE registered_model_tags (\"key\" TEXT, value TEXT, name TEXT, PRIMARY KEY (\"key\", name));
CREATE TABLE registered_model_aliases (alias TEXT, version INTEGER, name TEXT, PRIMARY KEY (name, alias));
CREATE TABLE model_versions (name TEXT, version INTEGER, creation_time BIGINT, last_updated_time BIGINT, description TEXT,
  user_id TEXT, current_stage TEXT, source TEXT, run_id TEXT, status TEXT, PRIMARY KEY (name, version));
CREATE TABLE model_version_tags (\"key\" TEXT, value TEXT, name TEXT, version INTEGER, PRIMARY KEY (\"key\", name, version));

INSERT INTO experiments VALUES (0, 'Default', 'mlruns/0', 'active', 1763456400000, 1763456400000),
  (1, 'fraud', 'mlruns/1', 'active', 1763456500000, 1763456500000);
INSERT INTO experiment_tags VALUES ('owner', 'team:risk-ml', 1);
INSERT INTO runs VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'parent', 'ada', 'FINISHED', 1763456600000, 1763456700000, 'active', 'mlruns/1/a/artifacts', 1, NULL),
  ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'kid', 'ada', 'FAILED', 1763456600000, 1763456700000, 'active', 'mlruns/1/b/artifacts', 1, NULL),
  ('cccccccccccccccccccccccccccccccc', 'gone', 'ada', 'KILLED', 1763456600000, NULL, 'deleted', 'mlruns/1/c/artifacts', 1, 1763456800000);
INSERT INTO params VALUES ('lr', '0.1', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'), ('depth', '9', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'), ('lr', '0.2', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb');
INSERT INTO tags VALUES ('mlflow.parentRunId', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'),
  ('mlflow.source.git.commit', '1234567812345678123456781234567812345678', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
INSERT INTO metrics VALUES ('loss', 0.7, 1763456610000, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 0, 0),
  ('loss', 0.2, 1763456630000, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 2, 0), ('loss', 0.4, 1763456620000, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 1, 0),
  ('bad', 0.0, 1763456620000, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 0, 1);
INSERT INTO datasets VALUES ('d1', 1, 'loans', '2981c147', 's3', '{\"uri\": \"s3://lake/loans.csv\"}', '{}', '{}');
INSERT INTO inputs VALUES ('i1', 'DATASET', 'd1', 'RUN', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
INSERT INTO input_tags VALUES ('i1', 'mlflow.data.context', 'training');
INSERT INTO registered_models VALUES ('fraud-scorer', 1763456800000, 1763456800000, 'scores');
INSERT INTO registered_model_aliases VALUES ('champion', 10, 'fraud-scorer');
INSERT INTO model_versions VALUES ('fraud-scorer', 2, 1763456800000, 1763456800000, NULL, NULL, 'None', 'runs:/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/model', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'READY'),
  ('fraud-scorer', 10, 1763456900000, 1763456950000, NULL, NULL, 'Production', 'runs:/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/model', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'READY');
INSERT INTO model_version_tags VALUES ('team', 'risk', 'fraud-scorer', 10), ('team', 'ops', 'fraud-scorer', 2);
";

/// What MLflow 3 has beyond that.
const THREE: &str = "
ALTER TABLE registered_models ADD COLUMN workspace TEXT DEFAULT 'default';
ALTER TABLE registered_model_tags ADD COLUMN workspace TEXT DEFAULT 'default';
ALTER TABLE registered_model_aliases ADD COLUMN workspace TEXT DEFAULT 'default';
ALTER TABLE model_versions ADD COLUMN workspace TEXT DEFAULT 'default';
ALTER TABLE model_versions ADD COLUMN storage_location TEXT;
ALTER TABLE model_version_tags ADD COLUMN workspace TEXT DEFAULT 'default';
ALTER TABLE inputs ADD COLUMN step BIGINT DEFAULT 0;
CREATE TABLE logged_models (model_id TEXT PRIMARY KEY, experiment_id INTEGER, name TEXT, artifact_location TEXT,
  creation_timestamp_ms BIGINT, last_updated_timestamp_ms BIGINT, status INTEGER, lifecycle_stage TEXT, model_type TEXT, source_run_id TEXT);
CREATE TABLE logged_model_params (model_id TEXT, experiment_id INTEGER, param_key TEXT, param_value TEXT);
CREATE TABLE logged_model_tags (model_id TEXT, experiment_id INTEGER, tag_key TEXT, tag_value TEXT);
CREATE TABLE logged_model_metrics (model_id TEXT, metric_name TEXT, metric_timestamp_ms BIGINT, metric_step BIGINT, metric_value FLOAT,
  experiment_id INTEGER, run_id TEXT, dataset_uuid TEXT, dataset_name TEXT, dataset_digest TEXT);
CREATE TABLE trace_info (request_id TEXT PRIMARY KEY, experiment_id INTEGER, timestamp_ms BIGINT, execution_time_ms BIGINT, status TEXT);
CREATE TABLE trace_request_metadata (\"key\" TEXT, value TEXT, request_id TEXT);
CREATE TABLE trace_tags (\"key\" TEXT, value TEXT, request_id TEXT);
CREATE TABLE spans (trace_id TEXT, experiment_id INTEGER, span_id TEXT, start_time_unix_nano BIGINT, end_time_unix_nano BIGINT,
  duration_ns BIGINT GENERATED ALWAYS AS (end_time_unix_nano - start_time_unix_nano) STORED, content TEXT, PRIMARY KEY (trace_id, span_id));
CREATE TABLE assessments (assessment_id TEXT PRIMARY KEY, trace_id TEXT, name TEXT, assessment_type TEXT, value TEXT, error TEXT,
  created_timestamp BIGINT, last_updated_timestamp BIGINT, source_type TEXT, source_id TEXT, span_id TEXT, rationale TEXT, valid BOOLEAN);
CREATE TABLE secrets (secret_id TEXT PRIMARY KEY, secret_name TEXT, encrypted_value BLOB, wrapped_dek BLOB, masked_value TEXT, provider TEXT, created_by TEXT, created_at BIGINT);
CREATE TABLE model_definitions (model_definition_id TEXT PRIMARY KEY, name TEXT, secret_id TEXT, provider TEXT, model_name TEXT, created_at BIGINT);
CREATE TABLE endpoints (endpoint_id TEXT PRIMARY KEY, name TEXT, created_at BIGINT);
CREATE TABLE endpoint_model_mappings (mapping_id TEXT, endpoint_id TEXT, model_definition_id TEXT, weight FLOAT, linkage_type TEXT, created_at BIGINT);
CREATE TABLE endpoint_bindings (endpoint_id TEXT, resource_type TEXT, resource_id TEXT, created_at BIGINT);

INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id) VALUES
  ('i2', 'RUN_OUTPUT', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'MODEL_OUTPUT', 'm-11111111111111111111111111111111'),
  ('i3', 'RUN_INPUT', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'MODEL_INPUT', 'm-11111111111111111111111111111111');
INSERT INTO logged_models VALUES ('m-11111111111111111111111111111111', 1, 'scorer', 'mlruns/1/models/m', 1763456650000, 1763456650000, 2, 'active', 'agent', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
INSERT INTO logged_model_params VALUES ('m-11111111111111111111111111111111', 1, 'arch', 'forest');
INSERT INTO logged_model_tags VALUES ('m-11111111111111111111111111111111', 1, 'mlflow.modelVersions', '[{\"name\": \"fraud-scorer\", \"version\": 11}]');
INSERT INTO logged_model_metrics VALUES ('m-11111111111111111111111111111111', 'auc', 1763456660000, 0, 0.9, 1, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'd1', 'loans', '2981c147');
INSERT INTO model_versions (name, version, creation_time, current_stage, source, run_id, status) VALUES
  ('fraud-scorer', 11, 1763456990000, 'None', 'models:/m-11111111111111111111111111111111', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'READY');
INSERT INTO trace_info VALUES ('tr-17f337bbfdb3fe971157d919be977726', 1, 1763457000000, 3, 'OK');
INSERT INTO trace_request_metadata VALUES ('mlflow.modelId', 'm-11111111111111111111111111111111', 'tr-17f337bbfdb3fe971157d919be977726');
INSERT INTO trace_tags VALUES ('env', 'prod', 'tr-17f337bbfdb3fe971157d919be977726');
INSERT INTO spans (trace_id, experiment_id, span_id, start_time_unix_nano, end_time_unix_nano, content) VALUES
  ('tr-17f337bbfdb3fe971157d919be977726', 1, 'sHrIA93EgnQ=', 1, 2,
   '{\"trace_id\": \"F/M3u/2z/pcRV9kZvpd3Jg==\", \"span_id\": \"sHrIA93EgnQ=\", \"parent_span_id\": null, \"name\": \"agent\", \"start_time_unix_nano\": 1763457000000000000, \"end_time_unix_nano\": 1763457000003000000, \"attributes\": {\"mlflow.spanType\": \"\\\"AGENT\\\"\", \"mlflow.spanInputs\": \"{}\"}}');
INSERT INTO assessments VALUES ('a1', 'tr-17f337bbfdb3fe971157d919be977726', 'ok', 'feedback', 'true', NULL, 1763457100000, 1763457100000, 'HUMAN', 'p.novak', NULL, 'looked', 1),
  ('a2', 'tr-17f337bbfdb3fe971157d919be977726', 'queue', 'expectation', '\"fraud\"', NULL, 1763457100000, 1763457100000, 'HUMAN', 'p.novak', NULL, NULL, 1);
INSERT INTO secrets VALUES ('s1', 'openai-prod', X'00112233', X'44556677', 'sk-…abcd', 'openai', 'ops', 1763456000000);
INSERT INTO model_definitions VALUES ('d1', 'gpt', 's1', 'openai', 'gpt-4o', 1763456000000);
INSERT INTO endpoints VALUES ('e1', 'chat', 1763456000000);
INSERT INTO endpoint_model_mappings VALUES ('x', 'e1', 'd1', 1.0, 'PRIMARY', 1763456000000);
INSERT INTO endpoint_bindings VALUES ('e1', 'scorer', 'sc1', 1763456000000);
";

fn database(path: &Path, sql: &[&str]) -> Connection {
    let connection = Connection::open(path).unwrap();
    for part in sql {
        connection.execute_batch(part).unwrap();
    }
    connection
}

/// The documents of a path, by their place in it, and what was not read.
fn documents(path: &Path) -> (BTreeMap<String, Value>, Vec<Refused>) {
    let (mut found, mut refused) = (BTreeMap::new(), Vec::new());
    for item in walk(&[path.to_owned()], &Limits::default()) {
        match item {
            Ok(mut item) => {
                let mut text = String::new();
                item.reader.read_to_string(&mut text).unwrap();
                let part = item.part.unwrap_or(item.name);
                assert!(found.insert(part, serde_json::from_str(&text).unwrap()).is_none());
            }
            Err(why) => refused.push(why),
        }
    }
    (found, refused)
}

fn read(path: &Path) -> BTreeMap<String, Value> {
    let (found, refused) = documents(path);
    assert_eq!(refused, []);
    found
}

fn why(path: &Path) -> String {
    let (found, refused) = documents(path);
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(refused.len(), 1, "{refused:?}");
    refused[0].why.clone()
}

#[test]
fn a_store_of_the_second_generation_is_read_without_what_it_lacks() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mlflow.db");
    drop(database(&file, &[TWO]));
    let found = read(&file);
    let parts: Vec<&str> = found.keys().map(String::as_str).collect();
    assert_eq!(
        parts,
        [
            "experiments/0",
            "experiments/1",
            "model_versions/fraud-scorer/10",
            "model_versions/fraud-scorer/2",
            "registered_models/fraud-scorer",
            "runs/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "runs/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
            "runs/cccccccccccccccccccccccccccccccc",
        ]
    );
    let run = &found["runs/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"];
    assert_eq!(run["store"], json!({"first_experiment": "0", "created": 1_763_456_400_000_i64}));
    let run = &run["run"];
    assert_eq!(run["info"]["run_id"], "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    assert_eq!(run["data"]["params"], json!([{"key": "lr", "value": "0.1"}]));
    let loss = json!({"key": "loss", "value": 0.2, "timestamp": 1_763_456_630_000_i64, "step": 2, "count": 3, "min": 0.2, "max": 0.7});
    let bad = json!({"key": "bad", "value": "NaN", "timestamp": 1_763_456_620_000_i64, "step": 0});
    assert_eq!(run["data"]["metrics"], json!([bad, loss]));
    let input = &run["inputs"]["dataset_inputs"][0];
    assert_eq!(input["tags"], json!([{"key": "mlflow.data.context", "value": "training"}]));
    assert_eq!((&input["dataset"]["name"], &input["dataset"]["digest"]), (&json!("loans"), &json!("2981c147")));
    let model = &found["registered_models/fraud-scorer"]["registered_model"];
    assert_eq!(model["aliases"], json!([{"alias": "champion", "version": 10}]));
    // Versions are numbers and not texts: the tags of 2 and 10 are not mixed up.
    let version = &found["model_versions/fraud-scorer/10"]["model_version"];
    assert_eq!(version["tags"], json!([{"key": "team", "value": "risk"}]));
}

#[test]
fn a_store_of_the_third_generation_gives_all_that_is_in_it_but_no_value_of_a_secret() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mlflow.db");
    drop(database(&file, &[TWO, THREE]));
    let found = read(&file);
    let model = &found["logged_models/m-11111111111111111111111111111111"]["model"];
    assert_eq!(model["data"]["metrics"][0]["dataset_digest"], "2981c147");
    let run = &found["runs/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"]["run"];
    assert_eq!(run["inputs"]["model_inputs"][0]["model_id"], "m-11111111111111111111111111111111");
    let trace = &found["trace_info/tr-17f337bbfdb3fe971157d919be977726"]["trace"];
    assert_eq!(trace["spans"][0]["name"], "agent");
    let said = trace["trace_info"]["assessments"].as_array().unwrap();
    let by_name = |name: &str| said.iter().find(|it| it["assessment_name"] == name).unwrap();
    assert_eq!(by_name("ok")["feedback"], json!({"value": true}));
    assert_eq!(by_name("queue")["expectation"], json!({"value": "fraud"}));
    assert_eq!(
        found["model_versions/fraud-scorer/11"]["model_version"]["source"],
        "models:/m-11111111111111111111111111111111"
    );
    assert_eq!(found["endpoints/e1"]["endpoint"]["bindings"][0]["resource_id"], "sc1");
    let secret = found["secrets/s1"].to_string();
    assert!(secret.contains("openai-prod") && !secret.contains("abcd") && !secret.contains("masked"), "{secret}");
}

#[test]
fn a_table_or_column_that_is_lacking_costs_only_what_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mlflow.db");
    let less = "DROP TABLE tags; DROP TABLE datasets; DROP TABLE input_tags; ALTER TABLE runs DROP COLUMN name;
        ALTER TABLE metrics DROP COLUMN step; DELETE FROM alembic_version; INSERT INTO params VALUES ('x', '1', 'nobody');
        ALTER TABLE model_version_tags RENAME COLUMN version TO number;";
    drop(database(&file, &[TWO, less]));
    let (found, refused) = documents(&file);
    assert_eq!(found.len(), 8);
    let run = &found["runs/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]["run"];
    assert_eq!(run["data"]["params"], json!([{"key": "lr", "value": "0.1"}]));
    assert!(run["info"].get("run_name").is_none() && run["data"].get("tags").is_none());
    let why: Vec<&str> = refused.iter().map(|it| it.why.as_str()).collect();
    assert_eq!(
        why,
        [
            "/params: 1 rows belong to no row of runs; they are left out",
            "/model_version_tags: no column version: whose its rows are is not known; they are left out",
        ]
    );
}

/// A path with all that would show that somebody touched it: bytes, times, inode, mode.
type Seen = (PathBuf, Vec<u8>, [i64; 4], u64, u32);

fn seen(dir: &Path) -> Vec<Seen> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all.push(dir.to_owned());
    let look = |path: PathBuf| {
        let it = path.metadata().unwrap();
        let bytes = if it.is_file() { std::fs::read(&path).unwrap() } else { Vec::new() };
        (path, bytes, [it.mtime(), it.mtime_nsec(), it.ctime(), it.ctime_nsec()], it.ino(), it.mode())
    };
    all.into_iter().map(look).collect()
}

fn copied(from: &Path, to: &Path, endings: &[&str]) -> PathBuf {
    std::fs::create_dir_all(to).unwrap();
    for ending in endings {
        let name = format!("mlflow.db{ending}");
        std::fs::copy(from.join(&name), to.join(&name)).unwrap();
    }
    to.join("mlflow.db")
}

/// What every state below comes to once its log is worked in or its journal rolled back.
fn expected() -> BTreeMap<String, Value> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mlflow.db");
    drop(database(&file, &[TWO, THREE]));
    read(&file)
}

#[test]
fn nothing_of_the_original_changes_in_whatever_state_it_is_and_nothing_of_it_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    std::fs::create_dir_all(at("live")).unwrap();
    let live = at("live/mlflow.db");
    let writer = database(&live, &["PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;", TWO, THREE]);
    // A transaction that is under way is nothing yet.
    writer.execute_batch("BEGIN IMMEDIATE; DELETE FROM runs;").unwrap();
    let crashed = copied(&at("live"), &at("crashed"), &["", "-wal"]);
    let left = copied(&at("live"), &at("left"), &["", "-wal", "-shm"]);

    std::fs::create_dir_all(at("busy")).unwrap();
    let busy = at("busy/mlflow.db");
    let second = database(&busy, &[TWO, THREE, "PRAGMA cache_size = 2; PRAGMA cache_spill = 1;"]);
    let fill = "BEGIN IMMEDIATE; UPDATE runs SET name = 'never';
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
        INSERT INTO params SELECT 'p' || i, hex(zeroblob(900)), 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' FROM n;";
    second.execute_batch(fill).unwrap();
    let hot = copied(&at("busy"), &at("hot"), &["", "-journal"]);
    assert!(at("hot/mlflow.db-journal").metadata().unwrap().len() > 0);

    let locked = copied(&at("live"), &at("locked"), &["", "-wal"]);
    for (path, mode) in [(locked.as_path(), 0o444), (&at("locked/mlflow.db-wal"), 0o444), (&at("locked"), 0o555)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    let expected = expected();
    // Without its log or its journal, each says something else: the states are what they are made for.
    let bare = copied(&at("live"), &at("bare"), &[""]);
    assert_ne!(documents(&bare).0, expected);
    let torn = copied(&at("busy"), &at("torn"), &[""]);
    assert_ne!(documents(&torn).0, expected);
    for file in [&live, &crashed, &left, &busy, &hot, &locked] {
        let folder = file.parent().unwrap();
        let before = seen(folder);
        assert_eq!(read(file), expected, "{}", file.display());
        assert_eq!(seen(folder), before, "{}", file.display());
        // The same when the folder is what is named: log and journal are no files of their own.
        let (found, refused) = documents(folder);
        assert_eq!(found, expected, "{}", folder.display());
        assert!(refused.iter().all(|it| it.passed_over), "{refused:?}");
        assert_eq!(seen(folder), before, "{}", folder.display());
    }
    std::fs::set_permissions(at("locked"), std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_journal_that_names_another_file_moves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("busy")).unwrap();
    let precious = dir.path().join("precious");
    std::fs::write(&precious, "keep me").unwrap();
    let file = dir.path().join("busy/mlflow.db");
    let connection = database(
        &file,
        &[TWO, "PRAGMA cache_size = 2;", "BEGIN IMMEDIATE; UPDATE runs SET name = hex(zeroblob(9000));"],
    );
    let hot = copied(&dir.path().join("busy"), &dir.path().join("hot"), &["", "-journal"]);
    drop(connection);
    let name = precious.display().to_string();
    let sum: u32 = name.bytes().map(u32::from).sum();
    let mut journal = std::fs::OpenOptions::new().append(true).open(dir.path().join("hot/mlflow.db-journal")).unwrap();
    journal.write_all(&0x4000_0001_u32.to_be_bytes()).unwrap();
    journal.write_all(name.as_bytes()).unwrap();
    journal.write_all(&u32::try_from(name.len()).unwrap().to_be_bytes()).unwrap();
    journal.write_all(&sum.to_be_bytes()).unwrap();
    journal.write_all(&[0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]).unwrap();
    drop(journal);
    assert!(why(&hot).starts_with("its journal names another journal: found "), "{}", why(&hot));
    assert_eq!(std::fs::read_to_string(&precious).unwrap(), "keep me");
}

#[test]
fn what_is_no_table_is_not_read_as_one() {
    let dir = tempfile::tempdir().unwrap();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT CAST(i AS TEXT)";
    let hostile = [
        format!("DROP TABLE runs; CREATE VIEW runs AS {endless} AS run_uuid FROM n;"),
        "DROP TABLE runs; CREATE VIRTUAL TABLE runs USING fts5(run_uuid);".to_owned(),
        "DROP TABLE runs; CREATE TABLE runs (x TEXT, run_uuid TEXT GENERATED ALWAYS AS (x) VIRTUAL);".to_owned(),
    ];
    for (number, sql) in hostile.iter().enumerate() {
        let file = dir.path().join(format!("{number}.db"));
        drop(database(&file, &[TWO, sql]));
        let why = why(&file);
        assert!(why.starts_with("is like a database of MLflow without its runs: found tables "), "{why}");
    }
    // The same in place of what belongs to a run costs only that.
    let file = dir.path().join("params.db");
    let view =
        format!("DROP TABLE params; CREATE VIEW params AS {endless} AS \"key\", 1 AS value, 2 AS run_uuid FROM n;");
    drop(database(&file, &[TWO, &view]));
    assert_eq!(read(&file).len(), 8);
}

#[test]
fn what_is_another_database_is_named_as_what_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let table = [
        (
            "CREATE TABLE notes (a); CREATE TABLE tags (b);",
            "not a supported format (SQLite database with tables notes, tags)",
        ),
        ("VACUUM;", "not a supported format (SQLite database with no tables)"),
        (
            "CREATE TABLE MLMDEnv (schema_version); CREATE TABLE Artifact (id);",
            "not a supported format (ML Metadata database, tables Artifact, MLMDEnv: this version does not read it yet)",
        ),
        (
            "CREATE TABLE experiments (experiment_id);",
            "is like a database of MLflow without its runs: found tables experiments, expected a table runs; nothing of it was read",
        ),
    ];
    for (number, (sql, wanted)) in table.iter().enumerate() {
        let file = dir.path().join(format!("{number}.db"));
        drop(database(&file, &["PRAGMA user_version = 1;", sql]));
        assert_eq!(why(&file), *wanted);
    }
    let file = dir.path().join("cut.db");
    drop(database(&file, &[TWO]));
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.truncate(9000);
    std::fs::write(&file, &bytes).unwrap();
    let (_, refused) = documents(&file);
    assert!(!refused.is_empty() && refused.iter().all(|it| !it.passed_over), "{refused:?}");
}

#[test]
fn a_compressed_database_and_one_from_a_pipe_are_read_as_they_are() {
    let work = Workspace::new();
    let file = work.path().join("mlflow.db");
    drop(database(&file, &[TWO, THREE]));
    let bytes = std::fs::read(&file).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&bytes).unwrap();
    let gz = work.file("mlflow.db.gz", packed.finish().unwrap());
    let zst = work.file("mlflow.db.zst", zstd::encode_all(bytes.as_slice(), 1).unwrap());
    let expected = expected();
    assert_eq!(read(&gz), expected);
    assert_eq!(read(&zst), expected);
    let first = work.run(&["import", "--json", &file.display().to_string()]).answered().json();
    assert_eq!((&first["format"], &first["records"]), (&json!("mlflow"), &json!(expected.len())));
    assert_eq!(first["formats"], json!({"mlflow": 1}));
    // The same store by another way is the same.
    let again = work.run_with(&["import", "--json", "-"], &bytes).answered().json();
    assert_eq!((&again["records"], &again["already_known"]), (&json!(0), &json!(expected.len())));
    let wrong = work.run_with(&["import", "--json", "-"], b"SQLite format 3\0 and no more");
    assert_eq!(wrong.exit, Some(3), "{wrong:?}");
    let left: Vec<_> = std::fs::read_dir(work.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("copy")), "{left:?}");
}

fn file(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn a_folder_of_small_files_gives_a_document_for_each_thing_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("mlruns");
    let run = "1/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let meta = "artifact_uri: /x\nexperiment_id: '1'\nlifecycle_stage: active\nrun_id: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nstart_time: 1763456600000\nstatus: 3\n";
    let experiment = |id: &str| {
        format!(
            "artifact_location: /x\ncreation_time: 17634564{id}0000\nexperiment_id: '{id}'\nlifecycle_stage: active\nname: e{id}\n"
        )
    };
    for (name, text) in [
        ("1/meta.yaml", experiment("1").as_str()),
        (".trash/0/meta.yaml", &experiment("0").replace("active", "deleted")),
        (&format!("{run}/meta.yaml"), meta),
        (&format!("{run}/params/a/b"), "x\ny"),
        (&format!("{run}/metrics/loss"), "1763456610000 0.7 0\n1763456630000 0.2 2\nnonsense\n1763456620000 0.4 1\n"),
        (&format!("{run}/tags/mlflow.user"), "ada"),
        (&format!("{run}/inputs/i/meta.yaml"), "source_id: d1\nsource_type: DATASET\ntags: {}\n"),
        ("1/datasets/d1/meta.yaml", "digest: 2981c147\nname: loans\n"),
        (
            &format!("{run}/artifacts/model/MLmodel"),
            "flavors:\n  sklearn: {}\nmlflow_version: 2.1\nrun_id: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nartifact_path: model\n",
        ),
        (&format!("{run}/artifacts/model/requirements.txt"), "numpy==2.0\n"),
        (&format!("{run}/artifacts/model/model.pkl"), "\u{80}\u{4}"),
        (&format!("{run}/artifacts/notes.txt"), "anything"),
        ("models/credit/meta.yaml", "aliases: {}\ncreation_timestamp: 1\nlast_updated_timestamp: 1\nname: credit\n"),
        ("models/credit/aliases/champion", "1"),
        (
            "models/credit/version-1/meta.yaml",
            "creation_timestamp: 1\ncurrent_stage: None\nname: credit\nversion: 1\nsource: s3://x\n",
        ),
        (
            "1/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/meta.yaml",
            "artifact_uri: /x\nlifecycle_stage: active\nexperiment_id: '1'\n",
        ),
    ] {
        file(&root, name, text);
    }
    let work = Workspace::new();
    let said = work.run(&["import", "--json", &root.display().to_string()]);
    let told = said.json();
    assert_eq!(said.exit, Some(3), "{told}");
    let why = told["quarantined"][0]["why"].as_str().unwrap();
    assert!(why.starts_with("meta.yaml: no run_id: found "), "{why}");
    assert_eq!(told["quarantined_count"], 1);
    let warned = told["warnings"].to_string();
    assert!(warned.contains("metrics/loss: line 3: no measurement: found \\\"nonsense\\\""), "{warned}");
    // What lies among the artefacts is no failure, whatever it is.
    assert!(warned.contains("model.pkl") && warned.contains("notes.txt"), "{warned}");
    assert_eq!(told["formats"], json!({"mlflow": 2}));
    let (found, _) = among_others(&root);
    let told = &found[run]["folder"]["run"];
    assert_eq!(told["metrics"][0]["count"], 3);
    assert_eq!(told["metrics"][0]["value"], 0.2);
    assert_eq!(told["params"], json!({"a/b": "x\ny"}));
    assert!(told["datasets"]["d1"].as_str().unwrap().contains("2981c147"));
    // The store is told by its first experiment, though that was deleted.
    let store = json!({"first_experiment": "0", "created": 1_763_456_400_000_i64});
    assert!(found.values().filter(|it| it.get("folder").is_some()).all(|it| it["store"] == store));
    let shown = work.run(&["show", "--json", &format!("run:mlflow/{}", &run[2..])]).answered().out;
    assert!(shown.contains("FINISHED"), "{shown}");
    let model = work.run(&["show", "--json", &format!("model-version:mlflow/{}/model", &run[2..])]).answered().out;
    assert!(model.contains("pkg:pypi/numpy@2.0"), "{model}");
}

/// The documents among whatever else lies there.
fn among_others(root: &Path) -> (BTreeMap<String, Value>, usize) {
    let (mut found, mut others) = (BTreeMap::new(), 0);
    for mut item in walk(&[root.to_owned()], &Limits::default()).flatten() {
        let mut bytes = Vec::new();
        item.reader.read_to_end(&mut bytes).unwrap();
        match item.part.zip(serde_json::from_slice(&bytes).ok()) {
            Some((part, document)) => drop(found.insert(part, document)),
            None => others += 1,
        }
    }
    (found, others)
}

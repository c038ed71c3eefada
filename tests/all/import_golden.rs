//! Files of each format beside the claims they give. `UPDATE=1` writes the claims anew.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail as tests do")]

use crate::import_streams::import;
use lastgood::import::{Head, IMPORTERS, native};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// The files in the folder of a format, which has the format's name.
fn inputs(folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(golden().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext != "claims"))
        .collect();
    files.sort();
    files
}

#[test]
fn each_file_gives_the_claims_beside_it() {
    for importer in IMPORTERS {
        for file in inputs(importer.format().name) {
            let said = import(std::fs::File::open(&file).unwrap()).unwrap().transcript();
            let expected = PathBuf::from(format!("{}.claims", file.display()));
            if std::env::var_os("UPDATE").is_some() {
                std::fs::write(&expected, &said).unwrap();
            }
            let wanted = std::fs::read_to_string(&expected).unwrap_or_default();
            assert_eq!(said, wanted, "{}: run with UPDATE=1 and review the difference", file.display());
        }
    }
}

#[test]
fn every_importer_has_files_and_exactly_one_recognises_each() {
    let folders = std::fs::read_dir(golden()).unwrap();
    let folders: BTreeSet<String> = folders.map(|it| it.unwrap().file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(folders, IMPORTERS.iter().map(|importer| importer.format().name.to_owned()).collect());
    for importer in IMPORTERS {
        let name = importer.format().name;
        let files = inputs(name);
        assert!(!files.is_empty(), "{name} has no golden file");
        for file in files {
            let bytes = std::fs::read(&file).unwrap();
            let head = Head { bytes: &bytes, complete: true };
            let by: Vec<&str> =
                IMPORTERS.iter().filter(|it| it.recognises(&head).is_some()).map(|it| it.format().name).collect();
            assert_eq!(by, [name], "{}", file.display());
        }
    }
}

#[test]
fn the_schema_names_the_fields_the_reader_knows() {
    let schema: serde_json::Value = serde_json::from_str(native::SCHEMA).unwrap();
    let properties: BTreeSet<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(properties, native::FIELDS.into_iter().collect());
}

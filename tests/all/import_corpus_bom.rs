//! Real bills of materials, kept outside the project: `LASTGOOD_CORPORA`, or `corpora` beside the
//! checkout. Skips, and says so, where there are none, unless `CI=true`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail as tests do")]

use crate::import_streams::{Imported, import};
use lastgood::model::{Evidence, Relation, Statement};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A folder of the corpora, or nothing after having said why.
fn corpus(name: &str) -> Option<PathBuf> {
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
        } else if path.extension().is_some_and(|ext| ["json", "xml", "spdx", "yaml"].iter().any(|it| ext == *it)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(file: &Path) -> Result<Imported, String> {
    import(std::fs::File::open(file).unwrap()).map_err(|unknown| unknown.to_string())
}

/// How many artefacts there are of each kind; what several documents say of one is one.
fn kinds(imported: &Imported) -> BTreeMap<String, usize> {
    let mut seen: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for statement in imported.claims() {
        if let Statement::Artefact(artefact) = statement {
            seen.entry(artefact.kind.to_string()).or_default().insert(&artefact.id);
        }
    }
    seen.into_iter().map(|(kind, ids)| (kind, ids.len())).collect()
}

fn links(imported: &Imported, relation: &Relation, how: Option<&str>) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = imported
        .claims()
        .filter_map(|statement| match statement {
            Statement::Link(link) if link.relation == *relation => Some(link),
            _ => None,
        })
        .filter(|link| how.is_none_or(|how| link.attributes.get("how").is_some_and(|said| said == how)))
        .map(|link| (link.from.clone(), link.to.clone()))
        .collect();
    found.sort();
    found.dedup();
    found
}

fn depends(imported: &Imported) -> usize {
    links(imported, &Relation::Contains, Some("depends-on")).len()
}

fn evidence<'i>(imported: &'i Imported, kind: &str) -> Vec<&'i Evidence> {
    imported
        .claims()
        .filter_map(|statement| match statement {
            Statement::Evidence(evidence) if evidence.kind == kind => Some(evidence),
            _ => None,
        })
        .collect()
}

/// Licence ids are not looked up, so a misspelt one is kept as written.
const UNJUDGED: [&str; 2] = ["invalid-license-id", "invalid-metadata-license"];

#[test]
fn every_bill_of_materials_is_read_or_found_wrong() {
    let Some(corpus) = corpus("cyclonedx") else { return };
    let (mut all, mut wrong) = (0, Vec::new());
    for file in files(&corpus) {
        all += 1;
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let outcome = read(&file);
        let fault = match &outcome {
            _ if UNJUDGED.iter().any(|unjudged| name.starts_with(unjudged)) => None,
            Ok(imported) if name.starts_with("invalid-") || name == "bom-invalid.json" => {
                let said = !imported.reasons().is_empty() || !imported.warnings().is_empty();
                (!said).then(|| "nothing was found wrong with it".to_owned())
            }
            Err(_) if name.starts_with("invalid-") => None,
            Err(refused) => Some(refused.clone()),
            Ok(imported) if imported.format != "cyclonedx" => Some(format!("read as {}", imported.format)),
            // A component without a name is refused; the rest of the document is kept.
            Ok(imported) if name.starts_with("bom-issue3936") => {
                let wanted = imported.reasons().len() == 1 && imported.reasons()[0].contains("\"name\" is a required");
                (!wanted).then(|| imported.reasons().join("; "))
            }
            Ok(imported) => (!imported.reasons().is_empty()).then(|| imported.reasons().join("; ")),
        };
        if std::env::var_os("SHOW").is_some()
            && let Ok(imported) = &outcome
        {
            println!("{name}: {:?} {:?} {:?}", kinds(imported), imported.reasons(), imported.warnings());
        }
        wrong.extend(fault.map(|fault| format!("{}: {fault}", file.display())));
    }
    println!("cyclonedx: {all} files, {} as expected, {} not", all - wrong.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn counts_are_those_found_by_reading() {
    let Some(corpus) = corpus("cyclonedx") else { return };
    let of = |name: &str| read(&corpus.join(name)).unwrap();
    let laravel = of("bom-examples/SBOM/laravel-7.12.0/bom.1.4.json");
    assert_eq!(depends(&laravel), 113);
    assert!(laravel.warnings()[0].contains("no \"serialNumber\""));
    assert_eq!(kinds(&of("guac/alpine-cyclonedx.json"))["package"], 15);
    assert_eq!(depends(&of("guac/alpine-cyclonedx.json")), 0);
    let nested = of("guac/cyclonedx-components-nested.json");
    assert_eq!((kinds(&nested)["image"], kinds(&nested)["package"]), (1, 2));
    assert_eq!(depends(&of("witness/sbom.cdx.json")), 19);
    assert_eq!(kinds(&of("dependency-track/bom-empty.json")).len(), 0);
    assert!(of("dependency-track/bom-invalid.json").reasons()[0].contains("line "));
    let refused = read(&corpus.join("guac/invalid-cyclonedx.json")).err().unwrap();
    assert!(refused.contains("\"bomFormat\" is \"CDX\""), "{refused}");
}

#[test]
fn a_model_has_its_card_in_both_spellings() {
    let Some(corpus) = corpus("cyclonedx") else { return };
    for name in ["spec-1.6/1.6/valid-machine-learning-1.6.json", "spec-1.6-xml/1.6/valid-machine-learning-1.6.xml"] {
        let imported = read(&corpus.join(name)).unwrap();
        let kinds = kinds(&imported);
        assert_eq!((kinds["model-version"], kinds["dataset"], kinds["use-case"]), (1, 1, 2), "{name}");
        assert_eq!(links(&imported, &Relation::TrainedOn, None).len(), 1, "{name}");
        let model = imported.claims().find_map(|statement| match statement {
            Statement::Artefact(it) if it.kind.as_str() == "model-version" => Some(it),
            _ => None,
        });
        let model = model.unwrap();
        assert_eq!((model.name.as_deref(), model.version.as_deref()), (Some("CompVis/stable-diffusion"), Some("1.4")));
        assert_eq!(model.attributes.keys().filter(|key| key.starts_with("metric.")).count(), 1, "{name}");
        let many = |key: &str| model.attributes[&format!("consideration.{key}")].as_array().unwrap().len();
        assert_eq!((many("users"), many("ethicalConsiderations"), many("fairnessAssessments")), (2, 1, 1), "{name}");
    }
}

#[test]
fn declarations_keep_what_speaks_against_them() {
    let Some(corpus) = corpus("cyclonedx") else { return };
    for name in ["spec-1.6/1.6/valid-attestation-1.6.json", "spec-1.6-xml/1.6/valid-attestation-1.6.xml"] {
        let imported = read(&corpus.join(name)).unwrap();
        let attested = evidence(&imported, "attestation");
        assert_eq!(attested.len(), 1, "{name}");
        assert_eq!(attested[0].scope.as_deref(), Some("requirement-1"));
        assert_eq!(attested[0].attributes["metric.conformance"], 0.8);
        assert_eq!(attested[0].attributes["metric.confidence"], 1);
        assert_eq!(attested[0].attributes["claim"], "claim-1");
        let reviews = evidence(&imported, "review");
        let roles: Vec<&str> = reviews.iter().map(|it| it.attributes["role"].as_str().unwrap()).collect();
        assert_eq!(roles, ["evidence", "counter-evidence", "mitigation"], "{name}");
        assert_eq!(reviews[0].by.as_deref(), Some("person:Jane"));
        assert_eq!(reviews[0].attributes["author"], "person:Mary");
        assert_eq!(reviews[0].expires.unwrap().to_string(), "2023-05-25T00:00:00Z");
        assert_eq!(evidence(&imported, "approval").len(), 2, "{name}");
        if name.ends_with("json") {
            assert!(imported.warnings().iter().any(|text| text.contains("signature not decodable")));
        }
    }
}

/// The references that only a reader of the top level would miss are those of nested services.
#[test]
fn references_reach_nested_services() {
    let Some(corpus) = corpus("cyclonedx") else { return };
    for name in ["spec-1.6/1.6/valid-saasbom-1.6.json", "spec-1.6-xml/1.6/valid-saasbom-1.6.xml"] {
        let imported = read(&corpus.join(name)).unwrap();
        assert_eq!(depends(&imported), 6, "{name}");
        assert_eq!(kinds(&imported)["deployment"], 6, "{name}");
        assert!(imported.warnings().is_empty(), "{name}: {:?}", imported.warnings());
    }
}

#[test]
fn spdx_documents_are_read_or_refused() {
    let Some(corpus) = corpus("spdx") else { return };
    let refused = read(&corpus.join("guac/invalid-spdx.json")).err().unwrap();
    assert!(refused.contains("\"spdxVersion\" is 2"), "{refused}");
    for (name, packages, links_wanted) in [
        ("guac/small-spdx.json", 3, 0),
        ("guac/alpine-small-spdx.json", 9, 1),
        ("guac/go-spdx-multi-arch_1.json", 2, 1),
        ("spdx-spec/examples/jsonld/package_sbom.json", 2, 1),
    ] {
        let imported = read(&corpus.join(name)).unwrap();
        assert_eq!(imported.reasons(), Vec::<String>::new(), "{name}");
        if std::env::var_os("SHOW").is_some() {
            println!("{name}: {:?} {:?}", kinds(&imported), imported.warnings());
        }
        let kinds = kinds(&imported);
        assert!(kinds["package"] + kinds.get("image").copied().unwrap_or(0) >= packages, "{name}: {kinds:?}");
        assert!(links(&imported, &Relation::Contains, None).len() >= links_wanted, "{name}");
    }
}

#[test]
fn a_model_of_spdx_3_has_its_data() {
    let Some(corpus) = corpus("spdx") else { return };
    let file = corpus.join("ai/example01/spdx3.0/simplehtr-example.json");
    if !file.is_file() {
        return println!("SKIPPED {}: it is not in the corpora", file.display());
    }
    let imported = read(&file).unwrap();
    // Files whose purpose is a model or data are such too; packages of the profiles say more.
    let profiled = |prefix: &str| {
        let has = |statement: &&Statement| matches!(statement, Statement::Artefact(it) if it.attributes.keys().any(|key| key.starts_with(prefix)));
        imported.claims().filter(has).count()
    };
    assert_eq!((profiled("ai."), profiled("dataset.")), (2, 1));
    assert_eq!(links(&imported, &Relation::TrainedOn, None).len(), 2);
    assert_eq!(links(&imported, &Relation::EvaluatedOn, None).len(), 2);
}

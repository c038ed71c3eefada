//! Real attestations, Sigstore bundles and model signatures, kept outside the project:
//! `LASTGOOD_CORPORA`, or `corpora` beside the checkout. Skips, and says so, where there are none,
//! unless `CI=true`. No signature is checked here, so what fails for its signature only is read.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail as tests do")]

use crate::import_streams::{Imported, import};
use lastgood::model::{Artefact, Evidence, Relation, Statement};
use std::path::{Path, PathBuf};

/// A folder of the corpora, or nothing after having said why.
pub(crate) fn corpus(name: &str) -> Option<PathBuf> {
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

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(file: &Path) -> Result<Imported, String> {
    import(std::fs::File::open(file).unwrap()).map_err(|unknown| unknown.to_string())
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

fn artefacts<'i>(imported: &'i Imported, kind: &str) -> Vec<&'i Artefact> {
    imported
        .claims()
        .filter_map(|statement| match statement {
            Statement::Artefact(it) if it.kind.as_str() == kind => Some(it),
            _ => None,
        })
        .collect()
}

fn linked(imported: &Imported, relation: &Relation) -> Vec<(String, String)> {
    imported
        .claims()
        .filter_map(|statement| match statement {
            Statement::Link(it) if it.relation == *relation => Some((it.from.clone(), it.to.clone())),
            _ => None,
        })
        .collect()
}

/// What a file must come to, without a look at its signature.
#[derive(Debug, Clone, Copy)]
enum Wanted {
    /// Read, without anything refused.
    Read,
    /// Something in it is refused, with these words.
    Refused(&'static str),
    /// Read, with a doubt of these words.
    Doubted(&'static str),
    /// No attestation: not recognised.
    Foreign,
}

fn wanted(path: &str) -> Wanted {
    use Wanted::{Doubted, Foreign, Read, Refused};
    let table: &[(&str, Wanted)] = &[
        ("trusted_root.json", Foreign),
        ("no-signature.json", Refused("")),
        ("mismatch-metadata-kind", Refused("expected \"BUILD\"")),
        ("mismatch-text-", Doubted("readable copy differs")),
        ("mismatch-summary-digest", Doubted("different images")),
        ("mismatch-metadata-urisha256", Doubted("different images")),
        ("gcloud-container-invalid-signature-encoding", Doubted("not base64")),
        ("gcloud-container-empty-signature.json", Doubted("is empty")),
        ("gcloud", Read),
        ("npm-att-publish-nosubjects", Refused("no subject digest")),
        ("npm-att-publish-nodigest", Doubted("bound by its package URL only")),
        ("npm-att-mismatch-prov-payloadtype", Refused("payloadType")),
        ("npm-stmt-mismatch-prov-type", Refused("/_type")),
        ("npm-stmt-mismatch-pub-type", Refused("/_type")),
        ("predicatetype", Refused("its container says")),
        ("attestation-dsse-invalidtype", Refused("payloadType")),
        ("attestation-invalid-intoto", Refused("not JSON")),
        ("attestation-invalid-payload", Refused("payload is not base64")),
        ("bundle-malformed-json_fail", Refused("truncated")),
        ("bundle-unknown-version_fail", Refused("unknown bundle version")),
        ("bundle-empty-certificate-chain_fail", Refused("chain is empty")),
        ("bundle-negative-log-index_fail", Refused("negative log index")),
        ("bundle-invalid-base64-signature_fail", Refused("not base64")),
        ("dsse-mismatch-envelope_fail", Doubted("log entry is for other content")),
        ("dsse-mismatch-sig_fail", Doubted("log entry is for other content")),
        ("attestation.source", Foreign),
        ("attestation.output", Read),
        ("chainloop-biz/invalid.json", Foreign),
        ("resource_descriptor", Foreign),
        // Templates with `//` notes and `...`: no JSON.
        ("spec-examples/reference-0", Refused("")),
        ("spec-examples/reference", Read),
        ("spec-examples/test-result-1", Read),
        ("spec-examples/", Refused("")),
    ];
    table.iter().find(|(part, _)| path.contains(part)).map_or(Read, |(_, wanted)| *wanted)
}

fn judge(path: &str, outcome: &Result<Imported, String>) -> Option<String> {
    let imported = match (wanted(path), outcome) {
        (Wanted::Foreign, Err(_)) => return None,
        (Wanted::Foreign, Ok(imported)) => return Some(format!("read as {}", imported.format)),
        // What is not even JSON may not be recognised either.
        (Wanted::Refused(""), Err(_)) => return None,
        (_, Err(refused)) => return Some(refused.clone()),
        (_, Ok(imported)) => imported,
    };
    if imported.format != "attestation" {
        return Some(format!("read as {}", imported.format));
    }
    if evidence(imported, "verification").len() + evidence(imported, "signature").len() > 0 {
        return Some("called verified, and nothing was checked".to_owned());
    }
    let unchecked = |it: &&Evidence| matches!(it.attributes["signature"].as_str(), Some("not checked" | "none"));
    if !evidence(imported, "attestation").iter().all(unchecked) {
        return Some("an attestation that does not say that it was not checked".to_owned());
    }
    let reasons = imported.reasons().join("; ");
    match wanted(path) {
        Wanted::Refused(words) if reasons.contains(words) && !reasons.is_empty() => None,
        Wanted::Doubted(words) if imported.warnings().iter().any(|it| it.contains(words)) && reasons.is_empty() => None,
        Wanted::Read if reasons.is_empty() && imported.claims().count() > 0 => None,
        wanted => Some(format!("{wanted:?}: {reasons}; {:?}", imported.warnings())),
    }
}

#[test]
fn every_attestation_is_read_or_found_wrong_and_none_is_verified() {
    let mut faults = Vec::new();
    for (name, ends) in [
        ("intoto-slsa", &["json", "jsonl", "sigstore", "slsa"][..]),
        ("sigstore", &["json"][..]),
        ("model-signing", &["sig"][..]),
    ] {
        let Some(folder) = corpus(name) else { return };
        let (mut all, mut wrong) = (0, Vec::new());
        for file in files(&folder) {
            let payload = file.parent().is_some_and(|parent| parent.ends_with("payloads"));
            if !payload && !file.extension().is_some_and(|ext| ends.iter().any(|it| ext == *it)) {
                continue;
            }
            all += 1;
            let outcome = read(&file);
            let path = file.to_string_lossy().into_owned();
            if std::env::var_os("SHOW").is_some()
                && let Ok(imported) = &outcome
            {
                println!("{path}: {:?} {:?}", imported.reasons(), imported.warnings());
            }
            wrong.extend(judge(&path, &outcome).map(|fault| format!("{path}: {fault}")));
        }
        println!("{name}: {all} files, {} as expected, {} not", all - wrong.len(), wrong.len());
        faults.extend(wrong);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_build_leads_from_its_subject_to_its_commit_and_who_asked() {
    let Some(folder) = corpus("intoto-slsa") else { return };
    let file = "slsa-verifier/gha_generic-v1.10.0/binary-linux-amd64-push-v14.2.intoto.jsonl";
    let imported = read(&folder.join(file)).unwrap();
    let said = evidence(&imported, "attestation");
    assert_eq!(said[0].covers[0].as_str(), "sha256:2892146b063a94cb4a4318c0e98d38af12dcf2b1e29237486b58463b59607bbd");
    let made = linked(&imported, &Relation::ProducedBy);
    assert_eq!(
        made[0],
        (said[0].about.clone(), "run:github.com/slsa-framework/example-package/actions/runs/8373487016".to_owned())
    );
    let built = linked(&imported, &Relation::BuiltFrom);
    let commit = "code:github.com/slsa-framework/example-package@d37a7f740ee7404914456f24dcd90e865a0509e8";
    assert!(built.contains(&(made[0].1.clone(), commit.to_owned())), "{built:?}");
    assert_eq!(linked(&imported, &Relation::ActedFor), [(made[0].1.clone(), "github:user/ianlewis".to_owned())]);
    assert_eq!(artefacts(&imported, "run")[0].attributes["invocation"], "8373487016-1");
}

#[test]
fn a_collection_names_its_product_and_its_commit() {
    let Some(folder) = corpus("intoto-slsa/archivista") else { return };
    let digest = |imported: &Imported, digest: &str| {
        evidence(imported, "attestation").iter().any(|it| it.covers.iter().any(|known| known.as_str() == digest))
    };
    let build = read(&folder.join("build.attestation.json")).unwrap();
    assert!(digest(&build, "sha256:423da4cff198bbffbe3220ed9510d32ba96698e4b1f654552521d1f541abb6dc"));
    assert_eq!(artefacts(&build, "job")[0].id, "job:build");
    assert!(artefacts(&build, "code").iter().any(|it| it.id == "code:be20100af602c780deeef50c54f5338662ce917c"));
    assert!(build.warnings().iter().any(|it| it.contains("built from a modified tree")));
    let package = read(&folder.join("package.attestation.json")).unwrap();
    assert!(digest(&package, "sha256:10cbf0f3d870934921276f669ab707983113f929784d877f1192f43c581f2070"));
}

#[test]
fn reviews_are_of_the_commit_they_saw() {
    let Some(folder) = corpus("intoto-slsa/guac") else { return };
    for (name, by) in
        [("crev-review.json", "mailto:person@example.com"), ("github-review.json", "mailto:person@example.com")]
    {
        let imported = read(&folder.join(name)).unwrap();
        let reviews = evidence(&imported, "review");
        assert_eq!(reviews[0].about, "code:github.com/kubernetes/kubernetes@5835544ca568b757a8ecae5c153f317e5736700e");
        assert_eq!((reviews[0].by.as_deref(), reviews[0].at.to_string().as_str()), (Some(by), "2022-10-03T12:00:00Z"));
    }
}

#[test]
fn a_signed_model_has_its_files_and_its_digest_is_theirs() {
    let Some(folder) = corpus("model-signing/cli-versions") else { return };
    for version in ["v1.0.1-certificate", "v1.0.1-elliptic-key", "v1.1.0-certificate", "v1.1.0-elliptic-key"] {
        let imported = read(&folder.join(version).join("model.sig")).unwrap();
        assert!(!imported.warnings().iter().any(|it| it.contains("expected the subject's")), "{version}");
        assert!(linked(&imported, &Relation::Contains).len() >= 2, "{version}");
        let model = artefacts(&imported, "model-version")[0];
        assert!(model.digests[0].as_str().starts_with("omsdigest:"), "{version}");
    }
}

#[test]
fn an_unknown_predicate_is_kept_as_it_is() {
    let Some(folder) = corpus("intoto-slsa/chainloop-renderer") else { return };
    let imported = read(&folder.join("renderer/chainloop/testdata/unknown.envelope.json")).unwrap();
    let predicate = |it: &Artefact| it.attributes.contains_key("attestation.predicate");
    let kept = evidence(&imported, "attestation").iter().any(|it| it.attributes.contains_key("predicate"))
        || artefacts(&imported, "package").iter().any(|it| predicate(it));
    assert!(kept && imported.reasons().is_empty(), "{:?}", imported.reasons());
}

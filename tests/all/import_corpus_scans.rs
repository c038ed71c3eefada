//! Real reports of scanners, audit logs and test results, kept outside the project. Skips, and says
//! so, where there are none, unless `CI=true`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail as tests do")]

use crate::import_streams::{Imported, import};
use lastgood::import::redact;
use lastgood::model::{Artefact, Evidence, Kind, Link, Statement};
use lastgood::proof::fingerprint::Pepper;
use std::path::{Path, PathBuf};

fn corpora() -> Option<PathBuf> {
    let root = std::env::var_os("LASTGOOD_CORPORA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"), PathBuf::from);
    if root.join("audit-logs").is_dir() {
        return Some(root);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{} is missing", root.display());
    println!("SKIPPED scans, findings and audit logs: {} is missing", root.display());
    None
}

fn pepper() -> Pepper {
    Pepper::new([3; 32])
}

/// Reads a file as ingest does: after its secrets were replaced.
fn read(file: &Path) -> Result<Imported, String> {
    let bytes = std::fs::read(file).unwrap();
    let redacted = redact(&bytes, &pepper());
    import(&*redacted.bytes).map_err(|unknown| unknown.to_string())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn artefacts(imported: &Imported) -> Vec<&Artefact> {
    imported.claims().filter_map(|it| if let Statement::Artefact(it) = it { Some(it) } else { None }).collect()
}

fn evidence(imported: &Imported) -> Vec<&Evidence> {
    imported.claims().filter_map(|it| if let Statement::Evidence(it) = it { Some(it) } else { None }).collect()
}

fn links(imported: &Imported) -> Vec<&Link> {
    imported.claims().filter_map(|it| if let Statement::Link(it) = it { Some(it) } else { None }).collect()
}

#[test]
fn findings_are_counted_and_their_values_are_gone() {
    let Some(root) = corpora() else { return };
    let table = [
        ("gitleaks-report-clean.json", "gitleaks", 0),
        ("gitleaks-report-violations.json", "gitleaks", 2),
        ("trufflehog-report.json", "trufflehog", 2),
        ("detect-secrets-baseline-violations.json", "detect-secrets", 2),
        ("ghas-secret-scan.json", "github-secrets", 2),
    ];
    for (name, format, count) in table {
        let file = root.join("secrets/chainloop").join(name);
        let imported = read(&file).unwrap();
        assert_eq!((imported.format, imported.reasons()), (format, Vec::new()), "{name}");
        let secrets: std::collections::BTreeSet<&str> =
            artefacts(&imported).into_iter().filter(|it| it.kind == Kind::Secret).map(|it| it.id.as_str()).collect();
        assert_eq!(secrets.len(), count, "{name}: {secrets:?}");
        let kept = redact(&std::fs::read(&file).unwrap(), &pepper()).bytes.into_owned();
        let kept = String::from_utf8(kept).unwrap();
        let values = [
            "7a6bc1e3207144b38e9066861e1de0ff",
            "AKIAIOSFODNN7EXAMPLE",
            "ghp_exampleTokenValue",
            "AKIAEXAMPLE",
            "d4e0e04792fec3eccc4a2b659e25b5e1d8d6f53e",
        ];
        for value in values {
            assert!(!kept.contains(value), "{name} keeps {value}");
        }
    }
    let live = read(&root.join("secrets/chainloop/trufflehog-report.json")).unwrap();
    let live: Vec<_> = artefacts(&live).into_iter().filter_map(|it| it.attributes.get("live").cloned()).collect();
    assert_eq!(live, [true, false]);
    let pasted = pepper().candidates(b"ghp_exampleTokenValue");
    let trufflehog = read(&root.join("secrets/chainloop/trufflehog-report.json")).unwrap();
    assert!(pasted.iter().any(|print| artefacts(&trufflehog)[0].id == format!("secret:fp/{print}")));
}

#[test]
fn every_audit_record_gives_one_step() {
    let Some(root) = corpora() else { return };
    for file in files(&root.join("audit-logs")) {
        let imported = read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert_eq!(imported.reasons(), Vec::<String>::new(), "{}", file.display());
        let steps = artefacts(&imported).into_iter().filter(|it| it.kind == Kind::Step).count();
        assert_eq!(steps, 1, "{}", file.display());
        let dated = artefacts(&imported).into_iter().any(|it| it.kind == Kind::Step && it.at.is_some());
        assert_eq!(dated, imported.format != "chainloop-audit", "{}", file.display());
    }
}

/// The step, its name and its actor.
fn action(file: &Path) -> (String, Option<String>, Option<String>) {
    let imported = read(file).unwrap();
    let found = artefacts(&imported);
    let step = found.iter().find(|it| it.kind == Kind::Step).unwrap();
    let all = links(&imported);
    let actor = all.iter().find(|it| it.from == step.id && it.relation.as_str() == "runs-as");
    (step.id.clone(), step.name.clone(), actor.map(|it| it.to.clone()))
}

#[test]
fn an_event_and_what_ocsf_makes_of_it_are_one_step_by_one_actor() {
    let Some(root) = corpora() else { return };
    let aws = root.join("audit-logs/ocsf-aws-1.1.0");
    let (new, old) = (aws.join("markdown/AWS/v1.1.0"), aws.join("bloblang/AWS/CloudTrail/v1.1.0"));
    let pairs = [
        (
            new.join("CloudTrail/API_Activity/samples/generic_api_activity.raw"),
            new.join("CloudTrail/API_Activity/samples/generic_api_activity.ocsf"),
        ),
        (
            new.join("CloudTrail/Account_Change/samples/account_change.raw"),
            new.join("CloudTrail/Account_Change/samples/account_change.ocsf"),
        ),
        (
            new.join("CloudTrail/Authentication/samples/authentication.raw"),
            new.join("CloudTrail/Authentication/samples/authentication.ocsf"),
        ),
        (new.join("EKS_Audit_Logs/samples/eks.raw"), new.join("EKS_Audit_Logs/samples/eks.ocsf")),
        (
            old.join("Account_Chnage/samples/account_change.raw"),
            old.join("Account_Chnage/samples/OCSF_account_change.json"),
        ),
        (old.join("Authentication/authentication.raw"), old.join("Authentication/OCSF_authentication.json")),
    ];
    for (raw, ocsf) in pairs {
        let ((a, a_name, a_actor), (b, b_name, b_actor)) = (action(&raw), action(&ocsf));
        assert_eq!((a_name, a_actor), (b_name, b_actor), "{}", raw.display());
        // Who made the older samples blanked the id in one of the two only.
        assert_eq!(a == b, !raw.starts_with(&old), "{}", raw.display());
    }
}

#[test]
fn scans_and_tests_are_read_and_what_is_none_is_refused() {
    let Some(root) = corpora() else { return };
    let scans = root.join("scan-evidence");
    let run = |name: &str| {
        let imported = read(&scans.join(name)).unwrap();
        assert_eq!(imported.reasons(), Vec::<String>::new(), "{name}");
        artefacts(&imported).into_iter().filter(|it| it.kind == Kind::Run).count()
    };
    assert_eq!(run("chainloop/report.sarif"), 1);
    assert_eq!(run("chainloop/checkmarx.sarif"), 1);
    assert_eq!(run("chainloop/checkmarx-multi-run.sarif"), 2);
    let junit = read(&scans.join("chainloop/junit.xml")).unwrap();
    let tests = artefacts(&junit)[0];
    let figure = |key: &str| tests.attributes[key].as_u64();
    assert_eq!((figure("metric.tests"), figure("metric.failures"), figure("suites")), (Some(9), Some(1), Some(3)));
    let count = |name: &str| evidence(&read(&scans.join(name)).unwrap()).len();
    assert_eq!((count("chainloop/openvex_v0.2.0.json"), count("guac/open-vex-affected.json")), (5, 1));
    for name in
        ["chainloop/scorecard-invalid.json", "guac/invalid-scorecard.json", "chainloop/ghas-code-scan-wrong.json"]
    {
        assert!(read(&scans.join(name)).is_err(), "{name}");
    }
}

//! Signatures of real attestations: what is said of each, row by row, as an independent check found it, and
//! what becomes of Sigstore's conformance bundles. The files lie outside the project (`LASTGOOD_CORPORA`);
//! skips, and says so, where there are none, unless `CI=true`.

use crate::import_corpus_attest::{corpus, files};
use crate::import_streams::import;
use lastgood::import::attestation::signed::{Found, attested};
use lastgood::model::{CheckName, CheckState, Outcome, Time, Verification};
use lastgood::proof::attested::{Attested, Given, verify};
use lastgood::proof::digest::HashName;
use lastgood::proof::trust::{Expected, Trust};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn now() -> Time {
    Time::parse_stated("2026-11-29T00:00:00Z").unwrap().0
}

fn found(file: &Path) -> Vec<Found> {
    let Ok(imported) = import(std::fs::File::open(file).unwrap()) else { return Vec::new() };
    imported.records.iter().flat_map(|(frame, _)| attested(&frame.content, imported.framing)).collect()
}

fn digests(bytes: &[u8]) -> Vec<(HashName, Vec<u8>)> {
    [HashName::Sha256, HashName::Sha384, HashName::Sha512].map(|hash| (hash, hash.of(bytes))).to_vec()
}

/// The bytes that a bundle of the conformance set is of.
fn artefact(bundle: &Path) -> Option<Vec<u8>> {
    let folder = bundle.parent().unwrap();
    let name = folder.file_name().unwrap().to_string_lossy().into_owned();
    let own = std::fs::read(folder.join("artifact")).ok();
    if name.contains("dsse") && own.is_none() {
        return None;
    }
    own.or_else(|| std::fs::read(folder.parent()?.join("a.txt")).ok())
}

fn trusting(files: &[PathBuf]) -> Trust {
    let mut trust = Trust::default();
    for file in files {
        trust.add(&file.to_string_lossy(), &std::fs::read(file).unwrap()).unwrap();
    }
    trust
}

/// The keys that lie beside the files, where any do.
fn keys_beside(root: &Path, path: &str) -> Trust {
    let at = |name: &str| root.join(name);
    trusting(&match path {
        _ if path.contains("archivista") => {
            ["testpub.pem", "testpub2.pem"].map(|it| at("intoto-slsa/archivista/keys").join(it)).to_vec()
        }
        _ if path.contains("elliptic-key") => {
            vec![at("model-signing/cli-versions/keys/certificate/signing-key-pub.pem")]
        }
        _ if path.contains("managed-key-happy") => vec![at("sigstore/conformance/managed-key-happy-path/key.pub")],
        _ => Vec::new(),
    })
}

fn in_words(verdict: &Verification, it: &Attested) -> String {
    let scheme = |name: &str| {
        let name =
            name.strip_prefix("rsa-pss-").map_or(name.to_owned(), |it| format!("rsa-{}", it.trim_end_matches("-max")));
        let name = name.replace("-p256-", "-secp256r1-").replace("-p384-", "-secp384r1-").replace("-pkcs1-", "-");
        name.replace("-der", "-DER")
    };
    let digest = match verdict.check(CheckName::Artefact).map(|check| check.state) {
        Some(CheckState::Held) => "digest ok; ",
        Some(CheckState::Failed) => "digest MISMATCH; ",
        _ => "",
    };
    let check = verdict.check(CheckName::Signature).unwrap();
    let said = match check.state {
        _ if verdict.outcome == Outcome::Unsigned => "no signature".to_owned(),
        CheckState::Held => {
            let twice = verdict.remarks.iter().any(|it| it.contains("base64 of base64"));
            format!("ok {}{}", scheme(&check.why), if twice { " (signature base64-encoded TWICE)" } else { "" })
        }
        CheckState::Failed if check.why.contains("base64") => return "not base64".to_owned(),
        CheckState::Failed => "BAD".to_owned(),
        CheckState::NotChecked => {
            let key = it.signatures[0].key.clone().unwrap_or_default();
            format!("no key in file (keyid='{}')", key.chars().take(40).collect::<String>())
        }
    };
    format!("{digest}{said}")
}

#[test]
fn every_signature_is_found_as_an_independent_check_found_it() {
    let Some(root) = corpus("intoto-slsa").map(|it| it.parent().unwrap().to_owned()) else { return };
    let table = std::fs::read_to_string(root.join("SIGNATURES.tsv")).unwrap();
    let mut wrong = Vec::new();
    let mut groups: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let (path, place, expected) = (cells[0], cells[1], cells[6]);
        let number = |open: char, close: char| {
            let rest = place.split_once(open)?.1;
            rest.split(close).next().and_then(|it| it.parse::<usize>().ok())
        };
        let file = root.join(path);
        let mut all = found(&file);
        let said = match all.get_mut(number('[', ']').unwrap_or(0)) {
            None => "nothing signed".to_owned(),
            Some((_, Err(fault))) => format!("unreadable: {fault}"),
            Some((_, Ok(it))) => {
                let one = number('#', ' ').unwrap_or(0);
                it.signatures = it.signatures.get(one).cloned().into_iter().collect();
                let bytes = if path.starts_with("sigstore/") { artefact(&file) } else { None };
                let digests = bytes.map(|bytes| digests(&bytes));
                let trust = keys_beside(&root, path);
                let given = Given { trust: &trust, now: now(), artefact: digests.as_deref() };
                in_words(&verify(it, &given), it)
            }
        };
        let group = groups.entry(path.split('/').take(3).collect::<Vec<_>>().join("/")).or_default();
        group.0 += 1;
        // Of a bundle's message there is no key id, and what is no base64 is said in two ways.
        let same = said == expected
            || said == "not base64" && expected.ends_with("not base64")
            || expected.ends_with("no key in file") && said == format!("{expected} (keyid='')")
            || said == expected.replace("None", "")
            // A payload that is not base64 here is one there: neither has a key for it.
            || path.ends_with("attestation-invalid-payload.json") && said.contains("payload is not base64");
        if !same {
            group.1 += 1;
            wrong.push(format!("{path} {place}: {said}, expected {expected}"));
        }
    }
    println!("{:<55} {:>5} {:>11} {:>4}", "signatures of", "rows", "as expected", "not");
    for (group, (all, bad)) in &groups {
        println!("{group:<55} {all:>5} {:>11} {bad:>4}", all - bad);
    }
    assert_eq!(groups.values().map(|(all, _)| all).sum::<usize>(), 146);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const BEACON: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";

/// The production root, where CI or a developer names it; else its logs and authorities as one bundle of the
/// set carries them, without the certificate logs, which that bundle has wrong on purpose.
fn production(folder: &Path) -> (Trust, &'static str) {
    if let Some(file) = std::env::var_os("LASTGOOD_SIGSTORE_ROOT") {
        return (trusting(&[PathBuf::from(file)]), "production");
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "LASTGOOD_SIGSTORE_ROOT is not set");
    let mut trust = trusting(&[folder.join("invalid-ct-key_fail/trusted_root.json")]);
    trust.certificate_logs.clear();
    trust.authorities.iter_mut().for_each(|it| it.listed = false);
    (trust, "production without certificate logs")
}

/// What a bundle is checked with, as the set's README says, and what came of it.
fn judged(folder: &Path, bundle: &Path) -> (Result<Verification, String>, &'static str) {
    let own = bundle.with_file_name("trusted_root.json");
    let (mut trust, with) = if own.exists() { (trusting(&[own]), "its own") } else { production(folder) };
    let read = |name: &str, default: &str| {
        let file = bundle.with_file_name(name);
        std::fs::read_to_string(file).map_or_else(|_| default.to_owned(), |it| it.trim().to_owned())
    };
    let key = bundle.with_file_name("key.pub");
    if key.exists() {
        trust.add("key.pub", &std::fs::read(key).unwrap()).unwrap();
    }
    trust.expected.push(Expected {
        name: Some(read("identity", BEACON)),
        issuer: Some(read("issuer", "https://token.actions.githubusercontent.com")),
        ..Expected::default()
    });
    let digests = artefact(bundle).map(|bytes| digests(&bytes));
    let given = Given { trust: &trust, now: now(), artefact: digests.as_deref() };
    let verdict = match found(bundle).into_iter().next() {
        None => Err("form: nothing in it can be read".to_owned()),
        Some((_, Err(fault))) => Err(format!("form: {fault}")),
        Some((_, Ok(it))) => Ok(verify(&it, &given)),
    };
    (verdict, with)
}

#[test]
fn conformance_bundles_come_out_as_their_names_say() {
    let Some(folder) = corpus("sigstore/conformance") else { return };
    let mut wrong = Vec::new();
    let (mut good, mut bad) = (0, 0);
    for bundle in files(&folder).into_iter().filter(|it| it.ends_with("bundle.sigstore.json")) {
        let name = bundle.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        let (verdict, with) = judged(&folder, &bundle);
        let (outcome, says, at) = match &verdict {
            Ok(it) => {
                let failed = it.checks.iter().find(|check| check.state == CheckState::Failed);
                (it.outcome, it.says.clone(), failed.map(|check| check.check))
            }
            Err(fault) => (Outcome::Failed, fault.clone(), Some(CheckName::Form)),
        };
        let must_fail = name.ends_with("_fail");
        if must_fail {
            bad += 1
        } else {
            good += 1
        }
        let as_named = match must_fail {
            // One that cannot be checked for want of a key says that.
            true => {
                outcome != Outcome::Verified && (at.is_some() || name.contains("no-key") && says.contains("no key"))
            }
            false => outcome == Outcome::Verified,
        };
        println!("{} {name:<52} {:<11} {says} [root: {with}]", if as_named { "ok " } else { "NOT" }, outcome.as_str());
        if !as_named {
            wrong.push(format!("{name}: {says}\n{verdict:#?}"));
        }
    }
    println!("conformance: {good} good, {bad} that must fail, {} not as expected", wrong.len());
    assert!(good >= 8 && bad >= 25, "{good} {bad}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Everything signed in a file, checked by the production root, for anybody that GitHub vouches for.
fn by_production(root: &Path, file: &Path, more: &Expected) -> Vec<Verification> {
    let (mut trust, _) = production(&root.join("sigstore/conformance"));
    trust
        .expected
        .push(Expected { issuer: Some("https://token.actions.githubusercontent.com".to_owned()), ..more.clone() });
    let given = Given { trust: &trust, now: now(), artefact: None };
    let verdict = |(_, found): Found| match found {
        Ok(it) => verify(&it, &given),
        Err(fault) => Verification::unreadable(fault, now()),
    };
    found(file).into_iter().map(verdict).collect()
}

#[test]
fn attestations_that_must_fail_are_not_verified_under_the_production_root_either() {
    let Some(folder) = corpus("intoto-slsa") else { return };
    let root = folder.parent().unwrap().to_owned();
    let manifest = std::fs::read_to_string(root.join("MANIFEST.tsv")).unwrap();
    let mut groups: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for line in manifest.lines().skip(1).filter(|line| line.starts_with("intoto-slsa/slsa-verifier/")) {
        let cells: Vec<&str> = line.split('\t').collect();
        let (path, expected) = (cells[0], cells[8]);
        // Of the registry's two, one is by a signer that nobody expects.
        let name = path.contains("/bcr/").then(|| "https://github.com/bazel-contrib/*".to_owned());
        let verdicts = by_production(&root, &root.join(path), &Expected { name, ..Expected::default() });
        let all = !verdicts.is_empty() && verdicts.iter().all(|it| it.outcome == Outcome::Verified);
        let group = groups.entry(path.split('/').nth(2).unwrap_or_default().to_owned()).or_default();
        *group.entry(format!("{expected}, {}", if all { "all verified" } else { "not all" })).or_default() += 1;
        if expected == "verify-fail" && all {
            wrong.push(format!("{path}: {verdicts:#?}"));
        }
        // What its name says of it.
        let says: Vec<&str> = verdicts.iter().map(|it| it.says.as_str()).collect();
        for (name, words) in [
            ("gcloud-container-mismatch-text-", "failed at form: the readable copy differs"),
            ("gcloud-container-mismatch-summary-digest", "failed at form: the summary is of another image"),
            ("gcloud-container-mismatch-metadata-urisha256", "failed at form: the summary is of another image"),
            ("gcloud-container-mismatch-metadata-kind", "failed at form"),
            ("npm-att-publish-nosubjects", "failed at form"),
            ("mismatch-prov-payloadtype", "failed at form"),
            ("npm-stmt-mismatch-", "failed at form"),
            ("mismatch-pub-predicatetype", "failed at form"),
            ("npm-att-prov-invalid-signature", "failed at signature"),
            ("invalidsigprov", "failed at signature"),
            ("wrong-signer.bazel.intoto", "failed at identity"),
        ] {
            if path.contains(name) && !says.iter().any(|it| it.starts_with(words)) {
                wrong.push(format!("{path}: {says:?}, expected {words}"));
            }
        }
        if std::env::var_os("SHOW").is_some() {
            println!("{path}: {says:?}");
        }
    }
    for (group, counts) in &groups {
        println!("{group:<24} {counts:?}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_build_is_verified_for_its_own_source_and_tag_only() {
    let Some(folder) = corpus("intoto-slsa") else { return };
    let root = folder.parent().unwrap().to_owned();
    let file = folder.join("slsa-verifier/gha_go-v2.1.0/binary-linux-amd64-push-v14.2.intoto.jsonl");
    let check = |repository: &str, reference: &str| {
        let expected = Expected {
            repository: Some(repository.to_owned()),
            reference: Some(reference.to_owned()),
            builder: Some("https://github.com/slsa-framework/slsa-github-generator/*".to_owned()),
            ..Expected::default()
        };
        by_production(&root, &file, &expected).remove(0)
    };
    let own = check("github.com/slsa-framework/example-package", "refs/tags/v14.2");
    assert_eq!(own.outcome, Outcome::Verified, "{own:#?}");
    for (repository, reference) in [
        ("github.com/slsa-framework/other", "refs/tags/v14.2"),
        ("github.com/slsa-framework/example-package", "refs/tags/v14"),
    ] {
        assert!(check(repository, reference).says.starts_with("failed at identity"), "{repository} {reference}");
    }
}

#[test]
fn models_of_the_tool_s_own_tests_are_verified_by_key_and_by_certificate() {
    let Some(folder) = corpus("model-signing/cli-versions") else { return };
    for (version, with) in [
        ("v1.0.1-certificate", "ca-cert.pem"),
        ("v1.1.0-certificate", "ca-cert.pem"),
        ("v1.0.1-elliptic-key", "signing-key-pub.pem"),
        ("v1.1.0-elliptic-key", "signing-key-pub.pem"),
    ] {
        let mut trust = trusting(&[folder.join("keys/certificate").join(with)]);
        trust.expected.push(Expected { name: Some("*".to_owned()), ..Expected::default() });
        let given = Given { trust: &trust, now: now(), artefact: None };
        let (_, it) = found(&folder.join(version).join("model.sig")).remove(0);
        let verdict = verify(&it.unwrap(), &given);
        assert_eq!(verdict.outcome, Outcome::Verified, "{version}: {verdict:#?}");
        println!("{version}: {} {:?}", verdict.says, verdict.remarks);
    }
}

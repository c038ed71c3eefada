//! Predicates that judge: verification summaries, test results, scans, reviews, releases, attribute
//! reports. Their words are kept. Whether the judge may be believed is not decided here.

use super::descriptor;
use super::statement::{Carrier, Statement, Told, each};
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, clip, keep, scalar};
use crate::model::{Artefact, Kind, Relation};
use serde_json::Value;

/// Names somebody or something that judged.
fn party(name: &str, sort: &str, telling: &mut Teller<'_>) -> String {
    let id = if name.contains('@') && !name.contains('/') && !name.contains(' ') {
        format!("mailto:{}", name.to_lowercase())
    } else {
        format!("identity:{name}")
    };
    let mut identity = Artefact::new(id, Kind::Identity);
    identity.name = Some(name.to_owned());
    identity.attributes.insert("type".to_owned(), Value::from(sort));
    telling.artefact(identity)
}

fn texts(node: &Node<'_>, key: &str) -> Vec<Value> {
    let list = node.value.get(key).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(scalar).map(|text| Value::from(clip(&text))).collect()
}

fn keep_texts(told: &mut Told, name: &str, texts: Vec<Value>) {
    if !texts.is_empty() {
        told.attributes.insert(name.to_owned(), Value::Array(texts));
    }
}

/// A verification summary (VSA).
pub(super) fn summary(
    statement: &Statement<'_>,
    node: &Node<'_>,
    carrier: &Carrier,
    telling: &mut Teller<'_>,
) -> Result<Told, Fault> {
    let mut told = Told { at: telling.time(node, "timeVerified")?, ..Told::default() };
    if let Some(verifier) = node.child("verifier")?
        && let Some(id) = verifier.optional_text("id")?.filter(|id| !id.trim().is_empty())
    {
        told.by = Some(party(id, "verifier", telling));
    }
    let result = match node.optional_text("verificationResult")? {
        Some(result) => result,
        // 0.1 has a level, and fails by its name.
        None => node.text("policy_level")?,
    };
    told.verdict = Some(result.to_owned());
    keep(&mut told.attributes, "resource", node.optional_text("resourceUri")?);
    keep(&mut told.attributes, "slsa-version", node.optional_text("slsaVersion")?);
    keep_texts(&mut told, "levels", texts(node, "verifiedLevels"));
    if let Some(policy) = node.child("policy")? {
        let uri = policy.optional_text("uri")?;
        let hash = policy.child("digest")?.and_then(|it| it.optional_text("sha256").ok().flatten().map(str::to_owned));
        if let Some(name) = uri.map(str::to_owned).or_else(|| hash.as_ref().map(|hash| format!("sha256:{hash}"))) {
            let mut artefact = Artefact::new(format!("policy:{name}"), Kind::Policy);
            artefact.name = Some(name);
            artefact.digests.extend(hash.map(|hash| crate::model::Digest::parse(&format!("sha256:{hash}"))));
            let policy = telling.artefact(artefact);
            for subject in &statement.subjects {
                telling.link(&subject.id, Relation::GovernedBy, &policy, told.at);
            }
            told.attributes.insert("policy".to_owned(), Value::from(policy));
        }
    }
    let inputs = node.list("inputAttestations")?;
    let uris = inputs.iter().filter_map(|it| it.optional_text("uri").ok().flatten()).map(|it| Value::from(clip(it)));
    let uris: Vec<Value> = uris.collect();
    keep_texts(&mut told, "inputs", uris);
    each(statement, carrier, ("policy-verdict", statement.predicate_type), &told, telling);
    Ok(told)
}

/// A simple verification result.
pub(super) fn simple(
    statement: &Statement<'_>,
    node: &Node<'_>,
    carrier: &Carrier,
    telling: &mut Teller<'_>,
) -> Result<Told, Fault> {
    let mut told = Told::default();
    for key in ["timeVerified", "timeCreated"] {
        told.at = told.at.or(telling.time(node, key)?);
    }
    if let Some(verifier) = node.child("verifier")?
        && let Some(id) = verifier.optional_text("id")?
    {
        told.by = Some(party(id, "verifier", telling));
    }
    keep_texts(&mut told, "properties", texts(node, "properties"));
    each(statement, carrier, ("policy-verdict", statement.predicate_type), &told, telling);
    Ok(told)
}

/// The result of a run of tests.
pub(super) fn test(
    statement: &Statement<'_>,
    node: &Node<'_>,
    carrier: &Carrier,
    telling: &mut Teller<'_>,
) -> Result<Told, Fault> {
    let mut told = Told { verdict: Some(node.text("result")?.to_owned()), ..Told::default() };
    told.refs.extend(node.optional_text("url")?.map(str::to_owned));
    for (key, name) in [("passedTests", "passed"), ("warnedTests", "warned"), ("failedTests", "failed")] {
        let names = texts(node, key);
        told.attributes.insert(format!("metric.{name}"), Value::from(names.len()));
        if name != "passed" {
            keep_texts(&mut told, name, names);
        }
    }
    let mut settings = Vec::new();
    for configuration in node.list("configuration")? {
        settings.extend(configuration.optional_text("name")?.or(configuration.optional_text("uri")?).map(Value::from));
    }
    keep_texts(&mut told, "configuration", settings);
    each(statement, carrier, ("evaluation", "test-result"), &told, telling);
    Ok(told)
}

/// A scan for vulnerabilities, in in-toto's words or cosign's.
pub(super) fn scan(
    statement: &Statement<'_>,
    node: &Node<'_>,
    carrier: &Carrier,
    telling: &mut Teller<'_>,
) -> Result<Told, Fault> {
    let mut told = Told::default();
    if let Some(metadata) = node.child("metadata")? {
        for key in ["scanFinishedOn", "scanStartedOn"] {
            told.at = told.at.or(telling.time(&metadata, key)?);
        }
    }
    let scanner = node.required("scanner")?;
    if let Some(uri) = scanner.optional_text("uri")?.filter(|uri| !uri.trim().is_empty()) {
        told.by = Some(party(uri, "scanner", telling));
    }
    keep(&mut told.attributes, "scanner-version", scanner.optional_text("version")?);
    if let Some(db) = scanner.child("db")? {
        keep(&mut told.attributes, "database", db.optional_text("uri")?);
        keep(&mut told.attributes, "database-version", db.optional_text("version")?);
        keep(&mut told.attributes, "database-updated", db.optional_text("lastUpdate")?);
    }
    // cosign embeds the scanner's own report, which has no one shape.
    let results = scanner.child("result")?;
    let Some(list) = results.as_ref().and_then(|it| it.value.as_array()) else {
        if results.is_some() {
            told.attributes.insert("report".to_owned(), Value::from("in the scanner's own words: not read"));
        } else {
            told.attributes.insert("metric.findings".to_owned(), Value::from(0));
            told.verdict = Some("pass".to_owned());
        }
        each(statement, carrier, ("scan", "vulnerabilities"), &told, telling);
        return Ok(told);
    };
    told.verdict = Some(if list.is_empty() { "pass" } else { "affected" }.to_owned());
    told.attributes.insert("metric.findings".to_owned(), Value::from(list.len()));
    each(statement, carrier, ("scan", "vulnerabilities"), &told, telling);
    for finding in scanner.list("result")? {
        let Some(name) = finding.optional_text("id")?.or(finding.optional_text("vuln_id")?) else { continue };
        let mut one = Told { at: told.at, by: told.by.clone(), ..Told::default() };
        one.verdict = Some("affected".to_owned());
        for severity in finding.list("severity")? {
            let method = severity.optional_text("method")?.unwrap_or("severity").to_ascii_lowercase();
            if let Some(score) = severity.child("score")?.and_then(|it| scalar(it.value)) {
                one.attributes.insert(format!("severity.{method}"), Value::from(clip(&score)));
            }
        }
        each(statement, carrier, ("scan", name), &one, telling);
    }
    Ok(told)
}

/// A person's review of code, in in-toto's words or crev's.
pub(super) fn review(
    statement: &Statement<'_>,
    node: &Node<'_>,
    carrier: &Carrier,
    telling: &mut Teller<'_>,
) -> Result<Told, Fault> {
    let mut told = Told { at: telling.time(node, "date")?, ..Told::default() };
    for key in ["certifier", "reviewer-id", "reviewer"] {
        let Some(who) = node.child(key)?.filter(|it| it.value.is_object()) else { continue };
        let address = who.optional_text("url")?.filter(|it| !it.trim().is_empty());
        let name = who.optional_text("name")?.filter(|it| !it.trim().is_empty());
        if let Some(said) = address.or(name) {
            told.by = Some(party(said, "person", telling));
        }
        keep(&mut told.attributes, "reviewer", name);
        break;
    }
    told.refs.extend(node.optional_text("full_review")?.map(str::to_owned));
    for key in ["rating", "thoroughness", "understanding", "comment"] {
        keep(&mut told.attributes, key, node.optional_text(key)?);
    }
    told.verdict = node.optional_text("rating")?.map(str::to_owned);
    each(statement, carrier, ("review", "code-review"), &told, telling);
    Ok(told)
}

/// A release, or npm's word that its registry took a package in.
pub(super) fn published(statement: &Statement<'_>, node: &Node<'_>, telling: &mut Teller<'_>) -> Result<Told, Fault> {
    let mut told = Told::default();
    for key in ["name", "version", "registry", "releaseId", "packageId", "purl", "repository", "tag"] {
        let value = node.child(key)?.and_then(|it| scalar(it.value));
        keep(&mut told.attributes, key, value.as_deref());
    }
    for key in ["releasedAt", "publishedAt", "timestamp"] {
        told.at = told.at.or(telling.time(node, key)?);
    }
    if let Some(registry) = node.optional_text("registry")?.filter(|it| !it.trim().is_empty()) {
        told.by = Some(party(registry, "registry", telling));
    }
    if let Some(purl) = node.optional_text("purl")?.and_then(crate::import::bom::purl).filter(|it| it.versioned) {
        // A release of several files: each is a part of it.
        let release = format!("package:{}", purl.text);
        let mut artefact = Artefact::new(release.as_str(), Kind::Package);
        artefact.identifiers.push(purl.text);
        telling.artefact(artefact);
        for subject in statement.subjects.iter().filter(|subject| subject.id != release) {
            telling.link(&release, Relation::Contains, &subject.id, told.at);
        }
    }
    Ok(told)
}

/// What SCAI reports of its subject: attributes, and for what.
pub(super) fn attributes(statement: &Statement<'_>, node: &Node<'_>, telling: &mut Teller<'_>) -> Result<Told, Fault> {
    let mut told = Told::default();
    let mut names = Vec::new();
    for attribute in node.list("attributes")? {
        let name = attribute.text("attribute")?;
        names.push(Value::from(clip(name)));
        if let Some(target) = attribute.child("target")? {
            let read = descriptor::resource(&target, telling);
            if let Some(target) = telling.attempt(read) {
                for subject in statement.subjects.iter().filter(|it| it.id != target.id) {
                    let mut said = crate::model::Attributes::new();
                    said.insert("attribute".to_owned(), Value::from(clip(name)));
                    telling.link_with(&subject.id, Relation::Used, &target.id, None, said);
                }
            }
        }
        if let Some(evidence) = attribute.child("evidence")? {
            told.refs.extend(
                evidence.optional_text("downloadLocation")?.or(evidence.optional_text("uri")?).map(str::to_owned),
            );
        }
    }
    keep_texts(&mut told, "attributes", names);
    if let Some(producer) = node.child("producer")? {
        let read = producer.optional_text("uri")?.or(producer.optional_text("name")?);
        told.by = read.filter(|it| !it.trim().is_empty()).map(|it| party(it, "producer", telling));
    }
    Ok(told)
}

/// Documents that speak of the subject.
pub(super) fn references(_: &Statement<'_>, node: &Node<'_>, telling: &mut Teller<'_>) -> Result<Told, Fault> {
    let mut told = Told::default();
    for reference in node.list("references")? {
        let place = reference.optional_text("downloadLocation")?.or(reference.optional_text("uri")?);
        told.refs.extend(place.map(str::to_owned));
    }
    if let Some(attester) = node.child("attester")?
        && let Some(id) = attester.optional_text("id")?
    {
        told.by = Some(party(id, "attester", telling));
    }
    Ok(told)
}

/// What a monitor saw while something ran.
pub(super) fn trace(_: &Statement<'_>, node: &Node<'_>, telling: &mut Teller<'_>) -> Result<Told, Fault> {
    let mut told = Told::default();
    if let Some(monitor) = node.child("monitor")?
        && let Some(kind) = monitor.optional_text("type")?
    {
        told.by = Some(party(kind, "monitor", telling));
    }
    if let Some(process) = node.child("monitoredProcess")? {
        keep(&mut told.attributes, "process-host", process.optional_text("hostID")?);
        keep(&mut told.attributes, "process-type", process.optional_text("type")?);
        keep(&mut told.attributes, "process-event", process.optional_text("event")?);
    }
    if let Some(metadata) = node.child("metadata")? {
        told.at = telling.time(&metadata, "buildFinishedOn")?.or(telling.time(&metadata, "buildStartedOn")?);
    }
    Ok(told)
}

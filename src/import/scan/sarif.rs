//! SARIF 2.1.0: each run of a tool with its results counted by level and rule. Single results stay in
//! the record: nobody asks which line a lint disliked a year ago.

use super::Outcome;
use crate::import::json::{explain, strict_value};
use crate::import::sniff::json_shape;
use crate::import::telling::{self, Fault, Members, Telling, elements, place_in, text};
use crate::import::{Format, Framing, Head, Importer, Reading};
use crate::model::Attributes;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Reads SARIF.
pub struct Sarif;

static FORMAT: Format = Format {
    name: "sarif",
    version: 1,
    media_type: "application/sarif+json",
    about: "SARIF 2.1.0: scans with tool, commit, results counted by level and rule, suppressions",
    extensions: &["sarif", "json"],
};

/// Rules whose counts are kept; the rest is in the record.
const MOST_RULES: usize = 50;

impl Importer for Sarif {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let shape = json_shape(head)?;
        let keys = shape.objects.first()?;
        let runs = keys.get("runs")?;
        let schema = keys.get("$schema").is_some_and(|schema| schema.contains("sarif"));
        let is_sarif = runs.starts_with('[') && (schema || runs.contains("\"driver\"") && keys.contains_key("version"));
        is_sarif.then_some(if shape.framing == Framing::Lines { Framing::Lines } else { Framing::Whole })
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        telling::each_text(content, out, &tell);
    }
}

/// What is read of a result.
#[derive(Deserialize)]
struct Found<'a> {
    #[serde(borrow, rename = "ruleId", default)]
    rule_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    rule: Option<RuleRef<'a>>,
    #[serde(borrow, default)]
    level: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "baselineState", default)]
    baseline: Option<Cow<'a, str>>,
    #[serde(default)]
    suppressions: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
struct RuleRef<'a> {
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
}

fn tell(document: &str, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let members = Members::of(document)?;
    let version = members.get("version").unwrap_or_default().trim_matches('"');
    if !version.is_empty() && !version.starts_with("2.") {
        return Err(format!("/version: \"{version}\": expected 2.1.0; this version reads no other"));
    }
    let runs = members.get("runs").ok_or("/: \"runs\" is a required property")?;
    let base = telling.at;
    for (index, part) in elements(Some(runs), "/runs")?.into_iter().enumerate() {
        telling.at = base + place_in(document, part);
        if let Err(reason) = tell_run(part, telling) {
            telling.refuse(part, format!("/runs/{index}{reason}"));
        }
    }
    telling.at = base;
    Ok(())
}

fn tell_run(part: &str, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let members = Members::of(part)?;
    let own = members.without(&[
        "results",
        "artifacts",
        "tool",
        "graphs",
        "threadFlowLocations",
        "logicalLocations",
        "taxonomies",
    ])?;
    let tool = Members::of(members.get("tool").ok_or(": \"tool\" is a required property")?)?;
    let driver = strict_value(tool.get("driver").ok_or("/tool: \"driver\" is a required property")?)?;
    let name = telling::required(&driver, "/name").map_err(|fault| format!("/tool/driver{fault}"))?;
    let rules = driver.get("rules").and_then(Value::as_array);
    let levels: BTreeMap<&str, &str> = rules
        .into_iter()
        .flatten()
        .filter_map(|rule| Some((text(rule, "/id")?, text(rule, "/defaultConfiguration/level")?)))
        .collect();
    let mut count: BTreeMap<String, u64> = BTreeMap::new();
    let mut by_rule: BTreeMap<String, u64> = BTreeMap::new();
    for (index, result) in elements(members.get("results"), "/results")?.into_iter().enumerate() {
        match serde_json::from_str::<Found<'_>>(result) {
            Ok(found) => tally(&found, &levels, &mut count, &mut by_rule),
            Err(error) => telling.doubt(format!("/results/{index}: {}; it is not counted", explain(&error))),
        }
    }
    let number = |key: &str| count.get(key).copied().unwrap_or_default();
    let mut attributes = Attributes::new();
    for key in ["error", "warning", "note", "suppressed", "passed"] {
        attributes.insert(format!("metric.{key}"), Value::from(number(key)));
    }
    let listed: serde_json::Map<String, Value> =
        by_rule.iter().take(MOST_RULES).map(|(rule, count)| (rule.clone(), Value::from(*count))).collect();
    if !listed.is_empty() {
        attributes.insert("rules".to_owned(), Value::Object(listed));
    }
    if by_rule.len() > MOST_RULES {
        attributes.insert("rules-in-all".to_owned(), Value::from(by_rule.len()));
    }
    let version = text(&driver, "/semanticVersion").or_else(|| text(&driver, "/version"));
    let ended = own.pointer("/invocations/0/endTimeUtc").is_some();
    let at = telling.time(&own, if ended { "/invocations/0/endTimeUtc" } else { "/invocations/0/startTimeUtc" });
    if own.pointer("/invocations/0/executionSuccessful") == Some(&Value::Bool(false)) {
        attributes.insert("incomplete".to_owned(), Value::Bool(true));
        telling.doubt("/invocations/0: the tool did not finish: there may be more than it found");
    }
    let provenance = own.get("versionControlProvenance").and_then(Value::as_array).into_iter().flatten();
    let commits = provenance
        .filter_map(|it| {
            let repository = text(it, "/repositoryUri").map(crate::import::openlineage::repository);
            Some((repository, text(it, "/revisionId")?.to_owned()))
        })
        .collect();
    let outcome = Outcome {
        kind: "scan",
        format: "sarif",
        uid: text(&own, "/automationDetails/guid"),
        name,
        by: version.map_or_else(|| name.to_owned(), |version| format!("{name} {version}")),
        at,
        passed: number("error") + number("warning") == 0 && !attributes.contains_key("incomplete"),
        attributes,
        commits,
    };
    outcome.tell(part, telling);
    Ok(())
}

fn tally(
    found: &Found<'_>,
    levels: &BTreeMap<&str, &str>,
    count: &mut BTreeMap<String, u64>,
    by_rule: &mut BTreeMap<String, u64>,
) {
    let rule = found.rule_id.as_deref().or_else(|| found.rule.as_ref()?.id.as_deref()).unwrap_or("unnamed");
    let suppressed = found.suppressions.as_ref().is_some_and(|list| !list.is_empty());
    let gone = found.baseline.as_deref() == Some("absent");
    let passed = matches!(found.kind.as_deref(), Some("pass" | "notApplicable" | "informational"));
    let word = match (suppressed, gone || passed) {
        (true, _) => "suppressed",
        (false, true) => "passed",
        (false, false) => match found.level.as_deref().or_else(|| levels.get(rule).copied()) {
            Some("error") => "error",
            Some("note" | "none") => "note",
            _ => "warning",
        },
    };
    *count.entry(word.to_owned()).or_default() += 1;
    if !matches!(word, "suppressed" | "passed") {
        *by_rule.entry(rule.to_owned()).or_default() += 1;
    }
}

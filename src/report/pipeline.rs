//! The gate's answer for CI systems: SARIF 2.1.0 and JUnit XML. It decides nothing, and no foreign text acts in
//! either.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{GapRow, GateSummary};
use crate::model::Severity;
use serde_json::{Value, json};
use std::fmt::Write as _;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The answer as one run of a tool, a rule for each requirement asked, a result for each that is not met.
pub fn sarif(answer: &Answer<GapRow, GateSummary>) -> String {
    let mut rules: Vec<Value> = Vec::new();
    let mut known: Vec<&str> = Vec::new();
    for it in &answer.summary.asked {
        if !known.contains(&it.requirement.as_str()) {
            known.push(&it.requirement);
            rules.push(json!({
                "id": it.requirement,
                "shortDescription": { "text": it.requirement },
                "fullDescription": { "text": if it.why.is_empty() { &it.requirement } else { &it.why } },
                "defaultConfiguration": { "level": level(it.severity) },
            }));
        }
    }
    let policy = &answer.summary.gaps.policy;
    let results: Vec<Value> = answer.rows.iter().map(|row| result(row, &known)).collect();
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "lastgood",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "invocations": [{ "executionSuccessful": true, "endTimeUtc": answer.summary.at.to_string(), "exitCode": if answer.summary.verdict == "allow" { 0 } else { 1 } }],
            "results": results,
            "properties": {
                "verdict": answer.summary.verdict,
                "for": answer.summary.environment,
                "policy": format!("{}@{}", policy.name, policy.version),
                "policySha256": policy.sha256,
            },
        }],
    });
    format!("{document:#}\n")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

fn result(row: &GapRow, rules: &[&str]) -> Value {
    let text = format!("{}: {} ({}). What would close it: {}", row.about, row.says, row.state, row.closes);
    let mut result = json!({
        "ruleId": row.requirement,
        "level": level(row.severity),
        "kind": "fail",
        "message": { "text": text },
        "locations": [{ "logicalLocations": [{ "fullyQualifiedName": row.about, "kind": "resource" }] }],
        "partialFingerprints": { "lastgood/1": format!("{} {}", row.about, row.requirement) },
        "properties": { "state": row.state, "severity": row.severity.as_str(), "owner": row.owner },
    });
    if let (Some(place), Some(object)) = (rules.iter().position(|it| *it == row.requirement), result.as_object_mut()) {
        object.insert("ruleIndex".to_owned(), place.into());
    }
    if let (Some(it), Some(object)) = (&row.exception, result.as_object_mut()) {
        let words = crate::report::gaps::accepted(&it.exception, &it.path);
        object.insert(
            "suppressions".to_owned(),
            json!([{ "kind": "external", "status": "accepted", "justification": words }]),
        );
    }
    result
}

/// The answer as one suite, a case for each requirement asked: failed where it is not met, skipped where it is
/// waived. A finding that does not shut the gate is told in its case's output.
pub fn junit(answer: &Answer<GapRow, GateSummary>) -> String {
    let summary = &answer.summary;
    let row = |about: &str, requirement: &str| {
        answer.rows.iter().find(|row| row.about == about && row.requirement == requirement)
    };
    let (mut failed, mut skipped, mut cases) = (0, 0, String::new());
    for it in &summary.asked {
        let _ = write!(cases, "    <testcase classname=\"{}\" name=\"{}\"", xml(&it.about), xml(&it.requirement));
        match row(&it.about, &it.requirement) {
            None => cases.push_str("/>\n"),
            Some(row) => {
                let inner = match &row.exception {
                    Some(by) => {
                        skipped += 1;
                        let words = crate::report::gaps::accepted(&by.exception, &by.path);
                        format!("<skipped message=\"{}\"/>", xml(&format!("accepted {words}")))
                    }
                    None => {
                        failed += 1;
                        let says = format!("{}: {}", row.state, row.says);
                        let closes = format!("{}\nWhat would close it: {}", row.why, row.closes);
                        let severity = row.severity.as_str();
                        format!("<failure type=\"{severity}\" message=\"{}\">{}</failure>", xml(&says), xml(&closes))
                    }
                };
                let _ = write!(cases, ">\n      {inner}\n    </testcase>\n");
            }
        }
    }
    let of = xml(summary.gaps.of.as_deref().unwrap_or_default());
    let policy = &summary.gaps.policy;
    let (tests, at) = (summary.asked.len(), summary.at);
    let counts = format!("tests=\"{tests}\" failures=\"{failed}\" errors=\"0\" skipped=\"{skipped}\"");
    let mut properties = String::new();
    let told = [
        ("verdict", summary.verdict.clone()),
        ("for", summary.environment.clone().unwrap_or_default()),
        ("policy", format!("{}@{}", policy.name, policy.version)),
        ("policy-sha256", policy.sha256.clone()),
    ];
    for (name, value) in told {
        let _ = writeln!(properties, "      <property name=\"{name}\" value=\"{}\"/>", xml(&value));
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"lastgood gate\" {counts}>\n  \
         <testsuite name=\"{of}\" timestamp=\"{at}\" {counts}>\n    <properties>\n{properties}    </properties>\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

/// Text within an attribute or an element; what XML 1.0 cannot hold is shown as `�`.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            c if c.is_control()
                || matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') =>
            {
                out.push('\u{fffd}');
            }
            c => out.push(c),
        }
    }
    out
}

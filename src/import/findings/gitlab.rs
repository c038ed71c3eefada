//! GitLab secret detection reports. Its reports of other scans share the shape and are refused.

use super::{Finding, full_commit};
use crate::import::json::strict_value;
use crate::import::sniff::json_shape;
use crate::import::telling::{self, Fault, Members, Telling, elements, place_in, text};
use crate::import::{Format, Framing, Head, Importer, Reading};
use crate::model::Time;
use serde_json::Value;

/// Reads GitLab secret detection reports.
pub struct GitlabSecrets;

static FORMAT: Format = Format {
    name: "gitlab-secrets",
    version: 1,
    media_type: "application/vnd.gitlab.secret-detection+json",
    about: "GitLab secret detection report (gl-secret-detection-report.json): secrets by file and commit",
    extensions: &["json"],
};

impl Importer for GitlabSecrets {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let shape = json_shape(head)?;
        let keys = shape.objects.first()?;
        let found = keys.get("vulnerabilities")?;
        let says = |key: &str| keys.get(key).is_some_and(|value| value.contains("\"secret_detection\""));
        let is_report =
            keys.contains_key("version") && (says("scan") || says("vulnerabilities")) && found.starts_with('[');
        is_report.then_some(if shape.framing == Framing::Lines { Framing::Lines } else { Framing::Whole })
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        telling::each_text(content, out, &tell);
    }
}

fn tell(document: &str, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let members = Members::of(document)?;
    let own = members.without(&["vulnerabilities"])?;
    let at = telling.time(&own, "/scan/end_time").or_else(|| telling.time(&own, "/scan/start_time"));
    let list = members.get("vulnerabilities").ok_or("/: \"vulnerabilities\" is a required property")?;
    let base = telling.at;
    for part in elements(Some(list), "/vulnerabilities")? {
        telling.at = base + place_in(document, part);
        if let Err(reason) = tell_one(part, at, telling) {
            telling.refuse(part, reason);
        }
    }
    telling.at = base;
    Ok(())
}

fn tell_one(part: &str, at: Option<Time>, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let value = &strict_value(part)?;
    let rule = text(value, "/identifiers/0/value").or_else(|| text(value, "/name"));
    let rule = rule.ok_or("/: one of \"identifiers\" and \"name\" is required")?;
    let file = text(value, "/location/file");
    let line = value.pointer("/location/start_line").and_then(Value::as_u64);
    let otherwise = text(value, "/id").map_or_else(|| format!("{}:{rule}", file.unwrap_or_default()), str::to_owned);
    let mut finding = Finding::new("gitlab-secrets", rule, otherwise);
    finding.value = text(value, "/raw_source_code_extract");
    finding.file = file;
    finding.line = line;
    let commit = text(value, "/location/commit/sha").and_then(full_commit);
    // The analyser writes zeros when it looked at files and not at history.
    finding.commit = commit.filter(|sha| sha.bytes().any(|byte| byte != b'0'));
    finding.scope = if finding.commit.is_some() { "git" } else { "file" };
    let committed = telling.time(value, "/location/commit/date");
    finding.at = committed.or(at);
    if committed.is_none() && at.is_some() {
        finding.attributes.insert("at-means".to_owned(), "when the scan saw it".into());
    }
    telling::copy(
        value,
        &[("/name", "description"), ("/severity", "severity"), ("/location/commit/author", "author")],
        &mut finding.attributes,
    );
    finding.tell(telling);
    Ok(())
}

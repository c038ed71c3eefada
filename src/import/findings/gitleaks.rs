//! gitleaks reports: a list with one finding each. It tells reports of its older versions, whose keys
//! are other ones, nothing.

use super::{Finding, person, repository};
use crate::import::sniff::json_shape;
use crate::import::telling::{self, Fault, Telling, required, text};
use crate::import::{Format, Framing, Head, Importer, Reading};
use serde_json::Value;

/// Reads gitleaks reports.
pub struct Gitleaks;

static FORMAT: Format = Format {
    name: "gitleaks",
    version: 1,
    media_type: "application/vnd.gitleaks.report+json",
    about: "gitleaks report (JSON): secrets by fingerprint, where and since which commit they were exposed",
    extensions: &["json"],
};

impl Importer for Gitleaks {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        if is_empty_list(head) {
            return Some(Framing::Whole);
        }
        let shape = json_shape(head)?;
        let is_finding = |keys: &crate::import::sniff::Keys<'_>| {
            let has = |key: &str| keys.contains_key(key);
            has("Fingerprint") && (has("RuleID") || has("Secret") && has("Match"))
                || has("RuleID") && has("StartLine") && has("Match")
        };
        shape.objects.iter().any(is_finding).then_some(shape.framing)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        if content.trim_ascii() == b"[]" {
            out.warn(0, "an empty list: a scan without findings; which tool made it, it does not say");
            return;
        }
        telling::each_value(content, out, &tell);
    }
}

/// Whether that is all there is: what gitleaks writes when it finds nothing, and others do too.
fn is_empty_list(head: &Head<'_>) -> bool {
    head.complete && head.bytes.len() < 64 && {
        let inner = head.bytes.trim_ascii().strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]"));
        inner.is_some_and(|inner| inner.trim_ascii().is_empty())
    }
}

fn tell(value: &Value, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let rule = required(value, "/RuleID")?;
    let file = text(value, "/File");
    let line = value.pointer("/StartLine").and_then(Value::as_u64);
    let commit = text(value, "/Commit").map(str::to_owned);
    let otherwise = text(value, "/Fingerprint")
        .map_or_else(|| format!("{}:{rule}:{}", file.unwrap_or_default(), line.unwrap_or_default()), str::to_owned);
    let mut finding = Finding::new("gitleaks", rule, otherwise);
    finding.value = text(value, "/Secret").filter(|text| text.contains("[secret:")).or_else(|| text(value, "/Match"));
    finding.scope = if commit.is_some() { "git" } else { "file" };
    finding.file = file;
    finding.line = line;
    finding.at = telling.time(value, "/Date");
    finding.by = person(text(value, "/Email"));
    if let Some(link) = text(value, "/Link") {
        finding.repository = repository(link);
        finding.refs.push(link.to_owned());
    }
    finding.commit = commit;
    telling::copy(
        value,
        &[("/Description", "description"), ("/Author", "author"), ("/Message", "message"), ("/Tags", "tags")],
        &mut finding.attributes,
    );
    finding.tell(telling);
    Ok(())
}

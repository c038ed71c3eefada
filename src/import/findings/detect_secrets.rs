//! detect-secrets baselines: findings by file. They hold no values but SHA-1 sums of them, which the
//! ledger keeps only as keyed fingerprints, since a sum of a short value can be guessed back.

use super::Finding;
use crate::import::json::strict_value;
use crate::import::sniff::json_shape;
use crate::import::telling::{self, Fault, Members, Telling, elements, place_in, required, text};
use crate::import::{Format, Framing, Head, Importer, Reading};
use crate::model::Time;

/// Reads detect-secrets baselines.
pub struct DetectSecrets;

static FORMAT: Format = Format {
    name: "detect-secrets",
    version: 1,
    media_type: "application/vnd.detect-secrets.baseline+json",
    about: "detect-secrets baseline: secrets by the keyed fingerprint of their hash, by file",
    extensions: &["baseline", "json"],
};

impl Importer for DetectSecrets {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let shape = json_shape(head)?;
        let keys = shape.objects.first()?;
        let is_baseline = keys.contains_key("plugins_used")
            && (keys.contains_key("results") || keys.contains_key("generated_at") || keys.contains_key("filters_used"));
        is_baseline.then_some(if shape.framing == Framing::Lines { Framing::Lines } else { Framing::Whole })
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        telling::each_text(content, out, &tell);
    }
}

fn tell(document: &str, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let members = Members::of(document)?;
    let own = members.without(&["results"])?;
    let at = telling.time(&own, "/generated_at");
    let results = members.get("results").ok_or("/: \"results\" is a required property")?;
    let base = telling.at;
    for (file, raw) in Members::of(results).map_err(|error| format!("/results: {error}"))?.0 {
        for part in elements(Some(raw.get()), "/results")? {
            telling.at = base + place_in(document, part);
            if let Err(reason) = tell_one(part, &file, at, telling) {
                telling.refuse(part, reason);
            }
        }
    }
    telling.at = base;
    Ok(())
}

fn tell_one(part: &str, file: &str, at: Option<Time>, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let value = &strict_value(part)?;
    let rule = required(value, "/type")?;
    required(value, "/hashed_secret")?;
    let line = value.pointer("/line_number").and_then(serde_json::Value::as_u64);
    let mut finding = Finding::new("detect-secrets", rule, format!("{file}:{rule}:{}", line.unwrap_or_default()));
    finding.value = text(value, "/hashed_secret");
    finding.file = Some(file);
    finding.line = line;
    finding.at = at;
    // It writes false when it asked nobody too.
    finding.live = value.pointer("/is_verified").and_then(serde_json::Value::as_bool).filter(|live| *live);
    finding.resolution = (value.get("is_secret") == Some(&false.into())).then(|| "false_positive".to_owned());
    if at.is_some() {
        finding.attributes.insert("at-means".to_owned(), "when the scan saw it".into());
    }
    finding.tell(telling);
    Ok(())
}

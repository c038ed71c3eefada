//! trufflehog results: one finding a line. It asks no issuer whether a secret is live: it repeats what
//! trufflehog was told.

use super::{Finding, person, repository};
use crate::import::sniff::json_shape;
use crate::import::telling::{self, Fault, Telling, required, text};
use crate::import::{Format, Framing, Head, Importer, Reading};
use crate::model::{SameAs, Statement};
use serde_json::Value;

/// Reads trufflehog results.
pub struct Trufflehog;

static FORMAT: Format = Format {
    name: "trufflehog",
    version: 1,
    media_type: "application/vnd.trufflehog.result+jsonl",
    about: "trufflehog results (JSON lines): secrets by fingerprint, where they were exposed, whether verified live",
    extensions: &["json", "jsonl"],
};

impl Importer for Trufflehog {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let shape = json_shape(head)?;
        let is_result = |keys: &crate::import::sniff::Keys<'_>| {
            let has = |key: &str| keys.contains_key(key);
            has("SourceMetadata") && (has("DetectorName") || has("Raw") || has("DetectorType"))
        };
        shape.objects.iter().any(is_result).then_some(shape.framing)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        telling::each_value(content, out, &tell);
    }
}

fn tell(value: &Value, telling: &mut Telling<'_>) -> Result<(), Fault> {
    // It writes its own log on the same stream when told to.
    if value.get("level").is_some() && value.get("msg").is_some() && value.get("SourceMetadata").is_none() {
        return Ok(());
    }
    let rule = required(value, "/DetectorName")?;
    let data = value.pointer("/SourceMetadata/Data").and_then(Value::as_object);
    let (source, place) = data.and_then(|data| data.iter().next()).map_or(("unknown", &Value::Null), |(k, v)| (k, v));
    let file = ["/file", "/path", "/key", "/layer"].iter().find_map(|key| text(place, key));
    let line = place.pointer("/line").and_then(Value::as_u64);
    let otherwise = format!("{rule}/{source}/{}:{}", file.unwrap_or_default(), line.unwrap_or_default());
    let mut finding = Finding::new("trufflehog", rule, otherwise);
    let scope = source.to_ascii_lowercase();
    finding.scope = &scope;
    // With a key and its id, the value is the key: that is what is to be rotated.
    let last = |key: &str| text(value, key).filter(|it| it.contains("[secret:"));
    let whole = last("/RawV2").and_then(|it| it.rfind("[secret:").and_then(|at| it.get(at..)));
    finding.value = whole.or_else(|| last("/Raw"));
    finding.file = file;
    finding.line = line;
    finding.at = telling.time(place, "/timestamp");
    finding.by = person(text(place, "/email"));
    finding.commit = text(place, "/commit").map(str::to_owned);
    finding.repository = text(place, "/repository").and_then(repository);
    finding.refs.extend(text(place, "/link").map(str::to_owned));
    finding.live = value.pointer("/Verified").and_then(Value::as_bool);
    telling::copy(
        value,
        &[
            ("/DetectorDescription", "description"),
            ("/DecoderName", "decoder"),
            ("/VerificationError", "verification-error"),
            ("/ExtraData/account", "account"),
            ("/ExtraData/arn", "arn"),
        ],
        &mut finding.attributes,
    );
    telling::copy(
        place,
        &[("/image", "image"), ("/bucket", "bucket"), ("/visibility", "visibility")],
        &mut finding.attributes,
    );
    let (key, _) = finding.secret();
    finding.tell(telling);
    // The id of an access key and the key are one credential.
    let id = last("/Raw").map(|raw| Finding { value: Some(raw), ..Finding::new("trufflehog", rule, String::new()) });
    if let Some((id, Some(_))) = id.map(|id| id.secret()).filter(|(id, _)| rule.starts_with("AWS") && *id != key) {
        let why = "an access key and its id, in one finding of trufflehog".to_owned();
        telling.say(Statement::SameAs(SameAs { a: key, b: id, why }));
    }
    Ok(())
}

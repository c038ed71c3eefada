//! GitHub secret scanning alerts as the REST API lists them. Webhooks of them are read elsewhere.

use super::{Finding, repository};
use crate::import::sniff::{Keys, json_shape};
use crate::import::telling::{self, Fault, Telling, required, text};
use crate::import::{Format, Framing, Head, Importer, Reading};
use crate::model::{SameAs, Statement};
use serde_json::Value;

/// Reads GitHub secret scanning alerts.
pub struct GithubSecrets;

static FORMAT: Format = Format {
    name: "github-secrets",
    version: 1,
    media_type: "application/vnd.github.secret-scanning-alerts+json",
    about: "GitHub secret scanning alerts (REST answers): secrets, when they were exposed, whether still valid",
    extensions: &["json"],
};

fn is_alert(keys: &Keys<'_>) -> bool {
    let has = |key: &str| keys.contains_key(key);
    has("secret_type") && has("number") && (has("state") || has("locations_url") || has("html_url"))
}

impl Importer for GithubSecrets {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let shape = json_shape(head)?;
        shape.objects.iter().any(is_alert).then_some(shape.framing)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        telling::each_value(content, out, &tell);
    }
}

fn tell(value: &Value, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let rule = required(value, "/secret_type")?;
    let number = value.get("number").and_then(Value::as_u64).ok_or("/: \"number\" is a required property")?;
    let url = text(value, "/html_url").or_else(|| text(value, "/url"));
    let named = text(value, "/repository/html_url").and_then(repository);
    let from_url = || url.filter(|url| url.contains("/security/secret-scanning")).and_then(repository);
    let repository = named.or_else(from_url);
    let otherwise = match &repository {
        // As webhooks of the alert are read to name it.
        Some(repository) => format!("secret:{repository}/secret-scanning/{number}"),
        None => format!("{}#{number}", url.unwrap_or("alert")),
    };
    let alert = repository.is_some().then(|| otherwise.clone());
    let mut finding = Finding::new("github-secrets", rule, otherwise);
    finding.scope = "github";
    finding.repository = repository;
    finding.value = text(value, "/secret");
    let location = value.pointer("/first_location_detected").unwrap_or(&Value::Null);
    finding.file = text(location, "/path");
    finding.line = location.pointer("/start_line").and_then(Value::as_u64);
    finding.commit = text(location, "/commit_sha").map(str::to_owned);
    finding.at = telling.time(value, "/created_at");
    finding.live = match text(value, "/validity") {
        Some("active") => Some(true),
        Some("inactive") => Some(false),
        _ => None,
    };
    if text(value, "/state") == Some("resolved") {
        finding.resolution = Some(text(value, "/resolution").unwrap_or("resolved").to_owned());
    }
    finding.refs.extend(url.map(str::to_owned));
    telling::copy(
        value,
        &[
            ("/state", "state"),
            ("/secret_type_display_name", "description"),
            ("/resolved_at", "resolved"),
            ("/resolved_by/login", "resolved-by"),
            ("/push_protection_bypassed", "push-protection-bypassed"),
            ("/push_protection_bypassed_by/login", "bypassed-by"),
            ("/publicly_leaked", "publicly-leaked"),
            ("/multi_repo", "several-repositories"),
        ],
        &mut finding.attributes,
    );
    finding.attributes.insert("at-means".to_owned(), "when the alert was raised".into());
    let (secret, fingerprint) = finding.secret();
    finding.tell(telling);
    if let Some(alert) = alert.filter(|_| fingerprint.is_some()) {
        let why = "the alert holds the value".to_owned();
        telling.say(Statement::SameAs(SameAs { a: secret, b: alert, why }));
    }
    Ok(())
}

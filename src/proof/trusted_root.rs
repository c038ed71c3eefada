//! Sigstore's trusted root (version 0.1, JSON): the authorities, logs and timestamp authorities of one
//! instance, each with the time it counts. Where the file comes from is for the user to know.

use super::certificate::Certificate;
use super::public_key::PublicKey;
use super::trust::{Authority, LogKey, Trust};
use crate::model::Time;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TrustedRoot {
    media_type: String,
    #[serde(default)]
    tlogs: Vec<Log>,
    #[serde(default)]
    ctlogs: Vec<Log>,
    #[serde(default)]
    certificate_authorities: Vec<Issuer>,
    #[serde(default)]
    timestamp_authorities: Vec<Issuer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Log {
    #[serde(default)]
    base_url: String,
    public_key: Key,
    log_id: LogId,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogId {
    key_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Key {
    raw_bytes: String,
    #[serde(default)]
    key_details: String,
    #[serde(default)]
    valid_for: Option<Period>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Issuer {
    #[serde(default)]
    subject: Option<Subject>,
    cert_chain: Chain,
    #[serde(default)]
    valid_for: Option<Period>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subject {
    #[serde(default)]
    common_name: String,
}

#[derive(Deserialize)]
struct Chain {
    certificates: Vec<Raw>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    raw_bytes: String,
}

#[derive(Deserialize)]
struct Period {
    start: Option<String>,
    end: Option<String>,
}

fn bytes(written: &str, what: &str) -> Result<Vec<u8>, String> {
    STANDARD.decode(written).map_err(|_| format!("{what} in it is not base64"))
}

fn period(period: Option<&Period>) -> Result<(Option<Time>, Option<Time>), String> {
    let time = |written: Option<&String>| {
        written.map(|it| Time::parse_stated(it).map(|(time, _)| time)).transpose().map_err(|error| error.to_string())
    };
    let Some(period) = period else { return Ok((None, None)) };
    Ok((time(period.start.as_ref())?, time(period.end.as_ref())?))
}

fn log(log: &Log) -> Result<Option<LogKey>, String> {
    let der = bytes(&log.public_key.raw_bytes, "the key of a log")?;
    let key = if log.public_key.key_details.starts_with("PKCS1_") {
        PublicKey::from_pkcs1(&der)
    } else {
        PublicKey::from_der(&der)
    };
    // One of a type nobody checks here takes nothing from the others.
    let Ok(key) = key else { return Ok(None) };
    let (since, until) = period(log.public_key.valid_for.as_ref())?;
    let host = log.base_url.split("://").last().unwrap_or_default().to_owned();
    Ok(Some(LogKey { name: host, id: bytes(&log.log_id.key_id, "the id of a log")?, key, since, until }))
}

fn authority(issuer: &Issuer, listed: bool, logged: bool) -> Result<Authority, String> {
    let mut chain = Vec::new();
    for raw in &issuer.cert_chain.certificates {
        let der = bytes(&raw.raw_bytes, "a certificate")?;
        chain.push(Certificate::from_der(&der).ok_or("a certificate in it cannot be read")?);
    }
    if chain.is_empty() {
        return Err("an authority in it has no certificate".to_owned());
    }
    let (since, until) = period(issuer.valid_for.as_ref())?;
    let name = issuer.subject.as_ref().map(|it| it.common_name.clone()).filter(|name| !name.is_empty());
    let name = name.or_else(|| chain.last().and_then(Certificate::common_name)).unwrap_or_default();
    Ok(Authority { name, chain, since, until, listed, logged })
}

/// Adds what a trusted root holds.
pub(super) fn add(trust: &mut Trust, text: &str) -> Result<(), String> {
    let root: TrustedRoot =
        serde_json::from_str(text).map_err(|error| format!("it is no Sigstore trusted root: {error}"))?;
    if !root.media_type.contains("vnd.dev.sigstore.trustedroot") {
        return Err(format!("its media type is \"{}\", expected a Sigstore trusted root", root.media_type));
    }
    for it in &root.tlogs {
        trust.logs.extend(log(it)?);
    }
    for it in &root.ctlogs {
        trust.certificate_logs.extend(log(it)?);
    }
    for it in &root.certificate_authorities {
        trust.authorities.push(authority(it, !root.ctlogs.is_empty(), !root.tlogs.is_empty())?);
    }
    for it in &root.timestamp_authorities {
        trust.timestamps.push(authority(it, false, false)?);
    }
    Ok(())
}

//! AWS CloudTrail: `{"Records":[…]}` files, lists, lines and single events, as they are, as EventBridge hands them on,
//! and as the command line looks them up. It reads no digest files.

use super::names::{Named, arn_identity, arn_thing, aws_secret, identity};
use super::{Entry, Outcome, Target, is_denial, step_id};
use crate::import::json::strict_value;
use crate::import::sniff::{Keys, json_shape};
use crate::import::telling::{self, Fault, Telling, copy, elements, place_in, required, text};
use crate::import::{Format, Framing, Head, Importer, Reading};
use crate::model::Kind;
use serde_json::Value;

/// Reads CloudTrail.
pub struct CloudTrail;

static FORMAT: Format = Format {
    name: "cloudtrail",
    version: 1,
    media_type: "application/vnd.amazon.cloudtrail+json",
    about: "AWS CloudTrail: actions with actor and target, secret access, assumed roles, denials",
    extensions: &["json", "json.gz"],
};

fn is_event(keys: &Keys<'_>) -> bool {
    let has = |key: &str| keys.contains_key(key);
    let holds = |key: &str, text: &str| keys.get(key).is_some_and(|value| value.contains(text));
    has("eventSource") && has("eventName") && (has("userIdentity") || has("eventVersion"))
        || holds("detail-type", "via CloudTrail") && holds("detail", "\"eventName\"")
}

/// Whether it is the answer to looking events up, in which each is the text of one.
fn is_answer(keys: &Keys<'_>) -> bool {
    keys.get("Events").is_some_and(|list| list.starts_with('[') && list.contains("\"CloudTrailEvent\""))
}

impl Importer for CloudTrail {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let shape = json_shape(head)?;
        if shape.objects.iter().any(is_event) {
            return Some(shape.framing);
        }
        if shape.objects.first().is_some_and(is_answer) {
            return Some(Framing::Whole);
        }
        let records = shape.objects.first()?.get("Records")?;
        let is_log = records.starts_with('[')
            && records.contains("\"eventSource\"")
            && records.contains("\"eventName\"")
            && !records.contains("\"s3SchemaVersion\"");
        is_log.then(|| if is_first(head.bytes) { Framing::Elements } else { shape.large(head) })
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        telling::each_text(content, out, &tell);
    }
}

/// Whether the list is the first thing in the document, as Amazon writes it: it can be cut then.
fn is_first(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    for token in [&b"{"[..], b"\"Records\"", b":", b"["] {
        match rest.trim_ascii_start().strip_prefix(token) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    true
}

fn tell(unit: &str, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let answered = memchr::memmem::find(unit.as_bytes(), b"\"CloudTrailEvent\"").is_some();
    if !is_first(unit.as_bytes()) && !answered {
        return tell_event(unit, telling);
    }
    let members = telling::Members::of(unit)?;
    if answered && members.get("Events").is_some() {
        return tell_answer(members.get("Events"), telling);
    }
    if members.get("Records").is_none() {
        return tell_event(unit, telling);
    }
    let base = telling.at;
    for part in elements(members.get("Records"), "/Records")? {
        telling.at = base + place_in(unit, part);
        if let Err(reason) = tell_event(part, telling) {
            telling.refuse(part, reason);
        }
    }
    telling.at = base;
    Ok(())
}

/// Events that were looked up: one that cannot be read costs no other.
fn tell_answer(events: Option<&str>, telling: &mut Telling<'_>) -> Result<(), Fault> {
    for (index, element) in telling::each_element(events, "/Events")?.enumerate() {
        let event = element.value.and_then(|value| required(&value, "/CloudTrailEvent").map(str::to_owned));
        if let Err(reason) = event.and_then(|event| tell_event(&event, telling)) {
            telling.refuse(element.text, format!("/Events/{index}: {reason}"));
        }
    }
    Ok(())
}

fn tell_event(unit: &str, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let read = strict_value(unit)?;
    let value = read.get("detail").filter(|_| read.get("detail-type").is_some()).unwrap_or(&read);
    let name = required(value, "/eventName")?;
    let source = required(value, "/eventSource")?;
    let mut entry = Entry::new(step_id(text(value, "/eventID"), unit, telling), name, source);
    entry.at = telling.time(value, "/eventTime");
    entry.attributes.insert("service".to_owned(), Value::from(source));
    copy(
        value,
        &[
            ("/awsRegion", "region"),
            ("/sourceIPAddress", "source-ip"),
            ("/userAgent", "user-agent"),
            ("/recipientAccountId", "account"),
            ("/errorCode", "error"),
            ("/readOnly", "read-only"),
            ("/eventType", "event-type"),
        ],
        &mut entry.attributes,
    );
    actor(value, &mut entry);
    entry.reason = text(value, "/errorMessage").or_else(|| text(value, "/errorCode")).map(telling::clip);
    entry.outcome = match text(value, "/errorCode") {
        Some(code) if is_denial(code) => Outcome::Denied,
        Some(_) => Outcome::Failed,
        None if text(value, "/responseElements/ConsoleLogin") == Some("Failure") => Outcome::Denied,
        None => Outcome::Done,
    };
    targets(value, source, name, &mut entry);
    entry.tell(telling);
    Ok(())
}

fn actor(value: &Value, entry: &mut Entry) {
    let who = value.pointer("/userIdentity").unwrap_or(&Value::Null);
    let sort = text(who, "/type").unwrap_or_default();
    let (mut actor, mut session) = match text(who, "/arn") {
        Some(arn) => {
            let (named, session) = arn_identity(arn);
            (Some(named), session)
        }
        None => (None, None),
    };
    // The issuer's ARN has the role's path, which the session's lacks.
    if let Some(issuer) = text(who, "/sessionContext/sessionIssuer/arn") {
        actor = Some(arn_identity(issuer).0);
    }
    if actor.is_none() {
        let service = text(who, "/invokedBy")
            .or_else(|| text(value, "/sourceIPAddress").filter(|it| it.ends_with("amazonaws.com")));
        actor = match (sort, service) {
            ("AWSService", Some(service)) => {
                Some(identity(&format!("aws:service/{service}"), Some(service), "service-account"))
            }
            _ => text(who, "/principalId")
                .map(|id| identity(&format!("aws:principal/{id}"), text(who, "/userName"), "user")),
        };
        session = None;
    }
    if let Some(key) = text(who, "/accessKeyId") {
        entry.credential = access_key(key);
    }
    entry.actor = actor;
    copy(
        who,
        &[("/type", "actor-type"), ("/userName", "actor-name"), ("/invokedBy", "invoked-by")],
        &mut entry.attributes,
    );
    if let Some(session) = session {
        entry.attributes.insert("session".to_owned(), Value::from(session));
    }
    if let Some(mfa) = text(who, "/sessionContext/attributes/mfaAuthenticated") {
        entry.attributes.insert("mfa".to_owned(), Value::from(mfa));
    }
}

/// An access key by its id, which is no secret; one of the usual form is known by its fingerprint.
pub(super) fn access_key(id: &str) -> Option<Named> {
    (!id.contains("[secret:")).then(|| {
        let mut key = Named::new(format!("secret:key:{id}"), Kind::Secret, Some(id));
        key.identifiers.push(format!("key:{id}"));
        key
    })
}

fn targets(value: &Value, source: &str, name: &str, entry: &mut Entry) {
    let reads = [
        "Get",
        "Describe",
        "List",
        "BatchGet",
        "Head",
        "Lookup",
        "Decrypt",
        "Invoke",
        "AssumeRole",
        "Encrypt",
        "Converse",
    ];
    let read_only = value.get("readOnly").and_then(Value::as_bool);
    let changed = !read_only.unwrap_or_else(|| reads.iter().any(|word| name.starts_with(word)))
        && !["Decrypt", "AssumeRole", "Invoke", "GenerateDataKey"].iter().any(|word| name.starts_with(word));
    let account = text(value, "/recipientAccountId").unwrap_or_default();
    let region = text(value, "/awsRegion").unwrap_or_default();
    let mut found: Vec<Named> = Vec::new();
    for resource in value.pointer("/resources").and_then(Value::as_array).into_iter().flatten().take(100) {
        found.extend(text(resource, "/ARN").or_else(|| text(resource, "/arn")).and_then(arn_thing));
    }
    for part in ["/requestParameters", "/responseElements"] {
        if let Some(part) = value.pointer(part) {
            arns(part, 0, &mut found);
        }
    }
    if source.starts_with("secretsmanager") {
        found.extend(text(value, "/requestParameters/secretId").map(|id| aws_secret(id, account, region)));
    }
    if source.starts_with("ssm") && name.starts_with("GetParameter") {
        let one = text(value, "/requestParameters/name");
        let several = value.pointer("/requestParameters/names").and_then(Value::as_array);
        let several = several.into_iter().flatten().take(100).filter_map(Value::as_str);
        found.extend(one.into_iter().chain(several).map(|name| {
            let id = format!("secret:aws-ssm/{account}/{region}/{}", name.trim_start_matches('/'));
            Named::new(id, Kind::Secret, Some(name))
        }));
    }
    if source.starts_with("bedrock") {
        found.extend(
            text(value, "/requestParameters/modelId")
                .filter(|id| !id.starts_with("arn:"))
                .map(|id| Named::new(format!("model-version:bedrock/{id}"), Kind::ModelVersion, Some(id))),
        );
    }
    let actor = entry.actor.as_ref().map(|actor| actor.id.clone());
    let mut told = std::collections::BTreeSet::new();
    found.retain(|thing| Some(&thing.id) != actor.as_ref() && told.insert(thing.id.clone()));
    if name.starts_with("AssumeRole") {
        // From here on the role acts for whoever took it on. Its session's ARN names it less exactly.
        found.retain(|thing| thing.kind != Kind::Identity);
        entry.assumed = text(value, "/requestParameters/roleArn").map(|role| arn_identity(role).0);
    }
    entry.targets = found.into_iter().map(|thing| Target { thing, changed }).collect();
}

/// The ARNs that stand under keys that say so.
fn arns(value: &Value, depth: usize, found: &mut Vec<Named>) {
    if depth > 3 || found.len() >= 100 {
        return;
    }
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match value.as_str() {
                    Some(text) if key.to_ascii_lowercase().ends_with("arn") || key == "aRN" => {
                        found.extend(arn_thing(text))
                    }
                    Some(text) if text.starts_with("arn:") && key.ends_with("Id") => found.extend(arn_thing(text)),
                    Some(_) => {}
                    None => arns(value, depth + 1, found),
                }
            }
        }
        Value::Array(list) => list.iter().take(100).for_each(|value| arns(value, depth + 1, found)),
        _ => {}
    }
}

//! OCSF events (1.0-rc.2 to 1.5): activity, authentication, changes, findings. An event that was made
//! of a CloudTrail or Kubernetes one has its id, and is the same step. Observables repeat what the
//! event says, and are not read.

use super::names::{Named, arn_identity, arn_thing, github_user, identity, kubernetes_user};
use super::{Entry, Outcome, Target, cloudtrail, is_denial, step_id};
use crate::import::json::strict_value;
use crate::import::sniff::{Keys, json_shape};
use crate::import::telling::{self, Fault, Telling, copy, text};
use crate::import::{Format, Framing, Head, Importer, Reading};
use serde_json::Value;

/// Reads OCSF events.
pub struct Ocsf;

static FORMAT: Format = Format {
    name: "ocsf",
    version: 1,
    media_type: "application/vnd.ocsf.event+json",
    about: "OCSF events (Security Lake and others): actions with actor and target, denials",
    extensions: &["json", "jsonl", "ocsf"],
};

fn is_event(keys: &Keys<'_>) -> bool {
    let has = |key: &str| keys.contains_key(key);
    (has("class_uid") || has("type_uid") && has("category_uid"))
        && keys
            .get("metadata")
            .is_some_and(|metadata| metadata.contains("\"version\"") || metadata.contains("\"product\""))
}

impl Importer for Ocsf {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let shape = json_shape(head)?;
        shape.objects.iter().any(is_event).then_some(shape.framing)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        telling::each_text(content, out, &tell);
    }
}

fn tell(unit: &str, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let value = &strict_value(unit)?;
    if value.get("class_uid").is_none() && value.get("type_uid").is_none() {
        return Err("/: \"class_uid\" is a required property".to_owned());
    }
    let product = text(value, "/metadata/product/name").unwrap_or("ocsf");
    let lower = product.to_ascii_lowercase();
    let cluster = lower.contains("eks") || lower.contains("kubernetes");
    let uid = text(value, "/metadata/uid").or_else(|| text(value, "/api/request/uid").filter(|_| cluster));
    let operation = ["/api/operation", "/metadata/event_code", "/activity_name", "/type_name", "/class_name"]
        .iter()
        .find_map(|pointer| text(value, pointer));
    let name = match (cluster, operation, text(value, "/resources/0/type")) {
        (true, Some(verb), Some(resource)) => format!("{verb} {resource}"),
        (_, operation, _) => operation.unwrap_or("event").to_owned(),
    };
    let by = text(value, "/api/service/name").unwrap_or(product);
    let mut entry = Entry::new(step_id(uid, unit, telling), &name, by);
    entry.at = telling.time(value, "/time").or_else(|| telling.time(value, "/time_dt"));
    copy(
        value,
        &[
            ("/api/service/name", "service"),
            ("/class_name", "class"),
            ("/activity_name", "activity"),
            ("/severity", "severity"),
            ("/cloud/region", "region"),
            ("/src_endpoint/ip", "source-ip"),
            ("/http_request/user_agent", "user-agent"),
            ("/api/response/error", "error"),
            ("/metadata/product/name", "product"),
            ("/metadata/version", "ocsf-version"),
            ("/message", "message"),
        ],
        &mut entry.attributes,
    );
    entry.actor = actor(value, &lower, cluster);
    let credential = text(value, "/actor/user/credential_uid").or_else(|| text(value, "/actor/session/credential_uid"));
    entry.credential = credential.and_then(cloudtrail::access_key);
    let error = text(value, "/api/response/error").or_else(|| text(value, "/status_code"));
    entry.reason = error.or_else(|| text(value, "/status_detail")).map(telling::clip);
    let failed = match value.get("status_id").and_then(Value::as_u64) {
        Some(id) => Some(id == 2),
        None => text(value, "/status").map(|word| word.eq_ignore_ascii_case("failure")),
    };
    let refused =
        entry.reason.as_deref().is_some_and(is_denial) || value.pointer("/api/response/code") == Some(&403.into());
    let code = value.pointer("/api/response/code").and_then(Value::as_u64);
    entry.outcome = match failed {
        Some(true) if refused => Outcome::Denied,
        Some(true) => Outcome::Failed,
        Some(false) => Outcome::Done,
        None if refused => Outcome::Denied,
        None if code.is_some_and(|code| code < 400) => Outcome::Done,
        None => Outcome::Unsaid,
    };
    // Activities: 1 create, 2 read, 3 update, 4 delete; a change of an account is one whatever its number.
    let class = value.get("class_uid").and_then(Value::as_u64).unwrap_or_default();
    let changed = match class {
        6003 | 3004 => value.get("activity_id").and_then(Value::as_u64) != Some(2),
        3001 | 3005 | 3006 => true,
        _ => false,
    };
    let listed = value.get("resources").and_then(Value::as_array).into_iter().flatten().take(100);
    let named = ["/user/uid", "/entity/uid", "/resource/uid"].iter().filter_map(|pointer| text(value, pointer));
    let uids: std::collections::BTreeSet<&str> = listed.filter_map(|it| text(it, "/uid")).chain(named).collect();
    let actor = entry.actor.as_ref().map(|actor| actor.id.clone());
    let things = uids.into_iter().filter_map(arn_thing).filter(|thing| Some(&thing.id) != actor.as_ref());
    entry.targets = things.map(|thing| Target { thing, changed }).collect();
    entry.tell(telling);
    Ok(())
}

fn actor(value: &Value, product: &str, cluster: bool) -> Option<Named> {
    let user = value.pointer("/actor/user").unwrap_or(&Value::Null);
    let (uid, name) = (text(user, "/uid"), text(user, "/name"));
    if cluster {
        return name.map(kubernetes_user);
    }
    let issuer = text(value, "/actor/session/issuer").or_else(|| text(value, "/actor/session/iss"));
    let arn = issuer.filter(|issuer| issuer.starts_with("arn:")).or(uid.filter(|uid| uid.starts_with("arn:")));
    if let Some(arn) = arn {
        return Some(arn_identity(arn).0);
    }
    if product.contains("github") {
        return name.map(|name| github_user(name, "user"));
    }
    if let Some(email) = text(user, "/email_addr") {
        return Some(identity(&format!("mailto:{}", email.to_ascii_lowercase()), name, "user"));
    }
    let service = text(value, "/actor/invoked_by").or_else(|| text(value, "/actor/app_name"));
    uid.or(name)
        .map(|id| identity(&format!("ocsf:{product}/{id}"), name, "user"))
        .or_else(|| service.map(|it| identity(&format!("aws:service/{it}"), Some(it), "service-account")))
}

//! GitHub audit log entries, as exported or streamed. Webhooks, which share some keys, are read
//! elsewhere.

use super::names::{Named, github_user};
use super::{Entry, Outcome, Target, step_id};
use crate::import::json::strict_value;
use crate::import::sniff::{Keys, json_shape};
use crate::import::telling::{self, Fault, Telling, copy, required, text};
use crate::import::{Format, Framing, Head, Importer, Reading};
use crate::model::Kind;
use serde_json::Value;

/// Reads GitHub audit logs.
pub struct GithubAudit;

static FORMAT: Format = Format {
    name: "github-audit",
    version: 1,
    media_type: "application/vnd.github.audit-log+json",
    about: "GitHub audit log: actions with actor, repository, team and user",
    extensions: &["json", "jsonl"],
};

fn is_entry(keys: &Keys<'_>) -> bool {
    let has = |key: &str| keys.contains_key(key);
    has("action")
        && (has("@timestamp") || has("created_at") && has("_document_id"))
        && (has("actor") || has("_document_id"))
}

impl Importer for GithubAudit {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let shape = json_shape(head)?;
        shape.objects.iter().any(is_entry).then_some(shape.framing)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        telling::each_text(content, out, &tell);
    }
}

fn tell(unit: &str, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let value = &strict_value(unit)?;
    let action = required(value, "/action")?;
    let uid = text(value, "/_document_id").or_else(|| text(value, "/request_id")).map(|id| format!("github/{id}"));
    let mut entry = Entry::new(step_id(uid.as_deref(), unit, telling), action, "github");
    entry.at = telling.time(value, "/@timestamp").or_else(|| telling.time(value, "/created_at"));
    entry.outcome = Outcome::Done;
    copy(
        value,
        &[
            ("/actor_ip", "source-ip"),
            ("/user_agent", "user-agent"),
            ("/org", "org"),
            ("/repo", "repository"),
            ("/team", "team"),
            ("/user", "user"),
            ("/operation_type", "operation"),
            ("/programmatic_access_type", "access"),
        ],
        &mut entry.attributes,
    );
    let robot = value.get("actor_is_bot").is_some_and(|it| it == &Value::Bool(true) || it == "True" || it == "true");
    let sort = if robot { "service-account" } else { "user" };
    entry.actor = text(value, "/actor").map(|name| github_user(name, sort));
    if let Some(hash) = text(value, "/hashed_token") {
        entry.credential = Some(Named::new(format!("secret:github-token/{hash}"), Kind::Secret, None));
    }
    let actor = entry.actor.as_ref().map(|actor| actor.id.clone());
    let user = text(value, "/user").map(|name| github_user(name, "user"));
    let moved =
        ["member", "create", "add", "remove", "invite", "delete", "update"].iter().any(|word| action.contains(word));
    entry.targets.extend(
        user.filter(|user| moved && Some(&user.id) != actor.as_ref()).map(|thing| Target { thing, changed: true }),
    );
    entry.tell(telling);
    Ok(())
}

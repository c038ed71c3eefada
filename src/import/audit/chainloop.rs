//! Chainloop audit events: who did what to which token, group, project or store. They state no time
//! and no id, and are given neither.

use super::names::{Named, identity};
use super::{Entry, Outcome, Target, step_id};
use crate::import::json::strict_value;
use crate::import::sniff::{Keys, json_shape};
use crate::import::telling::{self, Fault, Telling, copy, required, text};
use crate::import::{Format, Framing, Head, Importer, Reading};
use crate::model::Kind;

/// Reads Chainloop audit events.
pub struct ChainloopAudit;

static FORMAT: Format = Format {
    name: "chainloop-audit",
    version: 1,
    media_type: "application/vnd.chainloop.audit+json",
    about: "Chainloop audit events: actions on tokens, groups, projects and stores",
    extensions: &["json", "jsonl"],
};

fn is_event(keys: &Keys<'_>) -> bool {
    ["ActionType", "TargetType", "ActorType"].iter().all(|key| keys.contains_key(*key))
}

impl Importer for ChainloopAudit {
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
    let action = required(value, "/ActionType")?;
    let uid = text(value, "/Digest").map(|digest| format!("chainloop/{digest}"));
    let mut entry = Entry::new(step_id(uid.as_deref(), unit, telling), action, "chainloop");
    entry.at = telling.time(value, "/Timestamp").or_else(|| telling.time(value, "/CreatedAt"));
    if entry.at.is_none() {
        telling.doubt("the event states no time: its step is undated");
    }
    entry.outcome = Outcome::Done;
    copy(
        value,
        &[
            ("/Description", "description"),
            ("/TargetType", "target-type"),
            ("/TargetID", "target-id"),
            ("/ActorType", "actor-type"),
            ("/OrgID", "org"),
        ],
        &mut entry.attributes,
    );
    let name = text(value, "/ActorName");
    let id = text(value, "/ActorID");
    entry.actor = match (text(value, "/ActorType"), text(value, "/ActorEmail"), id) {
        (Some("USER"), Some(email), _) => {
            Some(identity(&format!("mailto:{}", email.to_ascii_lowercase()), name, "user"))
        }
        (Some("API_TOKEN"), _, Some(id)) => Some(identity(&format!("chainloop:token/{id}"), name, "token")),
        (Some("SYSTEM"), _, _) | (_, _, None) => None,
        (_, _, Some(id)) => Some(identity(&format!("chainloop:user/{id}"), name, "user")),
    };
    let target = text(value, "/TargetID");
    let thing = match (text(value, "/TargetType"), target) {
        (Some("APIToken"), Some(id)) => {
            Some(identity(&format!("chainloop:token/{id}"), text(value, "/Info/api_token_name"), "token"))
        }
        (Some(sort), Some(id)) => {
            let kind = Kind::Other("resource".into());
            Some(Named::new(format!("{kind}:chainloop/{sort}/{id}"), kind, None))
        }
        _ => None,
    };
    let read = action.contains("Downloaded");
    entry.targets.extend(thing.map(|thing| Target { thing, changed: !read }));
    entry.tell(telling);
    Ok(())
}

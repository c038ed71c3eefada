//! Vault (and OpenBao) audit logs. Values in them are HMACs of Vault's own: one token has one within
//! one log. A request and its response are one step; only the response says that it came about.

use super::names::{Named, identity, service_account_names};
use super::{Entry, Outcome, Target, is_denial, step_id};
use crate::import::json::strict_value;
use crate::import::sniff::{Keys, json_shape};
use crate::import::telling::{self, Fault, Telling, copy, text};
use crate::import::{Format, Framing, Head, Importer, Reading};
use crate::model::Kind;
use serde_json::Value;

/// Reads Vault audit logs.
pub struct VaultAudit;

static FORMAT: Format = Format {
    name: "vault-audit",
    version: 1,
    media_type: "application/vnd.hashicorp.vault.audit+jsonl",
    about: "Vault audit log (JSON lines): which entity and token read which secret, denials",
    extensions: &["log", "json", "jsonl"],
};

fn is_entry(keys: &Keys<'_>) -> bool {
    let word = keys.get("type").copied().unwrap_or_default();
    matches!(word, "\"request\"" | "\"response\"")
        && keys.contains_key("time")
        && keys.get("request").is_some_and(|request| request.starts_with('{') && request.contains("\"operation\""))
}

impl Importer for VaultAudit {
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
    let sort = telling::required(value, "/type")?;
    if !matches!(sort, "request" | "response") {
        telling.doubt(format!("/type: \"{sort}\" is no request and no response; it is kept in the record only"));
        return Ok(());
    }
    let request = value.get("request").filter(|it| it.is_object()).ok_or("/: \"request\" is a required property")?;
    let operation = text(request, "/operation").unwrap_or("unknown");
    let path = text(request, "/path").unwrap_or_default();
    let uid = text(request, "/id").map(|id| format!("vault/{id}"));
    let mut entry = Entry::new(step_id(uid.as_deref(), unit, telling), &format!("{operation} {path}"), "vault");
    entry.at = telling.time(value, "/time");
    copy(
        request,
        &[
            ("/operation", "operation"),
            ("/path", "path"),
            ("/mount_type", "mount-type"),
            ("/remote_address", "source-ip"),
            ("/namespace/path", "namespace"),
        ],
        &mut entry.attributes,
    );
    let auth = value.get("auth").filter(|auth| auth.is_object()).unwrap_or(&Value::Null);
    copy(
        auth,
        &[("/display_name", "actor-name"), ("/policies", "policies"), ("/token_type", "token-type")],
        &mut entry.attributes,
    );
    entry.actor = actor(auth);
    let token = text(auth, "/client_token").or_else(|| text(request, "/client_token"));
    entry.credential = token.filter(|token| token.starts_with("hmac-sha256:")).map(|token| {
        let mut named = Named::new(format!("secret:vault-token/{token}"), Kind::Secret, text(auth, "/display_name"));
        named.identifiers.extend(text(auth, "/accessor").map(|accessor| format!("vault-accessor:{accessor}")));
        named
    });
    let error = text(value, "/error");
    entry.reason = error.map(telling::clip);
    entry.outcome = match (sort, error) {
        (_, Some(error)) if is_denial(error) => Outcome::Denied,
        (_, Some(_)) => Outcome::Failed,
        ("response", None) => Outcome::Done,
        _ => Outcome::Unsaid,
    };
    if entry.outcome != Outcome::Unsaid {
        let changed = !matches!(operation, "read" | "list" | "help" | "header");
        entry.targets.extend(secret(request, operation, path).map(|thing| Target { thing, changed }));
    }
    entry.tell(telling);
    Ok(())
}

fn actor(auth: &Value) -> Option<Named> {
    let name = text(auth, "/display_name");
    if let Some(entity) = text(auth, "/entity_id") {
        let mut named = identity(&format!("vault:entity/{entity}"), name, "service-account");
        let account = (text(auth, "/metadata/service_account_namespace"), text(auth, "/metadata/service_account_name"));
        if let (Some(namespace), Some(account)) = account {
            named.identifiers.extend(service_account_names(namespace, account));
        }
        return Some(named);
    }
    name.map(|name| identity(&format!("vault:name/{name}"), Some(name), "user"))
}

/// The secret that a path leads to: `kv/data/refund` of version 2 and `kv/refund` of version 1 alike.
fn secret(request: &Value, operation: &str, path: &str) -> Option<Named> {
    let root = path.split('/').next().unwrap_or_default();
    if path.is_empty() || operation == "list" || matches!(root, "sys" | "auth" | "identity" | "cubbyhole") {
        return None;
    }
    let mount = text(request, "/mount_point").map(|mount| mount.trim_end_matches('/'));
    let (mount, rest) = match mount.and_then(|mount| Some((mount, path.strip_prefix(mount)?.strip_prefix('/')?))) {
        Some(parts) => parts,
        None => match path.split_once("/data/") {
            Some((mount, rest)) => {
                return Some(vault_secret(mount, rest));
            }
            None => path.split_once('/')?,
        },
    };
    let kv = text(request, "/mount_type").is_none_or(|sort| matches!(sort, "kv" | "generic"));
    let rest = if kv { rest.strip_prefix("data/").unwrap_or(rest) } else { rest };
    // Names and versions of secrets are no secrets.
    (!(kv && rest.starts_with("metadata/"))).then(|| vault_secret(mount, rest))
}

fn vault_secret(mount: &str, rest: &str) -> Named {
    let mut named = Named::new(format!("secret:vault/{mount}/{rest}"), Kind::Secret, Some(rest));
    named.identifiers.push(format!("vault:{mount}/{rest}"));
    named
}

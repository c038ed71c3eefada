//! Kubernetes audit events, of EKS too: lists, lines and single events. It reads no objects out of the
//! bodies that a verbose policy records.

use super::names::{Named, arn_identity, kubernetes_user, service_account};
use super::{Entry, Outcome, Target, step_id};
use crate::import::json::strict_value;
use crate::import::sniff::{Keys, json_shape};
use crate::import::telling::{self, Fault, Members, Telling, copy, elements, place_in, required, text};
use crate::import::{Format, Framing, Head, Importer, Reading};
use crate::model::Kind;
use serde_json::Value;

/// Reads Kubernetes audit logs.
pub struct KubernetesAudit;

static FORMAT: Format = Format {
    name: "kubernetes-audit",
    version: 1,
    media_type: "application/vnd.kubernetes.audit+json",
    about: "Kubernetes audit log: actions with service account and object, secret access, authorisation decisions",
    extensions: &["log", "json", "jsonl"],
};

fn is_event(keys: &Keys<'_>) -> bool {
    keys.get("apiVersion").is_some_and(|version| version.contains("audit.k8s.io/"))
        && keys.get("kind").is_none_or(|kind| kind.contains("Event"))
}

impl Importer for KubernetesAudit {
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
    let members = Members::of(unit)?;
    if members.get("kind") != Some("\"EventList\"") {
        return tell_event(unit, telling);
    }
    let base = telling.at;
    for part in elements(members.get("items"), "/items")? {
        telling.at = base + place_in(unit, part);
        if let Err(reason) = tell_event(part, telling) {
            telling.refuse(part, reason);
        }
    }
    telling.at = base;
    Ok(())
}

fn tell_event(unit: &str, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let value = &strict_value(unit)?;
    let verb = required(value, "/verb")?;
    let object = value.pointer("/objectRef").unwrap_or(&Value::Null);
    let resource = text(object, "/resource");
    let name = match (resource, text(object, "/subresource")) {
        (Some(resource), Some(sub)) => format!("{verb} {resource}/{sub}"),
        (Some(resource), None) => format!("{verb} {resource}"),
        (None, _) => format!("{verb} {}", text(value, "/requestURI").unwrap_or("?")),
    };
    let mut entry = Entry::new(step_id(text(value, "/auditID"), unit, telling), &name, "kubernetes");
    let stage = text(value, "/stage").unwrap_or_default();
    entry.at = ["/requestReceivedTimestamp", "/stageTimestamp", "/timestamp"]
        .iter()
        .find_map(|pointer| telling.time(value, pointer));
    copy(
        value,
        &[
            ("/requestURI", "uri"),
            ("/userAgent", "user-agent"),
            ("/sourceIPs", "source-ip"),
            ("/responseStatus/code", "status"),
        ],
        &mut entry.attributes,
    );
    copy(object, &[("/namespace", "namespace"), ("/name", "object"), ("/resource", "resource")], &mut entry.attributes);
    let user = text(value, "/user/username").map(kubernetes_user);
    match text(value, "/impersonatedUser/username").map(kubernetes_user) {
        Some(played) => {
            entry.actor = Some(played);
            entry.principal = user;
        }
        None => entry.actor = user,
    }
    // What an EKS node or user is to AWS.
    let canonical = text(value, "/user/extra/canonicalArn/0").or_else(|| text(value, "/user/extra/arn/0"));
    if let (Some(arn), None) = (canonical, &entry.principal) {
        entry.principal = Some(arn_identity(arn).0);
    }
    let decision = text(value, "/annotations/authorization.k8s.io~1decision");
    let why = text(value, "/annotations/authorization.k8s.io~1reason").unwrap_or_default();
    let code = value.pointer("/responseStatus/code").and_then(Value::as_u64);
    entry.outcome = match (decision, code) {
        (Some("forbid"), _) | (_, Some(401 | 403)) => Outcome::Denied,
        (_, Some(400..)) => Outcome::Failed,
        (_, Some(_)) => Outcome::Done,
        (_, None) if stage == "ResponseComplete" => Outcome::Done,
        (_, None) => Outcome::Unsaid,
    };
    entry.decision = decision.map(|word| (why.to_owned(), word != "forbid"));
    entry.reason =
        text(value, "/responseStatus/message").or_else(|| text(value, "/responseStatus/reason")).map(telling::clip);
    if entry.outcome != Outcome::Unsaid {
        let changed = !matches!(verb, "get" | "list" | "watch" | "proxy" | "head");
        entry.targets.extend(thing(object).map(|thing| Target { thing, changed }));
    }
    entry.tell(telling);
    Ok(())
}

/// The object an event is about, when it is of a kind that lineage speaks of.
fn thing(object: &Value) -> Option<Named> {
    let name = text(object, "/name")?;
    let namespace = text(object, "/namespace").unwrap_or("default");
    let resource = text(object, "/resource")?;
    let group = text(object, "/apiGroup").unwrap_or_default();
    Some(match (group, resource) {
        ("", "secrets") => {
            let mut secret = Named::new(format!("secret:k8s/{namespace}/{name}"), Kind::Secret, Some(name));
            secret.identifiers.push(format!("k8s:{namespace}/secret/{name}"));
            secret
        }
        ("", "serviceaccounts") => service_account(namespace, name),
        ("serving.kserve.io", "inferenceservices") => {
            Named::new(format!("deployment:k8s/{namespace}/inferenceservice/{name}"), Kind::Deployment, Some(name))
        }
        ("apps", "deployments" | "statefulsets" | "daemonsets") => {
            let sort = resource.trim_end_matches('s');
            Named::new(format!("deployment:k8s/{namespace}/{sort}/{name}"), Kind::Deployment, Some(name))
        }
        ("rbac.authorization.k8s.io", _) | ("networking.k8s.io", "networkpolicies") => {
            Named::new(format!("policy:k8s/{namespace}/{resource}/{name}"), Kind::Policy, Some(name))
        }
        _ => return None,
    })
}

//! Branch protection, as a policy that somebody changed, and alerts of secrets, as exposures. What an
//! alert shows of a secret's value was replaced before this reads it.

use super::names::{self, Repository};
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, keep, scalar};
use crate::model::{Artefact, Attributes, Evidence, Kind, Relation, Statement};
use serde_json::Value;

/// A rule that protects branches.
pub(super) fn branch_protection(
    rule: &Node<'_>,
    event: &Node<'_>,
    action: &str,
    repository: &Repository,
    telling: &mut Teller<'_>,
) -> Result<(), Fault> {
    let name = rule.text("name")?;
    let changed = telling.time(rule, "updated_at")?;
    let mut policy = Artefact::new(format!("policy:{}/branch-protection/{name}", repository.0), Kind::Policy);
    policy.name = Some(format!("branch protection of {name}"));
    policy.at = telling.time(rule, "created_at")?;
    if let Some(at) = changed {
        telling.observe(at);
    }
    for (key, value) in rule.value.as_object().into_iter().flatten() {
        let short = scalar(value).filter(|_| !key.ends_with("_at") && !matches!(key.as_str(), "id" | "name"));
        if let Some(text) = short {
            let value = if value.is_string() { Value::from(crate::import::teller::clip(&text)) } else { value.clone() };
            policy.attributes.insert(key.clone(), value);
        }
    }
    let checks: Vec<&str> = rule.list("required_status_checks")?.iter().filter_map(|it| it.value.as_str()).collect();
    if !checks.is_empty() {
        keep(&mut policy.attributes, "required_status_checks", Some(&checks.join(", ")));
    }
    keep(&mut policy.attributes, "change", Some(action));
    if let Some(changes) = event.child("changes")? {
        keep(&mut policy.attributes, "changes", Some(&changes.value.to_string()));
    }
    let policy = telling.artefact(policy);
    if let Some(by) = names::who(event, "sender", telling)? {
        telling.link(&policy, Relation::ChangedBy, &by, changed);
    }
    Ok(())
}

/// A secret that GitHub found. Other alerts are kept in the record only.
pub(super) fn alert(
    alert: &Node<'_>,
    action: &str,
    repository: &Repository,
    telling: &mut Teller<'_>,
) -> Result<(), Fault> {
    let Some(sort) = alert.optional_text("secret_type")? else {
        telling.doubt(format!("/alert: an alert ({action}) of no secret; it is kept in the record only"));
        return Ok(());
    };
    let number = names::number(alert, "number")?;
    let mut secret = Artefact::new(format!("secret:{}/secret-scanning/{number}", repository.0), Kind::Secret);
    secret.name = Some(format!("{sort} of alert {number}"));
    let mut attributes = Attributes::new();
    keep(&mut attributes, "type", Some(sort));
    names::keep_texts(&mut attributes, alert, &["secret_type_display_name", "resolution", "state", "validity"])?;
    secret.attributes = attributes.clone();
    let secret = telling.artefact(secret);
    let created = telling.time(alert, "created_at")?;
    let resolved = telling.time(alert, "resolved_at")?;
    let Some(at) = created.or(resolved) else {
        telling.doubt("/alert: \"created_at\" is missing: that the secret was exposed is known, and when is not");
        return Ok(());
    };
    telling.observe(at);
    telling.say(Statement::Evidence(Evidence {
        about: secret,
        kind: "exposure".to_owned(),
        scope: Some("secret-scanning".to_owned()),
        by: Some("github:app/secret-scanning".to_owned()),
        at,
        verdict: Some(if resolved.is_some() { "resolved" } else { "open" }.to_owned()),
        expires: resolved.filter(|resolved| *resolved > at),
        covers: Vec::new(),
        refs: alert.optional_text("html_url")?.map(str::to_owned).into_iter().collect(),
        attributes,
    }));
    Ok(())
}

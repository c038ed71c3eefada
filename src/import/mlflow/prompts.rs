//! Prompts, which MLflow keeps as registered models of which each version holds a text.

use super::names::{Store, person, tag};
use super::runs::keep_tags;
use super::time;
use crate::import::node::{Fault, Node};
use crate::import::otel::text_digest;
use crate::import::teller::{Teller, keep};
use crate::model::{Artefact, Digest, Kind, Relation};

/// The id of a prompt, or of a version of it.
pub(super) fn id(name: &str, version: Option<&str>, store: &Store) -> String {
    let suffix = version.map_or_else(String::new, |version| format!("@{version}"));
    format!("prompt:{}{suffix}", store.scoped(name))
}

/// A version of a prompt.
pub(super) fn version(
    node: &Node<'_>,
    name: &str,
    number: &str,
    scoped: &str,
    tags: &[(String, String)],
    store: &Store,
    telling: &mut Teller<'_>,
) -> Result<(), Fault> {
    let at = time(node, "creation_timestamp", telling);
    let mut prompt = Artefact::new(format!("prompt:{scoped}@{number}"), Kind::Prompt);
    prompt.name = Some(name.to_owned());
    prompt.version = Some(number.to_owned());
    prompt.at = at;
    prompt.identifiers.push(format!("prompts:/{name}/{number}"));
    keep(&mut prompt.attributes, "message", node.optional_text("description")?);
    match tag(tags, "mlflow.prompt.text") {
        Some(text) => {
            let digest = text_digest(text);
            prompt.attributes.insert("text_digest".to_owned(), digest.as_str().into());
            prompt.digests.push(Digest::parse(&digest));
            keep(&mut prompt.attributes, "text", Some(text));
        }
        None => telling.doubt(format!("{}: a version of a prompt without its text", node.place())),
    }
    if node.optional_text("current_stage")? == Some("Deleted_Internal") {
        prompt.attributes.insert("state".to_owned(), "deleted".into());
    }
    keep_tags(tags, &mut prompt.attributes);
    if let Some(at) = at {
        telling.observe(at);
    }
    let prompt = telling.artefact(prompt);
    let whole = telling.named(format!("prompt:{scoped}"), Kind::Prompt, name);
    telling.link(&prompt, Relation::VersionOf, &whole, at);
    if let Some(by) = node.optional_text("user_id")?.and_then(|by| person(by, store, telling)) {
        telling.link(&prompt, Relation::ChangedBy, &by, at);
    }
    Ok(())
}

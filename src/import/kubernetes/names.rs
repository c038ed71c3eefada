//! The ids that a cluster's names become. Which cluster it is, a manifest does not say.

use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, keep};
use crate::model::{Artefact, Kind, Time};
use serde_json::Value;

/// An object with its name.
pub(super) struct Object<'v> {
    pub(super) node: Node<'v>,
    pub(super) kind: &'v str,
    pub(super) namespace: &'v str,
    pub(super) name: &'v str,
    pub(super) created: Option<Time>,
}

impl<'v> Object<'v> {
    pub(super) fn of(node: &Node<'v>, telling: &mut Teller<'_>) -> Result<Object<'v>, Fault> {
        let metadata = node.required("metadata")?;
        let name = match metadata.optional_text("generateName")? {
            Some(prefix) if metadata.child("name")?.is_none() => prefix,
            _ => metadata.text("name")?,
        };
        let created = telling.time(&metadata, "creationTimestamp")?;
        if let Some(created) = created {
            telling.observe(created);
        }
        let namespace = metadata.optional_text("namespace")?.filter(|it| !it.is_empty()).unwrap_or("default");
        Ok(Object { kind: node.text("kind")?, namespace, name, created, node: node.clone() })
    }

    /// `<kind>:k8s/<namespace>/<what>/<name>`.
    pub(super) fn id(&self, kind: &Kind) -> String {
        format!("{kind}:k8s/{}/{}/{}", self.namespace, self.kind.to_ascii_lowercase(), self.name)
    }

    /// The object as an artefact, with its labels and notes.
    pub(super) fn artefact(&self, kind: Kind) -> Result<Artefact, Fault> {
        let mut artefact = Artefact::new(self.id(&kind), kind);
        artefact.name = Some(self.name.to_owned());
        artefact.at = self.created;
        let attributes = &mut artefact.attributes;
        keep(attributes, "kind", Some(self.kind));
        keep(attributes, "namespace", Some(self.namespace));
        keep(attributes, "api-version", self.node.optional_text("apiVersion")?);
        let metadata = self.node.required("metadata")?;
        keep(attributes, "uid", metadata.optional_text("uid")?);
        for (group, word) in [("labels", "label"), ("annotations", "annotation")] {
            for (key, value) in metadata.entries(group)? {
                let Some(text) = value
                    .value
                    .as_str()
                    .filter(|text| text.len() <= LONGEST_NOTE && !key.ends_with("/last-applied-configuration"))
                else {
                    continue;
                };
                attributes.insert(format!("{word}.{key}"), Value::from(text));
            }
        }
        artefact.owner = OWNERS
            .iter()
            .find_map(|key| {
                let found = artefact.attributes.get(&format!("label.{key}"));
                found.or_else(|| artefact.attributes.get(&format!("annotation.{key}"))).and_then(Value::as_str)
            })
            .map(|owner| if owner.contains(':') { owner.to_owned() } else { format!("team:{owner}") });
        Ok(artefact)
    }
}

/// Labels and annotations that people use for who answers for a thing.
const OWNERS: [&str; 3] = ["owner", "team", "app.kubernetes.io/owner"];

/// The longest annotation that becomes an attribute: `last-applied-configuration` does not.
const LONGEST_NOTE: usize = 256;

/// A secret's id, or that of one key in it.
pub(super) fn secret(namespace: &str, name: &str, key: Option<&str>) -> String {
    match key {
        Some(key) => format!("secret:k8s/{namespace}/{name}/{key}"),
        None => format!("secret:k8s/{namespace}/{name}"),
    }
}

/// A service account's id.
pub(super) fn account(namespace: &str, name: &str) -> String {
    format!("identity:k8s/{namespace}/sa/{name}")
}

/// Describes a secret by reference.
pub(super) fn tell_secret(namespace: &str, name: &str, key: Option<&str>, telling: &mut Teller<'_>) -> String {
    let mut artefact = Artefact::new(secret(namespace, name, key), Kind::Secret);
    artefact.name = Some(key.map_or_else(|| name.to_owned(), |key| format!("{name}/{key}")));
    keep(&mut artefact.attributes, "namespace", Some(namespace));
    telling.artefact(artefact)
}

/// Describes a service account by reference.
pub(super) fn tell_account(namespace: &str, name: &str, telling: &mut Teller<'_>) -> String {
    let mut artefact = Artefact::new(account(namespace, name), Kind::Identity);
    artefact.name = Some(name.to_owned());
    artefact.identifiers.push(format!("system:serviceaccount:{namespace}:{name}"));
    keep(&mut artefact.attributes, "type", Some("service-account"));
    keep(&mut artefact.attributes, "namespace", Some(namespace));
    telling.artefact(artefact)
}

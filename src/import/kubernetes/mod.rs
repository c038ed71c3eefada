//! Kubernetes and KServe manifests, as `kubectl get -o json|yaml` prints them or as they are written:
//! single, listed, or several documents in one file. They say what should run. That it does run is
//! said by nobody here, and a secret is a reference only.

mod images;
mod models;
mod names;
mod pods;
mod serving;

pub(super) use models::tell as tell_stored;

use super::json::strict_value;
use super::node::{Fault, Node};
use super::sniff::{Keys, json_shape};
use super::teller::Teller;
use super::unit::{Units, utf8, value_end};
use super::{Format, Framing, Head, Importer, Reading, yaml};
pub(in crate::import) use images::Image;
use names::Object;

/// Reads manifests.
pub struct Kubernetes;

static FORMAT: Format = Format {
    name: "kubernetes",
    version: 1,
    media_type: "application/vnd.kubernetes.manifest",
    about: "Kubernetes and KServe manifests, YAML or JSON: inference services, runtimes, workloads, their secrets by name",
    extensions: &["yaml", "yml", "json"],
};

impl Importer for Kubernetes {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        if let Some(shape) = json_shape(head) {
            return shape.objects.iter().any(is_manifest).then(|| shape.large(head));
        }
        let text = super::sniff::valid_text(head.bytes);
        let whole_lines = text.rfind('\n').filter(|_| !head.complete).map_or(text.len(), |end| end);
        let text = text.get(..whole_lines).unwrap_or_default();
        yaml::documents(text).any(|document| is_written(document.text)).then_some(Framing::Whole)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        read_all(content, out);
        if out.claims.is_empty()
            && out.rejected.is_empty()
            && out.warnings.is_empty()
            && !content.trim_ascii().is_empty()
        {
            out.warn(0, "it holds no object that lineage speaks of; it is kept in the record only");
        }
    }
}

fn read_all(content: &[u8], out: &mut Reading) {
    if !matches!(content.trim_ascii_start().first(), Some(b'{' | b'[')) {
        return read_yaml(content, out);
    }
    for (at, unit) in Units::of(content, out.framing) {
        for (at, unit) in listed(at, unit) {
            Teller::unit(out, at, unit, |telling| {
                let value = strict_value(utf8(unit)?)?;
                read_any(&Node::new(&value, ""), telling, 0)
            });
        }
    }
}

fn read_yaml(content: &[u8], out: &mut Reading) {
    let text = match utf8(content) {
        Ok(text) => text,
        Err(reason) => return out.reject(0, content, reason),
    };
    for document in yaml::documents(text) {
        Teller::unit(out, super::offset(document.at), document.text.as_bytes(), |telling| {
            let above = memchr::memchr_iter(b'\n', content.get(..document.at).unwrap_or_default()).count();
            let value = yaml::value_below(document.text, above)?;
            read_any(&Node::new(&value, ""), telling, 0)
        });
    }
}

/// The objects of a `kubectl get -o json` list, each a unit of its own; anything else is one unit.
fn listed(at: u32, unit: &[u8]) -> Vec<(u32, &[u8])> {
    items(at, unit).unwrap_or_else(|| vec![(at, unit)])
}

/// Where the objects under a list's top-level `items` stand.
fn items(at: u32, unit: &[u8]) -> Option<Vec<(u32, &[u8])>> {
    let text = std::str::from_utf8(unit).ok()?;
    let keys: Keys<'_> = super::sniff::complete_keys(text)?;
    let kind = keys.get("kind")?.trim_matches('"');
    let array = keys.get("items").filter(|array| kind.ends_with("List") && array.starts_with('['))?;
    let start = array.as_ptr() as usize - unit.as_ptr() as usize;
    let mut position = start + 1;
    let mut found = Vec::new();
    while let Some(byte) = unit.get(position) {
        match byte {
            b']' => return Some(found),
            _ if byte.is_ascii_whitespace() || *byte == b',' => position += 1,
            _ => {
                let end = value_end(unit, position).filter(|end| *end > position)?;
                found.push((at + super::offset(position), unit.get(position..end)?));
                position = end;
            }
        }
    }
    None
}

/// Whether an object is a manifest, and no record of somebody having asked for one.
fn is_manifest(keys: &Keys<'_>) -> bool {
    let text = |key: &str| keys.get(key).is_some_and(|value| value.starts_with('"'));
    text("apiVersion")
        && text("kind")
        && !keys.contains_key("auditID")
        && !keys.get("apiVersion").is_some_and(|version| version.contains("audit.k8s.io"))
        && (keys.contains_key("metadata") || keys.contains_key("items") || keys.contains_key("spec"))
}

/// Whether a document's top level has the keys of a manifest, and nothing that is no key. It may be
/// cut off, so it is not parsed.
fn is_written(text: &str) -> bool {
    let (mut version, mut kind, mut content) = (false, false, false);
    for line in text.lines().filter(|line| !line.starts_with([' ', '\t', '#', '-', '\r']) && !line.is_empty()) {
        let Some((key, value)) = line.split_once(':') else { return false };
        let (key, value) = (key.trim_matches('"'), value.trim());
        if key.is_empty() || !key.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c)) {
            return false;
        }
        version |= key == "apiVersion" && !value.is_empty() && !value.contains("audit.k8s.io");
        kind |= key == "kind" && !value.is_empty();
        content |= matches!(key, "metadata" | "items" | "spec");
    }
    version && kind && content
}

/// How deep lists may lie in lists.
const NESTED: usize = 3;

fn read_any(node: &Node<'_>, telling: &mut Teller<'_>, depth: usize) -> Result<(), Fault> {
    if node.value.is_null() {
        return Ok(());
    }
    if node.value.is_array() {
        return Err(format!("{}: a list, expected an object with \"apiVersion\" and \"kind\"", node.place()));
    }
    let kind = node.text("kind")?;
    let version = node.text("apiVersion")?;
    if kind.ends_with("List") && node.child("items")?.is_some_and(|items| items.value.is_array()) {
        if depth >= NESTED {
            return Err(format!("{}: lists within lists", node.place()));
        }
        for item in node.list("items")? {
            let item = with_kind_of_list(&item, kind, version);
            let read = read_any(&Node::new(&item.0, item.1), telling, depth + 1);
            telling.attempt(read);
        }
        return Ok(());
    }
    let Some(group) = known_group(version) else {
        return Ok(());
    };
    let object = Object::of(node, telling)?;
    match (group, kind) {
        ("serving.kserve.io", "InferenceService") => serving::inference_service(&object, telling),
        ("serving.kserve.io", "LLMInferenceService" | "LLMInferenceServiceConfig") => serving::llm(&object, telling),
        ("serving.kserve.io", "ServingRuntime" | "ClusterServingRuntime" | "ClusterStorageContainer") => {
            serving::runtime(&object, telling)
        }
        ("serving.kserve.io", "InferenceGraph") => serving::graph(&object, telling),
        ("serving.kserve.io", "TrainedModel") => serving::trained_model(&object, telling),
        ("apps" | "", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" | "Pod") => {
            pods::workload(&object, telling)
        }
        ("serving.knative.dev", "Service" | "Configuration" | "Revision") => pods::workload(&object, telling),
        ("batch", "Job" | "CronJob") => pods::workload(&object, telling),
        ("", "Secret") => pods::secret(&object, telling),
        ("", "ServiceAccount") => pods::service_account(&object, telling),
        _ => Ok(()),
    }
}

/// The items of a typed list (`DeploymentList`) may leave out what the list says for all.
fn with_kind_of_list(item: &Node<'_>, kind: &str, version: &str) -> (serde_json::Value, String) {
    let mut value = item.value.clone();
    if let Some(object) = value.as_object_mut() {
        let single = kind.strip_suffix("List").unwrap_or(kind);
        if !single.is_empty() {
            object.entry("kind").or_insert_with(|| single.into());
            object.entry("apiVersion").or_insert_with(|| version.into());
        }
    }
    (value, item.path.clone())
}

fn known_group(version: &str) -> Option<&str> {
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let known = ["", "apps", "batch", "serving.kserve.io", "serving.kubeflow.org", "serving.knative.dev"];
    let group = known.into_iter().find(|known| *known == group)?;
    Some(if group == "serving.kubeflow.org" { "serving.kserve.io" } else { group })
}

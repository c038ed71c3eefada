//! KServe's own objects: inference services of every version, LLM services, runtimes, graphs. What a
//! default or a webhook of the cluster would fill in is not here.

use super::models;
use super::names::Object;
use super::pods::Holder;
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, keep};
use crate::model::{Artefact, Attributes, Kind, Relation};
use serde_json::Value;
use std::collections::BTreeMap;

const COMPONENTS: [&str; 3] = ["predictor", "transformer", "explainer"];

/// An inference service: v1beta1, and v1alpha2 with its default and canary.
pub(super) fn inference_service(object: &Object<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let mut artefact = object.artefact(Kind::Deployment)?;
    let spec = object.node.required("spec")?;
    if let Some(status) = object.node.child("status")? {
        keep(&mut artefact.attributes, "url", status.optional_text("url")?);
    }
    let labels = artefact.attributes.clone();
    let id = telling.artefact(artefact);
    let mut found = Vec::new();
    let sides = [spec.child("default")?, spec.child("canary")?];
    if sides.iter().flatten().next().is_some() {
        for (side, word) in sides.into_iter().zip(["default", "canary"]) {
            let Some(side) = side else { continue };
            let percent = spec.child("canaryTrafficPercent")?.filter(|_| word == "canary");
            found.extend(components(&side, &id, object, (Some(word), percent.as_ref()), telling)?);
        }
    } else {
        found = components(&spec, &id, object, (None, None), telling)?;
    }
    registered(&labels, &found, telling);
    if found.is_empty() && !has_container(&spec) {
        telling.doubt(format!("{}: which model it serves is not said", spec.path));
    }
    Ok(())
}

fn has_container(spec: &Node<'_>) -> bool {
    COMPONENTS.iter().filter_map(|component| spec.value.get(component)).any(|it| it.get("containers").is_some())
        || ["default", "canary"].iter().any(|side| spec.value.get(side).is_some())
}

/// The model of the registry that labels name is the one it serves.
fn registered(labels: &Attributes, models: &[String], telling: &mut Teller<'_>) {
    let label = |key: &str| labels.get(&format!("label.modelregistry.kubeflow.org/{key}")).and_then(Value::as_str);
    let Some(version) = label("model-version-id") else { return };
    let id = match label("registered-model-id") {
        Some(model) => format!("model-version:kubeflow-registry/{model}@{version}"),
        None => format!("model-version:kubeflow-registry@{version}"),
    };
    let mut artefact = Artefact::new(id, Kind::ModelVersion);
    artefact.name = label("name").map(str::to_owned);
    artefact.version = Some(version.to_owned());
    let id = telling.artefact(artefact);
    if let [model] = models
        && model.starts_with("model-version:")
    {
        telling.same(model, &id, "the label modelregistry.kubeflow.org/model-version-id of what serves it");
    }
}

/// Predictor, transformer and explainer; the models that the predictor serves.
fn components(
    spec: &Node<'_>,
    id: &str,
    object: &Object<'_>,
    (side, percent): (Option<&str>, Option<&Node<'_>>),
    telling: &mut Teller<'_>,
) -> Result<Vec<String>, Fault> {
    let mut predicted = Vec::new();
    for component in COMPONENTS {
        let Some(node) = spec.child(component)? else { continue };
        let mut attributes = Attributes::new();
        keep(&mut attributes, "component", Some(component));
        keep(&mut attributes, "side", side);
        let own = node.child("canaryTrafficPercent")?;
        if let Some(percent) = own.as_ref().or(percent) {
            attributes.insert("canary-traffic-percent".to_owned(), percent.value.clone());
        }
        let holder = Holder { id, namespace: object.namespace, has: Relation::Deploys, attributes };
        let models = self::component(&node, &holder, telling)?;
        if component == "predictor" {
            predicted = models;
        }
    }
    Ok(predicted)
}

/// Keys of a component that are a pod's or the autoscaler's, and no model server.
const NOT_SERVERS: [&str; 12] = [
    "containers",
    "initContainers",
    "volumes",
    "logger",
    "batcher",
    "affinity",
    "securityContext",
    "labels",
    "annotations",
    "nodeSelector",
    "deploymentStrategy",
    "autoScaling",
];

fn component(node: &Node<'_>, holder: &Holder<'_>, telling: &mut Teller<'_>) -> Result<Vec<String>, Fault> {
    holder.pod(node, &BTreeMap::new(), telling)?;
    let mut models = Vec::new();
    let entries = node.value.as_object().into_iter().flatten();
    for (key, value) in entries.filter(|(key, value)| value.is_object() && !NOT_SERVERS.contains(&key.as_str())) {
        let server = Node::new(value, format!("{}/{key}", node.path));
        if key == "workerSpec" {
            holder.pod(&server, &BTreeMap::new(), telling)?;
            continue;
        }
        // v1alpha2 has its own container one level further down.
        let server = server.child("container")?.unwrap_or(server);
        models.extend(self::server(&server, key, holder, telling)?);
    }
    Ok(models)
}

/// A model server with the model it is given.
fn server(
    server: &Node<'_>,
    framework: &str,
    holder: &Holder<'_>,
    telling: &mut Teller<'_>,
) -> Result<Vec<String>, Fault> {
    let format = match server.child("modelFormat")? {
        Some(format) => format.optional_text("name")?.unwrap_or(framework),
        None => framework,
    };
    let format = Some(("format", format)).filter(|(_, word)| !matches!(*word, "model" | "custom"));
    let mut uris = Vec::new();
    for key in ["storageUri", "storageURI", "modelUri"] {
        uris.extend(server.child(key)?);
    }
    for several in server.list("storageUris")? {
        uris.extend(several.child("uri")?);
    }
    let mut models = Vec::new();
    for uri in uris {
        if let Some(model) = models::tell(uri.as_text()?, &uri.path, telling) {
            holder.deploys(&model, format, telling);
            models.push(model);
        }
    }
    if let Some(storage) = server.child("storage")?.filter(|storage| storage.value.is_object()) {
        models.extend(stored(&storage, format, holder, telling)?);
    }
    if let Some(runtime) = server.optional_text("runtime")? {
        let environment = format!("environment:k8s/{}/servingruntime/{runtime}", holder.namespace);
        telling.link(holder.id, Relation::Used, &environment, None);
    }
    holder.container(server, None, telling)?;
    Ok(models)
}

/// A model in storage that a secret of the cluster describes.
fn stored(
    storage: &Node<'_>,
    format: Option<(&str, &str)>,
    holder: &Holder<'_>,
    telling: &mut Teller<'_>,
) -> Result<Option<String>, Fault> {
    let key = storage.optional_text("key")?;
    if let Some(key) = key {
        holder.secret("storage-config", Some(key), "storage", telling);
    }
    let bucket = match storage.child("parameters")? {
        Some(parameters) => parameters.optional_text("bucket")?,
        None => None,
    };
    let path = storage.optional_text("path")?.map(|path| path.trim_matches('/'));
    let Some(path) = path.filter(|path| !path.is_empty()) else { return Ok(None) };
    let parts = [Some(holder.namespace), Some("storage"), Some(key.unwrap_or("default")), bucket, Some(path)];
    let place: Vec<&str> = parts.into_iter().flatten().collect();
    let mut model = Artefact::new(format!("model-version:k8s/{}", place.join("/")), Kind::ModelVersion);
    model.name = path.rsplit('/').next().map(str::to_owned);
    keep(&mut model.attributes, "bucket", bucket);
    keep(&mut model.attributes, "path", Some(path));
    model.attributes.insert("pinned".to_owned(), Value::Bool(false));
    let model = telling.artefact(model);
    telling.absent(&model, Relation::ProducedBy, "not-recorded");
    holder.deploys(&model, format, telling);
    Ok(Some(model))
}

/// A service of a large language model, or what such services have in common.
pub(super) fn llm(object: &Object<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let shared = object.kind == "LLMInferenceServiceConfig";
    let id = telling.artefact(object.artefact(if shared { Kind::Environment } else { Kind::Deployment })?);
    let spec = object.node.required("spec")?;
    let holder = Holder {
        id: &id,
        namespace: object.namespace,
        has: if shared { Relation::Contains } else { Relation::Deploys },
        attributes: Attributes::new(),
    };
    for base in spec.list("baseRefs")? {
        let environment =
            format!("environment:k8s/{}/llminferenceserviceconfig/{}", object.namespace, base.text("name")?);
        telling.link(&id, Relation::Used, &environment, None);
    }
    if let Some(model) = spec.child("model")? {
        let base = match model.child("uri")? {
            Some(uri) => models::tell(uri.as_text()?, &uri.path, telling),
            None => None,
        };
        let name = model.optional_text("name")?;
        if let Some(base) = &base {
            holder.deploys(base, name.map(|name| ("served-as", name)), telling);
        }
        let adapters = match model.child("lora")? {
            Some(lora) => lora.list("adapters")?,
            None => Vec::new(),
        };
        for adapter in adapters {
            let Some(uri) = adapter.child("uri")? else { continue };
            let Some(told) = models::tell(uri.as_text()?, &uri.path, telling) else { continue };
            holder.deploys(&told, adapter.optional_text("name")?.map(|name| ("served-as", name)), telling);
            if let Some(base) = &base {
                let how = Attributes::from([("how".to_owned(), Value::from("adapter"))]);
                telling.link_with(&told, Relation::FineTunedFrom, base, None, how);
            }
        }
    }
    let nothing = BTreeMap::new();
    for node in [Some(spec.clone()), spec.child("prefill")?].into_iter().flatten() {
        for key in ["template", "worker"] {
            if let Some(pod) = node.child(key)? {
                holder.pod(&pod, &nothing, telling)?;
            }
        }
    }
    Ok(())
}

/// What serves models of a format: containers that an inference service is put into.
pub(super) fn runtime(object: &Object<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let mut artefact = object.artefact(Kind::Environment)?;
    if object.kind.starts_with("Cluster") {
        artefact.id = format!("environment:k8s/{}/{}", object.kind.to_ascii_lowercase(), object.name);
        artefact.attributes.remove("namespace");
    }
    let spec = object.node.required("spec")?;
    let formats: Vec<&str> =
        spec.list("supportedModelFormats")?.iter().filter_map(|it| it.value.get("name")?.as_str()).collect();
    keep(&mut artefact.attributes, "formats", Some(&formats.join(", ")));
    let id = telling.artefact(artefact);
    let holder =
        Holder { id: &id, namespace: object.namespace, has: Relation::Contains, attributes: Attributes::new() };
    holder.pod(&spec, &BTreeMap::new(), telling)?;
    match spec.child("container")? {
        Some(container) => holder.container(&container, None, telling),
        None => Ok(()),
    }
}

/// A graph of services.
pub(super) fn graph(object: &Object<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let id = telling.artefact(object.artefact(Kind::Deployment)?);
    for (name, node) in object.node.required("spec")?.entries("nodes")? {
        for step in node.list("steps")? {
            let Some(service) = step.optional_text("serviceName")? else { continue };
            let service = format!("deployment:k8s/{}/inferenceservice/{service}", object.namespace);
            let mut attributes = Attributes::new();
            keep(&mut attributes, "node", Some(name));
            if let Some(weight) = step.child("weight")? {
                attributes.insert("weight".to_owned(), weight.value.clone());
            }
            telling.link_with(&id, Relation::Contains, &service, None, attributes);
        }
    }
    Ok(())
}

/// A model that is loaded into a service that serves several.
pub(super) fn trained_model(object: &Object<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let id = telling.artefact(object.artefact(Kind::Deployment)?);
    let spec = object.node.required("spec")?;
    let service = spec.text("inferenceService")?;
    let service = format!("deployment:k8s/{}/inferenceservice/{service}", object.namespace);
    telling.link(&service, Relation::Contains, &id, None);
    let model = spec.required("model")?;
    let holder = Holder { id: &id, namespace: object.namespace, has: Relation::Deploys, attributes: Attributes::new() };
    server(&model, model.optional_text("framework")?.unwrap_or("model"), &holder, telling).map(|_| ())
}

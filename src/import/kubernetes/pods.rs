//! What a pod is made of: images, service account, secrets, and the models its containers are told to
//! serve. Values of secrets and of environment variables are never said, only their names.

use super::images::Image;
use super::models;
use super::names::{self, Object};
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, clip};
use crate::model::{Attributes, Kind, Relation};
use serde_json::Value;
use std::collections::BTreeMap;

/// Where claims of a pod's parts hang.
pub(super) struct Holder<'a> {
    pub(super) id: &'a str,
    pub(super) namespace: &'a str,
    /// How it hangs on its images and models: what serves deploys them, a job uses them.
    pub(super) has: Relation,
    /// What the links say: which component it is, how much traffic it has.
    pub(super) attributes: Attributes,
}

impl Holder<'_> {
    fn link(&self, relation: Relation, to: &str, more: Option<(&str, &str)>, telling: &mut Teller<'_>) {
        let mut attributes = self.attributes.clone();
        attributes.extend(more.map(|(key, value)| (key.to_owned(), Value::from(value))));
        telling.link_with(self.id, relation, to, None, attributes);
    }

    pub(super) fn deploys(&self, what: &str, more: Option<(&str, &str)>, telling: &mut Teller<'_>) {
        self.link(self.has.clone(), what, more, telling);
    }

    /// A secret, or one key of it, and what it is used for.
    pub(super) fn secret(&self, name: &str, key: Option<&str>, how: &str, telling: &mut Teller<'_>) {
        let whole = names::tell_secret(self.namespace, name, None, telling);
        let id = match key {
            Some(key) => {
                let part = names::tell_secret(self.namespace, name, Some(key), telling);
                telling.link(&part, Relation::ChildOf, &whole, None);
                part
            }
            None => whole,
        };
        self.link(Relation::AuthenticatesWith, &id, Some(("how", how)), telling);
    }

    /// What a pod's specification says outside its containers.
    fn around(&self, spec: &Node<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
        let account = match spec.optional_text("serviceAccountName")? {
            Some(account) => Some(account),
            None => spec.optional_text("serviceAccount")?,
        };
        if let Some(account) = account.filter(|account| !account.is_empty()) {
            let id = names::tell_account(self.namespace, account, telling);
            self.link(Relation::RunsAs, &id, None, telling);
        }
        for secret in spec.list("imagePullSecrets")? {
            if let Some(name) = secret.optional_text("name")? {
                self.secret(name, None, "pulls images", telling);
            }
        }
        for volume in spec.list("volumes")? {
            if let Some(secret) = volume.child("secret")?
                && let Some(name) = secret.optional_text("secretName")?
            {
                self.secret(name, None, "mounted", telling);
            }
            if let Some(projected) = volume.child("projected")? {
                for source in projected.list("sources")? {
                    if let Some(secret) = source.child("secret")?
                        && let Some(name) = secret.optional_text("name")?
                    {
                        self.secret(name, None, "mounted", telling);
                    }
                }
            }
            if let Some(driver) = volume.child("csi")?
                && let Some(secret) = driver.child("nodePublishSecretRef")?
                && let Some(name) = secret.optional_text("name")?
            {
                self.secret(name, None, "mounts a volume", telling);
            }
        }
        Ok(())
    }

    /// The secrets that a container's environment refers to.
    fn environment(&self, container: &Node<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
        for env in container.list("env")? {
            let Some(from) = env.child("valueFrom")? else { continue };
            if let Some(secret) = from.child("secretKeyRef")? {
                let how = format!("environment variable {}", env.optional_text("name")?.unwrap_or("without a name"));
                self.secret(secret.text("name")?, secret.optional_text("key")?, &clip(&how), telling);
            }
        }
        for from in container.list("envFrom")? {
            if let Some(secret) = from.child("secretRef")?
                && let Some(name) = secret.optional_text("name")?
            {
                self.secret(name, None, "environment", telling);
            }
        }
        Ok(())
    }

    /// A container: its image, its secrets, and the models it is told to serve.
    pub(super) fn container(
        &self,
        container: &Node<'_>,
        running: Option<&str>,
        telling: &mut Teller<'_>,
    ) -> Result<(), Fault> {
        let name = container.optional_text("name")?.unwrap_or_default();
        let named = Some(("container", name)).filter(|(_, name)| !name.is_empty());
        // What a pod's status says runs goes before what was asked for.
        for (text, status) in [(running, true), (container.optional_text("image")?, false)] {
            let Some(text) = text.filter(|text| !text.is_empty()) else { continue };
            match Image::parse(text) {
                Some(image) => {
                    let id = image.tell(telling);
                    self.deploys(&id, named, telling);
                }
                None if status => continue,
                None => telling.doubt(format!(
                    "{}/image: \"{}\" is a template: which image it is, is not said",
                    container.path,
                    clip(text)
                )),
            }
            break;
        }
        self.environment(container, telling)?;
        for (value, place) in models::in_container(container)? {
            if let Some(model) = models::tell_named(&value, &place, telling) {
                self.deploys(&model, Some(("inferred-from", &place)), telling);
            }
        }
        Ok(())
    }

    /// A pod's specification, with the images that its status says run.
    pub(super) fn pod(
        &self,
        spec: &Node<'_>,
        running: &BTreeMap<&str, &str>,
        telling: &mut Teller<'_>,
    ) -> Result<(), Fault> {
        self.around(spec, telling)?;
        for list in ["initContainers", "containers", "ephemeralContainers"] {
            for container in spec.list(list)? {
                let name = container.optional_text("name")?.unwrap_or_default();
                self.container(&container, running.get(name).copied(), telling)?;
            }
        }
        Ok(())
    }
}

/// A workload: whatever has a pod's specification somewhere in it.
pub(super) fn workload(object: &Object<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let job = matches!(object.kind, "Job" | "CronJob");
    let (kind, has) = if job { (Kind::Job, Relation::Used) } else { (Kind::Deployment, Relation::Deploys) };
    let artefact = object.artefact(kind)?;
    let spec = object.node.required("spec")?;
    let id = telling.artefact(artefact);
    for owner in object.node.required("metadata")?.list("ownerReferences")? {
        let (kind, name) = (owner.text("kind")?, owner.text("name")?);
        let what = if matches!(kind, "Job" | "CronJob") { Kind::Job } else { Kind::Deployment };
        let owner = format!("{what}:k8s/{}/{}/{name}", object.namespace, kind.to_ascii_lowercase());
        telling.link(&id, Relation::ChildOf, &owner, object.created);
    }
    let template = match spec.child("jobTemplate")? {
        Some(job) => job.required("spec")?.child("template")?,
        None => spec.child("template")?,
    };
    let pod = match template {
        Some(template) => template.required("spec")?,
        None if spec.child("containers")?.is_some() => spec,
        None => return Err(crate::import::node::missing(&spec.path, "template")),
    };
    let mut running = BTreeMap::new();
    let statuses = match object.node.child("status")? {
        Some(status) => {
            let mut found = status.list("containerStatuses")?;
            found.extend(status.list("initContainerStatuses")?);
            found
        }
        None => Vec::new(),
    };
    for status in &statuses {
        if let (Some(name), Some(image)) = (status.optional_text("name")?, status.optional_text("imageID")?)
            && image.contains('@')
        {
            running.insert(name, image);
        }
    }
    Holder { id: &id, namespace: object.namespace, has, attributes: Attributes::new() }.pod(&pod, &running, telling)
}

/// A secret: its keys, and no value.
pub(super) fn secret(object: &Object<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let mut artefact = object.artefact(Kind::Secret)?;
    artefact.id = names::secret(object.namespace, object.name, None);
    // Notes on a secret may repeat what is in it.
    artefact.attributes.retain(|key, _| !key.starts_with("annotation."));
    crate::import::teller::keep(&mut artefact.attributes, "type", object.node.optional_text("type")?);
    let whole = telling.artefact(artefact);
    for group in ["data", "stringData"] {
        for (key, _) in object.node.entries(group)? {
            let part = names::tell_secret(object.namespace, object.name, Some(key), telling);
            telling.link(&part, Relation::ChildOf, &whole, None);
        }
    }
    Ok(())
}

/// A service account: what it authenticates with, and as whom it acts outside.
pub(super) fn service_account(object: &Object<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    const OUTSIDE: [(&str, &str); 3] = [
        ("eks.amazonaws.com/role-arn", "identity:"),
        ("iam.gke.io/gcp-service-account", "identity:gcp/"),
        ("azure.workload.identity/client-id", "identity:azure/"),
    ];
    let id = names::tell_account(object.namespace, object.name, telling);
    let mut artefact = object.artefact(Kind::Identity)?;
    artefact.id.clone_from(&id);
    let annotations = artefact.attributes.clone();
    telling.artefact(artefact);
    let holder = Holder { id: &id, namespace: object.namespace, has: Relation::Deploys, attributes: Attributes::new() };
    for (list, how) in [("secrets", "token"), ("imagePullSecrets", "pulls images")] {
        for secret in object.node.list(list)? {
            if let Some(name) = secret.optional_text("name")? {
                holder.secret(name, None, how, telling);
            }
        }
    }
    for (key, prefix) in OUTSIDE {
        if let Some(name) = annotations.get(&format!("annotation.{key}")).and_then(Value::as_str) {
            let outside = telling.named(format!("{prefix}{name}"), Kind::Identity, name);
            holder.link(Relation::ActedFor, &outside, None, telling);
        }
    }
    Ok(())
}

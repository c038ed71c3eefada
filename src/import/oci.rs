//! What a registry holds: manifests of images and artefacts, the tags that point at them, and what refers to
//! them. Layers are named, and never opened.

use super::node::{Fault, Node};
use super::openlineage::{commit, repository};
use super::sniff::json_shape;
use super::teller::{Teller, keep};
use super::telling::evidence;
use super::{Format, Framing, Head, Importer, Reading};
use crate::model::{Artefact, Digest, Kind, Relation, Statement, Time};
use crate::proof::digest::sha256;

/// Reads what a registry holds.
pub struct Oci;

static FORMAT: Format = Format {
    name: "oci",
    version: 1,
    media_type: "application/vnd.lastgood.oci+json",
    about: "what an OCI registry holds, as a sync brings it: manifests, tags, referrers",
    extensions: &["json"],
};

impl Importer for Oci {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let shape = json_shape(head)?;
        let ours = shape.objects.first()?;
        let about = ours.get("oci").is_some_and(|it| it.contains("\"registry\"") && it.contains("\"repository\""));
        (about && ours.contains_key("manifest")).then_some(shape.framing)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        Teller::documents(content, out, document);
    }
}

fn document(node: &Node<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let about = node.required("oci")?;
    let written = node.text("manifest")?;
    let place = format!("{}/{}", about.text("registry")?, about.text("repository")?);
    let computed = format!("sha256:{}", hex(&sha256(written.as_bytes())));
    // A digest of another method cannot be compared, and is believed.
    let digest = match about.optional_text("digest")?.filter(|it| it.starts_with("sha256:") && *it != computed) {
        // What a secret was taken out of has other bytes than the registry counted.
        Some(stated) if super::secrets_removed(written.as_bytes()) > 0 => stated.to_owned(),
        Some(stated) => {
            telling.doubt(format!("/oci/digest: the registry calls it {stated}, and what it sent is {computed}"));
            computed
        }
        None => computed,
    };
    let value = super::node::parse(written, "/manifest")?;
    let manifest = Node::new(&value, "/manifest");
    let annotation = |key: &str| value.get("annotations").and_then(|it| it.get(key)).and_then(|it| it.as_str());
    let id = format!("image:{place}@{digest}");
    let mut image = Artefact::new(id.clone(), Kind::Image);
    image.name = Some(place.clone());
    image.digests.push(Digest::parse(&digest));
    image.identifiers.push(format!("{place}@{digest}"));
    let created =
        annotation("org.opencontainers.image.created").and_then(|it| Time::parse_stated(it).ok()).map(|(at, _)| at);
    image.at = created;
    let sort = manifest.optional_text("artifactType")?.or(about.optional_text("media_type")?);
    keep(&mut image.attributes, "type", sort);
    for (key, text) in [("version", "version"), ("title", "title"), ("vendor", "vendor")] {
        keep(&mut image.attributes, key, annotation(&format!("org.opencontainers.image.{text}")));
    }
    for layer in manifest.list("layers")? {
        let title = layer.value.get("annotations").and_then(|it| it.get("org.opencontainers.image.title"));
        if let (Some(title), Some(digest)) = (title.and_then(|it| it.as_str()), layer.optional_text("digest")?) {
            keep(&mut image.attributes, &format!("file.{title}"), Some(digest));
        }
    }
    if let Some(at) = created {
        telling.observe(at);
    }
    telling.artefact(image);
    code(
        &id,
        annotation("org.opencontainers.image.revision"),
        annotation("org.opencontainers.image.source"),
        created,
        telling,
    );
    for inner in manifest.list("manifests")? {
        if let (Some(digest), None) = (inner.optional_text("digest")?, about.optional_text("refers_to")?) {
            telling.link(&id, Relation::Contains, &format!("image:{place}@{digest}"), created);
        }
    }
    let subject = value.get("subject").and_then(|it| it.get("digest")).and_then(|it| it.as_str());
    if let Some(subject) = about.optional_text("refers_to")?.or(subject) {
        let subject = format!("image:{place}@{subject}");
        match created {
            Some(at) => {
                let mut said = evidence(&subject, "attestation", at);
                said.scope = sort.map(str::to_owned);
                said.refs.push(format!("{place}@{digest}"));
                telling.say(Statement::Evidence(said));
            }
            None => telling.link(&id, Relation::InstanceOf, &subject, None),
        }
    }
    if let Some(tag) = about.optional_text("tag")? {
        let mut pointer = Artefact::new(format!("tag:{place}:{tag}"), Kind::Other("tag".into()));
        pointer.name = Some(format!("{place}:{tag}"));
        pointer.identifiers.push(format!("{place}:{tag}"));
        let pointer = telling.artefact(pointer);
        // Moving a tag leaves no time behind.
        telling.link(&pointer, Relation::Serves, &id, None);
    }
    Ok(())
}

fn code(id: &str, revision: Option<&str>, source: Option<&str>, at: Option<Time>, telling: &mut Teller<'_>) {
    let Some(sha) = revision.and_then(commit) else { return };
    let mut code = Artefact::new(format!("code:git:{sha}"), Kind::Code);
    let from = source.map(repository);
    code.name.clone_from(&from);
    code.version = Some(sha.clone());
    code.digests.push(Digest::parse(&format!("git:{sha}")));
    code.identifiers.push(format!("git:{sha}"));
    keep(&mut code.attributes, "repository", from.as_deref());
    let code = telling.artefact(code);
    telling.link(id, Relation::BuiltFrom, &code, at);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

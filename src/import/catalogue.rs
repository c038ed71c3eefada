//! Model catalogues of a registry (Kubeflow's YAML: a source and its models): who provides a model, under
//! which licence, and where its bytes lie. It follows no address, and reads no catalogue of catalogues.

use super::node::{Fault, Node, word};
use super::teller::{Teller, keep, scalar};
use super::unit::utf8;
use super::{Format, Framing, Head, Importer, Reading, kubernetes, yaml};
use crate::model::{Artefact, Attributes, Kind, Relation, Time};
use crate::proof::digest::sha256;
use serde_json::Value;

/// Reads model catalogues.
pub struct Catalogue;

static FORMAT: Format = Format {
    name: "model-catalogue",
    version: 1,
    media_type: "application/vnd.kubeflow.model-catalogue+yaml",
    about: "model catalogue of Kubeflow's model registry (YAML)",
    extensions: &["yaml", "yml"],
};

impl Importer for Catalogue {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let text = super::sniff::valid_text(head.bytes);
        let starts =
            |key: &str| text.lines().any(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')));
        let models = text.lines().skip_while(|line| !line.starts_with("models:")).nth(1).unwrap_or_default();
        let lists = text.contains("models: []") || models.trim_start().starts_with("- ");
        (starts("source") && starts("models") && lists).then_some(Framing::Whole)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        let Some(begins) = content.iter().position(|byte| !byte.is_ascii_whitespace()) else { return };
        let unit = content.get(begins..).unwrap_or_default();
        Teller::unit(out, super::offset(begins), unit, |telling| {
            let text = utf8(content)?;
            let value = yaml::value(text)?;
            let catalogue = Node::new(&value, "");
            let source = catalogue.text("source")?;
            for model in catalogue.list("models")? {
                let read = read_model(source, &model, telling);
                telling.attempt(read);
            }
            Ok(())
        });
    }
}

/// Texts that are kept as they are.
const KEPT: [(&str, &str); 5] = [
    ("license", "license"),
    ("licenseLink", "license_link"),
    ("libraryName", "library_name"),
    ("maturity", "maturity"),
    ("description", "description"),
];

fn read_model(source: &str, model: &Node<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let name = model.text("name")?;
    let mut artefact = Artefact::new(format!("model:catalogue/{source}/{name}"), Kind::Model);
    artefact.name = Some(name.to_owned());
    artefact.at = moment(model, telling)?;
    artefact.attributes = described(model)?;
    artefact.attributes.insert("catalogue".to_owned(), Value::from(source));
    artefact.attributes.insert("declared".to_owned(), Value::Bool(true));
    if let Some(readme) = model.optional_text("readme")? {
        let digest = format!("sha256:{}", hex::encode(sha256(readme.as_bytes())));
        artefact.attributes.insert("readme_digest".to_owned(), Value::from(digest));
    }
    let id = telling.artefact(artefact);
    if let Some(provider) = model.optional_text("provider")?.filter(|it| !it.trim().is_empty() && *it != "None") {
        let provider = telling.named(format!("organisation:{provider}"), Kind::Identity, provider);
        telling.link(&id, Relation::OwnedBy, &provider, None);
    }
    for stored in model.list("artifacts")? {
        let place = format!("{}/uri", stored.path);
        let since = moment(&stored, telling)?;
        if let Some(version) = kubernetes::tell_stored(stored.text("uri")?, &place, telling) {
            telling.link(&version, Relation::VersionOf, &id, since);
        }
    }
    Ok(())
}

fn described(model: &Node<'_>) -> Result<Attributes, Fault> {
    let mut attributes = Attributes::new();
    for (key, name) in KEPT {
        keep(&mut attributes, name, model.optional_text(key)?);
    }
    for key in ["tasks", "language"] {
        let words: Vec<&str> = model.list(key)?.iter().filter_map(|it| it.value.as_str()).collect();
        keep(&mut attributes, key, Some(&words.join(", ")));
    }
    for (key, property) in model.entries("customProperties")? {
        let values = property.value.as_object().into_iter().flatten();
        let value = values.filter(|(kind, _)| kind.ends_with("_value")).find_map(|(_, value)| scalar(value));
        keep(&mut attributes, &format!("property.{key}"), value.as_deref());
    }
    Ok(attributes)
}

/// Milliseconds since 1970, written as text or as a number.
fn moment(node: &Node<'_>, telling: &mut Teller<'_>) -> Result<Option<Time>, Fault> {
    let Some(written) = node.child("createTimeSinceEpoch")? else { return Ok(None) };
    let text = scalar(written.value).unwrap_or_default();
    let micros = text.trim().parse::<i64>().ok().and_then(|millis| millis.checked_mul(1000));
    if micros.is_none() {
        let found = if text.is_empty() { word(written.value).to_owned() } else { format!("\"{text}\"") };
        telling.doubt(format!("{}: found {found}, expected milliseconds since 1970; no time is taken", written.path));
    }
    let time = micros.map(Time::from_micros);
    time.into_iter().for_each(|time| telling.observe(time));
    Ok(time)
}

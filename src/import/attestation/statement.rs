//! in-toto statements 0.1 and 1: which artefacts they are about, and the evidence that they are. What
//! their predicates say is read beside. It does not tie the statement's version to the predicate's.

use super::descriptor::{self, Thing};
use super::{certificate, predicate};
use crate::import::bom::evidence;
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, clip};
use crate::model::{Artefact, Attributes, Statement as Said, Time};
use serde_json::Value;

/// What a statement came in: who is said to have signed it, when, and how.
#[derive(Debug, Clone, Default)]
pub(super) struct Carrier {
    /// `signature`, `signature.…`, `container`.
    pub(super) attributes: Attributes,
    /// When a log took it in, or a timestamp authority saw it.
    pub(super) at: Option<Time>,
    /// The identity in the certificate; nobody has checked the certificate.
    pub(super) signer: Option<String>,
    /// The predicate type the container states.
    pub(super) predicate_type: Option<String>,
    /// When a certificate good for minutes was made out, which is when it was used.
    pub(super) made_out: Option<Time>,
    /// The repository and commit that the certificate names.
    pub(super) code: Option<(String, String)>,
}

impl Carrier {
    /// Something signed, whose signature nobody has checked.
    pub(super) fn signed(container: &str) -> Carrier {
        let mut carrier = Carrier::default();
        carrier.attributes.insert("signature".to_owned(), Value::from("not checked"));
        carrier.attributes.insert("container".to_owned(), Value::from(container));
        carrier
    }

    /// It turns out to carry no signature.
    pub(super) fn unsigned(&mut self) {
        self.attributes.insert("signature".to_owned(), Value::from("none"));
    }

    /// Adds to what kind of proof it carries.
    pub(super) fn carries(&mut self, what: &str) {
        let list = self.attributes.entry("signature.carries".to_owned()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list
            && !list.iter().any(|known| known == what)
        {
            list.push(Value::from(what));
        }
    }

    /// The best word on when it was signed: a log's, a timestamp's, the certificate's own.
    pub(super) fn moment(&self) -> Option<Time> {
        self.at.or(self.made_out)
    }

    /// Keeps what a certificate, in base64 or PEM, says of its holder.
    pub(super) fn certificate(&mut self, written: &str) {
        let Some(holder) = certificate::holder(written) else { return };
        for (key, value) in holder.said() {
            self.attributes.insert(format!("signature.certificate.{key}"), Value::from(clip(value)));
        }
        self.signer = self.signer.take().or(holder.name);
        if let Some(at) = holder.made_out {
            self.attributes.insert("signature.certificate.made-out".to_owned(), Value::from(at.to_string()));
            self.made_out = Some(at);
        }
        if let (Some(repository), Some(commit)) = (holder.repository, holder.commit) {
            self.code = Some((repository, commit));
        }
    }
}

/// What a predicate adds to the evidence that there is a statement.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    pub(super) at: Option<Time>,
    pub(super) by: Option<String>,
    pub(super) verdict: Option<String>,
    pub(super) refs: Vec<String>,
    pub(super) attributes: Attributes,
}

/// A statement, its subjects described.
pub(super) struct Statement<'v> {
    pub(super) node: Node<'v>,
    pub(super) predicate_type: &'v str,
    pub(super) predicate: Option<Node<'v>>,
    pub(super) subjects: Vec<Thing>,
}

const TYPES: [&str; 2] = ["https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1"];

/// A statement that nobody signed.
pub(super) fn bare(node: &Node<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let mut carrier = Carrier::signed("statement");
    carrier.unsigned();
    read(node, &carrier, telling)
}

/// One of two spellings of a key; the second is how protobuf writers spell it.
fn either<'v>(node: &Node<'v>, key: &str, other: &str, telling: &mut Teller<'_>) -> Result<&'v str, Fault> {
    if node.child(key)?.is_none()
        && let Some(text) = node.optional_text(other)?.filter(|text| !text.trim().is_empty())
    {
        telling.doubt(format!("{}/{other}: found \"{other}\", expected \"{key}\"; read as such", node.path));
        return Ok(text);
    }
    node.text(key)
}

/// Reads a statement and says that there is one.
pub(super) fn read(node: &Node<'_>, carrier: &Carrier, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let sort = either(node, "_type", "type", telling)?;
    if !TYPES.contains(&sort.trim_end_matches('/')) {
        return Err(format!(
            "{}/_type: found \"{}\", expected \"{}\" or \"{}\"; the statement is refused",
            node.path,
            clip(sort),
            TYPES[0],
            TYPES[1]
        ));
    }
    let predicate_type = either(node, "predicateType", "predicate_type", telling)?;
    if let Some(stated) = carrier.predicate_type.as_deref().filter(|stated| *stated != predicate_type) {
        return Err(format!(
            "{}/predicateType: found \"{}\", and its container says \"{}\"; one of them was altered: the attestation is refused",
            node.path,
            clip(predicate_type),
            clip(stated)
        ));
    }
    // Google's first statements keep the predicate under a name of its own.
    let mut predicate = node.child("predicate")?.filter(|it| it.value.is_object());
    if predicate.is_none() {
        predicate = node.child("slsaProvenance")?.filter(|it| it.value.is_object());
    }
    let subjects = subjects(node, predicate_type, telling)?;
    let mut statement = Statement { node: node.clone(), predicate_type, predicate, subjects };
    let told = predicate::read(&mut statement, carrier, telling)?;
    say(&statement, carrier, &told, telling);
    Ok(())
}

fn subjects(node: &Node<'_>, predicate_type: &str, telling: &mut Teller<'_>) -> Result<Vec<Thing>, Fault> {
    let list = node.list("subject")?;
    let mut found: Vec<Thing> = Vec::new();
    let mut faults = Vec::new();
    for subject in &list {
        match descriptor::subject(subject, predicate_type, telling) {
            Ok(Some(thing)) => found.push(thing),
            Ok(None) => {}
            Err(fault) => faults.push(fault),
        }
    }
    if found.is_empty() {
        return Err(faults.into_iter().next().unwrap_or_else(|| {
            format!("{}/subject: statement has no subject digest: cannot be bound to an artefact", node.path)
        }));
    }
    for fault in faults {
        telling.doubt(fault);
    }
    Ok(found)
}

/// Says of each subject that there is an attestation.
fn say(statement: &Statement<'_>, carrier: &Carrier, told: &Told, telling: &mut Teller<'_>) {
    for at in [told.at, carrier.moment()].into_iter().flatten() {
        telling.observe(at);
    }
    let at = told.at.or(carrier.moment());
    let mut attributes = carrier.attributes.clone();
    attributes.extend(told.attributes.clone());
    for subject in &statement.subjects {
        let Some(at) = at else {
            undated(subject, statement.predicate_type, &attributes, telling);
            continue;
        };
        let mut said = evidence(&subject.id, "attestation", at);
        said.scope = Some(statement.predicate_type.to_owned());
        said.by = told.by.clone().or_else(|| carrier.signer.clone());
        said.verdict = told.verdict.clone();
        said.covers = subject.digests.clone();
        said.refs = told.refs.clone();
        said.attributes = attributes.clone();
        telling.say(Said::Evidence(said));
    }
    if at.is_none() {
        telling.doubt(format!(
            "{}: it states no time, in the statement or its signature; the attestation is kept with the artefact and not as dated evidence",
            statement.node.place()
        ));
    }
}

/// An attestation that states no time is kept with its subject, since evidence is dated.
pub(super) fn undated(subject: &Thing, scope: &str, attributes: &Attributes, telling: &mut Teller<'_>) {
    let mut artefact = Artefact::new(subject.id.as_str(), subject.kind.clone());
    artefact.attributes.insert("attestation".to_owned(), Value::from(scope));
    for (key, value) in attributes {
        artefact.attributes.insert(format!("attestation.{key}"), value.clone());
    }
    telling.artefact(artefact);
}

/// Says something of each subject besides, when its time is known.
pub(super) fn each(
    statement: &Statement<'_>,
    carrier: &Carrier,
    (kind, scope): (&str, &str),
    told: &Told,
    telling: &mut Teller<'_>,
) {
    let Some(at) = told.at.or(carrier.moment()) else { return };
    for subject in &statement.subjects {
        let mut said = evidence(&subject.id, kind, at);
        said.scope = Some(scope.to_owned());
        said.by = told.by.clone().or_else(|| carrier.signer.clone());
        said.verdict = told.verdict.clone();
        said.covers = subject.digests.clone();
        said.refs = told.refs.clone();
        said.attributes = told.attributes.clone();
        for (key, value) in &carrier.attributes {
            if key.starts_with("signature") {
                said.attributes.insert(key.clone(), value.clone());
            }
        }
        telling.say(Said::Evidence(said));
    }
}

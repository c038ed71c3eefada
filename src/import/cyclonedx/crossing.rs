//! What a document says across its parts: who depends on whom, how complete that is, remarks, and
//! who said which field. The parts themselves were described before.

use super::bom::Bom;
use crate::import::bom::{Document, Party, Piece, clip, evidence, how, list, scalar, text, texts};
use crate::model::{Attributes, Relation, Statement};
use serde_json::Value;

/// Reads the sections that refer to parts.
pub(super) fn read(bom: &mut Bom<'_>, document: &Document<'_>) {
    document.each("dependencies", |element| {
        let Some(piece) = bom.sink.take(element) else { return };
        dependency(bom, &piece);
    });
    document.each("compositions", |element| {
        let Some(piece) = bom.sink.take(element) else { return };
        composition(bom, &piece);
    });
    document.each("annotations", |element| {
        let Some(piece) = bom.sink.take(element) else { return };
        annotation(bom, &piece);
    });
    document.each("citations", |element| {
        let Some(piece) = bom.sink.take(element) else { return };
        citation(bom, &piece);
    });
}

fn dependency(bom: &mut Bom<'_>, piece: &Piece) {
    let path = &piece.path;
    let Some(reference) = piece.value.get("ref").and_then(Value::as_str) else {
        return bom.sink.refuse(format!("{path}: \"ref\" is a required property; the dependency is not read"));
    };
    if reference.is_empty() {
        return bom.sink.refuse(format!("{path}/ref: is empty; the dependency is not read"));
    }
    let from = bom.resolve(reference, &format!("{path}/ref"));
    for (key, word) in [("dependsOn", "depends-on"), ("provides", "provides")] {
        for (index, to) in texts(&piece.value, key).into_iter().enumerate() {
            if to.is_empty() {
                bom.sink.doubt(format!("{path}/{key}/{index}: is empty; it is left out"));
                continue;
            }
            let to = bom.resolve(to, &format!("{path}/{key}/{index}"));
            bom.sink.link(&from, Relation::Contains, &to, how("how", word));
        }
    }
}

/// What is said not to be complete is a gap that its source states.
fn composition(bom: &mut Bom<'_>, piece: &Piece) {
    let aggregate = text(&piece.value, "aggregate").unwrap_or_default();
    let why = match aggregate {
        "unknown" => "not-recorded",
        other if other.starts_with("incomplete") => "not-recorded",
        "complete" | "not_specified" => return,
        other => {
            bom.sink.doubt(format!(
                "{}/aggregate: found \"{other}\", expected complete, incomplete, unknown or not_specified; nothing is taken from it",
                piece.path
            ));
            return;
        }
    };
    let by = Some(format!("CycloneDX composition: {aggregate}"));
    for key in ["assemblies", "dependencies"] {
        for (index, reference) in texts(&piece.value, key).into_iter().enumerate() {
            let about = bom.resolve(reference, &format!("{}/{key}/{index}", piece.path));
            bom.sink.absent(&about, Relation::Contains, why, by.clone());
        }
    }
    let bare = ["assemblies", "dependencies", "vulnerabilities"].iter().all(|key| list(&piece.value, key).is_empty());
    if let Some(root) = bom.root.clone().filter(|_| bare) {
        bom.sink.absent(&root, Relation::Contains, why, by);
    }
}

/// Who made a remark.
fn annotator(bom: &mut Bom<'_>, value: &Value) -> Option<String> {
    let annotator = value.get("annotator")?;
    let party = annotator
        .get("organization")
        .and_then(Party::organisation)
        .or_else(|| annotator.get("individual").and_then(Party::person));
    if let Some(party) = party {
        return Some(bom.sink.party(&party));
    }
    let program = annotator.get("component").or_else(|| annotator.get("service"))?;
    let version = scalar(program, "version").map(|version| format!("@{version}")).unwrap_or_default();
    Some(format!("tool:{}{version}", text(program, "name")?))
}

fn annotation(bom: &mut Bom<'_>, piece: &Piece) {
    let by = annotator(bom, &piece.value);
    let Some(at) = bom.moment(&piece.value, "timestamp", &piece.path) else {
        return bom.sink.doubt(format!("{}: no time is stated; the remark is kept in the record only", piece.path));
    };
    for (index, subject) in texts(&piece.value, "subjects").into_iter().enumerate() {
        let about = bom.resolve(subject, &format!("{}/subjects/{index}", piece.path));
        let mut said = evidence(&about, "review", at);
        said.scope = Some("annotation".to_owned());
        said.by = by.clone();
        if let Some(remark) = text(&piece.value, "text") {
            said.attributes.insert("text".to_owned(), Value::from(clip(remark)));
        }
        bom.signature(&piece.value, &piece.path, &mut said.attributes);
        bom.sink.say(Statement::Evidence(said));
    }
}

/// Who said certain fields of the document: evidence about its root.
fn citation(bom: &mut Bom<'_>, piece: &Piece) {
    let (path, value) = (&piece.path, &piece.value);
    let who = text(value, "attributedTo").or_else(|| text(value, "process"));
    let Some(who) = who else {
        return bom
            .sink
            .refuse(format!("{path}: one of \"attributedTo\" and \"process\" is required; the citation is not read"));
    };
    let by = bom.resolve(who, path);
    let at = bom.moment(value, "timestamp", path);
    let (Some(root), Some(at)) = (bom.root.clone(), at) else { return };
    let mut said = evidence(&root, "attestation", at);
    said.scope = Some("citation".to_owned());
    said.by = Some(by);
    let mut attributes = Attributes::new();
    for key in ["pointers", "expressions"] {
        let fields = texts(value, key);
        if !fields.is_empty() {
            attributes.insert(key.to_owned(), Value::from(fields));
        }
    }
    Bom::keep(value, &[("note", "note")], &mut attributes);
    bom.signature(value, path, &mut attributes);
    said.attributes = attributes;
    bom.sink.say(Statement::Evidence(said));
}

//! Bills of materials inside an attestation: read as they are elsewhere, as parts of the subject. It
//! reads no further attestation within.

use super::statement::{Statement, Told};
use crate::import::node::Node;
use crate::import::teller::Teller;
use crate::import::{Framing, Head, Importer, Reading, cyclonedx, spdx};
use crate::model::{Kind, Relation, Statement as Said};
use serde_json::Value;
use std::collections::BTreeSet;

/// Reads the document in the predicate.
pub(super) fn read(statement: &Statement<'_>, node: &Node<'_>, telling: &mut Teller<'_>) -> Told {
    let mut told = Told::default();
    // cosign's custom predicates keep the document as text.
    let text = match node.value.get("Data") {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => node.value.to_string(),
    };
    let head = Head { bytes: text.as_bytes(), complete: true };
    let readers: [&dyn Importer; 2] = [&cyclonedx::CycloneDx, &spdx::Spdx];
    let Some(reader) = readers.into_iter().find(|reader| reader.recognises(&head).is_some()) else {
        telling
            .doubt(format!("{}: no bill of materials that can be read; it is kept in the record only", node.place()));
        return told;
    };
    let mut inner = Reading::of(Framing::Whole);
    reader.read(text.as_bytes(), &mut inner);
    told.attributes.insert("document".to_owned(), Value::from(reader.format().name));
    told.at = inner.observed_at;
    let mut parts: BTreeSet<&str> = BTreeSet::new();
    let mut within: BTreeSet<&str> = BTreeSet::new();
    for claim in &inner.claims {
        match &claim.statement {
            Said::Artefact(it)
                if matches!(it.kind, Kind::Package | Kind::Image | Kind::ModelVersion | Kind::Dataset) =>
            {
                parts.insert(&it.id);
            }
            Said::Link(it) if it.relation == Relation::Contains && it.from != it.to => {
                within.insert(&it.to);
            }
            _ => {}
        }
    }
    let tops: Vec<String> = parts.difference(&within).map(|id| (*id).to_owned()).collect();
    for claim in inner.claims {
        telling.say(claim.statement);
    }
    for subject in &statement.subjects {
        for top in tops.iter().filter(|top| **top != subject.id) {
            telling.link(&subject.id, Relation::Contains, top, told.at);
        }
    }
    for warning in inner.warnings {
        telling.doubt(format!("{}{}", node.path, warning.text));
    }
    for refused in inner.rejected {
        telling.doubt(format!("{}: {}; this part is left out", node.place(), refused.reason));
    }
    told
}

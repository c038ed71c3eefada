//! What a document says of itself: when it was made, by whom and with what, of which component. It reads
//! no part of what is described.

use super::bom::Bom;
use super::{component, licences};
use crate::import::bom::{Document, Party, Piece, evidence, list, scalar, text};
use crate::model::{Attributes, Statement};
use serde_json::Value;

impl Bom<'_> {
    /// What the document says of itself: when, by what, of which component, by whom.
    pub(super) fn metadata(&mut self, piece: &Piece) {
        let (value, path) = (&piece.value, piece.path.as_str());
        self.time = self.moment(value, "timestamp", path);
        self.by = tools(value).first().cloned();
        licences::read(value, path, &mut self.sink);
        self.properties(value, path, &mut Attributes::new());
        let Some(component) = value.get("component").filter(|it| it.is_object()) else { return };
        self.root = component::read(self, component, &format!("{path}/component"), None);
        let Some(root) = self.root.clone() else { return };
        for role in ["supplier", "manufacturer", "manufacture"] {
            if let Some(party) = value.get(role).and_then(Party::organisation) {
                self.sink.owned(&root, &party, role);
            }
        }
    }

    /// The document as evidence about its root: that somebody took stock, when, and with what.
    pub(super) fn signed_off(&mut self, document: &Document<'_>, metadata: Option<&Piece>) {
        let mut attributes = Attributes::new();
        if let Some(signature) = document.one("signature").and_then(Result::ok) {
            self.signature(
                &Value::Object([("signature".to_owned(), signature.value)].into_iter().collect()),
                "",
                &mut attributes,
            );
        }
        let (Some(root), Some(time)) = (self.root.clone(), self.time) else { return };
        let mut said = evidence(&root, "attestation", time);
        said.scope = Some("bill-of-materials".to_owned());
        said.by = self.by.clone();
        said.refs = document.text("serialNumber").into_iter().collect();
        said.attributes = attributes;
        if let Some(metadata) = metadata {
            let value = &metadata.value;
            said.attributes.insert("tools".to_owned(), Value::from(tools(value)));
            let authors: Vec<Party> = list(value, "authors").iter().filter_map(Party::person).collect();
            if !authors.is_empty() {
                let names: Vec<String> = authors.into_iter().map(|party| party.id).collect();
                said.attributes.insert("authors".to_owned(), Value::from(names));
            }
            let phases: Vec<&str> = list(value, "lifecycles")
                .iter()
                .filter_map(|phase| text(phase, "phase").or_else(|| text(phase, "name")))
                .collect();
            if !phases.is_empty() {
                said.attributes.insert("lifecycles".to_owned(), Value::from(phases));
            }
        }
        self.sink.say(Statement::Evidence(said));
    }
}

/// The tools that made a document: components and services, or the list of older versions.
fn tools(metadata: &Value) -> Vec<String> {
    let named = |tool: &Value| {
        let name = text(tool, "name")?;
        let vendor = text(tool, "vendor").or_else(|| text(tool, "group")).map(|vendor| format!("{vendor} "));
        let version = scalar(tool, "version").map(|version| format!("@{version}"));
        Some(format!("tool:{}{name}{}", vendor.unwrap_or_default(), version.unwrap_or_default()))
    };
    let Some(tools) = metadata.get("tools") else { return Vec::new() };
    let old = tools.as_array().map_or(&[][..], Vec::as_slice);
    old.iter().chain(list(tools, "components")).chain(list(tools, "services")).filter_map(named).collect()
}

//! What messages say of tools and resources themselves: lists of tools that a server offers, and parts
//! of messages as specifications print them. It makes no steps.

use super::messages::{Session, digest_of, written};
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, keep};
use crate::model::{Artefact, Kind};

impl Session {
    /// Tools that a server offers. What they say of themselves is instructions to a model: a changed
    /// description shows by its digest.
    pub(super) fn tools(&self, result: &Node<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
        for tool in result.list("tools")? {
            let told = self.offered(&tool, telling);
            telling.attempt(told);
        }
        Ok(())
    }

    fn offered(&self, tool: &Node<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
        let name = tool.text("name")?;
        let mut artefact = Artefact::new(self.tool(name), Kind::Tool);
        artefact.name = Some(name.to_owned());
        keep(&mut artefact.attributes, "server", self.server.as_deref());
        if let Some(description) = tool.optional_text("description")? {
            keep(&mut artefact.attributes, "description", Some(description));
            artefact.attributes.insert("description_digest".to_owned(), digest_of(description).into());
        }
        if let Some(schema) = tool.child("inputSchema")? {
            artefact.attributes.insert("input_digest".to_owned(), digest_of(&written(schema.value)).into());
        }
        telling.artefact(artefact);
        Ok(())
    }

    /// A part of a message, as specifications print them.
    pub(super) fn fragment(&mut self, node: &Node<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
        telling.doubt("/: fragment, no session: a part of a message, which says neither who sent it nor when");
        self.tools(node, telling)?;
        if node.value.get("inputSchema").is_some() {
            return self.offered(node, telling);
        }
        if let Some(meta) = node.child("_meta")?
            && let Some(info) = meta.child("io.modelcontextprotocol/clientInfo")?
        {
            self.client(&info, telling)?;
        }
        if let Some(uri) = node.optional_text("uri")? {
            let mut dataset = Artefact::new(format!("dataset:{uri}"), Kind::Dataset);
            dataset.identifiers.push(uri.to_owned());
            telling.artefact(dataset);
        }
        Ok(())
    }
}

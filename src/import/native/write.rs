//! Writes a statement as one line of the native format, such that reading it gives the statement
//! back. It decides nothing about where the line goes.

use crate::model::{Attributes, Digest, Statement};
use crate::proof::digest::sha256;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// One line, without its line feed.
pub fn write(statement: &Statement) -> String {
    serde_json::to_string(&Written(statement)).unwrap_or_default()
}

/// The line without its signature: what a signature is over, and what a digest is of.
pub fn unsigned(statement: &Statement) -> String {
    let mut bare = statement.clone();
    bare.set_signature(None);
    write(&bare)
}

/// The name a statement has in every ledger: SHA-256 of [`unsigned`], in hex.
pub fn digest(statement: &Statement) -> String {
    hex::encode(sha256(unsigned(statement).as_bytes()))
}

struct Written<'a>(&'a Statement);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = Fields(serializer.serialize_map(None)?);
        line.put("type", self.0.word())?;
        match self.0 {
            Statement::Artefact(it) => {
                line.put("id", &it.id)?;
                line.put("kind", it.kind.as_str())?;
                line.some("name", it.name.as_ref())?;
                line.some("version", it.version.as_ref())?;
                line.some("at", it.at.as_ref())?;
                line.some("owner", it.owner.as_ref())?;
                line.some("risk", it.risk.as_ref())?;
                line.some("environment", it.environment.as_ref())?;
                line.digests("digests", &it.digests)?;
                line.list("identifiers", &it.identifiers)?;
                line.attributes(&it.attributes)?;
            }
            Statement::Link(it) => {
                line.put("from", &it.from)?;
                line.put("to", &it.to)?;
                line.put("relation", it.relation.as_str())?;
                line.some("since", it.since.as_ref())?;
                line.some("until", it.until.as_ref())?;
                line.attributes(&it.attributes)?;
            }
            Statement::Evidence(it) => {
                line.put("about", &it.about)?;
                line.put("kind", &it.kind)?;
                line.some("scope", it.scope.as_ref())?;
                line.some("by", it.by.as_ref())?;
                line.put("at", &it.at)?;
                line.some("verdict", it.verdict.as_ref())?;
                line.some("expires", it.expires.as_ref())?;
                line.digests("covers", &it.covers)?;
                line.list("refs", &it.refs)?;
                line.attributes(&it.attributes)?;
            }
            Statement::Absence(it) => {
                line.put("about", &it.about)?;
                line.put("relation", it.relation.as_str())?;
                line.put("why", &it.why)?;
                line.some("by", it.by.as_ref())?;
            }
            Statement::SameAs(it) => {
                line.put("a", &it.a)?;
                line.put("b", &it.b)?;
                line.put("why", &it.why)?;
            }
            Statement::Mark(it) => {
                line.put("about", &it.about)?;
                line.put("mark", &it.mark)?;
                line.put("by", &it.by)?;
                line.put("at", &it.at)?;
                line.some("since", it.since.as_ref())?;
                line.some("until", it.until.as_ref())?;
                line.put("reason", &it.reason)?;
                line.some("case", it.case.as_ref())?;
                line.some("signature", it.signature.as_ref())?;
            }
            Statement::Retract(it) => {
                line.put("what", &it.what)?;
                line.some("of", it.of.as_ref())?;
                line.put("by", &it.by)?;
                line.put("at", &it.at)?;
                line.put("reason", &it.reason)?;
                line.some("signature", it.signature.as_ref())?;
            }
            Statement::Note(it) => {
                line.some("about", it.about.as_ref())?;
                line.some("what", it.what.as_ref())?;
                line.put("text", &it.text)?;
                line.put("by", &it.by)?;
                line.put("at", &it.at)?;
                line.some("case", it.case.as_ref())?;
                line.attributes(&it.attributes)?;
                line.some("signature", it.signature.as_ref())?;
            }
        }
        line.0.end()
    }
}

struct Fields<M>(M);

impl<M: SerializeMap> Fields<M> {
    fn put<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), M::Error> {
        self.0.serialize_entry(name, value)
    }

    fn some<T: Serialize>(&mut self, name: &str, value: Option<&T>) -> Result<(), M::Error> {
        value.map_or(Ok(()), |value| self.put(name, value))
    }

    fn list(&mut self, name: &str, values: &[String]) -> Result<(), M::Error> {
        if values.is_empty() { Ok(()) } else { self.put(name, values) }
    }

    fn digests(&mut self, name: &str, values: &[Digest]) -> Result<(), M::Error> {
        if values.is_empty() { Ok(()) } else { self.put(name, values) }
    }

    fn attributes(&mut self, values: &Attributes) -> Result<(), M::Error> {
        if values.is_empty() { Ok(()) } else { self.put("attributes", values) }
    }
}

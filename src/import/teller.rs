//! Where the claims of one unit go while an importer reads it. A unit is kept as a whole or not at
//! all: what was said before a fault is taken back. It decides nothing about what is said.

use super::Reading;
use super::json::strict_value;
use super::node::{Fault, Node};
use super::unit::{Units, utf8};
use crate::model::{Absence, Artefact, Attributes, Kind, Link, Relation, SameAs, Statement, Time};
use serde_json::Value;

/// The longest text that becomes an attribute; the rest of a longer one stays in the record.
const LONGEST: usize = 400;

/// Takes what one unit says.
pub(super) struct Teller<'o> {
    out: &'o mut Reading,
    at: u32,
}

impl<'o> Teller<'o> {
    /// Lets `tell` speak of the unit at that offset; when it fails, the unit is refused.
    pub(super) fn unit(
        out: &'o mut Reading,
        at: u32,
        unit: &[u8],
        tell: impl FnOnce(&mut Teller<'_>) -> Result<(), Fault>,
    ) {
        let (claims, warnings, observed) = (out.claims.len(), out.warnings.len(), out.observed_at);
        let told = tell(&mut Teller { out, at });
        if let Err(reason) = told {
            out.claims.truncate(claims);
            out.warnings.truncate(warnings);
            out.observed_at = observed;
            out.reject(at, unit, reason);
        }
    }

    /// Lets `tell` speak of each unit of a content, read as strict JSON; one that fails costs no other.
    pub(super) fn documents(
        content: &[u8],
        out: &mut Reading,
        mut tell: impl FnMut(&Node<'_>, &mut Teller<'_>) -> Result<(), Fault>,
    ) {
        for (at, unit) in Units::of(content, out.framing) {
            Teller::unit(out, at, unit, |telling| {
                let value = strict_value(utf8(unit)?)?;
                tell(&Node::new(&value, ""), telling)
            });
        }
    }

    /// Says one thing.
    pub(super) fn say(&mut self, statement: Statement) {
        self.out.say(self.at, statement);
    }

    /// Describes an artefact and gives its id back.
    pub(super) fn artefact(&mut self, artefact: Artefact) -> String {
        let id = artefact.id.clone();
        self.say(Statement::Artefact(artefact));
        id
    }

    /// Describes an artefact of which nothing but its name is known.
    pub(super) fn named(&mut self, id: impl Into<String>, kind: Kind, name: impl Into<String>) -> String {
        let mut artefact = Artefact::new(id, kind);
        artefact.name = Some(name.into());
        self.artefact(artefact)
    }

    /// A link, undated when the source gives no date.
    pub(super) fn link(&mut self, from: &str, relation: Relation, to: &str, since: Option<Time>) {
        self.link_with(from, relation, to, since, Attributes::new());
    }

    /// A link of which more is said.
    pub(super) fn link_with(
        &mut self,
        from: &str,
        relation: Relation,
        to: &str,
        since: Option<Time>,
        attributes: Attributes,
    ) {
        let mut link = Link::new(from, relation, to);
        link.since = since;
        link.attributes = attributes;
        self.say(Statement::Link(link));
    }

    /// Says that two ids are of one thing, unless they are one id.
    pub(super) fn same(&mut self, a: &str, b: &str, why: &str) {
        if a != b {
            self.say(Statement::SameAs(SameAs { a: a.to_owned(), b: b.to_owned(), why: why.to_owned() }));
        }
    }

    /// Says what the source leaves out.
    pub(super) fn absent(&mut self, about: &str, relation: Relation, why: &str) {
        let (about, why) = (about.to_owned(), why.to_owned());
        self.say(Statement::Absence(Absence { about, relation, why, by: None }));
    }

    /// Warns, once.
    pub(super) fn doubt(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.out.warnings.iter().rev().take_while(|known| known.at == self.at).any(|known| known.text == text) {
            self.out.warn(self.at, text);
        }
    }

    /// What went wrong with a part becomes a doubt, and the unit is kept.
    pub(super) fn attempt<T>(&mut self, read: Result<T, Fault>) -> Option<T> {
        read.map_err(|fault| self.doubt(format!("{fault}; it is kept in the record only"))).ok()
    }

    /// The record says something of that moment.
    pub(super) fn observe(&mut self, at: Time) {
        self.out.observe(at);
    }

    /// A time under a key, when there is one; one without a zone is UTC and doubtful.
    pub(super) fn time(&mut self, node: &Node<'_>, key: &str) -> Result<Option<Time>, Fault> {
        let Some(written) = node.optional_text(key)?.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
        let place = format!("{}/{key}", node.path);
        let (time, zoneless) = Time::parse_stated(written).map_err(|_| {
            format!("{place}: \"{}\" is not a date-time: expected one such as 2026-11-18T09:00:00Z", clip(written))
        })?;
        if zoneless {
            self.doubt(format!("{place}: \"{written}\" has no time zone: taken as UTC"));
        }
        Ok(Some(time))
    }
}

/// A text no longer than an attribute may be.
pub(super) fn clip(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Keeps a short text as an attribute, when there is one.
pub(super) fn keep(attributes: &mut Attributes, key: &str, text: Option<&str>) {
    if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
        attributes.insert(key.to_owned(), Value::from(clip(text)));
    }
}

/// A text, or a number or truth value as it is written: what formats without types mix up.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

//! Where what a bill of materials says goes: claims, doubts and refusals of the piece that is being
//! read. It decides nothing.

use super::document::{Broken, Element, Piece};
use super::names::Party;
use crate::import::Reading;
use crate::model::{Absence, Artefact, Attributes, Evidence, Kind, Link, Relation, SameAs, Statement, Time};
use serde_json::Value;

/// Doubts about one piece that are compared, so that one is not told twice.
const LOOK_BACK: usize = 64;

/// Where what a document says goes.
pub(in crate::import) struct Sink<'o> {
    pub(in crate::import) out: &'o mut Reading,
    at: u32,
    len: u32,
}

impl<'o> Sink<'o> {
    pub(in crate::import) fn new(out: &'o mut Reading, (at, len): (u32, u32)) -> Sink<'o> {
        Sink { out, at, len }
    }

    /// Takes back all that was said so far.
    pub(in crate::import) fn forget(&mut self) {
        self.out.claims.clear();
        self.out.rejected.clear();
        self.out.warnings.clear();
    }

    /// What follows is said by that piece.
    pub(in crate::import) fn stand_at(&mut self, (at, len): (u32, u32)) {
        self.at = at;
        self.len = len;
    }

    pub(in crate::import) fn place(&self) -> (u32, u32) {
        (self.at, self.len)
    }

    /// Stands at an element that was read; one that was not is refused.
    pub(in crate::import) fn take(&mut self, element: Element) -> Option<Piece> {
        match element {
            Ok(piece) => {
                self.stand_at((piece.at, piece.len));
                Some(piece)
            }
            Err(Broken { at, len, why }) => {
                self.stand_at((at, len));
                self.refuse(why);
                None
            }
        }
    }

    pub(in crate::import) fn say(&mut self, statement: Statement) {
        self.out.say(self.at, statement);
    }

    pub(in crate::import) fn artefact(&mut self, artefact: Artefact) {
        self.say(Statement::Artefact(artefact));
    }

    /// Warns, once.
    pub(in crate::import) fn doubt(&mut self, text: impl Into<String>) {
        let text = text.into();
        let about_this = |known: &&crate::import::Warning| known.at == self.at;
        let known = self.out.warnings.iter().rev().take(LOOK_BACK).take_while(about_this);
        if !known.into_iter().any(|known| known.text == text) {
            self.out.warn(self.at, text);
        }
    }

    /// Refuses the piece, or that part of it which the reason names.
    pub(in crate::import) fn refuse(&mut self, reason: impl Into<String>) {
        self.out.rejected.push(crate::import::Rejected { at: self.at, len: self.len, reason: reason.into() });
    }

    pub(in crate::import) fn link(&mut self, from: &str, relation: Relation, to: &str, attributes: Attributes) {
        self.link_since(from, relation, to, attributes, None);
    }

    pub(in crate::import) fn link_since(
        &mut self,
        from: &str,
        relation: Relation,
        to: &str,
        attributes: Attributes,
        since: Option<Time>,
    ) {
        if from == to {
            return;
        }
        let mut link = Link::new(from, relation, to);
        link.attributes = attributes;
        link.since = since;
        self.say(Statement::Link(link));
    }

    pub(in crate::import) fn same(&mut self, a: &str, b: &str, why: &str) {
        if a != b {
            self.say(Statement::SameAs(SameAs { a: a.to_owned(), b: b.to_owned(), why: why.to_owned() }));
        }
    }

    pub(in crate::import) fn absent(&mut self, about: &str, relation: Relation, why: &str, by: Option<String>) {
        self.say(Statement::Absence(Absence { about: about.to_owned(), relation, why: why.to_owned(), by }));
    }

    /// Describes a person, an organisation or a program, and returns its id.
    pub(in crate::import) fn party(&mut self, party: &Party) -> String {
        let mut artefact = Artefact::new(party.id.clone(), Kind::Identity);
        artefact.name = Some(party.name.clone());
        artefact.attributes.insert("type".to_owned(), Value::from(party.sort));
        self.artefact(artefact);
        party.id.clone()
    }

    /// Says who answers for an artefact, and in which role.
    pub(in crate::import) fn owned(&mut self, of: &str, party: &Party, role: &str) {
        let owner = self.party(party);
        self.link(of, Relation::OwnedBy, &owner, how("role", role));
    }

    /// Describes a commit that something was built from.
    pub(in crate::import) fn built_from(&mut self, of: &str, repository: Option<&str>, commit: &str) {
        let id = match repository {
            Some(repository) => format!("code:{repository}@{commit}"),
            None => format!("code:{commit}"),
        };
        let mut code = Artefact::new(id.clone(), Kind::Code);
        code.name = repository.map(str::to_owned);
        code.version = Some(commit.to_owned());
        code.identifiers.push(format!("git:{commit}"));
        self.artefact(code);
        self.link(of, Relation::BuiltFrom, &id, Attributes::new());
    }
}

/// One attribute.
pub(in crate::import) fn how(key: &str, value: &str) -> Attributes {
    Attributes::from([(key.to_owned(), Value::from(value))])
}

/// Evidence of which only the least is known.
pub(in crate::import) fn evidence(about: &str, kind: &str, at: Time) -> Evidence {
    Evidence {
        about: about.to_owned(),
        kind: kind.to_owned(),
        scope: None,
        by: None,
        at,
        verdict: None,
        expires: None,
        covers: Vec::new(),
        refs: Vec::new(),
        attributes: Attributes::new(),
    }
}

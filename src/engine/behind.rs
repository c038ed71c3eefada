//! Which claims lie behind an artefact or a case: what somebody has to be handed to follow it without the ledger. It
//! hands over nothing.

use crate::engine::view::NEVER;
use crate::engine::{Engine, EngineError, RecordOf, View};
use crate::graph::walk::{Along, Bounds, Way, walk};
use crate::graph::{Lineage, Node};
use crate::investigate::case::CaseBook;
use crate::investigate::question;
use crate::investigate::said::Saying;
use crate::model::Statement;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// More rows than any chain has.
const ALL: usize = 10_000_000;

/// Claims by record and place.
pub(super) type Wanted = BTreeMap<u64, BTreeSet<u64>>;

/// Claims that are gathered, each once.
#[derive(Default)]
struct Gathered {
    claims: BTreeSet<u64>,
    named: HashSet<String>,
}

impl Gathered {
    /// What is stated of an artefact itself: descriptions, evidence, absences, what makes it one with another.
    fn of(&mut self, lineage: &Lineage, node: Node) {
        self.claims.extend(lineage.claims(node));
        self.claims.extend(lineage.evidence(node).map(|it| it.claim));
        self.claims.extend(lineage.absences(node).map(|it| it.claim));
        self.claims.extend(lineage.aliases(node).map(|it| it.claim));
    }

    /// Its links to what it depends on.
    fn links(&mut self, lineage: &Lineage, node: Node) {
        for link in lineage.upstream(node) {
            self.claims.insert(link.claim);
            self.claims.extend(lineage.link_claims(&link));
        }
    }

    /// All claims by their names, with what took any of them back.
    fn wanted(mut self, engine: &Engine, sayings: &[Saying]) -> Result<Wanted, EngineError> {
        let ledger = engine.reader();
        for claim in &self.claims {
            if let Some((record, ordinal)) = ledger.claim_name(*claim)? {
                self.named.insert(format!("{record}.{ordinal}"));
            }
        }
        drop(ledger);
        // a retraction may itself be taken back
        loop {
            let digests: HashSet<&str> = sayings
                .iter()
                .filter(|it| !it.digest.is_empty() && self.named.contains(&it.name.text))
                .map(|it| it.digest.as_str())
                .collect();
            let takes_back = |it: &&Saying| match &it.statement {
                Statement::Retract(back) => match &back.of {
                    Some(of) => digests.contains(of.as_str()),
                    None => self.named.contains(&back.what),
                },
                _ => false,
            };
            let more: Vec<String> = sayings
                .iter()
                .filter(takes_back)
                .map(|it| it.name.text.clone())
                .filter(|name| !self.named.contains(name))
                .collect();
            if more.is_empty() {
                break;
            }
            self.named.extend(more);
        }
        let mut wanted = Wanted::new();
        for of in self.named.iter().filter_map(|name| RecordOf::parse(name)) {
            wanted.entry(of.record).or_default().extend(of.ordinal);
        }
        Ok(wanted)
    }
}

impl View<'_> {
    /// The claims behind an artefact: everything upstream of it at any time, its chain, and what investigators said
    /// of any of that.
    pub(super) fn behind_artefact(&self, id: &str) -> Result<Wanted, EngineError> {
        let lineage = self.lineage();
        let start = lineage.node(id).ok_or_else(|| EngineError::NoSuch { what: format!("artefact \"{id}\"") })?;
        let reached = walk(lineage, &[start], Way::Up, &Along::impact(), Bounds::NONE, &NEVER)?;
        let mut gathered = Gathered::default();
        let mut ids = HashSet::new();
        for (node, _) in reached.reached() {
            gathered.of(lineage, node);
            gathered.links(lineage, node);
            ids.insert(lineage.id(node));
        }
        match self.chain(&question::Chain { id: id.to_owned(), limit: ALL }, None) {
            Ok(chain) => gathered.named.extend(chain.rows.into_iter().filter_map(|row| row.claim)),
            // not everything has a chain
            Err(EngineError::Unanswered(_) | EngineError::Senseless(_)) => {}
            Err(error) => return Err(error),
        }
        let sayings = self.engine.sayings(self.scope.known_at)?;
        let about = sayings.iter().filter(|it| said_about(&it.statement).is_some_and(|about| ids.contains(about)));
        gathered.named.extend(about.map(|it| it.name.text.clone()));
        gathered.wanted(self.engine, &sayings)
    }

    /// The claims behind a case: all that was said in it, and what is stated of every artefact that it marks, notes
    /// something about, asks about or was answered with.
    pub(super) fn behind_case(&self, name: &str) -> Result<Wanted, EngineError> {
        let lineage = self.lineage();
        let sayings = self.engine.sayings(self.scope.known_at)?;
        let book = CaseBook::of(&sayings);
        let mut gathered = Gathered::default();
        let mut about: BTreeSet<String> = BTreeSet::new();
        for said in book.in_case(name) {
            for it in std::iter::once(&said.first).chain(&said.also) {
                gathered.named.insert(it.name.text.clone());
                about.extend(said_about(&it.statement).map(str::to_owned));
            }
        }
        if gathered.named.is_empty() {
            return Err(EngineError::NoSuch { what: format!("case \"{name}\"; lastgood case list lists them") });
        }
        for (_, saved) in book.answers(name) {
            let asked = serde_json::to_value(&saved.question).unwrap_or_default();
            texts(&asked, &mut about);
            about.extend(saved.keys.iter().flat_map(|key| key.split(" -> ")).map(str::to_owned));
        }
        for node in about.iter().filter_map(|id| lineage.node(id)) {
            gathered.of(lineage, node);
        }
        gathered.wanted(self.engine, &sayings)
    }
}

fn said_about(statement: &Statement) -> Option<&str> {
    match statement {
        Statement::Mark(it) => Some(&it.about),
        Statement::Note(it) => it.about.as_deref(),
        _ => None,
    }
}

/// Every text in a JSON value.
fn texts(value: &serde_json::Value, found: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::String(text) => {
            found.insert(text.clone());
        }
        serde_json::Value::Array(list) => list.iter().for_each(|it| texts(it, found)),
        serde_json::Value::Object(fields) => fields.values().for_each(|it| texts(it, found)),
        _ => {}
    }
}

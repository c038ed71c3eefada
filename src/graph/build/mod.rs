//! Collects claim rows and concludes the lineage from them. It decides nothing while rows stream in,
//! so that the order of records cannot matter.

mod describe;
mod fold;
mod intern;
mod links;
mod merge;
mod retract;
mod write;

use crate::graph::layout::{NO_IMPACT, NO_TIME};
use crate::model::{ClaimRow, Time};
use intern::Interner;
use serde::Deserialize;
use std::borrow::Cow;

/// The state of the ledger that an index is built from; it must match for the index to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexHead {
    /// The ledger's origin.
    pub origin: String,
    /// How many records it had.
    pub records: u64,
    /// The root of its log.
    pub root: [u8; 32],
    /// The last claim id.
    pub claims: u64,
}

/// Why no index can be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// An index addresses text and links by 32 bits.
    #[error("the lineage has more {0} than one index can hold (some thousand million); split the ledger")]
    TooLarge(&'static str),
}

/// A description as it came.
struct Described {
    at: i64,
    id: u32,
    claim: u32,
    kind: u32,
    name: u32,
    version: u32,
    owner: u32,
    environment: u32,
    risk: u32,
}

/// A link as it came. What few links state lies in a list beside it.
#[derive(Clone, Copy)]
struct Linked {
    since: i64,
    from: u32,
    to: u32,
    relation: u32,
    claim: u32,
}

/// What few links state.
#[derive(Clone, Copy)]
struct Beside {
    /// The place of the link.
    link: u32,
    until: i64,
    /// After which moment it began by `since`, and ended by `until`, where nobody saw it do so.
    since_after: i64,
    until_after: i64,
    /// Whether it closes what was said before.
    closes: bool,
    /// Whether it says no more than that what was said before still holds.
    still: bool,
}

impl Beside {
    fn nothing(link: u32) -> Beside {
        Beside { link, until: NO_TIME, since_after: NO_TIME, until_after: NO_TIME, closes: false, still: false }
    }
}

/// A digest or identifier as it came.
struct Identified {
    id: u32,
    kind: u32,
    text: u32,
    claim: u32,
    digest: bool,
}

struct Attested {
    at: i64,
    expires: i64,
    id: u32,
    claim: u32,
    kind: u32,
    verdict: u32,
    by: u32,
    scope: u32,
    covers: (u32, u32),
}

struct Absent {
    id: u32,
    claim: u32,
    relation: u32,
    why: u32,
    by: u32,
}

struct Same {
    a: u32,
    b: u32,
    why: u32,
    claim: u32,
}

/// Collects claims; [`Builder::finish`] gives the index.
pub struct Builder {
    ids: Interner,
    texts: Interner,
    described: Vec<Described>,
    links: Vec<Linked>,
    /// Ascending by link.
    beside: Vec<Beside>,
    idents: Vec<Identified>,
    attested: Vec<Attested>,
    covers: Vec<u32>,
    absent: Vec<Absent>,
    same: Vec<Same>,
    retractions: retract::Retractions,
    too_many_claims: bool,
    last_about: u32,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ArtefactBody<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    owner: Option<Cow<'a, str>>,
    #[serde(borrow)]
    risk: Option<Cow<'a, str>>,
    #[serde(borrow)]
    environment: Option<Cow<'a, str>>,
    #[serde(borrow)]
    digests: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    identifiers: Vec<Cow<'a, str>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SayingBody<'a> {
    #[serde(borrow)]
    scope: Option<Cow<'a, str>>,
    #[serde(borrow)]
    by: Option<Cow<'a, str>>,
    #[serde(borrow)]
    verdict: Option<Cow<'a, str>>,
    #[serde(borrow)]
    why: Option<Cow<'a, str>>,
    #[serde(borrow)]
    covers: Vec<Cow<'a, str>>,
}

/// What the attributes of a link that are read here have in common.
const AFTER: &str = ".after\"";
const STILL: &str = "\"still\"";

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize, Default)]
#[serde(default)]
struct LinkBody<'a> {
    #[serde(borrow)]
    attributes: std::collections::BTreeMap<Cow<'a, str>, &'a serde_json::value::RawValue>,
}

/// Reads a body; what cannot be read says nothing (the claim's own columns still count).
fn body<'a, T: Deserialize<'a> + Default>(text: Option<&'a str>) -> T {
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

impl Default for Builder {
    fn default() -> Builder {
        Builder::new()
    }
}

impl Builder {
    /// Nothing collected yet.
    pub fn new() -> Builder {
        let mut texts = Interner::new();
        texts.intern("");
        Builder {
            ids: Interner::new(),
            texts,
            described: Vec::new(),
            links: Vec::new(),
            beside: Vec::new(),
            idents: Vec::new(),
            attested: Vec::new(),
            covers: Vec::new(),
            absent: Vec::new(),
            same: Vec::new(),
            retractions: retract::Retractions::default(),
            too_many_claims: false,
            last_about: 0,
        }
    }

    /// Takes one claim. Within a record, claims come in their order.
    pub fn push(&mut self, row: &ClaimRow<'_>) {
        let Ok(claim) = u32::try_from(row.id) else {
            self.too_many_claims = true;
            return;
        };
        self.retractions.seen(row.record, claim);
        match row.kind {
            "artefact" => self.push_artefact(row, claim),
            "link" => self.push_link(row, claim),
            "evidence" => self.push_evidence(row, claim),
            "absence" => self.push_absence(row, claim),
            "same-as" => {
                let Some(target) = row.target else { return };
                let said: SayingBody<'_> = body(row.body);
                let (a, b) = (self.about(row.about), self.ids.intern(target));
                let why = self.text(said.why.as_deref().or(Some("a source says they are the same")));
                self.same.push(Same { a, b, why, claim });
            }
            "retract" => {
                // one that names its statement by digest is about a mark or a note
                if let Some(what) = row.target.filter(|_| row.what.is_empty()) {
                    self.retractions.named(claim, row.record, what);
                }
            }
            _ => {}
        }
    }

    fn push_artefact(&mut self, row: &ClaimRow<'_>, claim: u32) {
        let said: ArtefactBody<'_> = body(row.body);
        let id = self.about(row.about);
        let kind = self.texts.intern(row.what);
        for (list, digest) in [(&said.digests, true), (&said.identifiers, false)] {
            for text in list {
                let text = self.texts.intern(text);
                self.idents.push(Identified { id, kind, text, claim, digest });
            }
        }
        let described = Described {
            at: row.since.unwrap_or(NO_TIME),
            id,
            claim,
            kind,
            name: self.text(said.name.as_deref()),
            version: self.text(said.version.as_deref()),
            owner: self.text(said.owner.as_deref()),
            environment: self.text(said.environment.as_deref()),
            risk: self.text(said.risk.as_deref()),
        };
        self.described.push(described);
    }

    fn push_link(&mut self, row: &ClaimRow<'_>, claim: u32) {
        let Some(target) = row.target else { return };
        let (from, to) = (self.about(row.about), self.ids.intern(target));
        let relation = self.texts.intern(row.what);
        // most links state none of these, and a body costs more to read than all else of them
        if row.until.is_some() || row.body.is_some_and(|body| body.contains(AFTER) || body.contains(STILL)) {
            self.beside.push(self.beside_of(row));
        }
        self.links.push(Linked { since: row.since.unwrap_or(NO_TIME), from, to, relation, claim });
    }

    fn beside_of(&self, row: &ClaimRow<'_>) -> Beside {
        let LinkBody { attributes } = body(row.body);
        let says = |key: &str| attributes.get(key).is_some_and(|raw| raw.get() == "true");
        let time = |key: &str| {
            let text: Cow<'_, str> = serde_json::from_str::<Text<'_>>(attributes.get(key)?.get()).ok()?.0;
            Time::parse_stated(&text).ok().map(|(at, _)| at.micros())
        };
        let (since, until) = (row.since.unwrap_or(NO_TIME), row.until.unwrap_or(NO_TIME));
        // one that does not lie before says nothing
        let since_after = time("since.after").filter(|after| row.since.is_some() && *after < since);
        let until_after = time("until.after").filter(|after| *after < until).map(|after| after.max(since));
        Beside {
            link: self.links.len() as u32,
            until,
            since_after: since_after.unwrap_or(NO_TIME),
            until_after: until_after.filter(|after| *after < until).unwrap_or(NO_TIME),
            closes: says("closed"),
            still: says("still"),
        }
    }

    fn push_evidence(&mut self, row: &ClaimRow<'_>, claim: u32) {
        let said: SayingBody<'_> = body(row.body);
        let first = self.covers.len() as u32;
        for text in &said.covers {
            let text = self.texts.intern(text);
            self.covers.push(text);
        }
        let attested = Attested {
            at: row.since.unwrap_or(NO_TIME),
            expires: row.until.unwrap_or(NO_TIME),
            id: self.about(row.about),
            claim,
            kind: self.texts.intern(row.what),
            verdict: self.text(said.verdict.as_deref()),
            by: self.text(said.by.as_deref()),
            scope: self.text(said.scope.as_deref()),
            covers: (first, self.covers.len() as u32),
        };
        self.attested.push(attested);
    }

    fn push_absence(&mut self, row: &ClaimRow<'_>, claim: u32) {
        let said: SayingBody<'_> = body(row.body);
        let absent = Absent {
            id: self.about(row.about),
            claim,
            relation: self.texts.intern(row.what),
            why: self.text(said.why.as_deref()),
            by: self.text(said.by.as_deref()),
        };
        self.absent.push(absent);
    }

    /// Neighbouring rows mostly speak of the same artefact.
    fn about(&mut self, id: &str) -> u32 {
        if self.ids.len() == 0 || self.ids.get(self.last_about) != id {
            self.last_about = self.ids.intern(id);
        }
        self.last_about
    }

    fn text(&mut self, text: Option<&str>) -> u32 {
        text.map_or(0, |text| self.texts.intern(text))
    }

    /// Concludes the lineage: the bytes of the index file, the same for the same claims.
    ///
    /// # Errors
    /// When there is more than an index can address.
    pub fn finish(mut self, head: &IndexHead) -> Result<Vec<u8>, BuildError> {
        if self.too_many_claims {
            return Err(BuildError::TooLarge("claims"));
        }
        self.drop_retracted();
        let folded = self.fold();
        if self.ids.overflowed() || self.texts.overflowed() {
            return Err(BuildError::TooLarge("text"));
        }
        if self.ids.len() >= NO_IMPACT as usize {
            return Err(BuildError::TooLarge("artefacts"));
        }
        if self.links.len() >= u32::MAX as usize {
            return Err(BuildError::TooLarge("links"));
        }
        write::index(self, &folded, head)
    }
}

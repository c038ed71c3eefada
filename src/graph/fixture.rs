//! Small lineages for tests, written as claims. Only tests use it.

use crate::graph::{Builder, IndexHead, Lineage};
use crate::model::{ClaimRow, Time};

/// A claim row that owns its texts.
#[derive(Debug, Clone)]
pub(crate) struct Saying {
    pub(crate) id: u64,
    pub(crate) record: u64,
    kind: &'static str,
    about: String,
    target: Option<String>,
    what: String,
    since: Option<i64>,
    until: Option<i64>,
    body: Option<String>,
}

/// Claims, one record each unless told otherwise.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sayings {
    pub(crate) rows: Vec<Saying>,
}

/// A moment, from a text that is one.
pub(crate) fn at(text: &str) -> Time {
    Time::parse_stated(text).unwrap().0
}

fn micros(text: &str) -> Option<i64> {
    (!text.is_empty()).then(|| at(text).micros())
}

impl Sayings {
    pub(crate) fn say(
        &mut self,
        kind: &'static str,
        (about, what, target): (&str, &str, Option<&str>),
        (since, until): (&str, &str),
        body: Option<&str>,
    ) -> &mut Sayings {
        let id = self.rows.len() as u64 + 1;
        let (about, what) = (about.to_owned(), what.to_owned());
        let (since, until) = (micros(since), micros(until));
        let (target, body) = (target.map(str::to_owned), body.map(str::to_owned));
        self.rows.push(Saying { id, record: id, kind, about, target, what, since, until, body });
        self
    }

    pub(crate) fn artefact(&mut self, id: &str, body: &str) -> &mut Sayings {
        let kind = id.split(':').next().unwrap_or("").to_owned();
        self.say("artefact", (id, &kind, None), ("", ""), Some(body))
    }

    pub(crate) fn link(&mut self, from: &str, relation: &str, to: &str) -> &mut Sayings {
        self.dated(from, relation, to, "", "")
    }

    pub(crate) fn dated(&mut self, from: &str, relation: &str, to: &str, since: &str, until: &str) -> &mut Sayings {
        self.say("link", (from, relation, Some(to)), (since, until), None)
    }

    pub(crate) fn same(&mut self, a: &str, b: &str, why: &str) -> &mut Sayings {
        let body = serde_json::json!({ "why": why }).to_string();
        self.say("same-as", (a, "", Some(b)), ("", ""), Some(&body))
    }

    pub(crate) fn evidence(
        &mut self,
        about: &str,
        kind: &str,
        (at, expires): (&str, &str),
        body: &str,
    ) -> &mut Sayings {
        self.say("evidence", (about, kind, None), (at, expires), Some(body))
    }

    pub(crate) fn absence(&mut self, about: &str, relation: &str, why: &str) -> &mut Sayings {
        let body = serde_json::json!({ "why": why }).to_string();
        self.say("absence", (about, relation, None), ("", ""), Some(&body))
    }

    pub(crate) fn retract(&mut self, what: &str) -> &mut Sayings {
        self.say("retract", ("", "", Some(what)), ("2026-11-19", ""), None)
    }

    pub(crate) fn index(&self) -> Vec<u8> {
        let mut builder = Builder::new();
        for row in &self.rows {
            builder.push(&ClaimRow {
                id: row.id,
                record: row.record,
                at: 0,
                kind: row.kind,
                about: &row.about,
                target: row.target.as_deref(),
                what: &row.what,
                since: row.since,
                until: row.until,
                body: row.body.as_deref(),
            });
        }
        builder.finish(&head(self.rows.len() as u64)).unwrap()
    }

    pub(crate) fn lineage(&self) -> Lineage {
        Lineage::read(&self.index()).unwrap()
    }
}

/// The head of a made-up ledger.
pub(crate) fn head(records: u64) -> IndexHead {
    IndexHead { origin: "lastgood/0123456789abcdef".into(), records, root: [7; 32], claims: records }
}

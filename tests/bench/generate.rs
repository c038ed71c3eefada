//! Makes a believable lineage of any size: layers, hubs, recency. The same numbers give the same
//! lineage everywhere; it measures nothing.

use lastgood::model::ClaimRow;
use std::fmt::Write;

/// How large.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// How many artefacts.
    pub(crate) artefacts: u32,
    /// How many links each has to older ones (the first have fewer).
    pub(crate) links_each: u32,
    /// From where the numbers come.
    pub(crate) seed: u64,
}

/// One statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Saying<'a> {
    /// A described artefact.
    Artefact { id: &'a str, kind: &'a str, at: i64, owner: &'a str, environment: &'a str },
    /// A link.
    Link { from: &'a str, to: &'a str, relation: &'a str, since: i64 },
}

/// Kind, relation to what it depends on, name stem. An artefact's place in time decides its layer.
const LAYERS: [(&str, &str, &str); 10] = [
    ("dataset", "derived-from", "lake/transactions"),
    ("dataset", "derived-from", "vendor/label-feed"),
    ("feature-set", "derived-from", "features/cardholder"),
    ("code", "derived-from", "git/risk-platform"),
    ("run", "used", "train/gradient-boost"),
    ("run", "used", "nightly/evaluation"),
    ("model-version", "trained-on", "fraud-scorer"),
    ("model-version", "fine-tuned-from", "chargeback-ranker"),
    ("deployment", "deploys", "payments-prod"),
    ("use-case", "uses-tool", "refund-decision"),
];
const OWNERS: [&str; 8] = [
    "team:risk-ml",
    "team:payments",
    "team:data-platform",
    "team:kyc",
    "team:ledger",
    "team:agents",
    "team:sre",
    "team:fraud",
];
const ENVIRONMENTS: [&str; 4] = ["prod", "staging", "dev", "prod-eu"];
/// 2026-05-01T00:00:00Z, in seconds.
const START: i64 = 1_777_593_600;
const HALF_A_YEAR: i64 = 183 * 86_400;

/// xorshift64*: small, fast, and the same on every machine.
#[derive(Debug, Clone)]
pub(crate) struct Numbers(u64);

impl Numbers {
    /// Starts at a seed other than zero.
    pub(crate) fn new(seed: u64) -> Numbers {
        Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next number.
    pub(crate) fn draw(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u32) -> u32 {
        (((self.draw() >> 32) * u64::from(limit)) >> 32) as u32
    }
}

impl Shape {
    /// The id of an artefact.
    pub(crate) fn id(&self, number: u32, into: &mut String) {
        let (kind, _, stem) = LAYERS[(number % 10) as usize];
        into.clear();
        let _ = write!(into, "{kind}:{stem}-{:05}@{}", number / 200, number / 10 % 20 + 1);
    }

    /// When an artefact came to be, in seconds.
    pub(crate) fn at(&self, number: u32) -> i64 {
        START + i64::from(number) * HALF_A_YEAR / i64::from(self.artefacts.max(1))
    }

    /// What an artefact depends on: mostly what came shortly before, sometimes a hub, sometimes
    /// anything older.
    fn dependency(&self, number: u32, numbers: &mut Numbers) -> u32 {
        match numbers.below(100) {
            0..70 => number - 1 - numbers.below(number.min(4_000)),
            70..85 => {
                // hubs: few of them take most
                let hubs = number.min(2_000);
                let rank = numbers.below(hubs).min(numbers.below(hubs)).min(numbers.below(hubs));
                rank * (number / hubs)
            }
            _ => numbers.below(number),
        }
    }

    /// The links as (dependent, dependency), in the order of the dependents.
    pub(crate) fn each_link(&self, mut take: impl FnMut(u32, u32)) {
        let mut numbers = Numbers::new(self.seed);
        for from in 1..self.artefacts {
            for _ in 0..self.links_each.min(from) {
                let to = self.dependency(from, &mut numbers);
                take(from, to);
            }
        }
    }

    /// Everything, artefact by artefact with its links.
    pub(crate) fn each(&self, mut take: impl FnMut(Saying<'_>)) {
        let mut numbers = Numbers::new(self.seed);
        let (mut id, mut to) = (String::new(), String::new());
        for number in 0..self.artefacts {
            self.id(number, &mut id);
            let (kind, relation, _) = LAYERS[(number % 10) as usize];
            let at = self.at(number);
            let owner = OWNERS[(number / 10 % 8) as usize];
            let environment = ENVIRONMENTS[(number / 80 % 4) as usize];
            take(Saying::Artefact { id: &id, kind, at, owner, environment });
            for _ in 0..self.links_each.min(number) {
                let dependency = self.dependency(number, &mut numbers);
                self.id(dependency, &mut to);
                take(Saying::Link { from: &id, to: &to, relation, since: at });
            }
        }
    }
}

/// A statement as a line of the native format.
pub(crate) fn line(saying: &Saying<'_>, into: &mut String) {
    let time = |seconds: i64| lastgood::model::Time::from_seconds(seconds);
    let _ = match saying {
        Saying::Artefact { id, kind, at, owner, environment } => writeln!(
            into,
            r#"{{"type":"artefact","id":"{id}","kind":"{kind}","at":"{}","owner":"{owner}","environment":"{environment}"}}"#,
            time(*at)
        ),
        Saying::Link { from, to, relation, since } => writeln!(
            into,
            r#"{{"type":"link","from":"{from}","to":"{to}","relation":"{relation}","since":"{}"}}"#,
            time(*since)
        ),
    };
}

/// Feeds a statement as a claim row.
pub(crate) fn row(saying: &Saying<'_>, id: u64, take: &mut dyn FnMut(&ClaimRow<'_>)) {
    let body;
    let mut row = ClaimRow {
        id,
        record: id / 300 + 1,
        at: 0,
        kind: "link",
        about: "",
        target: None,
        what: "",
        since: None,
        until: None,
        body: None,
    };
    match saying {
        Saying::Artefact { id, kind, at, owner, environment } => {
            body = format!(r#"{{"owner":"{owner}","environment":"{environment}"}}"#);
            (row.kind, row.about, row.what) = ("artefact", id, kind);
            (row.since, row.body) = (Some(at * 1_000_000), Some(body.as_str()));
        }
        Saying::Link { from, to, relation, since } => {
            (row.about, row.target, row.what, row.since) = (from, Some(*to), relation, Some(since * 1_000_000));
        }
    }
    take(&row);
}

//! What a report is written from: the answers about one case or one artefact, each as its own question gives it,
//! and the records they cite. Plain data; it asks nothing and words nothing.

use crate::investigate::answer::{Answer, LedgerHead, Row};
use crate::investigate::rows::{
    Again, CaseRow, CaseSummary, ChainRow, ChainSummary, DiffRow, DiffSummary, GapRow, GapsSummary, ImpactRow,
    ImpactSummary, PlanRow, PlanSummary, Shown, TimelineRow, TimelineSummary, TreeRow,
};
use crate::model::{ArtefactId, Time};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a report is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// An investigation, by name.
    Case(String),
    /// One artefact.
    Artefact(ArtefactId),
}

impl About {
    /// Its name: the case's, or the artefact's id.
    pub fn name(&self) -> &str {
        match self {
            About::Case(name) | About::Artefact(name) => name,
        }
    }
}

/// The answer to one question, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Part<T> {
    /// Answered.
    Answered(T),
    /// There is no answer, and why.
    Unanswered {
        /// Why.
        unanswered: String,
    },
}

impl<T> Part<T> {
    /// The answer, where there is one.
    pub fn answer(&self) -> Option<&T> {
        match self {
            Part::Answered(answer) => Some(answer),
            Part::Unanswered { .. } => None,
        }
    }
}

/// Everything that a report says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dossier {
    /// What it is about.
    pub about: About,
    /// When it was asked.
    pub at: Time,
    /// The moment whose state it tells; the moment of asking when absent.
    pub as_of: Option<Time>,
    /// The moment whose knowledge it tells; all there is when absent.
    pub known_at: Option<Time>,
    /// What was said in the case.
    pub case: Option<Answer<CaseRow, CaseSummary>>,
    /// The case's saved answers asked again.
    pub again: Option<Part<Answer<Again>>>,
    /// What is told of one artefact after the other.
    pub subjects: Vec<Subject>,
    /// Artefacts that the case names and that have no part of their own here.
    pub left_out: Vec<ArtefactId>,
    /// What is taken for bad: impact and plan start there.
    pub bad: Vec<ArtefactId>,
    /// What depends on it.
    pub impact: Option<Part<Answer<ImpactRow, ImpactSummary>>>,
    /// The way back.
    pub plan: Option<Part<Answer<PlanRow, PlanSummary>>>,
    /// The records behind all this.
    pub custody: Custody,
}

/// What is told of one artefact.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Subject {
    /// It and everything stated of it.
    pub shown: Answer<Row, Shown>,
    /// What it is made of, as far as a picture holds it.
    pub tree: Part<Answer<TreeRow>>,
    /// The evidence it rests on.
    pub chain: Part<Answer<ChainRow, ChainSummary>>,
    /// What differs from its last known good.
    pub diff: Part<Answer<DiffRow, DiffSummary>>,
    /// What the policy asks for and nobody holds.
    pub gaps: Part<Answer<GapRow, GapsSummary>>,
    /// What happened around it.
    pub timeline: Part<Answer<TimelineRow, TimelineSummary>>,
}

impl Subject {
    /// The artefact's id.
    pub fn id(&self) -> &str {
        self.shown.rows.first().map_or("", |row| row.id.as_str())
    }
}

/// Where what is told comes from, and how it can be checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Custody {
    /// The ledger that was asked.
    pub ledger: LedgerHead,
    /// The log's name for itself.
    pub origin: String,
    /// The key that its checkpoints verify with, where this machine has it.
    pub verifier: Option<String>,
    /// The newest signed checkpoint, word for word.
    pub checkpoint: String,
    /// The records that are cited, in the log's order; the first of them where there are very many.
    pub records: Vec<CustodyRow>,
    /// How many are cited in all.
    pub cited: u64,
}

/// One record that is cited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CustodyRow {
    /// Its number in the log.
    pub record: u64,
    /// Who or what it came from.
    pub source: String,
    /// The file it was in.
    pub file: String,
    /// Line of its first byte in that file.
    pub line: u64,
    /// The format it was read as.
    pub format: String,
    /// When it was received.
    pub received_at: Time,
    /// The earliest moment its source states for it.
    pub observed_at: Option<Time>,
    /// SHA-256 of its content, in hex; absent once that was erased.
    pub sha256: Option<String>,
    /// The leaf of the log, in hex.
    pub leaf: String,
    /// How often it is cited here.
    pub cited: u64,
}

/// The records that claims are cited from, each with how often.
#[derive(Debug, Default)]
pub struct Cited(BTreeMap<u64, u64>);

impl Cited {
    /// The records, in the log's order, each with how often it is cited.
    pub fn records(&self) -> impl ExactSizeIterator<Item = (u64, u64)> {
        self.0.iter().map(|(record, often)| (*record, *often))
    }

    fn claim(&mut self, claim: &str) {
        if let Some(record) = claim.split('.').next().and_then(|record| record.parse().ok()) {
            *self.0.entry(record).or_default() += 1;
        }
    }

    fn each<'a>(&mut self, claims: impl IntoIterator<Item = &'a String>) {
        claims.into_iter().for_each(|claim| self.claim(claim));
    }
}

impl Dossier {
    /// The records that its rows cite.
    pub fn cited(&self) -> Cited {
        let mut cited = Cited::default();
        self.case.iter().for_each(|it| cited.each(it.rows.iter().map(|row| &row.claim)));
        if let Some(Part::Answered(again)) = &self.again {
            cited.each(again.rows.iter().map(|row| &row.claim));
        }
        if let Some(Part::Answered(impact)) = &self.impact {
            cited.each(impact.rows.iter().filter_map(|row| row.claim.as_ref()));
        }
        if let Some(Part::Answered(plan)) = &self.plan {
            for row in &plan.rows {
                let checks = row.checks.iter().filter_map(|it| it.claim.as_ref());
                let reasons = row.reasons.iter().filter_map(|it| it.claim.as_ref());
                cited.each(row.claim.iter().chain(checks).chain(reasons));
            }
            cited.each(plan.summary.rotate.iter().filter_map(|it| it.claim.as_ref()));
        }
        self.subjects.iter().for_each(|it| it.cite(&mut cited));
        cited
    }
}

impl Subject {
    fn cite(&self, cited: &mut Cited) {
        let it = &self.shown.summary;
        cited.each(&it.claims);
        cited.each(it.evidence.iter().map(|row| &row.claim));
        cited.each(it.absences.iter().map(|row| &row.claim));
        cited.each(it.marks.iter().map(|row| &row.claim));
        cited.each(it.upstream.iter().map(|row| &row.claim));
        if let Part::Answered(tree) = &self.tree {
            cited.each(tree.rows.iter().filter_map(|row| row.claim.as_ref()));
        }
        if let Part::Answered(chain) = &self.chain {
            cited.each(chain.rows.iter().filter_map(|row| row.claim.as_ref()));
        }
        if let Part::Answered(diff) = &self.diff {
            cited.each(diff.rows.iter().filter_map(|row| row.claim.as_ref()));
        }
        if let Part::Answered(gaps) = &self.gaps {
            cited.each(gaps.rows.iter().filter_map(|row| row.claim.as_ref()));
        }
        if let Part::Answered(timeline) = &self.timeline {
            cited.each(timeline.rows.iter().filter_map(|row| row.claim.as_ref()));
        }
    }
}

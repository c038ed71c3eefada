//! Everything about a case or an artefact, gathered for a report by the questions that people ask, and the
//! records that it cites. It answers nothing itself and writes nothing.

use crate::engine::{EngineError, View, keyring};
use crate::investigate::answer::{Answer, Row};
use crate::investigate::question::{Chain, Diff, Direction, Gaps, Impact, Plan, Show, Timeline, Tree};
use crate::investigate::rows::{About, CaseRow, CaseSummary, Custody, CustodyRow, Dossier, Part, Subject};
use crate::investigate::said::Trust;
use crate::model::{Kind, MarkKind, Relation, Window};
use crate::proof::digest::sha256;
use std::sync::atomic::AtomicBool;

/// Artefacts of a case that get a part of their own; the others are named.
const SUBJECTS: usize = 4;
/// Rows of each list; what is beyond is counted.
const ROWS: usize = 500;
/// Levels and rows of what a picture shows.
const LEVELS: u32 = 3;
const PICTURED: usize = 60;
/// Records listed with their digests; what is beyond is counted.
const RECORDS: usize = 500;

impl View<'_> {
    /// All that there is to report of a case or an artefact. A question that has no answer says why in its place.
    ///
    /// # Errors
    /// When there is no such case or artefact, the ledger cannot be read, or it was cancelled.
    pub fn dossier(&self, about: &About, cancel: Option<&AtomicBool>) -> Result<Dossier, EngineError> {
        let case = match about {
            About::Case(name) => Some(self.case(name, self.engine.used_case().as_deref())?),
            About::Artefact(_) => None,
        };
        let again = match about {
            About::Case(name) => Some(part(self.again(Some(name), None, cancel))?),
            About::Artefact(_) => None,
        };
        let bad = match (&case, about) {
            (Some(case), _) => self.bad_in(case),
            (None, About::Artefact(id)) => vec![id.clone()],
            (None, About::Case(_)) => Vec::new(),
        };
        let plan = match self.is_planned(about, &bad)? {
            true => {
                let question = Plan { of: bad.clone(), window: Window::default(), limit: ROWS };
                let case = case.as_ref().map(|it| it.summary.name.as_str());
                Some(part(self.plan(&question, case, cancel))?)
            }
            false => None,
        };
        let impact = match bad.is_empty() {
            true => None,
            false => {
                let question = Impact { of: bad.clone(), window: Window::default(), kinds: Vec::new(), limit: ROWS };
                Some(part(self.impact(&question, cancel))?)
            }
        };
        let exposed = plan.as_ref().and_then(Part::answer).into_iter().flat_map(|plan| &plan.rows);
        let exposed: Vec<String> = exposed.filter(|row| row.certain).map(|row| row.deployment.clone()).collect();
        let (told, left_out) = self.subjects(case.as_ref(), &bad, &exposed);
        let subjects = told.iter().map(|id| self.subject(id, cancel)).collect::<Result<_, _>>()?;
        let mut dossier = Dossier {
            about: about.clone(),
            at: self.engine.clock().now(),
            as_of: self.scope.as_of,
            known_at: self.scope.known_at,
            case,
            again,
            subjects,
            left_out,
            bad,
            impact,
            plan,
            custody: self.custody()?,
        };
        self.cite(&mut dossier)?;
        Ok(dossier)
    }

    /// What is marked bad in a case and is bad still, as the ledger has it.
    fn bad_in(&self, case: &Answer<CaseRow, CaseSummary>) -> Vec<String> {
        let mut bad: Vec<String> = Vec::new();
        let marks = case.rows.iter().filter(|row| row.what == "mark").filter_map(|row| row.about.as_ref());
        for id in marks {
            let known = self.lineage().node(id).map(|node| self.lineage().id(node).to_owned());
            let Some(id) = known.filter(|id| !bad.contains(id)) else { continue };
            let shown = self.show(&Show { id: id.clone() });
            if shown.is_ok_and(|it| it.rows.iter().any(is_bad)) {
                bad.push(id);
            }
        }
        bad
    }

    /// Whether a way back is to be told: of a case always where something is bad, of an artefact where it is
    /// marked or exposed itself.
    fn is_planned(&self, about: &About, bad: &[String]) -> Result<bool, EngineError> {
        match about {
            About::Case(_) => Ok(!bad.is_empty()),
            About::Artefact(id) => {
                let shown = self.show(&Show { id: id.clone() })?;
                Ok(shown.rows.iter().any(|row| row.derived.is_some() || is_bad(row)))
            }
        }
    }

    /// The artefacts that are told one by one, and those that are only named: what misbehaves first, then what is
    /// bad, then what else the case speaks of.
    fn subjects(
        &self,
        case: Option<&Answer<CaseRow, CaseSummary>>,
        bad: &[String],
        exposed: &[String],
    ) -> (Vec<String>, Vec<String>) {
        let Some(case) = case else { return (bad.to_vec(), Vec::new()) };
        let lineage = self.lineage();
        let counts = |row: &&CaseRow| row.trust > Trust::File && row.retracted.is_none();
        let named = case.rows.iter().filter(counts).filter_map(|row| row.about.as_ref());
        let named: Vec<String> =
            named.filter_map(|id| lineage.node(id)).map(|node| lineage.id(node).to_owned()).collect();
        let fails = |id: &&String| {
            lineage.node(id).is_some_and(|node| {
                let kind = Kind::parse(lineage.kind(node));
                kind.is_consequence() || kind == Kind::Agent
            })
        };
        let failing: Vec<&String> = named.iter().filter(fails).collect();
        let failing = if failing.is_empty() { exposed.iter().take(2).collect() } else { failing };
        let mut all: Vec<String> = Vec::new();
        for id in failing.into_iter().chain(bad).chain(&named) {
            if !all.contains(id) {
                all.push(id.clone());
            }
        }
        let left_out = all.split_off(all.len().min(SUBJECTS));
        (all, left_out)
    }

    fn subject(&self, id: &str, cancel: Option<&AtomicBool>) -> Result<Subject, EngineError> {
        let id = id.to_owned();
        let made_of = self.lineage().relations().filter(|it| Relation::parse(it).carries_impact());
        let tree = Tree {
            id: id.clone(),
            direction: Direction::Up,
            depth: LEVELS,
            relations: made_of.map(str::to_owned).collect(),
            kinds: Vec::new(),
            // what it is made of then, not what it was made of before
            window: Window::at(self.scope.as_of.unwrap_or_else(|| self.engine.clock().now())),
            limit: PICTURED,
        };
        let timeline = Timeline { id: id.clone(), depth: 1, window: Window::default(), limit: ROWS };
        Ok(Subject {
            shown: self.show(&Show { id: id.clone() })?,
            tree: part(self.tree(&tree))?,
            chain: part(self.chain(&Chain { id: id.clone(), limit: ROWS }, cancel))?,
            diff: part(self.diff(&Diff { old: None, new: id.clone(), all: false, limit: ROWS }, cancel))?,
            gaps: part(self.gaps(&Gaps { of: Some(id), limit: ROWS }, cancel))?,
            timeline: part(self.timeline(&timeline, cancel))?,
        })
    }

    /// The ledger's own facts; what is cited is filled in once everything is asked.
    fn custody(&self) -> Result<Custody, EngineError> {
        let engine = self.engine;
        let origin = engine.reader().origin().to_owned();
        Ok(Custody {
            ledger: self.head().clone(),
            verifier: keyring::signing(&engine.home, &origin)?.map(|key| key.verifier().to_string()),
            origin,
            checkpoint: engine.checkpoint()?,
            records: Vec::new(),
            cited: 0,
        })
    }

    fn cite(&self, dossier: &mut Dossier) -> Result<(), EngineError> {
        let cited = dossier.cited();
        dossier.custody.cited = cited.records().len() as u64;
        for (number, often) in cited.records().take(RECORDS) {
            let Some(record) = self.engine.reader().record(number)? else { continue };
            dossier.custody.records.push(CustodyRow {
                record: number,
                leaf: hex::encode(record.leaf()),
                sha256: record.content.as_deref().map(|content| hex::encode(sha256(content))),
                source: record.source,
                file: record.file,
                line: record.line,
                format: record.format,
                received_at: record.received_at,
                observed_at: record.observed_at,
                cited: often,
            });
        }
        Ok(())
    }
}

/// Whether it is marked bad, as the marks stand.
fn is_bad(row: &Row) -> bool {
    row.marks.iter().any(|mark| matches!(mark, MarkKind::Compromised | MarkKind::Suspect))
}

/// An answer, or why there is none; what keeps everything from being answered goes on up.
fn part<T>(asked: Result<T, EngineError>) -> Result<Part<T>, EngineError> {
    match asked {
        Ok(answer) => Ok(Part::Answered(answer)),
        Err(error @ (EngineError::Unanswered(_) | EngineError::Senseless(_) | EngineError::NoSuch { .. })) => {
            Ok(Part::Unanswered { unanswered: error.to_string() })
        }
        Err(error) => Err(error),
    }
}

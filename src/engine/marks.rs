//! An investigator's statements: written as native lines, recorded in the same log as everything
//! else, taken back by another statement. It deletes nothing.

use crate::engine::{Engine, EngineError, RecordOf, Scope};
use crate::import::{native, redact};
use crate::investigate::case::CaseBook;
use crate::investigate::question::Marks;
use crate::investigate::said::{INVESTIGATOR, SIGNED, Trust, is_investigator};
use crate::model::{Mark, MarkKind, Retract, SameAs, Statement, Time, Window};
use std::collections::HashSet;

/// A mark to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkRequest {
    /// The artefact's id.
    pub about: String,
    /// What is said of it.
    pub mark: MarkKind,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub by: String,
    /// The window it speaks of.
    pub window: Window,
    /// The investigation it belongs to.
    pub case: Option<String>,
}

/// That two artefacts are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SameRequest {
    /// The id of one.
    pub a: String,
    /// The id of the other.
    pub b: String,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub by: String,
}

/// Marks to take back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmarkRequest {
    /// An artefact's id, or the claim of one mark, note, saved answer or exception, or that two are one.
    pub of: String,
    /// Only this mark.
    pub mark: Option<MarkKind>,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
}

/// What taking marks back did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmarked {
    /// The claims that were taken back.
    pub taken: Vec<String>,
    /// The first claim that says so.
    pub written: String,
}

/// Marks that go into one record; their lines are far shorter together than a record may be.
const MARKS_AT_ONCE: usize = 50;

impl Engine {
    /// How many marks the records make, whatever came of them.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn marks_told(&self) -> Result<u64, EngineError> {
        let said = self.reader().marks()?;
        Ok(said.iter().filter(|(_, _, it)| matches!(it, Statement::Mark(_))).count() as u64)
    }

    /// Makes a mark. The result is its claim.
    ///
    /// # Errors
    /// When its case is closed, or the ledger cannot be written.
    pub fn mark(&self, request: MarkRequest) -> Result<String, EngineError> {
        let MarkRequest { about, mark, reason, by, window, case } = request;
        self.must_be_open(case.as_deref())?;
        let (since, until) = (window.since, window.until);
        let said = Mark { about, mark, by, at: self.clock().now(), since, until, reason, case, signature: None };
        self.state(|at| vec![Statement::Mark(Mark { at, ..said.clone() })])
    }

    /// Makes several marks at once, in few records; the results are their claims. All that were written stay
    /// written when a later part fails, and the error says how many those are.
    ///
    /// # Errors
    /// When a case is closed, or the ledger cannot be written.
    pub fn mark_all(&self, requests: Vec<MarkRequest>) -> Result<Vec<String>, EngineError> {
        let (mut claims, many) = (Vec::new(), requests.len());
        for case in requests.iter().map(|it| it.case.as_deref()).collect::<HashSet<_>>() {
            self.must_be_open(case)?;
        }
        for part in requests.chunks(MARKS_AT_ONCE) {
            let said = |at: Time| -> Vec<Statement> {
                let mark = |it: &MarkRequest| {
                    let MarkRequest { about, mark, reason, by, window, case } = it.clone();
                    let (since, until) = (window.since, window.until);
                    Statement::Mark(Mark { about, mark, by, at, since, until, reason, case, signature: None })
                };
                part.iter().map(mark).collect()
            };
            let first = self.state(said).map_err(|error| match claims.len() {
                0 => error,
                done => EngineError::Case(format!("{done} of {many} marks were written, then: {error}")),
            })?;
            let record = first.split_once('.').map_or("", |it| it.0);
            claims.extend((1..=part.len()).map(|ordinal| format!("{record}.{ordinal}")));
        }
        Ok(claims)
    }

    /// Says that two artefacts are one, which folds them. The result is the claim that says so.
    ///
    /// # Errors
    /// When they are one already, no reason is given, or the ledger cannot be written.
    pub fn same(&self, request: &SameRequest) -> Result<String, EngineError> {
        let SameRequest { a, b, reason, by } = request;
        let view = self.view(&Scope::default())?;
        let lineage = view.lineage();
        if lineage.node(a) == lineage.node(b) {
            return Err(EngineError::Senseless(format!("{a} and {b} are one already")));
        }
        if reason.trim().is_empty() {
            return Err(EngineError::Senseless("that two are one needs a reason".to_owned()));
        }
        // The moment makes it another statement than one that was taken back.
        self.state(|at| {
            let why = format!("{by} says so, {at}: {reason}");
            vec![Statement::SameAs(SameAs { a: a.clone(), b: b.clone(), why })]
        })
    }

    /// The claim of somebody here that two artefacts are one, if it is that.
    fn same_of(&self, claim: &str) -> Result<Option<String>, EngineError> {
        let Some(RecordOf { record, ordinal: Some(ordinal) }) = RecordOf::parse(claim) else { return Ok(None) };
        let ledger = self.reader();
        let own = ledger.source_of(record)?.as_deref().is_some_and(is_investigator);
        let is_same = ledger.claim_type(record, ordinal)?.is_some_and(|kind| kind == "same-as");
        Ok((own && is_same).then(|| claim.to_owned()))
    }

    /// Takes marks back, or one note; the result names the claims that were, and the first claim that
    /// says so.
    ///
    /// # Errors
    /// When a case it was said in is closed, or the ledger cannot be read or written.
    pub fn unmark(&self, request: &UnmarkRequest) -> Result<Unmarked, EngineError> {
        let view = self.view(&Scope::default())?;
        let rows = view.marks(&Marks { mark: request.mark, ..Marks::default() })?.rows;
        // A mark may name an id that was folded into another since.
        let lineage = view.lineage();
        let asked = lineage.node(&request.of);
        let same = |about: &str| about == request.of || (asked.is_some() && lineage.node(about) == asked);
        let fits = |row: &crate::investigate::rows::MarkRow| {
            row.claim == request.of || row.also.contains(&request.of) || same(&row.about)
        };
        let rows: Vec<_> = rows.into_iter().filter(fits).collect();
        if let Some(row) = rows.iter().find(|row| row.proof.starts_with(SIGNED) && self.signing().is_none()) {
            let (claim, proof) = (&row.claim, &row.proof);
            return Err(EngineError::Case(format!("mark {claim} is {proof}: only a signed word takes it back")));
        }
        // what is taken back in a case is said in it
        for row in &rows {
            self.must_not_be_closed(row.case.as_deref().filter(|_| row.trust > Trust::File))?;
        }
        let mut taken: Vec<(String, Option<String>)> =
            rows.into_iter().map(|row| (row.claim, Some(row.digest))).collect();
        if taken.is_empty() && request.mark.is_none() {
            let other = match self.note_of(&request.of)? {
                None => self.exception_of(&request.of)?,
                note => note,
            };
            taken.extend(other.map(|(claim, digest)| (claim, Some(digest))));
            if taken.is_empty() {
                taken.extend(self.same_of(&request.of)?.map(|claim| (claim, None)));
            }
        }
        if taken.is_empty() {
            return Ok(Unmarked { taken: Vec::new(), written: String::new() });
        }
        let retract = |(what, of): &(String, Option<String>), at: Time| {
            let (by, reason) = (request.by.clone(), request.reason.clone());
            Statement::Retract(Retract { what: what.clone(), of: of.clone(), by, at, reason, signature: None })
        };
        let written = self.state(|at| taken.iter().map(|it| retract(it, at)).collect())?;
        Ok(Unmarked { taken: taken.into_iter().map(|(claim, _)| claim).collect(), written })
    }

    /// The marks, notes and retractions of a record, each in a few words.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn said_in(&self, record: u64) -> Result<Vec<String>, EngineError> {
        let sayings = self.sayings(None)?;
        let own =
            sayings.iter().filter(|it| it.name.text.split_once('.').is_some_and(|(of, _)| of == record.to_string()));
        let words = own.map(|it| match &it.statement {
            Statement::Mark(mark) => format!("{}: {} is {}", it.name.text, mark.about, mark.mark.as_str()),
            Statement::Retract(retract) => format!("{}: {} is taken back", it.name.text, retract.what),
            other => format!("{}: a {}", it.name.text, other.word()),
        });
        Ok(words.collect())
    }

    /// The note of a claim that was not taken back, with its digest.
    fn note_of(&self, claim: &str) -> Result<Option<(String, String)>, EngineError> {
        let sayings = self.sayings(None)?;
        let book = CaseBook::of(&sayings);
        let digest = book.standing_note(claim).map(str::to_owned);
        self.must_not_be_closed(book.case_of_claim(claim).filter(|_| digest.is_some()))?;
        Ok(digest.map(|digest| (claim.to_owned(), digest)))
    }

    /// Appends statements through the native importer, as if they had come in a file. The result is
    /// the first one's claim.
    ///
    /// Each is said at a moment of its own, so that which came later is the same in every ledger: where the
    /// clock stands still (the demo's does), a microsecond later.
    pub(super) fn state(&self, make: impl Fn(Time) -> Vec<Statement>) -> Result<String, EngineError> {
        let mut at = self.clock().now();
        if self.clock().stands_still() {
            let said = self.reader().sayings()?;
            let moments: HashSet<Time> = said.iter().filter_map(|(_, _, it)| it.said_at()).collect();
            while moments.contains(&at) {
                at = at.just_after();
            }
        }
        loop {
            let Some(lines) = self.lines(make(at))? else {
                at = at.just_after();
                continue;
            };
            let report = self.ingest_bytes(Some(INVESTIGATOR), vec![("marks".to_owned(), lines.into_bytes())])?;
            match report.quarantined.first() {
                Some(bad) => return Err(EngineError::NoSuch { what: format!("way to record that: {}", bad.why) }),
                None if report.records > 0 => return Ok(format!("{}.1", report.last_record)),
                None => at = at.just_after(),
            }
        }
    }

    /// Statements as lines, signed where that is asked for. What a signature is over must be what will be
    /// kept, so secrets are replaced first; nothing is given where the signature itself looks like one.
    fn lines(&self, statements: Vec<Statement>) -> Result<Option<String>, EngineError> {
        let pepper = self.pepper()?;
        let mut lines = String::new();
        for mut statement in statements {
            // only what an investigator says has a place for a signature
            if let Some(signing) = self.signing().filter(|_| statement.said_at().is_some()) {
                let kept = redact(native::write(&statement).as_bytes(), &pepper).bytes.into_owned();
                let kept = String::from_utf8_lossy(&kept);
                let unreadable = |why| EngineError::NoSuch { what: format!("way to record that: {why}") };
                statement = signing.sign(native::read_line(&kept).map_err(unreadable)?)?;
                let line = native::write(&statement);
                if redact(line.as_bytes(), &pepper).bytes != line.as_bytes() {
                    return Ok(None);
                }
            }
            lines += &native::write(&statement);
            lines.push('\n');
        }
        Ok(Some(lines))
    }
}

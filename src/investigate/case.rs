//! Cases: what was said and done in each, in order. It makes no statement and asks no saved question again.

use crate::investigate::again::SavedAnswer;
use crate::investigate::rows::{CaseRow, CaseSummary};
use crate::investigate::said::{Proof, Said, Saying, Trust, apart, once};
use crate::model::{EXCEPTION, Evidence, Note, Retract, Statement, Time};
use std::collections::{BTreeMap, HashMap};

/// The kind of note that opens a case; its text is the title.
pub const OPENED: &str = "case-opened";
/// The kind of note that closes one; its text is the reason.
pub const CLOSED: &str = "case-closed";
/// The kind of note that a saved answer is; its text is the title.
pub const ANSWER: &str = "answer";

/// Who says what nobody says.
static NOBODY: String = String::new();

/// The longest name of a case, in bytes.
pub const LONGEST_NAME: usize = 100;

/// Whether a text can name a case; what is wrong with it, where it cannot.
///
/// # Errors
/// When it is blank, too long, begins or ends with a blank, or holds a control character.
pub fn check_name(name: &str) -> Result<(), String> {
    match name {
        name if name.trim().is_empty() => Err("a case needs a name".to_owned()),
        name if name.len() > LONGEST_NAME => {
            Err(format!("a case's name has at most {LONGEST_NAME} bytes; this one has {}", name.len()))
        }
        name if name.trim() != name => Err(format!("a case's name neither begins nor ends with a blank: \"{name}\"")),
        name if name.chars().any(char::is_control) => Err("a case's name holds no control characters".to_owned()),
        _ => Ok(()),
    }
}

/// All that was said, by case.
pub struct CaseBook<'a> {
    said: Vec<Said<'a>>,
    /// The case of each.
    cases: Vec<Option<&'a str>>,
    by_digest: HashMap<&'a str, usize>,
    by_claim: HashMap<&'a str, usize>,
}

impl<'a> CaseBook<'a> {
    /// Orders what was said. A retraction belongs to the case of what it takes back.
    pub fn of(sayings: &'a [Saying]) -> CaseBook<'a> {
        let said = once(sayings);
        let (mut by_digest, mut by_claim) = (HashMap::new(), HashMap::new());
        for (at, it) in said.iter().enumerate() {
            for saying in std::iter::once(&it.first).chain(&it.also) {
                by_digest.insert(saying.digest.as_str(), at);
                by_claim.insert(saying.name.text.as_str(), at);
            }
        }
        let mut book = CaseBook { said, cases: Vec::new(), by_digest, by_claim };
        book.cases = (0..book.said.len()).map(|at| book.case_of(at)).collect();
        book
    }

    /// What a retraction takes back.
    fn target(&self, retract: &Retract) -> Option<usize> {
        match &retract.of {
            Some(of) => self.by_digest.get(of.as_str()).copied(),
            None => self.by_claim.get(retract.what.as_str()).copied(),
        }
    }

    /// The digest of what a retraction takes back.
    pub fn target_digest(&self, retract: &Retract) -> Option<&'a str> {
        Some(self.said.get(self.target(retract)?)?.first.digest.as_str())
    }

    fn case_of(&self, mut at: usize) -> Option<&'a str> {
        // a retraction may take back a retraction; as many steps as there are statements end any circle
        for _ in 0..=self.said.len() {
            match &self.said.get(at)?.first.statement {
                Statement::Retract(it) => at = self.target(it)?,
                other => return other.case(),
            }
        }
        None
    }

    /// What was said in a case, oldest first.
    pub fn in_case<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'b Said<'a>> {
        let said = self.said.iter().zip(&self.cases);
        said.filter(move |(_, case)| **case == Some(name)).map(|(it, _)| it)
    }

    /// What investigators said in a case, oldest first, and how much else names it.
    pub fn of_investigators<'b>(&'b self, name: &'b str) -> (Vec<&'b Said<'a>>, u64) {
        let (said, others): (Vec<_>, Vec<_>) = self.in_case(name).partition(|it| it.trust > Trust::File);
        (said, others.len() as u64)
    }

    /// The saved answers of a case that were not taken back, oldest first. What a file passes off as one is
    /// none.
    pub fn answers(&self, name: &str) -> Vec<(&'a Saying, SavedAnswer)> {
        let saved = self.in_case(name).filter(|it| it.retracted.is_none() && counts(it));
        saved.filter_map(|it| Some((it.first, SavedAnswer::of(note(&it.first.statement)?)?))).collect()
    }

    /// The saved answer of a claim.
    pub fn answer(&self, claim: &str) -> Option<(&'a Saying, SavedAnswer)> {
        let said = self.said.get(*self.by_claim.get(claim)?).filter(|it| counts(it))?;
        Some((said.first, SavedAnswer::of(note(&said.first.statement)?)?))
    }

    /// The digest of the note of a claim, where it was not taken back.
    pub fn standing_note(&self, claim: &str) -> Option<&'a str> {
        let said = self.said.get(*self.by_claim.get(claim)?)?;
        note(&said.first.statement).filter(|_| said.retracted.is_none())?;
        Some(said.first.digest.as_str())
    }

    /// The case that a claim was said in.
    pub fn case_of_claim(&self, claim: &str) -> Option<&'a str> {
        *self.cases.get(*self.by_claim.get(claim)?)?
    }

    /// Every case, the one something was last said in first.
    pub fn list(&self) -> Vec<CaseSummary> {
        let mut all: BTreeMap<&str, CaseSummary> = BTreeMap::new();
        for (it, case) in self.said.iter().zip(&self.cases) {
            if let Some(name) = case {
                let new =
                    || CaseSummary { name: (*name).to_owned(), state: "open".to_owned(), ..CaseSummary::default() };
                count(all.entry(name).or_insert_with(new), it);
            }
        }
        let mut list: Vec<CaseSummary> = all.into_values().collect();
        list.sort_by(|a, b| b.last.cmp(&a.last).then_with(|| a.name.cmp(&b.name)));
        list
    }

    /// One case, if anything was said in it.
    pub fn summary(&self, name: &str) -> Option<CaseSummary> {
        let mut summary = CaseSummary { name: name.to_owned(), state: "open".to_owned(), ..CaseSummary::default() };
        let mut any = false;
        for it in self.in_case(name) {
            any = true;
            count(&mut summary, it);
        }
        any.then_some(summary)
    }

    /// What was said and done in a case, oldest first.
    pub fn rows(&self, name: &str) -> Vec<CaseRow> {
        self.in_case(name).map(|it| self.row(it)).collect()
    }

    fn row(&self, it: &Said<'_>) -> CaseRow {
        let (what, about, says, by) = match &it.first.statement {
            Statement::Mark(mark) => {
                let window = window(mark.since, mark.until);
                let says = format!("{}{window}: {}", mark.mark.as_str(), mark.reason);
                ("mark", Some(mark.about.clone()), says, &mark.by)
            }
            Statement::Retract(retract) => {
                let target = self.target(retract).and_then(|at| self.said.get(at)).map(|it| &it.first.statement);
                let about = target.and_then(|it| it.about().map(str::to_owned));
                let target = target.map_or("a statement", taken);
                if it.void {
                    let says = format!("would take back {target}, and does not: {}", retract.reason);
                    ("no effect", about, says, &retract.by)
                } else {
                    ("retracted", about, format!("took back {target}: {}", retract.reason), &retract.by)
                }
            }
            Statement::Note(note) => (kind_of(note), note.about.clone(), note_says(note), &note.by),
            Statement::Evidence(it) if it.kind == EXCEPTION => {
                (EXCEPTION, Some(it.about.clone()), exception_says(it), it.by.as_ref().unwrap_or(&NOBODY))
            }
            other => (other.word(), None, String::new(), &NOBODY),
        };
        let at = it.first.statement.said_at().unwrap_or(Time::from_seconds(0));
        CaseRow {
            at,
            received: it.received,
            remark: apart(at, it.received),
            what: what.to_owned(),
            about,
            says,
            by: by.clone(),
            source: it.source.to_owned(),
            trust: it.trust,
            proof: it.proof.says(by),
            retracted: it.retracted.as_ref().map(ToString::to_string),
            claim: it.first.name.text.clone(),
        }
    }
}

/// Whether a statement makes a case what it is: a file's does not, nor one whose signature does not verify.
fn counts(it: &Said<'_>) -> bool {
    it.trust > Trust::File && !matches!(it.proof, Proof::Refused { .. })
}

fn note(statement: &Statement) -> Option<&Note> {
    match statement {
        Statement::Note(note) => Some(note),
        _ => None,
    }
}

fn kind_of(note: &Note) -> &'static str {
    match note.what.as_deref() {
        Some(OPENED) => "opened",
        Some(CLOSED) => "closed",
        Some(ANSWER) => "answer",
        _ => "note",
    }
}

fn note_says(note: &Note) -> String {
    match SavedAnswer::of(note) {
        Some(saved) => format!("{}: {} found, at {} records", note.text, saved.says(), saved.records),
        None => note.text.clone(),
    }
}

fn exception_says(it: &Evidence) -> String {
    let text = |key: &str| it.attributes.get(key).and_then(|value| value.as_str()).unwrap_or("nobody");
    let until = it.expires.map_or_else(String::new, |until| format!(" until {}", until.short()));
    let requirement = it.scope.as_deref().unwrap_or("a finding");
    format!("accepts {requirement}{until}, {} answers for it: {}", text("owner"), text("reason"))
}

fn taken(statement: &Statement) -> &'static str {
    match statement {
        Statement::Mark(mark) => mark.mark.as_str(),
        Statement::Retract(_) => "a retraction",
        Statement::Evidence(it) if it.kind == EXCEPTION => "an exception",
        Statement::Note(note) => match kind_of(note) {
            "answer" => "a saved answer",
            "opened" => "the opening",
            "closed" => "the closing",
            _ => "a note",
        },
        _ => "a statement",
    }
}

fn window(since: Option<Time>, until: Option<Time>) -> String {
    let since = since.map_or_else(String::new, |since| format!(" since {}", since.short()));
    since + &until.map_or_else(String::new, |until| format!(" until {}", until.short()))
}

/// Adds a statement to its case. Statements come oldest first, so the last word on open or closed stands.
fn count(summary: &mut CaseSummary, it: &Said<'_>) {
    if it.trust == Trust::File {
        summary.of_files += 1;
        return;
    }
    let at = Some(it.when.0);
    summary.last = summary.last.max(at);
    if it.retracted.is_some() || !counts(it) {
        return;
    }
    match &it.first.statement {
        Statement::Mark(_) => summary.marks += 1,
        Statement::Note(note) => match kind_of(note) {
            "opened" => {
                "open".clone_into(&mut summary.state);
                summary.opened = summary.opened.or(at);
                summary.by.get_or_insert_with(|| note.by.clone());
                if note.text != summary.name {
                    summary.title = Some(note.text.clone());
                }
            }
            "closed" => "closed".clone_into(&mut summary.state),
            "answer" => summary.answers += 1,
            _ => summary.notes += 1,
        },
        Statement::Evidence(_) => summary.exceptions += 1,
        _ => {}
    }
}

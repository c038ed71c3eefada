//! What a case shows: its statements in order, and its saved answers asked again. It gathers nothing.

use crate::investigate::said::Trust;
use crate::investigate::wording::count;
use crate::model::{ArtefactId, Time};
use serde::Serialize;

/// One thing said or done in a case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseRow {
    /// When it was said, as it says itself.
    pub at: Time,
    /// When it was received here first, as the log has it.
    pub received: Option<Time>,
    /// Where the two are more than a day apart, that they are.
    pub remark: Option<String>,
    /// `opened`, `mark`, `exception`, `retracted`, `no effect` (a retraction that takes nothing back), `note`,
    /// `answer`, `closed`.
    pub what: String,
    /// The artefact it is about, where it is about one.
    pub about: Option<ArtefactId>,
    /// What was said: the mark and its reason, the note's text, the saved answer's title and bounds.
    pub says: String,
    /// Who.
    pub by: String,
    /// How that is known: `claimed`, `signed by …`, or why its signature does not hold.
    pub proof: String,
    /// The source that said it.
    pub source: String,
    /// How far it is trusted; what came in a plain file makes a case nothing.
    pub trust: Trust,
    /// Who took it back, when and why.
    pub retracted: Option<String>,
    /// The claim.
    pub claim: String,
}

/// A case in one row; also what its timeline says beside its rows.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct CaseSummary {
    /// Its name.
    pub name: String,
    /// What it is about, where somebody said so.
    pub title: Option<String>,
    /// `open` or `closed`; a case that only marks and notes name is open.
    pub state: String,
    /// When it was opened first.
    pub opened: Option<Time>,
    /// By whom.
    pub by: Option<String>,
    /// When something was last said in it.
    pub last: Option<Time>,
    /// Marks that were not taken back.
    pub marks: u64,
    /// Notes, likewise.
    pub notes: u64,
    /// Saved answers, likewise.
    pub answers: u64,
    /// Findings that were accepted, likewise.
    pub exceptions: u64,
    /// Statements that plain files make in its name. They are listed, and neither open, close, title nor
    /// fill it.
    pub of_files: u64,
    /// Whether new marks and notes go to it.
    pub used: bool,
    /// The ledger it was read from.
    pub head: Option<crate::investigate::answer::LedgerHead>,
}

impl CaseSummary {
    /// `2 marks`, `1 note`, `no saved answers` and, where there are any, `1 exception`.
    pub fn counts(&self) -> Vec<String> {
        let of = |many: u64, noun: &str| count(usize::try_from(many).unwrap_or(usize::MAX), noun);
        let mut counts = vec![of(self.marks, "mark"), of(self.notes, "note"), of(self.answers, "saved answer")];
        counts.extend((self.exceptions > 0).then(|| of(self.exceptions, "exception")));
        counts
    }
}

/// A saved answer asked again.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Again {
    /// The saved answer's claim.
    pub claim: String,
    /// Its title.
    pub title: String,
    /// The question in words: `impact dataset:x@1`.
    pub question: String,
    /// When it was asked first.
    pub at: Time,
    /// How many records the log held then.
    pub records: u64,
    /// The root over them.
    pub root: String,
    /// Whether that is this ledger's root over them: `this`, `another`, or `unlike` where an answer that was
    /// saved here states a root that is not.
    pub ledger: String,
    /// The bounds then.
    pub then: (u64, u64),
    /// The bounds now.
    pub now: (u64, u64),
    /// Rows that are there now and were not then: at most the first hundred.
    pub more: Vec<String>,
    /// How many those are.
    pub more_count: u64,
    /// Rows that were there then and are not now: at most the first hundred.
    pub gone: Vec<String>,
    /// How many those are.
    pub gone_count: u64,
    /// `the same as then`, `3 more since, 1 gone`, or why it could not be asked.
    pub says: String,
    /// What limits the comparison.
    pub because: Vec<String>,
}

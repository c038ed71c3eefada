//! What the console asks and what it is told, as plain values. It answers nothing: whoever opens
//! the console hands it an [`Answerer`].

use crate::investigate::answer::{Answer, Row};
use crate::investigate::question::{
    Chain, Controls, Diff, Direction, Drift, Find, Gaps, Gate, Impact, LastGood, Path, Plan, Question, Suspects,
    Timeline,
};
use crate::investigate::rows::{
    About, Again, Attention, CaseRow, CaseSummary, ChainRow, ChainSummary, ControlRow, ControlsSummary, DiffRow,
    DiffSummary, DriftRow, DriftSummary, Found, GapRow, GapsSummary, GateSummary, ImpactRow, ImpactSummary,
    LastGoodRow, LastGoodSummary, LinkRow, Overview, PathFound, PlanRow, PlanSummary, Shown, SuspectRow,
    SuspectsSummary, TimelineRow, TimelineSummary, TreeRow,
};
use crate::model::{ArtefactId, MarkKind, Time, Window};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// One thing the console wants to know, or wants written down.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// What is in the ledger and what deserves attention.
    Overview,
    /// Everything known of one artefact.
    Show(ArtefactId),
    /// One page of what hangs directly below an artefact.
    Children(Children),
    /// Search over names, ids and identifiers.
    Find(Find),
    /// Everything downstream.
    Impact(Impact),
    /// Why one artefact depends on another.
    Path(Path),
    /// What differs between two states.
    Diff(Diff),
    /// Which version was good last.
    LastGood(LastGood),
    /// What separates the bad from the good.
    Suspects(Suspects),
    /// The way back.
    Plan(Plan),
    /// What happened, in order.
    Timeline(Timeline),
    /// The evidence an artefact rests on.
    Chain(Chain),
    /// What the policy asks for and the ledger does not hold.
    Gaps(Gaps),
    /// Whether an artefact may go where it is meant to go.
    Gate(Gate),
    /// What drifted from what was said of it.
    Drift(Drift),
    /// Which evidence answers which control.
    Controls(Controls),
    /// Write a report of it as a file.
    Report(About),
    /// Accept a finding for a time.
    Except(NewException),
    /// Where records come from.
    Sources,
    /// Pull what is new from a server now.
    Sync {
        /// The source's name.
        source: String,
    },
    /// Look at one artefact at the servers that may know it, and at what it is directly tied to.
    Look {
        /// The artefact.
        around: ArtefactId,
        /// Nobody asked for it: what was looked at before is not looked at again.
        unasked: bool,
    },
    /// Leave a server out of `sync`, or take it in again; answered by [`Told::Sources`].
    Pause {
        /// The source's name.
        source: String,
        /// Whether it is left out.
        paused: bool,
    },
    /// The record behind a claim.
    Record {
        /// `record.ordinal`.
        claim: String,
    },
    /// Write a mark down.
    Mark(NewMark),
    /// Write many marks down, one after the other.
    MarkAll(Vec<NewMark>),
    /// Take a mark back.
    Unmark {
        /// The mark's claim, `record.ordinal`.
        claim: String,
        /// Why.
        reason: String,
    },
    /// One case from its opening on; the one in use when not named.
    Case(Option<String>),
    /// Write a note down, in the case in use.
    Note {
        /// The text.
        text: String,
        /// The artefact it is about, if it is about one.
        about: Option<ArtefactId>,
    },
    /// Ask a question and keep question and answer in the case in use, under a title.
    Save(Question, String),
    /// Ask a saved answer's question again and compare.
    AskAgain {
        /// The saved answer's claim, `record.ordinal`.
        claim: String,
    },
    /// Let new marks and notes go to this case; it is opened when there is none of that name.
    UseCase {
        /// Its name.
        name: String,
        /// What it is about, when it is opened.
        title: Option<String>,
    },
}

/// Which children: of whom, which way, from where on.
#[derive(Debug, Clone, PartialEq)]
pub struct Children {
    /// The artefact.
    pub id: ArtefactId,
    /// Which way.
    pub direction: Direction,
    /// Only links that held at some moment of it.
    pub window: Window,
    /// Links to leave out from the start.
    pub offset: u64,
    /// Most links to return.
    pub limit: u64,
}

/// A mark as the dialog leaves it: who and when are the answerer's to add.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMark {
    /// The artefact.
    pub about: ArtefactId,
    /// The mark.
    pub mark: MarkKind,
    /// Why.
    pub reason: String,
    /// The window it speaks of.
    pub window: Window,
}

/// An exception as the dialog leaves it: who and when are the answerer's to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewException {
    /// The artefact.
    pub about: ArtefactId,
    /// The requirement.
    pub requirement: String,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Until when.
    pub until: Time,
}

/// What comes back.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// To [`Ask::Overview`].
    Overview(Answer<Attention, Overview>),
    /// To [`Ask::Show`]; nothing when no artefact has that id.
    Show(Option<Box<Answer<Row, Shown>>>),
    /// To [`Ask::Children`]: the page, and how many links there are in all.
    Children {
        /// In a fixed order.
        rows: Vec<TreeRow>,
        /// Links in all, whatever the page.
        total: u64,
    },
    /// To [`Ask::Find`].
    Found(Answer<Found>),
    /// To [`Ask::Impact`].
    Impact(Answer<ImpactRow, ImpactSummary>),
    /// To [`Ask::Path`].
    Path(Answer<LinkRow, PathFound>),
    /// To [`Ask::Diff`].
    Diff(Answer<DiffRow, DiffSummary>),
    /// To [`Ask::LastGood`].
    LastGood(Answer<LastGoodRow, LastGoodSummary>),
    /// To [`Ask::Suspects`].
    Suspects(Answer<SuspectRow, SuspectsSummary>),
    /// To [`Ask::Plan`].
    Plan(Box<Answer<PlanRow, PlanSummary>>),
    /// To [`Ask::Timeline`].
    Timeline(Answer<TimelineRow, TimelineSummary>),
    /// To [`Ask::Chain`].
    Chain(Box<Answer<ChainRow, ChainSummary>>),
    /// To [`Ask::Gaps`].
    Gaps(Box<Answer<GapRow, GapsSummary>>),
    /// To [`Ask::Gate`].
    Gate(Box<Answer<GapRow, GateSummary>>),
    /// To [`Ask::Drift`].
    Drift(Answer<DriftRow, DriftSummary>),
    /// To [`Ask::Controls`].
    Controls(Answer<ControlRow, ControlsSummary>),
    /// To [`Ask::Report`].
    Reported {
        /// The file that was written.
        file: String,
    },
    /// To [`Ask::Sources`].
    Sources(Vec<SourceView>),
    /// How far an [`Ask::Sync`] is; its end follows.
    Syncing {
        /// How many records are kept so far.
        records: u64,
        /// What was taken up last.
        part: String,
    },
    /// To [`Ask::Sync`].
    Synced {
        /// What came of it, in a sentence.
        says: String,
        /// Whether everything was seen that may be seen.
        whole: bool,
    },
    /// Whom an [`Ask::Look`] asks now.
    Looking {
        /// The source's name.
        server: String,
    },
    /// To [`Ask::Look`].
    Looked {
        /// What came of it, in a sentence; nothing where nobody asked for it and no server was asked.
        says: Option<String>,
        /// Whether every server that was asked answered.
        went: bool,
        /// Whether the ledger knows more than before.
        grew: bool,
    },
    /// To [`Ask::Record`].
    Record(Box<RecordView>),
    /// To [`Ask::Case`].
    Case(Box<Answer<CaseRow, CaseSummary>>),
    /// To [`Ask::AskAgain`].
    Again(Again),
    /// To everything that writes ([`Ask::Mark`], [`Ask::MarkAll`], [`Ask::Unmark`], [`Ask::Note`], [`Ask::Save`],
    /// [`Ask::UseCase`]): the claim that was written, none when a case was only taken up, and the ledger
    /// after it.
    Written {
        /// `record.ordinal`; of many, the first and the last.
        claim: String,
        /// The ledger's new head.
        heading: Heading,
    },
    /// It could not be answered: what, where, and the next thing to try.
    Failed(String),
    /// The console took the question back.
    Cancelled,
}

/// What stands in the first line: the ledger and the moment it is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heading {
    /// The ledger's name as the user knows it.
    pub ledger: String,
    /// Records in its log.
    pub records: u64,
    /// The log's root, hex.
    pub root: String,
    /// Up to which record somebody else's checkpoint vouches; 0 for none.
    pub anchored_to: u64,
    /// How many records were erased by redaction.
    pub erased: u64,
    /// How many marks its records make, whatever came of them.
    pub marks: u64,
    /// `--as-of`.
    pub as_of: Option<Time>,
    /// `--known-at`.
    pub known_at: Option<Time>,
    /// The clock when it is not the real one.
    pub clock: Option<Time>,
    /// The case that marks and notes go to.
    pub case: Option<String>,
}

/// One source in the sources pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceView {
    /// Its name.
    pub name: String,
    /// The formats its records were read as.
    pub format: String,
    /// Records received from it.
    pub records: u64,
    /// Claims read from them.
    pub claims: u64,
    /// When the last one was received.
    pub last_received: Option<Time>,
    /// The newest moment its records speak of.
    pub newest: Option<Time>,
    /// `ok`, or in a few words what is wrong: `refused us`, `stale`.
    pub state: String,
    /// What could not be read, newest first.
    pub quarantined: Vec<Refused>,
    /// How many such there are (the list may be cut).
    pub quarantined_count: u64,
    /// The server that it is, when it is one that is pulled from.
    pub live: Option<LiveView>,
}

/// A server that is pulled from, and what came of the last look at it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LiveView {
    /// Where it is.
    pub url: String,
    /// What kind of server it is.
    pub kind: String,
    /// Whether `sync` leaves it out.
    pub paused: bool,
    /// When it was last looked at.
    pub last_try: Option<Time>,
    /// When the last look began that saw everything it may see.
    pub last_success: Option<Time>,
    /// Requests that the last look took.
    pub requests: u64,
    /// Why the last look ended early, and what to do.
    pub error: Option<String>,
    /// What it does not let us look at.
    pub refused: Vec<Refused>,
    /// What of it could not be read.
    pub failed: Vec<Refused>,
}

/// One thing that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// File and position.
    pub at: String,
    /// Why.
    pub why: String,
}

/// A record as received, with where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordView {
    /// The claim asked about.
    pub claim: String,
    /// The record's number in the log.
    pub record: u64,
    /// Who sent it.
    pub source: String,
    /// The file it stood in.
    pub file: String,
    /// Where in the file: `line 12, byte 3,456`.
    pub position: String,
    /// When it came.
    pub received_at: Time,
    /// The moment its source states.
    pub observed_at: Option<Time>,
    /// What it was read as, with the importer's version: `openlineage/1`.
    pub format: String,
    /// Its leaf in the log, hex.
    pub digest: String,
    /// The unit (line, event, element) the claim was read from, verbatim.
    pub content: Vec<u8>,
    /// Whether the content was erased, by whom and why.
    pub redacted: Option<String>,
}

/// Where a part of an answer goes before the whole is there, from whichever thread has it.
pub type Sooner<'e> = &'e mut (dyn FnMut(Told) + Send);

/// Whoever can answer. Called on a thread that may block; many calls at once.
pub trait Answerer: Send + Sync {
    /// Answers, looking at `cancel` now and then. A first page may be handed to `early` before the
    /// whole answer is there.
    fn answer(&self, ask: Ask, cancel: &Arc<AtomicBool>, early: Sooner<'_>) -> Told;

    /// The first line as it is now, where the answerer can tell: another process may have appended.
    fn heading(&self) -> Option<Heading> {
        None
    }
}

impl<F: Fn(Ask, &AtomicBool) -> Told + Send + Sync> Answerer for F {
    fn answer(&self, ask: Ask, cancel: &Arc<AtomicBool>, _early: Sooner<'_>) -> Told {
        self(ask, cancel)
    }
}

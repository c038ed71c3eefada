//! The rows of `chain`. Plain data that both faces draw.

use crate::investigate::whence::Origin;
use crate::model::{ArtefactId, Time};
use serde::Serialize;

/// How it stands with a link of a chain; the later word is the worse one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkState {
    /// On record, and a signature over the record was checked and holds.
    Verified,
    /// On record.
    Recorded,
    /// A source says that there is none.
    None,
    /// A source would not let us look.
    NotPermitted,
    /// Expired, older than allowed, or of a thing that changed since.
    Stale,
    /// It does not count: it covers something else, came after the fact, was told twice and differently, or its
    /// signature does not hold.
    Void,
    /// Nothing on record.
    Missing,
}

impl LinkState {
    /// Every state, the best first.
    pub const ALL: [LinkState; 7] = [
        LinkState::Verified,
        LinkState::Recorded,
        LinkState::None,
        LinkState::NotPermitted,
        LinkState::Stale,
        LinkState::Void,
        LinkState::Missing,
    ];

    /// The words for it on a screen.
    pub fn words(self) -> &'static str {
        match self {
            LinkState::Verified => "verified",
            LinkState::Recorded => "recorded",
            LinkState::None => "known to be none",
            LinkState::NotPermitted => "not permitted to look",
            LinkState::Stale => "stale",
            LinkState::Void => "void",
            LinkState::Missing => "missing",
        }
    }

    /// Its sign, which says the same without colour and on any terminal.
    pub fn sign(self) -> &'static str {
        match self {
            LinkState::Verified => "*",
            LinkState::Recorded => "+",
            LinkState::None => "=",
            LinkState::NotPermitted => "?",
            LinkState::Stale => "~",
            LinkState::Void => "x",
            LinkState::Missing => "!",
        }
    }

    /// Whether the chain holds at this link.
    pub fn holds(self) -> bool {
        self <= LinkState::None
    }
}

/// One link of a chain.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChainRow {
    /// Which link: `source`, `data`, `data-approval`, `code`, `run`, `evaluation`, …
    pub link: String,
    /// How it stands with it.
    pub state: LinkState,
    /// The artefact it is about; of a missing one, the artefact that lacks it.
    pub id: ArtefactId,
    /// When.
    pub at: Option<Time>,
    /// Who did or said it.
    pub by: Option<String>,
    /// Who answers for the artefact.
    pub owner: Option<String>,
    /// What stands for it: the kind of a piece of evidence, the relation of a link, `description`; absent
    /// where nothing does.
    pub evidence: Option<String>,
    /// What it covers: a scope, a policy.
    pub scope: Option<String>,
    /// Its verdict, as the source words it.
    pub verdict: Option<String>,
    /// Until when it counts.
    pub until: Option<Time>,
    /// The digests it speaks of.
    pub covers: Vec<String>,
    /// One sentence.
    pub says: String,
    /// Why it is in this state, and what else is to be known.
    pub reasons: Vec<String>,
    /// Whether it counts and speaks against what it is about: a failed evaluation, a policy's no.
    pub against: bool,
    /// The claim that states it.
    pub claim: Option<String>,
    /// Where that came from.
    #[serde(flatten)]
    pub origin: Origin,
}

/// All links of one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChainGroup {
    /// Which link.
    pub link: String,
    /// What it is called on a screen.
    pub title: String,
    /// The worst of its links.
    pub state: LinkState,
    /// How many there are; the rows may list fewer.
    pub count: u64,
    /// How many in each state, the worst first.
    pub states: Vec<(LinkState, u64)>,
    /// How many are on record and speak against it.
    pub against: u64,
}

impl ChainGroup {
    /// A sign for it without colour: what is on record and speaks against it does not look like what holds.
    pub fn sign(&self) -> &'static str {
        if self.state.holds() && self.against > 0 { "-" } else { self.state.sign() }
    }
}

/// What a chain says beside its links.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChainSummary {
    /// The artefact asked about.
    pub id: ArtefactId,
    /// `version`, `deployment`, `action`.
    pub of: String,
    /// The versions it goes through.
    pub versions: Vec<ArtefactId>,
    /// The deployments it ends in.
    pub deployments: Vec<ArtefactId>,
    /// The links by kind, in the order of the chain.
    pub groups: Vec<ChainGroup>,
    /// Whether nothing is missing, void, stale or hidden from us.
    pub complete: bool,
    /// The same in a sentence.
    pub verdict: String,
    /// Every link that does not hold, once, in a few words each.
    pub lacking: Vec<String>,
    /// What is on record and speaks against it, once each.
    pub against: Vec<String>,
    /// Which signatures were checked.
    pub signatures: String,
}

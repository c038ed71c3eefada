//! Claims: single statements read from a record. They say what a source said, and conclude nothing.

use crate::model::{ArtefactId, Digest, Kind, Relation, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Free attributes of a statement; `param.*` and `metric.*` are compared as such.
pub type Attributes = BTreeMap<String, Value>;

/// One statement, and where in its record it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Byte offset, within the record's content, of the unit (line, event, element) that says it.
    pub at: u32,
    /// What it says.
    pub statement: Statement,
}

/// What a claim says.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each variant is documented on the struct it holds")]
pub enum Statement {
    Artefact(Artefact),
    Link(Link),
    Evidence(Evidence),
    Absence(Absence),
    SameAs(SameAs),
    Mark(Mark),
    Retract(Retract),
    Note(Note),
}

/// The kind of evidence by which an investigator accepts a finding; its scope is the requirement.
pub const EXCEPTION: &str = "exception";
const SIGNATURE: &str = "signature";

impl Statement {
    /// The word for its type, as the native format and the claim table write it.
    pub fn word(&self) -> &'static str {
        match self {
            Statement::Artefact(_) => "artefact",
            Statement::Link(_) => "link",
            Statement::Evidence(_) => "evidence",
            Statement::Absence(_) => "absence",
            Statement::SameAs(_) => "same-as",
            Statement::Mark(_) => "mark",
            Statement::Retract(_) => "retract",
            Statement::Note(_) => "note",
        }
    }

    /// When an investigator said it; nothing of what other sources say.
    pub fn said_at(&self) -> Option<Time> {
        match self {
            Statement::Mark(it) => Some(it.at),
            Statement::Retract(it) => Some(it.at),
            Statement::Note(it) => Some(it.at),
            Statement::Evidence(it) if it.kind == EXCEPTION => Some(it.at),
            _ => None,
        }
    }

    /// The SSH signature that an investigator's statement carries. An exception has it among its attributes.
    pub fn signature(&self) -> Option<&str> {
        match self {
            Statement::Mark(it) => it.signature.as_deref(),
            Statement::Retract(it) => it.signature.as_deref(),
            Statement::Note(it) => it.signature.as_deref(),
            Statement::Evidence(it) if it.kind == EXCEPTION => it.attributes.get(SIGNATURE).and_then(Value::as_str),
            _ => None,
        }
    }

    /// Gives it one, or takes it away. A statement of another kind has none.
    pub fn set_signature(&mut self, signature: Option<String>) {
        match self {
            Statement::Mark(it) => it.signature = signature,
            Statement::Retract(it) => it.signature = signature,
            Statement::Note(it) => it.signature = signature,
            Statement::Evidence(it) if it.kind == EXCEPTION => {
                it.attributes.remove(SIGNATURE);
                it.attributes.extend(signature.map(|text| (SIGNATURE.to_owned(), text.into())));
            }
            _ => {}
        }
    }

    /// The investigation that an investigator's statement says it belongs to.
    pub fn case(&self) -> Option<&str> {
        match self {
            Statement::Mark(it) => it.case.as_deref(),
            Statement::Note(it) => it.case.as_deref(),
            Statement::Evidence(it) if it.kind == EXCEPTION => it.attributes.get("case").and_then(Value::as_str),
            _ => None,
        }
    }

    /// The artefact it is first of all about; a retraction is about a claim and has none.
    pub fn about(&self) -> Option<&str> {
        match self {
            Statement::Artefact(it) => Some(&it.id),
            Statement::Link(it) => Some(&it.from),
            Statement::Evidence(it) => Some(&it.about),
            Statement::Absence(it) => Some(&it.about),
            Statement::SameAs(it) => Some(&it.a),
            Statement::Mark(it) => Some(&it.about),
            Statement::Note(it) => it.about.as_deref(),
            Statement::Retract(_) => None,
        }
    }
}

/// A description of an artefact.
#[derive(Debug, Clone, PartialEq)]
pub struct Artefact {
    /// What its source calls it.
    pub id: ArtefactId,
    /// What sort of thing it is.
    pub kind: Kind,
    /// Name without version, where the source states it apart from the id.
    pub name: Option<String>,
    /// Version, likewise.
    pub version: Option<String>,
    /// When it came to be, as stated.
    pub at: Option<Time>,
    /// Who answers for it: `team:…`, `person:…`.
    pub owner: Option<String>,
    /// Risk class: `low`, `high`, … as the source words it.
    pub risk: Option<String>,
    /// `prod`, `staging`, … as the source words it.
    pub environment: Option<String>,
    /// Content digests.
    pub digests: Vec<Digest>,
    /// Other names: URIs, commits, purls, keyed fingerprints.
    pub identifiers: Vec<String>,
    /// Everything else the source said.
    pub attributes: Attributes,
}

impl Artefact {
    /// An artefact of which only id and kind are known.
    pub fn new(id: impl Into<String>, kind: Kind) -> Artefact {
        Artefact {
            id: id.into(),
            kind,
            name: None,
            version: None,
            at: None,
            owner: None,
            risk: None,
            environment: None,
            digests: Vec::new(),
            identifiers: Vec::new(),
            attributes: Attributes::new(),
        }
    }
}

/// `from` depends on `to`.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The dependent, downstream.
    pub from: ArtefactId,
    /// The dependency, upstream.
    pub to: ArtefactId,
    /// How.
    pub relation: Relation,
    /// First moment it held, where stated.
    pub since: Option<Time>,
    /// Last moment it held; it still holds when absent and `since` is stated.
    pub until: Option<Time>,
    /// Everything else the source said.
    pub attributes: Attributes,
}

impl Link {
    /// A link without dates or attributes.
    pub fn new(from: impl Into<String>, relation: Relation, to: impl Into<String>) -> Link {
        Link { from: from.into(), to: to.into(), relation, since: None, until: None, attributes: Attributes::new() }
    }
}

/// A dated statement about one artefact: approval, evaluation, scan, …
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The artefact.
    pub about: ArtefactId,
    /// approval, evaluation, policy-verdict, scan, attestation, exception, exposure, incident, telemetry, verification.
    pub kind: String,
    /// What it covers: `security-review`.
    pub scope: Option<String>,
    /// Who said so.
    pub by: Option<String>,
    /// When.
    pub at: Time,
    /// pass, fail, … as the source words it.
    pub verdict: Option<String>,
    /// When it stops counting.
    pub expires: Option<Time>,
    /// The digests it speaks of; when the artefact's differ, it is void.
    pub covers: Vec<Digest>,
    /// Where to read more.
    pub refs: Vec<String>,
    /// Everything else the source said.
    pub attributes: Attributes,
}

/// Something a source says cannot be told: not disclosed, not recorded, not permitted.
#[derive(Debug, Clone, PartialEq)]
pub struct Absence {
    /// The artefact that lacks it.
    pub about: ArtefactId,
    /// The relation that is lacking.
    pub relation: Relation,
    /// not-disclosed, not-recorded, not-permitted, none.
    pub why: String,
    /// Who says so.
    pub by: Option<String>,
}

/// Two ids speak of one artefact.
#[derive(Debug, Clone, PartialEq)]
pub struct SameAs {
    /// One id.
    pub a: ArtefactId,
    /// The other.
    pub b: ArtefactId,
    /// Because.
    pub why: String,
}

/// What an investigator may say of an artefact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the variants are the words themselves")]
pub enum MarkKind {
    Compromised,
    Suspect,
    Good,
    Rollback,
    Cleared,
}

impl MarkKind {
    /// Every mark, in the order screens list them.
    pub const ALL: [MarkKind; 5] =
        [MarkKind::Compromised, MarkKind::Suspect, MarkKind::Good, MarkKind::Rollback, MarkKind::Cleared];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            MarkKind::Compromised => "compromised",
            MarkKind::Suspect => "suspect",
            MarkKind::Good => "good",
            MarkKind::Rollback => "rollback",
            MarkKind::Cleared => "cleared",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<MarkKind> {
        MarkKind::ALL.into_iter().find(|mark| mark.as_str() == word)
    }
}

/// An investigator's statement on an artefact.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mark {
    /// The artefact.
    pub about: ArtefactId,
    /// What is said of it.
    pub mark: MarkKind,
    /// Who says it.
    pub by: String,
    /// When it was said.
    pub at: Time,
    /// First moment it is true of the artefact.
    pub since: Option<Time>,
    /// Last moment.
    pub until: Option<Time>,
    /// Why.
    pub reason: String,
    /// The investigation it belongs to.
    pub case: Option<String>,
    /// An SSH signature over the statement's canonical line without it, armored.
    pub signature: Option<String>,
}

/// Takes a claim back. The claim stays in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Retract {
    /// The claim's id, `record.ordinal`, in the ledger where it was said.
    pub what: String,
    /// The digest of the statement taken back (hex), which means the same in every ledger. Where it is
    /// given, `what` is there for people to read only.
    pub of: Option<String>,
    /// Who.
    pub by: String,
    /// When.
    pub at: Time,
    /// Why.
    pub reason: String,
    /// An SSH signature, as on a [`Mark`].
    pub signature: Option<String>,
}

/// Free text of an investigator, or something done in a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// The artefact it is about, if it is about one.
    pub about: Option<ArtefactId>,
    /// `case-opened`, `case-closed`, `answer` (a saved answer; the text is its title); absent on a plain
    /// note. Others are kept as written and read as plain notes.
    pub what: Option<String>,
    /// The text.
    pub text: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: Time,
    /// The investigation it belongs to.
    pub case: Option<String>,
    /// What belongs to it: a saved answer's question, bounds and keys.
    pub attributes: Attributes,
    /// An SSH signature, as on a [`Mark`].
    pub signature: Option<String>,
}

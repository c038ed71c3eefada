//! The rows of gaps and of the gate. Plain data that both faces draw.

use crate::investigate::exceptions::Exception;
use crate::investigate::rows::Group;
use crate::model::{ArtefactId, Severity, Time};
use serde::Serialize;

/// One finding: a requirement that an artefact does not meet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GapRow {
    /// The artefact.
    pub about: ArtefactId,
    /// Its kind.
    pub kind: String,
    /// The requirement, as the policy names it.
    pub requirement: String,
    /// `missing`, `stale`, `void`, `failed`, `not-permitted`, `excepted`.
    pub state: String,
    /// How much it matters.
    pub severity: Severity,
    /// Who answers: the artefact's owner, else that of where it runs.
    pub owner: Option<String>,
    /// What is wrong, in a sentence.
    pub says: String,
    /// Why the policy asks for it.
    pub why: String,
    /// What would close it.
    pub closes: String,
    /// Since when it is so, where that is known.
    pub since: Option<Time>,
    /// The same as an age, `6d`.
    pub age: Option<String>,
    /// False where it may be none: we may not look, or it hangs on a link that nobody dates.
    pub certain: bool,
    /// The claim behind it: the evidence that does not count, the word that it cannot be told.
    pub claim: Option<String>,
    /// Whose exception waives it.
    pub exception: Option<Accepted>,
    /// What else has to be said: an exception that expired, or that nobody vouches for.
    pub remarks: Vec<String>,
}

/// The exception that waives a finding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Accepted {
    /// What it is on, and everything else that was said.
    #[serde(flatten)]
    pub exception: Exception,
    /// From what it is on (first) to the artefact (last), where it is inherited.
    pub path: Vec<ArtefactId>,
}

/// Which policy judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JudgedBy {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its file, in hex.
    pub sha256: String,
}

/// What is said beside the findings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GapsSummary {
    /// The artefact asked about; everything when absent.
    pub of: Option<ArtefactId>,
    /// What was judged as being at work there: itself and what is in it.
    pub judged: u64,
    /// The policy that judged.
    pub policy: JudgedBy,
    /// Open findings per severity, the gravest first.
    pub by_severity: Vec<Group>,
    /// Open findings per owner, most first.
    pub by_owner: Vec<Group>,
    /// Open findings per requirement, in the policy's order.
    pub by_requirement: Vec<Group>,
    /// How many findings are waived by exceptions.
    pub excepted: u64,
    /// What was accepted, of what was asked about.
    pub exceptions: Vec<Exception>,
}

/// What the gate says beside its findings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateSummary {
    /// `allow` or `deny`.
    pub verdict: String,
    /// The environment it is judged for; any when absent.
    #[serde(rename = "for")]
    pub environment: Option<String>,
    /// The moment it is judged as of.
    pub at: Time,
    /// Why, in a sentence.
    pub says: String,
    /// Requirements that were asked of it, with whether each is met.
    pub asked: Vec<Asked>,
    /// The same as of any findings.
    #[serde(flatten)]
    pub gaps: GapsSummary,
}

/// A requirement that the gate asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Asked {
    /// The artefact it was asked of.
    pub about: ArtefactId,
    /// The requirement.
    pub requirement: String,
    /// How much it matters.
    pub severity: Severity,
    /// Why the policy asks for it.
    pub why: String,
    /// Whether it is met, or waived.
    pub met: bool,
    /// Whether an exception alone lets it through.
    pub waived: bool,
}

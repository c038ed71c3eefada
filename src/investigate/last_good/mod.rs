//! Which version was good last, by mark or by the policy's rule, and why. It plans nothing.

pub(in crate::investigate) mod field;
pub(in crate::investigate) mod judge;
pub(in crate::investigate) mod versions;

use crate::graph::Node;
use crate::investigate::answer::{Answer, Completeness};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::last_good::field::Field;
use crate::investigate::last_good::judge::{Exposures, Judged, judge};
use crate::investigate::last_good::versions::{Names, StayAt};
use crate::investigate::question::LastGood;
use crate::investigate::rows::{LastGoodRow, LastGoodSummary, Reason, Stay};
use crate::investigate::wording::{count, some_of};
use crate::model::Window;

/// The most candidates that are judged and listed; a name with more versions is answered from the newest.
const MOST_CANDIDATES: usize = 1_000;

/// Answers it.
///
/// # Errors
/// When an id is unknown, claims cannot be read, or it was cancelled.
pub fn last_good(asking: &Asking<'_>, question: &LastGood) -> Result<Answer<LastGoodRow, LastGoodSummary>, Unanswered> {
    let of = asking.node(&question.of)?;
    let field = Field::of(asking, &Names::new(asking), of);
    let exposures = Exposures::of(asking)?;
    let mut rows = Vec::new();
    let mut undated = Vec::new();
    for node in field.candidates.iter().take(MOST_CANDIDATES) {
        let stays = field.stays(asking, *node);
        if !stays.is_empty() && stays.iter().all(|stay| stay.since.is_none()) {
            undated.push(*node);
        }
        let judged = judge(asking, &exposures, *node, field.sites.as_deref(), &stays)?;
        rows.push(row(asking, *node, judged, &stays, field.current.contains(node)));
    }
    let current_good = rows.iter().position(|row| row.current && row.verdict == "good");
    let last_good = rows.iter().position(|row| row.verdict == "good" && !row.current);
    if let (Some(current), Some(last)) = (current_good, last_good) {
        let says = format!("what is in use now, {}, is good too", rows[current].row.id);
        rows[last].reasons.push(Reason { holds: true, says, claim: None });
    }
    let mut completeness = Completeness::exact(rows.len());
    completeness.because = because(asking, &question.of, &field, &undated);
    if field.candidates.len() > rows.len() {
        completeness.at_least = field.candidates.len() as u64;
        completeness.at_most = completeness.at_least;
    }
    let last_good = last_good.map(|at| rows[at].row.id.clone());
    let summary = LastGoodSummary { of: question.of.clone(), last_good, policy: asking.policy.id() };
    Ok(Answer { rows, completeness, summary })
}

fn because(asking: &Asking<'_>, of: &str, field: &Field, undated: &[Node]) -> Vec<String> {
    let mut because = Vec::new();
    let lineage = asking.lineage;
    if field.candidates.is_empty() {
        because.push(match &field.sites {
            Some(_) => format!("nothing in the ledger says what {of} deploys or serves"),
            None => format!("{of} deploys nothing and has no versions in the ledger"),
        });
    }
    if field.candidates.len() > MOST_CANDIDATES {
        let all = count(field.candidates.len(), "version");
        because.push(format!("the newest {MOST_CANDIDATES} of {all} were judged and are listed"));
    }
    if !undated.is_empty() {
        let names = some_of(undated.iter().map(|node| lineage.id(*node)), undated.len());
        because.push(format!("when {names} was deployed is not known: the link has no date"));
    }
    let mentioned: Vec<Node> = field.candidates.iter().copied().filter(|node| !lineage.described(*node)).collect();
    if !mentioned.is_empty() {
        let names = some_of(mentioned.iter().map(|node| lineage.id(*node)), mentioned.len());
        because.push(format!("only mentioned, described by nobody: {names}"));
    }
    because
}

fn row(asking: &Asking<'_>, node: Node, judged: Judged, stays: &[StayAt], current: bool) -> LastGoodRow {
    let stay =
        |it: &StayAt| Stay { deployment: asking.lineage.id(it.site).to_owned(), since: it.since, until: it.until };
    LastGoodRow {
        row: asking.row(node),
        verdict: if judged.good { "good" } else { "no" }.to_owned(),
        how: judged.how().to_owned(),
        reasons: judged.reasons,
        why: judged.why,
        deployed: stays.iter().map(stay).collect(),
        current,
    }
}

/// What is taken for good, and why it is believed.
#[derive(Debug, Clone, PartialEq)]
pub struct Good {
    /// The version.
    pub node: Node,
    /// `marked` or `inferred`.
    pub how: &'static str,
    /// What speaks for it, in a few words each, the most telling first.
    pub why: Vec<String>,
    /// Its newest stay at the deployment asked about; nothing when it never was there.
    pub stay: Option<Window>,
}

/// The newest good version before what is current: of a deployment what it could go back to, of a name its
/// versions, of a version those before it.
///
/// # Errors
/// When claims cannot be read, or it was cancelled.
pub fn newest_good(asking: &Asking<'_>, of: Node) -> Result<Option<Good>, Unanswered> {
    Election::new(asking)?.newest_good(of)
}

/// What judging needs however many are asked about: read once.
pub(super) struct Election<'a> {
    asking: Asking<'a>,
    names: Names<'a>,
    exposures: Exposures<'a>,
}

impl<'a> Election<'a> {
    pub(super) fn new(asking: &Asking<'a>) -> Result<Election<'a>, Unanswered> {
        Ok(Election { asking: *asking, names: Names::new(asking), exposures: Exposures::of(asking)? })
    }

    /// See [`newest_good`].
    pub(super) fn newest_good(&self, of: Node) -> Result<Option<Good>, Unanswered> {
        let (asking, exposures) = (&self.asking, &self.exposures);
        let field = Field::of(asking, &self.names, of);
        for node in field.candidates.iter().filter(|node| !field.current.contains(node)).take(MOST_CANDIDATES) {
            let stays = field.stays(asking, *node);
            let judged = judge(asking, exposures, *node, field.sites.as_deref(), &stays)?;
            if judged.good {
                let how = judged.how();
                return Ok(Some(Good { node: *node, how, why: judged.why, stay: stays.first().map(StayAt::window) }));
            }
        }
        Ok(None)
    }
}

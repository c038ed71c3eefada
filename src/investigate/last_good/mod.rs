//! Which version was good last, by mark or by the policy's rule, and why. It plans nothing.

pub(in crate::investigate) mod approvals;
pub(in crate::investigate) mod field;
pub(in crate::investigate) mod judge;
pub(in crate::investigate) mod versions;

use crate::graph::Node;
use crate::investigate::answer::{Answer, Completeness};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::last_good::field::{Field, Line};
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
    let policy = asking.policy()?;
    let field = Field::of(asking, &Names::new(asking), of);
    let exposures = Exposures::of(asking)?;
    let mut rows = Vec::new();
    let mut undated = Vec::new();
    // of each name: what is good, and whether there was anything else to go back to
    let mut goods: Vec<Option<usize>> = Vec::new();
    for line in &field.lines {
        let first = rows.len();
        for node in line.candidates.iter().take(MOST_CANDIDATES - first.min(MOST_CANDIDATES)) {
            let stays = field.stays(asking, *node);
            if !stays.is_empty() && stays.iter().all(|stay| stay.since.is_none()) {
                undated.push(*node);
            }
            let judged = judge(asking, &exposures, *node, field.sites.as_deref(), &stays)?;
            rows.push(row(asking, *node, judged, &stays, line.current.contains(node)));
        }
        let good = |row: &&mut LastGoodRow| row.verdict == "good";
        let own = rows.get_mut(first..).unwrap_or_default();
        let current = own.iter_mut().filter(good).find(|row| row.current).map(|row| row.row.id.clone());
        let last = own.iter_mut().enumerate().filter(|(_, row)| good(row)).find(|(_, row)| !row.current);
        goods.push(last.map(|(at, row)| {
            row.reasons.extend(current.map(|current| Reason {
                holds: true,
                says: format!("what is in use now, {current}, is good too"),
                claim: None,
            }));
            first + at
        }));
    }
    let mut completeness = Completeness::exact(rows.len());
    completeness.because = because(asking, &question.of, &field, &undated);
    let all = field.candidates().count();
    if all > rows.len() {
        completeness.at_least = all as u64;
        completeness.at_most = completeness.at_least;
    }
    let id = |at: usize| rows.get(at).map(|row| row.row.id.clone());
    let chosen = goods.iter().position(Option::is_some);
    completeness.because.extend(beside(&field, chosen, &goods.iter().map(|it| it.and_then(id)).collect::<Vec<_>>()));
    let last_good = chosen.and_then(|at| goods[at]).and_then(id);
    let (id, policy_sha256) = (policy.id(), policy.sha256.clone());
    let summary = LastGoodSummary { of: question.of.clone(), last_good, policy: id, policy_sha256 };
    Ok(Answer { rows, completeness, summary })
}

/// What is said of the other things that run beside what is taken for the last good.
fn beside(field: &Field<'_>, chosen: Option<usize>, goods: &[Option<String>]) -> Vec<String> {
    let mut because = Vec::new();
    if let Some(chosen) = chosen.filter(|at| *at > 0) {
        let later = field.lines.iter().take(chosen).filter(|line| line.candidates.len() > 1).map(called);
        let later: Vec<String> = later.collect();
        if !later.is_empty() {
            let names = some_of(later.iter().map(String::as_str), later.len());
            because.push(format!("no other version is known to be good of what changed there later: {names}"));
        }
    }
    let others = goods.iter().enumerate().filter(|(at, _)| Some(*at) != chosen).filter_map(|(_, id)| id.as_deref());
    let others: Vec<&str> = others.collect();
    if !others.is_empty() {
        let ids = some_of(others.iter().copied(), others.len());
        because.push(format!("of other things there, which changed earlier, the last good: {ids}"));
    }
    because
}

/// What the versions of a line are called together.
fn called(line: &Line<'_>) -> String {
    format!("{}:{}", line.name.0, line.name.1)
}

fn because(asking: &Asking<'_>, of: &str, field: &Field<'_>, undated: &[Node]) -> Vec<String> {
    let mut because = Vec::new();
    let lineage = asking.lineage;
    let candidates: Vec<Node> = field.candidates().collect();
    if candidates.is_empty() {
        because.push(match &field.sites {
            Some(_) => format!("nothing in the ledger says what {of} deploys or serves"),
            None => format!("{of} deploys nothing and has no versions in the ledger"),
        });
    }
    if candidates.len() > MOST_CANDIDATES {
        let all = count(candidates.len(), "version");
        because.push(format!("the first {MOST_CANDIDATES} of {all} were judged and are listed"));
    }
    if !undated.is_empty() {
        let names = some_of(undated.iter().map(|node| lineage.id(*node)), undated.len());
        because.push(format!("when {names} was deployed is not known: the link has no date"));
    }
    let mentioned: Vec<Node> = candidates.iter().copied().filter(|node| !lineage.described(*node)).collect();
    if !mentioned.is_empty() {
        let names = some_of(mentioned.iter().map(|node| lineage.id(*node)), mentioned.len());
        because.push(format!("only mentioned, described by nobody: {names}"));
    }
    because
}

fn row(asking: &Asking<'_>, node: Node, judged: Judged, stays: &[StayAt], current: bool) -> LastGoodRow {
    let stay = |it: &StayAt| Stay {
        deployment: asking.lineage.id(it.site).to_owned(),
        since: it.since,
        since_after: it.since_after,
        until: it.until,
        until_after: it.until_after,
    };
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
/// versions, of a version those before it. Of a deployment that runs several things it is that of the one that
/// changed last and has a good one.
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
        asking.policy()?;
        Ok(Election { asking: *asking, names: Names::new(asking), exposures: Exposures::of(asking)? })
    }

    /// See [`newest_good`].
    pub(super) fn newest_good(&self, of: Node) -> Result<Option<Good>, Unanswered> {
        let (asking, exposures) = (&self.asking, &self.exposures);
        let field = Field::of(asking, &self.names, of);
        for (place, line) in field.lines.iter().enumerate() {
            for node in line.candidates.iter().filter(|node| !line.current.contains(node)).take(MOST_CANDIDATES) {
                let stays = field.stays(asking, *node);
                let judged = judge(asking, exposures, *node, field.sites.as_deref(), &stays)?;
                if !judged.good {
                    continue;
                }
                let how = judged.how();
                let why = judged.why.into_iter().chain(chosen_from(asking, &field, place)).collect();
                return Ok(Some(Good { node: *node, how, why, stay: stays.first().map(StayAt::window) }));
            }
        }
        Ok(None)
    }
}

/// Why this of several things that run there; nothing where there is but one.
fn chosen_from(asking: &Asking<'_>, field: &Field<'_>, place: usize) -> Option<String> {
    let others = field.lines.iter().enumerate().filter(|(at, _)| *at != place);
    let current: Vec<Node> = others.flat_map(|(_, line)| line.current.iter().copied()).collect();
    let line = field.lines.get(place)?;
    if current.is_empty() {
        return None;
    }
    let first = if place == 0 { "changed there last" } else { "changed there last of what has a good version" };
    let ids = some_of(current.iter().map(|node| asking.lineage.id(*node)), current.len());
    Some(format!("{} {first}; beside it runs {ids}", called(line)))
}

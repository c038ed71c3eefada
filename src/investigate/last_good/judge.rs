//! What speaks for and against one version: a mark, else the policy's rule. It chooses none.

use crate::graph::{EvidenceRef, Node};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::last_good::approvals::{Used, approval_at, approved_by};
use crate::investigate::last_good::versions::StayAt;
use crate::investigate::origins::Origins;
use crate::investigate::rows::Reason;
use crate::investigate::said::Trust;
use crate::investigate::standing::{self, Outcome, passed, resolved};
use crate::investigate::taint::Reached;
use crate::investigate::wording::count;
use crate::model::{Kind, MarkKind, Policy, Time};
use std::collections::BTreeMap;

/// What is said of one version.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::investigate) struct Judged {
    pub(in crate::investigate) good: bool,
    pub(in crate::investigate) marked: bool,
    /// Against first; of what speaks for it the most telling first.
    pub(in crate::investigate) reasons: Vec<Reason>,
    /// What speaks for it in a few words each, the most telling first.
    pub(in crate::investigate) why: Vec<String>,
}

impl Judged {
    pub(in crate::investigate) fn how(&self) -> &'static str {
        if self.marked { "marked" } else { "inferred" }
    }
}

/// Judges a version by its stays.
pub(in crate::investigate) fn judge(
    asking: &Asking<'_>,
    exposures: &Exposures<'_>,
    version: Node,
    sites: Option<&[Node]>,
    stays: &[StayAt],
) -> Result<Judged, Unanswered> {
    let policy = asking.policy()?;
    let own = own_reasons(asking, exposures, version)?;
    let since = stays.iter().find_map(|stay| stay.since);
    let used = Used { since, first: Used::first(stays) };
    let approved = approval_at(asking, policy, version, used);
    let stayed = stay_reasons(asking, policy, sites, stays);
    let mut why: Vec<String> = mark_reason(asking, version, MarkKind::Good).into_iter().map(|it| it.says).collect();
    if approved.iter().any(|it| it.holds) {
        why.push(approved_by(asking, version, used));
    }
    if stayed.iter().any(|it| it.holds) {
        let (_, longest) = soaked(asking, stays);
        why.extend(longest.map(|(hours, _)| format!("ran {} without an incident", length(hours))));
    }
    // evaluations and the digest, then that nothing above is bad
    let (grave, rest): (Vec<_>, Vec<_>) = own.iter().filter(|(_, it)| it.holds).partition(|(grave, _)| *grave);
    why.extend(rest.into_iter().chain(grave).map(|(_, it)| it.says.clone()));
    Ok(Judged { why, ..conclude(asking, version, own, approved, stayed) })
}

/// Puts the reasons together: a mark does away with what the rule lacks, never with what is exposed.
pub(in crate::investigate) fn conclude(
    asking: &Asking<'_>,
    version: Node,
    own: Vec<(bool, Reason)>,
    approved: Vec<Reason>,
    stayed: Vec<Reason>,
) -> Judged {
    let mark = mark_reason(asking, version, MarkKind::Good);
    // what any file may state waves no rule
    let marked = asking.marks.vouched_on(version, asking.as_of).contains(&MarkKind::Good);
    let grave = own.iter().any(|(grave, reason)| *grave && !reason.holds);
    let (own_grave, own_rest): (Vec<_>, Vec<_>) = own.into_iter().partition(|(grave, _)| *grave);
    let said = |own: Vec<(bool, Reason)>| own.into_iter().map(|(_, reason)| reason);
    // who approved it and how it ran says more for it than that nothing is known against it; against it
    // the other way round
    let by_weight = said(own_grave).map(|it| (0, it)).chain(said(own_rest).map(|it| (1, it)));
    let all = by_weight.chain(approved.into_iter().map(|it| (2, it))).chain(stayed.into_iter().map(|it| (3, it)));
    let mut all: Vec<(usize, Reason)> = all.collect();
    all.sort_by_key(|(weight, it)| (it.holds, if it.holds { [3, 2, 0, 1][*weight] } else { *weight }));
    let mut reasons: Vec<Reason> = all.into_iter().map(|(_, it)| it).collect();
    let first = reasons.iter().position(|it| it.holds).unwrap_or(reasons.len());
    reasons.splice(first..first, mark);
    let good = if marked { !grave } else { reasons.iter().all(|reason| reason.holds) };
    Judged { good, marked, reasons, why: Vec::new() }
}

pub(in crate::investigate) fn reason(asking: &Asking<'_>, holds: bool, says: String, claim: Option<u64>) -> Reason {
    Reason { holds, says, claim: claim.map(|claim| asking.claim(claim)) }
}

/// The newest mark of a kind that holds on a version, as a reason.
pub(in crate::investigate) fn mark_reason(asking: &Asking<'_>, node: Node, mark: MarkKind) -> Option<Reason> {
    let entry = asking.marks.holding_on(node, mark, asking.as_of)?;
    let holds = matches!(mark, MarkKind::Good | MarkKind::Rollback | MarkKind::Cleared);
    let place = match entry.trust {
        Trust::File if holds => format!(" in {}, which is nobody's word here,", entry.source),
        Trust::File => format!(" in {}", entry.source),
        Trust::Investigator | Trust::Signed => String::new(),
    };
    let it = &entry.mark;
    let says = format!("marked {}{place} by {} on {}: {}", mark.as_str(), it.by, it.at.short(), it.reason);
    Some(Reason { holds, says, claim: Some(entry.name.clone()) })
}

/// What the version itself says, wherever it runs: marks and exposure (grave: no mark of good outweighs
/// it), evaluations, digest, credentials upstream.
pub(in crate::investigate) fn own_reasons(
    asking: &Asking<'_>,
    exposures: &Exposures<'_>,
    version: Node,
) -> Result<Vec<(bool, Reason)>, Unanswered> {
    asking.go_on()?;
    let rule = &asking.policy()?.last_good;
    let mut found = Vec::new();
    for mark in [MarkKind::Compromised, MarkKind::Suspect] {
        found.extend(mark_reason(asking, version, mark).map(|reason| (true, reason)));
    }
    if rule.clean_upstream {
        found.extend(upstream(asking, exposures, version)?.into_iter().map(|reason| (true, reason)));
    }
    found.extend(evaluations(asking, version, rule.evaluations as usize).into_iter().map(|reason| (false, reason)));
    let mut digests = asking.lineage.digests(version);
    match digests.next() {
        Some(digest) => {
            let short: String = digest.chars().take(19).collect();
            found.push((false, reason(asking, true, format!("its digest is known: {short}…"), None)));
        }
        None if rule.digest => {
            let says = "its content digest is not known, so that what runs cannot be compared with it";
            found.push((false, reason(asking, false, says.to_owned(), None)));
        }
        None => {}
    }
    Ok(found)
}

/// Credentials that were exposed and are not marked cleared, and all that depends on them. Asked once,
/// downwards, however many versions are judged.
pub(in crate::investigate) struct Exposures<'a> {
    of: BTreeMap<Node, Vec<EvidenceRef<'a>>>,
    origins: Origins,
}

impl<'a> Exposures<'a> {
    pub(in crate::investigate) fn of(asking: &Asking<'a>) -> Result<Exposures<'a>, Unanswered> {
        let moment = asking.moment();
        // one leak that is over says nothing of another
        let mut last: BTreeMap<(Node, Option<&str>), EvidenceRef<'_>> = BTreeMap::new();
        for it in asking.lineage.all_evidence().filter(|it| it.kind == "exposure" && it.at <= moment) {
            if Kind::parse(asking.lineage.kind(it.about)).is_credential() {
                last.insert((it.about, it.scope), it);
            }
        }
        let cleared = |node: Node| asking.marks.vouched_on(node, asking.as_of).contains(&MarkKind::Cleared);
        let mut of: BTreeMap<Node, Vec<EvidenceRef<'_>>> = BTreeMap::new();
        for ((node, _), it) in last.into_iter().filter(|(_, it)| !resolved(it.verdict)) {
            if of.contains_key(&node) || !cleared(node) {
                of.entry(node).or_default().push(it);
            }
        }
        let nodes: Vec<Node> = of.keys().copied().collect();
        Ok(Exposures { of, origins: Origins::of(asking, &nodes, moment)? })
    }

    /// What was exposed of all a version depends on.
    fn on(&self, asking: &Asking<'_>, version: Node) -> Result<Vec<EvidenceRef<'a>>, Unanswered> {
        let behind = self.origins.behind(asking, version)?;
        Ok(behind.iter().filter_map(|node| self.of.get(node)).flatten().copied().collect())
    }
}

/// What is wrong upstream of it.
fn upstream(asking: &Asking<'_>, exposures: &Exposures<'_>, version: Node) -> Result<Vec<Reason>, Unanswered> {
    let mut found = Vec::new();
    // the strongest mark, and the thing that bears it
    if let Some(Reached { derived, path }) = asking.taint.ways_to(asking.lineage, version).into_iter().next() {
        let cause = path.first().map_or("something", |node| asking.lineage.id(*node));
        let may = if derived.certain { "rests on" } else { "may rest on" };
        let doubt = if derived.certain { "" } else { " (over links that nobody dates)" };
        found.push(reason(asking, false, format!("{may} {cause}, marked {}{doubt}", derived.mark.as_str()), None));
    }
    for it in exposures.on(asking, version)? {
        let id = asking.lineage.id(it.about);
        let says = format!("depends on {id}, which was exposed on {} and is not marked cleared", it.at.short());
        found.push(reason(asking, false, says, Some(it.claim)));
    }
    if found.is_empty() {
        found.push(reason(asking, true, "nothing it rests on is marked compromised or suspect".to_owned(), None));
    }
    Ok(found)
}

fn evaluations(asking: &Asking<'_>, version: Node, wanted: usize) -> Vec<Reason> {
    let moment = asking.moment();
    let known = asking.lineage.evidence(version).filter(|it| it.kind == "evaluation" && it.at <= moment);
    let (mut found, mut good) = (Vec::new(), Vec::new());
    for it in known.filter(|it| !it.void) {
        match passed(it.verdict) {
            Outcome::Failed => {
                let scope = it.scope.unwrap_or("an evaluation");
                let says = format!("failed {scope} on {}", it.at.short());
                found.push(reason(asking, false, says, Some(it.claim)));
            }
            Outcome::Passed => good.push((it.scope.unwrap_or("an evaluation").to_owned(), it.claim)),
            Outcome::Neither => {}
        }
    }
    let last = good.last().map(|it| it.1);
    good.sort();
    good.dedup_by(|a, b| a.0 == b.0);
    if good.len() < wanted {
        let says = match good.len() {
            0 => "no evaluation of it passed".to_owned(),
            some => format!("{} passed; the policy asks for {wanted}", count(some, "evaluation")),
        };
        found.push(reason(asking, false, says, last));
    } else if !good.is_empty() {
        let names: Vec<&str> = good.iter().map(|it| it.0.as_str()).collect();
        found.push(reason(asking, true, format!("passed {}", names.join(" and ")), last));
    }
    found
}

/// Incidents while it was in use, and where it was longest without one: hours, and the stay.
fn soaked<'s>(asking: &Asking<'_>, stays: &'s [StayAt]) -> (Vec<Reason>, Option<(i64, &'s StayAt)>) {
    let (lineage, moment) = (asking.lineage, asking.moment());
    let mut found = Vec::new();
    let mut longest: Option<(i64, &StayAt)> = None;
    for stay in stays {
        let Some(since) = stay.since else { continue };
        // what is sure counts for it, and what may be against
        let until = stay.window().until.unwrap_or(moment).min(moment);
        let first = stay.since_after.unwrap_or(since);
        let during = |at: Time| at >= first && at <= moment && stay.until.is_none_or(|until| at < until);
        // an update on what began before it came does not speak against it
        let incidents = standing::incidents(lineage.evidence(stay.site), &["incident"], moment);
        if let Some(it) = incidents.into_iter().map(|it| it.first).find(|it| during(it.at)) {
            let scope = it.scope.map_or_else(String::new, |scope| format!(" ({scope})"));
            let may = if it.at < since || it.at > until { "may have run" } else { "ran" };
            let says =
                format!("an incident{scope} on {} at {}, while it {may} there", lineage.id(stay.site), it.at.short());
            found.push(reason(asking, false, says, Some(it.claim)));
            continue;
        }
        let hours = (until.seconds() - since.seconds()) / 3600;
        if longest.is_none_or(|(most, _)| hours > most) {
            longest = Some((hours, stay));
        }
    }
    (found, longest)
}

/// How long it was in use without an incident there.
pub(in crate::investigate) fn stay_reasons(
    asking: &Asking<'_>,
    policy: &Policy,
    sites: Option<&[Node]>,
    stays: &[StayAt],
) -> Vec<Reason> {
    let lineage = asking.lineage;
    let wanted = i64::from(policy.last_good.soak_hours);
    let (mut found, longest) = soaked(asking, stays);
    if wanted == 0 && longest.is_none() {
        return found;
    }
    let site = || match sites {
        Some([one]) => format!(" at {}", lineage.id(*one)),
        Some(_) => " at any of these deployments".to_owned(),
        None => String::new(),
    };
    match longest {
        Some((hours, stay)) if hours >= wanted => {
            let says = format!("ran {} at {} without an incident", length(hours), lineage.id(stay.site));
            found.push(reason(asking, true, says, Some(stay.claim)));
        }
        Some((hours, stay)) => {
            let at = lineage.id(stay.site);
            let says = format!("ran only {} at {at}; the policy asks for {}", length(hours), length(wanted));
            found.push(reason(asking, false, says, Some(stay.claim)));
        }
        None if stays.is_empty() => {
            found.push(reason(asking, false, format!("was never deployed{}, so nobody saw it run", site()), None));
        }
        None if found.is_empty() => {
            let says = format!("when it was deployed{} is not known, so neither is how long it ran", site());
            found.push(reason(asking, false, says, stays.first().map(|stay| stay.claim)));
        }
        None => {}
    }
    found
}

fn length(hours: i64) -> String {
    match hours {
        0..72 => count(usize::try_from(hours).unwrap_or(0), "hour"),
        more => count(usize::try_from(more / 24).unwrap_or(0), "day"),
    }
}

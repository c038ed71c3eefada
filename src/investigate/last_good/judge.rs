//! What speaks for and against one version: a mark, else the policy's rule. It chooses none.

use crate::graph::walk::{Along, Bounds, Walk, Way, walk};
use crate::graph::{EvidenceRef, Node};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::last_good::versions::StayAt;
use crate::investigate::rows::Reason;
use crate::investigate::said::Trust;
use crate::investigate::standing::{Outcome, approvals, passed, resolved};
use crate::investigate::wording::count;
use crate::model::{Kind, MarkKind, Time};
use std::collections::{BTreeMap, HashSet};

/// What is said of one version.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::investigate) struct Judged {
    pub(in crate::investigate) good: bool,
    pub(in crate::investigate) marked: bool,
    /// Against first.
    pub(in crate::investigate) reasons: Vec<Reason>,
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
    let own = own_reasons(asking, exposures, version)?;
    let approved = approval_reasons(asking, version, stays);
    Ok(conclude(asking, version, own, approved, stay_reasons(asking, sites, stays)))
}

/// Puts the reasons together: a mark does away with what the rule lacks, never with what is exposed.
pub(in crate::investigate) fn conclude(
    asking: &Asking<'_>,
    version: Node,
    own: Vec<(bool, Reason)>,
    approved: Vec<Reason>,
    stayed: Vec<Reason>,
) -> Judged {
    let mut reasons: Vec<Reason> = Vec::new();
    let mark = mark_reason(asking, version, MarkKind::Good);
    // what any file may state waves no rule
    let marked = asking.marks.vouched_on(version, asking.as_of).contains(&MarkKind::Good);
    let grave = own.iter().any(|(grave, reason)| *grave && !reason.holds);
    reasons.extend(mark);
    let (own_grave, own_rest): (Vec<_>, Vec<_>) = own.into_iter().partition(|(grave, _)| *grave);
    let all = own_grave.into_iter().chain(own_rest).map(|(_, reason)| reason);
    reasons.extend(all.chain(approved).chain(stayed));
    reasons.sort_by_key(|reason| reason.holds);
    let good = if marked { !grave } else { reasons.iter().all(|reason| reason.holds) };
    Judged { good, marked, reasons }
}

pub(in crate::investigate) fn reason(asking: &Asking<'_>, holds: bool, says: String, claim: Option<u64>) -> Reason {
    Reason { holds, says, claim: claim.map(|claim| asking.claim(claim)) }
}

/// The newest mark of a kind that holds on a version, as a reason.
pub(in crate::investigate) fn mark_reason(asking: &Asking<'_>, node: Node, mark: MarkKind) -> Option<Reason> {
    if !asking.marks.on(node, asking.as_of).contains(&mark) {
        return None;
    }
    let row = asking
        .marks
        .rows_on(node, asking.as_of)
        .into_iter()
        .filter(|row| row.mark == mark && row.overruled_by.is_none() && !row.refused)
        .max_by_key(|row| row.trust > Trust::File)?;
    let holds = matches!(mark, MarkKind::Good | MarkKind::Rollback | MarkKind::Cleared);
    let place = match row.trust {
        Trust::File if holds => format!(" in {}, which is nobody's word here,", row.source),
        Trust::File => format!(" in {}", row.source),
        Trust::Investigator | Trust::Signed => String::new(),
    };
    let says = format!("marked {}{place} by {} on {}: {}", mark.as_str(), row.by, row.at.short(), row.reason);
    Some(Reason { holds, says, claim: Some(row.claim) })
}

/// What the version itself says, wherever it runs: marks and exposure (grave: no mark of good outweighs
/// it), evaluations, digest, credentials upstream.
pub(in crate::investigate) fn own_reasons(
    asking: &Asking<'_>,
    exposures: &Exposures<'_>,
    version: Node,
) -> Result<Vec<(bool, Reason)>, Unanswered> {
    asking.go_on()?;
    let rule = &asking.policy.last_good;
    let mut found = Vec::new();
    for mark in [MarkKind::Compromised, MarkKind::Suspect] {
        found.extend(mark_reason(asking, version, mark).map(|reason| (true, reason)));
    }
    if rule.clean_upstream {
        found.extend(upstream(asking, exposures, version)?.into_iter().map(|reason| (true, reason)));
    }
    found.extend(evaluations(asking, version).into_iter().map(|reason| (false, reason)));
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

/// Credentials that were exposed and are not marked cleared, each with all that depends on it. Asked once,
/// downwards, however many versions are judged.
pub(in crate::investigate) struct Exposures<'a>(Vec<(EvidenceRef<'a>, Walk)>);

/// The most exposed credentials that are followed.
const MOST_EXPOSURES: usize = 256;

impl<'a> Exposures<'a> {
    pub(in crate::investigate) fn of(asking: &Asking<'a>) -> Result<Exposures<'a>, Unanswered> {
        let moment = asking.moment();
        let mut last: BTreeMap<Node, EvidenceRef<'_>> = BTreeMap::new();
        for it in asking.lineage.all_evidence().filter(|it| it.kind == "exposure" && it.at <= moment) {
            if Kind::parse(asking.lineage.kind(it.about)).is_credential() {
                last.insert(it.about, it);
            }
        }
        let cleared = |node: Node| asking.marks.vouched_on(node, asking.as_of).contains(&MarkKind::Cleared);
        last.retain(|node, it| !resolved(it.verdict) && !cleared(*node));
        let down =
            |node: Node| walk(asking.lineage, &[node], Way::Down, &Along::state(moment), Bounds::NONE, asking.cancel);
        let walks = last.into_iter().take(MOST_EXPOSURES).map(|(node, it)| Ok((it, down(node)?)));
        Ok(Exposures(walks.collect::<Result<Vec<_>, Unanswered>>()?))
    }

    /// What was exposed of all a version depends on.
    fn on(&self, version: Node) -> impl Iterator<Item = &EvidenceRef<'a>> + '_ {
        self.0.iter().filter(move |(_, down)| down.contains(version)).map(|(it, _)| it)
    }
}

/// What is wrong upstream of it.
fn upstream(asking: &Asking<'_>, exposures: &Exposures<'_>, version: Node) -> Result<Vec<Reason>, Unanswered> {
    let mut found = Vec::new();
    if let Some(derived) = asking.taint.on(version) {
        let cause = cause(asking, version)?;
        let may = if derived.certain { "rests on" } else { "may rest on" };
        let doubt = if derived.certain { "" } else { " (over links that nobody dates)" };
        found.push(reason(asking, false, format!("{may} {cause}, marked {}{doubt}", derived.mark.as_str()), None));
    }
    for it in exposures.on(version) {
        let id = asking.lineage.id(it.about);
        let says = format!("depends on {id}, which was exposed on {} and is not marked cleared", it.at.short());
        found.push(reason(asking, false, says, Some(it.claim)));
    }
    if found.is_empty() {
        found.push(reason(asking, true, "nothing it rests on is marked compromised or suspect".to_owned(), None));
    }
    Ok(found)
}

/// The nearest marked artefact that exposes a version.
fn cause(asking: &Asking<'_>, version: Node) -> Result<String, Unanswered> {
    let bad: HashSet<Node> = asking.taint.bad().map(|(_, bad)| bad.node).collect();
    let along = Along::state(asking.moment());
    let up = walk(asking.lineage, &[version], Way::Up, &along, Bounds::NONE, asking.cancel)?;
    let first = up.reached().find(|(node, _)| bad.contains(node)).map(|(node, _)| node);
    // a bad thing with a window need not lie on the links that stand now
    Ok(first.map_or_else(|| "something".to_owned(), |node| asking.lineage.id(node).to_owned()))
}

fn evaluations(asking: &Asking<'_>, version: Node) -> Vec<Reason> {
    let wanted = asking.policy.last_good.evaluations as usize;
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

/// Whether the approvals the policy asks for held when it went into use; if it never did, now.
pub(in crate::investigate) fn approval_reasons(asking: &Asking<'_>, version: Node, stays: &[StayAt]) -> Vec<Reason> {
    approval_at(asking, version, stays.iter().find_map(|stay| stay.since))
}

/// Whether the approvals the policy asks for held when it went into use; without that moment, whether they
/// hold now.
pub(in crate::investigate) fn approval_at(asking: &Asking<'_>, version: Node, since: Option<Time>) -> Vec<Reason> {
    let at = since.unwrap_or_else(|| asking.moment());
    let now = if asking.as_of.is_some() { "then" } else { "now" };
    let (holds, held, had) = match since {
        Some(since) => {
            let when = format!("on {}, when it was deployed", since.short());
            (format!("it held {when}"), format!("held {when}"), format!("nobody had approved it {when}"))
        }
        None => (format!("it holds {now}"), format!("holds {now}"), "nobody approved it".to_owned()),
    };
    let rule = &asking.policy.last_good;
    let given = approvals(asking, version, at);
    let mut seen: HashSet<(Option<&str>, Option<&str>)> = HashSet::new();
    let standing: Vec<_> =
        given.iter().filter(|(word, it)| *word == "recorded" && seen.insert((it.by, it.scope))).collect();
    let missing: Vec<&str> = rule
        .approval_scopes
        .iter()
        .map(String::as_str)
        .filter(|scope| !standing.iter().any(|(_, it)| it.scope == Some(scope)))
        .collect();
    let mut found = Vec::new();
    if standing.len() >= rule.approvals as usize && missing.is_empty() {
        for (_, it) in standing {
            let scope = it.scope.map_or_else(String::new, |scope| format!(" ({scope})"));
            let by = it.by.unwrap_or("somebody unnamed");
            found.push(reason(asking, true, format!("approved{scope} by {by}; {holds}"), Some(it.claim)));
        }
        return found;
    }
    for scope in missing {
        found.push(reason(asking, false, format!("no approval of {scope} {held}"), None));
    }
    for (word, it) in given.iter().filter(|(word, _)| *word != "recorded") {
        let scope = it.scope.map_or_else(String::new, |scope| format!(" ({scope})"));
        let by = it.by.unwrap_or("somebody unnamed");
        let says = if *word == "void" {
            format!("the approval{scope} by {by} is void: it covers another digest")
        } else {
            let expired = it.expires.map(Time::short).unwrap_or_default();
            let before =
                since.map_or_else(String::new, |since| format!(", before it was deployed on {}", since.short()));
            format!("the approval{scope} by {by} expired on {expired}{before}")
        };
        found.push(reason(asking, false, says, Some(it.claim)));
    }
    if found.is_empty() {
        let says = if standing.is_empty() {
            format!("the approval is missing: {had}")
        } else {
            let some = count(standing.len(), "approval");
            format!("{some} {held}; the policy asks for {}", rule.approvals)
        };
        found.push(reason(asking, false, says, standing.first().map(|(_, it)| it.claim)));
    }
    found
}

/// How long it was in use without an incident there.
pub(in crate::investigate) fn stay_reasons(
    asking: &Asking<'_>,
    sites: Option<&[Node]>,
    stays: &[StayAt],
) -> Vec<Reason> {
    let (lineage, moment) = (asking.lineage, asking.moment());
    let wanted = i64::from(asking.policy.last_good.soak_hours);
    let mut found = Vec::new();
    let mut longest: Option<(i64, &StayAt)> = None;
    for stay in stays {
        let Some(since) = stay.since else { continue };
        let until = stay.until.unwrap_or(moment).min(moment);
        let during = |at: Time| at >= since && at <= moment && stay.until.is_none_or(|until| at < until);
        let mut incidents = lineage.evidence(stay.site).filter(|it| it.kind == "incident" && during(it.at));
        if let Some(it) = incidents.find(|it| !resolved(it.verdict)) {
            let scope = it.scope.map_or_else(String::new, |scope| format!(" ({scope})"));
            let says =
                format!("an incident{scope} on {} at {}, while it ran there", lineage.id(stay.site), it.at.short());
            found.push(reason(asking, false, says, Some(it.claim)));
            continue;
        }
        let hours = (until.seconds() - since.seconds()) / 3600;
        if longest.is_none_or(|(most, _)| hours > most) {
            longest = Some((hours, stay));
        }
    }
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

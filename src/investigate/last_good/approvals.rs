//! What approvals speak for and against one version: which held when it went into use, why the others did not,
//! and what has to be said of those that did. It judges nothing else of it.

use crate::graph::walk::Along;
use crate::graph::{EvidenceRef, Lineage, Node};
use crate::investigate::asking::Asking;
use crate::investigate::last_good::judge::reason;
use crate::investigate::last_good::versions::StayAt;
use crate::investigate::rows::Reason;
use crate::investigate::standing::{Given, approvals, refusals};
use crate::investigate::wording::count;
use crate::model::{Policy, Relation, Time};
use std::collections::HashSet;

/// When a version was in use, as far as its approval goes.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::investigate) struct Used {
    /// The moment at which approvals had to hold; now when absent.
    pub(in crate::investigate) since: Option<Time>,
    /// When it was put to use first, and where.
    pub(in crate::investigate) first: Option<(Time, Node)>,
}

impl Used {
    /// The first of all stays.
    pub(in crate::investigate) fn first(stays: &[StayAt]) -> Option<(Time, Node)> {
        stays.iter().filter_map(|stay| Some((stay.since?, stay.site))).min()
    }
}

/// The approvals that held at a moment, each of a person and scope once; without a moment, now.
fn standing_then<'a>(asking: &Asking<'a>, version: Node, since: Option<Time>) -> Vec<EvidenceRef<'a>> {
    let mut seen: HashSet<(Option<&str>, Option<&str>)> = HashSet::new();
    let given = approvals(asking, version, since.unwrap_or_else(|| asking.moment()));
    let standing = given.into_iter().filter(|it| it.standing == "recorded" && seen.insert((it.it.by, it.it.scope)));
    standing.map(|it| it.it).collect()
}

/// Who approved it, in a few words, and what speaks against taking that as it is.
pub(in crate::investigate) fn approved_by(asking: &Asking<'_>, version: Node, used: Used) -> String {
    let standing = standing_then(asking, version, used.since);
    let mut by: Vec<&str> = standing.iter().filter_map(|it| it.by).collect();
    by.dedup();
    let by = if by.is_empty() { "approved".to_owned() } else { format!("approved by {}", by.join(" and ")) };
    let remarks: Vec<Vec<String>> = standing.iter().map(|it| remarks(asking, version, it, used)).collect();
    match remarks.into_iter().min_by_key(Vec::len) {
        Some(remarks) if !remarks.is_empty() => format!("{by} ({})", remarks.join("; ")),
        _ => by,
    }
}

/// Whether the approvals the policy asks for held when it went into use; without that moment, whether they
/// hold now.
pub(in crate::investigate) fn approval_at(
    asking: &Asking<'_>,
    policy: &Policy,
    version: Node,
    used: Used,
) -> Vec<Reason> {
    let moment = asking.moment();
    let at = used.since.unwrap_or(moment);
    let now = if asking.as_of.is_some() { "then" } else { "now" };
    let (holds, held) = match used.since {
        Some(since) => {
            let when = format!("on {}, when it was deployed", since.short());
            (format!("it held {when}"), format!("held {when}"))
        }
        None => (format!("it holds {now}"), format!("holds {now}")),
    };
    let rule = &policy.last_good;
    let standing = standing_then(asking, version, used.since);
    let lacks = |scope: &&str| !standing.iter().any(|it| it.scope == Some(scope));
    let missing: Vec<&str> = rule.approval_scopes.iter().map(String::as_str).filter(lacks).collect();
    // what was refused since speaks against it, though it had been approved when it was deployed
    let mut found = refused_since(asking, version, &standing, at);
    if standing.len() >= rule.approvals as usize && missing.is_empty() {
        for it in standing {
            let (scope, by) = (scope_of(&it), by_of(&it));
            let remarks: String =
                remarks(asking, version, &it, used).into_iter().map(|remark| format!("; {remark}")).collect();
            found.push(reason(asking, true, format!("approved{scope} by {by}; {holds}{remarks}"), Some(it.claim)));
        }
        return found;
    }
    for scope in missing {
        found.push(reason(asking, false, format!("no approval of {scope} {held}"), None));
    }
    let given = approvals(asking, version, at);
    for it in given.iter().filter(|it| it.standing != "recorded") {
        found.push(reason(asking, false, lapsed(it, used.since), Some(it.refusal.unwrap_or(it.it).claim)));
    }
    if given.is_empty() {
        for it in refusals(asking, version, at) {
            let says = format!("refused{} by {} on {}; nobody approved it", scope_of(&it), by_of(&it), it.at.short());
            found.push(reason(asking, false, says, Some(it.claim)));
        }
    }
    for it in approvals(asking, version, moment).into_iter().filter(|it| it.it.at > at && it.standing == "recorded") {
        let (scope, by, given) = (scope_of(&it.it), by_of(&it.it), it.it.at.short());
        let says = format!("approved{scope} by {by} only on {given}, after it was deployed on {}", at.short());
        found.push(reason(asking, false, says, Some(it.it.claim)));
    }
    if found.is_empty() {
        let says = match (standing.is_empty(), used.since) {
            (true, Some(since)) => {
                format!("the approval is missing: nobody had approved it on {}, when it was deployed", since.short())
            }
            (true, None) => "the approval is missing: nobody approved it".to_owned(),
            (false, _) => {
                format!("{} {held}; the policy asks for {}", count(standing.len(), "approval"), rule.approvals)
            }
        };
        found.push(reason(asking, false, says, standing.first().map(|it| it.claim)));
    }
    found
}

fn scope_of(it: &EvidenceRef<'_>) -> String {
    it.scope.map_or_else(String::new, |scope| format!(" ({scope})"))
}

fn by_of<'a>(it: &EvidenceRef<'a>) -> &'a str {
    it.by.unwrap_or("somebody unnamed")
}

/// The word of a refusal: `revoked` where it takes back what was given, as its verdict says it.
fn refused(verdict: Option<&str>) -> String {
    const TAKEN_BACK: [&str; 4] = ["revoked", "withdrawn", "rescinded", "dismissed"];
    let word = verdict.unwrap_or_default().trim().to_ascii_lowercase();
    if TAKEN_BACK.contains(&word.as_str()) { word } else { "refused".to_owned() }
}

/// Approvals that held when it went into use and that somebody took back since.
fn refused_since(asking: &Asking<'_>, version: Node, standing: &[EvidenceRef<'_>], at: Time) -> Vec<Reason> {
    let now = approvals(asking, version, asking.moment());
    let back = now.iter().filter(|it| standing.iter().any(|then| then.claim == it.it.claim));
    let back = back.filter_map(|it| Some((&it.it, it.refusal?)));
    back.map(|(it, refusal)| {
        let (word, by, on) = (refused(refusal.verdict), by_of(&refusal), refusal.at.short());
        let (scope, giver) = (scope_of(it), by_of(it));
        let says = format!(
            "the approval{scope} by {giver} was {word} later, by {by} on {on}, after it was deployed on {}",
            at.short()
        );
        reason(asking, false, says, Some(refusal.claim))
    })
    .collect()
}

/// Why an approval that was given does not count.
fn lapsed(it: &Given<'_>, since: Option<Time>) -> String {
    let the = format!("the approval{} by {} of {}", scope_of(&it.it), by_of(&it.it), it.it.at.short());
    let before = since.map_or_else(String::new, |since| format!(", before it was deployed on {}", since.short()));
    match (it.standing, it.refusal) {
        ("void", _) => format!("{the} is void: it covers another digest"),
        (_, Some(refusal)) => {
            let (word, by) = (refused(refusal.verdict), by_of(&refusal));
            format!("{the} was {word} by {by} on {}{before}", refusal.at.short())
        }
        _ => format!("{the} expired on {}{before}", it.it.expires.map(Time::short).unwrap_or_default()),
    }
}

/// What has to be said of an approval that counts.
fn remarks(asking: &Asking<'_>, version: Node, it: &EvidenceRef<'_>, used: Used) -> Vec<String> {
    let mut remarks = Vec::new();
    if !it.names_digest {
        remarks.push("it names no digest".to_owned());
    }
    if let Some((first, site)) = used.first.filter(|(first, _)| *first < it.at) {
        let (given, first, site) = (it.at.short(), first.short(), asking.lineage.id(site));
        remarks.push(format!("it was given on {given}, after it was deployed at {site} on {first}"));
    }
    if it.by.is_some_and(|by| is_author(asking, version, by)) {
        remarks.push("it was given by who made it".to_owned());
    }
    remarks
}

/// Whether somebody changed a version, what it was built from, or the run that produced it.
fn is_author(asking: &Asking<'_>, version: Node, by: &str) -> bool {
    let along = Along::state(asking.moment());
    let names = |node: Node| authors(asking.lineage, node, &along).any(|id| id == by);
    let made_of = asking.lineage.upstream(version).filter(|link| {
        let made = matches!(Relation::parse(link.relation), Relation::BuiltFrom | Relation::ProducedBy);
        made && along.admits(link)
    });
    names(version) || made_of.map(|link| link.to).any(names)
}

/// Who is named as the author of something, by id.
fn authors<'a>(lineage: &'a Lineage, node: Node, along: &Along) -> impl Iterator<Item = &'a str> {
    let along = *along;
    let named = lineage.upstream(node).filter(move |link| {
        let names = matches!(Relation::parse(link.relation), Relation::ChangedBy | Relation::ActedFor);
        names && along.admits(link)
    });
    named.map(|link| lineage.id(link.to))
}

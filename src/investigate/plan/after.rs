//! What stays exposed when a plan is done, asked again on the planned state; and what must be kept before it
//! is begun. It changes no plan.

use crate::graph::{LinkRef, Node};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::plan::reach::{Spread, Wrong, moves_away};
use crate::investigate::rows::{Hold, Remaining};
use crate::investigate::standing::resolved;
use crate::model::{Kind, Time};
use std::collections::{BTreeMap, HashSet};

/// The most that is listed.
const MOST_LISTED: usize = 100;

/// What the plan does to links.
#[derive(Default)]
pub(super) struct Done {
    /// (deployment, what it runs no more).
    pub(super) left: HashSet<(Node, Node)>,
    /// Deployments that run no more.
    pub(super) disabled: HashSet<Node>,
    /// Credentials that everything which still runs moves away from.
    pub(super) rotated: HashSet<Node>,
}

/// What stays exposed, consequences first: the first of them, and how many.
pub(super) fn remaining(
    asking: &Asking<'_>,
    wrong: &Wrong,
    done: &Done,
    at: Time,
) -> Result<(Vec<Remaining>, u64), Unanswered> {
    let lineage = asking.lineage;
    let kind = |node: Node| Kind::parse(lineage.kind(node));
    let takes = |link: &LinkRef<'_>| {
        !moves_away(asking, &done.rotated, link)
            && !done.disabled.contains(&link.from)
            && !done.left.contains(&(link.from, link.to))
    };
    let spread = Spread::from(asking, &wrong.bad, at, takes)?;
    let mut left: Vec<Node> = spread.reached().iter().copied().filter(|node| !wrong.is_bad(*node)).collect();
    let count = left.len() as u64;
    let rank = |node: Node| match kind(node) {
        Kind::Deployment => 0,
        Kind::Endpoint => 1,
        Kind::UseCase => 2,
        Kind::Step => 3,
        Kind::Agent => 4,
        Kind::ModelVersion => 5,
        _ => 6,
    };
    left.sort_by_cached_key(|node| (rank(*node), *node));
    let row = |node: &Node| {
        let path = spread.path(*node);
        let via = path.iter().rev().nth(1).map_or("what is bad", |node| lineage.id(*node));
        let why = match kind(*node) {
            Kind::Step => {
                let when = lineage.at(*node).or_else(|| lineage.upstream(*node).filter_map(|link| link.since).max());
                let when = when.map_or_else(|| "was executed".to_owned(), |at| format!("was executed {}", at.short()));
                format!("{when}: it cannot be rolled back, review it")
            }
            kind if kind.is_consequence() => format!("still reached through {via}"),
            kind if kind.changes_in_place() && kind != Kind::Agent => format!("still depends on {via}"),
            Kind::Run => format!("worked with {via}: use nothing that it made"),
            _ => format!("made of {via}: do not deploy or use it again"),
        };
        Remaining {
            id: lineage.id(*node).to_owned(),
            kind: lineage.kind(*node).to_owned(),
            owner: lineage.owner(*node).map(str::to_owned),
            why,
        }
    };
    Ok((left.iter().take(MOST_LISTED).map(row).collect(), count))
}

/// Whether something must be kept before these deployments are altered.
pub(super) fn hold(asking: &Asking<'_>, altered: &[Node]) -> Option<Hold> {
    let lineage = asking.lineage;
    let mut deployments: Vec<Node> =
        altered.iter().copied().filter(|node| is_high(lineage.risk(*node)) && has_incident(asking, *node)).collect();
    deployments.sort_unstable();
    deployments.dedup();
    (!deployments.is_empty()).then(|| Hold {
        why: "high-risk, with an open incident: until the authority is informed of a serious incident, a system must \
              not be altered in a way that may affect the later evaluation of its causes (EU AI Act, Art. 73(6)). \
              Export the case bundle first; whether the article applies is for your counsel to say"
            .to_owned(),
        first: "lastgood case export NAME --to FILE".to_owned(),
        deployments: deployments.into_iter().map(|node| lineage.id(node).to_owned()).collect(),
    })
}

/// Whether a risk class is among those that come first.
pub(super) fn is_high(risk: Option<&str>) -> bool {
    risk.is_some_and(|risk| ["high", "critical"].iter().any(|it| risk.trim().eq_ignore_ascii_case(it)))
}

/// Whether the newest word of some incident there is not that it is over.
fn has_incident(asking: &Asking<'_>, node: Node) -> bool {
    let moment = asking.moment();
    let mut open: BTreeMap<Option<&str>, bool> = BTreeMap::new();
    for it in asking.lineage.evidence(node).filter(|it| it.kind == "incident" && it.at <= moment) {
        let over = resolved(it.verdict) || it.expires.is_some_and(|expires| expires <= moment);
        open.insert(it.scope, !over);
    }
    open.values().any(|open| *open)
}

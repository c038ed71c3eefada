//! What stays exposed when a plan is done, asked again on the planned state; and what must be kept before it
//! is begun. It changes no plan.

use crate::graph::walk::{Along, Bounds, Way, walk};
use crate::graph::{Held, LinkRef, Node};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::credential::step_words;
use crate::investigate::plan::reach::{Reach, Spread, Wrong, moves_away};
use crate::investigate::rows::{Hold, Remaining};
use crate::investigate::standing::open_incidents;
use crate::investigate::wording::count;
use crate::model::{Kind, MarkKind, Policy, Time, shell_word};
use std::collections::{BTreeSet, HashSet};

/// The most that is listed.
const MOST_LISTED: usize = 100;

/// The most steps whose descriptions are read for what they were.
const MOST_READ: usize = 2_000;

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

/// How many were exposed and stay so, for certain and at most, and the first of those that stay.
pub(super) struct After {
    pub(super) remaining: Vec<Remaining>,
    pub(super) remaining_count: (u64, u64),
    pub(super) exposed_count: (u64, u64),
}

/// What stays exposed, consequences first.
pub(super) fn remaining(
    asking: &Asking<'_>,
    wrong: &Wrong,
    reach: &Reach<'_>,
    done: &Done,
    at: Time,
) -> Result<After, Unanswered> {
    let lineage = asking.lineage;
    let kind = |node: Node| Kind::parse(lineage.kind(node));
    let executed = Executed::of(asking, wrong, at)?;
    let takes = |link: &LinkRef<'_>| {
        let moved = moves_away(asking, &done.rotated, link);
        // what was not hit passes nothing on
        let passes = kind(link.to) != Kind::Step || executed.possible.contains(&link.to);
        let left = done.disabled.contains(&link.from) || done.left.contains(&(link.from, link.to));
        !moved && passes && !left
    };
    let along = Along::state(at);
    let may = Spread::from(asking, &wrong.bad, at, along, takes)?;
    let sure = Spread::from(asking, &wrong.bad, at, along.surely(), takes)?;
    let is_sure = |node: Node| sure.contains(node) && reach.exposed.held(node) == Held::Certainly;
    let counted = |node: &Node| !wrong.is_bad(*node) && kind(*node) != Kind::Step;
    let mut left: Vec<Node> = may.reached().filter(counted).collect();
    let (steps, sure_steps) = (executed.possible.len() as u64, executed.certain.len() as u64);
    let certain = left.iter().filter(|node| is_sure(**node)).count() as u64;
    let remaining_count = (certain + sure_steps, left.len() as u64 + steps);
    let (mut certain, mut possible) = (sure_steps, steps);
    for node in reach.all.reached().filter(counted) {
        certain += u64::from(reach.exposed.held(node) == Held::Certainly);
        possible += 1;
    }
    left.sort_by_cached_key(|node| (rank(&kind(*node)), *node));
    let row = |node: Node, why: String, certain: bool, more: u64| Remaining {
        id: lineage.id(node).to_owned(),
        kind: lineage.kind(node).to_owned(),
        owner: lineage.owner(node).map(str::to_owned),
        why,
        certain,
        more,
    };
    let still = |node: Node| {
        let certain = is_sure(node);
        let path = if certain { &sure } else { &may }.path(node);
        let via = path.iter().rev().nth(1).map_or("what is bad", |node| lineage.id(*node));
        let why = match (kind(node), certain) {
            (kind, true) if kind.is_consequence() => format!("still reached through {via}"),
            (kind, false) if kind.is_consequence() => format!("may still be reached through {via}"),
            (kind, _) if kind.changes_in_place() && kind != Kind::Agent => {
                format!("{} on {via}", if certain { "still depends" } else { "may still depend" })
            }
            (Kind::Run, true) => format!("worked with {via}: use nothing that it made"),
            (Kind::Run, false) => format!("may have worked with {via}: use nothing that it made"),
            (_, true) => format!("made of {via}: do not deploy or use it again"),
            (_, false) => format!("may be made of {via}: do not deploy or use it again"),
        };
        row(node, why, certain, 0)
    };
    let before = left.partition_point(|node| rank(&kind(*node)) < rank(&Kind::Step));
    let mut rows: Vec<Remaining> = left[..before].iter().take(MOST_LISTED).map(|node| still(*node)).collect();
    for (node, more) in executed.listed(asking, MOST_LISTED - rows.len())? {
        let when = lineage.at(node).or_else(|| lineage.upstream(node).filter_map(|link| link.since).max());
        let when = when.map_or_else(|| "was executed".to_owned(), |at| format!("was executed {}", at.short()));
        let certain = executed.certain.contains(&node);
        let doubt = if certain { "" } else { "may have been reached: " };
        let others = match more {
            0 => String::new(),
            more => format!("; with it {} of the same decision", count(more as usize, "other step")),
        };
        let why = format!("{doubt}{when}: it cannot be rolled back, review it{others}");
        rows.push(row(node, why, certain, more));
    }
    let room = MOST_LISTED - rows.len();
    rows.extend(left[before..].iter().take(room).map(|node| still(*node)));
    Ok(After { remaining: rows, remaining_count, exposed_count: (certain, possible) })
}

/// Steps that were executed on what was bad while it was: they stay, whatever runs now.
struct Executed {
    certain: BTreeSet<Node>,
    possible: BTreeSet<Node>,
}

impl Executed {
    /// As impact finds them: over links that held while the thing was bad.
    fn of(asking: &Asking<'_>, wrong: &Wrong, at: Time) -> Result<Executed, Unanswered> {
        let lineage = asking.lineage;
        let mut executed = Executed { certain: BTreeSet::new(), possible: BTreeSet::new() };
        for (window, nodes) in wrong.windows(at) {
            let reached = |at_least: Held, into: &mut BTreeSet<Node>| -> Result<(), Unanswered> {
                let along = Along { window, at_least, ..Along::impact() };
                let down = walk(lineage, &nodes, Way::Down, &along, Bounds::NONE, asking.cancel)?;
                let step = |node: &Node| lineage.kind(*node) == Kind::Step.as_str() && !wrong.is_bad(*node);
                into.extend(down.reached().map(|(node, _)| node).filter(step));
                Ok(())
            };
            reached(Held::Possibly, &mut executed.possible)?;
            reached(Held::Certainly, &mut executed.certain)?;
        }
        Ok(executed)
    }

    /// Those to list, each with how many others of its decision it stands for: of a chain what acted, or
    /// does not say what it was; else what came of the chain in the end.
    fn listed(&self, asking: &Asking<'_>, most: usize) -> Result<Vec<(Node, u64)>, Unanswered> {
        let lineage = asking.lineage;
        let (mut rows, mut read) = (Vec::new(), 0);
        let mut seen: BTreeSet<Node> = BTreeSet::new();
        for first in &self.possible {
            if rows.len() >= most || read >= MOST_READ {
                break;
            }
            asking.go_on()?;
            if !seen.insert(*first) {
                continue;
            }
            let (mut chain, mut next) = (vec![*first], 0);
            while let Some(node) = chain.get(next).copied() {
                next += 1;
                let up = lineage.upstream(node).filter(|link| link.carries_impact).map(|link| link.to);
                let down = lineage.downstream(node).filter(|link| link.carries_impact).map(|link| link.from);
                chain.extend(up.chain(down).filter(|node| self.possible.contains(node) && seen.insert(*node)));
            }
            chain.sort_unstable();
            let known = chain.len().min(MOST_READ - read);
            read += known;
            let words = step_words(asking, chain[..known].iter().copied())?;
            let says = |node: &Node| words.get(node).map(String::as_str);
            let mut shown: Vec<Node> =
                chain.iter().copied().filter(|it| says(it).is_none_or(|word| word == "action")).collect();
            if shown.is_empty() {
                let ends = |node: &Node| !lineage.downstream(*node).any(|link| self.possible.contains(&link.from));
                shown.extend(chain.iter().copied().rev().find(ends).or(chain.last().copied()));
            }
            let rest = (chain.len() - shown.len()) as u64;
            rows.extend(shown.into_iter().enumerate().map(|(at, node)| (node, if at == 0 { rest } else { 0 })));
        }
        rows.truncate(most);
        Ok(rows)
    }
}

/// Why a target is believed to be safe.
pub(super) fn believed(asking: &Asking<'_>, policy: &Policy, target: Node) -> String {
    let marks = asking.marks.on(target, asking.as_of);
    match [MarkKind::Rollback, MarkKind::Good].iter().find(|mark| marks.contains(mark)) {
        Some(mark) => format!("marked {}", mark.as_str()),
        None => format!("inferred by {}", policy.id()),
    }
}

fn rank(kind: &Kind) -> u8 {
    match kind {
        Kind::Deployment => 0,
        Kind::Endpoint => 1,
        Kind::UseCase => 2,
        Kind::Step => 3,
        Kind::Agent => 4,
        Kind::ModelVersion => 5,
        _ => 6,
    }
}

/// Whether something must be kept before these deployments are altered.
pub(super) fn hold(asking: &Asking<'_>, altered: &[Node]) -> Option<Hold> {
    let lineage = asking.lineage;
    let is_open = |node: Node| !open_incidents(lineage.evidence(node), asking.moment()).is_empty();
    let mut deployments: Vec<Node> =
        altered.iter().copied().filter(|node| is_high(lineage.risk(*node)) && is_open(*node)).collect();
    deployments.sort_unstable();
    deployments.dedup();
    (!deployments.is_empty()).then(|| Hold {
        why: "high-risk, with an open incident: until the authority is informed of a serious incident, a system must \
              not be altered in a way that may affect the later evaluation of its causes (EU AI Act, Art. 73(6)). \
              Keep what is known first: the exported case holds its marks, notes and saved answers, each with the \
              root it was computed at; the records themselves lie in the ledger's file, so keep a copy of that \
              too. Whether the article applies is for your counsel to say"
            .to_owned(),
        first: keep_case(asking),
        deployments: deployments.into_iter().map(|node| lineage.id(node).to_owned()).collect(),
    })
}

/// The command that writes the case down, as it can be run.
fn keep_case(asking: &Asking<'_>) -> String {
    let file = |name: &str| {
        let safe = |letter: char| if letter.is_ascii_alphanumeric() || "._-".contains(letter) { letter } else { '-' };
        let name: String = name.chars().map(safe).collect();
        format!("./{name}.lineage.jsonl")
    };
    match asking.case {
        Some(name) => format!("lastgood case export {} --to {}", shell_word(name), file(name)),
        None => {
            let day: String = asking.now.to_string().chars().take(10).collect();
            let name = format!("incident-{day}");
            format!("lastgood case new {name} && lastgood case export {name} --to {}", file(&name))
        }
    }
}

/// Whether a risk class is among those that come first.
pub(super) fn is_high(risk: Option<&str>) -> bool {
    risk.is_some_and(|risk| ["high", "critical"].iter().any(|it| risk.trim().eq_ignore_ascii_case(it)))
}

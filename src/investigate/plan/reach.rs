//! What is bad, what it reaches now, and through what each deployment is hit. It chooses no way back.

use crate::graph::walk::{Along, Bounds, Way, Ways, walk, walk_where};
use crate::graph::{Held, LinkRef, Node, NodeSet};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::marks::in_no_lineage;
use crate::investigate::question::Plan;
use crate::investigate::rows::BadThing;
use crate::investigate::site::{puts_to_use, runs_versions, sites};
use crate::investigate::taint::{Bad, Exposed, first_hop, starts};
use crate::model::{Kind, MarkKind, Time, Window};
use std::collections::{HashMap, HashSet};

/// What a plan takes for bad.
pub(super) struct Wrong {
    /// What exposes whatever rests on it: of a credential that is still in use until now, whenever its window
    /// ended, for who held it then holds it still.
    pub(super) bad: Vec<Bad>,
    /// The same with the windows that were stated: what was done with it is asked of these.
    stated: Vec<Bad>,
    /// Deployments to bring back, whatever exposes them.
    pub(super) named: Vec<Node>,
    /// All of it, as the answer says it.
    pub(super) told: Vec<BadThing>,
}

impl Wrong {
    /// What was named; else what is marked.
    pub(super) fn of(asking: &Asking<'_>, question: &Plan) -> Result<Wrong, Unanswered> {
        let mut marked: Vec<(MarkKind, Bad)> = Vec::new();
        for (mark, bad) in asking.taint.bad() {
            if !marked.iter().any(|(_, known)| known.node == bad.node) {
                marked.push((mark, bad));
            }
        }
        let mut all: Vec<(Option<MarkKind>, Bad)> = Vec::new();
        for id in &question.of {
            let node = asking.node(id)?;
            let mark = marked.iter().find(|(_, bad)| bad.node == node).copied();
            let window = mark.map(|(_, bad)| bad.window).unwrap_or_default();
            all.push((mark.map(|(mark, _)| mark), Bad { node, window }));
        }
        if question.of.is_empty() {
            all.extend(marked.into_iter().map(|(mark, bad)| (Some(mark), bad)));
        }
        if all.is_empty() {
            let strays =
                asking.marks.strays(asking.as_of).map_or_else(String::new, |it| format!(" ({})", in_no_lineage(it)));
            let says = "mark what is bad, or name it: lastgood plan ARTEFACT";
            let says = format!("nothing is marked compromised or suspect{strays}: {says}");
            return Err(Unanswered::Nothing(says));
        }
        let mut wrong = Wrong { bad: Vec::new(), stated: Vec::new(), named: Vec::new(), told: Vec::new() };
        let mut seen = NodeSet::new(asking.lineage.len());
        for (mark, mut bad) in all.into_iter().filter(|(_, bad)| seen.insert(bad.node)) {
            if !question.window.is_open() {
                bad.window = question.window;
            }
            let id = asking.lineage.id(bad.node).to_owned();
            wrong.told.push(BadThing { id, mark, window: bad.window });
            // what misbehaves is brought back, and of an endpoint what it serves; only what is said to be
            // compromised taints what rests on it
            let kind = Kind::parse(asking.lineage.kind(bad.node));
            if !matches!(kind, Kind::Deployment | Kind::Endpoint) || mark == Some(MarkKind::Compromised) {
                wrong.stated.push(bad);
                if is_still_held(asking, &bad) {
                    bad.window.until = None;
                }
                wrong.bad.push(bad);
                continue;
            }
            let behind = sites(asking, bad.node).into_iter().filter(|site| runs_versions(asking, *site));
            let before = wrong.named.len();
            wrong.named.extend(behind);
            if wrong.named.len() == before {
                wrong.named.push(bad.node);
            }
        }
        wrong.named.sort_unstable();
        wrong.named.dedup();
        Ok(wrong)
    }

    pub(super) fn is_bad(&self, node: Node) -> bool {
        self.bad.iter().any(|it| it.node == node)
    }

    /// What was bad in each window; none goes beyond the moment.
    pub(super) fn windows(&self, at: Time) -> Vec<(Window, Vec<Node>)> {
        let mut windows: Vec<(Window, Vec<Node>)> = Vec::new();
        for it in &self.stated {
            let until = Some(it.window.until.map_or(at, |until| until.min(at)));
            let window = Window { since: it.window.since, until };
            match windows.iter_mut().find(|(known, _)| *known == window) {
                Some((_, nodes)) => nodes.push(it.node),
                None => windows.push((window, vec![it.node])),
            }
        }
        windows
    }

    /// Bad credentials: to be rotated.
    pub(super) fn credentials(&self, asking: &Asking<'_>, at: Time) -> Vec<Node> {
        let stands = |it: &&Bad| it.window.until.is_none_or(|until| until >= at);
        let credential = |node: &Node| Kind::parse(asking.lineage.kind(*node)).is_credential();
        self.bad.iter().filter(stands).map(|it| it.node).filter(credential).collect()
    }
}

/// Whether a credential whose window has ended is in use as it was: something that changes in place hangs on it
/// now, and nobody whose word counts says that it is good or cleared.
fn is_still_held(asking: &Asking<'_>, bad: &Bad) -> bool {
    let (lineage, at) = (asking.lineage, asking.moment());
    let is_over = bad.window.until.is_some_and(|until| until < at);
    if !is_over || !Kind::parse(lineage.kind(bad.node)).is_credential() {
        return false;
    }
    let vouched = asking.marks.vouched_on(bad.node, Some(at));
    let along = Along::state(at);
    let uses = |link: &LinkRef<'_>| {
        link.from != bad.node && along.admits(link) && Kind::parse(lineage.kind(link.from)).changes_in_place()
    };
    !vouched.iter().any(|mark| matches!(mark, MarkKind::Good | MarkKind::Cleared))
        && lineage.downstream(bad.node).any(|link| uses(&link))
}

/// Everything reached downwards, with ways to it. Where it does not pass, nothing behind is reached.
pub(super) struct Spread {
    ways: Ways,
    /// What is bad where a way begins.
    bad: HashMap<Node, Node>,
}

impl Spread {
    /// Walks from what is bad over what stands at a moment, taking the links that `takes` lets pass.
    pub(super) fn from(
        asking: &Asking<'_>,
        bad: &[Bad],
        at: Time,
        along: Along,
        takes: impl Fn(&LinkRef<'_>) -> bool,
    ) -> Result<Spread, Unanswered> {
        let starts = starts(asking.lineage, bad, at, along, &takes);
        let nodes: Vec<Node> = starts.iter().map(|it| it.0).collect();
        let walk = walk_where(asking.lineage, &nodes, Way::Down, &along, takes, asking.cancel)?;
        Ok(Spread { ways: walk.into_ways(), bad: starts.into_iter().collect() })
    }

    pub(super) fn contains(&self, node: Node) -> bool {
        self.ways.walk().contains(node)
    }

    /// All of it, nearest first.
    pub(super) fn reached(&self) -> impl Iterator<Item = Node> + '_ {
        self.ways.walk().reached().map(|(node, _)| node)
    }

    /// From the bad thing to an artefact that was reached.
    pub(super) fn path(&self, node: Node) -> Vec<Node> {
        let mut path = self.ways.path(node);
        let first = path.first().copied();
        if let Some(bad) = first.and_then(|first| self.bad.get(&first)).filter(|bad| Some(**bad) != first) {
            path.insert(0, *bad);
        }
        path
    }
}

/// Whether a rotation does away with a link: what changes in place moves to the new credential, what was made
/// once stays made with the old one.
pub(super) fn moves_away(asking: &Asking<'_>, rotated: &HashSet<Node>, link: &LinkRef<'_>) -> bool {
    rotated.contains(&link.to) && Kind::parse(asking.lineage.kind(link.from)).changes_in_place()
}

/// One exposed thing that a deployment hangs on directly.
pub(super) struct Cause<'a> {
    pub(super) to: Node,
    pub(super) link: LinkRef<'a>,
}

/// A deployment that is hit, and how.
pub(super) struct Hit<'a> {
    pub(super) site: Node,
    pub(super) certain: bool,
    /// It was named, and is brought back whatever exposes it.
    pub(super) named: bool,
    /// What it hangs on that is exposed by itself, not through another deployment.
    pub(super) causes: Vec<Cause<'a>>,
    /// From the bad thing to it.
    pub(super) path: Vec<Node>,
}

/// What is hit now.
pub(super) struct Reach<'a> {
    pub(super) exposed: Exposed,
    /// All that is exposed, with ways to it.
    pub(super) all: Spread,
    pub(super) hits: Vec<Hit<'a>>,
    /// Credentials to be rotated.
    pub(super) rotated: HashSet<Node>,
    /// What is still exposed when they are.
    unhelped: Spread,
}

impl<'a> Reach<'a> {
    pub(super) fn of(asking: &Asking<'a>, wrong: &Wrong, at: Time) -> Result<Reach<'a>, Unanswered> {
        let lineage = asking.lineage;
        let along = Along::state(at);
        let exposed = Exposed::at(lineage, &wrong.bad, at, asking.cancel)?;
        let all = Spread::from(asking, &wrong.bad, at, along, |_| true)?;
        let sure = Spread::from(asking, &wrong.bad, at, along.surely(), |_| true)?;
        let mut sites: Vec<Node> = all.reached().filter(|node| runs_versions(asking, *node)).collect();
        sites.extend(&wrong.named);
        sites.sort_unstable();
        sites.dedup();
        let is_unit = |node: Node| sites.binary_search(&node).is_ok();
        // what is exposed without the help of another deployment
        let own = Spread::from(asking, &wrong.bad, at, along, |link| !is_unit(link.to))?;
        let windowed = |link: &LinkRef<'_>| {
            let bad = wrong.bad.iter().find(|it| it.node == link.to && !it.window.is_open());
            bad.is_some_and(|it| first_hop(along, it.window)(link))
        };
        let mut hits = Vec::new();
        for site in &sites {
            let mut causes: Vec<Cause<'_>> = Vec::new();
            for link in lineage.upstream(*site).filter(|link| along.admits(link) && link.to != *site) {
                let hangs = (own.contains(link.to) && !is_unit(link.to)) || windowed(&link);
                if !hangs {
                    continue;
                }
                // links come in order of what they lead to, so that parallel ones lie side by side
                match causes.last_mut().filter(|it| it.to == link.to) {
                    Some(last) if puts_to_use(last.link.relation) => {}
                    Some(last) => last.link = link,
                    None => causes.push(Cause { to: link.to, link }),
                }
            }
            let certain = exposed.held(*site) == Held::Certainly;
            let path = if certain { &sure } else { &all }.path(*site);
            let path = if path.is_empty() { vec![*site] } else { path };
            let named = wrong.named.contains(site);
            hits.push(Hit { site: *site, certain: certain || named, named, causes, path });
        }
        let rotated: HashSet<Node> = wrong.credentials(asking, at).into_iter().collect();
        let unhelped = Spread::from(asking, &wrong.bad, at, along, |link| !moves_away(asking, &rotated, link))?;
        Ok(Reach { exposed, all, hits, rotated, unhelped })
    }

    /// Whether nothing bad reaches it any more once credentials are rotated, or it is one of these.
    pub(super) fn is_helped_by_rotation(&self, node: Node) -> bool {
        self.rotated.contains(&node) || !self.unhelped.contains(node)
    }
}

/// Deployments that were exposed at some time and are not now.
pub(super) fn past(asking: &Asking<'_>, wrong: &Wrong, reach: &Reach<'_>, at: Time) -> Result<Vec<Node>, Unanswered> {
    let mut found = Vec::new();
    for (window, nodes) in wrong.windows(at) {
        let along = Along { window, ..Along::impact() };
        let down = walk(asking.lineage, &nodes, Way::Down, &along, Bounds::NONE, asking.cancel)?;
        let kind = |node: Node| asking.lineage.kind(node) == Kind::Deployment.as_str();
        found.extend(down.reached().map(|(node, _)| node).filter(|node| kind(*node) && !reach.all.contains(*node)));
    }
    found.sort_unstable();
    found.dedup();
    found.retain(|node| !wrong.named.contains(node) && !wrong.is_bad(*node));
    Ok(found)
}

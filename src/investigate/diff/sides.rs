//! Which two states are compared, and why the earlier one is what it is. It compares nothing.

use crate::graph::walk::Along;
use crate::graph::{LinkRef, Node};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::last_good::{Good, newest_good};
use crate::investigate::question::Diff;
use crate::investigate::rows::Baseline;
use crate::investigate::site::puts_to_use;
use crate::model::{Kind, Relation, Time, Window, shell_word};
use std::cmp::Reverse;

/// An artefact at a moment.
pub(super) type Side = (Node, Time);

/// The two sides, and why the old one.
pub(super) struct Sides {
    pub(super) old: Side,
    pub(super) new: Side,
    pub(super) baseline: Baseline,
}

/// Finds the sides of a question.
pub(super) fn sides(asking: &Asking<'_>, question: &Diff) -> Result<Sides, Unanswered> {
    let new = asking.node(&question.new)?;
    let Some(old) = &question.old else { return against_good(asking, new) };
    let old = asking.node(old)?;
    if old == new {
        let id = asking.lineage.id(new);
        return Err(Unanswered::Senseless(format!(
            "{id} would be compared with itself: name another side, or leave the old side out to compare with its last known good"
        )));
    }
    no_bare_name(asking, old)?;
    no_bare_name(asking, new)?;
    let mut why = vec!["named by whoever asked".to_owned()];
    let (compared_old, compared_new) = (like(asking, old, new), like(asking, new, old));
    for (named, compared) in [(old, compared_old), (new, compared_new)] {
        if named != compared {
            let (named, compared) = (asking.lineage.id(named), asking.lineage.id(compared));
            why.push(format!("of {named} only what it deploys is compared: {compared}"));
        }
    }
    // what is compared may be one and the same after all: then nothing differs
    let baseline = Baseline { id: asking.lineage.id(old).to_owned(), how: "named".to_owned(), why };
    Ok(Sides { old: (compared_old, asking.moment()), new: (compared_new, asking.moment()), baseline })
}

/// The last known good as the old side. Of what changes in place that is the same thing while it ran the
/// good version, so that a change of image, identity or policy shows; where it never ran there, only the
/// versions are compared, for everything around them would else look added.
fn against_good(asking: &Asking<'_>, new: Node) -> Result<Sides, Unanswered> {
    let lineage = asking.lineage;
    let Some(Good { node, how, mut why, stay }) = newest_good(asking, new)? else {
        let other = match last_two(asking, new) {
            Some((before, now)) => {
                let words = [before, now].map(|node| shell_word(lineage.id(node)));
                format!("or compare what it ran before with what it runs: try: lastgood diff {} {}", words[0], words[1])
            }
            None => "or name the old side".to_owned(),
        };
        return Err(Unanswered::Nothing(format!(
            "no version of {} is known to be good: mark one with `lastgood mark VERSION good --reason TEXT`, {other}",
            lineage.id(new)
        )));
    };
    let moment = asking.moment();
    let good = lineage.id(node).to_owned();
    // of a version, be it of an agent, other versions of its kind are good
    let in_place = Kind::parse(lineage.kind(new)).changes_in_place() && lineage.kind(new) != lineage.kind(node);
    let then = stay.filter(|_| in_place).and_then(|stay| last_moment(&stay, moment));
    let (old, new) = match then {
        Some(then) => {
            why.push(format!("{} ran it until {}", lineage.id(new), then.short()));
            ((new, then), (new, moment))
        }
        None => {
            let deployed = like(asking, new, node);
            if deployed != new {
                let (new, deployed) = (lineage.id(new), lineage.id(deployed));
                why.push(format!("{new} never ran it, so it is compared with {deployed}, which runs there"));
            }
            ((node, moment), (deployed, moment))
        }
    };
    no_bare_name(asking, new.0)?;
    Ok(Sides { old, new, baseline: Baseline { id: good, how: how.to_owned(), why } })
}

/// What something ran last before what it runs now, or ran last, and that; where both are known.
fn last_two(asking: &Asking<'_>, site: Node) -> Option<(Node, Node)> {
    let moment = asking.moment();
    let links = asking.lineage.upstream(site).filter(|link| puts_to_use(link.relation));
    let mut ran: Vec<LinkRef<'_>> = links.filter(|link| link.earliest().is_none_or(|it| it <= moment)).collect();
    // no start is before any
    ran.sort_by_key(|link| (link.since, link.until.is_none(), link.until));
    let now = ran.pop()?;
    let before = ran.into_iter().rev().find(|link| link.to != now.to)?;
    Some((before.to, now.to))
}

/// The last moment of a stay at which only what stayed stood there: where it ended, its successor began.
fn last_moment(stay: &Window, moment: Time) -> Option<Time> {
    let until = stay.until.filter(|until| *until <= moment)?;
    let before = Time::from_micros(until.micros() - 1);
    Some(stay.since.map_or(before, |since| before.max(since.min(until))))
}

/// Beside a version, of something that deploys versions the one it deploys: of that name if there is one.
fn like(asking: &Asking<'_>, side: Node, other: Node) -> Node {
    let lineage = asking.lineage;
    let wanted = lineage.kind(other);
    if lineage.kind(side) == wanted {
        return side;
    }
    let along = Along::state(asking.moment());
    let deployed = lineage
        .upstream(side)
        .filter(|link| puts_to_use(link.relation) && lineage.kind(link.to) == wanted && along.admits(link));
    let newest =
        deployed.max_by_key(|link| (lineage.name(link.to) == lineage.name(other), link.since, Reverse(link.to)));
    newest.map_or(side, |link| link.to)
}

/// A bare name rests on nothing: its versions do.
fn no_bare_name(asking: &Asking<'_>, node: Node) -> Result<(), Unanswered> {
    let lineage = asking.lineage;
    if lineage.upstream(node).any(|link| link.carries_impact) {
        return Ok(());
    }
    let versions = lineage.downstream(node).filter(|link| link.relation == Relation::VersionOf.as_str());
    match versions.map(|link| link.from).max_by_key(|version| lineage.at(*version)) {
        None => Ok(()),
        Some(newest) => Err(Unanswered::Senseless(format!(
            "{} is a name, and rests on nothing: name one of its versions, the newest of which is {}",
            lineage.id(node),
            lineage.id(newest)
        ))),
    }
}

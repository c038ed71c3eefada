//! What misbehaves and what does not, each with the moment whose state counts and why it is taken for
//! that. It ranks nothing.

use crate::graph::Node;
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::last_good::{Good, newest_good};
use crate::investigate::marks::Entry;
use crate::investigate::question::Suspects;
use crate::investigate::rows::Observed;
use crate::investigate::standing;
use crate::investigate::wording::{count, some_of};
use crate::model::{Kind, MarkKind, Time, Window};
use std::collections::HashMap;

/// The most that are compared on each side: each costs a bit for every artefact.
const MOST: usize = 512;

/// One thing that was observed.
pub(super) struct Observation {
    /// Where the walk to what it rests on starts.
    pub start: Node,
    /// The moment whose state counts.
    pub at: Time,
    /// What is shown for it: the version, where `start` is the deployment it ran in.
    pub shown: Node,
    how: &'static str,
    why: String,
}

/// Both sides, and what has to be said of them.
pub(super) struct Both {
    pub bad: Vec<Observation>,
    pub good: Vec<Observation>,
    pub because: Vec<String>,
}

impl Observation {
    /// As the answer shows it.
    pub(super) fn row(&self, asking: &Asking<'_>) -> Observed {
        let id = asking.lineage.id(self.shown).to_owned();
        Observed { id, at: self.at, how: self.how.to_owned(), why: self.why.clone() }
    }
}

/// Finds what is bad and what is good: as named, else as marked, else by open incidents and the last
/// known good of what is bad.
pub(super) fn observe(asking: &Asking<'_>, question: &Suspects) -> Result<Both, Unanswered> {
    let mut because = Vec::new();
    let mut bad = named(asking, &question.bad, "bad")?;
    let mut good = named(asking, &question.good, "good")?;
    if bad.is_empty() {
        bad = bad_unnamed(asking, &mut because);
    }
    if bad.is_empty() {
        let text = "nothing is marked compromised or suspect, and no incident is open: say what misbehaves, \
                    as in lastgood suspects --bad ARTEFACT";
        return Err(Unanswered::Nothing(text.to_owned()));
    }
    cut(&mut bad, "bad", &mut because);
    if good.is_empty() {
        good = marked(asking, MarkKind::Good);
        // who names something as bad means it, whatever was marked before
        good.retain(|it| {
            let both = bad.iter().any(|other| other.shown == it.shown);
            if both {
                because.push(format!("{} is marked good and named as bad: taken as bad", asking.lineage.id(it.shown)));
            }
            !both
        });
    } else {
        not_both(asking, question, &mut bad, &good, &mut because)?;
    }
    if good.is_empty() {
        good = last_goods(asking, &bad, &mut because)?;
    }
    cut(&mut good, "good", &mut because);
    if good.is_empty() {
        because.push(
            "nothing good to compare with: whatever all of the bad rest on ranks alike; name some with --good"
                .to_owned(),
        );
    }
    for it in bad.iter().chain(&good) {
        let (id, moment) = (asking.lineage.id(it.shown), it.at);
        if asking.lineage.at(it.shown).is_some_and(|at| at > moment) {
            because.push(format!("{id} was not yet there at {moment}"));
        }
    }
    Ok(Both { bad, good, because })
}

fn named(asking: &Asking<'_>, ids: &[String], side: &str) -> Result<Vec<Observation>, Unanswered> {
    let mut all: Vec<Observation> = Vec::new();
    for id in ids {
        let node = asking.node(id)?;
        if all.iter().all(|it| it.shown != node) {
            let why = format!("named as {side}");
            all.push(Observation { start: node, at: asking.moment(), shown: node, how: "named", why });
        }
    }
    Ok(all)
}

/// Nothing may be named on both sides. What was only found to be bad and is named good is good.
fn not_both(
    asking: &Asking<'_>,
    question: &Suspects,
    bad: &mut Vec<Observation>,
    good: &[Observation],
    because: &mut Vec<String>,
) -> Result<(), Unanswered> {
    let both: Vec<Node> =
        bad.iter().map(|it| it.shown).filter(|it| good.iter().any(|other| other.shown == *it)).collect();
    let Some(first) = both.first() else { return Ok(()) };
    let ids = some_of(both.iter().map(|node| asking.lineage.id(*node)), both.len());
    if !question.bad.is_empty() {
        return Err(Unanswered::Senseless(format!("{ids} cannot be both bad and good: take it out of one of the two")));
    }
    bad.retain(|it| !both.contains(&it.shown));
    if bad.is_empty() {
        let id = asking.lineage.id(*first);
        return Err(Unanswered::Nothing(format!(
            "all that is known to be bad is named as good ({id}): say what misbehaves with --bad"
        )));
    }
    because.push(format!("{ids} named as good, and so not counted as bad"));
    Ok(())
}

/// By marks, else by open incidents. A marked dataset or secret is a cause somebody found; what misbehaves
/// are versions, deployments and what comes of them.
fn bad_unnamed(asking: &Asking<'_>, because: &mut Vec<String>) -> Vec<Observation> {
    let mut bad = marked(asking, MarkKind::Compromised);
    for it in marked(asking, MarkKind::Suspect) {
        if bad.iter().all(|other| other.shown != it.shown) {
            bad.push(it);
        }
    }
    let (symptoms, causes): (Vec<_>, Vec<_>) = bad.into_iter().partition(|it| misbehaves(asking, it.shown));
    if !symptoms.is_empty() {
        set_aside(asking, &causes, because);
        return symptoms;
    }
    let incidents = incidents(asking);
    if incidents.is_empty() {
        return causes;
    }
    set_aside(asking, &causes, because);
    incidents
}

fn misbehaves(asking: &Asking<'_>, node: Node) -> bool {
    let kind = Kind::parse(asking.lineage.kind(node));
    kind.is_consequence() || matches!(kind, Kind::ModelVersion | Kind::Agent | Kind::Run)
}

fn set_aside(asking: &Asking<'_>, causes: &[Observation], because: &mut Vec<String>) {
    if !causes.is_empty() {
        let ids = some_of(causes.iter().map(|it| asking.lineage.id(it.shown)), causes.len());
        because.push(format!(
            "{ids} marked too, and taken for a cause; name it with --bad to ask what lies upstream of it"
        ));
    }
}

/// Everything on which a mark holds, in the state it is in; of a window that is over, in its last.
fn marked(asking: &Asking<'_>, mark: MarkKind) -> Vec<Observation> {
    let moment = asking.moment();
    let nodes = asking.marks.marked(mark, asking.as_of);
    let entry = |node: Node| -> Option<&Entry> {
        let of = asking.marks.entries().iter().rev().filter(|it| it.retracted.is_none());
        of.into_iter().find(|it| it.node == Some(node) && it.mark.mark == mark)
    };
    nodes
        .into_iter()
        .map(|node| {
            let entry = entry(node);
            let until = entry.and_then(|it| it.mark.until).filter(|until| *until < moment);
            let why = entry.map_or_else(
                || format!("marked {}", mark.as_str()),
                |it| format!("marked {} by {} (mark {}): {}", mark.as_str(), it.mark.by, it.name, it.mark.reason),
            );
            Observation { start: node, at: until.unwrap_or(moment), shown: node, how: "marked", why }
        })
        .collect()
}

/// Everything with an incident that is neither over nor expired. What was deployed when the incident was
/// noticed is what misbehaved, whatever was done since.
fn incidents(asking: &Asking<'_>) -> Vec<Observation> {
    let moment = asking.moment();
    let mut last: HashMap<(Node, Option<&str>), crate::graph::EvidenceRef<'_>> = HashMap::new();
    for it in asking.lineage.all_evidence().filter(|it| it.kind == "incident" && it.at <= moment) {
        // the newest word on one scope counts: a later "resolved" closes what was firing
        let known = last.entry((it.about, it.scope)).or_insert(it);
        if (known.at, known.claim) < (it.at, it.claim) {
            *known = it;
        }
    }
    let open = |it: &crate::graph::EvidenceRef<'_>| {
        !it.void && it.expires.is_none_or(|at| at > moment) && !standing::resolved(it.verdict)
    };
    let mut open: Vec<_> = last.into_values().filter(open).collect();
    open.sort_by_key(|it| (it.about, it.at, it.claim));
    open.dedup_by_key(|it| it.about);
    let observed = open.into_iter().map(|it| {
        let said = [it.scope, it.verdict].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let said = if said.is_empty() { String::new() } else { format!(": {said}") };
        let why = format!("incident since {} ({}){said}", it.at.short(), asking.claim(it.claim));
        Observation { start: it.about, at: it.at, shown: it.about, how: "incident", why }
    });
    observed.collect()
}

/// The last known good of each of the bad: as its deployment ran it, where it did.
fn last_goods(
    asking: &Asking<'_>,
    bad: &[Observation],
    because: &mut Vec<String>,
) -> Result<Vec<Observation>, Unanswered> {
    let mut good: Vec<Observation> = Vec::new();
    let mut without: Vec<&str> = Vec::new();
    for it in bad {
        asking.go_on()?;
        match newest_good(asking, it.start)? {
            None => without.push(asking.lineage.id(it.shown)),
            Some(found) => {
                let found = last_good(asking, it, found);
                let known = |other: &Observation| (other.start, other.at) == (found.start, found.at);
                if !good.iter().any(known) && bad.iter().all(|it| it.shown != found.shown) {
                    good.push(found);
                }
            }
        }
    }
    if !without.is_empty() {
        let ids = some_of(without.iter().copied(), without.len());
        because.push(format!("no last known good of {ids}: lastgood last-good says why"));
    }
    Ok(good)
}

fn last_good(asking: &Asking<'_>, bad: &Observation, good: Good) -> Observation {
    let lineage = asking.lineage;
    let bad_id = lineage.id(bad.shown);
    let mut why = format!("last known good of {bad_id}, {}", good.how);
    let moment = asking.moment();
    let ran = good.stay.filter(|_| lineage.between(bad.start, good.node).next().is_some());
    let (start, at) = match ran.and_then(|stay| inside(stay, moment)) {
        Some((at, end)) => {
            why.push_str(&format!("; as it ran there {end}"));
            (bad.start, at)
        }
        None => (good.node, moment),
    };
    if !good.why.is_empty() {
        why.push_str(&format!(": {}", good.why.join("; ")));
    }
    Observation { start, at, shown: good.node, how: "last-good", why }
}

/// A moment of a stay just before its end, when what came next did not stand yet.
fn inside(stay: Window, moment: Time) -> Option<(Time, String)> {
    let Some(until) = stay.until.filter(|until| *until <= moment) else {
        return Some((moment, "until now".to_owned()));
    };
    let before = Time::from_micros(until.micros().saturating_sub(1));
    let at = stay.since.map_or(before, |since| before.max(since));
    Some((at, format!("until {}", until.short())))
}

fn cut(side: &mut Vec<Observation>, word: &str, because: &mut Vec<String>) {
    if side.len() > MOST {
        because.push(format!("{} {word}: the first {MOST} are compared", count(side.len(), "artefact")));
        side.truncate(MOST);
    }
}

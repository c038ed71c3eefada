//! Collects what happened in a neighbourhood, each event with the moment some claim states. It reads no
//! attributes.

use crate::graph::{EvidenceRef, LinkRef, Node};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::marks::Entry;
use crate::investigate::said::TakenBack;
use crate::investigate::site::puts_to_use;
use crate::investigate::timeline::Lacking;
use crate::investigate::timeline::neighbourhood::Neighbourhood;
use crate::model::{Kind, Time, Window};

/// One thing that happened.
pub(super) struct Event<'a> {
    /// When; where nobody saw it happen, when it was first seen to have.
    pub at: Time,
    /// Where nobody saw it happen: it was after this.
    pub after: Option<Time>,
    pub about: Node,
    pub what: What<'a>,
    pub claim: Option<u64>,
}

/// What it was.
pub(super) enum What<'a> {
    Born,
    Link { link: LinkRef<'a>, began: bool },
    Evidence(EvidenceRef<'a>),
    Expired(EvidenceRef<'a>),
    Mark(&'a Entry),
    Retracted { entry: &'a Entry, taken: &'a TakenBack },
}

/// The events that are shown, how many there are, and what nobody dates.
pub(super) struct Told<'a> {
    pub events: Vec<Event<'a>>,
    pub total: u64,
    /// How many of them may lie outside of what was asked about.
    pub unsure: u64,
    pub undated: Vec<Lacking>,
}

impl Event<'_> {
    /// The word for it.
    pub(super) fn word(&self) -> &str {
        match &self.what {
            What::Born => "came-to-be",
            What::Link { link, began } => match (puts_to_use(link.relation), began) {
                (true, true) => "deployed",
                (true, false) => "withdrawn",
                (false, true) => "linked",
                (false, false) => "unlinked",
            },
            What::Evidence(it) => it.kind,
            What::Expired(_) => "expired",
            What::Mark(_) => "mark",
            What::Retracted { .. } => "retracted",
        }
    }

    /// What comes first of what happened at one moment: an end before a beginning, a thing before what is said of it.
    fn order(&self) -> u8 {
        match &self.what {
            What::Born => 0,
            What::Link { began: false, .. } => 1,
            What::Link { began: true, .. } => 2,
            What::Evidence(_) => 3,
            What::Expired(_) => 4,
            What::Mark(_) => 5,
            What::Retracted { .. } => 6,
        }
    }

    /// Who, as far as the lineage tells.
    pub(super) fn by(&self, asking: &Asking<'_>) -> Option<String> {
        match &self.what {
            What::Born => {
                let mut links = asking.lineage.upstream(self.about);
                let who = links.find(|link| matches!(link.relation, "changed-by" | "runs-as" | "acted-for"));
                who.map(|link| asking.lineage.id(link.to).to_owned())
            }
            What::Link { .. } => None,
            What::Evidence(it) | What::Expired(it) => it.by.map(str::to_owned),
            What::Mark(entry) => Some(entry.mark.by.clone()),
            What::Retracted { taken, .. } => Some(taken.by.clone()),
        }
    }

    /// It in a sentence.
    pub(super) fn says(&self, asking: &Asking<'_>) -> String {
        let lineage = asking.lineage;
        let id = lineage.id(self.about);
        match &self.what {
            What::Born if lineage.kind(self.about) == Kind::Step.as_str() => format!("{id} took place"),
            What::Born => format!("{id} came to be"),
            What::Link { link, began } => {
                let (from, to) = (lineage.id(link.from), lineage.id(link.to));
                let when = self.after.map(|_| format!(" {}", self.at.short_after(self.after))).unwrap_or_default();
                match (link.relation, began) {
                    ("deploys", true) => format!("{from} began to deploy {to}{when}"),
                    ("deploys", false) => format!("{from} stopped deploying {to}{when}"),
                    ("serves", true) => format!("{from} began to serve {to}{when}"),
                    ("serves", false) => format!("{from} stopped serving {to}{when}"),
                    (relation, true) if self.after.is_some() => format!("{from} {relation} {to}, which began{when}"),
                    (relation, false) if self.after.is_some() => format!("{from} {relation} {to}, which ended{when}"),
                    (relation, true) => format!("{from} {relation} {to}, from then on"),
                    (relation, false) => format!("{from} {relation} {to}, until then"),
                }
            }
            What::Evidence(it) => {
                let verdict = it.verdict.map(|verdict| format!(": {verdict}")).unwrap_or_default();
                let void = if it.void { ", void: it covers another digest" } else { "" };
                format!("{} of {id}{verdict}{void}", scoped(it))
            }
            What::Expired(it) => format!("{} of {id} expired", scoped(it)),
            What::Mark(entry) => format!("{id} was marked {}: {}", entry.mark.mark.as_str(), entry.mark.reason),
            What::Retracted { entry, taken } => {
                format!("the mark {} on {id} was taken back: {}", entry.mark.mark.as_str(), taken.reason)
            }
        }
    }
}

fn scoped(it: &EvidenceRef<'_>) -> String {
    it.scope.map_or_else(|| it.kind.to_owned(), |scope| format!("{} ({scope})", it.kind))
}

/// Collects the events of a window, oldest first; of more than `limit` the newest.
pub(super) fn tell<'a>(
    asking: &Asking<'a>,
    around: &Neighbourhood,
    window: &Window,
    limit: usize,
) -> Result<Told<'a>, Unanswered> {
    let mut it = Telling { asking: *asking, window: *window, limit, events: Vec::new(), total: 0, unsure: 0 };
    let mut undated = Vec::new();
    for (at, node) in around.told_of.iter().enumerate() {
        it.links(around, *node, at == 0, &mut undated)?;
    }
    for node in around.nodes() {
        it.go_on()?;
        match asking.lineage.at(node) {
            Some(at) => it.add(at, node, What::Born, asking.lineage.claims(node).next()),
            None => undated.push(Lacking {
                about: node,
                says: format!("nobody says when {} came to be", asking.lineage.id(node)),
                claim: asking.lineage.claims(node).next(),
            }),
        }
        it.evidence(node);
    }
    it.marks(around);
    let mut events = it.events;
    events.sort_by_key(|event| (event.at, event.order(), event.about, event.claim));
    events.drain(..events.len().saturating_sub(limit));
    Ok(Told { events, total: it.total, unsure: it.unsure, undated })
}

struct Telling<'a> {
    asking: Asking<'a>,
    window: Window,
    limit: usize,
    events: Vec<Event<'a>>,
    total: u64,
    unsure: u64,
}

impl<'a> Telling<'a> {
    fn go_on(&self) -> Result<(), Unanswered> {
        Ok(self.asking.go_on()?)
    }

    /// Whether a moment is asked about: in the window and, as of a moment, not later.
    fn wants(&self, at: Time) -> bool {
        self.window.since.is_none_or(|since| since <= at)
            && self.window.until.is_none_or(|until| at <= until)
            && self.asking.as_of.is_none_or(|moment| at <= moment)
    }

    fn add(&mut self, at: Time, about: Node, what: What<'a>, claim: Option<u64>) {
        if self.wants(at) {
            self.total += 1;
            self.events.push(Event { at, after: None, about, what, claim });
        }
    }

    /// The beginning or the end of a link; one that nobody saw is asked about where it may be.
    fn add_end(&mut self, (after, at): (Option<Time>, Time), about: Node, (link, began): (LinkRef<'a>, bool)) {
        let what = What::Link { link, began };
        let Some(after) = after else { return self.add(at, about, what, Some(link.claim)) };
        // who looks again tells of an end last
        let claim = if began { Some(link.claim) } else { self.asking.lineage.link_claims(&link).last() };
        let soonest = Time::from_micros(after.micros().saturating_add(1));
        let first = self.window.since.map_or(soonest, |since| since.max(soonest));
        if first <= at && self.wants(first) {
            self.total += 1;
            self.unsure += u64::from(!(self.wants(soonest) && self.wants(at)));
            self.events.push(Event { at, after: Some(after), about, what, claim });
        }
    }

    /// Beginnings and ends of the links of one artefact. Of what it deployed (`own` is false) those that
    /// began with it say no more than that it came to be.
    fn links(
        &mut self,
        around: &Neighbourhood,
        node: Node,
        own: bool,
        undated: &mut Vec<Lacking>,
    ) -> Result<(), Unanswered> {
        let lineage = self.asking.lineage;
        let other_told = |other: Node| around.told_of.contains(&other);
        let upstream = lineage.upstream(node).map(|link| (link, link.to));
        let downstream = lineage.downstream(node).map(|link| (link, link.from));
        for (count, (link, other)) in upstream.chain(downstream).enumerate() {
            if count % 4_096 == 0 {
                self.go_on()?;
            }
            // a link between two that are told of is told once, by the first
            if around.distance(other).is_none() || (!own && other == around.told_of[0]) {
                continue;
            }
            if !own && other_told(other) && link.from != node {
                continue;
            }
            self.link(link, own, undated);
        }
        Ok(())
    }

    fn link(&mut self, link: LinkRef<'a>, own: bool, undated: &mut Vec<Lacking>) {
        let lineage = self.asking.lineage;
        let used = puts_to_use(link.relation);
        let about = if used { link.to } else { link.from };
        let born = lineage.at(link.from);
        let is_step = lineage.kind(link.from) == Kind::Step.as_str();
        match link.since {
            Some(since) => {
                // a step is a moment: that it took place is told already
                let told = if is_step { born.is_some() } else { !own && born == Some(since) && !used };
                if !told {
                    self.add_end((link.since_after, since), about, (link, true));
                }
            }
            None => {
                let (from, to) = (lineage.id(link.from), lineage.id(link.to));
                let says = format!("{from} {} {to}: nobody says since when", link.relation);
                undated.push(Lacking { about, says, claim: Some(link.claim) });
            }
        }
        if let Some(until) = link.until
            && !(is_step && Some(until) == link.since)
        {
            self.add_end((link.until_after, until), about, (link, false));
        }
    }

    fn evidence(&mut self, node: Node) {
        let moment = self.asking.moment();
        let mut kept = 0;
        // the newest first: of a flood of telemetry no more is kept than can be shown
        for it in self.asking.lineage.evidence(node).rev() {
            if let Some(expires) = it.expires.filter(|expires| *expires <= moment) {
                self.add(expires, node, What::Expired(it), Some(it.claim));
            }
            if !self.wants(it.at) {
                continue;
            }
            if kept < self.limit {
                self.events.push(Event {
                    at: it.at,
                    after: None,
                    about: node,
                    what: What::Evidence(it),
                    claim: Some(it.claim),
                });
            }
            kept += 1;
            self.total += 1;
        }
    }

    fn marks(&mut self, around: &Neighbourhood) {
        let book = self.asking.marks;
        for entry in book.entries() {
            let Some(node) = entry.node.filter(|node| around.distance(*node).is_some()) else { continue };
            self.add(entry.mark.at, node, What::Mark(entry), Some(entry.claim));
            if let Some(taken) = &entry.retracted {
                self.add(taken.at, node, What::Retracted { entry, taken }, Some(entry.claim));
            }
        }
    }
}

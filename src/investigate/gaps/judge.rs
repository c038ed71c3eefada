//! One requirement and one artefact: met, or what it lacks. It lists nothing and counts nothing.

use crate::graph::Node;
use crate::graph::walk::{Along, Bounds, Walk, Way, walk};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::deployed::{Runs, runs};
use crate::investigate::gaps::rests::Rests;
use crate::investigate::gaps::subject::Subject;
use crate::investigate::repeats::{Repeat, Repeats};
use crate::investigate::site::put_to_use;
use crate::investigate::wording::{some_of, why_untold};
use crate::model::{Asks, Field, LineageCheck, Policy, Requirement, Statement, Time};
use serde_json::Value;

/// How a requirement is not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::investigate) enum Lack {
    /// What there is says no.
    Failed,
    /// What there is never counted.
    Void,
    /// What there is counts no more.
    Stale,
    /// There is nothing.
    Missing,
    /// There may be something that we may not see.
    NotPermitted,
}

impl Lack {
    /// The word for it.
    pub(in crate::investigate) fn as_str(self) -> &'static str {
        match self {
            Lack::Failed => "failed",
            Lack::Void => "void",
            Lack::Stale => "stale",
            Lack::Missing => "missing",
            Lack::NotPermitted => "not-permitted",
        }
    }
}

/// A requirement that is not met, by whom and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::investigate) struct Lacking {
    pub(in crate::investigate) lack: Lack,
    /// What is wrong, in a sentence that may begin with the artefact.
    pub(in crate::investigate) says: String,
    pub(in crate::investigate) since: Option<Time>,
    pub(in crate::investigate) claim: Option<u64>,
    /// Whether it surely is a gap.
    pub(in crate::investigate) certain: bool,
}

impl Lacking {
    pub(super) fn missing(says: String) -> Lacking {
        Lacking { lack: Lack::Missing, says, since: None, claim: None, certain: true }
    }
}

/// What judging needs however many are judged: asked once.
pub(in crate::investigate) struct Judge<'a> {
    pub(in crate::investigate) asking: Asking<'a>,
    pub(in crate::investigate) policy: &'a Policy,
    /// What was told twice, differently.
    pub(super) repeats: Repeats,
    /// Beside the policy's requirements.
    rests: Vec<Option<Rests>>,
    /// What inherits an exception, beside the policy's requirements.
    heirs: Vec<Option<Walk>>,
}

impl<'a> Judge<'a> {
    pub(in crate::investigate) fn new(asking: &Asking<'a>, policy: &'a Policy) -> Result<Judge<'a>, Unanswered> {
        let repeats = Repeats::of(asking)?;
        let (mut rests, mut heirs) = (Vec::new(), Vec::new());
        for it in &policy.requirements {
            asking.go_on()?;
            rests.push(match it.asks {
                Asks::Check(check) => Rests::of(asking, it, check, &repeats)?,
                _ => None,
            });
            let holding = if it.inherit { asking.exceptions.holding(&it.id, asking.terms()) } else { Vec::new() };
            heirs.push(match holding.is_empty() {
                true => None,
                false => {
                    let along = Along::state(asking.moment());
                    Some(walk(asking.lineage, &holding, Way::Down, &along, Bounds::NONE, asking.cancel)?)
                }
            });
        }
        Ok(Judge { asking: *asking, policy, repeats, rests, heirs })
    }

    /// What a subject lacks of the requirement at a place of the policy, which is asked of it.
    pub(in crate::investigate) fn lacking(
        &self,
        place: usize,
        it: &Requirement,
        subject: &Subject<'a>,
    ) -> Result<Option<Lacking>, Unanswered> {
        let found = match &it.asks {
            Asks::Field(field) => self.field(subject, *field),
            Asks::Links(relations) => self.links(subject, relations),
            Asks::Evidence(rule) => self.evidence(subject, rule)?,
            Asks::Check(LineageCheck::DeployedDigest) => self.deployed_digest(subject),
            Asks::Check(check) => self.check(place, subject, *check),
            Asks::That(that) => {
                let attributes = if that.reads_attributes() { self.attributes(subject.node)? } else { Vec::new() };
                match that.holds(&subject.facts(&self.asking, &attributes)) {
                    Ok(true) => None,
                    Ok(false) => Some(Lacking {
                        lack: Lack::Failed,
                        ..Lacking::missing(format!("does not meet the policy's condition: {}", that.text()))
                    }),
                    Err(why) => Some(Lacking::missing(format!("the policy's condition cannot be told: {why}"))),
                }
            }
        };
        let Some(found) = found else { return Ok(None) };
        // what is behind the condition is read last, for few artefacts come so far
        Ok(if self.is_meant(it, subject)? { Some(found) } else { None })
    }

    /// Whether the requirement is asked of a subject by a condition that only its records answer.
    pub(in crate::investigate) fn is_meant(&self, it: &Requirement, subject: &Subject<'a>) -> Result<bool, Unanswered> {
        let Some(when) = it.of.when.as_ref().filter(|when| when.reads_attributes()) else { return Ok(true) };
        let attributes = self.attributes(subject.node)?;
        // what cannot be told is asked for: a condition that fails must not open a gate
        Ok(when.holds(&subject.facts(&self.asking, &attributes)).unwrap_or(true))
    }

    /// The way by which an exception reaches a finding: from what it is on to the artefact.
    pub(in crate::investigate) fn waiver(
        &self,
        place: usize,
        it: &Requirement,
        subject: &Subject<'a>,
    ) -> Option<Vec<Node>> {
        let (asking, node) = (&self.asking, subject.node);
        if asking.exceptions.is_empty() {
            return None;
        }
        let holds = |node: Node| {
            asking.exceptions.on(node, &it.id, asking.terms()).first().is_some_and(|it| it.standing == "holds")
        };
        if holds(node) {
            return Some(vec![node]);
        }
        if matches!(&it.asks, Asks::Evidence(rule) if rule.or_deployed) {
            let deployed = self.deployed(node);
            if let Some(first) = deployed.first().filter(|_| deployed.iter().all(|it| holds(*it))) {
                return Some(vec![*first, node]);
            }
        }
        if let Some(Some(rests)) = self.rests.get(place)
            && rests.on(node).is_none()
        {
            return rests.waived(node);
        }
        self.heirs.get(place)?.as_ref().filter(|walk| walk.contains(node))?.paths(&[node]).remove(&node)
    }

    /// Where an exception would count for a finding: on the artefact, on what it deploys where that may bear the
    /// evidence, on the cause where there is one.
    pub(in crate::investigate) fn places(&self, place: usize, subject: &Subject<'a>) -> Vec<Node> {
        let mut places = vec![subject.node];
        match self.policy.requirements.get(place).map(|it| &it.asks) {
            Some(Asks::Evidence(rule)) if rule.or_deployed => places.extend(self.deployed(subject.node)),
            Some(Asks::Check(_)) => {
                let way = self.rests.get(place).and_then(Option::as_ref).and_then(|rests| rests.way(subject.node));
                places.extend(way.and_then(|way| way.first().copied()).filter(|cause| *cause != subject.node));
            }
            _ => {}
        }
        places
    }

    /// What a source says of something that is not there, under any of these names.
    pub(super) fn absent(&self, subject: &Subject<'a>, names: &[&str]) -> Option<Result<(), Lacking>> {
        let mut found = None;
        for it in self.asking.lineage.absences(subject.node).filter(|it| names.contains(&it.relation)) {
            if it.why == "none" {
                return Some(Ok(()));
            }
            let lack = if it.why == "not-permitted" { Lack::NotPermitted } else { Lack::Missing };
            let says = format!("its {} is {}", it.relation, why_untold(it.why));
            let certain = lack != Lack::NotPermitted;
            found = Some(Err(Lacking { lack, says, since: None, claim: Some(it.claim), certain }));
        }
        found
    }

    fn field(&self, subject: &Subject<'a>, field: Field) -> Option<Lacking> {
        let (lineage, node) = (self.asking.lineage, subject.node);
        let known = match field {
            Field::Owner => lineage.owner(node).is_some() || lineage.upstream(node).any(|it| it.relation == "owned-by"),
            Field::Digest => lineage.digests(node).next().is_some(),
            Field::Version => lineage.version(node).is_some(),
            Field::Date => lineage.at(node).is_some(),
            Field::Risk => lineage.risk(node).is_some(),
            Field::Environment => lineage.environment(node).is_some(),
            Field::Description => lineage.described(node),
        };
        if known {
            return None;
        }
        match self.absent(subject, &[field.as_str()]) {
            Some(Ok(())) => None,
            Some(Err(lacking)) => Some(lacking),
            None if field == Field::Description => {
                Some(Lacking::missing("is only mentioned, nobody described it".to_owned()))
            }
            None => Some(Lacking::missing(format!("nobody states its {}", field.as_str()))),
        }
    }

    fn links(&self, subject: &Subject<'a>, relations: &[String]) -> Option<Lacking> {
        let (lineage, node) = (self.asking.lineage, subject.node);
        let along = Along { impact_only: false, ..Along::state(self.asking.moment()) };
        let mut ended = None;
        for link in lineage.upstream(node).filter(|link| relations.iter().any(|it| it == link.relation)) {
            if along.admits(&link) {
                return None;
            }
            ended = ended.max(link.until);
        }
        let names: Vec<&str> = relations.iter().map(String::as_str).collect();
        match self.absent(subject, &names) {
            Some(Ok(())) => None,
            Some(Err(lacking)) => Some(lacking),
            None => {
                let names = names.join(" or ");
                let mut lacking = Lacking::missing(format!("no link says what it is {names}"));
                if let Some(until) = ended {
                    lacking.lack = Lack::Stale;
                    lacking.since = Some(until);
                    lacking.says = format!("what it was {names} ended on {}", until.short());
                }
                Some(lacking)
            }
        }
    }

    fn check(&self, place: usize, subject: &Subject<'a>, check: LineageCheck) -> Option<Lacking> {
        let rests = self.rests.get(place)?.as_ref()?;
        let lineage = self.asking.lineage;
        let (lack, certain, way) = match rests.on(subject.node) {
            Some((lack, certain)) => (lack, certain && lack != Lack::NotPermitted, rests.way(subject.node)),
            None if rests.is_waived(subject.node) => (Lack::Missing, true, rests.waived(subject.node)),
            None => return None,
        };
        let cause = way.as_ref().and_then(|way| way.first()).copied().unwrap_or(subject.node);
        let (own, id) = (cause == subject.node, lineage.id(cause));
        let mut claim = None;
        let says = match check {
            LineageCheck::Disclosed => {
                let mut untold: Vec<_> = lineage.absences(cause).filter(|it| it.why != "none").collect();
                untold.sort_by_key(|it| (it.why == "not-permitted") != (lack == Lack::NotPermitted));
                claim = untold.first().map(|it| it.claim);
                let what = untold.first().map_or("what it came from", |it| it.relation);
                let why = why_untold(untold.first().map_or("not-disclosed", |it| it.why));
                if own { format!("its {what} is {why}") } else { format!("rests on {id}, whose {what} is {why}") }
            }
            LineageCheck::Described => format!("rests on {id}, which is only mentioned: nobody described it"),
            LineageCheck::ToldOnce => {
                let repeat = self.repeats.of_artefact(cause);
                claim = repeat.map(|it| it.claim);
                let twice = repeat.map_or_else(|| "was told twice, differently".to_owned(), Repeat::says);
                if own {
                    format!("something of it {twice}")
                } else {
                    format!("rests on {id}, of which something {twice}")
                }
            }
            _ => {
                let by = [crate::model::MarkKind::Compromised, crate::model::MarkKind::Suspect]
                    .into_iter()
                    .find_map(|mark| self.asking.marks.holding_on(cause, mark, self.asking.as_of));
                claim = by.map(|it| it.claim);
                let word = by.map_or("bad", |it| it.mark.mark.as_str());
                if own { format!("is marked {word}") } else { format!("rests on {id}, marked {word}") }
            }
        };
        let doubt = if certain || lack == Lack::NotPermitted { "" } else { " (over links that nobody dates)" };
        Some(Lacking { lack, says: format!("{says}{doubt}"), since: None, claim, certain })
    }

    fn deployed_digest(&self, subject: &Subject<'a>) -> Option<Lacking> {
        let (lineage, node) = (self.asking.lineage, subject.node);
        let Runs::Other(first, others) = runs(&self.asking, node) else { return None };
        let short: String = first.chars().take(19).collect();
        let ids = some_of(others.iter().map(|it| lineage.id(*it)), others.len());
        let says = format!("serves {short}…, which is not the digest of {ids}, which it runs");
        let claim = lineage.claims(node).next();
        Some(Lacking { lack: Lack::Failed, says, since: None, claim, certain: true })
    }

    /// What a place runs now.
    pub(super) fn deployed(&self, node: Node) -> Vec<Node> {
        put_to_use(&self.asking, node).into_iter().filter(|(_, stands)| *stands).map(|(node, _)| node).collect()
    }

    /// What all descriptions of an artefact say beside what the lineage keeps; the last one counts.
    pub(super) fn attributes(&self, node: Node) -> Result<Vec<(String, Value)>, Unanswered> {
        let claims: Vec<u64> = self.asking.lineage.claims(node).collect();
        let mut found: std::collections::BTreeMap<String, Value> = std::collections::BTreeMap::new();
        for (_, statement) in self.asking.statements(&claims)? {
            if let Statement::Artefact(it) = statement {
                found.extend(it.attributes);
            }
        }
        Ok(found.into_iter().collect())
    }
}

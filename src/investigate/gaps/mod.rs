//! What the policy asks for and the ledger does not hold: of everything, or of one artefact and what is at
//! work in it. It accepts nothing and opens no gate.

mod by_kind;
pub(in crate::investigate) mod closing;
mod evidence;
pub(in crate::investigate) mod judge;
#[cfg(test)]
mod properties;
mod rests;
pub(in crate::investigate) mod subject;

use crate::graph::Node;
use crate::graph::walk::Along;
use crate::investigate::answer::{Answer, Completeness};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::exceptions::Exception;
use crate::investigate::gaps::by_kind::ByKind;
use crate::investigate::gaps::judge::{Judge, Lack, Lacking};
use crate::investigate::gaps::subject::{Assumed, AtWork, Subject};
use crate::investigate::question::Gaps;
use crate::investigate::rows::{Accepted, GapRow, GapsSummary, Group, JudgedBy};
use crate::investigate::site::puts_to_use;
use crate::investigate::wording::count;
use crate::model::{Policy, Requirement, Severity, Time};
use std::cmp::Reverse;
use std::collections::HashMap;

/// A finding before it is worded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::investigate) struct Hit<'a> {
    waived: bool,
    severity: Severity,
    /// Nobody after everybody.
    owner: (bool, &'a str),
    pub(in crate::investigate) node: Node,
    /// Which of the policy's requirements.
    pub(in crate::investigate) place: usize,
    lack: Lack,
    certain: bool,
}

/// Answers it.
///
/// # Errors
/// When the artefact is unknown, claims cannot be read, or it was cancelled.
pub fn gaps(asking: &Asking<'_>, question: &Gaps) -> Result<Answer<GapRow, GapsSummary>, Unanswered> {
    let (policy, assumed) = (asking.policy()?, Assumed::default());
    let of = question.of.as_deref().map(|id| asking.node(id)).transpose()?;
    let survey = Survey::new(asking, policy, &assumed, of)?;
    survey.answer(of, question.limit)
}

/// Everything found of what was asked about.
pub(in crate::investigate) struct Survey<'a> {
    pub(in crate::investigate) judge: Judge<'a>,
    pub(in crate::investigate) by_kind: ByKind<'a>,
    at_work: AtWork,
    assumed: &'a Assumed,
    pub(in crate::investigate) hits: Vec<Hit<'a>>,
    pub(in crate::investigate) judged: Vec<Node>,
    judged_all: u64,
    of_no_risk: usize,
}

impl<'a> Survey<'a> {
    pub(in crate::investigate) fn new(
        asking: &Asking<'a>,
        policy: &'a Policy,
        assumed: &'a Assumed,
        of: Option<Node>,
    ) -> Result<Survey<'a>, Unanswered> {
        let judge = Judge::new(asking, policy)?;
        let at_work = AtWork::of(asking)?;
        let by_kind = ByKind::of(policy, asking.lineage);
        let (hits, judged) = (Vec::new(), Vec::new());
        let mut survey = Survey { judge, by_kind, at_work, assumed, hits, judged, judged_all: 0, of_no_risk: 0 };
        match of {
            Some(node) => {
                survey.judged = survey.at_work.within(asking, node)?;
                survey.judged.sort_by_key(|it| (*it != node, *it));
                for node in survey.judged.clone() {
                    survey.look_at(node)?;
                }
            }
            None => {
                for (at, node) in asking.lineage.nodes().enumerate() {
                    if at % 4_096 == 0 {
                        asking.go_on()?;
                    }
                    survey.look_at(node)?;
                }
            }
        }
        survey.hits.sort_unstable();
        Ok(survey)
    }

    pub(in crate::investigate) fn subject(&self, node: Node) -> Subject<'a> {
        self.at_work.subject(&self.judge.asking, node, self.assumed)
    }

    fn look_at(&mut self, node: Node) -> Result<(), Unanswered> {
        let rules = self.by_kind.on(self.judge.asking.lineage, node);
        let in_use = self.at_work.contains(node) || self.assumed.in_use;
        let mut rules = rules.iter().filter(|(_, it)| in_use || !it.of.in_use).peekable();
        if rules.peek().is_none() {
            return Ok(());
        }
        let subject = self.subject(node);
        self.judged_all += 1;
        let mut asks_of_risk = false;
        for &(place, it) in rules {
            asks_of_risk |= !it.of.risks.is_empty() && subject.risks.is_empty();
            if !subject.is_asked(&self.judge.asking, it) {
                continue;
            }
            let Some(lacking) = self.judge.lacking(place, it, &subject)? else { continue };
            self.hits.push(Hit {
                waived: self.judge.waiver(place, it, &subject).is_some(),
                severity: it.severity,
                owner: subject.owner(&self.judge.asking).map_or((true, ""), |owner| (false, owner)),
                node,
                place,
                lack: lacking.lack,
                certain: lacking.certain && self.certainly(&subject, it),
            });
        }
        self.of_no_risk += usize::from(asks_of_risk && !subject.any_risk);
        Ok(())
    }

    /// Whether the requirement is surely asked of it: it surely is in use.
    fn certainly(&self, subject: &Subject<'_>, it: &Requirement) -> bool {
        self.assumed.in_use || !it.of.in_use || self.at_work.certainly(subject.node)
    }

    /// The findings in words, at most so many.
    pub(in crate::investigate) fn answer(
        &self,
        of: Option<Node>,
        limit: usize,
    ) -> Result<Answer<GapRow, GapsSummary>, Unanswered> {
        let mut rows = Vec::with_capacity(self.hits.len().min(limit));
        for hit in self.hits.iter().take(limit) {
            rows.extend(self.row(hit)?);
        }
        let certain = self.hits.iter().filter(|hit| hit.certain).count();
        let mut completeness = Completeness::between(certain as u64, self.hits.len() as u64, Vec::new());
        self.doubts(limit, &mut completeness.because);
        Ok(Answer { rows, completeness, summary: self.summary(of) })
    }

    fn doubts(&self, limit: usize, because: &mut Vec<String>) {
        let hidden = self.hits.iter().filter(|hit| hit.lack == Lack::NotPermitted).count();
        if hidden > 0 {
            because.push(format!("of {} we may not look whether it is one", count(hidden, "finding")));
        }
        let undated = self.hits.iter().filter(|hit| !hit.certain && hit.lack != Lack::NotPermitted).count();
        if undated > 0 {
            because.push(format!(
                "{} hang on links that are undated, or that sources date differently",
                count(undated, "finding")
            ));
        }
        if self.of_no_risk > 0 {
            let many = count(self.of_no_risk, "artefact");
            because.push(format!(
                "{many} have no risk class: what the policy asks of one class only was not asked of them"
            ));
        }
        if self.hits.len() > limit {
            because.push(format!("the first {limit} of {} are listed", count(self.hits.len(), "finding")));
        }
    }

    pub(in crate::investigate) fn is_open(hit: &Hit<'_>) -> bool {
        !hit.waived
    }

    pub(in crate::investigate) fn severity(hit: &Hit<'_>) -> Severity {
        hit.severity
    }

    /// A finding in words; judged again, for only what is listed is worded.
    pub(in crate::investigate) fn row(&self, hit: &Hit<'a>) -> Result<Option<GapRow>, Unanswered> {
        let (judge, asking) = (&self.judge, &self.judge.asking);
        let Some(it) = judge.policy.requirements.get(hit.place) else { return Ok(None) };
        let subject = self.subject(hit.node);
        let Some(Lacking { says, since, claim, .. }) = judge.lacking(hit.place, it, &subject)? else { return Ok(None) };
        let way = judge.waiver(hit.place, it, &subject);
        let exception = way.as_ref().and_then(|way| accepted(asking, it, way));
        let since = since.or_else(|| standing(asking, hit.node)).filter(|since| *since <= asking.moment());
        Ok(Some(GapRow {
            about: asking.lineage.id(hit.node).to_owned(),
            kind: asking.lineage.kind(hit.node).to_owned(),
            requirement: it.id.clone(),
            state: if hit.waived { "excepted" } else { hit.lack.as_str() }.to_owned(),
            severity: it.severity,
            owner: subject.owner(asking).map(str::to_owned),
            says,
            why: it.why.clone(),
            closes: closing::closes(asking, it, hit.node, hit.lack),
            since,
            age: since.map(|since| since.age(asking.moment())),
            certain: hit.certain,
            claim: claim.map(|claim| asking.claim(claim)),
            remarks: if hit.waived { Vec::new() } else { remarks(asking, it, &judge.places(hit.place, &subject)) },
            exception,
        }))
    }

    /// Tells apart the exceptions that hold and accept nothing now: they wait for a finding to hide.
    fn tell_unused(&self, exceptions: &mut [Exception]) {
        let requirements = &self.judge.policy.requirements;
        let mut holding: Vec<&mut Exception> = exceptions.iter_mut().filter(|it| it.standing == "holds").collect();
        for hit in self.hits.iter().filter(|hit| hit.waived) {
            if holding.is_empty() {
                return;
            }
            let Some(it) = requirements.get(hit.place) else { continue };
            let way = self.judge.waiver(hit.place, it, &self.subject(hit.node)).unwrap_or_default();
            holding.retain(|held| held.requirement != it.id || held.node.as_ref() != way.first());
        }
        for unused in holding {
            unused.standing = "accepts nothing now";
        }
    }

    fn summary(&self, of: Option<Node>) -> GapsSummary {
        let asking = &self.judge.asking;
        let open = || self.hits.iter().filter(|hit| !hit.waived);
        let mut by_severity = Vec::new();
        for severity in Severity::ALL {
            group(&mut by_severity, severity.as_str(), open().filter(|hit| hit.severity == severity));
        }
        let mut owners: HashMap<(bool, &str), (u64, u64)> = HashMap::new();
        let mut places = vec![(0_u64, 0_u64); self.judge.policy.requirements.len()];
        for hit in open() {
            let add = |of: &mut (u64, u64)| *of = (of.0 + u64::from(hit.certain), of.1 + 1);
            add(owners.entry(hit.owner).or_default());
            if let Some(of) = places.get_mut(hit.place) {
                add(of);
            }
        }
        let named = |(none, name): (bool, &str)| if none { "(none stated)".to_owned() } else { name.to_owned() };
        let mut by_owner: Vec<Group> = owners
            .into_iter()
            .map(|(owner, (at_least, at_most))| Group { name: named(owner), at_least, at_most })
            .collect();
        by_owner.sort_by(|a, b| (Reverse(a.at_most), &a.name).cmp(&(Reverse(b.at_most), &b.name)));
        let requirements = self.judge.policy.requirements.iter().zip(places).filter(|(_, of)| of.1 > 0);
        let by_requirement =
            requirements.map(|(it, (at_least, at_most))| Group { name: it.id.clone(), at_least, at_most }).collect();
        let mut exceptions = asking.exceptions.all(asking.terms());
        if of.is_some() {
            exceptions.retain(|it| it.node.is_some_and(|node| self.judged.contains(&node)));
        }
        self.tell_unused(&mut exceptions);
        GapsSummary {
            of: of.map(|of| asking.lineage.id(of).to_owned()),
            judged: self.judged_all,
            policy: judged_by(self.judge.policy),
            by_severity,
            by_owner,
            by_requirement,
            excepted: self.hits.iter().filter(|hit| hit.waived).count() as u64,
            exceptions,
        }
    }
}

/// Name, version and digest of a policy.
pub(in crate::investigate) fn judged_by(policy: &Policy) -> JudgedBy {
    JudgedBy { name: policy.name.clone(), version: policy.version.clone(), sha256: policy.sha256.clone() }
}

fn group<'h>(groups: &mut Vec<Group>, name: &str, hits: impl Iterator<Item = &'h Hit<'h>>) {
    let (mut at_least, mut at_most) = (0, 0);
    for hit in hits {
        at_most += 1;
        at_least += u64::from(hit.certain);
    }
    groups.push(Group { name: name.to_owned(), at_least, at_most });
}

/// The exception at the beginning of a way.
fn accepted(asking: &Asking<'_>, it: &Requirement, way: &[Node]) -> Option<Accepted> {
    let first = way.first()?;
    let exception = asking.exceptions.on(*first, &it.id, asking.terms()).into_iter().next()?;
    let path =
        if way.len() > 1 { way.iter().map(|node| asking.lineage.id(*node).to_owned()).collect() } else { Vec::new() };
    Some(Accepted { exception, path })
}

/// Since when an artefact is as it is: since it was made, and since it runs what it runs.
fn standing(asking: &Asking<'_>, node: Node) -> Option<Time> {
    let now = Along::state(asking.moment());
    let runs = asking.lineage.upstream(node).filter(|link| puts_to_use(link.relation) && now.admits(link));
    asking.lineage.at(node).max(runs.filter_map(|link| link.since).max())
}

/// What has to be said of exceptions that waive nothing.
fn remarks(asking: &Asking<'_>, it: &Requirement, places: &[Node]) -> Vec<String> {
    let remark = |it: Exception| {
        let by = it.by.as_deref().unwrap_or("somebody unnamed");
        let claim = &it.claim;
        match it.standing {
            "expired" => {
                let until = it.until.map(Time::short).unwrap_or_default();
                format!("the exception of {by} expired on {until} (claim {claim})")
            }
            "not vouched for" => format!(
                "{} states an exception of {by}; nobody vouches for it here, so it waives nothing (claim {claim})",
                it.source
            ),
            "taken back" => format!("the exception of {by} was taken back (claim {claim})"),
            other => format!("the exception of {by} waives nothing: {other} (claim {claim})"),
        }
    };
    // one that holds and yet waives nothing is on a part of what is lacking
    let on = |node: &Node| asking.exceptions.on(*node, &it.id, asking.terms());
    places.iter().flat_map(on).filter(|it| it.standing != "holds").map(remark).collect()
}

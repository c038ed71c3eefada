//! The newest safe version for a deployment, and what was rejected on the way to it. It orders no steps.

use crate::graph::walk::Along;
use crate::graph::{AbsenceRef, Held, Node};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::last_good::approvals::{Used, approval_at};
use crate::investigate::last_good::judge::{
    Exposures, Judged, conclude, mark_reason, own_reasons, reason, stay_reasons,
};
use crate::investigate::last_good::versions::{Name, Names, StayAt, name_of, stays};
use crate::investigate::origins::Origins;
use crate::investigate::plan::checks::contradict;
use crate::investigate::plan::reach::{Reach, Wrong};
use crate::investigate::rows::{Check, Reason, Rejected};
use crate::investigate::site::puts_to_use;
use crate::model::{Kind, MarkKind, Policy, Statement, Time};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// The most versions that are looked at for one deployment.
const MOST_LOOKED_AT: usize = 200;

/// What is found for one deployment and one thing that it runs.
#[derive(Default)]
pub(super) struct Found {
    pub(super) target: Option<Node>,
    pub(super) for_it: Vec<Reason>,
    pub(super) rejected: Vec<Rejected>,
    pub(super) checks: Vec<Check>,
}

/// What is known of a version wherever it runs; found out once.
pub(super) struct Facts {
    /// Why it is out of the question, the strongest first: exposure, a shared credential, a digest in doubt.
    pub(super) unsafe_for: Vec<String>,
    pub(super) own: Vec<(bool, Reason)>,
    pub(super) approved: Vec<Reason>,
    pub(super) needs: Vec<Node>,
}

/// Chooses targets. Everything about versions is kept, so that a thousand deployments of one model cost
/// little more than one.
pub(super) struct Chooser<'a, 'b> {
    pub(super) asking: Asking<'a>,
    pub(super) policy: &'a Policy,
    pub(super) wrong: &'b Wrong,
    pub(super) reach: &'b Reach<'a>,
    pub(super) at: Time,
    pub(super) names: Names<'a>,
    pub(super) exposures: Exposures<'a>,
    /// What shares bad credentials.
    pub(super) shared: Origins,
    pub(super) credentials: Vec<Node>,
    /// What is not disclosed, by what it is not disclosed of.
    pub(super) undisclosed: BTreeMap<Node, AbsenceRef<'a>>,
    pub(super) without: Origins,
    pub(super) siblings: HashMap<Name<'a>, Rc<Vec<Node>>>,
    pub(super) facts: HashMap<Node, Rc<Facts>>,
}

impl<'a, 'b> Chooser<'a, 'b> {
    pub(super) fn new(
        asking: &Asking<'a>,
        policy: &'a Policy,
        (wrong, reach): (&'b Wrong, &'b Reach<'a>),
        at: Time,
    ) -> Result<Chooser<'a, 'b>, Unanswered> {
        let credentials = wrong.credentials(asking, at);
        let shared = Origins::of(asking, &credentials, at)?;
        let mut undisclosed: BTreeMap<Node, AbsenceRef<'_>> = BTreeMap::new();
        for it in asking.lineage.all_absences().filter(|it| it.why != "none") {
            undisclosed.entry(it.about).or_insert(it);
        }
        let nodes: Vec<Node> = undisclosed.keys().copied().collect();
        let without = Origins::of(asking, &nodes, at)?;
        let exposures = Exposures::of(asking)?;
        let (siblings, facts) = (HashMap::new(), HashMap::new());
        let (asking, names) = (*asking, Names::new(asking));
        Ok(Chooser {
            asking,
            policy,
            wrong,
            reach,
            at,
            names,
            exposures,
            credentials,
            shared,
            undisclosed,
            without,
            siblings,
            facts,
        })
    }

    /// Finds the newest safe version for what a deployment runs now.
    pub(super) fn choose(&mut self, site: Node, current: Node, relation: &str) -> Result<Found, Unanswered> {
        let candidates = self.candidates(current);
        let asking = self.asking;
        let mut found = Found::default();
        let mut best: Option<(usize, Rc<Facts>, Judged, bool)> = None;
        let mut verdicts: Vec<(Node, String)> = Vec::new();
        let looked_at = candidates.iter().filter(|node| **node != current).take(MOST_LOOKED_AT);
        for node in looked_at {
            let facts = self.facts(*node)?;
            let stays = self.stays(site, *node, relation);
            let judged = self.judge(site, *node, &facts, &stays, relation);
            let chosen = asking.marks.vouched_on(*node, asking.as_of);
            // either does away with what the rule lacks; only the first says to prefer it to what is newer
            let preferred = chosen.contains(&MarkKind::Rollback);
            let waived = preferred || chosen.contains(&MarkKind::Good);
            let misfit = self.misfit(site, current, &facts.needs);
            let against = facts.unsafe_for.first().cloned().or_else(|| {
                let grave = facts.own.iter().find(|(grave, it)| *grave && !it.holds).map(|(_, it)| it.says.clone());
                let lacks = || judged.reasons.iter().find(|it| !it.holds).map(|it| it.says.clone());
                grave.or(misfit).or_else(|| if waived { None } else { lacks() })
            });
            match against {
                Some(why) => verdicts.push((*node, why)),
                None if preferred || best.is_none() => {
                    best = Some((verdicts.len(), facts, judged, waived));
                    verdicts.push((*node, String::new()));
                    if preferred {
                        break;
                    }
                }
                None => verdicts.push((*node, String::new())),
            }
        }
        let chosen = best.map(|(place, facts, judged, waived)| {
            let target = verdicts[place].0;
            verdicts.truncate(place);
            (target, facts, judged, waived)
        });
        if chosen.is_none() && candidates.len() > verdicts.len() + 1 && verdicts.len() == MOST_LOOKED_AT {
            let older = candidates.len() - 1 - verdicts.len();
            if let Some(last) = verdicts.last_mut() {
                last.1 = format!("{}; {older} older versions were not looked at", last.1);
            }
        }
        let target = chosen.as_ref().map(|it| it.0);
        found.rejected = verdicts.into_iter().map(|(node, why)| self.rejected(node, why, target)).collect();
        if let Some((target, facts, judged, waived)) = chosen {
            found.target = Some(target);
            found.for_it = mark_reason(&asking, target, MarkKind::Rollback).into_iter().collect();
            found.for_it.extend(judged.reasons.iter().filter(|it| it.holds || waived).cloned());
            found.checks = self.checks(site, current, target, &facts, &judged)?;
        }
        Ok(found)
    }

    fn rejected(&self, node: Node, why: String, target: Option<Node>) -> Rejected {
        let id = self.asking.lineage.id(node).to_owned();
        let chosen = target.map_or("", |node| self.asking.lineage.id(node));
        let why = if why.is_empty() { format!("is good by the rule, but {chosen} was marked by hand") } else { why };
        Rejected { id, why }
    }

    fn candidates(&mut self, current: Node) -> Rc<Vec<Node>> {
        let name = name_of(self.asking.lineage, current);
        let names = &self.names;
        Rc::clone(self.siblings.entry(name).or_insert_with(|| Rc::new(names.siblings(current))))
    }

    /// When the deployment had the version, over the relation in question.
    fn stays(&self, site: Node, version: Node, relation: &str) -> Vec<StayAt> {
        if puts_to_use(relation) {
            return stays(&self.asking, version, Some(&[site]));
        }
        let links = self.asking.lineage.between(site, version).filter(|link| link.since.is_none_or(|it| it <= self.at));
        let mut stays: Vec<StayAt> = links.map(|link| StayAt::of(&link)).collect();
        stays.sort_by_key(|it| std::cmp::Reverse(it.since));
        stays
    }

    fn judge(&self, site: Node, node: Node, facts: &Facts, stays: &[StayAt], relation: &str) -> Judged {
        let stayed = stay_reasons(&self.asking, self.policy, Some(&[site]), stays);
        // an image or a prompt is not approved and evaluated by itself; that it ran there counts
        let (own, approved) = if puts_to_use(relation) {
            (facts.own.clone(), facts.approved.clone())
        } else {
            let lacks = |(grave, it): &&(bool, Reason)| *grave || it.holds;
            let holds = |it: &&Reason| it.holds;
            (facts.own.iter().filter(lacks).cloned().collect(), facts.approved.iter().filter(holds).cloned().collect())
        };
        conclude(&self.asking, node, own, approved, stayed)
    }

    fn facts(&mut self, node: Node) -> Result<Rc<Facts>, Unanswered> {
        if let Some(known) = self.facts.get(&node) {
            return Ok(Rc::clone(known));
        }
        let asking = &self.asking;
        let mut unsafe_for = Vec::new();
        if self.wrong.is_bad(node) {
            unsafe_for.push("is itself what is bad".to_owned());
        } else {
            unsafe_for.extend(self.exposure(node));
        }
        for credential in self.shared.behind(asking, node)? {
            unsafe_for.push(format!("shares {}, which is bad", asking.lineage.id(credential)));
        }
        unsafe_for.extend(self.digest_conflict(node)?);
        let own = own_reasons(asking, &self.exposures, node)?;
        let first = Used::first(&stays(asking, node, None));
        let approved = approval_at(asking, self.policy, node, Used { since: None, first });
        let needs = asking.lineage.upstream(node).filter(|link| Along::state(self.at).admits(link));
        let needs = needs.map(|link| link.to).filter(|to| self.is_fitted(*to)).collect();
        let facts = Rc::new(Facts { unsafe_for, own, approved, needs });
        self.facts.insert(node, Rc::clone(&facts));
        Ok(facts)
    }

    fn exposure(&self, node: Node) -> Option<String> {
        let held = self.reach.exposed.held(node);
        if held == Held::No {
            return None;
        }
        let path = self.reach.all.path(node);
        let id = |node: &Node| self.asking.lineage.id(*node);
        let bad = path.first().map_or("what is bad", id);
        let by_way = match path.as_slice() {
            [_, inner @ .., _] if !inner.is_empty() => {
                format!(" by way of {}", inner.iter().rev().take(1).map(id).collect::<String>())
            }
            _ => String::new(),
        };
        Some(match held {
            Held::Certainly => format!("rests on {bad}{by_way}"),
            _ => format!("may rest on {bad}{by_way}: a link on the way has no certain date"),
        })
    }

    /// Whether two records state different digests of one algorithm for a version.
    fn digest_conflict(&self, node: Node) -> Result<Option<String>, Unanswered> {
        let mut by_algorithm: BTreeMap<&str, usize> = BTreeMap::new();
        for digest in self.asking.lineage.digests(node) {
            *by_algorithm.entry(digest.split(':').next().unwrap_or_default()).or_default() += 1;
        }
        if by_algorithm.values().all(|many| *many < 2) {
            return Ok(None);
        }
        let claims: Vec<u64> = self.asking.lineage.claims(node).collect();
        let stated = self.asking.statements(&claims)?.into_iter().filter_map(|(_, statement)| match statement {
            Statement::Artefact(it) => Some(it.digests.iter().map(ToString::to_string).collect()),
            _ => None,
        });
        let differ = contradict(&stated.collect());
        Ok(differ.then(|| "two records state different digests of it, so which one is meant is not known".to_owned()))
    }

    pub(super) fn is_fitted(&self, node: Node) -> bool {
        let kind = Kind::parse(self.asking.lineage.kind(node));
        matches!(kind, Kind::Prompt | Kind::Agent | Kind::Tool) && self.asking.lineage.version(node).is_some()
    }

    /// Why a version does not fit what the deployment uses beside it.
    fn misfit(&self, site: Node, current: Node, needs: &[Node]) -> Option<String> {
        let lineage = self.asking.lineage;
        let along = Along::state(self.at);
        for link in lineage.upstream(site).filter(|link| along.admits(link) && link.to != current) {
            // what is exposed goes back too, in a step of its own
            if !self.is_fitted(link.to) || self.reach.exposed.held(link.to) != Held::No {
                continue;
            }
            let name = name_of(lineage, link.to);
            let other = needs.iter().find(|need| name_of(lineage, **need) == name);
            if needs.contains(&link.to) {
                continue;
            }
            if let Some(other) = other {
                let (needed, used, site) = (lineage.id(*other), lineage.id(link.to), lineage.id(site));
                return Some(format!("needs {needed}, and {site} uses {used}"));
            }
        }
        None
    }

    /// What speaks for something, as a reason.
    pub(super) fn says(&self, holds: bool, says: String, claim: Option<u64>) -> Reason {
        reason(&self.asking, holds, says, claim)
    }
}

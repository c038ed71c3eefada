//! The way back: a safe target for every exposed deployment, in order. It executes nothing.

mod after;
mod checks;
mod command;
#[cfg(test)]
mod properties;
mod reach;
mod served;
mod target;

use crate::graph::walk::Along;
use crate::graph::{LinkRef, Node, NodeSet};
use crate::investigate::answer::{Answer, Completeness};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::frontier;
use crate::investigate::marks::in_no_lineage;
use crate::investigate::plan::after::{Done, is_high};
use crate::investigate::plan::command::Told;
use crate::investigate::plan::reach::{Cause, Hit, Reach, Wrong};
use crate::investigate::plan::target::{Chooser, Found};
use crate::investigate::question::Plan;
use crate::investigate::rotate::rotate;
use crate::investigate::rows::{Action, PlanRow, PlanSummary, Reason};
use crate::investigate::site::{put_to_use, puts_to_use};
use crate::investigate::wording::{count, some_of, unsure_links};
use crate::model::{Kind, Policy};

/// One step before it is worded.
struct Step<'h, 'a> {
    hit: &'h Hit<'a>,
    current: Option<Node>,
    action: Action,
    found: Found,
    reasons: Vec<Reason>,
}

/// Answers it.
///
/// # Errors
/// When an id is unknown, claims cannot be read, nothing is bad, or it was cancelled.
pub fn plan(asking: &Asking<'_>, question: &Plan) -> Result<Answer<PlanRow, PlanSummary>, Unanswered> {
    let lineage = asking.lineage;
    let at = asking.moment();
    let policy = asking.policy()?;
    let wrong = Wrong::of(asking, question)?;
    let reach = Reach::of(asking, &wrong, at)?;
    let mut chooser = Chooser::new(asking, policy, (&wrong, &reach), at)?;
    let mut steps: Vec<Step<'_, '_>> = Vec::new();
    let mut done = Done::default();
    for hit in &reach.hits {
        asking.go_on()?;
        let first = steps.len();
        decide(asking, &wrong, &reach, &mut chooser, hit, &mut steps)?;
        if let Some(reason) = served::another_digest(asking, hit.site)? {
            for step in &mut steps[first..] {
                // among what speaks against what runs there
                let place = step.reasons.iter().position(|it| it.holds).unwrap_or(step.reasons.len());
                step.reasons.insert(place, reason.clone());
            }
        }
    }
    for step in &steps {
        match (step.action, step.current) {
            (Action::Disable, _) => drop(done.disabled.insert(step.hit.site)),
            (Action::RollBack, Some(current)) => drop(done.left.insert((step.hit.site, current))),
            _ => {}
        }
    }
    let credentials = wrong.credentials(asking, at);
    done.rotated.extend(&credentials);
    let mut rotation = Vec::new();
    for credential in credentials {
        rotation.extend(rotate(asking, credential, at)?);
    }
    let after = after::remaining(asking, &wrong, &reach, &done, at)?;
    let altered: Vec<Node> = steps.iter().filter(|it| it.action != Action::Keep).map(|it| it.hit.site).collect();

    let (certain, possible) = (reach.hits.iter().filter(|it| it.certain).count(), reach.hits.len());
    let doubt = steps.len() - steps.iter().filter(|it| it.hit.certain).count();
    let mut because: Vec<String> = Vec::new();
    because.extend(asking.marks.strays(asking.as_of).map(in_no_lineage));
    if certain < possible {
        let what = count(possible - certain, "deployment");
        because.push(format!("{what} exposed only over {}", unsure_links(asking.lineage)));
    }
    let total = steps.len();
    let (rows, numbered) = rows(asking, policy, &reach, steps, question.limit)?;
    if rows.len() < total {
        because.push(format!("the first {} of {} are listed", rows.len(), count(total, "row")));
    }
    let completeness = Completeness::between((total - doubt) as u64, total as u64, because);
    let past = reach::past(asking, &wrong, &reach, at)?;
    let summary = PlanSummary {
        hold: after::hold(asking, &altered),
        rotate: rotation,
        remaining: after.remaining,
        remaining_count: after.remaining_count.1,
        remaining_at_least: after.remaining_count.0,
        exposed_count: after.exposed_count.1,
        exposed_at_least: after.exposed_count.0,
        exposure_asked: !wrong.bad.is_empty(),
        steps: numbered,
        past: past.into_iter().map(|node| lineage.id(node).to_owned()).collect(),
        policy: policy.id(),
        policy_sha256: policy.sha256.clone(),
        at,
        of: wrong.told,
    };
    Ok(Answer { rows, completeness, summary })
}

/// Decides what to do with one deployment: one step for each thing that it has to leave.
fn decide<'h, 'a>(
    asking: &Asking<'a>,
    wrong: &Wrong,
    reach: &Reach<'a>,
    chooser: &mut Chooser<'a, '_>,
    hit: &'h Hit<'a>,
    steps: &mut Vec<Step<'h, 'a>>,
) -> Result<(), Unanswered> {
    let lineage = asking.lineage;
    let id = |node: Node| lineage.id(node);
    let running = || put_to_use(asking, hit.site).into_iter().filter(|(_, stands)| *stands).map(|(node, _)| node);
    let shown = || running().find(|node| reach.all.contains(*node)).or_else(|| running().next());
    let mut reasons: Vec<Reason> = Vec::new();
    if wrong.is_bad(hit.site) {
        reasons.push(chooser.says(false, "it is marked compromised itself: no version makes it safe".to_owned(), None));
        steps.push(disabled(asking, chooser, hit, Some(hit.site), Found::default(), reasons));
        return Ok(());
    }
    let (moves, blocks): (Vec<&Cause<'_>>, Vec<&Cause<'_>>) = hit.causes.iter().partition(|it| moves(asking, it.to));
    let all_rotated = blocks.iter().all(|it| reach.is_helped_by_rotation(it.to));
    for cause in &blocks {
        let (what, link) = (id(cause.to), &cause.link);
        let says = if reach.rotated.contains(&cause.to) {
            format!("uses {what} itself ({}): move it to the new one as soon as that is issued", link.relation)
        } else if reach.is_helped_by_rotation(cause.to) {
            format!("hangs on {what} itself ({}), which moves to the new credential before", link.relation)
        } else if Kind::parse(lineage.kind(cause.to)).is_credential() {
            format!("uses {what} itself ({}): rotate it first; any version would share it", link.relation)
        } else {
            format!("hangs on {what} itself ({}): no other version of what it runs changes that", link.relation)
        };
        reasons.push(chooser.says(false, says, Some(link.claim)));
    }
    if !all_rotated {
        let current = moves.iter().find(|it| puts_to_use(it.link.relation)).map_or(hit.site, |it| it.to);
        steps.push(disabled(asking, chooser, hit, Some(current), Found::default(), reasons));
        return Ok(());
    }
    let mut leave: Vec<(Node, String, Option<LinkRef<'a>>)> =
        moves.iter().map(|it| (it.to, it.link.relation.to_owned(), Some(it.link))).collect();
    if hit.named && leave.is_empty() {
        leave.extend(
            running().filter(|node| moves_at_all(asking, *node)).map(|node| (node, "deploys".to_owned(), None)),
        );
    }
    if leave.is_empty() && !blocks.is_empty() {
        reasons.push(chooser.says(true, "keep what it runs: nothing else that is bad reaches it".to_owned(), None));
        let step = Step { hit, current: shown(), action: Action::Rotate, found: Found::default(), reasons };
        steps.push(step);
        return Ok(());
    }
    if leave.is_empty() {
        let (action, says) = if hit.named {
            (
                Action::Disable,
                format!("nothing in the ledger says what {} deploys, so there is nothing to go back to", id(hit.site)),
            )
        } else {
            (Action::Keep, kept(asking, hit, reach))
        };
        reasons.push(chooser.says(action == Action::Keep, says, None));
        let step = if action == Action::Keep {
            Step { hit, current: shown(), action, found: Found::default(), reasons }
        } else {
            disabled(asking, chooser, hit, None, Found::default(), reasons)
        };
        steps.push(step);
        return Ok(());
    }
    let (first, rotation) = (steps.len(), reasons);
    for (current, relation, link) in leave {
        let found = chooser.choose(hit.site, current, &relation)?;
        let mut reasons = vec![match &link {
            Some(link) => {
                let says = format!("{} {}, which {}", link.relation, id(current), exposure(asking, reach, current));
                chooser.says(false, says, Some(link.claim))
            }
            None => {
                let named =
                    if wrong.told.iter().any(|it| it.id == id(hit.site)) { "was" } else { "is behind what was" };
                chooser.says(false, format!("{named} named: bring it back from {}", id(current)), None)
            }
        }];
        if found.target.is_none() {
            steps.truncate(first);
            let name = lineage.name(current);
            let says = match found.rejected.len() {
                0 => format!("no other version of {name} is in the ledger"),
                1 => format!("the one other version of {name} is not safe"),
                many => format!("none of the {many} other versions of {name} is safe"),
            };
            reasons.push(chooser.says(false, says, None));
            steps.push(disabled(asking, chooser, hit, Some(current), found, reasons));
            return Ok(());
        }
        // a credential that it uses beside is rotated, whatever it goes back to
        reasons.extend(rotation.iter().cloned());
        reasons.extend(found.for_it.iter().cloned());
        steps.push(Step { hit, current: Some(current), action: Action::RollBack, found, reasons });
    }
    Ok(())
}

fn disabled<'h, 'a>(
    asking: &Asking<'a>,
    chooser: &Chooser<'a, '_>,
    hit: &'h Hit<'a>,
    current: Option<Node>,
    found: Found,
    mut reasons: Vec<Reason>,
) -> Step<'h, 'a> {
    let along = Along::state(asking.moment());
    let hangs = |link: &LinkRef<'_>| {
        let kind = Kind::parse(asking.lineage.kind(link.from));
        kind.is_consequence() && kind != Kind::Step && along.admits(link)
    };
    let mut stop: Vec<Node> = asking.lineage.downstream(hit.site).filter(hangs).map(|link| link.from).collect();
    stop.dedup();
    if !stop.is_empty() {
        let names = some_of(stop.iter().map(|node| asking.lineage.id(*node)), stop.len());
        reasons.push(chooser.says(false, format!("stops with it: {names}"), None));
    }
    Step { hit, current, action: Action::Disable, found, reasons }
}

/// Whether something can be left for another version of itself.
fn moves(asking: &Asking<'_>, node: Node) -> bool {
    moves_at_all(asking, node) && !Kind::parse(asking.lineage.kind(node)).is_credential()
}

fn moves_at_all(asking: &Asking<'_>, node: Node) -> bool {
    asking.lineage.version(node).is_some() && asking.lineage.kind(node) != Kind::Deployment.as_str()
}

fn exposure(asking: &Asking<'_>, reach: &Reach<'_>, node: Node) -> String {
    let path = reach.all.path(node);
    let certain = reach.exposed.held(node) == crate::graph::Held::Certainly;
    match path.first() {
        Some(bad) if *bad != node => {
            format!("{} {}", if certain { "rests on" } else { "may rest on" }, asking.lineage.id(*bad))
        }
        _ => "is bad".to_owned(),
    }
}

/// Why a deployment needs no step of its own: what exposes it is brought back before.
fn kept(asking: &Asking<'_>, hit: &Hit<'_>, reach: &Reach<'_>) -> String {
    let inner = &hit.path[..hit.path.len().saturating_sub(1)];
    let other = inner.iter().rev().find(|node| reach.hits.iter().any(|hit| hit.site == **node));
    let other = other.map_or("other deployments", |node| asking.lineage.id(*node));
    format!("is exposed only through {other}: keep what it runs, and check it again when that step is done")
}

/// The first rows, and how many steps there are in all.
fn rows(
    asking: &Asking<'_>,
    policy: &Policy,
    reach: &Reach<'_>,
    mut steps: Vec<Step<'_, '_>>,
    limit: usize,
) -> Result<(Vec<PlanRow>, u64), Unanswered> {
    let lineage = asking.lineage;
    let along = Along::state(asking.moment());
    let members: Vec<Node> = reach.hits.iter().map(|hit| hit.site).collect();
    let mut region = NodeSet::new(lineage.len());
    for node in reach.all.reached() {
        region.insert(node);
    }
    let high = |node: Node| !is_high(lineage.risk(node));
    let places = frontier::order(lineage, &members, &region, &along, high, asking.cancel)?;
    let place = |node: Node| places.get(&node).map_or((0, 0), |it| (it.level, it.step));
    steps.sort_by_cached_key(|it| (place(it.hit.site), high(it.hit.site), it.hit.site, it.current));
    let numbered = steps.chunk_by(|a, b| place(a.hit.site) == place(b.hit.site)).count() as u64;
    steps.truncate(limit);
    let mut spoken: Vec<Node> = steps.iter().map(|it| it.hit.site).collect();
    spoken.extend(steps.iter().filter_map(|it| it.found.target));
    spoken.sort_unstable();
    spoken.dedup();
    let told = Told::of(asking, &spoken)?;
    let id = |node: Node| lineage.id(node).to_owned();
    let row = |step: Step<'_, '_>| {
        let site = step.hit.site;
        let (level, number) = place(site);
        let commands = match (step.action, step.current, step.found.target) {
            (Action::RollBack, Some(current), Some(target)) => command::roll_back(asking, &told, site, current, target),
            (Action::Disable, ..) => command::disable(asking, &told, site),
            _ => Vec::new(),
        };
        let before = step.hit.path.iter().rev().nth(1);
        let hop = before.and_then(|before| {
            let links = lineage.between(site, *before).filter(|link| along.admits(link));
            links.min_by_key(|link| (link.since.is_none(), link.since))
        });
        let owned = |text: Option<&str>| text.map(str::to_owned);
        PlanRow {
            deployment: id(site),
            owner: owned(lineage.owner(site)),
            environment: owned(lineage.environment(site)),
            risk: owned(lineage.risk(site)),
            current: step.current.map(id),
            target: step.found.target.map(id),
            how: step.found.target.map(|target| after::believed(asking, policy, target)),
            action: step.action,
            level,
            step: number,
            reasons: step.reasons,
            rejected: step.found.rejected,
            checks: step.found.checks,
            commands,
            certain: step.hit.certain,
            path: step.hit.path.iter().copied().map(id).collect(),
            claim: hop.map(|link| asking.claim(link.claim)),
        }
    };
    Ok((steps.into_iter().map(row).collect(), numbered))
}

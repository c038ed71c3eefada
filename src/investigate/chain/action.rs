//! The chain of an agent's action: from the prompt to what was changed, with what the agent was and used. It
//! judges no piece of evidence.

use crate::graph::walk::Way;
use crate::graph::{LinkRef, Node};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::chain::link::{Found, Stands};
use crate::investigate::credential::{step_words, text};
use crate::investigate::rows::LinkState;
use crate::investigate::standing::{Outcome, passed};
use crate::investigate::wording::why_untold;
use crate::model::{Kind, Statement, Time};
use std::collections::{HashMap, HashSet};

/// The most steps of one chain, each way.
const MOST: usize = 500;
/// The most links of one step.
const MOST_LINKS: usize = 500;
/// What an action names as changed where no artefact stands for it.
const OBJECTS: [&str; 6] = ["object", "target", "resource", "changed", "payment", "record"];

/// The step asked about, what caused it and what it caused, in the order of time.
pub(super) fn steps(asking: &Asking<'_>, node: Node, because: &mut Vec<String>) -> Result<Vec<Node>, Unanswered> {
    let mut steps = vec![node];
    let mut seen: HashSet<Node> = HashSet::from([node]);
    for way in [Way::Up, Way::Down] {
        let mut open = vec![node];
        let mut at = 0;
        while let Some(step) = open.get(at).copied() {
            at += 1;
            asking.go_on()?;
            for next in next(asking, step, way) {
                if open.len() >= MOST {
                    let word = if way == Way::Up { "caused it" } else { "it caused" };
                    because.push(format!("of the steps that {word} the nearest {MOST} are looked at"));
                    at = open.len();
                    break;
                }
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        steps.extend(open.into_iter().skip(1));
    }
    let moment = asking.moment();
    steps.retain(|step| *step == node || asking.lineage.at(*step).is_none_or(|at| at <= moment));
    steps.sort_by_key(|step| (asking.lineage.at(*step), *step));
    Ok(steps)
}

fn next(asking: &Asking<'_>, step: Node, way: Way) -> Vec<Node> {
    let is_step = |node: &Node| asking.lineage.kind(*node) == Kind::Step.as_str();
    let caused = |link: &LinkRef<'_>| link.relation == "caused-by";
    match way {
        Way::Up => {
            asking.lineage.upstream(step).take(MOST_LINKS).filter(caused).map(|it| it.to).filter(is_step).collect()
        }
        Way::Down => {
            asking.lineage.downstream(step).take(MOST_LINKS).filter(caused).map(|it| it.from).filter(is_step).collect()
        }
    }
}

/// Everything the chain of these steps shows.
pub(super) fn links<'a>(asking: &Asking<'a>, asked: Node, steps: &[Node]) -> Result<Vec<Found<'a>>, Unanswered> {
    let words = step_words(asking, steps.iter().copied())?;
    let mut found = Vec::new();
    let mut acts: Vec<Node> = Vec::new();
    let is_action = |step: &Node| words.get(step).is_some_and(|word| word == "action");
    let any_action = steps.iter().any(is_action);
    for step in steps {
        let word = words.get(step).map_or("step", String::as_str);
        let link = match word {
            "prompt" => "prompt",
            "output" => "output",
            "tool-call" | "tool-result" => "tool-call",
            "policy-check" => "policy-decision",
            "approval" => "approval",
            "action" | "secret-access" => "action",
            "verification" => "verification",
            _ => "step",
        };
        // where nothing else is called an action, calling a tool is the act
        if link == "action" || (!any_action && word == "tool-call") {
            acts.push(*step);
        }
        found.push(Found::new(link, *step, Stands::Itself(*step)));
    }
    if !any_action {
        for it in found.iter_mut().filter(|it| acts.contains(&it.about) && it.link == "tool-call") {
            it.link = "action";
            it.doubt = Some((LinkState::Recorded, "no step is called the action: calling the tool is it".to_owned()));
        }
    }
    let acted = acts.iter().filter_map(|step| asking.lineage.at(*step)).min();
    for step in steps {
        asking.go_on()?;
        evidence(asking, *step, acted, &mut found);
        used(asking, *step, &mut found);
    }
    changed(asking, &acts, &mut found)?;
    after_the_fact(asking, acted, &mut found);
    lacking(asking, acts.last().copied().unwrap_or(asked), &mut found);
    Ok(found)
}

/// Approvals, policy decisions and verifications that steps have as evidence.
fn evidence<'a>(asking: &Asking<'a>, step: Node, acted: Option<Time>, found: &mut Vec<Found<'a>>) {
    let moment = asking.moment();
    for it in asking.lineage.evidence(step).filter(|it| it.at <= moment).take(MOST_LINKS) {
        let link = match it.kind {
            "approval" => "approval",
            "policy-verdict" => "policy-decision",
            "verification" | "evaluation" | "scan" => "verification",
            _ => "telemetry",
        };
        let late = acted.filter(|acted| it.at > *acted && it.kind == "approval").map(late);
        found.push(Found::new(link, step, Stands::Evidence(it, 0)).doubted(late));
    }
    for it in asking.lineage.absences(step) {
        let (link, what) = if it.relation == "uses-prompt" { ("prompt", "prompt") } else { ("output", "content") };
        let state = match it.why {
            "none" => LinkState::None,
            "not-permitted" => LinkState::NotPermitted,
            _ => LinkState::Missing,
        };
        let says = format!("the {what} of {} is {}", asking.lineage.id(step), why_untold(it.why));
        found.push(Found { says, ..Found::new(link, step, Stands::Said(state, Some(it.claim))) });
    }
}

fn late(acted: Time) -> (LinkState, String) {
    (LinkState::Void, format!("given after the fact: the action was on {}", acted.short()))
}

/// A step of approval that came after the act approved nothing.
fn after_the_fact(asking: &Asking<'_>, acted: Option<Time>, found: &mut [Found<'_>]) {
    let Some(acted) = acted else { return };
    for it in found.iter_mut().filter(|it| it.link == "approval" && matches!(it.stands, Stands::Itself(_))) {
        if asking.lineage.at(it.about).is_some_and(|at| at > acted) {
            it.doubt = Some(late(acted));
        }
    }
}

/// The agent, and what it used.
fn used<'a>(asking: &Asking<'a>, step: Node, found: &mut Vec<Found<'a>>) {
    let lineage = asking.lineage;
    for link in lineage.upstream(step).take(MOST_LINKS) {
        let name = match (Kind::parse(lineage.kind(link.to)), link.relation) {
            (Kind::Agent, _) => "agent",
            (Kind::ModelVersion | Kind::Model, _) => "model",
            (Kind::Prompt, _) => "prompt-template",
            (Kind::Tool, _) => "tool",
            (Kind::Identity, "runs-as" | "authenticates-with" | "acted-for") => "identity",
            (Kind::Secret, _) => "secret",
            (Kind::Policy, _) => "policy",
            _ => continue,
        };
        if !found.iter().any(|it| it.link == name && it.about == link.to) {
            found.push(Found::new(name, link.to, Stands::Artefact(link.to, link)));
        }
    }
    // what it names without being linked to it, its agent may say
    for agent in agents(asking, step) {
        for link in lineage.upstream(agent).take(MOST_LINKS).filter(|link| link.relation == "governed-by") {
            if !found.iter().any(|it| it.link == "policy" && it.about == link.to) {
                found.push(Found::new("policy", link.to, Stands::Artefact(link.to, link)));
            }
        }
    }
}

fn agents<'a>(asking: &'a Asking<'_>, step: Node) -> impl Iterator<Item = Node> + 'a {
    let lineage = asking.lineage;
    let links = lineage.upstream(step).take(MOST_LINKS);
    links.map(|link| link.to).filter(|node| lineage.kind(*node) == Kind::Agent.as_str())
}

/// What the actions changed: artefacts that say so, else what the actions name.
fn changed<'a>(asking: &Asking<'a>, acts: &[Node], found: &mut Vec<Found<'a>>) -> Result<(), Unanswered> {
    let lineage = asking.lineage;
    let mut named: HashMap<u64, Node> = HashMap::new();
    for act in acts {
        let made = |link: &LinkRef<'_>| {
            matches!(link.relation, "changed-by" | "produced-by") && lineage.kind(link.from) != Kind::Step.as_str()
        };
        let mut any = false;
        for link in lineage.downstream(*act).take(MOST_LINKS).filter(made) {
            any = true;
            found.push(Found::new("changed-object", link.from, Stands::Artefact(link.from, link)));
        }
        if !any {
            named.extend(lineage.claims(*act).map(|claim| (claim, *act)));
        }
    }
    let mut claims: Vec<u64> = named.keys().copied().collect();
    claims.sort_unstable();
    let said = if claims.is_empty() { Vec::new() } else { asking.statements(&claims)? };
    for (claim, statement) in said {
        let (Statement::Artefact(it), Some(act)) = (statement, named.get(&claim)) else { continue };
        let object = OBJECTS.iter().find_map(|key| text(&it.attributes, key).map(|value| (*key, value)));
        if let Some((key, value)) = object {
            let says = format!("{key} {value}, as {} names it", lineage.id(*act));
            let stands = Stands::Said(LinkState::Recorded, Some(claim));
            found.push(Found { says, ..Found::new("changed-object", *act, stands) });
        }
    }
    Ok(())
}

/// What a whole chain would hold and this one has nothing of.
fn lacking<'a>(asking: &Asking<'a>, act: Node, found: &mut Vec<Found<'a>>) {
    let id = asking.lineage.id(act);
    const WANTED: [(&str, &str); 12] = [
        ("prompt", "what was asked is not on record"),
        ("output", "what the model answered is not on record"),
        ("tool-call", "no tool call is on record"),
        ("policy-decision", "no policy decided on it"),
        ("approval", "nobody approved it"),
        ("action", "no action is on record"),
        ("changed-object", "what it changed is not on record"),
        ("verification", "nobody verified what came of it"),
        ("agent", "which version of which agent acted is not on record"),
        ("identity", "as whom it acted is not on record"),
        ("secret", "with which credential it acted is not on record"),
        ("policy", "under which policy it acted is not on record"),
    ];
    // a refusal is a word on it, and no approval
    let counts = |it: &Found<'_>, link: &str| {
        it.link == link
            && match &it.stands {
                Stands::Evidence(it, _) => it.kind != "approval" || passed(it.verdict) == Outcome::Passed,
                _ => true,
            }
    };
    for (link, words) in WANTED {
        // a call that is the act is a call still
        let is_act = link == "tool-call" && found.iter().any(|it| it.link == "action" && it.doubt.is_some());
        if !is_act && !found.iter().any(|it| counts(it, link)) {
            found.push(Found::missing(link, act, format!("{id}: {words}")));
        }
    }
}

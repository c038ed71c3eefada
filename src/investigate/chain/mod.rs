//! The evidence a deployment, a version or an agent's action rests on, link by link, each with its state and
//! reason, and which link does not hold. What a policy requires is judged where policies are.

mod action;
mod ingredients;
mod link;
mod rules;
mod version;

use crate::graph::Node;
use crate::investigate::answer::{Answer, Completeness};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::question::Chain;
use crate::investigate::rows::{ChainGroup, ChainRow, ChainSummary, LinkState};
use crate::investigate::whence::Sender;
use crate::investigate::wording::count;
use crate::model::Kind;
use link::{Found, Words};
use rules::Rules;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The links of a version or a deployment, in the order of the chain.
const OF_VERSION: [(&str, &str); 18] = [
    ("source", "sources"),
    ("data", "data"),
    ("base-model", "base models"),
    ("data-approval", "data approvals"),
    ("code", "code"),
    ("run", "training runs"),
    ("prompt", "prompts"),
    ("tool", "tools"),
    ("image", "images"),
    ("evaluation", "evaluations"),
    ("scan", "scans and red team"),
    ("attestation", "attestations"),
    ("policy", "policies"),
    ("policy-verdict", "policy verdicts"),
    ("approval", "approvals"),
    ("promotion", "promotion"),
    ("digest", "deployed digest"),
    ("telemetry", "telemetry"),
];
/// What a version acts as and with, before it is promoted.
const CREDENTIALS: [(&str, &str); 2] = [("identity", "identities"), ("secret", "secrets")];
/// The links of an action, in the order of the chain.
const OF_ACTION: [(&str, &str); 17] = [
    ("prompt", "prompt"),
    ("output", "output"),
    ("tool-call", "tool calls"),
    ("policy-decision", "policy decision"),
    ("approval", "approval"),
    ("action", "action"),
    ("changed-object", "changed object"),
    ("verification", "verification"),
    ("step", "other steps"),
    ("telemetry", "telemetry"),
    ("agent", "agent version"),
    ("model", "model"),
    ("prompt-template", "prompt version"),
    ("tool", "tools"),
    ("identity", "identity"),
    ("secret", "secret"),
    ("policy", "policy"),
];

/// Answers it: the links in the order of the chain, of each kind the worst first.
///
/// # Errors
/// When the id is unknown or names no version, claims cannot be read, or it was cancelled.
pub fn chain(asking: &Asking<'_>, question: &Chain) -> Result<Answer<ChainRow, ChainSummary>, Unanswered> {
    asking.policy()?;
    let node = asking.node(&question.id)?;
    let mut because = Vec::new();
    if asking.lineage.kind(node) == Kind::Step.as_str() {
        let steps = action::steps(asking, node, &mut because)?;
        let found = action::links(asking, node, &steps)?;
        return answer(asking, question, ("action", &OF_ACTION), &Rules::default(), &found, because);
    }
    bare_name(asking, node)?;
    let subject = version::Subject::of(asking, node, &mut because)?;
    let found = version::links(asking, &subject, &mut because)?;
    let sites = subject.sites.iter().chain(&subject.pointers).copied().collect();
    let rules = Rules { versions: subject.versions.clone(), sites };
    if rules.sites.is_empty() {
        because.push("it is deployed nowhere, as far as is known: the chain ends at its approvals".to_owned());
    }
    let of = if subject.asked_of_site { "deployment" } else { "version" };
    let mut order = OF_VERSION.to_vec();
    let approval = order.iter().position(|it| it.0 == "policy").unwrap_or(order.len());
    order.splice(approval..approval, CREDENTIALS);
    answer(asking, question, (of, &order), &rules, &found, because)
}

/// A name has versions, and each has a chain of its own.
fn bare_name(asking: &Asking<'_>, node: Node) -> Result<(), Unanswered> {
    let lineage = asking.lineage;
    let kind = Kind::parse(lineage.kind(node));
    if !matches!(kind, Kind::Model | Kind::Job) {
        return Ok(());
    }
    let id = lineage.id(node);
    let versions = lineage.downstream(node).filter(|link| matches!(link.relation, "version-of" | "instance-of"));
    let newest = versions.max_by_key(|link| (lineage.at(link.from), link.from));
    let hint = newest.map(|link| format!("; its newest is {}", lineage.id(link.from))).unwrap_or_default();
    Err(Unanswered::Senseless(format!("{id} is a {kind}, a name: each of its versions has a chain of its own{hint}")))
}

fn answer(
    asking: &Asking<'_>,
    question: &Chain,
    (of, order): (&str, &[(&str, &str)]),
    rules: &Rules,
    found: &[Found<'_>],
    mut because: Vec<String>,
) -> Result<Answer<ChainRow, ChainSummary>, Unanswered> {
    let words = Words::read(asking, found)?;
    let all: Vec<ChainRow> = found.iter().map(|it| link::row(asking, &words, rules, it)).collect();
    let total = all.len() as u64;
    let signatures = signatures(&all);
    let mut by: BTreeMap<usize, Vec<ChainRow>> = BTreeMap::new();
    for row in all {
        let place = order.iter().position(|it| it.0 == row.link).unwrap_or(order.len());
        by.entry(place).or_default().push(row);
    }
    let (mut rows, mut groups, mut lacking, mut against) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (place, mut links) in by {
        // of the steps of an action the order of time tells more
        if of == "action" {
            links.sort_by_key(|row| (Reverse(row.state), row.at));
        } else {
            links.sort_by_key(|row| (Reverse(row.state), Reverse(row.against), Reverse(row.at)));
        }
        let (link, title) = order.get(place).copied().unwrap_or(("other", "other"));
        let group = group(link, title, &links);
        for row in &links {
            if !row.state.holds() {
                let why = row.reasons.first().filter(|_| row.state != LinkState::Missing);
                let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
                let state = if row.state == LinkState::Missing { "" } else { row.state.words() };
                let sep = if state.is_empty() { "" } else { ": " };
                lacking.push(format!("{title}: {state}{sep}{}{why}", row.says));
            } else if row.against {
                against.push(format!("{title}: {}", row.says));
            }
        }
        if links.len() > question.limit {
            because.push(format!("{title}: {} of {} are listed", question.limit, count(links.len(), "link")));
            links.truncate(question.limit);
        }
        rows.extend(links);
        groups.push(group);
    }
    dedup(&mut lacking);
    dedup(&mut against);
    let ids = |nodes: &[Node]| nodes.iter().map(|node| asking.lineage.id(*node).to_owned()).collect();
    let complete = lacking.is_empty();
    let summary = ChainSummary {
        id: asking.lineage.id(asking.node(&question.id)?).to_owned(),
        of: of.to_owned(),
        versions: ids(&rules.versions),
        deployments: ids(&rules.sites),
        verdict: verdict(&groups, against.len()),
        groups,
        complete,
        lacking,
        against,
        signatures,
    };
    Ok(Answer { rows, completeness: Completeness::between(total, total, because), summary })
}

/// Which signatures were checked, and what is known of who sent the rest.
fn signatures(rows: &[ChainRow]) -> String {
    let links = |of: &dyn Fn(&&ChainRow) -> bool| match rows.iter().filter(of).count() {
        0 => None,
        some => Some(count(some, "link")),
    };
    let verified = |row: &&ChainRow| row.state == LinkState::Verified;
    let sent = |by: Sender| links(&|row| !verified(row) && row.origin.sender == Some(by));
    let mut said = match links(&verified) {
        None => "no signature was checked".to_owned(),
        Some(links) => format!("the signatures of {links} were checked and hold"),
    };
    if let Some(links) = sent(Sender::Signature) {
        // that of the request, which covers all that it said; it is not kept
        said = match said.strip_prefix("no ") {
            Some(_) => format!("no signature was checked now; that of {links} was when received"),
            None => format!("{said}; that of {links} was checked when received"),
        };
    }
    if let Some(links) = sent(Sender::NoToken) {
        said += &format!("; {links} pushed with no token");
    }
    said
}

fn dedup(texts: &mut Vec<String>) {
    let mut seen = std::collections::HashSet::new();
    texts.retain(|text| seen.insert(text.clone()));
}

fn group(link: &str, title: &str, rows: &[ChainRow]) -> ChainGroup {
    let mut states: BTreeMap<Reverse<LinkState>, u64> = BTreeMap::new();
    for row in rows {
        *states.entry(Reverse(row.state)).or_default() += 1;
    }
    let states: Vec<(LinkState, u64)> = states.into_iter().map(|(state, count)| (state.0, count)).collect();
    ChainGroup {
        link: link.to_owned(),
        title: title.to_owned(),
        state: states.first().map_or(LinkState::Missing, |it| it.0),
        count: rows.len() as u64,
        states,
        against: rows.iter().filter(|row| row.against).count() as u64,
    }
}

/// What the chain comes to, in a sentence.
fn verdict(groups: &[ChainGroup], against: usize) -> String {
    let mut counts: BTreeMap<Reverse<LinkState>, u64> = BTreeMap::new();
    for (state, number) in groups.iter().flat_map(|group| &group.states) {
        *counts.entry(Reverse(*state)).or_default() += number;
    }
    let broken: Vec<String> = counts
        .iter()
        .filter(|(state, _)| !state.0.holds())
        .map(|(state, number)| format!("{number} {}", state.0.words()))
        .collect();
    let beside = match against {
        0 => String::new(),
        1 => "; 1 link is on record and speaks against it".to_owned(),
        many => format!("; {many} links are on record and speak against it"),
    };
    if broken.is_empty() {
        format!("complete: every link is on record{beside}")
    } else {
        format!("incomplete: {}{beside}", broken.join(", "))
    }
}

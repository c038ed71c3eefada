//! How a secret or identity was used within a window: by what, for what, and who shares it. It plans no
//! rotation.

use crate::graph::{Held, LinkRef, Node};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::order;
use crate::investigate::rotate::rotate;
use crate::investigate::rows::{CredentialUse, SharedWith, UseRow};
use crate::investigate::wording::{count, some_of};
use crate::model::{Attributes, Kind, Statement, Time, Window};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The most that is listed of each.
const MOST_LISTED: usize = 100;
/// The most steps whose own words are read.
const MOST_READ: usize = 5_000;
/// The most holders through which what was executed is looked for.
const MOST_HOLDERS: usize = 2_000;

/// How a credential was used, and what has to be said of the answer.
pub(super) fn used(
    asking: &Asking<'_>,
    node: Node,
    window: &Window,
    because: &mut Vec<String>,
) -> Result<CredentialUse, Unanswered> {
    let moment = asking.moment();
    let all: Vec<LinkRef<'_>> = asking.lineage.downstream(node).filter(|link| link.carries_impact).collect();
    asking.go_on()?;
    let mut links: Vec<LinkRef<'_>> = all.iter().copied().filter(|link| asking.held(link, window)).collect();
    let is_step = |link: &LinkRef<'_>| asking.lineage.kind(link.from) == Kind::Step.as_str();
    links.sort_by_key(|link| (is_step(link), order::has_ended(link, moment), Reverse(link.since), link.from));
    let mut users: Vec<LinkRef<'_>> = Vec::new();
    let mut seen: HashSet<Node> = HashSet::new();
    for link in links {
        if seen.insert(link.from) {
            users.push(link);
        }
    }
    let mut shared = shared(asking, node, &all);
    if shared.len() > MOST_LISTED {
        let (id, all) = (asking.lineage.id(node), count(shared.len(), "row"));
        because.push(format!("of {all} on who shares {id} the first {MOST_LISTED} are listed"));
        shared.truncate(MOST_LISTED);
    }
    let (executed, executed_count) = executed(asking, node, window, because)?;
    Ok(CredentialUse {
        id: asking.lineage.id(node).to_owned(),
        users_count: users.len() as u64,
        users: users.iter().take(MOST_LISTED).map(|link| use_row(asking, link, window, None)).collect(),
        executed,
        executed_count,
        shared,
        rotate: rotate(asking, node, moment)?,
    })
}

fn use_row(asking: &Asking<'_>, link: &LinkRef<'_>, window: &Window, word: Option<String>) -> UseRow {
    UseRow {
        id: asking.lineage.id(link.from).to_owned(),
        kind: asking.lineage.kind(link.from).to_owned(),
        step: word,
        owner: asking.lineage.owner(link.from).map(str::to_owned),
        since: link.since,
        until: link.until,
        certain: link.held(window) == Held::Certainly,
        claim: asking.claim(link.claim),
    }
}

/// Actions and tool calls that used it, directly or by an identity or tool that holds it; newest first.
fn executed(
    asking: &Asking<'_>,
    node: Node,
    window: &Window,
    because: &mut Vec<String>,
) -> Result<(Vec<UseRow>, u64), Unanswered> {
    let lineage = asking.lineage;
    let mut holders = vec![(node, true)];
    let mut known: HashMap<Node, bool> = HashMap::from([(node, true)]);
    let mut steps: HashMap<Node, (LinkRef<'_>, bool)> = HashMap::new();
    let mut at = 0;
    while let Some((holder, direct)) = holders.get(at).copied() {
        at += 1;
        asking.go_on()?;
        for link in lineage.downstream(holder).filter(|link| link.carries_impact && asking.held(link, window)) {
            match Kind::parse(lineage.kind(link.from)) {
                Kind::Step => {
                    steps.entry(link.from).or_insert((link, direct));
                }
                Kind::Identity | Kind::Secret | Kind::Tool if known.insert(link.from, false).is_none() => {
                    holders.push((link.from, false));
                }
                _ => {}
            }
        }
        if holders.len() > MOST_HOLDERS {
            because.push(format!(
                "what was executed through more than {} was not looked at",
                count(MOST_HOLDERS, "holder")
            ));
            break;
        }
    }
    let when = |link: &LinkRef<'_>| link.since.or_else(|| lineage.at(link.from));
    let mut steps: Vec<(LinkRef<'_>, bool)> = steps.into_values().collect();
    steps.sort_by_key(|(link, _)| (Reverse(when(link)), link.from));
    if steps.len() > MOST_READ {
        because
            .push(format!("of {} only the newest {MOST_READ} were looked at for actions", count(steps.len(), "step")));
        steps.truncate(MOST_READ);
    }
    let words = step_words(asking, steps.iter().map(|(link, _)| link.from))?;
    let acted = |(link, direct): &&(LinkRef<'_>, bool)| match words.get(&link.from).map(String::as_str) {
        Some("action" | "tool-call") => true,
        // what used it and does not say what it was did something with it
        None => *direct,
        Some(_) => false,
    };
    let acted: Vec<&(LinkRef<'_>, bool)> = steps.iter().filter(acted).collect();
    let row = |(link, _): &&(LinkRef<'_>, bool)| {
        let mut row = use_row(asking, link, window, words.get(&link.from).cloned());
        row.since = when(link);
        row
    };
    Ok((acted.iter().take(MOST_LISTED).map(row).collect(), acted.len() as u64))
}

/// What each step says it was: the last description that says so.
pub(super) fn step_words(
    asking: &Asking<'_>,
    steps: impl Iterator<Item = Node>,
) -> Result<HashMap<Node, String>, Unanswered> {
    let mut of: HashMap<u64, Node> = HashMap::new();
    for step in steps {
        of.extend(asking.lineage.claims(step).map(|claim| (claim, step)));
    }
    if of.is_empty() {
        return Ok(HashMap::new());
    }
    let mut claims: Vec<u64> = of.keys().copied().collect();
    claims.sort_unstable();
    let mut words = HashMap::new();
    for (claim, statement) in asking.statements(&claims)? {
        if let (Statement::Artefact(it), Some(step)) = (statement, of.get(&claim))
            && let Some(word) = text(&it.attributes, "step")
        {
            words.insert(*step, word);
        }
    }
    Ok(words)
}

pub(super) fn text(attributes: &Attributes, key: &str) -> Option<String> {
    let value = attributes.get(key)?;
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned)).filter(|text| !text.is_empty())
}

/// Who or what shares it. Whoever used it once may hold it still, so that no window applies here.
fn shared(asking: &Asking<'_>, node: Node, links: &[LinkRef<'_>]) -> Vec<SharedWith> {
    let lineage = asking.lineage;
    let mut shared = Vec::new();
    let mut add = |with: &str, why: String| {
        shared.push(SharedWith { with: with.to_owned(), why });
    };
    for alias in lineage.aliases(node) {
        add(alias.id, format!("another name of it: {}", alias.why));
    }
    for print in lineage.identifiers(node).filter(|it| it.starts_with("fingerprint:")) {
        for other in lineage.nodes_with_identifier(print).filter(|other| *other != node) {
            add(lineage.id(other), format!("has the same value: {print}"));
        }
    }
    let began = |link: &&LinkRef<'_>| asking.as_of.is_none_or(|at| link.since.is_none_or(|since| since <= at));
    let users: Vec<&LinkRef<'_>> = links.iter().filter(began).collect();
    for link in &users {
        if Kind::parse(lineage.kind(link.from)).is_credential() {
            add(lineage.id(link.from), format!("{} it{}", link.relation, ended(link.until, asking.moment())));
        }
    }
    let is_step = |link: &LinkRef<'_>| lineage.kind(link.from) == Kind::Step.as_str();
    let owner = |node: Node| lineage.owner(node);
    let environment = |node: Node| lineage.environment(node);
    type Fact<'b> = &'b dyn Fn(Node) -> Option<&'b str>;
    let facts: [(&str, Fact<'_>); 2] = [("of", &owner), ("in", &environment)];
    for (word, fact) in facts {
        let mut groups: BTreeMap<&str, Vec<&LinkRef<'_>>> = BTreeMap::new();
        for link in &users {
            if let Some(name) = fact(link.from) {
                groups.entry(name).or_default().push(link);
            }
        }
        if groups.len() < 2 {
            continue;
        }
        for (name, mut links) in groups {
            links.sort_by_key(|link| (order::has_ended(link, asking.moment()), Reverse(link.since), link.from));
            links.dedup_by_key(|link| link.from);
            let named = |link: &&LinkRef<'_>| {
                let until = link.until.filter(|until| *until < asking.moment());
                let until = until.map(|until| format!(" (until {})", until.short())).unwrap_or_default();
                format!("{}{until}", lineage.id(link.from))
            };
            let all: Vec<String> = links.iter().filter(|link| !is_step(link)).map(named).collect();
            let all = if all.is_empty() { links.iter().map(named).collect() } else { all };
            let names = some_of(all.iter().map(String::as_str), links.len());
            add(name, format!("used by {names} {word} {name}"));
        }
    }
    shared
}

fn ended(until: Option<Time>, moment: Time) -> String {
    until.filter(|until| *until < moment).map(|until| format!(", until {}", until.short())).unwrap_or_default()
}

//! What may be the asked artefact under another name: what two sources call alike while they share nothing strong.
//! It folds nothing: that two are one is for a person to say.

use crate::graph::{Lineage, LinkRef, Node};
use crate::investigate::rows::Candidate;
use crate::model::{IdParts, Time};
use std::collections::BTreeSet;

/// The most that are listed.
pub const MOST: usize = 20;
/// The most links of one tool or identity that are gone through.
const MOST_LINKS: usize = 5_000;
/// How far two accounts of one action may be apart.
const APART: i64 = 5_000_000;

/// The candidates, those of its own kind first, and how many there are.
pub(super) fn candidates(lineage: &Lineage, node: Node) -> (Vec<Candidate>, usize) {
    let mut found: Vec<(Node, String)> = match lineage.kind(node) {
        "step" => actions(lineage, node),
        kind @ ("model" | "model-version" | "dataset") => named_alike(lineage, node, kind),
        _ => Vec::new(),
    };
    found.retain(|(other, _)| *other != node && apart(lineage, node, *other));
    found.sort_by_key(|(other, _)| (lineage.kind(*other) != lineage.kind(node), *other));
    found.dedup_by_key(|(other, _)| *other);
    let total = found.len();
    let row = |(other, why): (Node, String)| Candidate { id: lineage.id(other).to_owned(), why };
    (found.into_iter().take(MOST).map(row).collect(), total)
}

/// Whether no link says that the two are different things.
fn apart(lineage: &Lineage, a: Node, b: Node) -> bool {
    lineage.between(a, b).next().is_none() && lineage.between(b, a).next().is_none()
}

/// What two sources may share without being the same, and how that is said.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Alike {
    /// A model's name without what goes before it.
    Model(String),
    /// The same with a version.
    Version(String, String),
    /// A place where data lies, or lay.
    Place(String),
    /// A table, whichever case its parts are written in.
    Table(String),
    /// A name with a digest that is too short to prove anything.
    Sample(String, String),
}

impl Alike {
    fn why(&self) -> String {
        match self {
            Alike::Model(name) => format!("two sources have a model called {name}"),
            Alike::Version(name, version) => format!("two sources have a version {version} of a model called {name}"),
            Alike::Place(place) => format!("both are said to lie at {place}"),
            Alike::Table(table) => format!("both are a table {table}, by another spelling"),
            Alike::Sample(name, digest) => {
                format!("both are called {name} with the digest {digest}, which is taken of a sample")
            }
        }
    }
}

/// What stands for the source in an id: `hf` of `model:hf/a/b`, `mlflow` of `model:mlflow/x`.
fn teller(id: &str) -> &str {
    let rest = IdParts::of(id).name;
    rest.split(['/', ':', '|', '#']).next().unwrap_or(rest)
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The last part of a name, in one spelling. Words that say nothing are none.
fn last(name: &str) -> Option<String> {
    let last = name.trim_end_matches('/').rsplit(['/', ':', '#']).next()?;
    let plain = last.to_lowercase().replace('_', "-");
    (plain.len() > 2 && plain.bytes().any(|byte| byte.is_ascii_alphabetic())).then_some(plain)
}

fn alike(lineage: &Lineage, node: Node, kind: &str) -> BTreeSet<Alike> {
    let mut found = BTreeSet::new();
    let (id, version) = (lineage.id(node), lineage.version(node));
    let parts = IdParts::of(id);
    if kind != "dataset" {
        let name = last(lineage.stated_name(node).unwrap_or(parts.name));
        // A repository of models has its revisions for versions: its name is a model's all the same.
        let revision = version.is_some_and(|it| is_hex(it, 40));
        match (name, version.filter(|_| kind == "model-version" && !revision)) {
            (Some(name), Some(version)) => drop(found.insert(Alike::Version(name, version.to_owned()))),
            (Some(name), None) => drop(found.insert(Alike::Model(name))),
            (None, _) => {}
        }
        return found;
    }
    let aliases = lineage.aliases(node).map(|it| IdParts::of(it.id).name);
    let names =
        [parts.name].into_iter().chain(lineage.stated_name(node)).chain(lineage.identifiers(node)).chain(aliases);
    for name in names {
        let plain = name.strip_prefix("ol:").unwrap_or(name);
        match plain.split_once('|') {
            Some((_, table)) if table.matches('.').count() >= 2 && !table.contains('/') => {
                found.insert(Alike::Table(table.to_lowercase()));
            }
            Some((place, path)) if place.contains("://") => {
                found.insert(Alike::Place(format!("{}/{}", place.trim_end_matches('/'), path.trim_start_matches('/'))));
            }
            None if plain.contains("://") => drop(found.insert(Alike::Place(plain.trim_end_matches('/').to_owned()))),
            None if plain.matches('.').count() == 2 && !plain.contains(['/', ' ']) => {
                found.insert(Alike::Table(plain.to_lowercase()));
            }
            _ => {}
        }
    }
    if let Some((digest, name)) = version.filter(|it| is_hex(it, 8)).zip(lineage.stated_name(node)) {
        found.insert(Alike::Sample(name.to_owned(), digest.to_owned()));
    }
    found
}

fn named_alike(lineage: &Lineage, node: Node, kind: &str) -> Vec<(Node, String)> {
    let own = alike(lineage, node, kind);
    if own.is_empty() {
        return Vec::new();
    }
    let teller_of = |node: Node| teller(lineage.id(node));
    let is_model = |kind: &str| matches!(kind, "model" | "model-version");
    let mut found = Vec::new();
    for other in lineage.nodes() {
        let other_kind = lineage.kind(other);
        let comparable = other_kind == kind || is_model(other_kind) && is_model(kind);
        // One source that has two names means two things by them.
        if other == node || !comparable || kind != "dataset" && teller_of(other) == teller_of(node) {
            continue;
        }
        let theirs = alike(lineage, other, other_kind);
        found.extend(own.intersection(&theirs).next().map(|it| (other, it.why())));
    }
    found
}

/// Other accounts of one action: of the same tool, or by the same identity, at nearly the same moment.
fn actions(lineage: &Lineage, node: Node) -> Vec<(Node, String)> {
    let Some(at) = lineage.at(node) else { return Vec::new() };
    let own = family(lineage.id(node));
    let mut found = Vec::new();
    let mut near = |link: LinkRef<'_>, of: &str, what: &str| {
        let Some(other) = lineage.at(link.from).filter(|_| lineage.kind(link.from) == "step") else { return };
        let between = distance(at, other);
        if between <= APART && family(lineage.id(link.from)) != own {
            let apart = between as f64 / 1e6;
            found.push((link.from, format!("{what} {of} {apart:.1} s apart, in two accounts")));
        }
    };
    for link in lineage.upstream(node) {
        match link.relation {
            "uses-tool" => {
                let Some(name) = last(lineage.name(link.to)) else { continue };
                let same = |tool: &Node| {
                    lineage.kind(*tool) == "tool" && last(lineage.name(*tool)).is_some_and(|other| other == name)
                };
                for tool in lineage.nodes().filter(same) {
                    let uses = lineage.downstream(tool).take(MOST_LINKS).filter(|link| link.relation == "uses-tool");
                    uses.for_each(|link| near(link, &name, "both used the tool"));
                }
            }
            "runs-as" => {
                let id = lineage.id(link.to);
                let acts = lineage.downstream(link.to).take(MOST_LINKS).filter(|link| link.relation == "runs-as");
                acts.for_each(|link| near(link, id, "both ran as"));
            }
            _ => {}
        }
    }
    found
}

fn distance(a: Time, b: Time) -> i64 {
    a.micros().saturating_sub(b.micros()).saturating_abs()
}

/// What keeps an account of steps: `otel`, `mcp`, `event`, …
fn family(id: &str) -> &str {
    let rest = id.strip_prefix("step:").unwrap_or(id);
    rest.split('/').next().unwrap_or(rest)
}

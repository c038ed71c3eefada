//! Everything known of one artefact, and where sources contradict each other. It follows no link.

use crate::graph::{Lineage, LinkRef, Node};
use crate::investigate::answer::{Answer, Completeness, Row};
use crate::investigate::asking::Asking;
use crate::investigate::candidate;
use crate::investigate::order;
use crate::investigate::pointer::at_versions_of;
use crate::investigate::question::Show;
use crate::investigate::rows::{AbsenceRow, Alias, Conflict, DerivedRow, LinkRow, Shown};
use crate::investigate::site::puts_to_use;
use crate::investigate::taint::{Derived, Reached};
use crate::investigate::wording::count;
use crate::model::{Artefact, Attributes, Claim, Kind, Statement, Window};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The most links listed each way.
pub const MOST_LINKS: usize = 200;
/// The most descriptions that are read; an artefact described more often than this is a hub of runs.
const MOST_CLAIMS: usize = 500;

/// The claims whose content [`show`] wants to see: those that describe the artefact.
pub fn claims_needed(lineage: &Lineage, id: &str) -> Vec<u64> {
    let Some(node) = lineage.node(id) else { return Vec::new() };
    let claims: Vec<u64> = lineage.claims(node).collect();
    // the later say more of what holds now
    claims[claims.len().saturating_sub(MOST_CLAIMS)..].to_vec()
}

/// Shows an artefact, given the claims that describe it: (claim, name, source, content).
pub fn show(
    asking: &Asking<'_>,
    question: &Show,
    claims: &[(u64, String, String, Claim)],
) -> Option<Answer<Row, Shown>> {
    let lineage = asking.lineage;
    let node = lineage.node(&question.id)?;
    let said: Vec<(&str, &Artefact)> = claims
        .iter()
        .filter_map(|(_, name, _, claim)| match &claim.statement {
            Statement::Artefact(artefact) => Some((name.as_str(), artefact)),
            _ => None,
        })
        .collect();
    let (upstream, upstream_count) = links(asking, lineage.upstream(node), |link| link.to);
    let (downstream, downstream_count) = links(asking, lineage.downstream(node), |link| link.from);
    let mut attributes = Attributes::new();
    for (_, artefact) in &said {
        attributes.extend(artefact.attributes.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    let names: Vec<String> = lineage.claims(node).take(MOST_CLAIMS).map(|claim| asking.claim(claim)).collect();
    let mut completeness = Completeness::exact(1);
    if !lineage.described(node) {
        completeness.because.push("nobody described it: only links or evidence mention it".to_owned());
    }
    if let (Some(moment), Some(at)) = (asking.as_of, lineage.at(node))
        && moment < at
    {
        completeness.because.push(format!("not yet there at {moment}: it came to be {at}"));
    }
    for (way, listed, total) in
        [("depends on", upstream.len(), upstream_count), ("is depended on by", downstream.len(), downstream_count)]
    {
        if (listed as u64) < total {
            completeness.because.push(format!("of what it {way}, {} of {total} are listed", count(listed, "link")));
        }
    }
    if claims.len() < lineage.claims(node).count() {
        completeness.because.push(format!("attributes are from the last {}", count(claims.len(), "description")));
    }
    let (candidates, many) = candidate::candidates(lineage, node);
    if candidates.len() < many {
        completeness.because.push(format!("of what may be the same, {} of {many} are listed", candidates.len()));
    }
    let summary = Shown {
        digests: lineage.digests(node).map(str::to_owned).collect(),
        identifiers: lineage.identifiers(node).map(str::to_owned).collect(),
        aliases: aliases(asking, node),
        candidates,
        attributes,
        conflicts: conflicts(&said),
        upstream,
        downstream,
        pointers: pointers(asking, node, &mut completeness.because),
        upstream_count,
        downstream_count,
        evidence: asking.evidence_rows(node),
        absences: lineage
            .absences(node)
            .map(|it| AbsenceRow {
                relation: it.relation.to_owned(),
                why: it.why.to_owned(),
                claim: asking.claim(it.claim),
            })
            .collect(),
        marks: asking.marks.rows_on(node, asking.as_of),
        derived: derived(asking, node),
        claims: names,
        received: None,
        signatures: Vec::new(),
        files: None,
    };
    Some(Answer { rows: vec![asking.row(node)], completeness, summary })
}

/// Where what points at the versions of a name led, by the asked moment.
fn pointers(asking: &Asking<'_>, node: Node, because: &mut Vec<String>) -> Vec<LinkRow> {
    if Kind::parse(asking.lineage.kind(node)) != Kind::Model {
        return Vec::new();
    }
    let found = at_versions_of(asking, node).unwrap_or_else(|error| {
        because.push(format!("what points at its versions: {error}"));
        Vec::new()
    });
    let by_then = |link: &LinkRef<'_>| asking.as_of.is_none_or(|at| link.earliest().is_none_or(|since| since <= at));
    let links = found.into_iter().flat_map(|pointer| asking.lineage.upstream(pointer));
    let mut links: Vec<LinkRef<'_>> = links.filter(|it| puts_to_use(it.relation) && by_then(it)).collect();
    links.sort_by_key(|link| (link.from, Reverse(link.since), link.to));
    links.iter().take(MOST_LINKS).map(|link| asking.link_row(link, link.to)).collect()
}

/// What is marked upstream and reaches an artefact, the nearest of each mark.
fn derived(asking: &Asking<'_>, node: Node) -> Vec<DerivedRow> {
    let id = |node: &Node| asking.lineage.id(*node).to_owned();
    let row = |it: Reached| {
        let from = *it.path.first()?;
        let mark = asking.marks.holding_on(from, it.derived.mark, asking.as_of);
        let claim = mark.map(|it| it.name.clone()).unwrap_or_default();
        let path = it.path.iter().map(id).collect();
        let Derived { mark, certain } = it.derived;
        Some(DerivedRow { mark, from: id(&from), certain, path, claim })
    };
    asking.taint.ways_to(asking.lineage, node).into_iter().filter_map(row).collect()
}

fn aliases(asking: &Asking<'_>, node: Node) -> Vec<Alias> {
    let alias = |it: crate::graph::AliasRef<'_>| Alias {
        id: it.id.to_owned(),
        why: it.why.to_owned(),
        claim: Some(asking.claim(it.claim)),
    };
    asking.lineage.aliases(node).map(alias).collect()
}

/// The first links that may have held at the asked moment, and how many there are.
fn links<'a>(
    asking: &Asking<'a>,
    all: impl ExactSizeIterator<Item = LinkRef<'a>>,
    other: impl Fn(&LinkRef<'a>) -> Node,
) -> (Vec<LinkRow>, u64) {
    let window = asking.window(&Window::default());
    let count = all.len();
    if window.is_open() && count > order::MOST_SORTED {
        return (all.take(MOST_LINKS).map(|link| asking.link_row(&link, other(&link))).collect(), count as u64);
    }
    let mut held: Vec<LinkRef<'a>> = all.filter(|link| asking.held(link, &window)).collect();
    let moment = asking.moment();
    held.sort_by(|a, b| order::rank(a, moment).cmp(&order::rank(b, moment)));
    (held.iter().take(MOST_LINKS).map(|link| asking.link_row(link, other(link))).collect(), held.len() as u64)
}

/// Fields that two descriptions state differently. Ids that were folded together may differ in what
/// the id itself says, name and version. Each value once with the claim that states it first.
fn conflicts<'a>(said: &[(&str, &'a Artefact)]) -> Vec<Conflict> {
    let mut fields: BTreeMap<(String, &str), Vec<(String, String)>> = BTreeMap::new();
    let mut note = |(field, of): (&str, &'a str), value: Option<String>, claim: &str| {
        let Some(value) = value else { return };
        let values = fields.entry((field.to_owned(), of)).or_default();
        if values.iter().all(|(known, _)| *known != value) {
            values.push((value, claim.to_owned()));
        }
    };
    for (claim, it) in said {
        note(("kind", ""), Some(it.kind.to_string()), claim);
        note(("name", &it.id), it.name.clone(), claim);
        note(("version", &it.id), it.version.clone(), claim);
        note(("at", ""), it.at.map(|at| at.to_string()), claim);
        note(("owner", ""), it.owner.clone(), claim);
        note(("risk", ""), it.risk.clone(), claim);
        note(("environment", ""), it.environment.clone(), claim);
        // That it was gone and is back is its history, and contradicts nothing.
        let standing = it.attributes.contains_key("gone.seen") || it.attributes.contains_key("back.seen");
        let told = |key: &str| !(standing && matches!(key, "state" | "gone.seen" | "back.seen"));
        for (key, value) in it.attributes.iter().filter(|(key, _)| told(key)) {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            note((&format!("attributes.{key}"), ""), Some(text), claim);
        }
    }
    let differing = fields.into_iter().filter(|(_, values)| values.len() > 1);
    differing.map(|((field, _), values)| Conflict { field, values }).collect()
}

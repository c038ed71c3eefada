//! What drifted from what was said of it: deployed digests, pointers that moved, names whose content changed,
//! evidence about things that are gone; and where one content lies under several names. It approves nothing.

use crate::graph::{LinkRef, Node};
use crate::investigate::answer::{Answer, Completeness};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::credential::text;
use crate::investigate::deployed::{Runs, runs};
use crate::investigate::pointer::pointers;
use crate::investigate::question::Drift;
use crate::investigate::rows::{DriftRow, DriftSummary};
use crate::investigate::site::puts_to_use;
use crate::investigate::wording::{count, some_of};
use crate::model::{Digest, Kind, Statement, Time};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The most things with evidence of which it is asked whether they are still there.
const MOST_READ: usize = 100_000;
/// Claims read at once.
const CHUNK: usize = 1_000;
/// Names and places listed in one row.
const MOST_NAMES: usize = 100;

/// Answers it: what drifted first, by what it is, then the copies.
///
/// # Errors
/// When the id is unknown, claims cannot be read, or it was cancelled.
pub fn drift(asking: &Asking<'_>, question: &Drift) -> Result<Answer<DriftRow, DriftSummary>, Unanswered> {
    let scope = question.of.as_deref().map(|id| around(asking, id)).transpose()?;
    let mut because = Vec::new();
    let mut rows = deployed(asking, scope.as_ref())?;
    rows.extend(moved(asking, scope.as_ref())?);
    rows.extend(changed(asking, scope.as_ref())?);
    rows.extend(deleted(asking, scope.as_ref(), &mut because)?);
    let drifted = rows.len() as u64;
    rows.extend(copies(asking, scope.as_ref())?);
    let all = rows.len();
    if all > question.limit {
        rows.truncate(question.limit);
        because.push(format!("of {} the first {} are listed", count(all, "row"), question.limit));
    }
    let of =
        question.of.as_deref().and_then(|id| asking.lineage.node(id)).map(|node| asking.lineage.id(node).to_owned());
    let completeness = Completeness::between(all as u64, all as u64, because);
    Ok(Answer { rows, completeness, summary: DriftSummary { of, drifted } })
}

/// An artefact, what runs and contains it, what it runs, and the versions of a name.
fn around(asking: &Asking<'_>, id: &str) -> Result<HashSet<Node>, Unanswered> {
    let node = asking.node(id)?;
    let lineage = asking.lineage;
    let beside = |relation: &str| puts_to_use(relation) || relation == "contains" || relation == "version-of";
    let up = lineage.upstream(node).filter(|link| puts_to_use(link.relation) || link.relation == "contains");
    let down = lineage.downstream(node).filter(|link| beside(link.relation));
    let mut found: HashSet<Node> = up.map(|link| link.to).chain(down.map(|link| link.from)).collect();
    found.insert(node);
    // of a name also where its versions run
    let versions: Vec<Node> =
        lineage.downstream(node).filter(|link| link.relation == "version-of").map(|link| link.from).collect();
    for version in versions {
        let sites = lineage.downstream(version).filter(|link| puts_to_use(link.relation));
        found.extend(sites.map(|link| link.from));
    }
    Ok(found)
}

fn of_kind<'a>(asking: &Asking<'a>, kind: Kind, scope: Option<&HashSet<Node>>) -> Vec<Node> {
    let lineage = asking.lineage;
    let mut nodes: Vec<Node> = match scope {
        Some(scope) => scope.iter().copied().collect(),
        None => {
            let codes: Vec<bool> = (0..=u8::MAX).map(|code| lineage.kind_of_code(code) == kind.as_str()).collect();
            lineage.nodes().filter(|node| codes[usize::from(lineage.kind_code(*node))]).collect()
        }
    };
    nodes.retain(|node| lineage.kind(*node) == kind.as_str());
    nodes.sort_unstable();
    nodes
}

fn row(asking: &Asking<'_>, what: &str, node: Node, says: String, claim: Option<u64>) -> DriftRow {
    DriftRow {
        what: what.to_owned(),
        about: asking.lineage.id(node).to_owned(),
        says,
        old: None,
        new: None,
        seen: claim.and_then(|claim| (asking.seen)(claim)),
        also: Vec::new(),
        drifted: what != "copies",
        claim: claim.map(|claim| asking.claim(claim)).filter(|claim| !claim.is_empty()),
    }
}

/// Deployments that state another digest than anything they run has.
fn deployed(asking: &Asking<'_>, scope: Option<&HashSet<Node>>) -> Result<Vec<DriftRow>, Unanswered> {
    let lineage = asking.lineage;
    let mut rows = Vec::new();
    for site in of_kind(asking, Kind::Deployment, scope) {
        asking.go_on()?;
        let Runs::Other(stated, others) = runs(asking, site) else { continue };
        let names = some_of(others.iter().map(|node| lineage.id(*node)), others.len());
        let says = format!("{} runs {stated}, and {names} is another content", lineage.id(site));
        let mut row = row(asking, "deployed-digest", site, says, lineage.claims(site).last());
        row.old = others.first().and_then(|node| lineage.digests(*node).next()).map(str::to_owned);
        row.new = Some(stated.to_owned());
        // who else has what runs there
        let elsewhere = lineage.nodes_with_identifier(stated).filter(|node| *node != site);
        row.also = elsewhere.take(MOST_NAMES).map(|node| lineage.id(node).to_owned()).collect();
        rows.push(row);
    }
    Ok(rows)
}

/// Pointers that records show at different targets, in the order in which we saw them.
fn moved(asking: &Asking<'_>, scope: Option<&HashSet<Node>>) -> Result<Vec<DriftRow>, Unanswered> {
    let lineage = asking.lineage;
    let mut several = of_kind(asking, Kind::Deployment, scope);
    several.retain(|node| {
        let targets: BTreeSet<Node> =
            lineage.upstream(*node).filter(|link| puts_to_use(link.relation)).map(|link| link.to).collect();
        targets.len() > 1 || last_end(asking, *node).is_some()
    });
    let sorts = pointers(asking, &several)?;
    let mut rows = Vec::new();
    for node in several {
        let Some(sort) = sorts.get(&node) else { continue };
        asking.go_on()?;
        if let Some(link) = last_end(asking, node) {
            rows.push(removed(asking, node, sort, &link));
            continue;
        }
        let mut sightings: Vec<(Option<Time>, u64, Node)> = Vec::new();
        for link in lineage.upstream(node).filter(|link| puts_to_use(link.relation)) {
            for claim in lineage.link_claims(&link) {
                sightings.push((link.since.or_else(|| (asking.seen)(claim)), claim, link.to));
            }
        }
        sightings.retain(|it| asking.as_of.is_none_or(|moment| it.0.is_none_or(|at| at <= moment)));
        // an undated one that nobody saw at a time stands where its record stands in the log
        sightings.sort_unstable();
        sightings.dedup_by_key(|it| it.2);
        let [.., (_, _, before), (seen, claim, now)] = sightings.as_slice() else { continue };
        let (before, now) = (lineage.id(*before), lineage.id(*now));
        let when = seen.map(|at| format!(", seen {}", at.short())).unwrap_or_default();
        let says = format!("the {sort} {} moved from {before} to {now}{when}", lineage.id(node));
        let mut row = row(asking, "moved-pointer", node, says, Some(*claim));
        (row.old, row.new, row.seen) = (Some(before.to_owned()), Some(now.to_owned()), *seen);
        let told = |it: &(Option<Time>, u64, Node)| {
            let at = it.0.map_or_else(|| "undated".to_owned(), Time::short);
            format!("{at} {}", lineage.id(it.2))
        };
        row.also = sightings.iter().rev().take(MOST_NAMES).map(told).collect();
        rows.push(row);
    }
    // sort by sort, as they are headed
    rows.sort_by(|a, b| a.what.cmp(&b.what));
    Ok(rows)
}

/// What something put to use last, where it puts nothing to use any more.
fn last_end<'a>(asking: &Asking<'a>, node: Node) -> Option<LinkRef<'a>> {
    let moment = asking.moment();
    let links = asking.lineage.upstream(node).filter(|link| puts_to_use(link.relation));
    let known = links.filter(|link| link.earliest().is_none_or(|since| since <= moment));
    let last = known.max_by_key(|link| (link.until.is_none_or(|until| until > moment), link.until, link.since))?;
    last.until.is_some_and(|until| until <= moment).then_some(last)
}

/// A pointer that points at nothing any more.
fn removed(asking: &Asking<'_>, node: Node, sort: &str, link: &LinkRef<'_>) -> DriftRow {
    let (id, to) = (asking.lineage.id(node), asking.lineage.id(link.to));
    let when = link.until.map_or_else(String::new, |at| format!(" {}", at.short_after(link.until_after)));
    let says = format!("the {sort} {id} was removed{when}; the last that it pointed at was {to}");
    let mut row = row(asking, "removed-pointer", node, says, asking.lineage.link_claims(link).last());
    (row.old, row.seen) = (Some(to.to_owned()), link.until);
    row
}

/// What is made once and yet has several digests of one method: its name stayed and its content changed.
fn changed(asking: &Asking<'_>, scope: Option<&HashSet<Node>>) -> Result<Vec<DriftRow>, Unanswered> {
    let lineage = asking.lineage;
    let mut digests: HashMap<Node, u32> = HashMap::new();
    match scope {
        Some(scope) => digests.extend(scope.iter().map(|node| (*node, lineage.digests(*node).count() as u32))),
        None => {
            for (_, node) in lineage.all_identifiers().filter(|(text, _)| Digest::parse(text).is_strong()) {
                *digests.entry(node).or_default() += 1;
            }
        }
    }
    let content = |node: &Node| Kind::parse(lineage.kind(*node)).is_content();
    let mut several: Vec<Node> = digests.into_iter().filter(|it| it.1 > 1).map(|it| it.0).filter(content).collect();
    several.sort_unstable();
    let mut rows = Vec::new();
    for node in several {
        asking.go_on()?;
        let claims: Vec<u64> = lineage.claims(node).collect();
        // in the order of the records
        let mut by: BTreeMap<String, Vec<(u64, String)>> = BTreeMap::new();
        for (claim, statement) in asking.statements(&claims)? {
            let Statement::Artefact(it) = statement else { continue };
            for digest in it.digests.iter().filter(|digest| digest.is_strong()) {
                let method = digest.as_str().split(':').next().unwrap_or_default().to_owned();
                let known = by.entry(method).or_default();
                if known.iter().all(|(_, text)| text != digest.as_str()) {
                    known.push((claim, digest.as_str().to_owned()));
                }
            }
        }
        for known in by.into_values().filter(|known| known.len() > 1) {
            let [.., (first, before), (claim, now)] = known.as_slice() else { continue };
            // one record that lists several contents of one thing says nothing of change
            if first == claim {
                continue;
            }
            let says = format!("{} was {before} and is {now}: its name stayed, its content changed", lineage.id(node));
            let mut row = row(asking, "changed-content", node, says, Some(*claim));
            (row.old, row.new) = (Some(before.clone()), Some(now.clone()));
            row.also = known.iter().rev().take(MOST_NAMES).map(|it| it.1.clone()).collect();
            rows.push(row);
        }
    }
    Ok(rows)
}

/// Evidence about what its source says was deleted.
fn deleted(
    asking: &Asking<'_>,
    scope: Option<&HashSet<Node>>,
    because: &mut Vec<String>,
) -> Result<Vec<DriftRow>, Unanswered> {
    let lineage = asking.lineage;
    let mut about: Vec<Node> = match scope {
        Some(scope) => scope.iter().copied().filter(|node| lineage.evidence(*node).next().is_some()).collect(),
        None => lineage.all_evidence().map(|it| it.about).collect(),
    };
    about.sort_unstable();
    about.dedup();
    if about.len() > MOST_READ {
        let all = count(about.len(), "artefact");
        because.push(format!("of {all} with evidence the first {MOST_READ} were asked whether they are still there"));
        about.truncate(MOST_READ);
    }
    // the last word on it
    let last: Vec<(u64, Node)> = about.iter().filter_map(|node| Some((lineage.claims(*node).last()?, *node))).collect();
    let mut rows = Vec::new();
    for some in last.chunks(CHUNK) {
        asking.go_on()?;
        let mut claims: Vec<u64> = some.iter().map(|it| it.0).collect();
        claims.sort_unstable();
        let said: HashMap<u64, Statement> = asking.statements(&claims)?.into_iter().collect();
        for (claim, node) in some {
            let Some(Statement::Artefact(it)) = said.get(claim) else { continue };
            if !text(&it.attributes, "state").is_some_and(|state| state.eq_ignore_ascii_case("deleted")) {
                continue;
            }
            let kinds: BTreeSet<&str> = lineage.evidence(*node).map(|it| it.kind).collect();
            let kinds = some_of(kinds.iter().copied(), kinds.len());
            let says = format!("{} was deleted at its source; here is still its {kinds}", lineage.id(*node));
            let mut row = row(asking, "deleted", *node, says, Some(*claim));
            row.old = Some("described".to_owned());
            row.new = Some("deleted".to_owned());
            rows.push(row);
        }
    }
    Ok(rows)
}

/// One content under several names, and at several places.
fn copies(asking: &Asking<'_>, scope: Option<&HashSet<Node>>) -> Result<Vec<DriftRow>, Unanswered> {
    let lineage = asking.lineage;
    let mut names: BTreeMap<(&str, Node), Vec<&str>> = BTreeMap::new();
    for alias in lineage.all_aliases() {
        let digest = alias.why.strip_prefix("both have ").filter(|text| Digest::parse(text).is_strong());
        if let Some(digest) = digest {
            names.entry((digest, alias.node)).or_default().push(alias.id);
        }
    }
    asking.go_on()?;
    let mut rows = Vec::new();
    for ((digest, node), others) in names {
        let holders: Vec<Node> = lineage.nodes_with_identifier(digest).collect();
        if scope.is_some_and(|scope| !scope.contains(&node) && !holders.iter().any(|it| scope.contains(it))) {
            continue;
        }
        let places: Vec<&str> = holders.iter().filter(|it| **it != node).map(|it| lineage.id(*it)).collect();
        let all: Vec<&str> = others.iter().copied().chain(places).collect();
        let listed = some_of(all.iter().copied(), all.len());
        let says = format!("{} lies also as {listed}", lineage.id(node));
        let mut row = row(asking, "copies", node, says, lineage.claims(node).next());
        row.old = Some(digest.to_owned());
        row.also = all.iter().take(MOST_NAMES).map(|id| (*id).to_owned()).collect();
        rows.push(row);
    }
    Ok(rows)
}

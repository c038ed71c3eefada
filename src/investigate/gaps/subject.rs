//! Who is judged: what is at work now, where, and at what risk. It judges none of it.

use crate::graph::walk::{Along, Way};
use crate::graph::{Node, NodeSet, Relations};
use crate::investigate::asking::{Asking, Unanswered};
use crate::model::{Facts, Requirement, Time, fits};
use std::collections::BTreeSet;

/// How far below an artefact the places where it runs are looked for.
const MOST_BELOW: usize = 4_096;

/// What the gate takes for granted of a candidate that is not in use yet.
#[derive(Debug, Clone, Default)]
pub(in crate::investigate) struct Assumed {
    /// Judge as if it were in use.
    pub(in crate::investigate) in_use: bool,
    /// In this environment.
    pub(in crate::investigate) environment: Option<String>,
}

/// One artefact and what requirements ask of it.
#[derive(Debug)]
pub(in crate::investigate) struct Subject<'a> {
    pub(in crate::investigate) node: Node,
    /// Where it runs now: deployments and endpoints, itself where it is one.
    pub(in crate::investigate) sites: Vec<Node>,
    pub(in crate::investigate) environments: Vec<&'a str>,
    pub(in crate::investigate) risks: Vec<&'a str>,
    pub(in crate::investigate) in_use: bool,
    /// Nothing is known of where it will run, so what is asked of any environment is asked of it.
    pub(in crate::investigate) anywhere: bool,
    /// Nothing is known of its risk, so what is asked of any class is asked of it.
    pub(in crate::investigate) any_risk: bool,
}

/// Whether something is where things run.
fn is_place(kind: &str) -> bool {
    matches!(kind, "deployment" | "endpoint" | "use-case")
}

/// Whether a link says that what it leads to is at work in what it comes from.
fn puts_to_work(relation: &str) -> bool {
    matches!(
        relation,
        "deploys"
            | "serves"
            | "uses-prompt"
            | "uses-tool"
            | "contains"
            | "runs-as"
            | "authenticates-with"
            | "retrieves-from"
    )
}

/// What is at work at the asked moment.
pub(in crate::investigate) struct AtWork {
    set: NodeSet,
    certain: NodeSet,
    along: Along,
    relations: Relations,
}

impl AtWork {
    /// Everything that places run now, and what is at work in that.
    pub(in crate::investigate) fn of(asking: &Asking<'_>) -> Result<AtWork, Unanswered> {
        let lineage = asking.lineage;
        let along = Along::state(asking.moment());
        let relations = lineage.choose(puts_to_work);
        let codes: Vec<bool> = (0..=u8::MAX).map(|code| is_place(lineage.kind_of_code(code))).collect();
        let kinds = lineage.kind_codes();
        let places = lineage.nodes().filter(|node| codes[usize::from(kinds[node.index()])]);
        // all that it ever ran has ended there
        let is_over = |node: &Node| {
            lineage.has_any(*node, &relations) && lineage.ends(*node, Way::Up, &relations, &along).next().is_none()
        };
        let places: Vec<Node> = places.filter(|node| !is_over(node)).collect();
        let certain = spread(asking, &places, &relations, &along.surely())?;
        let set = spread(asking, &places, &relations, &along)?;
        Ok(AtWork { set, certain, along, relations })
    }

    pub(in crate::investigate) fn contains(&self, node: Node) -> bool {
        self.set.contains(node)
    }

    pub(in crate::investigate) fn certainly(&self, node: Node) -> bool {
        self.certain.contains(node)
    }

    /// An artefact and everything that is at work in it.
    pub(in crate::investigate) fn within(&self, asking: &Asking<'_>, node: Node) -> Result<Vec<Node>, Unanswered> {
        Ok(spread(asking, &[node], &self.relations, &self.along)?.iter().collect())
    }

    /// The subject that an artefact is.
    pub(in crate::investigate) fn subject<'a>(
        &self,
        asking: &Asking<'a>,
        node: Node,
        assumed: &'a Assumed,
    ) -> Subject<'a> {
        let in_use = self.contains(node);
        let sites = if in_use { self.sites(asking, node) } else { Vec::new() };
        let mut subject = Subject::at(asking, node, sites, in_use);
        if let Some(environment) = &assumed.environment {
            subject.environments = vec![environment];
        }
        if assumed.in_use {
            subject.in_use = true;
            subject.anywhere = subject.environments.is_empty();
            subject.any_risk = subject.risks.is_empty();
        }
        subject
    }

    /// Where it runs now, in order of ids; itself where it is a place.
    fn sites(&self, asking: &Asking<'_>, node: Node) -> Vec<Node> {
        let lineage = asking.lineage;
        if is_place(lineage.kind(node)) {
            return vec![node];
        }
        let (mut found, mut open, mut seen) = (Vec::new(), vec![node], BTreeSet::from([node]));
        while let Some(at) = open.pop() {
            if is_place(lineage.kind(at)) {
                found.push(at);
                continue;
            }
            for from in lineage.ends(at, Way::Down, &self.relations, &self.along) {
                if seen.len() >= MOST_BELOW {
                    break;
                }
                if self.contains(from) && seen.insert(from) {
                    open.push(from);
                }
            }
        }
        found.sort_unstable();
        found
    }
}

fn spread(asking: &Asking<'_>, starts: &[Node], relations: &Relations, along: &Along) -> Result<NodeSet, Unanswered> {
    let lineage = asking.lineage;
    let mut set = NodeSet::new(lineage.len());
    let mut open: Vec<Node> = starts.iter().copied().filter(|node| set.insert(*node)).collect();
    let mut since = 0_u32;
    while let Some(node) = open.pop() {
        since += 1;
        if since.is_multiple_of(4_096) {
            asking.go_on()?;
        }
        open.extend(lineage.ends(node, Way::Up, relations, along).filter(|to| set.insert(*to)));
    }
    Ok(set)
}

impl<'a> Subject<'a> {
    /// An artefact with where it runs now, in order of ids: what is stated of it, and of these.
    pub(in crate::investigate) fn at(asking: &Asking<'a>, node: Node, sites: Vec<Node>, in_use: bool) -> Subject<'a> {
        let lineage = asking.lineage;
        let mut environments: Vec<&str> =
            sites.iter().chain([&node]).filter_map(|it| lineage.environment(*it)).collect();
        environments.sort_unstable();
        environments.dedup();
        let mut risks: Vec<&str> = match lineage.risk(node) {
            Some(own) => vec![own],
            None => sites.iter().filter_map(|it| lineage.risk(*it)).collect(),
        };
        risks.sort_unstable();
        risks.dedup();
        Subject { node, sites, environments, risks, in_use, anywhere: false, any_risk: false }
    }

    /// Who answers for it: its own owner, else that of where it runs.
    pub(in crate::investigate) fn owner(&self, asking: &Asking<'a>) -> Option<&'a str> {
        let lineage = asking.lineage;
        lineage.owner(self.node).or_else(|| self.sites.iter().find_map(|site| lineage.owner(*site)))
    }

    /// Whether a requirement is asked of it, but for what only its records tell.
    pub(in crate::investigate) fn is_asked(&self, asking: &Asking<'_>, it: &Requirement) -> bool {
        let of = &it.of;
        let risk = |wanted: &String| self.risks.iter().any(|own| own.eq_ignore_ascii_case(wanted));
        let environment = |wanted: &String| self.environments.iter().any(|own| fits(wanted, own));
        (!of.in_use || self.in_use)
            && (of.risks.is_empty() || self.any_risk || of.risks.iter().any(risk))
            && (of.environments.is_empty() || self.anywhere || of.environments.iter().any(environment))
            && of.when.as_ref().is_none_or(|when| {
                // what cannot be told is asked for: a condition that fails must not open a gate
                when.reads_attributes() || when.holds(&self.facts(asking, &[])).unwrap_or(true)
            })
    }

    /// Its facts, as a condition is shown them.
    pub(in crate::investigate) fn facts<'f>(
        &'f self,
        asking: &Asking<'f>,
        attributes: &'f [(String, serde_json::Value)],
    ) -> Facts<'f> {
        let lineage = asking.lineage;
        let age = |at: Time| (asking.moment().seconds() - at.seconds()).div_euclid(86_400);
        Facts {
            id: lineage.id(self.node),
            kind: lineage.kind(self.node),
            name: lineage.name(self.node),
            version: lineage.version(self.node).unwrap_or_default(),
            owner: lineage.owner(self.node).unwrap_or_default(),
            risks: &self.risks,
            environments: &self.environments,
            described: lineage.described(self.node),
            in_use: self.in_use,
            age_days: lineage.at(self.node).map_or(-1, age),
            attributes,
        }
    }
}

/// Whether a requirement may be asked of a kind at all.
pub(in crate::investigate) fn is_of_kind(it: &Requirement, kind: &str) -> bool {
    it.of.kinds.is_empty() || it.of.kinds.iter().any(|wanted| wanted == kind)
}

//! What versions were made of: the data they were given, where that came from, the code and the runs. One
//! bounded walk; it judges nothing.

use crate::graph::walk::Along;
use crate::graph::{LinkRef, Node};
use crate::investigate::asking::{Asking, Unanswered};
use crate::model::Kind;
use std::collections::HashSet;

/// The most artefacts that are looked at.
const MOST: usize = 500;
/// The most links of one artefact.
const MOST_LINKS: usize = 2_000;

/// What was found, each thing once, the nearest first.
#[derive(Default)]
pub(super) struct Ingredients<'a> {
    /// Data given to the versions themselves or to the runs that made them.
    pub(super) data: Vec<(Node, LinkRef<'a>)>,
    /// Models they were made from.
    pub(super) bases: Vec<(Node, LinkRef<'a>)>,
    /// Data behind all that, from which no way leads further up.
    pub(super) sources: Vec<(Node, LinkRef<'a>)>,
    /// Code of the versions and their runs.
    pub(super) code: Vec<(Node, LinkRef<'a>)>,
    /// The runs that made them.
    pub(super) runs: Vec<(Node, LinkRef<'a>)>,
    /// All data and models looked at, for what sources say cannot be told of them.
    pub(super) seen: Vec<Node>,
    /// Whether there is more than was looked at.
    pub(super) cut: bool,
}

fn makes(relation: &str) -> bool {
    matches!(relation, "trained-on" | "fine-tuned-from" | "derived-from" | "built-from" | "produced-by" | "used")
}

fn is_data(kind: &Kind) -> bool {
    matches!(kind, Kind::Dataset | Kind::FeatureSet)
}

impl<'a> Ingredients<'a> {
    /// Walks up from the versions, as they were made of things by the asked moment.
    pub(super) fn of(asking: &Asking<'a>, versions: &[Node]) -> Result<Ingredients<'a>, Unanswered> {
        let lineage = asking.lineage;
        let along = Along::state(asking.moment());
        let mut found = Ingredients::default();
        let mut seen: HashSet<Node> = versions.iter().copied().collect();
        // whether it is a version asked about, or a run that made one
        let mut open: Vec<(Node, bool)> = versions.iter().map(|node| (*node, true)).collect();
        let mut at = 0;
        while let Some((node, near)) = open.get(at).copied() {
            at += 1;
            asking.go_on()?;
            let links = lineage.upstream(node);
            found.cut |= links.len() > MOST_LINKS;
            let wanted = |link: &LinkRef<'_>| makes(link.relation) && link.to != node && along.admits(link);
            for link in links.take(MOST_LINKS).filter(wanted) {
                let kind = Kind::parse(lineage.kind(link.to));
                let walked = is_data(&kind) || matches!(kind, Kind::ModelVersion | Kind::Run);
                if !(walked || kind == Kind::Code) || !seen.insert(link.to) {
                    continue;
                }
                if open.len() >= MOST {
                    found.cut = true;
                    continue;
                }
                match kind {
                    Kind::Code if near => found.code.push((link.to, link)),
                    Kind::Run if versions.contains(&node) => found.runs.push((link.to, link)),
                    Kind::ModelVersion if near => found.bases.push((link.to, link)),
                    Kind::Dataset | Kind::FeatureSet => {
                        if near {
                            found.data.push((link.to, link));
                        }
                        if is_source(asking, link.to) {
                            found.sources.push((link.to, link));
                        }
                    }
                    _ => {}
                }
                if walked {
                    let made_here = kind == Kind::Run && versions.contains(&node);
                    open.push((link.to, made_here));
                }
            }
        }
        found.seen = open.into_iter().map(|(node, _)| node).filter(|node| lineage.kind(*node) != "run").collect();
        Ok(found)
    }
}

/// Whether nothing that it was made of is on record: no data, and no run that used any.
fn is_source(asking: &Asking<'_>, node: Node) -> bool {
    let lineage = asking.lineage;
    let along = Along::state(asking.moment());
    let from_data = |node: Node| {
        let mut links = lineage.upstream(node).take(MOST_LINKS);
        links.any(|link| {
            makes(link.relation)
                && along.admits(&link)
                && link.to != node
                && matches!(Kind::parse(lineage.kind(link.to)), Kind::Dataset | Kind::FeatureSet | Kind::ModelVersion)
        })
    };
    let mut runs = lineage.upstream(node).take(MOST_LINKS).filter(|link| link.relation == "produced-by");
    !from_data(node) && !runs.any(|run| from_data(run.to))
}

//! Names that point at a version and may point at another tomorrow: a registry's aliases and stages, tags.
//! It follows none of them.

use crate::graph::Node;
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::credential::text;
use crate::investigate::site::puts_to_use;
use crate::model::{Kind, Relation, Statement};
use std::collections::{BTreeSet, HashMap};

/// Claims read at once.
const CHUNK: usize = 1_000;

/// The most places that are asked whether they are pointers at the versions of a name.
const MOST_SITES: usize = 500;

/// What points at the versions of a name, or pointed at them by the asked moment.
pub(super) fn at_versions_of(asking: &Asking<'_>, name: Node) -> Result<Vec<Node>, Unanswered> {
    let lineage = asking.lineage;
    let versions = lineage.downstream(name).filter(|link| link.relation == Relation::VersionOf.as_str());
    let sites = versions.flat_map(|version| lineage.downstream(version.from)).filter(|link| {
        let known = asking.as_of.is_none_or(|at| link.earliest().is_none_or(|since| since <= at));
        known && puts_to_use(link.relation) && lineage.kind(link.from) == Kind::Deployment.as_str()
    });
    let sites: BTreeSet<Node> = sites.map(|link| link.from).collect();
    let sites: Vec<Node> = sites.into_iter().take(MOST_SITES).collect();
    let sorts = pointers(asking, &sites)?;
    Ok(sites.into_iter().filter(|site| sorts.contains_key(site)).collect())
}

/// Which of these are pointers rather than places where something runs, and of which sort: `alias`, `stage`,
/// `tag`.
pub(super) fn pointers(asking: &Asking<'_>, nodes: &[Node]) -> Result<HashMap<Node, String>, Unanswered> {
    let mut of: Vec<(u64, Node)> = Vec::new();
    for node in nodes {
        // every description of a pointer says so
        of.extend(asking.lineage.claims(*node).last().map(|claim| (claim, *node)));
    }
    of.sort_unstable();
    let mut found = HashMap::new();
    for some in of.chunks(CHUNK) {
        asking.go_on()?;
        let claims: Vec<u64> = some.iter().map(|it| it.0).collect();
        let said: HashMap<u64, Statement> = asking.statements(&claims)?.into_iter().collect();
        for (claim, node) in some {
            if let Some(Statement::Artefact(it)) = said.get(claim)
                && let Some(sort) = text(&it.attributes, "pointer")
            {
                found.insert(*node, sort);
            }
        }
    }
    Ok(found)
}

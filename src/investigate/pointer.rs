//! Names that point at a version and may point at another tomorrow: a registry's aliases and stages, tags.
//! It follows none of them.

use crate::graph::Node;
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::credential::text;
use crate::model::Statement;
use std::collections::HashMap;

/// Claims read at once.
const CHUNK: usize = 1_000;

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

//! Whether a deployment states digests of what it runs, and they are not those of the version it is said to
//! run. It compares no version with another.

use crate::graph::Node;
use crate::graph::walk::Along;
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::last_good::judge::reason;
use crate::investigate::rows::Reason;
use crate::investigate::site::put_to_use;
use crate::model::Statement;

/// Letters of a digest that people look at, its method among them.
const SHORT: usize = 19;

/// Why what runs at a deployment is not what was approved: it states a digest that nothing it runs or
/// contains has, though one of the version's can be compared with it.
pub(super) fn another_digest(asking: &Asking<'_>, site: Node) -> Result<Option<Reason>, Unanswered> {
    let lineage = asking.lineage;
    let Some(stated) = lineage.digests(site).next() else { return Ok(None) };
    let method = |digest: &str| digest.split(':').next().unwrap_or_default().to_owned();
    let now = Along::state(asking.moment());
    // what it contains may be what the digest is of: an image
    let mut beside = lineage.upstream(site).filter(|link| now.admits(link)).flat_map(|link| lineage.digests(link.to));
    if beside.any(|digest| lineage.digests(site).any(|stated| stated == digest)) {
        return Ok(None);
    }
    let running = put_to_use(asking, site).into_iter().filter(|(_, stands)| *stands).map(|(node, _)| node);
    let comparable =
        |node: &Node| lineage.digests(*node).any(|it| lineage.digests(site).any(|stated| method(stated) == method(it)));
    let Some(version) = running.into_iter().find(comparable) else { return Ok(None) };
    let claims: Vec<u64> = lineage.claims(site).collect();
    let states = |(_, statement): &(u64, Statement)| match statement {
        Statement::Artefact(it) => it.digests.iter().any(|digest| digest.to_string() == stated),
        _ => false,
    };
    let claim = asking.statements(&claims)?.into_iter().find(states).map(|(claim, _)| claim);
    let short: String = stated.chars().take(SHORT).collect();
    let version = lineage.id(version);
    let says = format!("serves {short}…, which is not {version}'s digest: what runs there is not what was approved");
    Ok(Some(reason(asking, false, says, claim)))
}

//! What a plan says of a deployment that states another digest than what it is said to run. Whether one does is told in
//! `deployed`.

use crate::graph::Node;
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::deployed::{Runs, runs};
use crate::investigate::last_good::judge::reason;
use crate::investigate::rows::Reason;
use crate::model::Statement;

/// Letters of a digest that people look at, its method among them.
const SHORT: usize = 19;

/// Why what runs at a deployment is not what was approved.
pub(super) fn another_digest(asking: &Asking<'_>, site: Node) -> Result<Option<Reason>, Unanswered> {
    let lineage = asking.lineage;
    let Runs::Other(stated, others) = runs(asking, site) else { return Ok(None) };
    let Some(version) = others.first() else { return Ok(None) };
    let claims: Vec<u64> = lineage.claims(site).collect();
    let states = |(_, statement): &(u64, Statement)| match statement {
        Statement::Artefact(it) => it.digests.iter().any(|digest| digest.to_string() == stated),
        _ => false,
    };
    let claim = asking.statements(&claims)?.into_iter().find(states).map(|(claim, _)| claim);
    let short: String = stated.chars().take(SHORT).collect();
    let version = lineage.id(*version);
    let says = format!("serves {short}…, which is not {version}'s digest: what runs there is not what was approved");
    Ok(Some(reason(asking, false, says, claim)))
}

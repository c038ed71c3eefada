//! The order in which to rotate a credential: a new one, everything that uses it, then the old one's end.
//! It knows no secret and rotates none.

use crate::graph::walk::{Along, Bounds, Way, walk};
use crate::graph::{LinkRef, Node};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::frontier;
use crate::investigate::rows::RotateStep;
use crate::investigate::wording::count;
use crate::model::{Kind, Time};

/// The steps for a secret or identity, on the state at a moment. Whatever was made with it once (a version,
/// an executed step) does not move; what changes in place does.
///
/// # Errors
/// When it was cancelled.
pub fn rotate(asking: &Asking<'_>, credential: Node, at: Time) -> Result<Vec<RotateStep>, Unanswered> {
    let lineage = asking.lineage;
    let along = Along::state(at);
    let id = lineage.id(credential);
    let owner = |node: Node| lineage.owner(node).map(str::to_owned);
    let mut users: Vec<LinkRef<'_>> = Vec::new();
    for link in lineage.downstream(credential).filter(|link| along.admits(link) && link.carries_impact) {
        let moves = Kind::parse(lineage.kind(link.from)).changes_in_place() && link.from != credential;
        match users.last_mut().filter(|last| last.from == link.from) {
            // of parallel links the dated one tells more
            Some(last) if last.since.is_none() => *last = link,
            Some(_) => {}
            None if moves => users.push(link),
            None => {}
        }
    }
    let region = walk(lineage, &[credential], Way::Down, &along, Bounds::NONE, asking.cancel)?;
    let members: Vec<Node> = users.iter().map(|link| link.from).collect();
    let places = frontier::order(lineage, &members, region.set(), &along, |_| 0, asking.cancel)?;
    let last = places.values().map(|place| place.level + 1).max().unwrap_or(0);
    users.sort_by_key(|link| (places.get(&link.from).copied(), link.from));

    // What was done with it counts from the first time that it lay open.
    let exposure = lineage.evidence(credential).find(|it| it.kind == "exposure" && it.at <= at);
    let why = exposure.map_or_else(String::new, |it| {
        let scope = it.scope.map_or_else(String::new, |scope| format!(" ({scope})"));
        format!("; it was exposed on {}{scope}", it.at.short())
    });
    let what = lineage.kind(credential);
    let mut steps = vec![RotateStep {
        level: 0,
        action: "issue".to_owned(),
        id: id.to_owned(),
        owner: owner(credential),
        says: format!("issue a new {what} in place of {id}{why}"),
        claim: exposure.map(|it| asking.claim(it.claim)),
    }];
    for link in &users {
        let since = match link.since {
            Some(since) => format!("since {}", since.short()),
            None => "nobody says since when, so ask whether it still does".to_owned(),
        };
        steps.push(RotateStep {
            level: places.get(&link.from).map_or(1, |place| place.level + 1),
            action: "move".to_owned(),
            id: lineage.id(link.from).to_owned(),
            owner: owner(link.from),
            says: format!("give it the new one and restart it: {} {id}, {since}", link.relation),
            claim: Some(asking.claim(link.claim)),
        });
    }
    let says = match users.len() {
        0 => format!("revoke {id}: nothing that still runs is known to use it"),
        many => format!(
            "revoke {id} once {} moved; if it is being misused now, revoke it first and let them fail",
            if many == 1 { "that has".to_owned() } else { format!("all {} have", count(many, "thing")) }
        ),
    };
    let (action, id, owner) = ("revoke".to_owned(), id.to_owned(), owner(credential));
    steps.push(RotateStep { level: last + 1, action, id, owner, says, claim: None });
    Ok(steps)
}

//! What is checked of a target, each with what it comes to. It chooses no target.

use crate::graph::walk::Along;
use crate::graph::{Held, Node};
use crate::investigate::asking::Unanswered;
use crate::investigate::last_good::judge::Judged;
use crate::investigate::last_good::versions::{name_of, stays};
use crate::investigate::plan::target::{Chooser, Facts};
use crate::investigate::rows::{Check, Reason};
use crate::model::Time;
use std::collections::{BTreeMap, BTreeSet};

impl Chooser<'_, '_> {
    /// What was checked of a target, in a fixed order.
    pub(super) fn checks(
        &self,
        site: Node,
        current: Node,
        target: Node,
        facts: &Facts,
        judged: &Judged,
    ) -> Result<Vec<Check>, Unanswered> {
        let asking = &self.asking;
        let lineage = asking.lineage;
        let check = |what: &str, result: &str, says: String, claim: Option<String>| Check {
            what: what.to_owned(),
            result: result.to_owned(),
            says,
            claim,
        };
        let mut checks = Vec::new();
        let without = self.without.behind(asking, target)?;
        let untold = without.first().and_then(|node| self.undisclosed.get(node));
        checks.push(match untold {
            None => check("exposure", "pass", "rests on nothing that is bad".to_owned(), None),
            Some(it) => {
                let (id, relation) = (lineage.id(it.about), it.relation);
                let says = format!("rests on nothing known to be bad; {relation} of {id} is {}", it.why);
                check("exposure", "unknown", says, Some(asking.claim(it.claim)))
            }
        });
        checks.push(match self.credentials.as_slice() {
            [] => check("secret", "pass", "no credential is bad".to_owned(), None),
            [one] => check("secret", "pass", format!("does not use {}", lineage.id(*one)), None),
            many => check("secret", "pass", format!("uses none of the {} bad credentials", many.len()), None),
        });
        let covers = lineage.evidence(target).find(|it| it.kind == "approval" && it.void);
        let claim = lineage.claims(target).next().map(|claim| asking.claim(claim));
        checks.push(match (lineage.digests(target).next(), covers) {
            (Some(digest), None) => {
                check("digest", "pass", format!("known, and no record says otherwise: {digest}"), claim)
            }
            (Some(digest), Some(it)) => {
                let says = format!("known: {digest}; an approval covers another, so compare before it is used");
                check("digest", "unknown", says, Some(asking.claim(it.claim)))
            }
            (None, _) => check("digest", "unknown", "not known: compare what is deployed by hand".to_owned(), claim),
        });
        let evidence =
            |it: &&Reason| facts.approved.contains(it) || facts.own.iter().any(|(grave, own)| !grave && own == *it);
        let lacking = judged.reasons.iter().filter(evidence).find(|it| !it.holds);
        let standing = facts.approved.iter().find(|it| it.holds);
        checks.push(match (lacking, standing) {
            (Some(it), _) => check("evidence", "fail", it.says.clone(), it.claim.clone()),
            (None, Some(it)) => check("evidence", "pass", it.says.clone(), it.claim.clone()),
            (None, None) => check("evidence", "unknown", "nobody approved it".to_owned(), None),
        });
        checks.push(self.fits(site, current, target, facts));
        Ok(checks)
    }

    /// The images that a deployment contained when it last ran a version, and contains no more.
    fn other_images(&self, site: Node, target: Node) -> Option<(String, String)> {
        let lineage = self.asking.lineage;
        let since = stays(&self.asking, target, Some(&[site])).into_iter().find_map(|stay| stay.since)?;
        let images = |at: Time| -> Vec<&str> {
            let links = lineage.upstream(site).filter(|link| link.relation == "contains");
            let held = links.filter(|link| Along::state(at).surely().admits(link) && lineage.kind(link.to) == "image");
            held.map(|link| lineage.id(link.to)).collect()
        };
        // one image ends and the next begins in the same second
        let (then, now) = (images(Time::from_micros(since.micros() + 1)), images(self.at));
        let differ = !then.is_empty() && !now.is_empty() && then.iter().all(|image| !now.contains(image));
        differ.then(|| (then.join(", "), now.join(", ")))
    }

    fn fits(&self, site: Node, current: Node, target: Node, facts: &Facts) -> Check {
        let lineage = self.asking.lineage;
        let along = Along::state(self.at);
        let uses = || lineage.upstream(site).filter(|link| along.admits(link) && link.to != current);
        let clash = uses().find_map(|link| {
            let exposed = self.is_fitted(link.to) && self.reach.exposed.held(link.to) != Held::No;
            let name = name_of(lineage, link.to);
            let need = facts.needs.iter().find(|need| exposed && name_of(lineage, **need) == name);
            need.map(|need| (*need, link))
        });
        let (result, says, claim) = match clash {
            Some((need, link)) => {
                let (need, used) = (lineage.id(need), lineage.id(link.to));
                let says = format!("needs {need}; {used}, which it uses now, has to go back with it");
                ("unknown", says, Some(self.asking.claim(link.claim)))
            }
            None if self.other_images(site, target).is_some() => {
                let (then, now) = self.other_images(site, target).unwrap_or_default();
                ("unknown", format!("ran with {then} then; now {now} is there: check that it loads"), None)
            }
            None if facts.needs.is_empty() => ("pass", "needs no prompt, tool or agent of its own".to_owned(), None),
            None => {
                let names: Vec<&str> = facts.needs.iter().map(|need| lineage.id(*need)).collect();
                ("pass", format!("brings {}, and nothing beside it is of another version", names.join(", ")), None)
            }
        };
        Check { what: "fits".to_owned(), result: result.to_owned(), says, claim }
    }
}

/// Whether two descriptions contradict each other: both state digests of one algorithm, and share none of
/// these. One description may list several files, and another may use another algorithm.
pub(super) fn contradict(stated: &BTreeSet<BTreeSet<String>>) -> bool {
    let mut by_algorithm: BTreeMap<&str, BTreeSet<Vec<&str>>> = BTreeMap::new();
    for description in stated {
        let algorithm = |digest: &str| digest.split_once(':').map_or(0, |(name, _)| name.len());
        let digests: Vec<&str> = description.iter().map(String::as_str).collect();
        for same in digests.chunk_by(|a, b| a[..algorithm(a)] == b[..algorithm(b)]) {
            let name = same.first().map_or("", |digest| &digest[..algorithm(digest)]);
            by_algorithm.entry(name).or_default().insert(same.to_vec());
        }
    }
    by_algorithm.values().any(|sets| {
        let apart = |(at, a): (usize, &Vec<&str>)| sets.iter().skip(at + 1).any(|b| a.iter().all(|it| !b.contains(it)));
        sets.iter().enumerate().any(apart)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digests_of_one_algorithm_contradict_each_other() {
        let told = |descriptions: &[&[&str]]| {
            let set = |digests: &&[&str]| digests.iter().map(|it| (*it).to_owned()).collect();
            contradict(&descriptions.iter().map(set).collect())
        };
        assert!(told(&[&["sha256:a"], &["sha256:b"]]));
        assert!(!told(&[&["sha256:a", "sha256:b"], &["md5:c"]]), "another algorithm says nothing against it");
        assert!(!told(&[&["sha256:a", "sha256:b"], &["sha256:b", "sha256:c"]]), "one file of it is the same");
        // what lies between the two hides nothing
        assert!(told(&[&["sha256:a"], &["sha256:a", "sha256:b"], &["sha256:b"]]));
        assert!(told(&[&["md5:x", "sha256:a"], &["md5:x", "sha256:b"]]));
        assert!(!told(&[]));
    }
}

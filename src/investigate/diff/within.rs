//! What differs within pairs: parameters, metrics and evidence as differences of their own, the rest as
//! details. Only the nearest pairs are read, for each costs a look at the ledger.

use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::diff::aspect::Aspect;
use crate::investigate::diff::closure::{Closure, Part};
use crate::investigate::diff::draft::{Draft, Drafts, change};
use crate::investigate::diff::said::{self, Said, Stated, descriptions, own_heading};
use crate::investigate::diff::{evidence, value};
use crate::investigate::rows::Change;
use crate::investigate::site::puts_to_use;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The most pairs that are read, the nearest.
pub(super) const MOST_PAIRS: usize = 500;

/// A pair that is read.
struct Pair {
    /// Its place among the drafts; nothing for a root that is the same on both sides.
    place: Option<usize>,
    old: Part,
    new: Part,
    /// What its keys begin with, where they could be mistaken for those of what failed itself.
    prefix: String,
}

/// Reads the nearest pairs; how many were not read.
pub(super) fn read<'a>(
    asking: &Asking<'a>,
    (old, new): (&Closure, &Closure),
    found: &mut Drafts<'a>,
    all: bool,
) -> Result<usize, Unanswered> {
    let lineage = asking.lineage;
    let (pairs, left_out) = pairs(asking, old, new, &found.drafts);
    let mut claims: Vec<u64> = Vec::new();
    for pair in &pairs {
        for (part, side) in [(pair.old, old), (pair.new, new)] {
            claims.extend(descriptions(lineage, part.node));
            claims.extend(evidence::claims(lineage, (part.node, side.at)));
        }
    }
    let said = Said::read(asking, claims)?;
    for pair in pairs {
        asking.go_on()?;
        let (old_said, new_said) = (said.attributes(lineage, pair.old.node), said.attributes(lineage, pair.new.node));
        let compared = attributes(&pair, &old_said, &new_said);
        let (old_at, new_at) = ((pair.old.node, old.at), (pair.new.node, new.at));
        let compared =
            compared.into_iter().chain(evidence::compare(lineage, &said, old_at, new_at).into_iter().map(|it| Draft {
                details: it.details,
                alarms: it.alarm.into_iter().collect(),
                delta: it.delta,
                ..pair.draft(it.kind, &it.key, [it.old, it.new], it.claim)
            }));
        for draft in compared {
            if draft.change == Change::Same {
                *found.same.entry(draft.aspect).or_default() += 1;
            }
            if all || draft.change != Change::Same {
                found.drafts.push(draft);
            }
        }
        if let Some(draft) = pair.place.and_then(|place| found.drafts.get_mut(place)) {
            draft.details = said::details(lineage, (old, pair.old.node, &old_said), (new, pair.new.node, &new_said));
        }
    }
    Ok(left_out)
}

/// The nearest pairs, with what their keys begin with.
fn pairs(asking: &Asking<'_>, old: &Closure, new: &Closure, drafts: &[Draft<'_>]) -> (Vec<Pair>, usize) {
    let all = drafts.iter().enumerate().filter_map(|(place, draft)| Some((place, draft, draft.pair()?)));
    let mut all: Vec<_> = all.collect();
    let left_out = all.len().saturating_sub(MOST_PAIRS);
    if left_out > 0 {
        all.select_nth_unstable_by(MOST_PAIRS, |a, b| a.1.nearness().cmp(&b.1.nearness()));
        all.truncate(MOST_PAIRS);
    }
    all.sort_unstable_by(|a, b| a.1.nearness().cmp(&b.1.nearness()));
    // what failed itself: the root, and what it deploys; of several of these each is named
    let deployed = |draft: &Draft<'_>, part: &Part| {
        let mut relations = new.hanging(asking.lineage, part).map(|link| link.relation);
        part.distance > 0 && (draft.aspect.word == "model" || (part.from == new.root && relations.any(puts_to_use)))
    };
    let several = all.iter().filter(|(_, draft, (_, part))| deployed(draft, part)).count() > 1;
    let is_plain = |draft: &Draft<'_>, part: &Part| part.distance == 0 || (!several && deployed(draft, part));
    let mut pairs: Vec<Pair> = Vec::new();
    if old.root == new.root {
        pairs.push(Pair { place: None, old: old.root_part(), new: new.root_part(), prefix: String::new() });
    }
    pairs.extend(all.iter().map(|(place, draft, (old, new))| Pair {
        place: Some(*place),
        old: *old,
        new: *new,
        prefix: if is_plain(draft, new) { String::new() } else { format!("{}: ", draft.key) },
    }));
    (pairs, left_out)
}

impl Pair {
    /// A difference within the pair, or something that is the same.
    fn draft<'a>(&self, aspect: &'a str, key: &str, values: [Option<String>; 2], claim: u64) -> Draft<'a> {
        let same = matches!(&values, [Some(old), Some(new)] if value::same(old, new));
        let [is_old, is_new] = [values[0].is_some(), values[1].is_some()];
        Draft {
            aspect: Aspect::of(aspect),
            key: Cow::Owned(format!("{}{key}", self.prefix)),
            change: if same { Change::Same } else { change(is_old, is_new) },
            old: Some(self.old),
            new: Some(self.new),
            counts: (1, 1),
            values: Some(values),
            delta: None,
            details: Vec::new(),
            alarms: Vec::new(),
            hidden_by: None,
            claim: Some(claim),
        }
    }
}

/// Parameters and metrics.
fn attributes(pair: &Pair, old: &BTreeMap<&str, Stated>, new: &BTreeMap<&str, Stated>) -> Vec<Draft<'static>> {
    let mut keys: Vec<&str> = old.keys().chain(new.keys()).copied().collect();
    keys.sort_unstable();
    keys.dedup();
    let one = |key: &str| {
        let (heading, name) = own_heading(key)?;
        let (old, new) = (old.get(key), new.get(key));
        let claim = new.or(old)?.1;
        let values = [old, new].map(|it| it.map(|it| it.0.clone()));
        let delta = old.zip(new).and_then(|(old, new)| value::delta(&old.0, &new.0));
        Some(Draft { delta, ..pair.draft(heading, name, values, claim) })
    };
    keys.into_iter().filter_map(one).collect()
}

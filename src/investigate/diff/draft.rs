//! Differences before they are rows: what was added, removed, changed, or is the same, artefact by
//! artefact. It reads no claim and finds no path.

use crate::graph::{Lineage, Node};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::diff::alarm::Alarms;
use crate::investigate::diff::aspect::{Aspect, Aspects};
use crate::investigate::diff::closure::{Closure, Part};
use crate::investigate::diff::pair::{Group, groups, logical_name, version};
use crate::investigate::diff::role::by_role;
use crate::investigate::order::Natural;
use crate::investigate::rows::{Change, FieldChange};
use crate::investigate::wording::count;
use crate::model::Kind;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A difference.
#[derive(Debug, Clone)]
pub(super) struct Draft<'a> {
    pub(super) aspect: Aspect<'a>,
    pub(super) key: Cow<'a, str>,
    pub(super) change: Change,
    /// The artefact of the old side; of several the nearest.
    pub(super) old: Option<Part>,
    /// Likewise of the new side.
    pub(super) new: Option<Part>,
    /// How many artefacts it stands for, old and new.
    pub(super) counts: (u64, u64),
    /// What each side says, where that is not the artefact's version.
    pub(super) values: Option<[Option<String>; 2]>,
    pub(super) delta: Option<f64>,
    pub(super) details: Vec<FieldChange>,
    /// What did not pass.
    pub(super) alarms: Vec<String>,
    /// What took the place of what it hung on and does not say what it is made of: so it may be there still.
    pub(super) hidden_by: Option<Node>,
    /// The claim behind it, where that is not the link by which the artefact hangs.
    pub(super) claim: Option<u64>,
}

impl<'a> Draft<'a> {
    /// One artefact beside another, or beside none.
    fn of(aspect: Aspect<'a>, key: &'a str, change: Change, old: Option<Part>, new: Option<Part>) -> Draft<'a> {
        Draft {
            aspect,
            key: Cow::Borrowed(key),
            change,
            old,
            new,
            counts: (u64::from(old.is_some()), u64::from(new.is_some())),
            values: None,
            delta: None,
            details: Vec::new(),
            alarms: Vec::new(),
            hidden_by: None,
            claim: None,
        }
    }

    /// The artefacts of both sides, where one stands beside one.
    pub(super) fn pair(&self) -> Option<(Part, Part)> {
        self.old.zip(self.new).filter(|_| self.counts == (1, 1) && self.change == Change::Changed)
    }

    /// Links from the root, on the new side where it is there.
    pub(super) fn distance(&self) -> u32 {
        self.new.or(self.old).map_or(0, |part| part.distance)
    }

    /// Whether both sides surely rest on what it is about, and what is gone surely is.
    pub(super) fn certain(&self) -> bool {
        self.hidden_by.is_none() && [self.old, self.new].iter().flatten().all(|part| part.certain)
    }

    /// What did not pass first, then the nearest; what is the same last.
    pub(super) fn nearness(&self) -> impl Ord + use<'_, 'a> {
        (self.change == Change::Same, self.alarms.is_empty(), self.distance(), self.aspect, &self.key, self.ends())
    }

    /// The order of the rows: by aspect, then what differs before what is the same, then what did not pass,
    /// then the nearest first. What was removed stands where it stood, among what changed.
    pub(super) fn order(&self) -> impl Ord + use<'_, 'a> {
        let same = self.change == Change::Same;
        (self.aspect, same, self.alarms.is_empty(), self.distance(), Natural(&self.key), self.ends())
    }

    fn ends(&self) -> [Option<Node>; 2] {
        [self.new, self.old].map(|part| part.map(|part| part.node))
    }
}

/// Every artefact that differs, and how many of each aspect do not.
pub(super) struct Drafts<'a> {
    pub(super) drafts: Vec<Draft<'a>>,
    pub(super) same: BTreeMap<Aspect<'a>, u64>,
    /// On both sides, but only on one of them surely.
    pub(super) doubtful: u64,
}

/// Compares two closures. With `all`, what is the same is among the drafts too.
pub(super) fn drafts<'a>(
    asking: &Asking<'a>,
    old: &Closure,
    new: &Closure,
    all: bool,
) -> Result<Drafts<'a>, Unanswered> {
    let lineage = asking.lineage;
    let aspects = Aspects::new(lineage);
    let alarms = Alarms::new(asking, new.at);
    let mut found = Drafts { drafts: Vec::new(), same: BTreeMap::new(), doubtful: 0 };
    let mut old_parts = old.parts(lineage, |node| !new.holds(node));
    let (shared, mut new_parts): (Vec<Part>, Vec<Part>) =
        new.parts(lineage, |_| true).into_iter().partition(|part| old.holds(part.node));
    asking.go_on()?;
    for part in &shared {
        found.doubtful += u64::from(part.certain != old.surely_holds(part.node));
    }
    same(asking, new, (&aspects, &alarms), shared, all, &mut found)?;
    without_authors(asking, old, &mut old_parts)?;
    without_authors(asking, new, &mut new_parts)?;

    if old.root != new.root {
        let [kind_of_old, kind_of_new] = [old, new].map(|side| lineage.kind(side.root));
        if kind_of_old == kind_of_new {
            // the heading of a version is what it is, not what lies below it
            let (part_of_old, part_of_new) = (old.root_part(), new.root_part());
            let name = logical_name(lineage, new.root);
            let aspect = aspects.of(&part_of_new);
            let draft = Draft::of(aspect, name, Change::Changed, Some(part_of_old), Some(part_of_new));
            found.drafts.push(Draft { alarms: alarms.of(&[part_of_new]), ..draft });
        } else {
            for (side, parts) in [(old, &mut old_parts), (new, &mut new_parts)] {
                if !Kind::parse(lineage.kind(side.root)).changes_in_place() {
                    parts.push(side.root_part());
                }
            }
        }
    }
    let mut groups = groups(asking, (old, old_parts), (new, new_parts))?;
    by_role(asking, old, new, &mut groups)?;
    for group in groups {
        if group.is_folded() {
            let alarms = alarms.of(&group.new);
            found.drafts.extend(folded(lineage, &aspects, &group).map(|draft| Draft { alarms, ..draft }));
            continue;
        }
        for (old, new) in group.pairs() {
            if old.map(|part| part.node) == new.map(|part| part.node) {
                continue;
            }
            let Some(aspect) = new.or(old).map(|part| aspects.of(&part)) else { continue };
            let draft = Draft::of(aspect, group.name, change(old.is_some(), new.is_some()), old, new);
            found.drafts.push(Draft { alarms: alarms.of(new.as_slice()), ..draft });
        }
    }
    Ok(found)
}

/// What a difference is called.
pub(super) fn change(old: bool, new: bool) -> Change {
    match (old, new) {
        (true, true) => Change::Changed,
        (true, false) => Change::Removed,
        _ => Change::Added,
    }
}

/// Counts what both sides rest on, and drafts it where that was asked for.
fn same<'a>(
    asking: &Asking<'a>,
    new: &Closure,
    (aspects, alarms): (&Aspects<'a>, &Alarms<'a, '_>),
    mut shared: Vec<Part>,
    all: bool,
    found: &mut Drafts<'a>,
) -> Result<(), Unanswered> {
    if all {
        without_authors(asking, new, &mut shared)?;
    }
    for part in shared {
        let aspect = aspects.of(&part);
        *found.same.entry(aspect).or_default() += 1;
        if all {
            let name = logical_name(asking.lineage, part.node);
            let draft = Draft::of(aspect, name, Change::Same, Some(part), Some(part));
            found.drafts.push(Draft { alarms: alarms.of(&[part]), ..draft });
        }
    }
    Ok(())
}

/// Leaves out who is only the author of something: that is told with what they changed.
fn without_authors(asking: &Asking<'_>, side: &Closure, parts: &mut Vec<Part>) -> Result<(), Unanswered> {
    let mut kept = Vec::with_capacity(parts.len());
    for part in parts.drain(..) {
        if !side.only_author(asking, &part)? {
            kept.push(part);
        }
    }
    *parts = kept;
    Ok(())
}

/// Many versions of one name as one difference: how many, from which to which.
fn folded<'a>(lineage: &'a Lineage, aspects: &Aspects<'a>, group: &Group<'a>) -> Option<Draft<'a>> {
    let (old, new) = (group.old.first().copied(), group.new.first().copied());
    let aspect = aspects.of(&new.or(old)?);
    let range = |parts: &[Part]| {
        let versions = || parts.iter().map(|part| Natural(version(lineage, part.node)));
        let (first, last) = (versions().min()?.0, versions().max()?.0);
        Some(match parts.len() {
            1 => first.to_owned(),
            many if first == last => count(many, "artefact"),
            many => format!("{}, {first} to {last}", count(many, "version")),
        })
    };
    Some(Draft {
        counts: (group.old.len() as u64, group.new.len() as u64),
        values: Some([range(&group.old), range(&group.new)]),
        ..Draft::of(aspect, group.name, change(old.is_some(), new.is_some()), old, new)
    })
}

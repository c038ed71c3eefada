//! Against a second answer that shares no code with the first: closures over bare triples, and pairs by
//! the words of the rule. Only tests use it.

use crate::graph::fixture::{Sayings, at};
use crate::investigate::asking::{Asking, ClaimName};
use crate::investigate::diff::diff;
use crate::investigate::marks::MarkBook;
use crate::investigate::question::Diff;
use crate::investigate::rows::{Change, DiffRow};
use crate::investigate::taint::Taint;
use crate::model::Policy;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

static GO: AtomicBool = AtomicBool::new(false);
static POLICY: LazyLock<Policy> =
    LazyLock::new(|| toml::from_str(include_str!("../../../assets/policy/default.toml")).unwrap());
const MOMENT: &str = "2026-11-05";
/// Made once: two; changing in place: two.
const KINDS: [&str; 4] = ["dataset", "model-version", "tool", "secret"];
const RELATIONS: [(&str, bool); 4] = [("used", true), ("trained-on", true), ("version-of", false), ("odd-one", true)];
const SINCE: [&str; 3] = ["", "2026-11-01", "2026-11-09"];
const UNTIL: [&str; 3] = ["", "2026-11-03", "2026-11-20"];

type Triple = (u8, u8, u8, u8, u8);

/// Few names, each with several versions.
fn id(number: u8) -> String {
    let number = number % 24;
    format!("{}:n{}@{}", KINDS[usize::from(number % 4)], number / 4 % 2, number / 8)
}

/// Whether a link stands at the moment: surely, maybe, or not (nothing).
fn stands(from: u8, since: &str, until: &str) -> Option<bool> {
    let made_once = from % 4 < 2;
    if (!since.is_empty() && since > MOMENT) || (!made_once && !until.is_empty() && until < MOMENT) {
        return None;
    }
    Some(!since.is_empty())
}

/// Everything above, by following every link again until nothing is new.
fn naive_closure(said: &[Triple], root: &str, sure: bool) -> BTreeSet<String> {
    let mut known = BTreeSet::from([root.to_owned()]);
    loop {
        let before = known.len();
        for (from, relation, to, since, until) in said {
            let (_, carries) = RELATIONS[usize::from(relation % 4)];
            let stands = stands(from % 24, SINCE[usize::from(since % 3)], UNTIL[usize::from(until % 3)]);
            if carries && stands.is_some_and(|surely| surely || !sure) && known.contains(&id(*from)) {
                known.insert(id(*to));
            }
        }
        if known.len() == before {
            known.remove(root);
            return known;
        }
    }
}

/// What, of all that both sides hold, stood where the end of a path stands now: below the partner of the one
/// before it, by a relation by which it hangs there, and no more below that one itself.
fn naive_roles(
    said: &[Triple],
    rows: &[&DiffRow],
    (old_root, old): (&String, &BTreeSet<String>),
    (new_root, new): (&String, &BTreeSet<String>),
    path: &[String],
) -> Vec<String> {
    let [.., before, newcomer] = path else { return Vec::new() };
    let row = rows.iter().find(|row| row.new_id.as_ref() == Some(before));
    let partner = if before == new_root {
        Some(old_root)
    } else if old.contains(before) {
        Some(before)
    } else {
        row.and_then(|row| row.old_id.as_ref())
    };
    let Some(partner) = partner else { return Vec::new() };
    let sure = naive_closure(said, new_root, true).contains(newcomer);
    let hangs = |from: &String, to: &String, sure: bool| -> BTreeSet<u8> {
        let links = said.iter().filter(|it| id(it.0) == *from && id(it.2) == *to && RELATIONS[usize::from(it.1 % 4)].1);
        let stand = links.filter(|it| {
            let stands = stands(it.0 % 24, SINCE[usize::from(it.3 % 3)], UNTIL[usize::from(it.4 % 3)]);
            stands.is_some_and(|surely| surely || !sure)
        });
        stand.map(|it| it.1 % 4).collect()
    };
    let by = hangs(before, newcomer, sure);
    let both = old.intersection(new).filter(|it| name(it) == name(newcomer));
    let fit =
        both.filter(|it| !hangs(partner, it, false).is_disjoint(&by) && hangs(before, it, false).is_disjoint(&by));
    fit.cloned().collect()
}

/// Whether what is gone hung on something whose successor says nothing of what it rests on, or on what is
/// hidden so itself.
fn naive_hidden(
    said: &[Triple],
    rows: &[&DiffRow],
    (old_root, new_root): (&String, &String),
    new: &BTreeSet<String>,
    path: &[String],
) -> bool {
    let [rest @ .., _] = path else { return false };
    let Some(before) = rest.last() else { return false };
    let row = rows.iter().find(|row| row.old_id.as_ref() == Some(before));
    if let Some(row) = row.filter(|row| row.change == Change::Removed) {
        return naive_hidden(said, rows, (old_root, new_root), new, &row.path);
    }
    let successor = if before == old_root { Some(new_root) } else { row.and_then(|row| row.new_id.as_ref()) };
    let speaks = |of: &String| {
        said.iter().any(|it| {
            let stands = stands(it.0 % 24, SINCE[usize::from(it.3 % 3)], UNTIL[usize::from(it.4 % 3)]).is_some();
            id(it.0) == *of && RELATIONS[usize::from(it.1 % 4)].1 && stands
        })
    };
    !new.contains(before) && successor.is_some_and(|successor| !speaks(successor))
}

/// Kind and name of an id.
fn name(id: &str) -> (String, String) {
    let (kind, rest) = id.split_once(':').unwrap();
    (kind.to_owned(), rest.split_once('@').unwrap().0.to_owned())
}

fn asking<'a>(lineage: &'a crate::graph::Lineage, marks: &'a MarkBook) -> Asking<'a> {
    Asking {
        lineage,
        marks,
        taint: const { &Taint::NONE },
        exceptions: crate::investigate::exceptions::ExceptionBook::none(),
        policy: Ok(&POLICY),
        case: None,
        as_of: Some(at(MOMENT)),
        now: at("2026-12-01"),
        cancel: &GO,
        names: &|claim| ClaimName { text: format!("{claim}.1"), source: "file:test".into() },
        claims: &|_| Ok(Vec::new()),
        signed: &|_| None,
        seen: &|_| None,
        file: &|_| None,
    }
}

/// The same link said twice with other dates is the business of another test.
fn said() -> impl Strategy<Value = Vec<Triple>> {
    let one = (any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>());
    prop::collection::vec(one, 0..50).prop_map(|said| {
        let mut seen = BTreeSet::new();
        said.into_iter().filter(|it| seen.insert((id(it.0), it.1 % 4, id(it.2)))).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_differs_is_what_only_one_closure_holds_paired_by_name(said in said(), a in 0_u8..24, apart in 1_u8..6) {
        // another of the same kind
        let b = (a + 4 * apart) % 24;
        let mut it = Sayings::default();
        for number in 0..24 {
            it.artefact(&id(number), "{}");
        }
        for (from, relation, to, since, until) in &said {
            let dates = (SINCE[usize::from(since % 3)], UNTIL[usize::from(until % 3)]);
            it.dated(&id(*from), RELATIONS[usize::from(relation % 4)].0, &id(*to), dates.0, dates.1);
        }
        let (lineage, marks) = (it.lineage(), MarkBook::default());
        let question = Diff { old: Some(id(a)), new: id(b), all: false, limit: 1_000 };
        let answer = match diff(&asking(&lineage, &marks), &question) {
            Ok(answer) => answer,
            // a version of nothing but a name
            Err(error) => {
                prop_assert!(error.to_string().contains("is a name"), "{}", error);
                return Ok(());
            }
        };
        let closure = |root: u8, sure| naive_closure(&said, &id(root), sure);
        let (old, new) = (closure(a, false), closure(b, false));
        prop_assert_eq!(answer.summary.old.artefacts, old.len() as u64);
        prop_assert_eq!(answer.summary.new.artefacts, new.len() as u64);

        // the ids of the rows are those that only one side holds, each once
        let rows: Vec<_> = answer.rows.iter().filter(|row| row.distance > 0).collect();
        let ids = |pick: fn(&DiffRow) -> &Option<String>| -> Vec<String> {
            let mut ids: Vec<String> = rows.iter().filter_map(|row| pick(row).clone()).collect();
            ids.sort();
            ids
        };
        // a name has three versions at most, so that nothing is folded
        let only = |one: &BTreeSet<String>, other: &BTreeSet<String>| one.difference(other).cloned().collect::<Vec<_>>();
        // what stood in a place may be one that both hold: then it is told once, with who stands there now
        let shared = |id: &Option<String>| id.as_ref().is_some_and(|id| old.contains(id) && new.contains(id));
        let own = |ids: Vec<String>| ids.into_iter().filter(|id| !shared(&Some(id.clone()))).collect::<Vec<_>>();
        prop_assert_eq!(own(ids(|row| &row.old_id)), only(&old, &new));
        prop_assert_eq!(own(ids(|row| &row.new_id)), only(&new, &old));
        let by_role = |row: &&&DiffRow| shared(&row.old_id) || shared(&row.new_id);
        let mut partners: Vec<&String> = Vec::new();
        for row in rows.iter().filter(by_role) {
            prop_assert_eq!(row.change, Change::Changed);
            prop_assert!(shared(&row.old_id) != shared(&row.new_id));
            partners.extend(if shared(&row.old_id) { &row.old_id } else { &row.new_id });
        }
        partners.sort();
        prop_assert!(partners.windows(2).all(|two| two[0] != two[1]));
        for row in rows.iter().filter(|row| row.old_id.as_ref().is_none_or(|_| shared(&row.old_id))) {
            let Some(newcomer) = &row.new_id else { continue };
            let fit = naive_roles(&said, &rows, (&id(a), &old), (&id(b), &new), &row.path);
            match &row.old_id {
                Some(partner) => prop_assert!(fit.contains(partner), "{newcomer} for {partner}: {fit:?}"),
                None => prop_assert!(fit.iter().all(|it| partners.contains(&it)), "{newcomer}: {fit:?}"),
            }
        }

        // of each name as many pairs as the smaller side has, the rest added or removed
        let mut names: BTreeMap<(String, String), (usize, usize)> = BTreeMap::new();
        only(&old, &new).iter().for_each(|id| names.entry(name(id)).or_default().0 += 1);
        only(&new, &old).iter().for_each(|id| names.entry(name(id)).or_default().1 += 1);
        let count = |change| rows.iter().filter(|row| row.change == change).count();
        let came = rows.iter().filter(|row| shared(&row.old_id)).count();
        let went = rows.iter().filter(|row| shared(&row.new_id)).count();
        let zipped = names.values().map(|it| it.0.min(it.1)).sum::<usize>();
        prop_assert_eq!(count(Change::Changed), zipped + came + went);
        prop_assert_eq!(count(Change::Added) + came, names.values().map(|it| it.1.saturating_sub(it.0)).sum::<usize>());
        prop_assert_eq!(count(Change::Removed) + went, names.values().map(|it| it.0.saturating_sub(it.1)).sum::<usize>());
        for row in &rows {
            let named = row.old_id.iter().chain(&row.new_id).map(|id| name(id)).collect::<BTreeSet<_>>();
            prop_assert_eq!(named.len(), 1);
            // what is sure is what links that are surely there lead to
            let surely = |id: &Option<String>, root| id.as_ref().is_none_or(|id| closure(root, true).contains(id));
            let hidden = row.change == Change::Removed && naive_hidden(&said, &rows, (&id(a), &id(b)), &new, &row.path);
            prop_assert_eq!(row.certain, surely(&row.old_id, a) && surely(&row.new_id, b) && !hidden);
            // the path begins at a root, ends at the row's artefact, and is as long as the distance says
            let end = row.new_id.as_ref().or(row.old_id.as_ref());
            prop_assert_eq!(row.path.last(), end);
            prop_assert_eq!(row.path.len() as u32, row.distance + 1);
            prop_assert_eq!(&row.path[0], &if row.new_id.is_some() { id(b) } else { id(a) });
        }
        let certain = answer.rows.iter().filter(|row| row.certain).count() as u64;
        prop_assert_eq!(answer.completeness.at_least, certain);
        prop_assert_eq!(answer.completeness.at_most, answer.rows.len() as u64);
    }

    #[test]
    fn the_other_way_round_added_is_removed(said in said(), a in 0_u8..24, apart in 1_u8..6) {
        // another of the same kind
        let b = (a + 4 * apart) % 24;
        let mut it = Sayings::default();
        for (from, relation, to, since, until) in &said {
            let dates = (SINCE[usize::from(since % 3)], UNTIL[usize::from(until % 3)]);
            it.dated(&id(*from), RELATIONS[usize::from(relation % 4)].0, &id(*to), dates.0, dates.1);
        }
        it.artefact(&id(a), "{}").artefact(&id(b), "{}");
        let (lineage, marks) = (it.lineage(), MarkBook::default());
        let ask = |old, new| diff(&asking(&lineage, &marks), &Diff { old: Some(old), new, all: false, limit: 1_000 });
        let (Ok(there), Ok(back)) = (ask(id(a), id(b)), ask(id(b), id(a))) else { return Ok(()) };
        let pairs = |rows: &[DiffRow], turned: bool| -> BTreeSet<_> {
            let ends = rows.iter().map(|row| (row.old_id.clone(), row.new_id.clone()));
            ends.map(|(old, new)| if turned { (new, old) } else { (old, new) }).collect()
        };
        prop_assert_eq!(pairs(&there.rows, false), pairs(&back.rows, true));
    }
}

//! Impact against a naive reimplementation (dates compared link by link, no index), and what it says of
//! what it leaves out.

use super::impact;
use crate::graph::Lineage;
use crate::graph::fixture::{Sayings, at};
use crate::investigate::answer::Answer;
use crate::investigate::asking::{Asking, ClaimName};
use crate::investigate::marks::MarkBook;
use crate::investigate::question::Impact;
use crate::investigate::rows::{ImpactRow, ImpactSummary};
use crate::investigate::taint::Taint;
use crate::model::{Policy, Time, Window};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

static GO: AtomicBool = AtomicBool::new(false);
static POLICY: LazyLock<Policy> =
    LazyLock::new(|| toml::from_str(include_str!("../../assets/policy/default.toml")).unwrap());
const KINDS: [&str; 3] = ["dataset", "model-version", "deployment"];
const DATES: [&str; 5] = ["", "2026-11-01", "2026-11-05", "2026-11-09", "2026-11-13"];

fn ask(lineage: &Lineage, as_of: Option<Time>, of: &str, window: Window) -> Answer<ImpactRow, ImpactSummary> {
    let names = |claim: u64| ClaimName { text: format!("{claim}.1"), source: "file:test".into() };
    let marks = MarkBook::default();
    let asking = Asking {
        lineage,
        marks: &marks,
        taint: const { &Taint::NONE },
        exceptions: crate::investigate::exceptions::ExceptionBook::none(),
        policy: Ok(&POLICY),
        case: None,
        as_of,
        now: at("2026-11-20"),
        cancel: &GO,
        names: &names,
        claims: &|_| Ok(Vec::new()),
        signed: &|_| None,
        seen: &|_| None,
        file: &|_| None,
    };
    impact(&asking, &Impact { of: vec![of.to_owned()], window, kinds: Vec::new(), limit: 1_000 }).unwrap()
}

#[test]
fn what_is_not_listed_of_a_credential_and_of_owners_is_said() {
    let mut it = Sayings::default();
    for number in 0..250 {
        let (id, owner) = (format!("deployment:d{number}"), format!("team:t{number}"));
        it.artefact(&id, &format!(r#"{{"owner":"{owner}"}}"#));
        it.dated(&id, "authenticates-with", "secret:s", "2026-11-01", "");
    }
    let answer = ask(&it.lineage(), None, "secret:s", Window::default());
    assert_eq!((answer.summary.credentials[0].shared.len(), answer.summary.contacts.len()), (100, 200));
    let because = answer.completeness.because.join("\n");
    assert!(because.contains("of 250 rows on who shares secret:s the first 100 are listed"), "{because}");
    assert!(because.contains("of 250 owners the 200 with most to see to are listed to reach"), "{because}");
}

/// A link as said: from, to, since, until.
type Said = (u8, u8, usize, usize);

fn id(number: u8) -> String {
    format!("{}:n{number}", KINDS[usize::from(number % 3)])
}

fn lineage(links: &[Said]) -> Lineage {
    let mut it = Sayings::default();
    (0..8).for_each(|number| {
        it.artefact(&id(number), "{}");
    });
    for (from, to, since, until) in links {
        it.dated(&id(*from), "used", &id(*to), DATES[*since], DATES[*until]);
    }
    it.lineage()
}

fn date(index: usize) -> Option<Time> {
    (!DATES[index].is_empty()).then(|| at(DATES[index]))
}

/// Whether a link may have held, and whether it certainly did, at some time of a window.
fn held(said: &Said, window: &Window) -> (bool, bool) {
    let (since, until) = (date(said.2), date(said.3));
    let apart = |begin: Option<Time>, end: Option<Time>| matches!((begin, end), (Some(a), Some(b)) if b < a);
    let possibly = !apart(since, window.until) && !apart(window.since, until);
    (possibly, possibly && since.is_some())
}

fn reached(links: &[Said], start: u8, takes: &dyn Fn(&Said) -> bool) -> BTreeSet<String> {
    let mut found = BTreeSet::from([start]);
    while let Some(next) =
        links.iter().find(|it| takes(it) && found.contains(&it.1) && !found.contains(&it.0)).map(|it| it.0)
    {
        found.insert(next);
    }
    found.remove(&start);
    found.into_iter().map(id).collect()
}

fn listed(answer: &Answer<ImpactRow, ImpactSummary>, sure: bool) -> BTreeSet<String> {
    answer.rows.iter().filter(|row| !sure || row.certain).map(|row| row.row.id.clone()).collect()
}

proptest! {
    #[test]
    fn a_window_lets_through_what_held_in_it_and_a_wider_one_no_less(
        links in prop::collection::btree_map((0_u8..8, 0_u8..8), (0_usize..5, 0_usize..5), 0..24),
        (start, since, until) in (0_u8..8, 0_usize..5, 0_usize..5),
    ) {
        let ordered = |a: usize, b: usize| if a > 0 && b > 0 && b < a { (b, a) } else { (a, b) };
        let links: Vec<Said> = links.into_iter().map(|((from, to), (a, b))| (from, to, ordered(a, b).0, ordered(a, b).1)).collect();
        let (since, until) = ordered(since, until);
        let lineage = lineage(&links);
        let window = Window { since: date(since), until: date(until) };
        let answer = ask(&lineage, None, &id(start), window);
        prop_assert_eq!(listed(&answer, false), reached(&links, start, &|it| window.is_open() || held(it, &window).0));
        if !window.is_open() {
            // what is certain must come in order of time as well, which `graph::arrival` is tested for
            prop_assert!(listed(&answer, true).is_subset(&reached(&links, start, &|it| held(it, &window).1)));
        }
        prop_assert_eq!(answer.completeness.at_most as usize, answer.rows.len());
        prop_assert_eq!(answer.completeness.at_least as usize, listed(&answer, true).len());
        for wider in [Window { since: None, ..window }, Window { until: None, ..window }] {
            let wide = ask(&lineage, None, &id(start), wider);
            prop_assert!(listed(&wide, false).is_superset(&listed(&answer, false)));
        }
    }
}

//! Suspects against a naive reimplementation (recursive ancestor sets, no index), and what a test of one
//! version tells.

use super::suspects;
use crate::graph::Lineage;
use crate::graph::fixture::{Sayings, at};
use crate::investigate::answer::Answer;
use crate::investigate::asking::{Asking, ClaimName, Unanswered};
use crate::investigate::marks::MarkBook;
use crate::investigate::question::Suspects;
use crate::investigate::rows::{SuspectRow, SuspectsSummary};
use crate::investigate::taint::Taint;
use crate::model::{Mark, MarkKind, Policy, Statement, Time};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

static GO: AtomicBool = AtomicBool::new(false);
static POLICY: LazyLock<Policy> =
    LazyLock::new(|| toml::from_str(include_str!("../../../assets/policy/default.toml")).unwrap());
const KINDS: [&str; 4] = ["dataset", "model-version", "deployment", "endpoint"];
const RELATIONS: [&str; 3] = ["used", "trained-on", "version-of"];
const DATES: [&str; 4] = ["", "2026-11-01", "2026-11-05", "2026-11-09"];

type Answered = Result<Answer<SuspectRow, SuspectsSummary>, Unanswered>;

pub(super) fn ask(lineage: &Lineage, marks: &MarkBook, as_of: Option<Time>, question: &Suspects) -> Answered {
    let names = |claim: u64| ClaimName { text: format!("{claim}.1"), source: "file:test".into() };
    let asking = Asking {
        lineage,
        marks,
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
    suspects(&asking, question)
}

pub(super) fn question(bad: &[&str], good: &[&str]) -> Suspects {
    let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    Suspects { bad: owned(bad), good: owned(good), kinds: Vec::new(), limit: 100 }
}

/// A link as said: from, relation, to, since, until.
type Said = (u8, u8, u8, u8, u8);

pub(super) fn id(number: u8) -> String {
    format!("{}:n{:02}@1", KINDS[usize::from(number % 4)], number)
}

/// From, relation, to, since, until.
type Stated = (String, &'static str, String, Option<Time>, Option<Time>);

pub(super) struct Naive {
    links: Vec<Stated>,
}

impl Naive {
    /// Whether a link stands at a moment, or surely does.
    fn stands(link: &Stated, moment: Time, surely: bool) -> bool {
        let (from, relation, _, since, until) = link;
        let changes = from.starts_with("deployment:") || from.starts_with("endpoint:");
        let begun = since.map_or(!surely, |since| since <= moment);
        *relation != "version-of" && begun && !(changes && until.is_some_and(|until| until < moment))
    }

    /// What one artefact directly rests on at a moment.
    fn above(&self, from: &str, moment: Time, surely: bool) -> Vec<String> {
        let links = self.links.iter().filter(|it| it.0 == from && Naive::stands(it, moment, surely));
        links.map(|it| it.2.clone()).collect()
    }

    pub(super) fn ancestors(&self, of: &str, moment: Time, surely: bool, found: &mut BTreeSet<String>) {
        for above in self.above(of, moment, surely) {
            if found.insert(above.clone()) {
                self.ancestors(&above, moment, surely, found);
            }
        }
    }

    /// The least that the latest link of a way can be, of all ways whose links are dated; or of all ways, an
    /// undated link being there since ever. Relaxed until nothing changes.
    fn entered(&self, from: &[String], moment: Time, dated: bool) -> BTreeMap<String, Option<Time>> {
        let mut came: BTreeMap<String, Option<Time>> = from.iter().map(|id| (id.clone(), None)).collect();
        loop {
            let before = came.clone();
            for link in self.links.iter().filter(|it| Naive::stands(it, moment, dated)) {
                let (one, _, other, since, _) = link;
                let Some(at) = came.get(one).map(|at| (*at).max(*since)) else { continue };
                came.entry(other.clone()).and_modify(|it| *it = at.min(*it)).or_insert(at);
            }
            if came == before {
                return came;
            }
        }
    }

    fn distance(&self, from: &[String], to: &str, moment: Time) -> Option<u32> {
        let mut open: VecDeque<(String, u32)> = from.iter().map(|id| (id.clone(), 0)).collect();
        let mut seen: BTreeSet<String> = from.iter().cloned().collect();
        while let Some((id, far)) = open.pop_front() {
            if id == to {
                return Some(far);
            }
            for above in self.above(&id, moment, false) {
                if seen.insert(above.clone()) {
                    open.push_back((above, far + 1));
                }
            }
        }
        None
    }
}

pub(super) fn told(said: &[Said]) -> (Lineage, Naive) {
    let mut sayings = Sayings::default();
    let mut links = BTreeMap::new();
    for (from, relation, to, since, until) in said {
        let (since, until) = (DATES[usize::from(since % 4)], DATES[usize::from(until % 4)]);
        if from % 12 == to % 12 || (!since.is_empty() && !until.is_empty() && until < since) {
            continue;
        }
        let key = (id(from % 12), RELATIONS[usize::from(relation % 3)], id(to % 12));
        links.entry(key).or_insert((since, until));
    }
    for number in 0..12 {
        sayings.artefact(&id(number), "{}");
    }
    let time = |text: &str| (!text.is_empty()).then(|| at(text));
    let mut naive = Naive { links: Vec::new() };
    for ((from, relation, to), (since, until)) in links {
        sayings.dated(&from, relation, &to, since, until);
        naive.links.push((from, relation, to, time(since), time(until)));
    }
    (sayings.lineage(), naive)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn counts_scores_and_order_are_those_of_naive_ancestor_sets(
        said in prop::collection::vec((any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>()), 0..50),
        bad in prop::collection::btree_set(0_u8..6, 1..4),
        good in prop::collection::btree_set(6_u8..12, 1..4),
        as_of in 0_usize..4,
        limit in 0_usize..6,
    ) {
        let (lineage, naive) = told(&said);
        let as_of = (!DATES[as_of].is_empty()).then(|| at(DATES[as_of]));
        let moment = as_of.unwrap_or(at("2026-11-20"));
        let ids = |side: &BTreeSet<u8>| side.iter().map(|number| id(*number)).collect::<Vec<String>>();
        let (bad, good) = (ids(&bad), ids(&good));
        let whole = Suspects { bad: bad.clone(), good: good.clone(), kinds: Vec::new(), limit: 100 };
        let answer = ask(&lineage, &MarkBook::default(), as_of, &whole).unwrap();

        let sets = |side: &[String], surely| -> Vec<BTreeSet<String>> {
            side.iter().map(|id| {
                let mut found = BTreeSet::new();
                naive.ancestors(id, moment, surely, &mut found);
                found
            }).collect()
        };
        let (bad_sets, sure_sets, good_sets) = (sets(&bad, false), sets(&bad, true), sets(&good, false));
        let hold = |sets: &[BTreeSet<String>], id: &str| sets.iter().map(|set| set.contains(id)).collect::<Vec<bool>>();
        let many = |held: &[bool]| held.iter().filter(|it| **it).count() as u64;
        let mut expected = BTreeMap::new();
        for id in (0..12).map(id).filter(|id| !bad.contains(id) && !good.contains(id)) {
            let (b, g) = (hold(&bad_sets, &id), hold(&good_sets, &id));
            if many(&b) > 0 {
                expected.insert(id.clone(), (b.clone(), g, hold(&sure_sets, &id) == b));
            }
        }
        let (dated, any) = (naive.entered(&bad, moment, true), naive.entered(&bad, moment, false));
        prop_assert_eq!(answer.rows.len(), expected.len());
        prop_assert_eq!(answer.completeness.at_most, expected.len() as u64);
        prop_assert_eq!(answer.completeness.at_least, expected.values().filter(|it| it.2).count() as u64);
        for row in &answer.rows {
            let (b, g, certain) = &expected[&row.row.id];
            prop_assert_eq!((row.bad, row.good, row.certain), (many(b), many(g), *certain), "{}", &row.row.id);
            let product = (bad.len() as u64 * (row.bad + row.good)) as f64;
            prop_assert!((row.score - row.bad as f64 / product.sqrt()).abs() < 1e-9);
            prop_assert_eq!(Some(row.distance), naive.distance(&bad, &row.row.id, moment));
            let alike = expected.values().filter(|it| (&it.0, &it.1) == (b, g)).count() as u64 - 1;
            prop_assert_eq!(row.alike, alike);
            prop_assert!(bad.contains(&row.path[0]) && row.path.last() == Some(&row.row.id));
            prop_assert_eq!(row.path.len() as u32, row.distance + 1);
            for hop in row.path.windows(2) {
                prop_assert!(naive.above(&hop[0], moment, false).contains(&hop[1]), "{:?}", &row.path);
            }
            let since = dated.get(&row.row.id).copied().flatten();
            prop_assert_eq!(row.since, since, "{}", &row.row.id);
            prop_assert_eq!(row.or_earlier, since.is_some() && any[&row.row.id] < since);
        }
        let key = |row: &SuspectRow| (row.bad * row.bad, row.bad + row.good);
        for pair in answer.rows.windows(2) {
            let ((n1, d1), (n2, d2)) = (key(&pair[0]), key(&pair[1]));
            let score = (n2 * d1).cmp(&(n1 * d2));
            let order = score
                .then(pair[0].distance.cmp(&pair[1].distance))
                .then(pair[1].since.cmp(&pair[0].since))
                .then(pair[1].row.at.cmp(&pair[0].row.at))
                .then(pair[0].row.id.cmp(&pair[1].row.id));
            prop_assert!(order.is_lt(), "{:?} before {:?}", &pair[0], &pair[1]);
        }
        // what is cut is the end, and what is not asked for is left out and nothing else
        let first = ask(&lineage, &MarkBook::default(), as_of, &Suspects { limit, ..whole.clone() }).unwrap();
        prop_assert_eq!(&first.rows[..], &answer.rows[..limit.min(answer.rows.len())]);
        let kinds = vec!["dataset".to_owned()];
        let some = ask(&lineage, &MarkBook::default(), as_of, &Suspects { kinds, ..whole }).unwrap();
        let datasets: Vec<_> = answer.rows.into_iter().filter(|it| it.row.kind == "dataset").collect();
        prop_assert_eq!(some.rows, datasets);
    }
}

pub(super) fn story() -> Sayings {
    let mut it = Sayings::default();
    let born = |it: &mut Sayings, id: &str, day: &str| {
        it.say("artefact", (id, id.split(':').next().unwrap(), None), (day, ""), Some("{}"));
    };
    for (version, day) in [("1", "2026-11-01"), ("2", "2026-11-03"), ("3", "2026-11-05"), ("4", "2026-11-07")] {
        born(&mut it, &format!("model-version:m@{version}"), day);
    }
    for (name, first) in [("a", 2), ("b", 2), ("c", 4), ("d", 4), ("old", 1)] {
        for version in first..=4 {
            it.dated(&format!("model-version:m@{version}"), "trained-on", &format!("dataset:{name}"), "2026-11-01", "");
        }
    }
    it
}

#[test]
fn the_version_in_between_that_splits_the_best_suspects_is_tested_next() {
    let lineage = story().lineage();
    let answer = ask(&lineage, &MarkBook::default(), None, &question(&["model-version:m@4"], &["model-version:m@1"]));
    let answer = answer.unwrap();
    let next = answer.summary.next.unwrap();
    assert_eq!((next.id.as_str(), next.with, next.of), ("model-version:m@3", 2, 4));
    assert_eq!(
        next.says,
        "rests on 2 of the 4 best suspects: if it is bad, one of these 2 is the cause; if it is good, one of the other 2"
    );
    let ids: Vec<_> = answer.rows.iter().map(|row| (row.row.id.as_str(), row.alike)).collect();
    assert_eq!(ids, [("dataset:a", 3), ("dataset:b", 3), ("dataset:c", 3), ("dataset:d", 3), ("dataset:old", 0)]);
    // once that is known nothing tells a and b apart
    let question = question(&["model-version:m@4", "model-version:m@3"], &["model-version:m@1"]);
    let answer = ask(&lineage, &MarkBook::default(), None, &question).unwrap();
    assert_eq!((answer.summary.next, answer.rows[0].alike), (None, 1));
}

#[test]
fn what_ran_when_the_incident_was_noticed_is_what_misbehaved() {
    let mut it = story();
    it.artefact("deployment:d", "{}")
        .dated("deployment:d", "deploys", "model-version:m@4", "2026-11-07", "2026-11-10")
        .dated("deployment:d", "deploys", "model-version:m@1", "2026-11-10", "")
        .evidence("deployment:d", "incident", ("2026-11-09", ""), r#"{"verdict":"firing","scope":"errors"}"#)
        .evidence("deployment:e", "incident", ("2026-11-08", ""), r#"{"verdict":"firing","scope":"errors"}"#)
        .evidence("deployment:e", "incident", ("2026-11-09", ""), r#"{"verdict":"Resolved","scope":"errors"}"#)
        .evidence("deployment:f", "incident", ("2026-11-08", "2026-11-12"), r#"{"verdict":"firing"}"#);
    let lineage = it.lineage();
    let answer = ask(&lineage, &MarkBook::default(), None, &question(&[], &["model-version:m@1"])).unwrap();
    let bad = &answer.summary.bad;
    assert_eq!((bad.len(), bad[0].id.as_str(), bad[0].how.as_str()), (1, "deployment:d", "incident"));
    assert_eq!(bad[0].at, at("2026-11-09"));
    assert!(answer.rows.iter().any(|row| row.row.id == "model-version:m@4"), "{:?}", answer.rows);
    // as of a day before, the incident is not known
    let early = ask(&lineage, &MarkBook::default(), Some(at("2026-11-07")), &question(&[], &["model-version:m@1"]));
    assert!(matches!(early, Err(Unanswered::Nothing(_))), "{early:?}");
}

fn book(lineage: &Lineage, marks: &[(&str, MarkKind)]) -> MarkBook {
    let names = |claim: u64| ClaimName { text: format!("{claim}.1"), source: "investigator".into() };
    let said: Vec<(u64, u64, Statement)> = marks
        .iter()
        .enumerate()
        .map(|(number, (about, mark))| {
            let mark = Mark {
                about: (*about).to_owned(),
                mark: *mark,
                by: "person:me".into(),
                at: at("2026-11-19"),
                since: None,
                until: None,
                reason: "seen".into(),
                case: None,
                signature: None,
            };
            (900 + number as u64, 900, Statement::Mark(mark))
        })
        .collect();
    MarkBook::new(lineage, &said, &names)
}

#[test]
fn a_marked_dataset_is_a_cause_and_a_marked_version_misbehaves() {
    let lineage = story().lineage();
    let marks = [
        ("model-version:m@4", MarkKind::Suspect),
        ("dataset:c", MarkKind::Compromised),
        ("model-version:m@2", MarkKind::Good),
    ];
    let answer = ask(&lineage, &book(&lineage, &marks), None, &question(&[], &[])).unwrap();
    let seen = |all: &[crate::investigate::rows::Observed]| all.iter().map(|it| it.id.clone()).collect::<Vec<_>>();
    assert_eq!(
        (seen(&answer.summary.bad), seen(&answer.summary.good)),
        (vec!["model-version:m@4".to_owned()], vec!["model-version:m@2".to_owned()])
    );
    assert_eq!(answer.summary.bad[0].how, "marked");
    assert!(answer.completeness.because.iter().any(|why| why.contains("dataset:c")), "{:?}", answer.completeness);
    assert_eq!(answer.rows[0].row.id, "dataset:c");
    // named as bad, whatever it was marked
    let named = ask(&lineage, &book(&lineage, &marks), None, &question(&["model-version:m@2"], &[]));
    assert!(named.is_ok_and(|answer| answer.completeness.because.iter().any(|why| why.contains("taken as bad"))));
    let both = ask(&lineage, &MarkBook::default(), None, &question(&["dataset:a"], &["dataset:a"]));
    assert!(matches!(both, Err(Unanswered::Senseless(text)) if text.contains("dataset:a")));
    let nothing = ask(&lineage, &MarkBook::default(), None, &question(&[], &[]));
    assert!(matches!(nothing, Err(Unanswered::Nothing(text)) if text.contains("--bad")));
}

#[test]
fn hundreds_of_observations_are_counted_over_many_walks() {
    let mut it = Sayings::default();
    for number in 0..150 {
        it.link(&format!("model-version:b{number}@1"), "trained-on", "dataset:shared");
        it.link(&format!("model-version:b{number}@1"), "trained-on", &format!("dataset:own{}", number % 3));
        it.link(&format!("model-version:g{number}@1"), "trained-on", &format!("dataset:own{}", number % 2));
    }
    let lineage = it.lineage();
    let all = |letter: &str| (0..150).map(|n| format!("model-version:{letter}{n}@1")).collect::<Vec<_>>();
    let question = Suspects { bad: all("b"), good: all("g"), kinds: Vec::new(), limit: 10 };
    let answer = ask(&lineage, &MarkBook::default(), None, &question).unwrap();
    let rows: Vec<_> = answer.rows.iter().map(|row| (row.row.id.as_str(), row.bad, row.good)).collect();
    assert_eq!(
        rows,
        [("dataset:shared", 150, 0), ("dataset:own2", 50, 0), ("dataset:own0", 50, 75), ("dataset:own1", 50, 75)]
    );
}

//! A timeline against what was said: no moment that nobody states, all that was said in the window, and
//! nothing of later than the moment asked about.

use super::timeline;
use crate::graph::Lineage;
use crate::graph::fixture::{Sayings, at};
use crate::investigate::answer::Answer;
use crate::investigate::asking::{Asking, ClaimName};
use crate::investigate::marks::MarkBook;
use crate::investigate::question::Timeline;
use crate::investigate::rows::{TimelineRow, TimelineSummary};
use crate::investigate::taint::Taint;
use crate::model::{Policy, Time, Window};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

static GO: AtomicBool = AtomicBool::new(false);
static POLICY: LazyLock<Policy> =
    LazyLock::new(|| toml::from_str(include_str!("../../../assets/policy/default.toml")).unwrap());
const KINDS: [&str; 5] = ["deployment", "model-version", "dataset", "step", "secret"];
const RELATIONS: [&str; 4] = ["deploys", "trained-on", "authenticates-with", "version-of"];
const DATES: [&str; 5] = ["", "2026-11-01", "2026-11-05", "2026-11-09T12:00:00.25Z", "2027-01-01"];

fn ask(lineage: &Lineage, as_of: Option<Time>, question: &Timeline) -> Answer<TimelineRow, TimelineSummary> {
    let names = |claim: u64| ClaimName { text: format!("{claim}.1"), source: "file:test".into() };
    let book = MarkBook::default();
    let asking = Asking {
        lineage,
        marks: &book,
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
    timeline(&asking, question).unwrap()
}

fn of(id: &str) -> Timeline {
    Timeline { id: id.into(), depth: 1, window: Window::default(), limit: 100_000 }
}

fn id(number: u8) -> String {
    format!("{}:n{}@1", KINDS[usize::from(number % 5)], number % 10)
}

fn date(number: u8) -> &'static str {
    DATES[usize::from(number % 5)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_moment_is_made_up_and_none_of_the_window_is_left_out(
        links in prop::collection::vec((any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>()), 0..30),
        born in prop::collection::vec(any::<u8>(), 10),
        evidence in prop::collection::vec((any::<u8>(), any::<u8>(), any::<u8>()), 0..12),
        (since, until, as_of) in (any::<u8>(), any::<u8>(), any::<u8>()),
        limit in 0_usize..8,
    ) {
        let time = |text: &str| (!text.is_empty()).then(|| at(text));
        let mut it = Sayings::default();
        let mut stated: BTreeSet<Time> = BTreeSet::new();
        for (number, at) in born.iter().enumerate() {
            let name = id(number as u8);
            let kind = name.split(':').next().unwrap().to_owned();
            it.say("artefact", (&name, &kind, None), (date(*at), ""), Some("{}"));
            stated.extend(time(date(*at)));
        }
        let mut around = BTreeSet::from([id(0)]);
        let as_of = time(date(as_of));
        for (from, relation, to, since, until) in &links {
            let (from, to) = (id(from % 10), id(to % 10));
            it.dated(&from, RELATIONS[usize::from(relation % 4)], &to, date(*since), date(*until));
            stated.extend(time(date(*since)));
            stated.extend(time(date(*until)));
        }
        for (about, at, expires) in &evidence {
            let at = if date(*at).is_empty() { "2026-11-03" } else { date(*at) };
            it.evidence(&id(about % 10), "approval", (at, date(*expires)), "{}");
            stated.extend([time(at), time(date(*expires))].into_iter().flatten());
        }
        let lineage = it.lineage();
        let node = lineage.node(&id(0)).unwrap();
        for link in lineage.upstream(node).chain(lineage.downstream(node)) {
            if as_of.is_none_or(|at| link.since.is_none_or(|since| since <= at)) {
                around.extend([lineage.id(link.from).to_owned(), lineage.id(link.to).to_owned()]);
            }
        }
        let window = Window { since: time(date(since)), until: time(date(until)) };
        let question = Timeline { window, ..of(&id(0)) };
        let answer = ask(&lineage, as_of, &question);
        let inside = |at: Time| {
            window.since.is_none_or(|since| since <= at)
                && window.until.is_none_or(|until| at <= until)
                && as_of.is_none_or(|moment| at <= moment)
        };
        for row in &answer.rows {
            prop_assert!(stated.contains(&row.at) && inside(row.at), "{:?}", row);
            prop_assert!(around.contains(&row.about) && row.says.contains(&row.about), "{:?}", row);
        }
        prop_assert!(answer.rows.windows(2).all(|pair| pair[0].at <= pair[1].at));
        prop_assert_eq!(answer.completeness.at_least, answer.rows.len() as u64);
        prop_assert_eq!(answer.summary.neighbours, around.len() as u64);
        // every artefact and every piece of evidence around it once
        let came: Vec<&str> = answer.rows.iter()
            .filter(|row| row.what == "came-to-be" || row.what == "step").map(|row| row.about.as_str()).collect();
        let expected: BTreeSet<String> = (0..10).filter(|number| {
            around.contains(&id(*number)) && time(date(born[usize::from(*number)])).is_some_and(inside)
        }).map(id).collect();
        prop_assert_eq!(came.len(), expected.len());
        prop_assert!(came.iter().all(|id| expected.contains(*id)));
        let approvals = lineage.all_evidence()
            .filter(|it| around.contains(lineage.id(it.about)) && inside(it.at)).count();
        prop_assert_eq!(answer.rows.iter().filter(|row| row.what == "approval").count(), approvals);
        // of more than fit, the newest
        let cut = ask(&lineage, as_of, &Timeline { limit, ..question });
        let kept = answer.rows.len().min(limit);
        prop_assert_eq!(cut.rows.iter().map(|row| row.at).collect::<Vec<_>>(),
            answer.rows[answer.rows.len() - kept..].iter().map(|row| row.at).collect::<Vec<_>>());
        prop_assert_eq!(cut.completeness.at_least, answer.completeness.at_least);
    }
}

#[test]
fn a_hub_is_cut_at_what_was_linked_last_and_says_so() {
    let mut it = Sayings::default();
    for number in 0..3_000_u32 {
        let day = if number == 2_999 { "2026-11-18" } else { "2026-11-01" };
        it.dated(&format!("dataset:part-{number:04}@1"), "derived-from", "dataset:hub", day, "");
    }
    let lineage = it.lineage();
    let answer = ask(&lineage, None, &of("dataset:hub"));
    assert_eq!(answer.summary.neighbours, 2_000);
    assert!(answer.completeness.because.iter().any(|why| why.contains("2,000")), "{:?}", answer.completeness);
    assert_eq!(answer.rows.last().map(|row| row.about.as_str()), Some("dataset:part-2999@1"));
    assert_eq!(answer.summary.undated.len(), 100);
    assert!(answer.completeness.because.iter().any(|why| why.contains("2,000 things that nobody dates")));
}

#[test]
fn a_far_neighbour_has_its_distance_and_a_loop_ends() {
    let mut it = Sayings::default();
    it.dated("job:a", "child-of", "job:b", "2026-11-01", "").dated("job:b", "child-of", "job:a", "2026-11-02", "");
    it.dated("job:b", "child-of", "job:c", "2026-11-03", "");
    let lineage = it.lineage();
    let two = ask(&lineage, None, &Timeline { depth: 9, ..of("job:a") });
    assert_eq!(two.summary.neighbours, 3);
    let said: Vec<_> = two.rows.iter().map(|row| (row.what.as_str(), row.about.as_str(), row.distance)).collect();
    assert_eq!(said, [("linked", "job:a", 0), ("linked", "job:b", 1)]);
    let none = ask(&lineage, None, &Timeline { depth: 0, ..of("job:a") });
    assert_eq!((none.rows.len(), none.summary.neighbours), (0, 1));
}

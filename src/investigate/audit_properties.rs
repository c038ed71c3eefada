//! What the auditor's questions must say over any lineage, whichever way they are asked. It looks at no wording but
//! that a chain names what it lacks.

use crate::graph::Lineage;
use crate::graph::fixture::{Sayings, at};
use crate::investigate::answer::Answer;
use crate::investigate::asking::{Asking, ClaimName};
use crate::investigate::chain::chain;
use crate::investigate::controls::controls;
use crate::investigate::drift::drift;
use crate::investigate::exceptions::ExceptionBook;
use crate::investigate::gaps::gaps;
use crate::investigate::gate::gate;
use crate::investigate::marks::MarkBook;
use crate::investigate::question::{Chain, Controls, Drift, Gaps, Gate};
use crate::investigate::rows::{ChainRow, GapRow, LinkState};
use crate::investigate::said::{Proof, Saying};
use crate::investigate::taint::Taint;
use crate::model::{EXCEPTION, Evidence, Framework, Policy, Statement};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

static GO: AtomicBool = AtomicBool::new(false);
static POLICY: LazyLock<Policy> =
    LazyLock::new(|| toml::from_str(include_str!("../../assets/policy/default.toml")).unwrap());
static CATALOGUE: LazyLock<Vec<Framework>> =
    LazyLock::new(|| vec![toml::from_str(include_str!("../../assets/controls/csf.toml")).unwrap()]);

const ALL: usize = 100_000;
const IDS: [&str; 12] = [
    "model-version:m@1",
    "model-version:m@2",
    "model-version:n@1",
    "agent:a@1",
    "deployment:d1",
    "deployment:d2",
    "endpoint:e",
    "prompt:p@1",
    "dataset:x@1",
    "dataset:y@1",
    "code:c@1",
    "run:r",
];
const RELATIONS: [&str; 9] = [
    "deploys",
    "deploys",
    "serves",
    "trained-on",
    "derived-from",
    "built-from",
    "produced-by",
    "uses-prompt",
    "contains",
];
const DATES: [(&str, &str); 4] = [("2026-10-01", ""), ("2026-10-01", "2026-11-05"), ("2026-11-20", ""), ("", "")];
const KINDS: [&str; 6] = ["approval", "approval", "evaluation", "scan", "policy-verdict", "telemetry"];
const REQUIREMENTS: [&str; 4] = ["approval", "evaluation", "training-data", "training-data-disclosure"];

type Said = (u8, u8, u8, u8, u8);

fn pick<T: Copy>(of: &[T], number: u8) -> T {
    of[usize::from(number) % of.len()]
}

fn digest(number: u8) -> String {
    format!("sha256:{}", format!("{:02x}", number % 3).repeat(32))
}

/// A lineage, and the exceptions that hold in it.
fn world(said: &[Said]) -> (Lineage, Vec<Saying>) {
    let (mut it, mut exceptions) = (Sayings::default(), Vec::new());
    for (sort, a, b, c, d) in said {
        let (id, (since, until)) = (pick(&IDS, *a), pick(&DATES, *c));
        match sort % 8 {
            0 | 1 if id != pick(&IDS, *b) => {
                it.dated(id, pick(&RELATIONS, *d), pick(&IDS, *b), since, until);
            }
            2 | 3 => {
                let mut body = serde_json::Map::new();
                let mut put = |key: &str, value: serde_json::Value| drop(body.insert(key.to_owned(), value));
                if b % 2 == 0 {
                    put("risk", pick(&["high", "low"], b / 2).into());
                }
                if c % 2 == 0 {
                    put("environment", pick(&["prod", "dev"], c / 2).into());
                }
                if d % 2 == 0 {
                    put("digests", serde_json::json!([digest(d / 2)]));
                }
                if d % 3 == 0 {
                    put("owner", "team:x".into());
                }
                it.artefact(id, &serde_json::Value::from(body).to_string());
            }
            4 | 5 => {
                let verdict = pick(&["pass", "pass", "fail", "warn"], *d);
                let body = serde_json::json!({ "by": pick(&["person:a", "team:b"], d / 4), "verdict": verdict,
                    "scope": pick(&["bias", "red-team"], d / 8), "covers": if c % 3 == 0 { vec![digest(c / 3)] } else { vec![] } });
                let day = pick(&["2026-10-02", "2026-11-04", "2026-11-12"], *c);
                it.evidence(
                    id,
                    pick(&KINDS, *b),
                    (day, pick(&["", "2026-11-01", "2027-01-01"], *d)),
                    &body.to_string(),
                );
            }
            6 => {
                let why = pick(&["none", "not-disclosed", "not-permitted"], *c);
                it.absence(id, pick(&["trained-on", "derived-from", "owner"], *b), why);
            }
            7 => {
                let scope = pick(&REQUIREMENTS, *b);
                let body = serde_json::json!({ "by": "person:h", "scope": scope }).to_string();
                it.evidence(id, EXCEPTION, ("2026-11-02", "2027-01-01"), &body);
                exceptions.push(exception(it.rows.len() as u64, id, scope));
            }
            _ => {}
        }
    }
    (it.lineage(), exceptions)
}

fn exception(claim: u64, about: &str, scope: &str) -> Saying {
    let statement = Statement::Evidence(Evidence {
        about: about.to_owned(),
        kind: EXCEPTION.to_owned(),
        scope: Some(scope.to_owned()),
        by: Some("person:h".to_owned()),
        at: at("2026-11-02"),
        verdict: None,
        expires: Some(at("2027-01-01")),
        covers: Vec::new(),
        refs: Vec::new(),
        attributes: Default::default(),
    });
    let name = ClaimName { text: format!("{claim}.1"), source: "investigator".to_owned() };
    let digest = format!("{claim} {statement:?}");
    Saying { claim, name, statement, digest, proof: Proof::Claimed { key: None }, received: None }
}

/// Asks of such a world.
fn asked<T>(said: &[Said], question: impl FnOnce(&Asking<'_>) -> T) -> T {
    let (lineage, exceptions) = world(said);
    let (marks, taint, book) = (MarkBook::default(), Taint::NONE, ExceptionBook::of(&lineage, &exceptions));
    question(&Asking {
        lineage: &lineage,
        marks: &marks,
        taint: &taint,
        exceptions: &book,
        policy: Ok(&POLICY),
        case: None,
        as_of: None,
        now: at("2026-11-10"),
        cancel: &GO,
        names: &|claim| ClaimName { text: format!("{claim}.1"), source: "file:test".to_owned() },
        claims: &|_| Ok(Vec::new()),
        signed: &|_| None,
        seen: &|_| None,
        file: &|_| None,
    })
}

fn ids(asking: &Asking<'_>) -> Vec<String> {
    asking.lineage.nodes().map(|node| asking.lineage.id(node).to_owned()).collect()
}

fn finding(row: &GapRow) -> (String, String) {
    (row.about.clone(), row.requirement.clone())
}

/// Whether the first rows are all among the second.
fn within<T: PartialEq>(some: &[T], all: &[T]) -> bool {
    some.iter().all(|row| all.contains(row))
}

fn worlds() -> impl Strategy<Value = Vec<Said>> {
    prop::collection::vec(any::<Said>(), 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn gaps_of_one_are_those_of_all_that_are_at_work_in_it(said in worlds()) {
        asked(&said, |asking| {
            let all = gaps(asking, &Gaps { of: None, limit: ALL }).unwrap();
            prop_assert_eq!(all.rows.len() as u64, all.completeness.at_most);
            let findings: BTreeSet<_> = all.rows.iter().map(finding).collect();
            prop_assert_eq!(findings.len(), all.rows.len(), "each finding once");
            for id in ids(asking) {
                let one = gaps(asking, &Gaps { of: Some(id.clone()), limit: ALL }).unwrap();
                prop_assert!(within(&one.rows, &all.rows), "{}", id);
                let own: Vec<_> = all.rows.iter().filter(|row| row.about == id).cloned().collect();
                prop_assert!(within(&own, &one.rows), "{}", id);
            }
            Ok(())
        })?;
    }

    #[test]
    fn the_gate_denies_where_something_required_is_neither_met_nor_excepted(said in worlds()) {
        asked(&said, |asking| {
            for of in ids(asking) {
                for environment in [None, Some("prod".to_owned())] {
                    let answer = gate(asking, &Gate { of: of.clone(), environment }).unwrap();
                    let open: Vec<_> = answer.rows.iter().filter(|row| row.exception.is_none()).collect();
                    let denies = open.iter().any(|row| POLICY.gate.deny.contains(&row.severity))
                        || answer.summary.asked.is_empty();
                    prop_assert_eq!(answer.summary.verdict == "deny", denies, "{}", of);
                    let unmet: BTreeSet<_> = answer.summary.asked.iter().filter(|it| !it.met).collect::<Vec<_>>()
                        .into_iter().map(|it| (it.about.clone(), it.requirement.clone())).collect();
                    prop_assert_eq!(unmet, open.into_iter().map(finding).collect(), "{}", of);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_chain_names_what_it_lacks_once(said in worlds()) {
        asked(&said, |asking| {
            for id in ids(asking) {
                let Ok(Answer { rows, summary, completeness }) = chain(asking, &Chain { id: id.clone(), limit: ALL }) else {
                    continue;
                };
                prop_assert_eq!(rows.len() as u64, completeness.at_most);
                prop_assert_eq!(summary.groups.iter().map(|it| it.count).sum::<u64>(), completeness.at_most);
                prop_assert_eq!(summary.complete, rows.iter().all(|row| row.state.holds()), "{}", id);
                let missing: Vec<_> = rows.iter().filter(|row| row.state == LinkState::Missing).collect();
                let titles: BTreeMap<_, _> = summary.groups.iter().map(|it| (it.link.clone(), it.title.clone())).collect();
                for row in &missing {
                    let name = format!("{}: {}", titles[&row.link], row.says);
                    let named = summary.lacking.iter().filter(|it| **it == name).count();
                    prop_assert_eq!(named, 1, "{}: {} of {:?}", id, name, summary.lacking);
                    // several records may each say that it is untold
                    let told = |it: &ChainRow| (it.link.clone(), it.says.clone(), it.claim.clone());
                    let same = missing.iter().filter(|it| told(it) == told(row)).count();
                    prop_assert_eq!(same, 1, "{}: {} is shown {} times", id, name, same);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn drift_of_one_is_drift_of_all(said in worlds()) {
        asked(&said, |asking| {
            let all = drift(asking, &Drift { of: None, limit: ALL }).unwrap();
            prop_assert_eq!(all.summary.drifted, all.rows.iter().filter(|row| row.drifted).count() as u64);
            let mut found = Vec::new();
            for id in ids(asking) {
                let one = drift(asking, &Drift { of: Some(id.clone()), limit: ALL }).unwrap();
                prop_assert!(within(&one.rows, &all.rows), "{}", id);
                found.extend(one.rows.into_iter().filter(|row| row.about == id));
            }
            prop_assert!(within(&all.rows, &found), "each is found where it is asked of itself");
            Ok(())
        })?;
    }

    #[test]
    fn what_answers_a_control_behind_one_artefact_is_held_by_the_ledger(said in worlds()) {
        asked(&said, |asking| {
            let all = controls(asking, &CATALOGUE, &Controls { of: None, about: None }).unwrap();
            for id in ids(asking) {
                let one = controls(asking, &CATALOGUE, &Controls { of: None, about: Some(id.clone()) }).unwrap();
                prop_assert_eq!(one.rows.len(), all.rows.len());
                for (one, all) in one.rows.iter().zip(&all.rows) {
                    prop_assert_eq!(one.evidence.len(), all.evidence.len());
                    for (one, all) in one.evidence.iter().zip(&all.evidence) {
                        prop_assert_eq!((&one.what, one.held.is_some()), (&all.what, all.held.is_some()));
                        prop_assert!(one.held <= all.held, "{}: {}", id, one.what);
                        prop_assert!(one.newest <= all.newest, "{}: {}", id, one.what);
                    }
                }
            }
            Ok(())
        })?;
    }
}

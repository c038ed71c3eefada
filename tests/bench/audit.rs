//! Measures the auditor's questions over the generated million: as it is, and with risk classes, approvals and
//! evaluations stated of it. It checks no answer; tests do.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use crate::figure::{Bar, held, median, part};
use crate::generate::{Numbers, Shape};
use crate::{asking, build, build_with};
use lastgood::graph::{Builder, Lineage};
use lastgood::investigate::asking::{Asking, Unanswered};
use lastgood::investigate::chain::chain;
use lastgood::investigate::drift::drift;
use lastgood::investigate::gaps::gaps;
use lastgood::investigate::gate::gate;
use lastgood::investigate::marks::MarkBook;
use lastgood::investigate::question::{Chain, Drift, Gaps, Gate};
use lastgood::model::ClaimRow;
use std::hint::black_box;
use std::sync::atomic::AtomicBool;

/// Most rows that are listed, as the command line asks for them.
const ROWS: usize = 200;

/// Runs it.
pub(crate) fn run(shape: &Shape) {
    part("audit, nothing stated but lineage");
    questions(shape, &build(shape));
    part("audit, with risk classes, approvals and evaluations");
    questions(shape, &build_with(shape, &|claim, builder| evidence(shape, claim, builder)));
}

fn questions(shape: &Shape, index: &[u8]) {
    let lineage = Lineage::read(index).unwrap();
    let (marks, go) = (MarkBook::default(), AtomicBool::new(false));
    let asking = asking(&lineage, &marks, &go);
    println!("{} pieces of evidence", lineage.all_evidence().len());
    let whole = Gaps { of: None, limit: ROWS };
    ask("gaps: of the whole ledger", 2_000.0, 3, || findings(gaps(&asking, &whole)));
    ask("drift: of the whole ledger", 2_000.0, 3, || findings(drift(&asking, &Drift { of: None, limit: ROWS })));
    for kind in ["model-version", "deployment"] {
        let id = newest(shape, &asking, kind);
        let one = Gaps { of: Some(id.clone()), limit: ROWS };
        ask(&format!("gaps: of a {kind}"), 200.0, 9, || findings(gaps(&asking, &one)));
        let candidate = Gate { of: id.clone(), environment: Some("prod".to_owned()) };
        ask(&format!("gate: a {kind} into production"), 200.0, 9, || findings(gate(&asking, &candidate)));
        ask(&format!("chain: of a {kind}"), 50.0, 9, || {
            findings(chain(&asking, &Chain { id: id.clone(), limit: ROWS }))
        });
        ask(&format!("drift: of a {kind}"), 200.0, 9, || {
            findings(drift(&asking, &Drift { of: Some(id.clone()), limit: ROWS }))
        });
    }
}

/// How many there are of what was asked for.
fn findings<R, S>(answer: Result<lastgood::investigate::answer::Answer<R, S>, Unanswered>) -> u64 {
    black_box(answer).unwrap().completeness.at_most
}

fn ask(what: &str, bar: f64, runs: usize, question: impl Fn() -> u64) {
    let mut found = 0;
    let time = median(runs, || found = question());
    held(&format!("{what}, {found} found"), time, Bar::AtMost(bar));
}

/// The artefact of a kind that was made last: it rests on nearly everything.
fn newest(shape: &Shape, asking: &Asking<'_>, kind: &str) -> String {
    let mut id = String::new();
    let lineage = asking.lineage;
    let found = (0..shape.artefacts).rev().find(|number| {
        shape.id(*number, &mut id);
        lineage.node(&id).is_some_and(|node| lineage.kind(node) == kind)
    });
    assert!(found.is_some(), "the generated lineage has a {kind}");
    id
}

/// Of versions and deployments: a risk class of two in three, an approval of two in three, of which some expired, and
/// evaluations of half, of which some failed.
fn evidence(shape: &Shape, claim: u64, builder: &mut Builder) {
    let mut numbers = Numbers::new(shape.seed);
    let mut id = String::new();
    let mut claim = claim;
    for number in (0..shape.artefacts).filter(|number| matches!(number % 10, 6..=8)) {
        shape.id(number, &mut id);
        let day = |days: i64| Some((shape.at(number) + days * 86_400) * 1_000_000);
        let mut say = |kind, what, since, until, body: &str| {
            builder.push(&ClaimRow {
                id: claim,
                record: claim,
                at: 0,
                kind,
                about: &id,
                target: None,
                what,
                since,
                until,
                body: Some(body),
            });
            claim += 1;
        };
        if let Some(risk) = ["high", "low"].get(numbers.below(3) as usize) {
            let kind = if number % 10 == 8 { "deployment" } else { "model-version" };
            say("artefact", kind, None, None, &format!(r#"{{"risk":"{risk}"}}"#));
        }
        if numbers.below(3) > 0 {
            let by = ["person:h.moreau", "team:risk-ml", "person:a.okafor"][numbers.below(3) as usize];
            let until = if numbers.below(2) == 0 { day(90) } else { None };
            say("evidence", "approval", day(1), until, &format!(r#"{{"by":"{by}","verdict":"pass"}}"#));
        }
        for scope in ["accuracy", "bias"] {
            if numbers.below(2) == 0 {
                let verdict = if numbers.below(8) == 0 { "fail" } else { "pass" };
                let body = format!(r#"{{"by":"team:risk-ml","scope":"{scope}","verdict":"{verdict}"}}"#);
                say("evidence", "evaluation", day(2), None, &body);
            }
        }
    }
}

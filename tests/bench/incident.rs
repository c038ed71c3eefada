//! Measures the questions of the responder's hour over the generated million. One function a question; it
//! asserts nothing.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use crate::figure::{Bar, held, median};
use crate::generate::Shape;
use lastgood::graph::walk::{Along, Bounds, Way, walk};
use lastgood::graph::{Lineage, Node};
use lastgood::investigate::asking::Asking;
use lastgood::investigate::question::Diff;
use std::hint::black_box;
use std::sync::atomic::AtomicBool;

/// How much each side of a diff rests on.
const CLOSURE: usize = 100_000;

/// The first artefact, of those that are so many apart, that rests on this many.
fn resting_on(shape: &Shape, lineage: &Lineage, artefacts: usize) -> Option<(u32, Node)> {
    let go = AtomicBool::new(false);
    let mut id = String::new();
    // the seventh of ten is a model version
    (6..shape.artefacts).step_by(2_000).find_map(|number| {
        shape.id(number, &mut id);
        let node = lineage.node(&id)?;
        let up = walk(lineage, &[node], Way::Up, &Along::impact(), Bounds::NONE, &go).ok()?;
        (up.len() >= artefacts).then_some((number, node))
    })
}

/// Two versions of one name, and two that share only half of what they rest on.
pub(crate) fn diff(shape: &Shape, asking: &Asking<'_>) {
    let lineage = asking.lineage;
    let (Some((number, old)), Some((_, far))) =
        (resting_on(shape, lineage, CLOSURE), resting_on(shape, lineage, 2 * CLOSURE))
    else {
        println!("diff: no two artefacts rest on {CLOSURE} and twice as many; make the lineage larger");
        return;
    };
    let mut id = String::new();
    shape.id(number + 10, &mut id);
    let Some(next) = lineage.node(&id) else { return };
    let sides = [("the next version", next, Bar::AtMost(100.0)), ("one that rests on twice as many", far, Bar::None)];
    for (what, new, bar) in sides {
        let [old, new] = [old, new].map(|node| lineage.id(node).to_owned());
        let question = Diff { old: Some(old), new, all: false, limit: 500 };
        let mut counts = (0, 0, 0);
        let time = median(9, || {
            if let Ok(answer) = lastgood::investigate::diff::diff(asking, &question) {
                counts = (answer.summary.old.artefacts, answer.summary.new.artefacts, answer.completeness.at_most);
                drop(black_box(answer));
            }
        });
        println!("diff: {} and {} artefacts, {} differences", counts.0, counts.1, counts.2);
        held(&format!("diff against {what}"), time, bar);
    }
}

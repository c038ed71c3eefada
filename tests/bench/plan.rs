//! Measures a plan over a thousand affected deployments. It checks no answer; tests do.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use crate::asking;
use crate::figure::{Bar, held, median, part};
use crate::generate::Shape;
use lastgood::graph::walk::{Along, Bounds, Way, walk};
use lastgood::graph::{Lineage, Node};
use lastgood::investigate::marks::MarkBook;
use lastgood::investigate::plan::plan;
use lastgood::investigate::question::Plan;
use lastgood::model::{Time, Window};
use std::hint::black_box;
use std::sync::atomic::AtomicBool;

/// The newest artefact, of those so many apart, that reaches this many deployments.
fn reaching(shape: &Shape, lineage: &Lineage, deployments: usize) -> Option<Node> {
    let go = AtomicBool::new(false);
    let along = Along::state(Time::from_seconds(1_795_000_000));
    let mut id = String::new();
    (0..shape.artefacts).rev().filter(|number| number % 10 == 0).step_by(10).find_map(|number| {
        shape.id(number, &mut id);
        let node = lineage.node(&id)?;
        let down = walk(lineage, &[node], Way::Down, &along, Bounds::NONE, &go).ok()?;
        let hit = down.reached().filter(|(node, _)| lineage.kind(*node) == "deployment").count();
        (hit >= deployments).then_some(node)
    })
}

/// Runs it.
pub(crate) fn run(shape: &Shape, lineage: &Lineage) {
    part("plan");
    let (marks, go) = (MarkBook::default(), AtomicBool::new(false));
    let asking = asking(lineage, &marks, &go);
    for (deployments, bar) in [(1_000, Bar::AtMost(1_000.0)), (10_000, Bar::None)] {
        let Some(node) = reaching(shape, lineage, deployments) else {
            println!("plan: nothing reaches {deployments} deployments; make the lineage larger");
            continue;
        };
        let of = vec![lineage.id(node).to_owned()];
        let question = Plan { of, window: Window::default(), limit: 1_000 };
        let (mut steps, mut exposed) = (0, 0);
        let time = median(3, || {
            let answer = black_box(plan(&asking, &question).unwrap());
            (steps, exposed) = (answer.completeness.at_most, answer.summary.exposed_count);
        });
        held(&format!("plan: {steps} deployments, {exposed} exposed"), time, bar);
    }
}

//! Measures suspects over full closures: ten bad and ten good that each rest on nearly everything. It
//! checks no answer; tests do.

use crate::asking;
use crate::figure::{Bar, held, median, part, said};
use crate::generate::Shape;
use lastgood::graph::lanes::{Lane, climb};
use lastgood::graph::spread::Order;
use lastgood::graph::walk::{Along, Bounds, Way, walk};
use lastgood::graph::{Lineage, Node};
use lastgood::investigate::marks::MarkBook;
use lastgood::investigate::question::Suspects;
use lastgood::investigate::suspects::suspects;
use lastgood::model::Time;
use std::hint::black_box;
use std::sync::atomic::AtomicBool;

/// Model versions made last: what they rest on is nearly all there is.
fn versions(shape: &Shape, lineage: &Lineage, many: usize) -> Vec<Node> {
    let mut id = String::new();
    let newest = (0..shape.artefacts).rev().filter(|number| number % 10 == 6);
    let found = newest.filter_map(|number| {
        shape.id(number, &mut id);
        lineage.node(&id)
    });
    found.take(many).collect()
}

/// Runs it.
pub(crate) fn run(shape: &Shape, lineage: &Lineage) {
    part("suspects");
    let (marks, go) = (MarkBook::default(), AtomicBool::new(false));
    let asking = asking(lineage, &marks, &go);
    let all = versions(shape, lineage, 20);
    let at = Time::from_seconds(1_795_000_000);
    let along = Along::state(at);
    let alone = median(5, || {
        drop(black_box(walk(lineage, &[all[0]], Way::Up, &along, Bounds::NONE, &go).unwrap()));
    });
    said("walk up, one full closure", alone);
    let lanes: Vec<Lane> = all.iter().map(|start| Lane { starts: vec![*start], at, surely: false }).collect();
    let together = median(5, || {
        drop(black_box(climb(lineage, &lanes, &go).unwrap()));
    });
    said("walk up, twenty full closures together, with distances", together);
    let ordered = median(5, || {
        let order = Order::above(lineage, all.iter().copied(), None, &go).unwrap();
        drop(black_box(order.spread(lineage, &lanes, &go).unwrap()));
    });
    said("walk up, twenty full closures in one order", ordered);
    let ids = |nodes: &[Node]| nodes.iter().map(|node| lineage.id(*node).to_owned()).collect::<Vec<_>>();
    let question = Suspects { bad: ids(&all[..10]), good: ids(&all[10..]), kinds: Vec::new(), limit: 50 };
    let mut total = 0;
    let time = median(5, || total = black_box(suspects(&asking, &question).unwrap()).completeness.at_most);
    held(&format!("suspects: ten bad, ten good, {total} upstream"), time, Bar::AtMost(1_000.0));
    let question = Suspects { bad: ids(&all[..1]), good: ids(&all[10..11]), ..question };
    let time = median(5, || drop(black_box(suspects(&asking, &question).unwrap())));
    said("suspects: one bad, one good", time);
}

//! Records that another process appends while somebody looks: told at once, and nothing else moves.

use crate::support::tui::{Tui, setup};
use crate::support::world::World;
use lastgood::tui::ask::{Answerer, Ask, Heading, Told};
use lastgood::tui::console::Console;
use lastgood::tui::message::Msg;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

#[test]
fn arrivals_are_told_and_whoever_reads_keeps_their_place() {
    let mut tui = Tui::open(80, 24);
    tui.keys("down down");
    let before = tui.screen();
    let arrive = |tui: &mut Tui, more: u64, marks: u64| {
        let heading = tui.console.state().heading.clone();
        let (records, marks) = (heading.records + more, heading.marks + marks);
        let heading = Heading { records, marks, root: format!("{records:016x}"), ..heading };
        tui.console.message(Msg::Arrived(Box::new(heading)));
        tui.draw();
    };
    arrive(&mut tui, 12, 0);
    tui.shows("2,034 records").shows("12 new: r").lacks("mark: r");
    arrive(&mut tui, 3, 1);
    tui.shows("2,034 records").shows("15 new, 1 mark: r").lacks("2,049");
    let rows = |screen: &str| screen.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows(&tui.screen()), rows(&before), "tabs, answer and keys stand as they stood");
    tui.keys("down").shows("15 new, 1 mark: r");
    arrive(&mut tui, 0, 0);
    tui.shows("15 new, 1 mark: r");
}

#[test]
fn a_wide_screen_names_the_root_that_the_answer_was_computed_on() {
    let mut tui = Tui::open(160, 50);
    let heading = tui.console.state().heading.clone();
    let (records, root) = (heading.records + 2, "f".repeat(16));
    tui.console.message(Msg::Arrived(Box::new(Heading { records, root, marks: heading.marks + 2, ..heading })));
    tui.draw();
    tui.shows("2,034 records · root 3f2a91c0 · 2 arrived, 2 marks: r reads them").lacks("ffffffff");
}

/// A ledger that somebody else appends to whenever one looks.
struct Growing(Arc<World>, AtomicU64);

impl Answerer for Growing {
    fn answer(&self, ask: Ask, cancel: &Arc<AtomicBool>, _early: &mut (dyn FnMut(Told) + Send)) -> Told {
        self.0.answer(ask, cancel)
    }

    fn heading(&self) -> Option<Heading> {
        let more = self.1.fetch_add(1, Ordering::Relaxed);
        Some(Heading { records: self.0.heading().records + more, ..self.0.heading() })
    }
}

#[test]
fn the_ledger_is_watched_while_nobody_asks_anything() {
    let world = Arc::new(World::new());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let _inside = runtime.enter();
    let mut console = Console::new(setup(&world, Arc::new(Growing(Arc::clone(&world), AtomicU64::new(0)))));
    runtime.block_on(console.settle());
    let held = console.state().heading.records;
    console.watch(Duration::from_millis(1));
    runtime.block_on(async {
        while console.state().heading.records < held + 3 {
            let msg = console.answer().await;
            console.message(msg);
        }
    });
    assert!(console.state().notice.is_none(), "the keys stay where they are");
    drop(console);
    drop(_inside);
    runtime.shutdown_background();
}

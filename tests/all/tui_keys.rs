//! What keys and mouse do, from the outside: press, wait until settled, look.

use crate::support::tui::{Gate, Tui};
use crate::support::world::{HUB, World, at};
use crossterm::event::{Event, MouseButton, MouseEventKind};
use lastgood::investigate::question::Direction;
use lastgood::model::MarkKind;
use lastgood::tui::action::TABLE;
use lastgood::tui::ask::Heading;
use lastgood::tui::ask::{Answerer, Ask, Sooner, Told};
use lastgood::tui::console::Order;
use lastgood::tui::keymap::Keymap;
use lastgood::tui::state::Pane;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn enter_explores_and_esc_leads_home() {
    let mut tui = Tui::open(80, 24);
    tui.keys("enter").shows("[2 explore]").shows("vendor-labels@2026-11-17");
    assert_eq!(tui.console.state().subject(), Some("model-version:fraud-scorer@42"));
    tui.keys("esc").shows("[1 overview]");
    assert!(tui.console.state().is_home());
    tui.keys("esc").shows("q leaves");
}

#[test]
fn the_tree_unfolds_folds_turns_and_takes_new_roots() {
    let mut tui = Tui::open(80, 24);
    tui.keys("enter j l").shows("vendor/raw-feed").shows("◌ only mentioned");
    tui.keys("l").shows("dataset:vendor/raw-feed");
    tui.keys("h h").lacks("  vendor/raw-feed");
    tui.keys("e").shows("▾ vendor-labels@2026-11-17");
    tui.keys("t").shows("What depends on it").shows("train-fraud@8812").shows("used by");
    tui.keys("backspace").shows("What it depends on");
    tui.keys("backspace").shows("▾ fraud-scorer@42");
    tui.keys("backspace").shows("[1 overview]");
    tui.keys("backspace").shows("nothing was looked at before this");
}

#[test]
fn a_shared_artefact_says_so_and_a_cycle_is_not_opened() {
    let mut tui = Tui::open(80, 24);
    tui.keys("enter end l").shows("↑ also above");
    tui.keys("/").text("loop-a").keys("enter j l").shows("∞ its own ancestor");
    let rows = tui.console.state().explore.tree.lines.len();
    tui.keys("j l enter l");
    assert_eq!(tui.console.state().explore.tree.lines.len(), rows);
}

#[test]
fn a_hundred_thousand_children_come_in_pages() {
    let mut tui = Tui::open(80, 24);
    tui.keys("/").text("lake/hub").keys("enter").shows("part-00000").shows("1 of 1,002");
    tui.keys("G").shows("99,000 more");
    tui.keys("enter").shows("part-01000").shows("of 2,002");
    assert_eq!(tui.console.state().subject(), Some("dataset:part-01000"));
    let asked = tui.world.asked.lock().unwrap();
    let pages = asked.iter().filter(|ask| matches!(ask, Ask::Children(page) if page.id == HUB)).count();
    assert_eq!(pages, 2);
}

/// Takes a second; run it with --release and read what it prints.
#[test]
#[ignore = "a measurement: cargo test --release --test all frame_of_a_hundred -- --ignored --nocapture"]
fn frame_of_a_hundred_thousand_open_rows() {
    let mut tui = Tui::open(160, 50);
    tui.keys("/").text("lake/hub").keys("enter");
    let start = std::time::Instant::now();
    for _ in 0..99 {
        tui.keys("G enter");
    }
    println!("99 pages of 1,000: {:?}", start.elapsed());
    tui.keys("G");
    let start = std::time::Instant::now();
    for _ in 0..100 {
        tui.keys("k");
    }
    println!(
        "100 keys with their frames over {} rows: {:?}",
        tui.console.state().explore.tree.lines.len(),
        start.elapsed()
    );
}

#[test]
fn details_lead_to_records_and_to_other_artefacts() {
    let mut tui = Tui::open(80, 24);
    tui.keys("enter tab").shows("VOID").keys("o").shows("Record behind claim 811.1").shows("mlflow-export");
    tui.keys("f").shows("(f: indent JSON)").keys("esc");
    tui.keys("G e").shows("▾ prod-eu/fraud");
}

#[test]
fn wide_screens_show_details_beside_the_tree() {
    let mut tui = Tui::open(120, 40);
    tui.keys("enter");
    let line = tui.screen().lines().nth(3).unwrap().to_owned();
    assert!(line.contains("fraud-scorer@42") && line.contains("id  "), "{line}");
}

#[test]
fn a_mark_needs_a_reason_and_readable_times_and_is_written() {
    let mut tui = Tui::open(80, 24);
    tui.keys("m enter").shows("say why").text("poisoned labels").keys("down").text("soonish").keys("enter");
    tui.shows("not a time");
    tui.keys("ctrl-u").text("2026-11-17").keys("tab").text("2026-11-16").keys("enter").shows("before the since above");
    tui.keys("ctrl-u enter")
        .shows("marked model-version:fraud-scorer@42 compromised as 2035.1; u takes it back")
        .shows("✖ compromised")
        .shows("2,035 records");
    assert_eq!(
        tui.world.marks(),
        [("model-version:fraud-scorer@42".to_owned(), MarkKind::Compromised, "poisoned labels".to_owned())]
    );
    tui.keys("enter").shows("✖ compromised");
    tui.keys("u")
        .shows("compromised by person:me")
        .keys("tab")
        .text("wrong one")
        .keys("enter")
        .shows("took back mark 2035.1");
    assert!(tui.world.marks().is_empty());
    tui.lacks("✖ compromised");
    tui.keys("u").shows("no mark holds on it").keys("enter");
}

#[test]
fn typing_in_the_mark_dialog_never_chooses_another_mark() {
    let mut tui = Tui::open(80, 24);
    // letters that other marks begin with, and the blank
    tui.keys("m").text(" good as gone").shows("[✖ compromised]").keys("enter");
    assert_eq!(
        tui.world.marks(),
        [("model-version:fraud-scorer@42".to_owned(), MarkKind::Compromised, "good as gone".to_owned())]
    );
    tui.keys("m right right left").shows("suspect]").keys("esc u").shows("compromised by person:me").text("no");
    tui.keys("enter");
    assert!(tui.world.marks().is_empty());
}

#[test]
fn the_window_narrows_tree_and_impact() {
    let mut tui = Tui::open(80, 24);
    tui.keys("enter i w").text("2026-11-16").keys("enter").shows("counting links that held since 2026-11-16");
    let window = tui.console.state().window;
    assert_eq!((window.since, window.until), (Some(at("2026-11-16")), None));
    let asked = tui.world.asked.lock().unwrap();
    assert!(asked.iter().rev().any(|ask| matches!(ask, Ask::Impact(impact) if impact.window == window)));
    assert!(asked.iter().rev().any(|ask| matches!(ask, Ask::Children(page) if page.window == window)));
}

#[test]
fn why_one_depends_on_another() {
    let mut tui = Tui::open(80, 24);
    tui.keys("enter p").shows("depend on").text("lake/hub").keys("enter");
    tui.shows("2 hops").shows("derived-from").keys("down o").shows("Record behind claim 812.1").keys("esc esc");
    tui.keys("p").text("loop-a").keys("enter").shows("No way leads");
}

#[test]
fn the_palette_does_what_it_says_and_says_what_it_cannot_do() {
    let mut tui = Tui::open(80, 24);
    tui.keys(":").text("sources").keys("enter").shows("[9 sources]").keys("j").shows("set aside");
    tui.keys(":").text("impact").shows("not now: no artefact is selected").keys("enter").shows("not now");
}

#[test]
fn copying_is_an_order_for_the_terminal_and_so_are_redraw_and_suspend() {
    let mut tui = Tui::open(80, 24);
    tui.keys("y ctrl-l ctrl-z");
    let copied = Order::Copy("model-version:fraud-scorer@42".to_owned());
    assert_eq!(tui.orders(), [copied, Order::Redraw, Order::Suspend]);
    tui.keys("? q");
    assert_eq!(tui.orders(), []);
    tui.keys("q");
    assert_eq!(tui.orders(), [Order::Quit]);
}

#[test]
fn the_mouse_selects_opens_scrolls_and_switches() {
    let mut tui = Tui::open(80, 24);
    tui.click("9 so").shows("[9 sources]").click("1 ov");
    tui.click("acme-base@3");
    assert_eq!(tui.console.state().subject(), Some("model-version:acme-base@3"));
    tui.click("prod-eu/fraud serves").click("prod-eu/fraud serves").shows("[2 explore]").shows("▾ prod-eu/fraud");
    tui.mouse(MouseEventKind::ScrollDown, 5, 5);
    assert_eq!(tui.console.state().explore.tree.selected, 1);
    tui.click("owner");
    tui.mouse(MouseEventKind::Down(MouseButton::Right), 0, 0);
    tui.keys("m").click("until").text("never").keys("up up").text("why").keys("enter").shows("not a time");
}

#[test]
fn a_keymap_of_ones_own_is_followed_and_shown() {
    let keymap = Arc::new(Keymap::parse("find = [\"F\"]\nquit = [\"Q\"]").unwrap());
    let mut tui = Tui::of(World::new(), 80, 24, |setup| setup.keymap = keymap);
    tui.shows("F find").shows("Q quit").keys("/ q").lacks("Find ");
    tui.keys("F").shows("┌ Find");
}

#[test]
fn every_action_is_in_help_or_palette_of_some_place() {
    let mut seen = String::new();
    let mut tui = Tui::open(160, 200);
    for keys in [
        "?",
        "esc enter ?",
        "esc tab ?",
        "esc i ?",
        "esc 9 ?",
        "esc 3 ?",
        "esc 1 d ?",
        "esc b ?",
        "esc esc P ?",
        "esc 8 ?",
        "esc 1 C ?",
        "esc A ?",
        "esc 1 :",
    ] {
        seen.push_str(&tui.keys(keys).screen());
    }
    for row in TABLE.iter().filter(|row| row.id != "pretty") {
        assert!(seen.contains(row.help.split(':').next().unwrap()), "{} is nowhere", row.id);
    }
}

#[test]
fn sizes_too_small_say_so() {
    let mut tui = Tui::open(39, 9);
    tui.shows("too small: 39x9").shows("needs 40x10");
    tui.event(Event::Resize(80, 24));
    tui.settle().shows("Deserves attention");
}

#[test]
fn an_artefact_nobody_knows_is_an_answer_too() {
    let mut tui = Tui::of(World::new(), 80, 24, |setup| setup.open = Some("model-version:nobody@1".to_owned()));
    tui.shows("[2 explore]").shows("nothing in this ledger is called");
}

#[test]
fn a_late_answer_to_an_older_question_is_dropped() {
    let gate = Arc::new(Gate::default());
    let stopped = Arc::new(AtomicBool::new(false));
    let (world, held, told_to_stop) = (Arc::new(World::new()), Arc::clone(&gate), Arc::clone(&stopped));
    let mut tui = Tui::of(World::new(), 80, 24, |setup| {
        setup.answerer = Arc::new(move |ask: Ask, cancel: &AtomicBool| -> Told {
            if let Ask::Find(find) = &ask {
                held.asked(&find.query);
                held.wait(&find.query);
                if find.query == "l" {
                    told_to_stop.store(cancel.load(Ordering::Relaxed), Ordering::Relaxed);
                }
            }
            world.answer(ask, cancel)
        });
    });
    tui.press("/");
    tui.press("l");
    gate.wait("asked l");
    tui.press("a");
    tui.draw();
    tui.shows("looking");
    gate.let_go("la");
    gate.let_go("l");
    tui.settle().shows("3 fit").shows("lake/hub");
    assert!(stopped.load(Ordering::Relaxed), "the older search was told to stop");
}

#[test]
fn what_is_chosen_before_it_is_found_is_opened_when_it_is() {
    let gate = Arc::new(Gate::default());
    let (world, held) = (Arc::new(World::new()), Arc::clone(&gate));
    let mut tui = Tui::of(World::new(), 80, 24, |setup| {
        setup.answerer = Arc::new(move |ask: Ask, cancel: &AtomicBool| -> Told {
            if let Ask::Find(find) = &ask {
                held.asked(&find.query);
                held.wait(&find.query);
            }
            world.answer(ask, cancel)
        });
    });
    tui.keys("/");
    tui.press("v");
    tui.press("enter");
    tui.draw();
    tui.shows("opens the first");
    // typing on takes the choice back
    tui.press("e");
    gate.wait("asked ve");
    tui.draw();
    tui.lacks("opens the first");
    tui.press("enter");
    gate.let_go("v");
    gate.let_go("ve");
    tui.settle().shows("[2 explore]").shows("vendor-labels");
}

#[test]
fn a_question_that_fails_or_panics_says_so_and_the_rest_goes_on() {
    let world = Arc::new(World::new());
    let mut tui = Tui::of(World::new(), 80, 24, |setup| {
        setup.answerer = Arc::new(move |ask: Ask, cancel: &AtomicBool| -> Told {
            match &ask {
                Ask::Sources => Told::Failed("the ledger is busy: try again with r".to_owned()),
                Ask::Impact(_) => panic!("a bug"),
                _ => world.answer(ask, cancel),
            }
        });
    });
    tui.keys("9").shows("the ledger is busy").keys("1 i").shows("an internal error stopped this question");
    tui.keys("1 enter").shows("vendor-labels");
}

/// Hands the first result out early and the rest when let go.
struct Early(Arc<World>, Arc<Gate>);

impl Answerer for Early {
    fn answer(&self, ask: Ask, cancel: &Arc<AtomicBool>, early: Sooner<'_>) -> Told {
        let told = self.0.answer(ask.clone(), cancel);
        if let (Ask::Find(_), Told::Found(found)) = (&ask, &told) {
            let mut first = found.clone();
            first.rows.truncate(1);
            early(Told::Found(first));
            self.1.asked("early");
            self.1.wait("rest");
        }
        told
    }
}

#[test]
fn a_first_page_is_shown_before_the_rest_is_there() {
    let gate = Arc::new(Gate::default());
    let early = Early(Arc::new(World::new()), Arc::clone(&gate));
    let mut tui = Tui::of(World::new(), 80, 24, |setup| setup.answerer = Arc::new(early));
    tui.press("/");
    tui.press("f");
    gate.wait("asked early");
    tui.console.drain();
    tui.draw();
    tui.shows("looking").shows("refund-agent@5    ").lacks("prod-eu/fraud  ");
    gate.let_go("rest");
    tui.settle().shows("prod-eu/fraud  ").lacks("looking");
}

#[test]
fn esc_stops_what_is_being_asked() {
    let gate = Arc::new(Gate::default());
    let (world, held) = (Arc::new(World::new()), Arc::clone(&gate));
    let mut tui = Tui::of(World::new(), 80, 24, |setup| {
        setup.answerer = Arc::new(move |ask: Ask, cancel: &AtomicBool| -> Told {
            if matches!(ask, Ask::Impact(_)) {
                held.wait("impact");
            }
            world.answer(ask, cancel)
        });
    });
    tui.press("i");
    tui.draw();
    tui.shows("asking");
    tui.press("esc");
    tui.draw();
    tui.shows("stopped: r asks again");
    gate.let_go("impact");
    tui.settle().lacks("A shortest way to it");
    tui.keys("r").shows("A shortest way to it");
    assert_eq!(tui.console.state().pane, Pane::Impact);
    assert_eq!(tui.console.state().explore.direction, Direction::Up);
}

/// Answers like the small world, over a ledger that another process may append to.
struct Growing(Arc<World>, Arc<AtomicU64>);

impl Answerer for Growing {
    fn answer(&self, ask: Ask, cancel: &Arc<AtomicBool>, _early: Sooner<'_>) -> Told {
        self.0.answer(ask, cancel)
    }

    fn heading(&self) -> Option<Heading> {
        let more = self.1.load(Ordering::Relaxed);
        let now = self.0.heading();
        Some(Heading { records: now.records + more, root: format!("{more:064x}"), ..now })
    }
}

#[test]
fn a_ledger_that_grows_meanwhile_is_told_and_r_asks_again() {
    let more = Arc::new(AtomicU64::new(0));
    let grown = Arc::clone(&more);
    let mut tui = Tui::of(World::new(), 80, 24, move |setup| {
        setup.answerer = Arc::new(Growing(Arc::new(World::new()), grown));
    });
    assert!(!tui.screen().contains("7 new"), "{}", tui.screen());
    more.store(7, Ordering::Relaxed);
    tui.keys("9 1").shows("7 new: r");
    tui.keys("r");
    assert!(!tui.screen().contains("7 new"), "{}", tui.screen());
}

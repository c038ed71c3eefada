//! What a responder stumbled over on a small screen: dead ends, rows that look alike, signs and words that
//! were missing. Every pane as such is held elsewhere.

use crate::support::tui::Tui;
use crate::support::world::{World, at};
use lastgood::tui::ask::{Ask, Told};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

const LABELS: &str = "dataset:vendor-labels@2026-11-17";
const PROD: &str = "deployment:prod-eu/fraud";

/// On the overview with the incident's row selected.
fn at_the_alert() -> Tui {
    let mut tui = Tui::open(80, 24);
    tui.keys("down");
    assert_eq!(tui.console.state().subject(), Some(PROD));
    tui
}

#[test]
fn a_plan_without_marks_offers_what_was_selected() {
    let mut tui = at_the_alert();
    tui.keys("d P").shows("Nothing is marked compromised or suspect").shows("R plans for");
    tui.shows("vendor-labels@2026-11-17").shows("m marks it").lacks("could not be answered");
    assert_eq!(tui.console.state().subject(), Some(LABELS));
    // the reason is still that of the diff's row
    tui.keys("m").shows("nobody approved").keys("enter").shows("HOLD");
    assert_eq!(tui.world.marks()[0].0, LABELS);
    let mut tui = at_the_alert();
    tui.keys("d 6 R").shows("HOLD").shows(LABELS).keys("esc").shows("R plans for").keys("esc").shows("[3 diff");
    tui.keys("9 P").shows("/ finds what is bad");
}

#[test]
fn a_mark_is_shown_on_the_row_of_the_diff_at_once() {
    let mut tui = at_the_alert();
    tui.keys("d").lacks("compromised").keys("m enter").shows("✖ compromised").shows("alarm      ✖ compromised");
    let row = tui.screen().lines().find(|line| line.contains("~ vendor-labels")).unwrap().to_owned();
    assert!(row.contains("2026-11-17  ") && row.contains("✖ compromised") && row.contains("nobody approved"), "{row}");
}

#[test]
fn a_diff_as_of_a_moment_is_titled_with_it() {
    for (as_of, title) in [(None, "→ now"), (Some("2026-11-19T03:00:00Z"), "→ 2026-11-19 03:00")] {
        let mut tui = Tui::of(World::new(), 80, 24, |setup| {
            let world = World::new();
            setup.answerer = Arc::new(move |ask: Ask, cancel: &AtomicBool| -> Told { world.answer(ask, cancel) });
            setup.heading.as_of = as_of.map(at);
        });
        tui.keys("down D").text("prod-eu/fraud").keys("enter").shows("[3 diff");
        let shown = tui.screen();
        let line = shown.lines().nth(2).unwrap();
        assert!(line.contains(title), "{title}: {line}");
    }
}

#[test]
fn the_case_offers_its_keys() {
    let mut tui = at_the_alert();
    tui.keys("8").shows(" c case").lacks(" n note  ").keys("c").text("INC-1").keys("enter /").text("vault");
    tui.keys("enter 8").shows(" c case").shows(" n note  ");
    tui.keys("1").lacks(" c case");
}

#[test]
fn rows_of_one_name_say_what_they_hang_below() {
    let mut tui = at_the_alert();
    tui.keys("D").text("acme-base").keys("enter");
    tui.shows("lake/transactions of fraud-scorer@42").shows("lake/transactions of address-adapter@4");
    tui.shows("~ vendor-labels ").lacks("vendor-labels of");
    tui.shows("2026-10-03 → 2026-10-17");
}

#[test]
fn the_details_of_a_step_begin_with_what_is_open() {
    let mut tui = at_the_alert();
    tui.keys("R down tab");
    let screen = tui.screen();
    let place = |text: &str| screen.find(text).unwrap_or_else(|| panic!("{text} is not in\n{screen}"));
    let order = ["? fits:", "back to", "from ", "rejected", "✔ exposure", "to run"];
    assert!(order.windows(2).all(|two| place(two[0]) < place(two[1])), "{screen}");
}

#[test]
fn typing_goes_on_from_the_proposed_reason() {
    let mut tui = at_the_alert();
    tui.keys("d m tab").text("call vendor").keys("enter");
    let reason = tui.world.marks()[0].2.clone();
    assert!(reason.ends_with("label-drift: warn call vendor"), "{reason}");
}

#[test]
fn tabs_are_cut_to_three_letters_or_to_their_digits() {
    let mut tui = at_the_alert();
    tui.keys("1 i").shows("1  2  3 [4 impact] 5").shows("at least 2, at most 4");
    tui.keys("5").shows("1  2  3  4 [5 suspects] 6  7  8  9").shows("at least 3, at most 4");
}

#[test]
fn a_case_opened_late_says_which_marks_it_lacks() {
    let mut tui = at_the_alert();
    tui.keys("d m enter c").text("INC-2412").keys("enter");
    tui.shows("case INC-2412 is in use; 1 mark belongs to no case, m says it again in this one");
    tui.keys("m enter c").text("INC-2412").keys("enter").shows("new marks, notes and answers go to it");
}

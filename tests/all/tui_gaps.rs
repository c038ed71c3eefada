//! The pane of gaps from the outside: by severity and owner, the record behind a row, a finding accepted from a form,
//! the gate's verdict on one artefact. It judges nothing itself.

use crate::support::tui::Tui;
use crate::support::world::World;
use lastgood::tui::ask::Ask;

fn at(width: u16, height: u16) -> Tui {
    Tui::of(World::new(), width, height, |_| {})
}

#[test]
fn gaps_stand_by_severity_and_owner_with_what_would_close_each() {
    for (width, height) in [(80, 24), (160, 50)] {
        let mut tui = at(width, height);
        tui.keys("A").shows("A gaps]").shows("high  team:risk").shows("medium  no owner stated");
        tui.shows("at least 3, at most 4").shows("closes").is_screen(&format!("gaps-{width}x{height}"));
        tui.keys("o").shows("812");
    }
}

#[test]
fn one_artefact_has_its_gaps_and_the_verdict_of_the_gate() {
    let mut tui = at(80, 24);
    tui.keys("A L").shows("the gate says deny").shows("bias-check").lacks("deployed-digest");
}

#[test]
fn a_finding_is_accepted_from_a_form_that_wants_owner_reason_and_end() {
    let mut tui = at(80, 24);
    tui.keys("A E").shows("Accept that model-version:fraud-scorer@42 lacks approval").shows("team:risk");
    tui.keys("enter").shows("say why");
    tui.text("answers next week").keys("tab").text("yesterday").keys("enter").shows("not a moment to come");
    tui.keys("ctrl-u").text("30d").keys("enter").shows("accepted approval of");
    let asked = tui.world.asked.lock().unwrap();
    assert!(
        asked
            .iter()
            .any(|ask| matches!(ask, Ask::Except(it) if it.owner == "team:risk" && it.reason == "answers next week"))
    );
}

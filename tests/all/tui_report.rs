//! Drift, controls and the report in the console, from the outside: keys in, settled screens out; and the page that is
//! written lies beside the ledger.

use crate::support::tui::Tui;
use crate::support::world::World;
use lastgood::cli::console_setup;
use lastgood::config::Home;
use lastgood::engine::{Clock, Engine, Scope};
use lastgood::investigate::rows::About;
use lastgood::model::Time;
use lastgood::report::dossier::{Form, write};
use lastgood::tui::ask::Ask;
use lastgood::tui::console::Order;

fn at(width: u16, height: u16) -> Tui {
    Tui::of(World::new(), width, height, |_| {})
}

#[test]
fn drift_lies_above_any_pane_and_each_row_opens_its_record() {
    for (width, height) in [(80, 24), (160, 50)] {
        let mut tui = at(width, height);
        tui.keys("V").shows("1 thing drifted").shows("! deployment:prod-eu/fraud runs sha256:3c1b15404db9");
        tui.shows("what runs there is not what was").shows("one content");
        if width == 80 {
            tui.is_screen("drift-80x24");
        }
        tui.keys("j o").shows("812");
        tui.keys("esc esc").shows("[1 overview]").lacks("drifted");
    }
}

#[test]
fn controls_lie_above_any_pane_with_what_is_held_and_what_lacks() {
    for (width, height) in [(80, 24), (160, 50)] {
        let mut tui = at(width, height);
        tui.keys("A N").shows("1 of 2 controls lack evidence").shows("NIST CSF 2.0").shows("ID.RA-07");
        tui.shows("approval on record: 12").shows("lacking: attestation on record");
        tui.is_screen(&format!("controls-{width}x{height}"));
        tui.keys("j enter").shows("640");
        tui.keys("esc esc").shows("A gaps]");
    }
}

#[test]
fn drift_and_controls_narrow_to_what_was_selected_and_lead_to_what_they_list() {
    let mut tui = at(80, 24);
    tui.keys("V").shows(": the whole ledger").keys("a").shows(": around ").keys("a").shows(": the whole ledger");
    let asked: Vec<Option<String>> = {
        let asked = tui.world.asked.lock().unwrap();
        let drift = asked.iter().filter_map(|it| if let Ask::Drift(it) = it { Some(it.of.clone()) } else { None });
        drift.collect()
    };
    assert_eq!(asked.len(), 3, "{asked:?}");
    assert!(asked[0].is_none() && asked[1].is_some() && asked[2].is_none(), "{asked:?}");
    tui.keys("j e").shows("[2 exp").lacks("drifted").shows("deployment:prod-eu/fraud");
}

#[test]
fn the_answers_can_be_copied_for_the_channel() {
    let mut tui = at(80, 24);
    tui.keys("V Y N Y");
    let copied: Vec<String> =
        tui.orders().into_iter().filter_map(|it| if let Order::Copy(text) = it { Some(text) } else { None }).collect();
    assert!(copied[0].starts_with("**What drifted: 1**"), "{copied:?}");
}

#[test]
fn a_report_is_of_the_case_in_use_else_of_what_is_selected() {
    let mut tui = at(80, 24);
    tui.keys("W").shows("wrote /home/me/reports/report.html");
    tui.keys("c").text("INC-1").keys("enter W").shows("wrote /home/me/reports/report.html");
    let asked = tui.world.asked.lock().unwrap();
    let about: Vec<&About> =
        asked.iter().filter_map(|ask| if let Ask::Report(it) = ask { Some(it) } else { None }).collect();
    assert!(matches!(about[0], About::Artefact(_)) && *about[1] == About::Case("INC-1".to_owned()), "{about:?}");
}

#[test]
fn the_page_lies_beside_the_ledger_and_none_is_replaced() {
    let place = tempfile::tempdir().unwrap();
    let ledger = place.path().join("test.lastgood");
    let clock = Clock::fixed(Time::parse_stated(crate::support::NOW).unwrap().0);
    let engine = Engine::open_or_create(&Home::below(place.path()), &ledger, clock).unwrap();
    engine.open_case("INC/1", Some("refunds".to_owned()), "person:me").unwrap();
    let about = About::Case("INC/1".to_owned());
    let dossier = engine.view(&Scope::default()).unwrap().dossier(&about, None).unwrap();
    let setup = console_setup(engine, Scope::default(), "person:me".to_owned(), None).unwrap();
    let mut tui = Tui::over(setup, (), 120, 30);
    tui.keys("8 W").shows("wrote ").shows("report-INC-1.html");
    tui.keys("W").shows("report-INC-1-2.html");
    let written = std::fs::read_to_string(place.path().join("reports/report-INC-1.html")).unwrap();
    assert_eq!(written, write(&dossier, Form::Html), "it is what the command writes");
}

//! The incident's panes from the outside: diff, what to go back to, suspects, plan, timeline, case, and
//! answers copied for the incident channel.

use crate::support::tui::Tui;
use crate::support::world::World;
use crossterm::event::Event;
use lastgood::model::MarkKind;
use lastgood::tui::ask::{Ask, Told};
use lastgood::tui::console::Order;
use lastgood::tui::theme::{ASCII, Look, Theme};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

const SIZES: [(u16, u16); 2] = [(80, 24), (160, 50)];
const LABELS: &str = "dataset:vendor-labels@2026-11-17";
const PROD: &str = "deployment:prod-eu/fraud";

fn copied(tui: &mut Tui) -> String {
    let orders = tui.orders();
    orders
        .into_iter()
        .find_map(|order| match order {
            Order::Copy(text) => Some(text),
            _ => None,
        })
        .expect("something is copied")
}

/// On the overview with the incident's row selected.
fn at_the_alert(width: u16, height: u16) -> Tui {
    let mut tui = Tui::open(width, height);
    tui.keys("down");
    assert_eq!(tui.console.state().subject(), Some(PROD));
    tui
}

#[test]
fn a_diff_shows_what_differs_the_baseline_and_that_nobody_approved() {
    for (width, height) in SIZES {
        let mut tui = at_the_alert(width, height);
        tui.keys("d")
            .shows("[3 diff")
            .shows("! scan label-drift")
            .shows("fraud-scorer@41 → prod-eu/fraud")
            .shows("last good: inferred");
        tui.shows("it was approved then").shows("data 1 differ, 1 the same").shows("~ vendor-labels");
        tui.shows("nobody approved").shows("exactly 5");
        assert_eq!(tui.console.state().subject(), Some(LABELS));
        tui.is_screen(&format!("diff-{width}x{height}"));
        tui.keys("tab").shows("rows: 120000 → 121344 (+1344)").shows("prod-eu/fraud → fraud-scorer@42 → vendor-labels");
        tui.keys("tab end").shows("the same secret 1");
        tui.keys("a").shows("= seed").keys("a").lacks("= seed");
        tui.keys("home enter").shows("▾ vendor-labels@2026-11-17").keys("backspace").shows("[3 diff");
        tui.keys("o").shows("Record behind claim 812.1").keys("esc");
        tui.keys("y");
        assert_eq!(copied(&mut tui), LABELS);
        tui.keys("esc").shows("[1 overview]");
    }
}

#[test]
fn numbers_have_their_delta_without_binary_noise() {
    let mut tui = at_the_alert(160, 50);
    tui.keys("d").shows("(+3)").shows("(-0.014)");
    tui.keys("end").shows("base-model acme-base").shows("1 hop, not sure").shows("nobody says when");
}

#[test]
fn the_other_side_of_a_diff_can_be_chosen_and_is_said_to_be_named() {
    let mut tui = at_the_alert(80, 24);
    tui.keys("D").shows("Compare deployment:prod-eu/fraud with the older").text("fraud-scorer@42").keys("enter");
    tui.shows("fraud-scorer@42 → prod-eu/fraud").shows("the old side was named");
    tui.keys("D").shows("Compare deployment:prod-eu/fraud").keys("esc backspace").shows("[1 overview]");
    tui.keys("3").shows("No diff asked for yet");
}

#[test]
fn what_it_could_go_back_to_has_reasons_and_leads_to_the_diff() {
    for (width, height) in SIZES {
        let mut tui = at_the_alert(width, height);
        tui.keys("b").shows("could go back to").shows("last known good: model-version:fraud-scorer@41");
        tui.shows("✖ fraud-scorer@42").shows("its approval is void").shows("✔ fraud-scorer@41").shows("deployed now");
        tui.is_screen(&format!("last-good-{width}x{height}"));
        tui.keys("m").shows("[✓ good]").keys("tab").text("checked by hand").keys("enter");
        tui.shows("marked model-version:fraud-scorer@41 good as");
        assert_eq!(tui.world.marks()[0].0, "model-version:fraud-scorer@41");
        assert_eq!(tui.world.marks()[0].1, MarkKind::Good);
        tui.keys("j o").shows("Record behind claim 640.1").keys("esc enter").shows("[3 diff").shows("was named");
    }
}

#[test]
fn suspects_are_ranked_with_bars_and_can_be_narrowed() {
    for (width, height) in SIZES {
        let mut tui = at_the_alert(width, height);
        tui.keys("5").shows("What separates 2 bad from 1 good").shows("████ 2/2").shows("░░░░ 0/1").shows("test next");
        tui.is_screen(&format!("suspects-{width}x{height}"));
        tui.keys("1 S").shows("What separates 1 bad from 1 good").shows("named says so");
        tui.keys("enter").shows("▾ fraud-scorer@42").keys("esc d").shows("→ fraud-scorer@42");
        tui.keys("esc m").shows("1 of 1 bad and 0 of 1 good depend on it").keys("esc i").shows("[4 impact]");
    }
}

#[test]
fn what_behaves_and_what_does_not_is_said_from_anywhere() {
    let mut tui = at_the_alert(80, 24);
    tui.keys("x").shows("1 misbehave, 0 behave").keys("home v").shows("1 misbehave, 1 behave");
    tui.keys("5").shows("What separates 1 bad from 1 good");
    {
        let asked = tui.world.asked.lock().unwrap();
        let Some(Ask::Suspects(question)) = asked.iter().rev().find(|ask| matches!(ask, Ask::Suspects(_))) else {
            panic!("suspects were asked for")
        };
        assert_eq!((question.bad.as_slice(), question.good.len()), ([PROD.to_owned()].as_slice(), 1));
    }
    // saying the same again takes it back
    tui.keys("1 down x 5").shows("What separates 2 bad");
}

#[test]
fn a_plan_holds_first_orders_steps_and_marks_its_targets() {
    for (width, height) in SIZES {
        let mut tui = at_the_alert(width, height);
        tui.keys("P").shows("[6 plan]").shows("Nothing is marked compromised or suspect");
        tui.keys("M")
            .shows("the plan has no target")
            .keys("1 d m enter")
            .shows(&format!("marked {LABELS} compromised as"));
        tui.keys("P").shows("HOLD").shows("lastgood case export NAME --to FILE").shows("Art. 73");
        // two things to go back to at one deployment are one step of it
        assert_eq!(tui.screen().matches("prod-eu/fraud     ").count(), 1, "{}", tui.screen());
        tui.shows("address-adapter@4 → address-adapter@3").shows("keep: exposed only through deployment:prod-eu/fraud");
        tui.lacks("together with its cycle");
        tui.shows("exposed 7, after it 1").shows("disable: none is safe").shows("fraud-scorer@42 → fraud-scorer@41");
        tui.shows("✔ 2").shows("? 1").keys("end").shows("stays exposed after it: 1").keys("home");
        tui.keys("down").shows("deployment:prod-eu/fraud").is_screen(&format!("plan-{width}x{height}"));
        tui.keys("tab").shows("kubectl set image").shows("its digest is unknown").keys("tab");
        tui.keys("M")
            .shows("Mark 2 targets of the plan as rollback")
            .keys("enter")
            .shows("marked 2 artefacts rollback");
        let marks = tui.world.marks();
        assert_eq!(marks[1].0, "model-version:fraud-scorer@41");
        assert_eq!(
            (marks[1].1, marks[1].2.as_str()),
            (MarkKind::Rollback, &*format!("target of the plan against {LABELS}"))
        );
        tui.keys("down u").shows("rollback by person:me").keys("tab").text("not yet").keys("enter");
        assert_eq!(tui.world.marks().len(), 2);
        tui.keys("o").shows("Record behind claim").keys("esc enter").shows("▾ fraud-scorer@41");
    }
}

#[test]
fn a_plan_for_a_secret_says_how_to_rotate_it() {
    let mut tui = Tui::open(80, 24);
    tui.keys("/").text("vault").keys("enter R").shows("[6 plan]").shows("rotate, before anything is rolled back");
    tui.shows("issue").shows("secret:vault/kv/refund");
}

#[test]
fn step_zero_names_the_case_in_use_as_a_shell_reads_it() {
    for (name, quoted) in [("INC-2412", "INC-2412"), ("it's $(x)", "'it'\\''s $(x)'"), ("-x", "'-x'")] {
        let mut tui = at_the_alert(80, 24);
        tui.keys("c").text(name).keys("enter").shows("is in use").keys("1 R");
        let first = format!("lastgood case export {quoted} --to FILE");
        tui.shows(&format!("HOLD {first}")).keys("Y");
        let text = copied(&mut tui);
        assert!(name != "INC-2412" || text.replace('`', "").contains(&first), "{text}");
    }
}

#[test]
fn an_impact_says_whom_to_call_and_what_a_secret_was_used_for() {
    let mut tui = Tui::open(80, 24);
    tui.keys("/").text("vault").keys("enter i").shows("Tab shows them").keys("tab").shows("A shortest way to it");
    let said = ["call ", "#payments, lead person:m.roy, pager +46 555 0100", "3 use it, 2 executed"];
    let mut seen = tui.screen();
    tui.keys("pgdn");
    seen.push_str(&tui.screen());
    for text in said.iter().chain(&[
        "step:refund-1183 (? possibly)",
        "agent:refund-agent@5, team:agents, since 2026-11-17 09:33",
        "and 2 more",
        "team:data: used by its nightly batch",
        "0 issue: issue a new one in its place (team:agents)",
        "1 move: agent:refund-agent@5 (team:agents): give it the new one",
    ]) {
        assert!(seen.contains(text), "{text} is not in\n{seen}");
    }
    tui.keys("tab").shows("[4 impact]").keys("w").text("2026-11-16").keys("enter");
    tui.shows("it is the window of mark 2035.1; w sets another").shows("since 2026-11-16 00:00");
    let mut tui = Tui::open(160, 50);
    tui.keys("/").text("vault").keys("enter i").shows("3 use it, 2 executed").shows("1 move: agent:refund-agent@5");
}

#[test]
fn a_timeline_has_days_and_keeps_undated_things_apart() {
    for (width, height) in SIZES {
        let mut tui = at_the_alert(width, height);
        tui.keys("T").shows("[7 timeline]").shows("2026-11-18").shows("23:10").shows("undated: nobody says when (1)");
        tui.shows("scores fell").is_screen(&format!("timeline-{width}x{height}"));
        tui.keys("up").shows("was deployed there").keys("o").shows("Record behind claim 812.1").keys("esc");
        tui.keys("end").shows("nobody says when").keys("enter").shows("[2 explore]").shows("vendor/raw-feed");
    }
}

#[test]
fn a_case_is_taken_up_noted_in_and_its_answers_are_asked_again() {
    for (width, height) in SIZES {
        let mut tui = at_the_alert(width, height);
        tui.keys("8").shows("No case is in use").keys("n").shows("no case is in use: c opens one");
        tui.keys("c").keys("enter").shows("a case goes by its name").text("INC-2412").keys("enter");
        tui.shows("case INC-2412 is in use").shows("case INC-2412").shows("Nothing was said in it yet");
        tui.keys("1 n").shows("Note about deployment:prod-eu/fraud").text("scores fell at 23").keys("enter");
        tui.shows("noted about deployment:prod-eu/fraud in case INC-2412 as 3000.1");
        tui.keys("/")
            .text("vendor-labels")
            .keys("enter i s")
            .shows("what depends on dataset:vendor-labels")
            .keys("enter");
        tui.keys("8").shows("1 note").shows("1 saved answer").shows("Enter asks it again").keys("enter");
        tui.shows("3 more since, 1 gone").shows("9 to 11").shows("run:train-fraud@8812");
        tui.is_screen(&format!("case-{width}x{height}"));
        tui.keys("up o").shows("Record behind claim 3000.1").keys("esc enter").shows("▾ prod-eu/fraud");
    }
}

#[test]
fn exposure_is_shown_as_derived_and_not_as_a_mark() {
    let mut tui = at_the_alert(120, 40);
    tui.keys("d m enter esc").shows("↯ exposed").keys("enter").shows("derived: compromised");
    tui.shows("by way of").shows("run:train-fraud@8812").keys("esc /").text("fraud").shows("↯ exposed");
    tui.keys("esc /").text("refund").shows("? possibly exposed");
    let look = Look { theme: Theme::Mono, glyphs: &ASCII };
    let mut tui = Tui::of(World::new(), 80, 24, |setup| setup.look = look);
    tui.keys("down d m enter esc / f").shows("! exposed");
    for keys in ["esc d", "b", "esc S", "P", "T", "8"] {
        tui.keys(keys);
        assert!(tui.screen().is_ascii(), "{}", tui.screen());
    }
}

#[test]
fn from_the_alert_to_a_copied_plan_takes_few_keys() {
    let walk = "d m enter i P Y";
    let mut tui = at_the_alert(80, 24);
    tui.keys(walk).shows("Plan".to_lowercase().as_str());
    assert!(walk.split(' ').count() + 1 < 25);
    assert_eq!(tui.world.marks()[0].0, LABELS);
    assert!(tui.world.marks()[0].2.contains("nobody approved"));
    let text = copied(&mut tui);
    assert!(text.starts_with("**Plan against `dataset:vendor-labels@2026-11-17`**"), "{text}");
    for part in [
        "**HOLD**",
        "**disable: none is safe**",
        "Nothing was executed",
        "ledger 2035 records, root `00000000`, unanchored",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn every_answer_can_be_copied_and_says_how_sure_it_is() {
    let mut tui = at_the_alert(80, 24);
    let walk = [
        ("Y", "**What deserves attention**"),
        ("d Y", "**What differs: `model-version:fraud-scorer@41` → `deployment:prod-eu/fraud`**"),
        ("b Y", "**Last known good of `deployment:prod-eu/fraud`: `model-version:fraud-scorer@41`**"),
        ("esc i Y", "**What depends on `dataset:vendor-labels@2026-11-17`, at any time**"),
        ("S Y", "**What separates 1 bad from 1 good**"),
        ("T Y", "**What happened to"),
        ("1 enter Y", "**`deployment:prod-eu/fraud` (`team:payments`, `prod`)**"),
    ];
    for (keys, heading) in walk {
        tui.keys(keys);
        let text = copied(&mut tui);
        assert!(text.contains(heading), "{heading} is not in\n{text}");
        assert!(text.contains("\nExactly ") || text.contains("\nAt least "), "{text}");
        assert!(text.trim_end().ends_with("ledger 2034 records, root `3f2a91c0`, unanchored"), "{text}");
    }
    tui.keys("9 Y").shows("there is no answer here to copy");
}

#[test]
fn a_mark_made_elsewhere_is_taken_into_account_where_one_returns_to() {
    let mut tui = at_the_alert(80, 24);
    tui.keys("6").shows("Nothing is marked").keys("3 1 d m enter 6").shows("HOLD");
    tui.keys("1 u").lacks("HOLD");
}

#[test]
fn what_fails_or_is_stopped_says_so_and_the_next_key() {
    let world = Arc::new(World::new());
    let mut tui = Tui::of(World::new(), 80, 24, |setup| {
        setup.answerer = Arc::new(move |ask: Ask, cancel: &AtomicBool| -> Told {
            match &ask {
                Ask::Diff(_) => Told::Failed("nothing is known to be good".to_owned()),
                Ask::Suspects(_) => Told::Failed("nothing is marked bad".to_owned()),
                Ask::Plan(_) => Told::Cancelled,
                Ask::Timeline(_) => panic!("a bug"),
                Ask::LastGood(_) | Ask::Case(_) => Told::Sources(Vec::new()),
                _ => world.answer(ask, cancel),
            }
        });
    });
    tui.keys("d").shows("nothing is known to be good").shows("D chooses the other side");
    tui.keys("1 S").shows("nothing is marked bad").shows("press x");
    tui.keys("P").shows("stopped: r asks again").keys("1 T").shows("an internal error stopped this question");
    tui.keys("1 b").shows("was of another kind than");
}

#[test]
fn an_empty_ledger_has_every_pane_and_none_panics() {
    for (width, height) in [(80, 24), (40, 10)] {
        let mut tui = Tui::of(World::empty(), width, height, |_| {});
        for key in ["1", "2", "3", "4", "5", "6", "7", "8", "9", "P", "Y", "M", "a", "s", "n", "x"] {
            tui.keys(key);
        }
        tui.event(Event::Resize(40, 10));
        tui.settle();
    }
}

#[test]
fn tabs_stay_readable_at_eighty_columns() {
    for (key, name) in
        ["overview", "explore", "diff", "impact", "suspects", "plan", "timeline", "case", "sources", "chain"]
            .iter()
            .enumerate()
            .map(|(at, name)| (((at + 1) % 10).to_string(), *name))
    {
        let mut tui = at_the_alert(80, 24);
        tui.keys(&key).shows(&format!("[{key} {name}]"));
        let tabs = tui.screen().lines().nth(1).unwrap().to_owned();
        for digit in 0..=9 {
            assert!(tabs.contains(&format!("{digit} ")), "{tabs}");
        }
    }
}

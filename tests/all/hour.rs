//! The responder's hour through the binary, where a scenario file does not reach: files beside the ledger, the
//! ledger's own clock, commands that answers print, and the case pane on a terminal.

use crate::support::terminal::Terminal;
use crate::support::{Workspace, json};
use lastgood::config::Home;
use lastgood::engine::{Clock, Engine, Scope};
use lastgood::investigate::question::{Impact, Marks};
use lastgood::model::{Time, Window};
use proptest::prelude::*;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

const LINEAGE: &str = r#"{"type":"artefact","id":"dataset:x@1","kind":"dataset"}
{"type":"artefact","id":"model-version:m@1","kind":"model-version","at":"2026-10-01T00:00:00Z"}
{"type":"artefact","id":"model-version:m@2","kind":"model-version","at":"2026-11-01T00:00:00Z"}
{"type":"artefact","id":"deployment:d","kind":"deployment","risk":"high"}
{"type":"link","from":"deployment:d","to":"model-version:m@1","relation":"deploys","since":"2026-10-02T00:00:00Z","until":"2026-11-01T00:00:00Z"}
{"type":"link","from":"deployment:d","to":"model-version:m@2","relation":"deploys","since":"2026-11-01T00:00:00Z"}
{"type":"link","from":"model-version:m@2","to":"dataset:x@1","relation":"trained-on","since":"2026-11-01T00:00:00Z"}
{"type":"evidence","about":"deployment:d","kind":"incident","at":"2026-11-18T00:00:00Z","verdict":"firing"}
"#;

fn place() -> Workspace {
    Workspace::holding(LINEAGE)
}

#[test]
fn a_policy_that_cannot_be_used_stops_what_judges_and_nothing_else() {
    let place = place();
    let policy = place.path().join("home/.config/lastgood/policy.toml");
    std::fs::create_dir_all(policy.parent().unwrap()).unwrap();
    for (text, says) in
        [("name = \"mine\"\nversion = 3\n", "policy.toml: line 2, column 11: "), ("\u{0}[", "policy.toml: line 1")]
    {
        std::fs::write(&policy, text).unwrap();
        for asked in [
            &["last-good", "deployment:d"][..],
            &["plan", "dataset:x@1"],
            &["diff", "deployment:d"],
            &["suspects", "--bad", "deployment:d"],
        ] {
            let said = place.run(asked);
            assert_eq!(said.exit, Some(2), "{asked:?} {said:?}");
            assert!(said.err.contains(says) && said.err.contains("put it right"), "{asked:?} {said:?}");
        }
        for asked in [
            &["show", "deployment:d"][..],
            &["impact", "dataset:x@1"],
            &["diff", "m@1", "m@2"],
            &["suspects", "--bad", "m@2", "--good", "m@1"],
            &["timeline", "deployment:d"],
            &["stats"],
            &["verify"],
        ] {
            let said = place.run(asked);
            assert_eq!(said.exit, Some(0), "{asked:?} {said:?}");
        }
        assert!(place.run(&["stats"]).out.contains("cannot be used"));
        place.import("{\"type\":\"artefact\",\"id\":\"dataset:more\",\"kind\":\"dataset\"}\n");
    }
}

#[test]
fn asked_what_it_knew_before_it_was_told_the_ledger_says_since_when_it_knows() {
    let place = place();
    let said = place.run(&["impact", "dataset:x@1", "--known-at", "2026-11-01"]);
    assert_eq!(said.exit, Some(1), "{said:?}");
    assert!(
        said.err.contains("it was told of dataset:x@1 on 2026-") && said.err.contains("--known-at 2026-"),
        "{said:?}"
    );
    let never = place.run(&["impact", "dataset:none", "--known-at", "2026-11-01"]);
    assert!(never.err.contains("nothing in the ledger is called"), "{never:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn what_was_known_then_is_what_a_ledger_answers_that_was_told_no_more(
        links in prop::collection::vec(prop::collection::vec((0_usize..12, 0_usize..12), 0..6), 6),
    ) {
        let moment = |day: usize| Time::parse_stated(&format!("2026-11-{:02}T00:00:00Z", day + 1)).unwrap().0;
        // each batch is told a day later
        let batch = |day: usize| -> String {
            let link = |(from, to): &(usize, usize)| {
                format!(
                    "{{\"type\":\"link\",\"from\":\"dataset:n{from:02}\",\"to\":\"dataset:n{to:02}\",\"relation\":\"derived-from\"}}\n"
                )
            };
            let mark = format!(
                "{{\"type\":\"mark\",\"about\":\"dataset:n{day:02}\",\"mark\":\"suspect\",\"by\":\"person:a\",\"at\":\"2026-11-01T00:00:00Z\",\"reason\":\"{day}\"}}\n"
            );
            links[day].iter().map(link).collect::<String>() + &mark
        };
        let told = |place: &Path, days: usize| -> Engine {
            let (home, ledger) = (Home::below(&place.join("home")), place.join("ledger.lastgood"));
            for day in 0..days {
                let engine = Engine::open_or_create(&home, &ledger, Clock::fixed(moment(day))).unwrap();
                engine
                    .ingest_bytes(Some("test"), vec![("batch.lineage.jsonl".to_owned(), batch(day).into_bytes())])
                    .unwrap();
            }
            Engine::open_or_create(&home, &ledger, Clock::fixed(moment(20))).unwrap()
        };
        let answers = |engine: &Engine, known_at: Option<Time>| -> Vec<String> {
            let view = engine.view(&Scope { as_of: None, known_at }).unwrap();
            let mut said: Vec<String> = (0..12)
                .map(|at| {
                    let of = vec![format!("dataset:n{at:02}")];
                    let asked = Impact { of, window: Window::default(), kinds: Vec::new(), limit: 100 };
                    let ids =
                        view.impact(&asked, None).map(|it| it.rows.into_iter().map(|row| row.row.id).collect::<Vec<_>>());
                    format!("{:?}", ids.ok())
                })
                .collect();
            let marks = view.marks(&Marks::default()).unwrap().rows;
            said.extend(marks.into_iter().map(|row| format!("{} {}", row.about, row.reason)));
            said
        };
        let all = tempfile::tempdir().unwrap();
        let engine = told(all.path(), 6);
        let now = answers(&engine, None);
        for days in 0..=6 {
            let apart = tempfile::tempdir().unwrap();
            let other = told(apart.path(), days);
            let known_at = if days == 0 { Time::parse_stated("2026-10-31T00:00:00Z").unwrap().0 } else { moment(days - 1) };
            assert_eq!(answers(&engine, Some(known_at)), answers(&other, None), "{days} batches");
            // what was asked of an earlier knowledge changes nothing of what is known now
            assert_eq!(answers(&engine, None), now);
        }
        prop_assert_eq!(now.len(), 12 + 6);
    }
}

/// Runs a line that an answer printed, as a shell would.
fn in_a_shell(place: &Workspace, line: &str) {
    let binary = Path::new(env!("CARGO_BIN_EXE_lastgood")).parent().unwrap().to_owned();
    let mut shell = Command::new("/bin/sh");
    let command = place.command();
    shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.env("PATH", binary).current_dir(place.path()).args(["-e", "-c", line]);
    let output = shell.output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn step_zero_of_a_plan_runs_as_printed_and_a_colleague_takes_the_file_in() {
    let (mine, theirs) = (place(), place());
    mine.run(&["mark", "dataset:x@1", "compromised", "--reason", "labels flipped"]).answered();
    let hold = json(&mine, &["plan"])["hold"].clone();
    let why = hold["why"].as_str().unwrap();
    assert!(why.contains("marks, notes and saved answers") && why.contains("keep a copy of that"), "{why}");
    in_a_shell(&mine, hold["first"].as_str().unwrap());
    let file = |place: &Workspace| -> Vec<String> {
        let names = std::fs::read_dir(place.path()).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with("incident-2026-") && name.ends_with(".lineage.jsonl")).collect()
    };
    let written = file(&mine);
    assert_eq!(written.len(), 1, "{written:?}");
    let path = mine.path().join(&written[0]);
    let report = json(&theirs, &["case", "import", path.to_str().unwrap()]);
    assert_eq!((&report["added"], &report["not_read"]), (&Value::from(1), &Value::from(Vec::<Value>::new())));
    // with a case in use it is that one, whatever its name does to a shell
    mine.run(&["case", "new", "it's 7/8 bad"]).answered();
    mine.run(&["case", "note", "called the vendor"]).answered();
    let first = json(&mine, &["plan"])["hold"]["first"].as_str().unwrap().to_owned();
    in_a_shell(&mine, &first);
    let path = mine.path().join("it-s-7-8-bad.lineage.jsonl");
    assert_eq!(json(&theirs, &["case", "import", path.to_str().unwrap()])["added"], 2);
}

#[test]
fn what_a_statement_says_of_its_date_stands_beside_when_it_was_received() {
    let place = place();
    let old = r#"{"type":"mark","about":"dataset:x@1","mark":"suspect","by":"person:b","at":"2026-10-01T00:00:00Z","reason":"seen","case":"INC-1"}"#;
    let file = place.file("case.jsonl", format!("{old}\n"));
    place.run(&["case", "import", file.to_str().unwrap()]).answered();
    place.run(&["mark", "model-version:m@1", "good", "--reason", "replayed"]).answered();
    let marks = json(&place, &["marks"])["rows"].clone();
    let of = |id: &str| marks.as_array().unwrap().iter().find(|row| row["about"] == id).unwrap().clone();
    let (late, now) = (of("dataset:x@1"), of("model-version:m@1"));
    assert_eq!(late["at"], "2026-10-01T00:00:00Z");
    assert_eq!((&late["received"], &now["remark"]), (&now["received"], &Value::Null));
    let remark = late["remark"].as_str().unwrap();
    assert!(remark.contains("days after the date it states itself"), "{remark}");
    for asked in [&["marks"][..], &["show", "dataset:x@1"], &["case", "show", "INC-1"]] {
        let said = place.run(asked).answered();
        let flat = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains("after the date it") || flat.contains("days after"), "{asked:?} {}", said.out);
        let rows = json(&place, asked);
        assert!(rows.to_string().contains(remark), "{asked:?}");
    }
}

#[test]
fn a_case_is_opened_filled_asked_again_and_exported() {
    let place = place();
    let terminal = Terminal::start(&place.command(), 100, 30);
    terminal.wait("the incident", |screen| screen.contains("incident on deployment:d"));
    let mut terminal = terminal;
    let mut press = |keys: &str, wanted: &[&str]| -> String {
        terminal.keys(keys);
        terminal.wait(&format!("{wanted:?} after {keys:?}"), |screen| wanted.iter().all(|text| screen.contains(text)))
    };
    press("c", &["Case to use"]);
    press("INC-7", &["INC-7"]);
    press("\r", &["2 records", "case INC-7"]);
    press("n", &["Note about deployment:d"]);
    press("called the vendor", &["called the vendor"]);
    press("\r", &["3 records"]);
    press("8", &["[8 case]", "called the vendor", "1 note"]);
    // what depends on the dataset, kept
    press("/", &["find"]);
    press("dataset:x@1", &["dataset:x@1"]);
    press("\r", &["[2 explore]"]);
    press("i", &["[4 impact]", "What depends on dataset:x@1"]);
    press("s", &["what depends on dataset:x@1"]);
    press("\r", &["[4 impact]", "4 records"]);
    press("m", &["Mark deployment:d"]);
    press("\treplayed the 18th", &["replayed the 18th"]);
    press("\r", &["5 records"]);
    press("8", &["[8 case]", "1 saved answer", "1 mark"]);
    terminal.keys("q");
    assert_eq!(terminal.ended_cleanly(), 0);
    // meanwhile more is told
    place.import(
        "{\"type\":\"link\",\"from\":\"model-version:n@1\",\"to\":\"dataset:x@1\",\"relation\":\"trained-on\",\"since\":\"2026-11-02T00:00:00Z\"}\n",
    );
    let again = json(&place, &["case", "again"]);
    assert_eq!(again["rows"][0]["says"], "1 more since");
    assert_eq!(again["rows"][0]["root"].as_str().unwrap().len(), 64);
    let mut terminal = Terminal::start(&place.command(), 100, 30);
    terminal.wait("the incident", |screen| screen.contains("incident on deployment:d"));
    terminal.keys("8");
    terminal.wait("the case", |screen| screen.contains("[8 case]") && screen.contains("1 saved answer"));
    // opened, note, answer, mark: the third row is the saved answer
    terminal.keys("gjj");
    terminal.sees("asks it again");
    terminal.keys("\r");
    terminal.wait("the comparison", |screen| screen.contains("1 more since") && screen.contains("root "));
    terminal.keys("q");
    assert_eq!(terminal.ended_cleanly(), 0);
    let lines = place.run(&["case", "export", "INC-7"]).answered().out;
    assert_eq!(lines.lines().count(), 4, "{lines}");
}

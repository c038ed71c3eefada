//! What a look leaves when it goes wrong in part: what was answered is kept, nothing is concluded of what was not, a
//! refusal ends when it ends, what is gone is back when it is back, and another store is not taken for the same one.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use crate::support::listener::{Answer, Listener, json, nothing};
use crate::support::tui::Gate;
use crate::support::{Said, Workspace, said};
use serde_json::{Value, json as value};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

const RUNS: [&str; 2] = ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"];
const MODEL: &str = "m-0123456789abcdef0123456789abcdef";

/// A small MLflow 3, as a test has it stand.
#[derive(Default)]
struct Stand {
    /// Which runs have ended.
    ended: [bool; 2],
    /// Whether asking for the first run alone fails.
    fails: bool,
    /// Whether the list of runs is refused.
    refuses: bool,
    /// Whether the registered model is there no more.
    gone: bool,
    /// When the first experiment was made.
    made: u64,
}

fn run(n: usize, stand: &Stand, whole: bool) -> Value {
    let status = if stand.ended[n] { "FINISHED" } else { "RUNNING" };
    let mut run = value!({
        "info": {"run_id": RUNS[n], "experiment_id": "0", "status": status, "start_time": 1_763_362_000_000_u64, "lifecycle_stage": "active"},
        "data": {"metrics": [{"key": "f1", "value": 0.9, "timestamp": 1_763_362_000_000_u64, "step": 0}]},
        "inputs": {}, "outputs": {},
    });
    if whole {
        run["inputs"]["model_inputs"] = value!([{"model_id": MODEL}]);
    }
    run
}

fn answer(head: &str, stand: &Stand) -> Answer {
    let line = head.lines().next().unwrap_or_default();
    let is = |path: &str| line.contains(path);
    let say = |body: Value| json(&body.to_string());
    match () {
        () if is(" /version") => json("3.17.2"),
        () if is("/experiments/search") => {
            say(value!({"experiments": [{"experiment_id": "0", "name": "Default", "creation_time": stand.made}]}))
        }
        () if is("/runs/search") && stand.refuses => ("403 Forbidden".to_owned(), Vec::new()),
        () if is("/runs/search") => say(value!({"runs": [run(0, stand, false), run(1, stand, false)]})),
        () if is("/runs/get") && is(RUNS[0]) && stand.fails => ("500 Internal Server Error".to_owned(), Vec::new()),
        () if is("/runs/get") => say(value!({"run": run(usize::from(is(RUNS[1])), stand, true)})),
        () if is("/registered-models/search") && is("prompt") => say(value!({})),
        () if is("/registered-models/search") && stand.gone => say(value!({"registered_models": []})),
        () if is("/registered-models/search") => say(value!({"registered_models": [{
            "name": "fraud", "creation_timestamp": 1_763_362_700_000_u64, "aliases": [{"alias": "champion", "version": "1"}],
        }]})),
        () if is("/model-versions/search") && !stand.gone => say(value!({"model_versions": [{
            "name": "fraud", "version": "1", "creation_timestamp": 1_763_362_800_000_u64, "run_id": RUNS[0], "status": "READY",
        }]})),
        () if is("/model-versions/search") => say(value!({"model_versions": []})),
        () if is("/logged-models/search") => say(value!({"models": []})),
        () => nothing(),
    }
}

struct Place {
    work: Workspace,
    server: Listener,
    stand: Arc<Mutex<Stand>>,
}

impl Place {
    fn new() -> Place {
        let stand = Arc::new(Mutex::new(Stand { made: 1_700_000_000_000, ..Stand::default() }));
        let stands = Arc::clone(&stand);
        let server = Listener::new(None, move |head| answer(head, &stands.lock().unwrap()));
        let work = Workspace::new();
        let folder = work.path().join("home/.config/lastgood");
        std::fs::create_dir_all(&folder).unwrap();
        let settings = format!(
            "[live]\nurl = \"http://{}\"\nkind = \"mlflow\"\npatience = {{ pause = 0.1, tries = 1 }}\n",
            server.address
        );
        std::fs::write(folder.join("sources.toml"), settings).unwrap();
        Place { work, server, stand }
    }

    fn set(&self, how: impl FnOnce(&mut Stand)) {
        how(&mut self.stand.lock().unwrap());
    }

    fn sync(&self, minute: u32) -> Said {
        let mut command = self.work.command();
        command.args(["sync", "live", "--json"]).env("LASTGOOD_CLOCK", format!("2026-11-19T02:{minute:02}:00Z"));
        said(command.output().unwrap())
    }

    /// How often each run was asked for by itself since the last time.
    fn asked(&self, before: usize) -> [usize; 2] {
        let heard = self.server.heard();
        RUNS.map(|run| heard[before..].iter().filter(|it| it.contains("/runs/get") && it.contains(run)).count())
    }

    fn used_by(&self, run: &str) -> bool {
        let rows = self.work.run(&["tree", "--up", "--depth", "1", &format!("run:mlflow/{run}"), "--json"]);
        rows.answered().json()["rows"].as_array().unwrap().iter().any(|row| row["id"].as_str().unwrap().contains(MODEL))
    }

    fn text(&self, arguments: &[&str]) -> String {
        self.work.run(arguments).out
    }
}

#[test]
fn of_a_run_that_cannot_be_told_nothing_is_concluded_and_the_answers_of_others_are_kept() {
    let place = Place::new();
    let first = place.sync(1).answered().json();
    assert_eq!(first["complete"].as_bool(), Some(true), "{first}");
    assert!(RUNS.iter().all(|run| place.used_by(run)));
    // both have ended, and one of them cannot be asked for
    place.set(|it| (it.ended, it.fails) = ([true, true], true));
    let before = place.server.heard().len();
    let partly = place.sync(2);
    assert_eq!(partly.exit, Some(3), "{partly:?}");
    let partly = partly.json();
    assert_eq!((partly["changed"].as_u64(), partly["gone"].as_u64()), (Some(1), Some(0)), "{partly}");
    assert_eq!(partly["failed"][0]["place"].as_str(), Some(format!("models_used/{}", RUNS[0]).as_str()), "{partly}");
    assert_eq!(place.asked(before), [1, 1]);
    assert!(RUNS.iter().all(|run| place.used_by(run)), "a model that went into a run was told as gone");
    // the next look asks for that one alone
    place.set(|it| it.fails = false);
    let before = place.server.heard().len();
    let whole = place.sync(3).answered().json();
    assert_eq!((whole["changed"].as_u64(), whole["complete"].as_bool()), (Some(1), Some(true)), "{whole}");
    assert_eq!(place.asked(before), [1, 0]);
    assert!(RUNS.iter().all(|run| place.used_by(run)));
}

#[test]
fn a_refusal_is_no_success_and_is_over_when_it_is_over() {
    let place = Place::new();
    place.set(|it| it.refuses = true);
    for minute in [1, 2] {
        let refused = place.sync(minute);
        assert_eq!(refused.exit, Some(3), "{refused:?}");
        assert_eq!(refused.json()["refused"][0]["place"].as_str(), Some("runs"));
    }
    let gap = format!("server:{}/runs", place.server.address);
    assert!(place.text(&["show", &gap]).contains("not-permitted"));
    place.set(|it| it.refuses = false);
    let let_in = place.sync(3).answered().json();
    assert_eq!(let_in["refused"].as_array().map(Vec::len), Some(0), "{let_in}");
    assert!(!place.text(&["show", &gap]).contains("not-permitted"));
    // and begins anew when it begins anew
    place.set(|it| it.refuses = true);
    assert_eq!(place.sync(4).exit, Some(3));
    assert!(place.text(&["show", &gap]).contains("not-permitted"));
    assert_eq!(place.work.run(&["verify"]).exit, Some(0));
}

#[test]
fn what_is_back_is_there_and_is_told_once() {
    let place = Place::new();
    place.set(|it| it.ended = [true, true]);
    place.sync(1).answered();
    let evidence = |place: &Place| place.work.run(&["stats", "--json"]).answered().json()["evidence"].as_u64();
    let before = evidence(&place);
    place.set(|it| it.gone = true);
    let gone = place.sync(2).answered().json();
    assert_eq!(gone["gone"].as_u64(), Some(2), "{gone}");
    let shown = place.text(&["show", "models:/fraud/1"]);
    assert!(shown.contains("gone"), "{shown}");
    place.set(|it| it.gone = false);
    let back = place.sync(3).answered().json();
    assert_eq!((back["changed"].as_u64(), back["gone"].as_u64()), (Some(2), Some(0)), "{back}");
    let shown = place.text(&["show", "models:/fraud/1", "--json"]);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["attributes"]["state"].as_str(), Some("there"), "{shown:#}");
    assert_eq!(shown["conflicts"].as_array().map(Vec::len), Some(0), "{shown:#}");
    assert_eq!(evidence(&place), before, "told twice");
    // the alias points again, since it was seen to
    let tree = place.text(&["tree", "--up", "--depth", "1", "models:/fraud@champion"]);
    assert!(
        tree.contains("deploys") && tree.contains("(began between 2026-11-19 02:02 and 2026-11-19 02:03"),
        "{tree}"
    );
    assert_eq!(place.sync(4).answered().json()["records"].as_u64(), Some(0));
}

#[test]
fn another_store_at_the_same_address_is_not_taken_for_the_same_one() {
    let place = Place::new();
    place.sync(1).answered();
    place.set(|it| (it.made, it.gone) = (1_800_000_000_000, true));
    let other = place.sync(2);
    assert_eq!(other.exit, Some(5), "{other:?}");
    let other = other.json();
    assert_eq!((other["records"].as_u64(), other["gone"].as_u64()), (Some(0), Some(0)), "{other}");
    assert!(other["error"].as_str().unwrap().contains("another store answers here"), "{other}");
    place.work.run(&["source", "remove", "live"]).answered();
    place.work.run(&["source", "add", "live", &format!("http://{}", place.server.address)]).answered();
    assert_eq!(place.sync(3).exit, Some(0), "who says that it is meant may");
}

#[test]
fn a_sync_that_is_told_to_stop_keeps_what_it_has_and_goes_on_from_there() {
    const MANY: usize = 120;
    let id = |n: usize| format!("{n:032x}");
    let one = move |n: usize| {
        value!({
            "info": {"run_id": id(n), "experiment_id": "0", "status": "FINISHED", "lifecycle_stage": "active"},
            "data": {}, "inputs": {}, "outputs": {},
        })
    };
    let gate = Arc::new(Gate::default());
    let held = Arc::clone(&gate);
    let server = Listener::new(None, move |head| {
        let line = head.lines().next().unwrap_or_default();
        match () {
            () if line.contains("/runs/search") => {
                json(&value!({"runs": (0..MANY).map(one).collect::<Vec<_>>()}).to_string())
            }
            () if line.contains("/runs/get") => {
                let n = (0..MANY).find(|n| line.contains(&id(*n))).unwrap();
                if n == 100 {
                    held.hold("it");
                }
                json(&value!({"run": one(n)}).to_string())
            }
            () => answer(head, &Stand { gone: true, made: 1_700_000_000_000, ..Stand::default() }),
        }
    });
    let work = Workspace::new();
    work.run(&["source", "add", "live", &format!("http://{}", server.address)]).answered();
    let mut command = work.command();
    command.args(["sync", "live", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    gate.wait("asked it");
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    let stopped = said(child.wait_with_output().unwrap());
    assert_eq!(stopped.exit, Some(130), "{stopped:?}");
    let told = stopped.json();
    assert_eq!((told["stopped"].as_bool(), told["complete"].as_bool()), (Some(true), Some(false)), "{told}");
    let kept = told["records"].as_u64().unwrap();
    assert!(kept >= 96, "those before were answered: {told}");
    assert!(work.run(&["source", "list"]).out.contains("stopped"));
    gate.let_go("it");
    let before = server.heard().len();
    let whole = work.run(&["sync", "live", "--json"]).answered().json();
    assert_eq!((whole["complete"].as_bool(), whole["changed"].as_u64()), (Some(true), Some(0)), "{whole}");
    let again = server.heard()[before..].iter().filter(|it| it.contains("/runs/get")).count();
    assert!(again <= MANY - 96, "{again} were asked for again");
}

#[test]
fn one_source_is_pulled_by_one_at_a_time() {
    let gate = Arc::new(Gate::default());
    let held = Arc::clone(&gate);
    let server = Listener::new(None, move |head| {
        if head.contains("/runs/search") {
            held.hold("runs");
        }
        answer(head, &Stand { made: 1_700_000_000_000, ..Stand::default() })
    });
    let work = Workspace::new();
    work.run(&["source", "add", "live", &format!("http://{}", server.address)]).answered();
    let mut command = work.command();
    let first = command.args(["sync", "live", "--json"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    gate.wait("asked runs");
    let second = work.run(&["sync", "live"]);
    assert_eq!(second.exit, Some(5), "{second:?}");
    assert!(second.err.contains("it is being pulled already"), "{second:?}");
    gate.let_go("runs");
    let first = said(first.wait_with_output().unwrap()).answered().json();
    assert_eq!(first["complete"].as_bool(), Some(true), "{first}");
    let again = work.run(&["sync", "live", "--json"]).answered().json();
    assert_eq!(again["records"].as_u64(), Some(0), "{again}");
}

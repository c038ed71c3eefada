//! What a sync cannot know: when something changed between two looks, and what a server was not asked for, failed to
//! tell or refused. Answers say so. The server is a small MLflow whose alias moves and whose door closes.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use crate::support::Workspace;
use crate::support::listener::{Answer, Listener, json, nothing};
use serde_json::{Value, json as value};
use std::sync::{Arc, Mutex};

const RUN: &str = "0123456789abcdef0123456789abcdef";
const FIRST: &str = "2026-11-17T14:00:00Z";
const SECOND: &str = "2026-11-18T08:30:00Z";

/// How the server stands: which version the alias names, and whether it lets anybody in.
struct Stand {
    champion: Option<u32>,
    open: bool,
    runs: bool,
}

fn answer(head: &str, stand: &Stand) -> Answer {
    let line = head.lines().next().unwrap_or_default();
    let asks = |path: &str| line.contains(path);
    if !stand.open {
        return ("401 Unauthorized".to_owned(), Vec::new());
    }
    let version = |number: u32| {
        value!({"name": "fraud", "version": number.to_string(), "creation_timestamp": 1_763_362_800_000_u64 + u64::from(number),
            "run_id": RUN, "source": "x", "status": "READY"})
    };
    let aliases: Vec<Value> =
        stand.champion.iter().map(|it| value!({"alias": "champion", "version": it.to_string()})).collect();
    let model = value!({"name": "fraud", "creation_timestamp": 1_763_362_700_000_u64, "aliases": aliases});
    let run = value!({"info": {"run_id": RUN, "experiment_id": "0", "status": "FINISHED", "start_time": 1_763_362_000_000_u64,
        "end_time": 1_763_362_600_000_u64, "lifecycle_stage": "active"}, "data": {},
        "inputs": {"dataset_inputs": [{"dataset": {"name": "tx", "digest": "0a1b2c3d", "source_type": "local", "source": "{}"}}]}});
    let experiment = value!({"experiment_id": "0", "name": "Default", "creation_time": 1_700_000_000_000_u64});
    let body = match () {
        () if asks(" /version") => return json("3.1.0"),
        () if asks("/runs/") && !stand.runs => return ("403 Forbidden".to_owned(), Vec::new()),
        () if asks("/experiments/get") => value!({ "experiment": experiment }),
        () if asks("/experiments/search") => value!({"experiments": [experiment]}),
        () if asks("/model-versions/get") => value!({"model_version": version(if asks("version=2") { 2 } else { 1 })}),
        () if asks("/model-versions/search") => value!({"model_versions": [version(1), version(2)]}),
        () if asks("/registered-models/get") => value!({ "registered_model": model }),
        () if asks("/registered-models/search") => value!({"registered_models": [model]}),
        () if asks("/runs/get") => value!({ "run": run }),
        () if asks("/runs/search") => value!({"runs": [run]}),
        () => return nothing(),
    };
    json(&body.to_string())
}

struct Place {
    work: Workspace,
    stand: Arc<Mutex<Stand>>,
    _server: Listener,
}

impl Place {
    fn new() -> Place {
        let stand = Arc::new(Mutex::new(Stand { champion: Some(1), open: true, runs: true }));
        let stands = Arc::clone(&stand);
        let server = Listener::new(None, move |head| answer(head, &stands.lock().unwrap()));
        let work = Workspace::new();
        work.run(&["source", "add", "live", &format!("http://{}", server.address)]).answered();
        Place { work, stand, _server: server }
    }

    fn sync(&self, at: &str) -> std::process::Output {
        self.work.command().args(["sync", "live", "--json"]).env("LASTGOOD_CLOCK", at).output().unwrap()
    }

    fn ask(&self, arguments: &[&str]) -> Value {
        let out = self.work.run(&[&["--json"], arguments].concat());
        serde_json::from_str(&out.out).unwrap_or_else(|_| panic!("{arguments:?}: {}{}", out.out, out.err))
    }

    /// The id that ends so.
    fn id(&self, end: &str) -> String {
        let found = self.ask(&["find", end.rsplit('/').next().unwrap(), "--limit", "50"]);
        let ids = found["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned());
        ids.into_iter().find(|id| id.ends_with(end)).unwrap_or_else(|| panic!("{end}: {found}"))
    }

    /// Pulled twice, and the alias moved in between.
    fn moved() -> Place {
        let place = Place::new();
        assert!(place.sync(FIRST).status.success());
        place.stand.lock().unwrap().champion = Some(2);
        assert!(place.sync(SECOND).status.success());
        place
    }
}

fn certain(answer: &Value) -> Vec<bool> {
    answer["rows"].as_array().unwrap().iter().map(|row| row["certain"].as_bool().unwrap()).collect()
}

#[test]
fn an_alias_that_moved_between_two_pulls_is_no_certain_hit_and_never_none() {
    let place = Place::moved();
    let (old, new, alias) = (place.id("/fraud@1"), place.id("/fraud@2"), place.id("/alias/champion"));
    let night = ["--since", "2026-11-17T20:00:00Z", "--until", "2026-11-18T02:00:00Z"];
    for version in [&old, &new] {
        let hit = place.ask(&[&["impact", version.as_str(), "--kind", "deployment"], &night[..]].concat());
        assert_eq!(certain(&hit), [false], "{hit}");
        assert_eq!(hit["completeness"]["at_least"], 0, "{hit}");
        assert_ne!(hit["completeness"]["at_most"], 0, "{hit}");
        assert!(hit["completeness"]["because"].to_string().contains("nobody looked in between"), "{hit}");
    }
    // outside the two looks it is known
    let since = |version: &str, at: &str| place.ask(&["impact", version, "--kind", "deployment", "--since", at]);
    assert_eq!(certain(&since(&old, SECOND)), [false; 0]);
    assert_eq!(certain(&since(&new, SECOND)), [true]);
    let before = place.ask(&["impact", &new, "--kind", "deployment", "--until", FIRST]);
    assert_eq!(certain(&before), [false; 0], "{before}");
    let tree = place.ask(&["--as-of", "2026-11-18T02:00:00Z", "tree", &alias, "--up", "--relation", "deploys"]);
    assert_eq!(certain(&tree), [true, false, false], "{tree}");
    let told = place.ask(&["timeline", &alias]).to_string();
    for says in ["stopped deploying", "began to deploy"] {
        assert!(told.contains(says) && told.contains("between 2026-11-17 14:00 and 2026-11-18 08:30"), "{told}");
    }
    // who asks about the model finds it as well, and a diff that knows no good version names both
    let model = old.replacen("model-version:", "model:", 1).trim_end_matches("@1").to_owned();
    let told = place.ask(&["timeline", &model]).to_string();
    assert!(told.contains("alias/champion") && told.contains("began to deploy"), "{told}");
    let shown = place.work.run(&["show", &model]).answered().out;
    assert!(
        shown.contains("pointed at by") && shown.contains("between 2026-11-17 14:00 and 2026-11-18 08:30"),
        "{shown}"
    );
    let refused = place.work.run(&["diff", &alias]).err;
    assert!(refused.contains(&format!("lastgood diff {old} {new}")), "{refused}");
    // told again without a change of it, it is what it was
    place.stand.lock().unwrap().champion = Some(2);
    assert!(place.sync("2026-11-18T12:00:00Z").status.success());
    assert_eq!(certain(&since(&new, SECOND)), [true]);
    assert_eq!(certain(&place.ask(&["impact", &new, "--kind", "deployment", "--until", FIRST])), [false; 0]);
    // and an alias that was removed is no alias that moved
    place.stand.lock().unwrap().champion = None;
    assert!(place.sync("2026-11-18T20:00:00Z").status.success());
    let drift = place.ask(&["drift"]);
    let row = drift["rows"].as_array().unwrap().iter().find(|row| row["about"] == alias.as_str()).unwrap();
    assert_eq!((&row["what"], &row["old"], &row["new"]), (&value!("removed-pointer"), &value!(new), &Value::Null));
    assert!(row["says"].as_str().unwrap().contains("between 2026-11-18 12:00 and 2026-11-18 20:00"), "{row}");
}

#[test]
fn what_a_server_was_not_asked_for_leaves_every_count_open() {
    let place = Place::new();
    let around = ["sync", "live", "--around", "models:/fraud/1"];
    place.work.run(&around).answered();
    let version = place.id("/fraud@1");
    let hit = place.ask(&["impact", &version]);
    assert_eq!(hit["completeness"]["at_most"], Value::Null, "{hit}");
    let why = "live was never pulled whole: lastgood sync live";
    assert!(hit["completeness"]["because"].to_string().contains(why), "{hit}");
    let text = place.work.run(&["impact", &version]).answered().out;
    assert!(text.contains("at least") && text.contains(why), "{text}");
    // pulled whole it is held whole
    assert!(place.sync(FIRST).status.success());
    let hit = place.ask(&["impact", &version]);
    assert!(!hit["completeness"]["because"].to_string().contains("live"), "{hit}");
}

#[test]
fn a_failing_server_is_told_by_answers() {
    let place = Place::moved();
    place.stand.lock().unwrap().open = false;
    assert!(!place.sync("2026-11-18T09:00:00Z").status.success());
    let version = place.id("/fraud@2");
    let why = "live: last seen whole 2026-11-18 08:30, failing since 2026-11-18 09:00";
    for question in [vec!["impact", &version], vec!["tree", &version, "--down"], vec!["show", &version]] {
        let told = place.ask(&question);
        assert!(told["completeness"]["because"].to_string().contains(why), "{told}");
    }
    assert_eq!(place.ask(&["impact", &version])["completeness"]["at_most"], Value::Null);
    // taken out of the settings, it counts no more
    place.work.run(&["source", "remove", "live"]).answered();
    assert!(!place.ask(&["impact", &version])["completeness"]["because"].to_string().contains("live"));
}

#[test]
fn what_a_server_refuses_is_told_in_words_that_can_be_read() {
    let place = Place::new();
    place.stand.lock().unwrap().runs = false;
    place.sync(FIRST);
    let hit = place.ask(&["impact", &place.id("/fraud@1")]);
    let because = hit["completeness"]["because"].to_string();
    assert!(because.contains("live does not let us look at ") && !because.contains("server:"), "{hit}");
    assert_eq!(hit["completeness"]["at_most"], Value::Null, "{hit}");
}

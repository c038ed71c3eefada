//! Several sources at once: one that does not answer holds none of the others up, what two of them hold is seen at both,
//! and a file that is listed no more is told as gone.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use crate::support::listener::{Listener, json as answer, nothing};
use crate::support::{Workspace, json, said};
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// An MLflow as far as it has runs.
fn mlflow(runs: Arc<Mutex<Vec<String>>>) -> Listener {
    Listener::new(None, move |head| match head.split([' ', '?']).nth(1) {
        Some("/version") => answer("3.17.2"),
        Some(path) if path.ends_with("/experiments/search") => answer(
            "{\"experiments\":[{\"experiment_id\":\"0\",\"name\":\"Default\",\"lifecycle_stage\":\"active\",\
             \"artifact_location\":\"a\",\"creation_time\":1795948215031}]}",
        ),
        Some(path) if path.ends_with("/runs/search") => {
            let runs: Vec<String> = runs
                .lock()
                .unwrap()
                .iter()
                .map(|id| {
                    format!(
                        "{{\"info\":{{\"run_id\":\"{id}\",\"experiment_id\":\"0\",\"status\":\"FINISHED\",\
                         \"start_time\":1795948215031,\"lifecycle_stage\":\"active\"}},\"data\":{{}}}}"
                    )
                })
                .collect();
            answer(&format!("{{\"runs\":[{}]}}", runs.join(",")))
        }
        Some(_) => answer("{}"),
        None => nothing(),
    })
}

fn runs(count: usize) -> Arc<Mutex<Vec<String>>> {
    Arc::new(Mutex::new((0..count).map(|n| format!("{n:032x}")).collect()))
}

fn add(work: &Workspace, name: &str, server: &Listener) {
    work.run(&["source", "add", name, &format!("http://{}", server.address)]).answered();
}

fn sync(work: &Workspace, names: &[&str]) -> Vec<Value> {
    let reports = work.run(&[&["sync", "--json"][..], names].concat()).answered().json();
    reports["rows"].as_array().cloned().unwrap_or_else(|| vec![reports])
}

fn count(reports: &[Value], key: &str) -> Vec<u64> {
    reports.iter().map(|it| it[key].as_u64().unwrap()).collect()
}

#[test]
fn a_source_that_does_not_answer_holds_up_no_other() {
    let gate = Arc::new((Mutex::new(false), Condvar::new()));
    let waits = Arc::clone(&gate);
    let slow = Listener::new(None, move |_| {
        let mut open = waits.0.lock().unwrap();
        while !*open {
            open = waits.1.wait(open).unwrap();
        }
        nothing()
    });
    let work = Workspace::new();
    let others: Vec<Listener> = (0..6).map(|n| mlflow(runs(n + 1))).collect();
    for (n, server) in others.iter().enumerate() {
        add(&work, &format!("s{n}"), server);
    }
    let url = format!("http://{}", slow.address);
    // It comes first in the alphabet, and so would be first in a row.
    let folder = work.path().join("home/.config/lastgood/sources.toml");
    let text = std::fs::read_to_string(&folder).unwrap() + &format!("\n[a]\nurl = \"{url}\"\nkind = \"mlflow\"\n");
    std::fs::write(&folder, text).unwrap();
    let mut command = work.command();
    let child = command.args(["sync", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The others' runs arrive while the first is still waited for: the experiment and the most that any has.
    while work.run(&["find", &format!("kind:run {:032x}", 5)]).exit != Some(0) {
        std::thread::park_timeout(Duration::from_millis(50));
    }
    *gate.0.lock().unwrap() = true;
    gate.1.notify_all();
    let said = said(child.wait_with_output().unwrap());
    assert_eq!(said.exit, Some(5), "{said:?}");
    let rows = said.json()["rows"].as_array().unwrap().clone();
    let failed: Vec<&str> =
        rows.iter().filter(|it| !it["error"].is_null()).map(|it| it["source"].as_str().unwrap()).collect();
    assert_eq!((rows.len(), failed), (7, vec!["a"]));
    work.run(&["verify"]).answered();
}

#[test]
fn what_two_sources_hold_is_filed_under_both_and_may_go_from_one() {
    let (ours, theirs) = (runs(3), runs(3));
    let (one, two) = (mlflow(Arc::clone(&ours)), mlflow(Arc::clone(&theirs)));
    let work = Workspace::new();
    add(&work, "one", &one);
    add(&work, "two", &two);
    assert_eq!(count(&sync(&work, &["one"]), "records"), [4]);
    let second = sync(&work, &["two"]);
    assert_eq!((count(&second, "records"), count(&second, "shared")), (vec![4], vec![4]), "{second:?}");
    let held = json(&work, &["source", "list"]);
    let names: BTreeMap<&str, u64> = held["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["name"].as_str().unwrap(), row["records"].as_u64().unwrap()))
        .collect();
    assert_eq!(names, BTreeMap::from([("one", 4), ("two", 4)]));
    let again = sync(&work, &["one", "two"]);
    assert_eq!((count(&again, "records"), count(&again, "unchanged")), (vec![0, 0], vec![4, 4]), "{again:?}");
    theirs.lock().unwrap().pop();
    let gone = sync(&work, &["one", "two"]);
    assert_eq!(count(&gone, "gone"), [0, 1], "{gone:?}");
    assert_eq!(count(&sync(&work, &["one", "two"]), "records"), [0, 0]);
}

#[test]
fn a_file_that_is_listed_no_more_is_told_as_gone_once_and_again_when_it_is_back() {
    let line = |id: &str| format!("{{\"type\":\"artefact\",\"id\":\"{id}\",\"kind\":\"model\"}}\n");
    let files = Arc::new(Mutex::new(BTreeMap::from([
        ("a.lineage.jsonl".to_owned(), line("model:a")),
        ("b.lineage.jsonl".to_owned(), line("model:b") + &line("model:c")),
    ])));
    let held = Arc::clone(&files);
    let server = Listener::new(None, move |head| {
        let name = head.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
        let files = held.lock().unwrap();
        if name.is_empty() {
            let page: String = files.keys().map(|name| format!("<a href=\"{name}\">{name}</a>")).collect();
            return ("200 OK\r\ncontent-type: text/html".to_owned(), page.into_bytes());
        }
        files
            .get(&name)
            .map_or_else(nothing, |text| ("200 OK\r\ncontent-type: text/plain".to_owned(), text.clone().into_bytes()))
    });
    let work = Workspace::new();
    add(&work, "shelf", &server);
    assert_eq!(count(&sync(&work, &["shelf"]), "records"), [2]);
    let taken = files.lock().unwrap().remove("b.lineage.jsonl").unwrap();
    let gone = sync(&work, &["shelf"]);
    assert_eq!((count(&gone, "gone"), count(&gone, "records")), (vec![1], vec![1]), "{gone:?}");
    let shown = work.run(&["show", &format!("file:http://{}#files/b.lineage.jsonl", server.address)]).answered().out;
    assert!(shown.contains("gone"), "{shown}");
    // What was in it may be true still.
    assert!(!work.run(&["show", "model:c"]).answered().out.contains("gone"));
    assert_eq!(count(&sync(&work, &["shelf"]), "records"), [0]);
    files.lock().unwrap().insert("b.lineage.jsonl".to_owned(), taken);
    sync(&work, &["shelf"]);
    let back = work.run(&["show", &format!("file:http://{}#files/b.lineage.jsonl", server.address)]).answered().out;
    assert!(back.contains("there"), "{back}");
    assert_eq!(count(&sync(&work, &["shelf"]), "records"), [0]);
    files.lock().unwrap().remove("b.lineage.jsonl");
    assert_eq!(count(&sync(&work, &["shelf"]), "gone"), [1]);
}

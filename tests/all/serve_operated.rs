//! The receiver as whoever runs it sees it: one line a request, an end in order, whether it is well, and only one of it to
//! a ledger. By way of the real binary.

use crate::support::receiver::Receiver;
use crate::support::{NOW, Workspace, json, skipped};
use lastgood::proof::digest::hmac_sha256;
use rustix::process::Signal;
use serde_json::Value;
use std::process::Command;

const LINES: &str = "{\"type\":\"artefact\",\"id\":\"dataset:a@1\",\"kind\":\"dataset\"}\n\
                     {\"type\":\"artefact\",\"id\":\"dataset:b@1\",\"kind\":\"dataset\"}\n";

/// Of a line those members.
fn part(line: &Value, members: &[&str]) -> Value {
    members.iter().map(|name| ((*name).to_owned(), line[*name].clone())).collect::<serde_json::Map<_, _>>().into()
}

#[test]
fn each_request_is_one_line_that_tells_when_how_where_and_what_came_of_it() {
    let workspace = Workspace::new();
    let mut command = workspace.command();
    command.env("LASTGOOD_SERVE_GITHUB_SECRET", "it's a secret");
    let receiver = Receiver::of(command, &[]);
    assert_eq!(receiver.listening["at"], NOW);
    let sent = receiver.post("/records", &[("x-forwarded-for", "203.0.113.7, 10.0.0.2")], LINES);
    assert_eq!(sent.status, 201);
    let said = receiver.said();
    let expected = serde_json::json!({
        "event": "kept", "at": NOW, "method": "POST", "path": "/records", "peer": "127.0.0.1", "status": 201,
        "on_behalf_of": ["203.0.113.7", "10.0.0.2"], "records": 2, "first": 1, "last": 2, "source": "serve:lineage",
    });
    let members: Vec<&str> = expected.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(part(&said, &members), expected, "{said}");
    let record = json(&workspace, &["record", "1"]).to_string();
    assert!(record.contains("from 127.0.0.1, for 203.0.113.7 by way of 10.0.0.2 as it says, no token"), "{record}");

    // What is signed is kept as it was signed, to the byte.
    let body = " {\"action\":\"created\",\"deployment\":{\"id\":1,\"sha\":\"0123456789012345678901234567890123456789\",\
        \"environment\":\"production\",\"created_at\":\"2026-11-18T09:00:00Z\",\"creator\":{\"login\":\"jdoe\",\"id\":7}},\
        \"repository\":{\"full_name\":\"acme/models\"},\"sender\":{\"login\":\"jdoe\",\"id\":7}} ";
    let signature = format!("sha256={}", hex::encode(hmac_sha256(b"it's a secret", &[body.as_bytes()])));
    let headers = [
        ("content-type", "application/json"),
        ("x-github-event", "deployment"),
        ("x-github-delivery", "d-1"),
        ("x-hub-signature-256", signature.as_str()),
    ];
    assert_eq!(receiver.post("/webhooks/github", &headers, body).status, 201);
    let said = receiver.said();
    assert_eq!((&said["delivery"], &said["first"], &said["last"]), (&"d-1".into(), &3.into(), &3.into()), "{said}");
    let kept = workspace.run(&["record", "3", "--json"]).answered().json();
    assert_eq!(kept["content"], body, "{kept}");

    let refused = [
        (receiver.ask("PUT", "/records", &[], LINES), 405, "refused"),
        (receiver.ask("DELETE", "/api/v1/lineage", &[], ""), 405, "refused"),
        (receiver.post("/records", &[], "nonsense"), 400, "refused"),
        (receiver.post("/v1/traces", &[("content-type", "application/json")], "{\"resourceSpans\":1"), 400, "refused"),
        (receiver.post("/webhooks/github", &headers[..3], body), 401, "refused"),
        (receiver.get("/api/2.0/mlflow/experiments/search", &[]), 404, "answered"),
        (receiver.get("/ledger", &[]), 403, "refused"),
    ];
    for (answer, status, event) in &refused {
        let said = receiver.said();
        assert_eq!((answer.status, said["status"].as_u64()), (*status, Some(u64::from(*status))), "{answer:?}: {said}");
        assert_eq!(said["event"], *event, "{said}");
    }
    assert!(refused[0].0.head.contains("allow: post"), "{:?}", refused[0].0);
    let [.., (nowhere, ..), _] = &refused;
    assert!(String::from_utf8_lossy(&nowhere.body).contains("POST /v1/traces"), "its client is told what there is");
    let (code, left) = receiver.end(Signal::TERM);
    assert_eq!(code, Some(0));
    let events: Vec<&str> = left.iter().map(|it| it["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["stopped"], "a line for each, and one at the end: {left:?}");
}

fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")?.trim().chars().last()?.to_digit(16));
    ignored.is_some_and(|mask| mask & 1 == 1)
}

#[test]
fn it_ends_in_order_when_its_terminal_goes_and_is_well_until_then() {
    let workspace = Workspace::new();
    let mut command = workspace.command();
    command.env("LASTGOOD_SERVE_TOKEN", "0123456789abcdef0123456789abcdef");
    let receiver = Receiver::of(command, &[]);
    let health = receiver.get("/health", &[]);
    assert_eq!((health.status, health.body.as_slice()), (200, b"ok\n".as_slice()), "{health:?}");
    assert_eq!(receiver.get("/health", &[("host", "evil.test")]).status, 421);
    assert_eq!(receiver.said()["status"], 421, "of its health nothing is said");
    // What we ignore ourselves is ignored by all that we start, and no shell takes that back.
    if ignores_hangup() {
        skipped("the end at a SIGHUP", "these tests were started to ignore it (nohup)");
        assert_eq!(receiver.stop(), Some(0));
    } else {
        let (code, left) = receiver.end(Signal::HUP);
        assert_eq!((code, left.len(), &left[0]["event"]), (Some(0), 1, &"stopped".into()), "{left:?}");
    }
    let (code, _) = Receiver::start(&workspace, &[]).end(Signal::INT);
    assert_eq!(code, Some(130));
    // Who was started to outlive its terminal does.
    let ours = workspace.command();
    let mut command = Command::new("sh");
    command.env_clear().args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]).arg(ours.get_program());
    command.envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir(workspace.path());
    let receiver = Receiver::of(command, &[]);
    receiver.signal(Signal::HUP);
    for status in [201, 200] {
        assert_eq!(receiver.post("/records", &[], LINES).status, status);
    }
    assert_eq!(receiver.stop(), Some(0));
}

#[test]
fn what_cannot_be_written_is_told_to_who_sent_it_and_to_who_asks_whether_it_is_well() {
    let workspace = Workspace::new();
    let receiver = Receiver::start(&workspace, &[]);
    let other = rusqlite::Connection::open(workspace.ledger()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let busy = receiver.post("/records", &[], LINES);
    let words = String::from_utf8_lossy(&busy.body).into_owned();
    assert!(busy.status == 503 && words.contains("send it again") && !words.contains("ledger.lastgood"), "{busy:?}");
    assert_eq!(receiver.get("/health", &[]).status, 503);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(receiver.post("/records", &[], LINES).status, 201, "sent again");
    assert_eq!(receiver.get("/health", &[]).status, 200);
}

#[test]
fn a_second_receiver_on_a_ledger_is_refused_and_one_after_another_is_not() {
    let workspace = Workspace::new();
    let receiver = Receiver::start(&workspace, &[]);
    let second = workspace.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(second.exit == Some(6) && second.err.contains("receives into this ledger already"), "{second:?}");
    assert_eq!(receiver.post("/records", &[], LINES).status, 201, "the first goes on, and so do the ledger's locks");
    workspace.import("{\"type\":\"artefact\",\"id\":\"dataset:c@1\",\"kind\":\"dataset\"}\n");
    // However it ends, the next one is let in.
    receiver.kill();
    assert_eq!(Receiver::start(&workspace, &[]).stop(), Some(0));
    workspace.run(&["verify"]).answered();
}

//! Where statements came from, and what was told twice: an auditor tells what was signed from what anybody may have pushed.

use crate::support::receiver::{Answer, Receiver};
use crate::support::{Workspace, json};
use lastgood::proof::digest::hmac_sha256;
use serde_json::Value;

const SECRET: &str = "it's a secret";
const CODE: &str = "code:github.com/acme/scorer@1111111111111111111111111111111111111111";

/// A review of a commit as GitHub tells it.
fn review(who: &str) -> String {
    serde_json::json!({
        "action": "submitted",
        "review": {"id": 80, "user": {"login": who, "id": 2, "type": "User"}, "submitted_at": "2026-11-17T10:00:00Z",
            "commit_id": "1111111111111111111111111111111111111111", "state": "approved",
            "html_url": "https://github.com/acme/scorer/pull/12#pullrequestreview-80"},
        "pull_request": {"number": 12, "html_url": "https://github.com/acme/scorer/pull/12",
            "head": {"sha": "1111111111111111111111111111111111111111", "ref": "tune"},
            "base": {"sha": "3333333333333333333333333333333333333333", "ref": "main"}, "merged_at": null},
        "repository": {"id": 7, "full_name": "acme/scorer"},
    })
    .to_string()
}

fn deliver(receiver: &Receiver, delivery: &str, body: &str) -> Answer {
    let signature = format!("sha256={}", hex::encode(hmac_sha256(SECRET.as_bytes(), &[body.as_bytes()])));
    let headers = [
        ("content-type", "application/json"),
        ("x-github-event", "pull_request_review"),
        ("x-github-delivery", delivery),
        ("x-hub-signature-256", signature.as_str()),
    ];
    receiver.post("/webhooks/github", &headers, body)
}

fn receiver(place: &Workspace) -> Receiver {
    let mut command = place.command();
    command.env("LASTGOOD_SERVE_GITHUB_SECRET", SECRET);
    Receiver::of(command, &[])
}

fn approval<'j>(chain: &'j Value, by: &str) -> &'j Value {
    let rows = chain["rows"].as_array().unwrap();
    rows.iter().find(|row| row["link"] == "approval" && row["by"] == by).unwrap_or_else(|| panic!("{chain}"))
}

#[test]
fn a_signed_webhook_and_what_anybody_pushed_do_not_read_alike() {
    let place = Workspace::new();
    let receiver = receiver(&place);
    assert_eq!(deliver(&receiver, "d-1", &review("alice")).status, 201);
    let pushed = format!(
        "{{\"type\":\"evidence\",\"about\":\"{CODE}\",\"kind\":\"approval\",\"scope\":\"risk\",\"by\":\"person:cto\",\
         \"at\":\"2026-11-18T09:00:00Z\",\"verdict\":\"pass\"}}"
    );
    assert_eq!(receiver.post("/records", &[], &pushed).status, 201);
    drop(receiver);
    place.import(&pushed.replace("person:cto", "person:here").replace("\"risk\"", "\"safety\""));

    let chain = place.run(&["chain", CODE, "--json"]).json();
    let signed = approval(&chain, "github:user/alice");
    assert_eq!((&signed["source"], &signed["sender"]), (&"serve:github".into(), &"signature".into()), "{chain}");
    assert_eq!(signed["record"], 1);
    assert!(signed["file"].as_str().unwrap().contains("#delivery d-1") && signed["received"].is_string(), "{signed}");
    let by_anybody = approval(&chain, "person:cto");
    assert_eq!((&by_anybody["source"], &by_anybody["sender"]), (&"serve:lineage".into(), &"no-token".into()));
    assert!(approval(&chain, "person:here")["sender"].is_null());
    let signatures = chain["signatures"].as_str().unwrap();
    assert!(signatures.contains("when received") && signatures.contains("1 link pushed with no token"), "{signatures}");

    for question in ["chain", "show"] {
        let mut command = place.command();
        let said = command.env("COLUMNS", "80").args([question, CODE]).output().unwrap();
        let text = String::from_utf8(said.stdout).unwrap();
        assert!(text.contains("pushed to serve:github, its signature checked when received, received"), "{text}");
        assert!(text.contains("pushed to serve:lineage, with no token, received"), "{text}");
    }
    let shown = json(&place, &["show", CODE]);
    let evidence = shown["evidence"].as_array().unwrap();
    let of = |by: &str| evidence.iter().find(|it| it["by"] == by).unwrap();
    assert_eq!(
        (&of("github:user/alice")["sender"], &of("github:user/alice")["record"]),
        (&"signature".into(), &1.into())
    );
    assert_eq!(of("person:cto")["source"], "serve:lineage");
}

#[test]
fn a_delivery_told_twice_differently_makes_no_chain_complete_and_is_a_finding() {
    let place = Workspace::new();
    let receiver = receiver(&place);
    assert_eq!(deliver(&receiver, "d-1", &review("alice")).status, 201);
    let before = place.run(&["chain", CODE, "--json"]).json();
    assert_eq!(approval(&before, "github:user/alice")["state"], "recorded");
    let other = deliver(&receiver, "d-1", &review("mallory"));
    assert_eq!(other.json()["conflicts"][0]["first_record"], 1, "{other:?}");
    // another delivery is another statement, and not in doubt
    let pushed = format!(
        "{{\"type\":\"evidence\",\"about\":\"{CODE}\",\"kind\":\"approval\",\"scope\":\"risk\",\"by\":\"person:cto\",\
         \"at\":\"2026-11-18T09:00:00Z\",\"verdict\":\"pass\"}}"
    );
    assert_eq!(receiver.post("/records", &[], pushed).status, 201);
    drop(receiver);
    place.import(
        &[
            r#"{"type":"artefact","id":"model-version:m@1","kind":"model-version"}"#.to_owned(),
            format!(r#"{{"type":"link","from":"model-version:m@1","to":"{CODE}","relation":"built-from"}}"#),
            r#"{"type":"artefact","id":"deployment:m/eu","kind":"deployment"}"#.to_owned(),
            r#"{"type":"link","from":"deployment:m/eu","to":"model-version:m@1","relation":"deploys","since":"2026-11-01T00:00:00Z"}"#
                .to_owned(),
        ]
        .join("\n"),
    );

    let chain = place.run(&["chain", CODE, "--json"]).json();
    let approvals: Vec<&Value> =
        chain["rows"].as_array().unwrap().iter().filter(|row| row["link"] == "approval").collect();
    let doubted = approvals.iter().find(|row| row["scope"] == "pull-request").unwrap();
    assert_eq!(doubted["state"], "void", "{chain}");
    let why = doubted["reasons"][0].as_str().unwrap();
    assert!(why.contains("delivery d-1") && why.contains("lastgood record 1 with lastgood record 2"), "{why}");
    assert_eq!(approval(&chain, "person:cto")["state"], "recorded", "{chain}");
    assert_eq!(chain["complete"], false);
    assert!(!chain["verdict"].as_str().unwrap().starts_with("complete"), "{chain}");

    let gaps = place.run(&["gaps", "--json"]).json();
    let finding = gaps["rows"].as_array().unwrap().iter().find(|row| row["requirement"] == "told-once");
    let finding = finding.unwrap_or_else(|| panic!("{gaps}"));
    assert!(finding["says"].as_str().unwrap().contains("compare lastgood record 1"), "{finding}");
    assert!(finding["closes"].as_str().unwrap().contains("look at both records"), "{finding}");
}

#[test]
fn an_approval_that_was_told_twice_meets_no_requirement() {
    let claims = |repeat: &str| {
        format!(
            "{}\n{}\n{}\n{}\n{repeat}",
            r#"{"type":"artefact","id":"model-version:m@1","kind":"model-version","risk":"high","digests":["sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]}"#,
            r#"{"type":"artefact","id":"deployment:m/eu","kind":"deployment","environment":"prod"}"#,
            r#"{"type":"link","from":"deployment:m/eu","to":"model-version:m@1","relation":"deploys","since":"2026-11-01T00:00:00Z"}"#,
            r#"{"type":"evidence","about":"model-version:m@1","kind":"approval","scope":"model-risk-review","by":"person:a","at":"2026-11-02T00:00:00Z","verdict":"pass","covers":["sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]}"#,
        )
    };
    let repeat = r#"{"type":"evidence","about":"model-version:m@1","kind":"verification","scope":"conflicting-repeat","verdict":"fail","at":"2026-11-03T00:00:00Z","by":"somebody"}"#;
    for (repeat, expected) in [("", "recorded"), (repeat, "void")] {
        let place = Workspace::holding(&claims(repeat));
        let chain = place.run(&["chain", "deployment:m/eu", "--json"]).json();
        assert_eq!(approval(&chain, "person:a")["state"], expected, "{chain}");
        let gaps = place.run(&["gaps", "model-version:m@1", "--json"]).json();
        let of = |requirement: &str| {
            let rows = gaps["rows"].as_array().unwrap();
            rows.iter().find(|row| row["requirement"] == requirement).map(|row| row["state"].clone())
        };
        let lacks = (!repeat.is_empty()).then(|| Value::from("void"));
        assert_eq!((of("approval"), of("told-once")), (lacks.clone(), lacks), "{gaps}");
    }
}

#[test]
fn names_that_tell_how_something_came_in_are_refused_with_why() {
    let place = Workspace::new();
    let file = place.file("x.jsonl", r#"{"type":"artefact","id":"dataset:d@1","kind":"dataset"}"#);
    let file = file.to_str().unwrap();
    for name in
        ["serve:github", "serve", "ledger:alpha/serve:github", "investigator", "investigator:x", " Serve:GitHub"]
    {
        let said = place.run(&["import", file, "--source", name]);
        assert_eq!(said.exit, Some(2), "{name}: {}", said.err);
        assert!(said.err.contains("is for what") && said.err.contains("name another"), "{}", said.err);
    }
    for name in ["server", "ledgers:x", "file:serve:x"] {
        assert_eq!(place.run(&["import", file, "--source", name]).exit, Some(0), "{name}");
    }
    let said = place.run(&["source", "add", "serve", "http://127.0.0.1:9", "--kind", "marquez", "--unseen"]);
    assert!(said.exit == Some(2) && said.err.contains("lastgood serve"), "{}", said.err);
}

#[test]
fn a_mark_that_was_pushed_says_so_and_who_took_it_back_where() {
    let place = Workspace::holding(r#"{"type":"artefact","id":"dataset:d@1","kind":"dataset"}"#);
    let receiver = receiver(&place);
    let mark = r#"{"type":"mark","about":"dataset:d@1","mark":"compromised","by":"person:x","at":"2026-11-16T00:00:00Z","reason":"leaked"}"#;
    assert_eq!(receiver.post("/records", &[], mark).status, 201);
    let text = place.run(&["marks"]).out;
    assert!(text.contains("in serve:lineage") || text.contains("serve:lineage"), "{text}");
    let claim = json(&place, &["marks"])["rows"][0]["claim"].as_str().unwrap().to_owned();
    let back = format!(
        r#"{{"type":"retract","what":"{claim}","by":"person:y","at":"2026-11-17T00:00:00Z","reason":"not so"}}"#
    );
    assert_eq!(receiver.post("/records", &[], back).status, 201);
    drop(receiver);
    let all = json(&place, &["marks", "--all"]);
    let taken = &all["rows"][0]["retracted"];
    for (key, expected) in [("by", "person:y"), ("reason", "not so"), ("source", "serve:lineage")] {
        assert_eq!(taken[key], expected, "{all}");
    }
    assert_eq!(taken["claim"].as_str().unwrap().split_once('.').unwrap().0, taken["record"].to_string(), "{all}");
    assert!(taken["at"].is_string());
}

#[test]
fn sources_are_called_what_they_are_and_stats_says_where_things_are() {
    let empty = Workspace::new();
    let said = empty.run(&["stats"]);
    assert!(
        said.exit != Some(0) && said.out.contains("settings") && said.out.contains("policy"),
        "{}{}",
        said.out,
        said.err
    );

    let place = Workspace::holding(r#"{"type":"artefact","id":"dataset:d@1","kind":"dataset"}"#);
    let receiver = receiver(&place);
    assert_eq!(deliver(&receiver, "d-1", &review("alice")).status, 201);
    assert_eq!(receiver.post("/records", &[], "{\"type\":\"artefact\"}").status, 400);
    drop(receiver);
    place.run(&["mark", "dataset:d@1", "suspect", "--reason", "odd"]).answered();
    let listed = json(&place, &["source", "list"]);
    let kind = |name: &str| {
        let rows = listed["rows"].as_array().unwrap();
        rows.iter().find(|row| row["name"] == name).map(|row| row["kind"].as_str().unwrap().to_owned())
    };
    assert_eq!(kind("serve:github").as_deref(), Some("pushed"), "{listed}");
    assert_eq!(kind("investigator").as_deref(), Some("investigator"), "{listed}");
    let stats = json(&place, &["stats"]);
    assert_eq!(stats["sources"], listed["completeness"]["at_least"], "{stats} {listed}");
    assert!(stats["key"].as_str().is_some_and(|key| key.contains('+')), "{stats}");
    let (short, long) = (place.run(&["source", "list"]).out, place.run(&["source", "list", "-v"]).out);
    assert!(short.contains("-v lists") && !long.contains("-v lists"), "{short}\n{long}");
    assert!(long.contains("serve:lineage: POST /records"), "{long}");
}

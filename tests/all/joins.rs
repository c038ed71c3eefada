//! One incident as nine producers tell it, each in its own format and each naming things its own way: they fold
//! into one lineage where something strong is shared, each fold says why, and where nothing strong is shared
//! nothing folds. The documents are in `tests/incident`; what is in them is made up.

use crate::support::{Workspace, library};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const ACTION: &str = "step:otel/4bf92f3577b34da6a3ce929d0e0e4736/20f067aa0ba902b7";
const AGENT: &str = "deployment:k8s/payments/deployment/refund-agent";

fn incident() -> Workspace {
    let workspace = Workspace::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/incident");
    let report = workspace.run(&["--json", "import", folder]).answered().json();
    let formats: BTreeSet<&str> = report["formats"].as_object().unwrap().keys().map(String::as_str).collect();
    let wanted = [
        "attestation",
        "cloudtrail",
        "cyclonedx",
        "github",
        "identity-inventory",
        "kubernetes",
        "mcp",
        "openlineage",
        "otel",
    ];
    assert_eq!(formats, BTreeSet::from(wanted));
    assert_eq!(report["quarantined"], serde_json::json!([]));
    workspace
}

/// The answer of the command line, which the library gives too.
fn ask(workspace: &Workspace, words: &[&str]) -> Value {
    let said = workspace.run(&[&["--json"], words].concat()).answered().json();
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    if let Some(answer) = library::answer(&workspace.ledger(), None, &words) {
        assert_eq!(answer["rows"], said["rows"], "{words:?}: the library answers otherwise");
    }
    said
}

/// What an artefact is called elsewhere, and why that is the same.
fn aliases(shown: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = shown["aliases"].as_array().unwrap();
    list.iter().map(|alias| (text(&alias["id"]), text(&alias["why"]))).collect()
}

#[test]
fn what_nine_producers_call_by_their_own_names_is_one_and_says_why() {
    let workspace = incident();
    let (image, model, data, commit) = ("c3".repeat(32), "d4".repeat(32), "71".repeat(32), "9f3ab17c".repeat(5));
    let revision = "0123456789abcdef0123456789abcdef01234567";
    for (asked, other, why) in [
        // A signed file is the model of the bill of materials, and what was trained on is its dataset.
        (format!("sha256:{model}"), "refund-policy", format!("both have sha256:{model}")),
        (format!("sha256:{data}"), "refund", format!("both have sha256:{data}")),
        // The commit of the build, of the review, of the scheduler and of the trace.
        (commit.clone(), "code:", format!("both have git:{commit}")),
        // The base model of the bill of materials is the one that the cluster serves.
        ("Quill/Base-7B@".to_owned() + revision, "base-7b", format!("both have hf:models/quill/base-7b@{revision}")),
        // What the trace calls an action is what the tool's server answered.
        (ACTION.to_owned(), "step:mcp/s-44/call/3", "the trace names the session and the request of MCP".to_owned()),
        // The role in the account's log is the identity of the inventory.
        (
            "sa/refund-agent".to_owned(),
            "arn:",
            "both have arn:aws:iam::111122223333:role/agents/RefundAgent".to_owned(),
        ),
    ] {
        let id = resolved(&workspace, &asked);
        let shown = ask(&workspace, &["show", &id]);
        let aliases = aliases(&shown);
        assert!(!aliases.is_empty(), "{asked}: nothing was folded into {id}: {shown}");
        assert!(aliases.iter().any(|(_, said)| *said == why), "{asked}: {aliases:#?}");
        let known = [id.clone()].into_iter().chain(aliases.into_keys()).any(|id| id.contains(other));
        assert!(known, "{asked}: {id} is not {other}");
    }
    // The image of the build, of the cluster and of the trace has one id everywhere.
    let id = resolved(&workspace, &format!("sha256:{image}"));
    let tree = ask(&workspace, &["tree", AGENT, "--up"]);
    assert!(tree["rows"].as_array().unwrap().iter().any(|row| row["id"] == id.as_str()), "{tree}");
}

fn resolved(workspace: &Workspace, text: &str) -> String {
    ask(workspace, &["show", text])["rows"][0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn the_action_leads_to_the_dataset_and_to_who_approved() {
    let workspace = incident();
    let data = resolved(&workspace, &format!("sha256:{}", "71".repeat(32)));
    let path = ask(&workspace, &["path", ACTION, &data]);
    let hops: Vec<(&str, &str)> = path["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hop| (hop["relation"].as_str().unwrap(), hop["source"].as_str().unwrap().rsplit('/').next().unwrap()))
        .collect();
    assert!(hops.len() >= 3, "{path}");
    // The way goes through what three producers said, and each hop names the file that says it.
    let sources: BTreeSet<&str> = hops.iter().map(|(_, source)| *source).collect();
    assert!(sources.contains("actions.otlp.json") && sources.contains("build.intoto.json"), "{hops:?}");

    let code = resolved(&workspace, &"9f3ab17c".repeat(5));
    let to_code = ask(&workspace, &["path", ACTION, &code]);
    assert!(!to_code["rows"].as_array().unwrap().is_empty());
    let shown = ask(&workspace, &["show", &code]);
    let approvals: Vec<&Value> =
        shown["evidence"].as_array().unwrap().iter().filter(|evidence| evidence["kind"] == "approval").collect();
    assert_eq!(approvals.len(), 1, "{shown}");
    assert_eq!(approvals[0]["by"], "github:user/cy", "{shown}");

    // Both ways: what the dataset reaches, the action among it.
    let impact = ask(&workspace, &["impact", &data]);
    let reached: BTreeSet<&str> =
        impact["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    let action = resolved(&workspace, ACTION);
    assert!(reached.contains(AGENT) && reached.contains(action.as_str()), "{reached:#?}");
}

#[test]
fn what_shares_only_a_name_stays_apart() {
    let workspace = incident();
    // One storage path at two moments, a tool call and an event of one second, a model asked for by its name.
    for (one, other) in [
        ("dataset:s3://lake/refunds.parquet", "sha256:".to_owned() + &"71".repeat(32)),
        (ACTION, "step:event/e-991".to_owned()),
        ("model:vllm/Quill/Base-7B", "model:hf/quill/base-7b".to_owned()),
    ] {
        let one_id = ask(&workspace, &["show", one])["rows"][0]["id"].as_str().unwrap().to_owned();
        assert_ne!(one_id, resolved(&workspace, &other), "{one}");
    }
}

#[test]
fn what_is_only_alike_is_a_candidate_until_somebody_says_that_it_is_one() {
    let workspace = incident();
    let candidates = |id: &str| -> BTreeMap<String, String> {
        let shown = ask(&workspace, &["show", id]);
        let list = shown["candidates"].as_array().unwrap().iter();
        list.map(|it| (it["id"].as_str().unwrap().to_owned(), it["why"].as_str().unwrap().to_owned())).collect()
    };
    // A model by the name that a trace asked for, and the repository of that name.
    let (asked, repository) = ("model:vllm/Quill/Base-7B", "model:hf/quill/base-7b");
    for (one, other) in [(asked, repository), (repository, asked)] {
        assert_eq!(candidates(one).get(other).map(String::as_str), Some("two sources have a model called base-7b"));
    }
    let text = workspace.run(&["show", asked]).answered().out;
    assert!(text.contains("may be the same") && text.contains(&format!("lastgood same {asked}")), "{text}");
    // One place at two moments.
    let (place, bytes) = (
        resolved(&workspace, "dataset:s3://lake/refunds.parquet"),
        resolved(&workspace, &format!("sha256:{}", "71".repeat(32))),
    );
    assert_eq!(
        candidates(&place).get(&bytes).map(String::as_str),
        Some("both are said to lie at s3://lake/refunds.parquet")
    );

    // Somebody says so: it is one, with the reason, and no candidate any more.
    let said = workspace.run(&["same", asked, repository, "--reason", "vllm serves that repository"]).answered();
    let claim = said.err.split("lastgood unmark ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    let one = resolved(&workspace, asked);
    assert_eq!(one, resolved(&workspace, repository));
    let why = aliases(&ask(&workspace, &["show", &one])).into_values().find(|why| why.contains("vllm serves"));
    assert!(why.is_some_and(|why| why.contains("says so")), "{said:?}");
    assert!(candidates(&one).is_empty());
    assert_eq!(workspace.run(&["same", asked, repository, "--reason", "again"]).exit, Some(2));
    // And takes it back.
    workspace.run(&["unmark", &claim, "--reason", "another revision"]).answered();
    assert_ne!(resolved(&workspace, asked), resolved(&workspace, repository));
    assert!(candidates(asked).contains_key(repository));
}

#[test]
fn weak_digests_tables_and_moments_make_candidates_and_one_source_does_not() {
    let workspace = Workspace::new();
    let lines = [
        r#"{"type":"artefact","id":"dataset:mlflow/one/tx@1a2b3c4d","kind":"dataset","name":"tx","version":"1a2b3c4d"}"#,
        r#"{"type":"artefact","id":"dataset:mlflow/two/tx@1a2b3c4d","kind":"dataset","name":"tx","version":"1a2b3c4d"}"#,
        r#"{"type":"artefact","id":"dataset:mlflow/two/tx@99999999","kind":"dataset","name":"tx","version":"99999999"}"#,
        r#"{"type":"artefact","id":"dataset:snow","kind":"dataset","identifiers":["ol:snowflake://acct|LAKE.PAY.REFUNDS"]}"#,
        r#"{"type":"artefact","id":"dataset:lake.pay.refunds","kind":"dataset"}"#,
        r#"{"type":"artefact","id":"model-version:hf/a/scorer@7","kind":"model-version","name":"a/scorer","version":"7"}"#,
        r#"{"type":"artefact","id":"model-version:hf/b/scorer@7","kind":"model-version","name":"b/scorer","version":"7"}"#,
        r#"{"type":"artefact","id":"model-version:mlflow/x/scorer@7","kind":"model-version","name":"scorer","version":"7"}"#,
        r#"{"type":"artefact","id":"model-version:mlflow/x/scorer@8","kind":"model-version","name":"scorer","version":"8"}"#,
        r#"{"type":"artefact","id":"step:otel/t/1","kind":"step","at":"2026-11-19T10:00:04Z"}"#,
        r#"{"type":"artefact","id":"step:event/e1","kind":"step","at":"2026-11-19T10:00:06Z"}"#,
        r#"{"type":"artefact","id":"step:event/e2","kind":"step","at":"2026-11-19T10:09:00Z"}"#,
        r#"{"type":"link","from":"step:otel/t/1","to":"identity:sa/refund","relation":"runs-as"}"#,
        r#"{"type":"link","from":"step:event/e1","to":"identity:sa/refund","relation":"runs-as"}"#,
        r#"{"type":"link","from":"step:event/e2","to":"identity:sa/refund","relation":"runs-as"}"#,
    ];
    let file = workspace.path().join("a.lineage.jsonl");
    std::fs::write(&file, lines.join("\n")).unwrap();
    workspace.run(&["import", file.to_str().unwrap()]).answered();
    for (id, wanted) in [
        (
            "dataset:mlflow/one/tx@1a2b3c4d",
            vec![(
                "dataset:mlflow/two/tx@1a2b3c4d",
                "both are called tx with the digest 1a2b3c4d, which is taken of a sample",
            )],
        ),
        ("dataset:mlflow/two/tx@99999999", vec![]),
        ("dataset:snow", vec![("dataset:lake.pay.refunds", "both are a table lake.pay.refunds, by another spelling")]),
        (
            "model-version:mlflow/x/scorer@7",
            vec![
                ("model-version:hf/a/scorer@7", "two sources have a version 7 of a model called scorer"),
                ("model-version:hf/b/scorer@7", "two sources have a version 7 of a model called scorer"),
            ],
        ),
        ("model-version:mlflow/x/scorer@8", vec![]),
        ("step:otel/t/1", vec![("step:event/e1", "both ran as identity:sa/refund 2.0 s apart, in two accounts")]),
    ] {
        let shown = ask(&workspace, &["show", id]);
        let found: Vec<(&str, &str)> = shown["candidates"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (it["id"].as_str().unwrap(), it["why"].as_str().unwrap()))
            .collect();
        assert_eq!(found, wanted, "{id}");
        assert_eq!(shown["aliases"], serde_json::json!([]), "{id}");
    }
}

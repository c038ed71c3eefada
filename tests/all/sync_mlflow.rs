//! A real MLflow server, below a path of its own: everything arrives that its database holds, a second look finds
//! nothing new in a few requests, and what moves or is deleted between two looks becomes history.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use crate::support::mlflow::{Relay, Server, filled, free_port, python};
use crate::support::{Workspace, forge, json, said, skipped};
use serde_json::Value;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

const KINDS: [&str; 11] = [
    "run",
    "model",
    "model-version",
    "prompt",
    "dataset",
    "deployment",
    "experiment",
    "step",
    "agent",
    "identity",
    "code",
];

fn ids(work: &Workspace) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for kind in KINDS {
        let said = work.run(&["--json", "find", "--limit", "10000", &format!("kind:{kind}")]);
        assert!(matches!(said.exit, Some(0 | 1)), "{said:?}");
        let said = said.json();
        found.extend(said["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
    }
    found
}

/// What is held, whatever the order in which it came.
fn holdings(work: &Workspace) -> (BTreeSet<String>, Vec<Value>) {
    let stats = json(work, &["stats"]);
    let counts = ["records", "artefacts", "links", "evidence"].iter().map(|key| stats["rows"][0][*key].clone());
    (ids(work), counts.collect())
}

/// A sync at that minute of the hour.
fn sync(work: &Workspace, minute: u32) -> Value {
    let mut command = work.command();
    command.args(["sync", "live", "--json"]).env("LASTGOOD_CLOCK", format!("2026-11-19T02:{minute:02}:00Z"));
    let said = said(command.output().unwrap());
    assert_eq!(said.exit, Some(0), "{said:?}");
    said.json()
}

/// What stands directly around an artefact.
fn around(work: &Workspace, id: &str) -> BTreeSet<String> {
    let rows = work.run(&["tree", id, "--depth", "1", "--json"]).answered().json()["rows"].clone();
    rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

/// One version, its run and that run's datasets, of a server of which nothing was pulled: what `whole` says of them.
fn one_version_by_itself(url: &str, whole: &Workspace) {
    let work = Workspace::new();
    work.run(&["source", "add", "live", url]).answered();
    let looked = work.run(&["sync", "--around", "models:/fraud-scorer/2", "--json"]).answered().json();
    assert!(looked["records"].as_u64() >= Some(3) && looked["requests"].as_u64() <= Some(60), "{looked}");
    assert_eq!(
        (looked["around"].as_str(), looked["failed"].as_array().map(Vec::len)),
        (Some("models:/fraud-scorer/2"), Some(0))
    );
    let found = work.run(&["show", "models:/fraud-scorer/2", "--json"]).answered().json();
    let version = found["rows"][0]["id"].as_str().unwrap();
    let stands = around(&work, version);
    assert_eq!(stands, around(whole, version));
    let run = stands.iter().find(|id| id.starts_with("run:mlflow/")).unwrap_or_else(|| panic!("{stands:?}"));
    assert_eq!(around(&work, run), around(whole, run));
    // the sync that follows finds it as it was, and goes on to the rest
    let synced = sync(&work, 5);
    assert_eq!((synced["changed"].as_u64(), synced["gone"].as_u64()), (Some(0), Some(0)), "{synced}");
    assert!(synced["unchanged"].as_u64() >= looked["records"].as_u64().map(|it| it - 1), "{synced}");
    assert_eq!(ids(&work), ids(whole));
}

#[test]
fn a_server_arrives_whole_and_what_moves_becomes_history() {
    let Some(python) = python("a live MLflow server") else { return };
    let from_file = Workspace::new();
    let database = from_file.path().join("mlflow.db");
    let seed = filled(&python, "seed.py", &[&format!("sqlite:///{}", database.display())], from_file.path());
    from_file.run(&["import", &database.display().to_string()]).answered();
    let kept = from_file.path().join("kept");
    let more = ["--artifacts-destination", kept.to_str().unwrap()];
    let server = Server::start(&python, &database, free_port(), "/ml", &more, &[]);
    let work = Workspace::new();
    let url = format!("http://127.0.0.1:{}/ml", server.port);
    let added = work.run(&["source", "add", "live", &url]).answered();
    assert!(added.out.contains("MLflow 3."), "{added:?}");
    let first = sync(&work, 10);
    assert_eq!((first["complete"].as_bool(), first["quarantined_count"].as_u64()), (Some(true), Some(0)), "{first}");
    // A deleted version stands in the database alone, and so do the whole request and response of a trace.
    let there = ids(&work);
    let apart = |id: &str| {
        id.ends_with("/fraud-scorer@3")
            || id.starts_with("step:") && (id.ends_with("/prompt") || id.ends_with("/output"))
    };
    let missing: Vec<String> = ids(&from_file).into_iter().filter(|id| !there.contains(id) && !apart(id)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    one_version_by_itself(&url, &work);
    let again = sync(&work, 20);
    assert!(again["requests"].as_u64().unwrap() <= 10, "{again}");
    assert_eq!((again["records"].as_u64(), again["changed"].as_u64()), (Some(0), Some(0)), "{again}");

    let moved = r#"{"name":"fraud-scorer","alias":"champion","version":"1"}"#;
    server.change("POST", "2.0/mlflow/registered-models/alias", moved);
    let run = seed["run"].as_str().unwrap();
    server.change("POST", "2.0/mlflow/runs/delete", &format!("{{\"run_id\":\"{run}\"}}"));
    let third = sync(&work, 30);
    assert_eq!(third["changed"].as_u64(), Some(2), "{third}");
    let found = work.run(&["find", "--json", "kind:deployment champion"]).answered().json();
    let alias = found["rows"][0]["id"].as_str().unwrap().to_owned();
    let tree = |work: &Workspace| work.run(&["tree", "--depth", "1", &alias]).answered().out;
    let now = tree(&work);
    assert!(now.contains("fraud-scorer@1  (began between") && now.contains("fraud-scorer@2  (ended between"), "{now}");
    assert!(work.run(&["show", &format!("run:mlflow/{run}")]).answered().out.contains("deleted"));

    // Back again: each time it pointed there is a link of its own.
    server.change("POST", "2.0/mlflow/registered-models/alias", &moved.replace("\"1\"", "\"2\""));
    assert_eq!(sync(&work, 40)["changed"].as_u64(), Some(1));
    work.run(&["rebuild"]).answered();
    let then = tree(&work);
    let of_two = then.lines().filter(|line| line.contains("fraud-scorer@2")).count();
    assert!(of_two == 2 || then.contains("fraud-scorer@2  (began between"), "{then}");
    assert!(then.lines().any(|it| it.contains("fraud-scorer@1  (began between") && it.contains("ended")), "{then}");
    what_is_seldom_there_arrives_too(&server, &work, &seed);
    the_environment_of_a_version_that_is_no_logged_model_arrives(&server, &work, &kept);

    drop(server);
    let dead = work.run(&["sync", "live", "--json"]);
    assert_eq!(dead.exit, Some(5), "{dead:?}");
    let listed = work.run(&["source", "list", "--json"]).answered().json();
    assert_eq!(listed["rows"][0]["state"], "failed", "{listed}");
}

/// Lists that were empty are asked for in turn, so that three looks see all of them.
fn what_is_seldom_there_arrives_too(server: &Server, work: &Workspace, seed: &Value) {
    let servers = "3.0/mlflow/mcp-servers";
    server.change("POST", servers, r#"{"name":"io.example/tickets"}"#);
    let version = r#"{"server_json":{"name":"io.example/tickets","version":"1.2.0",
        "packages":[{"registryType":"npm","identifier":"@example/tickets","version":"1.2.0",
        "transport":{"type":"stdio"}}]},
        "status":"active","tools":[{"name":"refund","description":"gives money back"}]}"#;
    server.change("POST", &format!("{servers}/io.example/tickets/versions"), version);
    let alias = r#"{"alias":"prod","version":"1.2.0"}"#;
    server.change("POST", &format!("{servers}/io.example/tickets/aliases"), alias);
    let endpoint = r#"{"server_alias":"prod","url":"https://mcp.example.test/tickets"}"#;
    server.change("POST", &format!("{servers}/io.example/tickets/endpoints"), endpoint);
    server.change("POST", "3.0/mlflow/datasets/create", r#"{"name":"golden","experiment_ids":["1"]}"#);
    let scorer = r#"{"experiment_id":"1","name":"polite","serialized_scorer":"{\"name\":\"polite\"}"}"#;
    server.change("POST", "3.0/mlflow/scorers/register", scorer);
    // A judgement that comes long after its trace.
    let trace = seed["trace"].as_str().unwrap();
    let late = format!(
        r#"{{"assessment":{{"assessment_name":"late","trace_id":"{trace}","feedback":{{"value":false}},"source":{{"source_type":"HUMAN","source_id":"q.novak"}},"rationale":"seen in the audit"}}}}"#
    );
    server.change("POST", &format!("3.0/mlflow/traces/{trace}/assessments"), &late);
    for minute in 41..44 {
        sync(work, minute);
    }
    let rows = |question: &str| json(work, &["find", question])["rows"].as_array().unwrap().clone();
    let tools: Vec<String> =
        rows("kind:tool tickets").iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    assert!(tools.iter().any(|id| id.ends_with("io.example/tickets@1.2.0/refund")), "{tools:?}");
    for (question, name) in [
        ("kind:endpoint mcp.example", "https://mcp.example.test/tickets"),
        ("kind:dataset golden", "golden"),
        ("kind:scorer polite", "polite"),
    ] {
        let found = rows(question);
        assert!(found.iter().any(|row| row["name"] == name), "{question}: {found:?}");
    }
    let judged = work.run(&["find", "--json", "q.novak"]).answered().json();
    assert!(!judged["rows"].as_array().unwrap().is_empty(), "{judged}");
    let quiet = sync(work, 50);
    assert_eq!((quiet["records"].as_u64(), quiet["changed"].as_u64()), (Some(0), Some(0)), "{quiet}");
}

/// As clients of MLflow 2 leave them: files of a run, registered by their place.
fn the_environment_of_a_version_that_is_no_logged_model_arrives(server: &Server, work: &Workspace, kept: &Path) {
    let made = |path: &str, body: &str, key: &str| {
        let answer = server.change("POST", &format!("2.0/mlflow/{path}"), body);
        let answer: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        answer.pointer(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let experiment = made("experiments/create", r#"{"name":"older"}"#, "/experiment_id");
    let run = format!("{{\"experiment_id\":\"{experiment}\"}}");
    let run = made("runs/create", &run, "/run/info/run_id");
    let files = kept.join(format!("{experiment}/{run}/artifacts/model"));
    std::fs::create_dir_all(&files).unwrap();
    let described = format!(
        "artifact_path: model\nflavors:\n  python_function:\n    python_version: 3.11.4\nmlflow_version: 2.22.5\n\
         run_id: {run}\nutc_time_created: '2026-11-18 09:00:00.000000'\n"
    );
    std::fs::write(files.join("MLmodel"), described).unwrap();
    std::fs::write(files.join("requirements.txt"), "scikit-learn==1.7.0\n").unwrap();
    made("registered-models/create", r#"{"name":"older"}"#, "");
    let source = format!("mlflow-artifacts:/{experiment}/{run}/artifacts/model");
    let version = format!("{{\"name\":\"older\",\"source\":\"{source}\",\"run_id\":\"{run}\"}}");
    made("model-versions/create", &version, "");
    sync(work, 55);
    let up = work.run(&["tree", "--up", "--depth", "2", "older@1"]).answered().out;
    assert!(up.contains("scikit-learn@1.7.0"), "{up}");
    let quiet = sync(work, 56);
    assert_eq!((quiet["records"].as_u64(), quiet["changed"].as_u64()), (Some(0), Some(0)), "{quiet}");
}

const SETTINGS: &str = "[mlflow]\ndefault_permission = READ\nadmin_username = admin\nadmin_password = pw-of-admin-7c1\n\
    authorization_function = mlflow.server.auth:authenticate_request_basic_auth\n";

#[test]
fn behind_a_password_a_prefix_and_tls_everything_arrives_just_the_same() {
    let Some(python) = python("an MLflow server with a password and TLS") else { return };
    let has = std::process::Command::new(&python).args(["-c", "import flask_wtf"]).output().unwrap();
    if !has.status.success() {
        return skipped(
            "an MLflow server with a password and TLS",
            "its interpreter lacks Flask-WTF, which passwords need",
        );
    }
    let work = Workspace::new();
    let database = work.path().join("mlflow.db");
    filled(&python, "seed.py", &[&format!("sqlite:///{}", database.display())], work.path());
    let (house, own) = (forge::Key::new(), forge::Key::new());
    let authority = forge::authority(&house, "house", ("house", &house));
    let ca = work.file("ca.pem", forge::armoured("CERTIFICATE", &authority));
    let leaf = forge::tls(&own, ("house", &house), true);
    let certificate = work.file("server.pem", forge::armoured("CERTIFICATE", &leaf));
    let key = work.file("server.key", forge::armoured("PRIVATE KEY", &own.private()));
    let auth = work.path().join("auth.db");
    let settings = work.file("auth.ini", format!("{SETTINGS}database_uri = sqlite:///{}\n", auth.display()));
    let options = format!("--ssl-keyfile {} --ssl-certfile {}", key.display(), certificate.display());
    let more = ["--app-name", "basic-auth", "--uvicorn-opts", options.as_str()];
    let environment =
        [("MLFLOW_FLASK_SERVER_SECRET_KEY", "of-this-test"), ("MLFLOW_AUTH_CONFIG_PATH", settings.to_str().unwrap())];
    let server = Server::start(&python, &database, free_port(), "/ml", &more, &environment);
    let url = format!("https://127.0.0.1:{}/ml", server.port);
    let add = |more: &[&str]| work.run(&[&["source", "add", "live", &url][..], more].concat());
    let unknown = add(&[]);
    assert!(unknown.exit == Some(5) && unknown.out.contains("--ca FILE"), "{unknown:?}");
    let ca = ["--ca", ca.to_str().unwrap()];
    let unnamed = add(&ca);
    assert!(unnamed.exit == Some(5) && unnamed.out.contains("wants a credential"), "{unnamed:?}");
    let secret = |file: &str, text: &str| {
        let file = work.file(file, text);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        file.display().to_string()
    };
    let wrong = secret("wrong", "pw-of-nobody");
    let refused = add(&[&ca[..], &["--user", "admin", "--secret-file", &wrong]].concat());
    assert!(refused.exit == Some(5) && refused.out.contains("does not accept the credential"), "{refused:?}");
    let right = secret("right", "pw-of-admin-7c1\n");
    let added = add(&[&ca[..], &["--user", "admin", "--secret-file", &right]].concat()).answered();
    assert!(added.out.contains("MLflow 3."), "{added:?}");
    let first = sync(&work, 10);
    assert_eq!(
        (first["complete"].as_bool(), first["refused"].as_array().map(Vec::len)),
        (Some(true), Some(0)),
        "{first}"
    );
    let held = ids(&work);
    assert!(held.iter().any(|id| id.ends_with("/fraud-scorer@2")) && held.iter().any(|id| id.starts_with("step:")));
    assert_eq!(sync(&work, 20)["records"].as_u64(), Some(0));
    let ledger = std::fs::read(work.ledger()).unwrap();
    for secret in ["pw-of-admin-7c1", "YWRtaW46cHctb2YtYWRtaW4tN2Mx"] {
        assert!(!ledger.windows(secret.len()).any(|it| it == secret.as_bytes()), "{secret} is in the ledger");
    }
}

#[test]
fn a_server_or_a_sync_that_is_killed_midway_costs_a_second_look_and_nothing_else() {
    let Some(python) = python("an MLflow server that is killed") else { return };
    let place = Workspace::new();
    let database = place.path().join("mlflow.db");
    filled(&python, "bulk.py", &[&database.display().to_string(), "1300"], place.path());
    let mut server = Server::start(&python, &database, free_port(), "", &[], &[]);
    let port = server.port;
    let add = |work: &Workspace, port: u16| {
        let url = format!("http://127.0.0.1:{port}");
        work.run(&["source", "add", "live", &url]).answered();
    };
    let whole = Workspace::new();
    add(&whole, port);
    let all = sync(&whole, 10);
    assert!(all["records"].as_u64().unwrap() > 1500, "{all}");
    let expected = holdings(&whole);

    // Our own process, once a part is in the ledger and the rest is still to come.
    let killed = Workspace::new();
    let relay = Relay::before(port, "model-versions/search");
    add(&killed, relay.port);
    let mut command = killed.command();
    let mut child = command.args(["sync", "live"]).spawn().unwrap();
    relay.until_held();
    while json(&killed, &["stats"])["rows"][0]["records"].as_u64().unwrap() < 1000 {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::park_timeout(std::time::Duration::from_millis(50));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    killed.run(&["verify"]).answered();
    assert!(holdings(&killed).0.len() < expected.0.len(), "it was through already");
    relay.pass();
    let rest = sync(&killed, 20);
    assert!(rest["unchanged"].as_u64().unwrap() >= 1000, "{rest}");
    assert_eq!(holdings(&killed), expected);

    // The server, while the last of its lists is under way.
    let broken = Workspace::new();
    let relay = Relay::before(port, "model-versions/search");
    add(&broken, relay.port);
    let mut command = broken.command();
    let child = command.args(["sync", "live", "--json"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    relay.until_held();
    server.kill();
    let cut = said(child.wait_with_output().unwrap());
    assert!(matches!(cut.exit, Some(3 | 5)), "{cut:?}");
    broken.run(&["verify"]).answered();
    relay.pass();
    let _server = Server::start(&python, &database, port, "", &[], &[]);
    sync(&broken, 30);
    assert_eq!(holdings(&broken), expected);
}

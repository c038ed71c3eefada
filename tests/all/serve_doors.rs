//! Who may send to the receiver and to whom it hands its ledger out, each with a token of its own; and what a client that
//! is named may say of what others said. By way of the real binary.

use crate::support::receiver::Receiver;
use crate::support::{Workspace, json};
use std::path::PathBuf;

const AIRFLOW: &str = "0123456789abcdef0123456789abcdef";
const SPARK: &str = "1123456789abcdef0123456789abcdef";
const NOBODY: &str = "2123456789abcdef0123456789abcdef";
const READER: &str = "fedcba9876543210fedcba9876543210";

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

fn secret(workspace: &Workspace, name: &str, text: &str) -> PathBuf {
    let file = workspace.file(name, text);
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    file
}

fn line(text: &str) -> String {
    format!("{{\"type\":\"artefact\",\"id\":\"dataset:{text}@1\",\"kind\":\"dataset\"}}\n")
}

#[test]
fn the_ledger_is_handed_out_to_its_own_token_and_to_nobody_else() {
    let (north, south) = (Workspace::new(), Workspace::new());
    north.import(&line("a"));
    let paths = ["/ledger", "/ledger/records?after=0&since=0"];
    {
        let receiver = Receiver::start(&north, &[]);
        assert_eq!(receiver.listening["ledger_handed_out"], false);
        for path in paths {
            let refused = receiver.get(path, &[("authorization", &bearer(READER))]);
            let words = String::from_utf8_lossy(&refused.body).into_owned();
            assert!(refused.status == 403 && words.contains("--ledger-token-file"), "{refused:?}");
        }
        assert_eq!(receiver.post("/records", &[], line("b")).status, 201, "whoever may send still does");
        let url = format!("http://{}", receiver.address);
        let added = south.run(&["source", "add", "north", &url]);
        assert!(added.exit == Some(5) && added.out.contains("does not hand out its ledger"), "{added:?}");
    }
    let (senders, readers) = (secret(&north, "senders", AIRFLOW), secret(&north, "readers", READER));
    let options = ["--token-file", senders.to_str().unwrap(), "--ledger-token-file", readers.to_str().unwrap()];
    let receiver = Receiver::start(&north, &options);
    assert_eq!(receiver.listening["ledger_handed_out"], true);
    for path in paths {
        let status = |headers: &[(&str, &str)]| receiver.get(path, headers).status;
        assert_eq!(status(&[]), 401);
        assert_eq!(status(&[("authorization", &bearer(NOBODY))]), 401);
        assert_eq!(status(&[("authorization", &bearer(AIRFLOW))]), 403, "who sends does not read");
        assert_eq!(status(&[("authorization", &bearer(READER))]), 200);
    }
    assert_eq!(receiver.post("/records", &[("authorization", &bearer(READER))], line("c")).status, 401);
    assert_eq!(receiver.post("/records", &[("authorization", &bearer(AIRFLOW))], line("c")).status, 201);
    let url = format!("http://{}", receiver.address);
    for (token, words) in [
        (None, "--secret-file"),
        (Some(NOBODY), "does not accept the credential"),
        (Some(AIRFLOW), "this token is for sending"),
    ] {
        let file = token.map(|token| secret(&south, "shown", token));
        let shown = file.iter().flat_map(|file| ["--secret-file", file.to_str().unwrap()]);
        let arguments: Vec<&str> = ["source", "add", "north", &url].into_iter().chain(shown).collect();
        let added = south.run(&arguments);
        assert!(added.exit == Some(5) && added.out.contains(words), "{words}: {added:?}");
    }
    let shown = secret(&south, "shown", READER);
    south.run(&["source", "add", "north", &url, "--secret-file", shown.to_str().unwrap()]).answered();
    let synced = south.run(&["sync", "--json"]).answered().json();
    assert_eq!(synced["records"], 3, "{synced}");
}

#[test]
fn what_lets_others_in_unasked_is_refused_before_it_listens() {
    let workspace = Workspace::new();
    let named = workspace.run(&["serve", "--host", "recv.example", "--listen", "127.0.0.1:0"]);
    assert!(named.exit == Some(2) && named.err.contains("recv.example") && named.err.contains("try:"), "{named:?}");
    let both = secret(&workspace, "both", AIRFLOW);
    let both = both.to_str().unwrap();
    let same = workspace.run(&["serve", "--token-file", both, "--ledger-token-file", both]);
    assert!(same.exit == Some(2) && same.err.contains("make another"), "{same:?}");
    let bad = secret(&workspace, "bad", &format!("airflow {AIRFLOW}\nSpark! {SPARK}\n"));
    let bad = workspace.run(&["serve", "--token-file", bad.to_str().unwrap()]);
    assert!(bad.exit == Some(2) && bad.err.contains("line 2") && !bad.err.contains(SPARK), "{bad:?}");
}

#[test]
fn a_client_that_is_named_takes_back_what_it_said_itself_and_nothing_else() {
    let workspace = Workspace::new();
    let file = secret(&workspace, "tokens", &format!("airflow {AIRFLOW}\nspark {SPARK}\n\n{NOBODY}\n"));
    let receiver = Receiver::start(&workspace, &["--token-file", file.to_str().unwrap()]);
    assert_eq!(receiver.listening["clients"], serde_json::json!(["airflow", "spark"]));
    let send = |token: &str, lines: &str| {
        let answer = receiver.post("/records", &[("authorization", &bearer(token))], lines);
        assert_eq!(answer.status, 201, "{answer:?}");
        receiver.said()
    };
    let mark = "{\"type\":\"mark\",\"about\":\"dataset:d@1\",\"mark\":\"compromised\",\"reason\":\"flipped\",\
                \"by\":\"person:ada\",\"at\":\"2026-11-18T09:00:00Z\"}\n";
    let said = send(AIRFLOW, &format!("{}{mark}", line("d")));
    assert_eq!((&said["source"], &said["client"]), (&"serve:lineage/airflow".into(), &"airflow".into()), "{said}");
    let marks = || json(&workspace, &["marks"])["rows"].as_array().unwrap().len();
    assert_eq!(marks(), 1);
    let back = |why: &str| {
        format!(
            "{{\"type\":\"retract\",\"what\":\"2.1\",\"reason\":\"{why}\",\"by\":\"person:ceo\",\
             \"at\":\"2026-11-18T10:00:00Z\"}}\n"
        )
    };
    assert_eq!(send(SPARK, &back("not ours"))["source"], "serve:lineage/spark");
    assert_eq!(send(NOBODY, &back("nobody's"))["source"], "serve:lineage");
    assert_eq!(marks(), 1, "another's word stands");
    send(AIRFLOW, &back("a false alarm"));
    assert_eq!(marks(), 0);
    let record = json(&workspace, &["record", "2"]).to_string();
    assert!(record.contains("POST /records from 127.0.0.1, token of airflow"), "{record}");
}

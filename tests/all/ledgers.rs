//! Two ledgers that pull each other over `serve`: they come to the same and then to rest, where each record came from
//! stays known, and one that was rolled back, forked, altered or signed by another key brings nothing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use crate::case::{key, settings};
use crate::support::listener::{Listener, json as answer};
use crate::support::{Said, Workspace, json, said};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};

/// What each hands its ledger out to.
const TOKEN: &str = "fedcba9876543210fedcba9876543210";

/// A ledger behind its `serve`.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    fn of(place: &Workspace) -> Serving {
        let mut command = place.command();
        command.env("LASTGOOD_SERVE_LEDGER_TOKEN", format!("oncall {TOKEN}"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--json"]).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        Serving { child, address: told["address"].as_str().unwrap().to_owned() }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The body of what it answers.
    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!(
            "GET {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {TOKEN}\r\nconnection: close\r\n\r\n",
            self.address
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(!head.to_lowercase().contains("chunked"), "{head}");
        body.to_owned()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().unwrap();
    }
}

/// Names a ledger, with the token that it is handed out to, and more.
fn add_with(place: &Workspace, name: &str, serving: &Serving, more: &[&str]) -> Said {
    let file = place.file("ledger-token", TOKEN);
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let url = serving.url();
    place.run(&[&["source", "add", name, &url, "--secret-file", file.to_str().unwrap()], more].concat())
}

fn add(place: &Workspace, name: &str, serving: &Serving) -> Said {
    add_with(place, name, serving, &[])
}

/// Lines of a small lineage; what both know, and what each knows alone.
fn lines(of: &str) -> String {
    let both = r#"{"type":"artefact","id":"dataset:labels","kind":"dataset","owner":"team:data"}"#;
    format!(
        "{both}\n{{\"type\":\"artefact\",\"id\":\"model-version:{of}@1\",\"kind\":\"model-version\"}}\n\
         {{\"type\":\"link\",\"from\":\"model-version:{of}@1\",\"to\":\"dataset:labels\",\"relation\":\"trained-on\",\"since\":\"2026-11-17T00:00:00Z\"}}\n\
         {{\"type\":\"link\",\"from\":\"deployment:{of}\",\"to\":\"model-version:{of}@1\",\"relation\":\"deploys\",\"since\":\"2026-11-18T00:00:00Z\"}}\n"
    )
}

fn sync(place: &Workspace) -> Said {
    place.run(&["sync", "--json"])
}

/// The rows of an answer, without what each ledger numbers for itself.
fn rows(place: &Workspace, question: &[&str]) -> Vec<Value> {
    let mut rows = json(place, question)["rows"].as_array().unwrap().clone();
    for row in &mut rows {
        let row = row.as_object_mut().unwrap();
        for key in ["claim", "claims", "source", "received", "path_claims", "record", "file", "sender"] {
            row.remove(key);
        }
    }
    rows.sort_by_key(|row| row.to_string());
    rows
}

#[test]
fn two_ledgers_that_pull_each_other_come_to_the_same_and_then_to_rest() {
    let (north, south) = (Workspace::new(), Workspace::new());
    north.import(&lines("north"));
    south.import(&lines("south"));
    north.run(&["mark", "dataset:labels", "compromised", "--reason", "flipped"]).answered();
    south.run(&["mark", "model-version:south@1", "suspect", "--reason", "odd"]).answered();
    let (of_north, of_south) = (Serving::of(&north), Serving::of(&south));
    let added = add_with(&south, "north", &of_north, &["--trust-investigators"]).answered();
    assert!(
        added.out.contains("lastgood with a ledger of 2 records") && added.out.contains("its key is lastgood/"),
        "{added:?}"
    );
    add_with(&north, "south", &of_south, &["--trust-investigators"]).answered();
    for place in [&south, &north, &south] {
        sync(place).answered();
    }
    // who said it, and where: the ledger, the number there, and the time there
    let found = json(&south, &["show", "model-version:north@1"])["claims"].clone();
    let first = found.as_array().and_then(|all| all[0].as_str()).map(str::to_owned);
    let number = first.unwrap_or_else(|| "3.2".to_owned());
    let record = json(&south, &["record", &number]);
    let text = record.to_string();
    assert!(text.contains("ledger:north/test"), "{text}");
    assert!(text.contains(" record 1, received 2026-11-19T03:12:00Z: "), "{text}");
    // what was taken back there is taken back here
    north.run(&["unmark", "dataset:labels", "--reason", "was a false alarm"]).answered();
    north.run(&["mark", "dataset:labels", "suspect", "--reason", "look again"]).answered();
    for place in [&south, &north] {
        sync(place).answered();
    }
    let diff = ["diff", "model-version:north@1", "model-version:south@1"];
    for question in [&["impact", "dataset:labels"][..], &["marks"], &["find", "kind:model-version"], &diff] {
        assert_eq!(rows(&north, question), rows(&south, question), "{question:?}");
    }
    // what came from there stands with it, too
    let listed = json(&south, &["source", "list"])["rows"].clone();
    let from = listed.as_array().unwrap().iter().find(|row| row["name"] == "north").unwrap().clone();
    assert!(from["records"].as_u64() >= Some(3) && from["state"] == "ok", "{from}");
    assert_eq!(rows(&south, &["marks"]).len(), 2);
    assert_eq!(rows(&south, &["impact", "dataset:labels"]).len(), 4);
    for place in [&north, &south, &north, &south] {
        let again = sync(place).answered().json();
        assert_eq!(again["records"].as_u64(), Some(0), "{again}");
        place.run(&["verify"]).answered();
        place.run(&["rebuild"]).answered();
    }
    assert_eq!(rows(&north, &["impact", "dataset:labels"]), rows(&south, &["impact", "dataset:labels"]));
}

#[test]
fn a_signed_mark_stays_signed_and_many_records_come_in_stretches() {
    let (north, south) = (Workspace::new(), Workspace::new());
    let Some((ada, vouched)) = key(&north, "ada") else { return };
    for place in [&north, &south] {
        let allowed = place.file("allowed", format!("{vouched}\n"));
        settings(place, &format!("allowed-signers = {:?}\n", allowed.to_str().unwrap()));
    }
    let line = |at: usize| {
        let hex: Vec<String> =
            (0..60).map(|part| format!("{:032x}", (at * 7919 + part) as u128 * 0x9e37_79b9_7f4a_7c15)).collect();
        format!(
            "{{\"type\":\"artefact\",\"id\":\"dataset:d{at}\",\"kind\":\"dataset\",\"note\":\"{}\"}}\n",
            hex.concat()
        )
    };
    north.import(&(0..6000).map(line).collect::<String>());
    north.run(&["mark", "dataset:d7", "compromised", "--reason", "flipped", &format!("--sign={ada}")]).answered();
    let serving = Serving::of(&north);
    add(&south, "north", &serving).answered();
    let synced = sync(&south).answered().json();
    assert!(synced["requests"].as_u64() >= Some(2), "{synced}");
    assert_eq!(synced["artefacts"].as_u64(), Some(6000), "{synced}");
    let marks = json(&south, &["marks"]);
    assert!(marks.to_string().contains("signed by ada@example.org"), "{marks}");
    assert_eq!(sync(&south).answered().json()["records"].as_u64(), Some(0));
}

#[test]
fn what_was_erased_is_told_and_not_handed_over() {
    let (north, south) = (Workspace::new(), Workspace::new());
    north.import("{\"type\":\"artefact\",\"id\":\"dataset:embarrassing-name\",\"kind\":\"dataset\"}\n");
    north.import(&lines("north"));
    north.run(&["redact", "1", "--reason", "a name"]).answered();
    let serving = Serving::of(&north);
    let bundle = serving.get("/ledger/records?after=0&since=0");
    let hidden = hex::encode("embarrassing");
    assert!(!bundle.contains("embarrassing") && !bundle.contains(&hidden) && bundle.contains("told_in"), "{bundle}");
    add(&south, "north", &serving).answered();
    let told = sync(&south).answered().json();
    assert_eq!(told["records"].as_u64(), Some(1), "{told}");
    assert!(told["warnings"].to_string().contains("erased there"), "{told}");
    // a bundle of the stretch is verified by the second verifier too
    let file = north.file("stretch.bundle", &bundle);
    let key = serde_json::from_str::<Value>(&serving.get("/ledger")).unwrap()["key"].as_str().unwrap().to_owned();
    let ours = north.run(&["verify", &file.display().to_string(), "--key", &key]);
    assert_eq!(ours.exit, Some(0), "{ours:?}");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/bundle/verify_bundle.py");
    let theirs = std::process::Command::new("python3").arg(script).arg(&file).args(["--key", &key]).output().unwrap();
    assert!(said(theirs).out.contains("unanchored"), "the second verifier");
}

#[test]
fn what_is_erased_there_afterwards_is_told_with_where_it_lies_here() {
    let (north, south) = (Workspace::new(), Workspace::new());
    north.import(&lines("north"));
    north.import(&lines("more"));
    let serving = Serving::of(&north);
    add(&south, "north", &serving).answered();
    sync(&south).answered();
    north.run(&["redact", "2", "--reason", "a name"]).answered();
    let told = sync(&south).answered().json();
    let warnings = told["warnings"].to_string();
    assert!(warnings.contains("record 2 was erased there by") && warnings.contains("a name"), "{told}");
    assert!(warnings.contains("lies here still as record 2: lastgood redact 2"), "{told}");
    assert_eq!(sync(&south).answered().json()["warnings_count"].as_u64(), Some(0), "it is told once");
}

#[test]
fn what_investigators_of_another_ledger_said_counts_as_ours_only_where_that_is_wanted() {
    let north = Workspace::new();
    north.import(&lines("north"));
    north.run(&["mark", "deployment:north", "suspect", "--reason", "theirs"]).answered();
    let serving = Serving::of(&north);
    let place = |more: &[&str]| {
        let south = Workspace::new();
        south.import(&lines("south"));
        add_with(&south, "north", &serving, more).answered();
        sync(&south).answered();
        south
    };
    let (wary, trusting) = (place(&[]), place(&["--trust-investigators"]));
    // theirs is there in both, and is no more than what a file says where they are not trusted
    let trust = |south: &Workspace| {
        let marks = rows(south, &["marks"]);
        let theirs = marks.iter().find(|it| it["reason"] == "theirs").unwrap_or_else(|| panic!("{marks:?}"));
        theirs["trust"].as_str().unwrap().to_owned()
    };
    assert_eq!((trust(&wary).as_str(), trust(&trusting).as_str()), ("file", "investigator"));
    // and takes back what is ours, or accepts for us, only there
    north.run(&["mark", "model-version:north@1", "cleared", "--reason", "they say so"]).answered();
    let accepted =
        ["except", "model-version:north@1", "evaluation", "--owner", "person:ada", "--reason", "they say so"];
    north.run(&[&accepted[..], &["--until", "2026-12-19T00:00:00Z"]].concat()).answered();
    for (south, waived) in [(&wary, false), (&trusting, true)] {
        sync(south).answered();
        let gate = south.run(&["gate", "model-version:north@1", "--json"]);
        let text = format!("{}{}", gate.out, gate.err);
        assert_eq!(text.contains("\"waived\":true"), waived, "{text}");
    }
}

#[test]
fn another_ledger_behind_a_known_name_is_refused_and_brings_nothing() {
    let (north, other, south) = (Workspace::new(), Workspace::new(), Workspace::new());
    north.import(&lines("north"));
    other.import(&lines("other"));
    other.import(&lines("more"));
    {
        let serving = Serving::of(&north);
        add(&south, "peer", &serving).answered();
        sync(&south).answered();
    }
    let serving = Serving::of(&other);
    south.run(&["source", "remove", "peer"]).answered();
    add(&south, "peer", &serving).answered();
    let refused = sync(&south);
    assert_eq!(refused.exit, Some(5), "{refused:?}");
    assert!(
        refused.out.contains("came from the ledger lastgood/") && refused.out.contains("a name of its own"),
        "{refused:?}"
    );
    assert_eq!(rows(&south, &["find", "kind:model-version"]).len(), 1);
    // under a name of its own all of it comes, from its first record on
    south.run(&["source", "remove", "peer"]).answered();
    add(&south, "second", &serving).answered();
    sync(&south).answered();
    assert_eq!(rows(&south, &["find", "kind:model-version"]).len(), 3);
}

#[test]
fn a_name_that_another_begins_with_is_another_name() {
    let (north, other, south) = (Workspace::new(), Workspace::new(), Workspace::new());
    for (place, of) in [(&north, "north"), (&other, "other")] {
        place.import(&lines(of));
        place.run(&["mark", &format!("deployment:{of}"), "suspect", "--reason", "odd"]).answered();
    }
    let (of_north, of_other) = (Serving::of(&north), Serving::of(&other));
    add_with(&south, "peer", &of_north, &["--trust-investigators"]).answered();
    add_with(&south, "peers", &of_other, &["--trust-investigators"]).answered();
    for _ in 0..2 {
        sync(&south).answered();
    }
    assert_eq!(rows(&south, &["marks"]).len(), 2);
}

/// The same ledger somewhere else: its file and its keys, and nothing of what was remembered about it.
fn copy_of(place: &Workspace) -> Workspace {
    let copy = Workspace::new();
    let keys = "home/.config/lastgood/keys";
    std::fs::create_dir_all(copy.path().join(keys)).unwrap();
    for entry in std::fs::read_dir(place.path().join(keys)).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(keys).join(entry.file_name())).unwrap();
    }
    std::fs::copy(place.ledger(), copy.ledger()).unwrap();
    copy
}

/// Points a source elsewhere.
fn move_source(place: &Workspace, url: &str) {
    let file = place.path().join("home/.config/lastgood/sources.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let moved: Vec<String> = text
        .lines()
        .map(|line| if line.starts_with("url = ") { format!("url = \"{url}\"") } else { line.to_owned() })
        .collect();
    std::fs::write(&file, moved.join("\n")).unwrap();
}

#[test]
fn a_ledger_that_was_rolled_back_forked_or_signed_by_another_brings_nothing() {
    let (north, south) = (Workspace::new(), Workspace::new());
    north.import(&lines("north"));
    let old = copy_of(&north);
    let forked = copy_of(&north);
    north.import(&lines("later"));
    forked.import(&lines("forged"));
    forked.import(&lines("forged-too"));
    let other = Workspace::new();
    other.import(&lines("north"));
    {
        let serving = Serving::of(&north);
        add(&south, "north", &serving).answered();
        sync(&south).answered();
    }
    let held = rows(&south, &["find", "--limit", "100", "kind:model-version"]);
    for (place, words) in [(&old, "rolled back"), (&forked, "forked or altered"), (&other, "the key is for")] {
        let serving = Serving::of(place);
        move_source(&south, &serving.url());
        // naming it anew forgets nothing either
        for _ in 0..2 {
            let refused = sync(&south);
            assert_eq!(refused.exit, Some(4), "{words}: {refused:?}");
            assert!(refused.out.contains(words) && refused.out.contains("nothing of this was taken in"), "{refused:?}");
        }
        assert_eq!(rows(&south, &["find", "--limit", "100", "kind:model-version"]), held, "{words}");
        let listed = south.run(&["source", "list", "--json"]).answered().json();
        assert!(listed["rows"].to_string().contains(words), "{listed}");
        assert!(listed["rows"].to_string().contains("contradicts itself"), "{listed}");
    }
    // each of the two that its own key signed is told once, with what proves it, and stays told
    let log = rows(&south, &["find", "kind:log"]);
    assert_eq!(log.len(), 1, "{log:?}");
    let shown = json(&south, &["show", log[0]["id"].as_str().unwrap()])["evidence"].clone();
    let claims = shown.as_array().unwrap().iter().map(|it| it["claim"].as_str().unwrap().to_owned());
    let told: Vec<String> = claims.map(|claim| south.run(&["record", &claim, "--whole"]).answered().out).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    for verdict in ["rolled-back", "diverged"] {
        let of = told.iter().find(|it| it.contains(verdict)).unwrap_or_else(|| panic!("{verdict}: {told:?}"));
        assert!(of.contains("checkpoint.before") && of.contains("checkpoint.now"), "{of}");
    }
    south.run(&["verify"]).answered();
    let added =
        south.run(&["source", "add", "again", "http://127.0.0.1:9", "--kind", "lastgood", "--unseen"]).answered();
    assert_eq!(south.run(&["sync", "again", "--json"]).exit, Some(5), "{added:?}");
}

#[test]
fn a_stretch_that_was_altered_on_the_way_is_refused_whole() {
    let (north, south) = (Workspace::new(), Workspace::new());
    north.import(&lines("north"));
    north.import(&lines("more"));
    let serving = Serving::of(&north);
    let (about, bundle) = (serving.get("/ledger"), serving.get("/ledger/records?after=0&since=0"));
    drop(serving);
    let mut at: Vec<&str> = bundle.lines().collect();
    let record = at.iter().position(|line| line.starts_with("{\"record\":")).unwrap();
    let altered = bundle.replacen("\"source\":\"test\"", "\"source\":\"tost\"", 1);
    let salt = bundle.find("\"content\":\"").unwrap() + 15;
    let mut content = bundle.clone();
    content.replace_range(salt..salt + 1, if &bundle[salt..=salt] == "A" { "B" } else { "A" });
    let cut = at[..at.len() - 1].join("\n") + "\n";
    at.remove(record);
    let without = at.join("\n") + "\n";
    let few = bundle.replacen("\"name\":\"0-2\"", "\"name\":\"0-1\"", 1);
    for (name, body) in [
        ("source", altered),
        ("content", content),
        ("cut", cut),
        ("left out", without),
        ("few", few),
        ("nonsense", "{}".to_owned()),
    ] {
        assert_ne!(body, bundle, "{name}");
        let about = about.clone();
        let fake = Listener::new(None, move |head| {
            answer(if head.starts_with("GET /ledger/records") { &body } else { &about })
        });
        let name_here = format!("north-{}", name.replace(' ', "-"));
        south.run(&["source", "add", &name_here, &format!("http://{}", fake.address), "--kind", "lastgood"]).answered();
        let refused = south.run(&["sync", &name_here, "--json"]);
        assert!(matches!(refused.exit, Some(4 | 5)), "{name}: {refused:?}");
        assert_eq!(refused.json()["records"].as_u64(), Some(0), "{name}: {refused:?}");
    }
    let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let fake = Listener::new(None, move |_| answer(&about));
    let refused = south.run(&["source", "add", "pinned", &format!("http://{}", fake.address), "--key", key]);
    assert_eq!(refused.exit, Some(5), "{refused:?}");
    assert!(refused.out.contains("another key than the one that is pinned"), "{refused:?}");
    let refused = south.run(&["source", "add", "none", &format!("http://{}", fake.address), "--key", "no key"]);
    assert!(refused.exit != Some(0) && refused.err.contains("three parts"), "{refused:?}");
}

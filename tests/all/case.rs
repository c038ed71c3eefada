//! Cases through the binary: handed from one ledger to another, kept answers asked again, signed marks,
//! and names and texts that mean harm.

use crate::support::{Workspace, json, skipped};
use serde_json::Value;
use std::process::Command;

const LINEAGE: &str = r#"{"type":"artefact","id":"dataset:x@1","kind":"dataset"}
{"type":"artefact","id":"model-version:m@1","kind":"model-version"}
{"type":"link","from":"model-version:m@1","to":"dataset:x@1","relation":"trained-on","since":"2026-11-01T00:00:00Z"}
"#;

fn place() -> Workspace {
    Workspace::holding(LINEAGE)
}

/// Digests and fates of all marks, in order.
fn marks(place: &Workspace) -> Vec<(String, bool, bool)> {
    let rows = json(place, &["marks", "--all"])["rows"].as_array().unwrap().clone();
    let mut marks: Vec<_> = rows
        .iter()
        .map(|row| {
            let digest = row["digest"].as_str().unwrap().to_owned();
            (digest, row["retracted"].is_null(), row["overruled_by"].is_null())
        })
        .collect();
    marks.sort();
    marks
}

/// What a case shows but for the claims, which each ledger numbers itself.
fn timeline(place: &Workspace) -> Vec<[String; 5]> {
    let rows = json(place, &["case", "show", "INC-1"])["rows"].as_array().unwrap().clone();
    let text = |row: &Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
    rows.iter().map(|row| ["at", "what", "about", "says", "retracted"].map(|field| text(row, field))).collect()
}

fn hand_over(from: &Workspace, to: &Workspace) -> Value {
    let lines = from.run(&["case", "export", "INC-1"]).answered().out;
    let file = to.file("case.jsonl", lines);
    json(to, &["case", "import", file.to_str().unwrap()])
}

#[test]
fn two_ledgers_that_exchange_a_case_come_to_the_same_and_double_nothing() {
    let (a, b) = (place(), place());
    a.run(&["case", "new", "INC-1", "--title", "refunds"]).answered();
    a.run(&["mark", "dataset:x@1", "compromised", "--reason", "labels flipped"]).answered();
    a.run(&["mark", "model-version:m@1", "suspect", "--reason", "trained on it"]).answered();
    a.run(&["case", "note", "called the vendor", "--about", "dataset:x@1"]).answered();
    a.run(&["impact", "dataset:x@1", "--save", "who is hit"]).answered();
    assert_eq!(hand_over(&a, &b)["added"], 5);
    // claims are numbered otherwise here: taking back must not go by number
    b.run(&["unmark", "model-version:m@1", "--reason", "it was retrained"]).answered();
    b.run(&["--case", "INC-1", "mark", "dataset:x@1", "cleared", "--reason", "they were not"]).answered();
    let report = hand_over(&b, &a);
    assert_eq!((&report["added"], &report["known"]), (&Value::from(2), &Value::from(5)));
    assert_eq!(marks(&a), marks(&b));
    assert_eq!(marks(&a).len(), 3);
    assert_eq!(timeline(&a), timeline(&b));
    assert_eq!(timeline(&a).len(), 7);
    for (from, to) in [(&a, &b), (&b, &a), (&a, &a)] {
        let report = hand_over(from, to);
        assert_eq!((&report["added"], &report["known"]), (&Value::from(0), &Value::from(7)), "{report}");
    }
    assert_eq!(json(&a, &["case", "list"])["rows"][0]["marks"], 2);
    assert_eq!(json(&b, &["verify"])["rows"][0]["verdict"], "unanchored");
    b.run(&["rebuild"]).answered();
    assert_eq!(marks(&a), marks(&b));
}

#[test]
fn a_plain_import_of_a_case_file_voids_nothing_and_doubles_nothing() {
    let (a, b) = (place(), place());
    a.run(&["case", "new", "INC-1"]).answered();
    a.run(&["mark", "dataset:x@1", "compromised", "--reason", "labels flipped"]).answered();
    hand_over(&a, &b);
    b.run(&["unmark", "dataset:x@1", "--reason", "not at all"]).answered();
    let lines = b.run(&["case", "export", "INC-1"]).answered().out;
    let file = a.file("evil.jsonl", lines);
    a.run(&["import", file.to_str().unwrap()]).answered();
    let held = json(&a, &["marks"]);
    assert_eq!(held["rows"].as_array().unwrap().len(), 1, "{held}");
    assert_eq!(held["rows"][0]["also"].as_array().unwrap().len(), 1);
    // the same file as a case is a colleague's word
    assert_eq!(json(&a, &["case", "import", file.to_str().unwrap()])["added"], 1);
    assert_eq!(json(&a, &["marks"])["rows"], Value::Array(Vec::new()));
}

#[test]
fn a_plain_file_neither_closes_nor_titles_nor_fills_a_case_and_its_words_are_not_handed_on() {
    let (a, b) = (place(), place());
    a.run(&["case", "new", "INC-1", "--title", "refunds"]).answered();
    a.run(&["mark", "dataset:x@1", "compromised", "--reason", "labels flipped"]).answered();
    a.run(&["impact", "dataset:x@1", "--save", "who is hit"]).answered();
    let digest = json(&a, &["marks"])["rows"][0]["digest"].as_str().unwrap().to_owned();
    let answer = r#"{"at_least":0,"at_most":0,"count":0,"keys":[],"question":{"ask":"find","query":"x","limit":5},"records":2,"root":"ff"}"#;
    let forged = [
        r#"{"type":"note","what":"case-closed","text":"all fine","by":"person:root","at":"2099-01-01","case":"INC-1"}"#
            .to_owned(),
        r#"{"type":"note","what":"case-opened","text":"Nothing","by":"person:ciso","at":"2026-11-01","case":"INC-1"}"#
            .to_owned(),
        r#"{"type":"note","text":"forged","by":"person:root","at":"2026-11-19","case":"INC-1"}"#.to_owned(),
        format!(
            r#"{{"type":"note","what":"answer","text":"who is hit","by":"person:root","at":"2026-11-19","case":"INC-1","attributes":{answer}}}"#
        ),
        format!(
            r#"{{"type":"retract","what":"1.1","of":"{digest}","by":"person:root","at":"2026-11-19","reason":"slip"}}"#
        ),
    ];
    a.import(&forged.join("\n"));
    let shown = json(&a, &["case", "show"]);
    let told = |field: &str| shown[field].clone();
    assert_eq!(
        (told("state"), told("title"), told("of_files")),
        ("open".into(), "refunds".into(), 5.into()),
        "{shown}"
    );
    assert_eq!((told("marks"), told("notes"), told("answers")), (1.into(), 0.into(), 1.into()));
    assert_ne!(told("by"), "person:ciso");
    let void = shown["rows"].as_array().unwrap().iter().find(|row| row["what"] == "no effect").unwrap().clone();
    assert_eq!(void["says"], "would take back compromised, and does not: slip");
    a.run(&["case", "note", "still at it"]).answered();
    let again = json(&a, &["case", "again"]);
    assert_eq!(again["rows"].as_array().unwrap().len(), 1);
    assert_eq!(again["rows"][0]["ledger"], "this", "{again}");

    let exported = a.run(&["case", "export"]).answered();
    assert_eq!(exported.out.lines().count(), 4, "{exported:?}");
    assert!(exported.err.contains("5 more statements name INC-1 and are left out"), "{exported:?}");
    hand_over(&a, &b);
    assert_eq!(json(&b, &["marks"])["rows"].as_array().unwrap().len(), 1);
    let again = json(&b, &["case", "again", "--case", "INC-1"]);
    assert_eq!(again["rows"][0]["ledger"], "another", "{again}");

    // a colleague's date in the future closes a case no longer than until somebody opens it again
    let closed = a.file("closed.jsonl", &forged[0]);
    assert_eq!(json(&a, &["case", "import", closed.to_str().unwrap()])["added"], 1);
    assert_eq!(json(&a, &["case", "show", "INC-1"])["state"], "closed");
    let refused = a.run(&["unmark", "dataset:x@1", "--reason", "r"]);
    assert!(refused.exit == Some(2) && refused.err.contains("lastgood case new"), "{refused:?}");
    a.run(&["case", "new", "INC-1"]).answered();
    assert_eq!(json(&a, &["case", "show"])["state"], "open");
    a.run(&["unmark", "dataset:x@1", "--reason", "r"]).answered();
}

#[test]
fn a_case_whose_file_was_imported_before_is_an_investigators_word_all_the_same() {
    let (a, b) = (place(), place());
    a.run(&["case", "new", "INC-1"]).answered();
    a.run(&["mark", "dataset:x@1", "compromised", "--reason", "labels flipped"]).answered();
    let lines = a.run(&["case", "export", "INC-1"]).answered().out;
    b.import(&lines);
    // somebody thought of the blanks as well
    b.import(&lines.replace("}\n", "} \n"));
    assert_eq!(json(&b, &["marks"])["rows"][0]["trust"], "file");
    let file = b.file("case.jsonl", &lines);
    for (added, known) in [(2, 0), (0, 2)] {
        let report = json(&b, &["case", "import", file.to_str().unwrap()]);
        assert_eq!((&report["added"], &report["known"]), (&added.into(), &known.into()), "{report}");
        assert_eq!(json(&b, &["marks"])["rows"][0]["trust"], "investigator");
    }
}

#[test]
fn erasing_what_investigators_said_is_refused_until_it_is_meant_and_is_told() {
    let place = place();
    place.run(&["case", "new", "INC-1"]).answered();
    place.run(&["mark", "dataset:x@1", "compromised", "--reason", "labels flipped"]).answered();
    let claim = json(&place, &["marks"])["rows"][0]["claim"].as_str().unwrap().to_owned();
    let record = claim.split('.').next().unwrap();
    let refused = place.run(&["redact", record, "--reason", "r"]);
    assert!(refused.exit == Some(2) && refused.err.contains("compromised"), "{refused:?}");
    assert_eq!(json(&place, &["marks"])["rows"].as_array().unwrap().len(), 1);
    place.run(&["redact", record, "--reason", "r", "--force"]).answered();
    for answer in [json(&place, &["marks"]), json(&place, &["case", "show"])] {
        let because = answer["completeness"]["because"].to_string();
        assert!(because.contains("1 statement of investigators was erased by redaction"), "{answer}");
    }
}

#[test]
fn only_what_belongs_to_a_case_comes_in_with_one() {
    let place = place();
    let file = place.file(
        "mixed.jsonl",
        concat!(
            r#"{"type":"artefact","id":"dataset:evil@1","kind":"dataset"}"#,
            "\n\nnot json\n",
            r#"{"type":"retract","what":"1.1","by":"person:b","at":"2026-11-19","reason":"x"}"#,
            "\n",
            r#"{"type":"note","text":"t","by":"person:b","at":"2026-11-19","case":"a\nb"}"#,
            "\n",
            r#"{"type":"note","text":"fine","by":"person:b","at":"2026-11-19","case":"INC-1"}"#,
        ),
    );
    let said = place.run(&["--json", "case", "import", file.to_str().unwrap()]);
    assert_eq!(said.exit, Some(3), "{said:?}");
    let report = said.json();
    assert_eq!(report["added"], 1, "{report}");
    let places: Vec<&str> =
        report["not_read"].as_array().unwrap().iter().map(|it| it["where"].as_str().unwrap()).collect();
    assert_eq!(places, ["line 1", "line 3", "line 4", "line 5"]);
    assert_eq!(json(&place, &["show", "dataset:x@1"])["rows"][0]["state"], "described", "1.1 was not taken back");
    assert_eq!(place.run(&["show", "dataset:evil@1"]).exit, Some(1));
    let record = place.run(&["record", "2.1"]).answered().out;
    assert!(record.contains("investigator:mixed.jsonl") && record.contains("line 6"), "{record}");
}

#[test]
fn a_kept_answer_asked_again_tells_what_came_and_went() {
    let place = place();
    place.run(&["case", "new", "INC-1"]).answered();
    place.run(&["impact", "dataset:x@1", "--limit", "0", "--save", "who is hit"]).answered();
    place.run(&["find", "kind:model-version", "--save", "all models"]).answered();
    place.import(
        r#"{"type":"link","from":"deployment:d","to":"model-version:m@1","relation":"deploys","since":"2026-11-02T00:00:00Z"}"#,
    );
    let again = json(&place, &["case", "again"]);
    assert_eq!(again["rows"][0]["says"], "1 more since");
    assert_eq!(again["rows"][0]["more"], serde_json::json!(["deployment:d"]));
    assert_eq!(again["rows"][1]["says"], "the same as then");
    assert_eq!(again["schema"], "lastgood/case-again/1");
    // the link is taken back by its claim: then what hung on it is gone
    let claim = json(&place, &["show", "model-version:m@1"])["upstream"][0]["claim"].as_str().unwrap().to_owned();
    place.import(&format!(
        r#"{{"type":"retract","what":"{claim}","by":"person:b","at":"2026-11-19T03:00:00Z","reason":"wrong"}}"#
    ));
    let again = json(&place, &["case", "again"]);
    assert_eq!(again["rows"][0]["says"], "1 gone since", "{again}");
    let one = again["rows"][1]["claim"].as_str().unwrap();
    assert_eq!(json(&place, &["case", "again", one])["rows"].as_array().unwrap().len(), 1);
    assert_eq!(place.run(&["case", "again", "99.9"]).exit, Some(1));
    place.run(&["unmark", one, "--reason", "not needed"]).answered();
    assert_eq!(json(&place, &["case", "again"])["rows"].as_array().unwrap().len(), 1);
}

#[test]
fn a_file_that_is_there_is_left_as_it_is_unless_told_otherwise() {
    let place = place();
    place.run(&["case", "new", "INC-1"]).answered();
    let file = place.file("out.jsonl", "mine");
    let to = file.to_str().unwrap();
    assert_eq!(place.run(&["case", "export", "--to", to]).exit, Some(2));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    place.run(&["case", "export", "--to", to, "--force"]).answered();
    assert!(std::fs::read_to_string(&file).unwrap().contains("case-opened"));
    let left = std::fs::read_dir(place.path())
        .unwrap()
        .filter(|it| it.as_ref().unwrap().file_name().to_string_lossy().contains(".new-"));
    assert_eq!(left.count(), 0);
    assert_eq!(place.run(&["case", "export", "--to", "no/such/folder/x"]).exit, Some(2));
    assert_eq!(place.run(&["case", "export", "NONE"]).exit, Some(1));
}

#[test]
fn hostile_names_and_texts_stay_text() {
    let place = place();
    for name in ["", "  ", " a", "a ", "a\nb", "a\u{1b}[31mb", &"x".repeat(101)] {
        assert_eq!(place.run(&["case", "new", name]).exit, Some(2), "{name:?}");
        assert_eq!(place.run(&["--case", name, "mark", "dataset:x@1", "good", "--reason", "r"]).exit, Some(2));
    }
    for name in ["../../etc/passwd", "--json", "a \u{202e}b", "'; rm -rf /", "{}"] {
        place.run(&["case", "new", "--", name]).answered();
        place.run(&["case", "note", "--", "\u{1b}]0;title\u{7} \u{202e}txet\r\n{\"type\":\"mark\"}"]).answered();
        let said = place.run(&["case", "show"]).answered();
        assert!(!said.out.contains('\u{1b}') && !said.out.contains('\u{202e}') && !said.out.contains('\r'), "{said:?}");
        assert_eq!(json(&place, &["case", "show"])["name"], name);
        let exported = place.run(&["case", "export"]).answered().out;
        assert_eq!(exported.lines().count(), 2, "{exported}");
        assert!(!exported.contains('\u{1b}'));
    }
    assert_eq!(place.run(&["case", "list"]).answered().out.matches("open").count(), 5);
}

/// An SSH key, and an allowed-signers line that vouches for it.
pub(crate) fn key(place: &Workspace, name: &str) -> Option<(String, String)> {
    let file = place.path().join(name);
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"]).arg(&file).status();
    if !made.is_ok_and(|status| status.success()) {
        skipped("signed marks", "ssh-keygen is not installed (package openssh-client)");
        return None;
    }
    let public = std::fs::read_to_string(file.with_extension("pub")).unwrap();
    Some((file.to_str().unwrap().to_owned(), format!("{name}@example.org {public}")))
}

pub(crate) fn settings(place: &Workspace, text: &str) {
    let folder = place.path().join("home/.config/lastgood");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), text).unwrap();
}

#[test]
fn a_mark_is_proven_by_the_key_that_signed_it_and_openssh_agrees() {
    let place = place();
    let Some((ada, vouched)) = key(&place, "ada") else { return };
    let allowed = place.file("allowed", format!("{vouched}\nnonsense\n"));
    settings(&place, &format!("allowed-signers = {:?}\n", allowed.to_str().unwrap()));
    let no_key = place.run(&["mark", "dataset:x@1", "good", "--reason", "r", "--sign"]);
    assert!(no_key.exit == Some(2) && no_key.err.contains("signing-key"), "{no_key:?}");
    let gone = place.run(&["mark", "dataset:x@1", "good", "--reason", "r", "--sign=/no/such/key"]);
    assert!(gone.exit == Some(2) && gone.err.contains("nothing was recorded"), "{gone:?}");
    assert_eq!(json(&place, &["marks", "--all"])["rows"], Value::Array(Vec::new()));
    // a secret in the reason is replaced before it is signed, so that the signature is over what is kept
    let reason = format!("leaked {}", lastgood::demo::LEAKED);
    let sign = format!("--sign={ada}");
    let case = ["--case", "INC-1"];
    place.run(&[&case[..], &["mark", "dataset:x@1", "compromised", "--reason", &reason, &sign]].concat()).answered();
    place.run(&[&case[..], &["mark", "dataset:x@1", "cleared", "--reason", "it is fine"]].concat()).answered();
    let rows = json(&place, &["marks"])["rows"].clone();
    assert_eq!((&rows[0]["mark"], &rows[0]["overruled_by"]), (&"cleared".into(), &rows[1]["claim"]), "{rows}");
    let proof = rows[1]["proof"].as_str().unwrap();
    assert!(proof.starts_with("signed by ada@example.org (SHA256:") && proof.contains("who says it for "), "{proof}");
    assert_eq!(json(&place, &["show", "dataset:x@1"])["rows"][0]["marks"][0], "compromised");
    assert_eq!(
        json(&place, &["marks"])["completeness"]["because"].as_array().unwrap().len(),
        1,
        "the line of nonsense"
    );

    // what ssh-keygen itself says of the exported line
    let exported = place.run(&["case", "export", "INC-1"]).answered().out;
    let line = exported.lines().next().unwrap();
    let mut fields: serde_json::Map<String, Value> = serde_json::from_str(line).unwrap();
    let signature = fields.remove("signature").unwrap();
    let signature = place.file("signature", signature.as_str().unwrap());
    let bare = line.split(",\"signature\":").next().unwrap().to_owned() + "}";
    let checked = Command::new("sh")
        .args(["-c", "printf %s \"$1\" | ssh-keygen -Y verify -f \"$2\" -I ada@example.org -n lastgood -s \"$3\"", "-"])
        .arg(&bare)
        .arg(place.file("vouched", &vouched))
        .arg(&signature)
        .output()
        .unwrap();
    assert!(checked.status.success(), "{checked:?}\n{bare}");

    // changed in one letter, it is a statement that nobody signed: shown, and counts for nothing
    let changed = place.file("changed.jsonl", line.replace("\"compromised\"", "\"good\"") + "\n");
    json(&place, &["case", "import", changed.to_str().unwrap()]);
    let rows = json(&place, &["marks"])["rows"].clone();
    let refused = rows.as_array().unwrap().iter().find(|row| row["mark"] == "good").unwrap().clone();
    assert_eq!(refused["refused"], true, "{refused}");
    assert!(refused["proof"].as_str().unwrap().starts_with("signature does not verify"), "{refused}");
    assert_eq!(json(&place, &["show", "dataset:x@1"])["rows"][0]["marks"], serde_json::json!(["compromised"]));
}

#[test]
fn a_key_that_nobody_vouches_for_proves_nothing_and_one_that_ran_out_is_refused() {
    let place = place();
    let Some((ada, vouched)) = key(&place, "ada") else { return };
    settings(&place, &format!("signing-key = {ada:?}\nallowed-signers = \"allowed\"\n"));
    place.run(&["mark", "dataset:x@1", "compromised", "--reason", "r"]).answered();
    let proof = |place: &Workspace| json(place, &["marks"])["rows"][0]["proof"].as_str().unwrap().to_owned();
    assert!(proof(&place).starts_with("claimed (names the key SHA256:"), "{}", proof(&place));
    let (principal, rest) = vouched.split_once(' ').unwrap();
    for (options, wanted) in [
        ("valid-before=\"20261118\"", "signature does not verify: the key of ada@example.org counted only before"),
        ("namespaces=\"git\"", "signature does not verify: the key of ada@example.org may not sign"),
        ("namespaces=\"lastgood\",valid-after=\"20261101\"", "signed by ada@example.org"),
    ] {
        place.file("home/.config/lastgood/allowed", format!("{principal} {options} {rest}"));
        assert!(proof(&place).starts_with(wanted), "{options}: {}", proof(&place));
    }
}

#[test]
fn a_file_takes_back_what_came_from_its_own_source_and_nothing_else() {
    let place = Workspace::new();
    let of =
        |source: &str, lines: &str| place.run_with(&["import", "-", "--source", source], lines.as_bytes()).answered();
    let artefact =
        |id: &str| format!("{{\"type\":\"artefact\",\"id\":\"{id}\",\"kind\":\"dataset\",\"owner\":\"team:a\"}}\n");
    let retract = |what: &str| {
        format!(
            "{{\"type\":\"retract\",\"what\":\"{what}\",\"by\":\"person:x\",\"at\":\"2026-11-19T00:00:00Z\",\"reason\":\"no\"}}\n"
        )
    };
    of("one", &artefact("dataset:mine"));
    of("one", &artefact("dataset:also-mine"));
    let exists = |id: &str| place.run(&["show", id]).exit == Some(0);
    of("two", &(retract("1.1") + &retract("2.1")));
    assert!(exists("dataset:mine") && exists("dataset:also-mine"));
    of("one", &retract("2.1"));
    assert!(exists("dataset:mine") && !exists("dataset:also-mine"));
}

#[test]
fn an_exception_is_signed_goes_with_its_case_and_waives_where_it_comes_to() {
    let (place, other) = (Workspace::new(), Workspace::new());
    let Some((ada, vouched)) = key(&place, "ada") else { return };
    let deployed = r#"{"type":"artefact","id":"model-version:x@1","kind":"model-version","owner":"team:a"}
{"type":"artefact","id":"deployment:x/prod","kind":"deployment","owner":"team:a","environment":"prod"}
{"type":"link","from":"deployment:x/prod","to":"model-version:x@1","relation":"deploys","since":"2026-11-18T09:00:00Z"}
"#;
    for it in [&place, &other] {
        it.import(deployed);
        let allowed = it.file("allowed", &vouched);
        settings(it, &format!("allowed-signers = {:?}\n", allowed.to_str().unwrap()));
        assert_eq!(json(it, &["gaps", "model-version:x@1"])["excepted"], 0);
    }
    place.run(&["case", "new", "INC-1"]).answered();
    let sign = format!("--sign={ada}");
    let told = ["--owner", "team:a", "--reason", "next week", "--until", "30d"];
    place.run(&[&["except", "model-version:x@1", "evaluation", &sign][..], &told].concat()).answered();
    assert_eq!(json(&place, &["gaps", "model-version:x@1"])["excepted"], 1);
    let case = json(&place, &["case", "show", "INC-1"]);
    assert_eq!((&case["exceptions"], &case["rows"][1]["what"]), (&1.into(), &"exception".into()), "{case}");
    let says = case["rows"][1]["says"].as_str().unwrap();
    assert!(
        says.starts_with("accepts evaluation until ") && says.ends_with("team:a answers for it: next week"),
        "{says}"
    );
    let exported = place.run(&["case", "export", "INC-1"]).answered().out;
    assert!(exported.contains("\"exception\"") && exported.contains("BEGIN SSH SIGNATURE"), "{exported}");
    let file = other.file("case.jsonl", &exported);
    let import = || json(&other, &["case", "import", file.to_str().unwrap()]);
    assert_eq!(import()["added"], 2);
    assert_eq!(import()["known"], 2, "nothing is doubled");
    assert_eq!(json(&other, &["gaps", "model-version:x@1"])["excepted"], 1);
    // in a plain file it waives when a key that counts signed it, and not when a letter was changed
    let third = Workspace::new();
    third.import(deployed);
    let allowed = third.file("allowed", &vouched);
    settings(&third, &format!("allowed-signers = {:?}\n", allowed.to_str().unwrap()));
    let line = exported.lines().find(|line| line.contains("\"exception\"")).unwrap();
    third.import(&(line.replace("next week", "next year") + "\n"));
    assert_eq!(json(&third, &["gaps", "model-version:x@1"])["excepted"], 0);
    third.import(&format!("{line}\n"));
    assert_eq!(json(&third, &["gaps", "model-version:x@1"])["excepted"], 1);
    // taken back, it goes with that too
    let rows = json(&place, &["gaps", "model-version:x@1"]);
    let claim = rows["rows"].as_array().unwrap().iter().find_map(|row| row["exception"]["claim"].as_str()).unwrap();
    place.run(&["unmark", claim, "--reason", "too long", &sign]).answered();
    let file = other.file("again.jsonl", place.run(&["case", "export", "INC-1"]).answered().out);
    assert_eq!(json(&other, &["case", "import", file.to_str().unwrap()])["added"], 1);
    assert_eq!(json(&other, &["gaps", "model-version:x@1"])["excepted"], 0);
}

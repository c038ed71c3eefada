//! Files nobody should be hurt by: each gets a clear word with its place, the rest of the import is
//! kept, and memory stays bounded.

use crate::support::{Said, Workspace, said};
use std::io::Write as _;
use std::process::Stdio;

const GOOD: &str = "{\"type\":\"artefact\",\"id\":\"dataset:good@1\",\"kind\":\"dataset\"}\n";

/// Imports a folder that holds one good file and one bad one.
fn beside_a_good_file(name: &str, content: &[u8]) -> (Workspace, Said) {
    let workspace = Workspace::new();
    std::fs::create_dir(workspace.path().join("in")).unwrap();
    workspace.file("in/a-good.lineage.jsonl", GOOD);
    workspace.file(&format!("in/{name}"), content);
    let said = workspace.run(&["--json", "import", "in"]);
    (workspace, said)
}

#[test]
fn each_bad_file_is_named_with_its_place_and_the_good_one_is_kept() {
    let deep = format!(
        "{{\"type\":\"artefact\",\"id\":\"x\",\"kind\":\"run\",\"attributes\":{{\"a\":{}1{}}}}}\n",
        "[".repeat(200),
        "]".repeat(200)
    );
    let cases: &[(&str, &[u8], &str)] = &[
        ("truncated.jsonl", b"{\"type\":\"artefact\",\"id\":\"x\",\"kind\":", "line 1"),
        ("deep.jsonl", deep.as_bytes(), "line 1"),
        ("twice.jsonl", b"{\"type\":\"artefact\",\"id\":\"x\",\"id\":\"y\",\"kind\":\"run\"}\n", "id"),
        ("utf8.jsonl", b"{\"type\":\"artefact\",\"id\":\"x\xff\",\"kind\":\"run\"}\n", "line 1"),
        ("nul.bin", b"\0\0\0\0\0\0", "binary"),
        ("empty.json", b"", "empty"),
        ("page.html", b"<html><body>no</body></html>", "html"),
        ("broken.json.gz", b"\x1f\x8b\x08\x00garbage", "deflate"),
    ];
    for (name, content, word) in cases {
        let (workspace, said) = beside_a_good_file(name, content);
        assert_eq!(said.exit, Some(3), "{name}: {said:?}");
        let report = said.json();
        let quarantined = &report["quarantined"][0];
        let all = format!("{} {} {}", quarantined["file"], quarantined["where"], quarantined["why"]).to_lowercase();
        assert!(all.contains(name) && all.contains(word), "{name}: {all}");
        assert_eq!(report["artefacts"], 1, "{name}: {report}");
        let verified = workspace.run(&["--json", "verify"]).answered().json();
        assert_eq!(verified["verdict"], "unanchored", "{name}");
    }
}

#[test]
fn a_number_too_large_for_a_machine_is_not_bent_into_another() {
    let workspace = Workspace::new();
    let digits = "123456789012345678901234567890";
    let line = format!(
        "{{\"type\":\"artefact\",\"id\":\"dataset:n@1\",\"kind\":\"dataset\",\"attributes\":{{\"rows\":{digits}}}}}\n"
    );
    let said = workspace.run_with(&["--json", "import", "-"], line.as_bytes());
    if said.exit == Some(0) {
        let shown = workspace.run(&["--json", "show", "dataset:n@1"]).answered();
        assert!(shown.out.contains(digits), "{shown:?}");
    } else {
        assert_eq!(said.exit, Some(3), "{said:?}");
        assert!(said.out.contains("number"), "{said:?}");
    }
}

#[test]
fn a_byte_order_mark_is_no_obstacle() {
    let workspace = Workspace::new();
    let said = workspace.run_with(&["--json", "import", "-"], format!("\u{feff}{GOOD}").as_bytes());
    assert_eq!(said.answered().json()["artefacts"], 1);
}

#[test]
fn pipes_devices_and_loops_are_refused_without_waiting() {
    let workspace = Workspace::new();
    let folder = workspace.path().join("in");
    std::fs::create_dir(&folder).unwrap();
    workspace.file("in/a-good.lineage.jsonl", GOOD);
    let fifo = folder.join("b-fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    std::os::unix::fs::symlink(&folder, folder.join("c-loop")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.join("d-zero")).unwrap();
    let said = workspace.run(&["--json", "import", "in"]);
    assert_eq!(said.exit, Some(3), "{said:?}");
    let report = said.json();
    assert_eq!(report["artefacts"], 1);
    let files: Vec<&str> =
        report["quarantined"].as_array().unwrap().iter().map(|it| it["file"].as_str().unwrap()).collect();
    assert!(files.iter().any(|file| file.ends_with("b-fifo")), "{report}");
    let device = workspace.run(&["--json", "import", "/dev/zero"]);
    assert_eq!(device.exit, Some(3), "{device:?}");
}

#[test]
fn names_that_would_act_on_a_terminal_come_out_visible() {
    let workspace = Workspace::new();
    workspace.import("{\"type\":\"artefact\",\"id\":\"dataset:\\u001b]52;c;aGk=\\u0007\\u202eevil@1\",\"kind\":\"dataset\",\"owner\":\"team:\\u001b[2J\"}\n");
    for command in [
        vec!["find", "evil"],
        vec!["show", "evil"],
        vec!["tree", "evil"],
        vec!["--json", "find", "evil"],
        vec!["show", "\u{1b}[31m"],
    ] {
        let said = workspace.run(&command);
        for text in [&said.out, &said.err] {
            let acts = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
            assert!(!text.chars().any(acts), "{command:?}: {text:?}");
        }
    }
}

/// Feeds a stream to an import that may use at most `kilobytes` of address space.
fn import_bounded(workspace: &Workspace, kilobytes: u64, feed: impl FnOnce(&mut dyn std::io::Write) + Send) -> Said {
    let script = format!("ulimit -v {kilobytes}; exec '{}' --json import -", env!("CARGO_BIN_EXE_lastgood"));
    let template = workspace.command();
    let mut command = std::process::Command::new("bash");
    command.args(["-c", &script]).env_clear().current_dir(workspace.path());
    for (name, value) in template.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || feed(&mut input));
        said(child.wait_with_output().unwrap())
    })
}

fn one_long_line(megabytes: usize) {
    let workspace = Workspace::new();
    let said = import_bounded(&workspace, 2_500_000, |out| {
        let block = vec![b'a'; 1 << 20];
        let mut write = || -> std::io::Result<()> {
            out.write_all(GOOD.as_bytes())?;
            out.write_all(b"{\"type\":\"artefact\",\"id\":\"")?;
            for _ in 0..megabytes {
                out.write_all(&block)?;
            }
            out.write_all(b"\",\"kind\":\"dataset\"}\n")?;
            out.write_all(GOOD.replace("good", "better").as_bytes())
        };
        write().expect("the import reads to the end");
    });
    assert_eq!(said.exit, Some(3), "{said:?}");
    let report = said.json();
    assert_eq!(report["artefacts"], 2, "{report}");
    assert!(report["quarantined"][0]["where"].as_str().unwrap().contains("line 2"), "{report}");
}

#[test]
fn a_long_line_costs_its_line_only() {
    one_long_line(80);
}

#[test]
#[ignore = "slow: run by .ci/run in the release build"]
fn a_line_of_a_gibibyte_costs_its_line_only() {
    one_long_line(1024);
}

#[test]
fn a_bomb_is_refused() {
    let workspace = Workspace::new();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let block = vec![b' '; 1 << 20];
    for _ in 0..300 {
        packed.write_all(&block).unwrap();
    }
    let bomb = workspace.file("bomb.json.gz", packed.finish().unwrap());
    let said = workspace.run(&["--json", "import", bomb.to_str().unwrap()]);
    assert_eq!(said.exit, Some(3), "{said:?}");
}

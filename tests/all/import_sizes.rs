//! Files as large as they come, made while they are read: memory stays where it is, and a stop half-way
//! leaves a ledger that is whole. They run in the slow part, with the release build.

use crate::support::Workspace;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Child, ChildStdin, Command, Stdio};

const MIB: usize = 1 << 20;
/// The most memory that any import may take, in kibibytes.
const MOST: u64 = 400 * 1024;

/// A document: what stands before its elements, an element, what stands behind.
struct Kind {
    head: &'static str,
    element: fn(usize, &mut String),
    between: &'static str,
    tail: &'static str,
}

const BOM: Kind = Kind {
    head: r#"{"bomFormat":"CycloneDX","specVersion":"1.6","serialNumber":"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79","version":1,"metadata":{"timestamp":"2026-11-18T09:00:00Z","component":{"bom-ref":"root","type":"application","name":"scorer"}},"components":["#,
    element: |number, out| {
        let about = "what it is for, ".repeat(20);
        write!(out, r#"{{"bom-ref":"c{number}","type":"library","name":"lib-{number}","version":"1","purl":"pkg:pypi/lib-{number}@1","description":"{about}"}}"#).unwrap();
    },
    between: ",\n",
    tail: r#"],"dependencies":[{"ref":"root","dependsOn":["c1","c2"]}]}"#,
};

const TRACE: Kind = Kind {
    head: r#"{"resourceSpans":["#,
    element: |number, out| {
        let prompt = "refund the order, please. ".repeat(300);
        write!(out, r#"{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"refund-agent"}}}}]}},"scopeSpans":[{{"spans":[{{"traceId":"{:032x}","spanId":"{:016x}","name":"chat m","startTimeUnixNano":"1763456400000000000","endTimeUnixNano":"1763456400000000001","attributes":[{{"key":"gen_ai.operation.name","value":{{"stringValue":"chat"}}}},{{"key":"gen_ai.request.model","value":{{"stringValue":"acme/m-1"}}}},{{"key":"gen_ai.prompt","value":{{"stringValue":"{prompt}{number}"}}}}]}}]}}]}}"#, number + 1, number + 1).unwrap();
    },
    between: ",",
    tail: "]}",
};

const EVENTS: Kind = Kind {
    head: "",
    element: |number, out| {
        let sql = "SELECT account, amount FROM transactions WHERE day = 1; ".repeat(700);
        write!(out, r#"{{"eventType":"COMPLETE","eventTime":"2026-11-18T09:00:00Z","producer":"https://example.com/p","run":{{"runId":"{number:08x}-0000-4000-8000-000000000000"}},"job":{{"namespace":"etl","name":"job-{}","facets":{{"sql":{{"query":"{sql}"}}}}}},"inputs":[{{"namespace":"lake","name":"in-{}"}}],"outputs":[{{"namespace":"lake","name":"out-{}"}}]}}"#, number % 1000, number % 500, number % 700).unwrap();
    },
    between: "\n",
    tail: "\n",
};

fn start(workspace: &Workspace) -> Child {
    let mut command: Command = workspace.command();
    command.args(["--json", "import", "-", "--source", "large"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Writes so many bytes of a document; its end is for the caller to write.
fn feed(kind: &Kind, size: usize, input: &mut ChildStdin) -> usize {
    let (mut sent, mut number, mut block) = (0, 0, String::from(kind.head));
    while sent < size {
        while block.len() < MIB {
            if number > 0 {
                block.push_str(kind.between);
            }
            (kind.element)(number, &mut block);
            number += 1;
        }
        input.write_all(block.as_bytes()).unwrap();
        sent += block.len();
        block.clear();
    }
    number
}

/// The most memory a process held so far, in kibibytes.
fn peak(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse().unwrap()
}

fn import(kind: &Kind, size: usize, artefacts_each: u64) {
    let workspace = Workspace::new();
    let mut child = start(&workspace);
    let mut input = child.stdin.take().unwrap();
    let elements = feed(kind, size, &mut input);
    let peak = peak(&child);
    input.write_all(kind.tail.as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let artefacts = said["rows"][0]["artefacts"].as_u64().unwrap();
    assert!(artefacts >= elements as u64 * artefacts_each, "{artefacts} artefacts of {elements} elements");
    println!("{} MiB, {elements} elements: at most {} MiB of memory", size / MIB, peak / 1024);
    assert!(peak < MOST, "{peak} KiB of memory for {} MiB", size / MIB);
}

#[test]
#[ignore = "slow: run by .ci/run in the release build"]
fn sizes_a_bill_of_materials_of_256_mib() {
    import(&BOM, 256 * MIB, 1);
}

#[test]
#[ignore = "slow: run by .ci/run in the release build"]
fn sizes_a_trace_of_a_gibibyte() {
    import(&TRACE, 1024 * MIB, 1);
}

#[test]
#[ignore = "slow: run by .ci/run in the release build"]
fn sizes_events_of_five_gibibytes() {
    import(&EVENTS, 5 * 1024 * MIB, 1);
}

#[test]
fn a_stop_half_way_through_a_large_document_loses_nothing_that_was_read() {
    let workspace = Workspace::new();
    let mut child = start(&workspace);
    let mut input = child.stdin.take().unwrap();
    feed(&BOM, 24 * MIB, &mut input);
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(143));
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(said.contains("kept"), "it says what it kept: {said}");
    drop(input);
    assert_eq!(workspace.run(&["verify"]).exit, Some(0));
    let held = workspace.run(&["--json", "stats"]).answered().json()["rows"][0]["records"].as_u64().unwrap();
    assert!(held > 0);
    // The same again, to its end: what is there already is known.
    let mut child = start(&workspace);
    let mut input = child.stdin.take().unwrap();
    feed(&BOM, 24 * MIB, &mut input);
    input.write_all(BOM.tail.as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["rows"][0]["already_known"].as_u64(), Some(held), "{said}");
}

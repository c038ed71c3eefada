//! One program, told in four conventions, in JSON and in protobuf, and read as one and the same chain. It
//! tests no file's details; the golden pairs do.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail as tests do")]

use crate::import_streams::{Imported, import};
use lastgood::import::otel::otlp_json;
use lastgood::model::Statement;
use std::collections::BTreeSet;
use std::path::Path;

/// What a trace says apart from which convention said it: steps with their texts, and every link.
fn chain(file: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/otel");
    said(&import(std::fs::File::open(folder.join(file)).unwrap()).unwrap(), file)
}

pub(crate) fn said(imported: &Imported, file: &str) -> BTreeSet<String> {
    assert_eq!((imported.reasons(), imported.warnings()), (Vec::new(), Vec::new()), "{file}");
    let said = imported.claims().map(|claim| match claim {
        Statement::Artefact(it) => {
            let mut attributes = it.attributes.clone();
            attributes.remove("call");
            format!("{} {} {attributes:?} {:?} {:?}", it.kind, it.id, it.at, it.digests)
        }
        Statement::Link(it) => format!("{} {} {} {:?}", it.from, it.relation, it.to, it.since),
        other => format!("{other:?}"),
    });
    said.collect()
}

#[test]
fn four_dialects_of_one_program_give_one_chain() {
    let genai = chain("program-genai.json");
    // The protobuf was written by the encoder that OpenTelemetry's own kit for Python uses.
    for other in [
        "program-openinference.json",
        "program-traceloop.json",
        "program-vercel.json",
        "program-genai.pb",
        "program-openinference.pb",
        "program-traceloop.pb",
        "program-vercel.pb",
    ] {
        let other_chain = chain(other);
        let only: Vec<_> = genai.symmetric_difference(&other_chain).collect();
        assert!(only.is_empty(), "{other}: {only:#?}");
    }
    let caused = genai.iter().filter(|line| line.contains(" caused-by ")).count();
    let words =
        |word: &str| genai.iter().filter(|line| line.contains(&format!("\"step\": String(\"{word}\")"))).count();
    assert_eq!(
        (words("prompt"), words("output"), words("tool-call"), words("tool-result"), words("agent")),
        (3, 3, 1, 1, 1)
    );
    assert!(caused >= 8, "{genai:#?}");
}

#[test]
fn a_message_received_elsewhere_is_written_out_by_the_same_function() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/otel");
    for name in ["genai", "openinference", "traceloop", "vercel"] {
        let message = std::fs::read(folder.join(format!("program-{name}.pb"))).unwrap();
        let text = std::fs::read(folder.join(format!("program-{name}.json"))).unwrap();
        let written: serde_json::Value = serde_json::from_slice(&otlp_json(&message).unwrap()).unwrap();
        assert_eq!(written, serde_json::from_slice::<serde_json::Value>(&text).unwrap(), "{name}");
    }
}

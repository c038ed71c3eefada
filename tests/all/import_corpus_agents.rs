//! Real traces, message logs, sessions and inventories of agents, kept outside the project, and what each
//! must give. It skips, and says so, where there are none.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail as tests do")]

use crate::import_corpus::corpus_of;
use crate::import_streams::{Imported, import};
use lastgood::model::{Artefact, Link, Relation, Statement};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn read(file: &Path) -> Imported {
    import(std::fs::File::open(file).unwrap()).unwrap_or_else(|unknown| panic!("{}: {unknown}", file.display()))
}

fn artefacts(imported: &Imported) -> Vec<&Artefact> {
    let artefacts = imported.claims().filter_map(|claim| match claim {
        Statement::Artefact(artefact) => Some(artefact),
        _ => None,
    });
    artefacts.collect()
}

fn links<'i>(imported: &'i Imported, relation: &Relation) -> Vec<&'i Link> {
    let links = imported.claims().filter_map(|claim| match claim {
        Statement::Link(link) if link.relation == *relation => Some(link),
        _ => None,
    });
    links.collect()
}

/// The word of each step with its name, by time.
fn steps(imported: &Imported, words: &[&str]) -> Vec<(String, String)> {
    let mut steps: Vec<_> = artefacts(imported)
        .into_iter()
        .filter_map(|it| {
            Some((it.at, it.attributes.get("step")?.as_str()?.to_owned(), it.name.clone().unwrap_or_default()))
        })
        .filter(|(_, word, _)| words.contains(&word.as_str()))
        .collect();
    steps.sort();
    steps.into_iter().map(|(_, word, name)| (word, name)).collect()
}

#[test]
fn every_trace_is_read() {
    let Some(corpus) = corpus_of("otel-genai") else { return };
    let files = files(&corpus);
    for file in &files {
        let imported = read(file);
        assert_eq!((imported.format, imported.reasons()), ("otel", Vec::new()), "{}", file.display());
        let logs = file.ends_with("otlp-json/logs.json");
        assert_eq!(imported.claims().count() == 0, logs, "{}", file.display());
        assert_eq!(
            imported.warnings().iter().any(|text| text.contains("tells of no agent")),
            logs,
            "{}",
            file.display()
        );
    }
    println!("otel: {} files, {} as expected, 0 not", files.len(), files.len());
}

#[test]
fn a_real_run_is_one_chain_with_exact_ids() {
    let Some(corpus) = corpus_of("otel-genai") else { return };
    let imported = read(&corpus.join("any-agent/OPENAI_trace.json"));
    let trace = format!("{:032x}", 100_927_429_609_276_267_646_756_448_943_279_827_607_u128);
    let all = artefacts(&imported);
    let own: Vec<_> = all.iter().filter(|it| it.id.starts_with("step:")).collect();
    assert!(own.iter().all(|it| it.id.starts_with(&format!("step:otel/{trace}/"))), "{own:?}");
    let spans: BTreeSet<&str> = own.iter().map(|it| it.id.split('/').nth(2).unwrap()).collect();
    assert_eq!(spans.len(), 6);
    let done = steps(&imported, &["agent", "output", "tool-call"]);
    let llm = || ("output".to_owned(), "call_llm mistral/mistral-small-latest".to_owned());
    let tool = |name: &str| ("tool-call".to_owned(), format!("execute_tool {name}"));
    let agent = ("agent".to_owned(), "invoke_agent [any_agent]".to_owned());
    assert_eq!(done, [agent, llm(), tool("get_current_time"), llm(), tool("write_file"), llm()]);
    let caused = links(&imported, &Relation::CausedBy);
    assert!(caused.iter().any(|link| link.attributes.get("known-by").is_some_and(|by| by == "time")));
    let root = format!("step:otel/{trace}/{:016x}", 12_324_293_800_750_531_911_u64);
    assert_eq!(caused.iter().filter(|link| link.to == root).count(), 5);
    let absent =
        imported.claims().filter(|claim| matches!(claim, Statement::Absence(it) if it.about.ends_with("/prompt")));
    assert_eq!(absent.count(), 2);
}

#[test]
fn both_spellings_of_one_span_say_the_same() {
    let Some(corpus) = corpus_of("otel-genai") else { return };
    let said = |name: &str| {
        let imported = read(&corpus.join("openinference-genai").join(name));
        let mut said: Vec<String> = artefacts(&imported)
            .into_iter()
            .map(|it| match it.id.starts_with("step:") {
                true => format!("{:?} {:?}", it.attributes.get("step"), it.attributes.get("text_digest")),
                false => it.id.clone(),
            })
            .collect();
        said.sort();
        said
    };
    assert_eq!(said("otel_genai_client_span_tool_calls.json"), said("openinference_client_span_tool_calls.json"));
}

#[test]
fn every_log_of_agents_is_read() {
    let Some(corpus) = corpus_of("agent-logs") else { return };
    let expected = [
        ("agent-bom-inventory", "agent-inventory"),
        ("chainloop-ai", "agent-session"),
        ("claude-code-sessions", "agent-session"),
        ("mcp-2026-07-28", "mcp"),
        ("n8n-workflows", "agent-inventory"),
    ];
    for (folder, format) in expected {
        let files = files(&corpus.join(folder));
        for file in &files {
            let imported = read(file);
            assert_eq!((imported.format, imported.reasons()), (format, Vec::new()), "{}", file.display());
            assert!(imported.claims().count() + imported.warnings().len() > 0 || format == "mcp", "{}", file.display());
        }
        println!("{format} ({folder}): {} files, {} as expected, 0 not", files.len(), files.len());
    }
    for file in files(&corpus.join("llm-http-cassettes")) {
        let refused = import(std::fs::File::open(&file).unwrap()).map(|imported| imported.format).unwrap_err();
        assert!(refused.to_string().contains("HTTP recording"), "{}: {refused}", file.display());
    }
}

#[test]
fn results_of_sessions_come_of_their_calls() {
    let Some(corpus) = corpus_of("agent-logs") else { return };
    for file in files(&corpus.join("claude-code-sessions")) {
        let imported = read(&file);
        let results: Vec<&str> = artefacts(&imported)
            .into_iter()
            .filter(|it| it.attributes.get("step").is_some_and(|word| word == "tool-result"))
            .map(|it| it.id.as_str())
            .collect();
        let caused = links(&imported, &Relation::CausedBy);
        for result in &results {
            let known = caused.iter().any(|link| link.from == *result && link.attributes["known-by"] == "call-id");
            assert!(known, "{}: {result}", file.display());
        }
    }
}

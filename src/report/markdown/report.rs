//! A report as one Markdown document: each answer as it goes into the incident channel, but whole, under headings.
//! It decides no words of an answer.

use super::{Markdown, code, prose};
use crate::investigate::rows::{Dossier, Part, Subject};
use crate::report::dossier::{asked, how_to_verify, named, summary, title};
use std::fmt::Write as _;

/// Rows of each list; the questions cut long before.
const ALL: usize = 1000;

/// The whole document.
pub(in crate::report) fn report(dossier: &Dossier) -> String {
    let mut out = format!("# Report: {}\n\n{}.\n\n## Summary\n\n", prose(&title(dossier)), prose(&asked(dossier)));
    for says in summary(dossier) {
        let _ = writeln!(out, "- {}", prose(&says));
    }
    if !dossier.left_out.is_empty() {
        let _ = writeln!(out, "\nThe case also names {}.", prose(&named(&dossier.left_out)));
    }
    if let Some(case) = &dossier.case {
        section(&mut out, "## What was said and done", &case.page(ALL).text);
    }
    part(&mut out, "## Saved answers, asked again", dossier.again.as_ref());
    part(&mut out, "## What it reaches", dossier.impact.as_ref());
    part(&mut out, "## The way back", dossier.plan.as_ref());
    for it in &dossier.subjects {
        subject(&mut out, it);
    }
    custody(&mut out, dossier);
    out.push_str("\n## How to verify\n");
    for (says, command) in how_to_verify(dossier) {
        let _ = writeln!(out, "\n- {}", prose(&says));
        command.iter().for_each(|command| fence(&mut out, command));
    }
    fence(&mut out, &dossier.custody.checkpoint);
    out
}

/// Lines word for word; a line that would end the block, or hides something, is made visible.
fn fence(out: &mut String, text: &str) {
    out.push_str("\n```text\n");
    for line in text.lines() {
        let _ = writeln!(out, "{}", crate::report::screen::screen(line).replace('`', "ˋ"));
    }
    out.push_str("```\n");
}

fn section(out: &mut String, title: &str, text: &str) {
    let _ = write!(out, "\n{title}\n\n{text}");
}

fn part<T: Markdown>(out: &mut String, title: &str, part: Option<&Part<T>>) {
    match part {
        None => {}
        Some(Part::Answered(answer)) => section(out, title, &answer.page(ALL).text),
        Some(Part::Unanswered { unanswered }) => section(out, title, &format!("No answer: {}\n", prose(unanswered))),
    }
}

fn subject(out: &mut String, it: &Subject) {
    section(out, &format!("## {}", code(it.id())), &it.shown.page(ALL).text);
    part(out, "### What it is made of", Some(&it.tree));
    part(out, "### The evidence it rests on", Some(&it.chain));
    part(out, "### What changed since it was last good", Some(&it.diff));
    part(out, "### Findings", Some(&it.gaps));
    part(out, "### What happened, in order", Some(&it.timeline));
}

fn custody(out: &mut String, dossier: &Dossier) {
    let custody = &dossier.custody;
    let ledger = &custody.ledger;
    let _ = write!(
        out,
        "\n## Custody\n\nLedger {}, {} records, root {}.\n",
        code(&custody.origin),
        ledger.records,
        code(&ledger.root)
    );
    if let Some(key) = &custody.verifier {
        let _ = write!(out, "\nIts checkpoints verify with {}.\n", code(key));
    }
    out.push_str("\n| record | source | file | received | SHA-256 |\n|---:|---|---|---|---|\n");
    for row in &custody.records {
        let digest = row.sha256.as_deref().map_or_else(|| "erased".to_owned(), code);
        let file = format!("{} line {}", row.file, row.line);
        // a bar ends a cell even inside a code span
        let cell = |text: &str| code(text).replace('|', "¦");
        let (source, file) = (cell(&row.source), cell(&file));
        let _ = writeln!(out, "| {} | {source} | {file} | {} | {digest} |", row.record, row.received_at.short());
    }
    let (listed, cited) = (custody.records.len() as u64, custody.cited);
    if cited > listed {
        let _ = writeln!(out, "\n{listed} of {cited} records that are cited are listed.");
    }
}

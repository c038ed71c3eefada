//! `case`: one investigation, from its opening to the file a colleague takes in. It reads no ledger itself.

use crate::cli::Session;
use crate::cli::args;
use crate::cli::command::{ask, open};
use crate::cli::failure::{Exit, Failure};
use crate::cli::file::write_whole;
use crate::engine::{CaseExport, Engine, EngineError, NoteRequest, View};
use crate::investigate::question::Question;
use crate::model::shell_word;
use crate::report::screen::screen;
use crate::report::{self, json};
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

/// A case's file longer than this is none.
const LONGEST_FILE: u64 = 256 << 20;
/// Lines that could not be taken in that are listed in words; `--json` has all.
const LISTED: usize = 20;

/// The case in which things are said: `--case`, else the one in use.
pub(super) fn in_use(session: &Session, engine: &Engine) -> Option<String> {
    session.global.case.clone().or_else(|| engine.used_case())
}

/// The one that a command names, else the one in use.
pub(super) fn named(session: &Session, engine: &Engine, name: Option<&String>) -> Result<String, Failure> {
    name.cloned().or_else(|| in_use(session, engine)).ok_or_else(|| {
        Failure::new(Exit::Usage, "no case is in use: name one")
            .hint("lastgood case list")
            .hint("lastgood case new NAME")
    })
}

/// `case`
pub(crate) fn run(session: &Session, it: &args::Case) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    match it {
        args::Case::New { name, title } => {
            let claim = engine.open_case(name, title.clone(), &session.investigator())?;
            session.out.remark(&format!(
                "Opened {name} [{claim}]. Marks, notes and answers kept with --save go to it until: lastgood case use --none"
            ));
            show(session, &engine, name)
        }
        args::Case::List => {
            let view = open::view(session, &engine)?;
            ask::say(session, &view, "cases", &view.cases(in_use(session, &engine).as_deref())?, report::case::list)
        }
        args::Case::Use { name, .. } => {
            engine.use_case(name.as_deref())?;
            match name {
                Some(name) => {
                    session.out.remark(&format!("{name} is in use."));
                    show(session, &engine, name)
                }
                None => {
                    session.out.remark("No case is in use.");
                    Ok(Exit::Answered)
                }
            }
        }
        args::Case::Show { name } => show(session, &engine, &named(session, &engine, name.as_ref())?),
        args::Case::Note { text, about } => {
            let view = open::view(session, &engine)?;
            let about = about.as_ref().map(|about| open::artefact(&view, about)).transpose()?;
            let case = Some(named(session, &engine, None)?);
            let claim = engine.note(NoteRequest {
                text: text.clone(),
                about,
                by: session.investigator(),
                case: case.clone(),
            })?;
            session.out.remark(&format!("Noted in {} [{claim}].", case.as_deref().unwrap_or_default()));
            show(session, &engine, case.as_deref().unwrap_or_default())
        }
        args::Case::Close { name, reason } => {
            let name = named(session, &engine, name.as_ref())?;
            let claim = engine.close_case(&name, reason.clone(), &session.investigator())?;
            session
                .out
                .remark(&format!("Closed {name} [{claim}]. To open it again: lastgood case new {}", shell_word(&name)));
            show(session, &engine, &name)
        }
        args::Case::Export { name, to, force } => {
            let name = named(session, &engine, name.as_ref())?;
            export(session, &engine, &name, to.as_deref(), *force)
        }
        args::Case::Import { file } => import(session, &engine, file),
        args::Case::Again { claim } => again(session, &engine, claim.as_deref()),
    }
}

fn show(session: &Session, engine: &Engine, name: &str) -> Result<Exit, Failure> {
    let view = open::view(session, engine)?;
    let answer = view.case(name, in_use(session, engine).as_deref())?;
    ask::say(session, &view, "case", &answer, report::case::case)
}

fn again(session: &Session, engine: &Engine, claim: Option<&str>) -> Result<Exit, Failure> {
    let view = open::view(session, engine)?;
    let case = match claim {
        Some(_) => None,
        None => Some(named(session, engine, None)?),
    };
    let answer = view.again(case.as_deref(), claim, None)?;
    if answer.rows.is_empty() {
        session.out.remark("No answer is saved in this case: ask with --save TITLE.");
    }
    ask::say(session, &view, "case-again", &answer, report::case::again)
}

fn export(session: &Session, engine: &Engine, name: &str, to: Option<&Path>, force: bool) -> Result<Exit, Failure> {
    let CaseExport { lines, statements: count, left_out } = engine.export_case(name)?;
    if left_out > 0 {
        session.out.remark(&format!(
            "{left_out} more statements name {name} and are left out: they came in plain files, and no investigator said them."
        ));
    }
    let Some(to) = to.filter(|to| to.as_os_str() != "-") else {
        session.say(&lines)?;
        return Ok(Exit::Answered);
    };
    write_whole(to, force, |out| {
        out.write_all(lines.as_bytes()).map_err(|source| EngineError::Io { path: to.to_owned(), source })
    })?;
    let file = to.display();
    session.out.remark(&format!(
        "Wrote {count} statements of {name} to {file}. A colleague takes it in with: lastgood case import {}",
        shell_word(&file.to_string())
    ));
    if session.out.json {
        let said =
            serde_json::json!({ "case": name, "file": file.to_string(), "statements": count, "left_out": left_out });
        session.say(&json::report("case-export", &engine.head()?, &said))?;
    }
    Ok(Exit::Answered)
}

fn import(session: &Session, engine: &Engine, file: &Path) -> Result<Exit, Failure> {
    let unreadable = |error: std::io::Error| Failure::new(Exit::Usage, format!("{}: {error}", file.display()));
    let mut content = Vec::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().take(LONGEST_FILE + 1).read_to_end(&mut content)
    } else {
        let opened = std::fs::File::open(file).map_err(unreadable)?;
        opened.take(LONGEST_FILE + 1).read_to_end(&mut content)
    };
    read.map_err(unreadable)?;
    if content.len() as u64 > LONGEST_FILE {
        let message = format!("{}: is longer than {} MiB, which no case is", file.display(), LONGEST_FILE >> 20);
        return Err(Failure::new(Exit::Usage, message));
    }
    let name = file.file_name().map_or_else(|| "stdin".into(), |name| name.to_string_lossy());
    let name = if name == "-" { "stdin".into() } else { name };
    let report = engine.import_case(&name, &content)?;
    if session.out.json {
        session.say(&json::report("case-import", &engine.head()?, &report))?;
    } else {
        let mut out = format!("{} statements added, {} known already", report.added, report.known);
        if !report.cases.is_empty() {
            let _ = write!(out, "; of {}", screen(&report.cases.join(", ")));
        }
        let listed = if session.out.verbose { usize::MAX } else { LISTED };
        for it in report.not_read.iter().take(listed) {
            let _ = write!(out, "\n  {} {}: {}", screen(&it.file), it.place, screen(&it.why));
        }
        if let Some(rest) = report.not_read.len().checked_sub(listed).filter(|rest| *rest > 0) {
            let _ = write!(out, "\n  … and {rest} more (-v lists all)");
        }
        session.out.remark_laid_out(&out);
    }
    Ok(if report.not_read.is_empty() { Exit::Answered } else { Exit::Partial })
}

/// Keeps an answer in the case in use, where `--save` asks for that.
pub(super) fn save(session: &Session, view: &View<'_>, engine: &Engine, question: Question) -> Result<(), Failure> {
    let Some(title) = &session.global.save else { return Ok(()) };
    let case = in_use(session, engine);
    let claim = view.save_answer(question, title, &session.investigator(), case.as_deref(), None)?;
    let case = case.unwrap_or_default();
    session.out.remark(&format!("Saved in {case} [{claim}]. To ask it again and compare: lastgood case again {claim}"));
    Ok(())
}

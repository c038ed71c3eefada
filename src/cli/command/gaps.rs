//! `gaps`, `gate`, `except`: arguments to questions, answers to text, JSON, or what CI systems read.

use crate::cli::Session;
use crate::cli::args;
use crate::cli::command::marks::sign_with;
use crate::cli::command::{ask, case, open};
use crate::cli::failure::{Exit, Failure};
use crate::engine::{Engine, ExceptRequest};
use crate::investigate::answer::Answer;
use crate::investigate::question::{Gaps, Gate, Question};
use crate::investigate::rows::{GapRow, GateSummary};
use crate::report;
use std::path::Path;

/// `gaps`
pub(crate) fn gaps(session: &Session, it: &args::Gaps) -> Result<Exit, Failure> {
    let mut engine = open::existing(session)?;
    judge_by(&mut engine, it.policy.as_deref())?;
    let view = open::view(session, &engine)?;
    let of = it.artefact.as_deref().map(|text| open::artefact(&view, text)).transpose()?;
    let question = Gaps { of, limit: it.limit };
    let answer = view.gaps(&question, None)?;
    ask::say(session, &view, "gaps", &answer, report::gaps::gaps)?;
    case::save(session, &view, &engine, Question::Gaps(question))?;
    Ok(Exit::Answered)
}

/// `gate`
pub(crate) fn gate(session: &Session, it: &args::Gate) -> Result<Exit, Failure> {
    let printed = [&it.sarif, &it.junit].into_iter().flatten().filter(|path| is_stdout(path)).count();
    if printed > 1 || (printed > 0 && session.out.json) {
        return Err(Failure::new(Exit::Usage, "only one answer fits on standard output: give the other a file"));
    }
    let none = !session.ledger.exists() && !it.with.is_empty();
    let mut engine =
        if none { Engine::without_ledger(&session.home, session.clock.clone())? } else { open::existing(session)? };
    judge_by(&mut engine, it.policy.as_deref())?;
    let view = if it.with.is_empty() {
        open::view(session, &engine)?
    } else {
        let (view, not_read) = engine.view_with(&open::scope(session)?, &it.with)?;
        // a candidate that cannot be read must not pass for one that says nothing against itself
        if let Some(first) = not_read.first() {
            let more = if not_read.len() > 1 { format!(" (and {} more)", not_read.len() - 1) } else { String::new() };
            let message = format!("--with: {} {}: {}{more}", first.file, first.place, first.why);
            return Err(Failure::new(Exit::Partial, message).hint("put it right, or leave it out"));
        }
        view
    };
    let question = Gate { of: open::artefact(&view, &it.artefact)?, environment: it.environment.clone() };
    let answer = view.gate(&question, None)?;
    for (path, text) in [(&it.sarif, report::pipeline::sarif(&answer)), (&it.junit, report::pipeline::junit(&answer))] {
        match path {
            Some(path) if is_stdout(path) => session.say(&text)?,
            Some(path) => write(path, &text)?,
            None => {}
        }
    }
    if printed == 0 {
        ask::say(session, &view, "gate", &answer, report::gaps::gate)?;
    }
    if it.with.is_empty() {
        case::save(session, &view, &engine, Question::Gate(question))?;
    } else if session.global.save.is_some() {
        return Err(Failure::new(
            Exit::Usage,
            "--save: an answer that rests on files beside the ledger cannot be asked again",
        ));
    }
    Ok(exit(&answer))
}

fn exit(answer: &Answer<GapRow, GateSummary>) -> Exit {
    if answer.summary.verdict == "allow" { Exit::Answered } else { Exit::No }
}

fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| {
        let exit = match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Exit::NoSpace,
            _ => Exit::Usage,
        };
        Failure::new(exit, format!("{}: {error}", path.display()))
    })
}

/// Judges by another policy than the one in use, where one is named.
fn judge_by(engine: &mut Engine, policy: Option<&Path>) -> Result<(), Failure> {
    Ok(policy.map(|path| engine.judge_by(path)).transpose().map(|_| ())?)
}

/// `except`
pub(crate) fn except(session: &Session, it: &args::Except) -> Result<Exit, Failure> {
    let mut engine = open::existing(session)?;
    judge_by(&mut engine, it.policy.as_deref())?;
    sign_with(session, &mut engine, it.sign.as_ref())?;
    let view = open::view(session, &engine)?;
    let about = open::artefact(&view, &it.artefact)?;
    let until = it.until.clone();
    let until = session.time_to_come("--until", &until)?;
    let claim = engine.except(ExceptRequest {
        about: about.clone(),
        requirement: it.requirement.clone(),
        owner: it.owner.clone(),
        reason: it.reason.clone(),
        by: session.investigator(),
        until,
        case: case::in_use(session, &engine),
    })?;
    session.out.remark(&format!(
        "Accepted {} of {about} until {}. To take it back: lastgood unmark {claim} --reason TEXT",
        it.requirement,
        until.short()
    ));
    let view = open::view(session, &engine)?;
    let mut answer = view.gaps(&Gaps { of: Some(about.clone()), limit: usize::MAX }, None)?;
    answer.rows.retain(|row| row.about == about && row.requirement == it.requirement);
    answer.completeness = crate::investigate::answer::Completeness::exact(answer.rows.len());
    ask::say(session, &view, "gaps", &answer, report::gaps::gaps)
}

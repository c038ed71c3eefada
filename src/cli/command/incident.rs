//! `diff`, `last-good`, `suspects`, `plan`, `timeline`: arguments to questions, answers to text or JSON.

use crate::cli::Session;
use crate::cli::args;
use crate::cli::command::{ask, case, open};
use crate::cli::failure::{Exit, Failure};
use crate::investigate::question::{Diff, LastGood, Plan, Question, Suspects, Timeline};
use crate::report;

/// `diff`
pub(crate) fn diff(session: &Session, it: &args::Diff) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let view = open::view(session, &engine)?;
    let (old, new) = match &it.new {
        Some(new) => (Some(open::artefact(&view, &it.old)?), open::artefact(&view, new)?),
        None => (None, open::artefact(&view, &it.old)?),
    };
    let question = Diff { old, new, all: it.all, limit: it.limit };
    let answer = view.diff(&question, None)?;
    ask::say(session, &view, "diff", &answer, report::diff::diff)?;
    case::save(session, &view, &engine, Question::Diff(question))?;
    Ok(Exit::Answered)
}

/// `last-good`
pub(crate) fn last_good(session: &Session, it: &args::OneArtefact) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let view = open::view(session, &engine)?;
    let question = LastGood { of: open::artefact(&view, &it.artefact)? };
    let answer = view.last_good(&question, None)?;
    ask::say(session, &view, "last-good", &answer, report::last_good::last_good)?;
    case::save(session, &view, &engine, Question::LastGood(question))?;
    Ok(if answer.summary.last_good.is_some() { Exit::Answered } else { Exit::No })
}

/// `suspects`
pub(crate) fn suspects(session: &Session, it: &args::Suspects) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let view = open::view(session, &engine)?;
    open::occurring(&view, &it.kind, &[])?;
    let bad = open::artefacts(&view, &it.bad)?;
    let good = open::artefacts(&view, &it.good)?;
    let question = Suspects { bad, good, kinds: it.kind.clone(), limit: it.limit };
    let answer = view.suspects(&question, None)?;
    ask::say(session, &view, "suspects", &answer, report::suspects::suspects)?;
    case::save(session, &view, &engine, Question::Suspects(question))?;
    Ok(Exit::Answered)
}

/// `plan`
pub(crate) fn plan(session: &Session, it: &args::Plan) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let view = open::view(session, &engine)?;
    let of = open::artefacts(&view, &it.artefacts)?;
    let question = Plan { of, window: open::window(session, &it.when)?, limit: it.limit };
    let answer = view.plan(&question, None)?;
    ask::say(session, &view, "plan", &answer, report::plan::plan)?;
    case::save(session, &view, &engine, Question::Plan(question))?;
    Ok(Exit::Answered)
}

/// `timeline`
pub(crate) fn timeline(session: &Session, it: &args::Timeline) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let view = open::view(session, &engine)?;
    let id = open::artefact(&view, &it.artefact)?;
    let window = open::window(session, &it.when)?;
    let question = Timeline { id, depth: it.depth, window, limit: it.limit };
    let answer = view.timeline(&question, None)?;
    ask::say(session, &view, "timeline", &answer, report::timeline::timeline)?;
    case::save(session, &view, &engine, Question::Timeline(question))?;
    Ok(Exit::Answered)
}

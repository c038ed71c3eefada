//! `chain`, `drift`, `controls`: arguments to questions, answers to text or JSON.

use crate::cli::Session;
use crate::cli::args;
use crate::cli::command::{ask, case, open};
use crate::cli::failure::{Exit, Failure};
use crate::investigate::question::{Chain, Controls, Drift, Question};
use crate::report;

/// `chain`
pub(crate) fn chain(session: &Session, it: &args::Chain) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let view = open::view(session, &engine)?;
    let question = Chain { id: open::artefact(&view, &it.artefact)?, limit: it.limit };
    let answer = view.chain(&question, None)?;
    let words = if it.all { report::chain::whole } else { report::chain::chain };
    ask::say(session, &view, "chain", &answer, words)?;
    case::save(session, &view, &engine, Question::Chain(question))?;
    Ok(if answer.summary.complete { Exit::Answered } else { Exit::No })
}

/// `drift`
pub(crate) fn drift(session: &Session, it: &args::Drift) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let view = open::view(session, &engine)?;
    let of = it.artefact.as_deref().map(|text| open::artefact(&view, text)).transpose()?;
    let question = Drift { of, limit: it.limit };
    let answer = view.drift(&question, None)?;
    ask::say(session, &view, "drift", &answer, report::drift::drift)?;
    case::save(session, &view, &engine, Question::Drift(question))?;
    Ok(if answer.summary.drifted == 0 { Exit::Answered } else { Exit::No })
}

/// `controls`
pub(crate) fn controls(session: &Session, it: &args::Controls) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let view = open::view(session, &engine)?;
    let about = it.artefact.as_deref().map(|text| open::artefact(&view, text)).transpose()?;
    let question = Controls { of: it.framework.clone(), about };
    let answer = view.controls(&question, None)?;
    ask::say(session, &view, "controls", &answer, report::controls::controls)?;
    case::save(session, &view, &engine, Question::Controls(question))?;
    Ok(Exit::Answered)
}

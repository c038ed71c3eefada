//! `diff`, `last-good`, `suspects`, `plan`, `timeline`: arguments to questions, answers to text or JSON.

use crate::cli::Session;
use crate::cli::args;
use crate::cli::command::{ask, case, open};
use crate::cli::failure::{Exit, Failure};
use crate::engine::{Engine, MarkRequest, Scope};
use crate::investigate::question::{Diff, LastGood, Marks, Plan, Question, Suspects, Timeline};
use crate::investigate::rows::PlanRow;
use crate::model::{MarkKind, Window};
use crate::report;
use std::collections::BTreeMap;

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
    let case = case::in_use(session, &engine);
    let answer = view.plan(&question, case.as_deref(), None)?;
    ask::say(session, &view, "plan", &answer, report::plan::plan)?;
    case::save(session, &view, &engine, Question::Plan(question))?;
    if it.mark { mark_targets(session, &engine, &answer.rows) } else { Ok(Exit::Answered) }
}

/// Marks every target of a plan once; one that is marked already stays as it is.
fn mark_targets(session: &Session, engine: &Engine, rows: &[PlanRow]) -> Result<Exit, Failure> {
    let marks = engine.view(&Scope::default())?.marks(&Marks { mark: Some(MarkKind::Rollback), ..Marks::default() })?;
    let known = |id: &str| marks.rows.iter().any(|row| row.about == id);
    let mut targets: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in rows {
        if let Some(target) = &row.target {
            targets.entry(target).or_default().push(&row.deployment);
        }
    }
    let mut requests = Vec::new();
    for (target, deployments) in targets {
        if known(target) {
            session.out.remark(&format!("{target} is marked rollback already."));
            continue;
        }
        let (first, more) = (deployments.first().copied().unwrap_or_default(), deployments.len().saturating_sub(1));
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        requests.push(MarkRequest {
            about: target.to_owned(),
            mark: MarkKind::Rollback,
            reason: format!("target of the plan for {first}{more}"),
            by: session.investigator(),
            window: Window::default(),
            case: case::in_use(session, engine),
        });
    }
    let about: Vec<String> = requests.iter().map(|it| it.about.clone()).collect();
    for (target, claim) in about.iter().zip(engine.mark_all(requests)?) {
        session
            .out
            .remark(&format!("Marked {target} as rollback. To take it back: lastgood unmark {claim} --reason TEXT"));
    }
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

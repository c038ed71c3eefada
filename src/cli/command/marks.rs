//! `mark`, `unmark`, `marks`: an investigator's statements, appended to the log.

use crate::cli::Session;
use crate::cli::args;
use crate::cli::command::{ask, open};
use crate::cli::failure::{Exit, Failure};
use crate::engine::{MarkRequest, UnmarkRequest};
use crate::investigate::question::Marks;
use crate::model::MarkKind;
use crate::report::text;

/// `mark`
pub(crate) fn mark(session: &Session, it: &args::Mark) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let view = open::view(session, &engine)?;
    let about = open::artefact(&view, &it.artefact)?;
    let when = args::When { since: it.since.clone(), until: it.until.clone() };
    let window = open::window(session, &when)?;
    let mark = kind(&it.mark)?;
    engine.mark(MarkRequest {
        about: about.clone(),
        mark,
        reason: it.reason.clone(),
        by: session.investigator(),
        window,
        case: session.global.case.clone(),
    })?;
    session.out.remark(&format!("Marked {} as {}. It can be taken back: lastgood unmark", about, mark.as_str()));
    list_of(session, &engine, Some(about))
}

/// `unmark`
pub(crate) fn unmark(session: &Session, it: &args::Unmark) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let view = open::view(session, &engine)?;
    let of = if view.is_mark(&it.artefact) { it.artefact.clone() } else { open::artefact(&view, &it.artefact)? };
    let mark = it.mark.as_deref().map(kind).transpose()?;
    let taken = engine.unmark(&UnmarkRequest {
        of: of.clone(),
        mark,
        reason: it.reason.clone(),
        by: session.investigator(),
    })?;
    if taken == 0 {
        return Err(Failure::new(Exit::No, format!("no such mark holds on {of}")).hint("lastgood marks"));
    }
    session.out.remark(&format!("Took back {taken} mark(s) on {of}; they stay in the log."));
    let view = open::view(session, &engine)?;
    let answer = view.marks(&Marks { retracted: true, ..Marks::default() })?;
    ask::say(session, &view, "marks", &answer, text::marks)
}

/// `marks`
pub(crate) fn list(session: &Session, it: &args::Marks) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let view = open::view(session, &engine)?;
    let question = Marks { mark: None, retracted: it.all, case: session.global.case.clone() };
    let answer = view.marks(&question)?;
    ask::say(session, &view, "marks", &answer, text::marks)
}

fn list_of(session: &Session, engine: &crate::engine::Engine, about: Option<String>) -> Result<Exit, Failure> {
    let view = open::view(session, engine)?;
    let mut answer = view.marks(&Marks::default())?;
    if let Some(about) = about {
        answer.rows.retain(|row| row.about == about);
        answer.completeness = crate::investigate::answer::Completeness::exact(answer.rows.len());
    }
    ask::say(session, &view, "marks", &answer, text::marks)
}

fn kind(word: &str) -> Result<MarkKind, Failure> {
    MarkKind::parse(word).ok_or_else(|| Failure::new(Exit::Usage, format!("{word} is not a mark")))
}

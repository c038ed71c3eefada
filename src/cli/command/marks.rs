//! `mark`, `unmark`, `marks`: an investigator's statements, appended to the log.

use crate::cli::Session;
use crate::cli::args;
use crate::cli::command::{ask, case, open};
use crate::cli::failure::{Exit, Failure};
use crate::engine::{Engine, MarkRequest, SameRequest, Scope, Signing, UnmarkRequest};
use crate::investigate::answer::Completeness;
use crate::investigate::question::{Marks, Show};
use crate::model::MarkKind;
use crate::report::text;
use std::path::PathBuf;

/// `mark`
pub(crate) fn mark(session: &Session, it: &args::Mark) -> Result<Exit, Failure> {
    let mut engine = open::existing(session)?;
    sign_with(session, &mut engine, it.sign.as_ref())?;
    let view = open::view(session, &engine)?;
    let about = open::artefact(&view, &it.artefact)?;
    let when = args::When { since: it.since.clone(), until: it.until.clone() };
    let window = open::window(session, &when)?;
    let mark = kind(&it.mark)?;
    let claim = engine.mark(MarkRequest {
        about: about.clone(),
        mark,
        reason: it.reason.clone(),
        by: session.investigator(),
        window,
        case: case::in_use(session, &engine),
    })?;
    session.out.remark(&format!(
        "Marked {about} as {}. To take it back: lastgood unmark {claim} --reason TEXT",
        mark.as_str()
    ));
    say_marks(session, &engine, &[claim])
}

/// `same`
pub(crate) fn same(session: &Session, it: &args::Same) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let view = open::view(session, &engine)?;
    let (a, b) = (open::artefact(&view, &it.artefact)?, open::artefact(&view, &it.other)?);
    let (reason, by) = (it.reason.clone(), session.investigator());
    let claim = engine.same(&SameRequest { a: a.clone(), b: b.clone(), reason, by })?;
    session
        .out
        .remark(&format!("{a} and {b} are one from now on. To take it back: lastgood unmark {claim} --reason TEXT"));
    let view = engine.view(&Scope::default())?;
    ask::say(session, &view, "show", &view.show(&Show { id: a })?, text::show)
}

/// Signs what is said next, where the command line asks for it.
pub(super) fn sign_with(session: &Session, engine: &mut Engine, sign: Option<&Option<PathBuf>>) -> Result<(), Failure> {
    match sign {
        Some(Some(key)) => engine.sign_with(Some(Signing { key: key.clone(), may_ask: true })),
        Some(None) if engine.signing().is_none() => {
            let file = session.home.settings();
            return Err(Failure::new(Exit::Usage, "--sign: no key is set to sign with")
                .hint("--sign=KEY, where KEY is an SSH key's file")
                .hint(format!("signing-key = \"KEY\" in {}", file.display())));
        }
        _ => {}
    }
    Ok(())
}

/// `unmark`
pub(crate) fn unmark(session: &Session, it: &args::Unmark) -> Result<Exit, Failure> {
    let mut engine = open::existing(session)?;
    sign_with(session, &mut engine, it.sign.as_ref())?;
    let view = open::view(session, &engine)?;
    let of = if view.is_said(&it.artefact)? { it.artefact.clone() } else { open::artefact(&view, &it.artefact)? };
    let mark = it.mark.as_deref().map(kind).transpose()?;
    let unmarked = engine.unmark(&UnmarkRequest {
        of: of.clone(),
        mark,
        reason: it.reason.clone(),
        by: session.investigator(),
    })?;
    if unmarked.taken.is_empty() {
        return Err(Failure::new(Exit::No, format!("no such mark holds on {of}")).hint("lastgood marks"));
    }
    let taken = unmarked.taken.join(", ");
    session.out.remark(&format!("Took back {taken} on {of}; it stays in the log."));
    say_marks(session, &engine, &unmarked.taken)
}

/// `marks`
pub(crate) fn list(session: &Session, it: &args::Marks) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let view = open::view(session, &engine)?;
    let question = Marks { mark: None, retracted: it.all, case: session.global.case.clone() };
    let answer = view.marks(&question)?;
    ask::say(session, &view, "marks", &answer, text::marks)
}

/// The marks of these claims, as the ledger has them now.
fn say_marks(session: &Session, engine: &Engine, claims: &[String]) -> Result<Exit, Failure> {
    let view = engine.view(&Scope::default())?;
    let mut answer = view.marks(&Marks { retracted: true, ..Marks::default() })?;
    answer.rows.retain(|row| claims.contains(&row.claim));
    answer.completeness = Completeness::exact(answer.rows.len());
    ask::say(session, &view, "marks", &answer, text::marks)
}

fn kind(word: &str) -> Result<MarkKind, Failure> {
    MarkKind::parse(word).ok_or_else(|| Failure::new(Exit::Usage, format!("{word} is not a mark")))
}

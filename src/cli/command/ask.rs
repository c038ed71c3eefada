//! `find`, `show`, `tree`, `path`: arguments to questions, answers to text or JSON.

use crate::cli::Session;
use crate::cli::args;
use crate::cli::command::{case, open};
use crate::cli::failure::{Exit, Failure};
use crate::engine::{Engine, View};
use crate::investigate::answer::Answer;
use crate::investigate::question::{Direction, Find, Path, Question, Show, Tree};
use crate::report::markdown::Markdown;
use crate::report::table::Layout;
use crate::report::{json, text};
use serde::Serialize;

/// Hands an answer out in the form that was asked for.
pub(super) fn say<R: Serialize, S: Serialize>(
    session: &Session,
    view: &View<'_>,
    question: &str,
    answer: &Answer<R, S>,
    words: fn(&Answer<R, S>, Layout) -> String,
) -> Result<Exit, Failure>
where
    Answer<R, S>: Markdown,
{
    if session.out.markdown {
        session.say(&answer.markdown(view.head()))?;
        return Ok(Exit::Answered);
    }
    say_plain(session, view, question, answer, words)
}

/// The same for an answer that has no Markdown form.
pub(super) fn say_plain<R: Serialize, S: Serialize>(
    session: &Session,
    view: &View<'_>,
    question: &str,
    answer: &Answer<R, S>,
    words: fn(&Answer<R, S>, Layout) -> String,
) -> Result<Exit, Failure> {
    let layout = session.out.layout;
    let text = match session.out.json {
        true => json::answer(question, view.head(), answer),
        false => words(answer, layout) + &text::footer(view.head(), layout),
    };
    session.say(&text)?;
    Ok(Exit::Answered)
}

/// What a search or a path says when it found nothing.
fn found(rows: usize) -> Exit {
    if rows == 0 { Exit::No } else { Exit::Answered }
}

/// `find`
pub(crate) fn find(session: &Session, it: &args::Find) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let view = open::view(session, &engine)?;
    let question = Find { query: it.query.join(" "), limit: it.limit };
    let answer = view.find(&question, None)?;
    say(session, &view, "find", &answer, text::find)?;
    case::save(session, &view, &engine, Question::Find(question))?;
    Ok(found(answer.rows.len()))
}

/// `show`
pub(super) fn show(session: &Session, engine: &Engine, it: &args::Show) -> Result<Exit, Failure> {
    let view = open::view(session, engine)?;
    let question = Show { id: open::artefact(&view, &it.artefact)? };
    let answer = match &it.check_files {
        Some(folder) => view.show_with_files(&question, folder, &it.ignore)?,
        None => view.show(&question)?,
    };
    say(session, &view, "show", &answer, text::show)?;
    case::save(session, &view, engine, Question::Show(question))?;
    let differs = answer.summary.files.as_ref().is_some_and(|files| !files.equal);
    Ok(if differs { Exit::No } else { Exit::Answered })
}

/// `tree`
pub(crate) fn tree(session: &Session, it: &args::Tree) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let view = open::view(session, &engine)?;
    open::occurring(&view, &it.kind, &it.relation)?;
    let question = Tree {
        id: open::artefact(&view, &it.artefact)?,
        direction: if it.down { Direction::Down } else { Direction::Up },
        depth: it.depth,
        relations: it.relation.clone(),
        kinds: it.kind.clone(),
        window: open::window(session, &it.when)?,
        limit: it.limit,
    };
    let answer = view.tree(&question)?;
    say(session, &view, "tree", &answer, text::tree)?;
    case::save(session, &view, &engine, Question::Tree(question))?;
    Ok(Exit::Answered)
}

/// `path`
pub(crate) fn path(session: &Session, it: &args::Path) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let view = open::view(session, &engine)?;
    let from = open::artefact(&view, &it.from)?;
    let to = open::artefact(&view, &it.to)?;
    let question = Path { from: from.clone(), to: to.clone(), window: open::window(session, &it.when)? };
    let answer = view.path(&question)?;
    if answer.rows.is_empty() && !session.out.json {
        session.out.remark(&format!("Neither depends on the other: {from} and {to}."));
    }
    say(session, &view, "path", &answer, text::path)?;
    case::save(session, &view, &engine, Question::Path(question))?;
    Ok(found(answer.rows.len()))
}

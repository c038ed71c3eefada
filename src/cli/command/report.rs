//! `report`: what is known of a case or an artefact, written down for somebody else. It words nothing itself.

use crate::cli::Session;
use crate::cli::args;
use crate::cli::command::{case, open};
use crate::cli::failure::{Exit, Failure};
use crate::cli::file::write_whole;
use crate::engine::{Engine, EngineError, View};
use crate::investigate::rows::About;
use crate::report::dossier::{self, Form};
use crate::report::json;
use std::path::{Path, PathBuf};

/// What a command is about: an artefact, or the case that the command line names.
pub(super) fn about(session: &Session, view: &View<'_>, artefact: Option<&String>) -> Result<Option<About>, Failure> {
    match (artefact, &session.global.case) {
        (Some(_), Some(_)) => {
            Err(Failure::new(Exit::Usage, "it is about an artefact or about a case: name one of them"))
        }
        (Some(text), None) => Ok(Some(About::Artefact(open::artefact(view, text)?))),
        (None, Some(case)) => Ok(Some(About::Case(case.clone()))),
        (None, None) => Ok(None),
    }
}

/// `report`
pub(crate) fn report(session: &Session, it: &args::Report) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let view = open::view(session, &engine)?;
    let about = match about(session, &view, it.artefact.as_ref())? {
        Some(about) => about,
        None => About::Case(case::named(session, &engine, None)?),
    };
    let (to, form) = place(session, it, &about)?;
    let dossier = view.dossier(&about, None)?;
    let text = dossier::write(&dossier, form);
    hand_out(session, &engine, to.as_deref(), it.force, &text, "report")
}

/// Where it goes, and in which form: the ending of the file says it; a folder gets an HTML file.
fn place(session: &Session, it: &args::Report, about: &About) -> Result<(Option<PathBuf>, Form), Failure> {
    let Some(to) = it.to.as_ref().filter(|to| to.as_os_str() != "-") else {
        return Ok((None, if session.out.json { Form::Json } else { Form::Markdown }));
    };
    if to.is_dir() {
        return Ok((Some(to.join(dossier::file_name(about, Form::Html))), Form::Html));
    }
    let form = Form::of(to).ok_or_else(|| {
        Failure::new(Exit::Usage, format!("{}: its ending does not say in which form to write", to.display()))
            .hint("a name that ends in .html, .md or .json, or a folder that is there")
    })?;
    Ok((Some(to.clone()), form))
}

/// To standard output, or into a file that is written whole or not at all.
pub(super) fn hand_out(
    session: &Session,
    engine: &Engine,
    to: Option<&Path>,
    force: bool,
    text: &str,
    what: &str,
) -> Result<Exit, Failure> {
    let Some(to) = to.filter(|to| to.as_os_str() != "-") else {
        session.say(text)?;
        return Ok(Exit::Answered);
    };
    write_whole(to, force, |out| {
        out.write_all(text.as_bytes()).map_err(|source| EngineError::Io { path: to.to_owned(), source })
    })?;
    let name = to.display().to_string();
    session.out.remark(&format!("Wrote {name}, {} bytes.", text.len()));
    if session.out.json {
        let said = serde_json::json!({"file": name, "bytes": text.len()});
        session.say(&json::report(what, &engine.head()?, &said))?;
    }
    Ok(Exit::Answered)
}

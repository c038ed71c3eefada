//! `impact`: what is bad, named or pasted as a secret, to everything that depends on it.

use crate::cli::Session;
use crate::cli::args;
use crate::cli::command::{ask, case, open};
use crate::cli::failure::{Exit, Failure};
use crate::engine::View;
use crate::investigate::question::{Impact, Question};
use crate::report::impact;
use std::io::Read as _;

/// A pasted secret longer than this is a mistake.
const LONGEST_SECRET: u64 = 64 * 1024;

/// `impact`
pub(crate) fn run(session: &Session, it: &args::Impact) -> Result<Exit, Failure> {
    if it.secret.as_deref().is_some_and(|secret| secret != "-") {
        return Err(Failure::new(Exit::Usage, "--secret takes - and reads the secret from standard input").hint(
            "what was typed is in the shell's history now, and other users can see arguments: treat it as leaked",
        ));
    }
    if it.csv && session.out.json {
        return Err(Failure::new(Exit::Usage, "--csv and --json are two forms of one answer: give one of them"));
    }
    let engine = open::existing(session)?;
    let view = open::view(session, &engine)?;
    open::occurring(&view, &it.kind, &[])?;
    let mut of = Vec::new();
    for text in &it.artefacts {
        of.push(open::artefact(&view, text)?);
    }
    if it.secret.is_some() {
        of.extend(pasted(&view)?);
    }
    let question = Impact { of, window: open::window(session, &it.when)?, kinds: it.kind.clone(), limit: it.limit };
    let answer = view.impact(&question, None)?;
    if it.csv {
        session.say(&impact::csv(&answer))?;
    } else {
        ask::say(session, &view, "impact", &answer, impact::impact)?;
    }
    case::save(session, &view, &engine, Question::Impact(question))?;
    Ok(Exit::Answered)
}

/// The artefacts that hold the secret on standard input.
fn pasted(view: &View<'_>) -> Result<Vec<String>, Failure> {
    let mut secret = Vec::new();
    std::io::stdin()
        .lock()
        .take(LONGEST_SECRET + 1)
        .read_to_end(&mut secret)
        .map_err(|error| Failure::new(Exit::Usage, format!("standard input: {error}")))?;
    if secret.len() as u64 > LONGEST_SECRET || secret.trim_ascii().is_empty() {
        return Err(Failure::new(Exit::Usage, "give the secret on standard input, at most 64 KiB"));
    }
    let found = view.holders_of_secret(&secret);
    secret.fill(0);
    let found = found?;
    if found.is_empty() {
        return Err(Failure::new(Exit::No, "no record in the ledger holds that secret")
            .hint("import what may have used it: records are searched as they come in"));
    }
    Ok(found)
}

//! Opening the ledger for a command, and turning an ARTEFACT argument into one id. It guesses nothing.

use crate::cli::Session;
use crate::cli::args::When;
use crate::cli::complain;
use crate::cli::failure::{Exit, Failure};
use crate::engine::{Engine, Resolved, Scope, View};
use crate::model::Window;

/// An index of more claims than this takes long enough to build that somebody who waits is told.
const MANY_CLAIMS: u64 = 300_000;

/// What to tell somebody who waits for the first answer: that the index is being built, if it takes long.
pub(super) fn building(engine: &Engine, scope: &Scope) -> Result<Option<String>, Failure> {
    let claims = engine.must_build(scope)?.filter(|claims| *claims > MANY_CLAIMS);
    Ok(claims.map(|claims| {
        let claims = claims as f64 / 1e6;
        format!("building the index of {claims:.1} million claims: the first answer takes a few seconds")
    }))
}

/// The ledger that the command line means; it must exist.
pub(super) fn existing(session: &Session) -> Result<Engine, Failure> {
    Ok(Engine::open(&session.home, &session.ledger, session.clock.clone())?)
}

/// The same, made when there is none.
pub(super) fn or_create(session: &Session) -> Result<Engine, Failure> {
    Ok(Engine::open_or_create(&session.home, &session.ledger, session.clock.clone())?)
}

/// The lineage as `--as-of` and `--known-at` want it.
pub(super) fn view<'a>(session: &Session, engine: &'a Engine) -> Result<View<'a>, Failure> {
    let scope = Scope {
        as_of: session.time("--as-of", session.global.as_of.as_ref())?,
        known_at: session.time("--known-at", session.global.known_at.as_ref())?,
    };
    if session.out.draws_progress() {
        building(engine, &scope)?.iter().for_each(|text| complain(text));
    }
    Ok(engine.view(&scope)?)
}

/// The window that `--since` and `--until` name.
pub(super) fn window(session: &Session, when: &When) -> Result<Window, Failure> {
    let since = session.time("--since", when.since.as_ref())?;
    let until = session.time("--until", when.until.as_ref())?;
    match (since, until) {
        (Some(since), Some(until)) if until < since => {
            Err(Failure::new(Exit::Usage, format!("--until {until} lies before --since {since}")))
        }
        _ => Ok(Window { since, until }),
    }
}

/// The one artefact that `text` names.
pub(super) fn artefact(view: &View<'_>, text: &str) -> Result<String, Failure> {
    match view.resolve(text) {
        Resolved::One(id) => Ok(id),
        Resolved::Several { ids, total } => {
            let mut failure = Failure::new(Exit::Usage, format!("\"{text}\" fits {total} artefacts; name one of them"));
            failure.hints.extend(ids);
            Err(failure)
        }
        Resolved::None { near } => {
            if let Some((id, since)) = view.known_only_since(text)? {
                let text = format!("the ledger knew nothing called \"{text}\" then: it was told of {id} on {since}");
                return Err(Failure::new(Exit::No, text)
                    .hint(format!("--known-at {since}, or leave --known-at out to ask what is known now")));
            }
            let mut failure = Failure::new(Exit::No, format!("nothing in the ledger is called \"{text}\""));
            failure.hints.extend(near);
            if failure.hints.is_empty() {
                failure = failure.hint(format!("lastgood find {text}"));
            }
            Err(failure)
        }
    }
}

/// The same for several, in the order given.
pub(super) fn artefacts(view: &View<'_>, texts: &[String]) -> Result<Vec<String>, Failure> {
    texts.iter().map(|text| artefact(view, text)).collect()
}

/// Refuses a kind or relation that does not occur: a misspelt filter must not read as "nothing".
pub(super) fn occurring(view: &View<'_>, kinds: &[String], relations: &[String]) -> Result<(), Failure> {
    let lineage = view.lineage();
    check("kind", kinds, &lineage.kinds().collect::<Vec<_>>())?;
    check("relation", relations, &lineage.relations().collect::<Vec<_>>())
}

fn check(what: &str, asked: &[String], occurring: &[&str]) -> Result<(), Failure> {
    match asked.iter().find(|word| !occurring.contains(&word.as_str())) {
        Some(word) => Err(Failure::new(Exit::Usage, format!("no {what} \"{word}\" occurs in this ledger"))
            .hint(format!("one of: {}", occurring.join(", ")))),
        None => Ok(()),
    }
}

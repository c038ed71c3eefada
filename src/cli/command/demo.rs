//! `demo`: the ready incident through the real importer into a throw-away ledger, then the console.

use crate::cli::Session;
use crate::cli::args;
use crate::cli::command::{console, import};
use crate::cli::failure::{Exit, Failure};
use crate::engine::Engine;
use crate::report::json;
use std::io::IsTerminal as _;

/// `demo`
pub(crate) fn run(session: &Session, it: &args::Demo) -> Result<Exit, Failure> {
    let (engine, report) = Engine::demo(&session.home, session.global.ledger.as_deref())?;
    let at_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if at_terminal && !it.no_console && !session.out.json {
        return console::open(session, engine);
    }
    if session.out.json {
        session.say(&json::report("demo", &engine.head()?, &report))?;
        return Ok(Exit::Answered);
    }
    let path = engine.path().display().to_string();
    session.say(&format!(
        "{}\n\nThe demo ledger is {path}. It is 2026-11-19 03:12 UTC, and something is wrong in production. Ask it:\n\n  \
         export LASTGOOD_LEDGER={path} LASTGOOD_CLOCK={}\n  \
         lastgood                                                   the console\n  \
         lastgood impact vendor-labels@2026-11-17                   what does the poisoned feed reach?\n  \
         lastgood tree deployment:fraud-scorer/prod-eu              what is running there built from?\n  \
         lastgood path deployment:fraud-scorer/prod-us vendor-labels@2026-11-17\n  \
         echo '{}' | lastgood impact --secret -   what used the leaked key?\n  \
         lastgood verify                                            was the ledger altered?",
        import::summary(&report, import::LISTED),
        crate::engine::DEMO_NOW,
        crate::engine::DEMO_LEAKED,
    ))?;
    Ok(Exit::Answered)
}

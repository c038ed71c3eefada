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
        let path = engine.path().display().to_string();
        let exit = console::open(session, engine)?;
        if exit == Exit::Answered {
            session.say(&how_to_ask(&path))?;
        }
        return Ok(exit);
    }
    if session.out.json {
        session.say(&json::report("demo", &engine.head()?, &report))?;
        return Ok(Exit::Answered);
    }
    let path = engine.path().display().to_string();
    session.say(&format!("{}\n\n{}", import::summary(&report, import::LISTED), how_to_ask(&path)))?;
    Ok(Exit::Answered)
}

/// How to go on with the ledger that was made, in a shell; within 80 columns but for its path.
fn how_to_ask(path: &str) -> String {
    format!(
        "The demo ledger is {path}\nIt is 2026-11-19 03:12 UTC, and something is wrong in production. Ask it:\n\n  \
         export LASTGOOD_CLOCK={}\n  \
         export LASTGOOD_LEDGER={path}\n\n  \
         lastgood                                           the console\n  \
         lastgood diff deployment:fraud-scorer/prod-eu      what changed since it was good?\n  \
         lastgood suspects                                  what do the bad share?\n  \
         lastgood impact vendor-labels@2026-11-17           what does the feed reach?\n  \
         lastgood plan vendor-labels@2026-11-17             what to go back to?\n  \
         lastgood tree deployment:fraud-scorer/prod-eu --as-of 2h\n                                                     \
         what runs there?\n  \
         lastgood path deployment:fraud-scorer/prod-us vendor-labels@2026-11-17\n                                                     \
         why does it depend on it?\n  \
         echo '{}' | lastgood impact --secret -\n                                                     \
         what used the leaked key?\n  \
         lastgood verify                                    was the ledger altered?",
        crate::engine::DEMO_NOW,
        crate::engine::DEMO_LEAKED,
    )
}

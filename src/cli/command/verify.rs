//! `verify`: asks the engine for proof and says what was proved and what was not.

use crate::cli::Session;
use crate::cli::args;
use crate::cli::failure::{Exit, Failure};
use crate::engine::{Engine, VerifyRequest};
use crate::report::{json, screen::screen};
use std::fmt::Write as _;

/// How a bundle is checked without us.
const RECIPE: &str = include_str!("../../../assets/bundle/RECIPE.md");
/// What the recipe runs.
const SCRIPT: &str = include_str!("../../../assets/bundle/verify_bundle.py");

/// `verify`
pub(crate) fn run(session: &Session, it: &args::Verify) -> Result<Exit, Failure> {
    for (asked, text) in [(it.recipe, RECIPE), (it.script, SCRIPT)] {
        if asked {
            session.say(text)?;
            return Ok(Exit::Answered);
        }
    }
    let path = it.file.as_ref().unwrap_or(&session.ledger);
    let request = VerifyRequest {
        anchors: it.anchor.clone(),
        settled: session.settings.anchors.clone(),
        key: it.key.clone(),
        origin: it.origin.clone(),
    };
    let verified = Engine::verify(&session.home, path, &request)?;
    if session.out.json {
        session.say(&json::report("verify", &verified.head, &verified))?;
    } else {
        let layout = session.out.layout;
        let mut out = format!("{}  {}\n", layout.strong(&verified.verdict), screen(&verified.means));
        let _ = writeln!(out, "records  {}\nroot     {}", verified.head.records, verified.head.root);
        if let Some(bundle) = &verified.bundle {
            let about = bundle.name.as_ref().map_or(String::new(), |name| format!(" {name}"));
            let _ =
                writeln!(out, "bundle   {}", screen(&format!("of {}, about {}{about}", bundle.origin, bundle.about)));
            let _ = writeln!(out, "holds    {} of the records, {} claims", bundle.records, bundle.claims);
        }
        for told in &verified.erased {
            let _ = writeln!(out, "erased   {}", screen(told));
        }
        if verified.anchored_to > 0 {
            let _ = writeln!(out, "anchored up to record {}", verified.anchored_to);
        }
        if let Some(bad) = &verified.first_bad {
            let _ = writeln!(out, "first bad  {}", screen(&bad.to_string()));
        }
        for note in &verified.notes {
            let _ = writeln!(out, "  · {}", screen(note));
        }
        session.say(&out)?;
    }
    Ok(match verified.verdict.as_str() {
        "anchored" => Exit::Answered,
        "unanchored" if !it.require_anchor => Exit::Answered,
        _ => Exit::Damaged,
    })
}

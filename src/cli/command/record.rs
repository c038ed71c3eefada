//! `record`: the original bytes behind a claim, with where and when they came from.

use crate::cli::Session;
use crate::cli::args;
use crate::cli::command::open;
use crate::cli::failure::{Exit, Failure};
use crate::engine::RecordOf;
use crate::report::{json, screen};
use std::fmt::Write as _;

/// `record`
pub(crate) fn run(session: &Session, it: &args::Record) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let view = open::view(session, &engine)?;
    let of = match RecordOf::parse(&it.what) {
        Some(of) => of,
        None => {
            let id = open::artefact(&view, &it.what)?;
            view.describing_claim(&id)?
                .ok_or_else(|| Failure::new(Exit::No, format!("no record describes {id}; it is only mentioned")))?
        }
    };
    let record = engine.record(&of)?;
    if session.out.json {
        session.say(&json::report("record", &engine.head()?, &record))?;
        return Ok(Exit::Answered);
    }
    let layout = session.out.layout;
    let mut out = String::new();
    let _ = writeln!(out, "{}", layout.strong(&format!("record {}", record.record)));
    for (name, value) in record.facts() {
        let _ = writeln!(out, "{name:<12} {}", screen::screen(&value));
    }
    let body = if it.whole { &record.content } else { &record.unit };
    out.push('\n');
    for line in screen::screen_lines(body) {
        let _ = writeln!(out, "{line}");
    }
    session.say(&out)?;
    Ok(Exit::Answered)
}

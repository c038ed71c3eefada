//! `stats`, `checkpoint`, `rebuild`, `redact`: the ledger itself. It draws no lineage.

use crate::cli::Session;
use crate::cli::args;
use crate::cli::command::open;
use crate::cli::failure::{Exit, Failure};
use crate::engine::Keeper;
use crate::report::json;
use std::collections::BTreeMap;

/// `stats`
pub(crate) fn stats(session: &Session) -> Result<Exit, Failure> {
    let engine = match open::existing(session) {
        Ok(engine) => engine,
        // where things would be is worth knowing before there is anything
        Err(failure) if !session.ledger.exists() => {
            let places = places(session);
            match session.out.json {
                true => {
                    let places: BTreeMap<&str, &str> = places.iter().map(|(name, at)| (*name, at.as_str())).collect();
                    let told = serde_json::json!({"schema": "lastgood/stats/1", "ledger": null, "places": places});
                    session.say(&told.to_string())?;
                }
                false => session.say(&lines(&places))?,
            }
            return Err(failure);
        }
        Err(failure) => return Err(failure),
    };
    let view = open::view(session, &engine)?;
    let stats = view.stats()?;
    if session.out.json {
        session.say(&json::report("stats", view.head(), &stats))?;
        return Ok(Exit::Answered);
    }
    let [ledger, settings, keymap, policy] = places(session);
    let facts = [
        ledger,
        ("origin", stats.origin.clone()),
        ("key", stats.verifier.clone().unwrap_or_else(|| "not on this machine".to_owned())),
        settings,
        keymap,
        (policy.0, format!("{} ({})", policy.1, stats.policy)),
        ("records", stats.records.to_string()),
        ("claims", stats.claims.to_string()),
        ("artefacts", stats.artefacts.to_string()),
        ("links", stats.links.to_string()),
        ("evidence", stats.evidence.to_string()),
        ("marks", stats.marks.to_string()),
        ("sources", stats.sources.to_string()),
        ("quarantined", stats.quarantined.to_string()),
        ("root", stats.root.clone()),
        ("file", format!("{:.1} MB, index {:.1} MB", stats.file_bytes as f64 / 1e6, stats.index_bytes as f64 / 1e6)),
    ];
    session.say(&lines(&facts))?;
    Ok(Exit::Answered)
}

/// Where the ledger, the settings and the policy are, or would be.
fn places(session: &Session) -> [(&'static str, String); 4] {
    let home = &session.home;
    [
        ("ledger", &session.ledger),
        ("settings", &home.settings()),
        ("keymap", &home.keymap()),
        ("policy", &home.policy()),
    ]
    .map(|(name, at)| (name, at.display().to_string()))
}

fn lines(facts: &[(&'static str, String)]) -> String {
    let line = |(name, value): &(&str, String)| format!("{name:<12} {}\n", crate::report::screen::screen(value));
    facts.iter().map(line).collect()
}

/// Keeps the newest checkpoint where the settings say, when a command or the console is left. One that is kept
/// already costs a look; one that cannot be kept is told, and changes nothing else.
pub(crate) fn keep_checkpoints(session: &Session) {
    if session.settings.checkpoint_to.is_empty() || !session.ledger.exists() {
        return;
    }
    let kept = open::existing(session).and_then(|engine| {
        for place in &session.settings.checkpoint_to {
            match Keeper::parse(place) {
                // an answer on standard output stays what it is
                Keeper::Output => session.out.remark(engine.checkpoint()?.trim_end()),
                keeper => engine.keep_checkpoint(&keeper)?,
            }
        }
        Ok(())
    });
    if let Err(failure) = kept {
        session.out.remark(&format!("The newest checkpoint is not kept everywhere: {}", failure.message));
    }
}

/// `checkpoint`
pub(crate) fn checkpoint(session: &Session, it: &args::Checkpoint) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let keepers: Vec<Keeper> = it.to.iter().map(|place| Keeper::parse(place)).collect();
    for keeper in &keepers {
        engine.keep_checkpoint(keeper)?;
    }
    let note = engine.checkpoint()?;
    if !keepers.is_empty() && !keepers.contains(&Keeper::Output) && !session.out.json {
        session.out.remark("The newest checkpoint is kept there. Whoever verifies gives it with --anchor.");
    } else if session.out.json {
        session.say(&json::report("checkpoint", &engine.head()?, &serde_json::json!({ "note": note })))?;
    } else {
        session.say(&note)?;
    }
    Ok(Exit::Answered)
}

/// `rebuild`
pub(crate) fn rebuild(session: &Session) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let rebuilt = engine.rebuild()?;
    if session.out.json {
        session.say(&json::report("rebuild", &engine.head()?, &rebuilt))?;
    } else {
        session.out.remark(&format!("{} claims read again from {} records", rebuilt.claims, rebuilt.records));
    }
    Ok(Exit::Answered)
}

/// How many statements that a redaction would erase are named.
const NAMED: usize = 10;

/// `redact`
pub(crate) fn redact(session: &Session, it: &args::Redact) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let said = engine.said_in(it.record)?;
    if !it.force && !said.is_empty() {
        let mut named = said.iter().take(NAMED).cloned().collect::<Vec<_>>().join("\n  ");
        if let Some(rest) = said.len().checked_sub(NAMED).filter(|rest| *rest > 0) {
            named += &format!("\n  and {rest} more");
        }
        let many = if said.len() == 1 { "1 statement".to_owned() } else { format!("{} statements", said.len()) };
        let message = format!("record {} holds {many} that would hold no more:\n  {named}", it.record);
        return Err(Failure::new(Exit::Usage, message).hint("--force to erase it all the same"));
    }
    let erased = engine.redact(it.record, &session.investigator(), &it.reason)?;
    session.out.remark(&if erased {
        format!(
            "The content of record {} is gone from the ledger, and so are the claims read from it. The log still verifies.",
            it.record
        )
    } else {
        format!(
            "Record {} is redacted, but another process is reading this ledger: old bytes stay in {}-wal and are gone \
            only once the last reader has closed the ledger. Run it again then.",
            it.record,
            engine.path().display()
        )
    });
    if session.out.json {
        let told = serde_json::json!({ "record": it.record, "erased": erased });
        session.say(&json::report("redact", &engine.head()?, &told))?;
    }
    Ok(if erased { Exit::Answered } else { Exit::Partial })
}

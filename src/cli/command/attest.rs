//! `attest verify`, and what `show` takes from it: arguments to what is trusted, verdicts to text or JSON.

use crate::cli::Session;
use crate::cli::args;
use crate::cli::command::{ask, open};
use crate::cli::failure::{Exit, Failure};
use crate::config::{IdentitySetting, TrustSettings};
use crate::engine::{Engine, Trusting, trust_named};
use crate::investigate::answer::{Answer, Completeness, LedgerHead};
use crate::investigate::question::Show;
use crate::investigate::rows::SignatureRow;
use crate::model::Outcome;
use crate::report::json;
use crate::report::signature;
use serde::Serialize;
use std::path::Path;

/// What a command line trusts beside the settings.
pub(super) fn trusted(it: &args::Trusted) -> TrustSettings {
    let identity = IdentitySetting {
        name: it.identity.clone(),
        issuer: it.issuer.clone(),
        repository: it.repository.clone(),
        reference: it.reference.clone(),
        builder: it.builder.clone(),
    };
    trust_named(&it.trust, identity)
}

/// An engine that trusts so.
pub(super) fn trusting_engine(session: &Session, it: &args::Trusted) -> Result<Engine, Failure> {
    let mut engine = open::existing(session)?;
    engine.trust_also(&trusted(it))?;
    engine.trusting().remarks.iter().for_each(|remark| session.out.remark(remark));
    Ok(engine)
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Kept {
    kept: Vec<String>,
}

/// `attest verify`
pub(crate) fn verify(session: &Session, it: &args::AttestVerify) -> Result<Exit, Failure> {
    let path = Path::new(&it.what);
    if path.exists() {
        if it.keep {
            return Err(Failure::new(Exit::Usage, "--keep keeps the verdict on an artefact of the ledger")
                .hint(format!("lastgood import {}", path.display())));
        }
        let trusting = Trusting::of(&session.settings.trust).with(&trusted(&it.trusted))?;
        trusting.remarks.iter().for_each(|remark| session.out.remark(remark));
        let rows = trusting.check_file(path, it.artefact.as_deref(), session.clock.now())?;
        return say(
            session,
            &LedgerHead { records: 0, root: String::new(), anchored_to: 0, erased: 0 },
            rows,
            Vec::new(),
        );
    }
    if it.artefact.is_some() {
        return Err(Failure::new(
            Exit::Usage,
            format!("{} is no file: --artefact goes with a file of attestations", it.what),
        ));
    }
    let engine = trusting_engine(session, &it.trusted)?;
    let view = open::view(session, &engine)?;
    let id = open::artefact(&view, &it.what)?;
    let rows = view.show(&Show { id: id.clone() })?.summary.signatures;
    if rows.is_empty() {
        return Err(Failure::new(Exit::No, format!("nothing that is signed speaks of {id}")));
    }
    let mut kept = Vec::new();
    if it.keep {
        for row in &rows {
            kept.push(engine.keep_verdict(&id, row, &session.investigator())?);
        }
    }
    let head = view.head().clone();
    say(session, &head, rows, kept)
}

fn say(session: &Session, head: &LedgerHead, rows: Vec<SignatureRow>, kept: Vec<String>) -> Result<Exit, Failure> {
    let all = rows.iter().all(|row| row.verification.outcome == Outcome::Verified);
    let answer = Answer { completeness: Completeness::exact(rows.len()), rows, summary: Kept { kept } };
    if session.out.json {
        session.say(&json::answer("attest", head, &answer))?;
    } else {
        let mut out = signature::signatures(&answer.rows, session.out.layout);
        for claim in &answer.summary.kept {
            out.push_str(&format!("kept as {claim}\n"));
        }
        session.say(&out)?;
    }
    Ok(if all { Exit::Answered } else { Exit::No })
}

/// `show`
pub(crate) fn show(session: &Session, it: &args::Show) -> Result<Exit, Failure> {
    let engine = trusting_engine(session, &it.trusted)?;
    ask::show(session, &engine, it)
}

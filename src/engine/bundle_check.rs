//! Verifying a bundle from elsewhere: gathers the verifier's own key and kept checkpoints, and compares claims with
//! what their records say when read here. Whether records are in the log is for [`crate::proof::bundle`].

use crate::config::Home;
use crate::engine::verify::{BadThing, BundleFacts, Proof, VerifyRequest, kept_elsewhere, means, verifier_key};
use crate::engine::{EngineError, keyring, record};
use crate::import::{self, native};
use crate::investigate::answer::LedgerHead;
use crate::model::{Claim, Time};
use crate::proof::bundle::{self, About, Checker, Line, Trust};
use crate::store::{Record, Verdict, is_database};
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;

/// Whether a file is meant to be a bundle.
pub(super) fn is_bundle(path: &Path) -> bool {
    let mut beginning = [0; bundle::BEGINNING.len()];
    path.is_file()
        && !is_database(path)
        && File::open(path).is_ok_and(|mut file| file.read_exact(&mut beginning).is_ok())
        && beginning == bundle::BEGINNING
}

/// The next line with its line feed, as far as it is worth reading.
fn line(lines: &mut impl BufRead, path: &Path) -> Result<Vec<u8>, EngineError> {
    let mut line = Vec::new();
    lines.take(bundle::LONGEST_LINE + 1).read_until(b'\n', &mut line).map_err(|error| EngineError::io(path, error))?;
    Ok(line)
}

/// Verifies the bundle at `path`.
pub(super) fn verify(home: &Home, path: &Path, request: &VerifyRequest) -> Result<Proof, EngineError> {
    let mut lines = BufReader::new(File::open(path).map_err(|error| EngineError::io(path, error))?);
    let mut next = line(&mut lines, path)?;
    let mut notes = Vec::new();
    let key = match (&request.key, bundle::stated_origin(&next)) {
        (Some(key), _) => Some(verifier_key(key)?),
        // which of our own keys it is held to is all that it can choose
        (None, Some(origin)) => {
            let (key, fault) = keyring::verifier(home, &origin);
            notes.extend(fault);
            key
        }
        (None, None) => None,
    };
    let anchors = kept_elsewhere(home, request.anchors.iter(), &mut notes)?;
    let trust = Trust { key, origin: request.origin.clone(), anchors };
    let mut checker = Checker::new(&trust);
    let mut reading = Reading::default();
    while !next.is_empty() && !checker.has_failed() {
        if let Some(line) = checker.line(&next)
            && let Err((record, what)) = reading.take(line)
        {
            checker.refuse(record, what);
        }
        next = line(&mut lines, path)?;
    }
    let outcome = checker.finish();
    notes.extend(outcome.notes);
    if outcome.verdict == Verdict::Unanchored && trust.anchors.is_empty() {
        notes.push("no checkpoint from elsewhere was given: give one with --anchor".to_owned());
    }
    if reading.unread > 0 {
        notes.push(format!("{} claims are of formats that this version does not read: not compared", reading.unread));
    }
    let (root, head) = (hex::encode(outcome.root), outcome.head);
    let records = head.as_ref().map_or(0, |head| head.size);
    let first_bad = outcome.first_bad.map(|(at, record, what)| BadThing {
        record,
        claim: None,
        what: if at > 0 { format!("{what} (line {at} of the bundle)") } else { what },
    });
    let bundle = head.map(|head| BundleFacts {
        origin: head.origin,
        about: head.about.as_str().to_owned(),
        name: head.name,
        records: outcome.held[0],
        claims: outcome.held[1],
    });
    Ok(Proof {
        verdict: outcome.verdict.as_str().to_owned(),
        means: match outcome.verdict {
            Verdict::Failed => "the bundle was altered or is damaged, or is not of the log it is meant to be of",
            Verdict::RolledBack => "this is an older state than one that was kept: ask for a newer bundle",
            verdict => means(verdict),
        }
        .to_owned(),
        records,
        root: root.clone(),
        first_bad,
        anchored_to: outcome.anchored_to,
        notes,
        bundle,
        head: LedgerHead { records, root, anchored_to: outcome.anchored_to, erased: reading.redacted.len() as u64 },
        erased: reading.redacted,
    })
}

type Taken = Result<(), (Option<u64>, String)>;

/// What the record last read says, to compare with the claims that follow it.
#[derive(Default)]
struct Reading {
    whole: bool,
    record: u64,
    format: String,
    known: bool,
    said: Vec<Claim>,
    seen: usize,
    unread: u64,
    redacted: Vec<String>,
}

impl Reading {
    fn take(&mut self, line: Line) -> Taken {
        match line {
            Line::Head(head) => self.whole = head.about == About::Ledger,
            Line::Record(record) => {
                self.end_of_record()?;
                self.record(*record);
            }
            Line::Claim(claim) => return self.claim(&claim),
            Line::Seal(_) => return self.end_of_record(),
            Line::Checkpoint(_) | Line::History(_) => {}
        }
        Ok(())
    }

    fn record(&mut self, it: bundle::Record) {
        if let Some(told) = &it.redacted {
            let (by, at, why) = (&told.by, &told.at, &told.why);
            self.redacted.push(super::verify::told(it.record, by, at, why));
        }
        let record = Record {
            seq: it.record,
            source: it.source,
            format: it.format,
            importer_version: it.importer,
            framing: it.framing,
            media_type: it.media_type,
            file: it.file,
            offset: it.offset,
            line: it.line,
            received_at: Time::from_micros(it.received_at),
            observed_at: it.observed_at.map(Time::from_micros),
            commitment: it.commitment.0,
            content: it.content.map(|bytes| bytes.0),
        };
        self.record = record.seq;
        self.known = import::importer(&record.format).is_some() || record.format == bundle::REDACTION;
        self.said = record::claims_of(&record);
        self.seen = 0;
        self.format = record.format;
    }

    fn claim(&mut self, it: &bundle::Claim) -> Taken {
        self.seen += 1;
        if !self.known {
            self.unread += 1;
            return Ok(());
        }
        let ordinal = it.claim.split_once('.').and_then(|(_, ordinal)| ordinal.parse::<usize>().ok());
        let said = ordinal.and_then(|n| n.checked_sub(1)).and_then(|n| self.said.get(n));
        match said.is_some_and(|said| native::write(&said.statement) == it.statement) {
            true => Ok(()),
            false => {
                let what = format!("claim {} is not what the record says when read here as {}", it.claim, self.format);
                Err((Some(self.record), what))
            }
        }
    }

    /// Of the whole ledger, every claim has to be there.
    fn end_of_record(&mut self) -> Taken {
        if self.whole && self.known && self.seen != self.said.len() {
            return Err((Some(self.record), "not all of its claims are here".to_owned()));
        }
        Ok(())
    }
}

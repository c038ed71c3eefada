//! Reads a stream the way the engine does: recognise, cut, read. It keeps nothing.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail as tests do")]

use lastgood::import::frame::{Budget, Cut, Frame, Skipped, Stream};
use lastgood::import::native;
use lastgood::import::{Framing, Reading, Unknown, read_record, sniff};
use std::fmt::Write as _;
use std::io::Read;

/// What a stream gave.
pub(crate) struct Imported {
    pub(crate) format: &'static str,
    pub(crate) framing: Framing,
    pub(crate) records: Vec<(Frame, Reading)>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) stopped: Option<String>,
}

pub(crate) fn import(reader: impl Read) -> Result<Imported, Unknown> {
    import_within(reader, Budget::default())
}

pub(crate) fn import_within(reader: impl Read, budget: Budget) -> Result<Imported, Unknown> {
    let stream = Stream::open(reader).unwrap();
    let (importer, framing) = sniff(&stream.head())?;
    let mut imported =
        Imported { format: importer.format().name, framing, records: Vec::new(), skipped: Vec::new(), stopped: None };
    for cut in stream.frames(framing, budget) {
        match cut {
            Ok(Cut::Frame(frame)) => {
                let reading = read_record(importer, &frame.content, frame.framing);
                imported.records.push((frame, reading));
            }
            Ok(Cut::Skipped(skipped)) => imported.skipped.push(skipped),
            Err(error) => imported.stopped = Some(error.to_string()),
        }
    }
    Ok(imported)
}

impl Imported {
    pub(crate) fn claims(&self) -> impl Iterator<Item = &lastgood::model::Statement> {
        self.records.iter().flat_map(|(_, reading)| reading.claims.iter().map(|claim| &claim.statement))
    }

    pub(crate) fn reasons(&self) -> Vec<String> {
        let rejected = self.records.iter().flat_map(|(frame, reading)| {
            reading.rejected.iter().map(move |unit| format!("{}: {}", frame.line_of(unit.at), unit.reason))
        });
        rejected.chain(self.skipped.iter().map(|skipped| format!("{}: {}", skipped.line, skipped.reason))).collect()
    }

    pub(crate) fn warnings(&self) -> Vec<&str> {
        self.records.iter().flat_map(|(_, reading)| reading.warnings.iter().map(|w| w.text.as_str())).collect()
    }

    /// Everything, as text that a reviewer can read in a diff.
    pub(crate) fn transcript(&self) -> String {
        let framing = self.records.first().map_or(self.framing, |(frame, _)| frame.framing);
        let mut out = format!("# {} as {}\n", self.format, framing.as_str());
        for (frame, reading) in &self.records {
            let observed = reading.observed_at.map_or_else(|| "-".to_owned(), |time| time.to_string());
            writeln!(out, "# record at byte {}, line {}, observed {observed}", frame.offset, frame.line).unwrap();
            for claim in &reading.claims {
                writeln!(out, "{} {}", claim.at, native::write(&claim.statement)).unwrap();
            }
            for unit in &reading.rejected {
                writeln!(out, "{} rejected line {}: {}", unit.at, frame.line_of(unit.at), unit.reason).unwrap();
            }
            for warning in &reading.warnings {
                writeln!(out, "{} warning: {}", warning.at, warning.text).unwrap();
            }
        }
        for skipped in &self.skipped {
            writeln!(out, "# skipped at byte {}, line {}: {}", skipped.offset, skipped.line, skipped.reason).unwrap();
        }
        out
    }
}

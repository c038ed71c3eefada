//! The verbatim record behind a claim, and the claims a record gives. It concludes nothing.

use crate::engine::{Engine, EngineError};
use crate::import::{self, Framing, Importer, Reading, Rejected};
use crate::model::{Claim, Time, Verification};
use crate::proof::digest::sha256;
use crate::store::Record;
use serde::Serialize;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Which record, and which statement of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordOf {
    /// The record's number in the log, from 1.
    pub record: u64,
    /// The statement's number in it, from 1; the whole record when absent.
    pub ordinal: Option<u64>,
}

impl RecordOf {
    /// Reads `12.3` or `12`.
    pub fn parse(text: &str) -> Option<RecordOf> {
        match text.split_once('.') {
            Some((record, ordinal)) => {
                Some(RecordOf { record: record.parse().ok()?, ordinal: Some(ordinal.parse().ok()?) })
            }
            None => Some(RecordOf { record: text.parse().ok()?, ordinal: None }),
        }
    }
}

/// One record as it was received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordView {
    /// Its number in the log.
    pub record: u64,
    /// The claim asked for, when one was.
    pub claim: Option<String>,
    /// Who or what it came from.
    pub source: String,
    /// The file it was in.
    pub file: String,
    /// Line of its first byte in that file.
    pub line: u64,
    /// Byte offset of the statement (or of the record) in that file, decompressed.
    pub offset: u64,
    /// The format it was read as.
    pub format: String,
    /// Its media type.
    pub media_type: String,
    /// When it was received.
    pub received_at: Time,
    /// The earliest moment its source states for it.
    pub observed_at: Option<Time>,
    /// The leaf of the log, in hex.
    pub leaf: String,
    /// SHA-256 of the content, in hex; absent once it was erased.
    pub sha256: Option<String>,
    /// The one unit (line, event, document) that makes the statement.
    pub unit: String,
    /// The whole record.
    pub content: String,
    /// Whether the content was erased since.
    pub redacted: bool,
    /// Who erased it, when and why, and the record that tells so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased: Option<String>,
    /// What came of the signature on it, checked now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<Verification>,
}

impl RecordView {
    /// Where and when it comes from, as name and value.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = vec![
            ("source", self.source.clone()),
            ("file", format!("{} line {} (byte {})", self.file, self.line, self.offset)),
            ("format", format!("{} ({})", self.format, self.media_type)),
            ("received", self.received_at.to_string()),
        ];
        if let Some(at) = self.observed_at {
            facts.push(("observed", at.to_string()));
        }
        facts.extend(self.sha256.iter().map(|sha256| ("sha256", sha256.clone())));
        facts.extend(self.erased.iter().map(|told| ("erased", told.clone())));
        facts.push(("leaf", self.leaf.clone()));
        facts.extend(self.signature.iter().map(|it| ("signature", it.says.clone())));
        facts
    }
}

/// The claims a kept record gives: the same function for import, rebuild and verification.
pub(super) fn claims_of(record: &Record) -> Vec<Claim> {
    let Some(importer) = import::importer(&record.format) else { return Vec::new() };
    let Some(content) = &record.content else { return Vec::new() };
    read(importer, content, framing_of(record)).claims
}

/// What a record says. An importer that breaks on it, which is a bug, costs that record and no other.
pub(super) fn read(importer: &dyn Importer, content: &[u8], framing: Framing) -> Reading {
    let whole = || import::read_record(importer, content, framing);
    catch_unwind(AssertUnwindSafe(whole)).unwrap_or_else(|_| {
        let mut broken = Reading::of(framing);
        let reason = format!("the {} importer broke on this record: please report it", importer.format().name);
        broken.rejected.push(Rejected { at: 0, len: u32::try_from(content.len()).unwrap_or(u32::MAX), reason });
        broken
    })
}

pub(super) fn framing_of(record: &Record) -> Framing {
    Framing::parse(&record.framing).unwrap_or_default()
}

impl Engine {
    /// The record behind a claim.
    ///
    /// # Errors
    /// When there is none, or the ledger cannot be read.
    pub fn record(&self, of: &RecordOf) -> Result<RecordView, EngineError> {
        let no_such = |what: String| EngineError::NoSuch { what };
        let record = self.reader().record(of.record)?.ok_or_else(|| no_such(format!("record {}", of.record)))?;
        let at = match of.ordinal {
            None => 0,
            Some(_) if record.content.is_none() => 0,
            Some(ordinal) => {
                let claims = claims_of(&record);
                let index = usize::try_from(ordinal).ok().and_then(|n| n.checked_sub(1));
                index
                    .and_then(|index| claims.get(index))
                    .map(|claim| claim.at)
                    .ok_or_else(|| no_such(format!("claim {}.{ordinal}", of.record)))?
            }
        };
        let content = record.content.as_deref().unwrap_or_default();
        let unit = if of.ordinal.is_some() { import::unit_in(content, at, framing_of(&record)) } else { content };
        let before = content.get(..at as usize).unwrap_or_default();
        Ok(RecordView {
            record: of.record,
            claim: of.ordinal.map(|ordinal| format!("{}.{ordinal}", of.record)),
            source: record.source.clone(),
            file: record.file.clone(),
            line: record.line + before.iter().filter(|byte| **byte == b'\n').count() as u64,
            offset: record.offset + u64::from(at),
            format: record.format.clone(),
            media_type: record.media_type.clone(),
            received_at: record.received_at,
            observed_at: record.observed_at,
            leaf: hex::encode(record.leaf()),
            sha256: record.content.as_deref().map(|content| hex::encode(sha256(content))),
            unit: String::from_utf8_lossy(unit).into_owned(),
            content: String::from_utf8_lossy(content).into_owned(),
            redacted: record.content.is_none(),
            erased: match record.content {
                None => {
                    self.reader().tellings()?.remove(&of.record).map(|(told_in, it)| {
                        format!("by {} at {}: {} (told in record {told_in})", it.by, it.at, it.why)
                    })
                }
                Some(_) => None,
            },
            signature: self.verdict_at(&record, at),
        })
    }
}

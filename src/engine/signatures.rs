//! What the signatures behind claims are worth, checked when somebody asks and never kept of itself: the same
//! bytes hold or not by what is trusted now.

use crate::engine::record::{self, framing_of};
use crate::engine::seals::GIT;
use crate::engine::trusting::scope;
use crate::engine::{Engine, EngineError, RecordOf, View};
use crate::import;
use crate::import::attestation::signed;
use crate::investigate::asking::Signed;
use crate::investigate::rows::{EvidenceRow, SignatureRow, TimelineRow};
use crate::model::{Check, Evidence, Outcome, Statement, Verification};
use crate::proof::attested::Attested;
use crate::store::Record;
use serde_json::Value;
use std::collections::BTreeMap;

/// The format whose records are signed.
pub(super) const SIGNED: &str = "attestation";
/// The most records that are looked into for one answer; what lies beyond is not checked, and is told so.
const MOST: usize = 100;

/// Everything signed in one record, by where it stands.
type InRecord = BTreeMap<u32, (String, Verification)>;

/// Verdicts by claim.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    records: BTreeMap<u64, (Vec<u32>, InRecord)>,
    /// How many records were not looked into.
    pub(super) skipped: usize,
}

impl Verdicts {
    /// The verdict on what makes a claim.
    pub(super) fn of(&self, claim: &str) -> Option<(&str, &Verification)> {
        let RecordOf { record, ordinal: Some(ordinal) } = RecordOf::parse(claim)? else { return None };
        let (places, found) = self.records.get(&record)?;
        let at = places.get(usize::try_from(ordinal).ok()?.checked_sub(1)?)?;
        found.get(at).map(|(scope, verdict)| (scope.as_str(), verdict))
    }
}

impl Engine {
    /// Checks everything signed in a record; nothing when it is of another format or was erased.
    fn verdicts_in(&self, record: &Record) -> InRecord {
        let Some(content) = record.content.as_deref().filter(|_| record.format == SIGNED) else {
            return InRecord::new();
        };
        let framing = framing_of(record);
        let row = |(at, found): signed::Found| {
            let unit = import::unit_in(content, at, framing);
            (at, (scope(&found), self.trusting.check(&found, unit, self.clock().now(), None)))
        };
        signed::attested(content, framing).into_iter().map(row).collect()
    }

    /// The verdict on what stands at a place of a record.
    pub(super) fn verdict_at(&self, record: &Record, at: u32) -> Option<Verification> {
        let content = record.content.as_deref().filter(|_| record.format == SIGNED)?;
        let framing = framing_of(record);
        let found = signed::attested_at(content, framing, at)?;
        Some(self.trusting.check(&found, import::unit_in(content, at, framing), self.clock().now(), None))
    }

    /// The verdicts on what makes some claims, as far as it is signed at all.
    pub(super) fn verdicts<'c>(&self, claims: impl Iterator<Item = &'c str>) -> Result<Verdicts, EngineError> {
        let mut verdicts = Verdicts::default();
        let mut wanted: Vec<u64> = claims.filter_map(RecordOf::parse).map(|of| of.record).collect();
        wanted.sort_unstable();
        wanted.dedup();
        verdicts.skipped = wanted.len().saturating_sub(MOST);
        for seq in wanted.into_iter().take(MOST) {
            let Some(record) = self.reader().record(seq)? else { continue };
            let found = self.verdicts_in(&record);
            if !found.is_empty() {
                let places = record::claims_of(&record).iter().map(|claim| claim.at).collect();
                verdicts.records.insert(seq, (places, found));
            }
        }
        Ok(verdicts)
    }

    /// What came of the signature on the record behind a claim; nothing where that is no attestation or cannot be
    /// read.
    pub(super) fn signed(&self, claim: &str) -> Option<Signed> {
        let (record, ordinal) = self.record_behind(claim).ok()??;
        if record.format == GIT {
            return self.signed_object(&record);
        }
        let at = place_of(&record, ordinal)?;
        let it = self.verdict_at(&record, at)?;
        let level = |check: &Check| format!("{}: {}", check.check.as_str(), check.state.as_str());
        Some(Signed {
            holds: match it.outcome {
                Outcome::Verified => Some(true),
                Outcome::Failed => Some(false),
                Outcome::Matches | Outcome::NotChecked | Outcome::Unsigned => None,
            },
            levels: it.checks.iter().map(level).collect(),
            says: it.says,
        })
    }

    /// The record behind a claim that may be signed, and the claim's place in it.
    fn record_behind(&self, claim: &str) -> Result<Option<(Record, u64)>, EngineError> {
        let Some(RecordOf { record, ordinal: Some(ordinal) }) = RecordOf::parse(claim) else { return Ok(None) };
        // nearly all records are of other formats, and unpacking one costs more than all else of a link
        let ledger = self.reader();
        let may_be_signed = ledger.format_of(record)?.is_some_and(|format| format == SIGNED || format == GIT);
        let record = if may_be_signed { ledger.record(record)? } else { None };
        Ok(record.map(|record| (record, ordinal)))
    }

    /// What is signed behind a claim, taken apart.
    pub(super) fn attested_of(&self, claim: &str) -> Result<Option<(Record, Attested)>, EngineError> {
        let Some((record, ordinal)) = self.record_behind(claim)?.filter(|(record, _)| record.format == SIGNED) else {
            return Ok(None);
        };
        let Some(at) = place_of(&record, ordinal) else { return Ok(None) };
        let found = record.content.as_deref().and_then(|it| signed::attested_at(it, framing_of(&record), at));
        Ok(found.and_then(Result::ok).map(|it| (record, it)))
    }

    /// Keeps what came of a check as evidence about an artefact, with all that it was made with. It stays the
    /// word of the moment: nothing reads it in place of a new check.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn keep_verdict(&self, about: &str, row: &SignatureRow, by: &str) -> Result<String, EngineError> {
        let it = &row.verification;
        self.state(|at| {
            let mut said = Evidence {
                about: about.to_owned(),
                kind: "verification".to_owned(),
                scope: Some(row.scope.clone()),
                by: Some(by.to_owned()),
                at,
                verdict: Some(it.outcome.as_str().to_owned()),
                expires: None,
                covers: Vec::new(),
                refs: vec![row.place.clone()],
                attributes: BTreeMap::new(),
            };
            let mut keep = |key: &str, value: Option<String>| {
                said.attributes.extend(value.map(|value| (format!("signature.{key}"), Value::from(value))));
            };
            keep("says", Some(it.says.clone()));
            keep("signer", it.signer.clone());
            for check in &it.checks {
                let word = format!("{}: {}", check.state.as_str(), check.why);
                keep(&format!("check.{}-{}", check.level, check.check.as_str()), Some(word));
            }
            let inputs = &it.inputs;
            keep("input.content", inputs.content.clone());
            keep("input.key", inputs.key.clone());
            keep("input.trust", inputs.trust.clone());
            keep("input.artefact", inputs.artefact.clone());
            keep("input.signed-at", inputs.signed_at.map(|at| at.to_string()));
            keep("input.checked-at", Some(inputs.at.to_string()));
            vec![Statement::Evidence(said)]
        })
    }
}

/// Where in a record the claim of that ordinal stands.
fn place_of(record: &Record, ordinal: u64) -> Option<u32> {
    let index = usize::try_from(ordinal).ok()?.checked_sub(1)?;
    record::claims_of(record).get(index).map(|claim| claim.at)
}

impl View<'_> {
    /// What the signatures behind evidence and descriptions are worth; evidence that is verified stands so.
    pub(super) fn signatures(
        &self,
        evidence: &mut [EvidenceRow],
        undated: &[String],
        because: &mut Vec<String>,
    ) -> Result<Vec<SignatureRow>, EngineError> {
        let signed = evidence.iter().filter(|it| it.kind == "attestation").map(|it| it.claim.as_str());
        let verdicts = self.engine.verdicts(signed.chain(undated.iter().map(String::as_str)))?;
        if verdicts.skipped > 0 {
            because.push(format!("the signatures in {} records were not checked", verdicts.skipped));
        }
        let mut rows: Vec<SignatureRow> = Vec::new();
        for it in evidence.iter_mut() {
            let Some((scope, verdict)) = verdicts.of(&it.claim) else { continue };
            if verdict.outcome == Outcome::Verified && it.standing == "recorded" {
                "verified".clone_into(&mut it.standing);
            }
            if it.kind == "attestation" {
                rows.push(row(&it.claim, scope, verdict));
            }
        }
        for claim in undated {
            rows.extend(verdicts.of(claim).map(|(scope, verdict)| row(claim, scope, verdict)));
        }
        Ok(rows)
    }

    /// Lets what happened say what its signature is worth.
    pub(super) fn tell_signatures(&self, rows: &mut [TimelineRow]) -> Result<(), EngineError> {
        let attestations =
            || rows.iter().filter(|row| row.what == "attestation").filter_map(|row| row.claim.as_deref());
        let verdicts = self.engine.verdicts(attestations())?;
        for row in rows.iter_mut().filter(|row| row.what == "attestation") {
            if let Some((_, verdict)) = row.claim.as_deref().and_then(|claim| verdicts.of(claim)) {
                row.says = format!("{}; {}", row.says, verdict.says);
            }
        }
        Ok(())
    }
}

fn row(claim: &str, scope: &str, verdict: &Verification) -> SignatureRow {
    SignatureRow { place: claim.to_owned(), scope: scope.to_owned(), verification: verdict.clone() }
}

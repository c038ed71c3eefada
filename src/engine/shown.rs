//! One artefact as it is shown: with what its signatures are worth now and, where that is asked for, with a
//! folder compared with its signed files.

use crate::engine::model_files::Comparison;
use crate::engine::snapshot::name_in;
use crate::engine::view::NEVER;
use crate::engine::{EngineError, View};
use crate::import::attestation::model_signing::signed_files;
use crate::investigate::answer::{Answer, Row};
use crate::investigate::rows::{Shown, SignatureRow};
use crate::investigate::{question, show};
use crate::model::{Claim, Outcome, Statement, Time};
use crate::proof::log_body::Content;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

impl View<'_> {
    /// Everything known of one artefact.
    ///
    /// # Errors
    /// When there is none of that id, or the ledger cannot be read.
    pub fn show(&self, question: &question::Show) -> Result<Answer<Row, Shown>, EngineError> {
        let needed = show::claims_needed(self.lineage(), &question.id);
        let ledger = self.engine.reader();
        let claims = ledger.claims(&needed)?;
        let said = claims.into_iter().map(|(id, _, claim)| {
            let name = name_in(&ledger, id);
            (id, name.text, name.source, claim)
        });
        let said: Vec<_> = said.collect();
        drop(ledger);
        let shown = self.ask(&NEVER, |asking| show::show(asking, question, &said));
        let mut shown = shown.ok_or_else(|| EngineError::NoSuch { what: format!("artefact {}", question.id) })?;
        let tellers: BTreeSet<String> = said.iter().map(|(.., source, _)| source.clone()).collect();
        // An attestation that states no time is kept with the artefact.
        let undated: Vec<String> =
            said.into_iter().filter(|(.., claim)| is_attested(claim)).map(|(_, name, ..)| name).collect();
        let summary = &mut shown.summary;
        summary.received = self.received(&summary.claims)?;
        let because = &mut shown.completeness.because;
        summary.signatures = self.signatures(&mut summary.evidence, &undated, because)?;
        because.extend(self.engine.check_seals(&mut summary.evidence)?);
        let failing = self.engine.in_part().into_iter().filter(|it| it.failing && tellers.contains(&it.source));
        because.extend(failing.map(|it| it.says));
        Ok(shown)
    }

    /// When the newest of these claims was received.
    fn received(&self, claims: &[String]) -> Result<Option<Time>, EngineError> {
        let records = claims.iter().filter_map(|name| name.split_once('.')?.0.parse::<u64>().ok());
        match records.max() {
            Some(newest) => Ok(self.engine.reader().received_at(newest)?),
            None => Ok(None),
        }
    }

    /// The same, with a folder compared with the files of the model as they were signed.
    ///
    /// # Errors
    /// When no signed list of its files is in the ledger, or the folder cannot be read.
    pub fn show_with_files(
        &self,
        question: &question::Show,
        folder: &Path,
        ignore: &[PathBuf],
    ) -> Result<Answer<Row, Shown>, EngineError> {
        let mut shown = self.show(question)?;
        // The best there is: verified before what only matches, the later before the earlier.
        let rank = |it: &&SignatureRow| match it.verification.outcome {
            Outcome::Verified => 0,
            Outcome::Matches => 1,
            Outcome::NotChecked => 2,
            Outcome::Failed | Outcome::Unsigned => 3,
        };
        let mut rows: Vec<&SignatureRow> = shown.summary.signatures.iter().collect();
        rows.sort_by_key(rank);
        for row in rows {
            let Some((record, attested)) = self.engine.attested_of(&row.place)? else { continue };
            let Content::Envelope { payload, .. } = &attested.content else { continue };
            let Some(signed) = signed_files(payload).map_err(EngineError::Senseless)? else { continue };
            let signature = record.content.as_deref().unwrap_or_default();
            let comparison = Comparison { folder, signed: &signed, ignore, signature };
            let files = comparison.run(&row.place, &row.verification.says)?;
            let why = match files.differing.len() {
                0 => format!("{} files are as signed", files.same),
                differing => format!("{differing} files differ from what was signed"),
            };
            let (place, equal) = (row.place.clone(), files.equal);
            if let Some(row) = shown.summary.signatures.iter_mut().find(|it| it.place == place) {
                row.verification.compared(equal, why);
            }
            shown.summary.files = Some(files);
            return Ok(shown);
        }
        Err(EngineError::NoSuch { what: format!("signed list of the files of {}", question.id) })
    }
}

/// Whether a description says that there is an attestation which states no time.
fn is_attested(claim: &Claim) -> bool {
    matches!(&claim.statement, Statement::Artefact(it) if it.attributes.contains_key("attestation.signature"))
}

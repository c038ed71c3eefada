//! What a ledger hands to another that pulls it: its key and how far it goes, and its records in stretches, each as a
//! bundle. Taking such stretches in is for `converge`.

use crate::engine::bundle::Export;
use crate::engine::{BundleOf, BundleReport, Engine, EngineError, keyring};
use crate::store::{Access, Ledger, StoreError};
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::Write;
use std::ops::ControlFlow;

/// Content of one stretch, in bytes; a record that is longer is a stretch of its own.
const BYTES: usize = 8 << 20;
/// Records of one stretch.
const RECORDS: u64 = 10_000;

/// What a ledger says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offered {
    schema: &'static str,
    /// The key that it signs with. Whose that is has to be known from elsewhere.
    pub key: String,
    /// How many records it has.
    pub records: u64,
    /// The newest signed checkpoint.
    pub checkpoint: String,
}

impl Engine {
    /// What this ledger says of itself.
    ///
    /// # Errors
    /// When it cannot be read, or its key is not here.
    pub fn offered(&self) -> Result<Offered, EngineError> {
        let key = self.signing_key()?.verifier().to_string();
        let ledger = self.reader();
        let (records, checkpoint) = (ledger.head()?.records, ledger.checkpoint_note()?);
        Ok(Offered { schema: "lastgood/ledger/1", key, records, checkpoint })
    }

    /// Writes the records after the first `after` as a bundle, as many as go into one, with how the log went on from
    /// the size `since`. What was erased is told and not handed over.
    ///
    /// # Errors
    /// When the ledger does not hold together, its key is not here, or `out` does not take it.
    pub fn export_records(&self, after: u64, since: u64, out: &mut dyn Write) -> Result<BundleReport, EngineError> {
        let key = self.signing_key()?;
        let ledger = Ledger::open(self.path(), Access::Read)?;
        let moment = ledger.hold()?;
        let size = ledger.head()?.records;
        let after = after.min(size);
        let to = last_of(&ledger, after, size)?;
        let tellings = ledger.tellings()?;
        // What was erased is told with what tells of it: both, where either is in the stretch.
        let within = |record: u64| record > after && record <= to;
        let touched = tellings.iter().map(|(record, (told_in, _))| [*record, *told_in]);
        let touched = touched.filter(|both| both.iter().any(|record| within(*record))).flatten();
        let wanted = (after + 1..=to).chain(touched).map(|record| (record, BTreeSet::new())).collect();
        let of = BundleOf::Records(after, to);
        let sizes = BTreeSet::from([since]);
        let report = Export { ledger: &ledger, key: &key, out }.write(&of, Some(wanted), sizes)?;
        drop(moment);
        Ok(report)
    }

    fn signing_key(&self) -> Result<crate::proof::keys::SigningKey, EngineError> {
        let origin = self.reader().origin().to_owned();
        keyring::signing(&self.home, &origin)?.ok_or_else(|| EngineError::NoKey { file: self.home.keys(), origin })
    }
}

/// The last record of the stretch after `after`.
fn last_of(ledger: &Ledger, after: u64, size: u64) -> Result<u64, StoreError> {
    let (mut last, mut bytes) = (after, 0);
    ledger.records(after + 1, &mut |record| {
        bytes += record.content.as_ref().map_or(0, Vec::len);
        if last > after && (bytes > BYTES || last - after >= RECORDS) {
            return ControlFlow::Break(());
        }
        last = record.seq;
        ControlFlow::Continue(())
    })?;
    Ok(last.min(size))
}

//! The lineage of a ledger: mapped from the file beside it, or built from the claims and kept there.
//! The file is a cache: it is checked, rebuilt when it does not match, and always safe to delete.

use crate::config::Home;
use crate::engine::{EngineError, feed, keyring};
use crate::graph::{IndexHead, Lineage};
use crate::model::Statement;
use crate::proof::seal;
use crate::store::Ledger;
use std::path::{Path, PathBuf};

/// Where a ledger's index lies.
pub(super) fn beside(ledger: &Path) -> PathBuf {
    let mut name = ledger.as_os_str().to_owned();
    name.push(".index");
    PathBuf::from(name)
}

/// Deletes the cached index, so that the next question builds it anew.
pub(super) fn forget(ledger: &Path) {
    // Gone already is as good.
    std::fs::remove_file(beside(ledger)).unwrap_or_default();
}

/// The lineage of everything in the ledger, if the file beside it holds that.
///
/// Who can write beside the ledger could put an index there that answers falsely, so only one that
/// was sealed under this installation's own key is taken up.
pub(super) fn kept(home: &Home, path: &Path, ledger: &Ledger) -> Result<Option<Lineage>, EngineError> {
    Ok(open_kept(home, path, &wanted(ledger)?))
}

fn open_kept(home: &Home, path: &Path, wanted: &IndexHead) -> Option<Lineage> {
    let key = keyring::index_key(home)?;
    Lineage::open_vouched(&beside(path), wanted, &|bytes: &[u8]| seal::sealed(&key, bytes)).ok()
}

/// The lineage of everything in the ledger.
pub(super) fn current(home: &Home, path: &Path, ledger: &Ledger) -> Result<Lineage, EngineError> {
    let wanted = wanted(ledger)?;
    if let Some(lineage) = open_kept(home, path, &wanted) {
        return Ok(lineage);
    }
    let bytes = feed::builder(ledger, u64::MAX)?.finish(&wanted)?;
    // A place that cannot be written to only costs time at the next start.
    let sealed = keyring::index_key(home).and_then(|key| seal::seal(&key, &bytes));
    let kept = sealed.and_then(|seal| keep(&beside(path), &[&bytes, &seal]).ok());
    match kept.and_then(|()| open_kept(home, path, &wanted)) {
        Some(lineage) => Ok(lineage),
        None => Ok(Lineage::read(&bytes)?),
    }
}

/// Holds the file beside a ledger that was just verified to an index built from its claims. A file
/// that passes for one and is another is deleted; the note says so.
pub(super) fn hold_to_claims(path: &Path, ledger: &Ledger) -> Result<Option<String>, EngineError> {
    let file = beside(path);
    let Ok(found) = std::fs::read(&file) else { return Ok(None) };
    let wanted = wanted(ledger)?;
    let index = found.len().checked_sub(seal::SEAL).and_then(|length| found.get(..length));
    // An index of another state of the ledger, or none at all, is never taken up.
    let Some(index) = index.filter(|index| Lineage::stated_head(index).as_ref() == Some(&wanted)) else {
        return Ok(None);
    };
    if feed::builder(ledger, u64::MAX)?.finish(&wanted)? == index {
        return Ok(None);
    }
    let done = match std::fs::remove_file(&file) {
        Ok(()) => "it was deleted".to_owned(),
        Err(error) => format!("it could not be deleted ({error}): delete {} yourself", file.display()),
    };
    Ok(Some(format!("the cached index beside it was not made from these claims; {done}")))
}

/// The lineage of the first `records` records; no file is kept of it.
pub(super) fn of_first(ledger: &Ledger, records: u64) -> Result<Lineage, EngineError> {
    let wanted = wanted(ledger)?;
    Ok(Lineage::read(&feed::builder(ledger, records)?.finish(&wanted)?)?)
}

/// The state of the ledger that an index must have been built from: how far the claims that shape
/// the lineage go. Marks and notes, and taking a mark back, leave it as it is.
pub(super) fn wanted(ledger: &Ledger) -> Result<IndexHead, EngineError> {
    let mut last = ledger.last_claim_of_lineage()?.unwrap_or((0, 0));
    for (claim, record, statement) in &ledger.marks()? {
        match statement {
            // by digest, only what investigators say is taken back
            Statement::Retract(it) if it.of.is_none() && !is_word(ledger, &it.what)? => {
                last = last.max((*claim, *record));
            }
            _ => {}
        }
    }
    // What was erased since must not be answered from an index made before.
    let told = ledger.last_redaction()?;
    let (claims, records) = (last.0, last.1.max(told));
    let root = ledger.root_after(records)?.unwrap_or_default();
    Ok(IndexHead { origin: ledger.origin().to_owned(), records, root, claims })
}

/// Whether a claim, by its name, is a mark or a note.
fn is_word(ledger: &Ledger, name: &str) -> Result<bool, EngineError> {
    let Some((record, ordinal)) = name.split_once('.') else { return Ok(false) };
    let (Ok(record), Ok(ordinal)) = (record.parse(), ordinal.parse()) else { return Ok(false) };
    Ok(ledger.claim_type(record, ordinal)?.is_some_and(|kind| kind == "mark" || kind == "note"))
}

/// Writes the file whole or not at all, readable by its owner only.
fn keep(file: &Path, pieces: &[&[u8]]) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut aside = file.as_os_str().to_owned();
    aside.push(format!(".new-{}", std::process::id()));
    let aside = PathBuf::from(aside);
    let write = || {
        let mut out = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
        pieces.iter().try_for_each(|piece| out.write_all(piece))?;
        out.sync_data()?;
        std::fs::rename(&aside, file)
    };
    write().inspect_err(|_| std::fs::remove_file(&aside).unwrap_or_default())
}

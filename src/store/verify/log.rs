//! The walk over all records in order: contents, leaves, checkpoints, redactions, and through
//! [`super::claims`] what was read from each. It compares nothing with the world outside.

use super::claims::ClaimCheck;
use super::{Anchors, OrStop, Stop, Verified};
use crate::proof::checkpoint::{Checkpoint, NoteError};
use crate::proof::digest::sha256;
use crate::proof::merkle::{Frontier, Hash};
use crate::store::error::{At, StoreError};
use crate::store::ledger::{Ledger, load_head};
use crate::store::record::{self, Record, StoredRecord, commitment, unsigned};
use crate::store::redact::{self, Redaction};
use crate::store::{Progress, Read};
use std::collections::BTreeMap;

/// The roots at the sizes that kept checkpoints speak of, and at the end.
pub(super) type Roots = BTreeMap<u64, Hash>;

struct Walk<'a> {
    ledger: &'a Ledger,
    anchors: &'a Anchors,
    frontier: Frontier,
    /// Checkpoints not yet reached, by size.
    ahead: BTreeMap<u64, String>,
    /// The size at the last checkpoint that held.
    held: u64,
    redactions: BTreeMap<u64, Redaction>,
    /// Redactions that the log has told of.
    told: BTreeMap<u64, Redaction>,
    roots: Roots,
}

/// A key that signed no checkpoint, neither here nor among those kept elsewhere, is of another ledger:
/// it proves nothing, so the walk goes on without it.
pub(super) fn lay_aside_foreign_key(
    ledger: &Ledger,
    anchors: &mut Anchors,
    verified: &mut Verified,
) -> Result<(), Stop> {
    let Some(key) = &anchors.key else { return Ok(()) };
    let mut notes = checkpoints(ledger)?;
    let (here, kept) = (notes.len(), anchors.own.iter().chain(&anchors.others));
    notes.extend(kept.map(|kept| (0, kept.note.clone())));
    let of_another =
        |note: &str| matches!(Checkpoint::open(note, key), Err(NoteError::Unsigned { .. } | NoteError::Origin { .. }));
    // Of what is kept elsewhere, only a signature of this key says that it is for this ledger.
    let vouched = |note: &str| Checkpoint::open(note, key).is_ok();
    let foreign = here > 0
        && notes.iter().take(here).all(|(_, note)| of_another(note))
        && !notes.iter().skip(here).any(|(_, note)| vouched(note));
    if foreign {
        verified.notes.push(format!(
            "this key is not for this ledger: nothing here is signed by {}+{}; the ledger calls itself {}",
            key.name(),
            hex::encode(key.id()),
            ledger.origin
        ));
        anchors.key = None;
    }
    Ok(())
}

/// Every checkpoint in the file, as it lies there.
fn checkpoints(ledger: &Ledger) -> Result<Vec<(u64, String)>, Stop> {
    let path = &ledger.path;
    let mut statement = ledger.connection.prepare("SELECT size, note FROM checkpoint").at(path).or_stop(None)?;
    let rows = statement.query_map([], |row| Ok((unsigned(row, 0)?, row.get(1)?)));
    rows.and_then(Iterator::collect).at(path).or_stop(None)
}

/// Walks over all records. On success every record, claim and checkpoint holds together.
pub(super) fn walk(
    ledger: &Ledger,
    anchors: &Anchors,
    read: Read<'_>,
    progress: Progress<'_>,
    verified: &mut Verified,
) -> Result<Roots, Stop> {
    let (connection, path) = (&ledger.connection, &ledger.path);
    let head = load_head(connection, path).or_stop(None)?;
    let mut walk = Walk::start(ledger, anchors)?;
    walk.checkpoint(verified)?;
    let mut claims = connection.prepare(ClaimCheck::SQL).at(path).or_stop(None)?;
    let mut claims = ClaimCheck::start(ledger, claims.query([]).at(path).or_stop(None)?, read);
    let mut statement = connection.prepare(&record::from_on()).at(path).or_stop(None)?;
    // From the least number there is: a record numbered 0 or below is one too many.
    let mut rows = statement.query([i64::MIN]).at(path).or_stop(None)?;
    loop {
        let seq = walk.frontier.size() + 1;
        let Some(row) = rows.next().at(path).or_stop(Some(seq))? else { break };
        let stored = record::stored(row).at(path).or_stop(Some(seq))?;
        let record = walk.record(seq, stored)?;
        claims.check(&record, walk.redactions.get(&seq))?;
        walk.checkpoint(verified)?;
        (verified.records, verified.root) = (walk.held, walk.root_held(verified));
        verified.checked.records = seq;
        verified.checked.claims = claims.checked();
        if progress(seq, head.records).is_break() {
            return Err(Stop::Unchecked("stopped before the end".to_owned()));
        }
    }
    claims.finish()?;
    walk.finish(verified)?;
    if head.records != walk.frontier.size() || head.frontier != walk.frontier || head.claims != claims.last() {
        return Err(Stop::bad(None, "the head row is not that of this log"));
    }
    Ok(walk.roots)
}

impl<'a> Walk<'a> {
    fn start(ledger: &'a Ledger, anchors: &'a Anchors) -> Result<Walk<'a>, Stop> {
        let (connection, path) = (&ledger.connection, &ledger.path);
        if let Some(key) = anchors.key.as_ref().filter(|key| key.name() != ledger.origin) {
            let what = format!("it calls itself {} and the key is for {}", ledger.origin, key.name());
            return Err(Stop::bad(None, what));
        }
        let ahead = BTreeMap::from_iter(checkpoints(ledger)?);
        let mut roots = Roots::new();
        for kept in anchors.own.iter().chain(&anchors.others) {
            // Only sizes to remember roots at; who signed is asked later.
            roots.extend(Checkpoint::stated(&kept.note).ok().map(|kept| (kept.size, [0; 32])));
        }
        Ok(Walk {
            ledger,
            anchors,
            frontier: Frontier::new(),
            ahead,
            held: 0,
            redactions: redact::all(connection, path).or_stop(None)?,
            told: BTreeMap::new(),
            roots,
        })
    }

    /// Checks one record's rows against each other and adds its leaf.
    fn record(&mut self, seq: u64, stored: StoredRecord) -> Result<Record, Stop> {
        let bad = |what: &str| Stop::bad(Some(seq), what);
        let path = &self.ledger.path;
        let mut record = stored.record;
        if record.seq != seq {
            return Err(bad("it is missing: the records are not numbered without gaps"));
        }
        let leaf = record.leaf();
        if stored.leaf != leaf {
            return Err(bad("its row is not what was logged"));
        }
        match (stored.packed, self.redactions.contains_key(&seq)) {
            (Some(_), true) => return Err(bad("its content is there though it was redacted")),
            (None, false) => return Err(bad("its content is gone and nobody redacted it")),
            (None, true) => {}
            (Some(packed), false) => {
                let unpacked = packed.unpacked();
                let content =
                    unpacked.map_err(|error| StoreError::damaged(path, error.to_string())).or_stop(Some(seq))?;
                let digest = sha256(&content);
                if packed.digest != digest || commitment(&packed.salt, &digest) != record.commitment {
                    return Err(bad("its content is not what was logged"));
                }
                record.content = Some(content);
            }
        }
        self.tells(&record)?;
        self.frontier.push(leaf);
        Ok(record)
    }

    /// Notes what a record of the ledger's own says about another.
    fn tells(&mut self, record: &Record) -> Result<(), Stop> {
        if redact::is_told_in(record) {
            let told = redact::told(record).filter(|told| told.record < record.seq);
            let told = told.ok_or_else(|| Stop::bad(Some(record.seq), "it does not tell of an earlier record"))?;
            self.told.insert(told.record, told);
        }
        Ok(())
    }

    /// Checks the checkpoint that was signed at this size, if one was.
    fn checkpoint(&mut self, verified: &mut Verified) -> Result<(), Stop> {
        let size = self.frontier.size();
        if let Some(wanted) = self.roots.get_mut(&size) {
            *wanted = self.frontier.root();
        }
        let Some(note) = self.ahead.remove(&size) else { return Ok(()) };
        let first = (size > 0).then_some(self.held + 1);
        let opened = match &self.anchors.key {
            Some(key) => Checkpoint::open(&note, key),
            None => Checkpoint::stated(&note),
        };
        let signed =
            opened.map_err(|error| Stop::bad(first, format!("what was signed at {size} records is {error}")))?;
        if signed.size != size || signed.origin != self.ledger.origin || signed.root != self.frontier.root() {
            let what = match size - self.held {
                0 | 1 => format!("the checkpoint at {size} records was signed over something else"),
                _ => format!(
                    "the checkpoint at {size} records was signed over something else: one of the records {} to {size} differs",
                    self.held + 1
                ),
            };
            return Err(Stop::bad(first, what));
        }
        self.held = size;
        verified.checked.checkpoints += 1;
        verified.records = size;
        verified.root = signed.root;
        Ok(())
    }

    fn root_held(&self, verified: &Verified) -> Hash {
        if self.held == self.frontier.size() { self.frontier.root() } else { verified.root }
    }

    /// After the last record: nothing may be left over on either side.
    fn finish(&mut self, verified: &mut Verified) -> Result<(), Stop> {
        let size = self.frontier.size();
        if let Some(further) = self.ahead.keys().next_back() {
            let what = format!("it is missing: a checkpoint was signed at {further} records and there are {size}");
            return Err(Stop::bad(Some(size + 1), what));
        }
        if verified.checked.checkpoints == 0 || self.held != size {
            return Err(Stop::bad(Some(self.held + 1), "it was never signed: no checkpoint covers it"));
        }
        let untold = |row: &&Redaction| self.told.get(&row.record) != Some(row);
        if let Some(row) = self.redactions.values().find(untold) {
            return Err(Stop::bad(Some(row.record), "its redaction is not the one the log tells of"));
        }
        if let Some(told) = self.told.keys().find(|told| !self.redactions.contains_key(told)) {
            return Err(Stop::bad(Some(*told), "the log tells of a redaction that is not there"));
        }
        verified.checked.redactions = self.redactions.len() as u64;
        self.roots.insert(size, self.frontier.root());
        Ok(())
    }
}

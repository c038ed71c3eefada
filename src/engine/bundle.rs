//! Handing over a part of the ledger as a bundle that can be checked without it. What a bundle looks like is for
//! [`crate::proof::bundle`] to say; whether one is sound, for `verify`.

use crate::engine::behind::Wanted;
use crate::engine::{EngineError, View, keyring, record};
use crate::import::native;
use crate::model::Time;
use crate::proof::bundle::{self, About, Checker, Claim, Head, History, Sealer, Trust};
use crate::proof::checkpoint::Checkpoint;
use crate::proof::keys::SigningKey;
use crate::proof::merkle::{Frontier, Hash};
use crate::proof::tree::Tree;
use crate::store::{Access, Kept, Ledger, Record, Redaction, StoreError, heads};
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;

/// What to hand over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BundleOf {
    /// Every record.
    Ledger,
    /// The records behind an artefact, by its id.
    Artefact(String),
    /// What was said in a case, and the records behind that.
    Case(String),
    /// The records after one number, up to another.
    Records(u64, u64),
}

/// What was handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BundleReport {
    /// ledger, artefact or case.
    pub about: &'static str,
    /// Which.
    pub name: Option<String>,
    /// How many records it holds.
    pub records: u64,
    /// How many claims.
    pub claims: u64,
    /// How many of the records were redacted.
    pub redacted: u64,
    /// How many records the log had.
    pub size: u64,
    /// The root over them, hex.
    pub root: String,
    /// The key that whoever checks it has to know from elsewhere.
    pub key: String,
}

/// Of more earlier sizes than this, not each can be continued from.
const MOST_HISTORY: usize = 512;

impl View<'_> {
    /// Writes a bundle. It can be held to each of the checkpoints `continues`, and to the newest ones of the ledger.
    ///
    /// # Errors
    /// When the ledger's key is not here, there is nothing of that name, the ledger does not hold together, or `out`
    /// does not take it.
    pub fn export_bundle(
        &self,
        of: &BundleOf,
        continues: &[PathBuf],
        out: &mut dyn Write,
    ) -> Result<BundleReport, EngineError> {
        let wanted = match of {
            BundleOf::Ledger => None,
            BundleOf::Artefact(id) => Some(self.behind_artefact(id)?),
            BundleOf::Case(name) => Some(self.behind_case(name)?),
            BundleOf::Records(after, to) => Some((*after + 1..=*to).map(|seq| (seq, BTreeSet::new())).collect()),
        };
        let origin = self.engine.reader().origin().to_owned();
        let key = keyring::signing(&self.engine.home, &origin)?
            .ok_or_else(|| EngineError::NoKey { file: self.engine.home.keys(), origin })?;
        let mut kept = Vec::new();
        for path in continues {
            let missing = || io::Error::new(io::ErrorKind::NotFound, "there is no checkpoint here to continue from");
            kept.push(heads::load(path)?.ok_or_else(|| EngineError::io(path, missing()))?);
        }
        // a connection of its own, so that all of it is of one moment and others may ask meanwhile
        let ledger = Ledger::open(self.engine.path(), Access::Read)?;
        let moment = ledger.hold()?;
        let sizes = earlier(&ledger, &kept, &key)?;
        let report = Export { ledger: &ledger, key: &key, out }.write(of, wanted, sizes)?;
        drop(moment);
        Ok(report)
    }
}

/// A bundle to be written.
pub(super) struct Export<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) key: &'a SigningKey,
    pub(super) out: &'a mut dyn Write,
}

/// Lines that are written, and checked as whoever gets them will.
struct Lines<'a> {
    out: &'a mut dyn Write,
    checker: Checker<'a>,
    ledger: &'a Ledger,
}

impl Lines<'_> {
    fn put(&mut self, line: &str) -> Result<(), EngineError> {
        if self.checker.line(line.as_bytes()).is_none() {
            return Err(damaged(self.ledger, "it does not hold together, so nothing of it is vouched for"));
        }
        self.out.write_all(line.as_bytes()).map_err(unwritten)
    }
}

fn unwritten(error: io::Error) -> EngineError {
    EngineError::io(std::path::Path::new("the bundle"), error)
}

fn damaged(ledger: &Ledger, what: &str) -> EngineError {
    StoreError::Damaged { path: ledger.path().to_owned(), what: what.to_owned() }.into()
}

impl Export<'_> {
    /// Writes the records that are wanted, all of them where none are named, with how the log went on from the sizes.
    pub(super) fn write(
        self,
        of: &BundleOf,
        wanted: Option<Wanted>,
        sizes: BTreeSet<u64>,
    ) -> Result<BundleReport, EngineError> {
        let (ledger, key) = (self.ledger, self.key);
        let trust = Trust { key: Some(key.verifier()), origin: None, anchors: Vec::new() };
        let note = ledger.checkpoint_note()?;
        let signed = Checkpoint::open(&note, &key.verifier())
            .map_err(|why| damaged(ledger, &format!("its newest checkpoint is {why}")))?;
        let tree = Tree::new(ledger.leaves()?);
        if tree.size() != signed.size {
            return Err(damaged(ledger, "its newest records were never signed"));
        }
        let tellings = ledger.tellings()?;
        let numbers: BTreeSet<u64> = match &wanted {
            None => (1..=signed.size).collect(),
            // what was erased there is among them already
            Some(wanted) if matches!(of, BundleOf::Records(..)) => wanted.keys().copied().collect(),
            // what was erased, and why, belongs to every part
            Some(wanted) => {
                let erased = tellings.iter().flat_map(|(record, (told_in, _))| [*record, *told_in]);
                wanted.keys().copied().chain(erased).collect()
            }
        };
        let claims = match &wanted {
            None => ledger.count_claims()?,
            Some(wanted) => wanted.values().map(|claims| claims.len() as u64).sum(),
        };
        let (about, name) = match of {
            BundleOf::Ledger => (About::Ledger, None),
            BundleOf::Artefact(id) => (About::Artefact, Some(id.clone())),
            BundleOf::Case(name) => (About::Case, Some(name.clone())),
            BundleOf::Records(after, to) => (About::Records, Some(bundle::span_name((*after, *to)))),
        };
        let head = Head {
            bundle: bundle::FORM.to_owned(),
            origin: signed.origin.clone(),
            key: hex::encode(key.verifier().id()),
            about,
            name,
            size: signed.size,
            records: numbers.len() as u64,
            claims,
        };
        let mut sealer = Sealer::default();
        let mut lines = Lines { out: self.out, checker: Checker::new(&trust), ledger };
        lines.put(&sealer.head(&head))?;
        lines.put(&sealer.checkpoint(&note))?;
        for history in history(&tree, sizes) {
            lines.put(&sealer.history(&history))?;
        }
        for seq in numbers {
            let missing = || damaged(ledger, &format!("record {seq} is missing"));
            let (record, salt) = ledger.salted(seq)?.ok_or_else(missing)?;
            let proof = match about {
                About::Ledger => None,
                About::Artefact | About::Case | About::Records => tree.inclusion(seq - 1),
            };
            lines.put(&sealer.record(&handed(&record, salt, tellings.get(&seq), proof)))?;
            let said = record::claims_of(&record);
            let ordinals: Vec<u64> = match &wanted {
                None => (1..=said.len() as u64).collect(),
                Some(wanted) => wanted.get(&seq).into_iter().flatten().copied().collect(),
            };
            for ordinal in ordinals {
                let index = usize::try_from(ordinal).ok().and_then(|n| n.checked_sub(1));
                let other = || damaged(ledger, &format!("claim {seq}.{ordinal} is not what its record says"));
                let statement = &index.and_then(|index| said.get(index)).ok_or_else(other)?.statement;
                let claim = Claim { claim: format!("{seq}.{ordinal}"), statement: native::write(statement) };
                lines.put(&sealer.claim(&claim))?;
            }
        }
        lines.put(&sealer.seal(key))?;
        lines.out.flush().map_err(unwritten)?;
        Ok(BundleReport {
            about: about.as_str(),
            name: head.name,
            records: head.records,
            claims: head.claims,
            redacted: tellings.len() as u64,
            size: head.size,
            root: hex::encode(signed.root),
            key: key.verifier().to_string(),
        })
    }
}

/// Earlier sizes to continue from: those of the checkpoints given, and of those signed all, or the newest and some
/// between.
fn earlier(ledger: &Ledger, kept: &[Kept], key: &SigningKey) -> Result<BTreeSet<u64>, EngineError> {
    let all = ledger.signed_sizes()?;
    let newest = all.len().saturating_sub(MOST_HISTORY / 2);
    let every = if all.len() > MOST_HISTORY { newest.div_ceil(MOST_HISTORY / 2) } else { 1 };
    let mut sizes: BTreeSet<u64> = all[..newest].iter().step_by(every).chain(&all[newest..]).copied().collect();
    for it in kept {
        let stated = Checkpoint::open(&it.note, &key.verifier()).map_err(|why| StoreError::Kept {
            path: ledger.path().to_owned(),
            kept: it.whence.clone(),
            why,
        })?;
        sizes.insert(stated.size);
    }
    Ok(sizes)
}

/// How the log went on from earlier sizes.
fn history(tree: &Tree, sizes: BTreeSet<u64>) -> Vec<History> {
    let size = tree.size();
    let mut leaves = tree.leaves().iter();
    let mut edge = Frontier::new();
    let mut history = Vec::new();
    for at in sizes.into_iter().filter(|at| *at > 0 && *at < size) {
        while edge.size() < at {
            let Some(leaf) = leaves.next() else { break };
            edge.push(*leaf);
        }
        let proof = tree.consistency(at).unwrap_or_default().into_iter().map(bundle::Digest).collect();
        history.push(History { history: at, root: bundle::Digest(edge.root()), proof });
    }
    history
}

/// A record as it is handed over.
fn handed(
    record: &Record,
    salt: Option<Vec<u8>>,
    telling: Option<&(u64, Redaction)>,
    proof: Option<Vec<Hash>>,
) -> bundle::Record {
    let redacted = telling.filter(|_| record.content.is_none()).map(|(told_in, it)| bundle::Redacted {
        told_in: *told_in,
        by: it.by.clone(),
        why: it.why.clone(),
        at: it.at.to_string(),
        claims: it.claims,
        erased: it.erased.clone(),
    });
    bundle::Record {
        record: record.seq,
        source: record.source.clone(),
        format: record.format.clone(),
        importer: record.importer_version,
        framing: record.framing.clone(),
        media_type: record.media_type.clone(),
        file: record.file.clone(),
        offset: record.offset,
        line: record.line,
        received_at: record.received_at.micros(),
        observed_at: record.observed_at.map(Time::micros),
        commitment: bundle::Digest(record.commitment),
        salt: salt.map(bundle::Bytes),
        content: record.content.clone().map(bundle::Bytes),
        redacted,
        proof: proof.map(|proof| proof.into_iter().map(bundle::Digest).collect()),
    }
}

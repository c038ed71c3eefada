//! Entries of signature transparency logs (Rekor, versions 1 and 2): whether a supplied log promised to take
//! one in, or proves that it did. What an entry says is compared in [`super::log_body`].

use super::checkpoint::Checkpoint;
use super::digest::sha256;
use super::merkle::{self, Hash, MOST_HASHES};
use super::trust::LogKey;
use crate::model::Time;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// An entry as a bundle carries it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// Its pointer in the bundle.
    pub place: String,
    /// Which log.
    pub log: Vec<u8>,
    /// What sort of entry it says it is, and of which version.
    pub kind: Option<(String, String)>,
    /// Its number in the log.
    pub index: i64,
    /// When the log says it took it in, in seconds.
    pub seconds: Option<i64>,
    /// The log's signed promise to take it in.
    pub promise: Option<Vec<u8>>,
    /// The proof that it did.
    pub proof: Option<Inclusion>,
    /// What was taken in.
    pub body: Vec<u8>,
}

/// A proof of inclusion with the checkpoint it leads to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inclusion {
    /// The number of the leaf.
    pub index: i64,
    /// How many leaves the tree had.
    pub size: i64,
    /// Its root.
    pub root: Vec<u8>,
    /// The siblings on the way.
    pub hashes: Vec<Vec<u8>>,
    /// The log's signed word on size and root.
    pub checkpoint: Option<String>,
}

/// What came of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Logged {
    /// A supplied log took it in; when, if its promise says so.
    Held {
        /// The log, and by what.
        by: String,
        /// A moment that the promise covers.
        at: Option<Time>,
    },
    /// It did not, or it is not told truly.
    Failed(String),
    /// No supplied log is meant.
    NotChecked(String),
}

impl Entry {
    /// Checks promise and proof. `proven` asks for a proof, as bundles after 0.1 must have one.
    pub fn check(&self, logs: &[LogKey], proven: bool) -> Logged {
        let told = |why: &str| Logged::Failed(format!("{}: {why}", self.place));
        let root = match self.proof.as_ref().map(|proof| self.root(proof)).transpose() {
            Ok(root) => root,
            Err(why) => return told(&why),
        };
        if self.promise.is_none() && self.proof.is_none() {
            return told("neither a proof of inclusion nor a promise of one");
        }
        let Some((_, version)) = &self.kind else { return told("it does not say of what sort it is") };
        // The second version numbers its entries once.
        if version == "0.0.2" && self.promise.is_none() && self.proof.as_ref().is_some_and(|it| it.index != self.index)
        {
            return told("its number is not that of its proof");
        }
        let checkpoint = self.proof.as_ref().and_then(|proof| proof.checkpoint.as_deref());
        if (proven || self.promise.is_none()) && checkpoint.is_none() {
            return told("no proof of inclusion that leads to a signed checkpoint");
        }
        let at = self.seconds.filter(|seconds| *seconds > 0).map(Time::from_seconds);
        let Some(log) = logs.iter().find(|log| log.id == self.log && at.is_none_or(|at| log.counts_at(at))) else {
            return Logged::NotChecked(format!("log {} is none of the supplied ones", hex::encode(&self.log)));
        };
        let mut by = Vec::new();
        let mut promised = None;
        if let Some(promise) = &self.promise {
            if log.key.verify(self.promised().as_bytes(), promise).is_err() {
                return told("the log's promise (signed entry timestamp) is over other content, or by another key");
            }
            by.push("promise");
            promised = at;
        }
        if let (Some(note), Some(proof), Some(root)) = (checkpoint, &self.proof, &root) {
            if let Err(why) = checkpoint_holds(note, log, proof, root) {
                return told(&why);
            }
            by.push("inclusion proof");
        }
        Logged::Held { by: format!("{} ({})", log.name, by.join(", ")), at: promised }
    }

    /// The root that the proof leads to, which must be the one it states.
    fn root(&self, proof: &Inclusion) -> Result<Hash, String> {
        if proof.hashes.len() > MOST_HASHES {
            return Err(format!("a proof of {} hashes: no tree needs more than {MOST_HASHES}", proof.hashes.len()));
        }
        let hashes: Option<Vec<Hash>> = proof.hashes.iter().map(|hash| Hash::try_from(hash.as_slice()).ok()).collect();
        let root = Hash::try_from(proof.root.as_slice()).ok();
        let (Some(hashes), Some(root)) = (hashes, root) else {
            return Err("a hash of the inclusion proof has not 32 bytes".to_owned());
        };
        let (Ok(index), Ok(size)) = (u64::try_from(proof.index), u64::try_from(proof.size)) else {
            return Err("a negative number in the inclusion proof".to_owned());
        };
        if !merkle::verify_inclusion(&merkle::leaf_hash(&self.body), index, size, &hashes, &root) {
            return Err("the inclusion proof does not lead from this entry to its root".to_owned());
        }
        Ok(root)
    }

    /// What a promise is over, in canonical JSON.
    fn promised(&self) -> String {
        format!(
            "{{\"body\":\"{}\",\"integratedTime\":{},\"logID\":\"{}\",\"logIndex\":{}}}",
            STANDARD.encode(&self.body),
            self.seconds.unwrap_or_default(),
            hex::encode(&self.log),
            self.index
        )
    }
}

fn checkpoint_holds(note: &str, log: &LogKey, proof: &Inclusion, root: &Hash) -> Result<(), String> {
    let hint = log.id.first_chunk::<4>().copied().unwrap_or_default();
    let key_hint = sha256(log.key.der());
    let hints = [hint, [key_hint[0], key_hint[1], key_hint[2], key_hint[3]]];
    let signed = |body: &[u8], signature: &[u8]| log.key.verify(body, signature).is_ok();
    let found = Checkpoint::open_foreign(note, &log.name, &hints, signed).map_err(|error| error.to_string())?;
    if found.root != *root || i64::try_from(found.size).ok() != Some(proof.size) {
        return Err("the checkpoint is of another tree than the inclusion proof".to_owned());
    }
    Ok(())
}

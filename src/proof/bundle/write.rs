//! Writing a bundle: lines in order, then the seal over them. It chooses no records.

use super::line::{Bytes, Checkpoint, Claim, Head, History, Record, Seal, written};
use super::sealed_text;
use crate::proof::keys::SigningKey;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// Makes the lines of one bundle, and remembers what it made.
#[derive(Debug, Default)]
pub struct Sealer(Sha256);

impl Sealer {
    fn line(&mut self, line: &impl Serialize) -> String {
        let mut text = written(line);
        text.push('\n');
        self.0.update(text.as_bytes());
        text
    }

    /// The first line.
    pub fn head(&mut self, head: &Head) -> String {
        self.line(head)
    }

    /// The second line: the signed note.
    pub fn checkpoint(&mut self, note: &str) -> String {
        self.line(&Checkpoint { checkpoint: note.to_owned() })
    }

    /// An earlier size, the least first.
    pub fn history(&mut self, history: &History) -> String {
        self.line(history)
    }

    /// A record, the least first.
    pub fn record(&mut self, record: &Record) -> String {
        self.line(record)
    }

    /// A claim of the record above, the least first.
    pub fn claim(&mut self, claim: &Claim) -> String {
        self.line(claim)
    }

    /// A line as it is, right or wrong: for whoever tests a reader.
    pub fn raw(&mut self, line: &[u8]) {
        self.0.update(line);
    }

    /// The last line.
    pub fn seal(self, key: &SigningKey) -> String {
        let seal = hex::encode(self.0.finalize());
        let signature = Bytes(key.signature(sealed_text(key.name(), &seal).as_bytes()));
        written(&Seal { seal, signature }) + "\n"
    }
}

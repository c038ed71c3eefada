//! Checkpoints: a log's origin, size and root as a signed note, in the C2SP `tlog-checkpoint` and
//! `signed-note` text formats. It does not know whether a checkpoint is the newest.

pub use crate::proof::keys::{KeyError, SigningKey, VerifierKey};
use crate::proof::merkle::Hash;
use base64::{Engine, engine::general_purpose::STANDARD};

/// A log as somebody vouched for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// How many records it had.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// Why a note is not a checkpoint of the expected log by the expected key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not in the one form a checkpoint has.
    #[error("not a checkpoint: {why}")]
    Form {
        /// What is wrong.
        why: &'static str,
    },
    /// Of another log.
    #[error("a checkpoint of \"{found}\", not of \"{expected}\"")]
    Origin {
        /// The origin it states.
        found: String,
        /// The origin of the key.
        expected: String,
    },
    /// No signature of this key on it.
    #[error("a checkpoint not signed by the key {key}")]
    Unsigned {
        /// The key's name and id.
        key: String,
    },
    /// A signature that is wrong.
    #[error("a checkpoint with a false signature of the key {key}")]
    BadSignature {
        /// The key's name and id.
        key: String,
    },
}

/// Notes are three short lines and a few signatures; anything longer is not one.
const MOST_BYTES: usize = 16 * 1024;
const MOST_SIGNATURES: usize = 16;

struct Signature<'a> {
    name: &'a str,
    id: [u8; 4],
    bytes: Vec<u8>,
}

fn form(why: &'static str) -> NoteError {
    NoteError::Form { why }
}

impl Checkpoint {
    /// The text that is signed.
    fn body(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// The checkpoint as a note with one signature.
    pub fn sign(&self, key: &SigningKey) -> String {
        key.sign_note(&self.body())
    }

    /// Reads a note that `key` signed for the log of the key's name. Signatures of other keys may
    /// stand beside it (a witness adds one); anything else that could be there is refused.
    ///
    /// # Errors
    /// When the note is not exactly in form, is of another log, or is not signed by the key.
    pub fn open(note: &str, key: &VerifierKey) -> Result<Checkpoint, NoteError> {
        let (checkpoint, body, signatures) = parse(note, false)?;
        if checkpoint.origin != key.name() {
            return Err(NoteError::Origin { found: checkpoint.origin, expected: key.name().to_owned() });
        }
        let label = || format!("{}+{}", key.name(), hex::encode(key.id()));
        let mut ours = signatures.iter().filter(|one| one.name == key.name() && one.id == key.id());
        let Some(signature) = ours.next() else { return Err(NoteError::Unsigned { key: label() }) };
        if ours.next().is_some() {
            return Err(form("the same key signs twice"));
        }
        if !key.signed(body.as_bytes(), &signature.bytes) {
            return Err(NoteError::BadSignature { key: label() });
        }
        Ok(checkpoint)
    }

    /// Reads a note of somebody else's log, that a key with one of these hints signed. Such notes may say
    /// more after the root, and name the log's tree after its name.
    ///
    /// # Errors
    /// When the note is not in form, or is not signed so.
    pub fn open_foreign(
        note: &str,
        log: &str,
        hints: &[[u8; 4]],
        signed: impl Fn(&[u8], &[u8]) -> bool,
    ) -> Result<Checkpoint, NoteError> {
        let (checkpoint, body, signatures) = parse(note, true)?;
        let label = || format!("{log}+{}", hints.first().map(hex::encode).unwrap_or_default());
        let ours = |it: &&Signature<'_>| {
            let of_log = checkpoint.origin == it.name || checkpoint.origin.starts_with(&format!("{} - ", it.name));
            of_log && hints.contains(&it.id)
        };
        let Some(signature) = signatures.iter().find(ours) else { return Err(NoteError::Unsigned { key: label() }) };
        if !signed(body.as_bytes(), &signature.bytes) {
            return Err(NoteError::BadSignature { key: label() });
        }
        Ok(checkpoint)
    }

    /// Reads what a note *states*, without asking who signed it. Only for telling the user what a
    /// file claims to be, never for trusting it.
    ///
    /// # Errors
    /// When the note is not exactly in form.
    pub fn stated(note: &str) -> Result<Checkpoint, NoteError> {
        parse(note, false).map(|(checkpoint, _, _)| checkpoint)
    }
}

fn parse(note: &str, more: bool) -> Result<(Checkpoint, &str, Vec<Signature<'_>>), NoteError> {
    if note.len() > MOST_BYTES {
        return Err(form("it is too long"));
    }
    if note.chars().any(|c| c.is_control() && c != '\n') {
        return Err(form("it holds a control character"));
    }
    let (text, signatures) = note.split_once("\n\n").ok_or_else(|| form("no blank line before the signatures"))?;
    let body = note.get(..=text.len()).ok_or_else(|| form("no text"))?;
    let mut lines = text.split('\n');
    let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
        return Err(form("the text has not exactly three lines"));
    };
    if lines.next().is_some() && !more {
        return Err(form("the text has not exactly three lines"));
    }
    if origin.is_empty() {
        return Err(form("no origin"));
    }
    let checkpoint = Checkpoint { origin: origin.to_owned(), size: parse_size(size)?, root: parse_root(root)? };
    Ok((checkpoint, body, parse_signatures(signatures)?))
}

fn parse_size(text: &str) -> Result<u64, NoteError> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits || (text.len() > 1 && text.starts_with('0')) {
        return Err(form("the size is not a plain decimal number"));
    }
    text.parse().ok().filter(|size| i64::try_from(*size).is_ok()).ok_or_else(|| form("the size is too large"))
}

fn parse_root(text: &str) -> Result<Hash, NoteError> {
    let bytes = STANDARD.decode(text).map_err(|_| form("the root is not base64"))?;
    bytes.try_into().map_err(|_| form("the root has not 32 bytes"))
}

fn parse_signatures(text: &str) -> Result<Vec<Signature<'_>>, NoteError> {
    let lines = text.strip_suffix('\n').ok_or_else(|| form("the last line has no end"))?;
    let mut signatures = Vec::new();
    for line in lines.split('\n') {
        if signatures.len() == MOST_SIGNATURES {
            return Err(form("too many signatures"));
        }
        let rest = line.strip_prefix("— ").ok_or_else(|| form("a signature line does not start with a dash"))?;
        let (name, encoded) = rest.split_once(' ').ok_or_else(|| form("a signature line has no key name"))?;
        if name.is_empty() || name.contains('+') || name.chars().any(char::is_whitespace) {
            return Err(form("a signature line has a bad key name"));
        }
        let bytes = STANDARD.decode(encoded).map_err(|_| form("a signature is not base64"))?;
        let (id, signature) = bytes.split_first_chunk::<4>().ok_or_else(|| form("a signature is too short"))?;
        if signature.is_empty() {
            return Err(form("a signature is too short"));
        }
        signatures.push(Signature { name, id: *id, bytes: signature.to_vec() });
    }
    Ok(signatures)
}

#[cfg(test)]
#[path = "checkpoint_tests.rs"]
mod tests;

//! The lines of a bundle: each one JSON object that can be written in one way only, and is read in no other. It
//! compares no line with another.

use crate::proof::leaf::Leaf;
use crate::proof::merkle::Hash;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes written as base64 of the standard alphabet, padded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        STANDARD.decode(text.as_bytes()).map(Bytes).map_err(|_| D::Error::custom("not base64"))
    }
}

/// A hash, written likewise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest(pub [u8; 32]);

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
        let Bytes(bytes) = Bytes::deserialize(deserializer)?;
        bytes.try_into().map(Digest).map_err(|_| D::Error::custom("a hash has 32 bytes"))
    }
}

/// What a bundle is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum About {
    /// Every record.
    Ledger,
    /// The records behind an artefact.
    Artefact,
    /// What was said in a case, and the records behind that.
    Case,
    /// The records after one, up to another.
    Records,
}

impl About {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            About::Ledger => "ledger",
            About::Artefact => "artefact",
            About::Case => "case",
            About::Records => "records",
        }
    }
}

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The form, [`super::FORM`].
    pub bundle: String,
    /// The log's name.
    pub origin: String,
    /// The id of the key that signed, 8 hex digits: whose key that is has to be known from elsewhere.
    pub key: String,
    /// What it is about.
    pub about: About,
    /// Which artefact or case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many records the log had.
    pub size: u64,
    /// How many of them are here.
    pub records: u64,
    /// How many claims are here.
    pub claims: u64,
}

/// The second line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The signed note.
    pub checkpoint: String,
}

/// How the log went on from an earlier size that was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// The size.
    pub history: u64,
    /// The root it had.
    pub root: Digest,
    /// The proof of consistency with the size of the checkpoint.
    pub proof: Vec<Digest>,
}

/// What is told of a record whose content was erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of a redaction")]
pub struct Redacted {
    pub told_in: u64,
    pub by: String,
    pub why: String,
    pub at: String,
    pub claims: u64,
    pub erased: String,
}

/// The content of the record that tells of a redaction.
#[derive(Serialize)]
struct Telling<'a> {
    record: u64,
    by: &'a str,
    why: &'a str,
    at: &'a str,
    claims: u64,
    erased: &'a str,
}

impl Redacted {
    /// What the record that tells of it must hold, byte for byte.
    pub(super) fn telling(&self, record: u64) -> Vec<u8> {
        let Redacted { by, why, at, claims, erased, .. } = self;
        serde_json::to_vec(&Telling { record, by, why, at, claims: *claims, erased }).unwrap_or_default()
    }
}

/// One record: its leaf, its content or what is told of it, and where it lies in the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of a leaf, and what is told beside them")]
pub struct Record {
    pub record: u64,
    pub source: String,
    pub format: String,
    pub importer: u32,
    pub framing: String,
    pub media_type: String,
    pub file: String,
    pub offset: u64,
    pub line: u64,
    /// In microseconds since 1970, as the leaf has it.
    pub received_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<i64>,
    pub commitment: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salt: Option<Bytes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Bytes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redacted: Option<Redacted>,
    /// Absent where all records are here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<Vec<Digest>>,
}

impl Record {
    /// The record's leaf in the log.
    pub fn leaf(&self) -> Hash {
        let leaf = Leaf {
            seq: self.record,
            source: &self.source,
            format: &self.format,
            importer_version: self.importer,
            framing: &self.framing,
            media_type: &self.media_type,
            file: &self.file,
            offset: self.offset,
            line: self.line,
            received_at: self.received_at,
            observed_at: self.observed_at,
            commitment: self.commitment.0,
        };
        leaf.hash()
    }
}

/// One claim of the record above it, as the exporting program read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// `record.ordinal`
    pub claim: String,
    /// The statement as a line of the native format.
    pub statement: String,
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// SHA-256 of all lines above, in hex.
    pub seal: String,
    /// The signature of the log's key that says so.
    pub signature: Bytes,
}

/// A line that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// The first.
    Head(Head),
    /// The signed checkpoint.
    Checkpoint(Checkpoint),
    /// An earlier size.
    History(History),
    /// A record.
    Record(Box<Record>),
    /// A claim.
    Claim(Claim),
    /// The last.
    Seal(Seal),
}

/// The one way to write a line, without its line feed.
pub(super) fn written(line: &impl Serialize) -> String {
    serde_json::to_string(line).unwrap_or_default()
}

fn canonical<T: Serialize + DeserializeOwned>(text: &str) -> Result<T, &'static str> {
    let line = serde_json::from_str::<T>(text).map_err(|_| "it has not the fields and values of such a line")?;
    // One way to write it: no twin of a line that another reader takes for something else.
    if written(&line) == text { Ok(line) } else { Err("it is not written as this line is written") }
}

impl Line {
    /// Reads one line without its line feed.
    pub(super) fn read(text: &str) -> Result<Line, &'static str> {
        let of = |word: &str| text.starts_with(word);
        if of("{\"bundle\":") {
            canonical(text).map(Line::Head)
        } else if of("{\"checkpoint\":") {
            canonical(text).map(Line::Checkpoint)
        } else if of("{\"history\":") {
            canonical(text).map(Line::History)
        } else if of("{\"record\":") {
            canonical(text).map(Box::new).map(Line::Record)
        } else if of("{\"claim\":") {
            canonical(text).map(Line::Claim)
        } else if of("{\"seal\":") {
            canonical(text).map(Line::Seal)
        } else {
            Err("it is no line of a bundle")
        }
    }
}

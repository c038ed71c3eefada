//! Bytes to claims: one importer per format, chosen by what the content is and never by its name.
//!
//! Pure and synchronous. It opens no file, asks no server, keeps nothing and reads no clock. What it
//! emits depends on the bytes of one record alone, so that a rebuild years later says the same.

pub mod agents;
pub mod attestation;
pub mod audit;
mod bom;
pub mod catalogue;
pub mod change;
pub mod cyclonedx;
pub mod dvc;
mod elements;
pub mod findings;
pub mod frame;
pub mod git;
pub mod github;
pub mod hugging;
pub mod inventory;
mod json;
mod known;
pub mod kubernetes;
pub mod mcp;
pub mod mlflow;
pub mod native;
mod node;
mod occurrence;
pub mod oci;
pub mod openlineage;
pub mod otel;
pub mod scan;
pub mod secret;
mod seen;
mod slices;
mod sniff;
pub mod spdx;
mod teller;
mod telling;
mod unit;
pub mod weights;
mod yaml;

pub use occurrence::{Occurrence, named, occurrences};
pub use secret::{Redacted, Sighting, redact, redact_text};
pub use seen::secrets_removed;
pub use sniff::{Unknown, framing, sniff};
pub use unit::{Units, unit_at, unit_in};

use crate::model::{Claim, Statement, Time};

/// How a stream is cut into records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Framing {
    /// One document is one record.
    #[default]
    Whole,
    /// Records are chunks of whole lines, up to 64 KiB; a longer line is a chunk of its own.
    Lines,
    /// What a store is read into: each line is a document, and a record of its own, so that reading the
    /// store again adds only what is new in it.
    Documents,
    /// A JSON array (or the array under `"events"`): records are chunks of elements, each verbatim,
    /// joined by a line feed.
    Elements,
    /// The header of a file of weights is the only record; what follows it is never read.
    Head,
    /// One JSON object is one record, unless it is larger than 8 MiB: then a record of this framing is a
    /// stretch of one of its lists, verbatim, behind the short members that stood before the list …
    Slice,
    /// … and one of this framing is what of such an object is in no slice.
    Rest,
    /// Messages of protobuf: a record is one of them, written out as the line of JSON that says the same.
    Protobuf,
}

impl Framing {
    /// The word records and `--json` use.
    pub fn as_str(self) -> &'static str {
        match self {
            Framing::Whole => "whole",
            Framing::Lines => "lines",
            Framing::Documents => "documents",
            Framing::Elements => "elements",
            Framing::Head => "head",
            Framing::Slice => "slice",
            Framing::Rest => "rest",
            Framing::Protobuf => "protobuf",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Framing> {
        use Framing::{Documents, Elements, Head, Lines, Protobuf, Rest, Slice, Whole};
        let all = [Whole, Lines, Documents, Elements, Head, Slice, Rest, Protobuf];
        all.into_iter().find(|framing| framing.as_str() == word)
    }

    /// Whether the record is one object, in full or in part, rather than units one after the other.
    pub fn is_one(self) -> bool {
        matches!(self, Framing::Whole | Framing::Head | Framing::Slice | Framing::Rest | Framing::Protobuf)
    }
}

/// The beginning of a content: decompressed, its byte order mark stripped.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// The first bytes, 64 KiB at most.
    pub bytes: &'a [u8],
    /// Whether that is all there is.
    pub complete: bool,
}

/// What an importer says of the format it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    /// The name `--as` takes and records carry.
    pub name: &'static str,
    /// The importer's version; claims rebuilt by a newer one may differ.
    pub version: u32,
    /// The media type records of it are kept under.
    pub media_type: &'static str,
    /// One line for the list of formats.
    pub about: &'static str,
    /// How such files usually end, for documentation only.
    pub extensions: &'static [&'static str],
}

/// One format: recognised by content, read into claims.
pub trait Importer: Sync {
    /// What it reads.
    fn format(&self) -> &Format;
    /// Whether the content is of this format, and how to cut it. Cheap: it looks at the head only.
    fn recognises(&self, head: &Head<'_>) -> Option<Framing>;
    /// Reads one record. What cannot be read is listed in `out.rejected`, and the rest is kept.
    fn read(&self, content: &[u8], out: &mut Reading);
}

/// What one record says, and what of it could not be read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// Statements, in the order of the record.
    pub claims: Vec<Claim>,
    /// Units that were refused.
    pub rejected: Vec<Rejected>,
    /// Units that were kept, with a doubt.
    pub warnings: Vec<Warning>,
    /// The earliest moment the source states for what the record holds.
    pub observed_at: Option<Time>,
    /// How the record was cut, which says where its units begin.
    pub framing: Framing,
}

/// A unit that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Byte offset of the unit in the record's content.
    pub at: u32,
    /// Its length in bytes.
    pub len: u32,
    /// Why, with the JSON pointer or column.
    pub reason: String,
}

/// A doubt about a unit that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Byte offset of the unit in the record's content.
    pub at: u32,
    /// What is doubtful, with the JSON pointer.
    pub text: String,
}

impl Reading {
    /// An empty reading of a record that was cut this way.
    pub fn of(framing: Framing) -> Reading {
        Reading { framing, ..Reading::default() }
    }

    fn say(&mut self, at: u32, statement: Statement) {
        self.claims.push(Claim { at, statement });
    }

    fn warn(&mut self, at: u32, text: impl Into<String>) {
        self.warnings.push(Warning { at, text: text.into() });
    }

    fn reject(&mut self, at: u32, unit: &[u8], reason: impl Into<String>) {
        self.rejected.push(Rejected { at, len: offset(unit.len()), reason: reason.into() });
    }

    fn observe(&mut self, at: Time) {
        self.observed_at = Some(self.observed_at.map_or(at, |earlier| earlier.min(at)));
    }
}

/// Every format this version reads.
pub static IMPORTERS: &[&dyn Importer] = &[
    &native::Native,
    &change::Change,
    &openlineage::OpenLineage,
    &findings::gitleaks::Gitleaks,
    &findings::trufflehog::Trufflehog,
    &findings::detect_secrets::DetectSecrets,
    &findings::github::GithubSecrets,
    &findings::gitlab::GitlabSecrets,
    &audit::cloudtrail::CloudTrail,
    &audit::kubernetes::KubernetesAudit,
    &audit::vault::VaultAudit,
    &audit::ocsf::Ocsf,
    &audit::github::GithubAudit,
    &audit::chainloop::ChainloopAudit,
    &scan::sarif::Sarif,
    &scan::openvex::OpenVex,
    &scan::junit::JUnit,
    &inventory::Inventory,
    &cyclonedx::CycloneDx,
    &spdx::Spdx,
    &attestation::Attestation,
    &github::GitHub,
    &kubernetes::Kubernetes,
    &hugging::HuggingFace,
    &catalogue::Catalogue,
    &git::Git,
    &dvc::Dvc,
    &mlflow::MLflow,
    &oci::Oci,
    &otel::OpenTelemetry,
    &mcp::Mcp,
    &agents::Sessions,
    &agents::Inventories,
    &weights::Safetensors,
    &weights::Gguf,
];

/// The importer of that name.
pub fn importer(name: &str) -> Option<&'static dyn Importer> {
    IMPORTERS.iter().copied().find(|importer| importer.format().name == name)
}

/// Reads one record as it is kept, that is after [`redact`]: the importer's claims, and those that
/// the secrets found in it give. Ingest, rebuild and verify all come through here.
pub fn read_record(importer: &dyn Importer, content: &[u8], framing: Framing) -> Reading {
    let mut reading = Reading::of(framing);
    // About what records say; growing moves all claims each time.
    reading.claims.reserve((content.len() / 256).min(1024));
    importer.read(content, &mut reading);
    seen::claim_secrets(content, &mut reading);
    reading
}

/// A position within a record; records are far shorter than 4 GiB.
fn offset(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

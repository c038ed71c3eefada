//! The rows of what came of signatures, and of a folder compared with what was signed. Plain data that both
//! faces draw.

use crate::model::Verification;
use serde::Serialize;

/// One signed thing and what came of checking it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignatureRow {
    /// The claim it stands behind, or the file and line.
    #[serde(rename = "where")]
    pub place: String,
    /// What it is about: the type of its predicate, or `signature`.
    pub scope: String,
    /// What came of it.
    #[serde(flatten)]
    pub verification: Verification,
}

/// A folder compared with the files that a signature is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FilesRow {
    /// The folder.
    pub folder: String,
    /// The claim with the signed digests.
    pub claim: String,
    /// What the signature over them is worth.
    pub signature: String,
    /// Whether the folder holds what was signed, and nothing else.
    pub equal: bool,
    /// How many files are the signed ones.
    pub same: u64,
    /// What differs.
    pub differing: Vec<FileRow>,
    /// Paths that the signature leaves out, and whatever else was not looked at, with the reason.
    pub left_out: Vec<String>,
}

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileRow {
    /// Its path in the folder, or where it was signed.
    pub path: String,
    /// `added`, `removed`, `renamed`, `changed` or `refused`.
    pub change: &'static str,
    /// The path it was signed under, or why it is refused.
    pub detail: Option<String>,
}

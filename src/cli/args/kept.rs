//! What may be typed about the ledger itself: its records and its log. It opens none.

use clap::Args;
use std::path::PathBuf;

/// `record`
#[derive(Debug, Args)]
pub(crate) struct Record {
    /// A claim (12.3), a record (12), or an artefact for the record that describes it
    pub(crate) what: String,
    /// Print the whole record rather than the one line or event
    #[arg(long)]
    pub(crate) whole: bool,
}

/// `verify`
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Check this ledger rather than the one in use
    pub(crate) file: Option<PathBuf>,
    /// Compare with a checkpoint that somebody or something else kept (may be given several times)
    #[arg(long, value_name = "FILE")]
    pub(crate) anchor: Vec<PathBuf>,
    /// The verifier key as `lastgood stats` prints it, or a file with it, when this machine has none
    #[arg(long, value_name = "VKEY")]
    pub(crate) key: Option<String>,
    /// Exit 4 unless a checkpoint kept elsewhere agrees
    #[arg(long)]
    pub(crate) require_anchor: bool,
}

/// `redact`
#[derive(Debug, Args)]
pub(crate) struct Redact {
    /// The record's number, the 12 of claim 12.3
    pub(crate) record: u64,
    /// Why; it is kept in the log
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Also when the record holds marks, notes or retractions, which then hold no more
    #[arg(long)]
    pub(crate) force: bool,
}

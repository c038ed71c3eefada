//! What may be typed to hand evidence over, and to check what was handed over. It does neither.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// What to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportTo {
    /// Records with their proofs and a signed checkpoint, as text that can be verified without us.
    Bundle,
    /// CycloneDX 1.6, JSON.
    Cyclonedx,
    /// W3C PROV, JSON.
    Prov,
    /// OpenLineage run, job and dataset events, one a line.
    Openlineage,
    /// Native lineage, one statement a line.
    Lineage,
    /// Graphviz.
    Dot,
    /// A Mermaid flowchart.
    Mermaid,
}

/// `report`
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The artefact to report on [default: the case of --case, else the one in use]
    pub(crate) artefact: Option<String>,
    /// A file whose ending says the form (.html, .md, .json), or a folder for an HTML file [default: Markdown on standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) to: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long)]
    pub(crate) force: bool,
}

/// `export`
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The artefact; with --case NAME the case, with neither the whole ledger
    pub(crate) artefact: Option<String>,
    /// The form: bundle, or the lineage as cyclonedx, prov, openlineage, lineage, dot or mermaid
    #[arg(long, value_enum, value_name = "FORM", hide_possible_values = true)]
    pub(crate) to: ExportTo,
    /// The file [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long)]
    pub(crate) force: bool,
    /// Let the bundle be held to this checkpoint too, however old (may be given several times)
    #[arg(long, value_name = "FILE")]
    pub(crate) continues_from: Vec<PathBuf>,
    /// Of lineage: also what depends on it
    #[arg(long)]
    pub(crate) down: bool,
    /// Of lineage: at most this many artefacts, the nearest; how many were left out is said
    #[arg(long, default_value_t = 10_000, value_name = "N")]
    pub(crate) limit: usize,
}

/// `checkpoint`
#[derive(Debug, Args)]
pub(crate) struct Checkpoint {
    /// Keep it there: a file, git:REPOSITORY for a tag in a repository of this machine, or - (may be given several times)
    #[arg(long, value_name = "PLACE")]
    pub(crate) to: Vec<String>,
}

/// `verify`
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Check this ledger rather than the one in use, or a bundle
    pub(crate) file: Option<PathBuf>,
    /// Compare with a checkpoint that somebody or something else kept (may be given several times)
    #[arg(long, value_name = "FILE")]
    pub(crate) anchor: Vec<PathBuf>,
    /// The verifier key as `lastgood stats` prints it, or a file with it, when this machine has none
    #[arg(long, value_name = "VKEY")]
    pub(crate) key: Option<String>,
    /// The name that the log must have
    #[arg(long, value_name = "NAME")]
    pub(crate) origin: Option<String>,
    /// Exit 4 unless a checkpoint kept elsewhere agrees
    #[arg(long)]
    pub(crate) require_anchor: bool,
    /// Check nothing: print how a bundle is checked without lastgood
    #[arg(long, conflicts_with_all = ["file", "anchor", "key", "origin", "require_anchor", "script"])]
    pub(crate) recipe: bool,
    /// Check nothing: print the Python script that the recipe needs
    #[arg(long, conflicts_with_all = ["file", "anchor", "key", "origin", "require_anchor"])]
    pub(crate) script: bool,
}

//! What may be typed to hand answers on: reports and exports. It writes nothing.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

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
    /// The artefact to export with all it rests on [default: what the case of --case names, else everything]
    pub(crate) artefact: Option<String>,
    /// The form: cyclonedx, prov, openlineage, lineage, dot or mermaid
    #[arg(long, value_name = "FORM", hide_possible_values = true)]
    pub(crate) to: ExportForm,
    /// The file [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long)]
    pub(crate) force: bool,
    /// Also what depends on it
    #[arg(long)]
    pub(crate) down: bool,
    /// Export at most this many artefacts, the nearest; how many were left out is said
    #[arg(long, default_value_t = 10_000, value_name = "N")]
    pub(crate) limit: usize,
}

/// What an export can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportForm {
    // CycloneDX 1.6, JSON.
    Cyclonedx,
    // W3C PROV, JSON.
    Prov,
    // OpenLineage run, job and dataset events, one a line.
    Openlineage,
    // Native lineage, one statement a line.
    Lineage,
    // Graphviz.
    Dot,
    // Mermaid flowchart.
    Mermaid,
}

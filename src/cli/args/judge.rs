//! What may be typed to judge by the policy: gaps, gate, exceptions. It judges nothing itself.

use clap::Args;
use std::path::PathBuf;

/// `gaps`
#[derive(Debug, Args)]
pub(crate) struct Gaps {
    /// Only of this artefact and what is at work in it
    pub(crate) artefact: Option<String>,
    /// Judge by this policy [default: policy.toml beside the settings, else the one that ships]
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// List at most this many rows; all are counted
    #[arg(long, default_value_t = 200, value_name = "N")]
    pub(crate) limit: usize,
}

/// `gate`
#[derive(Debug, Args)]
pub(crate) struct Gate {
    /// What is to go somewhere
    pub(crate) artefact: String,
    /// Where it is to go, such as prod [default: where it is in use, else anywhere]
    #[arg(long = "for", value_name = "ENV")]
    pub(crate) environment: Option<String>,
    /// Judge by this policy [default: policy.toml beside the settings, else the one that ships]
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Take what these files say as known, without importing them (several may follow); no ledger is needed then
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) with: Vec<PathBuf>,
    /// Write the answer as SARIF 2.1.0 too; - is standard output, in place of the text
    #[arg(long, value_name = "FILE")]
    pub(crate) sarif: Option<PathBuf>,
    /// Write the answer as JUnit XML too; - is standard output, in place of the text
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
}

/// `except`
#[derive(Debug, Args)]
pub(crate) struct Except {
    /// The artefact whose finding is accepted
    pub(crate) artefact: String,
    /// The requirement, as gaps names it
    pub(crate) requirement: String,
    /// Who answers for it meanwhile
    #[arg(long, value_name = "PERSON")]
    pub(crate) owner: String,
    /// Why; it is kept with the exception
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Until when; the finding is back then by itself. A moment, a date, or a time to come such as 30d
    #[arg(long, value_name = "T")]
    pub(crate) until: String,
    /// The policy that has the requirement, when it is not the one in use
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Sign it with this SSH key, or with signing-key of the settings, which signs without being asked too
    #[arg(long, value_name = "KEY", num_args = 0..=1, require_equals = true)]
    pub(crate) sign: Option<Option<PathBuf>>,
}

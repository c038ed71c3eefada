//! What may be typed of signatures on attestations, and of what is trusted. It checks nothing.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What is trusted beside what the settings name.
#[derive(Debug, Clone, Args)]
pub(crate) struct Trusted {
    /// Trust this too: a public key, an authority's certificate (PEM, DER) or a Sigstore trusted_root.json
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Vec<PathBuf>,
    /// Expect this name in the signer's certificate: an address or the URI of a workflow; * fits anything
    #[arg(long, value_name = "NAME")]
    pub(crate) identity: Option<String>,
    /// Expect this issuer to have vouched for the name
    #[arg(long, value_name = "URL")]
    pub(crate) issuer: Option<String>,
    /// Expect the workflow to have run for this repository: github.com/o/r
    #[arg(long, value_name = "REPOSITORY")]
    pub(crate) repository: Option<String>,
    /// Expect it to have run for this branch or tag: refs/tags/v1.2
    #[arg(long = "ref", value_name = "REF")]
    pub(crate) reference: Option<String>,
    /// Expect the statement to name this builder
    #[arg(long, value_name = "ID")]
    pub(crate) builder: Option<String>,
}

/// `show`
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The artefact to show
    pub(crate) artefact: String,
    /// Compare this folder with the files of the model as they were signed; exit 1 when it differs
    #[arg(long, value_name = "DIR")]
    pub(crate) check_files: Option<PathBuf>,
    /// Leave this path of the folder out, beside those the signature leaves out (may be given several times)
    #[arg(long, value_name = "PATH", requires = "check_files")]
    pub(crate) ignore: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) trusted: Trusted,
}

/// `attest`
#[derive(Debug, Subcommand)]
pub(crate) enum Attest {
    /// Check signature, certificate, log, time and identity of an attestation, each for itself; exit 1 unless all are verified
    Verify(AttestVerify),
}

/// `attest verify`
#[derive(Debug, Args)]
pub(crate) struct AttestVerify {
    /// A file with attestations, or an artefact of the ledger for what is signed about it
    pub(crate) what: String,
    /// The artefact's bytes, to compare with the signed digest
    #[arg(long, value_name = "FILE")]
    pub(crate) artefact: Option<PathBuf>,
    /// Keep the verdict in the ledger, as the word of this moment (of an artefact only)
    #[arg(long)]
    pub(crate) keep: bool,
    #[command(flatten)]
    pub(crate) trusted: Trusted,
}

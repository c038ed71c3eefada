//! What may be typed after the auditor's commands. It validates nothing else.

use clap::Args;

/// `chain`
#[derive(Debug, Args)]
pub(crate) struct Chain {
    /// A deployment, an endpoint, a version, an agent or a step of an agent
    pub(crate) artefact: String,
    /// Tell every link on its own, also of long lists in which nothing is wrong
    #[arg(long)]
    pub(crate) all: bool,
    /// List at most this many of each kind of link; all are counted
    #[arg(long, default_value_t = 200, value_name = "N")]
    pub(crate) limit: usize,
}

/// `drift`
#[derive(Debug, Args)]
pub(crate) struct Drift {
    /// Only an artefact, with what runs it and what it runs [default: everything]
    pub(crate) artefact: Option<String>,
    /// List at most this many rows; all are counted
    #[arg(long, default_value_t = 500, value_name = "N")]
    pub(crate) limit: usize,
}

/// `controls`
#[derive(Debug, Args)]
pub(crate) struct Controls {
    /// csf, ai-rmf, nhi, agentic, ai-act, or one control by its id, such as ID.RA-07; older ids lead to where they
    /// went [default: all]
    pub(crate) framework: Option<String>,
    /// Only evidence on this artefact and all it rests on [default: the whole ledger]
    #[arg(long = "for", value_name = "ARTEFACT")]
    pub(crate) artefact: Option<String>,
}

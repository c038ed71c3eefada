//! What may be typed about servers that are pulled from, and about receiving what clients push. No credential can be:
//! only where one is kept.

use clap::{Args, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;

/// `source`
#[derive(Debug, Subcommand)]
pub(crate) enum Source {
    /// List the sources: state, last success, records, and what of each could not be read
    List,
    /// Name a server, look what answers there, and keep it for `sync`
    Add(Box<SourceAdd>),
    /// Tell in words what works at a server and what does not
    Test {
        /// The source
        name: String,
    },
    /// Forget a server; what was pulled from it stays
    Remove {
        /// The source
        name: String,
    },
    /// Leave a server out of `sync` until it is resumed
    Pause {
        /// The source
        name: String,
    },
    /// Let `sync` pull a server again
    Resume {
        /// The source
        name: String,
    },
}

/// `source add`
#[derive(Debug, Args)]
pub(crate) struct SourceAdd {
    /// What to call it; its records are filed under this name
    pub(crate) name: String,
    /// Where it answers, without user or password
    pub(crate) url: String,
    /// What it is [default: what answers there]
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<String>,
    /// The user, when the credential is a password rather than a token
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// The credential is in this file, which only you may read (mode 0600)
    #[arg(long, value_name = "FILE", group = "secret_in")]
    pub(crate) secret_file: Option<PathBuf>,
    /// The credential is in this environment variable
    #[arg(long, value_name = "VARIABLE", group = "secret_in")]
    pub(crate) secret_env: Option<String>,
    /// This command prints the credential
    #[arg(long, value_name = "COMMAND", group = "secret_in")]
    pub(crate) secret_command: Option<String>,
    /// The credential is in the system's keyring (in builds with the feature keyring)
    #[arg(long, value_name = "SERVICE/USER", group = "secret_in")]
    pub(crate) secret_keyring: Option<String>,
    /// Ask for the credential at the terminal each time
    #[arg(long, group = "secret_in")]
    pub(crate) secret_prompt: bool,
    /// Trust this authority (PEM) beside those of the system
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Present this client certificate (PEM, with its key)
    #[arg(long, value_name = "FILE")]
    pub(crate) client_certificate: Option<PathBuf>,
    /// Go through this proxy; none is taken from the environment
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<String>,
    /// Ask for this workspace
    #[arg(long, value_name = "NAME")]
    pub(crate) workspace: Option<String>,
    /// The key that another ledger must sign with [default: the one it shows now]
    #[arg(long, value_name = "VKEY")]
    pub(crate) key: Option<String>,
    /// Of another ledger: let what investigators said there count as if it had been said here, exceptions and
    /// retractions included; otherwise only what is signed by an allowed signer does
    #[arg(long)]
    pub(crate) trust_investigators: bool,
    /// Keep it although nothing answers now (needs --kind)
    #[arg(long, requires = "kind")]
    pub(crate) unseen: bool,
}

/// `sync`
#[derive(Debug, Args)]
pub(crate) struct Sync {
    /// The sources [default: all that are not paused]
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Go on looking until stopped
    #[arg(long)]
    pub(crate) watch: bool,
    /// With --watch: seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "watch")]
    pub(crate) every: u64,
    /// Only what is known there of one artefact and of what it is directly tied to
    #[arg(long, value_name = "ARTEFACT", conflicts_with = "watch")]
    pub(crate) around: Option<String>,
}

/// `serve`
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where to listen; anything but loopback needs a token of clients [default: 127.0.0.1:4318]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// The tokens that clients must show to send are in this file, one a line, NAME TOKEN or a token alone; only you may
    /// read it (mode 0600), or else in the environment's LASTGOOD_SERVE_TOKEN
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Hand the ledger out to who shows a token that is in this file (mode 0600), or else in LASTGOOD_SERVE_LEDGER_TOKEN;
    /// without one it is handed out to nobody
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger_token_file: Option<PathBuf>,
    /// The secret that GitHub signs webhooks with is in this file (mode 0600), or else in LASTGOOD_SERVE_GITHUB_SECRET
    #[arg(long, value_name = "FILE")]
    pub(crate) github_secret_file: Option<PathBuf>,
    /// The secret that MLflow signs webhooks with is in this file (mode 0600), or else in LASTGOOD_SERVE_MLFLOW_SECRET
    #[arg(long, value_name = "FILE")]
    pub(crate) mlflow_secret_file: Option<PathBuf>,
    /// A name it is called by, beside localhost and addresses, which needs a token of clients, too; may be given several
    /// times
    #[arg(long = "host", value_name = "NAME")]
    pub(crate) hosts: Vec<String>,
}

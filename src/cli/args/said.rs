//! What may be typed to say something: marks and cases. It says nothing itself.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `mark`
#[derive(Debug, Args)]
pub(crate) struct Mark {
    /// The artefact to mark
    pub(crate) artefact: String,
    /// What to say of it
    #[arg(value_parser = ["compromised", "suspect", "good", "rollback", "cleared"])]
    pub(crate) mark: String,
    /// Why; it is kept with the mark
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// It is so since T
    #[arg(long, value_name = "T")]
    pub(crate) since: Option<String>,
    /// It was so until T
    #[arg(long, value_name = "T")]
    pub(crate) until: Option<String>,
    /// Sign it with this SSH key, or with signing-key of the settings, which signs without being asked too
    #[arg(long, value_name = "KEY", num_args = 0..=1, require_equals = true)]
    pub(crate) sign: Option<Option<PathBuf>>,
}

/// `unmark`
#[derive(Debug, Args)]
pub(crate) struct Unmark {
    /// The artefact, or one mark, note or saved answer by its claim as `marks` lists it, such as 32.1
    pub(crate) artefact: String,
    /// Take back only this mark
    #[arg(value_parser = ["compromised", "suspect", "good", "rollback", "cleared"])]
    pub(crate) mark: Option<String>,
    /// Why; it is kept beside the mark
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Sign it, as with mark: what is signed, only a signed word takes back
    #[arg(long, value_name = "KEY", num_args = 0..=1, require_equals = true)]
    pub(crate) sign: Option<Option<PathBuf>>,
}

/// `same`
#[derive(Debug, Args)]
pub(crate) struct Same {
    /// The one
    pub(crate) artefact: String,
    /// The other
    pub(crate) other: String,
    /// Why; it is kept with what is said
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}

/// `marks`
#[derive(Debug, Args)]
pub(crate) struct Marks {
    /// List those taken back too
    #[arg(long)]
    pub(crate) all: bool,
}

/// `case`
#[derive(Debug, Subcommand)]
pub(crate) enum Case {
    /// Open a case and take it up; a closed one is opened again
    New {
        /// Its name, such as INC-2412
        name: String,
        /// What it is about
        #[arg(long, value_name = "TEXT")]
        title: Option<String>,
    },
    /// List the cases
    List,
    /// Let new marks, notes and saved answers go to a case
    Use {
        /// The case
        #[arg(required_unless_present = "none")]
        name: Option<String>,
        /// Let them go to none
        #[arg(long, conflicts_with = "name")]
        none: bool,
    },
    /// Show everything said and done in a case, in order
    Show {
        /// The case [default: the one in use]
        name: Option<String>,
    },
    /// Write a note down
    Note {
        /// The text
        text: String,
        /// The artefact it is about
        #[arg(long, value_name = "ARTEFACT")]
        about: Option<String>,
    },
    /// Close a case: nothing more goes to it until it is opened again
    Close {
        /// The case [default: the one in use]
        name: Option<String>,
        /// Why; it is kept with the case
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Write a case as a file for a colleague
    Export {
        /// The case [default: the one in use]
        name: Option<String>,
        /// The file [default: standard output]
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
        /// Replace the file if it is there
        #[arg(long)]
        force: bool,
    },
    /// Take in a case that a colleague exported: marks merge, nothing is doubled
    Import {
        /// The file; - is standard input
        file: PathBuf,
    },
    /// Ask saved answers again and tell what changed since
    Again {
        /// One saved answer by its claim, as `case show` lists it [default: all of the case]
        claim: Option<String>,
    },
}

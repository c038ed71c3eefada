//! The command tree: what may be typed. It validates what was typed and builds nothing.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// A terminal console for the hour after an AI system misbehaves.
#[derive(Debug, Parser)]
#[command(name = "lastgood", version, about, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = "With no command the console opens on the ledger.\n\
    ARTEFACT is an id, a unique part of one, a digest, a commit or a URI; when several fit, they are listed.\n\
    T is RFC 3339, a date, or an age such as 3d or \"2h ago\".\n\
    Exit codes: 0 answered · 1 the answer is no · 2 wrong usage · 3 done in part · 4 damaged or verification failed ·\n\
    5 a source refused · 6 the ledger is busy · 7 no space left · 130/143 stopped by a signal")]
pub(crate) struct Arguments {
    /// What every command understands.
    #[command(flatten)]
    pub(crate) global: Global,
    /// What to do; the console when absent.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// The ledger's file
    #[arg(long, global = true, env = "LASTGOOD_LEDGER", value_name = "PATH")]
    pub(crate) ledger: Option<PathBuf>,
    /// Ask what was true at T
    #[arg(long, global = true, value_name = "T")]
    pub(crate) as_of: Option<String>,
    /// Ask what the ledger knew at T
    #[arg(long, global = true, value_name = "T")]
    pub(crate) known_at: Option<String>,
    /// The investigation that marks belong to
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) case: Option<String>,
    /// Print one JSON object instead of tables
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Colour in tables
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub(crate) color: Colour,
    /// No progress, no summary
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// List everything that could not be read
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// When stdout is a terminal and `NO_COLOR` is not set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// A ready incident in a throw-away ledger, then the console
    Demo(Demo),
    /// Read files into the ledger
    Import(Import),
    /// Where the records came from
    #[command(subcommand)]
    Source(Source),
    /// Search names, ids and identifiers
    Find(Find),
    /// Everything known of one artefact
    Show(OneArtefact),
    /// What an artefact depends on, or what depends on it
    Tree(Tree),
    /// Why one artefact depends on another, hop by hop
    Path(Path),
    /// Everything that depends on something bad
    Impact(Impact),
    /// Say something of an artefact: compromised, suspect, good, rollback, cleared
    Mark(Mark),
    /// Take a mark back; it stays in the log
    Unmark(Unmark),
    /// The marks that were made
    Marks(Marks),
    /// The verbatim record behind a claim or a record number
    Record(Record),
    /// Prove that the ledger was not altered, as far as that can be proved
    Verify(Verify),
    /// Print the newest signed checkpoint, for somebody else to keep
    Checkpoint,
    /// Read all claims from the records again
    Rebuild,
    /// Erase one record's content; the log still verifies
    Redact(Redact),
    /// What the ledger holds and where things live
    Stats,
    /// Print a completion script
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// `demo`
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Only make the ledger; do not open the console
    #[arg(long)]
    pub(crate) no_console: bool,
}

/// `import`
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// Files or folders; - is standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Read as this format instead of looking at the content (listed below)
    #[arg(long = "as", value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// The name the records go under
    #[arg(long, value_name = "NAME")]
    pub(crate) source: Option<String>,
    /// Store nothing unless everything can be read
    #[arg(long)]
    pub(crate) strict: bool,
}

/// `source`
#[derive(Debug, Subcommand)]
pub(crate) enum Source {
    /// List sources
    List,
}

/// `find`
#[derive(Debug, Args)]
pub(crate) struct Find {
    /// Words, and filters kind: owner: env: mark: state:
    #[arg(required = true)]
    pub(crate) query: Vec<String>,
    /// Most rows
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub(crate) limit: usize,
}

/// One artefact.
#[derive(Debug, Args)]
pub(crate) struct OneArtefact {
    /// The artefact
    pub(crate) artefact: String,
}

/// A window of time.
#[derive(Debug, Clone, Args)]
pub(crate) struct When {
    /// Only links that held at T or later
    #[arg(long, value_name = "T")]
    pub(crate) since: Option<String>,
    /// Only links that held at T or earlier
    #[arg(long, value_name = "T")]
    pub(crate) until: Option<String>,
}

/// `tree`
#[derive(Debug, Args)]
pub(crate) struct Tree {
    /// The root
    pub(crate) artefact: String,
    /// What it depends on (the default)
    #[arg(long, conflicts_with = "down")]
    pub(crate) up: bool,
    /// What depends on it
    #[arg(long)]
    pub(crate) down: bool,
    /// Levels
    #[arg(long, default_value_t = 4, value_name = "N")]
    pub(crate) depth: u32,
    /// Only these relations
    #[arg(long, value_name = "R")]
    pub(crate) relation: Vec<String>,
    /// Only these kinds
    #[arg(long, value_name = "K")]
    pub(crate) kind: Vec<String>,
    /// Most rows
    #[arg(long, default_value_t = 500, value_name = "N")]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) when: When,
}

/// `path`
#[derive(Debug, Args)]
pub(crate) struct Path {
    /// One end
    pub(crate) from: String,
    /// The other end
    pub(crate) to: String,
    #[command(flatten)]
    pub(crate) when: When,
}

/// `impact`
#[derive(Debug, Args)]
pub(crate) struct Impact {
    /// What is bad
    #[arg(value_name = "ARTEFACT", required_unless_present = "secret")]
    pub(crate) artefacts: Vec<String>,
    /// Read a leaked secret from standard input (-) and ask what used it; it is not stored
    #[arg(long, value_name = "-", value_parser = ["-"])]
    pub(crate) secret: Option<String>,
    /// Only these kinds in the answer
    #[arg(long, value_name = "K")]
    pub(crate) kind: Vec<String>,
    /// Most rows
    #[arg(long, default_value_t = 200, value_name = "N")]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) when: When,
}

/// `mark`
#[derive(Debug, Args)]
pub(crate) struct Mark {
    /// The artefact
    pub(crate) artefact: String,
    /// compromised, suspect, good, rollback or cleared
    #[arg(value_parser = ["compromised", "suspect", "good", "rollback", "cleared"])]
    pub(crate) mark: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) when: When,
}

/// `unmark`
#[derive(Debug, Args)]
pub(crate) struct Unmark {
    /// The artefact, or the claim of the mark as `marks` lists it
    pub(crate) artefact: String,
    /// Only this mark
    #[arg(value_parser = ["compromised", "suspect", "good", "rollback", "cleared"])]
    pub(crate) mark: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}

/// `marks`
#[derive(Debug, Args)]
pub(crate) struct Marks {
    /// Also those taken back
    #[arg(long)]
    pub(crate) all: bool,
}

/// `record`
#[derive(Debug, Args)]
pub(crate) struct Record {
    /// A claim (12.3), a record (12) or an artefact: the record that describes it
    pub(crate) what: String,
    /// The whole record rather than the one statement
    #[arg(long)]
    pub(crate) whole: bool,
}

/// `verify`
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Another ledger than the one in use
    pub(crate) file: Option<PathBuf>,
    /// A checkpoint that somebody or something else kept
    #[arg(long, value_name = "FILE")]
    pub(crate) anchor: Vec<PathBuf>,
    /// The verifier key, when this machine does not hold it: text or a file
    #[arg(long, value_name = "VKEY")]
    pub(crate) key: Option<String>,
    /// Exit 4 unless a checkpoint kept elsewhere agrees
    #[arg(long)]
    pub(crate) require_anchor: bool,
}

/// `redact`
#[derive(Debug, Args)]
pub(crate) struct Redact {
    /// The record's number
    pub(crate) record: u64,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}

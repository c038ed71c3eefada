//! The command tree: what may be typed. It validates what was typed and builds nothing.

mod audit;
mod export;
mod judge;
mod pull;
mod said;
mod trusted;

pub(crate) use audit::{Chain, Controls, Drift};
pub(crate) use export::{Checkpoint, Export, ExportTo, Report, Verify};
pub(crate) use judge::{Except, Gaps, Gate};
pub(crate) use pull::{Serve, Source, SourceAdd, Sync};
pub(crate) use said::{Case, Mark, Marks, Same, Unmark};
pub(crate) use trusted::{Attest, AttestVerify, Show, Trusted};

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// A terminal console for the hour after an AI system misbehaves.
#[derive(Debug, Parser)]
#[command(name = "lastgood", version, about, max_term_width = 100)]
#[command(after_help = "With no command the console opens on the ledger.\n\
    New here? lastgood demo\n\n\
    ARTEFACT is an id, a part that fits only one id, a digest, a commit or a URI. When several fit, they are listed.\n\
    T is an RFC 3339 moment, a date, or an age such as 3d or \"2h ago\".\n\n\
    Exit codes: 0 answered, 1 no or nothing found, 2 wrong usage, 3 done in part, 4 ledger damaged or verification \
    failed, 5 a source refused, 6 ledger busy, 7 no space left, 130/143 stopped by a signal")]
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
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// The ledger's file [default: the one `lastgood stats` names]
    #[arg(long, global = true, env = "LASTGOOD_LEDGER", value_name = "PATH")]
    pub(crate) ledger: Option<PathBuf>,
    /// Answer from what was true at T
    #[arg(long, global = true, value_name = "T")]
    pub(crate) as_of: Option<String>,
    /// Answer from what the ledger had been told by T
    #[arg(long, global = true, value_name = "T")]
    pub(crate) known_at: Option<String>,
    /// The case that new marks, notes and saved answers go to, and that `marks` lists [default: the one in use]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) case: Option<String>,
    /// Keep the answer in the case under this title; `case again` asks again and compares
    #[arg(long, global = true, value_name = "TITLE")]
    pub(crate) save: Option<String>,
    /// Print one JSON object instead of tables
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print short Markdown for the incident channel instead of tables
    #[arg(long, global = true, conflicts_with = "json")]
    pub(crate) markdown: bool,
    /// Colour tables: auto, always or never
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN", hide_possible_values = true)]
    pub(crate) color: Colour,
    /// No progress and no remarks on stderr
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// List everything that could not be read
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    // Plain comments: doc comments here would spread every help page over three times the lines.
    // When stdout is a terminal and NO_COLOR is not set.
    Auto,
    Always,
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a ready incident in a throw-away ledger and open the console on it
    Demo(Demo),
    /// Read files, folders or standard input into the ledger
    Import(Import),
    /// Name servers to pull from, and list where the records came from
    #[command(subcommand)]
    Source(Source),
    /// Pull what is new from servers into the ledger; what is interrupted goes on where it stopped
    Sync(Sync),
    /// Receive over HTTP what clients push: OpenLineage, OpenTelemetry, webhooks, native lines
    Serve(Serve),
    /// Search names, ids, digests and commits
    Find(Find),
    /// Show everything stated of one artefact
    Show(Show),
    /// Show what an artefact depends on, or what depends on it
    Tree(Tree),
    /// Explain why one artefact depends on another, hop by hop
    Path(Path),
    /// List everything that depends on something bad
    Impact(Impact),
    /// Show what differs from the last known good, or between two versions or deployments
    Diff(Diff),
    /// Tell which version was good last, and what speaks for and against each
    LastGood(OneArtefact),
    /// Rank what separates the bad from the good, and name what to test next
    Suspects(Suspects),
    /// Plan the way back: a safe target for every exposed deployment, in order; nothing is executed
    Plan(Plan),
    /// Show what happened to an artefact and around it, in order
    Timeline(Timeline),
    /// List what the policy asks for and the ledger does not hold, with what would close each gap
    Gaps(Gaps),
    /// Judge whether an artefact may go where it is meant to go: exit 0 allows, 1 denies
    Gate(Gate),
    /// Accept a finding of gaps for a time, with owner and reason; unmark takes it back
    Except(Except),
    /// Walk the evidence behind a deployment, a version or an agent's action, and name every link that does not hold
    Chain(Chain),
    /// List deployed digests, pointers and names that are no longer what was said, and where one content lies twice
    Drift(Drift),
    /// Tell per control of a framework which evidence is held, and which is lacking
    Controls(Controls),
    /// Mark an artefact: compromised, suspect, good, rollback, cleared
    Mark(Mark),
    /// Take a mark back; it stays in the log
    Unmark(Unmark),
    /// Say that two artefacts are one, such as a candidate that show lists; unmark takes it back
    Same(Same),
    /// List the marks that hold
    Marks(Marks),
    /// Gather marks, notes and saved answers of one investigation, and hand them to a colleague
    #[command(subcommand)]
    Case(Case),
    /// Write a case or an artefact down for somebody who was not there: one HTML page, Markdown or JSON
    Report(Report),
    /// Print what was received, word for word
    Record(Record),
    /// Check the signatures on attestations
    #[command(subcommand)]
    Attest(Attest),
    /// Hand over records, claims and what proves them, so that somebody else can check them without this ledger
    Export(Export),
    /// Check whether the ledger, or a bundle, was altered, as far as that can be told
    Verify(Verify),
    /// Print the newest signed checkpoint, for somebody else to keep, or put it where it is kept
    Checkpoint(Checkpoint),
    /// Read all claims anew from the records
    Rebuild,
    /// Erase one record's content for good; the log still verifies
    Redact(Redact),
    /// Count what the ledger holds, and say where things live
    Stats,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page (lastgood man | man -l -)
    Man,
}

impl Command {
    /// Whether it asks something whose answer can be kept.
    pub(crate) fn is_question(&self) -> bool {
        matches!(
            self,
            Command::Find(_)
                | Command::Show(_)
                | Command::Tree(_)
                | Command::Path(_)
                | Command::Impact(_)
                | Command::Diff(_)
                | Command::LastGood(_)
                | Command::Suspects(_)
                | Command::Plan(_)
                | Command::Timeline(_)
                | Command::Gaps(_)
                | Command::Gate(_)
                | Command::Chain(_)
                | Command::Drift(_)
                | Command::Controls(_)
        )
    }
}

/// `demo`
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Make the ledger and print how to ask; do not open the console
    #[arg(long)]
    pub(crate) no_console: bool,
}

/// `import`
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// Files or folders to read; - is standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Read as this format (listed below) instead of deciding from the content
    #[arg(long = "as", value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// The source that the records are filed under [default: each file is one]
    #[arg(long, value_name = "NAME")]
    pub(crate) source: Option<String>,
    /// Store nothing at all unless everything can be read
    #[arg(long)]
    pub(crate) strict: bool,
}

/// `find`
#[derive(Debug, Args)]
pub(crate) struct Find {
    /// Words or parts of them, and filters: kind:dataset owner:team env:prod mark:suspect state:mentioned-only
    #[arg(required = true)]
    pub(crate) query: Vec<String>,
    /// List at most this many rows; all are counted
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub(crate) limit: usize,
}

/// One artefact.
#[derive(Debug, Args)]
pub(crate) struct OneArtefact {
    /// The artefact to show
    pub(crate) artefact: String,
}

/// A window of time.
#[derive(Debug, Clone, Args)]
pub(crate) struct When {
    /// Count only links that held at some moment from T on
    #[arg(long, value_name = "T")]
    pub(crate) since: Option<String>,
    /// Count only links that held at some moment up to T
    #[arg(long, value_name = "T")]
    pub(crate) until: Option<String>,
}

/// `tree`
#[derive(Debug, Args)]
pub(crate) struct Tree {
    /// The artefact to begin at
    pub(crate) artefact: String,
    /// Show what it depends on (the default)
    #[arg(long, conflicts_with = "down")]
    pub(crate) up: bool,
    /// Show what depends on it
    #[arg(long)]
    pub(crate) down: bool,
    /// Go this many links far
    #[arg(long, default_value_t = 4, value_name = "N")]
    pub(crate) depth: u32,
    /// Follow only this relation, such as trained-on (may be given several times)
    #[arg(long, value_name = "RELATION")]
    pub(crate) relation: Vec<String>,
    /// List only this kind, and what leads to it (may be given several times)
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Vec<String>,
    /// List at most this many rows; all are counted
    #[arg(long, default_value_t = 500, value_name = "N")]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) when: When,
}

/// `path`
#[derive(Debug, Args)]
pub(crate) struct Path {
    /// What depends
    pub(crate) from: String,
    /// What it depends on (the other way round is tried too)
    pub(crate) to: String,
    #[command(flatten)]
    pub(crate) when: When,
}

/// `impact`
#[derive(Debug, Args)]
pub(crate) struct Impact {
    /// What is bad; several are taken together
    #[arg(value_name = "ARTEFACT", required_unless_present = "secret")]
    pub(crate) artefacts: Vec<String>,
    /// Ask what used a leaked secret: - reads it from standard input, and it is not stored
    #[arg(long, value_name = "-")]
    pub(crate) secret: Option<String>,
    /// List and count only this kind (may be given several times)
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Vec<String>,
    /// List at most this many rows; all are counted
    #[arg(long, default_value_t = 200, value_name = "N")]
    pub(crate) limit: usize,
    /// Print the rows as comma-separated values for a spreadsheet
    #[arg(long)]
    pub(crate) csv: bool,
    #[command(flatten)]
    pub(crate) when: When,
}

/// `diff`
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The earlier side; or, alone, what to compare with its last known good
    pub(crate) old: String,
    /// The later side
    pub(crate) new: Option<String>,
    /// List what is the same too
    #[arg(long)]
    pub(crate) all: bool,
    /// List at most this many rows; all are counted
    #[arg(long, default_value_t = 500, value_name = "N")]
    pub(crate) limit: usize,
}

/// `suspects`
#[derive(Debug, Args)]
pub(crate) struct Suspects {
    /// What misbehaves (may be given several times) [default: what is marked, else what has an open incident]
    #[arg(long, value_name = "ARTEFACT")]
    pub(crate) bad: Vec<String>,
    /// What does not (may be given several times) [default: what is marked, else the last good of each bad one]
    #[arg(long, value_name = "ARTEFACT")]
    pub(crate) good: Vec<String>,
    /// List only this kind (may be given several times)
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Vec<String>,
    /// List at most this many rows; all are counted
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub(crate) limit: usize,
}

/// `plan`
#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// What is bad, or deployments to bring back [default: everything marked compromised or suspect]
    #[arg(value_name = "ARTEFACT")]
    pub(crate) artefacts: Vec<String>,
    /// List at most this many steps; all are counted
    #[arg(long, default_value_t = 1000, value_name = "N")]
    pub(crate) limit: usize,
    /// Mark the target of every step listed as rollback; each mark can be taken back
    #[arg(long)]
    pub(crate) mark: bool,
    #[command(flatten)]
    pub(crate) when: When,
}

/// `timeline`
#[derive(Debug, Args)]
pub(crate) struct Timeline {
    /// The artefact
    pub(crate) artefact: String,
    /// How many links away its neighbourhood ends
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) depth: u32,
    /// List at most this many rows, the newest; all are counted
    #[arg(long, default_value_t = 200, value_name = "N")]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) when: When,
}

/// `record`
#[derive(Debug, Args)]
pub(crate) struct Record {
    /// A claim (12.3), a record (12), or an artefact for the record that describes it
    pub(crate) what: String,
    /// Print the whole record rather than the one line or event
    #[arg(long)]
    pub(crate) whole: bool,
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

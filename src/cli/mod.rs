//! Arguments in, report out. It opens no file itself and concludes nothing: the engine does.

mod args;
mod command;
mod failure;
mod file;
mod output;
mod reference;

pub use command::desk::setup as console_setup;
pub use failure::{Exit, Failure};
pub use output::complain;
pub use reference::{command_table, option_table};

use crate::cli::args::{Arguments, Command};
use crate::cli::output::Output;
use crate::config::{Home, Settings, user_name};
use crate::engine::Clock;
use crate::model::Time;
use crate::report::screen::screen;
use clap::{CommandFactory as _, FromArgMatches as _};
use std::ffi::OsString;
use std::path::PathBuf;

/// What every command is given.
struct Session {
    home: Home,
    settings: Settings,
    clock: Clock,
    ledger: PathBuf,
    global: args::Global,
    out: Output,
}

impl Session {
    fn time(&self, option: &str, text: Option<&String>) -> Result<Option<Time>, Failure> {
        text.map(|text| Time::parse_typed(text, self.clock.now()))
            .transpose()
            .map_err(|error| Failure::new(Exit::Usage, format!("{option}: {error}")))
    }

    /// A moment to come: an age such as `30d` is counted from now on, not back.
    fn time_to_come(&self, option: &str, text: &str) -> Result<Time, Failure> {
        Time::parse_to_come(text, self.clock.now())
            .map_err(|error| Failure::new(Exit::Usage, format!("{option}: {error}")))
    }

    /// Who makes marks: a claim, as the settings or the operating system tell it; not proof.
    fn investigator(&self) -> String {
        let stated = self.settings.investigator.clone();
        stated.unwrap_or_else(|| format!("person:{}", user_name()))
    }

    fn say(&self, text: &str) -> Result<(), Failure> {
        self.out.say(text).map_err(|error| Failure::new(Exit::NoSpace, format!("standard output: {error}")))
    }
}

/// The command tree with what only the running program knows: the formats it reads.
fn command_tree() -> clap::Command {
    Arguments::command().mut_subcommand("import", |import| import.after_help(command::import::table_of_formats()))
}

/// Runs one command line.
///
/// # Errors
/// What went wrong, with the exit code that says so.
pub fn run(arguments: impl IntoIterator<Item = OsString>, clock: Clock) -> Result<Exit, Failure> {
    let parsed =
        command_tree().try_get_matches_from(arguments).and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => return explain_usage(&error),
    };
    // What a panic says may hold foreign bytes.
    std::panic::set_hook(Box::new(|panic| complain(&screen(&panic.to_string()))));
    let home = Home::of_user().map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    let settings = Settings::load(&home.settings()).map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    let ledger =
        arguments.global.ledger.clone().or_else(|| settings.ledger.clone()).unwrap_or_else(|| home.default_ledger());
    let out = Output::new(&arguments.global);
    let session = Session { home, settings, clock, ledger, global: arguments.global, out };
    if session.out.markdown && !arguments.command.as_ref().is_some_and(has_markdown) {
        return Err(Failure::new(Exit::Usage, "this command has no Markdown form").hint(
            "find, show, tree, path, impact, diff, last-good, suspects, plan, timeline, chain, gaps, gate, drift, \
             controls and marks have one",
        ));
    }
    let left = match arguments.command {
        None => command::console::run(&session),
        Some(command) if session.global.save.is_some() && !command.is_question() => {
            let asked = "find, impact, diff, last-good, suspects, plan, timeline, chain, gaps, gate, drift, controls, path, \
                         tree or show";
            Err(Failure::new(Exit::Usage, format!("--save keeps the answer of {asked}; this command has none")))
        }
        Some(command) => dispatch(&session, command),
    };
    command::ledger::keep_checkpoints(&session);
    left
}

/// Whether a command answers a question that can be put into the incident channel.
fn has_markdown(command: &Command) -> bool {
    matches!(
        command,
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
            | Command::Except(_)
            | Command::Chain(_)
            | Command::Drift(_)
            | Command::Controls(_)
            | Command::Mark(_)
            | Command::Unmark(_)
            | Command::Marks(_)
            | Command::Same(_)
            | Command::Report(_)
    )
}

fn dispatch(session: &Session, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Demo(it) => command::demo::run(session, &it),
        Command::Import(it) => command::import::run(session, it),
        Command::Source(it) => command::source::run(session, it),
        Command::Sync(it) => command::sync::run(session, &it),
        Command::Serve(it) => command::serve::run(session, it),
        Command::Find(it) => command::ask::find(session, &it),
        Command::Show(it) => command::attest::show(session, &it),
        Command::Tree(it) => command::ask::tree(session, &it),
        Command::Path(it) => command::ask::path(session, &it),
        Command::Impact(it) => command::impact::run(session, &it),
        Command::Diff(it) => command::incident::diff(session, &it),
        Command::LastGood(it) => command::incident::last_good(session, &it),
        Command::Suspects(it) => command::incident::suspects(session, &it),
        Command::Plan(it) => command::incident::plan(session, &it),
        Command::Timeline(it) => command::incident::timeline(session, &it),
        Command::Gaps(it) => command::gaps::gaps(session, &it),
        Command::Gate(it) => command::gaps::gate(session, &it),
        Command::Except(it) => command::gaps::except(session, &it),
        Command::Chain(it) => command::audit::chain(session, &it),
        Command::Drift(it) => command::audit::drift(session, &it),
        Command::Controls(it) => command::audit::controls(session, &it),
        Command::Mark(it) => command::marks::mark(session, &it),
        Command::Unmark(it) => command::marks::unmark(session, &it),
        Command::Marks(it) => command::marks::list(session, &it),
        Command::Same(it) => command::marks::same(session, &it),
        Command::Case(it) => command::case::run(session, &it),
        Command::Report(it) => command::report::report(session, &it),
        Command::Record(it) => command::record::run(session, &it),
        Command::Attest(args::Attest::Verify(it)) => command::attest::verify(session, &it),
        Command::Export(it) => command::export::run(session, &it),
        Command::Verify(it) => command::verify::run(session, &it),
        Command::Checkpoint(it) => command::ledger::checkpoint(session, &it),
        Command::Rebuild => command::ledger::rebuild(session),
        Command::Redact(it) => command::ledger::redact(session, &it),
        Command::Stats => command::ledger::stats(session),
        Command::Completions { shell } => command::shell::completions(session, shell),
        Command::Man => command::shell::man(session),
    }
}

/// Help and version are answers; anything else clap says is wrong usage.
fn explain_usage(error: &clap::Error) -> Result<Exit, Failure> {
    if error.use_stderr() {
        complain(&output::harmless(error.render().to_string().trim_end()));
        return Ok(Exit::Usage);
    }
    let shown = error.print();
    match shown {
        Ok(()) => Ok(Exit::Answered),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(Exit::Answered),
        Err(error) => Err(Failure::new(Exit::NoSpace, format!("standard output: {error}"))),
    }
}

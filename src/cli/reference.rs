//! The command tree as Markdown tables, for the README. It documents what the arguments state about
//! themselves and adds nothing.

use crate::cli::command_tree;
use clap::{Arg, Command};
use std::fmt::Write as _;

/// Every command with its arguments, its own options and what it does.
pub fn command_table() -> String {
    let mut out = String::from("| command | does |\n|---|---|\n| `lastgood` | Open the console on the ledger |\n");
    rows(&mut out, "", &built());
    out
}

/// The options that every command takes.
pub fn option_table() -> String {
    let mut out = String::from("| option | does |\n|---|---|\n");
    for arg in built().get_arguments().filter(|arg| arg.is_global_set() && !arg.is_hide_set()) {
        let _ = writeln!(out, "| {} | {} |", option(arg), cell(&about(arg)));
    }
    out
}

fn built() -> Command {
    let mut tree = command_tree();
    tree.build();
    tree
}

fn rows(out: &mut String, before: &str, command: &Command) {
    let mut below: Vec<&Command> = command.get_subcommands().filter(|it| it.get_name() != "help").collect();
    // As help lists them.
    below.sort_by_key(|it| it.get_display_order());
    for it in below {
        let name = format!("{before}{}", it.get_name());
        if it.has_subcommands() {
            rows(out, &format!("{name} "), it);
            continue;
        }
        let mut cells = format!("`{name}");
        for arg in it.get_positionals() {
            let _ = write!(cells, " {}", positional(arg));
        }
        cells.push('`');
        for arg in own_options(it) {
            let _ = write!(cells, " {}", option(arg));
        }
        let about = it.get_about().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(out, "| {} | {} |", cells.replace('|', "\\|"), cell(&about));
    }
}

fn own_options(command: &Command) -> impl Iterator<Item = &Arg> {
    let built_in = |arg: &Arg| matches!(arg.get_id().as_str(), "help" | "version");
    let own = |arg: &&Arg| !arg.is_positional() && !arg.is_global_set() && !arg.is_hide_set();
    command.get_arguments().filter(own).filter(move |arg| !built_in(arg))
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

/// `PATH…`, `[FILE]`.
fn positional(arg: &Arg) -> String {
    let more = if arg.get_num_args().is_some_and(|count| count.max_values() > 1) { "…" } else { "" };
    let name = format!("{}{more}", value_name(arg));
    if arg.is_required_set() { name } else { format!("[{name}]") }
}

/// `` `--since T` ``.
fn option(arg: &Arg) -> String {
    let long = arg.get_long().unwrap_or_default();
    let short = arg.get_short().map(|c| format!("`-{c}` ")).unwrap_or_default();
    if takes_value(arg) { format!("{short}`--{long} {}`", value_name(arg)) } else { format!("{short}`--{long}`") }
}

fn value_name(arg: &Arg) -> String {
    arg.get_value_names().and_then(<[_]>::first).map_or_else(|| arg.get_id().to_string(), ToString::to_string)
}

fn about(arg: &Arg) -> String {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    match arg.get_env() {
        Some(name) => format!("{help} [or the variable {}]", name.to_string_lossy()),
        None => help,
    }
}

/// What a Markdown table takes.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

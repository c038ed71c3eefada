//! The real binary in a real (pseudo-)terminal: it starts, answers, leaves the terminal as it was
//! however it ends. What the console shows is tested in process, and how it stops and resumes in
//! `tui_pty`; this is the wiring.

use crate::support::Workspace;
use crate::support::terminal::Terminal;
use rustix::process::Signal;

fn demo(columns: u16, rows: u16) -> (Workspace, Terminal) {
    let workspace = Workspace::new();
    workspace.run(&["demo", "--no-console"]).answered();
    let terminal = Terminal::start(&workspace.command(), columns, rows);
    terminal.sees("deployment");
    (workspace, terminal)
}

#[test]
fn it_starts_finds_and_quits() {
    let (_workspace, mut terminal) = demo(80, 24);
    assert!(terminal.is_raw());
    terminal.keys("/");
    terminal.keys("vendor-labels@2026-11-17");
    terminal.sees("1 fit");
    terminal.keys("\r");
    terminal.sees("dataset:vendor-labels@2026-11-17");
    terminal.keys("q");
    assert_eq!(terminal.ended_cleanly(), 0);
}

#[test]
fn a_signal_leaves_the_terminal_as_it_was() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let (_workspace, terminal) = demo(80, 24);
        terminal.signal(signal);
        assert_eq!(terminal.ended_cleanly(), code, "{signal:?}");
    }
}

#[test]
fn the_demo_opens_on_a_terminal() {
    let workspace = Workspace::new();
    let mut command = workspace.command();
    command.env_remove("LASTGOOD_LEDGER");
    command.arg("demo");
    let mut terminal = Terminal::start(&command, 120, 40);
    terminal.sees("deployment");
    terminal.keys("q");
    assert_eq!(terminal.ended_cleanly(), 0);
}

#[test]
fn an_empty_ledger_greets_with_what_to_do() {
    let workspace = Workspace::new();
    let mut terminal = Terminal::start(&workspace.command(), 80, 24);
    terminal.sees("lastgood demo");
    terminal.keys("q");
    assert_eq!(terminal.ended_cleanly(), 0);
}

//! The real binary in a real (pseudo-)terminal: it starts, answers, leaves the terminal as it was
//! however it ends. What the console shows is tested in process; this is the wiring.

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
    terminal.sees("dataset:vendor-labels@2026-11-17");
    terminal.keys("\x1b");
    terminal.keys("q");
    assert_eq!(terminal.ended_cleanly(), 0);
}

#[test]
fn it_survives_being_resized() {
    let (_workspace, mut terminal) = demo(80, 24);
    for (columns, rows) in [(160, 50), (20, 5), (2, 2), (80, 24)] {
        terminal.resize(columns, rows);
    }
    terminal.sees("deployment");
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
fn it_can_be_stopped_and_continued() {
    let (_workspace, mut terminal) = demo(80, 24);
    terminal.keys("\x1a");
    let pid = terminal.pid();
    let mut waited = 0;
    while !stopped(pid.as_raw_nonzero().get()) {
        waited += 1;
        assert!(waited < 100_000_000, "it does not stop");
        std::thread::yield_now();
    }
    assert!(!terminal.is_raw(), "a stopped console must give the terminal back");
    terminal.signal(Signal::CONT);
    terminal.wait("the screen drawn anew", |_| terminal.is_raw());
    terminal.sees("deployment");
    terminal.keys("q");
    assert_eq!(terminal.ended_cleanly(), 0);
}

/// Whether the kernel lists the process as stopped.
fn stopped(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T'))
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

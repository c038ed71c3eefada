//! What tests share: a throw-away home with a ledger, and the real binary run in it. It asserts nothing.

mod audit;
pub(crate) mod bundles;
pub(crate) mod forge;
mod gaps;
pub(crate) mod git;
pub(crate) mod hostile;
mod incident;
pub(crate) mod library;
pub(crate) mod listener;
pub(crate) mod mlflow;
pub(crate) mod receiver;
pub(crate) mod svg;
pub(crate) mod terminal;
pub(crate) mod tui;
pub(crate) mod world;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The moment every test happens at.
pub(crate) const NOW: &str = "2026-11-19T03:12:00Z";

/// A home folder of its own, gone at the end of the test.
pub(crate) struct Workspace {
    root: tempfile::TempDir,
}

/// What one run of the binary said.
#[derive(Debug)]
pub(crate) struct Said {
    /// Exit code; absent when a signal ended it.
    pub exit: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Said {
    /// Its output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The same, having checked that it answered.
    pub(crate) fn answered(self) -> Said {
        assert_eq!(self.exit, Some(0), "{self:?}");
        self
    }
}

/// What a command answers there, as JSON.
pub(crate) fn json(place: &Workspace, arguments: &[&str]) -> serde_json::Value {
    place.run(&[&["--json"], arguments].concat()).answered().json()
}

impl Workspace {
    /// An empty one.
    pub(crate) fn new() -> Workspace {
        Workspace { root: tempfile::tempdir().unwrap() }
    }

    /// One whose ledger holds these native lines.
    pub(crate) fn holding(claims: &str) -> Workspace {
        let workspace = Workspace::new();
        workspace.import(claims);
        workspace
    }

    /// Its folder.
    pub(crate) fn path(&self) -> &Path {
        self.root.path()
    }

    /// The ledger that commands use.
    pub(crate) fn ledger(&self) -> PathBuf {
        self.path().join("test.lastgood")
    }

    /// Writes a file below it.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The binary with its environment set to this workspace.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lastgood"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path().join("home"))
            .env("TMPDIR", self.path())
            .env("USER", "tester")
            .env("LASTGOOD_LEDGER", self.ledger())
            .env("LASTGOOD_CLOCK", NOW)
            .current_dir(self.path());
        command
    }

    /// Runs the binary with these arguments.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(arguments, b"")
    }

    /// The same, with something on standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], stdin: &[u8]) -> Said {
        let mut child = self
            .command()
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        // A command that does not read its input closes it; that is its right.
        input.write_all(stdin).unwrap_or_default();
        drop(input);
        said(child.wait_with_output().unwrap())
    }

    /// Imports native lines and expects that all of them are read.
    pub(crate) fn import(&self, lines: &str) {
        let said = self.run_with(&["import", "-", "--source", "test"], lines.as_bytes());
        assert_eq!(said.exit, Some(0), "{said:?}");
    }
}

/// What a finished process said.
pub(crate) fn said(output: Output) -> Said {
    Said {
        exit: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Says that a part was skipped and why; in CI that is a failure.
pub(crate) fn skipped(what: &str, why: &str) {
    println!("SKIPPED {what}: {why}");
    assert!(std::env::var_os("CI").is_none(), "SKIPPED in CI: {what}: {why}");
}

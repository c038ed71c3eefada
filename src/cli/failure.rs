//! What a person is told when a command cannot answer: a message, what to try next, an exit code.
//! It prints nothing itself.

use crate::engine::{EngineError, StoreError};
use crate::report::screen::screen;
use std::fmt;

/// The documented exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Answered.
    Answered,
    /// The answer is no: nothing found.
    No,
    /// Wrong usage.
    Usage,
    /// Done in part: some records were quarantined.
    Partial,
    /// The ledger is damaged or verification failed.
    Damaged,
    /// A source could not be reached or refused us.
    Refused,
    /// Another process is writing.
    Busy,
    /// No space left.
    NoSpace,
    /// Stopped by a signal, with this code.
    Signal(u8),
}

impl Exit {
    /// The number a shell sees.
    pub fn code(self) -> u8 {
        match self {
            Exit::Answered => 0,
            Exit::No => 1,
            Exit::Usage => 2,
            Exit::Partial => 3,
            Exit::Damaged => 4,
            Exit::Refused => 5,
            Exit::Busy => 6,
            Exit::NoSpace => 7,
            Exit::Signal(code) => code,
        }
    }
}

/// Why a command did not answer.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What and where.
    pub message: String,
    /// What to try next, one a line.
    pub hints: Vec<String>,
}

impl Failure {
    /// A failure with an exit code and a message.
    pub fn new(exit: Exit, message: impl Into<String>) -> Failure {
        Failure { exit, message: message.into(), hints: Vec::new() }
    }

    /// The same with one more thing to try.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lastgood: {}", screen(&self.message))?;
        self.hints.iter().try_for_each(|hint| write!(f, "\n  try: {}", screen(hint)))
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        Failure::new(exit_of(&error), error.to_string())
    }
}

fn exit_of(error: &EngineError) -> Exit {
    match error {
        EngineError::Store(error) => exit_of_store(error),
        EngineError::Io { source, .. } => match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded | std::io::ErrorKind::FileTooLarge => {
                Exit::NoSpace
            }
            _ => Exit::Usage,
        },
        EngineError::Received { .. } => Exit::Busy,
        EngineError::Strict { .. } => Exit::Partial,
        EngineError::NoSuch { .. } | EngineError::NoLedger { .. } | EngineError::Unanswered(_) => Exit::No,
        EngineError::Stopped(_) | EngineError::Lineage(_) => Exit::Damaged,
        EngineError::Index(_)
        | EngineError::Packing(_)
        | EngineError::Paths(_)
        | EngineError::Settings(_)
        | EngineError::LooseKey { .. }
        | EngineError::Key { .. }
        | EngineError::NoKey { .. }
        | EngineError::Pepper { .. }
        | EngineError::NoRandomness
        | EngineError::NoSuchFormat { .. }
        | EngineError::Signing { .. }
        | EngineError::Case(_)
        | EngineError::Senseless(_)
        | EngineError::Cancelled => Exit::Usage,
    }
}

fn exit_of_store(error: &StoreError) -> Exit {
    match error {
        StoreError::Busy { .. } => Exit::Busy,
        StoreError::NoSpace { .. } => Exit::NoSpace,
        StoreError::Missing { .. } | StoreError::NoRecord { .. } => Exit::No,
        StoreError::ReadBack { .. } => Exit::Damaged,
        error if error.is_damage() => Exit::Damaged,
        _ => Exit::Usage,
    }
}

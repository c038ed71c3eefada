//! What is said when a file that a command writes cannot be written. How it is written is for the engine.

use crate::cli::failure::{Exit, Failure};
use crate::engine::{self, EngineError};
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Writes a file whole or not at all, readable by its owner only; one that is there is replaced only with `force`.
///
/// # Errors
/// When it is there, or cannot be written, or `fill` fails.
pub(super) fn write_whole<T>(
    to: &Path,
    force: bool,
    fill: impl FnOnce(&mut dyn Write) -> Result<T, EngineError>,
) -> Result<T, Failure> {
    engine::write_whole(to, force, fill).map_err(|error| match error {
        EngineError::Io { path, source } if path == to && source.kind() == ErrorKind::AlreadyExists => {
            Failure::new(Exit::Usage, format!("{}: is there already, and is left as it is", to.display()))
                .hint("another name, or --force to replace it")
        }
        error => error.into(),
    })
}

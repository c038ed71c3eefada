//! The demo: its files through the real importer into a throw-away ledger. It invents nothing itself.

use crate::config::Home;
use crate::demo;
use crate::engine::{Clock, Engine, EngineError, ImportReport};
use crate::model::Time;
use std::path::{Path, PathBuf};

pub use crate::demo::{LEAKED as DEMO_LEAKED, NOW as DEMO_NOW};

impl Engine {
    /// Makes the demo ledger at `path`, or in a new folder among the temporary files.
    ///
    /// # Errors
    /// When it cannot be written, or a ledger lies at `path` already.
    pub fn demo(home: &Home, path: Option<&Path>) -> Result<(Engine, ImportReport), EngineError> {
        let clock = Clock::fixed(Time::parse_stated(DEMO_NOW).map_or(Time::from_seconds(0), |(at, _)| at));
        let path = match path {
            Some(path) => path.to_owned(),
            None => throw_away("lastgood-demo")?,
        };
        if path.exists() {
            let source = std::io::Error::new(
                std::io::ErrorKind::AlreadyExists,
                "a ledger lies here already; name another place",
            );
            return Err(EngineError::io(&path, source));
        }
        let engine = Engine::open_or_create(home, &path, clock)?;
        let files = demo::files().into_iter().map(|file| (format!("demo/{}", file.name), file.bytes)).collect();
        let report = engine.ingest_bytes(None, files)?;
        Ok((engine, report))
    }
}

/// A ledger in a folder of our own among the temporary files, mode 0700.
pub(super) fn throw_away(name: &str) -> Result<PathBuf, EngineError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let base = std::env::temp_dir();
    let unique = crate::proof::random::bytes::<6>().map_err(|_| EngineError::NoRandomness)?;
    let folder = base.join(format!("{name}-{}", hex::encode(unique)));
    std::fs::DirBuilder::new().mode(0o700).create(&folder).map_err(|error| EngineError::io(&folder, error))?;
    Ok(folder.join("demo.lastgood"))
}

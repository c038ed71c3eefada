//! The servers that are named, as the console and the command line ask for them, and what came of pulling one in
//! words. It asks no server itself.

use crate::config::{SourceSetting, Sources, load_sources, save_sources};
use crate::engine::{Engine, EngineError, SyncReport, look};
use crate::model::Time;

impl Engine {
    /// Every server that is named.
    ///
    /// # Errors
    /// When their file cannot be read.
    pub fn sources(&self) -> Result<Sources, EngineError> {
        Ok(load_sources(&self.home.sources())?)
    }

    /// The server of that name.
    ///
    /// # Errors
    /// When there is none, or their file cannot be read.
    pub fn source(&self, name: &str) -> Result<SourceSetting, EngineError> {
        let found = self.sources()?.remove(name);
        found.ok_or_else(|| EngineError::NoSuch { what: format!("server \"{name}\"; lastgood source list lists them") })
    }

    /// Leaves a server out of `sync`, or takes it in again.
    ///
    /// # Errors
    /// When there is none of that name, or their file cannot be written.
    pub fn pause_source(&self, name: &str, paused: bool) -> Result<(), EngineError> {
        let mut setting = self.source(name)?;
        setting.paused = paused;
        let mut sources = self.sources()?;
        sources.insert(name.to_owned(), setting);
        let file = self.home.sources();
        save_sources(&file, &sources).map_err(|error| EngineError::io(&file, error))
    }
}

impl SyncReport {
    /// What came of it, in a sentence.
    pub fn says(&self, now: Time) -> String {
        if self.around.is_some() {
            return look::says(self, now);
        }
        let fresh = self.import.records.saturating_sub(self.changed + self.gone);
        let mut says = format!(
            "{}: {fresh} new, {} changed, {} gone, {} as they were; {} requests",
            self.source, self.changed, self.gone, self.unchanged, self.requests
        );
        if !self.refused.is_empty() {
            says += &format!("; refused at {} places", self.refused.len());
        }
        match &self.error {
            Some(error) => says += &format!("; it ended early: {error}"),
            None if self.stopped => says += "; stopped before its end",
            None => {}
        }
        says
    }

    /// Whether something of it was not seen: refused, not read, or not reached because it was stopped.
    pub fn is_partial(&self) -> bool {
        !self.complete || !self.refused.is_empty() || !self.import.quarantined.is_empty()
    }

    /// Whether a look at one thing found that the server has no such thing, and never had.
    pub fn knows_nothing(&self) -> bool {
        self.complete && self.refused.is_empty() && self.import.records + self.unchanged + self.changed + self.gone == 0
    }
}

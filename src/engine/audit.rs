//! The auditor's questions, asked of a view. It answers none itself.

use crate::config;
use crate::engine::view::NEVER;
use crate::engine::{EngineError, View};
use crate::investigate::answer::Answer;
use crate::investigate::question;
use crate::investigate::rows::{ChainRow, ChainSummary, ControlRow, ControlsSummary, DriftRow, DriftSummary};
use crate::investigate::{chain, controls, drift};
use std::sync::atomic::AtomicBool;

impl View<'_> {
    /// The evidence an artefact rests on, link by link.
    ///
    /// # Errors
    /// When it is not there or a bare name, the ledger cannot be read, or it was cancelled.
    pub fn chain(
        &self,
        question: &question::Chain,
        cancel: Option<&AtomicBool>,
    ) -> Result<Answer<ChainRow, ChainSummary>, EngineError> {
        Ok(self.counted(self.ask(cancel.unwrap_or(&NEVER), |asking| chain::chain(asking, question))?))
    }

    /// What drifted from what was said of it.
    ///
    /// # Errors
    /// As [`View::chain`].
    pub fn drift(
        &self,
        question: &question::Drift,
        cancel: Option<&AtomicBool>,
    ) -> Result<Answer<DriftRow, DriftSummary>, EngineError> {
        Ok(self.counted(self.ask(cancel.unwrap_or(&NEVER), |asking| drift::drift(asking, question))?))
    }

    /// Which evidence is held that answers controls.
    ///
    /// # Errors
    /// As [`View::chain`], and when no framework or control is called so.
    pub fn controls(
        &self,
        question: &question::Controls,
        cancel: Option<&AtomicBool>,
    ) -> Result<Answer<ControlRow, ControlsSummary>, EngineError> {
        Ok(self.counted(
            self.ask(cancel.unwrap_or(&NEVER), |asking| controls::controls(asking, config::controls(), question))?,
        ))
    }
}

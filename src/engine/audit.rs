//! The auditor's questions, asked of a view. It answers none itself.

use crate::engine::view::NEVER;
use crate::engine::{EngineError, View};
use crate::investigate::answer::Answer;
use crate::investigate::chain;
use crate::investigate::question;
use crate::investigate::rows::{ChainRow, ChainSummary};
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
        Ok(self.ask(cancel.unwrap_or(&NEVER), |asking| chain::chain(asking, question))?)
    }
}

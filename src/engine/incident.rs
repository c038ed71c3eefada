//! The questions of the responder's hour and of the auditor's walk, asked of a view. It answers none itself.

use crate::engine::view::NEVER;
use crate::engine::{EngineError, View};
use crate::investigate::answer::Answer;
use crate::investigate::asking::Asking;
use crate::investigate::question;
use crate::investigate::rows::{
    DiffRow, DiffSummary, GapRow, GapsSummary, GateSummary, LastGoodRow, LastGoodSummary, PlanRow, PlanSummary,
    SuspectRow, SuspectsSummary, TimelineRow, TimelineSummary,
};
use crate::investigate::{diff, gaps, gate, last_good, plan, suspects, timeline};
use std::sync::atomic::AtomicBool;

impl View<'_> {
    /// What differs between two states.
    ///
    /// # Errors
    /// When an artefact is not there, the ledger cannot be read, or it was cancelled.
    pub fn diff(
        &self,
        question: &question::Diff,
        cancel: Option<&AtomicBool>,
    ) -> Result<Answer<DiffRow, DiffSummary>, EngineError> {
        Ok(self.counted(self.ask(cancel.unwrap_or(&NEVER), |asking| diff::diff(asking, question))?))
    }

    /// Which version was good last.
    ///
    /// # Errors
    /// As [`View::diff`].
    pub fn last_good(
        &self,
        question: &question::LastGood,
        cancel: Option<&AtomicBool>,
    ) -> Result<Answer<LastGoodRow, LastGoodSummary>, EngineError> {
        Ok(self.counted(self.ask(cancel.unwrap_or(&NEVER), |asking| last_good::last_good(asking, question))?))
    }

    /// What separates the bad from the good.
    ///
    /// # Errors
    /// As [`View::diff`].
    pub fn suspects(
        &self,
        question: &question::Suspects,
        cancel: Option<&AtomicBool>,
    ) -> Result<Answer<SuspectRow, SuspectsSummary>, EngineError> {
        Ok(self.counted(self.ask(cancel.unwrap_or(&NEVER), |asking| suspects::suspects(asking, question))?))
    }

    /// The way back to a good state; the case is the one that is kept first.
    ///
    /// # Errors
    /// As [`View::diff`].
    pub fn plan(
        &self,
        question: &question::Plan,
        case: Option<&str>,
        cancel: Option<&AtomicBool>,
    ) -> Result<Answer<PlanRow, PlanSummary>, EngineError> {
        Ok(self
            .counted(self.ask(cancel.unwrap_or(&NEVER), |asking| plan::plan(&Asking { case, ..*asking }, question))?))
    }

    /// What the policy asks for and the ledger does not hold.
    ///
    /// # Errors
    /// As [`View::diff`].
    pub fn gaps(
        &self,
        question: &question::Gaps,
        cancel: Option<&AtomicBool>,
    ) -> Result<Answer<GapRow, GapsSummary>, EngineError> {
        Ok(self.counted(self.ask(cancel.unwrap_or(&NEVER), |asking| gaps::gaps(asking, question))?))
    }

    /// Whether an artefact may go where it is meant to go.
    ///
    /// # Errors
    /// As [`View::diff`].
    pub fn gate(
        &self,
        question: &question::Gate,
        cancel: Option<&AtomicBool>,
    ) -> Result<Answer<GapRow, GateSummary>, EngineError> {
        Ok(self.counted(self.ask(cancel.unwrap_or(&NEVER), |asking| gate::gate(asking, question))?))
    }

    /// What happened, in order.
    ///
    /// # Errors
    /// As [`View::diff`].
    pub fn timeline(
        &self,
        question: &question::Timeline,
        cancel: Option<&AtomicBool>,
    ) -> Result<Answer<TimelineRow, TimelineSummary>, EngineError> {
        let mut answer = self.ask(cancel.unwrap_or(&NEVER), |asking| timeline::timeline(asking, question))?;
        self.tell_signatures(&mut answer.rows)?;
        Ok(self.counted(answer))
    }
}

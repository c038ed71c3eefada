//! What happened to an artefact and around it, in order. It never makes a time up.

use crate::investigate::answer::Answer;
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::question::Timeline;
use crate::investigate::rows::{TimelineRow, TimelineSummary};

/// Answers it.
///
/// # Errors
/// When an id is unknown, claims cannot be read, or it was cancelled.
pub fn timeline(
    _asking: &Asking<'_>,
    _question: &Timeline,
) -> Result<Answer<TimelineRow, TimelineSummary>, Unanswered> {
    Err(Unanswered::Senseless("not answered yet".to_owned()))
}

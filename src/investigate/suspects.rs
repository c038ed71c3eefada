//! What separates the bad from the good (Ochiai over ancestor sets). It marks nothing.

use crate::investigate::answer::Answer;
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::question::Suspects;
use crate::investigate::rows::{SuspectRow, SuspectsSummary};

/// Answers it.
///
/// # Errors
/// When an id is unknown, claims cannot be read, or it was cancelled.
pub fn suspects(_asking: &Asking<'_>, _question: &Suspects) -> Result<Answer<SuspectRow, SuspectsSummary>, Unanswered> {
    Err(Unanswered::Senseless("not answered yet".to_owned()))
}

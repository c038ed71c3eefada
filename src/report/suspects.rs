//! `suspects` as text for people. It decides nothing.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{SuspectRow, SuspectsSummary};
use crate::report::table::Layout;
use crate::report::text::completeness;

/// The answer as text.
pub fn suspects(answer: &Answer<SuspectRow, SuspectsSummary>, layout: Layout) -> String {
    completeness(&answer.completeness, "rows", layout)
}

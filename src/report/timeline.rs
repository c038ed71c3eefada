//! `timeline` as text for people. It decides nothing.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{TimelineRow, TimelineSummary};
use crate::report::table::Layout;
use crate::report::text::completeness;

/// The answer as text.
pub fn timeline(answer: &Answer<TimelineRow, TimelineSummary>, layout: Layout) -> String {
    completeness(&answer.completeness, "rows", layout)
}

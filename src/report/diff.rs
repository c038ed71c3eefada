//! `diff` as text for people. It decides nothing.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{DiffRow, DiffSummary};
use crate::report::table::Layout;
use crate::report::text::completeness;

/// The answer as text.
pub fn diff(answer: &Answer<DiffRow, DiffSummary>, layout: Layout) -> String {
    completeness(&answer.completeness, "rows", layout)
}

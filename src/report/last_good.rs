//! `last-good` as text for people. It decides nothing.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{LastGoodRow, LastGoodSummary};
use crate::report::table::Layout;
use crate::report::text::completeness;

/// The answer as text.
pub fn last_good(answer: &Answer<LastGoodRow, LastGoodSummary>, layout: Layout) -> String {
    completeness(&answer.completeness, "rows", layout)
}

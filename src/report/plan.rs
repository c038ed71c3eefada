//! `plan` as text for people. It decides nothing.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{PlanRow, PlanSummary};
use crate::report::table::Layout;
use crate::report::text::completeness;

/// The answer as text.
pub fn plan(answer: &Answer<PlanRow, PlanSummary>, layout: Layout) -> String {
    completeness(&answer.completeness, "rows", layout)
}

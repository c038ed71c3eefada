//! Which version was good last, by mark or by the policy's rule, and why. It plans nothing.

use crate::graph::Node;
use crate::investigate::answer::Answer;
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::question::LastGood;
use crate::investigate::rows::{LastGoodRow, LastGoodSummary};
use crate::model::Window;

/// Answers it.
///
/// # Errors
/// When an id is unknown, claims cannot be read, or it was cancelled.
pub fn last_good(
    _asking: &Asking<'_>,
    _question: &LastGood,
) -> Result<Answer<LastGoodRow, LastGoodSummary>, Unanswered> {
    Err(Unanswered::Senseless("not answered yet".to_owned()))
}

/// What is taken for good, and why it is believed.
#[derive(Debug, Clone, PartialEq)]
pub struct Good {
    /// The version.
    pub node: Node,
    /// `marked` or `inferred`.
    pub how: &'static str,
    /// What speaks for it, in sentences.
    pub why: Vec<String>,
    /// Its newest stay at the deployment asked about; nothing when it never was there.
    pub stay: Option<Window>,
}

/// The newest good version before what is current: of a deployment what it could go back to, of a name its
/// versions, of a version those before it.
///
/// # Errors
/// When claims cannot be read, or it was cancelled.
pub fn newest_good(_asking: &Asking<'_>, _of: Node) -> Result<Option<Good>, Unanswered> {
    Err(Unanswered::Senseless("not answered yet".to_owned()))
}

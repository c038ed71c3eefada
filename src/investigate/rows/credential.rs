//! What an impact answer says of a credential. Plain data that both faces draw.

use crate::investigate::rows::plan::RotateStep;
use crate::model::{ArtefactId, Time};
use serde::Serialize;

/// How a secret or identity was used within the window.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CredentialUse {
    /// The secret or identity.
    pub id: ArtefactId,
    /// What uses it directly: at most the first hundred.
    pub users: Vec<UseRow>,
    /// How many do.
    pub users_count: u64,
    /// What was executed with it, newest first: at most the first hundred.
    pub executed: Vec<UseRow>,
    /// How many such actions there are.
    pub executed_count: u64,
    /// Who or what shares it: other owners and environments that use it, other names of the same value.
    pub shared: Vec<SharedWith>,
    /// In which order to rotate.
    pub rotate: Vec<RotateStep>,
}

/// One use.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UseRow {
    /// What uses it.
    pub id: ArtefactId,
    /// Its kind.
    pub kind: String,
    /// Of a step, what it was: `action`, `tool-call`, …
    pub step: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Since when.
    pub since: Option<Time>,
    /// Until when.
    pub until: Option<Time>,
    /// Whether it was certainly within the window.
    pub certain: bool,
    /// The claim that states it.
    pub claim: String,
}

/// One sharing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SharedWith {
    /// The other name, owner or environment.
    pub with: String,
    /// One sentence.
    pub why: String,
}

/// Whom to call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contact {
    /// The owner: a team or a person.
    pub id: ArtefactId,
    /// How much of what is hit is certainly theirs.
    pub at_least: u64,
    /// How much may be.
    pub at_most: u64,
    /// Where they talk.
    pub channel: Option<String>,
    /// Who leads them.
    pub lead: Option<String>,
    /// How to reach them, as stated.
    pub email: Option<String>,
    /// Likewise.
    pub pager: Option<String>,
    /// Likewise.
    pub phone: Option<String>,
}

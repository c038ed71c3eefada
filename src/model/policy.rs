//! What a policy asks for, as plain data. It reads no file and judges nothing.

use serde::{Deserialize, Serialize};

/// The rules that answers are judged by, apart from the evidence they are judged on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Policy {
    /// Its name, which every verdict carries.
    pub name: String,
    /// Its version, likewise.
    pub version: String,
    /// What counts as good without somebody's mark.
    pub last_good: LastGoodRule,
}

/// When a version is taken for good without a mark that says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LastGoodRule {
    /// Approvals that must have held then: recorded, passed, neither void nor expired.
    pub approvals: u32,
    /// Scopes that must be among them; any will do when empty.
    pub approval_scopes: Vec<String>,
    /// Evaluations that must have passed; none may have failed.
    pub evaluations: u32,
    /// Hours it must have been deployed somewhere without an incident there.
    pub soak_hours: u32,
    /// Whether its content digest must be known.
    pub digest: bool,
    /// Whether nothing upstream may be marked compromised or suspect.
    pub clean_upstream: bool,
}

impl Policy {
    /// `default@1`.
    pub fn id(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }
}

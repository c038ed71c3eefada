//! Which policy judges: the user's own, the default, or one that is named for a question. It judges nothing.

use crate::config::{Home, SettingsError, policy, policy_at};
use crate::model::Policy;
use crate::proof::digest::sha256;
use std::path::Path;

/// The policy beside the settings, or the default.
pub(super) fn in_use(home: &Home) -> Result<Policy, SettingsError> {
    Ok(named(policy(&home.policy())?))
}

/// The policy of a file.
pub(super) fn of_file(path: &Path) -> Result<Policy, SettingsError> {
    Ok(named(policy_at(path)?))
}

fn named((policy, text): (Policy, String)) -> Policy {
    Policy { sha256: hex::encode(sha256(text.as_bytes())), ..policy }
}

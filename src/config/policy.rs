//! The policy file: the user's own, else the default that ships with the program. It judges nothing.

use crate::config::{SettingsError, read_text};
use crate::model::Policy;
use std::path::Path;

const DEFAULT: &str = include_str!("../../assets/policy/default.toml");

/// Reads the user's policy; the default where there is none.
///
/// # Errors
/// When it cannot be read, does not parse, or names an unknown field.
pub fn policy(path: &Path) -> Result<Policy, SettingsError> {
    let text = match read_text(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => DEFAULT.to_owned(),
        Err(source) => return Err(SettingsError::Unreadable { path: path.to_owned(), source }),
    };
    toml::from_str(&text).map_err(|error| SettingsError::malformed(path, &text, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_parses_and_a_misspelt_field_is_refused_with_its_line() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("policy.toml");
        assert_eq!(policy(&path).unwrap().id(), "default@1");
        std::fs::write(&path, DEFAULT.replace("soak-hours", "soak-hous")).unwrap();
        let error = policy(&path).unwrap_err().to_string();
        assert!(error.contains("soak-hous") && error.contains("policy.toml: line 16, column 1: "), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }
}

//! The policy file: the user's own, else the default that ships with the program. It judges nothing.

use crate::config::{SettingsError, read_text};
use crate::model::Policy;
use std::path::Path;

const DEFAULT: &str = include_str!("../../assets/policy/default.toml");

/// Reads the user's policy, with the text it was read from; the default where there is none.
///
/// # Errors
/// When it cannot be read, does not parse, or names an unknown field.
pub fn policy(path: &Path) -> Result<(Policy, String), SettingsError> {
    match policy_at(path) {
        Err(SettingsError::Unreadable { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            Ok((read(path, DEFAULT)?, DEFAULT.to_owned()))
        }
        read => read,
    }
}

/// Reads a policy that somebody names, which must be there.
///
/// # Errors
/// As [`policy`], and when there is none.
pub fn policy_at(path: &Path) -> Result<(Policy, String), SettingsError> {
    let text = read_text(path).map_err(|source| SettingsError::Unreadable { path: path.to_owned(), source })?;
    Ok((read(path, &text)?, text))
}

fn read(path: &Path, text: &str) -> Result<Policy, SettingsError> {
    let policy: Policy = toml::from_str(text).map_err(|error| SettingsError::malformed(path, text, &error))?;
    match policy.mistake() {
        Some((why, about)) => Err(SettingsError::mistaken(path, text, &about, &why)),
        None => Ok(policy),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("policy.toml");
        std::fs::write(&path, text).unwrap();
        let error = policy(&path).unwrap_err().to_string();
        assert!(!error.contains('\n'), "{error}");
        error
    }

    #[test]
    fn the_default_parses_and_a_misspelt_field_is_refused_with_its_place() {
        let place = tempfile::tempdir().unwrap();
        let (default, text) = policy(&place.path().join("policy.toml")).unwrap();
        assert_eq!((default.name.as_str(), text.as_str()), ("default", DEFAULT));
        let error = refused(&DEFAULT.replace("soak-hours", "soak-hous"));
        let line = DEFAULT.lines().position(|line| line.starts_with("soak-hours")).unwrap() + 1;
        assert!(error.contains("soak-hous"), "{error}");
        assert!(error.contains(&format!("policy.toml: line {line}, column 1: ")), "{error}");
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_place() {
        let head = "name = 'n'\nversion = '1'\n".to_owned() + &last_good();
        let rule = |rest: &str| format!("{head}[[require]]\nid = 'a'\nseverity = 'high'\n{rest}\n");
        let at = head.lines().count() + 4;
        for (rest, why, column) in [
            ("that = 'ownr == \"x\"'", "the condition names \"ownr\"", 8),
            ("that = 'owner =='", "not CEL", 8),
            ("check = 'shiny'", "shiny", 9),
            ("field = 'owner'\nsevrity = 'low'", "sevrity", 1),
            ("evidence = { kind = 'scan', maxage = 3 }", "maxage", 29),
        ] {
            let error = refused(&rule(rest));
            let line = if why == "sevrity" { at + 1 } else { at };
            assert!(error.contains(why), "{error}");
            assert!(error.contains(&format!("line {line}, column {column}: ")), "{rest}: {error}");
        }
        for (rest, why) in [
            ("", "exactly one of"),
            ("field = 'owner'\nlinks = ['used']", "exactly one of"),
            ("field = 'owner'\n[[require]]\nid = 'a'\nseverity = 'low'\nfield = 'date'", "two requirements are called"),
            ("evidence = { kind = 'approval', by = ['role:boss'] }", "role \"boss\""),
        ] {
            let error = refused(&rule(rest));
            assert!(error.contains(why) && error.contains("policy.toml: line "), "{error}");
            assert!(!error.contains("line 1,"), "{error}");
        }
    }

    /// The last-good table of the default.
    fn last_good() -> String {
        let from = DEFAULT.find("[last-good]").unwrap();
        let rest = &DEFAULT[from..];
        rest[..rest.find("\n[roles]").unwrap()].to_owned() + "\n"
    }
}

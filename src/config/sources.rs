//! The servers that are pulled from: where they are and where their credentials are kept. It holds no
//! credential, and asks no server.

use crate::config::{SettingsError, read_text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// One server.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct SourceSetting {
    /// Where it answers; no name or password is in it.
    pub url: String,
    /// What answers there: one of the kinds that `source add` knows.
    pub kind: String,
    /// It is left out of `sync` unless it is named.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub paused: bool,
    /// The workspace that is asked for, where a server has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// An authority trusted beside those of the system (PEM).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// A client certificate with its key (PEM, both in one file of mode 0600).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<PathBuf>,
    /// The proxy to go through; none is taken from the environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// The key that another ledger must sign with, as its `lastgood stats` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What investigators said in another ledger counts as if it had been said here; otherwise as what a file says.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub trust_investigators: bool,
    /// Where its credential is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<CredentialSetting>,
    /// How long it is waited for, and how much is taken.
    pub patience: Patience,
}

/// Where a credential is kept: one of the five.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct CredentialSetting {
    /// The user; with it a password is sent (Basic), without it a token (Bearer).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// A file of mode 0600 that holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// An environment variable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// A command of the shell that prints it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The keyring of the system, as `SERVICE/USER`; only a build with the feature `keyring` reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyring: Option<String>,
    /// Ask at the terminal each time.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub prompt: bool,
}

/// How long a server is waited for, in seconds, and how much of it is taken.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Patience {
    /// Until it takes a connection.
    pub connect: f64,
    /// Until something more of an answer arrives.
    pub read: f64,
    /// For one answer, with every try.
    pub answer: f64,
    /// For a whole sync of it.
    pub sync: f64,
    /// The longest pause that it may ask for.
    pub pause: f64,
    /// How often an answer is tried for.
    pub tries: u32,
    /// How many requests are under way at once.
    pub at_once: usize,
    /// The longest answer, in bytes.
    pub bytes: u64,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            connect: 10.0,
            read: 60.0,
            answer: 180.0,
            sync: 6.0 * 3600.0,
            pause: 30.0,
            tries: 4,
            at_once: 4,
            bytes: 256 << 20,
        }
    }
}

/// Servers by their names.
pub type Sources = BTreeMap<String, SourceSetting>;

/// Reads the file; one that does not exist means none.
///
/// # Errors
/// When it cannot be read, does not parse, or names an unknown setting.
pub fn load_sources(path: &Path) -> Result<Sources, SettingsError> {
    match read_text(path) {
        Ok(text) => toml::from_str(&text).map_err(|error| SettingsError::malformed(path, &text, &error)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Sources::new()),
        Err(source) => Err(SettingsError::Unreadable { path: path.to_owned(), source }),
    }
}

/// Writes the file, whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn save_sources(path: &Path, sources: &Sources) -> std::io::Result<()> {
    let text = toml::to_string_pretty(sources).map_err(std::io::Error::other)?;
    if let Some(folder) = path.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let aside = path.with_extension(format!("new-{}", std::process::id()));
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
    let head = "# Written by `lastgood source add`; it may be edited. No credential belongs here.\n\n";
    file.write_all(head.as_bytes())?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&aside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_a_misspelt_setting_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config/sources.toml");
        assert_eq!(load_sources(&file).unwrap(), Sources::new());
        let credential = CredentialSetting { env: Some("TOKEN".into()), ..CredentialSetting::default() };
        let setting = SourceSetting {
            url: "https://mlflow.example.test".into(),
            kind: "mlflow".into(),
            credential: Some(credential),
            ..SourceSetting::default()
        };
        let sources = Sources::from([("fraud".to_owned(), setting)]);
        save_sources(&file, &sources).unwrap();
        assert_eq!(load_sources(&file).unwrap(), sources);
        std::fs::write(&file, "[fraud]\nurl = \"x\"\npasword = \"y\"").unwrap();
        let error = load_sources(&file).unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains("pasword"), "{error}");
    }
}

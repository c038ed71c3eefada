//! The settings file: few, named, refused when misspelt. It holds no secret.

use crate::config::{CredentialSetting, read_text};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What the console looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeName {
    /// For dark terminals.
    Dark,
    /// For light terminals.
    Light,
    /// Black, white and bold only where colour would be lost.
    HighContrast,
    /// No colour at all.
    Mono,
}

/// What a user may set.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The console's theme; chosen by the terminal when not set.
    pub theme: Option<ThemeName>,
    /// Draw with ASCII only; otherwise decided from the locale.
    pub ascii: Option<bool>,
    /// The ledger to open when neither `--ledger` nor `LASTGOOD_LEDGER` names one.
    pub ledger: Option<PathBuf>,
    /// Checkpoints kept by somebody or something else, which `verify` compares with.
    pub anchors: Vec<PathBuf>,
    /// Where the newest checkpoint is put whenever a command or the console is left: files, `git:REPOSITORY`, `-`.
    pub checkpoint_to: Vec<String>,
    /// The name marks and notes are signed with; otherwise the operating system's user name.
    pub investigator: Option<String>,
    /// Whose SSH keys prove a mark, in the format of ssh-keygen's `allowed_signers`.
    pub allowed_signers: Option<PathBuf>,
    /// The SSH key that everything said here is signed with.
    pub signing_key: Option<PathBuf>,
    /// Whose signatures on attestations count.
    pub trust: TrustSettings,
    /// How `serve` receives.
    pub serve: ServeSettings,
}

/// How `serve` receives; its options go before these.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServeSettings {
    /// Where it listens.
    pub listen: Option<SocketAddr>,
    /// The names it is called by, beside localhost and addresses.
    pub hosts: Vec<String>,
    /// Where the tokens are kept that clients must show.
    pub token: Option<CredentialSetting>,
    /// Where the tokens are kept that the ledger is handed out to.
    pub ledger: Option<CredentialSetting>,
    /// Where the secret is kept that GitHub signs webhooks with.
    pub github: Option<CredentialSetting>,
    /// Where the secret is kept that MLflow signs webhooks with.
    pub mlflow: Option<CredentialSetting>,
}

impl ServeSettings {
    /// The same with the files of secrets where `place` says.
    fn placed(self, place: impl Fn(PathBuf) -> PathBuf) -> ServeSettings {
        let placed = |setting: Option<CredentialSetting>| {
            setting.map(|it| CredentialSetting { file: it.file.map(&place), ..it })
        };
        let ServeSettings { listen, hosts, token, ledger, github, mlflow } = self;
        ServeSettings {
            listen,
            hosts,
            token: placed(token),
            ledger: placed(ledger),
            github: placed(github),
            mlflow: placed(mlflow),
        }
    }
}

/// Whose signatures on attestations count: files and names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TrustSettings {
    /// Public keys (PEM or DER).
    pub keys: Vec<PathBuf>,
    /// Certificates of authorities (PEM or DER), and Sigstore trusted roots (JSON).
    pub roots: Vec<PathBuf>,
    /// Public keys of transparency logs (PEM), beside those of a trusted root.
    pub logs: Vec<PathBuf>,
    /// Who is expected to have signed with a certificate.
    pub identities: Vec<IdentitySetting>,
}

/// Who is expected; `*` stands for anything, and what is left out is not asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct IdentitySetting {
    /// The name in the certificate: an address, or the URI of a workflow.
    pub name: Option<String>,
    /// Who vouched for it to the authority.
    pub issuer: Option<String>,
    /// The repository that the workflow ran for: `github.com/o/r`.
    pub repository: Option<String>,
    /// The branch or tag.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// The builder that the statement names.
    pub builder: Option<String>,
}

/// Why a settings file is not used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// It cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It does not parse or names an unknown setting.
    #[error("{}: {message}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        message: String,
    },
}

impl SettingsError {
    /// What does not parse, with line and column, in one line.
    pub(super) fn malformed(path: &Path, text: &str, error: &toml::de::Error) -> SettingsError {
        let at = error.span().map_or(0, |span| span.start).min(text.len());
        let before = text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let message = error.message().trim().replace('\n', " ");
        SettingsError::Malformed { path: path.to_owned(), message: format!("line {line}, column {column}: {message}") }
    }

    /// What parses and makes no sense: the last place in the file where `about` stands.
    pub(super) fn mistaken(path: &Path, text: &str, about: &str, why: &str) -> SettingsError {
        let before = &text[..text.rfind(about).unwrap_or(0)];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        SettingsError::Malformed { path: path.to_owned(), message: format!("line {line}, column {column}: {why}") }
    }
}

impl Settings {
    /// Reads the file; one that does not exist means the defaults. Files of keys are meant beside it, or
    /// below the home folder when they begin with `~/`.
    ///
    /// # Errors
    /// When it cannot be read, does not parse, or names an unknown setting.
    pub fn load(path: &Path) -> Result<Settings, SettingsError> {
        let beside = |file: PathBuf| match (file.strip_prefix("~"), std::env::var_os("HOME"), path.parent()) {
            (Ok(below), Some(home), _) => Path::new(&home).join(below),
            (_, _, Some(folder)) => folder.join(&file),
            _ => file,
        };
        match read_text(path) {
            Ok(text) => toml::from_str(&text)
                .map(|settings: Settings| Settings {
                    allowed_signers: settings.allowed_signers.map(beside),
                    signing_key: settings.signing_key.map(beside),
                    trust: TrustSettings {
                        keys: settings.trust.keys.into_iter().map(beside).collect(),
                        roots: settings.trust.roots.into_iter().map(beside).collect(),
                        logs: settings.trust.logs.into_iter().map(beside).collect(),
                        identities: settings.trust.identities,
                    },
                    serve: settings.serve.placed(beside),
                    ..settings
                })
                .map_err(|error| SettingsError::malformed(path, &text, &error)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Settings::default()),
            Err(source) => Err(SettingsError::Unreadable { path: path.to_owned(), source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_file_parses_and_states_the_defaults() {
        let sample = include_str!("../../assets/config.toml");
        let settings: Settings = toml::from_str(sample).unwrap();
        assert_eq!(settings, Settings::default());
        let uncommented: String =
            sample.lines().filter(|l| l.starts_with("#:")).map(|l| format!("{}\n", &l[2..])).collect();
        toml::from_str::<Settings>(&uncommented).expect("every commented example is valid");
    }

    #[test]
    fn a_misspelt_setting_is_refused_with_its_line() {
        let error = toml::from_str::<Settings>("theme = \"dark\"\ntheem = \"light\"").unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("theem"), "{error}");
    }
}

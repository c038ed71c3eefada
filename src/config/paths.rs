//! Where keys, settings, the default ledger and kept checkpoints live. The one user of `directories`.
//!
//! It creates nothing; whoever writes there does.

use directories::ProjectDirs;
use std::path::{Path, PathBuf};

/// The user's folders for this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    config: PathBuf,
    data: PathBuf,
    state: PathBuf,
}

/// Why there is no place to keep anything.
#[derive(Debug, thiserror::Error)]
pub enum PathsError {
    /// Neither `HOME` nor the XDG variables are set.
    #[error("no home directory is known: set HOME, or XDG_CONFIG_HOME, XDG_DATA_HOME and XDG_STATE_HOME")]
    NoHome,
}

impl Home {
    /// The folders the platform prescribes.
    ///
    /// # Errors
    /// When no home directory is known.
    pub fn of_user() -> Result<Home, PathsError> {
        let dirs = ProjectDirs::from("", "", "lastgood").ok_or(PathsError::NoHome)?;
        let state = dirs.state_dir().map_or_else(|| dirs.data_local_dir().join("state"), Path::to_path_buf);
        Ok(Home { config: dirs.config_dir().to_path_buf(), data: dirs.data_local_dir().to_path_buf(), state })
    }

    /// All folders below one, for tests and throw-away ledgers.
    pub fn below(root: &Path) -> Home {
        Home { config: root.join("config"), data: root.join("data"), state: root.join("state") }
    }

    /// The ledger that is meant when none is named.
    pub fn default_ledger(&self) -> PathBuf {
        self.data.join("ledger.lastgood")
    }

    /// Signing keys, one file per ledger, and the pepper of fingerprints. Mode 0700.
    pub fn keys(&self) -> PathBuf {
        self.config.join("keys")
    }

    /// The newest checkpoint of each ledger, kept outside the ledger's file.
    pub fn heads(&self) -> PathBuf {
        self.state.join("heads")
    }

    /// The key under which cached indexes are sealed, out of reach of who may write beside a ledger.
    pub fn index_key(&self) -> PathBuf {
        self.state.join("index.key")
    }

    /// Which case is in use, one file per ledger.
    pub fn cases(&self) -> PathBuf {
        self.state.join("cases")
    }

    /// The settings file.
    pub fn settings(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The servers that are pulled from.
    pub fn sources(&self) -> PathBuf {
        self.config.join("sources.toml")
    }

    /// How far each source of a ledger was pulled, one folder per ledger.
    pub fn pulls(&self) -> PathBuf {
        self.state.join("pulls")
    }

    /// The user's own policy.
    pub fn policy(&self) -> PathBuf {
        self.config.join("policy.toml")
    }

    /// The user's key bindings.
    pub fn keymap(&self) -> PathBuf {
        self.config.join("keymap.toml")
    }
}

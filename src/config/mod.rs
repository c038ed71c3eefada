//! Settings and where things live. It opens no ledger and asks the network nothing.

mod controls;
mod paths;
mod policy;
mod settings;
mod sources;
mod text;
mod user;

pub use controls::controls;
pub use paths::{Home, PathsError};
pub use policy::{policy, policy_at};
pub use settings::{IdentitySetting, ServeSettings, Settings, SettingsError, ThemeName, TrustSettings};
pub use sources::{CredentialSetting, Patience, SourceSetting, Sources, load_sources, save_sources};
pub use text::read_text;
pub use user::user_name;

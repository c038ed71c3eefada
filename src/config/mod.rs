//! Settings and where things live. It opens no ledger and asks the network nothing.

mod paths;
mod policy;
mod settings;
mod text;
mod user;

pub use paths::{Home, PathsError};
pub use policy::policy;
pub use settings::{IdentitySetting, Settings, SettingsError, ThemeName, TrustSettings};
pub use text::read_text;
pub use user::user_name;

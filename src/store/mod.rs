//! The store: one SQLite file that keeps records, the log over them, and the claims read from
//! them. It knows no format and no graph, and it never asks what time it is.

mod append;
mod claim_body;
mod claim_row;
mod claims;
mod connection;
mod content;
mod create;
mod error;
pub mod heads;
mod ledger;
mod lookup;
mod place;
mod portion;
mod quarantine;
mod rebuild;
mod record;
mod redact;
mod schema;
mod verify;

pub use crate::proof::kept::Kept;
pub use crate::proof::verdict::Verdict;
pub use append::{Appended, Keys};
pub use claim_row::with_row;
pub use connection::{Access, is_database};
pub use content::Packer;
pub use error::StoreError;
pub use ledger::{Head, Ledger, SourceRow};
pub use portion::{Moment, Salted};
pub use quarantine::Quarantined;
pub use rebuild::Rebuilt;
pub use record::{NewRecord, Record};
pub use redact::{Erasure, Redaction};
pub use verify::{Anchors, Bad, Checked, Verified, verify_file};

use crate::model::Claim;
use std::ops::ControlFlow;

/// Reads a record's claims again: how rebuild and verify learn what its content says.
pub type Read<'a> = &'a mut dyn FnMut(&Record) -> Vec<Claim>;

/// Told how many records of how many are done; may stop the work.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64) -> ControlFlow<()>;

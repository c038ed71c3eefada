//! The vocabulary every layer shares: artefacts, links, evidence, claims, records, times.
//!
//! Plain data. It does no I/O, reads no clock and draws no random numbers.

mod claim;
mod condition;
mod control;
mod digest;
mod exception;
mod id;
mod kind;
mod policy;
mod relation;
mod row;
mod shell;
mod time;
mod verification;

pub use claim::{
    Absence, Artefact, Attributes, Claim, EXCEPTION, Evidence, Link, Mark, MarkKind, Note, Retract, SameAs, Statement,
};
pub use condition::{Condition, Facts};
pub use control::{Control, Framework, Selector};
pub use digest::{Digest, sha256_of_nothing};
pub use exception::ExceptionRule;
pub use id::{ArtefactId, IdParts};
pub use kind::Kind;
pub use policy::{
    Applies, Asks, EvidenceRule, Field, GateRule, LastGoodRule, LineageCheck, OnChange, Policy, Requirement, Severity,
    Unasked, fits,
};
pub use relation::Relation;
pub use row::ClaimRow;
pub use shell::shell_word;
pub use time::{Time, TimeError, Window};
pub use verification::{Check, CheckInputs, CheckName, CheckState, Outcome, Verification};

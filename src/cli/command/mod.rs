//! One file per group of commands: each turns arguments into a question and hands the answer to a
//! report. None reads the ledger itself.

pub(super) mod ask;
pub(super) mod attest;
pub(super) mod audit;
pub(super) mod case;
pub(super) mod console;
pub(super) mod demo;
pub(super) mod desk;
pub(super) mod export;
pub(super) mod gaps;
pub(super) mod impact;
pub(super) mod import;
pub(super) mod incident;
pub(super) mod ledger;
mod live;
pub(super) mod marks;
pub(super) mod open;
pub(super) mod record;
pub(super) mod report;
pub(super) mod serve;
pub(super) mod shell;
pub(super) mod source;
pub(super) mod sync;
pub(super) mod verify;

//! Every integration test, in one binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test says so by panicking")]
#![allow(clippy::print_stdout, reason = "tests say how many cases they tried")]

mod ledger_bits;
mod ledger_fixture;
mod ledger_kill;
mod ledger_life;
mod ledger_place;
mod ledger_redact;
mod ledger_speed;
mod ledger_tamper;

//! All integration tests, in one binary so that they link once.

mod architecture;

mod connector_files;
mod import_bad_input;
mod import_corpus;
mod import_golden;
mod import_properties;
mod import_secrets;
mod import_speed;
mod import_streams;
//! Every integration test, in one binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test says so by panicking")]
#![allow(clippy::print_stdout, reason = "tests say how many cases they tried")]

mod ledger_bits;
mod ledger_fixture;
mod ledger_life;
mod ledger_place;
mod ledger_redact;
mod ledger_speed;
mod ledger_tamper;
//! The integration tests, in one binary. Each module says what it holds up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that panics is a test that fails")]

mod scenario;
//! Everything that is tested through the library's or the program's front door.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on stops")]

mod support;
mod tui_any;
mod tui_hostile;
mod tui_keys;
mod tui_screens;

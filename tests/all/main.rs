//! All integration tests, in one binary so that they link once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that panics is a test that fails, and says what it measured or skipped"
)]

mod architecture;
mod attest_cli;
mod bad_input;
mod bundle;
mod bundle_verifiers;
mod canary;
mod case;
mod cli;
mod connector_files;
mod dvc_real;
mod every_scalar;
mod export;
mod full_disk;
mod gate;
mod git_history;
mod hour;
mod import_bad_input;
mod import_corpus;
mod import_corpus_agents;
mod import_corpus_attest;
mod import_corpus_bom;
mod import_corpus_scans;
mod import_corpus_serving;
mod import_corpus_table;
mod import_golden;
mod import_large;
mod import_otel_dialects;
mod import_properties;
mod import_secrets;
mod import_sizes;
mod import_streams;
mod joins;
mod kill;
mod ledger_bits;
mod ledger_fixture;
mod ledger_kill;
mod ledger_life;
mod ledger_locks;
mod ledger_place;
mod ledger_redact;
mod ledger_tamper;
mod ledgers;
mod live_browse;
mod mlflow_real;
mod mlflow_store;
mod otel_sdk;
mod pictures;
mod pty;
mod readme;
mod report;
mod report_hostile;
mod scenario;
mod serve;
mod serve_doors;
mod serve_operated;
mod serve_peers;
mod signatures_corpus;
mod signatures_must_reject;
mod support;
mod sync_doubt;
mod sync_hostile;
mod sync_late;
mod sync_mlflow;
mod sync_partly;
mod sync_registry;
mod sync_several;
mod sync_tls;
mod tui_any;
mod tui_arrivals;
mod tui_audit;
mod tui_gaps;
mod tui_hostile;
mod tui_incident;
mod tui_keys;
mod tui_pty;
mod tui_report;
mod tui_review;
mod tui_screens;
mod tui_tour;
mod verify_cli;
mod whence;

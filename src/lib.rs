//! lastgood: a terminal console for the hour after an AI system misbehaves.
//!
//! ```text
//!  bytes        record         claim                        lineage        answer
//! connector ──▶ import ──────▶ (engine) ──▶ store ───────▶ graph ───────▶ investigate ──▶ report │ cli │ tui │ serve
//! ```
//!
//! Layers share only [`model`] and meet in plain values; `engine` is the one place that composes
//! them, and nothing calls the layer after it. `tests/all/architecture.rs` keeps this true.

pub mod cli;
pub mod config;
pub mod connector;
pub mod demo;
pub mod engine;
pub mod graph;
pub mod import;
pub mod investigate;
pub mod model;
pub mod proof;
pub mod report;
pub mod serve;
pub mod store;
pub mod tui;

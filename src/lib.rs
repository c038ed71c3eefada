//! lastgood: a terminal console for the hour after an AI system misbehaves.
//!
//! ```text
//!  bytes        record         claim                        lineage        answer
//! connector ──▶ import ──────▶ (engine) ──▶ store ───────▶ graph ───────▶ investigate ──▶ report │ cli │ tui
//! ```
//!
//! Layers share only [`model`] and meet in plain values; `engine` is the one place that composes
//! them, and nothing calls the layer after it. `tests/all/architecture.rs` keeps this true.

pub mod config;
pub mod connector;
pub mod import;
pub mod demo;
pub mod graph;
pub mod investigate;
pub mod model;
pub mod proof;
pub mod report;
pub mod store;
pub mod tui;

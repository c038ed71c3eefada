//! Answers to what people read: rows, text, JSON, and the one rule for foreign text. It asks no
//! question and opens no terminal.

pub mod case;
pub mod chain;
pub mod controls;
mod dates;
pub mod diff;
pub mod dossier;
pub mod drift;
pub mod export;
pub mod gaps;
mod html;
pub mod impact;
pub mod json;
pub mod last_good;
pub mod markdown;
pub mod pipeline;
pub mod plan;
pub mod prose;
pub mod screen;
pub mod signature;
pub mod suspects;
pub mod table;
pub mod text;
pub mod timeline;
pub mod words;

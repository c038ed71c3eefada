//! Answers to what people read: rows, text, JSON, and the one rule for foreign text. It asks no
//! question and opens no terminal.

pub mod json;
pub mod screen;
pub mod table;
pub mod text;

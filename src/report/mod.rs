//! Answers to what people read: rows, text, and the one rule for foreign text. It asks no question
//! and opens no terminal.

pub mod screen;

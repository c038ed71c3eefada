//! Questions to answers: one file per question, pure in the lineage and the moment asked. It reads
//! no file, no clock and no database.

pub mod again;
pub mod answer;
pub mod asking;
pub mod candidate;
pub mod case;
pub mod chain;
mod contacts;
pub mod controls;
mod credential;
mod deployed;
pub mod diff;
pub mod drift;
pub mod exceptions;
mod fates;
pub mod find;
mod frontier;
pub mod gaps;
pub mod gate;
pub mod impact;
pub mod last_good;
pub mod marks;
mod order;
mod origins;
pub mod overview;
pub mod path;
mod piece;
pub mod plan;
mod pointer;
pub mod question;
mod repeats;
pub mod rotate;
pub mod rows;
pub mod said;
mod score;
pub mod show;
mod site;
mod standing;
pub mod suspects;
pub mod taint;
pub mod timeline;
pub mod tree;
pub mod whence;
mod windows;
pub(crate) mod wording;

#[cfg(test)]
mod audit_properties;
#[cfg(test)]
mod tests;

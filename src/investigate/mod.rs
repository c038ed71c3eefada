//! Questions to answers: one file per question, pure in the lineage and the moment asked. It reads
//! no file, no clock and no database.

pub mod answer;
pub mod asking;
pub mod find;
pub mod impact;
pub mod marks;
mod order;
pub mod overview;
pub mod path;
pub mod question;
pub mod rows;
mod score;
pub mod show;
pub mod tree;
mod wording;

#[cfg(test)]
mod tests;

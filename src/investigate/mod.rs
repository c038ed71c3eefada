//! Questions to answers: one file per question, pure in the lineage and the moment asked. It reads
//! no file, no clock and no database.

pub mod answer;
pub mod question;
pub mod rows;

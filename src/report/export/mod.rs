//! A piece of the lineage in forms that others read. Each says what it has no place for. It writes no file.

mod cyclonedx;
mod drawn;
mod openlineage;
mod prov;

pub use cyclonedx::cyclonedx;
pub use drawn::{dot, mermaid};
pub use openlineage::openlineage;
pub use prov::prov;

use crate::investigate::answer::Row;
use std::collections::BTreeMap;

/// A document, and what could not be said in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exported {
    /// The document.
    pub text: String,
    /// What was left out, in a sentence each.
    pub left_out: Vec<String>,
}

/// Counts of what a form has no place for, by a word.
#[derive(Default)]
struct LeftOut(BTreeMap<String, u64>);

impl LeftOut {
    fn one(&mut self, word: &str) {
        *self.0.entry(word.to_owned()).or_default() += 1;
    }

    fn says(&self, what: &str) -> Vec<String> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let each: Vec<String> = self.0.iter().map(|(word, count)| format!("{count} {word}")).collect();
        vec![format!("{what}: {}", each.join(", "))]
    }
}

/// `name@version`, as far as there is a version.
fn named(row: &Row) -> String {
    match &row.version {
        Some(version) => format!("{}@{version}", row.name),
        None => row.name.clone(),
    }
}

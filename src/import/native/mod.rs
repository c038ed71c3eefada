//! The native format: one statement per line, as `assets/lineage.schema.json` describes. Reading is
//! in `line` and `build`, writing in `write`. Nothing is concluded from what a line says.

mod build;
mod line;
mod write;

pub use line::FIELDS;
pub use write::{digest, unsigned, write};

use super::sniff::{Keys, json_shape};
use super::unit::Units;
use super::{Format, Framing, Head, Importer, Reading};
use crate::model::Statement;

/// The JSON Schema of the format.
pub const SCHEMA: &str = include_str!("../../../assets/lineage.schema.json");

/// Reads `*.lineage.jsonl`.
pub struct Native;

static FORMAT: Format = Format {
    name: "lineage",
    version: 1,
    media_type: "application/vnd.lastgood.lineage+jsonl",
    about: "lastgood's own: one artefact, link, evidence or mark per line (JSON lines, or an array)",
    extensions: &["lineage.jsonl", "jsonl"],
};

impl Importer for Native {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let shape = json_shape(head)?;
        shape.objects.iter().any(is_line).then_some(shape.framing)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        for (at, unit) in Units::of(content, out.framing) {
            let read = match std::str::from_utf8(unit) {
                Ok(text) => line::read(text).and_then(|line| build::statement(line, at, out)),
                Err(error) => Err(format!("column {}: not UTF-8", error.valid_up_to() + 1)),
            };
            match read {
                Ok(statement) => out.say(at, statement),
                Err(reason) => out.reject(at, unit, reason),
            }
        }
    }
}

/// Whether an object is a statement of ours. The words that other formats use as a `type` too need
/// a second key to say so.
fn is_line(keys: &Keys<'_>) -> bool {
    let Some(word) = keys.get("type").and_then(|word| word.strip_prefix('"')?.strip_suffix('"')) else { return false };
    match word {
        "artefact" => keys.contains_key("id"),
        "evidence" | "absence" | "mark" => keys.contains_key("about"),
        "link" => keys.contains_key("from") && keys.contains_key("to"),
        "same-as" => keys.contains_key("a"),
        "retract" => keys.contains_key("what"),
        "note" => keys.contains_key("text") && keys.contains_key("by"),
        _ => false,
    }
}

/// Reads one line.
///
/// # Errors
/// What is wrong with it, with the column.
pub fn read_line(text: &str) -> Result<Statement, String> {
    build::statement(line::read(text)?, 0, &mut Reading::default())
}

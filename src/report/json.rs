//! The one JSON envelope every answer goes out in. It escapes whatever is not printable ASCII.

use crate::investigate::answer::{Answer, Completeness, LedgerHead};
use serde::Serialize;
use serde_json::Value;
use std::fmt::Write as _;

#[derive(Serialize)]
struct Envelope<'a, R, S> {
    schema: String,
    ledger: &'a LedgerHead,
    completeness: &'a Completeness,
    rows: &'a [R],
    #[serde(flatten)]
    summary: &'a S,
}

/// `{"schema":"lastgood/<question>/1","ledger":…,"completeness":…,"rows":[…],…}` on one line.
pub fn answer<R: Serialize, S: Serialize>(question: &str, head: &LedgerHead, answer: &Answer<R, S>) -> String {
    let envelope = Envelope {
        schema: format!("lastgood/{question}/1"),
        ledger: head,
        completeness: &answer.completeness,
        rows: &answer.rows,
        summary: &answer.summary,
    };
    ascii(&serde_json::to_value(envelope).unwrap_or(Value::Null))
}

/// The same envelope for a single thing (`stats`, `verify`, `import`, `record`): it is the one row, and
/// its fields lie beside the schema too, where a script finds them shortest.
pub fn report<S: Serialize>(question: &str, head: &LedgerHead, fields: &S) -> String {
    let row = serde_json::to_value(fields).unwrap_or(Value::Null);
    let mut object = serde_json::json!({
        "schema": format!("lastgood/{question}/1"),
        "ledger": head,
        "completeness": Completeness::exact(1),
        "rows": [&row],
    });
    if let (Some(object), Value::Object(fields)) = (object.as_object_mut(), row) {
        object.extend(fields);
    }
    ascii(&object)
}

/// JSON with every character beyond printable ASCII escaped, so that no terminal or viewer acts on it.
pub(super) fn ascii(value: &Value) -> String {
    let text = value.to_string();
    if text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 64);
    for character in text.chars() {
        if (' '..='~').contains(&character) {
            out.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_printable_ascii_leaves_and_it_reads_back() {
        let value = serde_json::json!({"name": "a\u{1b}[31m\u{202e}é\u{1f600}\u{7f}"});
        let text = ascii(&value);
        assert!(text.bytes().all(|b| (0x20..0x7f).contains(&b)));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}

//! JSON values as they were written: no key lost to a duplicate, no digit lost to a float.
//! It reads single values; events and lines have readers of their own.

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

/// Reads a value, refusing duplicate keys, and keeping as text what no number type holds.
pub(super) fn strict_value(text: &str) -> Result<Value, String> {
    let doubtful = Cell::new(false);
    // Where a number will not fit, the first reading would be for nothing.
    if has_long_number(text.as_bytes())
        && let Ok(value) = whole(&quote_long_numbers(text), &doubtful)
    {
        return Ok(value);
    }
    doubtful.set(false);
    match whole(text, &doubtful) {
        Ok(value) if !doubtful.get() => Ok(value),
        Err(error) if !out_of_range(&error) => Err(explain(&error)),
        _ => whole(&quote_long_numbers(text), &doubtful).map_err(|error| explain(&error)),
    }
}

fn whole(text: &str, doubtful: &Cell<bool>) -> serde_json::Result<Value> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Strict { doubtful }.deserialize(&mut reader)?;
    reader.end().map(|()| value)
}

/// More digits than any integer type holds.
const LONG: usize = 20;

/// Whether as many digits stand somewhere as no integer type holds, where a number may. It looks at every
/// twentieth byte only, which so many digits cannot lie between.
fn has_long_number(bytes: &[u8]) -> bool {
    let mut at = LONG - 1;
    while let Some(byte) = bytes.get(at) {
        if byte.is_ascii_digit() {
            let before = bytes.get(..at).unwrap_or_default();
            let start = before.iter().rposition(|byte| !byte.is_ascii_digit());
            let rest = bytes.get(at..).unwrap_or_default();
            let end = at + rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
            let opens = start.and_then(|at| before.get(at)).is_none_or(|byte| b" :,[-\n\t\r".contains(byte));
            if opens && end - start.map_or(0, |at| at + 1) >= LONG {
                return true;
            }
            at = end;
        }
        at += LONG;
    }
    false
}

/// How the parser says that a control character stands in a text as it is, which JSON forbids.
const CONTROL: &str = "control character (";

/// Whether that is all that is wrong, as far as it was read.
pub(super) fn is_control(fault: &str) -> bool {
    fault.contains(CONTROL)
}

/// JSON with a blank for each control character in its texts; every other byte stays where it is.
pub(super) fn without_controls(text: &str) -> String {
    let (mut within, mut escaped) = (false, false);
    let plain = text.chars().map(|c| match c {
        '"' if !escaped => {
            within = !within;
            c
        }
        '\0'..='\x1f' if within => {
            escaped = false;
            ' '
        }
        _ => {
            escaped = within && c == '\\' && !escaped;
            c
        }
    });
    plain.collect()
}

/// An element of a list: as it is written, and what it is or why that cannot be read.
pub(super) struct Element<'a> {
    pub(super) text: &'a str,
    pub(super) value: Result<Value, String>,
}

/// The elements of a list that is known to be JSON, each read once, where it stands. Nothing when it is no list.
pub(super) fn elements(list: &str) -> Option<impl Iterator<Item = Element<'_>>> {
    let mut rest = list.trim_start().strip_prefix('[')?;
    Some(std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c == ',' || c.is_ascii_whitespace());
        if rest.is_empty() || rest.starts_with(']') {
            return None;
        }
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Exact>();
        let (length, value) = match values.next() {
            Some(Ok(Exact(Some(value)))) => (values.byte_offset(), Ok(value)),
            _ => {
                let length = length_of(rest);
                (length, strict_value(rest.get(..length).unwrap_or_default()))
            }
        };
        let (text, after) = rest.split_at_checked(length)?;
        rest = after;
        Some(Element { text, value })
    }))
}

/// How long the element is that stands first.
fn length_of(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let end = match bytes.first() {
        Some(b'{' | b'[' | b'"') => super::unit::value_end(bytes, 0),
        _ => bytes.iter().position(|byte| b",]".contains(byte) || byte.is_ascii_whitespace()),
    };
    end.unwrap_or(bytes.len())
}

/// A value, unless a number in it may have lost digits.
struct Exact(Option<Value>);

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Exact, D::Error> {
        let doubtful = Cell::new(false);
        let value = Strict { doubtful: &doubtful }.deserialize(deserializer)?;
        Ok(Exact((!doubtful.get()).then_some(value)))
    }
}

/// The value that stands below another at a JSON pointer; keys without escapes are looked up as they are.
pub(super) fn below<'v>(value: &'v Value, pointer: &str) -> Option<&'v Value> {
    let step = |value: &'v Value, key: &str| match value {
        Value::Object(members) => members.get(key),
        Value::Array(list) => list.get(key.parse::<usize>().ok()?),
        _ => None,
    };
    let Some(keys) = pointer.strip_prefix('/') else { return Some(value) };
    match keys.bytes().find(|byte| matches!(byte, b'/' | b'~')) {
        None => step(value, keys),
        Some(b'~') => value.pointer(pointer),
        Some(_) if keys.contains('~') => value.pointer(pointer),
        Some(_) => keys.split('/').try_fold(value, step),
    }
}

pub(super) fn out_of_range(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("number out of range")
}

/// The parser's message with the place in front: `column 57: …`, or `line 3, column 7: …`.
pub(super) fn explain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let said = text.strip_suffix(&place).unwrap_or(&text);
    let said = match said {
        "recursion limit exceeded" => "nested more than 128 levels deep",
        "trailing characters" => "more text follows where the value ends",
        "expected ident" | "expected value" => "not JSON",
        _ if said.starts_with("EOF while parsing") => "the text ends inside the value (truncated?)",
        _ => said,
    };
    match (error.line(), error.column()) {
        (0, _) => said.to_owned(),
        (1, column) => format!("column {}: {said}", column.max(1)),
        (line, column) => format!("line {line}, column {column}: {said}"),
    }
}

/// Deserialises any value; sets `doubtful` when a number may have lost digits.
pub(super) struct Strict<'c> {
    pub(super) doubtful: &'c Cell<bool>,
}

/// Beyond this a float no longer holds every integer.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        if value.abs() >= EXACT {
            self.doubtful.set(true);
        }
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(Strict { doubtful: self.doubtful })? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(Strict { doubtful: self.doubtful })?;
            match values.entry(key) {
                Entry::Vacant(entry) => drop(entry.insert(value)),
                Entry::Occupied(entry) => {
                    return Err(A::Error::custom(format_args!("the key \"{}\" is given twice", entry.key())));
                }
            }
        }
        Ok(Value::Object(values))
    }
}

/// Puts quotes around each number that no integer and no finite float type holds as written.
pub(super) fn quote_long_numbers(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut out = String::new();
    let (mut kept, mut at) = (0, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = super::unit::value_end(bytes, at).unwrap_or(bytes.len()),
            b'-' | b'0'..=b'9' => {
                let rest = text.get(at..).unwrap_or_default();
                let len = rest
                    .find(|c: char| !matches!(c, '-' | '+' | '.' | 'e' | 'E') && !c.is_ascii_digit())
                    .unwrap_or(rest.len());
                let number = rest.get(..len).unwrap_or_default();
                if loses_digits(number) {
                    out.push_str(text.get(kept..at).unwrap_or_default());
                    out.push('"');
                    out.push_str(number);
                    out.push('"');
                    kept = at + len;
                }
                at += len;
            }
            _ => at += 1,
        }
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(kept..).unwrap_or_default());
    Cow::Owned(out)
}

fn loses_digits(number: &str) -> bool {
    if number.contains(['.', 'e', 'E']) {
        return number.parse::<f64>().is_ok_and(|value| !value.is_finite());
    }
    number.parse::<i64>().is_err() && number.parse::<u64>().is_err() && number != "-"
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn thirty_digits_stay_thirty_digits() {
        let value = strict_value(r#"{"a":[123456789012345678901234567890,-1,1.5,18446744073709551615,1e400]}"#);
        let wanted = json!({"a": ["123456789012345678901234567890", -1, 1.5, 18_446_744_073_709_551_615_u64, "1e400"]});
        assert_eq!(value, Ok(wanted));
        assert_eq!(strict_value("1e16"), Ok(json!(1e16)));
        for before in 0..45 {
            let text = format!("{}[\"a\",12345678901234567890123]", " ".repeat(before));
            assert!(has_long_number(text.as_bytes()), "{text}");
            assert_eq!(strict_value(&text), Ok(json!(["a", "12345678901234567890123"])));
        }
        assert!(!has_long_number(b"{\"a\":\"123456789012345678901234567890\",\"b\":1234567890123456789}"));
        // What is wrong is said with its place, as it is written.
        let error = strict_value("[12345678901234567890123,\n x]").unwrap_err();
        assert_eq!(error, "line 2, column 2: not JSON");
    }

    #[test]
    fn elements_are_read_where_they_stand_whatever_is_wrong_with_one() {
        let list = r#" [1, "a,]" ,{"b":[2]} , {"c":1,"c":2},123456789012345678901234567890,[],1e400]"#;
        let found: Vec<_> = elements(list).unwrap().map(|it| (it.text, it.value)).collect();
        let texts: Vec<&str> = found.iter().map(|it| it.0).collect();
        let long = "123456789012345678901234567890";
        assert_eq!(texts, ["1", "\"a,]\"", "{\"b\":[2]}", "{\"c\":1,\"c\":2}", long, "[]", "1e400"]);
        for (text, value) in found {
            assert_eq!(value, strict_value(text), "{text}");
        }
        assert!(elements("{}").is_none() && elements("null").is_none());
        assert_eq!(elements("[ ]").unwrap().count(), 0);
    }

    #[test]
    fn control_characters_become_blanks_and_nothing_moves() {
        let text = "{\n\"a\":\"x\ny\\\"\tz\\\\\",\t\"b\": 1}";
        let fault = strict_value(text).unwrap_err();
        assert!(is_control(&fault), "{fault}");
        let plain = without_controls(text);
        assert_eq!(plain.len(), text.len());
        assert_eq!(strict_value(&plain), Ok(json!({"a": "x y\" z\\", "b": 1})));
    }

    #[test]
    fn a_key_given_twice_is_named() {
        let error = strict_value(r#"{"a":{"b":1,"b":2}}"#).unwrap_err();
        assert!(error.contains("the key \"b\" is given twice"), "{error}");
    }

    #[test]
    fn what_stands_below_is_found_whatever_the_pointer() {
        let value = json!({"a": {"b": [1, {"c/d": 2}]}, "e~": 3});
        assert_eq!(below(&value, ""), Some(&value));
        assert_eq!(below(&value, "/a/b/0"), Some(&json!(1)));
        assert_eq!(below(&value, "/a/b/1/c~1d"), Some(&json!(2)));
        assert_eq!(below(&value, "/e~0"), Some(&json!(3)));
        assert_eq!(below(&value, "/a/x"), None);
    }

    #[test]
    fn too_deep_is_refused_politely() {
        let text = format!("{}{}", "[".repeat(200), "]".repeat(200));
        assert!(strict_value(&text).unwrap_err().contains("nested more than 128 levels deep"));
    }
}

//! YAML as the value that the same content in JSON would give, under limits on depth, size and aliases.
//! Words stay words: `no` is text, and a number that would not be written back as it stands (`1.10`,
//! `0123`, twenty digits) is text too. It takes no tag's word for a type of its own.

use super::json::strict_value;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use serde_saphyr::options::NonFiniteFloatPolicy;
use serde_saphyr::{Options, Spanned, alias_limits, budget, options};
use std::borrow::Cow;
use std::fmt;

/// The deepest nesting that is read: twice what a cluster's manifests have, and what fits on the stack
/// of a thread.
const DEPTH: usize = 32;

/// What one document may come to once its aliases are put in, in bytes of text and in values.
const MOST_TEXT: usize = 64 << 20;
const MOST_VALUES: usize = 2_000_000;
const MOST_REPLAYED: usize = 200_000;

/// One document of a YAML stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Document<'a> {
    /// Byte offset of its first character that is neither blank nor a comment's line.
    pub(super) at: usize,
    /// Its text from there to the next marker, without blanks at the end.
    pub(super) text: &'a str,
}

/// Cuts a stream at its `---` and `...` lines. Documents of blanks and comments alone are left out.
pub(super) fn documents(text: &str) -> impl Iterator<Item = Document<'_>> {
    let mut from = Some(0);
    std::iter::from_fn(move || {
        loop {
            let start = from?;
            let rest = text.get(start..)?;
            let (len, next) = marker(rest);
            from = next.map(|next| start + next);
            let part = rest.get(..len).unwrap_or_default();
            let skipped = blank(part, start > 0);
            let body = part.get(skipped..).unwrap_or_default().trim_end();
            if !body.is_empty() {
                return Some(Document { at: start + skipped, text: body });
            }
        }
    })
}

/// How long the text before the next marker line is, and where what follows the marker begins.
fn marker(text: &str) -> (usize, Option<usize>) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let rest = line.strip_prefix("---").or_else(|| line.strip_prefix("..."));
        if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n'])) {
            return (at, Some(at + 3));
        }
        at += line.len();
    }
    (text.len(), None)
}

/// How many bytes of blanks, comments and directives a document begins with. What stands on the line
/// of its marker begins anywhere; any other first line keeps its indentation, which is structure.
fn blank(text: &str, after_marker: bool) -> usize {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let words = line.trim_start();
        let on_marker_line = after_marker && at == 0;
        if !(words.is_empty() || words.starts_with('#') || line.starts_with('%') && !on_marker_line) {
            return if on_marker_line { line.len() - words.len() } else { at };
        }
        at += line.len();
    }
    text.len()
}

/// Reads one document.
///
/// # Errors
/// What is wrong with it, with line and column counted from the beginning of the text.
pub(super) fn value(text: &str) -> Result<Value, String> {
    // JSON is YAML, and the JSON reader says better what is wrong with it.
    if text.starts_with('{')
        && text.trim_end().ends_with('}')
        && let Ok(value) = strict_value(text)
    {
        return Ok(value);
    }
    let text = sheltered(text);
    let written: Spanned<Written> =
        serde_saphyr::from_str_with_options(&text, limits()).map_err(|error| explain(&error))?;
    Ok(plain(written, &text))
}

/// The same with lines counted in the file, for a document that begins on a later line of it.
pub(super) fn value_below(text: &str, lines_above: usize) -> Result<Value, String> {
    value(text).map_err(|fault| {
        let counted = fault.strip_prefix("line ").and_then(|rest| {
            let (line, rest) = rest.split_once(',')?;
            Some(format!("line {},{rest}", line.parse::<usize>().ok()?.saturating_add(lines_above)))
        });
        counted.unwrap_or(fault)
    })
}

/// Where a secret stood, its marker's brackets would be YAML's own.
const SHELTER: (char, char) = ('\u{2039}', '\u{203a}');

fn sheltered(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut kept = 0;
    for (at, _) in text.match_indices("[secret:") {
        let Some((_, end)) = super::seen::marker_at(text.as_bytes(), at) else { continue };
        out.push_str(text.get(kept..at).unwrap_or_default());
        out.push(SHELTER.0);
        out.push_str(text.get(at + 1..end - 1).unwrap_or_default());
        out.push(SHELTER.1);
        kept = end;
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(kept..).unwrap_or_default());
    Cow::Owned(out)
}

/// Puts the brackets back.
fn bare(text: String) -> String {
    if !text.contains("\u{2039}secret:") {
        return text;
    }
    text.split("\u{2039}secret:")
        .enumerate()
        .map(|(index, part)| match index {
            0 => part.to_owned(),
            _ => format!("[secret:{}", part.replacen(SHELTER.1, "]", 1)),
        })
        .collect()
}

fn limits() -> Options {
    options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        ignore_binary_tag_for_string: true,
        with_snippet: false,
        alias_limits: alias_limits! { max_total_replayed_events: MOST_REPLAYED },
        budget: budget! {
            max_depth: DEPTH,
            max_documents: 1,
            max_events: MOST_VALUES * 2,
            max_nodes: MOST_VALUES,
            max_total_scalar_bytes: MOST_TEXT,
            max_aliases: 10_000,
            max_anchors: 10_000,
            max_recorded_anchor_bytes: MOST_TEXT,
        },
    }
}

fn explain(error: &serde_saphyr::Error) -> String {
    let said = error.to_string();
    let said = said.lines().next().unwrap_or_default();
    let said = said.split_once(" at line ").map_or(said, |(said, _)| said);
    let said = said.split_once(", set DuplicateKeyPolicy").map_or(said, |(said, _)| said);
    match error.location().filter(|place| place.line() > 0) {
        Some(place) => format!("line {}, column {}: {said}", place.line(), place.column()),
        None => format!("not YAML that can be read: {said}"),
    }
}

/// A value with where it was written, before numbers are checked against their text.
enum Written {
    Plain(Value),
    List(Vec<Spanned<Written>>),
    Object(Vec<(String, Spanned<Written>)>),
}

/// The value, with each number that its type does not hold as written replaced by its text.
fn plain(written: Spanned<Written>, text: &str) -> Value {
    match written.value {
        Written::Plain(Value::Number(number)) => {
            let span = written.defined.span();
            let source = span.byte_offset().zip(span.byte_len()).and_then(|(at, len)| {
                let at = usize::try_from(at).ok()?;
                text.get(at..at + usize::try_from(len).ok()?).map(str::trim)
            });
            match source {
                Some(source) if !is_kept(&number, source) => Value::from(source),
                _ => Value::Number(number),
            }
        }
        Written::Plain(Value::String(text)) => Value::String(bare(text)),
        Written::Plain(value) => value,
        Written::List(items) => Value::Array(items.into_iter().map(|item| plain(item, text)).collect()),
        Written::Object(entries) => {
            Value::Object(entries.into_iter().map(|(key, item)| (bare(key), plain(item, text))).collect::<Map<_, _>>())
        }
    }
}

/// Whether a number says all that its text does. An exponent is how floats are written; an octal or a
/// trailing zero may be a version, a mode or a name.
fn is_kept(number: &serde_json::Number, source: &str) -> bool {
    if number.to_string() == source {
        return true;
    }
    let float = source.contains(['e', 'E']) && !source.starts_with("0x");
    float && source.parse::<f64>().ok() == number.as_f64()
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Written, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Written;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Written, E> {
        Ok(Written::Plain(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Written, E> {
        Ok(Written::Plain(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Written, E> {
        Ok(Written::Plain(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Written, E> {
        Ok(Written::Plain(serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Written, E> {
        Ok(Written::Plain(value.into()))
    }

    fn visit_string<E>(self, value: String) -> Result<Written, E> {
        Ok(Written::Plain(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Written, E> {
        Ok(Written::Plain(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Written, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Written::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Written, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Option<String>>()? {
            let key = key.ok_or_else(|| A::Error::custom("a key is empty"))?;
            entries.push((key, map.next_value()?));
        }
        Ok(Written::Object(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_and_versions_stay_as_they_were_written() {
        let text = "language: no\non: yes\nversion: 1.10\nmode: 0755\nbig: 123456789012345678901234567890\n\
                    hex: 0x1F\nn: 42\nf: 0.25\nrate: 2e-5\nt: true\nnil: ~\nquoted: \"1\"\nday: 2026-11-18\nnan: .nan\n";
        let wanted = json!({
            "language": "no", "on": "yes", "version": "1.10", "mode": "0755", "big": "123456789012345678901234567890",
            "hex": "0x1F", "n": 42, "f": 0.25, "rate": 2e-5, "t": true, "nil": null, "quoted": "1",
            "day": "2026-11-18", "nan": ".nan",
        });
        assert_eq!(value(text), Ok(wanted));
    }

    #[test]
    fn anchors_and_merges_are_put_in() {
        let text = "a: &a {x: 1.10, y: [1, 2]}\nb: *a\nc:\n  <<: *a\n  z: 3\n";
        let a = json!({"x": "1.10", "y": [1, 2]});
        assert_eq!(value(text), Ok(json!({"a": a, "b": a, "c": {"x": "1.10", "y": [1, 2], "z": 3}})));
    }

    #[test]
    fn what_is_hostile_is_refused_and_nothing_breaks() {
        let mut laughs = "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
        for (from, to) in ["ab", "bc", "cd", "de", "ef", "fg", "gh", "hi"].iter().map(|it| it.split_at(1)) {
            laughs.push_str(&format!("{to}: &{to} [{}]\n", vec![format!("*{from}"); 10].join(",")));
        }
        let wide = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), vec!["*a"; 9_000].join(","));
        let deep = "[".repeat(5_000) + &"]".repeat(5_000);
        let block: String = (0..500).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        for text in
            [laughs, wide, deep, block, "a: 1\na: 2\n".to_owned(), "a: *nobody\n".to_owned(), "a: [1,\n".to_owned()]
        {
            let why = value(&text).unwrap_err();
            assert!(why.len() < 400, "{why}");
        }
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(value(&nested(DEPTH)).is_ok());
        assert!(value(&nested(DEPTH + 1)).is_err());
        let twice = value("a:\n  b: 1\n  b: 2\n").unwrap_err();
        assert!(twice.starts_with("line 3, column 3: "), "{twice}");
    }

    #[test]
    fn a_secret_that_was_replaced_is_text() {
        let marker = format!("[secret:named:{}]", "0a".repeat(16));
        let text = format!("a: {marker}\nb: {{c: s3://u:{marker}@h}}\nd: \"x {marker} y\"\n");
        let wanted = json!({"a": marker, "b": {"c": format!("s3://u:{marker}@h")}, "d": format!("x {marker} y")});
        assert_eq!(value(&text), Ok(wanted));
    }

    #[test]
    fn documents_are_cut_at_their_markers() {
        let cut = |text| documents(text).map(|it| (it.at, it.text)).collect::<Vec<_>>();
        assert_eq!(
            cut("# first\na: 1\n---\n\nb: 2\n...\n---\n# nothing\n--- {c: 3}\n"),
            [(8, "a: 1"), (18, "b: 2"), (45, "{c: 3}")]
        );
        assert_eq!(cut("---\r\na: |\r\n  --- not one\r\n").len(), 1);
        assert_eq!(cut("a: ---x\n---x: 1\n").len(), 1);
        assert_eq!(cut("\n  a: 1\n  b: 2\n"), [(1, "  a: 1\n  b: 2")]);
        for text in ["", "---", "---\n...\n", "\n\n# c"] {
            assert_eq!(cut(text), []);
        }
    }
}

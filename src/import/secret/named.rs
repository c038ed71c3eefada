//! The values that stand under a telling name, in each way that texts write a name and its value.

use super::rules::Rule;
use super::value;
use regex::bytes::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// How a value was written, which says how sure its name makes us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    /// As a field or an assignment: what stands there is the value.
    Field,
    /// After a colon or with blanks about the sign: sentences look like that too.
    Loose,
    /// After an option, `--password X`.
    Option,
    /// A list of texts.
    List,
    /// A number without quotation marks.
    Number,
}

/// What may follow a name: `"name":"…"`, the same within a string of JSON, `{"name":"NAME","value":"…"}`
/// likewise and as typed values of OTLP, `'name': '…'`, `NAME=…`, `name = …`, `name: …`, `--name …`,
/// `["--name","…"]`, `name: NAME` with `value: …` on the next line, and what XML has for these.
const FORMS: [(Written, &str); 18] = [
    (Written::Field, r#""\s*:\s*"(?P<v>(?:[^"\\]|\\.)*)""#),
    (
        Written::Field,
        concat!(
            r#""\s*,\s*(?:"[A-Za-z_]{1,24}"\s*:\s*(?:"(?:[^"\\]|\\.)*"|[\w.-]+)\s*,\s*){0,2}"[Vv]alues?"\s*:\s*"#,
            r#"(?:[\[{]\s*|"[A-Za-z_]{1,16}"\s*:\s*){0,8}"(?P<v>(?:[^"\\]|\\.)*)""#,
        ),
    ),
    (Written::Field, r#""\s*:\s*\{\s*"(?:value|stringValue|string_value)"\s*:\s*"(?P<v>(?:[^"\\]|\\.)*)""#),
    (Written::Field, r#"\\"\s*:\s*\\"(?P<v>(?:[^"\\]|\\\\\\["\\]|\\\\[a-z/])*)\\""#),
    (Written::Field, r#"\\+"\s*:\s*\\+"(?P<v>[^"\\]*)\\+""#),
    (
        Written::Field,
        concat!(
            r#"\\+"\s*,\s*\\+"[Vv]alues?\\+"\s*:\s*(?:[\[{]\s*|\\+"[A-Za-z_]{1,16}\\+"\s*:\s*){0,8}"#,
            r#"\\+"(?P<v>[^"\\]*)\\+""#,
        ),
    ),
    (Written::Field, r"'\s*:\s*'(?P<v>[^'\\]*)'"),
    (Written::List, r#""\s*:\s*\[(?P<v>\s*"(?:[^"\\]|\\.)*"(?:\s*,\s*"(?:[^"\\]|\\.)*")*)\s*\]"#),
    (Written::Number, r#"(?P<q>\\*")\s*:\s*(?P<v>[0-9]{6,})\s*(?:[,}\]]|\\|$)"#),
    (Written::Field, r#"=\\*["']?(?P<v>[^\s"'\\;,&}]+)"#),
    (Written::Loose, r#"[ \t]*(?:=|:[ \t])[ \t]*\\+"(?P<v>[^"\\]+)\\+""#),
    (Written::Loose, r"[ \t]*(?:=|:[ \t])[ \t]*'(?P<v>[^'\\]+)'"),
    (Written::Loose, r#"[ \t]*(?:=|:[ \t])[ \t]*\\*["']?(?P<v>[^\s"'\\;,&}]+)"#),
    (Written::Option, r#"(?:[ \t]+\\*["']?|\\*["']\s*,\s*\\*["'])(?P<v>[^\s"'\\;,&}-][^\s"'\\;&}]*)"#),
    (Written::Field, r#"\\*["']?[ \t]*(?:\\n|\r?\n)[ \t]*value[ \t]*:[ \t]+\\*["']?(?P<v>[^\s"'\\#|>][^\r\n"'\\]*)"#),
    (Written::Field, r#""\s*>\s*(?P<v>[^<>\s]+)\s*</"#),
    (Written::Field, r#"["']\s+value\s*=\s*["'](?P<v>[^"'<>]+)["']"#),
    (Written::Field, r"(?:</name>\s*<value)?>\s*(?P<v>[^<>\s]+)\s*</"),
];

static PATTERNS: LazyLock<Vec<(Written, Regex)>> = LazyLock::new(|| {
    let ready = |(written, form): &(Written, &str)| Some((*written, Regex::new(&format!("^(?-u)(?:{form})")).ok()?));
    FORMS.iter().filter_map(ready).collect()
});

static TEXTS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"(?-u)"((?:[^"\\]|\\.)*)""#).ok());

/// A value, and the quotation mark its marker needs.
pub(super) struct Value<'a> {
    pub(super) span: Range<usize>,
    pub(super) quote: &'a [u8],
}

/// How far before a name its value may stand (`{"value":"…","name":"DB_PASSWORD"}`).
const REACH_BACK: usize = 4 * 1024;

/// The secret values of a name that an anchor ends.
pub(super) fn values<'a>(rule: &Rule, text: &'a [u8], anchor: &Range<usize>, end: usize) -> Vec<Value<'a>> {
    let option = is_option(text, anchor.start);
    let begins = match text.get(anchor.end) {
        Some(b'"' | b'\'' | b'\\' | b'=' | b':' | b'\n' | b'\r' | b'<' | b'>') => true,
        Some(b' ' | b'\t') => {
            let rest = text.get(anchor.end..text.len().min(anchor.end + 16)).unwrap_or_default();
            option || matches!(rest.trim_ascii_start().first(), Some(b'=' | b':'))
        }
        _ => false,
    };
    // A scanner's `hashed_secret` is what it keeps instead of the secret.
    if !begins || follows(text, anchor.start, b"hashed") {
        return Vec::new();
    }
    let rest = text.get(anchor.end..end).unwrap_or_default();
    let captured = PATTERNS
        .iter()
        .filter(|(written, _)| *written != Written::Option || option)
        .find_map(|(written, pattern)| Some((*written, pattern.captures(rest)?)));
    let Some((written, captures)) = captured else {
        let before = value::before(text, anchor.clone(), REACH_BACK.min(text.len()));
        return before.filter(|span| is_secret(rule, text, span)).map(plain).into_iter().collect();
    };
    let Some(range) = captures.name("v").map(|v| v.range()) else { return Vec::new() };
    let span = anchor.end + range.start..anchor.end + range.end;
    match written {
        Written::List => texts(text, &span).into_iter().filter(|span| is_secret(rule, text, span)).map(plain).collect(),
        Written::Number => {
            let quote = captures.name("q").map_or(&b""[..], |q| q.as_bytes());
            let number = matches!(rule.name, "password" | "pin").then_some(Value { span, quote });
            number.into_iter().collect()
        }
        Written::Field | Written::Loose | Written::Option => {
            let sure = match written {
                Written::Loose => alone(text, anchor.start, &span),
                Written::Option => text.get(span.end..).is_some_and(|rest| rest.starts_with(b" -")),
                _ => true,
            };
            let secret = is_secret(rule, text, &span) && (sure || is_random(text, &span));
            secret.then(|| plain(span)).into_iter().collect()
        }
    }
}

fn plain<'a>(span: Range<usize>) -> Value<'a> {
    Value { span, quote: b"" }
}

fn is_secret(rule: &Rule, text: &[u8], span: &Range<usize>) -> bool {
    text.get(span.clone()).is_some_and(|value| value::is_secret(value.trim_ascii_end(), rule))
}

fn is_random(text: &[u8], span: &Range<usize>) -> bool {
    text.get(span.clone()).and_then(|value| std::str::from_utf8(value).ok()).is_some_and(value::is_random)
}

/// The texts of a list, without their quotation marks.
fn texts(text: &[u8], list: &Range<usize>) -> Vec<Range<usize>> {
    let (Some(pattern), Some(inner)) = (TEXTS.as_ref(), text.get(list.clone())) else { return Vec::new() };
    let spans = pattern.captures_iter(inner).filter_map(|one| one.get(1).map(|it| it.range()));
    spans.map(|range| list.start + range.start..list.start + range.end).collect()
}

/// Whether a name and its value have a line to themselves.
fn alone(text: &[u8], name: usize, value: &Range<usize>) -> bool {
    let before = text.get(name.saturating_sub(128)..name).unwrap_or_default();
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
    let lead = before.iter().rposition(|byte| !word(byte)).map_or(0, |at| at + 1);
    let escaped = matches!(before.get(lead.wrapping_sub(1)), Some(b'\\'));
    let begins = escaped || {
        let indent = before.get(..lead).unwrap_or_default().trim_ascii_end();
        indent.is_empty() || matches!(indent.last(), Some(b'"' | b'\'')) || indent.ends_with(b"\\n")
    };
    let ends = match text.get(value.end) {
        None | Some(b'\n' | b'\r' | b'\\' | b'"' | b'\'') => true,
        Some(_) => false,
    };
    let code = text.get(value.clone()).is_none_or(|value| value.iter().any(|byte| b"([{".contains(byte)));
    begins && ends && !code
}

/// Whether a name is that of an option: `--db-password`.
fn is_option(text: &[u8], at: usize) -> bool {
    let before = text.get(at.saturating_sub(64)..at).unwrap_or_default();
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
    let start = before.iter().rposition(|byte| !word(byte)).map_or(0, |last| last + 1);
    // The `n` of an escaped line feed is no part of the word.
    before.get(start..).is_some_and(|word| word.starts_with(b"--") || word.starts_with(b"n--"))
}

/// Whether a name is a word of its own, and no end of a longer one.
pub(super) fn begins_a_name(text: &[u8], at: usize) -> bool {
    match at.checked_sub(1).and_then(|before| text.get(before)) {
        Some(b'-') => follows(text, at, b"--"),
        Some(b'n' | b'r' | b't') => at.checked_sub(2).and_then(|before| text.get(before)) == Some(&b'\\'),
        Some(byte) => !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'.')),
        None => true,
    }
}

/// Whether a text, in whatever case, stands right before a position.
pub(super) fn follows(bytes: &[u8], at: usize, text: &[u8]) -> bool {
    at.checked_sub(text.len())
        .and_then(|from| bytes.get(from..at))
        .is_some_and(|before| before.eq_ignore_ascii_case(text))
}

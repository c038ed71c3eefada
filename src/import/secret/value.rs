//! Weighs what a rule matched: whether it is a value at all and not a reference to one, and in which
//! spelling it is fingerprinted, so that one secret has one fingerprint wherever it was written.

use super::rules::{Rule, Shape};
use regex::bytes::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Beginnings of references and placeholders: they say where a secret is, and are none.
const REFERENCES: [&str; 24] = [
    "${",
    "$(",
    "{{",
    "%(",
    "<",
    "***",
    "vault:",
    "secret:",
    "secretref",
    "secrets/",
    "arn:",
    "projects/",
    "ref:",
    "env:",
    "file:",
    "op://",
    "sha256:",
    "hmac-sha256:",
    "os.environ",
    "process.env",
    "keyring:",
    "/",
    "[redacted",
    "(redacted",
];

/// Words that stand for a value that is not there.
const WORDS: [&str; 18] = [
    "null",
    "none",
    "nil",
    "true",
    "false",
    "string",
    "text",
    "redacted",
    "removed",
    "hidden",
    "masked",
    "filtered",
    "undefined",
    "required",
    "optional",
    "empty",
    "n/a",
    "unset",
];

/// Whether a match is a secret value, and no reference, placeholder or earlier marker.
pub(super) fn is_secret(value: &[u8], rule: &Rule) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return !value.is_empty() };
    if text.contains("[secret:") {
        return false;
    }
    match rule.shape {
        Shape::Token(_) => match rule.name {
            // `sk-` begins ordinary names too; keys have digits and letters without a word in them.
            "model-api-key" => {
                let has = |test: fn(&u8) -> bool| value.iter().skip(3).any(&test);
                has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
            }
            _ => true,
        },
        Shape::After(_) | Shape::Userinfo => !is_reference(text),
        Shape::Named(shortest) => {
            let enough = text.len() >= shortest && !is_reference(text);
            match rule.name {
                "access-token" => enough && text.bytes().all(|b| b.is_ascii_graphic() && !b"<>{}|[]".contains(&b)),
                // A passphrase has a few words; a description of what a password is has more.
                "password" => enough && text.split_whitespace().count() <= 7,
                _ => enough && !text.contains(' '),
            }
        }
    }
}

fn is_reference(text: &str) -> bool {
    let lower = text.trim().to_ascii_lowercase();
    let variable = |rest: &str| rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    lower.is_empty()
        || REFERENCES.iter().any(|beginning| lower.starts_with(beginning))
        || WORDS.contains(&lower.as_str())
        || lower.bytes().all(|b| b"*x.-_#".contains(&b))
        || text.strip_prefix('$').is_some_and(variable)
        || text.strip_prefix('%').and_then(|rest| rest.strip_suffix('%')).is_some_and(variable)
        || is_path(text)
}

/// `vault/kv/refund`: lower-case parts between slashes name a place; keys mix cases.
fn is_path(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
    };
    text.contains('/') && text.split('/').all(part)
}

/// The password between `://user:` and `@`, by its place after the anchor's start.
pub(super) fn userinfo(window: &[u8]) -> Option<Range<usize>> {
    let start = if window.starts_with(b"://") { 3 } else { 5 };
    let mut colon = None;
    for (index, byte) in window.iter().enumerate().skip(start).take(512) {
        match byte {
            b':' if colon.is_none() => colon = Some(index + 1),
            b'@' => {
                let from = colon?;
                // The last `@` before the host ends counts: passwords hold some.
                let rest = window.get(index + 1..window.len().min(index + 256)).unwrap_or_default();
                let host = rest.iter().position(|b| ends_authority(*b)).unwrap_or(rest.len());
                let last = rest.get(..host)?.iter().rposition(|b| *b == b'@').map_or(index, |at| index + 1 + at);
                return (last > from).then_some(from..last);
            }
            _ if ends_authority(*byte) => return None,
            _ => {}
        }
    }
    None
}

fn ends_authority(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'\\' | b'`' | b',')
}

/// The value in `{"value":"…","name":"DB_PASSWORD"}`, whose name an anchor ends.
pub(super) fn before(bytes: &[u8], anchor: Range<usize>, reach: usize) -> Option<Range<usize>> {
    static FORM: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let form = r#"(?-u)"value"\s*:\s*"(?P<v>(?:[^"\\]|\\.)*)"\s*,\s*"(?:name|key)"\s*:\s*"[A-Za-z0-9_.-]*$"#;
        Regex::new(form).ok()
    });
    if bytes.get(anchor.end) != Some(&b'"') {
        return None;
    }
    let from = anchor.start.saturating_sub(reach);
    let window = bytes.get(from..anchor.start)?;
    // Cheap and usually enough: the name must be the value of a "name" or "key".
    let tail = window.get(window.len().saturating_sub(96)..)?;
    memchr::memmem::find(tail, b"\"name\"").or_else(|| memchr::memmem::find(tail, b"\"key\""))?;
    let last = memchr::memmem::rfind(window, b"\"value\"")?;
    let range = FORM.as_ref()?.captures(window.get(last..)?)?.name("v")?.range();
    Some(from + last + range.start..from + last + range.end)
}

/// A secret's bytes without the escapes of the text it stood in.
pub(super) fn normalised(secret: &[u8], rule: &Rule) -> Vec<u8> {
    let mut bytes = secret.to_vec();
    if matches!(rule.shape, Shape::Userinfo) {
        bytes = percent_decoded(&bytes);
    }
    // JSON within JSON has two layers of escapes; nobody writes three.
    for _ in 0..2 {
        match unescaped(&bytes) {
            Some(plain) => bytes = plain,
            None => break,
        }
    }
    if rule.name == "private-key" {
        bytes.retain(|byte| *byte != b'\r');
    }
    bytes.trim_ascii().to_vec()
}

fn unescaped(bytes: &[u8]) -> Option<Vec<u8>> {
    if !bytes.contains(&b'\\') {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    // A key that was written with real line feeds holds no escapes, and reads as no JSON.
    serde_json::from_str::<String>(&format!("\"{text}\"")).ok().map(String::into_bytes)
}

fn percent_decoded(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok());
        match digits.filter(|_| *byte == b'%').and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    out
}

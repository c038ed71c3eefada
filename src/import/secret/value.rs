//! Weighs what a rule matched: whether it is a value at all and not a reference to one, and in which
//! spelling it is fingerprinted, so that one secret has one fingerprint wherever it was written.

use super::rules::{Rule, Shape};
use crate::model::Kind;
use base64::Engine;
use regex::bytes::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Beginnings of references and placeholders: they say where a secret is, and are none.
const REFERENCES: [&str; 28] = [
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
    "kv/",
    "ssm:",
    "aws:",
    "k8s:",
    "gcp:",
    "[redacted",
    "(redacted",
];

/// Words that stand for a value that is not there.
const WORDS: [&str; 22] = [
    "yes",
    "no",
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
    "x-oauth-basic",
    "x-access-token",
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
        Shape::After(_) | Shape::Userinfo | Shape::Cookie(_) | Shape::Curl(_) => !is_reference(text),
        Shape::Word(shortest) if rule.name == "pin" => {
            text.len() >= shortest && text.bytes().all(|byte| byte.is_ascii_digit())
        }
        Shape::Word(shortest) => {
            text.len() >= shortest
                && text.bytes().all(|b| b.is_ascii_graphic() && !b"<>{}|[]()".contains(&b))
                && is_opaque(text)
                && !is_reference(text)
                && !is_id(text)
        }
        Shape::Named(shortest) => {
            let enough = text.len() >= shortest && !is_reference(text);
            match rule.name {
                "access-token" => enough && text.bytes().all(|b| b.is_ascii_graphic() && !b"<>{}|[]".contains(&b)),
                // What is secret in one with named parts is found by their names.
                "connection-string" => enough && !text.contains(';') && !text.contains("://") && is_opaque(text),
                // A passphrase has a few words; a description of what a password is has more.
                "password" => enough && text.split_whitespace().count() <= 7,
                _ => enough && !text.contains(' '),
            }
        }
    }
}

/// Whether a scanner wrote this instead of a value, or it was replaced before.
pub(super) fn is_blanked(value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    let lower = text.to_ascii_lowercase();
    text.contains("[secret:")
        || WORDS.contains(&lower.as_str())
        || lower.bytes().all(|b| b"*x.-_#".contains(&b))
        || ["[redacted", "(redacted", "<redacted", "redacted"].iter().any(|word| lower.starts_with(word))
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

/// Where files of secrets and of programs lie.
const ROOTS: [&str; 22] = [
    "/run/",
    "/etc/",
    "/var/",
    "/secrets/",
    "/secret/",
    "/vault/",
    "/mnt/",
    "/home/",
    "/root/",
    "/users/",
    "/opt/",
    "/usr/",
    "/tmp/",
    "/srv/",
    "/proc/",
    "/dev/",
    "/data/",
    "/app/",
    "/private/",
    "/workspace/",
    "/kv/",
    "/volumes/",
];

/// `vault/kv/refund`: lower-case parts between slashes name a place; keys mix cases. So does a path
/// that begins where paths do.
fn is_path(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
    };
    match text.strip_prefix('/') {
        None => text.contains('/') && text.split('/').all(part),
        Some(rest) => {
            let lower = text.to_ascii_lowercase();
            let mixed = |part: &str| {
                let has = |test: fn(&u8) -> bool| part.as_bytes().iter().any(test);
                has(|b| b"+=".contains(b))
                    || part.len() >= 20
                        && has(u8::is_ascii_digit)
                        && has(u8::is_ascii_uppercase)
                        && has(u8::is_ascii_lowercase)
            };
            let rooted = lower == "/root" || ROOTS.iter().any(|root| lower.starts_with(root));
            rooted && !rest.split('/').any(mixed) || rest.contains('/') && rest.split('/').all(part)
        }
    }
}

/// Whether a text is the id of an artefact of ours: `deployment:refund-api`.
fn is_id(text: &str) -> bool {
    text.split_once(':').is_some_and(|(kind, _)| Kind::known().any(|known| known.as_str() == kind))
}

/// Whether a text is no word of a sentence: it holds digits or signs, or its cases are mixed.
pub(super) fn is_random(text: &str) -> bool {
    let long = text.len() >= 6 && !text.contains(['(', '[']);
    long && (text.bytes().any(|b| b.is_ascii_digit() || b"!@#$%^&*+=~?".contains(&b)) || is_mixed(text))
}

/// Whether a text has a stretch as keys have, and is no name made of words.
fn is_opaque(text: &str) -> bool {
    let stretch = |run: &str| {
        let has = |test: fn(&u8) -> bool| run.as_bytes().iter().any(test);
        run.len() >= 12 && (has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic) || is_mixed(run))
    };
    let sign = |c: char| !(c.is_ascii_alphanumeric() || "+/=_".contains(c));
    !text.contains("://") && (text.split(sign).any(stretch) || text.bytes().any(|b| b"!#$^&*~?".contains(&b)))
}

/// Whether the case changes again and again, as it does not in a name.
fn is_mixed(text: &str) -> bool {
    let changes = text.as_bytes().windows(2).filter(|pair| {
        matches!(pair, [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() && a.is_ascii_lowercase() != b.is_ascii_lowercase())
    });
    text.len() >= 16 && changes.count() * 4 >= text.len()
}

/// Whether a command that takes a user and a password stands shortly before.
pub(super) fn calls_curl(text: &[u8], at: usize) -> bool {
    let before = text.get(at.saturating_sub(512)..at).unwrap_or_default();
    memchr::memmem::rfind(before, b"curl").is_some()
}

/// The values in a `Cookie` header that are no settings, by their place in the window. It ends where
/// something else than a cookie stands, which other rules look at.
pub(super) fn cookies(window: &[u8], header: Range<usize>) -> Vec<Range<usize>> {
    const SETTINGS: [&[u8]; 5] = [b"path", b"domain", b"expires", b"max-age", b"samesite"];
    let mut found = Vec::new();
    let mut at = header.start;
    for piece in window.get(header).unwrap_or_default().split(|byte| *byte == b';') {
        let from = at + piece.len() - piece.trim_ascii_start().len();
        at += piece.len() + 1;
        let piece = piece.trim_ascii_start();
        let name = piece.iter().position(|byte| *byte == b'=').unwrap_or(piece.len());
        let (name, value) = (piece.get(..name).unwrap_or_default(), piece.get(name + 1..).unwrap_or_default());
        if name.len() > 20 || !name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(byte)) {
            break;
        }
        let length = value.iter().position(|b| b.is_ascii_whitespace() || *b == b',').unwrap_or(value.len());
        let random = value.get(..length).and_then(|value| std::str::from_utf8(value).ok()).is_some_and(is_random);
        if random && length >= 8 && !SETTINGS.iter().any(|setting| name.eq_ignore_ascii_case(setting)) {
            let start = from + name.len() + 1;
            found.push(start..start + length);
        }
        if length < value.len() {
            break;
        }
    }
    found
}

/// The password between `://user:` and `@`, and a user that is a key, by their place after the
/// anchor's start.
pub(super) fn userinfo(window: &[u8]) -> Vec<Range<usize>> {
    let start = if window.starts_with(b"://") { 3 } else { 5 };
    let mut colon = None;
    // The colons of an earlier marker part nothing.
    let marked = window.get(start..).filter(|rest| rest.starts_with(b"[secret:"));
    let first =
        marked.and_then(|rest| memchr::memchr(b']', rest.get(..96).unwrap_or(rest))).map_or(start, |end| start + end);
    for (index, byte) in window.iter().enumerate().skip(first).take(512) {
        match byte {
            b':' if colon.is_none() => colon = Some(index),
            b'@' => {
                let user = start..colon.unwrap_or(index);
                let mut found = Vec::new();
                if window.get(user.clone()).is_some_and(is_key) {
                    found.push(user);
                }
                let Some(colon) = colon else { return found };
                // The last `@` before the host ends counts: passwords hold some.
                let rest = window.get(index + 1..window.len().min(index + 256)).unwrap_or_default();
                let host = rest.iter().position(|b| ends_authority(*b)).unwrap_or(rest.len());
                let host = rest.get(..host).unwrap_or_default();
                let last = host.iter().rposition(|b| *b == b'@').map_or(index, |at| index + 1 + at);
                if last > colon + 1 {
                    found.push(colon + 1..last);
                }
                return found;
            }
            _ if ends_authority(*byte) => return Vec::new(),
            _ => {}
        }
    }
    Vec::new()
}

/// Whether a user is a key: long, of digits and letters mixed, and no host.
fn is_key(user: &[u8]) -> bool {
    let stretch =
        |run: &[u8]| run.len() >= 16 && run.iter().any(u8::is_ascii_digit) && run.iter().any(u8::is_ascii_alphabetic);
    user.split(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_')).any(stretch)
}

fn ends_authority(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'\\' | b'`' | b',')
}

/// The value in `{"value":"…","name":"DB_PASSWORD"}`, whose name an anchor ends, or on the line above the
/// name's in YAML.
pub(super) fn before(bytes: &[u8], anchor: Range<usize>, reach: usize) -> Option<Range<usize>> {
    static FORMS: LazyLock<[Option<Regex>; 2]> = LazyLock::new(|| {
        let json = concat!(
            r#"(?-u)"[Vv]alues?"\s*:\s*(?:[\[{]\s*|"[A-Za-z_]{1,16}"\s*:\s*){0,8}"(?P<v>(?:[^"\\]|\\.)*)"[\]}\s]*"#,
            r#",\s*"(?:name|key|Name|Key)"\s*:\s*"[A-Za-z0-9_.-]*$"#,
        );
        let yaml = concat!(
            r#"(?-u)value[ \t]*:[ \t]+["']?(?P<v>[^\s"'#|>][^\r\n"']*)["']?[ \t]*\r?\n[ \t]*name[ \t]*:[ \t]+"#,
            r#"["']?[A-Za-z0-9_.-]*$"#,
        );
        [json, yaml].map(|form| Regex::new(form).ok())
    });
    let from = anchor.start.saturating_sub(reach);
    let window = bytes.get(from..anchor.start)?;
    // Cheap and usually enough: the name must be the value of a "name" or "key".
    let tail = window.get(window.len().saturating_sub(96)..)?;
    let holds = |word: &str| memchr::memmem::find(tail, word.as_bytes()).is_some();
    let [json, yaml] = &*FORMS;
    let (form, opening) = match bytes.get(anchor.end)? {
        b'"' if ["\"name\"", "\"key\"", "\"Name\"", "\"Key\""].into_iter().any(holds) => (json, "\"value"),
        _ if holds("name:") => (yaml, "value:"),
        _ => return None,
    };
    let last =
        [opening, "\"Value"].into_iter().filter_map(|word| memchr::memmem::rfind(window, word.as_bytes())).max()?;
    let range = form.as_ref()?.captures(window.get(last..)?)?.name("v")?.range();
    Some(from + last + range.start..from + last + range.end)
}

/// A secret's bytes without the escapes of the text it stood in.
pub(super) fn normalised(secret: &[u8], rule: &Rule) -> Vec<u8> {
    match rule.shape {
        Shape::Userinfo => spelled(&percent_decoded(secret)),
        _ => spelled(secret),
    }
}

/// The same for a value of whatever sort.
pub(super) fn spelled(secret: &[u8]) -> Vec<u8> {
    let mut bytes = secret.to_vec();
    // JSON within JSON has two layers of escapes; nobody writes three.
    for _ in 0..2 {
        match unescaped(&bytes) {
            Some(plain) => bytes = plain,
            None => break,
        }
    }
    if bytes.starts_with(b"-----BEGIN") {
        // Indented in YAML, on one line in a variable, with either sort of line end: it is one key.
        bytes.retain(|byte| !byte.is_ascii_whitespace());
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

/// What a value is fingerprinted as that is known to be a secret whatever it looks like.
pub(super) fn stated(secret: &[u8], encoded: bool) -> Vec<u8> {
    let plain = spelled(secret);
    // A long one runs over several lines.
    let digits: Vec<u8> = plain.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let decoded = if encoded { base64::engine::general_purpose::STANDARD.decode(digits).ok() } else { None };
    let text = |bytes: &Vec<u8>| !bytes.is_empty() && std::str::from_utf8(bytes).is_ok();
    decoded.map(|bytes| spelled(&bytes)).filter(text).unwrap_or(plain)
}

pub(super) fn percent_decoded(bytes: &[u8]) -> Vec<u8> {
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

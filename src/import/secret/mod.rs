//! Replaces secret values before anything is kept: by a marker that says which rule saw one, and a
//! keyed fingerprint by which two sightings of one value are joined. It keeps key names, so that a
//! record still says what was there, and it keeps JSON JSON. It cannot know a secret that looks
//! like nothing and stands under no telling name.

mod plain;
mod rules;
mod value;

use crate::proof::fingerprint::Pepper;
use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, MatchKind};
use plain::Plain;
use regex::bytes::Regex;
use rules::{RULES, Rule, Shape};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

/// A content without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted<'a> {
    /// The bytes; the given ones when nothing was found.
    pub bytes: Cow<'a, [u8]>,
    /// What was replaced, in order.
    pub found: Vec<Sighting>,
}

/// A secret value that was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Byte offset of its marker in the redacted bytes.
    pub at: u32,
    /// The rule that saw it.
    pub rule: &'static str,
    /// What the value is known by.
    pub fingerprint: String,
}

/// How far behind an anchor a secret may end; the longest private keys are a quarter of it.
const REACH: usize = 64 * 1024;

/// How far before a name its value may stand (`{"value":"…","name":"DB_PASSWORD"}`).
const REACH_BACK: usize = 4 * 1024;

/// Replaces each secret value by `[secret:<rule>:<fingerprint>]`. Doing it twice changes nothing.
pub fn redact<'a>(bytes: &'a [u8], pepper: &Pepper) -> Redacted<'a> {
    let mut out = Vec::new();
    let mut found = Vec::new();
    let Some(finder) = FINDER.as_ref() else { return Redacted { bytes: Cow::Borrowed(bytes), found } };
    let plain = Plain::of(bytes);
    let text: &[u8] = &plain.text;
    // Up to where the text was dealt with, and up to where the bytes were.
    let (mut done, mut kept) = (0, 0);
    let mut from = 0;
    while let Some(hit) = finder.anchors.find(Input::new(text).span(from..text.len())) {
        from = hit.start() + 1;
        let Some((rule, pattern)) = finder.rule_of(hit.pattern().as_usize()) else { continue };
        let Some(span) = find(rule, pattern, text, hit.range(), done) else { continue };
        let Some(secret) = text.get(span.clone()) else { continue };
        let fingerprint = pepper.fingerprint(&value::normalised(secret, rule));
        let origin = plain.origin(span.clone());
        out.extend_from_slice(bytes.get(kept..origin.start).unwrap_or_default());
        found.push(Sighting { at: super::offset(out.len()), rule: rule.name, fingerprint: fingerprint.clone() });
        out.extend_from_slice(format!("[secret:{}:{fingerprint}]", rule.name).as_bytes());
        (done, kept) = (span.end, origin.end);
        from = from.max(done);
    }
    if found.is_empty() {
        return Redacted { bytes: Cow::Borrowed(bytes), found };
    }
    out.extend_from_slice(bytes.get(kept..).unwrap_or_default());
    Redacted { bytes: Cow::Owned(out), found }
}

/// Replaces the secrets in a single text, such as a reason or a name, and says how many there were.
pub fn redact_text(text: &str, pepper: &Pepper) -> (String, usize) {
    let redacted = redact(text.as_bytes(), pepper);
    (String::from_utf8_lossy(&redacted.bytes).into_owned(), redacted.found.len())
}

/// Where the secret lies that an anchor points to, if there is one that was not replaced yet.
fn find(rule: &Rule, patterns: &[Regex], bytes: &[u8], anchor: Range<usize>, kept: usize) -> Option<Range<usize>> {
    let window = bytes.get(anchor.start..bytes.len().min(anchor.start + REACH))?;
    let span = match rule.shape {
        // What follows a replaced secret begins anew, as it will when this is read again.
        Shape::Token(_) if !(begins_a_word(bytes, anchor.start) || kept > 0 && anchor.start == kept) => None,
        Shape::Named(_) if !matches!(bytes.get(anchor.end), Some(b'"' | b'\'' | b'\\' | b'=')) => return None,
        // A scanner's `hashed_secret` is what it keeps instead of the secret.
        Shape::Named(_) if follows(bytes, anchor.start, b"hashed") => return None,
        Shape::Userinfo => value::userinfo(window).map(|span| anchor.start + span.start..anchor.start + span.end),
        Shape::Token(_) | Shape::After(_) | Shape::Named(_) => patterns.iter().find_map(|pattern| {
            let captures = pattern.captures(window)?;
            let range = captures.name("v").or_else(|| captures.get(0))?.range();
            Some(anchor.start + range.start..anchor.start + range.end)
        }),
    };
    let span = match (span, &rule.shape) {
        (None, Shape::Named(_)) => value::before(bytes, anchor, REACH_BACK.min(bytes.len()))?,
        (span, _) => span?,
    };
    let secret = bytes.get(span.clone())?;
    let trimmed = span.start..span.start + secret.trim_ascii_end().len();
    (trimmed.start >= kept && value::is_secret(bytes.get(trimmed.clone())?, rule)).then_some(trimmed)
}

/// Whether a text, in whatever case, stands right before a position.
fn follows(bytes: &[u8], at: usize, text: &[u8]) -> bool {
    at.checked_sub(text.len())
        .and_then(|from| bytes.get(from..at))
        .is_some_and(|before| before.eq_ignore_ascii_case(text))
}

/// Whether a token may begin there: not in the middle of a word. The `n` of an escaped line feed
/// and the last digit of a percent escape are no part of a word.
fn begins_a_word(bytes: &[u8], at: usize) -> bool {
    let before = |distance: usize| at.checked_sub(distance).and_then(|at| bytes.get(at)).copied();
    match before(1) {
        Some(_) if bytes.get(at) == Some(&b'-') => true,
        Some(byte) if byte.is_ascii_alphanumeric() || byte == b'_' => {
            before(2) == Some(b'\\') && matches!(byte, b'n' | b'r' | b't')
                || before(3) == Some(b'%') && byte.is_ascii_hexdigit()
                || before(6) == Some(b'\\') && before(5) == Some(b'u')
        }
        _ => true,
    }
}

/// The rules, made ready once.
struct Finder {
    anchors: AhoCorasick,
    /// For each anchor, its rule.
    rules: Vec<usize>,
    patterns: Vec<Vec<Regex>>,
}

impl Finder {
    fn rule_of(&self, anchor: usize) -> Option<(&'static Rule, &[Regex])> {
        let index = *self.rules.get(anchor)?;
        Some((RULES.get(index)?, self.patterns.get(index)?))
    }
}

static FINDER: LazyLock<Option<Finder>> = LazyLock::new(|| {
    let anchors: Vec<(usize, &str)> = RULES
        .iter()
        .enumerate()
        .flat_map(|(index, rule)| rule.anchors.iter().map(move |anchor| (index, *anchor)))
        .collect();
    let patterns: Result<Vec<Vec<Regex>>, regex::Error> =
        RULES.iter().map(|rule| rule.patterns().iter().map(|text| Regex::new(text)).collect()).collect();
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .kind(Some(AhoCorasickKind::DFA))
        .build(anchors.iter().map(|(_, anchor)| anchor));
    let rules = anchors.into_iter().map(|(index, _)| index).collect();
    Some(Finder { anchors: automaton.ok()?, rules, patterns: patterns.ok()? })
});

#[cfg(test)]
mod tests;

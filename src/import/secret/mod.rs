//! Replaces secret values before anything is kept: by a marker that says which rule saw one, and a
//! keyed fingerprint by which two sightings of one value are joined. It keeps key names, so that a
//! record still says what was there, and it keeps JSON JSON. Escapes of JSON
//! hide nothing from it, and what a scanner's report says is secret is. It cannot know a secret that looks like nothing and stands under no telling name.

mod named;
mod plain;
mod rules;
mod scanned;
mod value;
mod wrapped;

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

/// Replaces each secret value by `[secret:<rule>:<fingerprint>]`. Doing it twice changes nothing.
pub fn redact<'a>(bytes: &'a [u8], pepper: &Pepper) -> Redacted<'a> {
    let mut out = Vec::new();
    let mut found = Vec::new();
    let Some(finder) = FINDER.as_ref() else { return Redacted { bytes: Cow::Borrowed(bytes), found } };
    let plain = Plain::of(bytes);
    let text: &[u8] = &plain.text;
    let mut stated = scanned::stated(text).into_iter().peekable();
    // Up to where the text was dealt with, and up to where the bytes were.
    let (mut done, mut kept) = (0, 0);
    let mut replace = |secret: Secret<'_>, done: &mut usize| {
        let fingerprint = pepper.fingerprint(&secret.value);
        let origin = plain.origin(secret.span.clone());
        out.extend_from_slice(bytes.get(kept..origin.start).unwrap_or_default());
        out.extend_from_slice(secret.quote);
        found.push(Sighting { at: super::offset(out.len()), rule: secret.rule, fingerprint: fingerprint.clone() });
        out.extend_from_slice(format!("[secret:{}:{fingerprint}]", secret.rule).as_bytes());
        out.extend_from_slice(secret.quote);
        (*done, kept) = (secret.span.end, origin.end);
    };
    let mut from = 0;
    loop {
        let hit = finder.anchors.find(Input::new(text).span(from..text.len()));
        while stated.next_if(|it| it.span.start < done).is_some() {}
        if let Some(next) = stated.next_if(|it| hit.is_none_or(|hit| it.span.start <= hit.start())) {
            let value = value::spelled(text.get(next.span.clone()).unwrap_or_default());
            from = next.span.end;
            replace(Secret { rule: next.rule, span: next.span, value, quote: b"" }, &mut done);
            continue;
        }
        let Some(hit) = hit else { break };
        from = hit.start() + 1;
        let Some((rule, pattern)) = finder.rule_of(hit.pattern().as_usize()) else { continue };
        for secret in find(rule, pattern, text, hit.range(), done) {
            // What a report states goes before what only seems so, and is replaced as a whole.
            let cuts = stated.peek().is_some_and(|it| it.span.start < secret.span.end && secret.span.end < it.span.end);
            if secret.span.start >= done && !cuts {
                replace(secret, &mut done);
            }
        }
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

/// A secret in a text.
struct Secret<'a> {
    rule: &'static str,
    span: Range<usize>,
    /// What is fingerprinted: the value without the escapes of the text.
    value: Vec<u8>,
    /// What its marker is put between, so that a number becomes a text.
    quote: &'a [u8],
}

/// The secrets that an anchor points to and that were not replaced yet.
fn find<'a>(
    rule: &'static Rule,
    patterns: &[Regex],
    text: &'a [u8],
    anchor: Range<usize>,
    done: usize,
) -> Vec<Secret<'a>> {
    let reach = text.len().min(anchor.start + REACH);
    let window = text.get(anchor.start..reach).unwrap_or_default();
    // What follows a replaced secret begins anew, as it will when this is read again.
    let begins = || begins_a_word(text, anchor.start) || done > 0 && anchor.start == done;
    let spans = match rule.shape {
        Shape::Named(_) => return named(rule, text, &anchor, reach),
        Shape::Word(_) if named::begins_a_name(text, anchor.start) => return named(rule, text, &anchor, reach),
        Shape::Wrapped if begins() => return wrapped(anchor.start, window).into_iter().collect(),
        Shape::Token(_) if !begins() => Vec::new(),
        Shape::Word(_) | Shape::Wrapped => Vec::new(),
        Shape::Curl(_) if !value::calls_curl(text, anchor.start) => Vec::new(),
        Shape::Userinfo => value::userinfo(window),
        Shape::Cookie(_) => first(patterns, window).map_or_else(Vec::new, |span| value::cookies(window, span)),
        Shape::Token(_) | Shape::After(_) | Shape::Curl(_) => first(patterns, window).into_iter().collect(),
    };
    let spans = spans.into_iter().map(|span| anchor.start + span.start..anchor.start + span.end);
    spans.filter_map(|span| secret(rule, text, span, b"")).collect()
}

/// Where the first of the patterns that match finds a value.
fn first(patterns: &[Regex], window: &[u8]) -> Option<Range<usize>> {
    patterns.iter().find_map(|pattern| {
        let captures = pattern.captures(window)?;
        Some(captures.name("v").or_else(|| captures.get(0))?.range())
    })
}

fn named<'a>(rule: &'static Rule, text: &'a [u8], anchor: &Range<usize>, reach: usize) -> Vec<Secret<'a>> {
    let values = named::values(rule, text, anchor, reach);
    values.into_iter().filter_map(|it| secret(rule, text, it.span, it.quote)).collect()
}

/// A value as a secret, when it is one.
fn secret<'a>(rule: &'static Rule, text: &[u8], span: Range<usize>, quote: &'a [u8]) -> Option<Secret<'a>> {
    let found = text.get(span.clone())?.trim_ascii_end();
    let span = span.start..span.start + found.len();
    // What stands right before a marker was weighed as a whole with what the marker replaced.
    let cut =
        matches!(rule.shape, Shape::After(_)) && text.get(span.end..).is_some_and(|rest| rest.starts_with(b"[secret:"));
    (!cut && value::is_secret(found, rule)).then(|| Secret {
        rule: rule.name,
        span,
        value: value::normalised(found, rule),
        quote,
    })
}

/// The token that the base64 at an anchor holds; its marker takes the place of the whole run.
fn wrapped<'a>(at: usize, window: &[u8]) -> Option<Secret<'a>> {
    let (length, decoded) = wrapped::decoded(window)?;
    let tokens = FINDER.as_ref()?.patterns.iter().zip(RULES).filter(|(_, rule)| matches!(rule.shape, Shape::Token(_)));
    for (patterns, rule) in tokens {
        let Some(value) = first(patterns, &decoded).and_then(|span| decoded.get(span)) else { continue };
        let value = value.trim_ascii_end();
        if value::is_secret(value, rule) {
            let value = value::normalised(value, rule);
            return Some(Secret { rule: rule.name, span: at..at + length, value, quote: b"" });
        }
    }
    None
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

//! Replaces secret values before anything is kept: by a marker that says which rule saw one, and a
//! keyed fingerprint by which two sightings of one value are joined. It keeps key names, so that a
//! record still says what was there, and it keeps JSON JSON. Escapes of JSON, base64, hexadecimal and
//! percent signs hide nothing from it, and what a scanner's report says is secret is. It cannot know a
//! secret that looks like nothing and stands under no telling name.

mod enclosed;
mod manifest;
mod named;
mod plain;
mod rules;
mod scanned;
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
    /// Byte offset in the redacted bytes of its marker, or of the text within the text that holds it.
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
    redact_within(bytes, pepper, 0)
}

/// The same for a text that is written within so many others.
fn redact_within<'a>(bytes: &'a [u8], pepper: &Pepper, depth: usize) -> Redacted<'a> {
    let edits = match super::weights::texts(bytes) {
        Some(texts) => edits_of_texts(bytes, &texts, pepper),
        None => edits(bytes, pepper, depth),
    };
    let mut found = Vec::new();
    if edits.is_empty() {
        return Redacted { bytes: Cow::Borrowed(bytes), found };
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut kept = 0;
    for edit in edits {
        out.extend_from_slice(bytes.get(kept..edit.origin.start).unwrap_or_default());
        let at = super::offset(out.len() + edit.marker);
        found.extend(edit.secrets.into_iter().map(|(rule, fingerprint)| Sighting { at, rule, fingerprint }));
        out.extend_from_slice(&edit.bytes);
        kept = edit.origin.end;
    }
    out.extend_from_slice(bytes.get(kept..).unwrap_or_default());
    Redacted { bytes: Cow::Owned(out), found }
}

/// The edits of a header whose texts stand behind their lengths, which are kept true. What follows the last
/// text that could be walked to is looked at as one.
fn edits_of_texts(bytes: &[u8], texts: &[Range<usize>], pepper: &Pepper) -> Vec<Edit> {
    let mut all = Vec::new();
    let rest = texts.last().map_or(0, |last| last.end)..bytes.len();
    for (text, counted) in texts.iter().map(|text| (text, true)).chain([(&rest, false)]) {
        let mut edits = edits(bytes.get(text.clone()).unwrap_or_default(), pepper, 0);
        if edits.is_empty() {
            continue;
        }
        let grown: usize = edits.iter().map(|edit| edit.bytes.len()).sum();
        let taken: usize = edits.iter().map(|edit| edit.origin.len()).sum();
        if counted {
            let length = (text.len() + grown - taken) as u64;
            let origin = text.start - 8..text.start;
            all.push(Edit { origin, bytes: length.to_le_bytes().to_vec(), marker: 0, secrets: Vec::new() });
        }
        for edit in &mut edits {
            edit.origin = text.start + edit.origin.start..text.start + edit.origin.end;
        }
        all.append(&mut edits);
    }
    all
}

/// The rule and the fingerprint of each of some secrets.
type Secrets = Vec<(&'static str, String)>;

/// What takes the place of some bytes.
struct Edit {
    origin: Range<usize>,
    bytes: Vec<u8>,
    /// Where in them the marker begins.
    marker: usize,
    secrets: Secrets,
}

/// A stretch of a text that is known to be or to hold secrets before any rule is tried.
struct Stated {
    span: Range<usize>,
    becomes: Becomes,
}

enum Becomes {
    /// A value, which is fingerprinted as base64 decodes it when it is so encoded.
    Marker { rule: &'static str, encoded: bool },
    /// A text of which the secrets were replaced.
    Text { bytes: Vec<u8>, secrets: Secrets },
}

impl Stated {
    fn value(span: Range<usize>, rule: &'static str, encoded: bool) -> Stated {
        Stated { span, becomes: Becomes::Marker { rule, encoded } }
    }

    fn rule(&self) -> Option<&'static str> {
        match self.becomes {
            Becomes::Marker { rule, .. } => Some(rule),
            Becomes::Text { .. } => None,
        }
    }

    fn edit(self, origin: Range<usize>, value: &[u8], pepper: &Pepper) -> Edit {
        match self.becomes {
            Becomes::Text { bytes, secrets } => Edit { origin, bytes, marker: 0, secrets },
            Becomes::Marker { rule, encoded } => {
                let value = value::stated(value, encoded);
                let mut edit = marker(origin, rule, &value, b"", pepper);
                // A file that is a secret as a whole may hold others, which are known by themselves too.
                for inner in redact_within(&value, pepper, 1).found {
                    if edit.secrets.iter().all(|(_, known)| *known != inner.fingerprint) {
                        edit.bytes.extend(format!("[secret:{}:{}]", inner.rule, inner.fingerprint).into_bytes());
                        edit.secrets.push((inner.rule, inner.fingerprint));
                    }
                }
                edit
            }
        }
    }
}

fn marker(origin: Range<usize>, rule: &'static str, value: &[u8], quote: &[u8], pepper: &Pepper) -> Edit {
    let fingerprint = pepper.fingerprint(value);
    let text = format!("[secret:{rule}:{fingerprint}]");
    Edit {
        origin,
        bytes: [quote, text.as_bytes(), quote].concat(),
        marker: quote.len(),
        secrets: vec![(rule, fingerprint)],
    }
}

/// What is stated of a text, in order and without overlaps: of two the one that begins first counts, and of
/// those the longer.
fn stated(text: &[u8], pepper: &Pepper, depth: usize) -> Vec<Stated> {
    let mut found = scanned::stated(text);
    let manifests = manifest::values(text).into_iter();
    found.extend(manifests.filter(|it| text.get(it.span.clone()).is_some_and(|value| !value::is_blanked(value))));
    found.extend(
        enclosed::enclosed(text, pepper, depth)
            .into_iter()
            .map(|it| Stated { span: it.span, becomes: Becomes::Text { bytes: it.bytes, secrets: it.secrets } }),
    );
    found.sort_by_key(|it| (it.span.start, std::cmp::Reverse(it.span.end)));
    let mut end = 0;
    found.retain(|it| {
        let free = it.span.start >= end;
        if free {
            end = it.span.end;
        }
        free
    });
    found
}

/// What is to be replaced, in order.
fn edits(bytes: &[u8], pepper: &Pepper, depth: usize) -> Vec<Edit> {
    let mut edits = Vec::new();
    let Some(finder) = FINDER.as_ref() else { return edits };
    let plain = Plain::of(bytes);
    let text: &[u8] = &plain.text;
    let mut stated = stated(text, pepper, depth).into_iter().peekable();
    // Up to where the text was dealt with.
    let mut done = 0;
    let mut from = 0;
    loop {
        let hit = finder.anchors.find(Input::new(text).span(from..text.len()));
        while stated.next_if(|it| it.span.start < done).is_some() {}
        if let Some(next) = stated.next_if(|it| hit.is_none_or(|hit| it.span.start <= hit.start())) {
            (from, done) = (next.span.end, next.span.end);
            let value = text.get(next.span.clone()).unwrap_or_default();
            let origin = plain.origin(next.span.clone());
            edits.push(next.edit(origin, value, pepper));
            continue;
        }
        let Some(hit) = hit else { break };
        from = hit.start() + 1;
        let Some((rule, pattern)) = finder.rule_of(hit.pattern().as_usize()) else { continue };
        for secret in find(rule, pattern, text, hit.range(), done) {
            // What is stated goes before what only seems so, and is replaced as a whole.
            let cuts = stated.peek().is_some_and(|it| it.span.start < secret.span.end && secret.span.end < it.span.end);
            if secret.span.start >= done && !cuts {
                done = secret.span.end;
                let origin = plain.origin(secret.span);
                edits.push(marker(origin, secret.rule, &secret.value, secret.quote, pepper));
            }
        }
        from = from.max(done);
    }
    edits
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
        Shape::Token(_) if !begins() => Vec::new(),
        Shape::Word(_) => Vec::new(),
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
    let found = text.get(span.clone())?;
    // A tag that is closed is no part of what it holds.
    let found =
        memchr::memmem::find(found, b"</").filter(|at| *at > 0).map_or(found, |at| found.get(..at).unwrap_or(found));
    let found = found.trim_ascii_end();
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
#[cfg(test)]
mod within_tests;

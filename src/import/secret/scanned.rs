//! The values that a secret scanner's report says are secrets, whatever they look like. A report is
//! known by a key only such a scanner writes; in other texts this finds nothing.

use super::{Stated, value};
use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem::Finder;
use std::ops::Range;
use std::sync::LazyLock;

/// The rule's name in markers.
pub(super) const FOUND: &str = "scanner-finding";
/// The rule's name for what a scanner keeps instead of a value: it can be guessed back.
const HASHED: &str = "hashed-secret";

/// One scanner's habits.
struct Habit {
    /// A key that shows that a text is its report.
    mark: Finder<'static>,
    /// Keys whose values are secrets.
    keys: &'static [&'static [u8]],
    /// Keys whose values quote the secret with what stands about it.
    quoting: &'static [&'static [u8]],
    rule: &'static str,
}

static HABITS: LazyLock<[Habit; 5]> = LazyLock::new(|| {
    let habit = |mark: &'static str, keys, quoting, rule| Habit { mark: Finder::new(mark), keys, quoting, rule };
    [
        habit("\"RuleID\"", &[b"\"Secret\""], &[b"\"Match\"", b"\"Line\""], FOUND),
        habit("\"DetectorName\"", &[b"\"RawV2\"", b"\"Raw\""], &[], FOUND),
        habit("\"secret_type\"", &[b"\"secret\""], &[], FOUND),
        habit("\"secret_detection\"", &[b"\"raw_source_code_extract\""], &[], FOUND),
        habit("\"plugins_used\"", &[b"\"hashed_secret\""], &[], HASHED),
    ]
});

/// A value shorter than that is replaced only where a report says that it stands.
const TELLING: usize = 12;

/// The longest value looked at.
const LONGEST: usize = 64 * 1024;

/// What reports in a text say is secret, in no order.
pub(super) fn stated(text: &[u8]) -> Vec<Stated> {
    let mut found: Vec<Stated> = Vec::new();
    let mut quoting: Vec<Range<usize>> = Vec::new();
    for habit in HABITS.iter().filter(|habit| habit.mark.find(text).is_some()) {
        for key in habit.keys {
            for span in values(text, key) {
                found.extend(parts(text, span).into_iter().map(|span| Stated::value(span, habit.rule, false)));
            }
        }
        for key in habit.quoting {
            quoting.extend(values(text, key));
        }
    }
    if !found.is_empty() {
        repeat(text, &mut found, &mut quoting);
    }
    found
}

/// Adds the other places where the found values stand.
fn repeat(text: &[u8], found: &mut Vec<Stated>, quoting: &mut [Range<usize>]) {
    let mut words: Vec<&[u8]> =
        found.iter().filter(|it| it.rule() == Some(FOUND)).filter_map(|it| text.get(it.span.clone())).collect();
    words.sort_unstable();
    words.dedup();
    quoting.sort_by_key(|span| span.start);
    let Ok(automaton) = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&words) else { return };
    for hit in automaton.find_iter(text) {
        let before = quoting.partition_point(|span| span.start <= hit.start());
        let quoted = before.checked_sub(1).and_then(|at| quoting.get(at)).is_some_and(|span| hit.end() <= span.end);
        if quoted && hit.len() > 3 || hit.len() >= TELLING {
            found.push(Stated::value(hit.range(), FOUND, false));
        }
    }
}

/// The texts under a key, as places between their quotation marks, that are values.
fn values(text: &[u8], key: &[u8]) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    for at in memchr::memmem::find_iter(text, key) {
        let after = at + key.len();
        let rest = text.get(after..).unwrap_or_default();
        let colon = rest.trim_ascii_start();
        let Some(value) = colon.strip_prefix(b":").map(<[u8]>::trim_ascii_start) else { continue };
        let Some(value) = value.strip_prefix(b"\"") else { continue };
        let start = text.len() - value.len();
        let Some(len) = length(value) else { continue };
        spans.push(start..start + len);
    }
    spans
}

/// How long a string is whose text begins there.
fn length(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    let reach = text.get(..LONGEST).unwrap_or(text);
    loop {
        at += memchr::memchr2(b'"', b'\\', reach.get(at..)?)?;
        match reach.get(at) {
            Some(b'"') => return Some(at),
            _ => at += 2,
        }
    }
}

/// A value, the password in it, or its two halves where it is an access key's id and the key behind
/// it; nothing when the scanner blanked it itself or it was replaced before.
fn parts(text: &[u8], span: Range<usize>) -> Vec<Range<usize>> {
    let value = text.get(span.clone()).unwrap_or_default();
    let from = span.start + value.len() - value.trim_ascii_start().len();
    let value = value.trim_ascii();
    let span = from..from + value.len();
    if value.is_empty() || value::is_blanked(value) {
        return Vec::new();
    }
    // Elsewhere the password of a URL is known by itself.
    if let Some(at) = memchr::memmem::find(value, b"://") {
        let inner = value::userinfo(value.get(at..).unwrap_or_default());
        if !inner.is_empty() {
            let at = span.start + at;
            return inner.into_iter().map(|part| at + part.start..at + part.end).collect();
        }
    }
    match value.iter().position(|byte| *byte == b':') {
        Some(at) if (value.starts_with(b"AKIA") || value.starts_with(b"ASIA")) && at + 1 < value.len() => {
            vec![span.start..span.start + at, span.start + at + 1..span.end]
        }
        _ => vec![span],
    }
}

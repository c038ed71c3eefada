//! The bytes as rules read them: escapes that hide plain ASCII (`\u0070`, `\/`) are written out, also
//! within JSON that is itself text in JSON, and each place can be traced back to the bytes it came
//! from. It judges nothing, and other escapes stay as they are.

use memchr::memmem::Finder;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

static HEX: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\\u00"));
static SLASH: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\\/"));

/// A text without needless escapes.
pub(super) struct Plain<'a> {
    pub(super) text: Cow<'a, [u8]>,
    /// The escapes that were written out, in order: where each stands in `text` and in the bytes.
    undone: Vec<Undone>,
}

struct Undone {
    here: Range<usize>,
    there: Range<usize>,
}

impl<'a> Plain<'a> {
    /// Undoes the escapes; copies nothing where there are none.
    pub(super) fn of(bytes: &'a [u8]) -> Plain<'a> {
        let mut next = Next::new(bytes);
        let Some(mut at) = next.from(0) else { return Plain { text: Cow::Borrowed(bytes), undone: Vec::new() } };
        let mut text = Vec::with_capacity(bytes.len());
        let mut undone = Vec::new();
        let mut kept = 0;
        loop {
            let run = bytes.get(kept..=at).unwrap_or_default().iter().rev().take_while(|byte| **byte == b'\\').count();
            let end = match bytes.get(at + 1) {
                Some(b'u') => at + 6,
                _ => at + 2,
            };
            let (backslashes, layer) = if run % 2 == 1 { (1, 1) } else { (run, run) };
            let plain = character(bytes.get(at + 1..end).unwrap_or_default());
            if let Some(plain) = plain.filter(|_| matches!(layer, 1 | 2 | 4)) {
                let there = at + 1 - backslashes..end;
                text.extend_from_slice(bytes.get(kept..there.start).unwrap_or_default());
                let start = text.len();
                write(&mut text, plain, layer);
                kept = end;
                undone.push(Undone { here: start..text.len(), there });
            }
            match next.from(kept.max(at + 1)) {
                Some(further) => at = further,
                None => break,
            }
        }
        text.extend_from_slice(bytes.get(kept..).unwrap_or_default());
        Plain { text: Cow::Owned(text), undone }
    }

    /// Where a stretch of the text lies in the bytes; an escape it touches belongs to it.
    pub(super) fn origin(&self, span: Range<usize>) -> Range<usize> {
        let start = match floor(&self.undone, |it| it.here.start <= span.start) {
            Some(it) if span.start < it.here.end => it.there.start,
            Some(it) => it.there.end + (span.start - it.here.end),
            None => span.start,
        };
        let end = match floor(&self.undone, |it| it.here.start < span.end) {
            Some(it) if span.end <= it.here.end => it.there.end,
            Some(it) => it.there.end + (span.end - it.here.end),
            None => span.end,
        };
        start..end.max(start)
    }
}

/// The last of an ordered list for which a test still holds.
fn floor(undone: &[Undone], holds: impl Fn(&Undone) -> bool) -> Option<&Undone> {
    undone.get(undone.partition_point(holds).checked_sub(1)?)
}

/// Finds the escapes in turn; each of the two sorts is searched for once, however often it is asked.
struct Next<'a> {
    bytes: &'a [u8],
    hex: Option<usize>,
    slash: Option<usize>,
}

impl<'a> Next<'a> {
    fn new(bytes: &'a [u8]) -> Next<'a> {
        Next { bytes, hex: HEX.find(bytes), slash: SLASH.find(bytes) }
    }

    fn from(&mut self, at: usize) -> Option<usize> {
        let rest = self.bytes.get(at..).unwrap_or_default();
        for (found, finder) in [(&mut self.hex, &HEX), (&mut self.slash, &SLASH)] {
            if found.is_some_and(|found| found < at) {
                *found = finder.find(rest).map(|found| found + at);
            }
        }
        [self.hex, self.slash].into_iter().flatten().min()
    }
}

/// What an escape without its backslash stands for, when that is a plain character.
fn character(escape: &[u8]) -> Option<u8> {
    if escape == b"/" {
        return Some(b'/');
    }
    let digits = escape.strip_prefix(b"u00").filter(|digits| digits.len() == 2)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    (matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t')).then_some(byte)
}

/// Writes a character as a text does that is within `layer` backslashes' worth of JSON.
fn write(text: &mut Vec<u8>, plain: u8, layer: usize) {
    let (backslashes, byte) = match plain {
        b'"' | b'\\' => (2 * layer - 1, plain),
        b'\n' => (layer, b'n'),
        b'\r' => (layer, b'r'),
        b'\t' => (layer, b't'),
        _ => (0, plain),
    };
    text.extend(std::iter::repeat_n(b'\\', backslashes));
    text.push(byte);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn what_is_written_out_means_the_same() {
        for text in [
            r#"{"a":"gh\u0070_\u0022\u005c\u000a\u0009\u000d\/ \\u0070 x"}"#,
            r#"{"\u0061":"\\\u0061\\\\","b":"\u00e9\u0000\u001f\u007f"}"#,
            r#"["\u0061\u0062", "\ud83d\ude00\u002F"]"#,
        ] {
            let plain = Plain::of(text.as_bytes());
            let wanted: Value = serde_json::from_str(&text.replace(r"\\u0070", "p")).unwrap();
            assert_eq!(serde_json::from_slice::<Value>(&plain.text).unwrap(), wanted, "{text}");
        }
    }

    #[test]
    fn json_within_json_is_written_out_too() {
        let inner = r#"{"a":"\u0022\u0070\u005c\/\u000a"}"#;
        let outer = serde_json::json!({ "t": inner }).to_string();
        let plain: Value = serde_json::from_slice(&Plain::of(outer.as_bytes()).text).unwrap();
        let read: Value = serde_json::from_str(plain["t"].as_str().unwrap()).unwrap();
        assert_eq!(read, serde_json::from_str::<Value>(inner).unwrap());
    }

    #[test]
    fn places_are_traced_back() {
        let text = br"ab\u0063d\u0022e\/f";
        let plain = Plain::of(text);
        assert_eq!(&*plain.text, br#"abcd\"e/f"#);
        assert_eq!(plain.origin(0..2), 0..2);
        assert_eq!(plain.origin(2..3), 2..8);
        assert_eq!(plain.origin(1..4), 1..9);
        assert_eq!(plain.origin(4..5), 9..15);
        assert_eq!(plain.origin(5..7), 9..16);
        assert_eq!(plain.origin(7..9), 16..19);
        assert_eq!(plain.origin(0..9), 0..text.len());
    }
}

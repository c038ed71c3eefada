//! Texts that are written within a text: in base64, in hexadecimal, with percent signs, and manifests as
//! strings of JSON. Each is read as text of its own, and written back the same way without its secrets; of
//! base64, what ran over several lines then stands on one, and what gzip had made small is no longer so. It looks
//! into nothing else that is compressed or encrypted, and into bytes that are no text.

use super::{Redacted, Secrets, manifest};
use crate::import::seen::marker_at;
use crate::proof::fingerprint::Pepper;
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::borrow::Cow;
use std::ops::Range;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const STANDARD_BARE: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT.with_encode_padding(false));
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
const URL_SAFE_BARE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT.with_encode_padding(false));

/// The shortest stretch that is looked into.
const SHORTEST: usize = 24;
/// The same for hexadecimal digits.
const SHORTEST_HEX: usize = 32;
/// How often a text may be written within another.
const DEPTH: usize = 3;
/// How many beginnings of a stretch are tried: paths and names run into what follows them.
const TRIES: usize = 12;

/// A stretch of a text that holds another, and what it becomes.
pub(super) struct Enclosed {
    pub(super) span: Range<usize>,
    pub(super) bytes: Vec<u8>,
    pub(super) secrets: Secrets,
}

/// The stretches whose texts hold secrets, in no order; they may overlap.
pub(super) fn enclosed(text: &[u8], pepper: &Pepper, depth: usize) -> Vec<Enclosed> {
    let mut found = Vec::new();
    if depth < DEPTH {
        runs(text, pepper, depth, &mut found);
        percents(text, pepper, depth, &mut found);
        for span in manifest::quoted(text) {
            found.extend(string(text, span, pepper, depth));
        }
    }
    found
}

/// What a text becomes, when it holds secrets.
fn within(text: &[u8], pepper: &Pepper, depth: usize) -> Option<(Vec<u8>, Secrets)> {
    let Redacted { bytes, found } = super::redact_within(text, pepper, depth + 1);
    let secrets = found.into_iter().map(|it| (it.rule, it.fingerprint)).collect::<Secrets>();
    (!secrets.is_empty()).then(|| (bytes.into_owned(), secrets))
}

/// The marker alone, where a text was nothing but a secret.
fn marker_alone(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii();
    matches!(marker_at(text, 0), Some((_, end)) if end == text.len()).then(|| text.to_vec())
}

/// No digit of base64.
const NONE: u8 = 0xff;

/// What each byte is worth as a digit of base64, in either alphabet.
const fn sextets() -> [u8; 256] {
    let mut table = [NONE; 256];
    let mut byte = 0_u8;
    loop {
        table[byte as usize] = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => NONE,
        };
        if byte == u8::MAX {
            return table;
        }
        byte += 1;
    }
}

static SEXTETS: [u8; 256] = sextets();

fn sextet(byte: u8) -> u8 {
    SEXTETS.get(usize::from(byte)).copied().unwrap_or(NONE)
}

fn is_digit(byte: u8) -> bool {
    sextet(byte) != NONE
}

/// Looks into stretches of digits of base64, which those of hexadecimal are too. Most bytes are never
/// looked at: a stretch that is long enough cannot lie between two others closer than that.
fn runs(text: &[u8], pepper: &Pepper, depth: usize, found: &mut Vec<Enclosed>) {
    let mut at = 0;
    // Up to where lines were looked at as one.
    let mut lines = 0;
    while let Some(window) = text.get(at..at + SHORTEST) {
        if let Some(other) = window.iter().rposition(|byte| !is_digit(*byte)) {
            at += other + 1;
            continue;
        }
        let rest = text.get(at + SHORTEST..).unwrap_or_default();
        let end = at + SHORTEST + rest.iter().position(|byte| !is_digit(*byte)).unwrap_or(rest.len());
        let mut from = begin(text, at);
        if from >= lines
            && let Some(block) = wrapped(text, from, end)
        {
            lines = block.end;
            if let Some(next) = block.enclosed(text, pepper, depth) {
                at = next.span.end;
                found.push(next);
                continue;
            }
        }
        for _ in 0..TRIES {
            let Some(next) = run(text, from..end, pepper, depth) else {
                // What stands before it may have run into it.
                let piece = text.get(from..end).unwrap_or_default();
                match piece.iter().position(|byte| !byte.is_ascii_alphanumeric()) {
                    Some(sign) if piece.len() - sign > SHORTEST => from += sign + 1,
                    _ => break,
                }
                continue;
            };
            found.push(next);
            break;
        }
        at = end + 1;
    }
}

/// Where a stretch begins when what stands before it is an escape.
fn begin(text: &[u8], at: usize) -> usize {
    match (at.checked_sub(1).and_then(|before| text.get(before)), text.get(at)) {
        (Some(b'\\'), Some(b'n' | b'r' | b't')) => at + 1,
        (Some(b'%'), Some(_)) => at + 2,
        _ => at,
    }
}

fn run(text: &[u8], span: Range<usize>, pepper: &Pepper, depth: usize) -> Option<Enclosed> {
    let digits = text.get(span.clone())?;
    let hex = digits.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(digits.len());
    if hex >= SHORTEST_HEX {
        let hex = &digits[..hex - hex % 2];
        let pair = |pair: &[u8]| match pair {
            [high, low] => Some(nibble(*high) << 4 | nibble(*low)),
            _ => None,
        };
        let plain = begins_plain(hex.chunks_exact(2).take(8).filter_map(pair));
        let decoded = if plain { hex::decode(hex).ok().filter(|bytes| is_plain(bytes)) } else { None };
        if let Some((bytes, secrets)) = decoded.and_then(|bytes| within(&bytes, pepper, depth)) {
            let bytes = marker_alone(&bytes).unwrap_or_else(|| written(&bytes, |part| hex::encode(part)));
            return Some(Enclosed { span: span.start..span.start + hex.len(), bytes, secrets });
        }
    }
    of_digits(text, digits, span, pepper, depth)
}

/// What digits of base64 become that stand in a stretch of a text, which may have breaks in it.
fn of_digits(text: &[u8], digits: &[u8], span: Range<usize>, pepper: &Pepper, depth: usize) -> Option<Enclosed> {
    // A stretch that was cut off ends in a digit that says nothing.
    let (digits, end) = match digits {
        [whole @ .., _] if digits.len() % 4 == 1 => (whole, span.end - 1),
        digits => (digits, span.end),
    };
    let three = |four: &[u8]| {
        let bits = four.iter().fold(0_u32, |bits, digit| bits << 6 | u32::from(sextet(*digit)));
        let [_, bytes @ ..] = bits.to_be_bytes();
        bytes
    };
    let packed = digits.starts_with(PACKED);
    if digits.len() < SHORTEST || !packed && !begins_plain(digits.chunks_exact(4).take(4).flat_map(three)) {
        return None;
    }
    let rest = text.get(end..).unwrap_or_default();
    let padding = rest.iter().take(2).take_while(|byte| **byte == b'=').count();
    // Without a sign of either alphabet, only that of URLs is written without padding.
    let whole = padding > 0 || digits.len() % 4 == 0;
    let signs = |signs: &[u8]| digits.iter().any(|byte| signs.contains(byte));
    let engine = match (signs(b"-_") || !whole && !signs(b"+/"), whole) {
        (false, true) => &STANDARD,
        (false, false) => &STANDARD_BARE,
        (true, true) => &URL_SAFE,
        (true, false) => &URL_SAFE_BARE,
    };
    let decoded = engine.decode(digits).ok();
    let decoded = if packed { decoded.and_then(|it| unpacked(&it)) } else { decoded };
    let decoded = decoded.filter(|bytes| is_plain(bytes))?;
    let (bytes, secrets) = within(&decoded, pepper, depth)?;
    // What is signed or read on has to stay base64, so the markers are in it; `seen` finds them there.
    let bytes = marker_alone(&bytes).unwrap_or_else(|| engine.encode(&bytes).into_bytes());
    Some(Enclosed { span: span.start..end + padding, bytes, secrets })
}

/// How base64 of what gzip has written begins.
const PACKED: &[u8] = b"H4sI";

/// The longest text that is looked for in what gzip has written; where a secret is in it, the rest is left out.
const LARGEST: u64 = 1 << 20;

fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    use std::io::Read as _;
    let mut text = Vec::new();
    let read = flate2::read::MultiGzDecoder::new(bytes).take(LARGEST).read_to_end(&mut text);
    // What was cut off holds what it holds up to there, and a character may have been cut.
    let cut = read.is_err() || text.len() as u64 == LARGEST;
    let whole = text.utf8_chunks().next().map_or(0, |chunk| chunk.valid().len());
    if cut && text.len() - whole < 4 {
        text.truncate(whole);
    }
    (!text.is_empty()).then_some(text)
}

/// The shortest line that a longer text in base64 is broken into.
const SHORTEST_LINE: usize = 60;

/// Digits of base64 on several lines: all of one length but the last.
struct Wrapped {
    start: usize,
    /// Where the last full line ends, and how many digits stand up to there.
    full: (usize, usize),
    end: usize,
    digits: Vec<u8>,
}

/// The lines that belong to one that ends there, when there are any.
fn wrapped(text: &[u8], start: usize, end: usize) -> Option<Wrapped> {
    let length = end - start;
    if length < SHORTEST_LINE {
        return None;
    }
    let digits = text.get(start..end)?.to_vec();
    let mut block = Wrapped { start, full: (end, length), end, digits };
    while let Some(begin) = next_line(text, block.end) {
        let rest = text.get(begin..)?;
        let count = rest.iter().position(|byte| !is_digit(*byte)).unwrap_or(rest.len()).min(length);
        // What begins a line of another sort is no digit.
        let over = rest.get(count).is_none_or(|byte| b"=\r\n\"'\\ \t<&`,)".contains(byte));
        if count == 0 || !over {
            break;
        }
        block.digits.extend_from_slice(rest.get(..count)?);
        block.end = begin + count;
        if count < length {
            break;
        }
        block.full = (block.end, block.digits.len());
    }
    (block.end > end).then_some(block)
}

/// Where the text of the next line begins, when nothing but a break and blanks stands before it.
fn next_line(text: &[u8], at: usize) -> Option<usize> {
    let after = line_break(text.get(at..)?)?;
    let blanks = after.iter().take_while(|byte| b" \t".contains(byte)).count();
    Some(text.len() - after.len() + blanks)
}

/// What follows a break: as it is, as JSON writes it, also within JSON, or as XML does.
fn line_break(text: &[u8]) -> Option<&[u8]> {
    let slashes = |text: &[u8]| text.iter().take(8).take_while(|byte| **byte == b'\\').count();
    match (slashes(text), text.get(slashes(text)..)?) {
        (0, [b'\n', rest @ ..] | [b'\r', b'\n', rest @ ..]) => Some(rest),
        (0, _) => [&b"&#10;"[..], b"&#xA;", b"&#xa;"].iter().find_map(|it| text.strip_prefix(*it)),
        (_, [b'n', rest @ ..]) => Some(rest),
        (_, [b'r', rest @ ..]) => rest.get(slashes(rest)..)?.strip_prefix(b"n").filter(|_| slashes(rest) > 0),
        _ => None,
    }
}

impl Wrapped {
    fn enclosed(&self, text: &[u8], pepper: &Pepper, depth: usize) -> Option<Enclosed> {
        let all = of_digits(text, &self.digits, self.start..self.end, pepper, depth);
        // A word may stand alone on the line after the last.
        let (end, count) = self.full;
        all.or_else(|| of_digits(text, self.digits.get(..count)?, self.start..end, pepper, depth))
    }
}

fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20).wrapping_sub(b'a').wrapping_add(10) & 0x0f,
    }
}

/// Whether bytes begin as a text does; chance seldom does, and shows it at once.
fn begins_plain(bytes: impl Iterator<Item = u8>) -> bool {
    let mut others = 0;
    for byte in bytes {
        match byte {
            b' '..=b'~' | b'\t' | b'\n' | b'\r' => {}
            0x80.. if others < 2 => others += 1,
            _ => return false,
        }
    }
    true
}

fn is_plain(bytes: &[u8]) -> bool {
    let control = |byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\n' | b'\r' | b'\t');
    std::str::from_utf8(bytes).is_ok() && !bytes.iter().any(control)
}

/// A text written another way, all but its markers.
fn written(text: &[u8], write: impl Fn(&[u8]) -> String) -> Vec<u8> {
    let mut out = Vec::new();
    let mut from = 0;
    for at in memchr::memmem::find_iter(text, b"[secret:") {
        if let Some((_, end)) = marker_at(text, at).filter(|_| at >= from) {
            out.extend(write(text.get(from..at).unwrap_or_default()).into_bytes());
            out.extend_from_slice(text.get(at..end).unwrap_or_default());
            from = end;
        }
    }
    out.extend(write(text.get(from..).unwrap_or_default()).into_bytes());
    out
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+*".contains(&byte)
}

/// Looks into stretches with percent signs, as queries and forms have them.
fn percents(text: &[u8], pepper: &Pepper, depth: usize, found: &mut Vec<Enclosed>) {
    let mut done = 0;
    for at in memchr::memchr_iter(b'%', text) {
        if at < done {
            continue;
        }
        let is_part = |byte: &u8| is_unreserved(*byte) || *byte == b'%';
        let before = text.get(done..at).unwrap_or_default();
        let start = done + before.iter().rposition(|byte| !is_part(byte)).map_or(0, |other| other + 1);
        let rest = text.get(at..).unwrap_or_default();
        let end = at + rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
        done = end;
        let run = text.get(start..end).unwrap_or_default();
        let decoded = super::value::percent_decoded(run);
        // Without one of these nothing in it is a name and its value, an address or a key of several lines.
        let telling = decoded.len() != run.len() && decoded.iter().any(|byte| b"=: \n\"".contains(byte));
        if !telling || run.len() < 12 || !is_plain(&decoded) {
            continue;
        }
        let Some((bytes, secrets)) = within(&decoded, pepper, depth) else { continue };
        let lower =
            run.windows(3).any(|it| matches!(it, [b'%', rest @ ..] if rest.iter().any(|b| matches!(b, b'a'..=b'f'))));
        let bytes = written(&bytes, |part| escaped(part, lower));
        found.push(Enclosed { span: start..end, bytes, secrets });
    }
}

fn escaped(text: &[u8], lower: bool) -> String {
    let mut out = String::new();
    for byte in text {
        match byte {
            byte if is_unreserved(*byte) => out.push(char::from(*byte)),
            byte if lower => out.push_str(&format!("%{byte:02x}")),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Looks into a string of JSON.
fn string(text: &[u8], span: Range<usize>, pepper: &Pepper, depth: usize) -> Option<Enclosed> {
    let quoted = std::str::from_utf8(text.get(span.clone())?).ok()?;
    let inner: Cow<'_, str> = serde_json::from_str(quoted).ok()?;
    let (bytes, secrets) = within(inner.as_bytes(), pepper, depth)?;
    let bytes = serde_json::to_vec(std::str::from_utf8(&bytes).ok()?).ok()?;
    Some(Enclosed { span, bytes, secrets })
}

//! The screen rule: foreign text becomes text that can neither move a cursor nor hide in a line.
//!
//! Whatever would act or vanish becomes visible, and the original can be told from the result:
//! no two texts look alike after it. It does not decide widths, colours or line breaks.

use std::borrow::Cow;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthChar;

/// The most bytes of one value that are laid out; what is beyond is counted, not drawn.
pub const CAP: usize = 64 * 1024;

/// The most combining marks one base character may carry.
const MARKS_PER_BASE: u8 = 4;

/// One-line text: line feeds show as `↵`, other controls as their pictures, hidden characters as
/// `\u{…}`. Clean ASCII comes back borrowed.
pub fn screen(text: &str) -> Cow<'_, str> {
    let (head, rest) = cut(text, CAP);
    if is_plain(head.as_bytes()) && rest == 0 {
        return Cow::Borrowed(head);
    }
    let mut out = String::with_capacity(head.len() + 16);
    push(&mut out, head);
    push_rest(&mut out, rest);
    Cow::Owned(out)
}

/// Many-line text: one entry per line, each by the one-line rule.
pub fn screen_lines(text: &str) -> Vec<Cow<'_, str>> {
    let (head, rest) = cut(text, CAP);
    let mut lines: Vec<Cow<'_, str>> = head.split('\n').map(screen).collect();
    if rest > 0 {
        lines.push(Cow::Owned(rest_words(rest)));
    }
    lines
}

/// One-line text from bytes that need not be UTF-8; what is not shows as `\x..`.
pub fn screen_bytes(bytes: &[u8]) -> Cow<'_, str> {
    let head = bytes.get(..CAP).unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(head)
        && head.len() == bytes.len()
    {
        return screen(text);
    }
    let mut out = String::with_capacity(head.len() + 16);
    for chunk in head.utf8_chunks() {
        push(&mut out, chunk.valid());
        for byte in chunk.invalid() {
            push_format(&mut out, format_args!("\\x{byte:02x}"));
        }
    }
    push_rest(&mut out, bytes.len() - head.len());
    Cow::Owned(out)
}

/// Many-line text from bytes.
pub fn screen_bytes_lines(bytes: &[u8]) -> Vec<Cow<'_, str>> {
    let head = bytes.get(..CAP).unwrap_or(bytes);
    let mut lines: Vec<Cow<'_, str>> = head.split(|&byte| byte == b'\n').map(screen_bytes).collect();
    if bytes.len() > head.len() {
        lines.push(Cow::Owned(rest_words(bytes.len() - head.len())));
    }
    lines
}

/// Whether a character of a text that passed [`screen`] stands for a control character.
pub fn is_picture(c: char) -> bool {
    matches!(c, '\u{2400}'..='\u{2421}' | '↵')
}

/// Where, in a text that passed [`screen`], the escape that starts at `from` ends; nothing when
/// no escape starts there. Screens draw escapes apart from text.
pub fn escape_end(text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let first = rest.chars().next()?;
    if is_picture(first) {
        return Some(from + first.len_utf8());
    }
    if rest.starts_with("\\u{") {
        return rest.find('}').map(|at| from + at + 1);
    }
    (rest.starts_with("\\x") && is_hex_pair(rest.as_bytes().get(2..))).then_some(from + 4)
}

fn is_plain(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| (0x20..0x7f).contains(&byte) && byte != b'\\')
}

/// The longest head of at most `most` bytes, and how many bytes are left out.
fn cut(text: &str, most: usize) -> (&str, usize) {
    let head = &text[..text.floor_char_boundary(most)];
    (head, text.len() - head.len())
}

fn rest_words(rest: usize) -> String {
    format!("… ({rest} more bytes)")
}

fn push_rest(out: &mut String, rest: usize) {
    if rest > 0 {
        out.push_str(&rest_words(rest));
    }
}

fn push_format(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing into a String cannot fail.
    if out.write_fmt(arguments).is_err() {
        out.push('\u{fffd}');
    }
}

fn push_escape(out: &mut String, c: char) {
    push_format(out, format_args!("\\u{{{:x}}}", u32::from(c)));
}

/// What the next zero-width character would attach to.
#[derive(Clone, Copy)]
enum Base {
    /// Nothing of this text: it would attach to what is drawn before it.
    None,
    /// A character that carries this many marks.
    Marks(u8),
}

fn push(out: &mut String, text: &str) {
    let mut base = Base::None;
    let mut before = '\0';
    for (at, c) in text.char_indices() {
        let after = &text[at + c.len_utf8()..];
        base = push_char(out, c, before, after, base);
        before = c;
    }
}

fn push_char(out: &mut String, c: char, before: char, after: &str, base: Base) -> Base {
    match c {
        '\t' => out.push_str("→   "),
        '\n' => out.push('↵'),
        '\0'..='\u{1f}' => out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}')),
        '\u{7f}' => out.push('\u{2421}'),
        ' '..='~' if c != '\\' => {
            out.push(c);
            return Base::Marks(0);
        }
        // A text that already holds one of our signs must not pass for what the sign stands for.
        '\\' if after.starts_with("u{") || (after.starts_with('x') && is_hex_pair(after.as_bytes().get(1..))) => {
            push_escape(out, c);
        }
        '→' if after.starts_with("   ") => push_escape(out, c),
        c if is_picture(c) => push_escape(out, c),
        '\u{fe00}'..='\u{fe0f}' => {
            if !(matches!(c, '\u{fe0e}' | '\u{fe0f}') && takes_emoji_selector(before)) {
                push_escape(out, c);
                return Base::None;
            }
            out.push(c);
            return base;
        }
        c if is_hidden(c) => push_escape(out, c),
        c => return push_visible(out, c, base),
    }
    Base::None
}

fn push_visible(out: &mut String, c: char, base: Base) -> Base {
    match (c.width(), base) {
        (Some(0) | None, Base::Marks(marks)) if marks < MARKS_PER_BASE => {
            out.push(c);
            Base::Marks(marks + 1)
        }
        (Some(0) | None, base) => {
            push_escape(out, c);
            base
        }
        (Some(_), _) => {
            out.push(c);
            Base::Marks(0)
        }
    }
}

fn is_hex_pair(bytes: Option<&[u8]>) -> bool {
    bytes.and_then(|bytes| bytes.get(..2)).is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
}

/// Characters that act on their neighbours or leave no trace: C1, bidi, zero-width and format
/// characters, fillers, line and paragraph separators, tags, private use, noncharacters.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}' | '\u{f0000}'..='\u{10ffff}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// Whether a presentation selector after this character chooses between text and emoji.
fn takes_emoji_selector(base: char) -> bool {
    matches!(base,
        '#' | '*' | '0'..='9' | '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
        | '\u{2194}'..='\u{2199}' | '\u{21a9}' | '\u{21aa}' | '\u{231a}'..='\u{2328}' | '\u{23cf}'..='\u{23fa}'
        | '\u{24c2}' | '\u{25aa}'..='\u{27bf}' | '\u{2934}' | '\u{2935}' | '\u{2b05}'..='\u{2b55}' | '\u{3030}'
        | '\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr;

    fn every_scalar() -> impl Iterator<Item = char> {
        '\0'..='\u{10ffff}'
    }

    /// Bidi, zero-width, control and tag characters written out from the rule, not from the code.
    fn must_not_leave(c: char) -> bool {
        let code = u32::from(c);
        c.is_control()
            || matches!(code, 0x61c | 0x200e | 0x200f | 0x202a..=0x202e | 0x2066..=0x2069)
            || matches!(code, 0xad | 0x180e | 0x200b..=0x200d | 0x2060..=0x206f | 0xfeff | 0xfff9..=0xfffb)
            || matches!(code, 0x115f | 0x1160 | 0x3164 | 0xffa0 | 0x2028 | 0x2029 | 0xe0000..=0xe007f)
            || matches!(code, 0xe000..=0xf8ff | 0xf0000..=0x10ffff | 0xfdd0..=0xfdef)
            || code & 0xfffe == 0xfffe
    }

    #[test]
    fn no_scalar_leaves_a_control_a_direction_or_nothing_to_see() {
        let mut seen = 0u32;
        let mut buffer = [0; 4];
        for c in every_scalar() {
            seen += 1;
            let shown = screen(c.encode_utf8(&mut buffer));
            assert!(!shown.chars().any(must_not_leave), "{:x} leaves {shown:?}", u32::from(c));
            assert!(shown.width() >= 1, "{:x} is not to be seen", u32::from(c));
        }
        assert_eq!(seen, 1_112_064);
    }

    #[test]
    fn the_same_holds_after_a_letter_and_no_two_scalars_look_alike() {
        let mut shown_of = std::collections::HashSet::with_capacity(1_112_064);
        for c in every_scalar() {
            let text = format!("a{c}");
            let shown = screen(&text).into_owned();
            assert!(!shown.chars().any(must_not_leave), "{:x} leaves {shown:?}", u32::from(c));
            assert!(shown_of.insert(shown), "{:x} looks like another", u32::from(c));
        }
    }

    #[test]
    fn the_pictures_are_those_of_the_rule() {
        assert_eq!(screen("a\x1b[31mb"), "a␛[31mb");
        assert_eq!(screen("\0\r\x7f"), "␀␍␡");
        assert_eq!(screen("a\tb\nc"), "a→   b↵c");
        assert_eq!(screen("x\u{202e}y\u{85}"), "x\\u{202e}y\\u{85}");
        assert_eq!(screen("e\u{301}\u{301}\u{301}\u{301}\u{301}"), "e\u{301}\u{301}\u{301}\u{301}\\u{301}");
        assert_eq!(screen("\u{301}"), "\\u{301}");
        assert_eq!(screen("\u{2764}\u{fe0f} x\u{fe0f}"), "\u{2764}\u{fe0f} x\\u{fe0f}");
        assert_eq!(screen("␛ \\u{41} \\x41 \\n"), "\\u{241b} \\u{5c}u{41} \\u{5c}x41 \\n");
        assert_eq!(screen_bytes(b"ok\xff\xfe."), "ok\\xff\\xfe.");
        assert_eq!(screen_lines("a\r\nb"), ["a␍", "b"]);
        assert_eq!(screen_bytes_lines(b"a\n\xc3"), ["a", "\\xc3"]);
    }

    #[test]
    fn clean_ascii_is_borrowed_and_long_text_is_cut_and_counted() {
        assert!(matches!(screen("model-version:fraud-scorer@42"), Cow::Borrowed(_)));
        let long = "é".repeat(5_000_000);
        let shown = screen(&long);
        assert!(shown.len() < CAP + 64);
        assert!(shown.ends_with("more bytes)"));
        assert!(screen_bytes(&vec![0xff; 10_000_000]).len() < 4 * CAP + 64);
    }

    #[test]
    fn escapes_are_found_again() {
        let shown = screen("a\x1b\u{202e}b").into_owned();
        assert_eq!(escape_end(&shown, 1), Some(4));
        assert_eq!(escape_end(&shown, 4), Some(12));
        assert_eq!(escape_end(&shown, 12), None);
    }

    /// Reads a shown text back.
    fn unscreen(mut shown: &str) -> String {
        let mut out = String::new();
        while let Some(c) = shown.chars().next() {
            if let Some(rest) = shown.strip_prefix("→   ") {
                out.push('\t');
                shown = rest;
                continue;
            }
            if let Some(rest) = shown.strip_prefix("\\u{") {
                let (hex, rest) = rest.split_once('}').unwrap();
                out.push(char::from_u32(u32::from_str_radix(hex, 16).unwrap()).unwrap());
                shown = rest;
                continue;
            }
            out.push(match c {
                '↵' => '\n',
                '\u{2421}' => '\u{7f}',
                '\u{2400}'..='\u{241f}' => char::from_u32(u32::from(c) - 0x2400).unwrap(),
                c => c,
            });
            shown = &shown[c.len_utf8()..];
        }
        out
    }

    proptest! {
        #[test]
        fn the_original_can_be_read_back(text in "(\\PC|[\\x00-\\x20→␛↵\\\\ux{}4\u{301}\u{202e}\u{fe0f}#]){0,40}") {
            prop_assert_eq!(unscreen(&screen(&text)), text);
        }
    }
}

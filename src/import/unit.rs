//! The units of a record: its lines, its elements, or the whole of it. It does not parse them.

use super::Framing;

/// Where the JSON value that begins at `start` ends, or nothing when the bytes end first. It only
/// balances brackets outside strings: what lies between may still be no JSON.
pub(super) fn value_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at + 1)?;
                if depth == 0 {
                    return Some(at);
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b',' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 && at > start => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The position after the quote that closes a string whose text begins at `start`.
fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        match bytes.get(at) {
            Some(b'"') => return Some(at + 1),
            _ => at += 2,
        }
    }
}

/// A unit as text.
///
/// # Errors
/// Where it is none, with the place.
pub(super) fn utf8(unit: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(unit).map_err(|error| format!("byte {}: not UTF-8", error.valid_up_to() + 1))
}

/// Whether an object stands on the first line, and more on the next.
pub(super) fn one_on_each_line(content: &[u8]) -> bool {
    let start = content.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    let end = value_end(content, start).unwrap_or(content.len());
    let first = content.get(start..end).unwrap_or_default();
    let rest = content.get(end..).unwrap_or_default();
    !rest.trim_ascii().is_empty() && !first.contains(&b'\n')
}

/// The line, element or whole document that starts at `at`.
pub fn unit_at(content: &[u8], at: u32) -> &[u8] {
    let start = (at as usize).min(content.len());
    let rest = content.get(start..).unwrap_or_default();
    let end = match rest.first() {
        Some(b'{' | b'[') => value_end(rest, 0),
        _ => None,
    };
    let end = end.or_else(|| memchr::memchr(b'\n', rest)).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default().trim_ascii_end()
}

/// The unit that starts at `at` in a record that was cut this way: of a whole document that is no JSON
/// what follows up to a line of `---` or `...`, as YAML has them.
pub fn unit_in(content: &[u8], at: u32, framing: Framing) -> &[u8] {
    let start = (at as usize).min(content.len());
    let rest = content.get(start..).unwrap_or_default();
    match framing {
        Framing::Head => rest,
        // A card's front matter begins with such a line, and it and its text are one.
        Framing::Whole if rest.starts_with(b"---") => rest,
        Framing::Whole if !matches!(rest.first(), Some(b'{' | b'[')) => {
            let marker = |line: &[u8]| line.starts_with(b"---") || line.starts_with(b"...");
            let ends = memchr::memchr_iter(b'\n', rest).map(|newline| newline + 1);
            let end = ends.into_iter().find(|end| rest.get(*end..).is_some_and(marker));
            rest.get(..end.unwrap_or(rest.len())).unwrap_or_default().trim_ascii_end()
        }
        _ => unit_at(content, at),
    }
}

/// Goes through the units of a record with their offsets, leaving out empty ones.
pub struct Units<'a> {
    content: &'a [u8],
    at: usize,
    framing: Framing,
}

impl<'a> Units<'a> {
    /// The units of a record that was cut this way.
    pub fn of(content: &'a [u8], framing: Framing) -> Units<'a> {
        Units { content, at: 0, framing }
    }

    /// The end of the unit that begins at the current position, and where to look for the next.
    fn bounds(&self) -> (usize, usize) {
        let all = self.content.len();
        let end = match self.framing {
            framing if framing.is_one() => all,
            Framing::Lines | Framing::Documents => self.line_end(),
            _ => match self.content.get(self.at) {
                Some(b'{' | b'[' | b'"') => {
                    let end = value_end(self.content, self.at).unwrap_or(all);
                    // Whatever follows the value on its line belongs to the element, and is wrong.
                    end + memchr::memchr(b'\n', self.content.get(end..).unwrap_or_default()).unwrap_or(all - end)
                }
                _ => self.line_end(),
            },
        };
        (end, end + 1)
    }

    fn line_end(&self) -> usize {
        let rest = self.content.get(self.at..).unwrap_or_default();
        self.at + memchr::memchr(b'\n', rest).unwrap_or(rest.len())
    }
}

impl<'a> Iterator for Units<'a> {
    type Item = (u32, &'a [u8]);

    fn next(&mut self) -> Option<(u32, &'a [u8])> {
        loop {
            let rest = self.content.get(self.at..)?;
            self.at += rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
            let (end, next) = self.bounds();
            let start = std::mem::replace(&mut self.at, next);
            let unit = self.content.get(start..end)?.trim_ascii_end();
            if !unit.is_empty() {
                return Some((super::offset(start), unit));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str, framing: Framing) -> Vec<(u32, &str)> {
        Units::of(text.as_bytes(), framing).map(|(at, unit)| (at, std::str::from_utf8(unit).unwrap())).collect()
    }

    #[test]
    fn lines_are_units_and_empty_ones_are_not() {
        assert_eq!(units("a\n\n b\r\nc", Framing::Lines), [(0, "a"), (4, "b"), (7, "c")]);
    }

    #[test]
    fn elements_may_run_over_several_lines() {
        let text = "{\n\"a\": \"}\\\"\"\n}\n[1,\n2]\n3";
        assert_eq!(units(text, Framing::Elements), [(0, "{\n\"a\": \"}\\\"\"\n}"), (15, "[1,\n2]"), (22, "3")]);
        for (at, unit) in units(text, Framing::Elements) {
            assert_eq!(unit_at(text.as_bytes(), at), unit.as_bytes());
        }
    }

    #[test]
    fn a_unit_that_is_no_json_ends_with_its_line() {
        assert_eq!(unit_at(b"{\"a\": \nb", 0), b"{\"a\":");
        assert_eq!(unit_at(b"a\nb", 2), b"b");
        assert_eq!(unit_at(b"a", 9), b"");
    }
}

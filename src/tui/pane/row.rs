//! How one artefact reads in a row, everywhere alike: name, version, marks, exposure, gap. It picks no
//! columns.

use crate::investigate::answer::{Row, State as Known};
use crate::investigate::rows::Group;
use crate::investigate::taint::Derived;
pub(crate) use crate::investigate::wording::thousands;
use crate::model::{IdParts, MarkKind};
use crate::tui::theme::{Look, Meaning, mark_meaning};
use crate::tui::widget::line::{Strip, width_of};
use unicode_segmentation::UnicodeSegmentation as _;

/// `name@version`, or the id where there is no name.
pub(crate) fn label(row: &Row) -> String {
    let name = if row.name.is_empty() { row.id.as_str() } else { row.name.as_str() };
    // A name may be of any size; what no screen can show is not copied.
    let name = &name[..name.floor_char_boundary(4096)];
    match &row.version {
        Some(version) => format!("{name}@{}", &version[..version.floor_char_boundary(1024)]),
        None => name.to_owned(),
    }
}

/// How its name is drawn: what nobody described is a gap.
pub(crate) fn meaning(row: &Row) -> Meaning {
    match row.state {
        Known::Described => Meaning::Text,
        Known::MentionedOnly => Meaning::Gap,
    }
}

/// Its marks, what it is exposed to and its gap, with sign and word: `✖ compromised ↯ exposed ◌ only
/// mentioned`. Exposure is derived from marks upstream and has a sign of its own.
pub(crate) fn signs(look: &Look, row: &Row) -> Vec<(String, Meaning)> {
    let mut out: Vec<(String, Meaning)> =
        row.marks.iter().map(|&mark| (format!("{} {}", look.mark(mark), mark.as_str()), mark_meaning(mark))).collect();
    if let Some(derived) = row.derived {
        out.push(exposure(look, derived));
    }
    if row.state == Known::MentionedOnly {
        out.push((format!("{} only mentioned", look.glyphs.gap), Meaning::Gap));
    }
    out
}

/// What the lineage carries to it from a mark upstream.
fn exposure(look: &Look, derived: Derived) -> (String, Meaning) {
    let word = if derived.mark == MarkKind::Suspect { "exposed to a suspect" } else { "exposed" };
    if derived.certain {
        (format!("{} {word}", look.glyphs.exposed), Meaning::Warning)
    } else {
        (format!("? possibly {word}"), Meaning::Warning)
    }
}

/// An id as rows show it where its kind is plain from the place: `name@version`.
pub(crate) fn short(id: &str) -> String {
    let id = &id[..id.floor_char_boundary(4096)];
    let parts = IdParts::of(id);
    match parts.version {
        _ if parts.name.is_empty() => id.to_owned(),
        Some(version) => format!("{}@{version}", parts.name),
        None => parts.name.to_owned(),
    }
}

/// A name in at most `width` columns, cut in the middle: names of files differ at their ends.
pub(crate) fn ends(look: &Look, name: &str, width: usize) -> String {
    let name = &name[..name.floor_char_boundary(4096)];
    if width_of(look, name) <= width {
        return name.to_owned();
    }
    let room = width.saturating_sub(width_of(look, look.glyphs.ellipsis));
    let taken = |parts: &mut dyn Iterator<Item = &str>, room: usize| {
        let mut used = 0;
        let fits = parts.take_while(|part| {
            used += width_of(look, part);
            used <= room
        });
        fits.map(str::len).sum::<usize>()
    };
    let head = taken(&mut name.graphemes(true), room / 3);
    let tail = taken(&mut name.graphemes(true).rev(), room - room / 3);
    format!("{}{}{}", &name[..head], look.glyphs.ellipsis, &name[name.len() - tail..])
}

/// `1 hop`, `3 hops`.
pub(crate) fn hops(count: u32) -> String {
    format!("{count} hop{}", if count == 1 { "" } else { "s" })
}

/// The signs at the right end of a line.
pub(crate) fn with_signs<'a>(strip: Strip<'a>, look: &Look, signs: &[(String, Meaning)]) -> Strip<'a> {
    let width: usize = signs.iter().map(|(text, _)| width_of(look, text) + 2).sum();
    let mut strip = strip.until_left(width);
    for (text, meaning) in signs {
        strip = strip.gap(2).text(text, *meaning);
    }
    strip
}

/// Columns the signs need.
pub(crate) fn signs_width(look: &Look, signs: &[(String, Meaning)]) -> usize {
    signs.iter().map(|(text, _)| width_of(look, text) + 2).sum()
}

/// `14`, or `12 to 14` where it is not sure.
pub(crate) fn bounds(at_least: u64, at_most: u64) -> String {
    if at_least == at_most { thousands(at_least) } else { format!("{} to {}", thousands(at_least), thousands(at_most)) }
}

/// The same for a group.
pub(crate) fn group_bounds(group: &Group) -> String {
    bounds(group.at_least, group.at_most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_easily() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(100), "100");
        assert_eq!(bounds(3, 3), "3");
        assert_eq!(bounds(3, 1_000), "3 to 1,000");
    }
}

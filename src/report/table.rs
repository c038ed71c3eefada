//! Rows of text laid out in columns for people. It cuts nothing silently: a cell that does not fit
//! wraps.

use crate::report::screen::screen;
use comfy_table::{ColumnConstraint, ContentArrangement, Table as Grid, Width, presets};
use unicode_width::UnicodeWidthStr;

/// Blanks beside the text of a cell.
const PADDING: usize = 2;

/// How text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Columns of the terminal; unlimited when absent (a pipe).
    pub width: Option<u16>,
    /// Whether emphasis may be coloured.
    pub colour: bool,
}

impl Layout {
    /// `text` made bold where colour is allowed.
    pub fn strong(self, text: &str) -> String {
        if self.colour { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// `text` made faint where colour is allowed.
    pub fn faint(self, text: &str) -> String {
        if self.colour { format!("\u{1b}[2m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// A table under construction. Every cell is made safe for a terminal as it is added.
pub struct Table {
    headers: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these column heads.
    pub fn new(headers: &[&'static str]) -> Table {
        Table { headers: headers.to_vec(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        self.rows.push(cells.into_iter().map(|cell| screen(cell).into_owned()).collect());
    }

    /// The rows as comma-separated values quoted as RFC 4180 has it, heads first. A spreadsheet computes nothing of it: a cell that would
    /// begin a formula begins with an apostrophe.
    pub fn csv(&self) -> String {
        let mut out = String::new();
        let heads: Vec<&str> = self.headers.clone();
        push_line(&mut out, heads.into_iter());
        for row in &self.rows {
            push_line(&mut out, row.iter().map(String::as_str));
        }
        out
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The text, each line ended; nothing when there are no rows. Columns that are empty in every
    /// row are left out.
    pub fn text(&self, layout: Layout) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let used: Vec<usize> = (0..self.headers.len())
            .filter(|column| self.rows.iter().any(|row| row.get(*column).is_some_and(|cell| !cell.is_empty())))
            .collect();
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING);
        grid.set_content_arrangement(ContentArrangement::Dynamic);
        match layout.width {
            Some(width) => grid.set_width(width),
            None => grid.set_width(u16::MAX),
        };
        grid.set_header(used.iter().map(|column| self.headers[*column].to_uppercase()));
        for row in &self.rows {
            grid.add_row(used.iter().map(|column| row.get(*column).map_or("", String::as_str)));
        }
        if let (Some(width), Some(&first)) = (layout.width, used.first()) {
            // what a row is about is read whole, the rest wraps around it
            let cells = self.rows.iter().filter_map(|row| row.get(first)).map(|cell| cell.width());
            let longest = cells.chain([self.headers[first].width()]).max().unwrap_or(0);
            let most = usize::from(width) * 6 / 10;
            let room = Width::Fixed(u16::try_from((longest + PADDING).min(most)).unwrap_or(width));
            if let Some(column) = grid.column_mut(0) {
                column.set_constraint(ColumnConstraint::LowerBoundary(room));
            }
        }
        let mut out = String::new();
        for (number, line) in grid.lines().enumerate() {
            let line = line.trim_end();
            let line = line.strip_prefix(' ').unwrap_or(line);
            out.push_str(&if number == 0 { layout.faint(line) } else { line.to_owned() });
            out.push('\n');
        }
        out
    }
}

fn push_line<'a>(out: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.push(',');
        }
        let formula =
            cell.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
        let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
        if cell.contains(['"', ',', '\n', '\r']) || cell.starts_with(' ') || cell.ends_with(' ') {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&cell);
        }
    }
    out.push('\n');
}

/// Words in lines of at most `most` columns; a word that is longer than a line is cut where the line
/// ends. Foreign text is made harmless before.
pub fn wrapped(text: &str, most: usize) -> Vec<String> {
    let most = most.max(8);
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        let mut rest = word;
        loop {
            let line = lines.last().map_or(0, |line| line.width());
            let gap = usize::from(line > 0);
            if line + gap + rest.width() <= most || (line > 0 && rest.width() <= most) {
                if line + gap + rest.width() > most {
                    lines.push(String::new());
                } else if gap > 0 {
                    lines.last_mut().into_iter().for_each(|line| line.push(' '));
                }
                lines.last_mut().into_iter().for_each(|line| line.push_str(rest));
                break;
            }
            if line > 0 {
                lines.push(String::new());
            }
            let end = fitting(rest, most);
            lines.last_mut().into_iter().for_each(|line| line.push_str(&rest[..end]));
            rest = &rest[end..];
        }
    }
    lines
}

/// How many bytes of a text fit into so many columns; at least one character.
fn fitting(text: &str, most: usize) -> usize {
    let mut width = 0;
    for (at, letter) in text.char_indices() {
        width += unicode_width::UnicodeWidthChar::width(letter).unwrap_or(0);
        if width > most && at > 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_wraps_at_words_and_long_words_at_the_edge() {
        assert_eq!(wrapped("aaaaaaaaaa bbbbbbbbb cc", 12), ["aaaaaaaaaa", "bbbbbbbbb cc"]);
        assert_eq!(wrapped("a aaaaaaaaaaaa b", 8), ["a", "aaaaaaaa", "aaaa b"]);
        assert_eq!(wrapped("", 8), [""]);
        assert_eq!(wrapped("a b", usize::MAX), ["a b"]);
    }

    #[test]
    fn comma_separated_rows_are_quoted_and_compute_nothing() {
        let mut table = Table::new(&["id", "owner"]);
        table.row(["=HYPERLINK(\"x\")", "a,b"]);
        table.row(["two\nlines", "-1"]);
        table.row(["\tx", "person:@me"]);
        let csv = table.csv();
        let lines: Vec<&str> = csv.split('\n').collect();
        assert_eq!(lines[0], "id,owner");
        assert_eq!(lines[1], "\"'=HYPERLINK(\"\"x\"\")\",\"a,b\"");
        assert_eq!(lines[2], "two↵lines,'-1");
        assert!(!lines[3].starts_with('\t') && lines[3].ends_with("person:@me"), "{csv:?}");
        assert!(csv.chars().all(|c| !c.is_control() || c == '\n'));
    }

    const PLAIN: Layout = Layout { width: Some(60), colour: false };

    #[test]
    fn columns_align_and_empty_ones_go() {
        let mut table = Table::new(&["id", "owner", "kind"]);
        table.row(["a", "", "dataset"]);
        table.row(["long-name", "", "run"]);
        let text = table.text(PLAIN);
        assert!(!text.contains("OWNER"), "{text}");
        assert_eq!(text.lines().count(), 3, "{text}");
    }

    #[test]
    fn the_first_column_is_whole_and_the_others_wrap() {
        let mut table = Table::new(&["id", "env", "owner", "by way of"]);
        let (id, long) = ("deployment:refund-agent/prod-eu", "model-version:a-long-name-that-wraps@42");
        table.row([id, "production", "team:fraud-operations", long]);
        assert!(table.text(PLAIN).contains(id), "{}", table.text(PLAIN));
    }

    #[test]
    fn foreign_bytes_are_made_visible() {
        let mut table = Table::new(&["id"]);
        table.row(["a\u{1b}[31mred"]);
        assert!(!table.text(PLAIN).contains('\u{1b}'));
    }
}

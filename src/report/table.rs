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

#[cfg(test)]
mod tests {
    use super::*;

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

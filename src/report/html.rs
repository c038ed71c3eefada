//! HTML under construction. Only words of this program can become markup: whatever comes from outside goes in as
//! text, made visible and escaped here. It decides nothing about what a page says.

use crate::report::screen::screen;
use std::fmt::Write as _;

/// A page or a part of one.
#[derive(Default)]
pub(super) struct Html(String);

/// One cell of a table.
pub(super) enum Cell {
    /// Nothing.
    Empty,
    /// Words.
    Text(String),
    /// An id, a digest, a command.
    Code(String),
    /// The claim that says so; it leads to its record.
    Claim(String),
    /// A sign that stands out, with the class that says how.
    Sign(&'static str, String),
    /// One below the other.
    Lines(Vec<Cell>),
}

impl Cell {
    /// Words that may be absent.
    pub(super) fn text(text: Option<impl Into<String>>) -> Cell {
        text.map_or(Cell::Empty, |text| Cell::Text(text.into()))
    }

    /// An id that may be absent.
    pub(super) fn code(text: Option<impl Into<String>>) -> Cell {
        text.map_or(Cell::Empty, |text| Cell::Code(text.into()))
    }

    /// A claim that may be absent.
    pub(super) fn claim(claim: Option<&String>) -> Cell {
        claim.map_or(Cell::Empty, |claim| Cell::Claim(claim.clone()))
    }

    fn is_empty(&self) -> bool {
        match self {
            Cell::Empty => true,
            Cell::Text(text) | Cell::Code(text) | Cell::Claim(text) | Cell::Sign(_, text) => text.is_empty(),
            Cell::Lines(cells) => cells.iter().all(Cell::is_empty),
        }
    }
}

impl Html {
    /// The text so far.
    pub(super) fn finish(self) -> String {
        self.0
    }

    /// Markup that this program wrote.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Html {
        self.0.push_str(markup);
        self
    }

    /// Begins an element; without a class when that is empty.
    pub(super) fn open(&mut self, tag: &'static str, class: &'static str) -> &mut Html {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        let _ = write!(self.0, "<{tag}{class}>");
        self
    }

    /// Begins an element that can be led to, by a word of this program and a number.
    pub(super) fn open_numbered(&mut self, tag: &'static str, word: &'static str, number: u64) -> &mut Html {
        let _ = write!(self.0, "<{tag} id=\"{word}{number}\">");
        self
    }

    /// Ends it.
    pub(super) fn close(&mut self, tag: &'static str) -> &mut Html {
        let _ = writeln!(self.0, "</{tag}>");
        self
    }

    /// Text from anywhere.
    pub(super) fn text(&mut self, text: &str) -> &mut Html {
        escape(&mut self.0, &screen(text));
        self
    }

    /// An element that holds nothing but text.
    pub(super) fn of(&mut self, tag: &'static str, class: &'static str, text: &str) -> &mut Html {
        self.open(tag, class).text(text).close(tag)
    }

    /// A link to a numbered place of the page.
    pub(super) fn to(&mut self, word: &'static str, number: u64, text: &str) -> &mut Html {
        let _ = write!(self.0, "<a href=\"#{word}{number}\">");
        self.text(text);
        self.0.push_str("</a>");
        self
    }

    /// An attribute-less number or shape of a picture, made of this program's words and numbers only.
    pub(super) fn shape(&mut self, shape: std::fmt::Arguments<'_>) -> &mut Html {
        let _ = self.0.write_fmt(shape);
        self
    }

    /// Each text as one item.
    pub(super) fn list<'a>(&mut self, class: &'static str, items: impl IntoIterator<Item = &'a str>) -> &mut Html {
        let mut items = items.into_iter().peekable();
        if items.peek().is_none() {
            return self;
        }
        self.open("ul", class);
        items.for_each(|item| {
            self.of("li", "", item);
        });
        self.close("ul")
    }

    /// Names and what they are; those without a value are left out.
    pub(super) fn facts(&mut self, facts: &[(&'static str, Cell)]) -> &mut Html {
        self.open("dl", "");
        for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
            self.of("dt", "", name).open("dd", "").cell(value).close("dd");
        }
        self.close("dl")
    }

    /// A table; columns that are empty in every row are left out, and one without rows altogether.
    pub(super) fn table(&mut self, heads: &[&'static str], rows: &[Vec<Cell>]) -> &mut Html {
        if rows.is_empty() {
            return self;
        }
        let used = |column: &usize| rows.iter().any(|row| row.get(*column).is_some_and(|cell| !cell.is_empty()));
        let used: Vec<usize> = (0..heads.len()).filter(used).collect();
        self.raw("<table><thead><tr>");
        for column in &used {
            self.of("th", "", heads[*column]);
        }
        self.raw("</tr></thead>\n<tbody>");
        for row in rows {
            self.raw("<tr>");
            for column in &used {
                let Some(cell) = row.get(*column) else { continue };
                let class = if cell.is_empty() { " class=\"empty\"" } else { "" };
                let _ = write!(self.0, "<td{class} data-head=\"{}\">", heads[*column]);
                self.cell(cell).close("td");
            }
            self.raw("</tr>\n");
        }
        self.raw("</tbody></table>\n")
    }

    fn cell(&mut self, cell: &Cell) -> &mut Html {
        match cell {
            Cell::Empty => self,
            Cell::Text(text) => self.text(text),
            Cell::Code(text) => self.raw("<code>").text(text).raw("</code>"),
            Cell::Sign(class, text) => self.of("span", class, text),
            Cell::Claim(claim) => match claim.split('.').next().and_then(|record| record.parse().ok()) {
                Some(record) => self.to("record-", record, claim),
                None => self.text(claim),
            },
            Cell::Lines(cells) => {
                for cell in cells.iter().filter(|cell| !cell.is_empty()) {
                    self.open("div", "").cell(cell).close("div");
                }
                self
            }
        }
    }
}

/// Nothing in it ends an element or an attribute, begins one, or names a character.
fn escape(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '`' => out.push_str("&#96;"),
            '=' => out.push_str("&#61;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_text_and_nothing_else() {
        let mut html = Html::default();
        html.of("p", "", "<img src=x onerror=alert(1)> \"'`&amp; \u{202e}\u{1b}[31m\0");
        let text = html.finish();
        assert_eq!(
            text,
            "<p>&lt;img src&#61;x onerror&#61;alert(1)&gt; &quot;&#39;&#96;&amp;amp; \\u{202e}␛[31m␀</p>\n"
        );
    }

    #[test]
    fn columns_that_nobody_fills_are_left_out() {
        let mut html = Html::default();
        html.table(&["a", "b"], &[vec![Cell::Text("x".to_owned()), Cell::Empty]]);
        let text = html.finish();
        assert!(text.contains("<th>a</th>") && !text.contains("<th>b</th>"), "{text}");
    }
}

//! The record behind a row: where it came from, and what it says word for word. It changes none.

use crate::report::screen::{escape_end, screen_bytes_lines};
use crate::tui::ask::{Ask, RecordView, Told};
use crate::tui::message::{Effect, Slot, SlotId};
use crate::tui::motion::{Motion, moved};
use crate::tui::overlay::Overlay;
use crate::tui::state::State;
use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::frame::{panel, section, split_rows};
use crate::tui::widget::line::Strip;
use ratatui::Frame;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

/// The most bytes that are indented; formatting more would make a key press wait.
const FORMATTED: usize = 1 << 20;

/// The layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The claim it stands behind.
    pub claim: String,
    /// The record.
    pub slot: Slot<Box<RecordView>>,
    /// Whether JSON is indented.
    pub pretty: bool,
    /// The first line shown.
    pub scroll: usize,
    columns: usize,
    lines: Vec<String>,
}

/// Columns and rows of the text on a screen of this size.
fn room(size: (u16, u16)) -> (usize, usize) {
    (
        usize::from(size.0.saturating_sub(2).min(140).saturating_sub(4).max(8)),
        usize::from(size.1.saturating_sub(11).max(1)),
    )
}

/// Opens the record behind a claim.
pub(crate) fn open(state: &mut State, claim: &str, out: &mut Vec<Effect>) {
    let ticket = state.ask(SlotId::Record, Ask::Record { claim: claim.to_owned() }, out);
    let mut slot = Slot::default();
    slot.wait(ticket);
    let columns = room(state.size).0;
    let record = Record { claim: claim.to_owned(), slot, pretty: true, scroll: 0, columns, lines: Vec::new() };
    state.overlays.push(Overlay::Record(record));
}

impl Record {
    pub(crate) fn told(&mut self, told: Told, last: bool) {
        match told {
            Told::Record(view) => self.slot.fill(view, last),
            other => self.slot.fail(other),
        }
        self.lay_out();
    }

    pub(crate) fn toggle(&mut self) {
        self.pretty = !self.pretty;
        self.scroll = 0;
        self.lay_out();
    }

    pub(crate) fn go(&mut self, motion: Motion, size: (u16, u16)) {
        let tops = self.lines.len().saturating_sub(room(size).1) + 1;
        self.scroll = moved(self.scroll, motion, tops, |_| true);
    }

    /// Breaks the lines anew for another width.
    pub(crate) fn resize(&mut self, size: (u16, u16)) {
        self.columns = room(size).0;
        self.lay_out();
        self.go(Motion::By(0), size);
    }

    /// The text as it was received, for the clipboard.
    pub(crate) fn text(&self) -> Option<String> {
        self.slot.value.as_ref().map(|view| String::from_utf8_lossy(&view.content).into_owned())
    }

    fn lay_out(&mut self) {
        let Some(view) = &self.slot.value else { return };
        let indented = if self.pretty { indent(&view.content) } else { None };
        let shown = screen_bytes_lines(indented.as_deref().unwrap_or(&view.content));
        self.lines = shown.iter().flat_map(|line| broken(line, self.columns)).collect();
    }
}

/// JSON indented; nothing when it is not JSON, or larger than is worth waiting for.
fn indent(content: &[u8]) -> Option<Vec<u8>> {
    if content.len() > FORMATTED {
        return None;
    }
    // Raw values keep numbers as written; only the blanks between tokens change.
    let _: &serde_json::value::RawValue = serde_json::from_slice(content).ok()?;
    Some(respace(content))
}

/// Puts line breaks and blanks between the tokens of valid JSON, touching nothing inside them.
fn respace(json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len() * 2);
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    let mut bytes = json.iter().copied().peekable();
    let newline = |out: &mut Vec<u8>, depth: usize| {
        out.push(b'\n');
        out.extend(std::iter::repeat_n(b' ', depth.min(64) * 2));
    };
    while let Some(byte) = bytes.next() {
        if in_text {
            out.push(byte);
            in_text = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        match byte {
            b' ' | b'\n' | b'\r' | b'\t' => {}
            b'{' | b'[' => {
                out.push(byte);
                while bytes.next_if(u8::is_ascii_whitespace).is_some() {}
                if let Some(end) = bytes.next_if(|next| matches!(next, b'}' | b']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    newline(&mut out, depth);
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                newline(&mut out, depth);
                out.push(byte);
            }
            b',' => {
                out.push(byte);
                newline(&mut out, depth);
            }
            b':' => out.extend_from_slice(b": "),
            byte => {
                in_text = byte == b'"';
                out.push(byte);
            }
        }
    }
    out
}

/// A clean line in pieces of at most `columns`; nothing is left out, and no escape is torn apart.
fn broken(line: &str, columns: usize) -> Vec<String> {
    let (mut out, mut from, mut used, mut at) = (Vec::new(), 0, 0, 0);
    while let Some(c) = line[at..].chars().next() {
        let end = escape_end(line, at).unwrap_or(at + c.len_utf8());
        let width = line[at..end].width();
        if used + width > columns && at > from {
            out.push(line[from..at].to_owned());
            (from, used) = (at, 0);
        }
        used += width;
        at = end;
    }
    out.push(line[from..].to_owned());
    out
}

pub(crate) fn draw(state: &State, record: &Record, frame: &mut Frame, area: Rect) {
    let look = &state.look;
    let size = (area.width.saturating_sub(2).min(140), area.height);
    let body = panel(frame, look, area, size, &format!("Record behind claim {}", record.claim));
    let Some(view) = &record.slot.value else {
        crate::tui::pane::draw_waiting(state, frame, body, &record.slot);
        return;
    };
    let (head, rest) = split_rows(body, 5.min(body.height));
    draw_head(look, frame, head, view);
    let note = format!(
        "{} bytes, lines {} to {} of {}",
        view.content.len(),
        record.scroll + 1,
        (record.scroll + usize::from(rest.height.saturating_sub(1))).min(record.lines.len()),
        record.lines.len()
    );
    let title = if record.pretty { "As received, indented (f: verbatim)" } else { "As received (f: indent JSON)" };
    let text = section(frame, look, rest, title, &note);
    if let Some(redacted) = &view.redacted {
        let line = Strip::new(look, usize::from(text.width))
            .text("content erased: ", Meaning::Warning)
            .text(redacted, Meaning::Text);
        frame.render_widget(line.finish(), Rect { height: text.height.min(1), ..text });
        return;
    }
    draw_lines(look, frame, text, record);
}

fn draw_lines(look: &Look, frame: &mut Frame, area: Rect, record: &Record) {
    for (at, line) in record.lines.iter().skip(record.scroll).take(usize::from(area.height)).enumerate() {
        let slot = Rect { y: area.y + u16::try_from(at).unwrap_or(0), height: 1, ..area };
        frame.render_widget(Strip::of_clean(look, usize::from(slot.width), line).finish(), slot);
    }
}

fn draw_head(look: &Look, frame: &mut Frame, area: Rect, view: &RecordView) {
    let observed =
        view.observed_at.map_or_else(|| "speaks of no moment".to_owned(), |at| format!("speaks of {}", at.short()));
    let rows: [(&str, String); 5] = [
        ("record", format!("{} of the log, leaf {}", view.record, view.digest)),
        ("source", view.source.clone()),
        ("file", format!("{}, {}", view.file, view.position)),
        ("received", format!("{}, {observed}", view.received_at.short())),
        ("format", view.format.clone()),
    ];
    for (at, (name, value)) in rows.iter().enumerate().take(usize::from(area.height)) {
        let slot = Rect { y: area.y + u16::try_from(at).unwrap_or(0), height: 1, ..area };
        let strip = Strip::new(look, usize::from(slot.width)).cell(name, 10, Meaning::Dim).text(value, Meaning::Text);
        frame.render_widget(strip.finish(), slot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indenting_touches_nothing_inside_the_tokens() {
        let json = br#"{"a":[1.10,{"b":"x, {\"y\": 1}"}],"c":{},"d":[ ],"n":12345678901234567890123}"#;
        let text = String::from_utf8(indent(json).unwrap()).unwrap();
        assert!(text.contains("1.10,\n") && text.contains(r#""b": "x, {\"y\": 1}""#) && text.contains("\"c\": {}"));
        assert!(text.contains("12345678901234567890123"));
        let blank = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        assert_eq!(blank(&text), blank(std::str::from_utf8(json).unwrap()));
        assert_eq!(indent(b"not json"), None);
    }

    #[test]
    fn a_long_line_is_broken_and_whole() {
        let line = "é".repeat(1_000);
        assert_eq!(broken(&line, 7).concat(), line);
        assert_eq!(broken("", 0), [""]);
        assert_eq!(broken("abc\\u{202e}def", 10), ["abc", "\\u{202e}de", "f"]);
    }
}

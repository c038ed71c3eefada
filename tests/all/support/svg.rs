//! A frame as an SVG picture, cell by cell, for the README. It draws what the console drew, and
//! nothing around it.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr as _;

const CELL: (f32, f32) = (8.4, 18.0);
const MARGIN: f32 = 14.0;
/// From the top of a cell to the line letters stand on.
const BASELINE: f32 = 13.5;
const BACK: &str = "#15181e";
const FORE: &str = "#d7dae0";
const EDGE: &str = "#2b303b";
const DIMMED: &str = "0.62";

const BASIC: [&str; 8] = ["#1c1f26", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#abb2bf"];
const BRIGHT: [&str; 8] = ["#5c6370", "#ff8b94", "#b5e08f", "#ffd68a", "#82c4ff", "#de9bf2", "#79d3df", "#ffffff"];

/// The picture of a whole buffer, dark. `title` is read out to those who do not see it.
pub(crate) fn svg(buffer: &Buffer, title: &str) -> String {
    let area = buffer.area;
    let (width, height) =
        (f32::from(area.width) * CELL.0 + 2.0 * MARGIN, f32::from(area.height) * CELL.1 + 2.0 * MARGIN);
    let title = escape(title);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" aria-label=\"{title}\">\n\
         <title>{title}</title>\n\
         <rect x=\"0.5\" y=\"0.5\" width=\"{:.0}\" height=\"{:.0}\" rx=\"8\" fill=\"{BACK}\" stroke=\"{EDGE}\"/>\n\
         <g fill=\"{FORE}\" font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace\" font-size=\"14\">\n",
        width - 1.0,
        height - 1.0,
    );
    for y in 0..area.height {
        for run in runs(buffer, y) {
            draw(&mut out, y, &run);
        }
    }
    out.push_str("</g>\n</svg>\n");
    out
}

#[derive(PartialEq)]
struct Look {
    fore: Option<String>,
    back: Option<String>,
    bold: bool,
    dim: bool,
    underlined: bool,
}

/// Neighbouring cells that look alike.
struct Run {
    look: Look,
    x: u16,
    columns: u16,
    text: String,
}

fn runs(buffer: &Buffer, y: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut x = 0;
    while x < buffer.area.width {
        let cell = &buffer[(x, y)];
        let columns = u16::try_from(cell.symbol().width()).unwrap().max(1);
        let look = look(cell);
        match runs.last_mut().filter(|run| run.look == look) {
            Some(run) => {
                run.text.push_str(cell.symbol());
                run.columns += columns;
            }
            None => runs.push(Run { look, x, columns, text: cell.symbol().to_owned() }),
        }
        x += columns;
    }
    runs
}

fn look(cell: &Cell) -> Look {
    let (mut fore, mut back) = (colour(cell.fg), colour(cell.bg));
    if cell.modifier.contains(Modifier::REVERSED) {
        (fore, back) = (Some(back.unwrap_or_else(|| BACK.to_owned())), Some(fore.unwrap_or_else(|| FORE.to_owned())));
    }
    Look {
        fore,
        back,
        bold: cell.modifier.contains(Modifier::BOLD),
        dim: cell.modifier.contains(Modifier::DIM),
        underlined: cell.modifier.contains(Modifier::UNDERLINED),
    }
}

fn draw(out: &mut String, y: u16, run: &Run) {
    let (left, top) = (MARGIN + f32::from(run.x) * CELL.0, MARGIN + f32::from(y) * CELL.1);
    if let Some(back) = &run.look.back {
        // A hair over its cells, so that neighbouring rows and runs show no seam.
        let (width, height) = (f32::from(run.columns) * CELL.0 + 0.3, CELL.1 + 0.3);
        writeln!(
            out,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{back}\"/>"
        )
        .unwrap();
    }
    let mut style = String::new();
    if let Some(fore) = &run.look.fore {
        write!(style, " fill=\"{fore}\"").unwrap();
    }
    if run.look.bold {
        style.push_str(" font-weight=\"bold\"");
    }
    if run.look.dim {
        write!(style, " opacity=\"{DIMMED}\"").unwrap();
    }
    if run.look.underlined {
        style.push_str(" text-decoration=\"underline\"");
    }
    let ink = run.look.fore.as_deref().unwrap_or(FORE);
    for (column, word) in words(&run.text) {
        let x = left + f32::from(column) * CELL.0;
        if let Some(path) = rules(word, x, top) {
            writeln!(out, "<path d=\"{path}\" stroke=\"{ink}\" fill=\"none\"/>").unwrap();
            continue;
        }
        // The stated length keeps columns aligned whatever font is there.
        let length = f32::from(u16::try_from(word.width()).unwrap()) * CELL.0;
        writeln!(
            out,
            "<text x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{length:.1}\" lengthAdjust=\"spacingAndGlyphs\"{style}>{}</text>",
            top + BASELINE,
            escape(word)
        )
        .unwrap();
    }
}

/// The pieces between blanks and the column each begins at; rules are pieces of their own. Blanks are
/// not drawn: viewers disagree on how many of them to keep.
fn words(text: &str) -> Vec<(u16, &str)> {
    let mut words = Vec::new();
    let (mut column, mut start, mut from) = (0, 0, 0);
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let kind = |c: char| (c == ' ', arms(c).is_some());
        if kind(c) != kind(before) {
            if before != ' ' {
                words.push((from, &text[start..at]));
            }
            (start, from, before) = (at, column, c);
        }
        column += u16::try_from(text[at..at + c.len_utf8()].width()).unwrap();
    }
    if before != ' ' {
        words.push((from, &text[start..]));
    }
    words
}

/// Which ways a rule runs from the middle of its cell: left, right, up, down.
fn arms(c: char) -> Option<[bool; 4]> {
    Some(match c {
        '─' => [true, true, false, false],
        '│' => [false, false, true, true],
        '┌' => [false, true, false, true],
        '┐' => [true, false, false, true],
        '└' => [false, true, true, false],
        '┘' => [true, false, true, false],
        _ => return None,
    })
}

/// Rules as lines from cell to cell: the glyphs of most fonts leave gaps between rows.
fn rules(word: &str, left: f32, top: f32) -> Option<String> {
    let mut path = String::new();
    let mut x = left;
    for c in word.chars() {
        let [to_left, to_right, up, down] = arms(c)?;
        let (middle, centre) = (x + CELL.0 / 2.0, top + CELL.1 / 2.0);
        for (runs, to) in [
            (to_left, format!("H{x:.1}")),
            (to_right, format!("H{:.1}", x + CELL.0)),
            (up, format!("V{top:.1}")),
            (down, format!("V{:.1}", top + CELL.1)),
        ] {
            if runs {
                write!(path, "M{middle:.1} {centre:.1}{to}").unwrap();
            }
        }
        x += CELL.0;
    }
    // A long rule is one line.
    let flat = word.chars().all(|c| c == '─');
    Some(if flat { format!("M{left:.1} {:.1}H{x:.1}", top + CELL.1 / 2.0) } else { path })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn colour(colour: Color) -> Option<String> {
    Some(match colour {
        Color::Reset => return None,
        Color::Black => BASIC[0].to_owned(),
        Color::Red => BASIC[1].to_owned(),
        Color::Green => BASIC[2].to_owned(),
        Color::Yellow => BASIC[3].to_owned(),
        Color::Blue => BASIC[4].to_owned(),
        Color::Magenta => BASIC[5].to_owned(),
        Color::Cyan => BASIC[6].to_owned(),
        Color::Gray => BASIC[7].to_owned(),
        Color::DarkGray => BRIGHT[0].to_owned(),
        Color::LightRed => BRIGHT[1].to_owned(),
        Color::LightGreen => BRIGHT[2].to_owned(),
        Color::LightYellow => BRIGHT[3].to_owned(),
        Color::LightBlue => BRIGHT[4].to_owned(),
        Color::LightMagenta => BRIGHT[5].to_owned(),
        Color::LightCyan => BRIGHT[6].to_owned(),
        Color::White => BRIGHT[7].to_owned(),
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        Color::Indexed(n @ 0..=7) => BASIC[usize::from(n)].to_owned(),
        Color::Indexed(n @ 8..=15) => BRIGHT[usize::from(n - 8)].to_owned(),
        Color::Indexed(n @ 16..=231) => {
            let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
            let n = n - 16;
            format!("#{:02x}{:02x}{:02x}", level(n / 36), level(n / 6 % 6), level(n % 6))
        }
        Color::Indexed(n) => format!("#{0:02x}{0:02x}{0:02x}", 8 + 10 * (n - 232)),
    })
}

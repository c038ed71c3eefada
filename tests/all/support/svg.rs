//! A frame as an SVG picture, cell by cell, for the README. It draws what the console drew.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use std::fmt::Write as _;

const CELL: (f32, f32) = (8.4, 18.0);
const MARGIN: f32 = 12.0;
const BACK: &str = "#15181e";
const FORE: &str = "#d7dae0";

/// The picture of a whole buffer, dark.
pub(crate) fn svg(buffer: &Buffer) -> String {
    let area = buffer.area;
    let (width, height) =
        (f32::from(area.width) * CELL.0 + 2.0 * MARGIN, f32::from(area.height) * CELL.1 + 2.0 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACK}\"/>\n\
         <g font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace\" font-size=\"14\">\n"
    );
    for y in 0..area.height {
        let mut x = 0;
        while x < area.width {
            let start = x;
            let look = look(buffer, x, y);
            let mut text = String::new();
            while x < area.width && self::look(buffer, x, y) == look {
                text.push_str(buffer[(x, y)].symbol());
                x += 1;
            }
            run(&mut out, (start, y, x - start), &text, &look);
        }
    }
    out.push_str("</g>\n</svg>\n");
    out
}

#[derive(PartialEq)]
struct Look {
    fore: String,
    back: Option<String>,
    bold: bool,
    underlined: bool,
}

fn look(buffer: &Buffer, x: u16, y: u16) -> Look {
    let cell = &buffer[(x, y)];
    let (mut fore, mut back) = (colour(cell.fg), colour(cell.bg));
    if cell.modifier.contains(Modifier::REVERSED) {
        (fore, back) = (Some(back.unwrap_or_else(|| BACK.to_owned())), Some(fore.unwrap_or_else(|| FORE.to_owned())));
    }
    let fore = fore.unwrap_or_else(|| FORE.to_owned());
    Look {
        fore,
        back,
        bold: cell.modifier.contains(Modifier::BOLD),
        underlined: cell.modifier.contains(Modifier::UNDERLINED),
    }
}

fn run(out: &mut String, (x, y, columns): (u16, u16, u16), text: &str, look: &Look) {
    let (left, top) = (MARGIN + f32::from(x) * CELL.0, MARGIN + f32::from(y) * CELL.1);
    let width = f32::from(columns) * CELL.0;
    if let Some(back) = &look.back {
        writeln!(
            out,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{}\" fill=\"{back}\"/>",
            CELL.1
        )
        .unwrap();
    }
    let shown = text.trim_end();
    if shown.trim().is_empty() {
        return;
    }
    // The stated length keeps columns aligned whatever font is there.
    let length = f32::from(u16::try_from(unicode_width::UnicodeWidthStr::width(shown)).unwrap()) * CELL.0;
    let weight = if look.bold { " font-weight=\"bold\"" } else { "" };
    let line = if look.underlined { " text-decoration=\"underline\"" } else { "" };
    writeln!(
        out,
        "<text x=\"{left:.1}\" y=\"{:.1}\" textLength=\"{length:.1}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{}\"{weight}{line} xml:space=\"preserve\">{}</text>",
        top + 13.5,
        look.fore,
        escape(shown)
    )
    .unwrap();
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn colour(colour: Color) -> Option<String> {
    let basic = ["#1c1f26", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#abb2bf"];
    let bright = ["#5c6370", "#ff8b94", "#b5e08f", "#ffd68a", "#82c4ff", "#de9bf2", "#79d3df", "#ffffff"];
    Some(match colour {
        Color::Reset => return None,
        Color::Black => basic[0].to_owned(),
        Color::Red => basic[1].to_owned(),
        Color::Green => basic[2].to_owned(),
        Color::Yellow => basic[3].to_owned(),
        Color::Blue => basic[4].to_owned(),
        Color::Magenta => basic[5].to_owned(),
        Color::Cyan => basic[6].to_owned(),
        Color::Gray => basic[7].to_owned(),
        Color::DarkGray => bright[0].to_owned(),
        Color::LightRed => bright[1].to_owned(),
        Color::LightGreen => bright[2].to_owned(),
        Color::LightYellow => bright[3].to_owned(),
        Color::LightBlue => bright[4].to_owned(),
        Color::LightMagenta => bright[5].to_owned(),
        Color::LightCyan => bright[6].to_owned(),
        Color::White => bright[7].to_owned(),
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        Color::Indexed(n @ 0..=7) => basic[usize::from(n)].to_owned(),
        Color::Indexed(n @ 8..=15) => bright[usize::from(n - 8)].to_owned(),
        Color::Indexed(n @ 16..=231) => {
            let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
            let n = n - 16;
            format!("#{:02x}{:02x}{:02x}", level(n / 36), level(n / 6 % 6), level(n % 6))
        }
        Color::Indexed(n) => format!("#{0:02x}{0:02x}{0:02x}", 8 + 10 * (n - 232)),
    })
}

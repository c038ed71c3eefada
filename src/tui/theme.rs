//! Meaning to style, and the glyphs that say the same without colour. It draws nothing.

use crate::model::MarkKind;
use ratatui::style::{Color, Modifier, Style};

/// Why a piece of text looks as it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the meanings themselves")]
pub enum Meaning {
    Text,
    Dim,
    Title,
    Rule,
    Key,
    Bad,
    Warning,
    Good,
    Gap,
    Escape,
    Match,
    Selected,
    SelectedAside,
    TabHere,
    Panel,
}

/// A set of styles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the variants are the themes' names")]
pub enum Theme {
    #[default]
    Dark,
    Light,
    Contrast,
    Mono,
}

impl Theme {
    /// Reads the name used in settings: `dark`, `light`, `high-contrast`, `mono`.
    pub fn parse(word: &str) -> Option<Theme> {
        Some(match word {
            "dark" => Theme::Dark,
            "light" => Theme::Light,
            "high-contrast" => Theme::Contrast,
            "mono" => Theme::Mono,
            _ => return None,
        })
    }

    /// The style for a meaning.
    pub fn style(self, meaning: Meaning) -> Style {
        match self {
            Theme::Dark => coloured(meaning, &DARK),
            Theme::Light => coloured(meaning, &LIGHT),
            Theme::Contrast => coloured(meaning, &CONTRAST),
            Theme::Mono => mono(meaning),
        }
    }
}

struct Palette {
    dim: Color,
    rule: Color,
    key: Color,
    bad: Color,
    warning: Color,
    good: Color,
    gap: Color,
    escape: Color,
    selected: (Color, Color),
    aside: Color,
}

const DARK: Palette = Palette {
    dim: Color::Indexed(245),
    rule: Color::Indexed(239),
    key: Color::Indexed(116),
    bad: Color::Indexed(210),
    warning: Color::Indexed(222),
    good: Color::Indexed(150),
    gap: Color::Indexed(183),
    escape: Color::Indexed(213),
    selected: (Color::Indexed(255), Color::Indexed(24)),
    aside: Color::Indexed(236),
};

const LIGHT: Palette = Palette {
    dim: Color::Indexed(242),
    rule: Color::Indexed(250),
    key: Color::Indexed(25),
    bad: Color::Indexed(124),
    warning: Color::Indexed(94),
    good: Color::Indexed(28),
    gap: Color::Indexed(90),
    escape: Color::Indexed(162),
    selected: (Color::Indexed(232), Color::Indexed(153)),
    aside: Color::Indexed(254),
};

const CONTRAST: Palette = Palette {
    dim: Color::Reset,
    rule: Color::White,
    key: Color::LightCyan,
    bad: Color::LightRed,
    warning: Color::LightYellow,
    good: Color::LightGreen,
    gap: Color::LightMagenta,
    escape: Color::LightMagenta,
    selected: (Color::Black, Color::White),
    aside: Color::DarkGray,
};

fn coloured(meaning: Meaning, palette: &Palette) -> Style {
    let plain = Style::new();
    match meaning {
        Meaning::Text | Meaning::Panel => plain,
        Meaning::Dim => plain.fg(palette.dim),
        Meaning::Title => plain.add_modifier(Modifier::BOLD),
        Meaning::Rule => plain.fg(palette.rule),
        Meaning::Key => plain.fg(palette.key),
        Meaning::Bad => plain.fg(palette.bad).add_modifier(Modifier::BOLD),
        Meaning::Warning => plain.fg(palette.warning),
        Meaning::Good => plain.fg(palette.good),
        Meaning::Gap => plain.fg(palette.gap),
        Meaning::Escape => plain.fg(palette.escape).add_modifier(Modifier::UNDERLINED),
        Meaning::Match => plain.fg(palette.key).add_modifier(Modifier::BOLD),
        Meaning::Selected => plain.fg(palette.selected.0).bg(palette.selected.1).add_modifier(Modifier::BOLD),
        Meaning::SelectedAside => plain.bg(palette.aside),
        Meaning::TabHere => plain.fg(palette.selected.0).bg(palette.selected.1).add_modifier(Modifier::BOLD),
    }
}

fn mono(meaning: Meaning) -> Style {
    let modifier = match meaning {
        Meaning::Text | Meaning::Panel => return Style::new(),
        Meaning::Dim | Meaning::Rule => Modifier::DIM,
        Meaning::Title | Meaning::Key | Meaning::Match | Meaning::Bad => Modifier::BOLD,
        Meaning::Warning | Meaning::Good | Meaning::Gap => return Style::new(),
        Meaning::Escape | Meaning::SelectedAside => Modifier::UNDERLINED,
        Meaning::Selected | Meaning::TabHere => Modifier::REVERSED,
    };
    Style::new().add_modifier(modifier)
}

/// The signs the console draws by itself.
#[derive(Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is named after what it stands for")]
pub struct Glyphs {
    pub ascii: bool,
    pub closed: &'static str,
    pub open: &'static str,
    pub guide: &'static str,
    pub more: &'static str,
    pub above: &'static str,
    pub cycle: &'static str,
    pub gap: &'static str,
    pub ellipsis: &'static str,
    pub dot: &'static str,
    pub line: &'static str,
    pub bar: &'static str,
    pub up: &'static str,
    pub down: &'static str,
    pub to: &'static str,
    pub caret: &'static str,
    pub busy: &'static str,
    pub exposed: &'static str,
    pub holds: &'static str,
    pub fails: &'static str,
    pub full: &'static str,
    pub half: &'static str,
    pub empty: &'static str,
    pub marks: [&'static str; 5],
}

/// For terminals that draw Unicode.
pub static UNICODE: Glyphs = Glyphs {
    ascii: false,
    closed: "▸",
    open: "▾",
    guide: "│",
    more: "…",
    above: "↑",
    cycle: "∞",
    gap: "◌",
    ellipsis: "…",
    dot: "·",
    line: "─",
    bar: "│",
    up: "↑",
    down: "↓",
    to: "→",
    caret: "›",
    busy: "◔",
    exposed: "↯",
    holds: "✔",
    fails: "✖",
    full: "█",
    half: "▌",
    empty: "░",
    marks: ["✖", "?", "✓", "←", "○"],
};

/// For terminals that may not.
pub static ASCII: Glyphs = Glyphs {
    ascii: true,
    closed: "+",
    open: "-",
    guide: "|",
    more: "~",
    above: "^",
    cycle: "@",
    gap: "o",
    ellipsis: "~",
    dot: "-",
    line: "-",
    bar: "|",
    up: "^",
    down: "v",
    to: "->",
    caret: ">",
    busy: "*",
    exposed: "!",
    holds: "+",
    fails: "x",
    full: "#",
    half: "+",
    empty: ".",
    marks: ["X", "?", "+", "<", "o"],
};

/// How everything looks: styles and signs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// The styles.
    pub theme: Theme,
    /// The signs.
    pub glyphs: &'static Glyphs,
}

impl Look {
    /// Chooses by what the environment says: `NO_COLOR`, `TERM` and the locale. `wanted` is the
    /// theme of the settings; `variable` reads an environment variable.
    pub fn choose(wanted: Option<Theme>, variable: impl Fn(&str) -> Option<String>) -> Look {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        let poor = matches!(term.as_str(), "" | "dumb" | "linux" | "vt100" | "vt220");
        let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG")).unwrap_or_default();
        let locale = locale.to_ascii_lowercase();
        let utf8 = locale.contains("utf-8") || locale.contains("utf8");
        let glyphs = if utf8 && !poor { &UNICODE } else { &ASCII };
        let theme = if set("NO_COLOR").is_some() || matches!(term.as_str(), "dumb" | "vt100" | "vt220") {
            Theme::Mono
        } else {
            wanted.unwrap_or(if term == "linux" { Theme::Contrast } else { Theme::Dark })
        };
        Look { theme, glyphs }
    }

    /// The style for a meaning.
    pub fn style(&self, meaning: Meaning) -> Style {
        self.theme.style(meaning)
    }

    /// A mark's sign.
    pub fn mark(&self, mark: MarkKind) -> &'static str {
        let at = MarkKind::ALL.iter().position(|&other| other == mark).unwrap_or(0);
        self.glyphs.marks[at]
    }
}

impl Default for Look {
    fn default() -> Look {
        Look { theme: Theme::Dark, glyphs: &UNICODE }
    }
}

/// What a mark means to whoever sees it.
pub fn mark_meaning(mark: MarkKind) -> Meaning {
    match mark {
        MarkKind::Compromised => Meaning::Bad,
        MarkKind::Suspect => Meaning::Warning,
        MarkKind::Good => Meaning::Good,
        MarkKind::Rollback => Meaning::Key,
        MarkKind::Cleared => Meaning::Dim,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(pairs: &[(&str, &str)]) -> Look {
        let pairs: Vec<(String, String)> = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Look::choose(None, move |name| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()))
    }

    #[test]
    fn the_environment_chooses_colours_and_signs() {
        assert_eq!(look(&[("TERM", "xterm-256color"), ("LANG", "en_GB.UTF-8")]), Look::default());
        assert_eq!(look(&[("TERM", "xterm"), ("LANG", "C")]).glyphs, &ASCII);
        assert_eq!(look(&[("TERM", "linux"), ("LANG", "C.UTF-8")]).glyphs, &ASCII);
        assert_eq!(look(&[("TERM", "xterm"), ("LANG", "C.UTF-8"), ("NO_COLOR", "1")]).theme, Theme::Mono);
        assert_eq!(look(&[("TERM", "xterm"), ("LANG", "C.UTF-8"), ("NO_COLOR", "")]).theme, Theme::Dark);
        assert_eq!(look(&[("LC_ALL", "C"), ("LANG", "C.UTF-8"), ("TERM", "xterm")]).glyphs, &ASCII);
    }

    #[test]
    fn mono_sets_no_colour_and_ascii_signs_are_ascii() {
        for meaning in [Meaning::Bad, Meaning::Selected, Meaning::Gap, Meaning::Key, Meaning::Escape] {
            let style = Theme::Mono.style(meaning);
            assert_eq!((style.fg, style.bg), (None, None));
        }
        assert!(ASCII.marks.iter().all(|mark| mark.is_ascii()) && ASCII.to.is_ascii());
    }
}

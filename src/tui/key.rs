//! Keys as people write them (`ctrl-l`, `pgdn`, `G`) and as terminals send them. It knows no action.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use std::fmt;

/// One key press with what is held down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    code: Code,
    ctrl: bool,
    alt: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Code {
    Char(char),
    Named(&'static str),
}

const NAMED: [(&str, KeyCode); 27] = [
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backtab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("f1", KeyCode::F(1)),
    ("f2", KeyCode::F(2)),
    ("f3", KeyCode::F(3)),
    ("f4", KeyCode::F(4)),
    ("f5", KeyCode::F(5)),
    ("f6", KeyCode::F(6)),
    ("f7", KeyCode::F(7)),
    ("f8", KeyCode::F(8)),
    ("f9", KeyCode::F(9)),
    ("f10", KeyCode::F(10)),
    ("f11", KeyCode::F(11)),
    ("f12", KeyCode::F(12)),
];

impl Key {
    /// Reads `ctrl-l`, `alt-x`, `pgdn`, `G`, `space`, `/`.
    pub fn parse(text: &str) -> Option<Key> {
        let (mut ctrl, mut alt, mut rest) = (false, false, text);
        loop {
            if let Some(tail) = rest.strip_prefix("ctrl-") {
                (ctrl, rest) = (true, tail);
            } else if let Some(tail) = rest.strip_prefix("alt-") {
                (alt, rest) = (true, tail);
            } else {
                break;
            }
        }
        let code = if rest == "space" {
            Code::Char(' ')
        } else if let Some((name, _)) = NAMED.iter().find(|(name, _)| *name == rest) {
            Code::Named(name)
        } else {
            let mut chars = rest.chars();
            match (chars.next(), chars.next()) {
                (Some(c), None) if !c.is_control() => Code::Char(c),
                _ => return None,
            }
        };
        Some(Key { code, ctrl, alt })
    }

    /// The key of a terminal's event; nothing for releases and keys without a name here.
    pub fn of(event: KeyEvent) -> Option<Key> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        let code = match event.code {
            KeyCode::Char(c) => Code::Char(c),
            KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => Code::Named("backtab"),
            other => Code::Named(NAMED.iter().find(|(_, code)| *code == other)?.0),
        };
        Some(Key {
            code,
            ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
            alt: event.modifiers.contains(KeyModifiers::ALT),
        })
    }

    /// The character it types into a text field, if it types one.
    pub fn typed(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    /// Its short sign for footers: `Enter`, `^L`.
    pub fn sign(self, ascii: bool) -> String {
        if self.ctrl
            && let Code::Char(c) = self.code
        {
            return format!("^{}", c.to_ascii_uppercase());
        }
        match self.code {
            Code::Named("enter") => "Enter".to_owned(),
            Code::Named("up") if !ascii => "↑".to_owned(),
            Code::Named("down") if !ascii => "↓".to_owned(),
            Code::Named("left") if !ascii => "←".to_owned(),
            Code::Named("right") if !ascii => "→".to_owned(),
            Code::Named("pgup") => "PgUp".to_owned(),
            Code::Named("pgdn") => "PgDn".to_owned(),
            Code::Named("tab") => "Tab".to_owned(),
            Code::Named("esc") => "Esc".to_owned(),
            _ => self.to_string(),
        }
    }

    /// Whether it is this named key without anything held down.
    pub(crate) fn is(self, name: &str) -> bool {
        !self.ctrl && !self.alt && matches!(self.code, Code::Named(own) if own == name)
    }

    /// Whether it is this character with control held down.
    pub(crate) fn is_ctrl(self, c: char) -> bool {
        self.ctrl && !self.alt && self.code == Code::Char(c)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("ctrl-")?;
        }
        if self.alt {
            f.write_str("alt-")?;
        }
        match self.code {
            Code::Char(' ') => f.write_str("space"),
            Code::Char(c) => write!(f, "{c}"),
            Code::Named(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_as_written() {
        for text in ["ctrl-l", "alt-x", "G", "/", "pgdn", "space", "f12", "ctrl-alt-d", "é"] {
            assert_eq!(Key::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "ctrl-", "hyper-x", "gg", "\u{1b}"] {
            assert_eq!(Key::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn events_and_names_meet() {
        let event = KeyEvent::new(KeyCode::Char('l'), KeyModifiers::CONTROL);
        assert_eq!(Key::of(event), Key::parse("ctrl-l"));
        assert_eq!(Key::of(KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT)), Key::parse("G"));
        assert_eq!(Key::of(KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT)), Key::parse("backtab"));
    }
}

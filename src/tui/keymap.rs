//! Keys to actions per context, and back again for hints. It reads the user's overrides from text;
//! it opens no file.

use crate::tui::action::{Action, Context, TABLE};
use crate::tui::key::Key;
use std::collections::BTreeMap;
use toml::Spanned;

/// Which keys stand for which action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    keys: BTreeMap<Action, Vec<Key>>,
}

/// What is wrong with a keymap file, and on which line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("keymap, line {line}: {what}")]
pub struct KeymapError {
    /// From 1.
    pub line: usize,
    /// What, and what to write instead.
    pub what: String,
}

/// The contexts that can hold at once; within one of these sets a key means one thing.
pub const TOGETHER: &[&[Context]] = &[
    &[Context::Overview, Context::List, Context::Panes, Context::Everywhere],
    &[Context::Explore, Context::List, Context::Panes, Context::Everywhere],
    &[Context::Details, Context::List, Context::Panes, Context::Everywhere],
    &[Context::Impact, Context::List, Context::Panes, Context::Everywhere],
    &[Context::Diff, Context::List, Context::Panes, Context::Everywhere],
    &[Context::Suspects, Context::List, Context::Panes, Context::Everywhere],
    &[Context::Plan, Context::List, Context::Panes, Context::Everywhere],
    &[Context::Timeline, Context::List, Context::Panes, Context::Everywhere],
    &[Context::Case, Context::List, Context::Panes, Context::Everywhere],
    &[Context::Gaps, Context::List, Context::Panes, Context::Everywhere],
    &[Context::Chain, Context::List, Context::Panes, Context::Everywhere],
    &[Context::Sources, Context::List, Context::Panes, Context::Everywhere],
    &[Context::Finder, Context::List, Context::Everywhere],
    &[Context::Palette, Context::List, Context::Everywhere],
    &[Context::Help, Context::List, Context::Everywhere],
    &[Context::Record, Context::List, Context::Everywhere],
    &[Context::Path, Context::List, Context::Everywhere],
    &[Context::LastGood, Context::List, Context::Everywhere],
    &[Context::Audit, Context::List, Context::Everywhere],
    &[Context::Form, Context::List, Context::Everywhere],
];

impl Default for Keymap {
    fn default() -> Keymap {
        let keys =
            TABLE.iter().map(|row| (row.action, row.keys.iter().filter_map(|key| Key::parse(key)).collect())).collect();
        Keymap { keys }
    }
}

impl Keymap {
    /// The defaults with the overrides of a keymap file: `action = ["key", …]`.
    ///
    /// # Errors
    /// On an unknown action, an unknown key, or a key that would mean two things in one place.
    pub fn parse(text: &str) -> Result<Keymap, KeymapError> {
        let line_at = |at: usize| text.get(..at).unwrap_or(text).matches('\n').count() + 1;
        let table: BTreeMap<Spanned<String>, Spanned<Vec<Spanned<String>>>> =
            toml::from_str(text).map_err(|error| KeymapError {
                line: line_at(error.span().map_or(0, |span| span.start)),
                what: format!("{}: write action = [\"key\", …]", error.message()),
            })?;
        let mut keymap = Keymap::default();
        let mut lines: BTreeMap<Action, usize> = BTreeMap::new();
        for (name, keys) in &table {
            let line = line_at(name.span().start);
            let error = |what: String| KeymapError { line, what };
            let Some(row) = TABLE.iter().find(|row| row.id == name.get_ref()) else {
                return Err(error(format!("there is no action \"{}\"; {}", name.get_ref(), nearest(name.get_ref()))));
            };
            let mut parsed = Vec::new();
            for key in keys.get_ref() {
                let line = line_at(key.span().start);
                let what = || format!("\"{}\" is not a key: write x, G, ctrl-x, alt-x, pgdn, f5, …", key.get_ref());
                parsed.push(Key::parse(key.get_ref()).ok_or_else(|| KeymapError { line, what: what() })?);
            }
            lines.insert(row.action, line);
            keymap.keys.insert(row.action, parsed);
        }
        match keymap.clash() {
            None => Ok(keymap),
            Some((key, one, other)) => {
                let line = lines.get(&one).or_else(|| lines.get(&other)).copied().unwrap_or(1);
                let id = |action| crate::tui::action::describe(action).id;
                let what =
                    format!("the key {key} would mean both {} and {}: give one of them another", id(one), id(other));
                Err(KeymapError { line, what })
            }
        }
    }

    /// A key that means two things in one place.
    fn clash(&self) -> Option<(Key, Action, Action)> {
        for together in TOGETHER {
            let mut seen: BTreeMap<Key, Action> = BTreeMap::new();
            for row in TABLE.iter().filter(|row| row.contexts.iter().any(|context| together.contains(context))) {
                for &key in self.keys(row.action) {
                    if let Some(other) = seen.insert(key, row.action)
                        && other != row.action
                    {
                        return Some((key, row.action, other));
                    }
                }
            }
        }
        None
    }

    /// The keys of an action.
    pub fn keys(&self, action: Action) -> &[Key] {
        self.keys.get(&action).map_or(&[], Vec::as_slice)
    }

    /// The action a key stands for where these contexts hold.
    pub fn action(&self, key: Key, contexts: &[Context]) -> Option<Action> {
        contexts.iter().find_map(|context| {
            TABLE
                .iter()
                .find(|row| row.contexts.contains(context) && self.keys(row.action).contains(&key))
                .map(|row| row.action)
        })
    }
}

fn nearest(name: &str) -> String {
    let shared = |id: &str| id.chars().zip(name.chars()).take_while(|(a, b)| a == b).count();
    let best = TABLE.iter().max_by_key(|row| shared(row.id)).filter(|row| shared(row.id) > 0);
    best.map_or_else(|| "press ? in the console for the list".to_owned(), |row| format!("nearest: {}", row.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        Key::parse(text).unwrap()
    }

    #[test]
    fn every_default_key_parses_and_means_one_thing_in_each_place() {
        for row in TABLE {
            assert!(row.keys.iter().all(|key| Key::parse(key).is_some()), "{}", row.id);
        }
        assert_eq!(Keymap::default().clash(), None);
    }

    #[test]
    fn a_file_overrides_single_actions() {
        let keymap = Keymap::parse("find = [\"ctrl-p\", \"/\"]\n# the rest stays\n").unwrap();
        let place = TOGETHER[0];
        assert_eq!(keymap.action(key("ctrl-p"), place), Some(Action::Find));
        assert_eq!(keymap.action(key("q"), place), Some(Action::Quit));
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let error = |text| Keymap::parse(text).unwrap_err();
        assert_eq!(error("\nfnid = [\"x\"]").line, 2);
        assert!(error("fin = [\"x\"]").what.contains("nearest: find"));
        assert_eq!(error("find = [\"/\"]\nmark = [\n \"hyper-x\"]").line, 3);
        let clash = error("find = [\"m\"]");
        assert!(clash.what.contains("both mark and find") || clash.what.contains("both find and mark"), "{clash}");
        assert_eq!(error("find = \"x\"").line, 1);
        assert_eq!(error("\n\nfind = [\"x\"]\nfind = [\"y\"]").line, 4);
    }

    #[test]
    fn the_sample_file_shows_the_defaults() {
        let sample = include_str!("../../assets/keymap.toml");
        let shown: String =
            sample.lines().filter_map(|line| line.strip_prefix("#: ")).map(|l| format!("{l}\n")).collect();
        assert!(shown.lines().count() >= 3);
        assert_eq!(Keymap::parse(&shown).unwrap(), Keymap::default());
        assert_eq!(Keymap::parse(sample).unwrap(), Keymap::default());
    }
}

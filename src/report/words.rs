//! What differs between two texts, word by word. It colours nothing and makes nothing safe for a terminal.

/// What became of a stretch of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Both texts have it.
    Same,
    /// Only the old one has it.
    Removed,
    /// Only the new one has it.
    Added,
}

/// The most words compared with each other; beyond, what lies between the common ends is told whole.
const MOST: usize = 400;

/// The stretches of two texts, in order: the same and the removed are the old text, the same and the added
/// the new one, to the letter.
pub fn word_changes(old: &str, new: &str) -> Vec<(Part, String)> {
    let (old, new) = (words(old), words(new));
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let ends = old[start..].iter().rev().zip(new[start..].iter().rev());
    let end = ends.take_while(|(a, b)| a == b).count();
    let (old_middle, new_middle) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    let mut changes = Changes::default();
    old[..start].iter().for_each(|word| changes.push(Part::Same, word));
    if old_middle.len() > MOST || new_middle.len() > MOST {
        old_middle.iter().for_each(|word| changes.push(Part::Removed, word));
        new_middle.iter().for_each(|word| changes.push(Part::Added, word));
    } else {
        middle(old_middle, new_middle, &mut changes);
    }
    old[old.len() - end..].iter().for_each(|word| changes.push(Part::Same, word));
    changes.parts
}

/// Words, each with the blanks after it.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let letters = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let blanks = rest[letters..].find(|letter: char| !letter.is_whitespace()).unwrap_or(rest.len() - letters);
        let (word, after) = rest.split_at(letters + blanks);
        words.push(word);
        rest = after;
    }
    words
}

#[derive(Default)]
struct Changes {
    parts: Vec<(Part, String)>,
}

impl Changes {
    fn push(&mut self, part: Part, word: &str) {
        match self.parts.last_mut() {
            Some((last, text)) if *last == part => text.push_str(word),
            _ => self.parts.push((part, word.to_owned())),
        }
    }
}

/// Along a longest common subsequence; what goes is told before what comes.
fn middle(old: &[&str], new: &[&str], changes: &mut Changes) {
    let wide = new.len() + 1;
    let mut longest = vec![0_u32; (old.len() + 1) * wide];
    for (a, old_word) in old.iter().enumerate().rev() {
        for (b, new_word) in new.iter().enumerate().rev() {
            longest[a * wide + b] = if old_word == new_word {
                longest[(a + 1) * wide + b + 1] + 1
            } else {
                longest[(a + 1) * wide + b].max(longest[a * wide + b + 1])
            };
        }
    }
    let (mut a, mut b) = (0, 0);
    while let (Some(old_word), Some(new_word)) = (old.get(a), new.get(b)) {
        if old_word == new_word {
            changes.push(Part::Same, old_word);
            (a, b) = (a + 1, b + 1);
        } else if longest[(a + 1) * wide + b] >= longest[a * wide + b + 1] {
            changes.push(Part::Removed, old_word);
            a += 1;
        } else {
            changes.push(Part::Added, new_word);
            b += 1;
        }
    }
    old[a..].iter().for_each(|word| changes.push(Part::Removed, word));
    new[b..].iter().for_each(|word| changes.push(Part::Added, word));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_changed_word_stands_between_what_is_the_same() {
        let changes = word_changes("refund up to 50 euros without asking", "refund up to 500 euros without asking");
        let expected = [
            (Part::Same, "refund up to "),
            (Part::Removed, "50 "),
            (Part::Added, "500 "),
            (Part::Same, "euros without asking"),
        ];
        assert_eq!(changes, expected.map(|(part, text)| (part, text.to_owned())));
        assert_eq!(word_changes("", ""), []);
        assert_eq!(word_changes("", "new"), [(Part::Added, "new".to_owned())]);
    }

    #[test]
    fn very_long_texts_are_told_whole_between_their_common_ends() {
        let long = |word: &str| format!("begin {}end", format!("{word} ").repeat(1_000));
        let changes = word_changes(&long("a"), &long("b"));
        let parts: Vec<Part> = changes.iter().map(|it| it.0).collect();
        assert_eq!(parts, [Part::Same, Part::Removed, Part::Added, Part::Same]);
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_back(old in "[ab \n]{0,30}", new in "[ab \n]{0,30}") {
            let changes = word_changes(&old, &new);
            let without = |part| -> String {
                changes.iter().filter(|it| it.0 != part).map(|it| it.1.as_str()).collect()
            };
            prop_assert_eq!(without(Part::Added), old);
            prop_assert_eq!(without(Part::Removed), new);
        }
    }
}

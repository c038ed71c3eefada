//! How well a text fits the words of a search, cheaply: exact, prefix, word start, part, letters in
//! order. Fine ranking among equals is the matcher's work, in `find.rs`.

/// The most bytes of a text that are looked at: a matcher's cost grows with rows times columns.
pub(super) const MOST_BYTES: usize = 384;

/// One word of a search, folded to lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) letters: u32,
}

/// How well a text fits all words: larger is better. The tier goes before the length.
pub(super) type Fit = u16;

const EXACT: u16 = 5;
const PREFIX: u16 = 4;
const WORD_START: u16 = 3;
const PART: u16 = 2;
const IN_ORDER: u16 = 1;

impl Word {
    pub(super) fn new(text: &str) -> Word {
        let text = text.to_lowercase();
        let letters = crate::graph::Lineage::letters_of(&text);
        Word { text, letters }
    }

    /// The tier by which a folded text fits, 0 when it does not. `name` is where the name begins,
    /// after the kind.
    #[inline]
    fn tier(&self, folded: &[u8], name: usize) -> u16 {
        let word = self.text.as_bytes();
        if word.len() > folded.len() {
            return 0;
        }
        let mut best = 0;
        let (first, last) = (word[0], folded.len() - word.len());
        let mut at = 0;
        while at <= last {
            if folded[at] != first || folded[at..at + word.len()] != *word {
                at += 1;
                continue;
            }
            if at == name || at == 0 {
                return if at + word.len() == folded.len() { EXACT } else { PREFIX };
            }
            best = best.max(if folded[at - 1].is_ascii_alphanumeric() { PART } else { WORD_START });
            at += 1;
        }
        if best == 0 && in_order(word, folded) { IN_ORDER } else { best }
    }
}

#[inline]
fn in_order(word: &[u8], text: &[u8]) -> bool {
    let mut wanted = word.iter();
    let Some(mut next) = wanted.next() else { return true };
    for byte in text {
        if byte == next {
            match wanted.next() {
                Some(more) => next = more,
                None => return true,
            }
        }
    }
    false
}

/// Folds a text to lower case into `into`, cut at [`MOST_BYTES`].
#[inline]
pub(super) fn fold_into(text: &[u8], into: &mut Vec<u8>) {
    into.clear();
    if text.is_ascii() {
        into.extend_from_slice(&text[..text.len().min(MOST_BYTES)]);
        into.make_ascii_lowercase();
        return;
    }
    let folded = String::from_utf8_lossy(text).to_lowercase();
    let end = (0..=MOST_BYTES.min(folded.len())).rev().find(|at| folded.is_char_boundary(*at)).unwrap_or(0);
    into.extend_from_slice(&folded.as_bytes()[..end]);
}

/// How well a folded text fits all words; `None` when one does not.
#[inline]
pub(super) fn fit(words: &[Word], folded: &[u8]) -> Option<Fit> {
    let mut tiers = 0_usize;
    if !words.is_empty() {
        let name = folded.iter().position(|byte| *byte == b':').map_or(0, |at| at + 1);
        for word in words {
            let tier = word.tier(folded, name);
            if tier == 0 {
                return None;
            }
            tiers += usize::from(tier);
        }
    }
    let share = (tiers * 8).checked_div(words.len()).unwrap_or(0).min(63);
    Some((share << 9 | (511 - folded.len().min(511))) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tier(word: &str, text: &str) -> u16 {
        let mut folded = Vec::new();
        fold_into(text.as_bytes(), &mut folded);
        fit(&[Word::new(word)], &folded).map_or(0, |fit| (fit >> 9) / 8)
    }

    #[test]
    fn an_exact_fit_goes_before_a_prefix_and_that_before_a_part() {
        let id = "model-version:fraud-scorer@42";
        assert_eq!(tier(id, id), EXACT);
        assert_eq!(tier("Fraud-Scorer@42", id), EXACT);
        assert_eq!(tier("fraud", id), PREFIX);
        assert_eq!(tier("scorer", id), WORD_START);
        assert_eq!(tier("core", id), PART);
        assert_eq!(tier("frsc42", id), IN_ORDER);
        assert_eq!(tier("42fr", id), 0);
        assert_eq!(tier("école", "dataset:ÉCOLE"), EXACT);
    }
}

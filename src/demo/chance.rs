//! A small seeded source of variety, so that the history looks lived in and is the same every time.
//!
//! It is not random in any sense that matters to security; nothing secret may come from it.

/// A splitmix64 stream. One per section of the history, seeded by the section's name, so that a
/// change to one section leaves the others as they were.
pub(super) struct Chance(u64);

/// FNV-1a, to turn a label into a seed.
fn seed_of(label: &str) -> u64 {
    label.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

impl Chance {
    /// The stream that belongs to `label`.
    pub(super) fn of(label: &str) -> Chance {
        Chance(seed_of(label))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).unsigned_abs().saturating_add(1);
        low.saturating_add_unsigned(self.next() % span)
    }

    /// True once in `n` times.
    pub(super) fn one_in(&mut self, n: i64) -> bool {
        self.between(1, n) == 1
    }

    /// One of `choices`; the type's default when there are none.
    pub(super) fn pick<T: Copy + Default>(&mut self, choices: &[T]) -> T {
        let last = i64::try_from(choices.len()).unwrap_or(1).saturating_sub(1).max(0);
        let index = usize::try_from(self.between(0, last)).unwrap_or(0);
        choices.get(index).copied().unwrap_or_default()
    }

    /// A number around `middle`, with `places` decimals, at most `spread` away.
    pub(super) fn around(&mut self, middle: f64, spread: f64, places: i32) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a thousandth of the spread is fine enough")]
        let offset = self.between(-1000, 1000) as f64 / 1000.0 * spread;
        let scale = 10_f64.powi(places);
        ((middle + offset) * scale).round() / scale
    }
}

/// `length` hexadecimal digits that belong to `label`, and to no other label.
pub(super) fn hex(label: &str, length: usize) -> String {
    let mut stream = Chance::of(label);
    let mut text = String::with_capacity(length + 16);
    while text.len() < length {
        text.push_str(&format!("{:016x}", stream.next()));
    }
    text.truncate(length);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_always_gives_the_same_hex_and_another_label_another() {
        assert_eq!(hex("a", 64), hex("a", 64));
        assert_ne!(hex("a", 64), hex("b", 64));
        assert_eq!(hex("a", 40).len(), 40);
    }

    #[test]
    fn numbers_stay_within_their_bounds() {
        let mut chance = Chance::of("bounds");
        for _ in 0..1000 {
            assert!((3..=7).contains(&chance.between(3, 7)));
            assert!((0.9..=1.1).contains(&chance.around(1.0, 0.1, 3)));
        }
        assert_eq!(chance.between(5, 5), 5);
    }
}

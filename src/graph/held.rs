//! Whether a link held in a window. It knows nothing of walks.

use crate::model::{Time, Window};

/// How sure it is that a link held at some moment of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    /// It did not.
    No,
    /// It may have: it is undated, or sources differ.
    Possibly,
    /// Some source says it did.
    Certainly,
}

impl Held {
    /// Judges a link by its dates. `doubtful` says that some source states the link without dates, or
    /// with another end, so that it may have held outside these too.
    pub fn judge(window: &Window, since: Option<Time>, until: Option<Time>, doubtful: bool) -> Held {
        if window.is_open() {
            return Held::Certainly;
        }
        let ended_before = matches!((until, window.since), (Some(until), Some(start)) if until < start);
        let began_after = matches!((since, window.until), (Some(since), Some(end)) if since > end);
        if ended_before || began_after {
            return if doubtful { Held::Possibly } else { Held::No };
        }
        if since.is_some() { Held::Certainly } else { Held::Possibly }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_counts_when_it_held_at_some_moment_of_the_window() {
        use Held::{Certainly, No, Possibly};
        let t = |seconds: i64| (seconds >= 0).then(|| Time::from_seconds(seconds));
        // window since, until; link since, until; doubtful
        let cases = [
            ((-1, -1), (-1, -1), false, Certainly),
            ((5, 8), (-1, -1), false, Possibly),
            ((5, 8), (3, -1), false, Certainly),
            ((5, 8), (8, -1), false, Certainly),
            ((5, 8), (9, -1), false, No),
            ((5, 8), (9, -1), true, Possibly),
            ((5, 8), (1, 4), false, No),
            ((5, 8), (1, 5), false, Certainly),
            ((5, 8), (1, 4), true, Possibly),
            ((5, 8), (-1, 4), false, No),
            ((5, 8), (-1, 6), false, Possibly),
            ((5, -1), (1, -1), false, Certainly),
            ((5, -1), (1, 4), false, No),
            ((-1, 8), (9, -1), false, No),
            ((-1, 8), (7, 9), false, Certainly),
            ((6, 6), (6, 6), false, Certainly),
        ];
        for ((from, to), (since, until), doubtful, expected) in cases {
            let window = Window { since: t(from), until: t(to) };
            let held = Held::judge(&window, t(since), t(until), doubtful);
            assert_eq!(held, expected, "window {from}..{to}, link {since}..{until}, doubtful {doubtful}");
        }
    }
}

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

/// When a link held, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dates {
    /// From when on it surely held.
    pub since: Option<Time>,
    /// Where nobody saw it begin: it began after this moment, at which it was not there, and by `since`.
    pub since_after: Option<Time>,
    /// By when it had surely ended.
    pub until: Option<Time>,
    /// Where nobody saw it end: it ended after this moment, at which it was still there, and before `until`.
    pub until_after: Option<Time>,
    /// Some source states it without dates, or with another end, so that it may have held outside these too.
    pub doubtful: bool,
}

impl Dates {
    /// The first and the last moment between which it surely held.
    pub fn surely(&self) -> (Option<Time>, Option<Time>) {
        (self.since, self.until_after.or(self.until))
    }

    /// The first and the last moment between which it may have held.
    pub fn possibly(&self) -> (Option<Time>, Option<Time>) {
        (self.since_after.or(self.since), self.until)
    }
}

impl Held {
    /// Judges a link by its dates. Where nobody saw it begin or end, what lies between two looks is possible;
    /// at the looks themselves it is known.
    pub fn judge(window: &Window, dates: &Dates) -> Held {
        if window.is_open() {
            return Held::Certainly;
        }
        let over = |until: Option<Time>| matches!((until, window.since), (Some(until), Some(start)) if until < start);
        let ahead = |since: Option<Time>| matches!((since, window.until), (Some(since), Some(end)) if since > end);
        let seen_ended = dates.until_after.is_some() && dates.until == window.since;
        let seen_lacking = matches!((dates.since_after, window.until), (Some(after), Some(end)) if after >= end);
        let (since, until) = dates.possibly();
        if over(until) || ahead(since) || seen_ended || seen_lacking {
            return if dates.doubtful { Held::Possibly } else { Held::No };
        }
        let (since, until) = dates.surely();
        if since.is_some() && !over(until) && !ahead(since) { Held::Certainly } else { Held::Possibly }
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
            let held = Held::judge(&window, &Dates { since: t(since), until: t(until), doubtful, ..Dates::default() });
            assert_eq!(held, expected, "window {from}..{to}, link {since}..{until}, doubtful {doubtful}");
        }
    }

    #[test]
    fn between_two_looks_a_link_is_possible_and_outside_them_it_is_known() {
        use Held::{Certainly, No, Possibly};
        let t = |seconds: i64| (seconds >= 0).then(|| Time::from_seconds(seconds));
        // looked at 10 and 20: it began between; looked at 30 and 40: it ended between
        let both = Dates { since: t(20), since_after: t(10), until: t(40), until_after: t(30), doubtful: false };
        let cases = [
            ((1, 9), No),
            ((1, 10), No),
            ((10, 10), No),
            ((1, 11), Possibly),
            ((12, 15), Possibly),
            ((12, 20), Certainly),
            ((20, 20), Certainly),
            ((5, 50), Certainly),
            ((30, 30), Certainly),
            ((31, 39), Possibly),
            ((31, -1), Possibly),
            ((40, 40), No),
            ((40, 50), No),
            ((-1, 15), Possibly),
            ((-1, 25), Certainly),
        ];
        for ((from, to), expected) in cases {
            let window = Window { since: t(from), until: t(to) };
            assert_eq!(Held::judge(&window, &both), expected, "window {from}..{to}");
        }
        let elsewhere = Dates { doubtful: true, ..both };
        assert_eq!(Held::judge(&Window::at(Time::from_seconds(5)), &elsewhere), Possibly);
        let undated = Dates { since: None, since_after: None, ..both };
        assert_eq!(Held::judge(&Window::at(Time::from_seconds(25)), &undated), Possibly);
        assert_eq!(Held::judge(&Window::at(Time::from_seconds(40)), &undated), No);
    }
}

//! Which of many windows was laid first over a stretch of time, found without looking at each. It knows
//! nothing of what the windows are of.

use crate::model::Time;
use std::ops::Range;

/// Nothing lies there.
const NONE: usize = usize::MAX;

/// Windows over a line of time whose every end is known beforehand.
pub(super) struct Windows {
    /// Every moment at which one begins or ends, in order.
    ends: Vec<Time>,
    /// How many places the line has: each moment, and the time before, between and after.
    places: usize,
    /// A tree over the places, the leaves last: the first window that lies over all of a branch …
    over: Vec<usize>,
    /// … and the first that lies over any place of it.
    within: Vec<usize>,
}

impl Windows {
    /// A line on which windows with these ends can be laid.
    pub(super) fn new(ends: impl Iterator<Item = Time>) -> Windows {
        let mut ends: Vec<Time> = ends.collect();
        ends.sort_unstable();
        ends.dedup();
        let places = 2 * ends.len() + 1;
        Windows { places, over: vec![NONE; 2 * places], within: vec![NONE; 2 * places], ends }
    }

    /// The places between two moments. Windows that only touch share none.
    fn places(&self, since: Option<Time>, until: Option<Time>) -> Range<usize> {
        let place = |at: Time| 2 * self.ends.partition_point(|end| *end < at) + 1;
        let first = since.map_or(0, |since| place(since) + 1);
        let after = until.map_or(self.places, place);
        match (since, until) {
            (Some(since), Some(until)) if since == until => first - 1..first,
            _ => first..after.max(first),
        }
    }

    /// Lays a window; of several over one place the lowest number counts.
    pub(super) fn lay(&mut self, since: Option<Time>, until: Option<Time>, number: usize) {
        let range = self.places(since, until);
        let (mut low, mut high) = (range.start + self.places, range.end + self.places);
        while low < high {
            if low % 2 == 1 {
                self.put(low, number);
                low += 1;
            }
            if high % 2 == 1 {
                high -= 1;
                self.put(high, number);
            }
            low /= 2;
            high /= 2;
        }
    }

    fn put(&mut self, branch: usize, number: usize) {
        self.over[branch] = self.over[branch].min(number);
        let mut branch = branch;
        while branch > 0 {
            self.within[branch] = self.within[branch].min(number);
            branch /= 2;
        }
    }

    /// The first window that shares some time with this one.
    pub(super) fn first(&self, since: Option<Time>, until: Option<Time>) -> Option<usize> {
        let range = self.places(since, until);
        let (mut low, mut high) = (range.start + self.places, range.end + self.places);
        let mut first = NONE;
        while low < high {
            if low % 2 == 1 {
                first = first.min(self.at(low));
                low += 1;
            }
            if high % 2 == 1 {
                high -= 1;
                first = first.min(self.at(high));
            }
            low /= 2;
            high /= 2;
        }
        (first != NONE).then_some(first)
    }

    /// The first over any place of a branch.
    fn at(&self, branch: usize) -> usize {
        let mut first = self.within[branch];
        let mut above = branch / 2;
        while above > 0 {
            first = first.min(self.over[above]);
            above /= 2;
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Two windows share time where each begins before the other ends; one that is a moment lies within.
    fn share(a: (Option<i64>, Option<i64>), b: (Option<i64>, Option<i64>)) -> bool {
        let span = |(since, until): (Option<i64>, Option<i64>)| (since.unwrap_or(i64::MIN), until.unwrap_or(i64::MAX));
        let (a, b) = (span(a), span(b));
        a.0 <= a.1 && b.0 <= b.1 && (a == b || (a.0 < b.1 && b.0 < a.1))
    }

    proptest! {
        #[test]
        fn the_first_is_what_looking_at_each_finds(
            laid in prop::collection::vec((prop::option::of(0..8_i64), prop::option::of(0..8_i64)), 0..12),
            asked in (prop::option::of(0..8_i64), prop::option::of(0..8_i64)),
        ) {
            let time = |at: Option<i64>| at.map(Time::from_seconds);
            let all = laid.iter().chain([&asked]).flat_map(|it| [time(it.0), time(it.1)]);
            let mut windows = Windows::new(all.flatten());
            for (number, it) in laid.iter().enumerate() {
                windows.lay(time(it.0), time(it.1), number);
            }
            let found = windows.first(time(asked.0), time(asked.1));
            prop_assert_eq!(found, laid.iter().position(|it| share(*it, asked)));
        }
    }
}

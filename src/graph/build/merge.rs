//! What several statements of one link come to. It never lets the order of records decide.
//!
//! A link held whenever some source says so. Statements whose times overlap become one link from the
//! earliest start to the latest end; disjoint times stay links of their own (a deployment that went
//! back to an older version held it twice). Of two statements with the same start the one that
//! names an end tells more, yet leaves a doubt; unless it is one that closes the other, as whoever looks
//! at a source again and again says it. A statement without a start beside dated ones adds
//! the doubt that it may have held at other times too, unless it was closed.
//! A statement that what was said before still holds adds nothing but itself. Where nobody saw a link begin or
//! end, whoever says most exactly when it did is believed.

use crate::graph::layout::NO_TIME;

/// Earlier than all that anybody states.
const EVER: i64 = NO_TIME + 1;

/// When a link held, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) since: i64,
    pub(super) until: i64,
    /// After which moment it began, where that is not known better than by `since`.
    pub(super) since_after: i64,
    /// After which moment it ended, likewise.
    pub(super) until_after: i64,
}

impl Span {
    /// The moment before which it surely did not begin.
    fn first(&self) -> i64 {
        if self.since_after == NO_TIME { self.since } else { self.since_after }
    }

    /// The last moment at which it surely held.
    fn last(&self) -> i64 {
        if self.until_after == NO_TIME { self.until } else { self.until_after }
    }

    /// The same, with an end and the last moment at which it surely held.
    fn ending(self, until: i64, last: i64) -> Span {
        Span { until, until_after: if last < until { last } else { NO_TIME }, ..self }
    }
}

/// One statement of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Said {
    pub(super) span: Span,
    pub(super) claim: u32,
    /// Its end is that of every statement with its start.
    pub(super) closes: bool,
    /// It says no more than that what was said before still holds.
    pub(super) still: bool,
}

/// One link concluded from statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Concluded {
    pub(super) span: Span,
    pub(super) doubtful: bool,
    /// The claims that state it, ascending.
    pub(super) claims: Vec<u32>,
}

/// Concludes links from the statements of one (from, relation, to).
pub(super) fn conclude(said: &mut Vec<Said>) -> Vec<Concluded> {
    let mut still: Vec<u32> = Vec::new();
    if said.iter().any(|it| !it.still) {
        still.extend(said.iter().filter(|it| it.still).map(|it| it.claim));
        said.retain(|it| !it.still);
    }
    said.sort_unstable();
    place_closings(said);
    said.sort_unstable();
    let undated = said.partition_point(|it| it.span.since == NO_TIME);
    let (undated, dated) = said.split_at(undated);
    let mut links: Vec<Concluded> = Vec::new();
    for same_start in dated.chunk_by(|a, b| a.span.since == b.span.since) {
        let ended = end(same_start);
        let since = same_start[0].span.since;
        let first = same_start.iter().map(|it| it.span.first()).max().unwrap_or(since);
        let since_after = if first < since && first > EVER { first } else { NO_TIME };
        let (until, last) = ended.unwrap_or((NO_TIME, NO_TIME));
        let next = Concluded {
            span: Span { since, since_after, until, until_after: NO_TIME }.ending(until, last),
            doubtful: ended.is_some() && !closed(same_start) && same_start.iter().any(|it| it.span.until == NO_TIME),
            claims: same_start.iter().map(|it| it.claim).collect(),
        };
        match links.last_mut() {
            Some(last) if last.span.until == NO_TIME || last.span.last() >= next.span.since => {
                // Whether it ended is said differently: beyond the stated end it is possible, not certain.
                last.doubtful |= next.doubtful || (last.span.until == NO_TIME) != (next.span.until == NO_TIME);
                last.span = match (last.span.until, next.span.until) {
                    (NO_TIME, end) => last.span.ending(end, next.span.last()),
                    (_, NO_TIME) => last.span,
                    (one, other) => last.span.ending(one.max(other), last.span.last().max(next.span.last())),
                };
                last.claims.extend(next.claims);
            }
            _ => links.push(next),
        }
    }
    if !undated.is_empty() {
        let claims = undated.iter().map(|it| it.claim);
        if closed(undated) {
            links.insert(0, since_ever(undated, claims.collect()));
        } else {
            add_undated(undated, claims, &mut links);
        }
    }
    if let Some(last) = links.last_mut() {
        last.claims.append(&mut still);
    }
    for link in &mut links {
        link.claims.sort_unstable();
        link.claims.dedup();
    }
    links
}

/// The latest end that any of these states, and the last moment at which some of them is sure of it.
fn end(said: &[Said]) -> Option<(i64, i64)> {
    let ended = || said.iter().map(|it| it.span).filter(|it| it.until != NO_TIME);
    Some((ended().map(|it| it.until).max()?, ended().map(|it| it.last()).max()?))
}

/// What nobody says the start of, up to the latest end that is stated.
fn since_ever(undated: &[Said], claims: Vec<u32>) -> Concluded {
    let (until, last) = end(undated).unwrap_or((NO_TIME, NO_TIME));
    let none = Span { since: NO_TIME, since_after: NO_TIME, until: NO_TIME, until_after: NO_TIME };
    Concluded { span: none.ending(until, last), doubtful: false, claims }
}

/// Who looks again and again knows that a link ended and not when it began: what it closes is the first
/// dated statement since the closing before, or else what is undated.
fn place_closings(said: &mut [Said]) {
    let dated: Vec<i64> =
        said.iter().filter(|it| !it.closes && it.span.since != NO_TIME).map(|it| it.span.since).collect();
    let mut closings: Vec<&mut Said> = said.iter_mut().filter(|it| it.closes && it.span.since == NO_TIME).collect();
    closings.sort_unstable_by_key(|it| it.span.until);
    let mut before = NO_TIME;
    for closing in closings {
        if let Some(since) = dated.iter().find(|since| (before..closing.span.until).contains(*since)) {
            // it says nothing of when that began
            (closing.span.since, closing.span.since_after) = (*since, EVER);
            let last = closing.span.last().max(*since);
            closing.span = closing.span.ending(closing.span.until, last);
        }
        before = closing.span.until;
    }
}

fn closed(same_start: &[Said]) -> bool {
    same_start.iter().any(|it| it.closes)
}

fn add_undated(undated: &[Said], claims: impl Iterator<Item = u32>, links: &mut Vec<Concluded>) {
    match links.first_mut() {
        Some(first) => {
            first.doubtful = true;
            first.claims.extend(claims);
        }
        None => {
            let all_ended = undated.iter().all(|it| it.span.until != NO_TIME);
            links.push(since_ever(if all_ended { undated } else { &[] }, claims.collect()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(since: i64, until: i64, claim: u32) -> Said {
        let span = Span { since, until, since_after: NO_TIME, until_after: NO_TIME };
        Said { span, claim, closes: false, still: false }
    }

    fn closing(since: i64, until: i64, claim: u32) -> Said {
        Said { closes: true, ..said(since, until, claim) }
    }

    fn began(after: i64, since: i64, claim: u32) -> Said {
        let it = said(since, NO_TIME, claim);
        Said { span: Span { since_after: after, ..it.span }, ..it }
    }

    fn gone(after: i64, until: i64, claim: u32) -> Said {
        let it = closing(NO_TIME, until, claim);
        Said { span: Span { until_after: after, ..it.span }, ..it }
    }

    #[test]
    fn what_nobody_saw_begin_or_end_keeps_its_doubt() {
        let none = NO_TIME;
        // since after, since, until after, until
        type Shape = (i64, i64, i64, i64);
        let still = Said { still: true, ..said(none, none, 9) };
        let cases: [(&[Said], &[Shape]); 9] = [
            (&[began(1, 3, 1)], &[(1, 3, none, none)]),
            (&[said(none, none, 1), gone(3, 5, 2)], &[(none, none, 3, 5)]),
            (&[began(1, 3, 1), gone(7, 9, 2)], &[(1, 3, 7, 9)]),
            // seen once: it held at that moment
            (&[began(1, 3, 1), gone(3, 5, 2)], &[(1, 3, 3, 5)]),
            // away and back, and not merged over what lies between
            (
                &[said(none, none, 1), gone(1, 3, 2), began(5, 7, 3), gone(9, 11, 4)],
                &[(none, none, 1, 3), (5, 7, 9, 11)],
            ),
            // who states it exactly is believed
            (&[began(1, 3, 1), said(3, none, 2)], &[(none, 3, none, none)]),
            (&[began(1, 3, 1), began(2, 3, 2)], &[(2, 3, none, none)]),
            // told again, it is no other than it was; told alone, it is undated
            (&[began(1, 3, 1), still], &[(1, 3, none, none)]),
            (&[still], &[(none, none, none, none)]),
        ];
        for (statements, expected) in cases {
            let concluded = conclude(&mut statements.to_vec());
            let backward: Vec<Said> = statements.iter().rev().copied().collect();
            assert_eq!(concluded, conclude(&mut backward.clone()));
            let shape = |it: &Concluded| (it.span.since_after, it.span.since, it.span.until_after, it.span.until);
            assert_eq!(concluded.iter().map(shape).collect::<Vec<_>>(), expected, "{statements:?}");
            assert!(concluded.iter().all(|it| !it.doubtful), "{statements:?}");
            assert_eq!(concluded.iter().map(|it| it.claims.len()).sum::<usize>(), statements.len());
        }
    }

    #[test]
    fn statements_of_one_link_merge_whatever_their_order() {
        let none = NO_TIME;
        type Shape = (i64, i64, bool);
        let cases: [(&[Said], &[Shape]); 12] = [
            (&[said(5, none, 1), said(3, none, 2)], &[(3, none, false)]),
            (&[said(1, 3, 1), said(5, none, 2)], &[(1, 3, false), (5, none, false)]),
            (&[said(1, 3, 1), said(3, 7, 2)], &[(1, 7, false)]),
            (&[said(1, none, 1), said(1, 5, 2)], &[(1, 5, true)]),
            (&[said(1, none, 1), said(3, 5, 2)], &[(1, 5, true)]),
            (&[said(none, none, 1), said(3, 5, 2)], &[(3, 5, true)]),
            (&[said(none, 4, 1), said(none, 6, 2)], &[(none, 6, false)]),
            (&[said(none, 4, 1), said(none, none, 2)], &[(none, none, false)]),
            (&[closing(none, 4, 1), said(none, none, 2)], &[(none, 4, false)]),
            (&[closing(2, 4, 1), said(2, none, 2)], &[(2, 4, false)]),
            (&[closing(none, 4, 1), said(none, none, 2), said(6, none, 3)], &[(none, 4, false), (6, none, false)]),
            (
                &[said(none, none, 1), closing(none, 4, 2), said(6, none, 3), closing(none, 8, 4)],
                &[(none, 4, false), (6, 8, false)],
            ),
        ];
        for (statements, expected) in cases {
            let mut forward = statements.to_vec();
            let mut backward: Vec<Said> = statements.iter().rev().copied().collect();
            let concluded = conclude(&mut forward);
            assert_eq!(concluded, conclude(&mut backward));
            let shapes: Vec<_> = concluded.iter().map(|it| (it.span.since, it.span.until, it.doubtful)).collect();
            assert_eq!(shapes, expected, "{statements:?}");
            assert_eq!(concluded.iter().map(|it| it.claims.len()).sum::<usize>(), statements.len());
        }
    }
}

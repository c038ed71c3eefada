//! What several statements of one link come to. It never lets the order of records decide.
//!
//! A link held whenever some source says so. Statements whose times overlap become one link from the
//! earliest start to the latest end; disjoint times stay links of their own (a deployment that went
//! back to an older version held it twice). Of two statements with the same start the one that
//! names an end tells more, yet leaves a doubt; unless it is one that closes the other, as whoever looks
//! at a source again and again says it. A statement without a start beside dated ones adds
//! the doubt that it may have held at other times too, unless it was closed.

use crate::graph::layout::NO_TIME;

/// One statement of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Said {
    pub(super) since: i64,
    pub(super) until: i64,
    pub(super) claim: u32,
    /// Its end is that of every statement with its start.
    pub(super) closes: bool,
}

/// One link concluded from statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Concluded {
    pub(super) since: i64,
    pub(super) until: i64,
    pub(super) doubtful: bool,
    /// The claims that state it, ascending.
    pub(super) claims: Vec<u32>,
}

/// Concludes links from the statements of one (from, relation, to).
pub(super) fn conclude(said: &mut [Said]) -> Vec<Concluded> {
    said.sort_unstable();
    place_closings(said);
    said.sort_unstable();
    let undated = said.partition_point(|it| it.since == NO_TIME);
    let (undated, dated) = said.split_at(undated);
    let mut links: Vec<Concluded> = Vec::new();
    for same_start in dated.chunk_by(|a, b| a.since == b.since) {
        let ended = same_start.iter().filter(|it| it.until != NO_TIME).map(|it| it.until).max();
        let next = Concluded {
            since: same_start[0].since,
            until: ended.unwrap_or(NO_TIME),
            doubtful: ended.is_some() && !closed(same_start) && same_start.iter().any(|it| it.until == NO_TIME),
            claims: same_start.iter().map(|it| it.claim).collect(),
        };
        match links.last_mut() {
            Some(last) if last.until == NO_TIME || last.until >= next.since => {
                // Whether it ended is said differently: beyond the stated end it is possible, not certain.
                last.doubtful |= next.doubtful || (last.until == NO_TIME) != (next.until == NO_TIME);
                last.until = match (last.until, next.until) {
                    (NO_TIME, end) | (end, NO_TIME) => end,
                    (one, other) => one.max(other),
                };
                last.claims.extend(next.claims);
            }
            _ => links.push(next),
        }
    }
    if !undated.is_empty() {
        let claims = undated.iter().map(|it| it.claim);
        if closed(undated) {
            let until = undated.iter().map(|it| it.until).max().unwrap_or(NO_TIME);
            let (since, claims) = (NO_TIME, claims.collect());
            links.insert(0, Concluded { since, until, doubtful: false, claims });
        } else {
            add_undated(undated, claims, &mut links);
        }
    }
    for link in &mut links {
        link.claims.sort_unstable();
        link.claims.dedup();
    }
    links
}

/// Who looks again and again knows that a link ended and not when it began: what it closes is the first
/// dated statement since the closing before, or else what is undated.
fn place_closings(said: &mut [Said]) {
    let dated: Vec<i64> = said.iter().filter(|it| !it.closes && it.since != NO_TIME).map(|it| it.since).collect();
    let mut closings: Vec<&mut Said> = said.iter_mut().filter(|it| it.closes && it.since == NO_TIME).collect();
    closings.sort_unstable_by_key(|it| it.until);
    let mut before = NO_TIME;
    for closing in closings {
        if let Some(since) = dated.iter().find(|since| (before..closing.until).contains(*since)) {
            closing.since = *since;
        }
        before = closing.until;
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
            let all_ended = undated.iter().all(|it| it.until != NO_TIME);
            let until = undated.iter().map(|it| it.until).max().filter(|_| all_ended).unwrap_or(NO_TIME);
            links.push(Concluded { since: NO_TIME, until, doubtful: false, claims: claims.collect() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(since: i64, until: i64, claim: u32) -> Said {
        Said { since, until, claim, closes: false }
    }

    fn closing(since: i64, until: i64, claim: u32) -> Said {
        Said { closes: true, ..said(since, until, claim) }
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
            let shapes: Vec<_> = concluded.iter().map(|it| (it.since, it.until, it.doubtful)).collect();
            assert_eq!(shapes, expected, "{statements:?}");
            assert_eq!(concluded.iter().map(|it| it.claims.len()).sum::<usize>(), statements.len());
        }
    }
}

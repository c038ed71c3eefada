//! Moving along rows of which some cannot be selected. Arithmetic only.

/// One movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Motion {
    By(i64),
    First,
    Last,
    /// To this row, if it can be selected.
    To(usize),
}

/// Where the selection is after the movement: the nearest row that can be selected, first looked
/// for in the direction of the movement.
pub(crate) fn moved(at: usize, motion: Motion, len: usize, selectable: impl Fn(usize) -> bool) -> usize {
    if len == 0 {
        return 0;
    }
    let last = len - 1;
    let (target, forward) = match motion {
        Motion::First => (0, true),
        Motion::Last => (last, false),
        Motion::To(row) if row < len && selectable(row) => return row,
        Motion::To(_) => return at.min(last),
        Motion::By(by) => {
            let distance = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
            if by < 0 { (at.saturating_sub(distance), false) } else { (at.saturating_add(distance).min(last), true) }
        }
    };
    let ahead = (target..len).find(|&row| selectable(row));
    let behind = (0..=target).rev().find(|&row| selectable(row));
    let (nearest, other) = if forward { (ahead, behind) } else { (behind, ahead) };
    nearest.or(other).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_stepped_over_and_ends_hold() {
        let selectable = |row: usize| !matches!(row, 0 | 3);
        assert_eq!(moved(1, Motion::By(-1), 6, selectable), 1);
        assert_eq!(moved(2, Motion::By(1), 6, selectable), 4);
        assert_eq!(moved(4, Motion::By(-1), 6, selectable), 2);
        assert_eq!(moved(4, Motion::By(100), 6, selectable), 5);
        assert_eq!(moved(4, Motion::First, 6, selectable), 1);
        assert_eq!(moved(4, Motion::To(3), 6, selectable), 4);
        assert_eq!(moved(9, Motion::By(1), 0, selectable), 0);
        assert_eq!(moved(0, Motion::By(i64::MIN), 6, |_| false), 0);
    }
}

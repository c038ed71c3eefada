//! Two values beside each other: texts, numbers, and by how much they differ. It reads no claim.

use crate::investigate::rows::FieldChange;
use serde_json::Value;

/// A value as people read it.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The number a text is, if it is one.
fn number(text: &str) -> Option<f64> {
    let trimmed = text.trim();
    // `inf`, `nan` and the like are words here
    let begins = trimmed.trim_start_matches(['-', '+', '.']).starts_with(|letter: char| letter.is_ascii_digit());
    trimmed.parse::<f64>().ok().filter(|number| begins && number.is_finite())
}

/// Whether two texts say the same: as texts, or as numbers.
pub(super) fn same(old: &str, new: &str) -> bool {
    old == new || matches!((number(old), number(new)), (Some(old), Some(new)) if old == new)
}

/// New minus old where both are numbers, to as many places as the longer of them has.
pub(super) fn delta(old: &str, new: &str) -> Option<f64> {
    let difference = number(new)? - number(old)?;
    let places = |text: &str| match text.trim().split_once('.') {
        _ if text.contains(['e', 'E']) => None,
        Some((_, places)) => Some(places.len()),
        None => Some(0),
    };
    match (places(old), places(new)) {
        (Some(old), Some(new)) => format!("{difference:.*}", old.max(new).min(17)).parse().ok(),
        _ => Some(difference),
    }
}

/// A field that two sides state; nothing when neither does.
pub(super) fn field(name: &str, old: Option<&str>, new: Option<&str>) -> Option<FieldChange> {
    old.or(new)?;
    let delta = old.zip(new).and_then(|(old, new)| delta(old, new));
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Some(FieldChange { field: name.to_owned(), old: owned(old), new: owned(new), delta })
}

/// Whether the sides of a field say the same.
pub(super) fn is_same(field: &FieldChange) -> bool {
    match (&field.old, &field.new) {
        (Some(old), Some(new)) => same(old, new),
        (old, new) => old == new,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_numbers_and_differ_by_what_people_expect() {
        assert!(same("0.80", "0.8") && same("1e3", "1000") && !same("8", "9") && !same("nan", "NaN"));
        assert_eq!(delta("0.9502", "0.9518"), Some(0.0016));
        assert_eq!(delta("8", "9"), Some(1.0));
        assert_eq!(delta("1e-3", "2e-3"), Some(0.001));
        assert_eq!(delta("gbtree", "dart"), None);
        assert_eq!(delta("inf", "1"), None);
        assert_eq!(delta("955074e8d679", "1"), None);
    }
}

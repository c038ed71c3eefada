//! What is told without an interpreter must be what CEL says, of any condition and any facts. It tries no wording.

use super::{Condition, Facts, LONGEST_TEXT, MOST_ITEMS};
use proptest::prelude::*;

const TEXTS: [&str; 8] = ["id", "kind", "name", "version", "owner", "risk", "'vendor:'", "'high'"];
const LISTS: [&str; 4] = ["risks", "environments", "['high', 'prod']", "[]"];
const SIGNS: [&str; 6] = ["==", "!=", "<", "<=", ">", ">="];
const WORDS: [&str; 7] = ["", "high", "low", "prod", "vendor:acme", "Prod", "é"];

/// A condition of the sort that needs no interpreter.
fn condition() -> impl Strategy<Value = String> {
    let text = || prop::sample::select(&TEXTS[..]);
    let leaf = prop_oneof![
        prop::sample::select(&["true", "false", "described", "in_use"][..]).prop_map(str::to_owned),
        (text(), prop::sample::select(&SIGNS[..]), text()).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
        (prop::sample::select(&SIGNS[..]), 0_i64..4).prop_map(|(sign, days)| format!("age_days {sign} {days}")),
        (text(), prop::sample::select(&["startsWith", "endsWith", "contains"][..]), text())
            .prop_map(|(a, how, b)| format!("{a}.{how}({b})")),
        (text(), prop::sample::select(&LISTS[..])).prop_map(|(a, list)| format!("{a} in {list}")),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|it| format!("!({it})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) && ({b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a}) || ({b})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn without_an_interpreter_the_same_holds(
        text in condition(),
        words in prop::collection::vec(prop::sample::select(&WORDS[..]), 5),
        risks in prop::collection::vec(prop::sample::select(&WORDS[..]), 0..3),
        environments in prop::collection::vec(prop::sample::select(&WORDS[..]), 0..3),
        (described, in_use, age_days) in (any::<bool>(), any::<bool>(), -1_i64..5),
    ) {
        let Ok(condition) = Condition::try_from(text.clone()) else {
            // only what is nested too deep is not read
            prop_assert!(super::is_deep(&text), "{}", text);
            return Ok(());
        };
        let facts = Facts {
            id: words[0],
            kind: words[1],
            name: words[2],
            version: words[3],
            owner: words[4],
            risks: &risks,
            environments: &environments,
            described,
            in_use,
            age_days,
            attributes: &[],
        };
        prop_assert!(condition.simple.is_some(), "{}", text);
        prop_assert_eq!(condition.holds(&facts), condition.interpreted(&facts), "{}", text);
    }
}

#[test]
fn what_a_condition_is_not_shown_counts_for_neither() {
    let long = format!("{}x", "é".repeat(LONGEST_TEXT));
    let mut risks = vec!["low"; MOST_ITEMS];
    risks.push("high");
    let facts = Facts { owner: &long, risks: &risks, ..Facts::default() };
    for text in ["owner.endsWith('x')", "'high' in risks", "!owner.endsWith('é')"] {
        let condition = Condition::try_from(text.to_owned()).unwrap();
        assert!(condition.simple.is_some());
        assert_eq!(condition.holds(&facts), Ok(false), "{text}");
        assert_eq!(condition.interpreted(&facts), Ok(false), "{text}");
    }
}

#[test]
fn what_says_more_is_left_to_the_interpreter() {
    for text in
        ["environments.exists(e, e.startsWith('prod'))", "size(owner) > 3", "has(attributes.step)", "'a' + name == id"]
    {
        assert!(Condition::try_from(text.to_owned()).unwrap().simple.is_none(), "{text}");
    }
}

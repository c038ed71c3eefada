//! Holds the demo to its story: complete lines, no dangling ids but the deliberate gaps, dates in
//! order, and the poison reaching exactly what it should. It goes through no importer.

use super::{DemoFile, LEAKED, files};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Ids that links mention and nobody describes: the gaps the demo is meant to show.
const GAPS: [&str; 3] = [
    "dataset:labelworks/annotations@2026-W46",
    "dataset:labelworks/annotations@2026-W47",
    "image:risk-scorer@2.31.1-hotfix1",
];
const POISON: &str = "dataset:vendor-labels@2026-11-17";

fn lines(extension: &str) -> Vec<(&'static str, Value)> {
    files()
        .into_iter()
        .filter(|file| file.name.ends_with(extension))
        .flat_map(|DemoFile { name, bytes }| {
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.ends_with('\n'), "{name} ends its last line");
            text.lines().map(|line| (name, serde_json::from_str(line).unwrap())).collect::<Vec<_>>()
        })
        .collect()
}

fn native() -> Vec<Value> {
    lines(".lineage.jsonl")
        .into_iter()
        .filter(|(name, _)| !name.contains("openlineage"))
        .map(|(_, line)| line)
        .collect()
}

fn text<'a>(line: &'a Value, key: &str) -> Option<&'a str> {
    line.get(key).and_then(Value::as_str)
}

fn of_type<'a>(lines: &'a [Value], word: &'a str) -> impl Iterator<Item = &'a Value> {
    lines.iter().filter(move |line| line["type"] == word)
}

/// Everything downstream of `start` over links that carry impact and that `holds` lets through.
fn reach(lines: &[Value], start: &str, holds: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    let mut dependents: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for link in of_type(lines, "link").filter(|link| holds(link)) {
        if crate::model::Relation::parse(text(link, "relation").unwrap()).carries_impact() {
            dependents.entry(text(link, "to").unwrap()).or_default().push(text(link, "from").unwrap());
        }
    }
    let mut seen = BTreeSet::new();
    let mut open = vec![start];
    while let Some(id) = open.pop() {
        for dependent in dependents.get(id).into_iter().flatten() {
            if seen.insert((*dependent).to_owned()) {
                open.push(dependent);
            }
        }
    }
    seen
}

fn of_kind(reached: &BTreeSet<String>, kind: &str) -> Vec<String> {
    reached.iter().filter(|id| id.split(':').next() == Some(kind)).cloned().collect()
}

/// A link that may have held at some moment from `since` on.
fn held_from(since: &'static str) -> impl Fn(&Value) -> bool {
    move |link| text(link, "until").is_none_or(|until| until >= since)
}

#[test]
fn the_demo_is_the_same_every_time() {
    assert_eq!(files(), files());
    let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = files().iter().flat_map(|file| file.bytes.clone()).fold(0xcbf2_9ce4_8422_2325, |h, b| fold(h, &b));
    assert_eq!(format!("{hash:016x}"), "3808c489f6d331f1", "the demo changed: look at it, then pin the new value");
}

#[test]
fn every_line_states_what_its_type_requires() {
    for line in native() {
        let required: &[&str] = match text(&line, "type").unwrap() {
            "artefact" => &["id", "kind"],
            "link" => &["from", "to", "relation"],
            "evidence" => &["about", "kind", "at"],
            "absence" => &["about", "relation", "why"],
            "same-as" => &["a", "b", "why"],
            other => panic!("the demo holds no {other} lines"),
        };
        for key in required {
            assert!(text(&line, key).is_some(), "{key} is missing in {line}");
        }
        for key in ["at", "since", "until", "expires"] {
            if let Some(time) = text(&line, key) {
                let (_, assumed) = crate::model::Time::parse_stated(time).unwrap();
                assert!(!assumed && time.len() == 20, "{time} is whole seconds in UTC");
            }
        }
    }
    for (_, event) in lines(".openlineage.jsonl") {
        assert!(
            event["run"]["runId"].is_string() && event["job"]["name"].is_string() && event["eventTime"].is_string()
        );
    }
}

#[test]
fn there_are_some_two_thousand_artefacts_each_described_once() {
    let lines = native();
    let mut seen = BTreeSet::new();
    for artefact in of_type(&lines, "artefact") {
        let id = text(artefact, "id").unwrap();
        assert!(seen.insert(id.to_owned()), "{id} is described twice");
        assert!(!matches!(crate::model::Kind::parse(text(artefact, "kind").unwrap()), crate::model::Kind::Other(_)));
    }
    assert!((1_900..=2_200).contains(&seen.len()), "{} artefacts", seen.len());
}

#[test]
fn only_the_deliberate_gaps_are_mentioned_and_not_described() {
    let lines = native();
    let described: BTreeSet<&str> = of_type(&lines, "artefact").filter_map(|line| text(line, "id")).collect();
    let mut mentioned = BTreeSet::new();
    for line in &lines {
        for key in ["from", "to", "about", "owner", "by"] {
            mentioned.extend(text(line, key));
        }
    }
    let gaps: Vec<&str> = mentioned.difference(&described).copied().collect();
    assert_eq!(gaps, GAPS);
}

#[test]
fn nothing_is_used_before_it_exists_or_after_the_incident() {
    let lines = native();
    let born: BTreeMap<&str, &str> =
        of_type(&lines, "artefact").filter_map(|line| Some((text(line, "id")?, text(line, "at")?))).collect();
    for link in of_type(&lines, "link") {
        let since = text(link, "since");
        if let (Some(since), Some(until)) = (since, text(link, "until")) {
            assert!(since <= until, "{link}");
        }
        for end in ["from", "to"] {
            if let (Some(since), Some(at)) = (since, text(link, end).and_then(|id| born.get(id))) {
                assert!(*at <= since, "{} came to be at {at}, after {link}", link[end]);
            }
        }
        assert!(since.is_none_or(|since| since < super::NOW), "{link}");
    }
    for line in of_type(&lines, "evidence").filter(|line| line["kind"] == "approval") {
        let at = text(line, "at").unwrap();
        let about = text(line, "about").unwrap();
        let before_its_subject = born.get(about).is_some_and(|born| at < *born);
        assert!(!before_its_subject || about == "agent:refund-agent@5" || about.starts_with("step:"), "{line}");
    }
    assert!(born.values().all(|at| *at < super::NOW));
}

#[test]
fn deployments_serve_one_version_at_a_time() {
    let lines = native();
    let mut served: BTreeMap<&str, Vec<(&str, Option<&str>)>> = BTreeMap::new();
    for link in of_type(&lines, "link").filter(|link| link["relation"] == "deploys") {
        served
            .entry(text(link, "from").unwrap())
            .or_default()
            .push((text(link, "since").unwrap(), text(link, "until")));
    }
    assert!(served.len() >= 18, "{} deployments", served.len());
    for (deployment, mut spans) in served {
        spans.sort_unstable();
        for pair in spans.windows(2) {
            assert_eq!(pair[0].1, Some(pair[1].0), "{deployment} has a hole or an overlap");
        }
        assert_eq!(spans.last().unwrap().1, None, "{deployment} serves nothing now");
    }
}

#[test]
fn the_poisoned_feed_reaches_exactly_what_the_story_says() {
    let lines = native();
    let all = reach(&lines, POISON, |_| true);
    assert_eq!(
        of_kind(&all, "model-version"),
        [
            "model-version:chargeback-ranker@12",
            "model-version:fraud-scorer@41",
            "model-version:fraud-scorer@42",
            "model-version:kyc-risk@7"
        ]
    );
    assert_eq!(
        of_kind(&all, "deployment"),
        [
            "deployment:chargeback-ranker/prod-eu",
            "deployment:fraud-scorer/prod-eu",
            "deployment:fraud-scorer/prod-us",
            "deployment:fraud-scorer/staging",
            "deployment:kyc-risk/prod-eu",
            "deployment:refund-agent/prod-eu"
        ]
    );
    assert_eq!(of_kind(&all, "step").iter().filter(|id| id.ends_with("action")).count(), 3);
}

#[test]
fn an_undated_vendor_link_makes_two_things_only_possibly_hit() {
    let lines = native();
    let since = held_from("2026-11-17T02:00:00Z");
    let possibly = reach(&lines, POISON, &since);
    let certainly = reach(&lines, POISON, |link| link.get("since").is_some() && since(link));
    let doubtful: Vec<_> = possibly.difference(&certainly).collect();
    assert_eq!(doubtful, ["dataset:northgate/blocklist@2026-11", "use-case:payout-screening"]);
}

#[test]
fn the_leaked_secret_executed_three_refunds_and_was_shared_until_november() {
    let lines = native();
    let secret = "secret:vault/kv/refund-api";
    let actions: Vec<&str> = of_type(&lines, "link")
        .filter(|link| link["to"] == secret && link["relation"] == "authenticates-with")
        .filter_map(|link| text(link, "from").filter(|from| from.starts_with("step:")))
        .collect();
    assert_eq!(actions.len(), 3);
    let approved =
        |action: &&str| of_type(&lines, "evidence").any(|it| it["about"] == **action && it["kind"] == "approval");
    assert_eq!(actions.iter().filter(|action| !approved(action)).count(), 1);
    let batch = "deployment:refund-batch/prod-eu";
    assert!(reach(&lines, secret, |_| true).contains(batch));
    assert!(!reach(&lines, secret, held_from("2026-11-16T21:14:00Z")).contains(batch));
    let uses = |name: &str| {
        files()
            .into_iter()
            .find(|file| file.name == name)
            .map(|file| String::from_utf8(file.bytes).unwrap().matches(LEAKED).count())
    };
    assert_eq!((uses("refund-agent.lineage.jsonl"), uses("airflow.openlineage.jsonl")), (Some(1), Some(1)));
    assert_eq!(files().iter().filter(|file| String::from_utf8_lossy(&file.bytes).contains(LEAKED)).count(), 3);
}

#[test]
fn one_approval_is_void_one_has_expired_and_one_is_missing() {
    let lines = native();
    let digests: BTreeMap<&str, &Value> =
        of_type(&lines, "artefact").filter_map(|line| Some((text(line, "id")?, line.get("digests")?))).collect();
    let approvals: Vec<&Value> = of_type(&lines, "evidence").filter(|it| it["kind"] == "approval").collect();
    let void: Vec<_> = approvals
        .iter()
        .filter(|it| it.get("covers").is_some_and(|covers| digests.get(text(it, "about").unwrap()) != Some(&covers)))
        .filter_map(|it| text(it, "about"))
        .collect();
    assert_eq!(void, ["model-version:fraud-scorer@41"]);
    let expired: Vec<_> = approvals
        .iter()
        .filter(|it| text(it, "expires").is_some_and(|expires| expires < super::NOW))
        .filter_map(|it| text(it, "about"))
        .collect();
    assert_eq!(expired, ["agent:refund-agent@5"]);
    assert!(!approvals.iter().any(|it| it["about"] == "model-version:fraud-scorer@42"));
}

#[test]
fn prod_eu_serves_a_digest_nobody_approved() {
    let lines = native();
    let deployment = of_type(&lines, "artefact").find(|it| it["id"] == "deployment:fraud-scorer/prod-eu").unwrap();
    let served = &deployment["digests"][0];
    let covered =
        of_type(&lines, "evidence").any(|it| it["covers"].as_array().is_some_and(|list| list.contains(served)));
    let described =
        of_type(&lines, "artefact").filter(|it| it["digests"].as_array().is_some_and(|list| list.contains(served)));
    assert!(!covered);
    assert_eq!(described.count(), 1);
}

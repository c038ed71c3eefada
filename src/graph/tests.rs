//! Tests over whole lineages: what the parts come to together.

use crate::graph::fixture::{Sayings, at, head};
use crate::graph::resolve::{Resolved, resolve};
use crate::graph::walk::{Along, Bounds, Way, walk};
use crate::graph::{Builder, Held, Lineage, Node, Unusable};
use crate::model::{ClaimRow, Window};
use std::sync::atomic::AtomicBool;

static GO: AtomicBool = AtomicBool::new(false);

fn incident() -> Sayings {
    let mut it = Sayings::default();
    it.artefact("dataset:labels@17", r#"{"owner":"team:data","digests":["sha256:aa"],"name":"Vendor Labels"}"#)
        .artefact("model-version:scorer@41", r#"{"owner":"team:risk","environment":"prod","risk":"high"}"#)
        .artefact("model-version:scorer@42", r#"{"identifiers":["models:/scorer/42","git:0123456789abcdef"]}"#)
        .artefact("deployment:prod-eu", r#"{"environment":"prod"}"#)
        .dated("model-version:scorer@41", "trained-on", "dataset:labels@17", "2026-11-17", "")
        .dated("model-version:scorer@42", "trained-on", "dataset:labels@17", "2026-11-18", "")
        .dated(
            "deployment:prod-eu",
            "deploys",
            "model-version:scorer@41",
            "2026-11-17T12:00:00Z",
            "2026-11-18T12:00:00Z",
        )
        .dated("deployment:prod-eu", "deploys", "model-version:scorer@42", "2026-11-18T12:00:00.25Z", "")
        .link("model-version:scorer@41", "version-of", "model:scorer")
        .link("model-version:scorer@42", "version-of", "model:scorer")
        .link("use-case:refunds", "uses-tool", "deployment:prod-eu");
    it
}

fn ids(lineage: &Lineage, nodes: impl Iterator<Item = Node>) -> Vec<&str> {
    nodes.map(|node| lineage.id(node)).collect()
}

fn reach(lineage: &Lineage, from: &str, way: Way, along: &Along) -> Vec<String> {
    let from = lineage.node(from).unwrap();
    let walk = walk(lineage, &[from], way, along, Bounds::NONE, &GO).unwrap();
    walk.reached().map(|(node, distance)| format!("{distance} {}", lineage.id(node))).collect()
}

#[test]
fn what_is_told_of_an_artefact_reads_back() {
    let lineage = incident().lineage();
    assert_eq!((lineage.len(), lineage.links()), (6, 7));
    let labels = lineage.node("dataset:labels@17").unwrap();
    assert_eq!((lineage.kind(labels), lineage.name(labels)), ("dataset", "Vendor Labels"));
    assert_eq!((lineage.version(labels), lineage.owner(labels)), (Some("17"), Some("team:data")));
    assert_eq!(lineage.digests(labels).collect::<Vec<_>>(), ["sha256:aa"]);
    let old = lineage.node("model-version:scorer@41").unwrap();
    assert_eq!((lineage.environment(old), lineage.risk(old)), (Some("prod"), Some("high")));
    assert!(lineage.described(old));
    let name = lineage.node("model:scorer").unwrap();
    assert!(!lineage.described(name));
    assert_eq!(lineage.kind(name), "model", "the id tells the kind of what is only mentioned");
    assert_eq!(lineage.node("model:nobody"), None);
    assert_eq!(lineage.head(), &head(11));
}

#[test]
fn a_link_reads_the_same_from_both_ends() {
    let lineage = incident().lineage();
    let prod = lineage.node("deployment:prod-eu").unwrap();
    let up: Vec<_> = lineage.upstream(prod).collect();
    assert_eq!(ids(&lineage, up.iter().map(|it| it.to)), ["model-version:scorer@41", "model-version:scorer@42"]);
    assert_eq!(up[0].until, Some(at("2026-11-18T12:00:00Z")));
    assert_eq!(up[1].since, Some(at("2026-11-18T12:00:00.25Z")), "parts of a second are kept");
    for link in &up {
        assert!(lineage.downstream(link.to).any(|it| it == *link));
    }
    assert!(!lineage.upstream(up[0].to).any(|it| it.relation == "version-of" && it.carries_impact));
}

#[test]
fn impact_runs_down_but_not_through_a_bare_name() {
    let lineage = incident().lineage();
    assert_eq!(
        reach(&lineage, "model-version:scorer@41", Way::Down, &Along::impact()),
        ["0 model-version:scorer@41", "1 deployment:prod-eu", "2 use-case:refunds"]
    );
    assert_eq!(reach(&lineage, "model:scorer", Way::Down, &Along::impact()), ["0 model:scorer"]);
    assert_eq!(reach(&lineage, "model:scorer", Way::Down, &Along::everything()).len(), 5);
}

#[test]
fn a_window_takes_links_that_held_in_it() {
    let lineage = incident().lineage();
    let reached = |window: Window, at_least: Held| {
        let along = Along { window, at_least, ..Along::impact() };
        reach(&lineage, "model-version:scorer@41", Way::Down, &along).len() - 1
    };
    let from = |text: &str| Window { since: Some(at(text)), until: None };
    assert_eq!(reached(Window::default(), Held::Certainly), 2);
    assert_eq!(reached(Window::at(at("2026-11-18")), Held::Certainly), 1, "the tool link is undated");
    assert_eq!(reached(Window::at(at("2026-11-18")), Held::Possibly), 2);
    assert_eq!(reached(from("2026-11-19"), Held::Possibly), 0, "it was replaced on the 18th");
    assert_eq!(reached(Window { since: None, until: Some(at("2026-11-17")) }, Held::Possibly), 0);
}

#[test]
fn a_cycle_ends_and_its_nodes_come_once() {
    let mut it = Sayings::default();
    it.link("job:a", "used", "job:b")
        .link("job:b", "used", "job:c")
        .link("job:c", "used", "job:a")
        .link("job:a", "used", "job:a");
    let lineage = it.lineage();
    assert_eq!(reach(&lineage, "job:a", Way::Up, &Along::impact()), ["0 job:a", "1 job:b", "2 job:c"]);
    let a = lineage.node("job:a").unwrap();
    let bounded = walk(&lineage, &[a], Way::Up, &Along::impact(), Bounds { depth: 1, nodes: 99 }, &GO).unwrap();
    assert_eq!((bounded.len(), bounded.cut), (2, true));
    let stop = AtomicBool::new(true);
    assert!(walk(&lineage, &[a], Way::Up, &Along::impact(), Bounds::NONE, &stop).is_err());
}

#[test]
fn same_as_and_strong_identifiers_fold_and_weak_ones_do_not() {
    let digest = format!("sha256:{}", "ab".repeat(32));
    let stated = format!(r#"{{"digests":["{digest}"]}}"#);
    let mut it = Sayings::default();
    it.artefact("dataset:b@1", &stated)
        .artefact("dataset:a@1", &stated)
        .artefact("deployment:x", &stated)
        .artefact("deployment:y", &stated)
        .artefact("dataset:c@1", r#"{"digests":["md5:1234abcd"]}"#)
        .artefact("dataset:d@1", r#"{"digests":["md5:1234abcd"]}"#)
        .artefact("secret:vault/refund", r#"{"identifiers":["fingerprint:00112233445566778899aabbccddeeff"]}"#)
        .artefact(
            "secret:fp/00112233445566778899aabbccddeeff",
            r#"{"identifiers":["fingerprint:00112233445566778899aabbccddeeff"]}"#,
        )
        .link("job:j", "used", "dataset:b@1")
        .link("dataset:a@1", "derived-from", "dataset:b@1")
        .same("ol:mentioned", "dataset:c@1", "the catalogue says so");
    let lineage = it.lineage();
    let a = lineage.node("dataset:a@1").unwrap();
    assert_eq!(lineage.node("dataset:b@1"), Some(a));
    assert_eq!(lineage.downstream_count(a), 1, "what folding made a link to itself is gone");
    let aliases: Vec<_> = lineage.aliases(a).map(|it| (it.id, it.why.to_owned())).collect();
    assert_eq!(aliases, [("dataset:b@1", format!("both have {digest}"))]);
    assert_eq!(lineage.claims(a).count(), 2);
    assert_ne!(lineage.node("deployment:x"), lineage.node("deployment:y"), "two deployments serve one digest");
    assert_ne!(lineage.node("dataset:c@1"), lineage.node("dataset:d@1"));
    let c = lineage.node("ol:mentioned").unwrap();
    assert_eq!(lineage.id(c), "dataset:c@1", "the described id stands for both");
    assert_eq!(lineage.aliases(c).next().unwrap().why, "the catalogue says so");
    assert_eq!(lineage.node("secret:vault/refund"), lineage.node("secret:fp/00112233445566778899aabbccddeeff"));
    assert_eq!(resolve(&lineage, "dataset:b@1"), Resolved::One(a));
}

#[test]
fn a_retracted_claim_counts_no_more_unless_that_was_retracted() {
    let mut it = Sayings::default();
    it.artefact("job:a", "{}").link("job:a", "used", "job:b").dated("job:a", "used", "job:c", "", "2026-11-18");
    it.retract("2.1");
    let lineage = it.lineage();
    assert_eq!(lineage.node("job:b"), None);
    assert_eq!(lineage.links(), 1);
    let a = lineage.node("job:a").unwrap();
    assert_eq!(lineage.upstream(a).next().unwrap().until, Some(at("2026-11-18")), "ends stay with their links");
    it.retract("4.1");
    assert_eq!(it.lineage().links(), 2);
    it.retract("3.2").retract("nonsense").retract("99.1");
    assert_eq!(it.lineage().links(), 2);
}

#[test]
fn evidence_is_void_when_it_covers_another_digest() {
    let one = format!("sha256:{}", "aa".repeat(32));
    let other = format!("sha256:{}", "bb".repeat(32));
    let mut it = Sayings::default();
    it.artefact("image:x@1", &format!(r#"{{"digests":["{one}"]}}"#))
        .evidence(
            "image:x@1",
            "approval",
            ("2026-11-01", "2026-12-01"),
            &format!(r#"{{"covers":["{one}"],"by":"person:j"}}"#),
        )
        .evidence("image:x@1", "approval", ("2026-11-02", ""), &format!(r#"{{"covers":["{other}"],"verdict":"pass"}}"#))
        .evidence("image:x@1", "scan", ("2026-11-03", ""), r#"{"covers":["sha512:cc"]}"#)
        .absence("image:x@1", "built-from", "not-disclosed");
    let lineage = it.lineage();
    let x = lineage.node("image:x@1").unwrap();
    let evidence: Vec<_> = lineage.evidence(x).collect();
    assert_eq!(evidence.iter().map(|it| it.void).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!((evidence[0].by, evidence[1].verdict), (Some("person:j"), Some("pass")));
    assert_eq!(evidence[0].expires, Some(at("2026-12-01")));
    assert_eq!(lineage.absences(x).next().unwrap().why, "not-disclosed");
    assert_eq!(lineage.all_evidence().len(), 3);
}

#[test]
fn an_argument_is_resolved_or_listed_and_never_guessed() {
    let digest = format!("sha256:{}", "0123456789abcdef".repeat(4));
    let mut it = incident();
    it.artefact("image:scorer@9", &format!(r#"{{"digests":["{digest}"]}}"#));
    let lineage = it.lineage();
    let one = |text: &str| match resolve(&lineage, text) {
        Resolved::One(node) => lineage.id(node).to_owned(),
        other => format!("{other:?}"),
    };
    for (text, id) in [
        ("deployment:prod-eu", "deployment:prod-eu"),
        ("scorer@41", "model-version:scorer@41"),
        ("models:/scorer/42", "model-version:scorer@42"),
        ("git:0123456", "model-version:scorer@42"),
        ("sha256:0123456789", "image:scorer@9"),
        ("SHA-256:0123456789ABCDEF", "image:scorer@9"),
        ("Vendor Labels", "dataset:labels@17"),
        ("PROD", "deployment:prod-eu"),
    ] {
        assert_eq!(one(text), id, "{text}");
    }
    assert!(matches!(resolve(&lineage, "0123456"), Resolved::Several(_, 2)), "a commit and a digest begin so");
    assert!(matches!(resolve(&lineage, "scorer"), Resolved::Several(_, 4..)), "a bare name is no version");
    assert!(matches!(resolve(&lineage, "core"), Resolved::Several(_, 4)));
    let Resolved::None(near) = resolve(&lineage, "model-version:scoorer@41") else { panic!() };
    assert_eq!(lineage.id(near[0]), "model-version:scorer@41");
    assert_eq!(resolve(&lineage, ""), Resolved::None(vec![]));
}

#[test]
fn a_hub_of_many_links_reads_right_from_both_ends() {
    let mut it = Sayings::default();
    for at in 0..300 {
        it.link("job:hub", "used", &format!("dataset:{at:03}"));
        it.link("job:hub", "evaluated-on", &format!("dataset:{at:03}"));
        it.link(&format!("run:{at:03}"), "instance-of", "job:hub");
    }
    let lineage = it.lineage();
    let hub = lineage.node("job:hub").unwrap();
    assert_eq!((lineage.upstream_count(hub), lineage.downstream_count(hub)), (600, 300));
    for link in lineage.upstream(hub) {
        let back: Vec<_> = lineage.downstream(link.to).collect();
        assert_eq!(back.len(), 2);
        assert!(back.contains(&link), "slots beyond a byte are searched");
    }
    assert_eq!(lineage.neighbour_count(hub, Way::Up), 300);
}

#[test]
fn more_kinds_and_relations_than_a_byte_holds_are_kept_as_written() {
    let mut it = Sayings::default();
    for at in 0..600 {
        it.artefact(&format!("kind{at}:x"), "{}");
        it.link(&format!("kind{at}:x"), &format!("relation{at}"), "job:j");
    }
    let lineage = it.lineage();
    for at in 0..600 {
        let node = lineage.node(&format!("kind{at}:x")).unwrap();
        assert_eq!(lineage.kind(node), format!("kind{at}"));
        let link = lineage.upstream(node).next().unwrap();
        assert_eq!((link.relation, link.carries_impact), (format!("relation{at}").as_str(), true));
    }
    assert_eq!(reach(&lineage, "job:j", Way::Down, &Along::impact()).len(), 601);
}

#[test]
fn an_index_is_refused_for_what_is_wrong_with_it() {
    let bytes = incident().index();
    assert_eq!(Lineage::read(b"short").unwrap_err(), Unusable::Foreign);
    assert_eq!(
        Lineage::read(&bytes[..bytes.len() - 8]).unwrap_err(),
        Unusable::Length { found: bytes.len() as u64 - 8, said: bytes.len() as u64 }
    );
    let mut newer = bytes.clone();
    newer[8] = 9;
    assert_eq!(Lineage::read(&newer).unwrap_err(), Unusable::Version { found: 9 });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &bytes).unwrap();
    assert_eq!(Lineage::open(file.path(), &head(11)).unwrap().len(), 6);
    assert_eq!(Lineage::open(file.path(), &head(12)).unwrap_err(), Unusable::Stale { found: 11, wanted: 12 });
    assert!(matches!(Lineage::open("/nowhere".as_ref(), &head(11)), Err(Unusable::Unreadable(_))));
}

#[test]
fn nothing_is_a_lineage_too() {
    let lineage = Sayings::default().lineage();
    assert!(lineage.is_empty());
    assert_eq!(lineage.node("x"), None);
    assert_eq!(resolve(&lineage, "x"), Resolved::None(vec![]));
}

/// Twenty thousand artefacts with five links each, as a ledger of daily runs gives them.
fn everyday(count: u32) -> Vec<u8> {
    let mut builder = Builder::new();
    let mut claim = 0;
    for at in 0..count {
        let about = format!("model-version:fraud-scorer-{:05}@{}", at / 20, at % 20);
        let since = Some(1_777_593_600_000_000 + i64::from(at) * 60_000_000);
        let body = format!(r#"{{"owner":"team:{}","environment":"prod"}}"#, at % 7);
        let mut say = |kind, target: Option<&str>, what, body| {
            claim += 1;
            let about = about.as_str();
            let record = claim / 300;
            builder.push(&ClaimRow { id: claim, record, at: 0, kind, about, target, what, since, until: None, body });
        };
        say("artefact", None, "model-version", Some(&body));
        for step in 1..=5 {
            let other = (at * 7919 + step * 104_729) % count;
            let to = format!("model-version:fraud-scorer-{:05}@{}", other / 20, other % 20);
            say("link", Some(&to), "derived-from", None);
        }
    }
    builder.finish(&head(1)).unwrap()
}

#[test]
fn an_artefact_with_five_links_takes_at_most_120_bytes_beside_its_name() {
    let lineage = Lineage::read(&everyday(20_000)).unwrap();
    assert_eq!((lineage.len(), lineage.links()), (20_000, 100_000));
    let (all, names) = lineage.size();
    let each = (all - names) as f64 / lineage.len() as f64;
    assert!(each <= 120.0, "{each}");
}

#[test]
fn a_hub_with_100_000_dependents_is_built_and_walked() {
    let mut builder = Builder::new();
    for at in 0..100_000_u64 {
        let about = format!("run:{at:06}");
        let (target, since, until, body) = (Some("dataset:hub"), None, None, None);
        let what = "used";
        builder.push(&ClaimRow {
            id: at + 1,
            record: at,
            at: 0,
            kind: "link",
            about: &about,
            target,
            what,
            since,
            until,
            body,
        });
    }
    let lineage = Lineage::read(&builder.finish(&head(1)).unwrap()).unwrap();
    let hub = lineage.node("dataset:hub").unwrap();
    let reached = walk(&lineage, &[hub], Way::Down, &Along::impact(), Bounds::NONE, &GO).unwrap();
    assert_eq!(reached.len(), 100_001);
    assert_eq!(lineage.downstream(hub).nth(99_999).unwrap().from, lineage.node("run:099999").unwrap());
    let few = walk(&lineage, &[hub], Way::Down, &Along::impact(), Bounds { depth: 9, nodes: 50 }, &GO).unwrap();
    assert!(few.cut);
}

#[test]
fn a_lineage_is_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Lineage>();
}

//! Tests of questions over one small incident.

use crate::graph::fixture::{Sayings, at};
use crate::graph::{Lineage, Node};
use crate::investigate::answer::InPart;
use crate::investigate::asking::{Asking, ClaimName, Unanswered};
use crate::investigate::find::Finder;
use crate::investigate::marks::MarkBook;
use crate::investigate::question::{Direction, Find, Impact, Marks, Path, Show, Tree};
use crate::investigate::taint::Taint;
use crate::investigate::{find, impact, marks, overview, path, show, tree};
use crate::model::{Mark, MarkKind, Policy, Retract, Statement, Time, Window};
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

static GO: AtomicBool = AtomicBool::new(false);

fn incident() -> Sayings {
    let digest = |letter: &str| format!("sha256:{}", letter.repeat(64));
    let mut it = Sayings::default();
    it.artefact("dataset:labels@17", r#"{"owner":"team:data"}"#)
        .artefact("model-version:scorer@41", &format!(r#"{{"owner":"team:risk","digests":["{}"]}}"#, digest("a")))
        .artefact("model-version:scorer@42", &format!(r#"{{"digests":["{}"]}}"#, digest("b")))
        .artefact("deployment:prod-eu", r#"{"environment":"prod","owner":"team:sre"}"#)
        .artefact("deployment:prod-us", r#"{"environment":"prod"}"#)
        .artefact("model-version:base@3", "{}")
        .dated("model-version:scorer@41", "trained-on", "dataset:labels@17", "2026-11-17", "")
        .dated("model-version:scorer@42", "trained-on", "dataset:labels@17", "2026-11-18", "")
        .dated("model-version:scorer@42", "fine-tuned-from", "model-version:base@3", "2026-11-18", "")
        .dated("deployment:prod-eu", "deploys", "model-version:scorer@42", "2026-11-18T12:00:00Z", "")
        .dated("deployment:prod-us", "deploys", "model-version:scorer@41", "2026-11-17T12:00:00Z", "")
        .link("use-case:refunds", "uses-tool", "deployment:prod-eu")
        .link("model-version:scorer@41", "version-of", "model:scorer")
        .link("model-version:scorer@42", "version-of", "model:scorer")
        .absence("model-version:base@3", "trained-on", "not-disclosed")
        .evidence("model-version:scorer@41", "approval", ("2026-10-01", "2026-11-01"), "{}")
        .evidence(
            "model-version:scorer@42",
            "approval",
            ("2026-11-18", ""),
            &format!(r#"{{"covers":["{}"]}}"#, digest("c")),
        )
        .evidence("deployment:prod-eu", "incident", ("2026-11-19", ""), r#"{"by":"person:j"}"#);
    it
}

fn now() -> Time {
    at("2026-11-20")
}

fn names(claim: u64) -> ClaimName {
    ClaimName { text: format!("{claim}.1"), source: "file:test".into() }
}

fn asking<'a>(lineage: &'a Lineage, marks: &'a MarkBook) -> Asking<'a> {
    let (policy, cancel) = (Ok(&*POLICY), &GO);
    // what marks come to must outlive the question; a test has few
    let taint = Box::leak(Box::new(Taint::of(lineage, marks, None, now(), &GO).unwrap()));
    Asking {
        lineage,
        marks,
        taint,
        exceptions: crate::investigate::exceptions::ExceptionBook::none(),
        policy,
        case: None,
        as_of: None,
        now: now(),
        cancel,
        names: &names,
        claims: &|_| Ok(Vec::new()),
        signed: &|_| None,
        seen: &|_| None,
        file: &|_| None,
    }
}

static POLICY: LazyLock<Policy> =
    LazyLock::new(|| toml::from_str(include_str!("../../assets/policy/default.toml")).unwrap());

fn mark(about: &str, mark: MarkKind, at_text: &str) -> Statement {
    let (by, reason) = ("person:me".to_owned(), "because".to_owned());
    Statement::Mark(Mark {
        about: about.into(),
        mark,
        by,
        at: at(at_text),
        since: None,
        until: None,
        reason,
        case: None,
        signature: None,
    })
}

fn impact_of(of: &[&str]) -> Impact {
    let of = of.iter().map(|id| (*id).to_owned()).collect();
    Impact { of, window: Window::default(), kinds: Vec::new(), limit: 100 }
}

#[test]
fn impact_lists_consequences_first_with_paths_groups_and_bounds() {
    let lineage = incident().lineage();
    let book = MarkBook::default();
    let asking = asking(&lineage, &book);
    let answer = impact::impact(&asking, &impact_of(&["dataset:labels@17"])).unwrap();
    let rows: Vec<_> = answer.rows.iter().map(|row| (row.row.id.as_str(), row.distance, row.certain)).collect();
    assert_eq!(
        rows,
        [
            ("deployment:prod-eu", 2, true),
            ("deployment:prod-us", 2, true),
            ("use-case:refunds", 3, true),
            ("model-version:scorer@41", 1, true),
            ("model-version:scorer@42", 1, true),
        ]
    );
    assert_eq!(answer.rows[0].path, ["dataset:labels@17", "model-version:scorer@42", "deployment:prod-eu"]);
    assert_eq!(answer.rows[0].claim.as_deref(), Some("10.1"));
    assert_eq!((answer.completeness.at_least, answer.completeness.at_most), (5, 5));
    assert!(answer.completeness.because.iter().any(|why| why.contains("base@3")), "{:?}", answer.completeness);
    assert_eq!(answer.summary.by_kind[0].name, "deployment");
    let owners: Vec<_> = answer.summary.by_owner.iter().map(|it| (it.name.as_str(), it.at_most)).collect();
    assert_eq!(owners, [("(none stated)", 3), ("team:risk", 1), ("team:sre", 1)]);
}

#[test]
fn an_undated_link_widens_the_upper_bound_of_a_window() {
    let lineage = incident().lineage();
    let book = MarkBook::default();
    let asking = asking(&lineage, &book);
    let window = Window { since: Some(at("2026-11-17")), until: None };
    let question = Impact { window, limit: 2, ..impact_of(&["dataset:labels@17"]) };
    let answer = impact::impact(&asking, &question).unwrap();
    assert_eq!((answer.completeness.at_least, answer.completeness.at_most), (4, 5));
    assert_eq!(answer.rows.len(), 2);
    let because = answer.completeness.because.join("; ");
    assert!(
        because.contains("1 artefact reached only")
            && because.contains("only mentioned")
            && because.contains("first 2 rows"),
        "{because}"
    );
    let then = Asking { as_of: Some(at("2026-11-17T13:00:00Z")), ..asking };
    let answer = impact::impact(&then, &impact_of(&["dataset:labels@17"])).unwrap();
    let ids: Vec<_> = answer.rows.iter().map(|row| row.row.id.as_str()).collect();
    assert_eq!(ids, ["deployment:prod-us", "model-version:scorer@41"]);
    let unknown = impact::impact(&asking, &impact_of(&["dataset:nobody"]));
    assert!(matches!(unknown, Err(Unanswered::Unknown { .. })));
}

#[test]
fn a_path_goes_either_way_and_names_its_sources() {
    let lineage = incident().lineage();
    let book = MarkBook::default();
    let asking = asking(&lineage, &book);
    let ask =
        |from: &str, to: &str, window| path::path(&asking, &Path { from: from.into(), to: to.into(), window }).unwrap();
    let answer = ask("use-case:refunds", "dataset:labels@17", Window::default());
    let hops: Vec<_> = answer.rows.iter().map(|hop| (hop.relation.as_str(), hop.to.as_str())).collect();
    assert_eq!(
        hops,
        [
            ("uses-tool", "deployment:prod-eu"),
            ("deploys", "model-version:scorer@42"),
            ("trained-on", "dataset:labels@17")
        ]
    );
    assert_eq!(answer.summary.direction, Some(Direction::Up));
    assert_eq!(answer.rows[0].source, "file:test");
    assert_eq!(answer.completeness.because.len(), 1, "one hop is undated");
    let answer = ask("dataset:labels@17", "deployment:prod-us", Window::default());
    assert_eq!(answer.summary.direction, Some(Direction::Down));
    assert_eq!(answer.rows[0].to, "dataset:labels@17", "read from the first end");
    let answer = ask("deployment:prod-eu", "dataset:labels@17", Window::at(at("2026-11-01")));
    assert!(answer.rows.is_empty());
    assert!(answer.completeness.because[0].contains("outside the window"));
    let answer = ask("model-version:scorer@41", "model:scorer", Window::default());
    assert!(!answer.summary.carries_impact);
}

#[test]
fn a_tree_opens_each_artefact_once_and_says_what_it_left_out() {
    let mut sayings = incident();
    sayings.link("dataset:labels@17", "used", "deployment:prod-eu"); // a cycle
    sayings.link("deployment:prod-eu", "deploys", "model-version:scorer@41");
    let lineage = sayings.lineage();
    let book = MarkBook::default();
    let asking = asking(&lineage, &book);
    let question = Tree {
        id: "use-case:refunds".into(),
        direction: Direction::Up,
        depth: 9,
        relations: Vec::new(),
        kinds: Vec::new(),
        window: Window::default(),
        limit: 100,
    };
    let draw = |answer: &crate::investigate::answer::Answer<crate::investigate::rows::TreeRow>| -> Vec<String> {
        let row = |row: &crate::investigate::rows::TreeRow| {
            format!("{}{} {}", " ".repeat(row.depth as usize), row.row.id, row.note.as_deref().unwrap_or(""))
                .trim_end()
                .to_owned()
        };
        answer.rows.iter().map(row).collect()
    };
    let answer = tree::tree(&asking, &question).unwrap();
    assert_eq!(
        draw(&answer),
        [
            "use-case:refunds",
            " deployment:prod-eu",
            "  model-version:scorer@42",
            "   model-version:base@3",
            "   dataset:labels@17",
            "    deployment:prod-eu cycle",
            "   model:scorer",
            "  model-version:scorer@41",
            "   dataset:labels@17 again",
            "   model:scorer",
        ]
    );
    assert!(answer.completeness.because.iter().any(|why| why.contains("base@3")));
    let shallow = tree::tree(&asking, &Tree { depth: 1, ..question.clone() }).unwrap();
    assert_eq!(draw(&shallow), ["use-case:refunds", " deployment:prod-eu cut"]);
    assert_eq!((shallow.completeness.at_least, shallow.completeness.at_most), (1, 6));
    let kinds = vec!["dataset".to_owned()];
    let only = tree::tree(
        &asking,
        &Tree { kinds, relations: vec!["trained-on".into(), "deploys".into(), "uses-tool".into()], ..question },
    )
    .unwrap();
    assert_eq!(draw(&only).len(), 6);
}

#[test]
fn children_come_in_pages() {
    let mut it = Sayings::default();
    for at in 0..1_000 {
        it.link(&format!("run:{at:04}"), "used", "dataset:hub").link(
            &format!("run:{at:04}"),
            "evaluated-on",
            "dataset:hub",
        );
    }
    let lineage = it.lineage();
    let book = MarkBook::default();
    let asking = asking(&lineage, &book);
    let hub = lineage.node("dataset:hub").unwrap();
    let (page, total) = tree::children(&asking, hub, Direction::Down, &Window::default(), 990..1090);
    assert_eq!((page.len(), total), (10, 1_000));
    assert_eq!((page[0].row.id.as_str(), page[0].relation.as_deref()), ("run:0990", Some("evaluated-on, used")));
}

#[test]
fn marks_hold_until_taken_back_or_cleared() {
    let lineage = incident().lineage();
    let said = [
        (1, 1, mark("dataset:labels@17", MarkKind::Compromised, "2026-11-19")),
        (2, 2, mark("deployment:prod-eu", MarkKind::Suspect, "2026-11-19")),
        (3, 3, mark("deployment:prod-eu", MarkKind::Cleared, "2026-11-20")),
        (4, 4, mark("model-version:scorer@41", MarkKind::Good, "2026-11-19")),
        (
            5,
            5,
            Statement::Retract(Retract {
                what: "4.1".into(),
                of: None,
                by: "person:me".into(),
                at: now(),
                reason: "slip".into(),
                signature: None,
            }),
        ),
    ];
    let book = MarkBook::new(&lineage, &said, &names);
    let on = |id: &str| book.on(lineage.node(id).unwrap(), None);
    assert_eq!(on("dataset:labels@17"), [MarkKind::Compromised]);
    assert_eq!(on("deployment:prod-eu"), [MarkKind::Cleared]);
    assert_eq!(on("model-version:scorer@41"), []);
    let asking = asking(&lineage, &book);
    assert_eq!(marks::marks(&asking, &Marks::default()).rows.len(), 3);
    let all = marks::marks(&asking, &Marks { retracted: true, ..Marks::default() });
    assert_eq!(all.rows.iter().filter(|row| row.retracted.is_some()).count(), 1);
    let found = find::find(&asking, &Find { query: "mark:compromised".into(), limit: 9 }).unwrap();
    assert_eq!(found.rows.len(), 1);
}

#[test]
fn the_overview_says_what_deserves_attention_worst_first() {
    let lineage = incident().lineage();
    let said = [(1, 1, mark("dataset:labels@17", MarkKind::Compromised, "2026-11-19"))];
    let book = MarkBook::new(&lineage, &said, &names);
    let says = "prod-mlflow: last seen whole yesterday, failing".to_owned();
    let failing = InPart { source: "prod-mlflow".to_owned(), says, failing: true };
    let answer = overview::overview(&asking(&lineage, &book), &[failing]).unwrap();
    let whats: Vec<_> = answer.rows.iter().map(|row| row.what.as_str()).collect();
    assert_eq!(
        whats,
        ["compromised", "incident", "void-approval", "expired-approval", "source", "not-disclosed", "mentioned-only"]
    );
    assert!(answer.rows[0].says.ends_with("reaches 2 deployments"), "{}", answer.rows[0].says);
    assert_eq!((answer.summary.artefacts, answer.summary.mentioned_only), (8, 2));
    assert_eq!(answer.summary.newest, Some(at("2026-11-18T12:00:00Z")));
}

#[test]
fn the_overview_says_what_was_told_twice() {
    let mut it = Sayings::default();
    let repeat = r#"{"scope":"conflicting-repeat","verdict":"fail"}"#;
    it.artefact("run:r", "{}").evidence("run:r", "verification", ("2026-11-18", ""), repeat);
    let answer = overview::overview(&asking(&it.lineage(), &MarkBook::default()), &[]).unwrap();
    let rows: Vec<_> = answer.rows.iter().map(|row| (row.what.as_str(), row.about.as_str())).collect();
    assert_eq!(rows, [("conflicting-repeat", "run:r")]);
    assert!(answer.rows[0].says.contains("was told twice, differently: lastgood record"), "{}", answer.rows[0].says);
}

#[test]
fn a_deployment_that_serves_another_digest_is_a_finding_with_the_reason_first() {
    let digest = |letter: &str| format!(r#"{{"digests":["sha256:{}"]}}"#, letter.repeat(64));
    let mut it = Sayings::default();
    it.artefact("deployment:d", &digest("e")).artefact("model-version:m@1", &digest("f")).dated(
        "deployment:d",
        "deploys",
        "model-version:m@1",
        "2026-11-18",
        "",
    );
    let (lineage, book) = (it.lineage(), MarkBook::default());
    let answer = overview::overview(&asking(&lineage, &book), &[]).unwrap();
    let says: Vec<_> = answer.rows.iter().map(|row| row.says.as_str()).collect();
    assert_eq!(
        says,
        [
            "deployment:d serves sha256:eeee… which no version it deploys has",
            "nobody approved model-version:m@1, which deployment:d deploys",
        ]
    );
}

#[test]
fn show_says_everything_and_what_contradicts() {
    let lineage = incident().lineage();
    let book = MarkBook::default();
    let asking = asking(&lineage, &book);
    assert_eq!(show::claims_needed(&lineage, "model-version:scorer@42"), [3]);
    let answer = show::show(&asking, &Show { id: "model-version:scorer@42".into() }, &[]).unwrap();
    assert_eq!((answer.summary.upstream_count, answer.summary.downstream_count), (3, 1));
    assert_eq!(answer.summary.evidence[0].standing, "void");
    assert_eq!(answer.summary.claims, ["3.1"]);
    assert!(show::show(&asking, &Show { id: "nobody".into() }, &[]).is_none());
}

#[test]
fn find_ranks_exact_before_prefix_before_part_and_counts_all() {
    let mut sayings = incident();
    sayings.artefact("dataset:ÉCOLE-paris@1", r#"{"identifiers":["s3://bucket/schools"]}"#);
    let lineage = sayings.lineage();
    let book = MarkBook::default();
    let asking = asking(&lineage, &book);
    let found = |query: &str, limit| find::find(&asking, &Find { query: query.into(), limit }).unwrap();
    let ids = |query: &str| -> Vec<String> { found(query, 99).rows.into_iter().map(|it| it.row.id).collect() };
    assert_eq!(ids("scorer")[0], "model:scorer");
    assert_eq!(ids("scorer").len(), 3);
    assert_eq!(ids("SCORER 42"), ["model-version:scorer@42"]);
    assert_eq!(ids("école"), ["dataset:ÉCOLE-paris@1"]);
    assert_eq!(ids("schools"), ["dataset:ÉCOLE-paris@1"]);
    assert_eq!(ids("kind:deployment env:prod"), ["deployment:prod-eu", "deployment:prod-us"]);
    assert_eq!(ids("owner:risk"), ["model-version:scorer@41"]);
    assert_eq!(ids("state:mentioned-only"), ["model:scorer", "use-case:refunds"]);
    assert_eq!(ids("bbbbbbbb"), ["model-version:scorer@42"]);
    assert_eq!(ids("qqqq"), Vec::<String>::new());
    let cut = found("scorer", 1);
    assert_eq!((cut.rows.len(), cut.completeness.at_most, cut.completeness.because.len()), (1, 3, 1));
    assert_eq!(found("", 3).completeness.at_most, 9);
}

#[test]
fn a_search_that_is_typed_gives_what_a_whole_one_does() {
    let lineage = incident().lineage();
    let book = MarkBook::default();
    let asking = asking(&lineage, &book);
    let mut finder = Finder::new();
    for query in
        ["s", "sc", "scor", "scorer", "scorer 4", "scorer 42", "sc", "kind:model-version sc", "kind:model-version sco"]
    {
        let question = Find { query: query.into(), limit: 50 };
        let typed = finder.ask(&asking, &question, &mut |_| {}).unwrap();
        assert_eq!(typed, find::find(&asking, &question).unwrap(), "{query}");
    }
    let stop = AtomicBool::new(true);
    assert!(find::find(&Asking { cancel: &stop, ..asking }, &Find { query: "s".into(), limit: 1 }).is_err());
    assert_eq!(Node::from_number(3).index(), 3);
}

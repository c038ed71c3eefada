//! What the small world says of its incident: diff, candidates, suspects, plan, timeline, case. True to
//! type and made up by hand.

use super::world::{World, at, now};
use lastgood::investigate::answer::{Answer, Completeness};
use lastgood::investigate::question::{Diff, LastGood, Plan, Suspects, Timeline};
use lastgood::investigate::rows::*;
use lastgood::investigate::taint::Derived;
use lastgood::model::{MarkKind, Window};
use lastgood::tui::ask::Told;

const BAD: &str = "dataset:vendor-labels@2026-11-17";
const PROD: &str = "deployment:prod-eu/fraud";
const NEW: &str = "model-version:fraud-scorer@42";
/// Compared with it, two rows are of one name.
const TWINS: &str = "model-version:acme-base@3";
const OLD: &str = "model-version:fraud-scorer@41";

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

fn reason(holds: bool, says: &str) -> Reason {
    Reason { holds, says: says.to_owned(), claim: some("640.1") }
}

fn diff_row(aspect: &str, key: &str, old: Option<&str>, new: Option<&str>) -> DiffRow {
    let change = match (old, new) {
        (None, _) => Change::Added,
        (_, None) => Change::Removed,
        _ => Change::Changed,
    };
    DiffRow {
        aspect: aspect.to_owned(),
        key: key.to_owned(),
        change,
        old: old.map(str::to_owned),
        new: new.map(str::to_owned),
        old_id: None,
        new_id: None,
        old_count: u64::from(old.is_some()),
        new_count: u64::from(new.is_some()),
        delta: None,
        approved_by: None,
        approval: "missing".to_owned(),
        distance: 1,
        since: Some(at("2026-11-18T08:12:00Z")),
        since_after: None,
        path: ids(&[PROD, NEW]),
        certain: true,
        details: Vec::new(),
        alarms: Vec::new(),
        claim: some("812.1"),
    }
}

pub(super) fn diff(world: &World, question: &Diff) -> Told {
    let mut labels = diff_row("data", "vendor-labels", Some("2026-11-03"), Some("2026-11-17"));
    (labels.old_id, labels.new_id) = (some("dataset:vendor-labels@2026-11-03"), some(BAD));
    labels.distance = 2;
    labels.alarms = ids(&["scan label-drift: warn", "evaluation assertions: fail"]);
    if world.row(BAD).marks.contains(&MarkKind::Compromised) {
        labels.alarms.insert(0, "marked compromised".to_owned());
    }
    labels.path = ids(&[PROD, NEW, BAD]);
    labels.details = vec![
        FieldChange { field: "rows".to_owned(), old: some("120000"), new: some("121344"), delta: Some(1344.0) },
        FieldChange { field: "author".to_owned(), old: some("vendor:acme"), new: some("vendor:acme-eu"), delta: None },
    ];
    let mut code = diff_row("code", "git/fraud", Some("77c01aa"), Some("9f3ab17"));
    (code.new_id, code.approval, code.approved_by) =
        (some("code:git/fraud@9f3ab17"), "recorded".to_owned(), some("person:j.doe"));
    let mut depth = diff_row("param", "max_depth", Some("6"), Some("9"));
    depth.delta = Some(3.0);
    let mut auc = diff_row("metric", "auc", Some("0.955"), Some("0.941"));
    auc.delta = Some(0.941 - 0.955);
    let mut base = diff_row("base-model", "acme-base", None, Some("3"));
    (base.new_id, base.certain, base.since) = (some("model-version:acme-base@3"), false, None);
    let mut rows = vec![labels, code, depth, auc, base];
    if question.old.as_deref() == Some(TWINS) {
        let twin = |parent: &str, old: &str, new: &str| {
            let mut row = diff_row("data", "lake/transactions", Some(old), Some(new));
            row.path = ids(&[PROD, parent, &format!("dataset:lake/transactions@{new}")]);
            row
        };
        rows.insert(1, twin(NEW, "2026-11-03", "2026-11-17"));
        rows.insert(2, twin("model-version:address-adapter@4", "2026-10-03", "2026-10-17"));
    }
    if question.all {
        let mut same = diff_row("param", "seed", Some("7"), Some("7"));
        same.change = Change::Same;
        rows.insert(3, same);
    }
    let count = |aspect: &str, differ, same| AspectCount { aspect: aspect.to_owned(), differ, same };
    let side = |id: &str, moment: &str| DiffSide { id: id.to_owned(), at: at(moment), artefacts: 7 };
    let (baseline, how) = match &question.old {
        Some(old) => (old.clone(), "named"),
        None => (OLD.to_owned(), "inferred"),
    };
    Told::Diff(Answer {
        completeness: Completeness::exact(rows.len()),
        rows,
        summary: DiffSummary {
            old: side(&baseline, "2026-11-18T14:00:00Z"),
            new: side(&question.new, "2026-11-19T03:00:00Z"),
            baseline: Baseline {
                id: baseline,
                how: how.to_owned(),
                why: vec![
                    "it was approved then".to_owned(),
                    "it was deployed for 60 hours without an incident".to_owned(),
                ],
            },
            by_aspect: vec![
                count("data", 1, 1),
                count("code", 1, 0),
                count("param", 1, 115),
                count("metric", 1, 2),
                count("base-model", 1, 0),
                count("secret", 0, 1),
            ],
        },
    })
}

pub(super) fn last_good(world: &World, question: &LastGood) -> Told {
    let row = |id: &str, verdict: &str, reasons: Vec<Reason>, current: bool| LastGoodRow {
        row: world.row(id),
        verdict: verdict.to_owned(),
        how: "inferred".to_owned(),
        reasons,
        why: vec!["approved by person:h.moreau".to_owned()],
        deployed: vec![Stay {
            deployment: PROD.to_owned(),
            since: Some(at("2026-11-15T08:00:00Z")),
            since_after: None,
            until: (!current).then(|| at("2026-11-18T14:00:00Z")),
            until_after: None,
        }],
        current,
    };
    let rows = vec![
        row(NEW, "no", vec![reason(false, "its approval is void: it covers another digest")], true),
        row(OLD, "good", vec![reason(true, "approved by person:j.doe"), reason(true, "deployed for 60 hours")], false),
    ];
    Told::LastGood(Answer {
        completeness: Completeness::exact(rows.len()),
        rows,
        summary: LastGoodSummary {
            of: question.of.clone(),
            last_good: some(OLD),
            policy: "default@1".to_owned(),
            policy_sha256: String::new(),
        },
    })
}

pub(super) fn suspects(world: &World, question: &Suspects) -> Told {
    let observed = |id: &str, how: &str| Observed {
        id: id.to_owned(),
        at: now(),
        how: how.to_owned(),
        why: format!("{how} says so"),
    };
    let bad: Vec<Observed> = match question.bad.as_slice() {
        [] => vec![observed(PROD, "incident"), observed("agent:refund-agent@5", "incident")],
        named => named.iter().map(|id| observed(id, "named")).collect(),
    };
    let good: Vec<Observed> = match question.good.as_slice() {
        [] => vec![observed(OLD, "last-good")],
        named => named.iter().map(|id| observed(id, "named")).collect(),
    };
    let row = |id: &str, score, of_bad, of_good, distance| SuspectRow {
        row: world.row(id),
        score,
        bad: of_bad,
        good: of_good,
        distance,
        since: Some(at("2026-11-18T08:12:00Z")),
        or_earlier: false,
        path: ids(&[PROD, NEW, id]),
        certain: distance < 3,
        alike: u64::from(distance == 2),
        claim: some("812.1"),
    };
    let all = bad.len() as u64;
    let rows = vec![
        row(NEW, 1.0, all, 0, 1),
        row("code:git/fraud@9f3ab17", 1.0, all, 0, 2),
        row(BAD, 0.71, all, 1, 2),
        row("dataset:lake/hub", 0.5, 1, 1, 3),
    ];
    Told::Suspects(Answer {
        completeness: Completeness::between(3, 4, vec!["1 hangs on undated links".to_owned()]),
        rows,
        summary: SuspectsSummary {
            bad,
            good,
            next: Some(NextTest {
                id: "deployment:prod-us/fraud".to_owned(),
                with: 1,
                of: 2,
                says: "if it misbehaves the code is left, else the version itself".to_owned(),
            }),
            causes: None,
        },
    })
}

pub(super) fn plan(world: &World, question: &Plan) -> Told {
    let marked = world.marks().into_iter().filter(|(_, mark, _)| *mark == MarkKind::Compromised);
    let of: Vec<BadThing> = match question.of.as_slice() {
        [] => marked.map(|(id, mark, _)| BadThing { id, mark: Some(mark), window: Window::default() }).collect(),
        named => named.iter().map(|id| BadThing { id: id.clone(), mark: None, window: Window::default() }).collect(),
    };
    let check = |what: &str, result: &str, says: &str| Check {
        what: what.to_owned(),
        result: result.to_owned(),
        says: says.to_owned(),
        claim: some("640.1"),
    };
    let step = |deployment: &str, target: Option<&str>, level| PlanRow {
        deployment: deployment.to_owned(),
        owner: some("team:payments"),
        environment: some("prod"),
        risk: some("high"),
        current: some(NEW),
        target: target.map(str::to_owned),
        how: target.map(|_| "inferred by default@1".to_owned()),
        action: if target.is_some() { Action::RollBack } else { Action::Disable },
        level,
        step: level,
        reasons: vec![reason(false, "it deploys fraud-scorer@42, which was trained on what is bad")],
        rejected: vec![Rejected {
            id: "model-version:fraud-scorer@40".to_owned(),
            why: "its digest is unknown".to_owned(),
        }],
        checks: vec![
            check("exposure", "pass", "it rests on nothing bad"),
            check("digest", "pass", "its digest is the approved one"),
            check("fits", "unknown", "nobody says which prompt it was made for"),
        ],
        commands: vec![Command {
            tool: "kubectl".to_owned(),
            text: "kubectl set image deployment/fraud fraud='fraud-scorer:41'".to_owned(),
        }],
        certain: level == 0,
        path: ids(&[BAD, NEW, deployment]),
        claim: some("812.1"),
    };
    let any = !of.is_empty();
    let adapter = PlanRow {
        current: some("model-version:address-adapter@4"),
        ..step(PROD, Some("model-version:address-adapter@3"), 0)
    };
    let keep = PlanRow {
        action: Action::Keep,
        reasons: vec![reason(true, &format!("is exposed only through {PROD}: keep what it runs, and check it again"))],
        rejected: Vec::new(),
        checks: Vec::new(),
        ..step("deployment:refund-agent", None, 2)
    };
    let other = step("deployment:prod-us/fraud", None, 1);
    let rows = if any { vec![step(PROD, Some(OLD), 0), adapter, other, keep] } else { Vec::new() };
    let summary = PlanSummary {
        hold: any.then(|| Hold {
            why: "the system is high-risk: EU AI Act Art. 73(6)".to_owned(),
            first: "lastgood case export NAME --to FILE".to_owned(),
            deployments: ids(&[PROD]),
        }),
        rotate: if of.iter().any(|bad| bad.id.starts_with("secret:")) {
            vec![RotateStep {
                level: 0,
                action: "issue".to_owned(),
                id: of[0].id.clone(),
                owner: some("team:risk-ml"),
                says: "issue a new one beside it".to_owned(),
                claim: None,
            }]
        } else {
            Vec::new()
        },
        of,
        remaining: if any {
            vec![Remaining {
                id: "step:refund-1182".to_owned(),
                kind: "step".to_owned(),
                owner: None,
                why: "it was executed already".to_owned(),
                certain: true,
                more: 0,
            }]
        } else {
            Vec::new()
        },
        remaining_count: u64::from(any),
        remaining_at_least: u64::from(any),
        exposed_count: if any { 7 } else { 0 },
        exposed_at_least: if any { 7 } else { 0 },
        exposure_asked: any,
        steps: rows.len() as u64,
        past: Vec::new(),
        policy: "default@1".to_owned(),
        policy_sha256: String::new(),
        at: now(),
    };
    Told::Plan(Box::new(Answer { completeness: Completeness::exact(rows.len()), rows, summary }))
}

pub(super) fn timeline(question: &Timeline) -> Told {
    let row = |moment: &str, what: &str, about: &str, says: &str, distance| TimelineRow {
        at: at(moment),
        after: None,
        what: what.to_owned(),
        about: about.to_owned(),
        distance,
        says: says.to_owned(),
        by: some("person:j.doe"),
        claim: some("812.1"),
    };
    let rows = vec![
        row("2026-11-17T20:00:00Z", "came-to-be", &question.id, "it came to be", 0),
        row("2026-11-18T08:12:00Z", "linked", NEW, "it was trained on it", 1),
        row("2026-11-18T14:00:00Z", "deployed", PROD, "fraud-scorer@42 was deployed there", 1),
        row("2026-11-18T23:10:00Z", "incident", PROD, "scores fell", 1),
    ];
    Told::Timeline(Answer {
        completeness: Completeness::exact(rows.len()),
        rows,
        summary: TimelineSummary {
            id: question.id.clone(),
            neighbours: 3,
            undated: vec![Undated {
                about: "dataset:vendor/raw-feed".to_owned(),
                says: "it is derived from it".to_owned(),
                claim: some("812.1"),
            }],
        },
    })
}

pub(super) fn case_row(what: &str, says: &str, about: Option<String>, claim: String) -> CaseRow {
    CaseRow {
        at: now(),
        received: None,
        remark: None,
        what: what.to_owned(),
        about,
        says: says.to_owned(),
        by: "person:me".to_owned(),
        proof: "claimed".to_owned(),
        source: "investigator".to_owned(),
        trust: lastgood::investigate::said::Trust::Investigator,
        retracted: None,
        claim,
    }
}

pub(super) fn case(name: &str, rows: Vec<CaseRow>) -> Told {
    let count = |what: &str| rows.iter().filter(|row| row.what == what).count() as u64;
    let summary = CaseSummary {
        name: name.to_owned(),
        title: some("scores fell"),
        state: "open".to_owned(),
        opened: Some(now()),
        by: some("person:me"),
        last: Some(now()),
        marks: count("mark"),
        notes: count("note"),
        answers: count("answer"),
        exceptions: count("exception"),
        of_files: 0,
        used: true,
        head: None,
    };
    Told::Case(Box::new(Answer { completeness: Completeness::exact(rows.len()), rows, summary }))
}

pub(super) fn again(claim: &str) -> Told {
    Told::Again(Again {
        claim: claim.to_owned(),
        title: "what depends on it".to_owned(),
        question: format!("impact {BAD}"),
        at: now(),
        records: 2_034,
        root: "3f2a91c07be1d5a2".to_owned(),
        ledger: "this".to_owned(),
        then: (7, 9),
        now: (9, 11),
        more: ids(&["deployment:prod-ap/fraud", "agent:refund-agent@6", "step:refund-1183"]),
        more_count: 3,
        gone: ids(&["run:train-fraud@8812"]),
        gone_count: 1,
        says: "3 more since, 1 gone".to_owned(),
        because: Vec::new(),
    })
}

/// The mark upstream of an artefact, with a way.
pub(super) fn exposed(world: &World, id: &str) -> Vec<DerivedRow> {
    let row = |derived: Derived| DerivedRow {
        mark: derived.mark,
        from: BAD.to_owned(),
        certain: derived.certain,
        path: ids(&[BAD, "run:train-fraud@8812", id]),
        claim: "2035.1".to_owned(),
    };
    derived(world, id).map(row).into_iter().collect()
}

pub(super) fn contacts(owners: &[Group]) -> Vec<Contact> {
    let contact = |owner: &Group| Contact {
        id: owner.name.clone(),
        at_least: owner.at_least,
        at_most: owner.at_most,
        channel: some("#payments"),
        lead: some("person:m.roy"),
        email: None,
        pager: some("+46 555 0100"),
        phone: None,
    };
    owners.iter().map(contact).collect()
}

pub(super) fn credential(id: &str) -> CredentialUse {
    let used = |id: &str, kind: &str, certain| UseRow {
        id: id.to_owned(),
        kind: kind.to_owned(),
        step: (kind == "step").then(|| "action".to_owned()),
        owner: some("team:agents"),
        since: Some(at("2026-11-17T09:33:00Z")),
        until: None,
        certain,
        claim: "812.1".to_owned(),
    };
    let step = |level, action: &str, id: &str, says: &str| RotateStep {
        level,
        action: action.to_owned(),
        id: id.to_owned(),
        owner: some("team:agents"),
        says: says.to_owned(),
        claim: None,
    };
    CredentialUse {
        id: id.to_owned(),
        users: vec![used("agent:refund-agent@5", "agent", true)],
        users_count: 3,
        executed: vec![used("step:refund-1182", "step", true), used("step:refund-1183", "step", false)],
        executed_count: 2,
        shared: vec![SharedWith { with: "team:data".to_owned(), why: "used by its nightly batch".to_owned() }],
        rotate: vec![
            step(0, "issue", id, "issue a new one in its place"),
            step(1, "move", "agent:refund-agent@5", "give it the new one"),
        ],
    }
}

/// What stands downstream of what is marked compromised, as far as the small world tells.
pub(super) fn derived(world: &World, id: &str) -> Option<Derived> {
    let bad = world.marks().iter().any(|(about, mark, _)| about == BAD && *mark == MarkKind::Compromised);
    let certain = matches!(id, NEW | OLD | PROD);
    (bad && (certain || id == "agent:refund-agent@5")).then_some(Derived { mark: MarkKind::Compromised, certain })
}

//! Answers as tables of a page: which columns, and what goes into a cell. It asks nothing, and how a page is laid out
//! is not decided here.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{
    Again, CaseRow, CaseSummary, ChainRow, ChainSummary, Change, CustodyRow, DiffRow, DiffSummary, EvidenceRow, GapRow,
    GapsSummary, Group, ImpactRow, ImpactSummary, LinkState, PlanRow, PlanSummary, TimelineRow, TimelineSummary,
};
use crate::model::Time;
use crate::report::chain::who_and_when;
use crate::report::gaps::accepted;
use crate::report::html::{Cell, Html};
use crate::report::markdown::{approval, signed};
use crate::report::plan::between;
use crate::report::text;

pub(super) fn time(at: Option<Time>) -> Cell {
    Cell::text(at.map(|at| at.short()))
}

fn texts<'a>(texts: impl IntoIterator<Item = &'a String>) -> Vec<Cell> {
    texts.into_iter().map(|text| Cell::Text(text.clone())).collect()
}

fn sure(certain: bool) -> Cell {
    if certain { Cell::Text("yes".to_owned()) } else { Cell::Sign("maybe", "maybe".to_owned()) }
}

pub(super) fn case(html: &mut Html, answer: &Answer<CaseRow, CaseSummary>) {
    let rows: Vec<Vec<Cell>> = answer
        .rows
        .iter()
        .map(|row| {
            let by = text::who(&row.by, &row.source);
            vec![
                Cell::Text(row.at.short()),
                Cell::Text(row.what.clone()),
                Cell::code(row.about.clone()),
                Cell::Lines(vec![
                    Cell::Text(row.says.clone()),
                    Cell::Sign("bad", row.retracted.as_ref().map(|it| format!("taken back: {it}")).unwrap_or_default()),
                    Cell::text(row.remark.clone()),
                ]),
                Cell::Lines(vec![Cell::Text(by), Cell::Text(row.proof.clone())]),
                Cell::Claim(row.claim.clone()),
            ]
        })
        .collect();
    html.table(&["when", "what", "artefact", "says", "by, and how that is known", "record"], &rows);
}

pub(super) fn again(html: &mut Html, answer: &Answer<Again>) {
    let bounds = |(least, most): (u64, u64)| Cell::Text(between(least, most));
    let rows: Vec<Vec<Cell>> = answer
        .rows
        .iter()
        .map(|it| {
            let mut says = vec![Cell::Text(it.says.clone())];
            says.extend(texts(&it.because));
            vec![
                Cell::Text(it.title.clone()),
                Cell::Code(it.question.clone()),
                Cell::Text(it.at.short()),
                bounds(it.then),
                bounds(it.now),
                Cell::Lines(says),
                Cell::Claim(it.claim.clone()),
            ]
        })
        .collect();
    html.table(&["title", "question", "asked", "found then", "found now", "compared", "record"], &rows);
}

fn state(state: LinkState, against: bool) -> Cell {
    let class = match state {
        _ if against => "bad",
        LinkState::Verified => "good",
        LinkState::Recorded | LinkState::None => "plain",
        LinkState::NotPermitted | LinkState::Stale => "maybe",
        LinkState::Void | LinkState::Missing => "bad",
    };
    let against = if against { ", against it" } else { "" };
    Cell::Sign(class, format!("{} {}{against}", state.sign(), state.words()))
}

pub(super) fn chain(html: &mut Html, answer: &Answer<ChainRow, ChainSummary>) {
    let mut rows = Vec::new();
    for group in &answer.summary.groups {
        for row in answer.rows.iter().filter(|row| row.link == group.link) {
            let mut says = vec![Cell::Text(row.says.clone())];
            says.extend(texts(&row.reasons));
            let origin = row.origin.words();
            says.extend((!origin.is_empty()).then_some(Cell::Text(origin)));
            rows.push(vec![
                state(row.state, row.against),
                Cell::Text(group.title.clone()),
                Cell::Lines(says),
                Cell::Text(who_and_when(row)),
                Cell::claim(row.claim.as_ref()),
            ]);
        }
    }
    html.table(&["state", "link", "in words", "who and when", "record"], &rows);
    let summary = &answer.summary;
    html.of("p", "verdict", &summary.verdict);
    html.list("", summary.lacking.iter().map(String::as_str));
    if !summary.against.is_empty() {
        html.of("p", "verdict", "On record, and against it:");
        html.list("", summary.against.iter().map(String::as_str));
    }
    html.of("p", "faint", &summary.signatures);
}

pub(super) fn diff(html: &mut Html, answer: &Answer<DiffRow, DiffSummary>) {
    let base = &answer.summary.baseline;
    html.of("p", "", &format!("Compared with {} ({}), which is taken for good.", base.id, base.how));
    html.list("", base.why.iter().map(String::as_str));
    let side = |value: Option<&String>, count: u64| match value {
        Some(value) if count > 1 => Cell::Code(format!("{value} ({count})")),
        value => Cell::code(value.cloned()),
    };
    let rows: Vec<Vec<Cell>> = answer
        .rows
        .iter()
        .map(|row| {
            let mut what = vec![Cell::Text(row.key.clone())];
            what.extend(row.alarms.iter().map(|it| Cell::Sign("bad", format!("alarm: {it}"))));
            let changed = |it: &crate::investigate::rows::FieldChange| {
                let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "(nothing)".to_owned());
                Cell::Text(format!("{}: {} → {}", it.field, side(&it.old), side(&it.new)))
            };
            what.extend(row.details.iter().map(changed));
            let mut new = vec![side(row.new.as_ref(), row.new_count)];
            new.extend(row.delta.map(|delta| Cell::Text(format!("({})", signed(delta)))));
            let word = match row.change {
                Change::Added => "new",
                Change::Removed => "gone",
                Change::Changed => "changed",
                Change::Same => "the same",
            };
            vec![
                Cell::Text(row.aspect.clone()),
                Cell::Lines(what),
                Cell::Text(word.to_owned()),
                side(row.old.as_ref(), row.old_count),
                Cell::Lines(new),
                approval(row)
                    .map_or(Cell::Empty, |(words, loud)| Cell::Sign(if loud { "bad" } else { "plain" }, words)),
                Cell::Text(row.distance.to_string()),
                time(row.since),
                sure(row.certain),
                Cell::claim(row.claim.as_ref()),
            ]
        })
        .collect();
    let heads = ["aspect", "what differs", "change", "before", "now", "approval", "hops", "since", "sure", "record"];
    html.table(&heads, &rows);
}

pub(super) fn timeline(html: &mut Html, answer: &Answer<TimelineRow, TimelineSummary>) {
    let mut rows: Vec<&TimelineRow> = answer.rows.iter().collect();
    rows.sort_by_key(|row| row.at);
    let dated = rows.into_iter().map(|row| {
        vec![
            Cell::Text(row.at.short()),
            Cell::Text(row.what.clone()),
            Cell::Text(row.says.clone()),
            Cell::text(row.by.clone()),
            Cell::claim(row.claim.as_ref()),
        ]
    });
    let undated = answer.summary.undated.iter().map(|row| {
        vec![
            Cell::Text("nobody says".to_owned()),
            Cell::Empty,
            Cell::Text(row.says.clone()),
            Cell::Empty,
            Cell::claim(row.claim.as_ref()),
        ]
    });
    let rows: Vec<Vec<Cell>> = dated.chain(undated).collect();
    html.table(&["when", "what", "in words", "by", "record"], &rows);
}

pub(super) fn gaps(html: &mut Html, answer: &Answer<GapRow, GapsSummary>) {
    let rows: Vec<Vec<Cell>> = answer
        .rows
        .iter()
        .map(|row| {
            let class = match (row.exception.is_some(), row.severity.as_str()) {
                (true, _) => "plain",
                (false, "high" | "critical") => "bad",
                (false, _) => "maybe",
            };
            let mut says = vec![Cell::Text(row.says.clone())];
            says.extend(texts(&row.remarks));
            let closes = match &row.exception {
                Some(it) => format!("accepted {}", accepted(&it.exception, &it.path)),
                None => row.closes.clone(),
            };
            let state = match row.certain {
                true => row.state.clone(),
                false => format!("{}, maybe", row.state),
            };
            vec![
                Cell::Sign(class, row.severity.as_str().to_owned()),
                Cell::Code(row.about.clone()),
                Cell::Text(row.requirement.clone()),
                Cell::Text(state),
                time(row.since),
                Cell::Lines(says),
                Cell::Text(closes),
                Cell::text(row.owner.clone()),
                Cell::claim(row.claim.as_ref()),
            ]
        })
        .collect();
    let heads =
        ["severity", "artefact", "asked for", "state", "since", "in words", "what closes it", "owner", "record"];
    html.table(&heads, &rows);
    let policy = &answer.summary.policy;
    html.of("p", "faint", &format!("Judged by policy {}@{}, SHA-256 {}.", policy.name, policy.version, policy.sha256));
}

pub(super) fn evidence(html: &mut Html, rows: &[EvidenceRow]) {
    let rows: Vec<Vec<Cell>> = rows
        .iter()
        .map(|row| {
            vec![
                Cell::Text(row.at.short()),
                Cell::Text(row.kind.clone()),
                Cell::text(row.scope.clone()),
                Cell::text(row.verdict.clone()),
                Cell::text(row.by.clone()),
                time(row.expires),
                Cell::Text(row.standing.clone()),
                Cell::Claim(row.claim.clone()),
            ]
        })
        .collect();
    html.table(&["when", "evidence", "scope", "verdict", "by", "expires", "standing", "record"], &rows);
}

fn groups(html: &mut Html, head: &'static str, all: &[Group]) {
    let rows: Vec<Vec<Cell>> =
        all.iter().map(|it| vec![Cell::Text(it.name.clone()), Cell::Text(between(it.at_least, it.at_most))]).collect();
    html.table(&[head, "artefacts"], &rows);
}

pub(super) fn impact(html: &mut Html, answer: &Answer<ImpactRow, ImpactSummary>) {
    let rows: Vec<Vec<Cell>> = answer
        .rows
        .iter()
        .map(|it| {
            let inner = it.path.get(1..it.path.len().saturating_sub(1)).unwrap_or_default();
            vec![
                Cell::Code(it.row.id.clone()),
                Cell::text(it.row.environment.clone()),
                Cell::text(it.row.owner.clone()),
                Cell::Text(it.distance.to_string()),
                sure(it.certain),
                time(it.since),
                Cell::Lines(inner.iter().rev().map(|id| Cell::Code(id.clone())).collect()),
                Cell::claim(it.claim.as_ref()),
            ]
        })
        .collect();
    html.open("div", "beside");
    groups(html, "kind", &answer.summary.by_kind);
    groups(html, "environment", &answer.summary.by_environment);
    groups(html, "owner", &answer.summary.by_owner);
    html.close("div");
    html.table(&["what is hit", "environment", "owner", "hops", "sure", "since", "by way of", "record"], &rows);
}

pub(super) fn plan(html: &mut Html, answer: &Answer<PlanRow, PlanSummary>) {
    let it = &answer.summary;
    if let Some(hold) = &it.hold {
        html.open("div", "hold").of("p", "verdict", "Hold: first of all, keep the evidence").of("p", "", &hold.why);
        html.of("pre", "", &hold.first).close("div");
    }
    let rotate: Vec<Vec<Cell>> = it
        .rotate
        .iter()
        .map(|step| {
            vec![
                Cell::Text(step.level.to_string()),
                Cell::Text(step.action.clone()),
                Cell::Code(step.id.clone()),
                Cell::text(step.owner.clone()),
                Cell::Text(step.says.clone()),
                Cell::claim(step.claim.as_ref()),
            ]
        })
        .collect();
    html.table(&["step", "rotate first", "credential or user", "owner", "in words", "record"], &rotate);
    let rows: Vec<Vec<Cell>> = answer.rows.iter().map(step).collect();
    html.table(&["step", "deployment", "what to do", "why", "checks", "for a person to run", "record"], &rows);
    let remaining: Vec<Vec<Cell>> = it
        .remaining
        .iter()
        .map(|it| {
            vec![Cell::Code(it.id.clone()), Cell::text(it.owner.clone()), sure(it.certain), Cell::Text(it.why.clone())]
        })
        .collect();
    if it.exposure_asked {
        let left = between(it.remaining_at_least, it.remaining_count);
        let before = between(it.exposed_at_least, it.exposed_count);
        html.of("p", "verdict", &format!("After the plan, {left} of {before} stay exposed."));
    }
    html.table(&["stays exposed", "owner", "sure", "why"], &remaining);
    if !it.past.is_empty() {
        html.of("p", "", "Exposed once and not now; what they did then is to be reviewed:");
        html.list("", it.past.iter().map(String::as_str));
    }
    html.of("p", "faint", &format!("Targets judged by {}. Nothing was executed.", it.policy));
}

fn step(row: &PlanRow) -> Vec<Cell> {
    let what = match (&row.target, &row.current) {
        (Some(target), Some(current)) => vec![
            Cell::Text(row.action.as_str().to_owned()),
            Cell::Code(current.clone()),
            Cell::Text("→".to_owned()),
            Cell::Code(target.clone()),
        ],
        (Some(target), None) => vec![Cell::Text(row.action.as_str().to_owned()), Cell::Code(target.clone())],
        (None, _) => vec![Cell::Sign("bad", row.action.as_str().to_owned())],
    };
    let reason = |holds: bool, says: &str| Cell::Text(format!("{} {says}", if holds { "✔" } else { "✖" }));
    let mut why: Vec<Cell> = row.reasons.iter().map(|it| reason(it.holds, &it.says)).collect();
    why.extend(row.rejected.iter().map(|it| Cell::Text(format!("not {}: {}", it.id, it.why))));
    let checks = row.checks.iter().map(|it| {
        let class = match it.result.as_str() {
            "pass" => "good",
            "fail" => "bad",
            _ => "maybe",
        };
        Cell::Lines(vec![Cell::Sign(class, format!("{}: {}", it.what, it.result)), Cell::Text(it.says.clone())])
    });
    let mut deployment = vec![Cell::Code(row.deployment.clone()), Cell::text(row.owner.clone())];
    if !row.certain {
        deployment.push(Cell::Sign("maybe", "possibly exposed".to_owned()));
    }
    vec![
        Cell::Text(row.step.to_string()),
        Cell::Lines(deployment),
        Cell::Lines(what),
        Cell::Lines(why),
        Cell::Lines(checks.collect()),
        Cell::Lines(row.commands.iter().map(|it| Cell::Code(it.text.clone())).collect()),
        Cell::claim(row.claim.as_ref()),
    ]
}

/// Records, each at a place of its own that claims lead to.
pub(super) fn custody(html: &mut Html, rows: &[CustodyRow]) {
    html.raw("<table class=\"custody\"><thead><tr><th>record</th><th>source, file and line</th><th>received</th>");
    html.raw("<th>states</th><th>SHA-256 of the content, and leaf of the log</th><th>cited</th></tr></thead>\n<tbody>");
    for row in rows {
        html.open_numbered("tr", "record-", row.record);
        html.raw("<td data-head=\"record\">").text(&row.record.to_string()).close("td");
        html.raw("<td data-head=\"source, file and line\">").of("div", "", &row.source);
        html.of("div", "faint", &format!("{} line {}, read as {}", row.file, row.line, row.format)).close("td");
        html.raw("<td data-head=\"received\">").text(&row.received_at.short()).close("td");
        html.raw("<td data-head=\"states\">");
        html.text(&row.observed_at.map(|at| at.short()).unwrap_or_default()).close("td");
        html.raw("<td data-head=\"SHA-256, leaf\" class=\"digest\">");
        html.of("div", "", row.sha256.as_deref().unwrap_or("erased by redaction")).of("div", "faint", &row.leaf);
        html.close("td").raw("<td data-head=\"cited\">").text(&row.cited.to_string()).close("td").close("tr");
    }
    html.raw("</tbody></table>\n");
}

//! What the small world lacks, and what its gate says. It judges nothing.

use super::world::at;
use lastgood::investigate::answer::{Answer, Completeness};
use lastgood::investigate::question::{Gaps, Gate};
use lastgood::investigate::rows::{GapRow, GapsSummary, GateSummary, Group, JudgedBy};
use lastgood::model::Severity;
use lastgood::tui::ask::Told;

fn row(about: &str, requirement: &str, state: &str, severity: Severity, owner: Option<&str>) -> GapRow {
    GapRow {
        about: about.to_owned(),
        kind: "model-version".to_owned(),
        requirement: requirement.to_owned(),
        state: state.to_owned(),
        severity,
        owner: owner.map(str::to_owned),
        says: format!("its {requirement} is {state}"),
        why: "nobody who may do so approved what runs".to_owned(),
        closes: "an approval that passes, by role:risk-officer, not by who made it".to_owned(),
        since: Some(at("2026-11-18T08:00:00Z")),
        age: Some("19h".to_owned()),
        certain: state != "not-permitted",
        claim: Some("812.1".to_owned()),
        exception: None,
        remarks: Vec::new(),
    }
}

fn rows(of: Option<&String>) -> Vec<GapRow> {
    let all = vec![
        row("model-version:fraud-scorer@42", "approval", "missing", Severity::High, Some("team:risk")),
        row("deployment:prod-eu/fraud", "deployed-digest", "failed", Severity::High, Some("team:sre")),
        row("model-version:fraud-scorer@42", "bias-check", "stale", Severity::Medium, Some("team:risk")),
        row("agent:refunds@5", "red-team", "not-permitted", Severity::Medium, None),
    ];
    all.into_iter().filter(|row| of.is_none_or(|of| row.about == *of)).collect()
}

fn summary(of: Option<&String>, rows: &[GapRow]) -> GapsSummary {
    let group = |severity: Severity| {
        let many = rows.iter().filter(|row| row.severity == severity);
        let at_least = many.clone().filter(|row| row.certain).count() as u64;
        Group { name: severity.as_str().to_owned(), at_least, at_most: many.count() as u64 }
    };
    GapsSummary {
        of: of.cloned(),
        judged: 3,
        policy: JudgedBy { name: "default".to_owned(), version: "1".to_owned(), sha256: "ab".repeat(32) },
        by_severity: Severity::ALL.map(group).to_vec(),
        by_owner: Vec::new(),
        by_requirement: Vec::new(),
        excepted: 0,
        exceptions: Vec::new(),
    }
}

pub(super) fn gaps(question: &Gaps) -> Told {
    let rows = rows(question.of.as_ref());
    let unsure = rows.iter().filter(|row| !row.certain).count();
    let because = match unsure {
        0 => Vec::new(),
        some => vec![format!("of {some} finding we may not look whether it is one")],
    };
    let (at_least, at_most) = ((rows.len() - unsure) as u64, rows.len() as u64);
    let completeness = Completeness::between(at_least, at_most, because);
    Told::Gaps(Box::new(Answer { completeness, summary: summary(question.of.as_ref(), &rows), rows }))
}

pub(super) fn gate(question: &Gate) -> Told {
    let rows = rows(Some(&question.of));
    let summary = GateSummary {
        verdict: "deny".to_owned(),
        environment: None,
        at: at("2026-11-19T03:00:00Z"),
        says: "2 requirements that shut the gate are not met".to_owned(),
        asked: Vec::new(),
        gaps: summary(Some(&question.of), &rows),
    };
    Told::Gate(Box::new(Answer { completeness: Completeness::exact(rows.len()), rows, summary }))
}

//! What the small world says when the auditor asks for a chain: one link in every state. True to no ledger.

use lastgood::investigate::answer::{Answer, Completeness};
use lastgood::investigate::question::Chain;
use lastgood::investigate::rows::{ChainGroup, ChainRow, ChainSummary, LinkState};
use lastgood::model::Time;
use lastgood::tui::ask::Told;

const VERSION: &str = "model-version:fraud-scorer@42";

fn row(link: &str, state: LinkState, id: &str, says: &str, why: &[&str]) -> ChainRow {
    let stands = state != LinkState::Missing;
    ChainRow {
        link: link.to_owned(),
        state,
        id: id.to_owned(),
        at: stands.then(|| Time::parse_stated("2026-11-18T07:58:00Z").unwrap().0),
        by: stands.then(|| "person:h.moreau".to_owned()),
        owner: Some("team:risk-ml".to_owned()),
        evidence: stands.then(|| link.to_owned()),
        scope: None,
        verdict: None,
        until: None,
        covers: Vec::new(),
        says: says.to_owned(),
        reasons: why.iter().map(|text| (*text).to_owned()).collect(),
        against: link == "policy-verdict",
        claim: stands.then(|| "812.1".to_owned()),
    }
}

pub(super) fn chain(question: &Chain) -> Told {
    use LinkState::{Missing, None, NotPermitted, Recorded, Stale, Verified, Void};
    let mut rows = vec![
        row("source", NotPermitted, "model-version:base@3", "what model-version:base@3 is trained-on is unknown", &[]),
        row("source", None, "dataset:own@1", "dataset:own@1 is derived-from nothing", &[]),
    ];
    let many = |at: usize| format!("dataset:lake/transactions@{at}");
    rows.extend((0..12).map(|at| row("data", Recorded, &many(at), &many(at), &[])));
    rows.extend([
        row("code", Verified, "code:risk-models@8c5e", "code:risk-models@8c5e", &["key ab12 signed it", "log: held"]),
        row(
            "evaluation",
            Stale,
            VERSION,
            "evaluation holdout: pass (auc 0.95, threshold 0.94)",
            &["expired on 2026-11-01"],
        ),
        row("policy-verdict", Recorded, VERSION, "policy-verdict policy:model-release@6: warn", &["missing: review"]),
        row("approval", Void, VERSION, "approval model-risk-review: pass", &["it covers sha256:ef2c, not what runs"]),
        row("approval", Missing, VERSION, "model-version:fraud-scorer@42: nobody approved it", &[]),
    ]);
    let titles = [
        ("source", "sources"),
        ("data", "data"),
        ("code", "code"),
        ("evaluation", "evaluations"),
        ("policy-verdict", "policy verdicts"),
        ("approval", "approvals"),
    ];
    let groups = titles.map(|(link, title)| {
        let of: Vec<&ChainRow> = rows.iter().filter(|row| row.link == link).collect();
        let states: Vec<(LinkState, u64)> = LinkState::ALL
            .into_iter()
            .rev()
            .map(|state| (state, of.iter().filter(|row| row.state == state).count() as u64))
            .filter(|it| it.1 > 0)
            .collect();
        // more than came along: the pane says how many
        let count = of.len() as u64 + if link == "data" { 500 } else { 0 };
        ChainGroup { link: link.to_owned(), title: title.to_owned(), state: states[0].0, count, states }
    });
    let summary = ChainSummary {
        id: question.id.clone(),
        of: "deployment".to_owned(),
        versions: vec![VERSION.to_owned()],
        deployments: vec![question.id.clone()],
        groups: groups.to_vec(),
        complete: false,
        verdict: "incomplete: 1 missing, 1 void, 1 stale, 1 not permitted to look".to_owned(),
        lacking: vec!["approvals: model-version:fraud-scorer@42: nobody approved it".to_owned()],
        against: Vec::new(),
        signatures: "the signatures of 1 link were checked and hold".to_owned(),
    };
    Told::Chain(Box::new(Answer { completeness: Completeness::exact(rows.len()), rows, summary }))
}

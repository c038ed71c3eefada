//! What the small world says when the auditor asks for a chain: one link in every state. True to no ledger.

use lastgood::investigate::answer::{Answer, Completeness};
use lastgood::investigate::question::Chain;
use lastgood::investigate::rows::{
    ChainGroup, ChainRow, ChainSummary, ControlEvidence, ControlExample, ControlRow, ControlsSummary, DriftRow,
    DriftSummary, LinkState,
};
use lastgood::investigate::whence::Origin;
use lastgood::model::Time;
use lastgood::tui::ask::Told;

const VERSION: &str = "model-version:fraud-scorer@42";

fn row(link: &str, state: LinkState, id: &str, says: &str, why: &[&str]) -> ChainRow {
    let stands = state != LinkState::Missing;
    ChainRow {
        origin: Origin::default(),
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
        ChainGroup { link: link.to_owned(), title: title.to_owned(), state: states[0].0, count, states, against: 0 }
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

pub(super) fn drift() -> Told {
    let row = |what: &str, about: &str, says: &str, drifted: bool| DriftRow {
        what: what.to_owned(),
        about: about.to_owned(),
        says: says.to_owned(),
        old: None,
        new: None,
        seen: Some(Time::parse_stated("2026-11-18T07:58:00Z").unwrap().0),
        also: Vec::new(),
        drifted,
        claim: Some("812.1".to_owned()),
    };
    let rows = vec![
        row(
            "deployed-digest",
            "deployment:prod-eu/fraud",
            "deployment:prod-eu/fraud runs sha256:3c1b15404db9, which is none of model-version:fraud-scorer@42: what runs \
             there is not what was approved",
            true,
        ),
        row("copies", VERSION, "model-version:fraud-scorer@42 and model-version:copy@1 are one content", false),
    ];
    let summary = DriftSummary { of: None, drifted: 1 };
    Told::Drift(Answer { completeness: Completeness::exact(rows.len()), rows, summary })
}

pub(super) fn controls() -> Told {
    let example = ControlExample { id: VERSION.to_owned(), at: None, claim: Some("640.1".to_owned()) };
    let evidence = ControlEvidence {
        what: "evidence:approval".to_owned(),
        says: "approval on record".to_owned(),
        held: Some(12),
        without: 0,
        newest: None,
        examples: vec![example],
    };
    let row = |id: &str, state: &str, lacking: &[&str]| ControlRow {
        framework: "NIST CSF".to_owned(),
        framework_version: "2.0".to_owned(),
        id: id.to_owned(),
        title: "Risk Assessment".to_owned(),
        text: "Changes and exceptions are managed, assessed, recorded and tracked.".to_owned(),
        moved_from: None,
        state: state.to_owned(),
        evidence: vec![evidence.clone()],
        lacking: lacking.iter().map(|text| (*text).to_owned()).collect(),
    };
    let rows = vec![row("ID.RA-07", "held", &[]), row("ID.RA-09", "in part", &["attestation on record"])];
    let summary = ControlsSummary { of: None, lacking: 1 };
    Told::Controls(Answer { completeness: Completeness::exact(rows.len()), rows, summary })
}

//! Strings that mean harm, made by rule, and a report and a piece of lineage that consist of them. It asserts nothing.

use super::world::at;
use lastgood::investigate::answer::{Answer, Completeness, LedgerHead, Row, State};
use lastgood::investigate::rows::*;
use lastgood::investigate::said::Trust;
use lastgood::investigate::whence::Origin;
use lastgood::model::{Attributes, MarkKind, Window};
use serde_json::Value;

/// What a text begins with to leave where it was put.
const BREAKS: [&str; 15] =
    ["", "\"", "'", "`", "\">", "'>", "-->", "]]>", "</td>", "</style>", "</title>", "\\", "\n", "\r\n", "\"]\n"];

/// What it would do there; `@` stands for an address that nobody may ask.
const ACTS: [&str; 25] = [
    "<script>document.title='owned';fetch('@')</script>",
    "<img src=@ onerror=\"document.title='owned'\">",
    "<svg onload=fetch('@')><use href=@></svg>",
    "<style>*{background:url(@)}</style><link rel=stylesheet href=@>",
    "<iframe src=@></iframe><object data=@></object>",
    "<meta http-equiv=refresh content=0;url=@><base href=@>",
    "<form action=@><input autofocus onfocus=document.title='owned'></form>",
    "javascript:document.title='owned'",
    "=HYPERLINK(\"@\")",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\tx=1",
    "x\"]; n0 -> evil [label=\"y\\\"",
    "x\"]\n  click n0 \"@\"\n  %%{init: {\"securityLevel\":\"loose\"}}%%\n  n9[\"",
    "[a](@) ![b](@) <@> **bold** _em_ ~~x~~ | a | b |",
    "# heading\n\n```\nfence\n```\n> quote\n- item",
    "@channel <!here> <@U123> :boom: #general www.evil.example",
    "\u{1b}[2J\u{1b}]0;owned\u{7}\u{1b}]8;;@\u{7}click\u{1b}]8;;\u{7}",
    "\u{202e}txt.exe\u{202c}\u{2066}x\u{2069}\u{200b}\u{feff}",
    "\0\u{1}\u{8}\u{7f}\u{85}\u{9b}31m",
    "&lt;script&gt;&#60;img&#62;&amp;amp;",
    "{{7*7}}${7*7}<%= 7*7 %>#{7*7}",
    "../../../../etc/passwd\0.html",
    "<!--[if gte IE 4]><script>x</script><![endif]-->",
];

/// What comes after it.
const ENDS: [&str; 8] = ["", " ", "<", "&", "\\", "\"", "-->", "\u{202e}"];

/// So many, each unlike the others.
pub(crate) fn strings(count: usize, address: &str) -> Vec<String> {
    let all = BREAKS.iter().flat_map(|before| ACTS.iter().map(move |act| (before, act)));
    let all = all.flat_map(|(before, act)| ENDS.iter().map(move |end| format!("{before}{act}{end}")));
    let strings: Vec<String> = all.map(|text| text.replace('@', address)).take(count).collect();
    assert_eq!(strings.len(), count, "the rule makes fewer");
    strings
}

fn row(id: &str) -> Row {
    Row {
        id: id.to_owned(),
        kind: "dataset".to_owned(),
        name: id.to_owned(),
        version: Some(id.to_owned()),
        owner: Some(id.to_owned()),
        environment: Some(id.to_owned()),
        risk: Some(id.to_owned()),
        at: Some(at("2026-11-18T00:00:00Z")),
        state: State::Described,
        marks: vec![MarkKind::Compromised],
        derived: None,
    }
}

fn thing(id: &str, to: &str) -> Answer<Row, Shown> {
    let text = id.to_owned();
    let link = LinkRow {
        from: text.clone(),
        to: to.to_owned(),
        relation: text.clone(),
        since: None,
        since_after: None,
        until: None,
        until_after: None,
        claim: "1.1".to_owned(),
        source: text.clone(),
        kind: text.clone(),
        state: State::Described,
    };
    let evidence = EvidenceRow {
        origin: Origin::default(),
        about: text.clone(),
        kind: text.clone(),
        scope: Some(text.clone()),
        by: Some(text.clone()),
        at: at("2026-11-18T00:00:00Z"),
        verdict: Some(text.clone()),
        expires: None,
        standing: text.clone(),
        claim: "1.1".to_owned(),
    };
    let summary = Shown {
        digests: vec![format!("sha256:{text}")],
        identifiers: vec![format!("ol:{text}|{text}"), format!("pkg:{text}")],
        aliases: vec![Alias { id: text.clone(), why: text.clone(), claim: None }],
        candidates: vec![Candidate { id: text.clone(), why: text.clone() }],
        attributes: Attributes::from([(format!("metric.{text}"), Value::from(text.clone())), (text.clone(), 1.into())]),
        conflicts: vec![Conflict { field: text.clone(), values: vec![(text.clone(), "1.1".to_owned())] }],
        upstream: vec![link],
        downstream: Vec::new(),
        upstream_count: 1,
        pointers: Vec::new(),
        downstream_count: 0,
        evidence: vec![evidence],
        absences: vec![AbsenceRow { relation: text.clone(), why: text.clone(), claim: text.clone() }],
        marks: Vec::new(),
        derived: Vec::new(),
        claims: vec!["1.1".to_owned()],
        received: None,
        signatures: Vec::new(),
        files: None,
    };
    Answer { rows: vec![row(id)], completeness: Completeness::exact(1), summary }
}

/// A piece of lineage in which everything is one of these.
pub(crate) fn extract(strings: &[String]) -> Extract {
    let next = strings.iter().cycle().skip(1);
    Extract {
        of: strings.first().cloned().into_iter().collect(),
        at: at("2026-11-19T00:00:00Z"),
        ledger: head(),
        things: strings.iter().zip(next).map(|(id, to)| thing(id, to)).collect(),
        completeness: Completeness::exact(strings.len()),
    }
}

fn head() -> LedgerHead {
    LedgerHead { records: 7, root: "ab".repeat(32), anchored_to: 0, erased: 0 }
}

/// What such strings hit, for the table of values.
pub(crate) fn impact(strings: &[String]) -> Answer<ImpactRow, ImpactSummary> {
    let rows: Vec<ImpactRow> = strings
        .iter()
        .map(|text| ImpactRow {
            row: row(text),
            distance: 2,
            certain: false,
            since: None,
            since_after: None,
            path: vec!["a".to_owned(), text.clone(), text.clone()],
            claim: Some(text.clone()),
        })
        .collect();
    let group = Group { name: strings[0].clone(), at_least: 0, at_most: 1 };
    let completeness = Completeness::between(0, rows.len() as u64, strings.iter().take(40).cloned().collect());
    let summary = ImpactSummary {
        of: strings.iter().take(3).cloned().collect(),
        window: Window::default(),
        by_kind: vec![group.clone()],
        by_environment: vec![group.clone()],
        by_owner: vec![group],
        window_from: None,
        contacts: Vec::new(),
        credentials: Vec::new(),
    };
    Answer { rows, completeness, summary }
}

/// A report that says each of them in several places.
pub(crate) fn dossier(strings: &[String]) -> Dossier {
    let case: Vec<CaseRow> = strings
        .iter()
        .map(|text| CaseRow {
            at: at("2026-11-18T00:00:00Z"),
            received: None,
            remark: Some(text.clone()),
            what: text.clone(),
            about: Some(text.clone()),
            says: text.clone(),
            by: text.clone(),
            source: text.clone(),
            trust: Trust::File,
            proof: text.clone(),
            retracted: Some(text.clone()),
            claim: text.clone(),
        })
        .collect();
    let summary = CaseSummary {
        name: strings[0].clone(),
        title: Some(strings[1].clone()),
        state: "open".to_owned(),
        ..CaseSummary::default()
    };
    let parent = "deployment:root".to_owned();
    let tree = |(depth, id): (u32, &String)| TreeRow {
        row: row(id),
        depth,
        parent: (depth > 0).then(|| parent.clone()),
        relation: Some(id.clone()),
        since: None,
        since_after: None,
        until: None,
        until_after: None,
        certain: true,
        children: 0,
        note: None,
        claim: None,
    };
    let told = std::iter::once((0, &parent)).chain(strings.iter().take(50).map(|id| (1, id)));
    let tree: Vec<TreeRow> = told.map(tree).collect();
    let unanswered = || strings[2].clone();
    let subject = Subject {
        shown: thing(&strings[3], &strings[4]),
        tree: Part::Answered(Answer { completeness: Completeness::exact(tree.len()), rows: tree, summary: () }),
        chain: Part::Unanswered { unanswered: unanswered() },
        diff: Part::Unanswered { unanswered: unanswered() },
        gaps: Part::Unanswered { unanswered: unanswered() },
        timeline: Part::Unanswered { unanswered: unanswered() },
    };
    let custody = CustodyRow {
        record: 1,
        source: strings[5].clone(),
        file: strings[6].clone(),
        line: 1,
        format: strings[7].clone(),
        received_at: at("2026-11-18T00:00:00Z"),
        observed_at: None,
        sha256: None,
        leaf: strings[8].clone(),
        cited: 1,
    };
    Dossier {
        about: About::Case(strings[0].clone()),
        at: at("2026-11-19T00:00:00Z"),
        as_of: None,
        known_at: None,
        case: Some(Answer { completeness: Completeness::exact(case.len()), rows: case, summary }),
        again: None,
        subjects: vec![subject],
        left_out: vec![strings[9].clone()],
        bad: strings.iter().take(5).cloned().collect(),
        impact: Some(Part::Answered(impact(strings))),
        plan: None,
        custody: Custody {
            ledger: head(),
            origin: strings[10].clone(),
            verifier: Some(strings[11].clone()),
            checkpoint: format!("{}\n```\n</pre><script>x</script>\n", strings[12]),
            records: vec![custody],
            cited: 1,
        },
    }
}

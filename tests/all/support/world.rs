//! A small lineage that answers the console's questions by hand: an incident, a hub with 100,000
//! children, a cycle, and names that attack the terminal.

use super::{audit, gaps, incident};
use lastgood::investigate::answer::{Answer, Completeness, Row, State};
use lastgood::investigate::question::Direction;
use lastgood::investigate::rows::*;
use lastgood::investigate::whence::Origin;
use lastgood::model::{Attributes, IdParts, MarkKind, Time, Window};
use lastgood::tui::ask::{Ask, Heading, NewMark, RecordView, Refused, SourceView, Told};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

pub(crate) const HUB: &str = "dataset:lake/hub";
pub(crate) const HUB_CHILDREN: u64 = 100_000;
const HOSTILE: &str = "dataset:evil\u{1b}]0;owned\u{7}\u{202e}txt\nline two\u{200b}";

pub(crate) fn at(text: &str) -> Time {
    Time::parse_stated(text).unwrap().0
}

pub(crate) fn now() -> Time {
    at("2026-11-19T03:00:00Z")
}

struct Link {
    from: &'static str,
    relation: &'static str,
    to: &'static str,
    since: Option<&'static str>,
}

const LINKS: &[(&str, &str, &str, Option<&str>)] = &[
    ("deployment:prod-eu/fraud", "deploys", "model-version:fraud-scorer@42", Some("2026-11-18T14:00:00Z")),
    ("deployment:prod-us/fraud", "deploys", "model-version:fraud-scorer@41", Some("2026-11-17T20:00:00Z")),
    ("model-version:fraud-scorer@42", "trained-on", "dataset:vendor-labels@2026-11-17", Some("2026-11-18T08:12:00Z")),
    (
        "model-version:fraud-scorer@42",
        "trained-on",
        "dataset:lake/transactions@2026-11-17",
        Some("2026-11-18T08:12:00Z"),
    ),
    ("model-version:fraud-scorer@42", "built-from", "code:git/fraud@9f3ab17", Some("2026-11-18T08:12:00Z")),
    ("model-version:fraud-scorer@42", "fine-tuned-from", "model-version:acme-base@3", None),
    ("model-version:fraud-scorer@42", "produced-by", "run:train-fraud@8812", Some("2026-11-18T08:12:00Z")),
    ("model-version:fraud-scorer@41", "trained-on", "dataset:vendor-labels@2026-11-17", Some("2026-11-17T18:00:00Z")),
    ("run:train-fraud@8812", "used", "dataset:vendor-labels@2026-11-17", Some("2026-11-18T07:00:00Z")),
    ("run:train-fraud@8812", "used", "code:git/fraud@9f3ab17", Some("2026-11-18T07:00:00Z")),
    ("dataset:lake/transactions@2026-11-17", "derived-from", HUB, Some("2026-11-17T00:00:00Z")),
    ("agent:refund-agent@5", "uses-tool", "deployment:prod-eu/fraud", Some("2026-11-18T15:00:00Z")),
    ("agent:refund-agent@5", "authenticates-with", "secret:vault/kv/refund", Some("2026-10-01T00:00:00Z")),
    ("step:refund-1182", "caused-by", "agent:refund-agent@5", Some("2026-11-18T23:10:00Z")),
    ("job:loop-a", "child-of", "job:loop-b", None),
    ("job:loop-b", "child-of", "job:loop-a", None),
    ("model-version:victim@1", "trained-on", HOSTILE, Some("2026-11-01T00:00:00Z")),
    ("dataset:vendor-labels@2026-11-17", "derived-from", "dataset:vendor/raw-feed", None),
];

pub(crate) struct World {
    marks: Mutex<Vec<MarkRow>>,
    case: Mutex<Option<String>>,
    said: Mutex<Vec<CaseRow>>,
    empty: bool,
    pub(crate) asked: Mutex<Vec<Ask>>,
}

fn links() -> impl Iterator<Item = Link> {
    LINKS.iter().map(|&(from, relation, to, since)| Link { from, relation, to, since })
}

fn ids() -> BTreeSet<&'static str> {
    links().flat_map(|link| [link.from, link.to]).collect()
}

impl World {
    pub(crate) fn new() -> World {
        World {
            marks: Mutex::new(Vec::new()),
            case: Mutex::new(None),
            said: Mutex::new(Vec::new()),
            empty: false,
            asked: Mutex::new(Vec::new()),
        }
    }

    pub(crate) fn empty() -> World {
        World { empty: true, ..World::new() }
    }

    pub(crate) fn heading(&self) -> Heading {
        let marks = (self.marks.lock().unwrap().len() + self.said.lock().unwrap().len()) as u64;
        Heading {
            case: self.case.lock().unwrap().clone(),
            ledger: "payments.lastgood".to_owned(),
            records: if self.empty { 0 } else { 2_034 + marks },
            root: if marks == 0 { "3f2a91c07be1d5a2".to_owned() } else { format!("{marks:016x}") },
            clock: Some(now()),
            ..Heading::default()
        }
    }

    pub(super) fn row(&self, id: &str) -> Row {
        let derived = incident::derived(self, id);
        let parts = IdParts::of(id);
        let described = !matches!(id, "dataset:vendor/raw-feed" | "model-version:acme-base@3");
        let deployed = id.starts_with("deployment:");
        Row {
            id: id.to_owned(),
            kind: parts.kind.unwrap_or("dataset").to_owned(),
            name: parts.name.to_owned(),
            version: parts.version.map(str::to_owned),
            owner: described.then(|| if deployed { "team:payments" } else { "team:risk-ml" }.to_owned()),
            environment: deployed.then(|| "prod".to_owned()),
            risk: described.then(|| "high".to_owned()),
            at: links().find(|link| link.from == id).and_then(|link| link.since).map(at),
            state: if described { State::Described } else { State::MentionedOnly },
            marks: self.marks.lock().unwrap().iter().filter(|mark| mark.about == id).map(|mark| mark.mark).collect(),
            derived,
        }
    }

    fn link_rows(&self, id: &str, direction: Direction) -> Vec<LinkRow> {
        links()
            .filter(|link| match direction {
                Direction::Up => link.from == id,
                Direction::Down => link.to == id,
            })
            .enumerate()
            .map(|(n, link)| LinkRow {
                from: link.from.to_owned(),
                to: link.to.to_owned(),
                relation: link.relation.to_owned(),
                since: link.since.map(at),
                since_after: None,
                until: None,
                until_after: None,
                claim: format!("812.{}", n + 1),
                source: "mlflow-export".to_owned(),
                kind: String::new(),
                state: State::Described,
            })
            .collect()
    }

    fn children(&self, id: &str, direction: Direction, offset: u64, limit: u64) -> Told {
        if id == HUB && direction == Direction::Up {
            let end = (offset + limit).min(HUB_CHILDREN);
            let rows =
                (offset..end).map(|n| self.child(&format!("dataset:part-{n:05}"), "derived-from", None)).collect();
            return Told::Children { rows, total: HUB_CHILDREN };
        }
        let links = self.link_rows(id, direction);
        let total = links.len() as u64;
        let rows = links
            .iter()
            .skip(usize::try_from(offset).unwrap())
            .map(|link| {
                let other = if direction == Direction::Up { &link.to } else { &link.from };
                let mut row = self.child(other, &link.relation, link.since);
                row.children = match (other.as_str(), direction) {
                    (HUB, Direction::Up) => HUB_CHILDREN,
                    _ => self.link_rows(other, direction).len() as u64,
                };
                row.claim = Some(link.claim.clone());
                row
            })
            .collect();
        Told::Children { rows, total }
    }

    fn child(&self, id: &str, relation: &str, since: Option<Time>) -> TreeRow {
        TreeRow {
            row: self.row(id),
            depth: 1,
            parent: None,
            relation: Some(relation.to_owned()),
            since,
            since_after: None,
            until: None,
            until_after: None,
            certain: true,
            children: 0,
            note: None,
            claim: None,
        }
    }

    fn show(&self, id: &str) -> Told {
        if !ids().contains(id) && !id.starts_with("dataset:part-") {
            return Told::Show(None);
        }
        let up = self.link_rows(id, Direction::Up);
        let down = self.link_rows(id, Direction::Down);
        let marks: Vec<MarkRow> = self.marks.lock().unwrap().iter().filter(|mark| mark.about == id).cloned().collect();
        let mut attributes = Attributes::new();
        attributes.insert("param.max_depth".to_owned(), serde_json::json!("9"));
        attributes.insert("metric.auc".to_owned(), serde_json::json!(0.941));
        let evidence = (id == "model-version:fraud-scorer@42").then(|| EvidenceRow {
            origin: Origin::default(),
            about: id.to_owned(),
            kind: "approval".to_owned(),
            scope: Some("security-review".to_owned()),
            by: Some("person:j.doe".to_owned()),
            at: at("2026-11-18T10:00:00Z"),
            verdict: Some("pass".to_owned()),
            expires: Some(at("2027-02-18T00:00:00Z")),
            standing: "void".to_owned(),
            claim: "640.1".to_owned(),
        });
        let absence = (id == "model-version:acme-base@3").then(|| AbsenceRow {
            relation: "trained-on".to_owned(),
            why: "not-disclosed".to_owned(),
            claim: "77.1".to_owned(),
        });
        Told::Show(Some(Box::new(Answer {
            rows: vec![self.row(id)],
            completeness: Completeness::exact(1),
            summary: Shown {
                digests: vec![format!("sha256:{}", "9f".repeat(32))],
                identifiers: vec!["models:/fraud-scorer/42".to_owned()],
                aliases: Vec::new(),
                candidates: Vec::new(),
                attributes,
                conflicts: Vec::new(),
                upstream_count: up.len() as u64,
                pointers: Vec::new(),
                downstream_count: down.len() as u64,
                upstream: up,
                downstream: down,
                evidence: evidence.into_iter().collect(),
                absences: absence.into_iter().collect(),
                marks,
                derived: incident::exposed(self, id),
                claims: vec!["811.1".to_owned()],
                received: None,
                signatures: Vec::new(),
                files: None,
            },
        })))
    }

    fn impact(&self, of: &[String], window: Window) -> Told {
        let mut reached: BTreeMap<String, (u32, bool, Vec<String>)> = BTreeMap::new();
        let mut queue: VecDeque<(String, u32, bool, Vec<String>)> =
            of.iter().map(|id| (id.clone(), 0, true, vec![id.clone()])).collect();
        while let Some((id, distance, certain, path)) = queue.pop_front() {
            for link in self.link_rows(&id, Direction::Down) {
                if reached.contains_key(&link.from) || of.contains(&link.from) {
                    continue;
                }
                let mut path = path.clone();
                path.push(link.from.clone());
                let certain = certain && (window.is_open() || link.since.is_some());
                reached.insert(link.from.clone(), (distance + 1, certain, path.clone()));
                queue.push_back((link.from, distance + 1, certain, path));
            }
        }
        let mut rows: Vec<ImpactRow> = reached
            .into_iter()
            .map(|(id, (distance, certain, path))| ImpactRow {
                row: self.row(&id),
                distance,
                certain,
                since: None,
                since_after: None,
                path,
                claim: Some("812.1".to_owned()),
            })
            .collect();
        let weight = |kind: &str| if matches!(kind, "deployment" | "step") { 0 } else { 1 };
        rows.sort_by_key(|row| (weight(&row.row.kind), row.row.kind.clone(), row.distance));
        let mut by_kind: Vec<Group> = Vec::new();
        for row in &rows {
            if by_kind.last().is_none_or(|group| group.name != row.row.kind) {
                by_kind.push(Group { name: row.row.kind.clone(), at_least: 0, at_most: 0 });
            }
            let group = by_kind.last_mut().unwrap();
            group.at_most += 1;
            group.at_least += u64::from(row.certain);
        }
        let mut by_owner: Vec<Group> = Vec::new();
        for owner in rows.iter().filter_map(|row| row.row.owner.as_deref()) {
            match by_owner.iter_mut().find(|group| group.name == owner) {
                Some(group) => (group.at_least, group.at_most) = (group.at_least + 1, group.at_most + 1),
                None => by_owner.push(Group { name: owner.to_owned(), at_least: 1, at_most: 1 }),
            }
        }
        let (least, most) = (rows.iter().filter(|row| row.certain).count() as u64, rows.len() as u64 + 2);
        Told::Impact(Answer {
            rows,
            completeness: Completeness::between(
                least,
                most,
                vec!["2 artefacts are only mentioned: nobody said what they depend on".to_owned()],
            ),
            summary: ImpactSummary {
                of: of.to_vec(),
                window,
                by_kind,
                by_environment: Vec::new(),
                contacts: incident::contacts(&by_owner),
                by_owner,
                window_from: (!window.is_open()).then(|| "mark 2035.1".to_owned()),
                credentials: of
                    .iter()
                    .filter(|id| id.starts_with("secret:"))
                    .map(|id| incident::credential(id))
                    .collect(),
            },
        })
    }

    fn path(&self, from: &str, to: &str) -> Told {
        let mut queue = VecDeque::from([(from.to_owned(), Vec::new())]);
        let mut seen = BTreeSet::from([from.to_owned()]);
        while let Some((id, hops)) = queue.pop_front() {
            for link in self.link_rows(&id, Direction::Up) {
                let mut hops: Vec<LinkRow> = hops.clone();
                let next = link.to.clone();
                hops.push(link);
                if next == to {
                    return Told::Path(Answer {
                        completeness: Completeness::exact(hops.len()),
                        rows: hops,
                        summary: PathFound { direction: Some(Direction::Up), alternatives: 2, carries_impact: true },
                    });
                }
                if seen.insert(next.clone()) {
                    queue.push_back((next, hops));
                }
            }
        }
        Told::Path(Answer {
            rows: Vec::new(),
            completeness: Completeness::exact(0),
            summary: PathFound { direction: None, alternatives: 0, carries_impact: false },
        })
    }

    fn find(&self, query: &str) -> Told {
        let rows: Vec<Found> = ids()
            .into_iter()
            .filter(|id| id.contains(query))
            .map(|id| Found { row: self.row(id), score: 1, matched: None })
            .collect();
        Told::Found(Answer { completeness: Completeness::exact(rows.len()), rows, summary: () })
    }

    fn overview(&self) -> Told {
        let marks = self.marks.lock().unwrap().clone();
        let mut kinds: Vec<Group> = Vec::new();
        for id in ids() {
            let kind = self.row(id).kind;
            match kinds.iter_mut().find(|group| group.name == kind) {
                Some(group) => (group.at_least, group.at_most) = (group.at_least + 1, group.at_most + 1),
                None => kinds.push(Group { name: kind, at_least: 1, at_most: 1 }),
            }
        }
        let attention = |severity: &str, what: &str, says: &str, about: &str| Attention {
            severity: severity.to_owned(),
            what: what.to_owned(),
            says: says.to_owned(),
            about: about.to_owned(),
            claim: Some("640.1".to_owned()),
        };
        let rows = vec![
            attention(
                "high",
                "void-approval",
                "fraud-scorer@42: the approval covers another digest",
                "model-version:fraud-scorer@42",
            ),
            attention(
                "high",
                "unapproved",
                "prod-eu/fraud serves a digest nobody approved",
                "deployment:prod-eu/fraud",
            ),
            attention(
                "medium",
                "not-disclosed",
                "acme-base@3: its vendor does not say what it was trained on",
                "model-version:acme-base@3",
            ),
            attention("low", "mentioned-only", "vendor/raw-feed is only mentioned", "dataset:vendor/raw-feed"),
        ];
        let empty = self.empty;
        Told::Overview(Answer {
            completeness: Completeness::exact(rows.len()),
            rows: if empty { Vec::new() } else { rows },
            summary: Overview {
                artefacts: if empty { 0 } else { 2_034 },
                links: 5_112,
                evidence: 312,
                mentioned_only: 2,
                newest: Some(at("2026-11-18T23:10:00Z")),
                oldest: Some(at("2026-05-01T00:00:00Z")),
                kinds,
                marks,
                recent: [
                    "step:refund-1182",
                    "agent:refund-agent@5",
                    "deployment:prod-eu/fraud",
                    "model-version:fraud-scorer@42",
                ]
                .iter()
                .map(|id| self.row(id))
                .collect(),
            },
        })
    }

    fn mark(&self, new: NewMark) -> Told {
        let mut marks = self.marks.lock().unwrap();
        let claim = format!("{}.1", 2_035 + marks.len());
        marks.push(MarkRow {
            claim: claim.clone(),
            also: Vec::new(),
            digest: String::new(),
            about: new.about,
            mark: new.mark,
            by: "person:me".to_owned(),
            proof: "claimed".to_owned(),
            source: "investigator".to_owned(),
            trust: lastgood::investigate::said::Trust::Investigator,
            at: now(),
            received: Some(now()),
            remark: None,
            since: new.window.since,
            until: new.window.until,
            reason: new.reason,
            case: self.case.lock().unwrap().clone(),
            refused: false,
            overruled_by: None,
            overrules: Vec::new(),
            retracted: None,
        });
        drop(marks);
        Told::Written { claim, heading: self.heading() }
    }

    fn say(&self, what: &str, says: &str, about: Option<String>) -> Told {
        let mut said = self.said.lock().unwrap();
        let claim = format!("{}.1", 3_000 + said.len());
        said.push(incident::case_row(what, says, about, claim.clone()));
        drop(said);
        Told::Written { claim, heading: self.heading() }
    }

    pub(crate) fn marks(&self) -> Vec<(String, MarkKind, String)> {
        self.marks.lock().unwrap().iter().map(|mark| (mark.about.clone(), mark.mark, mark.reason.clone())).collect()
    }

    pub(crate) fn answer(&self, ask: Ask, _cancel: &AtomicBool) -> Told {
        self.asked.lock().unwrap().push(ask.clone());
        match ask {
            Ask::Overview => self.overview(),
            Ask::Show(id) => self.show(&id),
            Ask::Children(page) => self.children(&page.id, page.direction, page.offset, page.limit),
            Ask::Find(find) => self.find(&find.query),
            Ask::Impact(impact) => self.impact(&impact.of, impact.window),
            Ask::Path(path) => self.path(&path.from, &path.to),
            Ask::Sources => Told::Sources(vec![
                source("mlflow-export", "lineage/1", 1_800, 0),
                source("airflow", "openlineage/1", 234, 2),
            ]),
            Ask::Look { .. } => Told::Looked { says: None, went: true, grew: false },
            Ask::Sync { source } => Told::Failed(format!("{source} is no server")),
            Ask::Pause { source, .. } => Told::Failed(format!("{source} is no server")),
            Ask::Diff(diff) if self.empty => Told::Failed(format!("nothing in this ledger is called {}", diff.new)),
            Ask::Diff(diff) => incident::diff(self, &diff),
            Ask::LastGood(last_good) => incident::last_good(self, &last_good),
            Ask::Suspects(_) if self.empty => Told::Failed("nothing is marked bad: lastgood mark".to_owned()),
            Ask::Suspects(suspects) => incident::suspects(self, &suspects),
            Ask::Plan(plan) if plan.of.is_empty() && self.marks.lock().unwrap().is_empty() => Told::Failed(
                "nothing is marked compromised or suspect: mark what is bad, or name it: lastgood plan ARTEFACT"
                    .to_owned(),
            ),
            Ask::Plan(plan) => incident::plan(self, &plan),
            Ask::Chain(chain) => audit::chain(&chain),
            Ask::Timeline(timeline) => incident::timeline(&timeline),
            Ask::Gaps(gaps) => gaps::gaps(&gaps),
            Ask::Gate(gate) => gaps::gate(&gate),
            Ask::Drift(_) => audit::drift(),
            Ask::Controls(_) => audit::controls(),
            Ask::Report(_) => Told::Reported { file: "/home/me/reports/report.html".to_owned() },
            Ask::Except(_) => Told::Written { claim: "2041.1".to_owned(), heading: self.heading() },
            Ask::Case(_) => incident::case(
                &self.case.lock().unwrap().clone().unwrap_or_default(),
                self.said.lock().unwrap().clone(),
            ),
            Ask::Note { text, about } => self.say("note", &text, about),
            Ask::Save(_, title) => self.say("answer", &title, None),
            Ask::AskAgain { claim } => incident::again(&claim),
            Ask::UseCase { name, .. } => {
                *self.case.lock().unwrap() = Some(name);
                Told::Written { claim: String::new(), heading: self.heading() }
            }
            Ask::Record { claim } => Told::Record(Box::new(record(&claim))),
            Ask::Mark(new) => self.mark(new),
            Ask::MarkAll(many) => {
                for new in many {
                    self.mark(new);
                }
                Told::Written { claim: "2035.1 to 2036.1".to_owned(), heading: self.heading() }
            }
            Ask::Unmark { claim, .. } => {
                self.marks.lock().unwrap().retain(|mark| mark.claim != claim);
                Told::Written { claim: "2040.1".to_owned(), heading: self.heading() }
            }
        }
    }
}

fn source(name: &str, format: &str, records: u64, refused: u64) -> SourceView {
    SourceView {
        name: name.to_owned(),
        format: format.to_owned(),
        records,
        claims: records * 4,
        last_received: Some(at("2026-11-19T02:12:00Z")),
        newest: None,
        state: if refused == 0 { "ok".to_owned() } else { "stale".to_owned() },
        quarantined: (0..refused)
            .map(|n| Refused { at: format!("events.ndjson line {}", 14 + n), why: "run.runId is missing".to_owned() })
            .collect(),
        quarantined_count: refused,
        live: None,
    }
}

pub(crate) fn record(claim: &str) -> RecordView {
    let content = format!(
        r#"{{"type":"link","from":"model-version:fraud-scorer@42","to":"dataset:vendor-labels@2026-11-17","relation":"trained-on","since":"2026-11-18T08:12:00Z","note":"{HOSTILE}"}}"#
    )
    .replace('\n', "\\n")
    .replace('\u{1b}', "\\u001b")
    .replace('\u{7}', "\\u0007");
    RecordView {
        claim: claim.to_owned(),
        record: 812,
        source: "mlflow-export".to_owned(),
        file: "lineage/2026-11-18.lineage.jsonl".to_owned(),
        position: "line 41, byte 9,812".to_owned(),
        received_at: at("2026-11-19T02:12:00Z"),
        observed_at: Some(at("2026-11-18T08:12:00Z")),
        format: "lineage/1".to_owned(),
        digest: "9f3ab17c".repeat(8),
        content: content.into_bytes(),
        redacted: None,
    }
}

//! Everything known of one artefact as rows: what it is, its marks, evidence, gaps, identifiers,
//! attributes and links. Each row knows the claim behind it. It asks nothing.

use crate::investigate::answer::{Answer, Row};
use crate::investigate::rows::{DerivedRow, EvidenceRow, LinkRow, Shown};
use crate::investigate::whence::usual;
use crate::model::{ArtefactId, Relation, Time};
use crate::report::text::who;
use crate::tui::pane::row::hops;
use crate::tui::theme::{Meaning, mark_meaning};

/// The most links of one direction that are listed; the tree pages through the rest.
const LINKS: usize = 500;

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetailLine {
    /// The left column; empty where it repeats.
    pub label: String,
    /// The right column.
    pub value: String,
    /// How the value looks.
    pub meaning: Meaning,
    /// The claim behind it.
    pub claim: Option<String>,
    /// The artefact it leads to.
    pub leads_to: Option<ArtefactId>,
    /// Whether it is a heading.
    pub heading: bool,
}

struct Lines(Vec<DetailLine>);

impl Lines {
    fn heading(&mut self, text: String) {
        self.0.push(DetailLine {
            label: text,
            value: String::new(),
            meaning: Meaning::Dim,
            claim: None,
            leads_to: None,
            heading: true,
        });
    }

    fn add(&mut self, label: &str, value: String, meaning: Meaning, claim: Option<&str>) -> &mut DetailLine {
        let at = self.0.len();
        self.0.push(DetailLine {
            label: label.to_owned(),
            value,
            meaning,
            claim: claim.map(str::to_owned),
            leads_to: None,
            heading: false,
        });
        &mut self.0[at]
    }

    fn field(&mut self, label: &str, value: Option<&str>, claim: Option<&str>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.add(label, bounded(value), Meaning::Text, claim);
        }
    }
}

/// A value may be of any size; what no screen can show is not copied.
fn bounded(text: &str) -> String {
    text[..text.floor_char_boundary(4096)].to_owned()
}

/// The rows for one answer.
pub(crate) fn lines(answer: &Answer<Row, Shown>, now: Time) -> Vec<DetailLine> {
    let shown = &answer.summary;
    let described_by = shown.claims.first().map(String::as_str);
    let mut out = Lines(Vec::new());
    if let Some(row) = answer.rows.first() {
        out.field("id", Some(&row.id), described_by);
        out.field("kind", Some(&row.kind), described_by);
        out.field("owner", row.owner.as_deref(), described_by);
        out.field("environment", row.environment.as_deref(), described_by);
        out.field("risk", row.risk.as_deref(), described_by);
        out.field("since", row.at.map(Time::short).as_deref(), described_by);
        let received = shown.received.map(|at| format!("{}, {} ago", at.short(), at.age(now)));
        out.field("received", received.as_deref(), described_by);
        if row.state == crate::investigate::answer::State::MentionedOnly {
            out.add(
                "gap",
                "only mentioned: no record describes it; f asks servers".to_owned(),
                Meaning::Gap,
                described_by,
            );
        }
    }
    for mark in &shown.marks {
        let case = mark.case.as_deref().map(|case| format!(" · {case}")).unwrap_or_default();
        let text = {
            let window = window(mark.since, mark.until);
            let window = if window.is_empty() { window } else { format!(", {window}") };
            format!("{} by {}{window}{case}: {}", mark.mark.as_str(), who(&mark.by, &mark.source), mark.reason)
        };
        out.add("mark", bounded(&text), mark_meaning(mark.mark), Some(&mark.claim));
        let received = mark.received.map(|at| format!(", received {}", at.short())).unwrap_or_default();
        out.add(
            "said",
            format!("{}{received}; {}", mark.at.short(), bounded(&mark.proof)),
            Meaning::Dim,
            Some(&mark.claim),
        );
        if let Some(remark) = &mark.remark {
            out.add("dates", remark.clone(), Meaning::Warning, Some(&mark.claim));
        }
    }
    for derived in &shown.derived {
        exposed(derived, &mut out);
    }
    let usual = usual(shown.evidence.iter().map(|it| &it.origin));
    for evidence in &shown.evidence {
        let (text, meaning) = evidence_text(evidence);
        out.add(&evidence.kind, bounded(&text), meaning, Some(&evidence.claim));
        if !evidence.origin.is_plain() || usual.as_ref().map(|it| it.0.as_str()) != evidence.origin.source.as_deref() {
            out.field("", Some(&evidence.origin.words()), Some(&evidence.claim));
        }
    }
    for absence in &shown.absences {
        out.add(
            "absent",
            bounded(&format!("{}: {}", absence.relation, absence.why)),
            Meaning::Gap,
            Some(&absence.claim),
        );
    }
    for conflict in &shown.conflicts {
        for (value, claim) in &conflict.values {
            let text = format!("{} is also stated as {value}", conflict.field);
            out.add("conflict", bounded(&text), Meaning::Warning, Some(claim));
        }
    }
    identity(shown, described_by, &mut out);
    for (name, value) in &shown.attributes {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        out.add(name, bounded(&text), Meaning::Text, described_by);
    }
    links("depends on", &shown.upstream, shown.upstream_count, End::To, &mut out);
    links("depended on by", &shown.downstream, shown.downstream_count, End::From, &mut out);
    pointers(&shown.pointers, &mut out);
    out.0
}

/// The most artefacts of a way that are listed.
const HOPS: usize = 8;

/// What is marked upstream, and the way that carries it here; nobody's statement.
fn exposed(derived: &DerivedRow, out: &mut Lines) {
    let sure = if derived.certain { "" } else { "possibly, over undated links: " };
    let hops = hops(derived.path.len().saturating_sub(1).try_into().unwrap_or(u32::MAX));
    let text = format!("derived: {sure}{} {}, {hops}", derived.mark.as_str(), bounded(&derived.from));
    out.add("exposed", text, Meaning::Warning, Some(&derived.claim)).leads_to = Some(derived.from.clone());
    let inner = derived.path.get(1..derived.path.len().saturating_sub(1)).unwrap_or_default();
    for (at, id) in inner.iter().take(HOPS).enumerate() {
        let label = if at == 0 { "by way of" } else { "" };
        out.add(label, bounded(id), Meaning::Text, Some(&derived.claim)).leads_to = Some(id.clone());
    }
    if inner.len() > HOPS {
        let text = format!("and {} more: p shows the whole way", inner.len() - HOPS);
        out.add("", text, Meaning::Dim, Some(&derived.claim));
    }
}

fn identity(shown: &Shown, claim: Option<&str>, out: &mut Lines) {
    for digest in &shown.digests {
        out.field("digest", Some(digest), claim);
    }
    for identifier in &shown.identifiers {
        out.field("identifier", Some(identifier), claim);
    }
    for alias in &shown.aliases {
        let text = format!("{} ({})", alias.id, alias.why);
        out.add("same as", bounded(&text), Meaning::Text, alias.claim.as_deref().or(claim));
    }
    for it in &shown.candidates {
        let text = format!("candidate: {} ({})", it.id, it.why);
        out.add("may be", bounded(&text), Meaning::Dim, claim).leads_to = Some(it.id.clone());
    }
}

fn evidence_text(evidence: &EvidenceRow) -> (String, Meaning) {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(evidence.scope.clone());
    parts.extend(evidence.verdict.clone());
    parts.extend(evidence.by.as_ref().map(|by| format!("by {by}")));
    parts.push(evidence.at.short());
    parts.extend(evidence.expires.map(|expires| format!("until {}", expires.short())));
    let meaning = match evidence.standing.as_str() {
        "void" => Meaning::Bad,
        "stale" => Meaning::Warning,
        _ if evidence.verdict.as_deref() == Some("fail") => Meaning::Bad,
        _ => Meaning::Text,
    };
    if evidence.standing != "recorded" {
        parts.insert(0, evidence.standing.to_uppercase());
    }
    (parts.join(" · "), meaning)
}

#[derive(Clone, Copy)]
enum End {
    From,
    To,
}

fn links(title: &str, rows: &[LinkRow], count: u64, end: End, out: &mut Lines) {
    if count == 0 && rows.is_empty() {
        return;
    }
    let shown = rows.len().min(LINKS) as u64;
    let cut = if shown < count { format!(" (the first {shown})") } else { String::new() };
    out.heading(format!("{title} {}{cut}", super::row::thousands(count)));
    for link in rows.iter().take(LINKS) {
        let relation = Relation::parse(&link.relation);
        let (label, other) = match end {
            End::To => (relation.as_str(), &link.to),
            End::From => (relation.read_downstream(), &link.from),
        };
        let dates = held(link);
        let text = format!("{}  {dates} · {}", bounded(other), link.source);
        let meaning =
            if link.state == crate::investigate::answer::State::MentionedOnly { Meaning::Gap } else { Meaning::Text };
        out.add(label, text, meaning, Some(&link.claim)).leads_to = Some(other.clone());
    }
}

/// Where what points at the versions of a name led, and when.
fn pointers(rows: &[LinkRow], out: &mut Lines) {
    if rows.is_empty() {
        return;
    }
    out.heading("pointed at by".to_owned());
    for link in rows.iter().take(LINKS) {
        let text = format!("{}  {} · {}", bounded(&link.to), held(link), link.source);
        let label = link.from.rsplit('/').next().unwrap_or(&link.from);
        out.add(label, text, Meaning::Text, Some(&link.claim)).leads_to = Some(link.from.clone());
    }
}

/// When a link held: as a window, and where nobody saw it begin or end, between which moments it did.
pub(crate) fn held(link: &LinkRow) -> String {
    let LinkRow { since, since_after, until, until_after, .. } = *link;
    let unseen = |word: &str, after: Option<Time>, at: Option<Time>| {
        at.filter(|_| after.is_some()).map(|at| format!("{word} {}", at.short_after(after)))
    };
    let (began, ended) = (unseen("began", since_after, since), unseen("ended", until_after, until));
    let seen = window(since.filter(|_| began.is_none()), until.filter(|_| ended.is_none()));
    let parts = [began, Some(seen).filter(|it| !it.is_empty()), ended];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "undated".to_owned() } else { parts.join(", ") }
}

/// `since 2026-11-16 00:00`, `2026-… to 2026-…`, or nothing.
pub(crate) fn window(since: Option<Time>, until: Option<Time>) -> String {
    match (since, until) {
        (Some(since), Some(until)) if since == until => format!("at {}", since.short()),
        (Some(since), Some(until)) => format!("{} to {}", since.short(), until.short()),
        (Some(since), None) => format!("since {}", since.short()),
        (None, Some(until)) => format!("until {}", until.short()),
        (None, None) => String::new(),
    }
}

//! One link of a chain under construction: what stands for it, and in which state that is. It looks for no
//! links.

use crate::graph::{EvidenceRef, LinkRef, Node};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::chain::rules::Rules;
use crate::investigate::credential::text;
use crate::investigate::repeats::Repeats;
use crate::investigate::rows::{ChainRow, LinkState};
use crate::investigate::standing::{Outcome, alarming, approval, incidents, passed, resolved};
use crate::model::{Attributes, Evidence, Kind, MarkKind, Statement, Time};
use std::collections::HashMap;

/// The most descriptions of one artefact that are read, the last.
const MOST_CLAIMS: usize = 20;
/// Who a link was made by, as sources name it.
const ACTORS: [&str; 6] = ["by", "deployed_by", "promoted_by", "changed_by", "actor", "user"];

/// What stands for a link.
#[derive(Debug, Clone)]
pub(super) enum Stands<'a> {
    /// A piece of evidence, and how many earlier ones of the same scope it outdates.
    Evidence(EvidenceRef<'a>, usize),
    /// An artefact that this link leads to.
    Artefact(Node, LinkRef<'a>),
    /// A link itself: that something was deployed.
    Link(LinkRef<'a>),
    /// An artefact of the chain: a step.
    Itself(Node),
    /// A word that no evidence or link is: that a source tells of no such thing.
    Said(LinkState, Option<u64>),
    /// Nothing.
    Nothing,
}

/// A link as it was found.
#[derive(Debug, Clone)]
pub(super) struct Found<'a> {
    pub(super) link: &'static str,
    pub(super) about: Node,
    pub(super) stands: Stands<'a>,
    /// What to say of it where nothing stands for it, or beside what does.
    pub(super) says: String,
    /// A state that is known already, with its reason; the worse of it and what stands for the link counts.
    pub(super) doubt: Option<(LinkState, String)>,
}

impl<'a> Found<'a> {
    pub(super) fn new(link: &'static str, about: Node, stands: Stands<'a>) -> Found<'a> {
        Found { link, about, stands, says: String::new(), doubt: None }
    }

    /// One that nothing stands for.
    pub(super) fn missing(link: &'static str, about: Node, says: String) -> Found<'a> {
        Found { says, ..Found::new(link, about, Stands::Nothing) }
    }

    pub(super) fn doubted(mut self, doubt: Option<(LinkState, String)>) -> Found<'a> {
        self.doubt = doubt;
        self
    }

    fn claim(&self, asking: &Asking<'_>) -> Option<u64> {
        match &self.stands {
            Stands::Evidence(it, _) => Some(it.claim),
            Stands::Artefact(node, link) => asking.lineage.claims(*node).last().or(Some(link.claim)),
            Stands::Link(link) => Some(link.claim),
            Stands::Itself(node) => asking.lineage.claims(*node).last(),
            Stands::Said(_, claim) => *claim,
            Stands::Nothing => None,
        }
    }
}

/// What claims say, read once for all links that are listed, and what was told twice, differently.
pub(super) struct Words {
    said: HashMap<u64, Statement>,
    repeats: Repeats,
}

impl Words {
    pub(super) fn read(asking: &Asking<'_>, found: &[Found<'_>]) -> Result<Words, Unanswered> {
        let mut wanted: Vec<u64> = Vec::new();
        for it in found {
            wanted.extend(match &it.stands {
                Stands::Evidence(it, _) => Some(it.claim),
                Stands::Link(link) => Some(link.claim),
                _ => None,
            });
            if let Stands::Artefact(node, _) | Stands::Itself(node) = &it.stands {
                let all = asking.lineage.claims(*node).count();
                wanted.extend(asking.lineage.claims(*node).skip(all.saturating_sub(MOST_CLAIMS)));
            }
        }
        wanted.sort_unstable();
        wanted.dedup();
        let said = if wanted.is_empty() { Vec::new() } else { asking.statements(&wanted)? };
        Ok(Words { said: said.into_iter().collect(), repeats: Repeats::of(asking)? })
    }

    fn evidence(&self, claim: u64) -> Option<&Evidence> {
        match self.said.get(&claim) {
            Some(Statement::Evidence(it)) => Some(it),
            _ => None,
        }
    }

    fn link(&self, claim: u64) -> Option<&Attributes> {
        match self.said.get(&claim) {
            Some(Statement::Link(it)) => Some(&it.attributes),
            _ => None,
        }
    }

    /// An attribute of an artefact; of several descriptions the last that states it counts.
    fn attribute(&self, asking: &Asking<'_>, node: Node, key: &str) -> Option<String> {
        let stated = asking.lineage.claims(node).filter_map(|claim| match self.said.get(&claim) {
            Some(Statement::Artefact(it)) => text(&it.attributes, key),
            _ => None,
        });
        stated.last()
    }
}

/// The row of a link.
pub(super) fn row(asking: &Asking<'_>, words: &Words, rules: &Rules, found: &Found<'_>) -> ChainRow {
    let id = |node: Node| asking.lineage.id(node).to_owned();
    let mut row = ChainRow {
        link: found.link.to_owned(),
        state: LinkState::Recorded,
        id: id(found.about),
        at: None,
        by: None,
        owner: asking.lineage.owner(found.about).map(str::to_owned),
        evidence: None,
        scope: None,
        verdict: None,
        until: None,
        covers: Vec::new(),
        says: found.says.clone(),
        reasons: Vec::new(),
        against: false,
        origin: found.claim(asking).map(|claim| asking.origin(claim)).unwrap_or_default(),
        claim: found.claim(asking).map(|claim| asking.claim(claim)).filter(|claim| !claim.is_empty()),
    };
    match &found.stands {
        Stands::Evidence(it, earlier) => evidence(asking, (words, rules), &mut row, it, *earlier),
        Stands::Artefact(node, link) => {
            row.evidence = Some(link.relation.to_owned());
            artefact(asking, words, &mut row, *node, link.since);
        }
        Stands::Link(link) => deployed(asking, words, &mut row, link),
        Stands::Itself(node) => {
            row.evidence = Some("description".to_owned());
            artefact(asking, words, &mut row, *node, None);
        }
        Stands::Said(state, _) => row.state = *state,
        Stands::Nothing => row.state = LinkState::Missing,
    }
    if let Some((state, why)) = &found.doubt {
        row.state = row.state.max(*state);
        row.reasons.insert(0, why.clone());
    }
    signature(asking, found, &mut row);
    told_twice(asking, words, found, &mut row);
    row
}

/// What was told twice, differently, does not count before somebody looked which holds.
fn told_twice(asking: &Asking<'_>, words: &Words, found: &Found<'_>, row: &mut ChainRow) {
    let of = |node: Node, claim: Option<u64>| words.repeats.of_statement(asking, node, claim?);
    let repeat = match &found.stands {
        Stands::Nothing => return,
        Stands::Evidence(it, _) => of(it.about, Some(it.claim)),
        Stands::Artefact(node, _) | Stands::Itself(node) => {
            words.repeats.of_artefact(*node).or_else(|| of(*node, found.claim(asking)))
        }
        Stands::Link(_) | Stands::Said(..) => of(found.about, found.claim(asking)),
    };
    if let Some(repeat) = repeat {
        row.state = row.state.max(LinkState::Void);
        row.against = false;
        row.reasons.insert(0, format!("it {}", repeat.says()));
    }
}

/// What came of the signature on the record that states a link.
fn signature(asking: &Asking<'_>, found: &Found<'_>, row: &mut ChainRow) {
    let checked = match found.stands {
        Stands::Nothing => None,
        _ => found.claim(asking).and_then(|claim| (asking.signed)(claim)),
    };
    let Some(signed) = checked else { return };
    match (signed.holds, row.state) {
        (Some(true), LinkState::Recorded) => row.state = LinkState::Verified,
        (Some(false), state) => row.state = state.max(LinkState::Void),
        _ => {}
    }
    row.reasons.push(signed.says);
    row.reasons.extend(signed.levels);
}

/// An artefact of a chain: described, or only mentioned; deleted at its source, marked bad.
fn artefact(asking: &Asking<'_>, words: &Words, row: &mut ChainRow, node: Node, since: Option<Time>) {
    let lineage = asking.lineage;
    row.at = lineage.at(node).or(since);
    let what = lineage.id(node);
    if row.says.is_empty() {
        what.clone_into(&mut row.says);
    }
    if !lineage.described(node) {
        row.state = LinkState::Missing;
        row.says = format!("nobody described {what}: it is only mentioned");
        row.evidence = None;
        return;
    }
    let state = words.attribute(asking, node, "state");
    if state.is_some_and(|state| state.eq_ignore_ascii_case("deleted")) {
        row.state = LinkState::Stale;
        row.reasons.push("its source says that it was deleted there".to_owned());
    }
    for mark in asking.marks.on(node, asking.as_of) {
        if matches!(mark, MarkKind::Compromised | MarkKind::Suspect) {
            row.against = true;
            row.reasons.push(format!("marked {}", mark.as_str()));
        }
    }
    let authors: Vec<&str> =
        lineage.upstream(node).filter(|link| link.relation == "changed-by").map(|link| lineage.id(link.to)).collect();
    if let Some(first) = authors.first() {
        row.by = Some((*first).to_owned());
        row.reasons.push(format!("changed by {}", authors.join(", ")));
    }
    let kind = Kind::parse(lineage.kind(node));
    if kind.is_credential() {
        exposed(asking, row, node);
    }
    if matches!(kind, Kind::Code | Kind::Agent) && row.link != "approval" {
        let best = approval(asking, node, asking.moment());
        row.reasons.push(match (best.standing, best.by) {
            ("missing", _) => "nobody approved it, as far as is known".to_owned(),
            (standing, by) => format!("its approval by {}: {standing}", by.as_deref().unwrap_or("somebody unnamed")),
        });
    }
    if kind == Kind::Step {
        step(asking, words, row, node);
    } else if let Some(digest) = lineage.digests(node).next() {
        row.reasons.push(format!("digest {digest}"));
        row.covers = lineage.digests(node).map(str::to_owned).collect();
    }
}

/// A leak of a credential that nobody said is over.
fn exposed(asking: &Asking<'_>, row: &mut ChainRow, node: Node) {
    for it in incidents(asking.lineage.evidence(node), &["exposure"], asking.moment()).into_iter().filter(|it| it.open)
    {
        let scope = it.first.scope.map(|scope| format!(" ({scope})")).unwrap_or_default();
        row.against = true;
        row.reasons.push(format!("exposed since {}{scope}", it.first.at.short()));
    }
}

/// What a step says of itself.
fn step(asking: &Asking<'_>, words: &Words, row: &mut ChainRow, node: Node) {
    let said = |key: &str| words.attribute(asking, node, key);
    row.verdict = said("result").or_else(|| said("outcome"));
    if let Some(verdict) = &row.verdict {
        row.says = format!("{}: {verdict}", row.says);
    }
    row.by = ["approver", "by", "user"].iter().find_map(|key| said(key)).or(row.by.take());
    const TOLD: [&str; 9] =
        ["tool", "rule", "reason", "amount", "currency", "payment", "channel", "text_digest", "arguments_digest"];
    let told: Vec<String> =
        TOLD.iter().filter_map(|key| said(key).map(|value| format!("{} {value}", key.replace('_', " ")))).collect();
    if !told.is_empty() {
        row.reasons.push(told.join(", "));
    }
}

/// That something was deployed: since when, by whom, under which change.
fn deployed(asking: &Asking<'_>, words: &Words, row: &mut ChainRow, link: &LinkRef<'_>) {
    let lineage = asking.lineage;
    row.at = link.since;
    row.until = link.until;
    row.evidence = Some(link.relation.to_owned());
    let attributes = words.link(link.claim);
    let said = |key: &str| attributes.and_then(|it| text(it, key));
    row.by = ACTORS.iter().find_map(|key| said(key));
    let since = link.since.map_or_else(|| ", nobody says since when".to_owned(), |at| format!(" since {}", at.short()));
    row.says = format!("{} {} {}{since}", lineage.id(link.from), link.relation, lineage.id(link.to));
    if let Some(change) = said("change").or_else(|| said("ticket")) {
        row.reasons.push(format!("under change {change}"));
    }
    if row.by.is_none() {
        row.reasons.push("nobody says who did it".to_owned());
    }
}

/// A piece of evidence: what it says, and whether it counts.
fn evidence(
    asking: &Asking<'_>,
    (words, rules): (&Words, &Rules),
    row: &mut ChainRow,
    it: &EvidenceRef<'_>,
    earlier: usize,
) {
    let lineage = asking.lineage;
    let owned = |text: Option<&str>| text.map(str::to_owned);
    row.at = Some(it.at);
    row.by = owned(it.by);
    row.evidence = Some(it.kind.to_owned());
    row.scope = owned(it.scope);
    row.verdict = owned(it.verdict);
    row.until = it.expires;
    let said = words.evidence(it.claim);
    row.covers = said.map(|it| it.covers.iter().map(ToString::to_string).collect()).unwrap_or_default();
    let attribute = |key: &str| said.and_then(|it| text(&it.attributes, key));
    let scope = it.scope.map(|scope| format!(" {scope}")).unwrap_or_default();
    let about = lineage.id(it.about);
    let verdict = it.verdict.unwrap_or(if it.kind == "approval" { "given" } else { "no verdict stated" });
    row.says = format!("{}{scope} of {about}: {verdict}", it.kind);
    if let Some(value) = attribute("value") {
        let metric = attribute("metric").map(|metric| format!("{metric} ")).unwrap_or_default();
        let threshold = attribute("threshold")
            .map_or_else(|| ", no threshold stated".to_owned(), |threshold| format!(", threshold {threshold}"));
        row.says = format!("{} ({metric}{value}{threshold})", row.says);
    } else if let Some(failed) = attribute("failed") {
        let of = attribute("cases").map(|cases| format!(" of {cases} cases")).unwrap_or_default();
        let threshold = attribute("threshold").map(|it| format!(", threshold {it}")).unwrap_or_default();
        row.says = format!("{} ({failed} failed{of}{threshold})", row.says);
    }
    row.state = LinkState::Recorded;
    let judged = [
        counts(asking, it, &row.covers),
        if it.void { (LinkState::Recorded, Vec::new()) } else { rules.judge(asking, it) },
    ];
    for (state, why) in judged {
        row.state = row.state.max(state);
        // what the piece says itself, the policy need not say again
        let told = |why: &String| row.reasons.iter().any(|reason| why.contains(reason.as_str()));
        let news: Vec<String> = why.into_iter().filter(|why| !told(why)).collect();
        row.reasons.extend(news);
    }
    row.against = row.state.holds() && speaks_against(it);
    for key in ["missing", "action", "note", "reason"] {
        row.reasons.extend(attribute(key).map(|text| format!("{key}: {text}")));
    }
    if earlier > 0 {
        let stand =
            if earlier == 1 { "1 earlier one stands".to_owned() } else { format!("{earlier} earlier ones stand") };
        row.reasons.push(format!("{stand} behind it, of the same scope"));
    }
    row.reasons.extend(said.into_iter().flat_map(|it| it.refs.iter().map(|text| format!("see {text}"))));
}

/// Whether evidence counts, and why not. What a policy asks beyond that is judged by the policy.
fn counts(asking: &Asking<'_>, it: &EvidenceRef<'_>, covers: &[String]) -> (LinkState, Vec<String>) {
    let lineage = asking.lineage;
    if it.void {
        let own: Vec<&str> = lineage.digests(it.about).collect();
        let why = format!("it covers {}, and {} is {}", covers.join(" "), lineage.id(it.about), own.join(" "));
        return (LinkState::Void, vec![why]);
    }
    if let Some(expires) = it.expires.filter(|expires| *expires <= asking.moment()) {
        return (LinkState::Stale, vec![format!("expired on {}", expires.short())]);
    }
    let born = lineage.at(it.about).filter(|born| it.at < *born && it.kind == "approval" && covers.is_empty());
    match born.filter(|_| !Kind::parse(lineage.kind(it.about)).changes_in_place()) {
        Some(born) if Kind::parse(lineage.kind(it.about)) != Kind::Step => {
            let why = format!("the thing changed since: it came to be on {}, after this was said", born.short());
            (LinkState::Stale, vec![why])
        }
        _ => (LinkState::Recorded, Vec::new()),
    }
}

/// Whether evidence that counts speaks against what it is about.
fn speaks_against(it: &EvidenceRef<'_>) -> bool {
    match it.kind {
        "exposure" | "incident" => !resolved(it.verdict),
        "approval" => passed(it.verdict) == Outcome::Failed,
        "telemetry" => passed(it.verdict) != Outcome::Passed,
        _ => alarming(it),
    }
}

//! Claims from the markers that [`super::redact`] left: which artefact's record held which secret
//! value. It works from the redacted record alone, so that a rebuild gives the same claims.

use super::{Reading, unit_in};
use crate::model::{Artefact, Claim, Kind, Link, Relation, SameAs, Statement, Time};
use serde_json::Value;
use std::collections::BTreeSet;

const OPENING: &str = "[secret:";

/// A marker in a redacted text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Marker<'a> {
    pub(super) rule: &'a str,
    pub(super) fingerprint: &'a str,
}

/// The marker that begins exactly there.
pub(super) fn marker_at(bytes: &[u8], at: usize) -> Option<(Marker<'_>, usize)> {
    let rest = bytes.get(at..)?.strip_prefix(OPENING.as_bytes())?;
    let colon = rest.iter().take(40).position(|byte| !(byte.is_ascii_lowercase() || *byte == b'-'))?;
    let rule = std::str::from_utf8(rest.get(..colon)?).ok().filter(|rule| !rule.is_empty())?;
    let tail = rest.get(colon..)?.strip_prefix(b":")?;
    let hex = tail.get(..32).filter(|hex| hex.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))?;
    if tail.get(32) != Some(&b']') {
        return None;
    }
    let fingerprint = std::str::from_utf8(hex).ok()?;
    Some((Marker { rule, fingerprint }, at + OPENING.len() + colon + 1 + 32 + 1))
}

/// What the claims of one unit say of it as a whole.
struct Subject {
    at: u32,
    about: Option<(String, Part)>,
    since: Option<Time>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Secret,
    Dependent,
    /// An investigator's own words: they depend on nothing.
    Words,
}

/// Adds, for each unit that holds a marker, the secret and its link to the unit's subject.
pub(super) fn claim_secrets(content: &[u8], reading: &mut Reading) {
    let finder = memchr::memmem::Finder::new(OPENING);
    let mut positions = finder.find_iter(content).peekable();
    if positions.peek().is_none() {
        return;
    }
    let subjects = subjects(reading);
    let mut claims = Vec::new();
    let mut told: BTreeSet<(u32, Marker<'_>)> = BTreeSet::new();
    let reported = reported(reading);
    let mut known: Option<(usize, u32)> = None;
    for position in positions {
        let Some((marker, _)) = marker_at(content, position) else { continue };
        let after = subjects.partition_point(|subject| subject.at as usize <= position);
        let Some(subject) = after.checked_sub(1).and_then(|index| subjects.get(index)) else { continue };
        let end = match known {
            Some((end, at)) if at == subject.at => end,
            _ => subject.at as usize + unit_in(content, subject.at, reading.framing).len(),
        };
        known = Some((end, subject.at));
        let id = format!("secret:fp/{}", marker.fingerprint);
        if position < end && !reported.contains(&(subject.at, id)) && told.insert((subject.at, marker)) {
            // Beside the value that a finding is about, others that stand there are not the same.
            let found = reported.range((subject.at, String::new())..).next().is_some_and(|(at, _)| *at == subject.at);
            let said = statements(subject, marker).filter(|it| !found || matches!(it, Statement::Artefact(_)));
            claims.extend(said.map(|statement| Claim { at: subject.at, statement }));
        }
    }
    reading.claims.extend(claims);
}

/// The values that a scanner's report is about: it says itself where they were seen.
fn reported(reading: &Reading) -> BTreeSet<(u32, String)> {
    let about = reading.claims.iter().filter_map(|claim| match &claim.statement {
        Statement::Artefact(it) if it.id.starts_with("secret:fp/") => Some((claim.at, it.id.clone())),
        _ => None,
    });
    about.collect()
}

/// The units of the record that say something or were refused, in order.
fn subjects(reading: &Reading) -> Vec<Subject> {
    let mut subjects: Vec<Subject> =
        reading.rejected.iter().map(|unit| Subject { at: unit.at, about: None, since: None }).collect();
    for claim in &reading.claims {
        let time = time_of(&claim.statement);
        match subjects.last_mut() {
            Some(subject) if subject.at == claim.at => {
                subject.since = [subject.since, time].into_iter().flatten().min();
            }
            _ => {
                let about = claim.statement.about().map(|id| (id.to_owned(), part_of(&claim.statement)));
                subjects.push(Subject { at: claim.at, about, since: time });
            }
        }
    }
    subjects.sort_by_key(|subject| subject.at);
    subjects
}

fn part_of(statement: &Statement) -> Part {
    match statement {
        Statement::Artefact(artefact) if artefact.kind == Kind::Secret => Part::Secret,
        Statement::Link(link) if link.from.starts_with("secret:") => Part::Secret,
        Statement::Evidence(evidence) if evidence.about.starts_with("secret:") => Part::Secret,
        Statement::Artefact(_) | Statement::Link(_) | Statement::Evidence(_) => Part::Dependent,
        Statement::Absence(_)
        | Statement::SameAs(_)
        | Statement::Mark(_)
        | Statement::Retract(_)
        | Statement::Note(_) => Part::Words,
    }
}

fn time_of(statement: &Statement) -> Option<Time> {
    match statement {
        Statement::Artefact(artefact) => artefact.at,
        Statement::Link(link) => link.since,
        Statement::Evidence(evidence) => Some(evidence.at),
        Statement::Mark(mark) => Some(mark.at),
        Statement::Note(note) => Some(note.at),
        Statement::Retract(retract) => Some(retract.at),
        Statement::Absence(_) | Statement::SameAs(_) => None,
    }
}

fn statements(subject: &Subject, marker: Marker<'_>) -> impl Iterator<Item = Statement> {
    let id = format!("secret:fp/{}", marker.fingerprint);
    let mut artefact = Artefact::new(id.clone(), Kind::Secret);
    artefact.identifiers.push(format!("fingerprint:{}", marker.fingerprint));
    artefact.attributes.insert("rule".to_owned(), Value::from(marker.rule));
    let relation = match &subject.about {
        Some((about, Part::Dependent)) => {
            let mut link = Link::new(about.clone(), Relation::AuthenticatesWith, id);
            link.since = subject.since;
            link.attributes.insert("how".to_owned(), Value::from("value seen in record"));
            Some(Statement::Link(link))
        }
        Some((about, Part::Secret)) => Some(Statement::SameAs(SameAs {
            a: about.clone(),
            b: id,
            why: "its value was seen in its description".to_owned(),
        })),
        Some((_, Part::Words)) | None => None,
    };
    std::iter::once(Statement::Artefact(artefact)).chain(relation)
}

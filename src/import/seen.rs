//! Claims from the markers that [`super::redact`] left, also within base64: which artefact's record held
//! which secret value. It works from the redacted record alone, so that a rebuild gives the same claims.

use super::{Framing, Reading, Units, unit_in};
use crate::model::{Artefact, Claim, Kind, Link, Relation, SameAs, Statement, Time};
use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::LazyLock;

const OPENING: &str = "[secret:";

/// A marker in a redacted text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Marker {
    pub(super) rule: String,
    pub(super) fingerprint: String,
}

/// The marker that begins exactly there.
pub(super) fn marker_at(bytes: &[u8], at: usize) -> Option<(Marker, usize)> {
    let rest = bytes.get(at..)?.strip_prefix(OPENING.as_bytes())?;
    let colon = rest.iter().take(40).position(|byte| !(byte.is_ascii_lowercase() || *byte == b'-'))?;
    let rule = std::str::from_utf8(rest.get(..colon)?).ok().filter(|rule| !rule.is_empty())?;
    let tail = rest.get(colon..)?.strip_prefix(b":")?;
    let hex = tail.get(..32).filter(|hex| hex.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))?;
    if tail.get(32) != Some(&b']') {
        return None;
    }
    let fingerprint = std::str::from_utf8(hex).ok()?.to_owned();
    Some((Marker { rule: rule.to_owned(), fingerprint }, at + OPENING.len() + colon + 1 + 32 + 1))
}

/// How many secrets were taken out of a text when it was received: the markers in it. Where a signature over
/// such a text does not hold, that is why: it cannot be checked any more, and shows no forgery. One that does
/// hold was made over the markers, and is as good as any.
pub fn secrets_removed(text: &[u8]) -> usize {
    markers(text, 0).len()
}

/// How an opening is written in base64, and in base64 of that.
static OPENINGS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let once: Vec<Vec<u8>> = in_base64(OPENING.as_bytes()).collect();
    let twice: Vec<Vec<u8>> = once.iter().flat_map(|digits| in_base64(digits)).collect();
    // matches that begin first, for only then all texts are looked for at once, many bytes a step
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(once.iter().chain(&twice)).ok()
});

/// The digits of a text for each place in a group of three that it may begin at, without those that what
/// stands about it decides.
fn in_base64(text: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..3).map(move |before| {
        let text = [&b"xx"[..before], text].concat();
        let digits = base64::engine::general_purpose::STANDARD_NO_PAD.encode(&text);
        digits.get((before * 8).div_ceil(6)..text.len() * 8 / 6).unwrap_or_default().as_bytes().to_vec()
    })
}

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// How often base64 may be written within base64.
const DEPTH: usize = 3;

/// The markers in a text, each with where it, or the base64 that holds it, begins; in order.
fn markers(text: &[u8], depth: usize) -> Vec<(usize, Marker)> {
    let plain = memchr::memmem::find_iter(text, OPENING).filter_map(|at| Some((at, marker_at(text, at)?.0)));
    let mut found: Vec<(usize, Marker)> = plain.collect();
    if depth < DEPTH {
        let mut runs: BTreeSet<(usize, usize)> = BTreeSet::new();
        for hit in OPENINGS.iter().flat_map(|finder| finder.find_iter(text)) {
            if runs.last().is_none_or(|(_, end)| hit.start() >= *end) {
                runs.insert(run(text, hit.start()));
            }
        }
        for (start, end) in runs {
            let digits = text.get(start..end).unwrap_or_default();
            let engine = if digits.iter().any(|byte| b"-_".contains(byte)) { &URL_SAFE } else { &STANDARD };
            // A path may have run into it: it was written from one of its signs on.
            let starts = std::iter::once(0).chain(
                digits
                    .iter()
                    .enumerate()
                    .filter(|(_, byte)| !byte.is_ascii_alphanumeric())
                    .map(|(at, _)| at + 1)
                    .take(12),
            );
            let decoded = starts.filter_map(|from| engine.decode(digits.get(from..)?).ok());
            let within = decoded.map(|text| markers(&text, depth + 1)).find(|within| !within.is_empty());
            found.extend(within.into_iter().flatten().map(|(_, marker)| (start, marker)));
        }
        found.sort();
    }
    found
}

/// The digits of base64 about a place.
fn run(text: &[u8], at: usize) -> (usize, usize) {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
    let before = text.get(..at).unwrap_or_default();
    let mut start = before.iter().rposition(|byte| !is_digit(byte)).map_or(0, |other| other + 1);
    // The letter of an escape is none of them.
    if start.checked_sub(1).and_then(|at| text.get(at)) == Some(&b'\\') {
        start += 1;
    }
    let rest = text.get(at..).unwrap_or_default();
    (start, at + rest.iter().position(|byte| !is_digit(byte)).unwrap_or(rest.len()))
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
    let markers = markers(content, 0);
    if markers.is_empty() {
        return;
    }
    let subjects = subjects(reading);
    let mut claims = Vec::new();
    let mut told: BTreeSet<(u32, Marker)> = BTreeSet::new();
    let reported = reported(reading);
    let mut known: Option<(usize, u32)> = None;
    for (position, marker) in markers {
        let after = subjects.partition_point(|subject| subject.at as usize <= position);
        let before = after.checked_sub(1).and_then(|index| subjects.get(index));
        let within = before.filter(|subject| {
            let end = match known {
                Some((end, at)) if at == subject.at => end,
                _ => subject.at as usize + unit_in(content, subject.at, reading.framing).len(),
            };
            known = Some((end, subject.at));
            position < end
        });
        // What stands where nothing else is said is a secret all the same.
        let alone;
        let subject = match within {
            Some(subject) => subject,
            None => {
                alone = Subject { at: unit_of(content, position, reading.framing), about: None, since: None };
                &alone
            }
        };
        let id = format!("secret:fp/{}", marker.fingerprint);
        if !reported.contains(&(subject.at, id)) && told.insert((subject.at, marker.clone())) {
            // Beside the value that a finding is about, others that stand there are not the same.
            let found = reported.range((subject.at, String::new())..).next().is_some_and(|(at, _)| *at == subject.at);
            let said = statements(subject, &marker).filter(|it| !found || matches!(it, Statement::Artefact(_)));
            claims.extend(said.map(|statement| Claim { at: subject.at, statement }));
        }
    }
    reading.claims.extend(claims);
}

/// Where the unit begins in which a place lies.
fn unit_of(content: &[u8], position: usize, framing: Framing) -> u32 {
    let units = Units::of(content, framing).map(|(at, _)| at);
    units.take_while(|at| *at as usize <= position).last().unwrap_or(0)
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

fn statements(subject: &Subject, marker: &Marker) -> impl Iterator<Item = Statement> + use<> {
    let id = format!("secret:fp/{}", marker.fingerprint);
    let mut artefact = Artefact::new(id.clone(), Kind::Secret);
    artefact.identifiers.push(format!("fingerprint:{}", marker.fingerprint));
    artefact.attributes.insert("rule".to_owned(), Value::from(marker.rule.as_str()));
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

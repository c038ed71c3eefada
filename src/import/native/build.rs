//! Makes a statement of a line's fields: what each type requires, and what becomes of the rest. It
//! reads no JSON.

use super::super::Reading;
use super::line::{FIELDS, Line, List, Word};
use crate::model::{
    Absence, Artefact, Attributes, Digest, Evidence, Kind, Link, Mark, MarkKind, Note, Relation, Retract, SameAs,
    Statement, Time,
};
use serde_json::Value;
use std::borrow::Cow;

/// The longest id. Longer ones are payloads in the wrong field.
const LONGEST_ID: usize = 8 * 1024;

/// The statement a line makes, or what is wrong with it.
pub(super) fn statement(mut line: Line<'_>, at: u32, out: &mut Reading) -> Result<Statement, String> {
    let Some(word) = line.take(Word::Type) else {
        return Err("\"type\" is required: artefact, link, evidence, absence, same-as, mark, retract or note".into());
    };
    let line = &mut line;
    let statement = match &*word {
        "artefact" => artefact(line)?,
        "link" => link(line)?,
        "evidence" => evidence(line)?,
        "absence" => Statement::Absence(Absence {
            about: id(line, Word::About, "an absence")?,
            relation: Relation::parse(&required(line, Word::Relation, "an absence")?),
            why: required(line, Word::Why, "an absence")?.into_owned(),
            by: optional(line, Word::By),
        }),
        "same-as" => Statement::SameAs(SameAs {
            a: id(line, Word::A, "a same-as")?,
            b: id(line, Word::B, "a same-as")?,
            why: optional(line, Word::Why).unwrap_or_else(|| "stated".to_owned()),
        }),
        "mark" => mark(line)?,
        "retract" => Statement::Retract(Retract {
            what: required(line, Word::What, "a retraction")?.into_owned(),
            of: digest(line)?,
            by: required(line, Word::By, "a retraction")?.into_owned(),
            at: required_time(line, Word::At, "a retraction")?,
            reason: required(line, Word::Reason, "a retraction")?.into_owned(),
            signature: optional(line, Word::Signature),
        }),
        "note" => Statement::Note(Note {
            about: optional(line, Word::About),
            what: optional(line, Word::What).filter(|what| !what.is_empty()),
            text: required(line, Word::Text, "a note")?.into_owned(),
            by: required(line, Word::By, "a note")?.into_owned(),
            at: required_time(line, Word::At, "a note")?,
            case: optional(line, Word::Case),
            signature: optional(line, Word::Signature),
            attributes: attributes(line)?,
        }),
        other => {
            return Err(format!(
                "column {}: unknown \"type\" \"{other}\": expected artefact, link, evidence, absence, same-as, mark, \
                 retract or note",
                line.column("type")
            ));
        }
    };
    if let Some(left) = left_over(line) {
        out.warn(at, format!("\"{left}\" says nothing on a \"{word}\": it stays in the record only"));
    }
    Ok(statement)
}

fn artefact(line: &mut Line<'_>) -> Result<Statement, String> {
    Ok(Statement::Artefact(Artefact {
        id: id(line, Word::Id, "an artefact")?,
        kind: Kind::parse(&required(line, Word::Kind, "an artefact")?),
        name: optional(line, Word::Name),
        version: optional(line, Word::Version),
        at: time(line, Word::At)?,
        owner: optional(line, Word::Owner),
        risk: optional(line, Word::Risk),
        environment: optional(line, Word::Environment),
        digests: digests(line, List::Digests),
        identifiers: texts(line, List::Identifiers),
        attributes: attributes(line)?,
    }))
}

fn link(line: &mut Line<'_>) -> Result<Statement, String> {
    Ok(Statement::Link(Link {
        from: id(line, Word::From, "a link")?,
        to: id(line, Word::To, "a link")?,
        relation: Relation::parse(&required(line, Word::Relation, "a link")?),
        since: time(line, Word::Since)?,
        until: time(line, Word::Until)?,
        attributes: attributes(line)?,
    }))
}

fn evidence(line: &mut Line<'_>) -> Result<Statement, String> {
    Ok(Statement::Evidence(Evidence {
        about: id(line, Word::About, "evidence")?,
        kind: required(line, Word::Kind, "evidence")?.into_owned(),
        scope: optional(line, Word::Scope),
        by: optional(line, Word::By),
        at: required_time(line, Word::At, "evidence")?,
        verdict: optional(line, Word::Verdict),
        expires: time(line, Word::Expires)?,
        covers: digests(line, List::Covers),
        refs: texts(line, List::Refs),
        attributes: attributes(line)?,
    }))
}

fn mark(line: &mut Line<'_>) -> Result<Statement, String> {
    let about = id(line, Word::About, "a mark")?;
    let word = required(line, Word::Mark, "a mark")?;
    let mark = MarkKind::parse(&word).ok_or_else(|| {
        let column = line.column("mark");
        format!("column {column}: \"{word}\" is not a mark: expected compromised, suspect, good, rollback or cleared")
    })?;
    Ok(Statement::Mark(Mark {
        about,
        mark,
        by: required(line, Word::By, "a mark")?.into_owned(),
        at: required_time(line, Word::At, "a mark")?,
        since: time(line, Word::Since)?,
        until: time(line, Word::Until)?,
        reason: required(line, Word::Reason, "a mark")?.into_owned(),
        case: optional(line, Word::Case),
        signature: optional(line, Word::Signature),
    }))
}

fn name(field: Word) -> &'static str {
    FIELDS.get(field as usize).copied().unwrap_or_default()
}

fn required<'a>(line: &mut Line<'a>, field: Word, of: &str) -> Result<Cow<'a, str>, String> {
    match line.take(field) {
        Some(text) if !text.trim().is_empty() => Ok(text),
        Some(_) => Err(format!("column {}: \"{}\" is empty", line.column(name(field)), name(field))),
        None => Err(format!("\"{}\" is required for {of}", name(field))),
    }
}

fn id(line: &mut Line<'_>, field: Word, of: &str) -> Result<String, String> {
    let text = required(line, field, of)?;
    if text.len() > LONGEST_ID {
        let (column, name) = (line.column(name(field)), name(field));
        return Err(format!("column {column}: \"{name}\" is {} bytes long; an id has up to {LONGEST_ID}", text.len()));
    }
    Ok(text.into_owned())
}

fn optional(line: &mut Line<'_>, field: Word) -> Option<String> {
    line.take(field).map(Cow::into_owned)
}

/// The digest of the statement that a retraction takes back.
fn digest(line: &mut Line<'_>) -> Result<Option<String>, String> {
    let Some(text) = line.take(Word::Of) else { return Ok(None) };
    if text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Ok(Some(text.into_owned()));
    }
    Err(format!("column {}: \"of\" is \"{text}\": expected a statement's digest, 64 hex digits", line.column("of")))
}

fn time(line: &mut Line<'_>, field: Word) -> Result<Option<Time>, String> {
    let Some(text) = line.take(field) else { return Ok(None) };
    match Time::parse_stated(&text) {
        Ok((time, _)) => Ok(Some(time)),
        Err(_) => Err(format!(
            "column {}: \"{}\" is \"{text}\": expected a time such as 2026-11-18T09:00:00Z",
            line.column(name(field)),
            name(field)
        )),
    }
}

fn required_time(line: &mut Line<'_>, field: Word, of: &str) -> Result<Time, String> {
    time(line, field)?.ok_or_else(|| format!("\"{}\" is required for {of}", name(field)))
}

fn digests(line: &mut Line<'_>, field: List) -> Vec<Digest> {
    line.take_list(field).iter().map(|text| Digest::parse(text)).collect()
}

fn texts(line: &mut Line<'_>, field: List) -> Vec<String> {
    line.take_list(field).into_iter().map(Cow::into_owned).collect()
}

/// The line's attributes, with the fields that mean something on other types only.
fn attributes(line: &mut Line<'_>) -> Result<Attributes, String> {
    if line.texts.iter().any(Option::is_some) || line.lists.iter().any(Option::is_some) {
        let texts = FIELDS.iter().zip(&mut line.texts);
        let strays: Vec<(String, Value)> = texts
            .filter_map(|(name, slot)| Some(((*name).to_owned(), Value::from(slot.take()?.into_owned()))))
            .collect();
        let lists = FIELDS.iter().skip(line.texts.len()).zip(&mut line.lists);
        let stray_lists: Vec<(String, Value)> = lists
            .filter_map(|(name, slot)| {
                let values = slot.take()?.into_iter().map(|text| Value::from(text.into_owned())).collect();
                Some(((*name).to_owned(), Value::Array(values)))
            })
            .collect();
        for (key, value) in strays.into_iter().chain(stray_lists) {
            if line.attributes.iter().any(|(known, _)| *known == key) {
                return Err(format!("the key \"{key}\" is given twice: on the line and among its attributes"));
            }
            line.attributes.push((key, value));
        }
    }
    Ok(std::mem::take(&mut line.attributes).into_iter().collect())
}

/// The first field that nothing was made of.
fn left_over(line: &Line<'_>) -> Option<String> {
    let texts = FIELDS.iter().zip(&line.texts).filter(|(_, slot)| slot.is_some()).map(|(name, _)| *name);
    let lists = FIELDS.iter().skip(line.texts.len()).zip(&line.lists).filter(|(_, slot)| slot.is_some());
    let unknown = line.attributes.iter().map(|(key, _)| key.as_str());
    texts.chain(lists.map(|(name, _)| *name)).chain(unknown).next().map(str::to_owned)
}

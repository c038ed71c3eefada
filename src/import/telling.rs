//! What one unit of a record says, gathered: kept as a whole or not at all. It knows no format.

use super::json::{self, below, explain, strict_value};
use super::unit::utf8;
use super::{Reading, Units, offset};
use crate::model::{Artefact, Claim, Evidence, Link, Relation, Statement, Time};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::fmt;

/// The longest text that becomes an attribute; the record holds the rest.
const LONGEST_TEXT: usize = 4 * 1024;

/// As many members as are compared one by one.
const FEW: usize = 32;

/// What is wrong, with the pointer in front.
pub(super) type Fault = String;

/// Where what is said goes.
pub(super) struct Telling<'o> {
    out: &'o mut Reading,
    /// Byte offset of the unit, or of the part of it that is spoken of.
    pub(super) at: u32,
    earliest: Option<Time>,
}

impl Telling<'_> {
    pub(super) fn say(&mut self, statement: Statement) {
        self.out.claims.push(Claim { at: self.at, statement });
    }

    pub(super) fn artefact(&mut self, artefact: Artefact) {
        self.say(Statement::Artefact(artefact));
    }

    pub(super) fn link(&mut self, from: &str, relation: Relation, to: &str, since: Option<Time>) {
        if from != to {
            let mut link = Link::new(from, relation, to);
            link.since = since;
            self.say(Statement::Link(link));
        }
    }

    pub(super) fn evidence(&mut self, evidence: Evidence) {
        self.say(Statement::Evidence(evidence));
    }

    pub(super) fn doubt(&mut self, text: impl Into<String>) {
        self.out.warn(self.at, text);
    }

    /// Refuses a part of the unit; the rest of it is kept.
    pub(super) fn refuse(&mut self, part: &str, reason: impl Into<String>) {
        self.out.reject(self.at, part.as_bytes(), reason);
    }

    /// Notes a moment the source states.
    pub(super) fn observe(&mut self, at: Time) {
        self.earliest = Some(self.earliest.map_or(at, |earlier| earlier.min(at)));
    }

    /// The moment written at a pointer; what is no moment is a doubt.
    pub(super) fn time(&mut self, value: &Value, pointer: &str) -> Option<Time> {
        let written = below(value, pointer).filter(|value| !value.is_null() && value.as_str() != Some(""))?;
        let time = match written {
            Value::String(text) => self.time_of(text, pointer),
            Value::Number(number) => number.as_i64().map(since_epoch),
            _ => None,
        };
        match time {
            Some(time) => self.observe(time),
            None => self.doubt(format!("{pointer}: {} is not a date-time; it is left out", shown(written))),
        }
        time
    }

    /// The moment a text states; one without a zone is taken as UTC, and that is said.
    pub(super) fn time_of(&mut self, text: &str, place: &str) -> Option<Time> {
        let (time, zoneless) = Time::parse_stated(text).ok().or_else(|| git_time(text).map(|time| (time, false)))?;
        if zoneless {
            self.doubt(format!("{place}: \"{text}\" has no time zone: taken as UTC"));
        }
        Some(time)
    }
}

/// Seconds, milliseconds or microseconds since 1970, told apart by their size.
fn since_epoch(number: i64) -> Time {
    match number.unsigned_abs() {
        0..100_000_000_000 => Time::from_seconds(number),
        100_000_000_000..100_000_000_000_000 => Time::from_micros(number.saturating_mul(1000)),
        _ => Time::from_micros(number),
    }
}

/// `2026-11-18 09:00:00 +0100`, as git writes it.
fn git_time(text: &str) -> Option<Time> {
    let mut parts = text.split_whitespace();
    let (date, clock, zone) = (parts.next()?, parts.next()?, parts.next()?);
    let (hours, minutes) = (zone.get(..3)?, zone.get(3..)?.trim_start_matches(':'));
    Time::parse_stated(&format!("{date}T{clock}{hours}:{minutes}")).ok().map(|(time, _)| time)
}

/// A value in a message, cut short.
pub(super) fn shown(value: &Value) -> String {
    let text = value.to_string();
    text.chars().take(60).collect()
}

/// A text as an attribute holds it.
pub(super) fn clip(text: &str) -> String {
    if text.len() <= LONGEST_TEXT {
        return text.to_owned();
    }
    let mut end = LONGEST_TEXT;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}… ({} bytes in all)", text.get(..end).unwrap_or_default(), text.len())
}

/// The text at a pointer, when there is one that is not blank.
pub(super) fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    below(value, pointer)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// A text that must be there.
pub(super) fn required<'v>(value: &'v Value, pointer: &str) -> Result<&'v str, Fault> {
    let (parent, key) = pointer.rsplit_once('/').unwrap_or(("", pointer));
    match below(value, pointer) {
        None | Some(Value::Null) => {
            let parent = if parent.is_empty() { "/" } else { parent };
            Err(format!("{parent}: \"{key}\" is a required property"))
        }
        Some(Value::String(text)) if text.trim().is_empty() => Err(format!("{pointer}: is empty")),
        Some(Value::String(text)) => Ok(text.trim()),
        Some(other) => Err(format!("{pointer}: expected text, found {}", shown(other))),
    }
}

/// Copies what stands at pointers into attributes.
pub(super) fn copy(value: &Value, fields: &[(&str, &str)], attributes: &mut crate::model::Attributes) {
    for (pointer, key) in fields {
        let found = match below(value, pointer) {
            None | Some(Value::Null) => continue,
            Some(Value::String(text)) if text.trim().is_empty() => continue,
            Some(Value::String(text)) => Value::from(clip(text)),
            Some(Value::Array(list)) if list.is_empty() => continue,
            Some(Value::Array(list)) => Value::from(list.iter().take(100).cloned().collect::<Vec<_>>()),
            Some(Value::Object(_)) => continue,
            Some(other) => other.clone(),
        };
        attributes.insert((*key).to_owned(), found);
    }
}

/// A moment's worth of evidence with the rest left empty.
pub(super) fn evidence(about: &str, kind: &str, at: Time) -> Evidence {
    Evidence {
        about: about.to_owned(),
        kind: kind.to_owned(),
        scope: None,
        by: None,
        at,
        verdict: None,
        expires: None,
        covers: Vec::new(),
        refs: Vec::new(),
        attributes: crate::model::Attributes::new(),
    }
}

/// Reads each unit of a record as a JSON value. What `read` finds wrong refuses the unit.
pub(super) fn each_value(
    content: &[u8],
    out: &mut Reading,
    read: &dyn Fn(&Value, &mut Telling<'_>) -> Result<(), Fault>,
) {
    each_text(content, out, &|text, telling| read(&strict_value(text)?, telling));
}

/// Reads each unit of a record as text.
pub(super) fn each_text(content: &[u8], out: &mut Reading, read: &dyn Fn(&str, &mut Telling<'_>) -> Result<(), Fault>) {
    for (at, unit) in Units::of(content, out.framing) {
        let before = (out.claims.len(), out.warnings.len(), out.rejected.len());
        let mut telling = Telling { out, at, earliest: None };
        let mut told = utf8(unit).and_then(|text| read(text, &mut telling));
        if let Some(fault) = told.as_ref().err().filter(|fault| json::is_control(fault)) {
            // Some tools print texts as they are, line feeds and all.
            let doubt = format!("{fault}: read with a blank for each such character in a text");
            telling.out.claims.truncate(before.0);
            telling.out.warnings.truncate(before.1);
            telling.out.rejected.truncate(before.2);
            telling = Telling { out: telling.out, at, earliest: None };
            telling.doubt(doubt);
            told = utf8(unit).and_then(|text| read(&json::without_controls(text), &mut telling));
        }
        let earliest = telling.earliest;
        match (told, earliest) {
            (Ok(()), Some(time)) => out.observe(time),
            (Ok(()), None) => {}
            (Err(reason), _) => {
                out.claims.truncate(before.0);
                out.warnings.truncate(before.1);
                out.rejected.truncate(before.2);
                out.reject(at, unit, reason);
            }
        }
    }
}

/// An object's members in order, unread. A key given twice is an error.
pub(super) struct Members<'a>(pub(super) Vec<(String, &'a RawValue)>);

impl<'a> Members<'a> {
    pub(super) fn of(text: &'a str) -> Result<Members<'a>, Fault> {
        serde_json::from_str(text).map_err(|error| explain(&error))
    }

    /// The value under a key as it is written; null counts as none.
    pub(super) fn get(&self, key: &str) -> Option<&'a str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, raw)| raw.get()).filter(|text| *text != "null")
    }

    /// The members but for those under some keys, as a value.
    pub(super) fn without(&self, left_out: &[&str]) -> Result<Value, Fault> {
        let mut own = serde_json::Map::new();
        for (key, raw) in self.0.iter().filter(|(key, _)| !left_out.contains(&key.as_str())) {
            own.insert(key.clone(), strict_value(raw.get()).map_err(|error| format!("/{key}: {error}"))?);
        }
        Ok(Value::Object(own))
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members<'de>, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Members<'de>, M::Error> {
                let mut entries: Vec<(String, &'de RawValue)> = Vec::new();
                let mut known = std::collections::HashSet::new();
                while let Some((key, value)) = map.next_entry::<String, &'de RawValue>()? {
                    // few are looked through sooner than they are hashed
                    if entries.len() == FEW {
                        known.extend(entries.iter().map(|(key, _)| key.clone()));
                    }
                    let is_known = match entries.len() < FEW {
                        true => entries.iter().any(|(other, _)| *other == key),
                        false => !known.insert(key.clone()),
                    };
                    if is_known {
                        return Err(serde::de::Error::custom(format_args!("the key \"{key}\" is given twice")));
                    }
                    entries.push((key, value));
                }
                Ok(Members(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// The elements of a list as they are written; none when there is no list.
pub(super) fn elements<'a>(text: Option<&'a str>, place: &str) -> Result<Vec<&'a str>, Fault> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let list: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| format!("{place}: {}", explain(&error)))?;
    Ok(list.into_iter().map(RawValue::get).collect())
}

/// The same, each read as well.
pub(super) fn each_element<'a>(
    text: Option<&'a str>,
    place: &str,
) -> Result<impl Iterator<Item = json::Element<'a>>, Fault> {
    json::elements(text.unwrap_or("[]")).ok_or_else(|| format!("{place}: expected a list"))
}

/// Where a part of a text begins in it.
pub(super) fn place_in(whole: &str, part: &str) -> u32 {
    offset((part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize).min(whole.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_each_unit() {
        let wanted = Time::parse_stated("2026-11-18T09:00:00Z").unwrap().0;
        for number in [wanted.seconds(), wanted.seconds() * 1000, wanted.micros()] {
            assert_eq!(since_epoch(number), wanted);
        }
        assert_eq!(git_time("2026-11-18 10:00:00 +0100"), Some(wanted));
        assert_eq!(git_time("2026-11-18 09:00:00 +0000 UTC"), Some(wanted));
    }

    #[test]
    fn a_key_given_twice_is_refused() {
        assert!(Members::of(r#"{"a":1,"a":2}"#).is_err());
        for (first, many) in [(0, 31), (0, 32), (0, 33), (40, 60)] {
            let keys: Vec<String> = (0..many).chain([first]).map(|key| format!("\"{key}\":0")).collect();
            let error = Members::of(&format!("{{{}}}", keys.join(","))).err();
            assert!(error.is_some_and(|it| it.contains(&format!("\"{first}\" is given twice"))), "{many}");
            let keys: Vec<String> = (0..many).map(|key| format!("\"{key}\":0")).collect();
            assert!(Members::of(&format!("{{{}}}", keys.join(","))).is_ok_and(|it| it.0.len() == many));
        }
        assert_eq!(place_in("abcdef", &"abcdef"[2..4]), 2);
    }
}

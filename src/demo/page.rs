//! Collects statements and writes them as native lines, oldest first. It decides nothing of the story.

use crate::demo::chance::hex;
use crate::model::{Artefact, Attributes, Digest, Evidence, Kind, Link, Relation, Statement, Time};
use serde_json::Value;

/// Midnight of 2026-05-20, the first day told of.
const FIRST_DAY: i64 = 1_779_235_200;

/// A moment of the history: days since 2026-05-20, and seconds into that day (may exceed a day).
pub(super) fn moment(day: i64, seconds: i64) -> Time {
    Time::from_seconds(FIRST_DAY + day * 86_400 + seconds)
}

/// The date of a day, `2026-05-20`.
pub(super) fn date(day: i64) -> String {
    moment(day, 0).to_string().chars().take(10).collect()
}

/// 0 on Mondays to 6 on Sundays (2026-05-20 was a Wednesday).
pub(super) fn weekday(day: i64) -> i64 {
    (day + 2).rem_euclid(7)
}

/// The ISO week of a day, `2026-W21` (the first day lies in week 21).
pub(super) fn week(day: i64) -> String {
    format!("2026-W{}", 21 + (day + 2).div_euclid(7))
}

/// The invented SHA-256 that belongs to a label.
pub(super) fn digest(label: &str) -> Digest {
    Digest::parse(&format!("sha256:{}", hex(label, 64)))
}

/// The lines of one file in the making.
#[derive(Default)]
pub(super) struct Page {
    lines: Vec<(Option<Time>, String)>,
}

/// An artefact with name and version taken from its id's parts.
pub(super) fn artefact(kind: Kind, name: &str, version: Option<&str>, at: Option<Time>, owner: &str) -> Artefact {
    let id = match version {
        Some(version) => format!("{kind}:{name}@{version}"),
        None => format!("{kind}:{name}"),
    };
    let mut it = Artefact::new(id, kind);
    it.name = Some(name.to_owned());
    it.version = version.map(str::to_owned);
    it.at = at;
    it.owner = Some(owner.to_owned());
    it
}

/// Evidence with the fields all evidence of the history has.
pub(super) fn evidence(about: &str, kind: &str, scope: &str, by: &str, at: Time) -> Evidence {
    Evidence {
        about: about.to_owned(),
        kind: kind.to_owned(),
        scope: Some(scope.to_owned()),
        by: Some(by.to_owned()),
        at,
        verdict: Some("pass".to_owned()),
        expires: None,
        covers: Vec::new(),
        refs: Vec::new(),
        attributes: Default::default(),
    }
}

impl Page {
    /// Adds a statement. Marks, retractions, absences and notes belong to people, not to the history.
    pub(super) fn say(&mut self, statement: Statement) {
        let mut line = Line::default();
        put(&mut line, "type", Some(statement.word()));
        let when = match statement {
            Statement::Artefact(it) => write_artefact(&mut line, it),
            Statement::Link(it) => write_link(&mut line, it),
            Statement::Evidence(it) => write_evidence(&mut line, it),
            _ => return,
        };
        self.lines.push((when, format!("{{{}}}", line.0)));
    }

    /// Adds an artefact.
    pub(super) fn artefact(&mut self, it: Artefact) {
        self.say(Statement::Artefact(it));
    }

    /// Adds a link that holds from `since` on.
    pub(super) fn link(&mut self, from: &str, relation: Relation, to: &str, since: Time) {
        self.link_until(from, relation, to, since, None);
    }

    /// Adds a link with both its dates.
    pub(super) fn link_until(&mut self, from: &str, relation: Relation, to: &str, since: Time, until: Option<Time>) {
        let mut link = Link::new(from, relation, to);
        link.since = Some(since);
        link.until = until;
        self.say(Statement::Link(link));
    }

    /// Adds evidence.
    pub(super) fn evidence(&mut self, it: Evidence) {
        self.say(Statement::Evidence(it));
    }

    /// The file: undated lines first, then by date, lines of one moment in the order they were said.
    pub(super) fn bytes(mut self) -> Vec<u8> {
        self.lines.sort_by_key(|(when, _)| *when);
        let mut bytes = Vec::with_capacity(self.lines.iter().map(|(_, line)| line.len() + 1).sum());
        for (_, line) in self.lines {
            bytes.extend_from_slice(line.as_bytes());
            bytes.push(b'\n');
        }
        bytes
    }
}

/// The fields of one line so far, in the order a person would write them.
#[derive(Default)]
struct Line(String);

fn put(line: &mut Line, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        let comma = if line.0.is_empty() { "" } else { "," };
        line.0.push_str(&format!("{comma}\"{key}\":{}", value.into()));
    }
}

fn put_all(line: &mut Line, key: &str, values: Vec<String>) {
    put(line, key, Some(values).filter(|values| !values.is_empty()));
}

fn put_time(line: &mut Line, key: &str, time: Option<Time>) {
    put(line, key, time.map(|time| time.to_string()));
}

fn digests(list: &[Digest]) -> Vec<String> {
    list.iter().map(|digest| digest.as_str().to_owned()).collect()
}

fn put_attributes(line: &mut Line, attributes: Attributes) {
    let attributes = Some(attributes).filter(|attributes| !attributes.is_empty());
    put(line, "attributes", attributes.map(|attributes| Value::Object(attributes.into_iter().collect())));
}

fn write_artefact(line: &mut Line, it: Artefact) -> Option<Time> {
    put(line, "id", Some(it.id));
    put(line, "kind", Some(it.kind.as_str()));
    put(line, "name", it.name);
    put(line, "version", it.version);
    put_time(line, "at", it.at);
    put(line, "owner", it.owner);
    put(line, "risk", it.risk);
    put(line, "environment", it.environment);
    put_all(line, "digests", digests(&it.digests));
    put_all(line, "identifiers", it.identifiers);
    put_attributes(line, it.attributes);
    it.at
}

fn write_link(line: &mut Line, it: Link) -> Option<Time> {
    put(line, "from", Some(it.from));
    put(line, "to", Some(it.to));
    put(line, "relation", Some(it.relation.as_str()));
    put_time(line, "since", it.since);
    put_time(line, "until", it.until);
    put_attributes(line, it.attributes);
    it.since
}

fn write_evidence(line: &mut Line, it: Evidence) -> Option<Time> {
    put(line, "about", Some(it.about));
    put(line, "kind", Some(it.kind));
    put(line, "scope", it.scope);
    put(line, "by", it.by);
    put_time(line, "at", Some(it.at));
    put(line, "verdict", it.verdict);
    put_time(line, "expires", it.expires);
    put_all(line, "covers", digests(&it.covers));
    put_all(line, "refs", it.refs);
    put_attributes(line, it.attributes);
    Some(it.at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_weeks_and_weekdays_agree_with_the_calendar() {
        assert_eq!(date(0), "2026-05-20");
        assert_eq!(date(183), "2026-11-19");
        assert_eq!(weekday(0), 2);
        assert_eq!(weekday(183), 3);
        assert_eq!((week(0), week(177)), ("2026-W21".to_owned(), "2026-W46".to_owned()));
    }

    #[test]
    fn lines_come_out_oldest_first() {
        let mut page = Page::default();
        page.link("b", Relation::Used, "c", moment(2, 0));
        page.artefact(artefact(Kind::Dataset, "a", Some("1"), Some(moment(1, 0)), "team:x"));
        let text = String::from_utf8(page.bytes()).unwrap();
        let first: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!(first["id"], "dataset:a@1");
    }
}

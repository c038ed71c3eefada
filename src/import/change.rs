//! What changed at a source that keeps no history of its own: an object as it is, as it was when we looked before,
//! and between which moments it changed. Both are read by the importer of their own format; a link that is
//! said no more is told as ended. It does not say who changed it, which such a source does not tell.

use super::sniff::json_shape;
use super::teller::Teller;
use super::{Format, Framing, Head, Importer, Reading, importer};
use crate::model::{Artefact, Kind, Link, Relation, Statement, Time};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashSet;

/// Reads what changed.
pub struct Change;

static FORMAT: Format = Format {
    name: "change",
    version: 2,
    media_type: "application/vnd.lastgood.change+json",
    about: "what a sync found changed or gone at a source: the object as it is and as it was, and when that was seen",
    extensions: &["json"],
};

/// The record, as a sync writes it.
#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow)]
    change: Seen<'a>,
    #[serde(borrow, default)]
    is: Option<&'a RawValue>,
    #[serde(borrow, default)]
    was: Option<&'a RawValue>,
    /// Of what is back, as it was before it was gone.
    #[serde(borrow, default)]
    earlier: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Seen<'a> {
    #[serde(borrow)]
    format: Cow<'a, str>,
    #[serde(borrow)]
    at: Cow<'a, str>,
    #[serde(borrow, default)]
    after: Option<Cow<'a, str>>,
    /// A file that is listed no more, or again.
    #[serde(borrow, default)]
    file: Option<Cow<'a, str>>,
    #[serde(default)]
    there: bool,
}

impl Importer for Change {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let shape = json_shape(head)?;
        let ours = |value: &&&str| value.contains("\"format\"") && value.contains("\"at\"");
        let first = shape.objects.first()?;
        first.get("change").filter(ours)?;
        (first.contains_key("is") || first.contains_key("was")).then_some(Framing::Whole)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        Teller::unit(out, 0, content, |telling| tell(content, telling));
    }
}

/// The format of the object that a record tells of, and the object as it is now, as it was written; nothing
/// when it is gone.
pub fn now(content: &[u8]) -> Option<(String, Option<&[u8]>)> {
    let written: Written<'_> = serde_json::from_slice(content).ok()?;
    Some((written.change.format.into_owned(), written.is.map(|raw| raw.get().as_bytes())))
}

/// The object that a record tells to be gone, as it was written before.
pub fn before(content: &[u8]) -> Option<&[u8]> {
    let written: Written<'_> = serde_json::from_slice(content).ok()?;
    written.was.filter(|_| written.is.is_none()).map(|raw| raw.get().as_bytes())
}

/// An object at a source, now and before.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sides<'o> {
    /// As it is; nothing when it is gone.
    pub is: Option<&'o [u8]>,
    /// As it was when it was seen last; nothing when it was gone.
    pub was: Option<&'o [u8]>,
    /// Of what is back, as it was before it was gone.
    pub earlier: Option<&'o [u8]>,
}

/// Writes such a record; nothing where an object is no JSON, and so cannot stand in it.
pub fn write(format: &str, at: Time, after: Option<Time>, sides: Sides<'_>) -> Option<Vec<u8>> {
    fn raw(bytes: Option<&[u8]>) -> Option<Option<&RawValue>> {
        bytes.map_or(Some(None), |bytes| serde_json::from_slice(bytes).ok().map(Some))
    }
    let mut out = serde_json::json!({"format": format, "at": at, "after": after}).to_string();
    out.insert_str(0, "{\"change\":");
    for (key, object) in [("is", raw(sides.is)?), ("was", raw(sides.was)?), ("earlier", raw(sides.earlier)?)] {
        if let Some(object) = object {
            out.push_str(&format!(",\"{key}\":{}", object.get()));
        }
    }
    out.push('}');
    Some(out.into_bytes())
}

/// Writes that a file of a source is listed no more, or again.
pub fn listing(file: &str, at: Time, after: Option<Time>, there: bool) -> Vec<u8> {
    let seen = serde_json::json!({"format": "", "at": at, "after": after, "file": file, "there": there});
    serde_json::json!({"change": seen, "is": null}).to_string().into_bytes()
}

/// Whether a record says of a file that it is there; nothing where it speaks of no file.
pub fn listed(content: &[u8]) -> Option<bool> {
    let written: Written<'_> = serde_json::from_slice(content).ok()?;
    written.change.file.is_some().then_some(written.change.there)
}

fn tell(content: &[u8], telling: &mut Teller<'_>) -> Result<(), String> {
    let written: Written<'_> = serde_json::from_slice(content).map_err(|error| super::json::explain(&error))?;
    let seen = &written.change;
    let time = |text: &str| {
        Time::parse_stated(text).map(|(at, _)| at).map_err(|_| format!("/change: \"{text}\" is not a date-time"))
    };
    let at = time(&seen.at)?;
    let after = seen.after.as_deref().map(time).transpose()?;
    if let Some(file) = &seen.file {
        let mut artefact = Artefact::new(format!("file:{file}"), Kind::Other("file".into()));
        artefact.name = Some(file.rsplit('/').next().unwrap_or(file).to_owned());
        let (state, key) = if seen.there { ("there", "back.seen") } else { ("gone", "gone.seen") };
        artefact.attributes.insert("state".to_owned(), state.into());
        artefact.attributes.insert(key.to_owned(), between(after, at));
        telling.artefact(artefact);
        telling.observe(at);
        return Ok(());
    }
    let of = importer(&seen.format).filter(|it| it.format().name != FORMAT.name);
    let of = of.ok_or_else(|| format!("/change/format: \"{}\" is no format of ours", seen.format))?;
    let is = read(of, written.is, "/is", telling)?;
    let was = read(of, written.was, "/was", telling)?;
    let earlier = read(of, written.earlier, "/earlier", telling)?;
    let (gone, back) = (written.is.is_none(), !earlier.is_empty());
    let still: HashSet<_> = links(&is).map(key).collect();
    let over = |link: &&Link| link.until.is_none() && !still.contains(&key(link)) && (!gone || points(link));
    let ended: Vec<&Link> = links(&was).filter(over).collect();
    // What ended when the object was gone begins anew when it is back.
    let stood: HashSet<_> = links(&was).chain(links(&earlier).filter(|link| !points(link))).map(key).collect();
    let known: Vec<&Statement> = was.iter().chain(&earlier).filter(|it| matches!(it, Statement::Evidence(_))).collect();
    for statement in is.iter().filter(|it| !known.contains(it)).cloned() {
        telling.say(match statement {
            Statement::Link(mut link) if link.since.is_none() => {
                if stood.contains(&key(&link)) {
                    // it is as it was, whenever it began
                    link.attributes.insert("still".to_owned(), true.into());
                } else if back || written.was.is_some() {
                    link.since = Some(at);
                    since_look(&mut link, "since.after", after);
                }
                Statement::Link(link)
            }
            other => other,
        });
    }
    if let (true, Some(first)) = (back, is.iter().find_map(described)) {
        telling.artefact(standing(first, "there", "back.seen", between(after, at)));
    }
    if let (true, Some(first)) = (gone, was.iter().find_map(described)) {
        telling.artefact(standing(first, "gone", "gone.seen", between(after, at)));
    }
    for link in ended {
        let mut ended = Link::new(link.from.clone(), link.relation.clone(), link.to.clone());
        ended.since = link.since;
        ended.until = Some(at);
        ended.attributes.insert("closed".to_owned(), true.into());
        since_look(&mut ended, "until.after", after);
        telling.say(Statement::Link(ended));
    }
    telling.observe(at);
    Ok(())
}

/// What one side says, without its history: that is in the records before.
fn read(
    of: &dyn Importer,
    raw: Option<&RawValue>,
    place: &str,
    telling: &mut Teller<'_>,
) -> Result<Vec<Statement>, String> {
    let Some(raw) = raw else { return Ok(Vec::new()) };
    let text = raw.get();
    let bytes = text.as_bytes();
    let framing = of.recognises(&Head { bytes, complete: true }).unwrap_or_default();
    let mut reading = Reading::of(framing);
    of.read(bytes, &mut reading);
    if let Some(rejected) = reading.rejected.first() {
        return Err(format!("{place}: {}", rejected.reason));
    }
    if place == "/is" {
        for warning in reading.warnings {
            telling.doubt(format!("{place}{}", warning.text));
        }
    }
    Ok(reading.claims.into_iter().map(|claim| claim.statement).collect())
}

fn links(of: &[Statement]) -> impl Iterator<Item = &Link> {
    of.iter().filter_map(|it| if let Statement::Link(link) = it { Some(link) } else { None })
}

fn described(statement: &Statement) -> Option<&Artefact> {
    if let Statement::Artefact(it) = statement { Some(it) } else { None }
}

fn key(link: &Link) -> (&str, &Relation, &str) {
    (&link.from, &link.relation, &link.to)
}

/// Whether a link is a state that ends with the object, rather than something that once happened.
fn points(link: &Link) -> bool {
    let state = matches!(
        link.relation,
        Relation::Deploys | Relation::Serves | Relation::AuthenticatesWith | Relation::GovernedBy
    );
    let from = Kind::parse(link.from.split(':').next().unwrap_or_default());
    state || matches!(from, Kind::Deployment | Kind::Endpoint)
}

/// Notes that something happened after the look before, nobody saw when.
fn since_look(link: &mut Link, key: &str, after: Option<Time>) {
    if let Some(after) = after {
        link.attributes.insert(key.to_owned(), after.to_string().into());
    }
}

/// Whether an object is there, and when that was seen.
fn standing(object: &Artefact, state: &str, seen: &str, between: Value) -> Artefact {
    let mut standing = Artefact::new(object.id.clone(), object.kind.clone());
    standing.attributes.insert("state".to_owned(), state.into());
    standing.attributes.insert(seen.to_owned(), between);
    standing
}

fn between(after: Option<Time>, at: Time) -> Value {
    Value::from(match after {
        Some(after) => format!("between {after} and {at}, when it was looked at"),
        None => format!("by {at}, when it was looked at"),
    })
}

//! One event taken apart: what it requires, and in which order its parts speak. Facets stay unread
//! until somebody asks for them, since producers put whole query plans in theirs.

use super::ids::Name;
use super::{TEMPLATE, dataset, ids, jobs, runs};
use crate::import::Reading;
use crate::import::node::{self, Fault, Node};
use crate::model::{Attributes, Link, Relation, Statement, Time};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;

/// The parts of an event as they are written.
#[derive(Deserialize)]
struct Parts<'a> {
    #[serde(borrow, rename = "eventType", default)]
    event_type: Option<&'a RawValue>,
    #[serde(borrow, rename = "eventTime", default)]
    event_time: Option<&'a RawValue>,
    #[serde(borrow, default)]
    producer: Option<&'a RawValue>,
    #[serde(borrow, default)]
    run: Option<&'a RawValue>,
    #[serde(borrow, default)]
    job: Option<&'a RawValue>,
    #[serde(borrow, default)]
    dataset: Option<&'a RawValue>,
    #[serde(borrow, default)]
    inputs: Option<&'a RawValue>,
    #[serde(borrow, default)]
    outputs: Option<&'a RawValue>,
}

/// Something with facets: a run, a job or a dataset.
pub(super) struct Bearer {
    /// Everything but its facets.
    own: Value,
    path: String,
    facets: Vec<Facet>,
}

struct Facet {
    name: String,
    path: String,
    value: Value,
}

const FACET_KEYS: [&str; 3] = ["facets", "inputFacets", "outputFacets"];

impl Bearer {
    /// Reads an object with its facets. One that cannot be read is a warning.
    pub(super) fn read(raw: &RawValue, path: &str, telling: &mut Telling<'_>) -> Result<Bearer, Fault> {
        let keys: RawObject<'_> =
            serde_json::from_str(raw.get()).map_err(|error| format!("{path}: {}", said(&error)))?;
        let mut bearer = Bearer { own: Value::Null, path: path.to_owned(), facets: Vec::new() };
        let mut own = serde_json::Map::new();
        for (key, value) in keys.0 {
            let path = format!("{path}/{}", node::escaped(&key));
            if !FACET_KEYS.contains(&key.as_str()) {
                own.insert(key, node::parse(value.get(), &path)?);
                continue;
            }
            match serde_json::from_str::<Option<RawObject<'_>>>(value.get()) {
                Ok(facets) => bearer.read_facets(facets, &path, telling),
                Err(error) => telling.doubt(format!("{path}: {}; its facets are not read", said(&error))),
            }
        }
        bearer.own = Value::Object(own);
        Ok(bearer)
    }

    fn read_facets(&mut self, facets: Option<RawObject<'_>>, path: &str, telling: &mut Telling<'_>) {
        for (name, raw) in facets.map(|facets| facets.0).unwrap_or_default() {
            let foreign = raw.get().len() > LONGEST_FOREIGN && !KNOWN.contains(&name.as_str());
            if foreign || raw.get() == "null" {
                continue;
            }
            let path = format!("{path}/{}", node::escaped(&name));
            match node::parse(raw.get(), &path) {
                Ok(value) if value.get("_deleted") == Some(&Value::Bool(true)) => {}
                Ok(value) => self.facets.push(Facet { name, path, value }),
                Err(fault) => telling.doubt(unread(&fault)),
            }
        }
    }

    pub(super) fn node(&self) -> Node<'_> {
        Node::new(&self.own, self.path.clone())
    }

    /// Hands each facet to `take`; what that finds wrong becomes a warning, and the event is kept.
    pub(super) fn each_facet(
        &self,
        telling: &mut Telling<'_>,
        take: &mut dyn FnMut(&mut Telling<'_>, &str, &Node<'_>) -> Result<(), Fault>,
    ) {
        for facet in &self.facets {
            let node = Node::new(&facet.value, facet.path.as_str());
            if let Err(fault) = take(telling, &facet.name, &node) {
                telling.doubt(unread(&fault));
            }
        }
    }
}

fn unread(fault: &str) -> String {
    format!("{fault}; the facet is kept in the record only")
}

fn said(error: &serde_json::Error) -> String {
    crate::import::json::explain(error)
}

/// Facets this version reads; longer ones than that of other names are left in the record unread.
const KNOWN: [&str; 29] = [
    "parent",
    "errorMessage",
    "extractionError",
    "environmentVariables",
    "nominalTime",
    "processing_engine",
    "externalQuery",
    "tags",
    "executionParameters",
    "test",
    "jobDependencies",
    "documentation",
    "ownership",
    "sourceCodeLocation",
    "sourceCode",
    "sql",
    "jobType",
    "version",
    "symlinks",
    "columnLineage",
    "lifecycleStateChange",
    "dataQualityAssertions",
    "dataQualityMetrics",
    "inputStatistics",
    "outputStatistics",
    "lineage",
    "datasetType",
    "schema",
    "dataSource",
];

/// The longest facet of an unknown name that becomes an attribute.
const LONGEST_FOREIGN: usize = 1024;

/// An object's entries in order, unread. A key given twice is an error.
struct RawObject<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for RawObject<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RawObject<'de>, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = RawObject<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<RawObject<'de>, M::Error> {
                let mut entries: Vec<(String, &'de RawValue)> = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, &'de RawValue>()? {
                    if entries.iter().any(|(known, _)| *known == key) {
                        return Err(serde::de::Error::custom(format_args!("the key \"{key}\" is given twice")));
                    }
                    entries.push((key, value));
                }
                Ok(RawObject(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// Where what an event says goes.
pub(super) struct Telling<'o> {
    out: &'o mut Reading,
    at: u32,
    pub(super) time: Time,
    pub(super) producer: Option<String>,
    /// The ids under which the event's own datasets are spoken of.
    pub(super) named: BTreeMap<Name, String>,
}

impl Telling<'_> {
    pub(super) fn say(&mut self, statement: Statement) {
        self.out.say(self.at, statement);
    }

    /// Warns, once: a facet is looked at for several reasons, and is wrong for one.
    pub(super) fn doubt(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.out.warnings.iter().rev().take_while(|known| known.at == self.at).any(|known| known.text == text) {
            self.out.warn(self.at, text);
        }
    }

    /// A link that holds from the event's time.
    pub(super) fn link(&mut self, from: &str, relation: Relation, to: &str, attributes: Attributes) {
        let mut link = Link::new(from, relation, to);
        link.since = Some(self.time);
        link.attributes = attributes;
        self.say(Statement::Link(link));
    }

    /// The id of a dataset that the event speaks of, or of one it only points to.
    pub(super) fn dataset_id(&self, name: &Name) -> String {
        self.named.get(name).cloned().unwrap_or_else(|| name.dataset())
    }
}

/// Reads one event into claims.
pub(super) fn read(text: &str, at: u32, out: &mut Reading) -> Result<(), String> {
    let parts: Parts<'_> = serde_json::from_str(text).map_err(|error| said(&error))?;
    if text.contains("${json-unit.") || parts.event_time.is_some_and(|raw| raw.get().starts_with("\"{{")) {
        return Err(TEMPLATE.to_owned());
    }
    let present = |part: Option<&'_ RawValue>| part.is_some_and(|raw| raw.get() != "null");
    let written = parts.event_time.filter(|raw| raw.get() != "null").ok_or_else(|| node::missing("", "eventTime"))?;
    let written = node::parse(written.get(), "/eventTime")?;
    let written = Node::new(&written, "/eventTime").as_text()?.to_owned();
    let (time, zoneless) = Time::parse_stated(&written).map_err(|_| {
        format!("/eventTime: \"{written}\" is not a date-time: expected one such as 2026-11-18T09:00:00Z")
    })?;
    let producer = optional_text(parts.producer);
    let first_claim = out.claims.len();
    let first_doubt = out.warnings.len();
    let mut telling = Telling { out, at, time, producer, named: BTreeMap::new() };
    if zoneless {
        telling.doubt(format!("/eventTime: \"{written}\" has no time zone: taken as UTC"));
    }
    let told = if present(parts.run) || present(parts.job) {
        tell_run_or_job(&parts, &mut telling)
    } else if let Some(raw) = parts.dataset.filter(|raw| raw.get() != "null") {
        dataset::tell(raw, "/dataset", dataset::Role::Alone, &mut telling).map(|_| ())
    } else {
        Err("/: one of \"run\", \"job\" and \"dataset\" is required".to_owned())
    };
    match told {
        Ok(()) => out.observe(time),
        Err(_) => {
            // An event is kept as a whole or not at all.
            out.claims.truncate(first_claim);
            out.warnings.truncate(first_doubt);
        }
    }
    told
}

fn optional_text(raw: Option<&RawValue>) -> Option<String> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok())
}

fn tell_run_or_job(parts: &Parts<'_>, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let job_raw = parts.job.filter(|raw| raw.get() != "null").ok_or_else(|| node::missing("", "job"))?;
    let job = Bearer::read(job_raw, "/job", telling)?;
    let job_name = Name::of(&job.node())?;
    let run = match parts.run.filter(|raw| raw.get() != "null") {
        Some(raw) => Some(Bearer::read(raw, "/run", telling)?),
        None => None,
    };
    if [&job_name.namespace, &job_name.name].iter().any(|text| text.starts_with("{{")) {
        return Err(TEMPLATE.to_owned());
    }
    let state = optional_text(parts.event_type);
    let doer = match &run {
        Some(run) => {
            let text = run.node().text("runId")?.to_owned();
            if text.starts_with("{{") {
                return Err(TEMPLATE.to_owned());
            }
            let (id, is_uuid) = ids::run(&text);
            if !is_uuid {
                telling.doubt(format!("/run/runId: \"{text}\" is not a UUID: runs of other sources may share it"));
            }
            runs::tell(run, &id, &job_name, state.as_deref(), &job, telling);
            id
        }
        None => job_name.job(),
    };
    let setting = if run.is_some() { jobs::Setting::Run } else { jobs::Setting::Design };
    jobs::tell(&job, &job_name, setting, telling);
    if run.is_some() {
        telling.link(&doer, Relation::InstanceOf, &job_name.job(), Attributes::new());
    }
    let inputs = datasets(parts.inputs, "/inputs", dataset::Role::Input, telling);
    let outputs = datasets(parts.outputs, "/outputs", dataset::Role::Output, telling);
    for (id, attributes) in inputs {
        telling.link(&doer, Relation::Used, &id, attributes);
    }
    for (id, attributes) in outputs {
        telling.link(&id, Relation::ProducedBy, &doer, attributes);
    }
    jobs::tell_lineage(&job, &job_name, telling);
    Ok(())
}

/// Tells of a list of datasets; one that cannot be read is a warning. Returns their ids, each with
/// what the link to it says.
fn datasets(
    raw: Option<&RawValue>,
    path: &str,
    role: dataset::Role,
    telling: &mut Telling<'_>,
) -> Vec<(String, Attributes)> {
    let Some(raw) = raw else { return Vec::new() };
    let list: Vec<&RawValue> = match serde_json::from_str::<Option<Vec<&RawValue>>>(raw.get()) {
        Ok(list) => list.unwrap_or_default(),
        Err(error) => {
            telling.doubt(format!("{path}: {}; it is kept in the record only", said(&error)));
            return Vec::new();
        }
    };
    let mut told = Vec::new();
    for (index, raw) in list.into_iter().enumerate() {
        match dataset::tell(raw, &format!("{path}/{index}"), role, telling) {
            Ok(link) => told.push(link),
            Err(fault) => telling.doubt(format!("{fault}; this dataset is kept in the record only")),
        }
    }
    told
}

//! What a dataset was derived from, where a facet says so itself: column lineage, and the lineage
//! facet, which alone can say that there is no source. It multiplies no inputs with outputs.

use super::event::Telling;
use super::ids::Name;
use crate::import::node::{Fault, Node};
use crate::model::{Absence, Attributes, Kind, Relation, Statement};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What is known of one source of a dataset.
#[derive(Default)]
struct Source {
    /// Columns of the dataset, each with the source's columns it came from.
    columns: Map<String, Value>,
    direct: bool,
}

/// One `derived-from` link per source, with the columns on it.
pub(super) fn tell_columns(id: &str, facet: &Node<'_>, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let mut sources: BTreeMap<Name, Source> = BTreeMap::new();
    for (column, node) in facet.entries("fields")? {
        for input in node.list("inputFields")? {
            add(&mut sources, Some(column), &input)?;
        }
    }
    for input in facet.list("dataset")? {
        add(&mut sources, None, &input)?;
    }
    tell_sources(id, &Relation::DerivedFrom, sources, telling);
    Ok(())
}

fn add(sources: &mut BTreeMap<Name, Source>, column: Option<&str>, input: &Node<'_>) -> Result<(), Fault> {
    let source = sources.entry(Name::of(input)?).or_default();
    let transformations = input.list("transformations")?;
    let indirect = |node: &Node<'_>| node.value.get("type").and_then(Value::as_str) == Some("INDIRECT");
    source.direct |= transformations.is_empty() || !transformations.iter().all(indirect);
    let (Some(column), Some(field)) = (column, input.optional_text("field")?) else { return Ok(()) };
    let how: Vec<&str> =
        transformations.iter().filter_map(|node| node.value.get("subtype").and_then(Value::as_str)).collect();
    let text = if how.is_empty() { field.to_owned() } else { format!("{field} ({})", how.join(", ")) };
    if let Value::Array(list) = source.columns.entry(column).or_insert_with(|| json!([])) {
        list.push(Value::from(text));
    }
    Ok(())
}

fn tell_sources(id: &str, relation: &Relation, sources: BTreeMap<Name, Source>, telling: &mut Telling<'_>) {
    for (name, source) in sources {
        let to = telling.dataset_id(&name);
        if to == id {
            continue;
        }
        let mut attributes = Attributes::new();
        if !source.columns.is_empty() {
            attributes.insert("columns".to_owned(), Value::Object(source.columns));
        }
        if !source.direct {
            attributes.insert("indirect".to_owned(), Value::Bool(true));
        }
        telling.link(id, relation.clone(), &to, attributes);
    }
}

/// The lineage facet of a dataset or job. An entry without a name speaks of the bearer.
pub(super) fn tell_lineage(id: &str, kind: &Kind, facet: &Node<'_>, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let entries = facet.list("entries")?;
    if entries.is_empty() {
        return tell_entry(id, kind, facet, telling);
    }
    for entry in entries {
        if entry.child("name")?.is_none() {
            tell_entry(id, kind, &entry, telling)?;
            continue;
        }
        let name = Name::of(&entry)?;
        match entry.optional_text("type")? {
            Some("JOB") => tell_entry(&name.job(), &Kind::Job, &entry, telling)?,
            _ => tell_entry(&telling.dataset_id(&name), &Kind::Dataset, &entry, telling)?,
        }
    }
    Ok(())
}

fn tell_entry(id: &str, kind: &Kind, entry: &Node<'_>, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let relation = if *kind == Kind::Job { Relation::Used } else { Relation::DerivedFrom };
    let mut sources = BTreeMap::new();
    for input in entry.list("inputs")? {
        if input.optional_text("type")? == Some("JOB") {
            telling.link(id, Relation::ProducedBy, &Name::of(&input)?.job(), Attributes::new());
        } else {
            add(&mut sources, None, &input)?;
        }
    }
    for (column, node) in entry.entries("fields")? {
        for key in ["inputs", "inputFields"] {
            for input in node.list(key)? {
                add(&mut sources, Some(column), &input)?;
            }
        }
    }
    let said_inputs = entry.list("inputs")?.len();
    if sources.is_empty() && said_inputs == 0 {
        telling.say(Statement::Absence(Absence {
            about: id.to_owned(),
            relation,
            why: "none".to_owned(),
            by: telling.producer.clone(),
        }));
    } else {
        tell_sources(id, &relation, sources, telling);
    }
    Ok(())
}

//! Lineage as OpenLineage events: one for each run with its inputs and outputs, and one for each dataset or job that no
//! run speaks of. What is neither run, job nor dataset has no place there, and is counted.

use crate::investigate::answer::Row;
use crate::investigate::rows::{Extract, LinkRow, Shown};
use crate::model::Time;
use crate::report::export::{Exported, LeftOut};
use crate::report::json;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};

const PRODUCER: &str = "https://github.com/lastgood/lastgood";
const SCHEMA: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json";
const FACETS: &str = "https://openlineage.io/spec/facets";

struct Lineage<'a> {
    rows: HashMap<&'a str, (&'a Row, &'a Shown)>,
    from: BTreeMap<&'a str, Vec<&'a LinkRow>>,
    to: BTreeMap<&'a str, Vec<&'a LinkRow>>,
    at: Time,
}

/// One event a line.
pub fn openlineage(extract: &Extract) -> Exported {
    let mut lineage = Lineage {
        rows: extract.artefacts().map(|(row, shown)| (row.id.as_str(), (row, shown))).collect(),
        from: BTreeMap::new(),
        to: BTreeMap::new(),
        at: extract.at,
    };
    for link in extract.links() {
        lineage.from.entry(&link.from).or_default().push(link);
        lineage.to.entry(&link.to).or_default().push(link);
    }
    let (mut left_out, mut links_out) = (LeftOut::default(), LeftOut::default());
    let (mut told, mut carried): (HashSet<&str>, HashSet<(&str, &str, &str)>) = (HashSet::new(), HashSet::new());
    let mut events: Vec<Value> = Vec::new();
    let of_kind = |kind: &'static str| extract.artefacts().filter(move |(row, _)| row.kind == kind);
    for (row, _) in of_kind("run") {
        match lineage.run(row, &mut told, &mut carried) {
            Some(event) => events.push(event),
            None => left_out.one("run of no known job"),
        }
    }
    for (row, _) in of_kind("dataset") {
        if !told.contains(row.id.as_str()) && !lineage.is_bare(row) {
            let dataset = lineage.dataset(row, &mut told, &mut carried);
            events.push(lineage.event(json!({"dataset": dataset}), row.at, "DatasetEvent"));
        }
    }
    for (row, shown) in of_kind("job") {
        if told.insert(&row.id) {
            let job = job(row, shown);
            events.push(lineage.event(json!({"job": job}), row.at, "JobEvent"));
        }
    }
    for (row, _) in extract.artefacts() {
        if !matches!(row.kind.as_str(), "run" | "dataset" | "job") && !told.contains(row.id.as_str()) {
            left_out.one(&row.kind);
        }
    }
    for link in extract.links() {
        if !carried.contains(&(&link.from, &link.relation, &link.to)) {
            links_out.one(&link.relation);
        }
    }
    let mut text = String::new();
    for event in &events {
        text += &json::ascii(event);
        text.push('\n');
    }
    let mut left = left_out.says("artefacts that OpenLineage has no place for");
    left.extend(links_out.says("links that OpenLineage has no place for"));
    left.push("evidence, digests and attributes but owners are not carried".to_owned());
    Exported { text, left_out: left }
}

impl<'a> Lineage<'a> {
    fn event(&self, mut event: Value, at: Option<Time>, schema: &str) -> Value {
        if let Value::Object(event) = &mut event {
            event.insert("eventTime".to_owned(), at.unwrap_or(self.at).to_string().into());
            event.insert("producer".to_owned(), PRODUCER.into());
            event.insert("schemaURL".to_owned(), format!("{SCHEMA}#/$defs/{schema}").into());
        }
        event
    }

    fn links(&self, id: &str, relation: &'static str) -> impl Iterator<Item = &'a LinkRow> {
        let all = self.from.get(id).cloned().unwrap_or_default();
        all.into_iter().filter(move |link| link.relation == relation)
    }

    /// A name that only stands for its versions: an event of one of them says it again.
    fn is_bare(&self, row: &Row) -> bool {
        self.to.get(row.id.as_str()).is_some_and(|links| links.iter().any(|link| link.relation == "version-of"))
    }

    fn run(
        &self,
        row: &'a Row,
        told: &mut HashSet<&'a str>,
        carried: &mut HashSet<(&'a str, &'a str, &'a str)>,
    ) -> Option<Value> {
        let of = self.links(&row.id, "instance-of").next()?;
        let (job_row, shown) = self.rows.get(of.to.as_str()).filter(|(row, _)| row.kind == "job")?;
        told.extend([row.id.as_str(), job_row.id.as_str()]);
        carried.insert((&of.from, &of.relation, &of.to));
        let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
        for link in self.links(&row.id, "used") {
            if let Some((dataset, _)) = self.rows.get(link.to.as_str()).filter(|(row, _)| row.kind == "dataset") {
                carried.insert((&link.from, &link.relation, &link.to));
                inputs.push(self.dataset(dataset, told, carried));
            }
        }
        for link in self.to.get(row.id.as_str()).into_iter().flatten().filter(|it| it.relation == "produced-by") {
            if let Some((dataset, _)) = self.rows.get(link.from.as_str()).filter(|(row, _)| row.kind == "dataset") {
                carried.insert((&link.from, &link.relation, &link.to));
                outputs.push(self.dataset(dataset, told, carried));
            }
        }
        let mut facets = Map::new();
        if let Some(link) = self.links(&row.id, "child-of").next() {
            let parent_job = self.links(&link.to, "instance-of").next();
            let parent_job =
                parent_job.and_then(|it| self.rows.get(it.to.as_str())).filter(|(row, _)| row.kind == "job");
            if let (Some((parent, shown)), Some(run)) = (parent_job, link.to.strip_prefix("run:")) {
                carried.insert((&link.from, &link.relation, &link.to));
                let (namespace, name) = ol_name(parent, shown, "oljob:");
                facets.insert("parent".to_owned(), json!({"_producer": PRODUCER, "_schemaURL": format!("{FACETS}/1-1-0/ParentRunFacet.json#/$defs/ParentRunFacet"),
                    "run": {"runId": run}, "job": {"namespace": namespace, "name": name}}));
            }
        }
        let id = row.id.strip_prefix("run:").unwrap_or(&row.id);
        let event = json!({
            "eventType": "COMPLETE",
            "run": {"runId": id, "facets": facets},
            "job": job(job_row, shown),
            "inputs": inputs,
            "outputs": outputs,
        });
        Some(self.event(event, row.at.or(of.since), "RunEvent"))
    }

    fn dataset(
        &self,
        row: &'a Row,
        told: &mut HashSet<&'a str>,
        carried: &mut HashSet<(&'a str, &'a str, &'a str)>,
    ) -> Value {
        told.insert(&row.id);
        let shown = self.rows.get(row.id.as_str()).map(|(_, shown)| *shown);
        let (namespace, name) = shown.map_or_else(Default::default, |shown| ol_name(row, shown, "ol:"));
        let mut facets = Map::new();
        if let Some(version) = &row.version {
            for link in self.links(&row.id, "version-of") {
                told.insert(&link.to);
                carried.insert((&link.from, &link.relation, &link.to));
            }
            facets.insert("version".to_owned(), json!({"_producer": PRODUCER, "_schemaURL": format!("{FACETS}/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet"),
                "datasetVersion": version}));
        }
        owner(row, "1-0-1/OwnershipDatasetFacet.json#/$defs/OwnershipDatasetFacet", &mut facets);
        json!({"namespace": namespace, "name": name, "facets": facets})
    }
}

fn job(row: &Row, shown: &Shown) -> Value {
    let (namespace, name) = ol_name(row, shown, "oljob:");
    let mut facets = Map::new();
    owner(row, "1-0-1/OwnershipJobFacet.json#/$defs/OwnershipJobFacet", &mut facets);
    json!({"namespace": namespace, "name": name, "facets": facets})
}

fn owner(row: &Row, schema: &str, facets: &mut Map<String, Value>) {
    if let Some(owner) = &row.owner {
        facets.insert(
            "ownership".to_owned(),
            json!({"_producer": PRODUCER, "_schemaURL": format!("{FACETS}/{schema}"), "owners": [{"name": owner}]}),
        );
    }
}

/// Namespace and name: as the source said them, else what stands before and after the last stroke of the id.
fn ol_name(row: &Row, shown: &Shown, scheme: &str) -> (String, String) {
    let version = row.version.as_ref().map(|version| format!("@{version}")).unwrap_or_default();
    let said = shown
        .identifiers
        .iter()
        .find_map(|it| it.strip_prefix(scheme)?.strip_suffix(version.as_str())?.split_once('|'));
    if let Some((namespace, name)) = said {
        return (namespace.to_owned(), name.to_owned());
    }
    let bare = row.id.strip_prefix(&format!("{}:", row.kind)).unwrap_or(&row.id);
    let bare = bare.strip_suffix(version.as_str()).unwrap_or(bare);
    match bare.rsplit_once('/') {
        Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() => (namespace.to_owned(), name.to_owned()),
        _ => ("lastgood".to_owned(), bare.to_owned()),
    }
}

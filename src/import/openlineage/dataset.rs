//! What an event says of a dataset: its version, other names, schema, owners, checks, sources.

use super::checks::{self, clip, foreign, tags};
use super::columns;
use super::event::{Bearer, Telling};
use super::ids::Name;
use super::jobs::Owners;
use crate::import::node::{Fault, Node};
use crate::model::{Artefact, Attributes, Kind, Relation, SameAs, Statement};
use serde_json::Value;
use serde_json::value::RawValue;

/// How an event speaks of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Input,
    Output,
    /// A dataset event: nobody used or produced it.
    Alone,
}

/// Fields of a schema that are kept as an attribute; the rest stays in the record.
const MOST_FIELDS: usize = 200;

/// What a dataset's facets gather up before it is told.
#[derive(Default)]
struct Gathered {
    version: Option<String>,
    model: bool,
    owners: Owners,
    attributes: Attributes,
    on_link: Attributes,
    links: Vec<(Name, String)>,
    renamed_from: Option<Name>,
}

/// Tells of a dataset. Returns its id, and what the link between it and the run says.
pub(super) fn tell(
    raw: &RawValue,
    path: &str,
    role: Role,
    telling: &mut Telling<'_>,
) -> Result<(String, Attributes), Fault> {
    let dataset = Bearer::read(raw, path, telling)?;
    let name = Name::of(&dataset.node())?;
    let mut gathered = Gathered::default();
    dataset.each_facet(telling, &mut |telling, facet_name, facet| gathered.take(facet_name, facet, telling));
    let kind = if gathered.model { Kind::ModelVersion } else { Kind::Dataset };
    let id = match &gathered.version {
        Some(version) => format!("{}@{version}", name.id(&kind)),
        None => name.id(&kind),
    };
    // What has versions is, without one, the model and no version of it.
    let bare_kind = if gathered.model && gathered.version.is_some() { Kind::Model } else { kind.clone() };
    let unversioned = name.id(&bare_kind);
    // Inputs are told first: a dataset that is input and output is a source under its input's id.
    telling.named.entry(name.clone()).or_insert_with(|| id.clone());
    let mut artefact = Artefact::new(id.clone(), kind.clone());
    artefact.name = Some(name.name.clone());
    // Who only reads a dataset says nothing of when it came to be.
    artefact.at = (role == Role::Output).then_some(telling.time);
    artefact.owner = gathered.owners.first();
    artefact.attributes = std::mem::take(&mut gathered.attributes);
    artefact.attributes.insert("namespace".to_owned(), Value::from(name.namespace.as_str()));
    match &gathered.version {
        Some(version) => {
            artefact.version = Some(version.clone());
            artefact.identifiers.push(format!("{}@{version}", name.dataset_identifier()));
            telling.say(Statement::Artefact(artefact));
            let mut bare = Artefact::new(unversioned.clone(), bare_kind);
            bare.name = Some(name.name.clone());
            bare.identifiers.push(name.dataset_identifier());
            telling.say(Statement::Artefact(bare));
            telling.link(&id, Relation::VersionOf, &unversioned, Attributes::new());
        }
        None => {
            artefact.identifiers.push(name.dataset_identifier());
            telling.say(Statement::Artefact(artefact));
        }
    }
    if kind == Kind::ModelVersion {
        same(telling, &name.dataset(), &unversioned, "an OpenLineage dataset of type MODEL");
    }
    for (alias, sort) in &gathered.links {
        same(telling, &unversioned, &alias.dataset(), &format!("OpenLineage symlink ({sort})"));
    }
    if let Some(earlier) = gathered.renamed_from {
        telling.link(&unversioned, Relation::Supersedes, &earlier.dataset(), Attributes::new());
    }
    gathered.owners.tell(&unversioned, telling);
    dataset.each_facet(telling, &mut |telling, facet_name, facet| match facet_name {
        "dataQualityAssertions" => checks::tell_assertions(&id, facet, telling),
        "dataQualityMetrics" => checks::tell_metrics(&id, facet, telling),
        "columnLineage" => columns::tell_columns(&id, facet, telling),
        "lineage" => columns::tell_lineage(&id, &kind, facet, telling),
        _ => Ok(()),
    });
    Ok((id, gathered.on_link))
}

fn same(telling: &mut Telling<'_>, a: &str, b: &str, why: &str) {
    if a != b {
        telling.say(Statement::SameAs(SameAs { a: a.to_owned(), b: b.to_owned(), why: why.to_owned() }));
    }
}

impl Gathered {
    fn take(&mut self, name: &str, facet: &Node<'_>, telling: &mut Telling<'_>) -> Result<(), Fault> {
        match name {
            "version" => self.version = Some(facet.text("datasetVersion")?.to_owned()),
            "datasetType" => {
                let word = facet.text("datasetType")?;
                self.model = word.eq_ignore_ascii_case("MODEL");
                self.put("type", word);
            }
            "ownership" => self.owners.read(facet, telling)?,
            "symlinks" => {
                for alias in facet.list("identifiers")? {
                    let sort = alias.optional_text("type")?.unwrap_or("no type").to_owned();
                    self.links.push((Name::of(&alias)?, sort));
                }
            }
            "lifecycleStateChange" => {
                let change = facet.text("lifecycleStateChange")?;
                self.put(&format!("lifecycle.{change}"), &telling.time.to_string());
                if change == "RENAME" {
                    self.renamed_from = Some(Name::of(&facet.required("previousIdentifier")?)?);
                }
            }
            "documentation" => self.put("description", &clip(facet.text("description")?)),
            "dataSource" => {
                for key in ["name", "uri"] {
                    if let Some(text) = facet.optional_text(key)? {
                        self.put(&format!("source.{key}"), text);
                    }
                }
            }
            "schema" => self.schema(facet)?,
            "tags" => tags(facet, &mut self.attributes)?,
            "inputStatistics" | "outputStatistics" => {
                for (key, word) in [("rowCount", "rows"), ("size", "bytes"), ("fileCount", "files")] {
                    if let Some(node) = facet.child(key)? {
                        self.on_link.insert(word.to_owned(), node.value.clone());
                    }
                }
            }
            "dataQualityAssertions" | "dataQualityMetrics" | "columnLineage" | "lineage" => {}
            other => foreign(other, facet, &mut self.attributes),
        }
        Ok(())
    }

    fn put(&mut self, key: &str, text: &str) {
        self.attributes.insert(key.to_owned(), Value::from(text));
    }

    fn schema(&mut self, facet: &Node<'_>) -> Result<(), Fault> {
        let fields = facet.list("fields")?;
        let mut columns = Vec::new();
        for field in fields.iter().take(MOST_FIELDS) {
            let name = field.text("name")?;
            columns.push(Value::from(match field.optional_text("type")? {
                Some(kind) => format!("{name} {kind}"),
                None => name.to_owned(),
            }));
        }
        if fields.len() > MOST_FIELDS {
            columns.push(Value::from(format!("… and {} more", fields.len() - MOST_FIELDS)));
        }
        self.attributes.insert("schema".to_owned(), Value::Array(columns));
        Ok(())
    }
}

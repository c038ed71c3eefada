//! SPDX 3.0: elements of a graph by their IRIs. All are learnt first, then told with how they relate; the
//! profiles for AI and datasets are in `profiles`. It resolves no JSON-LD context of its own making.

use super::element::{absence, field_text, identifiers, kind, reference, sort, written_id};
use super::profiles;
use super::relations::{Meaning, Way, meaning};
use crate::import::Reading;
use crate::import::bom::{
    Document, Element, NoDigest, Piece, Sink, clip, commit_in, digest, evidence, how, list, print, text, texts,
};
use crate::import::json::strict_value;
use crate::import::offset;
use crate::model::{Artefact, Attributes, Digest, Evidence, Kind, Relation, Statement, Time};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The longest document whose elements are held in memory from when they are learnt until they are told.
const MOST_KEPT: usize = 8 << 20;

/// What a first pass learns of an element.
struct Known {
    kind: Option<Kind>,
    name: Option<String>,
    print: u64,
    /// Where it stands, the first time.
    at: u32,
}

/// When an element's description was written, and by whom.
#[derive(Clone, Default)]
struct Created {
    at: Option<Time>,
    by: Option<String>,
}

pub(super) struct Graph<'o> {
    pub(super) sink: Sink<'o>,
    /// What goes before the ids of elements that have none beyond the file.
    scope: String,
    known: HashMap<String, Known>,
    created: BTreeMap<String, Created>,
    /// Elements that other documents describe.
    elsewhere: BTreeSet<String>,
    earliest: Option<Time>,
}

/// Reads a document.
pub(super) fn read(document: &Document<'_>, whole: &str, digest: &[u8; 32], out: &mut Reading) {
    let mut graph = Graph {
        sink: Sink::new(out, document.at()),
        scope: format!("spdx:{}", hex::encode(digest.get(..8).unwrap_or_default())),
        known: HashMap::new(),
        created: BTreeMap::new(),
        elsewhere: BTreeSet::new(),
        earliest: None,
    };
    let mut kept = Vec::new();
    each(document, whole, |element| {
        if let Some(piece) = graph.sink.take(element) {
            graph.learn(&piece);
            if whole.len() <= MOST_KEPT {
                kept.push(piece);
            }
        }
    });
    // Ends of relations are elements that may stand further on: all are known by now.
    if whole.len() <= MOST_KEPT {
        kept.into_iter().for_each(|piece| graph.say(&piece));
    } else {
        // What could not be read was refused the first time.
        each(document, whole, |element| element.into_iter().for_each(|piece| graph.say(&piece)));
    }
    if let Some(time) = graph.earliest {
        graph.sink.out.observe(time);
    }
}

/// The elements of a document: its graph, or itself.
fn each(document: &Document<'_>, whole: &str, mut take: impl FnMut(Element)) {
    if document.has("@graph") {
        return document.each("@graph", take);
    }
    let (at, _) = document.at();
    if let Ok(value) = strict_value(whole) {
        take(Ok(Piece { at, len: offset(whole.len()), path: String::new(), value }));
    }
}

impl Graph<'_> {
    fn id(&self, written: &str) -> String {
        match written.strip_prefix("_:") {
            Some(blank) => format!("{}#{blank}", self.scope),
            None => written.to_owned(),
        }
    }

    /// Says what an element says, now that all are known.
    fn say(&mut self, piece: &Piece) {
        self.sink.stand_at((piece.at, piece.len));
        if piece.value.get("relationshipType").is_some() || sort(&piece.value) == Some("Annotation") {
            self.relate(piece);
        } else {
            self.tell(piece);
        }
    }

    fn learn(&mut self, piece: &Piece) {
        let (value, path) = (&piece.value, piece.path.as_str());
        let Some(sort) = sort(value) else {
            return self.sink.refuse(format!("{path}: \"type\" is a required property; the element is not read"));
        };
        if sort == "CreationInfo" {
            let created = self.creation(value, path);
            if let Some(id) = written_id(value) {
                self.created.insert(id.to_owned(), created);
            }
            return;
        }
        for import in list(value, "import") {
            self.elsewhere.extend(text(import, "externalSpdxId").map(str::to_owned));
        }
        let Some(id) = written_id(value) else {
            if value.get("relationshipType").is_none() {
                self.sink.refuse(format!("{path}: \"spdxId\" is a required property; the element is not read"));
            }
            return;
        };
        let print = print(value);
        match self.known.get(id) {
            Some(known) if known.print != print => self.sink.refuse(format!(
                "{path}/spdxId: \"{id}\" is given twice, with different content; the second is not read"
            )),
            Some(_) => {}
            None => {
                let name = text(value, "name").map(str::to_owned);
                self.known.insert(id.to_owned(), Known { kind: kind(value), name, print, at: piece.at });
            }
        }
    }

    fn creation(&mut self, value: &Value, path: &str) -> Created {
        let at = self.moment(value, "", "created", path);
        self.earliest = match (self.earliest, at) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let by = texts(value, "createdUsing").into_iter().chain(texts(value, "createdBy")).next();
        Created { at, by: by.map(|by| self.id(by)) }
    }

    fn created(&mut self, value: &Value, path: &str) -> Created {
        match value.get("creationInfo") {
            Some(Value::String(id)) => self.created.get(id.as_str()).cloned().unwrap_or_default(),
            Some(inline @ Value::Object(_)) => self.creation(inline, &format!("{path}/creationInfo")),
            _ => Created::default(),
        }
    }

    fn moment(&mut self, value: &Value, profile: &str, key: &str, path: &str) -> Option<Time> {
        let written = field_text(value, profile, key)?;
        match Time::parse_stated(written) {
            Ok((time, _)) => Some(time),
            Err(_) => {
                self.sink.doubt(format!(
                    "{path}/{key}: found \"{written}\", expected a date-time such as 2026-11-18T09:00:00Z; no time is taken"
                ));
                None
            }
        }
    }

    /// Tells of an element, once.
    fn tell(&mut self, piece: &Piece) {
        let (value, path) = (&piece.value, piece.path.as_str());
        let Some(written) = written_id(value) else { return };
        match self.known.get(written) {
            // of several that say the same it is the first
            Some(known) if known.at == piece.at => {}
            _ => return,
        }
        let created = self.created(value, path);
        if matches!(sort(value), Some("Sbom" | "Bom" | "SpdxDocument")) {
            return self.collection(value, path, written, &created);
        }
        let Some(kind) = kind(value) else { return };
        let id = self.id(written);
        let mut artefact = Artefact::new(id.clone(), kind.clone());
        artefact.name = text(value, "name").map(str::to_owned);
        artefact.version = field_text(value, "software", "packageVersion").map(str::to_owned);
        artefact.at = ["builtTime", "releaseTime"].iter().find_map(|key| self.moment(value, "", key, path));
        artefact.digests = self.digests(value, "verifiedUsing", path);
        identifiers(value, &mut artefact.identifiers);
        profiles::describe(value, &mut artefact.attributes);
        if let Some(sort) = sort(value).filter(|_| kind == Kind::Identity) {
            artefact.attributes.insert("type".to_owned(), Value::from(sort.to_lowercase()));
        }
        if kind == Kind::Run {
            artefact.at = self.moment(value, "build", "buildStartTime", path).or(artefact.at);
        }
        let owners: Vec<(&str, String)> = ["suppliedBy", "originatedBy"]
            .into_iter()
            .flat_map(|role| texts(value, role).into_iter().map(move |owner| (role, owner.to_owned())))
            .collect();
        artefact.owner = owners.first().map(|(_, owner)| self.id(owner));
        self.sink.artefact(artefact);
        for (role, owner) in owners {
            let owner = self.end(&owner, &format!("{path}/{role}"));
            self.sink.link(&id, Relation::OwnedBy, &owner, how("role", role));
        }
        let sources = texts(value, "build_configSourceUri");
        for source in sources.into_iter().chain(field_text(value, "software", "downloadLocation")) {
            if let Some((repository, commit)) = commit_in(source) {
                self.sink.built_from(&id, Some(&repository), &commit);
            }
        }
        for mut said in profiles::evaluations(value, &id, created.at) {
            said.by = created.by.clone();
            self.sink.say(Statement::Evidence(said));
        }
    }

    fn digests(&mut self, value: &Value, key: &str, path: &str) -> Vec<Digest> {
        let mut digests = Vec::new();
        for (index, hash) in list(value, key).iter().enumerate() {
            let (Some(algorithm), Some(written)) = (text(hash, "algorithm"), text(hash, "hashValue")) else { continue };
            match digest(algorithm, written) {
                Ok(digest) if sort(hash) == Some("Hash") => digests.push(digest),
                // A verification code is over several files: no file has it.
                Ok(_) => {}
                Err(NoDigest::Algorithm) => self.sink.doubt(format!(
                    "{path}/{key}/{index}/algorithm: unknown algorithm \"{algorithm}\"; the hash identifies nothing"
                )),
                Err(NoDigest::Value(expected)) => self.sink.refuse(format!(
                    "{path}/{key}/{index}/hashValue: found \"{}\", {expected} for {algorithm}; the hash is not read",
                    written.chars().take(80).collect::<String>()
                )),
            }
        }
        digests
    }

    /// A collection as evidence about what it is of.
    fn collection(&mut self, value: &Value, path: &str, written: &str, created: &Created) {
        for (index, root) in texts(value, "rootElement").into_iter().enumerate() {
            let described = self.known.get(root);
            // A document whose root is a collection adds nothing to what that says.
            if described.is_some_and(|known| known.kind.is_none()) {
                continue;
            }
            let about = self.end(root, &format!("{path}/rootElement/{index}"));
            let Some(at) = created.at else {
                self.sink
                    .doubt(format!("{path}: no time is stated; that it describes {root} is kept in the record only"));
                continue;
            };
            let mut said = evidence(&about, "attestation", at);
            said.scope = Some("bill-of-materials".to_owned());
            said.by = created.by.clone();
            said.refs.push(self.id(written));
            let profiles = texts(value, "profileConformance");
            if !profiles.is_empty() {
                said.attributes.insert("profiles".to_owned(), Value::from(profiles));
            }
            self.sink.say(Statement::Evidence(said));
        }
    }

    /// The id of an element that something refers to.
    fn end(&mut self, written: &str, path: &str) -> String {
        if !self.known.contains_key(written) && !self.elsewhere.contains(written) {
            self.sink.doubt(format!("{path}: no element has the spdxId \"{written}\"; kept as mentioned only"));
        }
        self.id(written)
    }

    /// Tells how elements relate, or what somebody remarks.
    fn relate(&mut self, piece: &Piece) {
        let (value, path) = (&piece.value, piece.path.as_str());
        let created = self.created(value, path);
        if sort(value) == Some("Annotation") {
            return self.remark(value, path, &created);
        }
        let word = text(value, "relationshipType").unwrap_or_default();
        let from = value.get("from").and_then(reference);
        let (Some(from), Some(to)) = (from, value.get("to")) else {
            return self.sink.refuse(format!("{path}: \"from\" and \"to\" are required; the relation is not read"));
        };
        let Some(meaning) = meaning(word) else {
            return self.sink.doubt(format!(
                "{path}/relationshipType: unknown relation \"{word}\" (SPDX 3.0 has dependsOn, trainedOn, …); it is kept in the record only"
            ));
        };
        let to: Vec<String> = match to {
            Value::Array(several) => several.iter().filter_map(reference).collect(),
            one => reference(one).into_iter().collect(),
        };
        match meaning {
            Meaning::Link(way, relation, sort) => self.links(value, path, &from, &to, way, relation, sort, &created),
            Meaning::Verdict(way, verdict) => self.verdicts(value, path, &from, &to, way, verdict, &created),
            Meaning::Describes(_) | Meaning::Nothing => {}
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one relation, told once")]
    fn links(
        &mut self,
        value: &Value,
        path: &str,
        from: &str,
        to: &[String],
        way: Way,
        mut relation: Relation,
        sort: &str,
        created: &Created,
    ) {
        let is_run = self.known.get(from).is_some_and(|known| known.kind == Some(Kind::Run));
        if is_run && relation == Relation::DerivedFrom && way == Way::Against {
            relation = Relation::ProducedBy;
        }
        let first = self.end(from, &format!("{path}/from"));
        let mut attributes = if sort.is_empty() { Attributes::new() } else { how("how", sort) };
        for key in ["scope", "description", "comment", "completeness"] {
            if let Some(said) = text(value, key) {
                attributes.insert(key.to_owned(), Value::from(clip(said)));
            }
        }
        let since = self.moment(value, "", "startTime", path);
        let until = self.moment(value, "", "endTime", path);
        if let Some(until) = until {
            attributes.insert("until".to_owned(), Value::from(until.to_string()));
        }
        for (index, written) in to.iter().enumerate() {
            if let Some(why) = absence(written) {
                if way == Way::Along {
                    self.sink.absent(&first, relation.clone(), why, created.by.clone());
                }
                continue;
            }
            let second = self.end(written, &format!("{path}/to/{index}"));
            let (from, to) = if way == Way::Along { (&first, &second) } else { (&second, &first) };
            self.sink.link_since(from, relation.clone(), to, attributes.clone(), since);
        }
        if matches!(text(value, "completeness"), Some("incomplete" | "noAssertion")) && way == Way::Along {
            self.sink.absent(&first, relation, "not-recorded", created.by.clone());
        }
    }

    /// What somebody says of a vulnerability and the things it may affect.
    #[expect(clippy::too_many_arguments, reason = "the parts of one relation, told once")]
    fn verdicts(
        &mut self,
        value: &Value,
        path: &str,
        from: &str,
        to: &[String],
        way: Way,
        verdict: &str,
        created: &Created,
    ) {
        let published =
            ["modifiedTime", "publishedTime"].iter().find_map(|key| self.moment(value, "security", key, path));
        let Some(at) = published.or(created.at) else {
            return self.sink.doubt(format!("{path}: no time is stated; the assessment is kept in the record only"));
        };
        for (index, other) in to.iter().enumerate() {
            let (vulnerability, affected) =
                if way == Way::Along { (from, other.as_str()) } else { (other.as_str(), from) };
            let name = self.known.get(vulnerability).and_then(|known| known.name.clone());
            let name = name.unwrap_or_else(|| vulnerability.rsplit('/').next().unwrap_or(vulnerability).to_owned());
            let about = self.end(affected, &format!("{path}/to/{index}"));
            let mut said: Evidence = evidence(&about, "scan", at);
            said.scope = Some(name);
            said.by = created.by.clone();
            said.verdict = Some(verdict.to_owned());
            profiles::assessment(value, &mut said.attributes);
            self.sink.say(Statement::Evidence(said));
        }
    }

    fn remark(&mut self, value: &Value, path: &str, created: &Created) {
        let Some(subject) = value.get("subject").and_then(reference) else {
            return self.sink.refuse(format!("{path}: \"subject\" is a required property; the remark is not read"));
        };
        let Some(at) = created.at else {
            return self.sink.doubt(format!("{path}: no time is stated; the remark is kept in the record only"));
        };
        let about = self.end(&subject, &format!("{path}/subject"));
        let mut said = evidence(&about, "review", at);
        said.scope = Some(text(value, "annotationType").unwrap_or("other").to_owned());
        said.by = created.by.clone();
        if let Some(statement) = text(value, "statement") {
            said.attributes.insert("text".to_owned(), Value::from(clip(statement)));
        }
        self.sink.say(Statement::Evidence(said));
    }
}

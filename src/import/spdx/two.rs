//! SPDX 2.x, however it was written down: packages, files, snippets, relations, reviews. It concludes
//! nothing from licences.

use super::fields::{Later, Sort, describe, kind, nothing, said};
use super::relations::{Meaning, Way, meaning};
use crate::import::Reading;
use crate::import::bom::{
    Document, NoDigest, Party, Piece, Sink, clip, commit_in, digest, evidence, how, hugging_face, list, print, purl,
    text,
};
use crate::model::{Artefact, Attributes, Digest, Link, Relation, Statement, Time};
use crate::proof::digest::sha256;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

const DOCUMENT: &str = "SPDXRef-DOCUMENT";

struct Spdx<'o> {
    sink: Sink<'o>,
    namespace: String,
    linked: bool,
    time: Option<Time>,
    by: Option<String>,
    /// Id, and the print of what describes it, by SPDXID.
    known: HashMap<String, (String, u64)>,
    /// Namespaces of other documents by their local names.
    others: BTreeMap<String, String>,
    described: BTreeSet<String>,
    /// The last word of a relation, and what it means.
    word: (String, Option<Meaning>),
}

/// Reads a document.
pub(super) fn read(document: &Document<'_>, content: &[u8], out: &mut Reading) {
    let mut sink = Sink::new(out, document.at());
    match document.text("spdxVersion") {
        Some(version) if version == "SPDX-2.2" || version == "SPDX-2.3" => {}
        Some(version) if version.starts_with("SPDX-2.") => {
            sink.doubt(format!("/spdxVersion: found \"{version}\", expected SPDX-2.2 or SPDX-2.3; read as 2.3"));
        }
        Some(version) => {
            return sink.refuse(format!(
                "/spdxVersion: found \"{version}\", expected SPDX-2.2 or SPDX-2.3; nothing of the document is read"
            ));
        }
        None => return sink.refuse("/: \"spdxVersion\" is a required property; nothing of the document is read"),
    }
    let namespace = document.text("documentNamespace").map(|it| it.trim().trim_end_matches('#').to_owned());
    let namespace = namespace.filter(|namespace| !namespace.is_empty());
    if namespace.is_none() {
        sink.doubt("/: no \"documentNamespace\"; elements are named after the document's digest");
    }
    let mut spdx = Spdx {
        sink,
        linked: namespace.is_some(),
        namespace: namespace
            .unwrap_or_else(|| format!("spdx:{}", hex::encode(sha256(content).get(..8).unwrap_or_default()))),
        time: None,
        by: None,
        known: HashMap::new(),
        others: BTreeMap::new(),
        described: BTreeSet::new(),
        word: (String::new(), None),
    };
    let creation = document.one("creationInfo").and_then(|element| spdx.sink.take(element));
    let creators = creation.map(|piece| spdx.creation(&piece)).unwrap_or_default();
    document.each("externalDocumentRefs", |element| {
        let Some(piece) = spdx.sink.take(element) else { return };
        if let (Some(name), Some(other)) =
            (text(&piece.value, "externalDocumentId"), text(&piece.value, "spdxDocument"))
        {
            spdx.others.insert(name.to_owned(), other.trim_end_matches('#').to_owned());
        }
    });
    let mut later = Vec::new();
    for (section, sort) in [("packages", Sort::Package), ("files", Sort::File), ("snippets", Sort::Snippet)] {
        document.each(section, |element| {
            if let Some(piece) = spdx.sink.take(element) {
                later.extend(Later::of(&piece, sort));
                spdx.element(&piece, sort);
            }
        });
    }
    // What an element holds may be described after it.
    for it in later {
        spdx.sink.stand_at(it.place);
        for (file, path) in &it.files {
            spdx.relate(&it.id, it.word, file, &Attributes::new(), path);
        }
    }
    document.each("relationships", |element| {
        if let Some(piece) = spdx.sink.take(element) {
            spdx.relationship(&piece);
        }
    });
    document.each("documentDescribes", |element| {
        let Some(piece) = spdx.sink.take(element) else { return };
        if let Some(id) = piece.value.as_str() {
            let id = spdx.resolve(id, &piece.path);
            spdx.described.insert(id);
        }
    });
    for section in ["annotations", "revieweds"] {
        document.each(section, |element| {
            if let Some(piece) = spdx.sink.take(element) {
                spdx.remark(&piece.value, &piece.path, None);
            }
        });
    }
    spdx.sink.stand_at(document.at());
    spdx.signed_off(document, &creators);
    if let Some(time) = spdx.time {
        spdx.sink.out.observe(time);
    }
}

impl Spdx<'_> {
    /// When and by whom the document was made. Returns the creators.
    fn creation(&mut self, piece: &Piece) -> Vec<Party> {
        self.time = self.moment(&piece.value, "created", &piece.path);
        let mut parties = Vec::new();
        for creator in list(&piece.value, "creators") {
            match creator {
                Value::String(text) => parties.extend(Party::stated(text)),
                // As some old producers write it: {"Person": "Jane Doe"}.
                Value::Object(entries) => {
                    for (sort, name) in entries {
                        parties.extend(name.as_str().and_then(|name| Party::stated(&format!("{sort}: {name}"))));
                    }
                }
                _ => {}
            }
        }
        self.by = parties.iter().find(|party| party.sort == "tool").or(parties.first()).map(|party| party.id.clone());
        parties
    }

    fn moment(&mut self, value: &Value, key: &str, path: &str) -> Option<Time> {
        let written = text(value, key)?;
        match Time::parse_stated(written) {
            Ok((time, zoneless)) => {
                if zoneless {
                    self.sink.doubt(format!("{path}/{key}: \"{written}\" has no time zone: taken as UTC"));
                }
                Some(time)
            }
            Err(_) => {
                self.sink.doubt(format!(
                    "{path}/{key}: found \"{written}\", expected a date-time such as 2026-11-18T09:00:00Z; no time is taken"
                ));
                None
            }
        }
    }

    /// Reads a package, file or snippet.
    fn element(&mut self, piece: &Piece, sort: Sort) {
        let (value, path) = (&piece.value, piece.path.as_str());
        let Some(spdx_id) = text(value, "SPDXID") else {
            return self.sink.refuse(format!("{path}: \"SPDXID\" is a required property; the element is not read"));
        };
        if !spdx_id.starts_with("SPDXRef-") {
            return self.sink.refuse(format!(
                "{path}/SPDXID: found \"{spdx_id}\", expected one that begins with SPDXRef-; the element is not read"
            ));
        }
        let name = ["name", "packageName", "fileName"].iter().find_map(|key| text(value, key));
        let blank = ["name", "packageName", "fileName"].iter().any(|key| value.get(*key).is_some_and(Value::is_string));
        if name.is_none() && blank {
            self.sink.doubt(format!("{path}/name: is empty; the element is kept without a name"));
        } else if name.is_none() && sort != Sort::Snippet {
            return self.sink.refuse(format!("{path}: \"name\" is a required property; the element is not read"));
        }
        let references: Vec<(&str, &str)> = list(value, "externalRefs")
            .iter()
            .filter_map(|it| Some((text(it, "referenceType")?, text(it, "referenceLocator")?)))
            .collect();
        let package = references.iter().find(|(sort, _)| *sort == "purl").and_then(|(_, locator)| purl(locator));
        let kind = kind(value, package.as_ref().map(|package| package.text.as_str()));
        let strong = package.as_ref().filter(|it| it.versioned).map(|it| format!("{kind}:{}", it.text));
        let local = format!("{}#{spdx_id}", self.namespace);
        let print = print(value);
        if let Some((_, known)) = self.known.get(spdx_id) {
            if *known != print {
                self.sink.refuse(format!(
                    "{path}/SPDXID: \"{spdx_id}\" is given twice, with different content; the second is not read"
                ));
            }
            return;
        }
        let id = strong.clone().unwrap_or_else(|| local.clone());
        if strong.is_some() && self.linked {
            self.sink.same(&id, &local, "SPDX identifier");
        }
        self.known.insert(spdx_id.to_owned(), (id.clone(), print));
        let mut artefact = Artefact::new(id.clone(), kind);
        artefact.name = name.map(str::to_owned);
        artefact.version = said(value, "versionInfo").map(str::to_owned);
        artefact.digests = self.checksums(value, path);
        artefact.at = self.moment(value, "builtDate", path).or_else(|| self.moment(value, "releaseDate", path));
        for (sort, locator) in &references {
            match *sort {
                "purl" => {
                    if let Some(package) = purl(locator) {
                        artefact.identifiers.extend(hugging_face(&package.text));
                        artefact.identifiers.push(package.text);
                    }
                }
                "cpe23Type" | "cpe22Type" | "swh" | "gitoid" => artefact.identifiers.push((*locator).to_owned()),
                _ => {}
            }
        }
        describe(value, sort, &mut artefact.attributes);
        let parties: Vec<(&str, Party)> = ["supplier", "originator"]
            .into_iter()
            .filter_map(|role| said(value, role).and_then(Party::stated).map(|party| (role, party)))
            .collect();
        artefact.owner = parties.first().map(|(_, party)| party.id.clone());
        self.sink.artefact(artefact);
        for (role, party) in &parties {
            self.sink.owned(&id, party, role);
        }
        if let Some((repository, commit)) = said(value, "downloadLocation").and_then(commit_in) {
            self.sink.built_from(&id, Some(&repository), &commit);
        }
        for (index, remark) in list(value, "annotations").iter().enumerate() {
            self.remark(remark, &format!("{path}/annotations/{index}"), Some(&id));
        }
    }

    fn checksums(&mut self, value: &Value, path: &str) -> Vec<Digest> {
        let mut digests = Vec::new();
        for (index, checksum) in list(value, "checksums").iter().enumerate() {
            let algorithm = text(checksum, "algorithm").unwrap_or_default();
            let written = text(checksum, "checksumValue").unwrap_or_default();
            match digest(algorithm, written) {
                Ok(digest) => digests.push(digest),
                Err(NoDigest::Algorithm) => self.sink.doubt(format!(
                    "{path}/checksums/{index}/algorithm: unknown algorithm \"{algorithm}\"; the checksum identifies nothing"
                )),
                Err(NoDigest::Value(expected)) => self.sink.refuse(format!(
                    "{path}/checksums/{index}/checksumValue: found \"{}\", {expected} for {algorithm}; the checksum is not read",
                    written.chars().take(80).collect::<String>()
                )),
            }
        }
        digests
    }

    /// The id of an element of this document or of another.
    fn resolve(&mut self, reference: &str, path: &str) -> String {
        if let Some((id, _)) = self.known.get(reference) {
            return id.clone();
        }
        if let Some((document, element)) = reference.split_once(':').filter(|(it, _)| it.starts_with("DocumentRef-")) {
            let namespace = self.others.get(document).cloned();
            return match namespace {
                Some(namespace) => format!("{namespace}#{element}"),
                None => {
                    self.sink.doubt(format!(
                        "{path}: no external document is called \"{document}\"; kept as mentioned only"
                    ));
                    format!("{}#{reference}", self.namespace)
                }
            };
        }
        if reference != DOCUMENT {
            self.sink.doubt([path, ": no element has the SPDXID \"", reference, "\"; kept as mentioned only"].concat());
        }
        [self.namespace.as_str(), "#", reference].concat()
    }

    fn relationship(&mut self, piece: &Piece) {
        let (value, path) = (&piece.value, piece.path.as_str());
        let ends = (text(value, "spdxElementId"), text(value, "relationshipType"), text(value, "relatedSpdxElement"));
        let (Some(from), Some(word), Some(to)) = ends else {
            return self.sink.refuse(format!(
                "{path}: \"spdxElementId\", \"relationshipType\" and \"relatedSpdxElement\" are required; the relation is not read"
            ));
        };
        let attributes = text(value, "comment").map(|comment| how("comment", &clip(comment))).unwrap_or_default();
        self.relate(from, word, to, &attributes, path);
    }

    fn relate(&mut self, from: &str, word: &str, to: &str, attributes: &Attributes, path: &str) {
        // One word follows the other, most often the same.
        if self.word.0 != word {
            self.word = (word.to_owned(), meaning(word));
        }
        let Some(meaning) = self.word.1.clone() else {
            return self.sink.doubt(format!(
                "{path}/relationshipType: unknown relation \"{word}\" (SPDX 2.3 has DEPENDS_ON, CONTAINS, …); it is kept in the record only"
            ));
        };
        match meaning {
            Meaning::Link(way, relation, sort) => {
                if nothing(from) || nothing(to) {
                    let (one, value) = if nothing(to) { (from, to) } else { (to, from) };
                    let about = self.resolve(one, path);
                    let why = if value == "NONE" { "none" } else { "not-recorded" };
                    if (way == Way::Along) == nothing(to) {
                        let by = self.by.clone();
                        self.sink.absent(&about, relation, why, by);
                    }
                    return;
                }
                let ends = [self.resolve(from, path), self.resolve(to, path)];
                self.link(ends, way, relation, sort, attributes);
            }
            Meaning::Describes(way) => {
                let (about, document) = if way == Way::Along { (to, from) } else { (from, to) };
                if document == DOCUMENT && !nothing(about) {
                    let about = self.resolve(about, path);
                    self.described.insert(about);
                }
            }
            Meaning::Verdict(..) | Meaning::Nothing => {}
        }
    }

    fn link(&mut self, ends: [String; 2], way: Way, relation: Relation, sort: &str, attributes: &Attributes) {
        let [first, second] = ends;
        let (from, to) = if way == Way::Along { (first, second) } else { (second, first) };
        if from == to {
            return;
        }
        let mut link = Link::new(from, relation, to);
        link.attributes.clone_from(attributes);
        if !sort.is_empty() {
            link.attributes.insert("how".to_owned(), Value::from(sort));
        }
        self.sink.say(Statement::Link(link));
    }

    /// A review or another remark, about an element or about what the document describes.
    fn remark(&mut self, value: &Value, path: &str, about: Option<&str>) {
        let by = ["annotator", "reviewer"].iter().find_map(|key| text(value, key)).and_then(Party::stated);
        let key = if text(value, "reviewDate").is_some() { "reviewDate" } else { "annotationDate" };
        let Some(at) = self.moment(value, key, path) else {
            return self.sink.doubt(format!("{path}: no time is stated; the remark is kept in the record only"));
        };
        let about: Vec<String> = match (about, text(value, "SPDXREF").filter(|it| *it != DOCUMENT)) {
            (Some(id), _) => vec![id.to_owned()],
            (None, Some(reference)) => vec![self.resolve(reference, path)],
            (None, None) => self.described.iter().cloned().collect(),
        };
        let by = by.map(|party| self.sink.party(&party));
        for about in about {
            let mut evidence = evidence(&about, "review", at);
            evidence.scope = Some(text(value, "annotationType").unwrap_or("REVIEW").to_lowercase());
            evidence.by = by.clone();
            if let Some(comment) = text(value, "comment") {
                evidence.attributes.insert("text".to_owned(), Value::from(clip(comment)));
            }
            self.sink.say(Statement::Evidence(evidence));
        }
    }

    /// The document as evidence about what it describes.
    fn signed_off(&mut self, document: &Document<'_>, creators: &[Party]) {
        let Some(time) = self.time else { return };
        for about in std::mem::take(&mut self.described) {
            let mut said = evidence(&about, "attestation", time);
            said.scope = Some("bill-of-materials".to_owned());
            said.by = self.by.clone();
            said.refs = document.text("documentNamespace").into_iter().collect();
            let names: Vec<&str> = creators.iter().map(|party| party.id.as_str()).collect();
            said.attributes.insert("creators".to_owned(), Value::from(names));
            self.sink.say(Statement::Evidence(said));
        }
    }
}

//! A component: what sort of thing it is, by which names and digests it is known, what it is made of
//! and from. What a model's card says is in `model_card`.

use super::bom::Bom;
use super::{licences, model_card};
use crate::import::bom::{
    NoDigest, Party, clip, commit_in, digest, how, hugging_face, list, purl, scalar, text, texts, word,
};
use crate::import::openlineage::commit;
use crate::model::{Artefact, Attributes, Digest, Kind, Relation};
use serde_json::Value;

/// The types of 1.7 and what they are.
const SORTS: [(&str, Kind); 13] = [
    ("application", Kind::Package),
    ("framework", Kind::Package),
    ("library", Kind::Package),
    ("container", Kind::Image),
    ("platform", Kind::Package),
    ("operating-system", Kind::Package),
    ("device", Kind::Package),
    ("device-driver", Kind::Package),
    ("firmware", Kind::Package),
    ("file", Kind::Package),
    ("machine-learning-model", Kind::ModelVersion),
    ("data", Kind::Dataset),
    ("cryptographic-asset", Kind::Package),
];

/// Reads a component with what is nested in it. Returns its id, unless it was refused.
pub(super) fn read(bom: &mut Bom<'_>, value: &Value, path: &str, whole: Option<&str>) -> Option<String> {
    if !value.is_object() {
        bom.sink.refuse(format!("{path}: expected an object, found {}; the component is not read", word(value)));
        return None;
    }
    let (Some(sort), Some(name)) = (text(value, "type"), text(value, "name")) else {
        let lacking = if text(value, "type").is_none() { "type" } else { "name" };
        bom.sink.refuse(format!("{path}: \"{lacking}\" is a required property; the component is not read"));
        return None;
    };
    let kind = SORTS.iter().find(|(word, _)| *word == sort).map(|(_, kind)| kind.clone()).unwrap_or_else(|| {
        let known: Vec<&str> = SORTS.iter().map(|(word, _)| *word).collect();
        bom.sink.doubt(format!(
            "{path}/type: unknown component type \"{sort}\" (CycloneDX 1.7 allows {}); component kept as a package",
            known.join(", ")
        ));
        Kind::Package
    });
    let package = text(value, "purl").and_then(purl);
    if package.is_none() && text(value, "purl").is_some() {
        bom.sink
            .doubt(format!("{path}/purl: expected a package URL such as pkg:pypi/numpy@2.0; it identifies nothing"));
    }
    let strong = package.as_ref().filter(|package| package.versioned).map(|package| format!("{kind}:{}", package.text));
    let (id, new) = bom.name(value, path, &kind, strong)?;
    bom.part_of(whole, &id);
    if !new {
        return Some(id);
    }
    let mut artefact = Artefact::new(id.clone(), kind.clone());
    artefact.name = Some(match text(value, "group") {
        Some(group) => format!("{group}/{name}"),
        None => name.to_owned(),
    });
    artefact.version = scalar(value, "version");
    artefact.digests = hashes(bom, value, path);
    identifiers(bom, value, path, package.map(|package| package.text), &mut artefact.identifiers);
    describe(bom, value, path, &mut artefact.attributes);
    artefact.attributes.insert("type".to_owned(), Value::from(sort));
    model_card::describe(bom, value, path, &mut artefact);
    let owners: Vec<(&str, Party)> = ["supplier", "manufacturer", "manufacture"]
        .into_iter()
        .filter_map(|role| value.get(role).and_then(Party::organisation).map(|party| (role, party)))
        .collect();
    artefact.owner = owners.first().map(|(_, party)| party.id.clone());
    bom.sink.artefact(artefact);
    for (role, party) in &owners {
        bom.sink.owned(&id, party, role);
    }
    contents(bom, value, path, &id);
    code(bom, value, &id);
    if let Some(pedigree) = value.get("pedigree").filter(|it| it.is_object()) {
        descent(bom, pedigree, &format!("{path}/pedigree"), &id, &kind);
    }
    model_card::read(bom, value, path, &id);
    for (index, nested) in list(value, "components").iter().enumerate() {
        read(bom, nested, &format!("{path}/components/{index}"), Some(&id));
    }
    Some(id)
}

/// The digests of `hashes`; one that is none never identifies anything.
pub(super) fn hashes(bom: &mut Bom<'_>, value: &Value, path: &str) -> Vec<Digest> {
    let mut digests = Vec::new();
    for (index, hash) in list(value, "hashes").iter().enumerate() {
        let algorithm = text(hash, "alg").unwrap_or_default();
        let content = text(hash, "content").unwrap_or_default();
        match digest(algorithm, content) {
            Ok(digest) => digests.push(digest),
            Err(NoDigest::Algorithm) => bom.sink.doubt(format!(
                "{path}/hashes/{index}/alg: unknown algorithm \"{algorithm}\", expected one such as SHA-256; the hash identifies nothing"
            )),
            Err(NoDigest::Value(expected)) => {
                let shown: String = content.chars().take(80).collect();
                bom.sink.refuse(format!(
                    "{path}/hashes/{index}/content: found \"{shown}\", {expected} for {algorithm}; the hash is not read"
                ));
            }
        }
    }
    digests
}

fn identifiers(bom: &mut Bom<'_>, value: &Value, path: &str, purl: Option<String>, out: &mut Vec<String>) {
    out.extend(purl.as_deref().and_then(hugging_face));
    out.extend(purl);
    out.extend(text(value, "cpe").map(str::to_owned));
    out.extend(texts(value, "swhid").into_iter().map(str::to_owned));
    out.extend(texts(value, "omniborId").into_iter().map(str::to_owned));
    if let Some(swid) = value.get("swid").filter(|it| it.is_object()) {
        match text(swid, "tagId") {
            Some(tag) => out.push(format!("swid:{tag}")),
            None => bom.sink.doubt(format!("{path}/swid: \"tagId\" is a required property; it identifies nothing")),
        }
    }
    for reference in list(value, "externalReferences") {
        if let Some(name) = text(reference, "url").and_then(hugging_face).filter(|name| !out.contains(name)) {
            out.push(name);
        }
    }
}

fn describe(bom: &mut Bom<'_>, value: &Value, path: &str, attributes: &mut Attributes) {
    let keys = [
        ("description", "description"),
        ("publisher", "publisher"),
        ("author", "author"),
        ("scope", "scope"),
        ("mime-type", "mime-type"),
        ("copyright", "copyright"),
        ("modified", "modified"),
        ("isExternal", "external"),
        ("versionRange", "version-range"),
    ];
    Bom::keep(value, &keys, attributes);
    if let Some(scope) = text(value, "scope").filter(|it| !["required", "optional", "excluded"].contains(it)) {
        bom.sink.doubt(format!(
            "{path}/scope: found \"{scope}\", expected required, optional or excluded; kept as written"
        ));
    }
    let people: Vec<String> = list(value, "authors").iter().filter_map(Party::person).map(|party| party.id).collect();
    if !people.is_empty() {
        attributes.insert("authors".to_owned(), Value::from(people));
    }
    let licences = licences::read(value, path, &mut bom.sink);
    if !licences.is_empty() {
        attributes.insert("licences".to_owned(), Value::from(licences));
    }
    let tags = texts(value, "tags");
    if !tags.is_empty() {
        attributes.insert("tags".to_owned(), Value::from(tags));
    }
    if let Some(asset) = value.get("cryptoProperties").and_then(|it| text(it, "assetType")) {
        attributes.insert("crypto.asset".to_owned(), Value::from(asset));
    }
    for reference in list(value, "externalReferences") {
        let (Some(sort), Some(url)) = (text(reference, "type"), text(reference, "url")) else { continue };
        let said = attributes.entry(format!("reference.{sort}")).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = said {
            list.push(Value::from(clip(url)));
        }
    }
    bom.properties(value, path, attributes);
    bom.signature(value, path, attributes);
}

/// What a component of type data holds.
fn contents(bom: &mut Bom<'_>, value: &Value, path: &str, id: &str) {
    for (index, data) in list(value, "data").iter().enumerate() {
        if let Some(part) = model_card::data(bom, data, &format!("{path}/data/{index}")) {
            bom.part_of(Some(id), &part);
        }
    }
}

/// The commit that an address of its source names in full.
fn code(bom: &mut Bom<'_>, value: &Value, id: &str) {
    for reference in list(value, "externalReferences") {
        if text(reference, "type") != Some("vcs") {
            continue;
        }
        if let Some((repository, commit)) = text(reference, "url").and_then(commit_in) {
            bom.sink.built_from(id, Some(&repository), &commit);
        }
    }
}

const PATCHES: [&str; 4] = ["unofficial", "monkey", "backport", "cherry-pick"];
const ISSUES: [&str; 3] = ["defect", "enhancement", "security"];

/// Where a component comes from, and what comes from it.
fn descent(bom: &mut Bom<'_>, pedigree: &Value, path: &str, id: &str, kind: &Kind) {
    let relation = if *kind == Kind::ModelVersion { Relation::FineTunedFrom } else { Relation::DerivedFrom };
    for (index, ancestor) in list(pedigree, "ancestors").iter().enumerate() {
        if let Some(ancestor) = read(bom, ancestor, &format!("{path}/ancestors/{index}"), None) {
            bom.sink.link(id, relation.clone(), &ancestor, how("how", "ancestor"));
        }
    }
    for (index, descendant) in list(pedigree, "descendants").iter().enumerate() {
        if let Some(descendant) = read(bom, descendant, &format!("{path}/descendants/{index}"), None) {
            bom.sink.link(&descendant, relation.clone(), id, how("how", "descendant"));
        }
    }
    let mut told = Artefact::new(id, kind.clone());
    let mut variants = Vec::new();
    for (index, variant) in list(pedigree, "variants").iter().enumerate() {
        variants.extend(read(bom, variant, &format!("{path}/variants/{index}"), None));
    }
    if !variants.is_empty() {
        // What two variants share is not said, so neither depends on the other.
        told.attributes.insert("variants".to_owned(), Value::from(variants));
    }
    for (index, entry) in list(pedigree, "commits").iter().enumerate() {
        let Some(uid) = text(entry, "uid") else { continue };
        match commit(uid) {
            Some(commit) => {
                let repository = text(entry, "url").and_then(commit_in).map(|(repository, _)| repository);
                bom.sink.built_from(id, repository.as_deref(), &commit);
            }
            None => bom.sink.doubt(format!(
                "{path}/commits/{index}/uid: found \"{}\", expected a full commit hash; it identifies nothing",
                clip(uid)
            )),
        }
    }
    let mut patches = Vec::new();
    for (index, patch) in list(pedigree, "patches").iter().enumerate() {
        let sort = text(patch, "type").unwrap_or_default();
        if !PATCHES.contains(&sort) {
            bom.sink.doubt(format!(
                "{path}/patches/{index}/type: found \"{sort}\", expected one of {}; kept as written",
                PATCHES.join(", ")
            ));
        }
        for (at, issue) in list(patch, "resolves").iter().enumerate() {
            let issue_type = text(issue, "type").unwrap_or_default();
            if !ISSUES.contains(&issue_type) {
                bom.sink.doubt(format!(
                    "{path}/patches/{index}/resolves/{at}/type: found \"{issue_type}\", expected one of {}; kept as written",
                    ISSUES.join(", ")
                ));
            }
        }
        let resolved: Vec<&str> = list(patch, "resolves").iter().filter_map(|issue| text(issue, "id")).collect();
        patches.push(Value::from(format!("{sort}: {}", resolved.join(", "))));
    }
    if !patches.is_empty() {
        told.attributes.insert("patches".to_owned(), Value::Array(patches));
    }
    if let Some(notes) = text(pedigree, "notes") {
        told.attributes.insert("pedigree.notes".to_owned(), Value::from(clip(notes)));
    }
    if !told.attributes.is_empty() {
        bom.sink.artefact(told);
    }
}

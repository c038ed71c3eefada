//! Subjects, materials and products: resource descriptors become artefacts. A name is a hint and a
//! digest is the identity. It looks nothing up.

use crate::import::bom::{NoDigest, digest, hugging_face, purl};
use crate::import::kubernetes::Image;
use crate::import::node::{Fault, Node};
use crate::import::openlineage::{commit, repository};
use crate::import::teller::{Teller, clip, keep, scalar};
use crate::model::{Artefact, Attributes, Digest, Kind};
use serde_json::Value;

/// An artefact a statement names.
#[derive(Debug, Clone)]
pub(super) struct Thing {
    pub(super) id: String,
    pub(super) kind: Kind,
    pub(super) name: Option<String>,
    pub(super) digests: Vec<Digest>,
}

/// What a descriptor says, before it is decided what it describes.
#[derive(Default)]
struct Parts {
    name: Option<String>,
    uri: Option<String>,
    commit: Option<String>,
    digests: Vec<Digest>,
    attributes: Attributes,
}

/// The predicate under which a subject's digest is that of a list of digests, and of no file.
pub(super) const MODEL_SIGNING: &str = "https://model_signing/signature/";

/// Reads a subject, and describes it. Witness names commits and people among its subjects: those
/// that are no artefact give none.
pub(super) fn subject(node: &Node<'_>, predicate_type: &str, telling: &mut Teller<'_>) -> Result<Option<Thing>, Fault> {
    let name = node.optional_text("name")?.unwrap_or_default();
    if let Some((_, rest)) = name.split_once("/attestations/").filter(|_| name.contains("witness.")) {
        // `git/v0.1/authoremail:…`: its digest is that of an address.
        let what = rest.split('/').nth(2).unwrap_or_default();
        if !what.starts_with("file:") && !what.starts_with("commithash:") && !what.starts_with("imagedigest:") {
            return Ok(None);
        }
    }
    if predicate_type.starts_with(MODEL_SIGNING) {
        return model(node, telling).map(Some);
    }
    let parts = parts(node, telling)?;
    let bound = !parts.digests.is_empty()
        || parts.commit.is_some()
        || parts.uri.as_deref().or(parts.name.as_deref()).and_then(purl).is_some_and(|it| it.versioned);
    if !bound {
        return Err(format!(
            "{}/digest: statement has no subject digest: cannot be bound to an artefact; the subject is left out",
            node.path
        ));
    }
    if parts.digests.is_empty() && parts.commit.is_none() {
        telling.doubt(format!("{}: no digest: it is bound by its package URL only", node.place()));
    }
    Ok(Some(describe(parts, telling)))
}

/// A directory of a model, by the digest over its files' digests.
fn model(node: &Node<'_>, telling: &mut Teller<'_>) -> Result<Thing, Fault> {
    let hex = node.required("digest")?.text("sha256")?;
    let checked = digest("sha256", hex)
        .map_err(|_| format!("{}/digest/sha256: expected 64 hex digits; the subject is refused", node.path))?;
    let hex = checked.as_str().trim_start_matches("sha256:").to_owned();
    let mut artefact = Artefact::new(format!("model-version:omsdigest:{hex}"), Kind::ModelVersion);
    artefact.name = node.optional_text("name")?.filter(|name| !name.is_empty()).map(str::to_owned);
    artefact.digests.push(Digest::parse(&format!("omsdigest:{hex}")));
    let (name, digests) = (artefact.name.clone(), artefact.digests.clone());
    Ok(Thing { id: telling.artefact(artefact), kind: Kind::ModelVersion, name, digests })
}

/// Reads a material, product or dependency, and describes it.
pub(super) fn resource(node: &Node<'_>, telling: &mut Teller<'_>) -> Result<Thing, Fault> {
    let parts = parts(node, telling)?;
    if parts.name.is_none() && parts.uri.is_none() && parts.digests.is_empty() && parts.commit.is_none() {
        return Err(format!("{}: neither \"uri\", \"name\" nor \"digest\": it describes nothing", node.place()));
    }
    Ok(describe(parts, telling))
}

/// A file by name and digest set, as collections and links write them.
pub(super) fn file(name: &str, digests: &Node<'_>, telling: &mut Teller<'_>) -> Thing {
    let mut parts = Parts { name: Some(name.to_owned()), ..Parts::default() };
    take_digests(digests, false, &mut parts, telling);
    describe(parts, telling)
}

fn parts(node: &Node<'_>, telling: &mut Teller<'_>) -> Result<Parts, Fault> {
    let text = |key: &str| -> Result<Option<String>, Fault> {
        Ok(node.optional_text(key)?.filter(|text| !text.trim().is_empty() && *text != "_").map(str::to_owned))
    };
    let mut parts = Parts { name: text("name")?, uri: text("uri")?, ..Parts::default() };
    let git = [&parts.uri, &parts.name].into_iter().flatten().any(|it| is_git(it));
    let git = git || node.path.contains("configSource");
    if let Some(name) = &parts.name
        && let Some((_, rest)) = name.split_once("/attestations/").filter(|_| name.contains("witness."))
    {
        parts.name = rest.split_once("/v").and_then(|(_, rest)| rest.split_once(':')).map(|(_, name)| name.to_owned());
    }
    keep(&mut parts.attributes, "media-type", node.optional_text("mediaType")?);
    keep(&mut parts.attributes, "download-location", node.optional_text("downloadLocation")?);
    if let Some(set) = node.child("digest")? {
        take_digests(&set, git, &mut parts, telling);
    }
    let annotations = node.child("annotations")?.map(|it| it.value.clone());
    if let Some(Value::Object(annotations)) = annotations {
        if let Some(url) = annotations
            .get("remotes")
            .and_then(Value::as_array)
            .and_then(|remotes| {
                remotes.iter().find(|it| it.get("name").and_then(Value::as_str) == Some("origin")).or(remotes.first())
            })
            .and_then(|remote| remote.get("url"))
            .and_then(Value::as_str)
        {
            parts.uri.get_or_insert_with(|| url.to_owned());
        }
        for (key, value) in annotations {
            if let Some(value) = scalar(&value).filter(|_| !key.contains("signature")) {
                parts.attributes.insert(format!("annotation.{key}"), Value::from(clip(&value)));
            }
        }
    }
    Ok(parts)
}

/// Whether what is named so is a repository, whose sha1 is that of a commit.
fn is_git(name: &str) -> bool {
    let forge = ["github.com/", "gitlab.com/", "bitbucket.org/"].iter().any(|it| name.contains(it));
    name.starts_with("git+")
        || name.starts_with("git://")
        || name.starts_with("git@")
        || name == "git.head"
        || name.contains("/git/v0.1/commithash:")
        || name.contains("source.developers.google.com/")
        || name.split(['@', '#']).next().is_some_and(|bare| bare.ends_with(".git"))
        || forge && !name.contains("/releases/download/") && !name.contains("/raw/")
}

fn take_digests(set: &Node<'_>, git: bool, parts: &mut Parts, telling: &mut Teller<'_>) {
    let Some(object) = set.value.as_object() else {
        return telling.doubt(format!("{}: expected an object of digests; none is read", set.place()));
    };
    for (algorithm, value) in object {
        let Some(value) = value.as_str().filter(|value| !value.trim().is_empty()) else {
            telling.doubt(format!("{}/{algorithm}: expected text; this digest is not read", set.path));
            continue;
        };
        match algorithm.as_str() {
            "gitCommit" | "sha1" if algorithm == "gitCommit" || git => match commit(value) {
                Some(commit) => parts.commit = Some(commit),
                None => telling.doubt(format!(
                    "{}/{algorithm}: found \"{}\", expected 40 or 64 hex digits; it names no commit",
                    set.path,
                    clip(value)
                )),
            },
            // The name of an object in a repository is no digest of a file.
            "gitBlob" | "gitTree" | "gitTag" | "gce_image_id" | "dirHash" | "dirHash1" => {
                keep(&mut parts.attributes, algorithm, Some(value));
            }
            _ if algorithm.starts_with("gitoid") => keep(&mut parts.attributes, algorithm, Some(value)),
            _ => match digest(algorithm, value) {
                Ok(digest) => parts.digests.push(digest),
                Err(NoDigest::Algorithm) => keep(&mut parts.attributes, &format!("digest.{algorithm}"), Some(value)),
                Err(NoDigest::Value(expected)) => {
                    telling.doubt(format!(
                        "{}/{algorithm}: found \"{}\", {expected}; it identifies nothing",
                        set.path,
                        clip(value)
                    ));
                    keep(&mut parts.attributes, &format!("digest.{algorithm}"), Some(value));
                }
            },
        }
    }
}

/// An address of code without the branch or tag that was asked for.
pub(super) fn repository_of(url: &str) -> Option<String> {
    let start = url.find("://").map_or(0, |at| at + 3);
    let slash = url.get(start..)?.find('/').map_or(url.len(), |at| start + at);
    let cut = url.get(slash..)?.find('@').map_or(url.len(), |at| slash + at);
    let bare = url.get(..cut)?;
    let bare = bare.strip_prefix("git://").unwrap_or(bare);
    let found = repository(bare);
    (found.contains('/') && !found.contains(' ')).then_some(found)
}

/// Describes a commit, and gives its id.
pub(super) fn code(repository: Option<&str>, commit: &str, attributes: Attributes, telling: &mut Teller<'_>) -> Thing {
    let id = match repository {
        Some(repository) => format!("code:{repository}@{commit}"),
        None => format!("code:{commit}"),
    };
    let mut code = Artefact::new(id, Kind::Code);
    code.name = repository.map(str::to_owned);
    code.version = Some(commit.to_owned());
    code.digests.push(Digest::parse(&format!("git:{commit}")));
    code.identifiers.push(format!("git:{commit}"));
    code.attributes = attributes;
    let (name, digests) = (code.name.clone(), code.digests.clone());
    Thing { id: telling.artefact(code), kind: Kind::Code, name, digests }
}

/// What a file is, as its name says.
pub(super) fn kind_of(name: &str) -> Kind {
    let end = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match end.as_str() {
        "safetensors" | "gguf" | "onnx" | "pt" | "pth" | "ckpt" | "h5" | "keras" | "tflite" => Kind::ModelVersion,
        "csv" | "parquet" | "arrow" | "tfrecord" | "avro" | "orc" => Kind::Dataset,
        _ => Kind::Package,
    }
}

/// Names that are files or addresses of files, whatever host they begin with.
fn is_file(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    [".gz", ".tgz", ".zip", ".whl", ".jar", ".xz", ".bz2", ".zst", ".json", ".txt", ".exe", ".deb", ".rpm"]
        .iter()
        .any(|end| last.ends_with(end))
}

/// An image, when it is named as one and its digest is an image's.
fn image(name: &str, digests: &[Digest]) -> Option<Image> {
    let bare = name.strip_prefix("https://").unwrap_or(name);
    let bare = bare.strip_prefix("docker-pullable://").or_else(|| bare.strip_prefix("oci://")).unwrap_or(bare);
    let (host, rest) = bare.split_once('/')?;
    let registry = host.contains(['.', ':']) || host == "localhost";
    let addressed = name.starts_with("https://");
    let known = ["docker.pkg.dev", "gcr.io", "azurecr.io", "amazonaws.com", "ghcr.io", "quay.io", "docker.io"]
        .iter()
        .any(|end| host.ends_with(end));
    // Chainloop names its workflows as registries name images.
    if !registry
        || host == "chainloop.dev"
        || host.starts_with("pkg:")
        || rest.is_empty()
        || is_file(bare)
        || bare.contains("://")
        || addressed && !known
    {
        return None;
    }
    let sha256 = digests.iter().find(|digest| digest.as_str().starts_with("sha256:"))?;
    let mut image = Image::parse(bare)?;
    image.digest = Some(sha256.as_str().to_owned());
    Some(image)
}

fn describe(parts: Parts, telling: &mut Teller<'_>) -> Thing {
    let Parts { name, uri, commit, digests, attributes } = parts;
    let named = uri.clone().or_else(|| name.clone());
    if let Some(commit) = commit {
        let repository = [&uri, &name].into_iter().flatten().find_map(|url| repository_of(url));
        let mut attributes = attributes;
        keep(&mut attributes, "uri", uri.as_deref());
        return code(repository.as_deref(), &commit, attributes, telling);
    }
    if let Some(image) = [&uri, &name].into_iter().flatten().find_map(|name| image(name, &digests)) {
        let id = image.tell(telling);
        if !attributes.is_empty() {
            let mut more = Artefact::new(id.as_str(), Kind::Image);
            more.attributes = attributes;
            telling.artefact(more);
        }
        return Thing { id, kind: Kind::Image, name: Some(image.repository), digests };
    }
    let package = [&uri, &name].into_iter().flatten().find_map(|text| purl(text));
    let hub = [&uri, &name].into_iter().flatten().find_map(|text| hugging_face(text));
    let first = digests.iter().find(|digest| digest.is_strong()).or_else(|| digests.first());
    let kind = match (&hub, &package) {
        (Some(hub), _) if hub.starts_with("hf:datasets") => Kind::Dataset,
        (Some(_), _) => Kind::ModelVersion,
        (_, Some(purl)) if purl.text.starts_with("pkg:oci/") || purl.text.starts_with("pkg:docker/") => Kind::Image,
        (_, Some(_)) => Kind::Package,
        _ => named.as_deref().map_or(Kind::Package, kind_of),
    };
    let id = match (&package, first, &named) {
        (Some(purl), ..) if purl.versioned => format!("{kind}:{}", purl.text),
        (_, Some(digest), Some(name)) => format!("{kind}:{name}@{digest}"),
        (_, Some(digest), None) => format!("{kind}:{digest}"),
        (_, None, Some(name)) => format!("{kind}:{name}"),
        (_, None, None) => format!("{kind}:unnamed"),
    };
    let mut artefact = Artefact::new(id, kind.clone());
    artefact.name = name.clone().or(uri.clone());
    artefact.version = first.map(|digest| digest.as_str().to_owned()).filter(|_| package.is_none());
    artefact.digests.clone_from(&digests);
    artefact.identifiers.extend(package.map(|purl| purl.text));
    artefact.identifiers.extend(hub);
    artefact.attributes = attributes;
    keep(&mut artefact.attributes, "uri", uri.as_deref());
    let name = artefact.name.clone();
    Thing { id: telling.artefact(artefact), kind, name, digests }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_known_without_the_branch_that_was_asked_for() {
        for url in [
            "git+https://github.com/o/r@refs/tags/v1",
            "git+https://github.com/o/r.git@refs/heads/main",
            "git://github.com/o/r",
            "git@github.com:o/r.git",
            "https://github.com/o/r",
        ] {
            assert_eq!(repository_of(url).as_deref(), Some("github.com/o/r"), "{url}");
        }
        assert_eq!(repository_of("git.head"), None);
    }

    #[test]
    fn images_are_told_from_files() {
        let digests = [Digest::parse(&format!("sha256:{}", "ab".repeat(32)))];
        assert!(image("ghcr.io/o/r", &digests).is_some());
        assert!(image("https://europe-docker.pkg.dev/p/q/i:v1", &digests).is_some());
        assert!(image("https://example.com/a.tar.gz", &digests).is_none());
        assert!(image("dist/app", &digests).is_none());
        assert!(image("pkg:pypi/torch@2.9.0", &digests).is_none());
        assert!(image("ghcr.io/o/r", &[]).is_none());
    }
}

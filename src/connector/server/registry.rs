//! An OCI registry: what its tags point at, the manifests, and what refers to them; attestations and bills of
//! materials are fetched whole, weights and layers never. A path in the address names one repository.

use super::page::{Members, list, malformed, members, text};
use super::token::Tokens;
use super::{Browse, Kind, Pull, Pulled, Tried};
use crate::connector::http::{Address, Answer, Http, Request, Sort, Trouble};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};

pub(super) const KIND: Kind = Kind {
    name: "oci",
    about: "an OCI registry: images and artefacts, with attestations and BOMs that refer to them",
    recognises,
    lists,
    pull,
    browse: Some(Browse { may_know, around }),
};

const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";
/// The longest statement that is fetched.
const LONGEST: u64 = 64 << 20;
/// Pages of one list.
const PAGES: usize = 10_000;

fn recognises(http: &Http) -> Result<Option<String>, Trouble> {
    let answer = http.answer(&Request::get(http.address().at_root("/v2/", &[])))?;
    let named = answer.header("docker-distribution-api-version").is_some();
    let wants = answer.status == 401 && answer.header("www-authenticate").is_some();
    match answer.status {
        200 if named || answer.body.trim_ascii() == b"{}" => {}
        401 if named || wants => {
            let answer = Tokens::default().answer(http, &Request::get(http.address().at_root("/v2/", &[])), "")?;
            if answer.status == 401 && http.has_secret() {
                return http.ask(&Request::get(http.address().at_root("/v2/", &[]))).map(|_| None);
            }
        }
        _ => return Ok(None),
    }
    Ok(Some("an OCI registry".to_owned()))
}

fn lists(http: &Http) -> Vec<Tried> {
    let named = http.address().path().trim_start_matches("v2/").to_owned();
    let (what, path, scope) = match named.is_empty() {
        true => ("its catalogue", "/v2/_catalog".to_owned(), "registry:catalog:*".to_owned()),
        false => ("the tags there", format!("/v2/{named}/tags/list"), format!("repository:{named}:pull")),
    };
    let asked = ask(http, &Tokens::default(), &path, &[("n", "1")], "application/json", &scope);
    let asked = asked.map(drop).map_err(|trouble| match named.is_empty() {
        true => Trouble { why: format!("{}; name a repository in the address", trouble.why), ..trouble },
        false => trouble,
    });
    vec![(what, asked)]
}

fn pull(pull: &Pull<'_>) -> Result<(), Trouble> {
    let look = Look { pull, tokens: Tokens::default(), seen: Mutex::default() };
    let named = pull.http.address().path().to_owned();
    let repositories = if named.is_empty() {
        look.names("/v2/_catalog", "repositories", "registry:catalog:*")?
    } else {
        vec![named.trim_start_matches("v2/").to_owned()]
    };
    let mut whole = true;
    for repository in &repositories {
        if let Err(trouble) = look.repository(repository) {
            whole = false;
            pull.tell(repository, trouble)?;
        }
    }
    if whole && pull.http.address().path().is_empty() {
        pull.give(Pulled::Whole { prefix: "tags/".to_owned() });
    }
    Ok(())
}

/// Repository, and tag or digest, of a name that the ledger has for what lies in this registry.
fn reference<'n>(address: &Address, name: &'n str) -> Option<(&'n str, &'n str)> {
    let place = name.strip_prefix("image:").or_else(|| name.strip_prefix("tag:")).unwrap_or(name);
    let inner = place.strip_prefix(address.authority().as_str())?.strip_prefix('/')?;
    let (repository, reference) = inner.split_once('@').or_else(|| inner.rsplit_once(':'))?;
    let named = address.path().trim_start_matches("v2/");
    let ours = named.is_empty() || named == repository;
    (ours && plain(repository) && plain(reference)).then_some((repository, reference))
}

fn may_know(address: &Address, names: &[String]) -> bool {
    names.iter().any(|name| reference(address, name).is_some())
}

/// A manifest with what it lists and what refers to it.
fn around(pull: &Pull<'_>, names: &[String]) -> Result<(), Trouble> {
    let look = Look { pull, tokens: Tokens::default(), seen: Mutex::default() };
    let all: BTreeSet<_> = names.iter().filter_map(|name| reference(pull.http.address(), name)).collect();
    for (repository, reference) in all {
        let scope = format!("repository:{repository}:pull");
        let told = match reference.contains(':') {
            false => look.tag(repository, reference, &scope),
            true => look.by_digest(repository, reference, &scope),
        };
        match told {
            Err(trouble) if trouble.sort == Sort::NoSuch => {}
            told => told.or_else(|trouble| pull.tell(&format!("manifests/{repository}/{reference}"), trouble))?,
        }
    }
    Ok(())
}

struct Look<'p> {
    pull: &'p Pull<'p>,
    tokens: Tokens,
    /// Manifests that were looked at.
    seen: Mutex<HashSet<String>>,
}

/// A name that leads nowhere else.
fn plain(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
    !name.is_empty()
        && name.len() < 512
        && name.chars().all(allowed)
        && name.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

fn ask(
    http: &Http,
    tokens: &Tokens,
    path: &str,
    query: &[(&str, &str)],
    accept: &str,
    scope: &str,
) -> Result<(Request, Answer), Trouble> {
    let url = http.address().at_root(path, query);
    let request = Request { accept: accept.to_owned(), ..Request::get(url) };
    let answer = tokens.answer(http, &request, scope)?;
    match answer.status {
        200..300 => Ok((request, answer)),
        // Says the same in the words of other refusals.
        404 => Err(Trouble::new(Sort::NoSuch, path, "404: there is no such thing")),
        401 => Err(Trouble::new(Sort::Unknown, path, "401: it wants a credential, or does not accept ours")),
        403 => Err(Trouble::new(Sort::NotPermitted, path, "403: it does not let us look")),
        other => Err(Trouble::new(Sort::Other, path, format!("it answers {other}"))),
    }
}

impl Look<'_> {
    fn ask(&self, path: &str, query: &[(&str, &str)], accept: &str, scope: &str) -> Result<(Request, Answer), Trouble> {
        ask(self.pull.http, &self.tokens, path, query, accept, scope)
    }

    /// A list of names over all its pages, which follow each other within the registry.
    fn names(&self, path: &str, key: &str, scope: &str) -> Result<Vec<String>, Trouble> {
        let (mut all, mut last) = (Vec::<String>::new(), String::new());
        for _ in 0..PAGES {
            let mut query = vec![("n", "1000")];
            if !last.is_empty() {
                query.push(("last", last.as_str()));
            }
            let (request, answer) = self.ask(path, &query, "application/json", scope)?;
            let page = members(&request, &answer)?;
            let raw = list(&request, &page, key)?;
            let names: Vec<String> = raw.iter().filter_map(|raw| serde_json::from_str(raw.get()).ok()).collect();
            let more = answer.header("link").is_some_and(|it| it.contains("rel=\"next\""));
            // The next page begins after this name, wherever a link would lead.
            let next = names.last().cloned().unwrap_or_default();
            all.extend(names.into_iter().filter(|name| plain(name)));
            if !more || next.is_empty() {
                return Ok(all);
            }
            if next <= last {
                return Err(malformed(&request, "its pages lead round and round"));
            }
            last = next;
        }
        Err(Trouble::new(Sort::TooMuch, path, "it lists without end"))
    }

    fn repository(&self, repository: &str) -> Result<(), Trouble> {
        let scope = format!("repository:{repository}:pull");
        let tags = self.names(&format!("/v2/{repository}/tags/list"), "tags", &scope)?;
        self.pull.each(tags.into_iter().filter(|tag| !stands_in(tag)), |tag| {
            let told = match attached(&tag) {
                Some(digest) => self.referrer(repository, &digest, &tag, &scope),
                None => self.tag(repository, &tag, &scope),
            };
            told.or_else(|trouble| self.pull.tell(&format!("tags/{repository}/{tag}"), trouble))
        })
    }

    /// A manifest, with the digest that the registry gives it.
    fn manifest(&self, repository: &str, reference: &str, scope: &str) -> Result<Manifest, Trouble> {
        let (request, answer) = self.ask(&format!("/v2/{repository}/manifests/{reference}"), &[], MANIFESTS, scope)?;
        let digest = answer.header("docker-content-digest").unwrap_or(reference).to_owned();
        let digest = Some(digest).filter(|it| it.contains(':') && plain(it));
        let media_type = answer.header("content-type").unwrap_or_default().to_owned();
        let read = members(&request, &answer)?;
        let text = String::from_utf8(answer.body).map_err(|_| malformed(&request, "it is no text"))?;
        Ok(Manifest { digest, media_type, text, members: read })
    }

    fn hand_out(&self, part: String, repository: &str, more: serde_json::Value, manifest: &Manifest) -> bool {
        let mut about = json!({
            "registry": self.pull.http.address().authority(),
            "repository": repository,
            "digest": manifest.digest,
            "media_type": manifest.media_type,
        });
        if let (Some(about), serde_json::Value::Object(more)) = (about.as_object_mut(), more) {
            about.extend(more);
        }
        let document = json!({"oci": about, "manifest": manifest.text});
        self.pull.document(part, Some("oci"), document.to_string().into_bytes())
    }

    fn tag(&self, repository: &str, tag: &str, scope: &str) -> Result<(), Trouble> {
        let manifest = self.manifest(repository, tag, scope)?;
        self.hand_out(format!("tags/{repository}/{tag}"), repository, json!({"tag": tag}), &manifest);
        self.within(repository, &manifest, scope)
    }

    fn by_digest(&self, repository: &str, digest: &str, scope: &str) -> Result<(), Trouble> {
        let manifest = self.manifest(repository, digest, scope)?;
        self.hand_out(format!("manifests/{repository}/{digest}"), repository, json!({}), &manifest);
        self.within(repository, &manifest, scope)
    }

    /// What a manifest lists, and what refers to that and to itself.
    fn within(&self, repository: &str, manifest: &Manifest, scope: &str) -> Result<(), Trouble> {
        for (_, digest, _) in descriptors(&manifest.members, "manifests") {
            let inner = self.manifest(repository, &digest, scope)?;
            self.hand_out(format!("manifests/{repository}/{digest}"), repository, json!({}), &inner);
            self.referrers(repository, &digest, scope)?;
        }
        match &manifest.digest {
            Some(digest) => self.referrers(repository, digest, scope),
            None => Ok(()),
        }
    }

    /// What refers to a manifest, by the API or, where there is none, by the tag that stands in for it.
    fn referrers(&self, repository: &str, digest: &str, scope: &str) -> Result<(), Trouble> {
        if !self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(format!("{repository}@{digest}")) {
            return Ok(());
        }
        let path = format!("/v2/{repository}/referrers/{digest}");
        let found = match self.ask(&path, &[], "application/vnd.oci.image.index.v1+json", scope) {
            Ok((request, answer)) => members(&request, &answer)?,
            Err(trouble) if trouble.sort == Sort::NoSuch => {
                match self.manifest(repository, &digest.replace(':', "-"), scope) {
                    Ok(manifest) => manifest.members,
                    Err(trouble) if trouble.sort == Sort::NoSuch => return Ok(()),
                    Err(trouble) => return Err(trouble),
                }
            }
            Err(trouble) => return Err(trouble),
        };
        for (_, referrer, _) in descriptors(&found, "manifests") {
            self.referrer(repository, digest, &referrer, scope)?;
        }
        Ok(())
    }

    /// A manifest that refers to another, and the statements in it.
    fn referrer(&self, repository: &str, subject: &str, reference: &str, scope: &str) -> Result<(), Trouble> {
        let part = format!("referrers/{repository}/{reference}");
        // What is named by its digest never changes.
        if reference.contains(':') && self.pull.held.has(&part) {
            self.pull.give(Pulled::Unchanged { part });
            return Ok(());
        }
        let manifest = self.manifest(repository, reference, scope)?;
        for (media_type, digest, size) in descriptors(&manifest.members, "layers") {
            let artifact = text(&manifest.members, "artifactType").unwrap_or_default();
            let blob = format!("statements/{repository}/{digest}");
            if !(is_statement(&media_type) || is_statement(&artifact)) || size > LONGEST || self.pull.held.has(&blob) {
                continue;
            }
            let url = self.pull.http.address().at_root(&format!("/v2/{repository}/blobs/{digest}"), &[]);
            let request = Request { elsewhere: true, ..Request::get(url) };
            let answer = self.tokens.answer(self.pull.http, &request, scope)?;
            if answer.status == 200 {
                self.pull.document(blob, None, answer.body);
            }
        }
        self.hand_out(part, repository, json!({"refers_to": subject}), &manifest);
        Ok(())
    }
}

struct Manifest {
    digest: Option<String>,
    media_type: String,
    text: String,
    members: Members,
}

/// Media type, digest and size of what a manifest lists.
fn descriptors(of: &Members, key: &str) -> Vec<(String, String, u64)> {
    let Some(raw) = of.get(key) else { return Vec::new() };
    let listed: Vec<BTreeMap<String, serde_json::Value>> = serde_json::from_str(raw.get()).unwrap_or_default();
    let read = |it: &BTreeMap<String, serde_json::Value>| {
        let digest = it.get("digest")?.as_str().filter(|it| it.contains(':') && plain(it))?;
        let media_type = it.get("mediaType").and_then(|it| it.as_str()).unwrap_or_default();
        Some((media_type.to_owned(), digest.to_owned(), it.get("size").and_then(|it| it.as_u64()).unwrap_or(u64::MAX)))
    };
    listed.iter().filter_map(read).collect()
}

/// Whether a media type is of what an importer reads.
fn is_statement(media_type: &str) -> bool {
    ["in-toto", "dsse", "sigstore", "cyclonedx", "spdx", "sarif", "openvex", "slsa"]
        .iter()
        .any(|it| media_type.contains(it))
}

/// Whether a tag is the list of what refers to a manifest, where there is no API for that.
fn stands_in(tag: &str) -> bool {
    tag.strip_prefix("sha256-").is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|it| it.is_ascii_hexdigit()))
}

/// The digest that a tag of cosign is about: `sha256-<hex>.att`, `.sbom`, `.sig`.
fn attached(tag: &str) -> Option<String> {
    let hex = tag.strip_prefix("sha256-")?;
    let (hex, _) = hex.split_once('.')?;
    (hex.len() == 64).then(|| format!("sha256:{hex}"))
}

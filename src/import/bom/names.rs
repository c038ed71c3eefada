//! The names by which bills of materials call content, packages, commits and people, each in its one
//! spelling. It looks nothing up.

use super::pick::text;
use crate::import::openlineage::{commit, repository};
use crate::model::Digest;
use serde_json::Value;

/// Hex digits each algorithm gives; none where the length is free.
const ALGORITHMS: [(&str, Option<usize>); 27] = [
    ("md2", Some(32)),
    ("md4", Some(32)),
    ("md5", Some(32)),
    ("md6", None),
    ("adler32", Some(8)),
    ("sha1", Some(40)),
    ("sha224", Some(56)),
    ("sha256", Some(64)),
    ("sha384", Some(96)),
    ("sha512", Some(128)),
    ("sha3224", Some(56)),
    ("sha3256", Some(64)),
    ("sha3384", Some(96)),
    ("sha3512", Some(128)),
    ("blake2b256", Some(64)),
    ("blake2b384", Some(96)),
    ("blake2b512", Some(128)),
    ("blake3", None),
    ("streebog256", Some(64)),
    ("streebog512", Some(128)),
    ("crystalskyber", None),
    ("crystalsdilithium", None),
    ("falcon", None),
    ("tiger", Some(48)),
    ("whirlpool", Some(128)),
    ("crc32", Some(8)),
    ("other", None),
];

/// Why a hash is no digest.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::import) enum NoDigest {
    /// The algorithm is unknown.
    Algorithm,
    /// The value is not what the algorithm gives.
    Value(String),
}

/// A digest from an algorithm's name and a value in hex.
pub(in crate::import) fn digest(algorithm: &str, value: &str) -> Result<Digest, NoDigest> {
    let plain: String =
        algorithm.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).map(|c| c.to_ascii_lowercase()).collect();
    let (name, digits) = ALGORITHMS.iter().find(|(name, _)| *name == plain).ok_or(NoDigest::Algorithm)?;
    let value = value.trim();
    let hex = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    match digits {
        Some(digits) if !hex || value.len() != *digits => Err(NoDigest::Value(format!("expected {digits} hex digits"))),
        None if value.is_empty() => Err(NoDigest::Value("expected a value".to_owned())),
        _ => Ok(Digest::parse(&format!("{name}:{value}"))),
    }
}

/// A package URL in canonical spelling.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::import) struct Purl {
    pub(in crate::import) text: String,
    /// Whether it names one version.
    pub(in crate::import) versioned: bool,
}

/// Types whose namespaces and names know no upper case.
const LOWER: [&str; 14] = [
    "pypi",
    "github",
    "bitbucket",
    "composer",
    "deb",
    "apk",
    "alpm",
    "golang",
    "hex",
    "oci",
    "npm",
    "gitlab",
    "rpm",
    "luarocks",
];

/// Reads a package URL.
pub(in crate::import) fn purl(written: &str) -> Option<Purl> {
    let written = written.trim();
    let rest = written.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("pkg:")).and_then(|_| written.get(4..))?;
    let rest = rest.trim_start_matches('/');
    let (rest, subpath) = rest.split_once('#').map_or((rest, ""), |(rest, sub)| (rest, sub.trim_matches('/')));
    let (rest, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
    let (kind, path) = rest.split_once('/')?;
    let kind = kind.to_ascii_lowercase();
    // The @ of a scope belongs to the name, encoded or not.
    let (path, version) = match path.rsplit_once('@') {
        Some((path, version)) if !path.is_empty() && !version.contains('/') => (path, version),
        _ => (path, ""),
    };
    let mut path = path.trim_matches('/').replace('@', "%40");
    if LOWER.contains(&kind.as_str()) {
        path = path.to_lowercase();
    }
    if kind == "pypi" {
        path = path.replace('_', "-");
    }
    if path.is_empty() || path.bytes().any(|byte| byte.is_ascii_whitespace()) {
        return None;
    }
    let mut text = format!("pkg:{kind}/{path}");
    if !version.is_empty() {
        text.push('@');
        text.push_str(version);
    }
    let mut pairs: Vec<(String, &str)> = qualifiers
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| (key.to_ascii_lowercase(), value))
        .collect();
    pairs.sort();
    for (at, (key, value)) in pairs.iter().enumerate() {
        text.push(if at == 0 { '?' } else { '&' });
        text.push_str(key);
        text.push('=');
        text.push_str(value);
    }
    if !subpath.is_empty() {
        text.push('#');
        text.push_str(subpath);
    }
    Some(Purl { text, versioned: !version.is_empty() })
}

/// The Hugging Face name that a package URL or address speaks of: `hf:models/ns/name@revision`.
pub(in crate::import) fn hugging_face(written: &str) -> Option<String> {
    let written = written.trim();
    if let Some(rest) = written.strip_prefix("pkg:huggingface/") {
        let rest = rest.split(['?', '#']).next()?;
        let (name, revision) = rest.split_once('@').map_or((rest, None), |(name, revision)| (name, Some(revision)));
        return Some(hf("models", name, revision));
    }
    let rest = written.strip_prefix("https://huggingface.co/").or_else(|| written.strip_prefix("hf://"))?;
    let (sort, rest) = match rest.strip_prefix("datasets/") {
        Some(rest) => ("datasets", rest),
        None => ("models", rest),
    };
    let mut parts = rest.split(['?', '#']).next()?.trim_end_matches('/').split('/');
    let (namespace, name) = (parts.next()?, parts.next()?);
    let revision = match (parts.next(), parts.next()) {
        (Some("tree" | "commit" | "resolve" | "blob"), Some(revision)) => Some(revision),
        _ => None,
    };
    (!namespace.is_empty() && !name.is_empty()).then(|| hf(sort, &format!("{namespace}/{name}"), revision))
}

fn hf(sort: &str, name: &str, revision: Option<&str>) -> String {
    let name = name.to_lowercase();
    match revision.and_then(commit).filter(|revision| revision.len() == 40) {
        Some(revision) => format!("hf:{sort}/{name}@{revision}"),
        None => format!("hf:{sort}/{name}"),
    }
}

/// A commit that an address of code names in full, and the repository it is of.
pub(in crate::import) fn commit_in(url: &str) -> Option<(String, String)> {
    let bare = url.trim();
    let (before, found) = ["/commit/", "/tree/", "/blob/", "@", "#"].iter().find_map(|mark| {
        let (before, after) = bare.rsplit_once(mark)?;
        let word = after.split(|c: char| !c.is_ascii_hexdigit()).next()?;
        commit(word).map(|found| (before, found))
    })?;
    let repository = repository(before);
    (!repository.is_empty()).then_some((repository, found))
}

/// A person, an organisation or a program that somebody names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::import) struct Party {
    pub(in crate::import) id: String,
    pub(in crate::import) name: String,
    /// `person`, `organisation` or `tool`.
    pub(in crate::import) sort: &'static str,
}

impl Party {
    /// A party by its address where it has one, else by name.
    pub(in crate::import) fn new(sort: &'static str, name: Option<&str>, email: Option<&str>) -> Option<Party> {
        let clean = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let email = email.and_then(clean).filter(|email| email.contains('@'));
        let name = name.and_then(clean);
        let id = match (&email, &name) {
            (Some(email), _) => format!("mailto:{}", email.to_lowercase()),
            (None, Some(name)) => format!("{sort}:{name}"),
            (None, None) => return None,
        };
        Some(Party { id, name: name.or(email)?, sort })
    }

    /// An organisation as CycloneDX writes one.
    pub(in crate::import) fn organisation(value: &Value) -> Option<Party> {
        Party::new("organisation", text(value, "name"), None)
    }

    /// A person as CycloneDX writes one.
    pub(in crate::import) fn person(value: &Value) -> Option<Party> {
        Party::new("person", text(value, "name"), text(value, "email"))
    }

    /// A creator as SPDX 2 writes one: `Person: Jane Doe (jane@example.com)`.
    pub(in crate::import) fn stated(written: &str) -> Option<Party> {
        let (word, rest) = written.split_once(':')?;
        let sort = match word.trim().to_ascii_lowercase().as_str() {
            "person" => "person",
            "organization" | "organisation" => "organisation",
            "tool" => "tool",
            _ => return None,
        };
        let rest = rest.trim();
        let (name, email) = match rest.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')) {
            Some((name, email)) if sort != "tool" => (name, Some(email)),
            _ => (rest, None),
        };
        Party::new(sort, Some(name), email)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_package_are_one() {
        let same = ["pkg:pypi/Foo_Bar@1.0", "PKG:PyPI/foo-bar@1.0", "pkg://pypi/foo-bar@1.0?a="];
        for written in same {
            assert_eq!(purl(written).unwrap().text, "pkg:pypi/foo-bar@1.0");
        }
        let scoped = purl("pkg:npm/@scope/x@2?b=1&a=2").unwrap();
        assert_eq!(scoped, Purl { text: "pkg:npm/%40scope/x@2?a=2&b=1".to_owned(), versioned: true });
        assert!(!purl("pkg:npm/@scope/x").unwrap().versioned);
        assert_eq!(purl("npm/x@1"), None);
        assert_eq!(purl("pkg:é"), None);
    }

    #[test]
    fn a_hash_of_the_wrong_length_is_none() {
        assert_eq!(digest("MD5", "foo"), Err(NoDigest::Value("expected 32 hex digits".to_owned())));
        assert_eq!(digest("FOO", "00"), Err(NoDigest::Algorithm));
        let said = digest("SHA3-256", &"AB".repeat(32)).unwrap();
        assert_eq!(said.as_str(), format!("sha3256:{}", "ab".repeat(32)));
    }

    #[test]
    fn commits_are_found_in_addresses() {
        let hex = "7638417db6d59f3c431d3e1f261cc637155684cd";
        let wanted = Some(("github.com/o/r".to_owned(), hex.to_owned()));
        for url in [
            format!("git+https://github.com/o/r.git@{hex}"),
            format!("https://github.com/o/r/commit/{hex}"),
            format!("https://github.com/o/r#{hex}"),
        ] {
            assert_eq!(commit_in(&url), wanted, "{url}");
        }
        assert_eq!(commit_in("https://github.com/o/r/tree/main"), None);
    }

    #[test]
    fn a_revision_of_a_model_is_named() {
        let revision = "0123456789012345678901234567890123456789";
        assert_eq!(
            hugging_face(&format!("pkg:huggingface/Acme/Bert@{revision}")),
            Some(format!("hf:models/acme/bert@{revision}"))
        );
        assert_eq!(hugging_face("https://huggingface.co/datasets/a/b").as_deref(), Some("hf:datasets/a/b"));
        assert_eq!(hugging_face("https://huggingface.co/a/b/tree/main").as_deref(), Some("hf:models/a/b"));
    }
}

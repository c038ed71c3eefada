//! Artefact ids: what a source calls a thing, or `kind:name@version`. It resolves nothing.

use crate::model::Kind;

/// An artefact's id, exactly as claims and screens write it.
pub type ArtefactId = String;

/// An id taken apart for display.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdParts<'a> {
    /// The word before the first colon, when it is a known kind.
    pub kind: Option<&'a str>,
    /// What is left between kind and version.
    pub name: &'a str,
    /// What follows the last `@`, when something does.
    pub version: Option<&'a str>,
}

impl<'a> IdParts<'a> {
    /// Takes `kind:name@version` apart. The version is what follows the last `@` (so that
    /// `npm/@scope/x@1` works), unless that holds a `/`: then the `@` belongs to the name.
    pub fn of(id: &'a str) -> IdParts<'a> {
        let (kind, rest) = match id.split_once(':') {
            Some((word, rest)) if !matches!(Kind::parse(word), Kind::Other(_)) => (Some(word), rest),
            _ => (None, id),
        };
        let (name, version) = match rest.rsplit_once('@') {
            Some((name, version)) if !name.is_empty() && !version.is_empty() && !version.contains('/') => {
                (name, Some(version))
            }
            _ => (rest, None),
        };
        IdParts { kind, name, version }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_apart_into_kind_name_and_version() {
        let parts = IdParts::of("model-version:fraud-scorer@42");
        assert_eq!((parts.kind, parts.name, parts.version), (Some("model-version"), "fraud-scorer", Some("42")));
        let parts = IdParts::of("dataset:s3://bucket/path");
        assert_eq!((parts.kind, parts.name, parts.version), (Some("dataset"), "s3://bucket/path", None));
        let parts = IdParts::of("pkg:npm/@scope/x");
        assert_eq!((parts.kind, parts.name, parts.version), (None, "pkg:npm/@scope/x", None));
    }
}

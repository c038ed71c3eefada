//! Image references: registry, repository, tag, digest. A tag says what was asked for, and not which
//! bytes that is.

use crate::import::teller::Teller;
use crate::model::{Artefact, Digest, Kind};
use serde_json::Value;

/// A reference taken apart, with what its short form implies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::import) struct Image {
    /// `docker.io/library/nginx`.
    pub(in crate::import) repository: String,
    pub(in crate::import) tag: Option<String>,
    /// `sha256:…`.
    pub(in crate::import) digest: Option<String>,
}

impl Image {
    /// Reads a reference; nothing for a template that was never filled in.
    pub(in crate::import) fn parse(text: &str) -> Option<Image> {
        let text = text.trim();
        let text = text.strip_prefix("docker-pullable://").or_else(|| text.strip_prefix("docker://")).unwrap_or(text);
        if text.is_empty() || text.contains(['{', '}', '$', ' ', '<', '>']) {
            return None;
        }
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_ascii_lowercase())),
            None => (text, None),
        };
        let last = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match rest.get(last..)?.split_once(':') {
            Some((name, tag)) => (format!("{}{name}", rest.get(..last)?), Some(tag.to_owned())),
            None => (rest.to_owned(), None),
        };
        let registry = name
            .split_once('/')
            .map(|(first, _)| first)
            .filter(|first| first.contains(['.', ':']) || *first == "localhost");
        let repository = match registry {
            Some("index.docker.io" | "registry-1.docker.io") => {
                format!("docker.io/{}", name.split_once('/').map_or("", |(_, rest)| rest))
            }
            Some(_) => name,
            None if name.contains('/') => format!("docker.io/{name}"),
            None => format!("docker.io/library/{name}"),
        };
        Some(Image { repository, tag, digest })
    }

    /// `image:<repository>@<digest>`, or with the tag where there is no digest.
    pub(in crate::import) fn id(&self) -> String {
        match (&self.digest, &self.tag) {
            (Some(digest), _) => format!("image:{}@{digest}", self.repository),
            (None, Some(tag)) => format!("image:{}:{tag}", self.repository),
            (None, None) => format!("image:{}:latest", self.repository),
        }
    }

    /// Describes it.
    pub(in crate::import) fn tell(&self, telling: &mut Teller<'_>) -> String {
        let mut image = Artefact::new(self.id(), Kind::Image);
        image.name = Some(self.repository.clone());
        image.version = self.digest.clone().or_else(|| self.tag.clone());
        if let Some(tag) = &self.tag {
            image.attributes.insert("tag".to_owned(), Value::from(tag.as_str()));
        }
        if let Some(digest) = &self.digest {
            image.digests.push(Digest::parse(digest));
            image.identifiers.push(format!("oci:{}@{digest}", self.repository));
        } else {
            image.attributes.insert("pinned".to_owned(), Value::Bool(false));
        }
        telling.artefact(image)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_references_are_written_out() {
        let table = [
            ("nginx", "image:docker.io/library/nginx:latest"),
            ("kserve/x:v1", "image:docker.io/kserve/x:v1"),
            ("localhost:5000/a/b", "image:localhost:5000/a/b:latest"),
            ("ghcr.io/o/r:1@sha256:ABCD", "image:ghcr.io/o/r@sha256:abcd"),
            ("docker-pullable://index.docker.io/o/r@sha256:ab", "image:docker.io/o/r@sha256:ab"),
        ];
        for (text, id) in table {
            assert_eq!(Image::parse(text).map(|image| image.id()).as_deref(), Some(id), "{text}");
        }
        assert_eq!(Image::parse("{username}/x:latest"), None);
    }
}

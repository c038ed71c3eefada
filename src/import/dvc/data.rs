//! Files and directories as DVC knows them: by a hash, at a path. It reads no list of them.

use super::Project;
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, scalar};
use crate::model::{Artefact, Digest, Kind};
use serde_json::Value;

/// One entry of `deps` or `outs`.
pub(super) struct Entry {
    /// Within the repository, or an address.
    pub(super) path: String,
    hash: Option<(String, String)>,
    size: Option<Value>,
    files: Option<Value>,
    /// Whether the path is known from the top of the repository.
    from_top: bool,
}

impl Entry {
    /// Reads an entry of a file in that folder.
    pub(super) fn of(node: &Node<'_>, folder: &str) -> Result<Entry, Fault> {
        let path = match node.child("path")?.and_then(|it| scalar(it.value)) {
            Some(path) => within(folder, &path),
            None => return Err(crate::import::node::missing(&node.path, "path")),
        };
        let mut hash = None;
        for name in ["md5", "etag", "checksum"] {
            if hash.is_none()
                && let Some(value) = node.child(name)?.and_then(|it| scalar(it.value))
            {
                hash = Some((name.to_owned(), value));
            }
        }
        let number = |key: &str| node.value.get(key).filter(|it| it.is_number()).cloned();
        Ok(Entry { path, hash, size: number("size"), files: number("nfiles"), from_top: true })
    }

    /// An entry of a file of which nobody says where in its repository it lies: its path names nothing.
    pub(super) fn loose(self) -> Entry {
        let from_top = self.path.contains("://");
        Entry { from_top, ..self }
    }

    /// Whether it is code, by its name.
    pub(super) fn is_code(&self) -> bool {
        let end = self.path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        let code = ["py", "ipynb", "sh", "r", "jl", "scala", "java", "rs", "go", "js", "ts", "sql", "c", "cpp", "rb"];
        self.path.contains('.') && code.contains(&end.as_str())
    }

    /// Describes it and gives its id. Without a hash it is what a path was at that commit.
    pub(super) fn tell(&self, kind: Option<&Kind>, project: &Project<'_>, telling: &mut Teller<'_>) -> String {
        let address = self.path.contains("://");
        let (id, digest) = match &self.hash {
            Some((name, value)) if name == "md5" => {
                let (hex, is_folder) = value.strip_suffix(".dir").map_or((value.as_str(), false), |hex| (hex, true));
                let whole = hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
                let hex = hex.to_ascii_lowercase();
                match (whole, is_folder) {
                    (true, true) => (format!("dvcmd5dir:{hex}"), None),
                    (true, false) => (format!("dvcmd5:{hex}"), Some(format!("md5:{hex}"))),
                    (false, _) => {
                        telling.doubt(format!("{}: \"{value}\" is no md5: expected 32 hex digits", self.path));
                        (self.unhashed(project), None)
                    }
                }
            }
            Some((_, value)) if address => (format!("dataset:{}@{value}", self.path), None),
            _ => (self.unhashed(project), None),
        };
        let mut artefact = Artefact::new(id, kind.cloned().unwrap_or_else(|| kind_of(&self.path)));
        artefact.name = self.from_top.then(|| self.path.clone());
        artefact.version = self.hash.as_ref().map(|(_, value)| value.clone());
        artefact.digests.extend(digest.map(|it| Digest::parse(&it)));
        let facts = [("size", self.size.clone()), ("files", self.files.clone())];
        artefact.attributes.extend(facts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
        if !self.from_top {
            artefact.attributes.insert("file".to_owned(), Value::from(self.path.as_str()));
        }
        artefact.attributes.extend(project.repository.map(|it| ("repository".to_owned(), Value::from(it))));
        telling.artefact(artefact)
    }

    fn unhashed(&self, project: &Project<'_>) -> String {
        if self.path.contains("://") {
            format!("dataset:{}", self.path)
        } else {
            format!("dvc:{}:{}", project.place(), self.path)
        }
    }
}

/// What is at a path, as its name says: DVC does not.
pub(super) fn kind_of(path: &str) -> Kind {
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let (stem, end) = name.rsplit_once('.').unwrap_or((&name, ""));
    let weights = ["safetensors", "gguf", "onnx", "pt", "pth", "ckpt", "h5", "keras", "tflite", "mlmodel"];
    let either = ["pkl", "pickle", "joblib", "bin", "json", "txt", ""];
    let named =
        |word: &str| stem == word || stem.starts_with(&format!("{word}_")) || stem.ends_with(&format!("_{word}"));
    let is_model = weights.contains(&end)
        || either.contains(&end) && (named("model") || stem.starts_with("model-") || stem.ends_with("-model"));
    if is_model { Kind::ModelVersion } else { Kind::Dataset }
}

/// A path as it is from the top of the repository. What leads out of it, or is an address, stays as written.
pub(super) fn within(folder: &str, path: &str) -> String {
    if path.contains("://") || path.starts_with('/') {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return path.to_owned();
                }
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_from_the_top_and_names_tell_models() {
        assert_eq!(within("a/b", "../x.csv"), "a/x.csv");
        assert_eq!(within("", "../x.csv"), "../x.csv");
        assert_eq!(within("a", "s3://b/x"), "s3://b/x");
        assert_eq!(kind_of("models/model.pkl"), Kind::ModelVersion);
        assert_eq!(kind_of("model"), Kind::ModelVersion);
        assert_eq!(kind_of("data/train.pkl"), Kind::Dataset);
        assert_eq!(kind_of("data/models.csv"), Kind::Dataset);
    }
}

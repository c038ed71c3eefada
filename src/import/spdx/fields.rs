//! Fields of SPDX 2.x that say what an element is and is like. It relates nothing.

use crate::import::bom::{Piece, clip, list, text};
use crate::model::{Attributes, Kind};
use serde_json::Value;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Package,
    File,
    Snippet,
}

pub(super) fn nothing(text: &str) -> bool {
    matches!(text, "NONE" | "NOASSERTION")
}

/// A text that is not one of the words for nothing.
pub(super) fn said<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    text(value, key).filter(|text| !nothing(text))
}

/// What an element is: by its stated purpose, else by its package URL.
pub(super) fn kind(value: &Value, purl: Option<&str>) -> Kind {
    match text(value, "primaryPackagePurpose").map(str::to_uppercase).as_deref() {
        Some("CONTAINER") => Kind::Image,
        Some("SOURCE") => Kind::Code,
        Some(_) => Kind::Package,
        None => match purl {
            Some(purl) if purl.starts_with("pkg:oci/") || purl.starts_with("pkg:docker/") => Kind::Image,
            Some(purl) if purl.starts_with("pkg:huggingface/") => Kind::ModelVersion,
            _ => Kind::Package,
        },
    }
}

pub(super) fn describe(value: &Value, sort: Sort, attributes: &mut Attributes) {
    let fallback = match sort {
        Sort::Package => "package",
        Sort::File => "file",
        Sort::Snippet => "snippet",
    };
    let purpose = text(value, "primaryPackagePurpose").map(str::to_lowercase);
    attributes.insert("type".to_owned(), Value::from(purpose.unwrap_or_else(|| fallback.to_owned())));
    for (key, name) in [
        ("description", "description"),
        ("summary", "summary"),
        ("comment", "comment"),
        ("homepage", "homepage"),
        ("downloadLocation", "download"),
        ("licenseConcluded", "licence.concluded"),
        ("licenseDeclared", "licence.declared"),
        ("validUntilDate", "valid-until"),
        ("packageFileName", "file-name"),
        ("sourceInfo", "source"),
    ] {
        if let Some(said) = said(value, key) {
            attributes.insert(name.to_owned(), Value::from(clip(said)));
        }
    }
    if let Some(code) = value.get("packageVerificationCode").and_then(|it| text(it, "packageVerificationCodeValue")) {
        attributes.insert("verification-code".to_owned(), Value::from(code));
    }
    let types: Vec<&str> = list(value, "fileTypes").iter().filter_map(Value::as_str).collect();
    if !types.is_empty() {
        attributes.insert("file-types".to_owned(), Value::from(types));
    }
}

/// What an element says of files, which may be described after it.
pub(super) struct Later {
    pub(super) place: (u32, u32),
    pub(super) id: String,
    pub(super) word: &'static str,
    /// Each with the pointer it stands at.
    pub(super) files: Vec<(String, String)>,
}

impl Later {
    /// The files a package says it has, or the one a snippet is from.
    pub(super) fn of(piece: &Piece, sort: Sort) -> Option<Later> {
        let (word, files) = match sort {
            Sort::Package => {
                let files = list(&piece.value, "hasFiles").iter().enumerate();
                let path = |index: usize| format!("{}/hasFiles/{index}", piece.path);
                ("CONTAINS", files.filter_map(|(index, file)| Some((file.as_str()?.to_owned(), path(index)))).collect())
            }
            Sort::Snippet => {
                let file = text(&piece.value, "snippetFromFile");
                let files = file.map(|file| (file.to_owned(), piece.path.clone()));
                ("GENERATED_FROM", Vec::from_iter(files))
            }
            Sort::File => return None,
        };
        let id = text(&piece.value, "SPDXID").filter(|_| !files.is_empty())?.to_owned();
        Some(Later { place: (piece.at, piece.len), id, word, files })
    }
}

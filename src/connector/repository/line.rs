//! The lines a repository is read into, one document each: what `import` reads again. It looks up nothing.

use super::refs::State;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Where a document comes from.
#[derive(Serialize, Clone, Default)]
pub(super) struct Origin {
    #[serde(skip_serializing_if = "Option::is_none")]
    remote: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
}

impl Origin {
    pub(super) fn of(state: &State) -> Origin {
        Origin { remote: state.remote.clone(), folder: state.folder.clone() }
    }
}

/// Where the branches and tags were when the repository was read.
#[derive(Serialize)]
pub(super) struct RefsLine<'a> {
    git: &'static str,
    #[serde(flatten)]
    origin: &'a Origin,
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<&'a str>,
    refs: &'a BTreeMap<String, String>,
    /// Tags that have an object of their own, with the commit they come to.
    annotated: &'a BTreeMap<String, String>,
}

impl<'a> RefsLine<'a> {
    pub(super) fn new(
        origin: &'a Origin,
        head: Option<&'a str>,
        refs: &'a BTreeMap<String, String>,
        annotated: &'a BTreeMap<String, String>,
    ) -> RefsLine<'a> {
        RefsLine { git: "refs", origin, head, refs, annotated }
    }
}

/// A commit or an annotated tag.
#[derive(Serialize)]
pub(super) struct ObjectLine<'a> {
    git: &'static str,
    #[serde(flatten)]
    origin: &'a Origin,
    id: String,
    /// How bytes that are no UTF-8 stand in `object`: each as the character of its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<&'static str>,
    object: String,
    /// Its parents were left out when the repository was cloned.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    shallow: bool,
    /// Of a numbered tag, the one numbered before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(flatten)]
    files: &'a Files,
}

/// Files of a commit, and those that could not be taken.
#[derive(Serialize, Default)]
pub(super) struct Files {
    /// Those that are unlike in every parent; the others are there to explain them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) changed: BTreeSet<String>,
    #[serde(rename = "files", skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) taken: BTreeMap<String, String>,
    #[serde(rename = "left-out", skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) left_out: BTreeMap<String, String>,
}

impl<'a> ObjectLine<'a> {
    pub(super) fn new(
        git: &'static str,
        origin: &'a Origin,
        id: String,
        object: &[u8],
        files: &'a Files,
    ) -> ObjectLine<'a> {
        let (bytes, object) = match std::str::from_utf8(object) {
            Ok(text) => (None, text.to_owned()),
            Err(_) => (Some("latin-1"), object.iter().map(|byte| char::from(*byte)).collect()),
        };
        ObjectLine { git, origin, id, bytes, object, shallow: false, before: None, files }
    }

    pub(super) fn shallow(self, shallow: bool) -> ObjectLine<'a> {
        ObjectLine { shallow, ..self }
    }

    pub(super) fn before(self, before: Option<String>) -> ObjectLine<'a> {
        ObjectLine { before, ..self }
    }
}

/// Something that could not be read.
#[derive(Serialize)]
pub(super) struct FaultLine<'a> {
    git: &'static str,
    #[serde(flatten)]
    origin: &'a Origin,
    what: &'a str,
    why: &'a str,
}

impl<'a> FaultLine<'a> {
    pub(super) fn new(origin: &'a Origin, what: &'a str, why: &'a str) -> FaultLine<'a> {
        FaultLine { git: "fault", origin, what, why }
    }
}

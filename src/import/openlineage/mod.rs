//! OpenLineage events.

use super::sniff::Keys;
use super::{Format, Framing, Head, Importer, Reading};

/// Reads OpenLineage events.
pub struct OpenLineage;

static FORMAT: Format = Format {
    name: "openlineage",
    version: 1,
    media_type: "application/vnd.openlineage+json",
    about: "x",
    extensions: &["json"],
};

impl Importer for OpenLineage {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, _head: &Head<'_>) -> Option<Framing> {
        None
    }

    fn read(&self, _content: &[u8], _out: &mut Reading) {}
}

pub(super) fn refuses(_keys: &Keys<'_>, _bytes: &[u8]) -> Option<String> {
    None
}

//! SPDX 2.x as YAML. Fields are read as the text they are written as, so that version 1.10 stays
//! 1.10; what they mean is told in `two`. Aliases, depth and size are bounded.

use crate::import::bom::Document;
use crate::import::{Reading, offset};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Whether a content begins like a document in YAML.
pub(super) fn recognises(head: &[u8]) -> bool {
    let lines = head.split(|byte| *byte == b'\n').take(4000);
    let marks: [&[u8]; 3] = [b"spdxVersion:", b"\"spdxVersion\":", b"SPDXID:"];
    let mut found = [false; 2];
    for line in lines {
        if line.starts_with(b"<") || line.starts_with(b"{") {
            return false;
        }
        for (at, mark) in marks.iter().enumerate() {
            if line.starts_with(mark) {
                found[at / 2] = at < 2 || memchr::memmem::find(line, b"SPDXRef-").is_some();
            }
        }
        if found.iter().any(|found| *found) {
            return true;
        }
    }
    false
}

type Text = Option<String>;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    spdx_version: Text,
    document_namespace: Text,
    #[serde(default)]
    creation_info: Option<Creation>,
    #[serde(default)]
    document_describes: Option<Vec<String>>,
    #[serde(default)]
    external_document_refs: Option<Vec<External>>,
    #[serde(default)]
    packages: Option<Vec<Part>>,
    #[serde(default)]
    files: Option<Vec<Part>>,
    #[serde(default)]
    snippets: Option<Vec<Part>>,
    #[serde(default)]
    relationships: Option<Vec<Related>>,
    #[serde(default)]
    annotations: Option<Vec<Remark>>,
    #[serde(default)]
    revieweds: Option<Vec<Remark>>,
}

#[derive(Deserialize, Serialize)]
struct Creation {
    created: Text,
    #[serde(default)]
    creators: Option<Vec<String>>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct External {
    external_document_id: Text,
    spdx_document: Text,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    #[serde(rename = "SPDXID")]
    spdx_id: Text,
    name: Text,
    file_name: Text,
    version_info: Text,
    package_file_name: Text,
    supplier: Text,
    originator: Text,
    download_location: Text,
    homepage: Text,
    source_info: Text,
    license_concluded: Text,
    license_declared: Text,
    summary: Text,
    description: Text,
    comment: Text,
    primary_package_purpose: Text,
    built_date: Text,
    release_date: Text,
    valid_until_date: Text,
    snippet_from_file: Text,
    #[serde(default)]
    package_verification_code: Option<Code>,
    #[serde(default)]
    checksums: Option<Vec<Checksum>>,
    #[serde(default)]
    external_refs: Option<Vec<Reference>>,
    #[serde(default)]
    has_files: Option<Vec<String>>,
    #[serde(default)]
    file_types: Option<Vec<String>>,
    #[serde(default)]
    annotations: Option<Vec<Remark>>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Code {
    package_verification_code_value: Text,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Checksum {
    algorithm: Text,
    checksum_value: Text,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    reference_category: Text,
    reference_type: Text,
    reference_locator: Text,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Related {
    spdx_element_id: Text,
    relationship_type: Text,
    related_spdx_element: Text,
    comment: Text,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Remark {
    annotator: Text,
    annotation_date: Text,
    annotation_type: Text,
    reviewer: Text,
    review_date: Text,
    comment: Text,
}

/// Reads a document.
pub(super) fn read(text: &str, out: &mut Reading) {
    let options = serde_saphyr::options! { strict_booleans: true, with_snippet: false };
    let written: Written = match serde_saphyr::from_str_with_options(text, options) {
        Ok(written) => written,
        Err(error) => {
            let said = error.to_string().replace('\n', " ");
            return out.reject(0, text.as_bytes(), format!("{said}; nothing of the document is read"));
        }
    };
    match serde_json::to_value(written) {
        Ok(Value::Object(map)) => {
            let document = Document::of(map, 0, offset(text.len()));
            super::two::read(&document, text.as_bytes(), out);
        }
        _ => out.reject(0, text.as_bytes(), "expected a mapping; nothing of the document is read"),
    }
}

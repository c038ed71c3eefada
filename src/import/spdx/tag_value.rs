//! SPDX 2.x as lines of tags and values. It only puts them into the shape that `two` reads; what
//! they mean is told there.

use crate::import::bom::{Document, Sink};
use crate::import::{Reading, offset};
use serde_json::{Map, Value, json};

/// Whether a content begins with the tags of a document.
pub(super) fn recognises(head: &[u8]) -> bool {
    head.split(|byte| *byte == b'\n').take(200).any(|line| line.trim_ascii_start().starts_with(b"SPDXVersion:"))
}

/// Tags of packages and files, and the keys `two` knows them by.
const KEYS: [(&str, &str); 25] = [
    ("SPDXID", "SPDXID"),
    ("PackageVersion", "versionInfo"),
    ("PackageFileName", "packageFileName"),
    ("PackageSupplier", "supplier"),
    ("PackageOriginator", "originator"),
    ("PackageDownloadLocation", "downloadLocation"),
    ("PackageHomePage", "homepage"),
    ("PackageSourceInfo", "sourceInfo"),
    ("PackageLicenseConcluded", "licenseConcluded"),
    ("PackageLicenseDeclared", "licenseDeclared"),
    ("PackageSummary", "summary"),
    ("PackageDescription", "description"),
    ("PackageComment", "comment"),
    ("PrimaryPackagePurpose", "primaryPackagePurpose"),
    ("BuiltDate", "builtDate"),
    ("ReleaseDate", "releaseDate"),
    ("ValidUntilDate", "validUntilDate"),
    ("LicenseConcluded", "licenseConcluded"),
    ("FileComment", "comment"),
    ("SnippetFromFileSPDXID", "snippetFromFile"),
    ("SnippetName", "name"),
    ("SnippetComment", "comment"),
    ("SnippetLicenseConcluded", "licenseConcluded"),
    ("AnnotationComment", "comment"),
    ("ReviewComment", "comment"),
];

struct Lines<'t> {
    document: Document<'static>,
    creators: Vec<Value>,
    created: Option<&'t str>,
    /// The element whose tags are being read: its section, where it begins, its fields.
    open: Option<(&'static str, usize, Map<String, Value>)>,
    /// The package whose files follow.
    package: Option<String>,
}

/// Reads a document.
pub(super) fn read(text: &str, out: &mut Reading) {
    let all = offset(text.len());
    let mut lines =
        Lines { document: Document::read(0, all), creators: Vec::new(), created: None, open: None, package: None };
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let end = rest.find('\n').map_or(text.len(), |newline| at + newline + 1);
        let line = text.get(at..end).unwrap_or_default().trim();
        if line.is_empty() || line.starts_with('#') {
            at = end;
            continue;
        }
        let Some((tag, value)) = line.split_once(':') else {
            let mut sink = Sink::new(out, (offset(at), offset(line.len())));
            sink.doubt(format!("expected a tag, a colon and a value, found \"{}\"; the line is left out", shown(line)));
            at = end;
            continue;
        };
        let (value, next) = match value.trim().strip_prefix("<text>") {
            Some(_) => long(text, at, end, out),
            None => (value.trim(), end),
        };
        lines.take(tag.trim(), value, at, next);
        at = next;
    }
    lines.close(text.len());
    let created = lines.created.map_or(Value::Null, Value::from);
    let creation = json!({ "created": created, "creators": lines.creators });
    lines.document.put("creationInfo", 0, all, creation);
    super::two::read(&lines.document, text.as_bytes(), out);
}

fn shown(line: &str) -> String {
    line.chars().take(40).collect()
}

/// A value between `<text>` and `</text>`, and where to read on.
fn long<'t>(text: &'t str, at: usize, end: usize, out: &mut Reading) -> (&'t str, usize) {
    let rest = text.get(at..).unwrap_or_default();
    let start = rest.find("<text>").map_or(end, |open| at + open + "<text>".len());
    let inner = text.get(start..).unwrap_or_default();
    match inner.find("</text>") {
        Some(close) => {
            let after = start + close + "</text>".len();
            let newline = text.get(after..).and_then(|rest| rest.find('\n'));
            (inner.get(..close).unwrap_or_default().trim(), newline.map_or(text.len(), |newline| after + newline + 1))
        }
        None => {
            let mut sink = Sink::new(out, (offset(at), offset(end - at)));
            sink.doubt("<text> is never closed by </text>; only its line is taken");
            (text.get(start..end).unwrap_or_default().trim(), end)
        }
    }
}

impl<'t> Lines<'t> {
    fn take(&mut self, tag: &str, value: &'t str, at: usize, end: usize) {
        let place = (offset(at), offset(end - at));
        match tag {
            "PackageName" => self.begin("packages", "name", value, at),
            "FileName" => self.begin("files", "fileName", value, at),
            "SnippetSPDXID" | "SnippetSPDXIdentifier" => self.begin("snippets", "SPDXID", value, at),
            "Annotator" => self.begin("annotations", "annotator", value, at),
            "Reviewer" => self.begin("revieweds", "reviewer", value, at),
            "LicenseID" => self.begin("hasExtractedLicensingInfos", "licenseId", value, at),
            "SPDXVersion" => self.document.put("spdxVersion", offset(at), 0, Value::from(value)),
            "DocumentName" => self.document.put("name", offset(at), 0, Value::from(value)),
            "DocumentNamespace" => self.document.put("documentNamespace", offset(at), 0, Value::from(value)),
            "Creator" => self.creators.push(Value::from(value)),
            "Created" => self.created = Some(value),
            "ExternalDocumentRef" => {
                let mut words = value.split_whitespace();
                let (name, other) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
                let entry = json!({ "externalDocumentId": name, "spdxDocument": other });
                self.document.push("externalDocumentRefs", place.0, place.1, entry);
            }
            "Relationship" => self.relationship(value, place),
            _ => self.field(tag, value),
        }
    }

    fn begin(&mut self, section: &'static str, key: &str, value: &str, at: usize) {
        self.close(at);
        let fields = Map::from_iter([(key.to_owned(), Value::from(value))]);
        self.open = Some((section, at, fields));
        if section == "packages" {
            self.package = None;
        }
    }

    fn close(&mut self, end: usize) {
        let Some((section, at, fields)) = self.open.take() else { return };
        let place = (offset(at), offset(end.saturating_sub(at)));
        let id = fields.get("SPDXID").and_then(Value::as_str).map(str::to_owned);
        match (section, id, &self.package) {
            ("packages", id, _) => self.package = id,
            // Files that follow a package are in it.
            ("files", Some(file), Some(package)) => {
                let entry =
                    json!({ "spdxElementId": package, "relationshipType": "CONTAINS", "relatedSpdxElement": file });
                self.document.push("relationships", place.0, place.1, entry);
            }
            _ => {}
        }
        self.document.push(section, place.0, place.1, Value::Object(fields));
    }

    fn relationship(&mut self, value: &str, place: (u32, u32)) {
        let mut words = value.split_whitespace();
        let mut next = || words.next().unwrap_or_default();
        let entry = json!({ "spdxElementId": next(), "relationshipType": next(), "relatedSpdxElement": next() });
        self.document.push("relationships", place.0, place.1, entry);
    }

    fn field(&mut self, tag: &str, value: &str) {
        let Some((section, _, fields)) = &mut self.open else { return };
        let append = |fields: &mut Map<String, Value>, key: &str, entry: Value| {
            if let Value::Array(list) = fields.entry(key).or_insert_with(|| Value::Array(Vec::new())) {
                list.push(entry);
            }
        };
        match tag {
            "PackageChecksum" | "FileChecksum" => {
                let (algorithm, hex) = value.split_once(':').unwrap_or((value, ""));
                let entry = json!({ "algorithm": algorithm.trim(), "checksumValue": hex.trim() });
                append(fields, "checksums", entry);
            }
            "ExternalRef" => {
                let mut words = value.split_whitespace();
                let mut next = || words.next().unwrap_or_default();
                let entry = json!({ "referenceCategory": next(), "referenceType": next(), "referenceLocator": next() });
                append(fields, "externalRefs", entry);
            }
            "FileType" => append(fields, "fileTypes", Value::from(value)),
            "PackageVerificationCode" => {
                let code = value.split_whitespace().next().unwrap_or_default();
                fields.insert("packageVerificationCode".to_owned(), json!({ "packageVerificationCodeValue": code }));
            }
            "AnnotationDate" | "AnnotationType" | "ReviewDate" | "SPDXREF" => {
                let key = if tag == "SPDXREF" { tag.to_owned() } else { lower_first(tag) };
                fields.insert(key, Value::from(value));
                if tag == "SPDXREF" && *section == "annotations" && value.is_empty() {
                    fields.remove("SPDXREF");
                }
            }
            _ => {
                if let Some((_, key)) = KEYS.iter().find(|(name, _)| *name == tag) {
                    fields.entry(*key).or_insert_with(|| Value::from(value));
                }
            }
        }
    }
}

fn lower_first(tag: &str) -> String {
    let mut letters = tag.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

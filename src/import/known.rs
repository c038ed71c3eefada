//! Names what a content looks like when no importer reads it, so that a refusal says something one
//! can act upon. It recognises formats by their marks and reads none of them.

use super::Head;
use super::sniff::{JsonShape, Keys, json_shape};

/// Beginnings of binary formats.
const MAGIC: [(&[u8], &str); 23] = [
    (b"# v2 git bundle", "git bundle: unpack it (git clone --mirror FILE) and import the repository"),
    (b"# v3 git bundle", "git bundle: unpack it (git clone --mirror FILE) and import the repository"),
    (b"SQLite format 3\0", "SQLite database"),
    (b"\x89PNG\r\n\x1a\n", "PNG image"),
    (b"\xFF\xD8\xFF", "JPEG image"),
    (b"GIF8", "GIF image"),
    (b"%PDF-", "PDF document"),
    (b"PK\x03\x04", "ZIP archive: unpack it and import the files in it"),
    (b"\x1f\x8b", "gzip within gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd within compressed data"),
    (b"BZh", "bzip2 archive: decompress it first"),
    (b"\xFD7zXZ\0", "xz archive: decompress it first"),
    (b"7z\xBC\xAF\x27\x1C", "7z archive: unpack it first"),
    (b"PAR1", "Parquet file"),
    (b"ORC", "ORC file"),
    (b"Obj\x01", "Avro file"),
    (b"ARROW1", "Arrow file"),
    (b"GGUF", "GGUF model"),
    (b"\x89HDF\r\n\x1a\n", "HDF5 file"),
    (b"\x80\x04", "Python pickle"),
    (b"\x7fELF", "ELF program"),
    (b"MZ", "Windows program"),
    (b"\0asm", "WebAssembly module"),
];

/// A format of JSON: keys all of which the object has, a text that one value contains, the name.
type JsonMark = (&'static [&'static str], Option<(&'static str, &'static str)>, &'static str);

const JSON: &[JsonMark] = &[
    (&["@context"], Some(("@context", "mlcommons.org/croissant")), "Croissant dataset description"),
    (&["@context"], Some(("@context", "openvex")), "OpenVEX document"),
    (&["attestations"], None, "list of attestations without their bundles"),
    (&["mediaType"], Some(("mediaType", "sigstore.trustedroot")), "Sigstore trusted root"),
    (&["signed", "signatures"], None, "in-toto layout or link before DSSE, or TUF metadata"),
    (&["metadata"], Some(("metadata", "dbt_schema_version")), "dbt artefact"),
    (&["prefix", "entity"], None, "PROV-JSON document"),
    (&["prefix", "activity"], None, "PROV-JSON document"),
    (&["spans"], None, "trace export"),
    (&["jsonrpc"], None, "MCP messages (JSON-RPC)"),
    (&["sessionId", "uuid", "type"], None, "coding-agent session"),
    (&["Records"], Some(("Records", "eventSource")), "AWS CloudTrail log"),
    (&["eventVersion", "userIdentity"], None, "AWS CloudTrail event"),
    (&["class_uid", "metadata"], None, "OCSF event"),
    (&["type", "auth", "request"], None, "Vault audit log"),
    (&["kind", "apiVersion", "auditID"], None, "Kubernetes audit log"),
    (&["kind", "apiVersion"], None, "Kubernetes manifest"),
    (&["entityUrn", "aspectName"], None, "DataHub metadata change proposal"),
    (&["proposedSnapshot"], None, "DataHub metadata change event"),
    (&["manifests", "active_manifest"], None, "C2PA manifest report"),
    (&["runs", "version"], Some(("runs", "tool")), "SARIF report"),
    (&["document"], Some(("document", "csaf_version")), "CSAF document"),
    (&["RuleID", "Fingerprint"], None, "gitleaks report"),
    (&["DetectorName", "SourceMetadata"], None, "trufflehog report"),
    (&["action", "sender", "repository"], None, "GitHub webhook event"),
    (&["modelDetails"], None, "model card"),
    (&["$schema", "properties"], None, "JSON Schema"),
];

/// What a content looks like, for a message.
pub(super) fn looks_like(head: &Head<'_>) -> String {
    let bytes = head.bytes;
    if bytes.trim_ascii().is_empty() {
        return if head.complete { "empty file".to_owned() } else { "blank text".to_owned() };
    }
    if bytes.starts_with(b"SQLite format 3\0") {
        return sqlite(bytes);
    }
    if let Some((_, name)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return (*name).to_owned();
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return "tar archive: unpack it and import the files in it".to_owned();
    }
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return "UTF-16 text: save it as UTF-8".to_owned();
    }
    if let Some(shape) = json_shape(head) {
        return json(&shape, bytes);
    }
    text(bytes)
}

fn unread(name: &str) -> String {
    format!("{name}: this version does not read it yet")
}

fn contains(bytes: &[u8], text: &str) -> bool {
    memchr::memmem::find(bytes, text.as_bytes()).is_some()
}

fn sqlite(bytes: &[u8]) -> String {
    match () {
        () if contains(bytes, "MLMDEnv") => unread("ML Metadata database"),
        () if contains(bytes, "alembic_version") => "MLflow database: import the file itself".to_owned(),
        () if contains(bytes, "CREATE TABLE records") => "lastgood ledger: open it with --ledger".to_owned(),
        () => "SQLite database".to_owned(),
    }
}

fn json(shape: &JsonShape<'_>, bytes: &[u8]) -> String {
    let Some(keys) = shape.objects.first() else {
        return match bytes.trim_ascii().strip_prefix(b"[").map(<[u8]>::trim_ascii) {
            Some(b"]") => "empty JSON array".to_owned(),
            Some(_) => "JSON array without objects".to_owned(),
            None => "JSON object without keys".to_owned(),
        };
    };
    let refused = super::openlineage::refuses(keys, bytes)
        .or_else(|| super::cyclonedx::refuses(keys))
        .or_else(|| super::spdx::refuses(keys));
    if let Some(why) = refused {
        return why;
    }
    let named = JSON.iter().find(|(wanted, text, _)| {
        wanted.iter().all(|key| keys.contains_key(*key))
            && text.is_none_or(|(key, part)| keys.get(key).is_some_and(|value| value.contains(part)))
    });
    if let Some((_, _, name)) = named {
        return unread(name);
    }
    let what = match shape.framing {
        super::Framing::Lines | super::Framing::Documents => "JSON lines",
        super::Framing::Elements => "JSON array of objects",
        _ => "JSON object",
    };
    if keys.is_empty() {
        return format!("{what} without keys");
    }
    let mut names: Vec<&str> = keys.keys().take(6).map(String::as_str).collect();
    if keys.len() > names.len() {
        names.push("…");
    }
    let nearest = nearest(keys).map_or_else(String::new, |name| format!("; nearest: {name}"));
    format!("{what} with keys {}{nearest}", names.join(", "))
}

/// The format that shares the most keys, when it shares any that say something.
fn nearest(keys: &Keys<'_>) -> Option<String> {
    let ours: [(&[&str], &str); 3] = [
        (&["type", "id", "kind", "from", "to", "relation", "about"], "lineage"),
        (&["eventTime", "eventType", "run", "job", "inputs", "outputs", "producer", "schemaURL"], "openlineage"),
        (&["dataset", "eventTime", "producer", "schemaURL"], "openlineage"),
    ];
    let shared = |wanted: &[&str]| wanted.iter().filter(|key| keys.contains_key(**key)).count();
    let (count, name) = ours.iter().map(|(wanted, name)| (shared(wanted), *name)).max_by_key(|(count, _)| *count)?;
    match (count, name) {
        (0, _) => None,
        (1, "lineage") => None,
        (_, "lineage") => Some(format!("lineage{}", type_hint(keys))),
        (_, name) => Some(name.to_owned()),
    }
}

fn type_hint(keys: &Keys<'_>) -> String {
    match keys.get("type") {
        Some(word) => format!(", whose \"type\" is artefact, link, evidence, … and not {word}"),
        None => ", which needs a \"type\"".to_owned(),
    }
}

fn text(bytes: &[u8]) -> String {
    let (text, whole) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, true),
        Err(error) => {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            // A character cut in two by the end of the head is no sign of anything.
            (std::str::from_utf8(valid).unwrap_or_default(), error.error_len().is_none())
        }
    };
    if !whole || text.contains('\0') {
        return "binary".to_owned();
    }
    let start = text.trim_start();
    if start.starts_with('<') {
        return xml(start);
    }
    if start.starts_with("---") {
        return if start.get(3..).is_some_and(|rest| rest.contains("\n---")) {
            unread("model or dataset card, or YAML documents")
        } else {
            unread("YAML")
        };
    }
    if start.starts_with("interactions:") && start.contains("request:") {
        return "HTTP recording (VCR cassette): not supported".to_owned();
    }
    let marks =
        [("@prefix", "RDF Turtle"), ("document", "PROV-N document"), ("apiVersion:", "Kubernetes manifest (YAML)")];
    match marks.iter().find(|(mark, _)| start.starts_with(mark)) {
        Some(("document", name)) if start.contains("endDocument") => unread(name),
        Some((mark, name)) if *mark != "document" => unread(name),
        _ => "text".to_owned(),
    }
}

fn xml(text: &str) -> String {
    let element = text.split('<').skip(1).find(|part| part.starts_with(|c: char| c.is_alphabetic() || c == '_'));
    let root = element.and_then(|part| part.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next());
    if text.contains("http://www.w3.org/ns/prov#") {
        return unread("PROV-XML document");
    }
    match root {
        Some("!DOCTYPE" | "html") => "HTML page".to_owned(),
        Some(root) if !root.is_empty() => format!("XML with root {root}"),
        _ => "text".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(bytes: &[u8]) -> String {
        looks_like(&Head { bytes, complete: true })
    }

    #[test]
    fn each_thing_is_called_by_its_name() {
        let table: [(&[u8], &str); 17] = [
            (b"", "empty file"),
            (b" \n\t", "empty file"),
            (b"[]", "empty JSON array"),
            (b"{}", "JSON lines without keys"),
            (b"\x89PNG\r\n\x1a\n\0\0", "PNG image"),
            (b"SQLite format 3\0\x10\0", "SQLite database"),
            (b"SQLite format 3\0..CREATE TABLE alembic_version", "MLflow database: import the file itself"),
            (b"{\"bomFormat\":\"CDX\"}", "CycloneDX BOM: \"bomFormat\" is \"CDX\", expected \"CycloneDX\""),
            (b"{\"spdxVersion\":2}", "SPDX document: \"spdxVersion\" is 2, expected one such as \"SPDX-2.3\""),
            (b"\xFF\xFE{\0", "UTF-16 text: save it as UTF-8"),
            (b"<?xml version=\"1.0\"?>\n<project a=\"b\"/>", "XML with root project"),
            (b"<x:bom/>", "XML with root x:bom"),
            (b"hello world", "text"),
            (b"a\0b\xFF", "binary"),
            (b"{\"a\":1,\"b\":2}", "JSON lines with keys a, b"),
            (b"{\n\"a\":1,\"b\":2}", "JSON object with keys a, b"),
            (
                b"{\"type\":\"artifact\",\"id\":\"x\",\"kind\":\"y\"}",
                "JSON lines with keys id, kind, type; nearest: lineage, whose \"type\" is artefact, link, evidence, … and not \"artifact\"",
            ),
        ];
        for (bytes, name) in table {
            assert_eq!(seen(bytes), name);
        }
    }
}

//! The values of Kubernetes Secrets, which are secret whatever they look like, in JSON and in YAML. It reads
//! no other kind of manifest, and no reference to a Secret.

use super::Stated;
use crate::import::unit::value_end;
use memchr::memmem::Finder;
use std::ops::Range;
use std::sync::LazyLock;

/// The rule's name in markers.
const RULE: &str = "kubernetes-secret";

static KIND: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("Secret"));

/// How a manifest says that it is a Secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Yaml,
    Json,
    /// JSON, or YAML, within a string of JSON.
    Quoted,
}

/// Where texts say `kind: Secret`: the place of `kind`.
fn kinds(text: &[u8]) -> impl Iterator<Item = (usize, Written)> + '_ {
    KIND.find_iter(text).filter_map(|at| {
        let after = text.get(at + 6);
        if after.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte)) {
            return None;
        }
        let before = text.get(at.saturating_sub(24)..at).unwrap_or_default();
        let sign = |byte: &u8| b"\\\"' \t".contains(byte);
        let colon = before.iter().rposition(|byte| !sign(byte)).filter(|at| before.get(*at) == Some(&b':'))?;
        let name = before.get(..colon)?;
        let end = name.iter().rposition(|byte| !sign(byte))? + 1;
        let name = name.get(..end)?.strip_suffix(b"kind")?;
        let kind = at - before.len() + name.len();
        let escaped = before.get(name.len()..)?.contains(&b'\\');
        let closed = before.get(end) == Some(&b'"');
        let written = match name.last() {
            _ if escaped => Written::Quoted,
            Some(b'"') if closed => Written::Json,
            _ if indent(text, kind).is_some() => Written::Yaml,
            _ => Written::Quoted,
        };
        Some((kind, written))
    })
}

/// How far a key is indented, when nothing but blanks and dashes stands before it on its line.
fn indent(text: &[u8], at: usize) -> Option<usize> {
    let line = line_start(text, at);
    let before = text.get(line..at)?;
    before.iter().all(|byte| b" -".contains(byte)).then_some(before.len())
}

fn line_start(text: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', text.get(..at).unwrap_or_default()).map_or(0, |newline| newline + 1)
}

/// The values of the Secrets in a text.
pub(super) fn values(text: &[u8]) -> Vec<Stated> {
    let mut found = Vec::new();
    let mut is_json = false;
    for (kind, written) in kinds(text) {
        match written {
            Written::Json => {
                is_json = true;
                map(text, &members(text, kind - 1).0, &mut found);
            }
            Written::Yaml => yaml(text, kind, &mut found),
            Written::Quoted => {}
        }
    }
    if is_json {
        // A Secret's data may stand before its kind, as tools sort keys.
        for key in [&b"\"data\""[..], b"\"stringData\""] {
            for at in memchr::memmem::find_iter(text, key) {
                let (members, end) = members(text, at);
                let is_secret = members.iter().any(|(key, value)| {
                    text.get(key.clone()) == Some(b"\"kind\"") && text.get(value.clone()) == Some(b"\"Secret\"")
                });
                if is_secret && end > at {
                    map(text, &members, &mut found);
                }
            }
        }
    }
    found
}

/// The strings of JSON, quotation marks and all, in which a Secret is written.
pub(super) fn quoted(text: &[u8]) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    for (kind, written) in kinds(text) {
        if written != Written::Quoted || spans.last().is_some_and(|last| last.contains(&kind)) {
            continue;
        }
        let Some(start) = opening(text, kind) else { continue };
        if let Some(end) = value_end(text, start) {
            spans.push(start..end);
        }
    }
    spans
}

/// The quotation mark that opens the string in which a place lies: the last that no backslash escapes.
fn opening(text: &[u8], at: usize) -> Option<usize> {
    let from = at.saturating_sub(1 << 20);
    let before = text.get(from..at)?;
    let open = memchr::memrchr_iter(b'"', before).find(|quote| {
        let escapes = before.get(..*quote).unwrap_or_default().iter().rev().take_while(|byte| **byte == b'\\');
        escapes.count() % 2 == 0
    });
    open.map(|open| from + open)
}

type Members = Vec<(Range<usize>, Range<usize>)>;

/// The members of an object from a key on, and where they end.
fn members(text: &[u8], mut at: usize) -> (Members, usize) {
    let mut found = Members::new();
    let skip = |at: usize, also: u8| {
        let rest = text.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == also).count()
    };
    while text.get(at) == Some(&b'"') {
        let Some(key_end) = value_end(text, at) else { break };
        let value = skip(key_end, b':');
        let Some(end) = end_of(text, value).filter(|end| *end > value) else { break };
        found.push((at..key_end, value..end));
        at = skip(end, b',');
    }
    (found, at)
}

/// Where a value ends; the bracket that follows a number is none of it.
fn end_of(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'"' | b'{' | b'[' => value_end(text, at),
        _ => {
            let rest = text.get(at..)?;
            rest.iter().position(|byte| byte.is_ascii_whitespace() || b",}]".contains(byte)).map(|length| at + length)
        }
    }
}

/// The texts in `data` and `stringData` among members.
fn map(text: &[u8], members_of: &Members, found: &mut Vec<Stated>) {
    for (key, value) in members_of {
        let encoded = match text.get(key.clone()) {
            Some(b"\"data\"") => true,
            Some(b"\"stringData\"") => false,
            _ => continue,
        };
        let blanks = text.get(value.start + 1..).unwrap_or_default();
        let first = value.start + 1 + blanks.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        for (_, value) in members(text, first).0 {
            if text.get(value.start) == Some(&b'"') && value.len() > 2 {
                found.push(Stated::value(value.start + 1..value.end - 1, RULE, encoded));
            }
        }
    }
}

/// The lines of the mapping in which `kind` stands, with their indents.
fn yaml(text: &[u8], kind: usize, found: &mut Vec<Stated>) {
    let Some(column) = indent(text, kind) else { return };
    let mut start = line_start(text, kind);
    // Up to the line that begins the mapping: a document's first, or that with the dash.
    while start > 0 && !text.get(start..start + column).is_some_and(|lead| lead.contains(&b'-')) {
        let above = line_start(text, start - 1);
        let opens = column >= 2 && line(text, above).starts_with(&dash(column));
        if ends_mapping(line(text, above), column) && !opens {
            break;
        }
        start = above;
    }
    let mut at = start;
    let mut section: Option<bool> = None;
    let mut entries: Option<usize> = None;
    let mut first = true;
    while at < text.len() {
        let bytes = line(text, at);
        let next = at + bytes.len() + 1;
        if !first && ends_mapping(bytes, column) {
            break;
        }
        let lead = bytes.iter().take_while(|byte| **byte == b' ' || first && **byte == b'-').count();
        let content = bytes.get(lead..).unwrap_or_default().trim_ascii_end();
        first = false;
        if content.is_empty() || content.starts_with(b"#") {
            at = next;
            continue;
        }
        if lead == column {
            entries = None;
            section = match content.split(|byte| *byte == b':').next() {
                Some(b"data") => Some(true),
                Some(b"stringData") => Some(false),
                _ => None,
            };
            let value = content.iter().position(|byte| *byte == b':').and_then(|colon| content.get(colon + 1..));
            let inner = value.and_then(|value| value.trim_ascii_start().strip_prefix(b"{"));
            if let (Some(encoded), Some(inner)) = (section, inner) {
                at = flow(text, at + lead + content.len() - inner.len(), encoded, found).max(next);
                continue;
            }
        } else if let Some(encoded) = section {
            let own = *entries.get_or_insert(lead);
            if lead == own {
                at = entry(text, at + lead, own, encoded, found);
                continue;
            }
        }
        at = next;
    }
}

fn line(text: &[u8], at: usize) -> &[u8] {
    let rest = text.get(at..).unwrap_or_default();
    rest.get(..memchr::memchr(b'\n', rest).unwrap_or(rest.len())).unwrap_or_default()
}

/// Whether a line belongs to no mapping whose keys stand in that column, or begins the next such.
fn ends_mapping(line: &[u8], column: usize) -> bool {
    let lead = line.iter().take_while(|byte| **byte == b' ').count();
    let rest = line.get(lead..).unwrap_or_default().trim_ascii();
    let filled = !rest.is_empty() && !rest.starts_with(b"#");
    line.starts_with(b"---") || line.starts_with(b"...") || filled && lead < column
}

/// How a line begins that opens a mapping as an element of a list.
fn dash(column: usize) -> Vec<u8> {
    let mut lead = vec![b' '; column.saturating_sub(2)];
    lead.extend_from_slice(b"- ");
    lead
}

/// The entries of a map that is written in braces, whose first may begin there; where what follows them begins.
fn flow(text: &[u8], mut at: usize, encoded: bool, found: &mut Vec<Stated>) -> usize {
    let skip = |at: usize, also: &[u8]| {
        let rest = text.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|byte| byte.is_ascii_whitespace() || also.contains(byte)).count()
    };
    loop {
        let key = skip(at, b",");
        let colon = scalar_end(text, key, b":}");
        if colon == key || text.get(skip(colon, b"")) != Some(&b':') {
            return memchr::memchr(b'\n', text.get(key..).unwrap_or_default()).map_or(text.len(), |end| key + end + 1);
        }
        let value = skip(skip(colon, b"") + 1, b"");
        let end = scalar_end(text, value, b",}\n");
        let own = match text.get(value..end).map(<[u8]>::trim_ascii_end).unwrap_or_default() {
            [quote @ (b'"' | b'\''), inner @ .., close] if quote == close => value + 1..value + 1 + inner.len(),
            plain => value..value + plain.len(),
        };
        if !own.is_empty() {
            found.push(Stated::value(own, RULE, encoded));
        }
        at = end;
    }
}

/// Where a text that is quoted ends, or one that is not, at one of some signs.
fn scalar_end(text: &[u8], at: usize, signs: &[u8]) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let quoted = rest.first().filter(|quote| b"\"'".contains(quote));
    let mut escaped = false;
    let end = match quoted {
        Some(quote) => rest.iter().skip(1).position(|byte| {
            let closes = byte == quote && !escaped;
            escaped = *quote == b'"' && *byte == b'\\' && !escaped;
            closes
        }),
        None => rest.iter().position(|byte| signs.contains(byte)),
    };
    at + end.map_or(rest.len(), |end| end + if quoted.is_some() { 2 } else { 0 })
}

/// One entry of a map, whose key begins there; where the next line begins.
fn entry(text: &[u8], at: usize, indent: usize, encoded: bool, found: &mut Vec<Stated>) -> usize {
    let bytes = line(text, at);
    let mut next = at + bytes.len() + 1;
    let Some(colon) =
        memchr::memmem::find(bytes, b": ").or_else(|| bytes.trim_ascii_end().strip_suffix(b":").map(<[u8]>::len))
    else {
        return next;
    };
    let value = bytes.get(colon + 1..).unwrap_or_default();
    let start = at + colon + 1 + value.len() - value.trim_ascii_start().len();
    let value = value.trim_ascii();
    let own = match value {
        [quote @ (b'"' | b'\''), inner @ .., close] if quote == close => start + 1..start + 1 + inner.len(),
        _ => start..start + value.len(),
    };
    if !value.is_empty() && !matches!(value.first(), Some(b'|' | b'>')) {
        if !own.is_empty() {
            found.push(Stated::value(own, RULE, encoded));
        }
        return next;
    }
    // A block: the lines that are indented further.
    let mut span: Option<Range<usize>> = None;
    while next < text.len() {
        let bytes = line(text, next);
        let lead = bytes.iter().take_while(|byte| **byte == b' ').count();
        let filled = !bytes.trim_ascii().is_empty();
        if filled && lead <= indent {
            break;
        }
        if filled {
            let end = next + bytes.trim_ascii_end().len();
            let begin = span.as_ref().map_or(next + lead, |span| span.start);
            span = Some(begin..end);
        }
        next += bytes.len() + 1;
    }
    found.extend(span.map(|span| Stated::value(span, RULE, encoded)));
    next
}

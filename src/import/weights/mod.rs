//! Files of weights, of which only the header is read: names, shapes and what was written beside them.
//! The weights themselves are never looked at, so nothing here says that they are what they should be.

mod gguf;
mod safetensors;

use super::node::Fault;
use super::{Format, Framing, Head, Importer, Reading};

/// The longest header that is read. The writers of safetensors allow no longer one.
pub(super) const LONGEST: usize = 100_000_000;

/// How many bytes the header at the beginning of a file takes; nothing while more of them are needed.
///
/// # Errors
/// When it is none, or says a size that cannot be.
pub(super) fn header(bytes: &[u8]) -> Result<Option<usize>, Fault> {
    if bytes.len() < 4 {
        return Ok(None);
    }
    let end = if bytes.starts_with(gguf::MAGIC) { gguf::end(bytes)? } else { safetensors::end(bytes)? };
    match end {
        Some(end) if end > LONGEST => Err(format!("a header of {end} bytes, more than {LONGEST}")),
        end => Ok(end),
    }
}

/// Where the texts lie in a header that writes the length of each in the eight bytes before it; nothing for
/// bytes that are no such header.
pub(super) fn texts(bytes: &[u8]) -> Option<Vec<std::ops::Range<usize>>> {
    bytes.starts_with(gguf::MAGIC).then(|| gguf::texts(bytes))
}

/// Reads the header of a safetensors file.
pub struct Safetensors;

static SAFETENSORS: Format = Format {
    name: "safetensors",
    version: 1,
    media_type: "application/vnd.safetensors.header",
    about: "safetensors weights: the header only, tensors and metadata",
    extensions: &["safetensors"],
};

impl Importer for Safetensors {
    fn format(&self) -> &Format {
        &SAFETENSORS
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        safetensors::is_one(head).then_some(Framing::Head)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        if !content.trim_ascii().is_empty() {
            super::teller::Teller::unit(out, 0, content, |telling| safetensors::read(content, telling));
        }
    }
}

/// Reads the header of a GGUF file.
pub struct Gguf;

static GGUF: Format = Format {
    name: "gguf",
    version: 1,
    media_type: "application/vnd.gguf.header",
    about: "GGUF weights: the header only, tensors and metadata, and what they were made from",
    extensions: &["gguf"],
};

impl Importer for Gguf {
    fn format(&self) -> &Format {
        &GGUF
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        head.bytes.starts_with(gguf::MAGIC).then_some(Framing::Head)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        if !content.trim_ascii().is_empty() {
            super::teller::Teller::unit(out, 0, content, |telling| gguf::read(content, telling));
        }
    }
}

/// The id of weights of which only the header is known.
fn id(format: &str, content: &[u8]) -> String {
    let digest = crate::proof::digest::sha256(content);
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("model-version:{format}/header-{hex}")
}

//! The header of a safetensors file: eight bytes of length, then JSON of that length. It checks that the
//! tensors lie one after another, as loaders do; it does not see the bytes they point to.

use crate::import::Head;
use crate::import::json::strict_value;
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, keep};
use crate::model::{Artefact, Kind};
use serde_json::Value;
use std::collections::BTreeMap;

/// Where the header ends.
pub(super) fn end(bytes: &[u8]) -> Result<Option<usize>, Fault> {
    let Some(length) = length(bytes) else { return Ok(None) };
    let end = usize::try_from(length).ok().and_then(|length| length.checked_add(8));
    let end = end.filter(|end| *end <= super::LONGEST + 8);
    let end = end.ok_or_else(|| format!("a header of {length} bytes, more than {}", super::LONGEST))?;
    Ok((bytes.len() >= end).then_some(end))
}

fn length(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk::<8>().map(|length| u64::from_le_bytes(*length))
}

/// Whether it begins as these files do: a length that can be, and an object of tensors.
pub(super) fn is_one(head: &Head<'_>) -> bool {
    let (Some(length), Some(text)) = (length(head.bytes), head.bytes.get(8..)) else { return false };
    let can_be = length >= 2 && length <= super::LONGEST as u64;
    let inside = text.get(..usize::try_from(length).unwrap_or(usize::MAX)).unwrap_or(text);
    let tells = |word: &[u8]| memchr::memmem::find(inside, word).is_some();
    can_be
        && text.starts_with(b"{")
        && (tells(b"\"dtype\"") || tells(b"\"__metadata__\"") || inside.trim_ascii() == b"{}")
}

/// What is known of all tensors together.
#[derive(Default)]
struct Tensors {
    count: u64,
    parameters: u64,
    types: BTreeMap<String, u64>,
    spans: Vec<(u64, u64)>,
}

/// Reads the header.
pub(super) fn read(content: &[u8], telling: &mut Teller<'_>) -> Result<(), Fault> {
    let stated = length(content).ok_or("the file ends within its first eight bytes")?;
    let json = content.get(8..).unwrap_or_default();
    // A secret that was replaced changes the length; nothing else may.
    let replaced = memchr::memmem::find(json, b"[secret:").is_some();
    if stated != json.len() as u64 && !replaced {
        return Err(format!("byte 1: a header of {stated} bytes is announced, found {}; it is not read", json.len()));
    }
    let text = std::str::from_utf8(json).map_err(|error| format!("byte {}: not UTF-8", error.valid_up_to() + 9))?;
    let value = strict_value(text.trim_end())?;
    let header = Node::new(&value, "");
    let entries = value.as_object().ok_or("/: the header is no object")?;
    let mut tensors = Tensors::default();
    for (name, _) in entries.iter().filter(|(name, _)| *name != "__metadata__") {
        tensors.add(&header.required(name)?)?;
    }
    tensors.check(telling);
    let mut model = Artefact::new(super::id("safetensors", content), Kind::ModelVersion);
    for (key, node) in header.entries("__metadata__")? {
        keep(&mut model.attributes, &format!("metadata.{key}"), crate::import::teller::scalar(node.value).as_deref());
        if matches!(key, "modelspec.title" | "name") {
            model.name = node.value.as_str().filter(|name| !name.trim().is_empty()).map(str::to_owned);
        }
    }
    let types: Vec<String> = tensors.types.iter().map(|(word, count)| format!("{word} {count}")).collect();
    keep(&mut model.attributes, "types", Some(&types.join(", ")));
    model.attributes.insert("tensors".to_owned(), Value::from(tensors.count));
    model.attributes.insert("parameters".to_owned(), Value::from(tensors.parameters));
    let bytes = tensors.spans.iter().map(|(_, end)| *end).max().unwrap_or(0);
    model.attributes.insert("bytes".to_owned(), Value::from(bytes.saturating_add(stated).saturating_add(8)));
    telling.artefact(model);
    telling.doubt("/: only the header was read: it is named after the header's digest, which is not the file's");
    Ok(())
}

impl Tensors {
    fn add(&mut self, tensor: &Node<'_>) -> Result<(), Fault> {
        let word = tensor.text("dtype")?;
        let mut parameters = 1_u64;
        for size in tensor.list("shape")? {
            let size = size.value.as_u64().ok_or_else(|| format!("{}: expected a size", size.path))?;
            parameters = parameters
                .checked_mul(size)
                .ok_or_else(|| format!("{}/shape: more elements than can be counted", tensor.path))?;
        }
        let ends: Vec<Option<u64>> = tensor.list("data_offsets")?.iter().map(|it| it.value.as_u64()).collect();
        let [Some(from), Some(to)] = ends.as_slice() else {
            return Err(format!("{}/data_offsets: expected two positions", tensor.path));
        };
        if from > to {
            return Err(format!("{}/data_offsets: ends at {to}, before it begins at {from}", tensor.path));
        }
        self.spans.push((*from, *to));
        self.count += 1;
        self.parameters = self.parameters.saturating_add(parameters);
        *self.types.entry(word.to_owned()).or_default() += 1;
        Ok(())
    }

    fn check(&mut self, telling: &mut Teller<'_>) {
        self.spans.sort_unstable();
        let mut at = 0;
        for (from, to) in &self.spans {
            if *from != at {
                let what = if *from < at { "overlap" } else { "leave a gap" };
                telling.doubt(format!("/: tensors {what} at byte {from} of the data: loaders refuse such a file"));
                return;
            }
            at = *to;
        }
    }
}

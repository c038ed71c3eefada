//! The header of a GGUF file: counts, metadata, the table of tensors. It is walked without keeping what
//! it passes, and no size in it is believed before the bytes are there.

use crate::import::node::Fault;
use crate::import::teller::{Teller, keep};
use crate::model::{Artefact, Attributes, Kind, Relation};
use crate::proof::digest::sha256;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::Range;

pub(super) const MAGIC: &[u8] = b"GGUF";

/// Why a walk stopped.
enum Stop {
    /// The bytes end first.
    More,
    /// Something cannot be.
    Wrong(Fault),
}

/// Where the header ends.
pub(super) fn end(bytes: &[u8]) -> Result<Option<usize>, Fault> {
    let mut walk = Walk { bytes, at: 0, texts: None };
    match walk.header(&mut |_, _| {}, &mut |_| {}) {
        Ok(()) => Ok(Some(walk.at)),
        Err(Stop::More) if bytes.len() > super::LONGEST => {
            Err(format!("a header of more than {} bytes", super::LONGEST))
        }
        Err(Stop::More) => Ok(None),
        Err(Stop::Wrong(fault)) => Err(fault),
    }
}

/// The texts of a header, as far as it can be walked.
pub(super) fn texts(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut walk = Walk { bytes, at: 0, texts: Some(Vec::new()) };
    // What cannot be walked is refused when it is read.
    let _ = walk.header(&mut |_, _| {}, &mut |_| {});
    walk.texts.unwrap_or_default()
}

/// A value of the metadata, as far as anybody asks for it.
enum Held<'a> {
    Text(&'a [u8]),
    Number(Value),
    Texts(Vec<&'a [u8]>),
    Other,
}

/// The most elements of a list that are kept; longer ones are vocabularies.
const LISTED: u64 = 64;

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where the texts lie that were passed, each behind its length in eight bytes.
    texts: Option<Vec<Range<usize>>>,
}

impl<'a> Walk<'a> {
    fn take(&mut self, count: u64) -> Result<&'a [u8], Stop> {
        let count = usize::try_from(count).ok().filter(|count| *count <= super::LONGEST).ok_or_else(|| {
            Stop::Wrong(format!("byte {}: {count} bytes are announced, more than a header has", self.at + 1))
        })?;
        let taken = self.bytes.get(self.at..).and_then(|rest| rest.get(..count)).ok_or(Stop::More)?;
        self.at += count;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, Stop> {
        Ok(self.take(4)?.first_chunk::<4>().map_or(0, |bytes| u32::from_le_bytes(*bytes)))
    }

    fn u64(&mut self) -> Result<u64, Stop> {
        Ok(self.take(8)?.first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes)))
    }

    fn text(&mut self) -> Result<&'a [u8], Stop> {
        let length = self.u64()?;
        let from = self.at;
        let text = self.take(length)?;
        if let Some(texts) = &mut self.texts {
            texts.push(from..self.at);
        }
        Ok(text)
    }

    fn header(
        &mut self,
        each: &mut dyn FnMut(&'a [u8], Held<'a>),
        tensor: &mut dyn FnMut((u64, u32)),
    ) -> Result<(), Stop> {
        self.take(4)?;
        let version = self.u32()?;
        match version {
            2 | 3 => {}
            _ if matches!(version.swap_bytes(), 1..=3) => {
                return Err(Stop::Wrong(
                    "byte 5: written for big-endian machines: this version reads little-endian".into(),
                ));
            }
            _ => return Err(Stop::Wrong(format!("byte 5: GGUF version {version}, expected 2 or 3; it is not read"))),
        }
        let (tensors, pairs) = (self.u64()?, self.u64()?);
        for _ in 0..pairs {
            let key = self.text()?;
            let kind = self.u32()?;
            let value = self.value(kind, 0)?;
            each(key, value);
        }
        for _ in 0..tensors {
            self.text()?;
            let dimensions = self.u32()?;
            if dimensions > 8 {
                return Err(Stop::Wrong(format!("byte {}: a tensor of {dimensions} dimensions", self.at - 3)));
            }
            let mut elements = 1_u64;
            for _ in 0..dimensions {
                elements = elements.saturating_mul(self.u64()?);
            }
            tensor((elements, self.u32()?));
            self.u64()?;
        }
        Ok(())
    }

    fn value(&mut self, kind: u32, depth: usize) -> Result<Held<'a>, Stop> {
        let number = |value: Value| Ok(Held::Number(value));
        match kind {
            0 | 1 | 7 => {
                let byte = self.take(1)?.first().copied().unwrap_or_default();
                number(match kind {
                    0 => Value::from(byte),
                    1 => Value::from(byte.cast_signed()),
                    _ => Value::Bool(byte != 0),
                })
            }
            2 | 3 => {
                let bytes = self.take(2)?.first_chunk::<2>().copied().unwrap_or_default();
                number(if kind == 2 { u16::from_le_bytes(bytes).into() } else { i16::from_le_bytes(bytes).into() })
            }
            4 => number(self.u32()?.into()),
            5 => number(self.u32()?.cast_signed().into()),
            6 => number(f32::from_bits(self.u32()?).to_string().parse::<f64>().map_or(Value::Null, Value::from)),
            8 => Ok(Held::Text(self.text()?)),
            9 => self.list(depth),
            10 => number(self.u64()?.into()),
            11 => number(self.u64()?.cast_signed().into()),
            12 => number(f64::from_bits(self.u64()?).into()),
            _ => Err(Stop::Wrong(format!("byte {}: a value of type {kind}, expected 0 to 12", self.at - 3))),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Held<'a>, Stop> {
        if depth > 3 {
            return Err(Stop::Wrong(format!("byte {}: lists within lists", self.at + 1)));
        }
        let kind = self.u32()?;
        let count = self.u64()?;
        let size = match kind {
            0 | 1 | 7 => Some(1),
            2 | 3 => Some(2),
            4..=6 => Some(4),
            10..=12 => Some(8),
            _ => None,
        };
        if let Some(size) = size {
            self.take(count.saturating_mul(size))?;
            return Ok(Held::Other);
        }
        let mut texts = Vec::new();
        for _ in 0..count {
            match self.value(kind, depth + 1)? {
                Held::Text(text) if count <= LISTED => texts.push(text),
                _ => {}
            }
        }
        Ok(if texts.is_empty() { Held::Other } else { Held::Texts(texts) })
    }
}

/// What the metadata says, by key.
#[derive(Default)]
struct Metadata {
    texts: BTreeMap<String, String>,
    attributes: Attributes,
    datasets: Vec<String>,
}

impl Metadata {
    fn take(&mut self, key: &[u8], value: Held<'_>) {
        let key = String::from_utf8_lossy(key).into_owned();
        let lossy = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        match value {
            // The template decides what a prompt becomes: its digest tells when it changed.
            Held::Text(text) if key.starts_with("tokenizer.chat_template") => {
                let digest: String = sha256(text).iter().map(|byte| format!("{byte:02x}")).collect();
                self.attributes.insert(format!("{key}.sha256"), Value::from(digest));
            }
            Held::Text(text) => {
                let text = lossy(text);
                keep(&mut self.attributes, &format!("metadata.{key}"), Some(&text));
                self.texts.insert(key, text);
            }
            Held::Number(value) => {
                self.attributes.insert(format!("metadata.{key}"), value);
            }
            Held::Texts(texts) => {
                let texts: Vec<String> = texts.into_iter().map(lossy).collect();
                keep(&mut self.attributes, &format!("metadata.{key}"), Some(&texts.join(", ")));
                if key == "general.datasets" {
                    self.datasets = texts;
                }
            }
            Held::Other => {}
        }
    }
}

/// Reads the header.
pub(super) fn read(content: &[u8], telling: &mut Teller<'_>) -> Result<(), Fault> {
    if !content.starts_with(MAGIC) {
        return Err("byte 1: it does not begin with \"GGUF\"; it is not read".to_owned());
    }
    let mut metadata = Metadata::default();
    let (mut tensors, mut parameters) = (0_u64, 0_u64);
    let mut walk = Walk { bytes: content, at: 0, texts: None };
    let walked = walk.header(&mut |key, value| metadata.take(key, value), &mut |(elements, _)| {
        tensors += 1;
        parameters = parameters.saturating_add(elements);
    });
    if let Err(stop) = walked {
        let fault = match stop {
            Stop::More => "the file ends inside its header (truncated?)".to_owned(),
            Stop::Wrong(fault) => fault,
        };
        // A secret that was replaced moves everything behind it.
        if memchr::memmem::find(content, b"[secret:").is_none() {
            return Err(fault);
        }
        telling.doubt(format!("{fault}: a secret was replaced before it, so what follows cannot be read"));
    }
    let text = |key: &str| metadata.texts.get(key).map(|text| text.trim()).filter(|text| !text.is_empty());
    let mut model = Artefact::new(super::id("gguf", content), Kind::ModelVersion);
    model.name = text("general.name").map(str::to_owned);
    model.version = text("general.version").map(str::to_owned);
    model.attributes.clone_from(&metadata.attributes);
    model.attributes.insert("tensors".to_owned(), Value::from(tensors));
    model.attributes.insert("parameters".to_owned(), Value::from(parameters));
    let id = telling.artefact(model);
    telling.doubt("byte 1: only the header was read: it is named after the header's digest, which is not the file's");
    for number in 0..LISTED {
        let base = |key: &str| text(&format!("general.base_model.{number}.{key}")).map(str::to_owned);
        let Some(name) = base("repo_url").or_else(|| base("name")) else { break };
        let base = crate::import::hugging::tell_model(&name, None, "general.base_model", telling);
        telling.link(&id, Relation::FineTunedFrom, &base, None);
    }
    if let Some(source) = text("general.source.huggingface.repository").or_else(|| text("general.source.repo_url")) {
        let source = crate::import::hugging::tell_model(source, None, "general.source", telling);
        telling.link(&id, Relation::DerivedFrom, &source, None);
    }
    for dataset in &metadata.datasets {
        let dataset = crate::import::hugging::tell_dataset(dataset, None, "general.datasets", telling);
        telling.link(&id, Relation::TrainedOn, &dataset, None);
    }
    Ok(())
}

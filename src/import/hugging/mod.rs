//! What repositories of the Hugging Face hub say of themselves: model and dataset cards, and the
//! configuration of a model or of an adapter. All of it is declared and none of it attested, and none
//! of it says which repository it is.

mod card;
mod config;
mod names;
mod results;

pub(super) use names::{tell_dataset, tell_model};

use super::json::strict_value;
use super::node::{Fault, Node};
use super::sniff::{Keys, json_shape};
use super::teller::Teller;
use super::unit::utf8;
use super::{Format, Framing, Head, Importer, Reading, yaml};

/// Reads cards and configurations.
pub struct HuggingFace;

static FORMAT: Format = Format {
    name: "huggingface",
    version: 1,
    media_type: "application/vnd.huggingface.card",
    about: "Hugging Face model and dataset cards (README.md with YAML front matter), config.json, adapter_config.json",
    extensions: &["md", "json"],
};

impl Importer for HuggingFace {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        if let Some(shape) = json_shape(head) {
            return shape.objects.first().is_some_and(is_config).then_some(Framing::Whole);
        }
        let text = super::sniff::valid_text(head.bytes);
        let front = front_matter(text);
        let front = match front {
            Some((front, _)) => front,
            // The end of long front matter lies beyond the head.
            None if !head.complete => text.strip_prefix("---")?,
            None => return None,
        };
        is_card(front).then_some(Framing::Whole)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        if content.trim_ascii().is_empty() {
            return;
        }
        let begins = content.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
        let unit = content.get(begins..).unwrap_or_default();
        Teller::unit(out, super::offset(begins), unit, |telling| {
            let text = utf8(content)?;
            if text.trim_start().starts_with('{') {
                let value = strict_value(text.trim())?;
                return config::read(&Node::new(&value, ""), content, telling);
            }
            read_card(text, content, telling)
        });
    }
}

fn read_card(text: &str, content: &[u8], telling: &mut Teller<'_>) -> Result<(), Fault> {
    let Some((front, body)) = front_matter(text) else {
        telling.doubt("/: a card without front matter says nothing that can be read; its text is kept in the record");
        return card::read(&Node::new(&serde_json::json!({}), ""), text, content, telling);
    };
    if front.contains("{{") || front.contains("{%") {
        return Err("/: a template of a card, not a card: its front matter was never filled in".to_owned());
    }
    let value = if front.trim().is_empty() { serde_json::json!({}) } else { yaml::value_below(front, 1)? };
    if !value.is_object() {
        return Err(format!("/: card metadata is {}, expected a mapping", super::node::word(&value)));
    }
    card::read(&Node::new(&value, ""), body, content, telling)
}

/// What stands between the first two `---` lines, and what follows.
fn front_matter(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("---")?;
    let begins = rest.find('\n')? + 1;
    if !rest.get(..begins)?.trim().is_empty() {
        return None;
    }
    let rest = rest.get(begins..)?;
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Some((rest.get(..at)?, rest.get(at + line.len()..)?));
        }
        at += line.len();
    }
    None
}

/// Keys that only cards have.
const TELLING: [&str; 17] = [
    "model-index",
    "base_model",
    "library_name",
    "pipeline_tag",
    "task_categories",
    "task_ids",
    "size_categories",
    "annotations_creators",
    "language_creators",
    "dataset_info",
    "source_datasets",
    "multilinguality",
    "datasets",
    "base_model_relation",
    "license_name",
    "quantized_by",
    "train-eval-index",
];

/// Keys that other front matter may have too: two of them make a card.
const COMMON: [&str; 9] = [
    "license",
    "language",
    "metrics",
    "widget",
    "inference",
    "pretty_name",
    "configs",
    "paperswithcode_id",
    "co2_eq_emissions",
];

fn is_card(front: &str) -> bool {
    let mut common = 0;
    for line in front.lines() {
        let Some((key, _)) = line.split_once(':') else { continue };
        if TELLING.contains(&key) {
            return true;
        }
        common += usize::from(COMMON.contains(&key));
    }
    common >= 2
}

fn is_config(keys: &Keys<'_>) -> bool {
    let all = |wanted: &[&str]| wanted.iter().all(|key| keys.contains_key(*key));
    all(&["model_type", "architectures"])
        || all(&["model_type", "transformers_version"])
        || all(&["peft_type", "base_model_name_or_path"])
}

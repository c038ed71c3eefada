//! Names on the Hugging Face hub. Without a revision a name is the repository's and no version of what
//! is in it.

use crate::import::openlineage::ids;
use crate::import::teller::{Teller, clip};
use crate::model::{Artefact, Kind, Relation};

/// `ns/name` for the ways in which a repository is written; nothing for a path or an address elsewhere.
pub(super) fn repository(text: &str) -> Option<&str> {
    let text = text.trim();
    let hub =
        |text| ["https://huggingface.co/", "https://hf.co/", "hf://"].iter().find_map(|it| str::strip_prefix(text, it));
    let name = match hub(text) {
        Some(rest) => rest.strip_prefix("datasets/").unwrap_or(rest),
        None => text,
    };
    let name = name.split(['?', '#']).next()?.trim_end_matches('/');
    let name = name.split_once("/tree/").map_or(name, |(name, _)| name);
    let plain = |part: &str| {
        !part.is_empty() && !part.starts_with('.') && part.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c))
    };
    let mut parts = name.split('/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(one), None, None) if plain(one) => Some(name),
        (Some(space), Some(one), None) if plain(space) && plain(one) => Some(name),
        _ => None,
    }
}

/// Describes a model of the hub and gives its id.
pub(in crate::import) fn tell_model(
    name: &str,
    revision: Option<&str>,
    place: &str,
    telling: &mut Teller<'_>,
) -> String {
    tell(name, revision, place, ("models", Kind::Model, Kind::ModelVersion), telling)
}

/// Describes a dataset of the hub and gives its id.
pub(in crate::import) fn tell_dataset(
    name: &str,
    revision: Option<&str>,
    place: &str,
    telling: &mut Teller<'_>,
) -> String {
    tell(name, revision, place, ("datasets", Kind::Dataset, Kind::Dataset), telling)
}

fn tell(
    name: &str,
    revision: Option<&str>,
    place: &str,
    (group, bare, version): (&str, Kind, Kind),
    telling: &mut Teller<'_>,
) -> String {
    let Some(name) = repository(name) else {
        telling.doubt(format!("{place}: \"{}\" is no name of the hub's; it is kept as it is written", clip(name)));
        return telling.named(format!("{bare}:{}", clip(name.trim())), bare, clip(name.trim()));
    };
    // Names are looked up without regard to case, and shown as they are written.
    let folded = name.to_lowercase();
    let bare_id = format!("{bare}:hf/{folded}");
    let mut whole = Artefact::new(bare_id.clone(), bare);
    whole.name = Some(name.to_owned());
    whole.identifiers.push(format!("hf:{group}/{folded}"));
    telling.artefact(whole);
    let Some(revision) = revision else { return bare_id };
    let commit = ids::commit(revision);
    let mut one = Artefact::new(format!("{version}:hf/{folded}@{}", commit.as_deref().unwrap_or(revision)), version);
    one.name = Some(name.to_owned());
    one.version = Some(revision.to_owned());
    one.identifiers.push(match &commit {
        Some(commit) => format!("hf:{group}/{folded}@{commit}"),
        // A branch or a tag moves: it is a name, and joins nothing.
        None => format!("hf:{group}/{folded}:{revision}"),
    });
    let id = telling.artefact(one);
    telling.link(&id, Relation::VersionOf, &bare_id, None);
    id
}

#[cfg(test)]
mod tests {
    use super::repository;

    #[test]
    fn names_are_found_in_addresses_and_paths_are_no_names() {
        for text in ["quill/scorer", "https://huggingface.co/quill/scorer/tree/main", "hf://quill/scorer"] {
            assert_eq!(repository(text), Some("quill/scorer"));
        }
        assert_eq!(repository("https://huggingface.co/datasets/beans"), Some("beans"));
        assert_eq!(repository("bert-base-uncased"), Some("bert-base-uncased"));
        for text in ["./out", "/home/ada/out", "a/b/c", "s3://x/y", ""] {
            assert_eq!(repository(text), None, "{text}");
        }
    }
}

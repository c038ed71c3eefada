//! Reads the catalogues of controls that come with the program. It judges nothing.

use crate::model::Framework;
use std::sync::LazyLock;

const FILES: [&str; 5] = [
    include_str!("../../assets/controls/csf.toml"),
    include_str!("../../assets/controls/ai-rmf.toml"),
    include_str!("../../assets/controls/nhi.toml"),
    include_str!("../../assets/controls/agentic.toml"),
    include_str!("../../assets/controls/ai-act.toml"),
];

static FRAMEWORKS: LazyLock<Vec<Framework>> =
    LazyLock::new(|| FILES.iter().filter_map(|text| toml::from_str(text).ok()).collect());

/// All frameworks, in the order in which they are listed.
pub fn controls() -> &'static [Framework] {
    &FRAMEWORKS
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_catalogue_is_read_and_its_ids_are_there_once() {
        assert_eq!(controls().len(), FILES.len());
        for framework in controls() {
            let ids: BTreeSet<&str> = framework.controls.iter().map(|it| it.id.as_str()).collect();
            assert_eq!(ids.len(), framework.controls.len(), "{}", framework.key);
            assert!(framework.controls.iter().all(|it| !it.evidence.is_empty() && !it.text.is_empty()));
            for (old, new) in &framework.legacy {
                let gone =
                    |id: &&String| !ids.contains(id.as_str()) && !["DE.CM-01", "GV.RR-03"].contains(&id.as_str());
                assert_eq!(new.iter().find(gone), None, "{old} leads nowhere");
            }
            let words = framework.controls.iter().map(|it| format!("{} {}", it.title, it.text).to_lowercase());
            assert!(words.into_iter().all(|text| !text.contains("complian")), "{}", framework.key);
        }
    }
}

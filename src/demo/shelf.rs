//! What there was at a moment: the versions of each name, by the time they came to be. It invents none.

use crate::model::Time;
use std::collections::BTreeMap;

/// Versions by name, so that whatever is made later is made from what existed then.
#[derive(Default)]
pub(super) struct Shelf {
    versions: BTreeMap<String, Vec<(Time, String)>>,
}

impl Shelf {
    /// Remembers that `id` came to be at `at`.
    pub(super) fn put(&mut self, name: &str, at: Time, id: String) {
        let list = self.versions.entry(name.to_owned()).or_default();
        list.push((at, id));
        list.sort();
    }

    /// The newest version of `name` that existed at `at`.
    pub(super) fn newest(&self, name: &str, at: Time) -> Option<String> {
        let list = self.versions.get(name)?;
        list.iter().rev().find(|(since, _)| *since <= at).map(|(_, id)| id.clone())
    }

    /// Every version of `name`, oldest first.
    pub(super) fn all(&self, name: &str) -> &[(Time, String)] {
        self.versions.get(name).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_of_a_moment_is_never_from_later() {
        let mut shelf = Shelf::default();
        let at = Time::from_seconds;
        shelf.put("a", at(20), "a@2".to_owned());
        shelf.put("a", at(10), "a@1".to_owned());
        assert_eq!(shelf.newest("a", at(5)), None);
        assert_eq!(shelf.newest("a", at(19)).as_deref(), Some("a@1"));
        assert_eq!(shelf.newest("a", at(20)).as_deref(), Some("a@2"));
        assert_eq!(shelf.all("a").len(), 2);
    }
}

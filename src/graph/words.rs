//! The kinds and relations a lineage speaks of. It counts none of them.

use crate::graph::layout::Section;
use crate::graph::lineage::Lineage;

impl Lineage {
    /// Every kind that occurs, as written.
    pub fn kinds(&self) -> impl Iterator<Item = &str> + '_ {
        self.list::<u32>(Section::Kinds).iter().map(|text| self.text(*text))
    }

    /// Every relation that occurs, as written.
    pub fn relations(&self) -> impl Iterator<Item = &str> + '_ {
        self.list::<u32>(Section::Relations).iter().map(|text| self.text(*text))
    }
}

//! Links of some relations only: what is of others is passed over without being read. Which relations count for
//! what is for whoever asks to say.

use crate::graph::layout::{ODD, Section};
use crate::graph::lineage::{Lineage, Node};
use crate::graph::walk::{Along, Way};

/// Some relations, made ready for one lineage.
pub struct Relations {
    /// By code. Of odd ones, which have no code of their own, each is asked by its word.
    codes: Vec<bool>,
    chosen: fn(&str) -> bool,
}

impl Lineage {
    /// The relations of which something holds.
    pub fn choose(&self, chosen: fn(&str) -> bool) -> Relations {
        let words: &[u32] = self.list(Section::Relations);
        let mut codes: Vec<bool> = words.iter().take(usize::from(ODD)).map(|word| chosen(self.text(*word))).collect();
        codes.resize(usize::from(ODD) + 1, false);
        Relations { codes, chosen }
    }

    /// What links of some relations lead to, or come from, of those that a walk along would take; once for each link.
    pub fn ends<'l>(
        &'l self,
        node: Node,
        way: Way,
        of: &'l Relations,
        along: &'l Along,
    ) -> impl Iterator<Item = Node> + 'l {
        let (up, down) = match way {
            Way::Up => (self.forward_range(node), 0..0),
            Way::Down => (0..0, self.reverse_range(node)),
        };
        let up = up.filter(move |link| self.is_chosen(*link, of) && self.is_admitted(node, *link, along));
        let down = down.filter_map(move |place| {
            let from = self.source(place);
            let link = self.link_at(place, node);
            (self.is_chosen(link, of) && self.is_admitted(from, link, along)).then_some(from)
        });
        up.map(move |link| self.target(link)).chain(down)
    }

    /// Whether it has a link of some relations to anything, of any time.
    pub fn has_any(&self, node: Node, of: &Relations) -> bool {
        self.forward_range(node).any(|link| self.is_chosen(link, of))
    }

    fn is_chosen(&self, link: usize, of: &Relations) -> bool {
        match self.relation_code(link) {
            ODD => (of.chosen)(self.relation(link)),
            code => of.codes[usize::from(code)],
        }
    }

    fn is_admitted(&self, from: Node, link: usize, along: &Along) -> bool {
        (!along.impact_only || self.carries_impact(link)) && self.link_held(from, link, along) >= along.at_least
    }
}

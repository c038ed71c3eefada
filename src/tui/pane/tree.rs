//! The tree as the rows that are open, children loaded page by page. It asks for what it lacks and
//! draws nothing. A row is known by its place, so one artefact may stand below two parents.

use crate::investigate::answer::{Row, State as Known};
use crate::investigate::question::Direction;
use crate::investigate::rows::TreeRow;
use crate::model::{IdParts, Window};
use crate::tui::ask::{Children, Told};
use crate::tui::message::{Effect, SlotId, Ticket};
use crate::tui::pane::row::label;
use std::collections::{HashMap, HashSet};

/// Links asked for at once.
pub const PAGE: u64 = 1_000;

/// The open rows of a tree.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tree {
    /// In the order they are drawn; the first is the root.
    pub lines: Vec<TreeLine>,
    /// The selected line.
    pub selected: usize,
    next_key: u64,
}

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct TreeLine {
    /// Stays with the line while others come and go.
    pub key: u64,
    /// Levels below the root.
    pub depth: u16,
    /// What it shows.
    pub item: Item,
}

/// What a line shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// An artefact.
    Node(Box<Node>),
    /// Children of the line with this key that were not loaded yet.
    More {
        /// The parent's key.
        parent: u64,
        /// How many.
        left: u64,
    },
}

/// An artefact in the tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What is known of it, and of the link to its parent.
    pub row: TreeRow,
    /// Whether its children are to be seen.
    pub open: bool,
    /// Why it is worth a word where it stands.
    pub note: Note,
    /// What tells it from a sibling of the same name: a date, or the end of its id.
    pub apart: Option<String>,
    /// The page under way.
    pub pending: Option<Ticket>,
    /// Why the last page did not come.
    pub failed: Option<String>,
    taken: u64,
}

/// What a reader should know of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Note {
    /// Nothing.
    #[default]
    None,
    /// The same artefact also stands further up.
    Above,
    /// It is its own ancestor; it is not opened.
    Cycle,
}

/// What opening or moving asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The line that waits.
    pub key: u64,
    /// Which page.
    pub page: Children,
}

impl Tree {
    /// A tree of which only the root's id is known.
    pub(crate) fn rooted(id: &str) -> Tree {
        let mut tree = Tree::default();
        let row = TreeRow {
            row: placeholder(id),
            depth: 0,
            parent: None,
            relation: None,
            since: None,
            since_after: None,
            until: None,
            until_after: None,
            certain: true,
            children: 1,
            note: None,
            claim: None,
        };
        tree.push_line(0, row);
        tree
    }

    /// The root's id.
    pub fn root(&self) -> Option<&str> {
        self.lines.first().and_then(TreeLine::node).map(|node| node.row.row.id.as_str())
    }

    /// The selected artefact.
    pub fn node(&self) -> Option<&Node> {
        self.lines.get(self.selected).and_then(TreeLine::node)
    }

    fn push_line(&mut self, depth: u16, row: TreeRow) {
        let line = self.new_line(depth, Item::Node(Box::new(Node::new(row))));
        self.lines.push(line);
    }

    fn new_line(&mut self, depth: u16, item: Item) -> TreeLine {
        self.next_key += 1;
        TreeLine { key: self.next_key, depth, item }
    }

    fn index_of(&self, key: u64) -> Option<usize> {
        self.lines.iter().position(|line| line.key == key)
    }

    /// Where the lines below this one end.
    fn end_of(&self, at: usize) -> usize {
        let depth = self.lines[at].depth;
        self.lines[at + 1..].iter().position(|line| line.depth <= depth).map_or(self.lines.len(), |next| at + 1 + next)
    }

    /// The line this one hangs below.
    pub(crate) fn parent_of(&self, at: usize) -> Option<usize> {
        let depth = self.lines.get(at)?.depth;
        self.lines[..at].iter().rposition(|line| line.depth < depth)
    }

    /// Opens the line, or asks for the next page where it says that there is more.
    pub(crate) fn open(&mut self, at: usize, direction: Direction, window: Window) -> Option<Wanted> {
        let line = self.lines.get_mut(at)?;
        let key = line.key;
        let parent = match &mut line.item {
            Item::More { parent, .. } => *parent,
            Item::Node(node) => {
                if node.open || node.row.children == 0 || node.note == Note::Cycle {
                    return None;
                }
                (node.open, node.taken) = (true, 0);
                key
            }
        };
        let index = self.index_of(parent)?;
        let node = self.lines[index].node()?;
        if node.pending.is_some() {
            return None;
        }
        let page = Children { id: node.row.row.id.clone(), direction, window, offset: node.taken, limit: PAGE };
        Some(Wanted { key: parent, page })
    }

    /// Remembers which request a line waits for.
    pub(crate) fn wait(&mut self, key: u64, ticket: Ticket) {
        if let Some(node) = self.index_of(key).and_then(|at| self.lines[at].node_mut()) {
            node.pending = Some(ticket);
            node.failed = None;
        }
    }

    /// Folds the line; returns its key when a page for it was under way.
    pub(crate) fn fold(&mut self, at: usize) -> Option<u64> {
        let end = self.lines.get(at).map(|_| self.end_of(at))?;
        let line = &mut self.lines[at];
        let key = line.key;
        let node = line.node_mut()?;
        node.open = false;
        let pending = node.pending.take();
        self.lines.drain(at + 1..end);
        if self.selected > at {
            self.selected = if self.selected < end { at } else { self.selected - (end - at - 1) };
        }
        self.annotate();
        pending.map(|_| key)
    }

    /// The lines that show an artefact and are open, or selected.
    pub(crate) fn places_of(&self, id: &str) -> Vec<u64> {
        let shown = self.lines.iter().enumerate().filter(|(at, line)| {
            line.node().is_some_and(|node| node.row.row.id == id && (node.open || *at == self.selected))
        });
        shown.map(|(_, line)| line.key).collect()
    }

    /// Folds a line, so that what hangs below it can be asked for anew; more may, than when it was told.
    pub(crate) fn shut(&mut self, key: u64, out: &mut Vec<Effect>) -> Option<usize> {
        let at = self.index_of(key)?;
        out.extend(self.fold(at).map(|key| Effect::Cancel(SlotId::Children(key))));
        let node = self.lines[at].node_mut()?;
        node.row.children = node.row.children.max(1);
        Some(at)
    }

    /// Takes a page in, if it is still waited for.
    pub(crate) fn told(&mut self, key: u64, ticket: Ticket, told: Told) {
        let Some(at) = self.index_of(key) else { return };
        let Some(node) = self.lines[at].node_mut() else { return };
        if node.pending != Some(ticket) {
            return;
        }
        node.pending = None;
        match told {
            Told::Children { rows, total } => self.insert(at, rows, total),
            Told::Failed(why) => (node.failed, node.open) = (Some(why), node.taken > 0),
            _ => node.open = node.taken > 0,
        }
    }

    fn insert(&mut self, at: usize, rows: Vec<TreeRow>, total: u64) {
        let depth = self.lines[at].depth.saturating_add(1);
        let mut place = self.end_of(at);
        let more_before = place > at + 1
            && matches!(self.lines[place - 1].item, Item::More { .. })
            && self.lines[place - 1].depth == depth;
        if more_before {
            place -= 1;
            self.lines.remove(place);
        }
        // Whoever pressed Enter on "more" finds the selection on the first new row.
        let stays = self.selected < place || (more_before && self.selected == place);
        if more_before && self.selected > place {
            self.selected -= 1;
        }
        let arrived = rows.len() as u64;
        let mut siblings: HashMap<String, usize> = (at + 1..place)
            .filter(|&line| self.lines[line].depth == depth)
            .filter_map(|line| Some((self.lines[line].node()?.row.row.id.clone(), line)))
            .collect();
        let mut fresh: Vec<TreeLine> = Vec::with_capacity(rows.len() + 1);
        for row in rows {
            // Two links to one artefact are one row with both relations.
            if let Some(&line) = siblings.get(&row.row.id) {
                let twin = if line < place { self.lines[line].node_mut() } else { fresh[line - place].node_mut() };
                if let Some(twin) = twin {
                    join_relation(&mut twin.row, row.relation.as_deref());
                }
                continue;
            }
            siblings.insert(row.row.id.clone(), place + fresh.len());
            let line = self.new_line(depth, Item::Node(Box::new(Node::new(row))));
            fresh.push(line);
        }
        let parent = self.lines[at].key;
        if let Some(node) = self.lines[at].node_mut() {
            node.taken += arrived;
            node.row.children = total;
            let left = total.saturating_sub(node.taken);
            if left > 0 && arrived > 0 {
                let more = self.new_line(depth, Item::More { parent, left });
                fresh.push(more);
            }
        }
        if !stays {
            self.selected += fresh.len();
        }
        self.lines.splice(place..place, fresh);
        self.selected = self.selected.min(self.lines.len().saturating_sub(1));
        self.annotate();
    }

    /// Notes what stands above and what is its own ancestor. Linear in the open rows, and only
    /// done when rows came or went.
    fn annotate(&mut self) {
        let mut notes = Vec::with_capacity(self.lines.len());
        {
            let mut seen: HashSet<&str> = HashSet::with_capacity(self.lines.len());
            let mut ancestors: Vec<&str> = Vec::new();
            for line in &self.lines {
                ancestors.truncate(usize::from(line.depth));
                let Some(node) = line.node() else {
                    notes.push(Note::None);
                    continue;
                };
                let id = node.row.row.id.as_str();
                let first = seen.insert(id);
                notes.push(match (ancestors.contains(&id), first) {
                    (true, _) => Note::Cycle,
                    (false, false) => Note::Above,
                    (false, true) => Note::None,
                });
                ancestors.push(id);
            }
        }
        let apart = self.apart();
        for ((line, note), apart) in self.lines.iter_mut().zip(notes).zip(apart) {
            if let Some(node) = line.node_mut() {
                (node.note, node.apart) = (note, apart);
            }
        }
    }

    /// What tells siblings of the same name from each other.
    fn apart(&self) -> Vec<Option<String>> {
        let mut alike: HashMap<(usize, String), Vec<usize>> = HashMap::new();
        let mut parents: Vec<usize> = Vec::new();
        for (at, line) in self.lines.iter().enumerate() {
            parents.truncate(usize::from(line.depth));
            if let (Some(node), Some(parent)) = (line.node(), parents.last()) {
                alike.entry((*parent, label(&node.row.row))).or_default().push(at);
            }
            parents.push(at);
        }
        let mut apart = vec![None; self.lines.len()];
        for group in alike.into_values().filter(|group| group.len() > 1) {
            let rows = || group.iter().filter_map(|at| self.lines[*at].node()).map(|node| &node.row);
            let dates: HashSet<_> = rows().map(|row| row.row.at).collect();
            let dated = dates.len() == group.len() && !dates.contains(&None);
            for (at, row) in group.iter().zip(rows()) {
                let id = &row.row.id;
                let tail = id.char_indices().rev().nth(11).map_or(id.as_str(), |(start, _)| &id[start..]);
                let date = row.row.at.filter(|_| dated).map(crate::model::Time::short);
                apart[*at] = Some(date.unwrap_or_else(|| tail.to_owned()));
            }
        }
        apart
    }

    /// Puts fresher knowledge of one artefact into every line that shows it.
    pub(crate) fn learn(&mut self, row: &Row) {
        for node in self.lines.iter_mut().filter_map(TreeLine::node_mut).filter(|node| node.row.row.id == row.id) {
            node.row.row = row.clone();
        }
    }
}

impl TreeLine {
    /// The artefact, where the line shows one.
    pub fn node(&self) -> Option<&Node> {
        match &self.item {
            Item::Node(node) => Some(node),
            Item::More { .. } => None,
        }
    }

    fn node_mut(&mut self) -> Option<&mut Node> {
        match &mut self.item {
            Item::Node(node) => Some(node),
            Item::More { .. } => None,
        }
    }
}

impl Node {
    fn new(row: TreeRow) -> Node {
        Node { row, open: false, note: Note::None, apart: None, pending: None, failed: None, taken: 0 }
    }
}

fn join_relation(row: &mut TreeRow, relation: Option<&str>) {
    let Some(relation) = relation else { return };
    match &mut row.relation {
        Some(held) if held.split(", ").any(|one| one == relation) => {}
        Some(held) => {
            held.push_str(", ");
            held.push_str(relation);
        }
        none => *none = Some(relation.to_owned()),
    }
}

/// What the id alone tells, until the answer is there.
pub(crate) fn placeholder(id: &str) -> Row {
    let parts = IdParts::of(id);
    Row {
        id: id.to_owned(),
        kind: parts.kind.unwrap_or_default().to_owned(),
        name: parts.name.to_owned(),
        version: parts.version.map(str::to_owned),
        owner: None,
        environment: None,
        risk: None,
        at: None,
        state: Known::Described,
        marks: Vec::new(),
        derived: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn child(id: &str, relation: &str, children: u64) -> TreeRow {
        TreeRow {
            row: placeholder(id),
            depth: 1,
            parent: None,
            relation: Some(relation.to_owned()),
            since: None,
            since_after: None,
            until: None,
            until_after: None,
            certain: true,
            children,
            note: None,
            claim: None,
        }
    }

    fn open(tree: &mut Tree, at: usize, rows: Vec<TreeRow>, total: u64) {
        let wanted = tree.open(at, Direction::Up, Window::default()).unwrap();
        tree.wait(wanted.key, Ticket(9));
        tree.told(wanted.key, Ticket(9), Told::Children { rows, total });
    }

    fn ids(tree: &Tree) -> Vec<String> {
        tree.lines
            .iter()
            .map(|line| match &line.item {
                Item::Node(node) => format!("{}{}", line.depth, node.row.row.id),
                Item::More { left, .. } => format!("{}+{left}", line.depth),
            })
            .collect()
    }

    #[test]
    fn one_artefact_may_stand_below_two_parents_and_a_cycle_stays_shut() {
        let mut tree = Tree::rooted("a");
        open(&mut tree, 0, vec![child("b", "used", 1), child("c", "used", 1)], 2);
        open(&mut tree, 1, vec![child("d", "used", 1)], 1);
        open(&mut tree, 3, vec![child("d", "used", 1)], 1);
        assert_eq!(ids(&tree), ["0a", "1b", "2d", "1c", "2d"]);
        assert_eq!(tree.lines[4].node().unwrap().note, Note::Above);
        open(&mut tree, 4, vec![child("a", "used", 2)], 1);
        assert_eq!(tree.lines[5].node().unwrap().note, Note::Cycle);
        assert_eq!(tree.open(5, Direction::Up, Window::default()), None);
    }

    #[test]
    fn parallel_links_are_one_row() {
        let mut tree = Tree::rooted("a");
        open(&mut tree, 0, vec![child("b", "used", 0), child("b", "produced-by", 0), child("b", "used", 0)], 3);
        assert_eq!(ids(&tree), ["0a", "1b"]);
        assert_eq!(tree.lines[1].node().unwrap().row.relation.as_deref(), Some("used, produced-by"));
    }

    #[test]
    fn many_children_come_in_pages() {
        let mut tree = Tree::rooted("a");
        let page = |from: u64| (from..from + PAGE).map(|n| child(&format!("n{n}"), "used", 0)).collect::<Vec<_>>();
        open(&mut tree, 0, page(0), 100_000);
        assert_eq!(tree.lines.len(), 1 + 1_000 + 1);
        assert_eq!(tree.lines.last().unwrap().item, Item::More { parent: 1, left: 99_000 });
        tree.selected = 1_001;
        let wanted = tree.open(1_001, Direction::Up, Window::default()).unwrap();
        assert_eq!(wanted.page.offset, 1_000);
        tree.wait(wanted.key, Ticket(2));
        tree.told(wanted.key, Ticket(2), Told::Children { rows: page(1_000), total: 100_000 });
        assert_eq!(tree.lines.len(), 1 + 2_000 + 1);
        assert_eq!(tree.node().unwrap().row.row.id, "n1000");
    }

    #[test]
    fn a_late_page_for_a_folded_line_is_dropped_and_the_selection_stays_put() {
        let mut tree = Tree::rooted("a");
        open(&mut tree, 0, vec![child("b", "used", 1), child("c", "used", 1)], 2);
        tree.selected = 2;
        let wanted = tree.open(1, Direction::Up, Window::default()).unwrap();
        tree.wait(wanted.key, Ticket(3));
        assert_eq!(tree.fold(1), Some(wanted.key));
        tree.told(wanted.key, Ticket(3), Told::Children { rows: vec![child("x", "used", 0)], total: 1 });
        assert_eq!(ids(&tree), ["0a", "1b", "1c"]);
        open(&mut tree, 1, vec![child("x", "used", 0)], 1);
        assert_eq!(tree.node().unwrap().row.row.id, "c");
        tree.fold(0);
        assert_eq!((ids(&tree), tree.selected), (vec!["0a".to_owned()], 0));
    }
}

//! An artefact's tree, up or down, and single pages of children for a tree that opens lazily. Each
//! artefact is opened once; it draws nothing.

use crate::graph::walk::{Along, Bounds, Way, walk};
use crate::graph::{Held, LinkRef, Node};
use crate::investigate::answer::{Answer, Completeness};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::order;
use crate::investigate::question::{Direction, Tree};
use crate::investigate::rows::TreeRow;
use crate::investigate::wording::{count, unseen, unsure_links, untold};
use crate::model::Window;
use std::collections::HashSet;
use std::ops::Range;

impl From<Direction> for Way {
    fn from(direction: Direction) -> Way {
        match direction {
            Direction::Up => Way::Up,
            Direction::Down => Way::Down,
        }
    }
}

/// One page of the child rows of an artefact, and how many children there are. Parallel
/// links to one child are one row. Costs what the page costs below a hub; a person's number of
/// children is put in order, and asked as of a moment every link is judged.
pub fn children(
    asking: &Asking<'_>,
    node: Node,
    direction: Direction,
    window: &Window,
    page: Range<usize>,
) -> (Vec<TreeRow>, usize) {
    let window = asking.window(window);
    let way = Way::from(direction);
    let row = |child: Node| {
        let links = links(asking, node, child, way, &window, &[]);
        let (relation, link) = joined(&links);
        tree_row(asking, child, way, 1, Some(node), relation, (link.as_ref(), surely(&links, &window)))
    };
    let total = asking.lineage.neighbour_count(node, way);
    if window.is_open() && total > order::MOST_SORTED {
        let page = asking.lineage.neighbours(node, way).skip(page.start).take(page.len()).map(row).collect();
        return (page, total);
    }
    let held = |child: &Node| !links(asking, node, *child, way, &window, &[]).is_empty();
    let mut all: Vec<Node> = asking.lineage.neighbours(node, way).filter(held).collect();
    order::sort(asking, node, way, &mut all);
    (all.iter().skip(page.start).take(page.len()).map(|child| row(*child)).collect(), all.len())
}

/// Answers with the rows of a tree, in the order they are drawn.
///
/// # Errors
/// When the id is unknown, or it was cancelled.
pub fn tree(asking: &Asking<'_>, question: &Tree) -> Result<Answer<TreeRow>, Unanswered> {
    let root = asking.node(&question.id)?;
    let mut growth = Growth {
        asking,
        question,
        way: Way::from(question.direction),
        window: asking.window(&question.window),
        rows: Vec::new(),
        nodes: Vec::new(),
        opened: HashSet::new(),
        certain: HashSet::from([root]),
        cut_by_depth: 0,
        cut_by_limit: false,
    };
    growth.grow(root)?;
    let (rows, nodes) = growth.only_wanted();
    let completeness = growth.completeness(root, &rows, &nodes)?;
    Ok(Answer { rows, completeness, summary: () })
}

struct Growth<'a, 'b> {
    asking: &'b Asking<'a>,
    question: &'b Tree,
    way: Way,
    window: Window,
    rows: Vec<TreeRow>,
    nodes: Vec<Node>,
    opened: HashSet<Node>,
    certain: HashSet<Node>,
    cut_by_depth: usize,
    cut_by_limit: bool,
}

/// A row that is yet to be drawn.
struct Planned {
    node: Node,
    depth: u32,
    parent: Option<Node>,
}

impl Growth<'_, '_> {
    fn grow(&mut self, root: Node) -> Result<(), Unanswered> {
        let mut planned = vec![Planned { node: root, depth: 0, parent: None }];
        let mut above: Vec<Node> = Vec::new();
        // a filter by kind throws rows away afterwards
        let most = if self.question.kinds.is_empty() { self.question.limit } else { self.question.limit.max(50_000) };
        while let Some(next) = planned.pop() {
            if self.rows.len() >= most {
                self.cut_by_limit = true;
                break;
            }
            if self.rows.len().is_multiple_of(256) {
                self.asking.go_on()?;
            }
            above.truncate(next.depth as usize);
            let cycle = above.contains(&next.node);
            above.push(next.node);
            let mut row = self.row(&next);
            let again = self.opened.contains(&next.node);
            if cycle {
                row.note = Some("cycle".to_owned());
            } else if row.children > 0 && again {
                row.note = Some("again".to_owned());
            } else if row.children > 0 && next.depth >= self.question.depth {
                row.note = Some("cut".to_owned());
                self.cut_by_depth += 1;
            } else if !again {
                self.opened.insert(next.node);
                let depth = next.depth + 1;
                let room = most.saturating_sub(self.rows.len()) + 1;
                let mut children = self.children(next.node);
                // those that no row is left for need not be planned
                children.truncate(room);
                planned.extend(children.into_iter().rev().map(|child| Planned {
                    node: child,
                    depth,
                    parent: Some(next.node),
                }));
            }
            self.rows.push(row);
            self.nodes.push(next.node);
        }
        Ok(())
    }

    fn children(&self, node: Node) -> Vec<Node> {
        let lineage = self.asking.lineage;
        let all = self.window.is_open() && self.question.relations.is_empty();
        let held = |child: &Node| all || !self.links(node, *child).is_empty();
        let mut children: Vec<Node> = lineage.neighbours(node, self.way).filter(held).collect();
        order::sort(self.asking, node, self.way, &mut children);
        children
    }

    fn links(&self, node: Node, child: Node) -> Vec<LinkRef<'_>> {
        links(self.asking, node, child, self.way, &self.window, &self.question.relations)
    }

    fn row(&mut self, next: &Planned) -> TreeRow {
        let Some(parent) = next.parent else {
            return self.with_children(next, String::new(), (None, true));
        };
        let links = links(self.asking, parent, next.node, self.way, &self.window, &self.question.relations);
        let sure = surely(&links, &self.window);
        if sure && self.certain.contains(&parent) {
            self.certain.insert(next.node);
        }
        let (relation, link) = joined(&links);
        self.with_children(next, relation, (link.as_ref(), sure))
    }

    fn with_children(&self, next: &Planned, relation: String, link: (Option<&LinkRef<'_>>, bool)) -> TreeRow {
        let mut row = tree_row(self.asking, next.node, self.way, next.depth, next.parent, relation, link);
        if !(self.window.is_open() && self.question.relations.is_empty()) {
            row.children = self.children(next.node).len() as u64;
        }
        row
    }

    /// Rows of the kinds asked for, and those on the way to them.
    fn only_wanted(&mut self) -> (Vec<TreeRow>, Vec<Node>) {
        let rows = std::mem::take(&mut self.rows);
        let nodes = std::mem::take(&mut self.nodes);
        let kinds = &self.question.kinds;
        if kinds.is_empty() {
            return (rows, nodes);
        }
        let mut keep = vec![false; rows.len()];
        let mut needed = 0;
        for (at, row) in rows.iter().enumerate().rev() {
            if row.depth < needed || row.depth == 0 || kinds.contains(&row.row.kind) {
                keep[at] = true;
                needed = row.depth;
            }
        }
        let kept = rows.into_iter().zip(nodes).zip(keep).filter(|(_, keep)| *keep).map(|(it, _)| it);
        let mut kept: Vec<(TreeRow, Node)> = kept.collect();
        self.cut_by_limit |= kept.len() > self.question.limit;
        kept.truncate(self.question.limit.max(1));
        kept.into_iter().unzip()
    }

    fn completeness(&self, root: Node, rows: &[TreeRow], nodes: &[Node]) -> Result<Completeness, Unanswered> {
        let lineage = self.asking.lineage;
        let shown: HashSet<Node> = nodes.iter().copied().filter(|node| *node != root && self.wants(*node)).collect();
        let at_least = shown.iter().filter(|node| self.certain.contains(node)).count();
        let mut because = Vec::new();
        if at_least < shown.len() {
            let what = count(shown.len() - at_least, "artefact");
            because.push(format!("{what} reached only over {}", unsure_links(lineage)));
        }
        let shown_links = rows.iter().zip(nodes).filter_map(|(row, node)| {
            let parent = lineage.node(row.parent.as_deref()?)?;
            Some(links(self.asking, parent, *node, self.way, &self.window, &self.question.relations))
        });
        because.extend(unseen(lineage, shown_links.flatten(), &self.window));
        let mentioned = shown.iter().filter(|node| !lineage.described(**node)).count();
        if mentioned > 0 {
            because.push(format!(
                "{} only mentioned, described by nobody: more links may be missing",
                count(mentioned, "artefact")
            ));
        }
        let mut lacking = Vec::new();
        if self.way == Way::Up {
            let mut told = nodes.to_vec();
            told.sort_unstable();
            told.dedup();
            lacking.extend(untold(lineage, told.into_iter().flat_map(|node| lineage.absences(node))));
        }
        if self.cut_by_depth > 0 {
            let what = count(self.cut_by_depth, "row");
            because.push(format!("{what} with more below depth {}", self.question.depth));
        }
        let mut at_most = shown.len();
        if self.cut_by_limit {
            because.push(format!("the first {} are listed", count(rows.len(), "row")));
        }
        if self.cut_by_limit || self.cut_by_depth > 0 {
            // what a walk would reach without the cut is the most there can be
            at_most = at_most.max(self.reach(root)?);
        }
        let mut completeness = Completeness::between(at_least as u64, at_most as u64, because);
        completeness.leave_open(lacking);
        Ok(completeness)
    }

    fn wants(&self, node: Node) -> bool {
        let kinds = &self.question.kinds;
        kinds.is_empty() || kinds.iter().any(|kind| kind == self.asking.lineage.kind(node))
    }

    /// How many artefacts of the kinds asked for a tree without a cut would show below the root.
    fn reach(&self, root: Node) -> Result<usize, Unanswered> {
        if self.question.relations.is_empty() {
            let along = Along { window: self.window, ..Along::everything() };
            let walk = walk(self.asking.lineage, &[root], self.way, &along, Bounds::NONE, self.asking.cancel)?;
            return Ok(walk.reached().filter(|(node, _)| *node != root && self.wants(*node)).count());
        }
        let mut reached = HashSet::from([root]);
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            self.asking.go_on()?;
            let children = self.asking.lineage.neighbours(node, self.way);
            let counts = |child: &Node| !self.links(node, *child).is_empty();
            open.extend(children.filter(counts).filter(|child| reached.insert(*child)));
        }
        Ok(reached.into_iter().filter(|node| *node != root && self.wants(*node)).count())
    }
}

/// The links between an artefact and its child that count.
fn links<'a>(
    asking: &Asking<'a>,
    node: Node,
    child: Node,
    way: Way,
    window: &Window,
    relations: &[String],
) -> Vec<LinkRef<'a>> {
    let (from, to) = if way == Way::Up { (node, child) } else { (child, node) };
    let wanted =
        |link: &LinkRef<'_>| relations.is_empty() || relations.iter().any(|relation| relation == link.relation);
    asking.lineage.between(from, to).filter(|link| wanted(link) && asking.held(link, window)).collect()
}

/// Whether one of these held for sure.
fn surely(links: &[LinkRef<'_>], window: &Window) -> bool {
    links.iter().any(|link| link.held(window) == Held::Certainly)
}

/// The relations of parallel links in one text, and the link whose dates the row shows.
fn joined<'a>(links: &[LinkRef<'a>]) -> (String, Option<LinkRef<'a>>) {
    let mut words: Vec<&str> = links.iter().map(|link| link.relation).collect();
    words.dedup();
    (words.join(", "), links.iter().max_by_key(|link| (link.carries_impact, link.since)).copied())
}

fn tree_row(
    asking: &Asking<'_>,
    node: Node,
    way: Way,
    depth: u32,
    parent: Option<Node>,
    relation: String,
    (link, certain): (Option<&LinkRef<'_>>, bool),
) -> TreeRow {
    TreeRow {
        row: asking.row(node),
        depth,
        parent: parent.map(|parent| asking.lineage.id(parent).to_owned()),
        relation: (!relation.is_empty()).then_some(relation),
        since: link.and_then(|link| link.since),
        since_after: link.and_then(|link| link.since_after),
        until: link.and_then(|link| link.until),
        until_after: link.and_then(|link| link.until_after),
        certain,
        children: asking.lineage.neighbour_count(node, way) as u64,
        note: None,
        claim: link.map(|link| asking.claim(link.claim)),
    }
}

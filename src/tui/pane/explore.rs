//! Explore: the tree around one artefact, and its details beside or below. It decides what to ask
//! as the selection moves; the tree itself is `tree`.

use crate::investigate::answer::{Answer, Row, State as Known};
use crate::investigate::question::Direction;
use crate::investigate::rows::Shown;
use crate::model::ArtefactId;
use crate::tui::action::Action;
use crate::tui::ask::{Ask, Told};
use crate::tui::live;
use crate::tui::message::{Effect, Slot, SlotId, Ticket};
use crate::tui::motion::{Motion, moved};
use crate::tui::pane::details::{self, DetailLine};
use crate::tui::pane::tree::{Item, Tree, Wanted};
use crate::tui::state::State;

/// Where the keys go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the variants say it")]
pub enum Side {
    #[default]
    Tree,
    Details,
}

/// The pane.
#[derive(Debug, Clone, PartialEq)]
pub struct Pane {
    /// The open rows.
    pub tree: Tree,
    /// Which way they are read.
    pub direction: Direction,
    /// Where the keys go.
    pub side: Side,
    /// What is known of the selected artefact.
    pub details: Slot<Box<Answer<Row, Shown>>>,
    /// Whom the details are, or will be, about.
    pub details_of: Option<ArtefactId>,
    /// The details as rows.
    pub lines: Vec<DetailLine>,
    /// The selected detail.
    pub line: usize,
}

impl Default for Pane {
    fn default() -> Pane {
        Pane {
            tree: Tree::default(),
            direction: Direction::Up,
            side: Side::Tree,
            details: Slot::default(),
            details_of: None,
            lines: Vec::new(),
            line: 0,
        }
    }
}

impl Pane {
    /// The artefact that actions are about.
    pub(crate) fn subject(&self) -> Option<&str> {
        let detail = (self.side == Side::Details).then(|| self.lines.get(self.line)).flatten();
        detail
            .and_then(|line| line.leads_to.as_deref())
            .or_else(|| self.tree.node().map(|node| node.row.row.id.as_str()))
    }

    /// The claim behind the selected row; for the root, the one that describes it.
    pub(crate) fn claim(&self) -> Option<&str> {
        match self.side {
            Side::Details => self.lines.get(self.line).and_then(|line| line.claim.as_deref()),
            Side::Tree => {
                let node = self.tree.node()?;
                node.row.claim.as_deref().or_else(|| {
                    let answer = self.details.value.as_ref()?;
                    (answer.rows.first()?.id == node.row.row.id)
                        .then(|| answer.summary.claims.first())?
                        .map(String::as_str)
                })
            }
        }
    }
}

/// Makes an artefact the root, after remembering the place left.
pub(crate) fn root_at(state: &mut State, id: &str, out: &mut Vec<Effect>) {
    state.remember();
    plant(state, id, out);
    state.pane = crate::tui::state::Pane::Explore;
}

/// A new tree, its first level on the way.
pub(crate) fn plant(state: &mut State, id: &str, out: &mut Vec<Effect>) {
    for line in &state.explore.tree.lines {
        if line.node().is_some_and(|node| node.pending.is_some()) {
            out.push(Effect::Cancel(SlotId::Children(line.key)));
        }
    }
    state.explore.tree = Tree::rooted(id);
    state.answered_at.remove(&crate::tui::state::Pane::Explore);
    // Keys of the old tree's lines must not fit the new one's: late pages are told apart by ticket.
    state.explore.side = Side::Tree;
    state.explore.details_of = None;
    unfold(state, 0, out);
    follow(state, out);
}

fn unfold(state: &mut State, at: usize, out: &mut Vec<Effect>) {
    let (direction, window) = (state.explore.direction, state.window);
    if let Some(Wanted { key, page }) = state.explore.tree.open(at, direction, window) {
        let ticket = state.ask(SlotId::Children(key), Ask::Children(page), out);
        state.explore.tree.wait(key, ticket);
    }
}

/// Unfolds a line; what is only known by name is asked of the servers that may know more.
fn open_up(state: &mut State, at: usize, out: &mut Vec<Effect>) {
    unfold(state, at, out);
    let node = state.explore.tree.lines.get(at).and_then(|line| line.node());
    if let Some(row) = node.map(|node| &node.row.row).filter(|row| row.state == Known::MentionedOnly) {
        let id = row.id.clone();
        live::ask_unasked(state, id, out);
    }
}

/// Shows anew what hangs below an artefact, wherever it is open or selected, and what is known of it.
pub(crate) fn renew(state: &mut State, id: &str, out: &mut Vec<Effect>) {
    for key in state.explore.tree.places_of(id) {
        if let Some(at) = state.explore.tree.shut(key, out) {
            unfold(state, at, out);
        }
    }
    if state.explore.details_of.is_some() {
        refresh_details(state, out);
    }
}

/// Asks for the details of the selected artefact, unless they are there or on their way.
fn follow(state: &mut State, out: &mut Vec<Effect>) {
    let Some(id) = state.explore.tree.node().map(|node| node.row.row.id.clone()) else { return };
    if state.explore.details_of.as_ref() != Some(&id) {
        state.explore.details_of = Some(id.clone());
        state.explore.line = 0;
        refresh_details(state, out);
    }
}

/// Asks for the details again.
pub(crate) fn refresh_details(state: &mut State, out: &mut Vec<Effect>) {
    let Some(id) = state.explore.details_of.clone() else { return };
    let ticket = state.ask(SlotId::Details, Ask::Show(id), out);
    state.explore.details.wait(ticket);
}

/// Moves the selection of a side.
pub(crate) fn go(state: &mut State, side: Side, motion: Motion, out: &mut Vec<Effect>) {
    let explore = &mut state.explore;
    match side {
        Side::Tree => {
            explore.tree.selected = moved(explore.tree.selected, motion, explore.tree.lines.len(), |_| true);
            follow(state, out);
        }
        Side::Details => {
            let lines = &explore.lines;
            explore.line = moved(explore.line, motion, lines.len(), |at| !lines[at].heading);
        }
    }
}

/// Does what the pane itself knows to do.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let at = state.explore.tree.selected;
    let line = state.explore.tree.lines.get(at);
    let open = line.and_then(|line| line.node()).is_some_and(|node| node.open);
    let has_children_shown =
        state.explore.tree.lines.get(at + 1).zip(line).is_some_and(|(next, line)| next.depth > line.depth);
    let is_more = line.is_some_and(|line| matches!(line.item, Item::More { .. }));
    match action {
        Action::Open if open => fold(state, at, out),
        Action::Open => open_up(state, at, out),
        Action::Expand if open && has_children_shown => go(state, Side::Tree, Motion::By(1), out),
        Action::Expand => open_up(state, at, out),
        Action::Collapse if open && !is_more => fold(state, at, out),
        Action::Collapse => {
            if let Some(parent) = state.explore.tree.parent_of(at) {
                go(state, Side::Tree, Motion::To(parent), out);
            }
        }
        Action::Focus | Action::FocusBack => {
            state.explore.side = match state.explore.side {
                Side::Tree if !state.explore.lines.is_empty() => Side::Details,
                _ => Side::Tree,
            };
        }
        Action::Turn => {
            let root = state.explore.tree.node().map(|node| node.row.row.id.clone());
            let root = root.or_else(|| state.explore.tree.root().map(str::to_owned));
            if let Some(root) = root {
                state.remember();
                state.explore.direction = opposite(state.explore.direction);
                plant(state, &root, out);
            }
        }
        _ => {}
    }
}

fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Up => Direction::Down,
        Direction::Down => Direction::Up,
    }
}

fn fold(state: &mut State, at: usize, out: &mut Vec<Effect>) {
    if let Some(key) = state.explore.tree.fold(at) {
        out.push(Effect::Cancel(SlotId::Children(key)));
    }
    follow(state, out);
}

/// Asks for everything shown again: after a mark, or with another window.
pub(crate) fn replant(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(root) = state.explore.tree.root().map(str::to_owned) {
        let side = state.explore.side;
        plant(state, &root, out);
        state.explore.side = side;
    }
}

/// Takes the details in.
pub(crate) fn details_told(state: &mut State, ticket: Ticket, told: Told, last: bool, out: &mut Vec<Effect>) {
    let (now, explore) = (state.now, &mut state.explore);
    if !explore.details.expects(ticket) {
        return;
    }
    match told {
        Told::Show(Some(answer)) => {
            explore.lines = details::lines(&answer, now);
            explore.line = moved(explore.line, Motion::By(0), explore.lines.len(), |at| !explore.lines[at].heading);
            if let Some(row) = answer.rows.first() {
                explore.tree.learn(row);
            }
            let nameless = answer.rows.first().is_some_and(|row| row.state == Known::MentionedOnly);
            explore.details.fill(answer, last);
            let root = explore.tree.selected == 0 && explore.tree.root() == explore.details_of.as_deref();
            if let (true, true, Some(id)) = (nameless, root, explore.details_of.clone()) {
                live::ask_unasked(state, id, out);
            }
        }
        Told::Show(None) => {
            explore.lines.clear();
            explore.details.value = None;
            let id = explore.details_of.clone().unwrap_or_default();
            explore.details.fail(Told::Failed(format!("nothing in this ledger is called {id}: / finds what is")));
        }
        other => explore.details.fail(other),
    }
    if state.explore.lines.is_empty() {
        state.explore.side = Side::Tree;
    }
}

//! How explore is drawn: the tree through the tree widget, fed with the rows on screen only, and
//! the details beside it or below. It decides nothing.

use crate::investigate::question::Direction;
use crate::model::{Relation, Time};
use crate::tui::draw::FrameCache;
use crate::tui::message::{ListId, Target};
use crate::tui::pane::aside::listed;
use crate::tui::pane::details::{DetailLine, window};
use crate::tui::pane::explore::Side;
use crate::tui::pane::row::{label, meaning, signs, signs_width, thousands, with_signs};
use crate::tui::pane::tree::{Item, Node, Note, TreeLine};
use crate::tui::state::State;
use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::facts::wrapped;
use crate::tui::widget::frame::{section, split_columns, split_rows};
use crate::tui::widget::line::Strip;
use crate::tui::widget::list::{self, Place, Selection};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tui_tree_widget::{Tree as TreeWidget, TreeItem, TreeState};

/// From this width on, the details stand beside the tree.
const WIDE: u16 = 110;

/// From this width on, a line of the tree keeps a column for signs.
const ROOMY: usize = 90;

/// That column: as wide as `◌ only mentioned` and `ended 2026-11-18`.
const SIGNS: usize = 18;

/// Draws the pane.
pub(crate) fn draw(state: &State, cache: &mut FrameCache, frame: &mut Frame, area: Rect) {
    let (explore, look) = (&state.explore, &state.look);
    if explore.tree.lines.is_empty() {
        let text = "The tree is empty: / finds an artefact to start from.";
        let line = Strip::new(look, usize::from(area.width)).gap(2).text(text, Meaning::Dim).finish();
        frame.render_widget(line, Rect { height: area.height.min(1), ..area });
        return;
    }
    let (tree, details) = if area.width >= WIDE {
        split_columns(area, area.width * 11 / 20)
    } else {
        // The side that has the keys gets the larger part.
        let share = if explore.side == Side::Details { 3 } else { 6 };
        split_rows(area, (area.height * share / 10).max(3))
    };
    draw_tree(state, cache, frame, tree);
    draw_details(state, cache, frame, details);
}

fn draw_tree(state: &State, cache: &mut FrameCache, frame: &mut Frame, area: Rect) {
    let (explore, look) = (&state.explore, &state.look);
    let tree = &explore.tree;
    let sign = match explore.direction {
        Direction::Up => look.glyphs.up,
        Direction::Down => look.glyphs.down,
    };
    let what = match explore.direction {
        Direction::Up => "What it depends on",
        Direction::Down => "What depends on it",
    };
    let mut note = format!("{} of {}", thousands(tree.selected as u64 + 1), thousands(tree.lines.len() as u64));
    let span = window(state.window.since, state.window.until);
    if !span.is_empty() {
        note = format!("{span} {} {note}", look.glyphs.dot);
    }
    let body = section(frame, look, area, &format!("{what} {sign}"), &note);
    cache.region(body, ListId::Tree);
    let height = usize::from(body.height);
    if height == 0 || body.width == 0 {
        return;
    }
    let from = list::window(cache.offset(ListId::Tree), tree.selected, tree.lines.len(), height);
    cache.set_offset(ListId::Tree, from);
    let shown = from..tree.lines.len().min(from + height);
    let items: Vec<TreeItem<'static, usize>> = shown
        .clone()
        .map(|at| TreeItem::new_leaf(at, tree_line(state, &tree.lines[at], usize::from(body.width))))
        .collect();
    for (line, at) in shown.enumerate() {
        let slot = Rect { y: body.y + u16::try_from(line).unwrap_or(0), height: 1, ..body };
        cache.target(slot, Target::Row(ListId::Tree, at));
    }
    // Row numbers are unique, which is all that the widget refuses.
    let Ok(widget) = TreeWidget::new(&items) else { return };
    let focused = explore.side == Side::Tree && state.overlays.is_empty();
    let selection = Selection { at: tree.selected, focused };
    let widget = widget.node_no_children_symbol("").highlight_style(look.style(selection.meaning()));
    let mut widget_state = TreeState::default();
    widget_state.select(vec![tree.selected]);
    frame.render_stateful_widget(widget, body, &mut widget_state);
}

fn tree_line(state: &State, line: &TreeLine, width: usize) -> Line<'static> {
    let look = &state.look;
    // Very deep rows keep room for their names.
    let indent = (usize::from(line.depth) * 2).min(width / 3);
    let mut strip = Strip::new(look, width);
    for column in 0..indent / 2 {
        strip = strip.text(if column == 0 { " " } else { look.glyphs.guide }, Meaning::Rule).gap(1);
    }
    match &line.item {
        Item::More { left, .. } => {
            let text = format!("{} {} more (Enter shows the next)", look.glyphs.more, thousands(*left));
            strip.text(&text, Meaning::Key).finish()
        }
        Item::Node(node) => {
            // Where there is room, every row leaves it for signs, so that columns stand below each other.
            let signs_room = if width >= ROOMY { SIGNS } else { 0 };
            node_line(state, strip, signs_room, node, line.depth == 0)
        }
    }
}

fn node_line(state: &State, strip: Strip<'_>, signs_room: usize, node: &Node, is_root: bool) -> Line<'static> {
    let look = &state.look;
    let arrow = match (node.row.children, node.open, node.note) {
        (0, _, _) => " ",
        (_, _, Note::Cycle) => look.glyphs.cycle,
        (_, true, _) => look.glyphs.open,
        (_, false, _) => look.glyphs.closed,
    };
    let moment = state.heading.as_of.unwrap_or(state.now);
    // what a step did, it did once: that is not an end
    let ended = node.row.until.filter(|until| *until < moment && node.row.since != Some(*until));
    let signs = node_signs(look, node, ended, state.live.asking(&node.row.row.id));
    let side = signs_width(look, &signs);
    let strip = strip.text(arrow, Meaning::Key).gap(1);
    let free = strip.left().saturating_sub(side.max(signs_room));
    let wide = free >= 60;
    let (relation_width, kind_width) = if wide { (20, 15) } else { (17, 0) };
    let name = if free > relation_width + kind_width + 12 { free - relation_width - kind_width } else { free };
    let style = match (is_root, ended) {
        (true, _) => Meaning::Title,
        (false, Some(_)) if node.row.row.marks.is_empty() => Meaning::Dim,
        (false, _) => meaning(&node.row.row),
    };
    let mut strip = strip.cell(&name_of(node), name.saturating_sub(1), style).gap(1);
    if strip.left() >= side + relation_width {
        let direction = state.explore.direction;
        strip = strip.cell(&relation_text(node.row.relation.as_deref(), direction), relation_width, Meaning::Dim);
    }
    if wide && strip.left() >= side + kind_width {
        strip = strip.cell(&node.row.row.kind, kind_width, Meaning::Dim);
    }
    with_signs(strip, look, &signs).finish()
}

fn name_of(node: &Node) -> String {
    let name = label(&node.row.row);
    node.apart.as_ref().map_or(name.clone(), |apart| format!("{name} ({apart})"))
}

fn node_signs(look: &Look, node: &Node, ended: Option<Time>, live: Option<&str>) -> Vec<(String, Meaning)> {
    let mut out = signs(look, &node.row.row);
    if let Some(until) = ended {
        let day = until.short();
        out.push((format!("ended {}", day.get(..10).unwrap_or(&day)), Meaning::Dim));
    }
    if !node.row.certain {
        out.push(("? possible".to_owned(), Meaning::Warning));
    }
    match node.note {
        Note::None => {}
        Note::Above => out.push((format!("{} also above", look.glyphs.above), Meaning::Dim)),
        Note::Cycle => out.push((format!("{} its own ancestor", look.glyphs.cycle), Meaning::Warning)),
    }
    if node.pending.is_some() {
        out.push((format!("{} asking", look.glyphs.busy), Meaning::Key));
    } else if let Some(server) = live {
        out.push((format!("{} asking {server}", look.glyphs.busy), Meaning::Key));
    }
    if let Some(why) = &node.failed {
        out.push((format!("not answered: {}", &why[..why.floor_char_boundary(60)]), Meaning::Bad));
    }
    out
}

/// The relation as the reader of this direction says it.
fn relation_text(relation: Option<&str>, direction: Direction) -> String {
    let Some(relation) = relation else { return String::new() };
    match direction {
        Direction::Up => relation.to_owned(),
        Direction::Down => {
            let words: Vec<String> =
                relation.split(", ").map(|one| Relation::parse(one).read_downstream().to_owned()).collect();
            words.join(", ")
        }
    }
}

fn draw_details(state: &State, cache: &mut FrameCache, frame: &mut Frame, area: Rect) {
    let (explore, look) = (&state.explore, &state.look);
    if area.height < 2 {
        return;
    }
    let of = explore.details_of.as_deref().unwrap_or("");
    let note = match explore.details.pending {
        Some(_) => format!("{} asking", look.glyphs.busy),
        None => format!("{} facts", explore.lines.iter().filter(|line| !line.heading).count()),
    };
    let body = section(frame, look, area, of, &note);
    let body = match state.live.words(look, of) {
        Some((text, meaning)) => listed(frame, look, body, ("servers", meaning), &wrapped(look, &text, room(body)), 3),
        None => body,
    };
    if explore.lines.is_empty() {
        super::draw_waiting(state, frame, body, &explore.details);
        return;
    }
    let focused = explore.side == Side::Details && state.overlays.is_empty();
    let selection = (explore.side == Side::Details).then_some(Selection { at: explore.line, focused });
    let place = Place { id: ListId::Details, area: body, len: explore.lines.len(), selection };
    list::draw(frame, cache, look, &place, |at, width| detail_line(look, &explore.lines[at], width));
}

/// Columns that a text beside a label has.
fn room(area: Rect) -> usize {
    usize::from(area.width).saturating_sub(11)
}

fn detail_line(look: &Look, line: &DetailLine, width: usize) -> Line<'static> {
    let strip = Strip::new(look, width);
    if line.heading {
        return strip.text(&line.label, Meaning::Title).finish();
    }
    let strip = strip.gap(1).cell(&line.label, 17.min(width / 3), Meaning::Dim).gap(1);
    strip.text(&line.value, line.meaning).finish()
}

//! What an artefact is made of as a picture: boxes and routed links, as SVG within a page. Where boxes lie is for
//! the layout library; what they say comes from the rows of a tree, and how many of them there are is bounded by it.

use crate::investigate::answer::Row;
use crate::investigate::rows::TreeRow;
use crate::report::html::Html;
use crate::report::screen::screen;
use ascii_dag::graph::Direction;
use ascii_dag::ir::{EdgePath, LayoutEdge};
use ascii_dag::{CustomNode, Graph, LayoutConfig};
use std::collections::{BTreeSet, HashMap};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// One cell of the layout, in the units of the picture.
const WIDE: usize = 8;
const HIGH: usize = 20;
/// Columns of a box, and lines.
const BOX: (usize, usize) = (25, 2);

/// Draws the rows of a tree; an artefact that occurs several times is one box.
pub(super) fn draw(html: &mut Html, rows: &[TreeRow]) {
    let mut boxes: Vec<&Row> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    let mut links: BTreeSet<(usize, usize)> = BTreeSet::new();
    for row in rows {
        let number = *known.entry(row.row.id.as_str()).or_insert_with(|| {
            boxes.push(&row.row);
            boxes.len() - 1
        });
        let parent = row.parent.as_deref().and_then(|parent| known.get(parent));
        links.extend(parent.filter(|parent| **parent != number).map(|parent| (*parent, number)));
    }
    if links.is_empty() {
        return;
    }
    let mut graph = Graph::new();
    for number in 0..boxes.len() {
        graph.add_node(number, CustomNode { label: "", width: BOX.0, height: BOX.1, painter: None, payload: "" });
    }
    for (from, to) in &links {
        graph.add_edge(*from, *to, None);
    }
    let mut config = LayoutConfig::standard();
    config.direction = Direction::LeftRight;
    config.node_spacing = 1;
    config.level_spacing = 4;
    let layout = graph.compute_layout_with_config(&config);
    let (width, height) = ((layout.width() + 1) * WIDE, (layout.height() + 1) * HIGH);
    html.shape(format_args!(
        "<div class=\"picture\"><svg role=\"img\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">"
    ));
    html.raw("<title>What it is made of: each box rests on those to its right</title>");
    for edge in layout.edges() {
        let class = if edge.reversed { "link back" } else { "link" };
        html.shape(format_args!("<polyline class=\"{class}\" points=\"{}\"/>", points(edge)));
    }
    for node in layout.nodes() {
        let Some(row) = boxes.get(node.id) else { continue };
        one(html, row, (node.x * WIDE, node.y * HIGH), node.id == 0);
    }
    html.raw("</svg></div>\n");
}

fn one(html: &mut Html, row: &Row, (x, y): (usize, usize), first: bool) {
    let class = match (first, row.marks.first(), row.derived.is_some()) {
        (_, Some(mark), _) if matches!(mark.as_str(), "compromised" | "suspect") => "box bad",
        (_, _, true) => "box exposed",
        (_, Some(_), _) => "box good",
        (true, ..) => "box first",
        _ => "box",
    };
    let (width, height) = (BOX.0 * WIDE, BOX.1 * HIGH);
    html.shape(format_args!("<g class=\"{class}\"><title>")).text(&row.id).raw("</title>");
    html.shape(format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"5\"/>"));
    let version = row.version.as_ref().map(|version| format!("@{version}")).unwrap_or_default();
    let mut says = vec![row.kind.clone()];
    says.extend(row.marks.first().map(|mark| mark.as_str().to_owned()));
    says.extend(row.derived.as_ref().filter(|_| row.marks.is_empty()).map(|_| "exposed".to_owned()));
    let (left, first_line, second_line) = (x + 8, y + 16, y + 32);
    let name = format!("{}{version}", row.name);
    html.shape(format_args!("<text x=\"{left}\" y=\"{first_line}\">")).text(&shortened(&name, BOX.0 - 2));
    html.shape(format_args!("</text><text class=\"small\" x=\"{left}\" y=\"{second_line}\">"));
    html.text(&shortened(&says.join(", "), BOX.0 - 2)).raw("</text></g>\n");
}

/// Both ends of a text that is too long for its columns.
fn shortened(text: &str, most: usize) -> String {
    let text = screen(text);
    if text.width() <= most {
        return text.into_owned();
    }
    let fitting = |characters: &mut dyn Iterator<Item = char>, room: usize| {
        let mut used = 0;
        let taken = characters.take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= room
        });
        taken.collect::<String>()
    };
    let (head, tail) = ((most - 1) / 2, most / 2);
    let head = fitting(&mut text.chars(), head);
    let tail: String = fitting(&mut text.chars().rev(), tail).chars().rev().collect();
    format!("{head}…{tail}")
}

/// The way of a link, in the units of the picture.
fn points(edge: &LayoutEdge<'_>) -> String {
    let (from, to) = ((edge.from_x, edge.from_y), (edge.to_x, edge.to_y));
    let mut cells = vec![from];
    match &edge.path {
        EdgePath::Corner { bend_at } => cells.extend([(*bend_at, from.1), (*bend_at, to.1)]),
        EdgePath::MultiSegment { waypoints, .. } => {
            // each turns halfway between two levels
            let mut before = from;
            for at in waypoints {
                let middle = (before.0 + at.0) / 2;
                cells.extend([(middle, before.1), (middle, at.1), *at]);
                before = *at;
            }
            let middle = (before.0 + to.0) / 2;
            cells.extend([(middle, before.1), (middle, to.1)]);
        }
        _ => {}
    }
    cells.push(to);
    let place = |(x, y): &(usize, usize)| format!("{},{}", x * WIDE, y * HIGH + HIGH / 2);
    cells.iter().map(place).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_keep_both_ends() {
        assert_eq!(shortened("vendor-labels@2026-11-17", 40), "vendor-labels@2026-11-17");
        let short = shortened("a-very-long-name-of-something@2026-11-17", 20);
        assert!(short.width() <= 20 && short.starts_with("a-very") && short.ends_with("11-17"), "{short}");
        assert!(shortened(&"字".repeat(40), 21).width() <= 21);
    }
}

//! Why one artefact depends on another, hop by hop. It lists one shortest way and counts the others.

use crate::graph::path::{MOST_ALTERNATIVES, Path as Shortest, shortest};
use crate::graph::walk::{Along, Bounds, Cancelled, Walk, Way, walk};
use crate::graph::{Held, Node};
use crate::investigate::answer::{Answer, Completeness};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::question::{Direction, Path};
use crate::investigate::rows::{LinkRow, PathFound};
use crate::investigate::wording::count;
use crate::model::Window;

/// Finds a shortest path. What carries impact goes before what does not, what certainly held before
/// what may have, and only then the shorter before the longer.
///
/// # Errors
/// When an id is unknown, or it was cancelled.
pub fn path(asking: &Asking<'_>, question: &Path) -> Result<Answer<LinkRow, PathFound>, Unanswered> {
    let (from, to) = (asking.node(&question.from)?, asking.node(&question.to)?);
    let window = asking.window(&question.window);
    if let Some(answer) = within(asking, from, to, window)? {
        return Ok(answer);
    }
    let mut because = Vec::new();
    if !window.is_open() && within(asking, from, to, Window::default())?.is_some() {
        because.push("there is a path outside the window asked about".to_owned());
    }
    if from == to {
        because.push(format!("both are one artefact: {}", asking.lineage.id(from)));
    }
    let summary = PathFound { direction: None, alternatives: 0, carries_impact: false };
    Ok(Answer { rows: Vec::new(), completeness: Completeness::between(0, 0, because), summary })
}

fn within(
    asking: &Asking<'_>,
    from: Node,
    to: Node,
    window: Window,
) -> Result<Option<Answer<LinkRow, PathFound>>, Unanswered> {
    let sureness: &[Held] = if window.is_open() { &[Held::Possibly] } else { &[Held::Certainly, Held::Possibly] };
    // most pairs have no path at all: one walk each way tells
    let any = Along { window, ..Along::everything() };
    let reached = |start: Node, way: Way| -> Result<Walk, Cancelled> {
        walk(asking.lineage, &[start], way, &any, Bounds::NONE, asking.cancel)
    };
    if !reached(to, Way::Down)?.contains(from) && !reached(to, Way::Up)?.contains(from) {
        return Ok(None);
    }
    for impact_only in [true, false] {
        for &at_least in sureness {
            let along = Along { impact_only, window, at_least, keeps: false };
            for direction in [Direction::Up, Direction::Down] {
                let (dependent, dependency) = if direction == Direction::Up { (from, to) } else { (to, from) };
                let way = shortest(asking.lineage, dependent, dependency, &along, asking.cancel)?;
                if let Some(way) = way.filter(|way| way.nodes.len() > 1) {
                    return Ok(Some(answer(asking, &way, direction, &along)));
                }
            }
        }
    }
    Ok(None)
}

fn answer(asking: &Asking<'_>, way: &Shortest, direction: Direction, along: &Along) -> Answer<LinkRow, PathFound> {
    let mut rows = Vec::new();
    let mut undated = 0;
    for hop in way.nodes.windows(2) {
        let links = asking.lineage.between(hop[0], hop[1]).filter(|link| along.admits(link));
        // of parallel links the one that carries impact and is dated tells most
        let Some(link) = links.max_by_key(|link| (link.carries_impact, link.since.is_some())) else { continue };
        undated += usize::from(link.since.is_none());
        rows.push(asking.link_row(&link, link.to));
    }
    if direction == Direction::Down {
        rows.reverse();
    }
    let mut completeness = Completeness::exact(rows.len());
    if undated > 0 {
        completeness
            .because
            .push(format!("{} on the way: when that held is not known", count(undated, "undated link")));
    }
    if way.alternatives >= MOST_ALTERNATIVES {
        completeness.because.push(format!("alternatives were counted up to {MOST_ALTERNATIVES}"));
    }
    let summary =
        PathFound { direction: Some(direction), alternatives: way.alternatives, carries_impact: along.impact_only };
    Answer { rows, completeness, summary }
}

//! The places where keys go, and the sets of places that actions apply in. It holds no action.

/// Where the keys go. Several hold at once, the nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants are named after the place")]
pub enum Context {
    /// Wherever one is.
    Everywhere,
    /// In every pane, while nothing lies above it.
    Panes,
    /// Wherever there are rows or lines to move along.
    List,
    Overview,
    Explore,
    Details,
    Diff,
    Impact,
    Suspects,
    Plan,
    Timeline,
    Case,
    Sources,
    Chain,
    Gaps,
    Finder,
    Palette,
    Help,
    Record,
    Path,
    LastGood,
    Audit,
    Form,
}

impl Context {
    /// The heading over its keys in help.
    pub fn title(self) -> &'static str {
        match self {
            Context::Everywhere => "Everywhere",
            Context::Panes => "In every pane",
            Context::List => "Moving",
            Context::Overview => "Overview",
            Context::Explore => "Explore: the tree",
            Context::Details => "Explore: the details",
            Context::Diff => "Diff",
            Context::Impact => "Impact",
            Context::Suspects => "Suspects",
            Context::Plan => "Plan",
            Context::Timeline => "Timeline",
            Context::Case => "Case",
            Context::Sources => "Sources",
            Context::Chain => "Chain",
            Context::Gaps => "Gaps",
            Context::Finder => "Finder",
            Context::Palette => "Palette",
            Context::Help => "Help",
            Context::Record => "Record",
            Context::Path => "Path",
            Context::LastGood => "Last good",
            Context::Audit => "Drift and controls",
            Context::Form => "Dialog",
        }
    }
}

pub(crate) const PANES: &[Context] = &[Context::Panes];
pub(crate) const LIST: &[Context] = &[Context::List];
pub(crate) const ALL: &[Context] = &[Context::Everywhere];
pub(crate) const OPENS: &[Context] = &[
    Context::Overview,
    Context::Explore,
    Context::Details,
    Context::Diff,
    Context::Impact,
    Context::Suspects,
    Context::Plan,
    Context::Timeline,
    Context::Case,
    Context::Chain,
    Context::Gaps,
    Context::Finder,
    Context::Palette,
    Context::Path,
    Context::LastGood,
    Context::Audit,
    Context::Form,
];
pub(crate) const ROWS: &[Context] = &[
    Context::Overview,
    Context::Explore,
    Context::Details,
    Context::Diff,
    Context::Impact,
    Context::Suspects,
    Context::Plan,
    Context::Timeline,
    Context::Case,
    Context::Chain,
    Context::Gaps,
    Context::Path,
    Context::LastGood,
    Context::Audit,
];
pub(crate) const COPIES: &[Context] = &[
    Context::Overview,
    Context::Explore,
    Context::Details,
    Context::Diff,
    Context::Impact,
    Context::Suspects,
    Context::Plan,
    Context::Timeline,
    Context::Case,
    Context::Chain,
    Context::Gaps,
    Context::Record,
    Context::Path,
    Context::LastGood,
    Context::Audit,
];
pub(crate) const MARKDOWN: &[Context] = &[Context::Panes, Context::Path, Context::LastGood, Context::Audit];
pub(crate) const SUBJECTS: &[Context] = &[
    Context::Overview,
    Context::Explore,
    Context::Details,
    Context::Diff,
    Context::Impact,
    Context::Suspects,
    Context::Plan,
    Context::Timeline,
    Context::Case,
    Context::Chain,
    Context::Gaps,
];
/// Where an artefact can be looked at: also from layers that list some.
pub(crate) const ROOTS: &[Context] = &[
    Context::Overview,
    Context::Explore,
    Context::Details,
    Context::Diff,
    Context::Impact,
    Context::Suspects,
    Context::Plan,
    Context::Timeline,
    Context::Case,
    Context::Chain,
    Context::Gaps,
    Context::LastGood,
    Context::Audit,
];
pub(crate) const MARKED: &[Context] = &[
    Context::Overview,
    Context::Explore,
    Context::Details,
    Context::Diff,
    Context::Impact,
    Context::Suspects,
    Context::Plan,
    Context::Timeline,
    Context::Case,
    Context::Chain,
    Context::Gaps,
    Context::LastGood,
];
pub(crate) const TREE: &[Context] = &[Context::Explore, Context::Chain];
pub(crate) const SIDES: &[Context] = &[
    Context::Explore,
    Context::Details,
    Context::Diff,
    Context::Impact,
    Context::Suspects,
    Context::Plan,
    Context::Timeline,
    Context::Case,
    Context::Sources,
    Context::Chain,
    Context::Gaps,
    Context::Form,
];

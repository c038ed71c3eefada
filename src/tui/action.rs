//! Every action in one table: its id, keys, words, where it applies and why it may not now.
//!
//! Footer, help, palette and the README's key table are drawn from here. It does not do the
//! actions: `update` does.

use crate::tui::answer_text;
pub use crate::tui::context::Context;
use crate::tui::context::{ALL, COPIES, LIST, MARKDOWN, MARKED, OPENS, PANES, ROOTS, ROWS, SIDES, SUBJECTS, TREE};
use crate::tui::overlay::audit;
use crate::tui::state::{Pane, State};

/// What a key, a click or the palette can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the table below gives each its words")]
pub enum Action {
    Open,
    Up,
    Down,
    Expand,
    Collapse,
    PageUp,
    PageDown,
    First,
    Last,
    Focus,
    FocusBack,
    Find,
    Palette,
    Help,
    Explore,
    Turn,
    Diff,
    DiffWith,
    All,
    LastGood,
    Impact,
    Suspects,
    Misbehaves,
    Behaves,
    Plan,
    PlanFor,
    MarkPlan,
    Timeline,
    Chain,
    Gaps,
    Drift,
    Controls,
    Except,
    Path,
    Record,
    Pretty,
    Mark,
    Unmark,
    Note,
    Save,
    UseCase,
    Report,
    Window,
    Copy,
    Markdown,
    Refresh,
    Overview,
    ExplorePane,
    DiffPane,
    ImpactPane,
    SuspectsPane,
    PlanPane,
    TimelinePane,
    CasePane,
    SourcesPane,
    Sync,
    SyncAll,
    Pause,
    Fetch,
    ChainPane,
    GapsPane,
    NextPane,
    PreviousPane,
    Back,
    Previous,
    Redraw,
    Suspend,
    Quit,
}

/// One row of the table.
#[derive(Debug)]
pub struct Row {
    /// What it is.
    pub action: Action,
    /// Its name in the keymap file.
    pub id: &'static str,
    /// Its default keys.
    pub keys: &'static [&'static str],
    /// Where it applies.
    pub contexts: &'static [Context],
    /// Its name in footer and palette.
    pub label: &'static str,
    /// One sentence for help.
    pub help: &'static str,
    /// Its place in the footer, smallest first; zero keeps it out, and from 100 on it stands at
    /// the right end whatever else there is.
    pub footer: u8,
}

const fn row(
    action: Action,
    id: &'static str,
    keys: &'static [&'static str],
    contexts: &'static [Context],
    words: (&'static str, &'static str, u8),
) -> Row {
    Row { action, id, keys, contexts, label: words.0, help: words.1, footer: words.2 }
}

/// The table.
#[rustfmt::skip]
pub static TABLE: &[Row] = &[
    row(Action::Open, "open", &["enter"], OPENS, ("open", "Open the selected row: an artefact in explore, a branch of the tree, the record behind a detail", 1)),
    row(Action::Up, "up", &["up", "k"], LIST, ("up", "One row up", 0)),
    row(Action::Down, "down", &["down", "j"], LIST, ("down", "One row down", 0)),
    row(Action::Expand, "expand", &["right", "l"], TREE, ("unfold", "Unfold the branch, or step into it", 0)),
    row(Action::Collapse, "collapse", &["left", "h"], TREE, ("fold", "Fold the branch, or step out to its parent", 0)),
    row(Action::PageUp, "page-up", &["pgup", "ctrl-b"], LIST, ("page up", "One screen up", 0)),
    row(Action::PageDown, "page-down", &["pgdn", "ctrl-f"], LIST, ("page down", "One screen down", 0)),
    row(Action::First, "first", &["home", "g"], LIST, ("first", "To the first row", 0)),
    row(Action::Last, "last", &["end", "G"], LIST, ("last", "To the last row", 0)),
    row(Action::Focus, "focus", &["tab"], SIDES, ("details", "Between the tree and the details, or the details alone; the next field", 9)),
    row(Action::FocusBack, "focus-back", &["backtab"], SIDES, ("other side", "The same, the other way round", 0)),
    row(Action::Find, "find", &["/"], PANES, ("find", "Find an artefact by name, id, digest, commit; kind: owner: env: mark: filter", 2)),
    row(Action::Palette, "palette", &[":"], PANES, ("actions", "Every action by name, and why it is not available", 101)),
    row(Action::Help, "help", &["?", "f1"], PANES, ("help", "The keys of this place", 100)),
    row(Action::Explore, "explore", &["e"], ROOTS, ("explore", "Make the selected artefact the root of the tree", 8)),
    row(Action::Turn, "turn", &["t"], &[Context::Explore, Context::Details], ("turn", "Turn the tree: what it depends on, or what depends on it", 3)),
    row(Action::Diff, "diff", &["d"], MARKED, ("diff", "What differs from the last known good of the selected artefact", 3)),
    row(Action::DiffWith, "diff-with", &["D"], SUBJECTS, ("diff with", "What differs from another that you choose as the older side", 0)),
    row(Action::All, "all", &["a"], &[Context::Diff, Context::Audit], ("all", "All of it, or only what differs, or only what is selected beneath", 8)),
    row(Action::LastGood, "last-good", &["b"], SUBJECTS, ("go back to", "What it could go back to, and what speaks for and against each", 0)),
    row(Action::Impact, "impact", &["i"], SUBJECTS, ("impact", "Everything that depends on the selected artefact", 4)),
    row(Action::Suspects, "suspects", &["S"], SUBJECTS, ("suspects", "What may make the selected artefact misbehave, best guess first", 0)),
    row(Action::Misbehaves, "misbehaves", &["x"], SUBJECTS, ("misbehaves", "It misbehaves, say so to the suspects; again takes it back", 0)),
    row(Action::Behaves, "behaves", &["v"], SUBJECTS, ("behaves", "It behaves as it should, say so to the suspects", 0)),
    row(Action::Plan, "plan", &["P"], PANES, ("plan", "The way back from what is marked bad; nothing is executed", 6)),
    row(Action::PlanFor, "plan-for", &["R"], SUBJECTS, ("plan for it", "The way back from the selected artefact alone, marked or not", 0)),
    row(Action::MarkPlan, "mark-plan", &["M"], &[Context::Plan], ("mark targets", "Mark every target of the plan as rollback", 2)),
    row(Action::Timeline, "timeline", &["T"], SUBJECTS, ("timeline", "What happened to the selected artefact and around it, in order", 0)),
    row(Action::Chain, "chain", &["C"], SUBJECTS, ("chain", "Walk the evidence behind the selected artefact, link by link", 0)),
    row(Action::Gaps, "gaps", &["L"], SUBJECTS, ("what lacks", "What the selected artefact lacks, and what the gate says of it", 0)),
    row(Action::Drift, "drift", &["V"], PANES, ("drift", "What is no longer what was said of it: deployed digests, pointers that moved", 0)),
    row(Action::Controls, "controls", &["N"], PANES, ("controls", "Which evidence is held, by control of each framework", 0)),
    row(Action::Except, "except", &["E"], &[Context::Gaps], ("accept", "Accept the selected finding for a time, with owner and reason", 2)),
    row(Action::Path, "path", &["p"], SUBJECTS, ("why", "Why does the selected artefact depend on another? Hop by hop", 10)),
    row(Action::Record, "record", &["o"], ROWS, ("record", "The record behind the row, word for word as received", 7)),
    row(Action::Sync, "sync", &["f"], &[Context::Sources], ("sync now", "Pull what is new from the selected server now; Esc stops it", 1)),
    row(Action::SyncAll, "sync-all", &["ctrl-a"], &[Context::Sources], ("sync all", "Pull what is new from every server that is not paused", 2)),
    row(Action::Pause, "pause", &["p"], &[Context::Sources], ("pause", "Leave the selected server out of sync, or take it in again", 3)),
    row(Action::Fetch, "fetch", &["f"], SUBJECTS, ("ask servers", "Ask servers about the selected artefact, and keep what they say", 0)),
    row(Action::Pretty, "pretty", &["f"], &[Context::Record], ("format", "JSON as received, or indented", 2)),
    row(Action::Mark, "mark", &["m"], MARKED, ("mark", "Mark the selected artefact: compromised, suspect, good, rollback, cleared", 5)),
    row(Action::Unmark, "unmark", &["u"], SUBJECTS, ("unmark", "Take a mark back; it stays in the log", 0)),
    row(Action::Note, "note", &["n"], PANES, ("note", "Note something in the case, about the selected artefact", 0)),
    row(Action::Save, "save", &["s"], PANES, ("save answer", "Keep what is shown in the case, to be asked again", 0)),
    row(Action::UseCase, "case", &["c"], PANES, ("case", "Open a case or take one up, for new marks, notes and answers", 0)),
    row(Action::Report, "report", &["W"], PANES, ("report", "Write the case in use, else the selected artefact, as an HTML page", 0)),
    row(Action::Window, "window", &["w"], PANES, ("window", "The exposure window: count only links that held within it", 8)),
    row(Action::Copy, "copy", &["y"], COPIES, ("copy", "Copy the id (in a record, its text) to the clipboard", 13)),
    row(Action::Markdown, "markdown", &["Y"], MARKDOWN, ("copy answer", "Copy what is shown as short Markdown, for the incident channel", 12)),
    row(Action::Refresh, "refresh", &["r"], PANES, ("ask again", "Ask this pane's question again", 0)),
    row(Action::Overview, "overview-pane", &["1"], PANES, ("overview", "What is in here and what deserves attention", 0)),
    row(Action::ExplorePane, "explore-pane", &["2"], PANES, ("explore pane", "The tree around one artefact", 0)),
    row(Action::DiffPane, "diff-pane", &["3"], PANES, ("diff pane", "The last diff asked for", 0)),
    row(Action::ImpactPane, "impact-pane", &["4"], PANES, ("impact pane", "The last impact asked for", 0)),
    row(Action::SuspectsPane, "suspects-pane", &["5"], PANES, ("suspects pane", "What separates the bad from the good", 0)),
    row(Action::PlanPane, "plan-pane", &["6"], PANES, ("plan pane", "The last plan asked for", 0)),
    row(Action::TimelinePane, "timeline-pane", &["7"], PANES, ("timeline pane", "The last timeline asked for", 0)),
    row(Action::CasePane, "case-pane", &["8"], PANES, ("case pane", "What was said in the case in use, in order", 0)),
    row(Action::SourcesPane, "sources-pane", &["9"], PANES, ("sources", "Where records come from and what could not be read", 0)),
    row(Action::ChainPane, "chain-pane", &["0"], PANES, ("chain pane", "The last chain asked for", 0)),
    row(Action::GapsPane, "gaps-pane", &["A"], PANES, ("gaps pane", "All that the policy asks for and nobody holds", 0)),
    row(Action::NextPane, "next-pane", &["]"], PANES, ("next pane", "The next pane", 0)),
    row(Action::PreviousPane, "previous-pane", &["["], PANES, ("previous pane", "The pane before", 0)),
    row(Action::Back, "back", &["esc"], ALL, ("back", "Close what lies on top, stop what is being asked, or step back", 7)),
    row(Action::Previous, "previous", &["backspace"], PANES, ("step back", "To the place looked at before", 0)),
    row(Action::Redraw, "redraw", &["ctrl-l"], ALL, ("redraw", "Draw the whole screen anew", 0)),
    row(Action::Suspend, "suspend", &["ctrl-z"], ALL, ("suspend", "Stop and give the terminal back; fg resumes", 0)),
    row(Action::Quit, "quit", &["q", "ctrl-c"], ALL, ("quit", "Leave (what lies on top closes first)", 102)),
];

/// The table's row of an action.
pub fn describe(action: Action) -> &'static Row {
    // The table holds every action (a test says so), so the first row is never the answer for another.
    TABLE.iter().find(|row| row.action == action).unwrap_or(&TABLE[0])
}

/// What an action is called where it is done: `open` is `explore` on the overview.
pub fn label(action: Action, context: Context) -> &'static str {
    match (action, context) {
        (
            Action::Open,
            Context::Overview
            | Context::Diff
            | Context::Impact
            | Context::Suspects
            | Context::Plan
            | Context::Timeline
            | Context::Gaps,
        ) => "explore",
        (Action::Open, Context::Explore) => "unfold",
        (Action::Open, Context::Details | Context::Path | Context::Chain | Context::Audit) => "record",
        (Action::Open, Context::Case) => "ask again",
        (Action::Open | Action::Diff, Context::LastGood) => "compare",
        (Action::Open, Context::Palette) => "do it",
        (Action::Open, Context::Finder) => "choose",
        (Action::Open, Context::Form) => "save",
        (Action::Focus, Context::Details) => "tree",
        (Action::Focus, Context::Form) => "next field",
        (Action::Copy, Context::Record) => "copy text",
        (Action::All, Context::Audit) => "narrow",
        (action, _) => describe(action).label,
    }
}

/// An action's place in the footer of a place, zero where it has none there.
pub(crate) fn footer(row: &Row, context: Context) -> u8 {
    match (row.action, context) {
        (Action::Note | Action::UseCase, Context::Case) => 3,
        (Action::Report, Context::Case) => 4,
        _ => row.footer,
    }
}

/// Whether an action only leads to the pane that is shown: no hint is needed for it there.
pub(crate) fn leads_here(action: Action, pane: Pane) -> bool {
    matches!((action, pane), (Action::Diff, Pane::Diff) | (Action::Impact, Pane::Impact) | (Action::Plan, Pane::Plan))
}

/// Whether an action can be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// It can.
    Ready,
    /// It cannot, because.
    Because(&'static str),
}

/// Whether an action can be done in this state, and if not, why not.
pub fn availability(action: Action, state: &State) -> Availability {
    let because = |holds: bool, why| if holds { Availability::Ready } else { Availability::Because(why) };
    match action {
        Action::Explore if state.context() == Context::Audit => {
            because(audit::subject(state).is_some(), "this row is about no artefact")
        }
        Action::Explore
        | Action::Impact
        | Action::Diff
        | Action::Suspects
        | Action::Misbehaves
        | Action::Behaves
        | Action::PlanFor
        | Action::Timeline
        | Action::Chain
        | Action::Gaps
        | Action::Mark
        | Action::Unmark
        | Action::Fetch
        | Action::Path => because(state.subject().is_some(), "no artefact is selected: / finds one"),
        Action::DiffWith | Action::LastGood => {
            let whole = state.pane == Pane::Diff && state.diff.question.is_some();
            because(whole || state.subject().is_some(), "no artefact is selected: / finds one")
        }
        Action::All if state.context() == Context::Audit => {
            because(state.subject().is_some(), "no artefact is selected beneath")
        }
        Action::All => because(
            state.pane == Pane::Diff && state.diff.question.is_some(),
            "no diff was asked for: d on an artefact asks",
        ),
        Action::MarkPlan => match state.pane {
            Pane::Plan => because(!state.plan.targets().is_empty(), "the plan has no target to mark"),
            _ => Availability::Because("it belongs to the plan: P shows it"),
        },
        Action::Except => match state.pane {
            Pane::Gaps => because(state.gaps.is_open(), "no open finding is selected"),
            _ => Availability::Because("it belongs to the gaps: A shows them"),
        },
        Action::Sync | Action::SyncAll | Action::Pause if state.pane != Pane::Sources => {
            Availability::Because("it belongs to the sources: 9 shows them")
        }
        Action::Sync | Action::Pause => {
            because(state.sources.live().is_some(), "it is no server: lastgood import reads files again")
        }
        Action::SyncAll => because(
            state.sources.servers().any(|it| !it.paused),
            "there is no server that is not paused: lastgood source add names one",
        ),
        Action::Markdown => because(answer_text::has_answer(state), "there is no answer here to copy yet"),
        Action::Note => because(state.heading.case.is_some(), "no case is in use: c opens one"),
        Action::Report => {
            let about = state.heading.case.is_some() || state.subject().is_some();
            because(about, "no case is in use and no artefact is selected: c opens a case")
        }
        Action::Save => match (state.heading.case.is_some(), answer_text::question(state).is_some()) {
            (false, _) => Availability::Because("no case is in use: c opens one"),
            (true, false) => Availability::Because("there is no answer here that could be asked again"),
            (true, true) => Availability::Ready,
        },
        Action::Open => match state.context() {
            Context::Case => {
                let leads = state.case.saved().is_some() || state.subject().is_some();
                because(leads, "it is about no artefact: o opens its record")
            }
            Context::Overview
            | Context::Diff
            | Context::Impact
            | Context::Suspects
            | Context::Plan
            | Context::Timeline
            | Context::Chain
            | Context::Gaps => because(state.subject().is_some(), "nothing is selected"),
            Context::Details | Context::Audit => because(state.claim().is_some(), "no record stands behind this row"),
            _ => Availability::Ready,
        },
        Action::Copy => because(state.copyable().is_some(), "nothing is selected that could be copied"),
        Action::Record => because(state.claim().is_some(), "no record stands behind this row"),
        Action::Turn => because(state.explore.tree.root().is_some(), "the tree is empty: / finds an artefact"),
        Action::Back => {
            because(!state.is_home() || state.live.is_asking(), "this is where the console begins; q leaves")
        }
        Action::Previous => because(!state.history.is_empty(), "nothing was looked at before this"),
        Action::Up
        | Action::Down
        | Action::Expand
        | Action::Collapse
        | Action::PageUp
        | Action::PageDown
        | Action::First
        | Action::Last
        | Action::Focus
        | Action::FocusBack
        | Action::Find
        | Action::Palette
        | Action::Help
        | Action::Pretty
        | Action::Window
        | Action::Refresh
        | Action::Overview
        | Action::Plan
        | Action::Drift
        | Action::Controls
        | Action::ExplorePane
        | Action::DiffPane
        | Action::ImpactPane
        | Action::SuspectsPane
        | Action::PlanPane
        | Action::TimelinePane
        | Action::CasePane
        | Action::UseCase
        | Action::SourcesPane
        | Action::ChainPane
        | Action::GapsPane
        | Action::NextPane
        | Action::PreviousPane
        | Action::Redraw
        | Action::Suspend
        | Action::Quit => Availability::Ready,
    }
}

/// The README's table of keys.
pub fn key_table() -> String {
    let mut out = String::from("| key | action | does |\n|---|---|---|\n");
    for row in TABLE {
        let keys: Vec<String> = row.keys.iter().map(|key| format!("`{key}`")).collect();
        out.push_str(&format!("| {} | `{}` | {} |\n", keys.join(" "), row.id, row.help));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_are_unique_and_every_row_says_what_it_is() {
        let ids: HashSet<_> = TABLE.iter().map(|row| row.id).collect();
        let actions: HashSet<_> = TABLE.iter().map(|row| row.action).collect();
        assert_eq!((ids.len(), actions.len()), (TABLE.len(), TABLE.len()));
        assert!(TABLE.iter().all(|row| !row.help.is_empty() && !row.contexts.is_empty() && !row.keys.is_empty()));
    }

    #[test]
    fn the_key_table_has_a_row_per_action() {
        assert_eq!(key_table().lines().count(), TABLE.len() + 2);
    }
}

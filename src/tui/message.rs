//! What can happen to the console, and what it can ask of the world. Plain data; nothing runs here.

use crate::model::Time;
use crate::tui::action::Action;
use crate::tui::ask::{Ask, Heading, Told};
use crate::tui::widget::text_box::Edit;

/// Which request an answer belongs to. Larger is newer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Ticket(pub(crate) u64);

/// A place that waits for one answer at a time: a new request there takes the older one back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants are named after the place")]
pub enum SlotId {
    Overview,
    Details,
    /// Of the tree line with this key.
    Children(u64),
    Finder,
    Impact,
    Path,
    Diff,
    LastGood,
    /// Drift or controls.
    Audit,
    Suspects,
    Plan,
    Timeline,
    Chain,
    Gaps,
    Gate,
    Case,
    /// A saved answer asked again.
    Again,
    Sources,
    /// Of the sync with this key.
    Sync(u64),
    /// One artefact looked at, at servers.
    Look,
    Record,
    Unmark,
    Write,
}

/// A list on the screen, for the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants are named after the list")]
pub enum ListId {
    Overview,
    Tree,
    Details,
    Impact,
    Diff,
    Suspects,
    Plan,
    Timeline,
    Chain,
    Gaps,
    Case,
    Sources,
    Overlay,
}

/// What lies under the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A tab, by its number from zero.
    Tab(usize),
    /// A row of a list.
    Row(ListId, usize),
}

/// How often the button was pressed at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants say it")]
pub enum Clicks {
    Once,
    Twice,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// Somebody asked for an action, by key, palette or click.
    Do(Action),
    /// Somebody typed into a text field.
    Edit(Edit),
    /// The mouse button went down on something.
    Click(Target, Clicks),
    /// The wheel turned over a list; positive is down.
    Wheel(ListId, i64),
    /// The screen has another size.
    Resize(u16, u16),
    /// An answer, or a first part of one.
    Told {
        /// Who waits.
        slot: SlotId,
        /// For which request.
        ticket: Ticket,
        /// The answer.
        told: Box<Told>,
        /// When it came.
        now: Time,
        /// Whether nothing more follows.
        last: bool,
    },
    /// The ledger's head after a question was answered.
    Heading {
        /// Who asked.
        slot: SlotId,
        /// Which request.
        ticket: Ticket,
        /// The first line as it is now.
        heading: Box<Heading>,
    },
    /// Another process appended to the ledger while nobody asked anything.
    Arrived(Box<Heading>),
    /// The terminal has something to say: a copy that went through, or did not.
    Notice(String),
}

/// One thing to be done outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Find the answer and post it.
    Ask {
        /// Who waits.
        slot: SlotId,
        /// For which request.
        ticket: Ticket,
        /// The question.
        ask: Ask,
    },
    /// Stop looking.
    Cancel(SlotId),
    /// Put a text on the clipboard.
    Copy(String),
    /// Draw every cell anew.
    Redraw,
    /// Give the terminal back until resumed.
    Suspend,
    /// Leave.
    Quit,
}

/// What a place holds: the newest answer, and whether a newer one is on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot<T> {
    /// The newest answer.
    pub value: Option<T>,
    /// The request under way.
    pub pending: Option<Ticket>,
    /// Why the newest request failed.
    pub failed: Option<String>,
}

impl<T> Default for Slot<T> {
    fn default() -> Slot<T> {
        Slot { value: None, pending: None, failed: None }
    }
}

impl<T> Slot<T> {
    /// A request was started; the older answer stays to be seen until the new one is there.
    pub(crate) fn wait(&mut self, ticket: Ticket) {
        self.pending = Some(ticket);
        self.failed = None;
    }

    /// Whether an answer with this ticket is the one waited for.
    pub(crate) fn expects(&self, ticket: Ticket) -> bool {
        self.pending == Some(ticket)
    }

    /// Takes an answer in.
    pub(crate) fn fill(&mut self, value: T, last: bool) {
        self.value = Some(value);
        self.failed = None;
        if last {
            self.pending = None;
        }
    }

    /// Takes a failure in.
    pub(crate) fn fail(&mut self, told: Told) {
        self.pending = None;
        self.failed = match told {
            Told::Failed(why) => Some(why),
            Told::Cancelled => None,
            _ => Some("the answer was of another kind than the question: ask again with r".to_owned()),
        };
    }
}

//! Everything the console knows. It changes only in `update`; drawing only reads it.

use crate::investigate::answer::LedgerHead;
use crate::model::{ArtefactId, Time, Window};
use crate::tui::action::Context;
use crate::tui::ask::{Ask, Heading};
use crate::tui::keymap::Keymap;
use crate::tui::live;
use crate::tui::message::{Effect, ListId, SlotId, Ticket};
use crate::tui::overlay::Overlay;
use crate::tui::pane::{case, chain, diff, explore, gaps, impact, overview, plan, sources, suspects, timeline};
use crate::tui::theme::{Look, Meaning};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The panes, in the order of their tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants are the panes' names")]
pub enum Pane {
    Overview,
    Explore,
    Diff,
    Impact,
    Suspects,
    Plan,
    Timeline,
    Case,
    Sources,
    Chain,
    Gaps,
}

impl Pane {
    /// Every pane, as the tab bar shows them.
    pub const ALL: [Pane; 11] = [
        Pane::Overview,
        Pane::Explore,
        Pane::Diff,
        Pane::Impact,
        Pane::Suspects,
        Pane::Plan,
        Pane::Timeline,
        Pane::Case,
        Pane::Sources,
        Pane::Chain,
        Pane::Gaps,
    ];

    /// Its name on the tab.
    pub fn name(self) -> &'static str {
        match self {
            Pane::Overview => "overview",
            Pane::Explore => "explore",
            Pane::Diff => "diff",
            Pane::Impact => "impact",
            Pane::Suspects => "suspects",
            Pane::Plan => "plan",
            Pane::Timeline => "timeline",
            Pane::Case => "case",
            Pane::Sources => "sources",
            Pane::Chain => "chain",
            Pane::Gaps => "gaps",
        }
    }

    /// The sign of its key and on its tab: a digit while there are digits.
    pub fn sign(self) -> char {
        let at = Pane::ALL.iter().position(|&other| other == self).unwrap_or(0);
        "1234567890A".chars().nth(at).unwrap_or('?')
    }
}

/// A line at the foot that goes with the next key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it says.
    pub text: String,
    /// How it looks.
    pub meaning: Meaning,
}

/// A place to step back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visited {
    pub(crate) pane: Pane,
    pub(crate) root: Option<ArtefactId>,
    pub(crate) direction: crate::investigate::question::Direction,
    pub(crate) impact_of: Vec<ArtefactId>,
    pub(crate) diff_of: Option<(Option<ArtefactId>, ArtefactId)>,
    pub(crate) suspects_of: (Vec<ArtefactId>, Vec<ArtefactId>),
    pub(crate) plan_of: Vec<ArtefactId>,
    pub(crate) timeline_of: Option<ArtefactId>,
    pub(crate) chain_of: Option<ArtefactId>,
    pub(crate) gaps_of: Option<ArtefactId>,
}

/// The most places remembered.
const HISTORY: usize = 100;

/// Everything the console knows.
#[derive(Debug, Clone)]
pub struct State {
    /// The first line.
    pub heading: Heading,
    /// The moment of the newest answer.
    pub now: Time,
    /// Columns and rows.
    pub size: (u16, u16),
    /// Keys.
    pub keymap: Arc<Keymap>,
    /// Styles and signs.
    pub look: Look,
    /// Which pane is to be seen.
    pub pane: Pane,
    /// What lies above it, the topmost last.
    pub overlays: Vec<Overlay>,
    /// The overview.
    pub overview: overview::Pane,
    /// The tree and its details.
    pub explore: explore::Pane,
    /// The impact.
    pub impact: impact::Pane,
    /// What differs.
    pub diff: diff::Pane,
    /// What separates the bad from the good.
    pub suspects: suspects::Pane,
    /// The way back.
    pub plan: plan::Pane,
    /// What happened.
    pub timeline: timeline::Pane,
    /// The evidence behind something.
    pub chain: chain::Pane,
    /// Its pane of gaps.
    pub gaps: gaps::Pane,
    /// The case in use.
    pub case: case::Pane,
    /// The sources.
    pub sources: sources::Pane,
    /// What servers are asked about one artefact.
    pub live: live::Live,
    /// Whether the details of the selected row stand alone, without their list.
    pub zoomed: bool,
    /// Which page of them, counted on and on: there are as many as the screen makes of them.
    pub page_of_details: i64,
    /// The exposure window.
    pub window: Window,
    /// What the foot says.
    pub notice: Option<Notice>,
    /// What is being written, by the request that writes it.
    pub(crate) writing: BTreeMap<Ticket, Ask>,
    /// What each pane's answer was computed on.
    pub answered_at: BTreeMap<Pane, AnsweredOn>,
    /// Places to step back to.
    pub history: Vec<Visited>,
    last_ticket: u64,
}

/// What an answer was computed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredOn {
    /// The ledger's head.
    pub head: LedgerHead,
    /// How many marks its records made.
    pub marks: u64,
}

impl State {
    /// The console as it opens.
    pub fn new(heading: Heading, now: Time, keymap: Arc<Keymap>, look: Look) -> State {
        State {
            heading,
            now,
            size: (80, 24),
            keymap,
            look,
            pane: Pane::Overview,
            overlays: Vec::new(),
            overview: overview::Pane::default(),
            explore: explore::Pane::default(),
            impact: impact::Pane::default(),
            diff: diff::Pane::default(),
            suspects: suspects::Pane::default(),
            plan: plan::Pane::default(),
            timeline: timeline::Pane::default(),
            chain: chain::Pane::default(),
            gaps: gaps::Pane::default(),
            case: case::Pane::default(),
            sources: sources::Pane::default(),
            live: live::Live::default(),
            zoomed: false,
            page_of_details: 0,
            window: Window::default(),
            notice: None,
            writing: BTreeMap::new(),
            answered_at: BTreeMap::new(),
            history: Vec::new(),
            last_ticket: 0,
        }
    }

    /// Whether nothing is open that `Esc` would close.
    pub fn is_home(&self) -> bool {
        self.pane == Pane::Overview && self.overlays.is_empty() && self.history.is_empty()
    }

    /// The nearest context, in whose words keys are labelled.
    pub fn context(&self) -> Context {
        match self.overlays.last() {
            Some(overlay) => overlay.context(),
            None => self.pane_context(),
        }
    }

    /// The context of the pane, whatever lies above it.
    pub fn pane_context(&self) -> Context {
        match self.pane {
            Pane::Overview => Context::Overview,
            Pane::Explore if self.explore.side == explore::Side::Details => Context::Details,
            Pane::Explore => Context::Explore,
            Pane::Diff => Context::Diff,
            Pane::Impact => Context::Impact,
            Pane::Suspects => Context::Suspects,
            Pane::Plan => Context::Plan,
            Pane::Timeline => Context::Timeline,
            Pane::Case => Context::Case,
            Pane::Sources => Context::Sources,
            Pane::Chain => Context::Chain,
            Pane::Gaps => Context::Gaps,
        }
    }

    /// Every context that holds, the nearest first.
    pub fn contexts(&self) -> Vec<Context> {
        if self.overlays.is_empty() {
            vec![self.context(), Context::List, Context::Panes, Context::Everywhere]
        } else {
            vec![self.context(), Context::List, Context::Everywhere]
        }
    }

    /// Whether keys type text.
    pub fn is_typing(&self) -> bool {
        self.overlays.last().is_some_and(Overlay::is_typing)
    }

    /// The artefact that actions are about.
    pub fn subject(&self) -> Option<&str> {
        match self.pane {
            Pane::Overview => self.overview.subject(),
            Pane::Explore => self.explore.subject(),
            Pane::Diff => self.diff.subject(),
            Pane::Impact => self.impact.subject(),
            Pane::Suspects => self.suspects.subject(),
            Pane::Plan => self.plan.subject(),
            Pane::Timeline => self.timeline.subject(),
            Pane::Case => self.case.subject(),
            Pane::Chain => self.chain.subject(),
            Pane::Gaps => self.gaps.subject(),
            Pane::Sources => None,
        }
    }

    /// The claim behind the selected row.
    pub fn claim(&self) -> Option<&str> {
        match self.overlays.last() {
            Some(Overlay::Path(path)) => return path.claim(),
            Some(Overlay::LastGood(view)) => return view.claim(),
            Some(Overlay::Audit(view)) => return view.claim(),
            Some(_) => return None,
            None => {}
        }
        match self.pane {
            Pane::Overview => self.overview.claim(),
            Pane::Explore => self.explore.claim(),
            Pane::Diff => self.diff.claim(),
            Pane::Impact => self.impact.claim(),
            Pane::Suspects => self.suspects.claim(),
            Pane::Plan => self.plan.claim(),
            Pane::Timeline => self.timeline.claim(),
            Pane::Case => self.case.claim(),
            Pane::Chain => self.chain.claim(),
            Pane::Gaps => self.gaps.claim(),
            Pane::Sources => None,
        }
    }

    /// Whether the ledger grew since what the pane shows was answered.
    pub fn is_outgrown(&self) -> bool {
        self.outgrown().is_some()
    }

    /// What the shown answer was computed on, where the ledger grew since.
    pub(crate) fn outgrown(&self) -> Option<&AnsweredOn> {
        self.answered_at.get(&self.pane).filter(|on| on.head.root != self.heading.root)
    }

    /// What copying would put on the clipboard.
    pub fn copyable(&self) -> Option<String> {
        match self.overlays.last() {
            Some(Overlay::Record(record)) => record.text(),
            Some(Overlay::Path(path)) => path.text(),
            Some(Overlay::LastGood(view)) => view.subject().map(str::to_owned),
            Some(Overlay::Audit(view)) => view.subject().map(str::to_owned),
            Some(_) => None,
            None => self.subject().map(str::to_owned),
        }
    }

    /// Rows that a page key moves by.
    pub(crate) fn page(&self) -> i64 {
        i64::from(self.size.1.saturating_sub(8).max(1))
    }

    /// Sends a question out for a place and returns the ticket to wait with.
    pub(crate) fn ask(&mut self, slot: SlotId, ask: Ask, out: &mut Vec<Effect>) -> Ticket {
        self.last_ticket += 1;
        let ticket = Ticket(self.last_ticket);
        out.push(Effect::Ask { slot, ticket, ask });
        ticket
    }

    pub(crate) fn say(&mut self, text: impl Into<String>, meaning: Meaning) {
        self.notice = Some(Notice { text: text.into(), meaning });
    }

    /// The place as it can be stepped back to.
    pub(crate) fn here(&self) -> Visited {
        Visited {
            pane: self.pane,
            root: self.explore.tree.root().map(str::to_owned),
            direction: self.explore.direction,
            impact_of: self.impact.of.clone(),
            diff_of: self.diff.question.as_ref().map(|it| (it.old.clone(), it.new.clone())),
            suspects_of: (self.suspects.bad.clone(), self.suspects.good.clone()),
            plan_of: self.plan.of.clone(),
            timeline_of: self.timeline.of.clone(),
            chain_of: self.chain.of.clone(),
            gaps_of: self.gaps.of.clone(),
        }
    }

    /// Remembers this place before leaving it.
    pub(crate) fn remember(&mut self) {
        let here = self.here();
        if self.history.last() != Some(&here) {
            self.history.push(here);
        }
        if self.history.len() > HISTORY {
            self.history.remove(0);
        }
    }

    /// The list the keys move along, when nothing lies above the pane.
    pub(crate) fn focused_list(&self) -> ListId {
        match self.pane {
            Pane::Overview => ListId::Overview,
            Pane::Explore if self.explore.side == explore::Side::Details => ListId::Details,
            Pane::Explore => ListId::Tree,
            Pane::Diff => ListId::Diff,
            Pane::Impact => ListId::Impact,
            Pane::Suspects => ListId::Suspects,
            Pane::Plan => ListId::Plan,
            Pane::Timeline => ListId::Timeline,
            Pane::Case => ListId::Case,
            Pane::Sources => ListId::Sources,
            Pane::Chain => ListId::Chain,
            Pane::Gaps => ListId::Gaps,
        }
    }
}

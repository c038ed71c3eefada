//! The console without a terminal: events in, frames out, questions answered in between. What only
//! a terminal can do it leaves as orders. Tests drive this; `run` puts it on a real terminal.

use crate::tui::ask::{Answerer, Heading};
use crate::tui::draw::{FrameCache, draw};
use crate::tui::input::{Mouse, translate};
use crate::tui::keymap::Keymap;
use crate::tui::message::{Effect, Msg};
use crate::tui::state::State;
use crate::tui::theme::Look;
use crate::tui::update::{start, update};
use crate::tui::worker::{Clock, Worker};
use crossterm::event::Event;
use ratatui::Frame;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// All that the console needs to open.
#[derive(Clone)]
pub struct Setup {
    /// Whoever answers.
    pub answerer: Arc<dyn Answerer>,
    /// Where "now" comes from.
    pub clock: Clock,
    /// The first line.
    pub heading: Heading,
    /// Keys.
    pub keymap: Arc<Keymap>,
    /// Styles and signs.
    pub look: Look,
    /// The artefact to open in explore, if one was named.
    pub open: Option<String>,
    /// What to say at the foot of the first screen.
    pub notice: Option<String>,
}

/// What only the terminal can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Put a text on the clipboard.
    Copy(String),
    /// Draw every cell anew.
    Redraw,
    /// Give the terminal back until resumed.
    Suspend,
    /// Leave.
    Quit,
}

/// The console.
pub struct Console {
    state: State,
    cache: FrameCache,
    mouse: Mouse,
    worker: Worker,
    inbox: UnboundedReceiver<Msg>,
    orders: VecDeque<Order>,
}

impl Console {
    /// Opens on the overview and asks for it. Needs a tokio runtime to run questions on.
    pub fn new(setup: Setup) -> Console {
        let (post, inbox) = unbounded_channel();
        let now = (setup.clock)();
        let mut console = Console {
            state: State::new(setup.heading, now, setup.keymap, setup.look),
            cache: FrameCache::default(),
            mouse: Mouse::default(),
            worker: Worker::new(setup.answerer, setup.clock, post),
            inbox,
            orders: VecDeque::new(),
        };
        let mut effects = start(&mut console.state);
        if let Some(id) = setup.open {
            crate::tui::pane::explore::root_at(&mut console.state, &id, &mut effects);
        }
        console.run(effects);
        if let Some(text) = setup.notice {
            console.message(Msg::Notice(text));
        }
        console
    }

    /// Has arrivals from other processes told while nobody asks anything. Needs a tokio runtime with a clock.
    pub fn watch(&self, every: Duration) {
        self.worker.watch(every);
    }

    /// What the console knows.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Takes in what the terminal sent.
    pub fn event(&mut self, event: Event) {
        if let Some(msg) = translate(event, &self.state, &self.cache, &mut self.mouse) {
            self.message(msg);
        }
    }

    /// Takes in one message.
    pub fn message(&mut self, msg: Msg) {
        if let Msg::Told { slot, ticket, last: true, .. } = &msg {
            self.worker.finished(*slot, *ticket);
        }
        let effects = update(&mut self.state, msg);
        self.run(effects);
    }

    fn run(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Ask { slot, ticket, ask } => self.worker.ask(slot, ticket, ask),
                Effect::Cancel(slot) => self.worker.cancel(slot),
                Effect::Copy(text) => self.orders.push_back(Order::Copy(text)),
                Effect::Redraw => self.orders.push_back(Order::Redraw),
                Effect::Suspend => self.orders.push_back(Order::Suspend),
                Effect::Quit => self.orders.push_back(Order::Quit),
            }
        }
    }

    /// What the terminal is to do next.
    pub fn order(&mut self) -> Option<Order> {
        self.orders.pop_front()
    }

    /// Waits for the next answer. Never ends by itself while the console lives.
    pub async fn answer(&mut self) -> Msg {
        match self.inbox.recv().await {
            Some(msg) => msg,
            // Cannot be: the worker keeps a sender.
            None => std::future::pending().await,
        }
    }

    /// Takes in every answer that is already there.
    pub fn drain(&mut self) {
        while let Ok(msg) = self.inbox.try_recv() {
            self.message(msg);
        }
    }

    /// Whether nothing is under way and nothing waits to be taken in.
    pub fn is_settled(&self) -> bool {
        self.worker.outstanding() == 0 && self.inbox.is_empty()
    }

    /// Waits until settled: for answers, never for time.
    pub async fn settle(&mut self) {
        while !self.is_settled() {
            let msg = self.answer().await;
            self.message(msg);
        }
    }

    /// Draws a frame.
    pub fn draw(&mut self, frame: &mut Frame) {
        draw(&self.state, &mut self.cache, frame);
    }
}

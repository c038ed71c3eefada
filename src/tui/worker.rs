//! Runs questions on threads that may block and posts what they say. One request per place: the
//! newest wins, older ones are told to stop. It looks at no answer.

use crate::model::Time;
use crate::tui::ask::{Answerer, Ask, Told};
use crate::tui::message::{Msg, SlotId, Ticket};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

/// Where "now" comes from.
pub type Clock = Arc<dyn Fn() -> Time + Send + Sync>;

/// Whoever runs the questions.
pub(crate) struct Worker {
    answerer: Arc<dyn Answerer>,
    clock: Clock,
    post: UnboundedSender<Msg>,
    running: HashMap<SlotId, (Ticket, Arc<AtomicBool>)>,
    outstanding: usize,
}

impl Worker {
    pub(crate) fn new(answerer: Arc<dyn Answerer>, clock: Clock, post: UnboundedSender<Msg>) -> Worker {
        Worker { answerer, clock, post, running: HashMap::new(), outstanding: 0 }
    }

    /// Starts a question; the one under way at the same place is told to stop. Needs a runtime.
    pub(crate) fn ask(&mut self, slot: SlotId, ticket: Ticket, ask: Ask) {
        // What is being written is never stopped half way.
        if slot != SlotId::Write {
            self.cancel(slot);
        }
        let cancel = Arc::new(AtomicBool::new(false));
        self.running.insert(slot, (ticket, Arc::clone(&cancel)));
        // Counted before it runs, so that "settled" is never true too early.
        self.outstanding += 1;
        let (answerer, clock, post) = (Arc::clone(&self.answerer), Arc::clone(&self.clock), self.post.clone());
        // Detached on purpose: its end arrives as a message.
        drop(tokio::task::spawn_blocking(move || {
            let send = |told: Told, last: bool| {
                let now = clock();
                // The console may be gone by now; then nobody waits.
                drop(post.send(Msg::Told { slot, ticket, told: Box::new(told), now, last }));
            };
            let answered = catch_unwind(AssertUnwindSafe(|| {
                if cancel.load(Ordering::Relaxed) && slot != SlotId::Write {
                    return Told::Cancelled;
                }
                answerer.answer(ask, &cancel, &mut |told| send(told, false))
            }));
            let told = answered.unwrap_or_else(|_| {
                Told::Failed("an internal error stopped this question; the ledger is unharmed".to_owned())
            });
            // before the last word, so that "settled" is never true too early
            if let Ok(Some(heading)) = catch_unwind(AssertUnwindSafe(|| answerer.heading())) {
                drop(post.send(Msg::Heading { slot, ticket, heading: Box::new(heading) }));
            }
            send(told, true);
        }));
    }

    /// Looks now and then whether another process appended, and posts only that it did. It ends with the console.
    /// Needs a runtime with a clock.
    pub(crate) fn watch(&self, every: Duration) {
        let (answerer, post) = (Arc::clone(&self.answerer), self.post.clone());
        drop(tokio::spawn(async move {
            let mut seen = None;
            loop {
                tokio::time::sleep(every).await;
                let answerer = Arc::clone(&answerer);
                let looked = tokio::task::spawn_blocking(move || answerer.heading()).await;
                let Ok(Some(heading)) = looked else { continue };
                let grown = seen.replace(heading.records) != Some(heading.records);
                if grown && post.send(Msg::Arrived(Box::new(heading))).is_err() || post.is_closed() {
                    return;
                }
            }
        }));
    }

    /// Tells the question at this place to stop.
    pub(crate) fn cancel(&mut self, slot: SlotId) {
        if let Some((_, cancel)) = self.running.remove(&slot) {
            cancel.store(true, Ordering::Relaxed);
        }
    }

    /// Notes that a question's last message arrived.
    pub(crate) fn finished(&mut self, slot: SlotId, ticket: Ticket) {
        self.outstanding = self.outstanding.saturating_sub(1);
        if self.running.get(&slot).is_some_and(|(running, _)| *running == ticket) {
            self.running.remove(&slot);
        }
    }

    /// How many questions have not sent their last message.
    pub(crate) fn outstanding(&self) -> usize {
        self.outstanding
    }
}

impl Drop for Worker {
    /// Whoever still looks may stop: nobody waits any more.
    fn drop(&mut self) {
        for (slot, (_, cancel)) in self.running.drain() {
            if slot != SlotId::Write {
                cancel.store(true, Ordering::Relaxed);
            }
        }
    }
}

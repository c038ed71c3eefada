//! The moment a thing is done. The engine is handed a clock; it never reads the system's itself.

use crate::model::Time;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Tells the time; in tests and in the demo it stands still.
#[derive(Clone)]
pub struct Clock {
    read: Arc<dyn Fn() -> Time + Send + Sync>,
    stands_still: bool,
    started: Instant,
}

impl Clock {
    /// A clock that asks `read` each time.
    pub fn running(read: impl Fn() -> Time + Send + Sync + 'static) -> Clock {
        Clock { read: Arc::new(read), stands_still: false, started: Instant::now() }
    }

    /// A clock that always says `at`.
    pub fn fixed(at: Time) -> Clock {
        Clock { read: Arc::new(move || at), stands_still: true, started: Instant::now() }
    }

    /// What it says.
    pub fn now(&self) -> Time {
        (self.read)()
    }

    /// A reading for lengths of time: it only moves forward, also where the clock stands still.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Whether it always says the same: screens must then say which moment they show.
    pub fn stands_still(&self) -> bool {
        self.stands_still
    }
}

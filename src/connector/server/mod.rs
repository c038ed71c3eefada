//! What servers hold, object by object, in the shape that files of it have: one file a kind of server, and a
//! line in the table below. It keeps nothing between two looks, and concludes nothing from what it hands on.

mod files;
mod lastgood;
mod marquez;
mod mlflow;
mod page;
mod registry;
mod token;

pub use lastgood::{LEDGER, Ledger, SEEN, TAKEN, ledger};

use super::http::{Address, Http, Trouble};
use std::sync::mpsc::SyncSender;

/// One kind of server.
pub struct Kind {
    /// The word for it.
    pub name: &'static str,
    /// What it is, for help.
    pub about: &'static str,
    /// Whether such a server answers there, and which: its version in words.
    pub(super) recognises: fn(&Http) -> Result<Option<String>, Trouble>,
    /// Its lists by their names, each asked for as little as it gives.
    pub(super) lists: fn(&Http) -> Vec<Tried>,
    /// Hands out what it holds.
    pub(super) pull: fn(&Pull<'_>) -> Result<(), Trouble>,
    /// How one thing of it is looked at by itself, where that can be.
    pub(super) browse: Option<Browse>,
}

/// How one thing is looked at by itself, with what it is directly tied to. What is asked for does not grow with the
/// server; how often and how long is for the caller to bound.
pub struct Browse {
    /// Whether a thing that goes by these names may be known there.
    pub(super) may_know: fn(&Address, &[String]) -> bool,
    /// Hands out what is known of it. A name that means nothing there gives nothing.
    pub(super) around: fn(&Pull<'_>, &[String]) -> Result<(), Trouble>,
}

/// A list of a server, and whether it may be looked at.
pub type Tried = (&'static str, Result<(), Trouble>);

/// Every kind of server, in the order they are tried.
pub static KINDS: &[Kind] = &[mlflow::KIND, marquez::KIND, lastgood::KIND, registry::KIND, files::KIND];

/// The kind of that name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

impl Kind {
    /// Whether such a server answers there, and which.
    ///
    /// # Errors
    /// When nothing answers, or it does not know us.
    pub fn recognises(&self, http: &Http) -> Result<Option<String>, Trouble> {
        (self.recognises)(http)
    }

    /// Which of its lists may be looked at.
    pub fn lists(&self, http: &Http) -> Vec<Tried> {
        (self.lists)(http)
    }

    /// Hands out what the server holds, until it is all or nobody listens.
    ///
    /// # Errors
    /// When the server cannot be asked at all. What else goes wrong is handed out.
    pub fn pull(&self, pull: &Pull<'_>) -> Result<(), Trouble> {
        (self.pull)(pull)?;
        pull.give(Pulled::Through);
        Ok(())
    }

    /// Whether a thing that goes by these names may be known there.
    pub fn may_know(&self, address: &Address, names: &[String]) -> bool {
        self.browse.as_ref().is_some_and(|browse| (browse.may_know)(address, names))
    }

    /// Hands out what is known of one thing and of what it is directly tied to.
    ///
    /// # Errors
    /// As [`Kind::pull`].
    pub fn around(&self, pull: &Pull<'_>, names: &[String]) -> Result<(), Trouble> {
        self.browse.as_ref().map_or(Ok(()), |browse| (browse.around)(pull, names))
    }
}

/// One thing that a server held, or did not let us see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pulled {
    /// An object.
    Document {
        /// What it is called there: `runs/0123…`.
        part: String,
        /// The format to read it as; by its content where that is not known.
        format: Option<&'static str>,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// It is there and as it was.
    Unchanged {
        /// What it is called there.
        part: String,
    },
    /// Everything whose name begins so was handed out: what else was once there is gone.
    Whole {
        /// The beginning: `runs/`.
        prefix: String,
    },
    /// Every file whose name begins so is listed no more but those that were handed out. What was in them may be true
    /// still.
    Listed {
        /// The beginning: `files/`.
        prefix: String,
    },
    /// It is asked for by its name, and is not there.
    Gone {
        /// What it is called there.
        part: String,
    },
    /// Everything there is was looked at: what was refused before and not this time may be looked at again.
    Through,
    /// It did not let us look.
    NotPermitted {
        /// Where: `gateway/secrets`.
        place: String,
        /// Its words.
        why: String,
    },
    /// Something could not be read; nothing is concluded from that.
    Failed {
        /// Where.
        place: String,
        /// Why.
        why: String,
    },
}

/// What is held of the source already.
pub trait Held: Sync {
    /// Whether something of that name is.
    fn has(&self, part: &str) -> bool;
    /// Where the last look ended, as the connector wrote it.
    fn cursor(&self, name: &str) -> Option<String>;
    /// Where this look ended. It counts once all that was handed out is kept.
    fn end_at(&self, name: &str, cursor: String);
    /// Keeps what was answered, which stays true whatever else of this look fails.
    fn learn(&self, name: &str, answer: String);
}

/// One look at a server.
pub struct Pull<'p> {
    /// The server.
    pub http: &'p Http,
    /// What is held already.
    pub held: &'p dyn Held,
    /// Where what is found goes.
    pub out: SyncSender<Pulled>,
}

impl Pull<'_> {
    /// Hands something out. False when nobody listens any more.
    fn give(&self, pulled: Pulled) -> bool {
        self.out.send(pulled).is_ok()
    }

    fn document(&self, part: impl Into<String>, format: Option<&'static str>, bytes: Vec<u8>) -> bool {
        self.give(Pulled::Document { part: part.into(), format, bytes })
    }

    /// Tells what went wrong at a place, unless that ends everything.
    fn tell(&self, place: &str, trouble: Trouble) -> Result<(), Trouble> {
        use super::http::Sort;
        let place = place.to_owned();
        match trouble.sort {
            Sort::Cancelled | Sort::Unreachable => Err(trouble),
            _ if trouble.is_refusal() => {
                self.give(Pulled::NotPermitted { place, why: trouble.to_string() });
                Ok(())
            }
            _ => {
                self.give(Pulled::Failed { place, why: trouble.to_string() });
                Ok(())
            }
        }
    }

    /// Does something for each, several at once, until all is done or one thing ends everything.
    fn each<T: Send>(
        &self,
        items: impl Iterator<Item = T> + Send,
        act: impl Fn(T) -> Result<(), Trouble> + Sync,
    ) -> Result<(), Trouble> {
        use std::sync::{Mutex, PoisonError};
        let items = Mutex::new(items);
        let failed = Mutex::new(None);
        let stop = || failed.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        std::thread::scope(|scope| {
            for _ in 0..self.http.at_once() {
                scope.spawn(|| {
                    while !stop() {
                        let next = items.lock().unwrap_or_else(PoisonError::into_inner).next();
                        let Some(item) = next else { return };
                        if let Err(trouble) = act(item) {
                            *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
                        }
                    }
                });
            }
        });
        failed.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }
}

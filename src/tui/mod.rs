//! The console: events to state, state to frames, questions answered beside. It never asks the
//! store, an importer or a connector; it is handed an [`ask::Answerer`].

pub mod action;
pub(crate) mod answer_text;
pub mod ask;
pub mod console;
pub mod context;
pub mod draw;
mod input;
pub mod key;
pub mod keymap;
pub mod live;
pub mod message;
mod motion;
pub mod overlay;
pub mod pane;
mod places;
pub mod run;
pub mod state;
pub mod terminal;
pub mod theme;
pub mod update;
pub mod widget;
pub mod worker;

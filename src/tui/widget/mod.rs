//! Things that are drawn and know no pane. They hold no state of the console.

pub(crate) mod facts;
pub(crate) mod frame;
pub(crate) mod line;
pub(crate) mod list;
pub mod text_box;

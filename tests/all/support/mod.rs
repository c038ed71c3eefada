//! What tests share. It tests nothing.

pub(crate) mod svg;
pub(crate) mod tui;
pub(crate) mod world;

//! Everything that is tested through the library's or the program's front door.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on stops")]

mod support;
mod tui_any;
mod tui_hostile;
mod tui_keys;
mod tui_pty;
mod tui_screens;

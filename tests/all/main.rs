//! The integration tests, in one binary. Each module says what it holds up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that panics is a test that fails")]

mod scenario;

//! Asks servers over HTTP: with deadlines and limits, with a credential that goes to one origin and nowhere
//! else, and again where that is harmless. It reads no answer beyond its headers.

mod address;
mod client;
mod credential;
mod retry;
mod trouble;

pub use address::Address;
pub use client::{Answer, Http, Request};
pub use credential::{Prompt, Secret, credential};
pub use trouble::{Sort, Trouble};

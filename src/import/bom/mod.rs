//! What the readers of bills of materials share: a document cut into its sections, the names things
//! have in it, and where what is said goes. It knows the fields of no format.

mod document;
mod names;
mod pick;
mod sink;

pub(super) use document::{Document, Element, Piece};
pub(super) use names::{NoDigest, Party, commit_in, digest, hugging_face, purl};
pub(super) use pick::{clip, list, print, properties, scalar, text, texts, word};
pub(super) use sink::{Sink, evidence, how};

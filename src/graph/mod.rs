//! The lineage: an immutable index over what claims say, and the walks over it.
//!
//! [`Builder`] turns claim rows into the bytes of an index; [`Lineage`] reads them, owned or mapped
//! from a file. It does no I/O but mapping that file, knows no SQL and concludes nothing about
//! incidents: that is `investigate`'s work.

pub mod arrival;
mod attached;
mod bits;
mod build;
mod check;
mod chosen;
pub mod entry;
mod held;
pub mod lanes;
mod layout;
mod lineage;
mod links;
pub mod map;
pub mod path;
pub mod resolve;
pub mod spread;
pub mod walk;
mod words;

pub use attached::{AbsenceRef, AliasRef, EvidenceRef};
pub use bits::NodeSet;
pub use build::{BuildError, Builder, IndexHead};
pub use check::Unusable;
pub use chosen::Relations;
pub use held::{Dates, Held};
pub use lineage::{Lineage, Node};
pub use links::LinkRef;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

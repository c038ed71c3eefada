//! Tests over the public surface of the library, in one binary. It holds none itself.

mod import_bad_input;
mod import_corpus;
mod import_golden;
mod import_properties;
mod import_speed;
mod import_streams;

//! Tests over the public surface of the library, in one binary. It holds none itself.

mod connector_files;
mod import_bad_input;
mod import_corpus;
mod import_golden;
mod import_properties;
mod import_secrets;
mod import_speed;
mod import_streams;

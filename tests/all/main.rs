//! All integration tests, in one binary so that they link once.

mod architecture;

mod import_bad_input;
mod import_corpus;
mod import_golden;
mod import_properties;
mod import_speed;
mod import_streams;

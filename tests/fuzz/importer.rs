//! One parser at a time, the one that `LASTGOOD_FUZZ_FORMAT` names: whatever bytes it is given as a record,
//! it says only what lies within them. It does not cut streams; that is for `stream`.

#![no_main]

use lastgood::import::{Framing, Importer, importer, native, occurrences, read_record, unit_in};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static IMPORTER: LazyLock<&'static dyn Importer> = LazyLock::new(|| {
    let name = std::env::var("LASTGOOD_FUZZ_FORMAT").expect("LASTGOOD_FUZZ_FORMAT names the format to read");
    importer(&name).unwrap_or_else(|| panic!("no importer is called {name}"))
});

fuzz_target!(|bytes: &[u8]| {
    for told in occurrences(IMPORTER.format().name, bytes) {
        assert!(!told.name.is_empty() && told.name.len() < 1024, "what is told has no name that can be kept");
    }
    use Framing::{Documents, Elements, Head, Lines, Protobuf, Rest, Slice, Whole};
    for framing in [Whole, Lines, Documents, Elements, Head, Slice, Rest, Protobuf] {
        let reading = read_record(*IMPORTER, bytes, framing);
        for claim in &reading.claims {
            assert!((claim.at as usize) < bytes.len(), "a claim stands beyond the record");
            assert!(!unit_in(bytes, claim.at, framing).is_empty(), "a claim stands at nothing");
            let line = native::write(&claim.statement);
            assert!(!line.contains('\n'), "a statement has more than one line");
            assert_eq!(native::read_line(&line).as_ref(), Ok(&claim.statement), "a statement reads back as another");
        }
        for refused in &reading.rejected {
            assert!(refused.at as usize + refused.len as usize <= bytes.len(), "a refusal stands beyond the record");
            assert!(!refused.reason.is_empty());
        }
        for warning in &reading.warnings {
            assert!(warning.at as usize <= bytes.len(), "a doubt stands beyond the record");
        }
        assert_eq!(read_record(*IMPORTER, bytes, framing), reading, "the same record is read in two ways");
    }
});

//! A whole stream as the engine takes it in: recognised, cut, redacted, read. It keeps nothing.

#![no_main]

use lastgood::import::frame::{Budget, Cut, Stream};
use lastgood::import::{read_record, redact, sniff};
use lastgood::proof::fingerprint::Pepper;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let pepper = Pepper::new([7; 32]);
    let once = redact(bytes, &pepper);
    assert_eq!(redact(&once.bytes, &pepper).bytes, once.bytes, "redacting twice is not redacting once");
    let Ok(stream) = Stream::open(bytes) else { return };
    let Ok((importer, framing)) = sniff(&stream.head()) else { return };
    let budget = Budget { whole: 4096, unit: 1024 };
    for cut in stream.frames(framing, budget) {
        match cut.expect("bytes in memory can be read") {
            Cut::Frame(frame) => {
                assert!(frame.offset as usize <= bytes.len(), "a record begins beyond the file");
                let content = redact(&frame.content, &pepper).bytes;
                read_record(importer, &content, frame.framing);
            }
            Cut::Skipped(skipped) => {
                assert!((skipped.offset + skipped.len) as usize <= bytes.len(), "what is skipped ends beyond the file");
            }
        }
    }
});

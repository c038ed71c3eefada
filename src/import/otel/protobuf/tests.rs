//! What is taken for OTLP and what is not, and what happens to messages that are broken or hostile. That a
//! message says what it ought to is held up by the files an encoder of others wrote, in `tests/golden/otel`.

use super::*;
use crate::import::Framing;
use crate::import::frame::{Budget, Cut, Stream};
use serde_json::Value;
use std::path::Path;

fn golden(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/otel").join(name)).unwrap()
}

fn field(number: u32, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for mut value in [u64::from(number << 3 | 2), bytes.len() as u64] {
        while value >= 0x80 {
            out.push((value & 0x7f | 0x80) as u8);
            value >>= 7;
        }
        out.push(value as u8);
    }
    [out, bytes.to_vec()].concat()
}

/// A message of one span with that attribute value.
fn with_value(value: &[u8]) -> Vec<u8> {
    let pair = [field(1, b"k"), field(2, value)].concat();
    let times: Vec<u8> = [vec![0x39], 1_700_000_000_000_000_000_u64.to_le_bytes().to_vec()].concat();
    let span = [field(1, &[7; 16]), field(2, &[7; 8]), field(5, b"chat"), times, field(9, &pair)].concat();
    field(1, &field(2, &field(2, &span)))
}

fn cuts(bytes: &[u8], budget: Budget) -> Vec<Result<Vec<u8>, String>> {
    let stream = Stream::open(bytes).unwrap();
    let frames = stream.frames(Framing::Protobuf, budget);
    let told = frames.map(|cut| match cut.unwrap() {
        Cut::Frame(frame) => Ok(frame.content),
        Cut::Skipped(skipped) => Err(skipped.reason),
    });
    told.collect()
}

#[test]
fn each_way_of_laying_messages_down_is_known_from_their_beginning() {
    for (name, wanted) in
        [("program-genai.pb", Layout::One), ("collector.pb", Layout::Long), ("delimited.pb", Layout::Varint)]
    {
        let bytes = golden(name);
        assert_eq!(layout(&Head { bytes: &bytes, complete: true }), Some(wanted), "{name}");
        let half = bytes.get(..bytes.len() / 2).unwrap();
        assert_eq!(layout(&Head { bytes: half, complete: false }), Some(wanted), "half of {name}");
    }
}

#[test]
fn other_bytes_are_not_taken_for_it() {
    let mut others: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"\n\x02\x08\x01".to_vec(),
        b"\n\n\n\n\n\n\n\n\n\n\n\n\n\n".to_vec(),
        b"\n{\"resourceSpans\":[]}".to_vec(),
        vec![0; 64],
        field(1, b"a text that is a field of some other message"),
        // Measurements: the same three levels, and neither ids nor a time where spans and logs have them.
        field(1, &field(2, &field(2, &[field(1, b"http.server.request"), field(5, &field(1, b""))].concat()))),
        // Ids of other lengths.
        field(1, &field(2, &field(2, &[field(1, &[7; 15]), field(2, &[7; 8])].concat()))),
    ];
    for magic in ["\x7fELF", "PK\x03\x04", "SQLite format 3\0", "GGUF\x03\0\0\0", "PAR1", "Obj\x01"] {
        others.push([magic.as_bytes(), &[0x0a; 200]].concat());
    }
    for bytes in others {
        for complete in [true, false] {
            assert_eq!(layout(&Head { bytes: &bytes, complete }), None, "{bytes:?}");
        }
        assert!(otlp_json(&bytes).is_err());
    }
}

#[test]
fn hostile_messages_are_refused_within_bounds() {
    let mut deep = field(1, b"x");
    for _ in 0..80 {
        deep = field(5, &field(1, &deep));
    }
    assert!(otlp_json(&with_value(&deep)).unwrap_err().contains("deep within each other"));
    let mut shallow = field(1, b"x");
    for _ in 0..25 {
        shallow = field(5, &field(1, &shallow));
    }
    let json = otlp_json(&with_value(&shallow)).unwrap();
    assert!(crate::import::json::strict_value(std::str::from_utf8(&json).unwrap()).is_ok());
    // Two bytes each, and many times that when written out.
    let many = field(5, &[0x0a, 0].repeat(1 << 16));
    let bytes = with_value(&many);
    assert!(write::json(&TRACES, &bytes, 1 << 16).unwrap_err().contains("when written out"));
    let message = golden("program-genai.pb");
    for end in (0..message.len()).step_by(7) {
        let _ = otlp_json(message.get(..end).unwrap());
    }
}

#[test]
fn a_message_that_is_too_long_or_broken_costs_itself() {
    let good = golden("program-genai.pb");
    let framed = |message: &[u8]| [&(message.len() as u32).to_be_bytes()[..], message].concat();
    let long = with_value(&field(1, &[b'x'; 9000]));
    let all = [framed(&good), framed(&long), framed(b"\x0a\xff"), framed(&good)].concat();
    let cuts = cuts(&all, Budget { whole: 1 << 20, unit: 8192 });
    let told: Vec<Option<&str>> = cuts.iter().map(|cut| cut.as_ref().err().map(String::as_str)).collect();
    assert_eq!(told.len(), 4);
    assert_eq!((told[0], told[3]), (None, None));
    assert!(told[1].unwrap().contains("one message of more than 8192 bytes"));
    assert!(told[2].unwrap().contains("no OTLP traces"));
    let read: Value = serde_json::from_slice(cuts[0].as_ref().unwrap()).unwrap();
    assert_eq!(read["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
}

#[test]
fn a_value_stands_once_and_the_last_one_counts() {
    let json = otlp_json(&with_value(&[field(1, b"first"), field(1, b"second")].concat())).unwrap();
    let text = String::from_utf8(json).unwrap();
    assert!(text.contains(r#""value":{"stringValue":"second"}"#) && !text.contains("first"), "{text}");
}

//! What is wrong with a file is said with its place, and the rest of the file is unharmed.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail as tests do")]

use crate::import_streams::{Imported, import, import_within};
use lastgood::import::frame::Budget;
use std::io::{self, Read};

const GOOD: &str = r#"{"type":"artefact","id":"dataset:good","kind":"dataset"}"#;

fn between(bad: &[u8]) -> Imported {
    let mut bytes = format!("{GOOD}\n").into_bytes();
    bytes.extend_from_slice(bad);
    bytes.extend_from_slice(format!("\n{GOOD}\n").as_bytes());
    import(bytes.as_slice()).unwrap()
}

#[test]
fn a_bad_line_is_named_and_its_neighbours_are_read() {
    let deep =
        format!("{{\"type\":\"artefact\",\"id\":\"a\",\"kind\":\"b\",\"x\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    let table: [(&[u8], &str); 9] = [
        (b"{\"type\":\"artefact\",\"id\":\"dat", "2: column 28: the text ends inside the value (truncated?)"),
        (deep.as_bytes(), "2: column 170: nested more than 128 levels deep"),
        (b"{\"type\":\"note\",\"type\":\"note\"}", "2: column 21: the key \"type\" is given twice"),
        (b"{\"type\":\"artefact\",\"id\":\"\xFF\xFE\",\"kind\":\"x\"}", "2: column 26: not UTF-8"),
        (
            b"{\"type\":\"artefact\",\"id\":\"a\0\",\"kind\":\"x\"}",
            "2: column 27: control character (\\u0000-\\u001F) found while parsing a string",
        ),
        (b"{\"type\":\"artefact\",\"id\":123456789012345678901234567890,\"kind\":\"x\"}", ""),
        (b"{\"type\":\"artefact\",\"kind\":\"dataset\"}", "2: \"id\" is required for an artefact"),
        (b"{\"type\":\"artefact\",\"id\":\"a\"}", "2: \"kind\" is required for an artefact"),
        (
            b"{\"type\":\"artefact\",\"id\":\"a\",\"kind\":\"b\"}}",
            "2: column 40: more text follows where the value ends",
        ),
    ];
    for (bad, reason) in table {
        let imported = between(bad);
        if reason.is_empty() {
            assert_eq!(imported.claims().count(), 2, "{:?}", imported.reasons());
            assert!(imported.reasons()[0].contains("expected text for \"id\""), "{:?}", imported.reasons());
            continue;
        }
        assert_eq!(imported.reasons(), [reason]);
        assert_eq!(imported.claims().count(), 2);
    }
}

#[test]
fn a_byte_order_mark_is_stripped_and_counted() {
    let bytes = format!("\u{feff}{GOOD}\n");
    let imported = import(bytes.as_bytes()).unwrap();
    assert_eq!(imported.claims().count(), 1);
    assert_eq!(imported.records[0].0.offset, 3);
}

#[test]
fn what_is_no_text_is_refused_by_name() {
    let wide: Vec<u8> = std::iter::once(0xFEFF_u16).chain(GOOD.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let table: [(&[u8], &str); 3] = [
        (&wide, "not a supported format (UTF-16 text: save it as UTF-8)"),
        (b"", "not a supported format (empty file)"),
        (b"\0\0\0\0", "not a supported format (binary)"),
    ];
    for (bytes, message) in table {
        assert_eq!(import(bytes).err().unwrap().to_string(), message);
    }
}

/// A line of a gibibyte between good ones, made as it is read.
struct HugeLine {
    head: io::Cursor<Vec<u8>>,
    left: u64,
    tail: io::Cursor<Vec<u8>>,
}

impl Read for HugeLine {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.head.read(buffer)?;
        if got > 0 {
            return Ok(got);
        }
        if self.left > 0 {
            let got = buffer.len().min(self.left as usize);
            buffer[..got].fill(b'x');
            self.left -= got as u64;
            return Ok(got);
        }
        self.tail.read(buffer)
    }
}

#[test]
fn a_huge_line_is_passed_over_in_bounded_memory() {
    let reader = HugeLine {
        head: io::Cursor::new(format!("{GOOD}\n").into_bytes()),
        left: 1 << 28,
        tail: io::Cursor::new(format!("\n{GOOD}\n").into_bytes()),
    };
    let imported = import_within(reader, Budget { unit: 1 << 20, ..Budget::default() }).unwrap();
    assert_eq!(imported.claims().count(), 2);
    assert_eq!(imported.reasons(), ["2: a line of 268435457 bytes, more than 1 MiB"]);
    assert_eq!(imported.skipped[0].offset, GOOD.len() as u64 + 1);
    assert_eq!(imported.records[1].0.line, 3);
}

#[test]
fn budgets_hold_at_their_edge() {
    let line = |len: usize| format!("{GOOD}\n{}\n", GOOD.replace("good", &"g".repeat(len + 3 - GOOD.len())));
    for (len, claims) in [(99_999, 2), (100_000, 2), (100_001, 1)] {
        let imported = import_within(line(len).as_bytes(), Budget { unit: 100_000, ..Budget::default() }).unwrap();
        assert_eq!(imported.records.len() + imported.skipped.len(), 2, "{len}");
        // Ids are shorter than that, so a line that is read is refused for its id.
        assert_eq!(imported.skipped.len(), 2 - claims, "{len}");
    }
}

/// Fails once its bytes are used up.
struct Broken<'a>(&'a [u8]);

impl Read for Broken<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "corrupt deflate stream")),
            got => Ok(got),
        }
    }
}

#[test]
fn what_came_before_a_read_failure_is_kept() {
    let text = format!("{GOOD}\n{GOOD}\n{{\"type\":\"arte");
    let imported = import(Broken(text.as_bytes())).unwrap();
    assert_eq!(imported.claims().count(), 2);
    let stopped = imported.stopped.unwrap();
    assert_eq!(
        stopped,
        format!(
            "reading stopped at byte {} (line 3): corrupt deflate stream; what comes before it was read",
            text.len()
        )
    );
}

#[test]
fn an_array_that_is_cut_off_or_followed_by_text_says_so() {
    let table = [
        (format!("[{GOOD},{GOOD}"), 1, "the file ends inside an element (truncated?)"),
        (format!("[{GOOD},"), 1, "the file ends before the array is closed (truncated?)"),
        (format!("[{GOOD}] x"), 1, "text follows where the array ends"),
        (format!("[{GOOD},,{GOOD}]"), 2, "a comma with no element before it"),
        (format!("[{GOOD} {GOOD}]"), 0, "more text follows where the value ends"),
    ];
    for (text, claims, reason) in table {
        let imported = import(text.as_bytes()).unwrap();
        assert_eq!(imported.claims().count(), claims, "{text}");
        assert_eq!(imported.reasons().len(), 1, "{:?}", imported.reasons());
        assert!(imported.reasons()[0].contains(reason), "{:?}", imported.reasons());
    }
}

//! Cuts a JSON array into its elements as the bytes come, holding one chunk of them at a time. It
//! balances brackets and strings; whether an element is JSON is for its reader to say.

use super::Framing;
use super::frame::{CHUNK, Cut, Frame, ReadStopped, Skipped, size};
use std::collections::VecDeque;

type Ready = VecDeque<Result<Cut, ReadStopped>>;

/// Where in the document the next byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the array's opening bracket (past `{"events":`, when it is wrapped).
    Before,
    /// Between elements.
    Between,
    /// In an element.
    Inside,
    /// After the array's closing bracket; `wrapped` ones may go on with other keys.
    After,
}

/// The state between two buffers.
#[derive(Debug)]
pub(super) struct Elements {
    budget: usize,
    place: Place,
    wrapped: bool,
    depth: usize,
    in_string: bool,
    escaped: bool,
    element: Vec<u8>,
    element_len: u64,
    element_at: (u64, u64),
    chunk: Vec<u8>,
    chunk_at: (u64, u64),
    garbage: Option<Skipped>,
}

impl Elements {
    pub(super) fn new(budget: usize) -> Elements {
        Elements {
            budget,
            place: Place::Before,
            wrapped: false,
            depth: 0,
            in_string: false,
            escaped: false,
            element: Vec::new(),
            element_len: 0,
            element_at: (0, 1),
            chunk: Vec::new(),
            chunk_at: (0, 1),
            garbage: None,
        }
    }

    /// Takes the next bytes of the stream, which begin at that offset and line.
    pub(super) fn feed(&mut self, bytes: &[u8], offset: u64, mut line: u64, ready: &mut Ready) {
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            if self.place == Place::Inside && self.in_string && !self.escaped {
                // Most bytes are within strings: take them at once.
                let rest = bytes.get(at..).unwrap_or_default();
                let len = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
                let text = rest.get(..len).unwrap_or_default();
                line += super::frame::newlines(text);
                self.keep(text);
                at += len;
                if let Some(byte) = bytes.get(at) {
                    self.step(*byte, offset + at as u64, line, ready);
                    at += 1;
                }
                continue;
            }
            self.step(*byte, offset + at as u64, line, ready);
            line += u64::from(*byte == b'\n');
            at += 1;
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.element_len += bytes.len() as u64;
        if self.element_len <= self.budget as u64 {
            self.element.extend_from_slice(bytes);
        } else {
            self.element = Vec::new();
        }
    }

    fn step(&mut self, byte: u8, offset: u64, line: u64, ready: &mut Ready) {
        match self.place {
            Place::Before => match byte {
                b'[' => self.place = Place::Between,
                b'{' => self.wrapped = true,
                _ => {}
            },
            Place::Between => self.between(byte, offset, line, ready),
            Place::Inside => self.inside(byte, ready),
            Place::After => {
                if !self.wrapped && !byte.is_ascii_whitespace() {
                    let reason = "text follows where the array ends".to_owned();
                    let garbage = self.garbage.get_or_insert(Skipped { offset, line, len: 0, reason });
                    garbage.len = offset + 1 - garbage.offset;
                }
            }
        }
    }

    fn between(&mut self, byte: u8, offset: u64, line: u64, ready: &mut Ready) {
        match byte {
            _ if byte.is_ascii_whitespace() => {}
            b']' => {
                self.flush(ready);
                self.place = Place::After;
            }
            b',' => {
                let reason = "a comma with no element before it".to_owned();
                self.flush(ready);
                ready.push_back(Ok(Cut::Skipped(Skipped { offset, line, len: 1, reason })));
            }
            _ => {
                self.place = Place::Inside;
                self.element_at = (offset, line);
                self.element_len = 0;
                self.inside(byte, ready);
            }
        }
    }

    fn inside(&mut self, byte: u8, ready: &mut Ready) {
        if self.in_string {
            if self.escaped {
                self.escaped = false;
            } else if byte == b'\\' {
                self.escaped = true;
            } else if byte == b'"' {
                self.in_string = false;
            }
        } else {
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b',' if self.depth == 0 => return self.end_element(ready, Place::Between),
                b']' if self.depth == 0 => {
                    self.end_element(ready, Place::After);
                    return self.flush(ready);
                }
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        self.keep(&[byte]);
    }

    fn end_element(&mut self, ready: &mut Ready, next: Place) {
        self.place = next;
        let (offset, line) = self.element_at;
        if self.element_len > self.budget as u64 {
            let len = self.element_len;
            let reason = format!("an element of {len} bytes, more than {}", size(self.budget));
            self.flush(ready);
            ready.push_back(Ok(Cut::Skipped(Skipped { offset, line, len, reason })));
            self.element = Vec::new();
            return;
        }
        let len = self.element.trim_ascii_end().len();
        if !self.chunk.is_empty() && self.chunk.len() + 1 + len > CHUNK {
            self.flush(ready);
        }
        if self.chunk.is_empty() {
            self.chunk_at = self.element_at;
        } else {
            self.chunk.push(b'\n');
        }
        self.chunk.extend_from_slice(self.element.get(..len).unwrap_or_default());
        self.element.clear();
    }

    /// Yields the elements gathered so far.
    pub(super) fn flush(&mut self, ready: &mut Ready) {
        if !self.chunk.is_empty() {
            let (offset, line) = self.chunk_at;
            let content = std::mem::take(&mut self.chunk);
            ready.push_back(Ok(Cut::Frame(Frame { content, offset, line, framing: Framing::Elements })));
        }
    }

    /// The stream has ended at that offset and line.
    pub(super) fn finish(mut self, offset: u64, line: u64, ready: &mut Ready) {
        self.flush(ready);
        match self.place {
            Place::After => ready.extend(self.garbage.take().map(|garbage| Ok(Cut::Skipped(garbage)))),
            Place::Inside => {
                let (start, line) = self.element_at;
                let reason = "the file ends inside an element (truncated?)".to_owned();
                ready.push_back(Ok(Cut::Skipped(Skipped { offset: start, line, len: offset - start, reason })));
            }
            Place::Before | Place::Between => {
                let reason = "the file ends before the array is closed (truncated?)".to_owned();
                ready.push_back(Ok(Cut::Skipped(Skipped { offset, line, len: 0, reason })));
            }
        }
    }
}

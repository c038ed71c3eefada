//! Cuts a JSON object that is too large to be one record into several, as the bytes come: its long
//! lists in slices, each with the short members that stood before it, and what is left at the end. It
//! balances brackets and strings; whether a slice is JSON is for its reader to say.

use super::Framing;
use super::frame::{CHUNK, Cut, Frame, ReadStopped, Skipped, newlines, size};
use std::collections::VecDeque;

/// Up to this length an object is one record.
pub(super) const WHOLE: usize = 8 << 20;
/// How much of the members that stood before is repeated in each slice, and the longest list that is
/// kept with what is left.
const SHORT: usize = 16 << 10;

type Ready = VecDeque<Result<Cut, ReadStopped>>;

/// What the next byte belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// What stands before the object.
    Before,
    /// Between members, or in a key.
    Key,
    /// Between a key and its value.
    Colon,
    /// A value that is no list.
    Value,
    /// Between the elements of a list that is a member, or in one.
    List,
    /// What follows the object.
    After,
}

/// The state between two buffers.
#[derive(Debug)]
pub(super) struct Slices {
    budget: usize,
    place: Place,
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// The members that every slice repeats, as written.
    context: Vec<u8>,
    /// The members that go into no slice, as written.
    left: Vec<u8>,
    /// The key of the member being read, quotes and all.
    key: Vec<u8>,
    /// The value being read, or the elements of the slice being gathered with what parts them.
    span: Vec<u8>,
    span_at: (u64, u64),
    /// Where in the span the element being read begins; none between elements.
    element: Option<usize>,
    /// The length of what was given up because it is too long, and where it began.
    dropped: Option<(u64, u64, u64)>,
    /// Whether a slice of the list being read was given out.
    sliced: bool,
    garbage: Option<Skipped>,
}

impl Slices {
    pub(super) fn new(budget: usize) -> Slices {
        Slices {
            budget,
            place: Place::Before,
            depth: 0,
            in_string: false,
            escaped: false,
            context: Vec::new(),
            left: Vec::new(),
            key: Vec::new(),
            span: Vec::new(),
            span_at: (0, 1),
            element: None,
            dropped: None,
            sliced: false,
            garbage: None,
        }
    }

    /// Takes the next bytes of the stream, which begin at that offset and line.
    pub(super) fn feed(&mut self, bytes: &[u8], offset: u64, mut line: u64, ready: &mut Ready) {
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            if self.in_string && !self.escaped {
                // Most bytes are within strings: take them at once.
                let rest = bytes.get(at..).unwrap_or_default();
                let text = rest.get(..memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len())).unwrap_or_default();
                self.keep(text);
                line += newlines(text);
                at += text.len();
                let Some(byte) = bytes.get(at) else { return };
                self.step(*byte, (offset + at as u64, line), ready);
                at += 1;
                continue;
            }
            self.step(*byte, (offset + at as u64, line), ready);
            line += u64::from(*byte == b'\n');
            at += 1;
        }
    }

    /// Keeps bytes of the key or the value being read, as long as that is not too long.
    fn keep(&mut self, bytes: &[u8]) {
        let kept = if self.place == Place::Key { &mut self.key } else { &mut self.span };
        let from = self.element.unwrap_or(0);
        if let Some((_, _, len)) = &mut self.dropped {
            *len += bytes.len() as u64;
        } else if kept.len() - from + bytes.len() > self.budget {
            let before = newlines(kept.get(..from).unwrap_or_default());
            let (offset, line) = self.span_at;
            let len = (kept.len() - from + bytes.len()) as u64;
            self.dropped = Some((offset + from as u64, line + before, len));
            kept.truncate(from);
        } else {
            kept.extend_from_slice(bytes);
        }
    }

    fn step(&mut self, byte: u8, at: (u64, u64), ready: &mut Ready) {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            self.keep(&[byte]);
            if !self.in_string && self.place == Place::Key {
                self.place = Place::Colon;
            }
            return;
        }
        match self.place {
            Place::Before if byte == b'{' => self.place = Place::Key,
            Place::Before => {}
            Place::Key => match byte {
                b'"' => {
                    self.key.clear();
                    self.key.push(byte);
                    self.in_string = true;
                }
                b'}' => self.place = Place::After,
                b',' => {}
                _ if byte.is_ascii_whitespace() => {}
                _ => self.stray(at, "text stands where a key was expected"),
            },
            Place::Colon => match byte {
                b':' => {}
                _ if byte.is_ascii_whitespace() => {}
                b'[' => {
                    (self.place, self.sliced) = (Place::List, false);
                    self.span.clear();
                }
                _ => {
                    (self.place, self.span_at) = (Place::Value, at);
                    self.span.clear();
                    self.value(byte, ready);
                }
            },
            Place::Value => self.value(byte, ready),
            Place::List => self.list(byte, at, ready),
            Place::After if byte.is_ascii_whitespace() => {}
            Place::After if byte == b'{' && self.garbage.is_none() => {
                self.end_object(ready);
                self.place = Place::Key;
            }
            Place::After => self.stray(at, "text follows where the document ends"),
        }
    }

    /// Notes bytes that belong to nothing; the first stretch of them is told.
    fn stray(&mut self, (offset, line): (u64, u64), why: &str) {
        let stray = Skipped { offset, line, len: 0, reason: why.to_owned() };
        let garbage = self.garbage.get_or_insert(stray);
        garbage.len = offset + 1 - garbage.offset;
    }

    fn value(&mut self, byte: u8, ready: &mut Ready) {
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b',' if self.depth == 0 => return self.end_value(Place::Key, ready),
            b'}' if self.depth == 0 => return self.end_value(Place::After, ready),
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.keep(&[byte]);
    }

    fn end_value(&mut self, next: Place, ready: &mut Ready) {
        self.place = next;
        if self.give_up("a member", ready) {
            return;
        }
        let mut member = std::mem::take(&mut self.key);
        member.push(b':');
        member.extend_from_slice(self.span.trim_ascii_end());
        self.span.clear();
        if self.context.len() + member.len() <= SHORT {
            join(&mut self.context, &member);
        } else {
            self.leave(&member, ready);
        }
    }

    fn list(&mut self, byte: u8, at: (u64, u64), ready: &mut Ready) {
        if self.depth == 0 && self.element.is_none() {
            match byte {
                b']' => return self.end_list(ready),
                // What parts elements is kept within a slice, so that its bytes are those of the file.
                b',' if self.span.len() >= CHUNK => return self.flush(ready),
                _ if byte == b',' || byte.is_ascii_whitespace() => {
                    if !self.span.is_empty() {
                        self.span.push(byte);
                    }
                    return;
                }
                _ => {
                    if self.span.is_empty() {
                        self.span_at = at;
                    }
                    self.element = Some(self.span.len());
                }
            }
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b',' if self.depth == 0 => {
                self.end_element(ready);
                return self.list(byte, at, ready);
            }
            b']' if self.depth == 0 => {
                self.end_element(ready);
                return self.end_list(ready);
            }
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.keep(&[byte]);
    }

    fn end_element(&mut self, ready: &mut Ready) {
        let gone = self.dropped.is_some();
        self.element = None;
        if gone {
            // What came before it and what follows it are no longer one stretch of the file.
            self.flush(ready);
            self.give_up("an element", ready);
        }
    }

    fn end_list(&mut self, ready: &mut Ready) {
        self.place = Place::Key;
        if self.sliced || self.span.len() > SHORT {
            return self.flush(ready);
        }
        let mut member = std::mem::take(&mut self.key);
        member.extend_from_slice(b":[");
        member.extend_from_slice(trimmed(&self.span));
        member.push(b']');
        self.span.clear();
        self.leave(&member, ready);
    }

    /// Says what was too long to be kept.
    fn give_up(&mut self, what: &str, ready: &mut Ready) -> bool {
        let Some((offset, line, len)) = self.dropped.take() else { return false };
        let reason = format!("{what} of {len} bytes, more than {}", size(self.budget));
        ready.push_back(Ok(Cut::Skipped(Skipped { offset, line, len, reason })));
        true
    }

    /// Keeps a member for the end, or gives out what is kept when it grows too long.
    fn leave(&mut self, member: &[u8], ready: &mut Ready) {
        if self.left.len() + member.len() > WHOLE {
            self.flush_left(ready);
        }
        join(&mut self.left, member);
    }

    /// Gives out the elements gathered so far.
    pub(super) fn flush(&mut self, ready: &mut Ready) {
        let elements = trimmed(&self.span);
        if elements.is_empty() {
            return self.span.clear();
        }
        let mut content = vec![b'{'];
        content.extend_from_slice(&self.context);
        if !self.context.is_empty() {
            content.push(b',');
        }
        content.extend_from_slice(&self.key);
        content.extend_from_slice(b":[");
        // All of this stood earlier in the file too, so that positions in the elements are the file's.
        let (offset, line) = self.span_at;
        let offset = offset.saturating_sub(content.len() as u64);
        let line = line.saturating_sub(newlines(&content)).max(1);
        content.extend_from_slice(elements);
        content.extend_from_slice(b"]}");
        ready.push_back(Ok(Cut::Frame(Frame { content, offset, line, framing: Framing::Slice })));
        self.sliced = true;
        self.span.clear();
    }

    /// Gives out what is left of an object, and forgets it.
    fn end_object(&mut self, ready: &mut Ready) {
        if !self.context.is_empty() || !self.left.is_empty() {
            self.flush_left(ready);
        }
        self.context.clear();
    }

    fn flush_left(&mut self, ready: &mut Ready) {
        let mut content = vec![b'{'];
        join(&mut content, &self.context);
        if content.len() > 1 && !self.left.is_empty() {
            content.push(b',');
        }
        content.append(&mut self.left);
        content.push(b'}');
        ready.push_back(Ok(Cut::Frame(Frame { content, offset: 0, line: 1, framing: Framing::Rest })));
    }

    /// The stream has ended at that offset and line.
    pub(super) fn finish(mut self, offset: u64, line: u64, ready: &mut Ready) {
        self.flush(ready);
        self.end_object(ready);
        ready.extend(self.garbage.take().map(|garbage| Ok(Cut::Skipped(garbage))));
        if self.place != Place::After {
            let reason = "the file ends inside its document (truncated?)".to_owned();
            ready.push_back(Ok(Cut::Skipped(Skipped { offset, line, len: 0, reason })));
        }
    }
}

/// Appends a member to members.
fn join(members: &mut Vec<u8>, member: &[u8]) {
    if members.len() > 1 {
        members.push(b',');
    }
    members.extend_from_slice(member);
}

/// Elements without what parts them from the next.
fn trimmed(span: &[u8]) -> &[u8] {
    let mut rest = span.trim_ascii_end();
    while let Some(less) = rest.strip_suffix(b",") {
        rest = less.trim_ascii_end();
    }
    rest
}

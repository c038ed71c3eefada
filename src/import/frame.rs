//! Cuts a stream of bytes into the contents of records. Where it cuts depends on the bytes from the
//! start of the stream alone, so that the same file gives the same records however it is read. It
//! does not look into a record, beyond finding where an array's elements end.

mod messages;
mod objects;

use super::elements::Elements;
use super::otel::Layout;
use super::slices::Slices;
use super::{Framing, Head};
use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

/// How many bytes are looked at to recognise a format.
pub const HEAD: usize = 64 * 1024;

/// How long a record of lines or elements grows, unless one alone is longer.
pub const CHUNK: usize = 64 * 1024;

/// How much is held in memory at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The longest document that is one record.
    pub whole: usize,
    /// The longest line or element.
    pub unit: usize,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { whole: 256 << 20, unit: 64 << 20 }
    }
}

/// The content of one record, and where it begins in the decompressed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The bytes, verbatim.
    pub content: Vec<u8>,
    /// Byte offset of the first one.
    pub offset: u64,
    /// Line of the first one, from 1.
    pub line: u64,
    /// How it was cut.
    pub framing: Framing,
}

impl Frame {
    /// The line of the file on which the unit at that offset of the content begins; within a record
    /// of elements, whose separators are not kept, the nearest that can be told.
    pub fn line_of(&self, at: u32) -> u64 {
        self.line + newlines(self.content.get(..at as usize).unwrap_or(&self.content))
    }
}

/// A stretch of the stream that was not made into a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Byte offset of its first byte in the decompressed file.
    pub offset: u64,
    /// Line of the first byte, from 1.
    pub line: u64,
    /// How many bytes it has.
    pub len: u64,
    /// Why.
    pub reason: String,
}

/// What framing yields.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is documented on the struct it holds")]
pub enum Cut {
    Frame(Frame),
    Skipped(Skipped),
}

/// The stream could not be read on. What came before it was yielded.
#[derive(Debug, thiserror::Error)]
#[error("reading stopped at byte {offset} (line {line}): {source}; what comes before it was read")]
pub struct ReadStopped {
    /// How many decompressed bytes had been read.
    pub offset: u64,
    /// The line they end on.
    pub line: u64,
    /// What the operating system or the decompressor said.
    pub source: io::Error,
}

/// A stream whose head has been read, so that its format can be recognised before it is cut.
pub struct Stream<R> {
    head: Vec<u8>,
    complete: bool,
    mark: u64,
    rest: R,
}

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

impl<R: Read> Stream<R> {
    /// Reads the head and strips a UTF-8 byte order mark.
    ///
    /// # Errors
    /// When nothing at all can be read. A failure further on shows when the frames are read.
    pub fn open(mut reader: R) -> io::Result<Stream<R>> {
        let mut head = Vec::new();
        if let Err(error) = reader.by_ref().take((HEAD + BYTE_ORDER_MARK.len()) as u64).read_to_end(&mut head)
            && head.is_empty()
        {
            return Err(error);
        }
        let complete = head.len() < HEAD + BYTE_ORDER_MARK.len();
        let mark = if head.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        head.drain(..mark);
        Ok(Stream { head, complete, mark: mark as u64, rest: reader })
    }

    /// The beginning, for [`super::sniff`].
    pub fn head(&self) -> Head<'_> {
        let bytes = self.head.get(..HEAD).unwrap_or(&self.head);
        Head { bytes, complete: self.complete && bytes.len() == self.head.len() }
    }

    /// Cuts the whole stream, head included.
    pub fn frames(self, framing: Framing, budget: Budget) -> Frames<R> {
        let layout = super::otel::layout(&self.head()).unwrap_or(Layout::One);
        let source = Source {
            reader: BufReader::with_capacity(CHUNK, Cursor::new(self.head).chain(self.rest)),
            offset: self.mark,
            line: 1,
        };
        let ready = VecDeque::new();
        match framing {
            Framing::Whole => Frames { source, budget, ready, apart: false, cutter: Cutter::Whole },
            Framing::Lines => Frames { source, budget, ready, apart: false, cutter: Cutter::Lines(Vec::new()) },
            Framing::Documents => Frames { source, budget, ready, apart: true, cutter: Cutter::Lines(Vec::new()) },
            Framing::Head => Frames { source, budget, ready, apart: false, cutter: Cutter::Head },
            Framing::Elements => {
                let cutter = Cutter::Elements(Elements::new(budget.unit));
                Frames { source, budget, ready, apart: false, cutter }
            }
            Framing::Slice | Framing::Rest => Frames { source, budget, ready, apart: false, cutter: Cutter::Object },
            Framing::Protobuf => Frames { source, budget, ready, apart: false, cutter: Cutter::Messages(layout) },
        }
    }
}

/// The reader, and where in the stream it stands.
struct Source<R> {
    reader: BufReader<Chain<Cursor<Vec<u8>>, R>>,
    offset: u64,
    line: u64,
}

impl<R: Read> Source<R> {
    fn stopped(&self, ahead: &[u8], source: io::Error) -> ReadStopped {
        ReadStopped { offset: self.offset + ahead.len() as u64, line: self.line + newlines(ahead), source }
    }

    /// Moves past bytes that were taken out of the stream.
    fn pass(&mut self, bytes: &[u8]) {
        self.offset += bytes.len() as u64;
        self.line += newlines(bytes);
    }
}

enum Cutter {
    Whole,
    /// Bytes read and not yet yielded.
    Lines(Vec<u8>),
    Elements(Elements),
    Head,
    /// An object of which nobody knows yet how large it is.
    Object,
    /// An object that is too large to be one record.
    Slices(Box<Slices>),
    Messages(Layout),
    Done,
}

/// The records of a stream, in order.
pub struct Frames<R> {
    source: Source<R>,
    budget: Budget,
    ready: VecDeque<Result<Cut, ReadStopped>>,
    /// Whether each line is a record of its own.
    apart: bool,
    cutter: Cutter,
}

impl<R: Read> Iterator for Frames<R> {
    type Item = Result<Cut, ReadStopped>;

    fn next(&mut self) -> Option<Result<Cut, ReadStopped>> {
        loop {
            if let Some(cut) = self.ready.pop_front() {
                return Some(cut);
            }
            match std::mem::replace(&mut self.cutter, Cutter::Done) {
                Cutter::Done => return None,
                Cutter::Whole => self.whole(),
                Cutter::Lines(pending) => self.lines(pending),
                Cutter::Elements(elements) => self.elements(elements),
                Cutter::Head => self.head(),
                Cutter::Object => self.object(),
                Cutter::Slices(slices) => self.slices(slices),
                Cutter::Messages(layout) => self.messages(layout),
            }
        }
    }
}

impl<R: Read> Frames<R> {
    fn whole(&mut self) {
        let mut content = Vec::new();
        let read = self.source.reader.by_ref().take(self.budget.whole as u64 + 1).read_to_end(&mut content);
        let (offset, line) = (self.source.offset, self.source.line);
        let cut = if let Err(error) = read {
            Err(self.source.stopped(&content, error))
        } else if content.len() > self.budget.whole {
            Ok(Cut::Skipped(Skipped {
                offset,
                line,
                len: content.len() as u64,
                reason: format!("one document of more than {}", size(self.budget.whole)),
            }))
        } else if content.trim_ascii().is_empty() {
            return;
        } else {
            Ok(Cut::Frame(Frame { content, offset, line, framing: Framing::Whole }))
        };
        self.ready.push_back(cut);
    }

    /// Reads no further than the header ends; a file of many gigabytes costs no more than that.
    fn head(&mut self) {
        let mut content = Vec::new();
        let mut wanted = CHUNK;
        let why = loop {
            let more = wanted.saturating_sub(content.len()) as u64;
            let ended = match self.source.reader.by_ref().take(more).read_to_end(&mut content) {
                Ok(got) => (got as u64) < more,
                Err(error) => return self.ready.push_back(Err(self.source.stopped(&content, error))),
            };
            match super::weights::header(&content) {
                Ok(Some(end)) => {
                    content.truncate(end);
                    return self.emit(content, Framing::Head);
                }
                Ok(None) if content.trim_ascii().is_empty() && ended => return,
                Ok(None) if ended => break "the file ends inside its header (truncated?)".to_owned(),
                Ok(None) if content.len() > self.budget.whole => {
                    break format!("a header of more than {}", size(self.budget.whole));
                }
                Ok(None) => wanted = wanted.saturating_mul(2),
                Err(why) => break why,
            }
        };
        let (offset, line, len) = (self.source.offset, self.source.line, content.len() as u64);
        self.ready.push_back(Ok(Cut::Skipped(Skipped { offset, line, len, reason: why })));
    }

    /// Yields as many whole lines as fit in a chunk, or one line that does not.
    fn lines(&mut self, mut pending: Vec<u8>) {
        let mut ended = false;
        let mut failed = None;
        while pending.len() < CHUNK && !ended && failed.is_none() {
            let wanted = (CHUNK - pending.len()) as u64;
            match self.source.reader.by_ref().take(wanted).read_to_end(&mut pending) {
                Ok(got) => ended = got == 0,
                Err(error) => failed = Some(error),
            }
        }
        let last = memchr::memrchr(b'\n', &pending).map(|newline| newline + 1);
        if let Some(error) = failed {
            // The last line may be cut short by the failure, so only whole lines count.
            let rest = pending.split_off(last.unwrap_or(0));
            self.emit(pending, Framing::Lines);
            return self.ready.push_back(Err(self.source.stopped(&rest, error)));
        }
        if ended {
            return self.emit(pending, Framing::Lines);
        }
        let Some(end) = last else { return self.long_line(pending) };
        let rest = pending.split_off(end);
        self.emit(pending, Framing::Lines);
        self.cutter = Cutter::Lines(rest);
    }

    fn emit(&mut self, content: Vec<u8>, framing: Framing) {
        if self.apart {
            let lines = content.split_inclusive(|byte| *byte == b'\n');
            return lines.for_each(|line| self.emit_one(line.to_vec(), Framing::Documents));
        }
        self.emit_one(content, framing);
    }

    fn emit_one(&mut self, content: Vec<u8>, framing: Framing) {
        let (offset, line) = (self.source.offset, self.source.line);
        self.source.pass(&content);
        if !content.trim_ascii().is_empty() {
            self.ready.push_back(Ok(Cut::Frame(Frame { content, offset, line, framing })));
        }
    }

    /// Reads a line that is longer than a chunk, in bounded memory whatever its length.
    fn long_line(&mut self, mut line: Vec<u8>) {
        let mut len = line.len();
        loop {
            let buffer = match self.source.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) => return self.ready.push_back(Err(self.source.stopped(&line, error))),
            };
            let newline = memchr::memchr(b'\n', buffer);
            let taken = newline.map_or(buffer.len(), |at| at + 1);
            len += taken;
            if len <= self.budget.unit {
                line.extend_from_slice(buffer.get(..taken).unwrap_or_default());
            } else {
                line = Vec::new();
            }
            self.source.reader.consume(taken);
            if taken == 0 || newline.is_some() {
                self.cutter = if taken == 0 { Cutter::Done } else { Cutter::Lines(Vec::new()) };
                break;
            }
        }
        if len <= self.budget.unit {
            return self.emit(line, Framing::Lines);
        }
        let reason = format!("a line of {len} bytes, more than {}", size(self.budget.unit));
        let Source { offset, line, .. } = self.source;
        self.ready.push_back(Ok(Cut::Skipped(Skipped { offset, line, len: len as u64, reason })));
        self.source.offset += len as u64;
        self.source.line += 1;
    }

    fn elements(&mut self, mut elements: Elements) {
        loop {
            let buffer = match self.source.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) => {
                    elements.flush(&mut self.ready);
                    return self.ready.push_back(Err(self.source.stopped(&[], error)));
                }
            };
            if buffer.is_empty() {
                return elements.finish(self.source.offset, self.source.line, &mut self.ready);
            }
            let (offset, line) = (self.source.offset, self.source.line);
            elements.feed(buffer, offset, line, &mut self.ready);
            let taken = buffer.len();
            self.source.line += newlines(buffer);
            self.source.offset += taken as u64;
            self.source.reader.consume(taken);
            if !self.ready.is_empty() {
                self.cutter = Cutter::Elements(elements);
                return;
            }
        }
    }
}

pub(super) fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

pub(super) fn size(bytes: usize) -> String {
    if bytes >= 1 << 20 && bytes.is_multiple_of(1 << 20) {
        format!("{} MiB", bytes >> 20)
    } else {
        format!("{bytes} bytes")
    }
}

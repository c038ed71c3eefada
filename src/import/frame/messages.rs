//! Cuts a stream of protobuf into messages and has each written out. A message that is broken costs itself;
//! a broken length costs the rest, since nothing tells where the next message begins.

use super::{Cut, Cutter, Frame, Frames, Skipped, size};
use crate::import::Framing;
use crate::import::otel::{Layout, otlp_json};
use std::io::{self, Read};

impl<R: Read> Frames<R> {
    /// Yields the next message, or why there is none.
    pub(super) fn messages(&mut self, layout: Layout) {
        let offset = self.source.offset;
        if layout == Layout::One {
            return self.message(offset, self.budget.whole as u64, None);
        }
        match layout.read_length(&mut self.source.reader) {
            Ok(None) => {}
            Ok(Some((length, taken))) => {
                self.source.offset += taken as u64;
                self.message(offset, self.budget.unit as u64, Some(length));
                self.cutter = Cutter::Messages(layout);
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData) => {
                self.skip(offset, 0, format!("{error}; what follows it was not read"));
            }
            Err(error) => self.ready.push_back(Err(self.source.stopped(&[], error))),
        }
    }

    /// Reads one message of that length, or all that is left.
    fn message(&mut self, offset: u64, most: u64, length: Option<u64>) {
        let mut bytes = Vec::new();
        let wanted = length.unwrap_or(u64::MAX).min(most + 1);
        if let Err(error) = self.source.reader.by_ref().take(wanted).read_to_end(&mut bytes) {
            return self.ready.push_back(Err(self.source.stopped(&bytes, error)));
        }
        let mut read = bytes.len() as u64;
        if read > most {
            let rest = length.map_or(0, |length| length - read);
            match io::copy(&mut self.source.reader.by_ref().take(rest), &mut io::sink()) {
                Ok(passed) => read += passed,
                Err(error) => return self.ready.push_back(Err(self.source.stopped(&bytes, error))),
            }
            let most = size(usize::try_from(most).unwrap_or(usize::MAX));
            self.skip(offset, read, format!("one message of more than {most}"));
        } else if let Some(length) = length.filter(|length| read < *length) {
            self.skip(offset, read, format!("the file ends inside a message of {length} bytes (truncated?)"));
        } else if read > 0 {
            match otlp_json(&bytes) {
                Ok(content) => {
                    let framing = Framing::Protobuf;
                    self.ready.push_back(Ok(Cut::Frame(Frame { content, offset, line: 1, framing })));
                }
                Err(why) => self.skip(offset, read, why),
            }
        }
        self.source.offset += read;
    }

    fn skip(&mut self, offset: u64, len: u64, reason: String) {
        self.ready.push_back(Ok(Cut::Skipped(Skipped { offset, line: 1, len, reason })));
    }
}

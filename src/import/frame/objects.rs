//! Takes an object as one record while it is short enough, and cuts a longer one into slices. How a slice
//! is cut is for `slices` to know.

use super::super::Framing;
use super::super::slices::{self, Slices};
use super::super::unit::one_on_each_line;
use super::{Cutter, Frames, newlines};
use std::io::{BufRead as _, Read};

impl<R: Read> Frames<R> {
    /// Reads an object that is short enough to be one record, and cuts a longer one.
    pub(super) fn object(&mut self) {
        let most = slices::WHOLE.min(self.budget.whole);
        let mut content = Vec::new();
        let read = self.source.reader.by_ref().take(most as u64 + 1).read_to_end(&mut content);
        if let Err(error) = read {
            return self.ready.push_back(Err(self.source.stopped(&content, error)));
        }
        if content.len() <= most {
            return if one_on_each_line(&content) {
                self.cutter = Cutter::Lines(content);
            } else {
                self.emit(content, Framing::Whole);
            };
        }
        let mut slices = Slices::new(self.budget.unit);
        slices.feed(&content, self.source.offset, self.source.line, &mut self.ready);
        self.source.pass(&content);
        self.cutter = Cutter::Slices(Box::new(slices));
    }

    pub(super) fn slices(&mut self, mut slices: Box<Slices>) {
        while self.ready.is_empty() {
            let (offset, line) = (self.source.offset, self.source.line);
            let buffer = match self.source.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) => {
                    slices.flush(&mut self.ready);
                    return self.ready.push_back(Err(self.source.stopped(&[], error)));
                }
            };
            if buffer.is_empty() {
                return slices.finish(offset, line, &mut self.ready);
            }
            slices.feed(buffer, offset, line, &mut self.ready);
            let taken = buffer.len();
            self.source.line += newlines(buffer);
            self.source.offset += taken as u64;
            self.source.reader.consume(taken);
        }
        self.cutter = Cutter::Slices(slices);
    }
}

//! The bytes of an index: owned, or mapped from a file. The one file with `unsafe`; it checks nothing.

use memmap2::{Mmap, MmapOptions};
use std::fs::File;
use std::io;
use std::path::Path;

/// Bytes that start at a multiple of eight.
pub struct Bytes(Held);

enum Held {
    Owned { words: Vec<u64>, length: usize },
    Mapped(Mmap),
}

impl Bytes {
    /// Copies bytes to an aligned place.
    pub fn owned(bytes: &[u8]) -> Bytes {
        let mut words = vec![0_u64; bytes.len().div_ceil(8)];
        bytemuck::cast_slice_mut(&mut words)[..bytes.len()].copy_from_slice(bytes);
        Bytes(Held::Owned { words, length: bytes.len() })
    }

    /// Maps a file for reading.
    ///
    /// Whoever writes index files must write beside and rename: a file that is cut short while
    /// mapped ends the process (SIGBUS), which no check can prevent.
    ///
    /// # Errors
    /// When the file cannot be opened or mapped.
    pub fn map(path: &Path) -> io::Result<Bytes> {
        let file = File::open(path)?;
        if file.metadata()?.len() == 0 {
            return Ok(Bytes::owned(&[]));
        }
        // Populating at once costs less than one fault per page when all of it is checked anyway.
        #[expect(unsafe_code, reason = "the file is ours, written beside and renamed, never changed in place")]
        let map = unsafe { MmapOptions::new().populate().map(&file)? };
        Ok(Bytes(Held::Mapped(map)))
    }

    pub(super) fn get(&self) -> &[u8] {
        match &self.0 {
            Held::Owned { words, length } => &bytemuck::cast_slice(words)[..*length],
            Held::Mapped(map) => map,
        }
    }
}

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let how = if matches!(self.0, Held::Mapped(_)) { "mapped" } else { "owned" };
        write!(f, "{} bytes, {how}", self.get().len())
    }
}

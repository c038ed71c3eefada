//! The bytes of a record, packed and unpacked within bounds. It does not know what they say.

use std::cell::RefCell;
use std::io::{self, Read};
use zstd::bulk::{Compressor, Decompressor};

/// What a row calls this way of packing.
pub(crate) const ENCODING: &str = "zstd";

/// Level 1: the writer waits for the packer, and a level more costs twice the time for a tenth of
/// the size.
const LEVEL: i32 = 1;

/// Up to this size, room is made in one go for what a row claims; beyond, only as bytes come.
const TRUSTED_SIZE: u64 = 16 << 20;

thread_local! {
    /// Making one takes longer than unpacking most things.
    static UNPACKER: RefCell<io::Result<Decompressor<'static>>> = RefCell::new(Decompressor::new());
}

/// Packs contents one after the other, keeping its working memory. One for each thread.
pub struct Packer(Compressor<'static>);

impl Packer {
    /// A new packer.
    ///
    /// # Errors
    /// When there is no memory for one.
    pub fn new() -> io::Result<Packer> {
        Compressor::new(LEVEL).map(Packer)
    }

    /// Packs one content.
    ///
    /// # Errors
    /// When there is no memory for the result.
    pub fn pack(&mut self, content: &[u8]) -> io::Result<Vec<u8>> {
        self.0.compress(content)
    }
}

/// Unpacks what `pack` made of `size` bytes; anything else is an error. The row's size is not
/// believed: it bounds what may come out, and no memory is taken on its word alone.
pub(crate) fn unpack(packed: &[u8], size: u64) -> io::Result<Vec<u8>> {
    let wrong = || io::Error::new(io::ErrorKind::InvalidData, "the packed bytes are of another size");
    let content = if size <= TRUSTED_SIZE {
        let size = usize::try_from(size).map_err(|_| wrong())?;
        UNPACKER.with_borrow_mut(|unpacker| match unpacker {
            Ok(unpacker) => unpacker.decompress(packed, size),
            Err(error) => Err(io::Error::other(error.to_string())),
        })?
    } else {
        let mut content = Vec::new();
        zstd::stream::read::Decoder::with_buffer(packed)?.take(size.saturating_add(1)).read_to_end(&mut content)?;
        content
    };
    if content.len() as u64 == size { Ok(content) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_comes_back_and_a_false_size_does_not_pass() {
        let content = b"one line\n".repeat(1000);
        let packed = Packer::new().unwrap().pack(&content).unwrap();
        assert!(packed.len() < content.len() / 10);
        assert_eq!(unpack(&packed, 9000).unwrap(), content);
        for size in [0, 8999, 9001, TRUSTED_SIZE + 1, u64::MAX] {
            assert!(unpack(&packed, size).is_err(), "{size}");
        }
        assert!(unpack(b"not packed", 10).is_err());
        assert!(unpack(&packed[..packed.len() - 1], 9000).is_err());
        let empty = Packer::new().unwrap().pack(b"").unwrap();
        assert_eq!(unpack(&empty, 0).unwrap(), b"");
    }
}

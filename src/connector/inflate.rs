//! Undoes gzip, zstd and bzip2 by their first bytes, and stops where little becomes too much. It reads no
//! archive of several files.

use super::Limits;
use std::io::{self, BufReader, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const GZIP: &[u8] = b"\x1f\x8b";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";
/// `BZh`, a digit, and where a block begins.
const BZIP2: (&[u8], &[u8]) = (b"BZh", b"\x31\x41\x59\x26\x53\x59");
/// How often what was decompressed may be compressed again.
const LAYERS: usize = 2;

/// The bytes of a file, decompressed where they say that they are compressed.
///
/// # Errors
/// When the first bytes cannot be read.
pub(super) fn inflate(reader: Box<dyn Read + Send>, limits: &Limits) -> io::Result<Box<dyn Read + Send>> {
    let (mut packing, mut reader) = recognise(reader)?;
    if packing.is_none() {
        return Ok(Box::new(Bounded { inner: reader, left: limits.file, most: limits.file }));
    }
    for _ in 0..LAYERS {
        let Some(packed) = packing else { break };
        let taken = Arc::new(AtomicU64::new(0));
        let counted = Counted { inner: reader, taken: Arc::clone(&taken) };
        let inner: Box<dyn Read + Send> = match packed {
            Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::new(counted))),
            Packing::Zstd => Box::new(zstd::stream::read::Decoder::new(counted)?),
            Packing::Bzip2 => Box::new(bzip2::read::MultiBzDecoder::new(counted)),
        };
        (packing, reader) = recognise(Box::new(Inflated { inner, taken, given: 0, limits: *limits }))?;
    }
    Ok(reader)
}

#[derive(Debug, Clone, Copy)]
enum Packing {
    Gzip,
    Zstd,
    Bzip2,
}

/// How a stream is compressed, and the whole of it again.
fn recognise(mut reader: Box<dyn Read + Send>) -> io::Result<(Option<Packing>, Box<dyn Read + Send>)> {
    let mut magic = Vec::new();
    reader.by_ref().take(10).read_to_end(&mut magic)?;
    let (name, block) = BZIP2;
    let packing = if magic.starts_with(GZIP) {
        Some(Packing::Gzip)
    } else if magic.starts_with(ZSTD) {
        Some(Packing::Zstd)
    } else if magic.starts_with(name) && magic.ends_with(block) {
        Some(Packing::Bzip2)
    } else {
        None
    };
    Ok((packing, Box::new(Cursor::new(magic).chain(reader))))
}

/// Counts compressed bytes on their way in.
struct Counted<R> {
    inner: R,
    taken: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(buffer)?;
        self.taken.fetch_add(got as u64, Ordering::Relaxed);
        Ok(got)
    }
}

struct Inflated {
    inner: Box<dyn Read + Send>,
    taken: Arc<AtomicU64>,
    given: u64,
    limits: Limits,
}

impl Read for Inflated {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(buffer)?;
        self.given += got as u64;
        let taken = self.taken.load(Ordering::Relaxed).max(1);
        let Limits { decompressed, ratio, ratio_from, .. } = self.limits;
        if self.given > decompressed {
            return Err(too_much(format!("decompresses to more than {decompressed} bytes; decompress it yourself")));
        }
        if self.given > ratio_from && self.given / taken > ratio {
            return Err(too_much(format!(
                "{taken} compressed bytes became {} (more than {ratio} to 1): a decompression bomb? \
                 decompress it yourself if it is not",
                self.given
            )));
        }
        Ok(got)
    }
}

/// A plain stream that ends in an error beyond its limit.
struct Bounded<R> {
    inner: R,
    left: u64,
    most: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(buffer)? as u64;
        self.left = self.left.checked_sub(got).ok_or_else(|| too_much(format!("more than {} bytes", self.most)))?;
        Ok(usize::try_from(got).unwrap_or(usize::MAX))
    }
}

fn too_much(text: String) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, text)
}

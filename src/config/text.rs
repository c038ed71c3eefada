//! Reading a file that a person writes: small, whatever the path leads to. It parses nothing.

use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// Files that people write by hand are shorter than this.
const LONGEST: u64 = 4 << 20;

/// The text of a settings file; an endless or huge one is refused.
///
/// # Errors
/// When it cannot be read, is no UTF-8, or is longer than any such file.
pub fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let read = std::fs::File::open(path)?.take(LONGEST + 1).read_to_string(&mut text)?;
    if read as u64 > LONGEST {
        return Err(io::Error::new(ErrorKind::InvalidData, "is longer than 4 MiB, which no such file is"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_file_is_refused() {
        assert_eq!(read_text(Path::new("/dev/zero")).unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(read_text(Path::new("/no/such/file")).unwrap_err().kind(), ErrorKind::NotFound);
    }
}

//! Walks DER a value at a time, within the bytes it is given. It knows no structure: what a value is
//! for, its reader says.

/// A value of DER: its tag, what is in it, and what follows it.
pub fn value(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let digits = usize::from(first & 0x7f);
        if digits == 0 || digits > 4 {
            return None;
        }
        let length = rest.get(..digits)?.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
        (length, rest.get(digits..)?)
    };
    Some((*tag, rest.get(..length)?, rest.get(length..)?))
}

/// The values in a constructed one, as far as they can be read.
pub fn values(mut bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (tag, inner, rest) = value(bytes)?;
        bytes = rest;
        Some((tag, inner))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_held_to() {
        assert_eq!(value(&[0x04, 0x02, 1, 2, 3]), Some((0x04, &[1, 2][..], &[3][..])));
        assert_eq!(value(&[0x04, 0x81, 0x01, 9]), Some((0x04, &[9][..], &[][..])));
        for cut in
            [&[][..], &[0x04], &[0x04, 0x02, 1], &[0x04, 0x80, 0, 0], &[0x04, 0x85, 0, 0, 0, 0, 0], &[0x04, 0x84]]
        {
            assert_eq!(value(cut), None);
        }
        assert_eq!(values(&[0x02, 1, 7, 0x02, 1, 8, 0x02]).count(), 2);
    }
}

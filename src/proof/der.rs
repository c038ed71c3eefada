//! Walks DER a value at a time, within the bytes it is given, and wraps values again. It knows no
//! structure: what a value is for, its reader says.

/// A value of DER and where it stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'b> {
    /// Its tag.
    pub tag: u8,
    /// What is in it.
    pub inner: &'b [u8],
    /// All of it, tag and length too.
    pub whole: &'b [u8],
}

/// The first value of some bytes, and what follows it. A length that could be written shorter is none.
pub fn element(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let digits = usize::from(first & 0x7f);
        let written = rest.get(..digits)?;
        if digits == 0 || digits > 4 || written.first() == Some(&0) {
            return None;
        }
        let length = written.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
        if length < 0x80 {
            return None;
        }
        (length, rest.get(digits..)?)
    };
    let (inner, rest) = (rest.get(..length)?, rest.get(length..)?);
    let whole = bytes.get(..bytes.len() - rest.len())?;
    Some((Element { tag: *tag, inner, whole }, rest))
}

/// A value of DER: its tag, what is in it, and what follows it.
pub fn value(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    element(bytes).map(|(element, rest)| (element.tag, element.inner, rest))
}

/// What is in the one value that the bytes are, which must have this tag and end with them.
pub fn only(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    match element(bytes)? {
        (element, []) if element.tag == tag => Some(element.inner),
        _ => None,
    }
}

/// The values in a constructed one, as far as they can be read.
pub fn values(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    elements(bytes).map(|element| (element.tag, element.inner))
}

/// The same, with all of each.
pub fn elements(mut bytes: &[u8]) -> impl Iterator<Item = Element<'_>> {
    std::iter::from_fn(move || {
        let (element, rest) = element(bytes)?;
        bytes = rest;
        Some(element)
    })
}

/// All values in a constructed one, or nothing when something in it is none.
pub fn all(mut bytes: &[u8]) -> Option<Vec<Element<'_>>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let (element, rest) = element(bytes)?;
        found.push(element);
        bytes = rest;
    }
    Some(found)
}

/// A value of that tag around the bytes.
pub fn wrap(tag: u8, inner: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(inner.len()) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let length = inner.len().to_be_bytes();
            let digits = length.iter().copied().skip_while(|byte| *byte == 0);
            let digits: Vec<u8> = digits.collect();
            out.push(0x80 | u8::try_from(digits.len()).unwrap_or(0x7f));
            out.extend(digits);
        }
    }
    out.extend_from_slice(inner);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_held_to() {
        assert_eq!(value(&[0x04, 0x02, 1, 2, 3]), Some((0x04, &[1, 2][..], &[3][..])));
        let long = [&[0x04, 0x81, 0x80][..], &[7; 0x80]].concat();
        assert_eq!(value(&long), Some((0x04, &[7; 0x80][..], &[][..])));
        for cut in [
            &[][..],
            &[0x04],
            &[0x04, 0x02, 1],
            &[0x04, 0x80, 0, 0],
            &[0x04, 0x85, 0, 0, 0, 0, 0],
            &[0x04, 0x84],
            // Lengths that could be written shorter.
            &[0x04, 0x81, 0x01, 9],
            &[0x04, 0x82, 0x00, 0x80, 9],
        ] {
            assert_eq!(value(cut), None);
        }
        assert_eq!(values(&[0x02, 1, 7, 0x02, 1, 8, 0x02]).count(), 2);
        assert_eq!(all(&[0x02, 1, 7, 0x02, 1, 8, 0x02]), None);
        assert_eq!(only(&[0x02, 1, 7], 0x02), Some(&[7][..]));
        assert_eq!(only(&[0x02, 1, 7, 0], 0x02), None);
    }

    #[test]
    fn what_is_wrapped_is_read_again() {
        for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 70_000] {
            let inner = vec![5; length];
            assert_eq!(only(&wrap(0x30, &inner), 0x30), Some(&inner[..]));
        }
    }
}

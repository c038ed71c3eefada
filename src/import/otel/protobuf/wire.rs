//! The wire format of protobuf: the fields of one message, in the order they were written. No length in
//! it is believed before the bytes are there. It knows no message by name.

/// A value as it stands on the wire.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Raw<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Bytes(&'a [u8]),
}

/// The fields of a message, in turn.
pub(super) struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
    whole: bool,
}

impl<'a> Fields<'a> {
    /// The fields of these bytes; when they are not the whole message, the last field may be cut short.
    pub(super) fn of(bytes: &'a [u8], whole: bool) -> Fields<'a> {
        Fields { bytes, at: 0, whole }
    }

    /// Whether the bytes ended inside the field that was read last.
    pub(super) fn was_cut(&self) -> bool {
        self.at > self.bytes.len()
    }

    /// The next field; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(u32, Raw<'a>)>, String> {
        let begun = self.at;
        match self.field() {
            Some(Ok(field)) => Ok(Some(field)),
            Some(Err(why)) => Err(format!("byte {}: {why}", begun + 1)),
            None if begun >= self.bytes.len() || !self.whole => Ok(None),
            None => Err(format!("byte {}: the message ends inside a field", begun + 1)),
        }
    }

    fn field(&mut self) -> Option<Result<(u32, Raw<'a>), String>> {
        let tag = self.varint()?;
        let Ok(tag) = tag.and_then(|tag| u32::try_from(tag).map_err(|_| String::new())) else {
            return Some(Err("no tag of a field stands there".to_owned()));
        };
        if tag >> 3 == 0 {
            return Some(Err("a field numbered 0".to_owned()));
        }
        let raw = match tag & 7 {
            0 => match self.varint()? {
                Ok(number) => Raw::Varint(number),
                Err(why) => return Some(Err(why)),
            },
            1 => Raw::Fixed64(u64::from_le_bytes(*self.take(8)?.first_chunk::<8>()?)),
            5 => Raw::Fixed32(u32::from_le_bytes(*self.take(4)?.first_chunk::<4>()?)),
            2 => {
                let length = match self.varint()? {
                    Ok(length) => usize::try_from(length).unwrap_or(usize::MAX),
                    Err(why) => return Some(Err(why)),
                };
                let rest = self.bytes.get(self.at..).unwrap_or_default();
                if length > rest.len() && self.whole {
                    return Some(Err(format!("a field of {length} bytes, of which {} are there", rest.len())));
                }
                self.at = self.at.saturating_add(length);
                Raw::Bytes(rest.get(..length).unwrap_or(rest))
            }
            sort => return Some(Err(format!("a field of wire type {sort}, which is not read"))),
        };
        Some(Ok((tag >> 3, raw)))
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..)?.get(..count)?;
        self.at += count;
        Some(taken)
    }

    fn varint(&mut self) -> Option<Result<u64, String>> {
        let (number, length) = varint(self.bytes.get(self.at..)?)?;
        self.at += length;
        Some(number.ok_or_else(|| "a number of more than 64 bits".to_owned()))
    }
}

/// The number that bytes begin with and how many it takes; no number when it has more than 64 bits.
/// Nothing when the bytes end first.
pub(super) fn varint(bytes: &[u8]) -> Option<(Option<u64>, usize)> {
    let mut number = 0_u64;
    for (index, byte) in bytes.iter().take(10).enumerate() {
        let bits = u64::from(byte & 0x7f);
        if index == 9 && bits > 1 {
            return Some((None, 10));
        }
        number |= bits << (7 * index);
        if byte & 0x80 == 0 {
            return Some((Some(number), index + 1));
        }
    }
    (bytes.len() >= 10).then_some((None, 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Result<Vec<(u32, Raw<'_>)>, String> {
        let mut fields = Fields::of(bytes, true);
        std::iter::from_fn(|| fields.next().transpose()).collect()
    }

    #[test]
    fn fields_of_each_sort_are_read() {
        let bytes = [0x08, 0x96, 0x01, 0x12, 2, b'h', b'i', 0x19, 1, 0, 0, 0, 0, 0, 0, 0x80, 0x25, 2, 0, 0, 0];
        let wanted = vec![
            (1, Raw::Varint(150)),
            (2, Raw::Bytes(b"hi")),
            (3, Raw::Fixed64(1 | 0x80 << 56)),
            (4, Raw::Fixed32(2)),
        ];
        assert_eq!(all(&bytes), Ok(wanted));
        assert_eq!(all(&[]), Ok(Vec::new()));
        let minus_one = [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(all(&minus_one), Ok(vec![(1, Raw::Varint(u64::MAX))]));
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for bad in [
            &[0x08][..],
            &[0x12, 5, b'a'],
            &[0x00, 1],
            &[0x0b],
            &[0x19, 1, 2],
            &[0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
            &[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
        ] {
            assert!(all(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_beginning_ends_in_what_there_is_of_its_last_field() {
        let mut fields = Fields::of(&[0x08, 1, 0x12, 9, b'a'], false);
        assert_eq!(fields.next(), Ok(Some((1, Raw::Varint(1)))));
        assert!(!fields.was_cut());
        assert_eq!(fields.next(), Ok(Some((2, Raw::Bytes(b"a")))));
        assert!(fields.was_cut());
        assert_eq!(fields.next(), Ok(None));
    }
}

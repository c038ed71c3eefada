//! What a DSSE signature is over: the payload's type and the payload, told apart. It checks no signature.

/// What is signed: the type and the payload with their lengths, so that neither runs into the other.
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut out = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    out.extend_from_slice(payload);
    out
}

/// What model-signing 0.2 signed in its stead: the payload as Python prints bytes.
pub fn legacy_pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut out = format!("DSSEV1 {} {payload_type} {} ", payload_type.len(), payload.len());
    let quote = if payload.contains(&b'\'') && !payload.contains(&b'"') { '"' } else { '\'' };
    out.push('b');
    out.push(quote);
    for byte in payload {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            _ if char::from(*byte) == quote => {
                out.push('\\');
                out.push(quote);
            }
            0x20..0x7f => out.push(char::from(*byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(quote);
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_the_specification_s() {
        assert_eq!(
            pae("http://example.com/HelloWorld", b"hello world"),
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
        assert_eq!(pae("", b""), b"DSSEv1 0  0 ");
    }

    #[test]
    fn the_old_form_is_python_s() {
        assert_eq!(legacy_pae("t", b"{\"a\": 1}\n"), b"DSSEV1 1 t 9 b'{\"a\": 1}\\n'");
        assert_eq!(legacy_pae("t", b"it's\\\x00\xff"), b"DSSEV1 1 t 7 b\"it's\\\\\\x00\\xff\"");
        assert_eq!(legacy_pae("t", b"'\""), b"DSSEV1 1 t 2 b'\\'\"'");
    }
}

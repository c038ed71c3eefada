//! Bytes written as text: base64 of either alphabet, and PEM. It gives them no meaning.

use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, engine::general_purpose};

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Decodes base64 of either alphabet, padded or not.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let has = |sign: u8| text.as_bytes().contains(&sign);
    let engine = if has(b'-') || has(b'_') { &URL_SAFE } else { &STANDARD };
    engine.decode(text).ok()
}

/// The contents of every block of that label in a PEM text.
pub fn pem_blocks(text: &str, label: &str) -> Vec<Vec<u8>> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let blocks = text.split(&begin).skip(1).filter_map(|rest| {
        let (body, _) = rest.split_once(&end)?;
        let body: String = body.split_whitespace().collect();
        general_purpose::STANDARD.decode(body).ok()
    });
    blocks.collect()
}

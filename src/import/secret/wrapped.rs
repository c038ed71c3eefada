//! Keys of known forms that were wrapped in base64, as Kubernetes and many a script write them. A run
//! is decoded only when it begins as one of them would.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// How base64 begins of what begins like a known key.
pub(super) const BEGINNINGS: &[&str] = &[
    "LS0tLS1CRUdJTi",
    "QUdFLVNFQ1JFVC1LRVkt",
    "QUl6Y",
    "QUtJQ",
    "QVNJQ",
    "R09DU1BYL",
    "U0cu",
    "Z2h1X",
    "Z2hvX",
    "Z2hwX",
    "Z2hyX",
    "Z2hzX",
    "Z2l0aHViX3BhdF",
    "Z2xkdC",
    "Z2xwYXQt",
    "Z2xydC",
    "Z3NrX",
    "ZG9wX3YxX",
    "ZGFwa",
    "ZGNrcl9wYXRf",
    "ZXlK",
    "aGZf",
    "aHZiL",
    "aHZzL",
    "bHN2Ml",
    "bnBtX",
    "c2st",
    "c2tfbGl2ZV",
    "c2tfdGVzdF",
    "cHlwaS1B",
    "cmtfbGl2ZV",
    "cmtfdGVzdF",
    "d2hzZWNf",
    "eG94YS",
    "eG94Yi",
    "eG94cC",
    "eG94cy",
    "eGFwcC",
    "eWEyOS",
];

/// The shortest run worth decoding.
const SHORTEST: usize = 24;

/// The base64 run a window begins with, and what it holds.
pub(super) fn decoded(window: &[u8]) -> Option<(usize, Vec<u8>)> {
    let beginning = |it: &&str| window.starts_with(it.as_bytes());
    BEGINNINGS.iter().find(|it| beginning(it))?;
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
    let length = window.iter().position(|byte| !is_digit(byte)).unwrap_or(window.len());
    let digits = window.get(..length).filter(|_| length >= SHORTEST)?;
    let padding = window.get(length..)?.iter().take(2).take_while(|byte| **byte == b'=').count();
    let engine = if digits.iter().any(|byte| b"-_".contains(byte)) { &URL_SAFE } else { &STANDARD };
    Some((length + padding, engine.decode(digits).ok()?))
}

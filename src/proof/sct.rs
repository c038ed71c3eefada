//! Promises of certificate transparency logs within a certificate (RFC 6962, 3.2 and 3.3). It asks no log,
//! and a promise by a log that nobody supplied counts for nothing.

use super::certificate::Certificate;
use super::der;
use super::digest::sha256;
use super::trust::LogKey;
use crate::model::Time;

/// 1.3.6.1.4.1.11129.2.4.2
const PROMISES: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04, 0x02];
/// More than any certificate carries.
const MOST: usize = 16;

/// Reads numbers and lengths off the front of some bytes.
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, bytes: usize) -> Option<usize> {
        Some(self.take(bytes)?.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    /// Bytes after their length in two.
    fn sized(&mut self) -> Option<&'b [u8]> {
        let length = self.number(2)?;
        self.take(length)
    }
}

struct Promise<'b> {
    log: &'b [u8],
    at: &'b [u8],
    extensions: &'b [u8],
    signature: &'b [u8],
}

fn promises(list: &[u8]) -> Option<Vec<Promise<'_>>> {
    let mut outer = Reader(list);
    let mut inner = Reader(outer.sized()?);
    if !outer.0.is_empty() {
        return None;
    }
    let mut found = Vec::new();
    while !inner.0.is_empty() {
        let mut one = Reader(inner.sized()?);
        let version = one.number(1)?;
        let (log, at) = (one.take(32)?, one.take(8)?);
        let extensions = one.sized()?;
        one.take(2)?;
        let signature = one.sized()?;
        if version == 0 && one.0.is_empty() && found.len() < MOST {
            found.push(Promise { log, at, extensions, signature });
        } else {
            return None;
        }
    }
    Some(found)
}

/// What the log saw: the signed part without the promises themselves.
fn before_promises(certificate: &Certificate) -> Option<Vec<u8>> {
    let kept: Vec<u8> =
        certificate.extensions.iter().filter(|it| it.id != PROMISES).flat_map(|it| it.whole.clone()).collect();
    let fields = der::all(der::only(&certificate.signed, 0x30)?)?;
    let mut out = Vec::new();
    for field in fields {
        match field.tag {
            0xa3 => out.extend(der::wrap(0xa3, &der::wrap(0x30, &kept))),
            _ => out.extend_from_slice(field.whole),
        }
    }
    Some(der::wrap(0x30, &out))
}

/// Checks that a supplied log promised to list the certificate; gives the log's name.
///
/// # Errors
/// Why none did.
pub fn promised(certificate: &Certificate, issuer_key: &[u8], logs: &[LogKey]) -> Result<String, String> {
    let extension = certificate.extensions.iter().find(|it| it.id == PROMISES);
    let extension = extension.ok_or("the certificate carries no promise of a certificate log (SCT)")?;
    let list = der::only(&extension.value, 0x04).and_then(promises);
    let list = list.ok_or("the promises of certificate logs (SCT) cannot be read")?;
    let signed = before_promises(certificate).ok_or("the certificate cannot be taken apart")?;
    let length = u32::try_from(signed.len()).unwrap_or(u32::MAX).to_be_bytes();
    for promise in list {
        let millis = promise.at.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let at = Time::from_seconds(i64::try_from(millis / 1000).unwrap_or(i64::MAX / 2_000_000));
        let extensions = u16::try_from(promise.extensions.len()).unwrap_or(u16::MAX).to_be_bytes();
        let message = [
            &[0, 0][..],
            promise.at,
            &[0, 1],
            &sha256(issuer_key),
            length.get(1..).unwrap_or_default(),
            &signed,
            &extensions,
            promise.extensions,
        ]
        .concat();
        let by = logs.iter().find(|log| {
            log.id == promise.log && log.counts_at(at) && log.key.verify(&message, promise.signature).is_ok()
        });
        if let Some(log) = by {
            return Ok(log.name.clone());
        }
    }
    Err("no promise of a certificate log (SCT) in it is by a supplied log".to_owned())
}

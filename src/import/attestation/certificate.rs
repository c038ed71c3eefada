//! The holder a signing certificate names: its alternative names, and what Sigstore's authority noted
//! of the workflow. It checks no chain, no date and no signature, and a certificate it cannot walk
//! says nothing.

use super::envelope::decode;
use crate::import::openlineage::{commit, repository};

/// What a certificate says of its holder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Holder {
    /// An address or the URI of a workflow.
    pub(super) name: Option<String>,
    /// Who vouched for the identity to the authority.
    pub(super) issuer: Option<String>,
    /// `github.com/o/r`.
    pub(super) repository: Option<String>,
    pub(super) commit: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) run: Option<String>,
}

impl Holder {
    /// What it says, by name.
    pub(super) fn said(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("holder", &self.name),
            ("issuer", &self.issuer),
            ("repository", &self.repository),
            ("commit", &self.commit),
            ("ref", &self.reference),
            ("run", &self.run),
        ];
        all.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?))).collect()
    }
}

const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];
/// 1.3.6.1.4.1.57264.1, under which Sigstore's authority notes what it was told.
const SIGSTORE: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xbf, 0x30, 0x01];

/// A value of DER and what follows it.
fn value(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
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
fn values(mut bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (tag, inner, rest) = value(bytes)?;
        bytes = rest;
        Some((tag, inner))
    })
}

/// The holder of a certificate in base64 DER or in PEM.
pub(super) fn holder(written: &str) -> Option<Holder> {
    let body: String = written.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = decode(&body)?;
    // Bundles of some writers hold the PEM text in base64.
    if der.starts_with(b"-----") {
        let text = std::str::from_utf8(&der).ok()?;
        let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
        return read(&decode(&body)?);
    }
    read(&der)
}

fn read(der: &[u8]) -> Option<Holder> {
    let (0x30, certificate, _) = value(der)? else { return None };
    let (0x30, signed, _) = value(certificate)? else { return None };
    let (_, extensions) = values(signed).find(|(tag, _)| *tag == 0xa3)?;
    let (0x30, list, _) = value(extensions)? else { return None };
    let mut holder = Holder::default();
    for (_, extension) in values(list) {
        let mut fields = values(extension);
        let Some((0x06, id)) = fields.next() else { continue };
        let Some((_, content)) = fields.find(|(tag, _)| *tag == 0x04) else { continue };
        if id == ALTERNATIVE_NAMES {
            let names = value(content).map_or(&[][..], |(_, names, _)| names);
            // An address, a host or a URI.
            holder.name = values(names).find(|(tag, _)| matches!(tag, 0x81 | 0x82 | 0x86)).and_then(|(_, it)| text(it));
        } else if let Some(arc) = id.strip_prefix(SIGSTORE) {
            note(arc, content, &mut holder);
        }
    }
    Some(holder)
}

fn text(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

/// The first seven notes are bare text, later ones a string of DER.
fn note(arc: &[u8], content: &[u8], holder: &mut Holder) {
    let string = || value(content).filter(|(tag, ..)| *tag == 0x0c).and_then(|(_, inner, _)| text(inner));
    match arc {
        [1] => holder.issuer = holder.issuer.take().or_else(|| text(content)),
        [8] => holder.issuer = string().or_else(|| holder.issuer.take()),
        [3] => holder.commit = holder.commit.take().or_else(|| text(content).as_deref().and_then(commit)),
        [13] => holder.commit = string().as_deref().and_then(commit).or_else(|| holder.commit.take()),
        [5] => {
            holder.repository = holder.repository.take().or_else(|| text(content).map(|it| format!("github.com/{it}")))
        }
        [12] => holder.repository = string().map(|it| repository(&it)).or_else(|| holder.repository.take()),
        [6] => holder.reference = holder.reference.take().or_else(|| text(content)),
        [14] => holder.reference = string().or_else(|| holder.reference.take()),
        [21] => holder.run = string(),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(tag: u8, inner: &[u8]) -> Vec<u8> {
        let mut out = vec![tag, u8::try_from(inner.len()).unwrap()];
        out.extend_from_slice(inner);
        out
    }

    #[test]
    fn the_holder_is_in_the_extensions() {
        let names = der(0x30, &der(0x81, b"ada@example.com"));
        let san = der(0x30, &[der(0x06, ALTERNATIVE_NAMES), der(0x04, &names)].concat());
        let issuer = der(0x30, &[der(0x06, &[SIGSTORE, &[1]].concat()), der(0x04, b"https://issuer")].concat());
        let list = der(0xa3, &der(0x30, &[san, issuer].concat()));
        let certificate = der(0x30, &der(0x30, &list));
        let holder = read(&certificate).unwrap();
        assert_eq!(holder.name.as_deref(), Some("ada@example.com"));
        assert_eq!(holder.issuer.as_deref(), Some("https://issuer"));
    }

    #[test]
    fn what_is_cut_off_says_nothing() {
        for bytes in [&[][..], &[0x30], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x30, 0x80], &[0x30, 0x02, 0x30, 0x05]]
        {
            assert_eq!(read(bytes), None);
        }
    }
}

//! The holder a signing certificate names: its alternative names, and what Sigstore's authority noted
//! of the workflow. It checks no chain, no date and no signature, and a certificate it cannot walk
//! says nothing.

use super::envelope::decode;
use crate::import::openlineage::{commit, repository};
use crate::model::Time;
use crate::proof::der::{value, values};

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
    /// When it was made out, where it is good for so short a time that it was made out for this.
    pub(super) made_out: Option<Time>,
}

/// The longest that a certificate made out for one signature is good for.
const SHORT: i64 = 60 * 60;

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
    let mut holder = Holder { made_out: made_out(signed), ..Holder::default() };
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

/// The beginning of a short validity.
fn made_out(signed: &[u8]) -> Option<Time> {
    let (from, until) = values(signed).filter(|(tag, _)| *tag == 0x30).find_map(|(_, pair)| {
        let mut pair = values(pair);
        Some((time(pair.next()?)?, time(pair.next()?)?))
    })?;
    (0..=SHORT).contains(&(until.seconds() - from.seconds())).then_some(from)
}

/// A UTCTime or a GeneralizedTime, in whole seconds.
fn time((tag, bytes): (u8, &[u8])) -> Option<Time> {
    let written = std::str::from_utf8(bytes).ok()?.strip_suffix('Z')?;
    let full = match tag {
        // Two digits of the year: before 50 they are of this century.
        0x17 => format!("{}{written}", if written.get(..1)? < "5" { "20" } else { "19" }),
        0x18 => written.to_owned(),
        _ => return None,
    };
    digits_of_time(&full)
}

/// `20261118090000` as a time.
pub(super) fn digits_of_time(digits: &str) -> Option<Time> {
    if digits.len() < 14 || !digits.bytes().take(14).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    let (year, month, day) = (part(0, 4), part(4, 6), part(6, 8));
    let (hour, minute, second) = (part(8, 10), part(10, 12), part(12, 14));
    Time::parse_stated(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z")).ok().map(|(time, _)| time)
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
    fn only_a_short_validity_says_when_it_was_signed() {
        let validity = |until: &[u8]| der(0x30, &[der(0x17, b"261118090000Z"), der(0x17, until)].concat());
        assert_eq!(made_out(&validity(b"261118091000Z")).unwrap().to_string(), "2026-11-18T09:00:00Z");
        assert_eq!(made_out(&validity(b"271118090000Z")), None);
        assert_eq!(made_out(&validity(b"2611")), None);
    }

    #[test]
    fn what_is_cut_off_says_nothing() {
        for bytes in [&[][..], &[0x30], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x30, 0x80], &[0x30, 0x02, 0x30, 0x05]]
        {
            assert_eq!(read(bytes), None);
        }
    }
}

//! What an X.509 certificate says: whose key, who made it out, from when until when, for what. It believes
//! none of it: the path to a root is for [`super::chain`].

use super::der::{self, Element};
use super::digest::sha256;
use super::encoding::pem_blocks;
use super::public_key::PublicKey;
use crate::model::Time;

const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 0x0e];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// 1.3.6.1.4.1.57264.1, under which Sigstore's authority notes what it was told.
const SIGSTORE: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xbf, 0x30, 0x01];

/// An extension of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its object identifier.
    pub id: Vec<u8>,
    /// Whether who does not know it must refuse the certificate.
    pub critical: bool,
    /// Its content.
    pub value: Vec<u8>,
    /// All of it as it stands in the certificate.
    pub whole: Vec<u8>,
}

/// A certificate taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// All of it.
    pub der: Vec<u8>,
    /// The part that is signed.
    pub signed: Vec<u8>,
    /// Its number, as the content of an INTEGER.
    pub serial: Vec<u8>,
    /// Who made it out.
    pub issuer: Vec<u8>,
    /// Whom for.
    pub subject: Vec<u8>,
    /// The first moment it is good.
    pub not_before: Time,
    /// The last.
    pub not_after: Time,
    /// SubjectPublicKeyInfo.
    pub key: Vec<u8>,
    /// The issuer's signature.
    pub signature: Vec<u8>,
    /// Its extensions, in order.
    pub extensions: Vec<Extension>,
}

impl Certificate {
    /// Reads one in DER; bytes that follow it make it none.
    pub fn from_der(bytes: &[u8]) -> Option<Certificate> {
        let parts = der::all(der::only(bytes, 0x30)?)?;
        let [signed, _algorithm, signature] = parts.as_slice() else { return None };
        let (0x30, 0x03, [0, signature @ ..]) = (signed.tag, signature.tag, signature.inner) else { return None };
        let mut fields = der::all(signed.inner)?.into_iter().peekable();
        fields.next_if(|field| field.tag == 0xa0)?;
        let mut next = |tag: u8| fields.next().filter(|field| field.tag == tag);
        let serial = next(0x02)?.inner.to_vec();
        next(0x30)?;
        let issuer = next(0x30)?.whole.to_vec();
        let validity = der::all(next(0x30)?.inner)?;
        let [from, until] = validity.as_slice() else { return None };
        let subject = next(0x30)?.whole.to_vec();
        let key = next(0x30)?.whole.to_vec();
        let extensions = match fields.find(|field| field.tag == 0xa3) {
            Some(list) => der::all(der::only(list.inner, 0x30)?)?.iter().map(extension).collect::<Option<_>>()?,
            None => Vec::new(),
        };
        Some(Certificate {
            der: bytes.to_vec(),
            signed: signed.whole.to_vec(),
            serial,
            issuer,
            subject,
            not_before: time(from)?,
            not_after: time(until)?,
            key,
            signature: signature.to_vec(),
            extensions,
        })
    }

    /// Reads one in DER, or the first in a PEM text.
    pub fn read(bytes: &[u8]) -> Option<Certificate> {
        match std::str::from_utf8(bytes) {
            Ok(text) if text.contains("-----BEGIN CERTIFICATE-----") => {
                Certificate::from_der(pem_blocks(text, "CERTIFICATE").first()?)
            }
            _ => Certificate::from_der(bytes),
        }
    }

    fn extension(&self, id: &[u8]) -> Option<&[u8]> {
        self.extensions.iter().find(|it| it.id == id).map(|it| it.value.as_slice())
    }

    /// Its key, where it is of a type that is checked here.
    pub fn public_key(&self) -> Option<PublicKey> {
        PublicKey::from_der(&self.key).ok()
    }

    /// SHA-256 of all of it.
    pub fn fingerprint(&self) -> String {
        format!("sha256:{}", hex::encode(sha256(&self.der)))
    }

    /// Addresses, hosts and URIs it is made out for.
    pub fn names(&self) -> Vec<String> {
        let Some(names) = self.extension(ALTERNATIVE_NAMES).and_then(|value| der::only(value, 0x30)) else {
            return Vec::new();
        };
        der::values(names).filter(|(tag, _)| matches!(tag, 0x81 | 0x82 | 0x86)).filter_map(|(_, it)| text(it)).collect()
    }

    /// The common name of its subject.
    pub fn common_name(&self) -> Option<String> {
        let sets = der::only(&self.subject, 0x30)?;
        der::values(sets).flat_map(|(_, set)| der::values(set)).find_map(|(_, pair)| {
            let mut pair = der::values(pair);
            let (_, id) = pair.next()?;
            pair.next().filter(|_| id == COMMON_NAME).and_then(|(_, name)| text(name))
        })
    }

    /// What Sigstore's authority noted under a number: the first seven are bare text, later ones a
    /// string of DER.
    pub fn note(&self, number: u8) -> Option<String> {
        let value = self.extension(&[SIGSTORE, &[number]].concat())?;
        if number < 8 { text(value) } else { text(der::only(value, 0x0c)?) }
    }

    /// Who vouched for the holder's identity to Sigstore's authority.
    pub fn vouched_by(&self) -> Option<String> {
        self.note(8).or_else(|| self.note(1))
    }

    /// Whether it is an authority's: it may make out others.
    pub fn is_authority(&self) -> bool {
        let inner = self.extension(BASIC_CONSTRAINTS).and_then(|value| der::only(value, 0x30));
        inner.and_then(|inner| der::values(inner).next()) == Some((0x01, &[0xff]))
    }

    /// How many authorities may stand below it, where that is limited.
    pub fn path_length(&self) -> Option<u8> {
        let inner = der::only(self.extension(BASIC_CONSTRAINTS)?, 0x30)?;
        der::values(inner).find(|(tag, _)| *tag == 0x02).and_then(|(_, length)| length.first().copied())
    }

    /// Whether one of the bits of its key usage is set, by its number; without the extension all are.
    pub fn may(&self, bit: u32) -> bool {
        let Some(value) = self.extension(KEY_USAGE) else { return true };
        let bits = der::only(value, 0x03).and_then(|bits| bits.get(1).copied()).unwrap_or_default();
        bits & (0x80_u8 >> bit) != 0
    }

    /// The object identifiers of what its key may be used for.
    pub fn purposes(&self) -> Vec<&[u8]> {
        let list = self.extension(EXTENDED_KEY_USAGE).and_then(|value| der::only(value, 0x30)).unwrap_or_default();
        der::values(list).filter(|(tag, _)| *tag == 0x06).map(|(_, id)| id).collect()
    }

    /// Whether it has a critical extension that is not read here.
    pub fn has_unknown_critical(&self) -> bool {
        let known = [KEY_USAGE, ALTERNATIVE_NAMES, BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE];
        self.extensions.iter().any(|it| it.critical && !known.contains(&it.id.as_slice()))
    }

    /// The identifier of its key.
    pub fn key_id(&self) -> Option<&[u8]> {
        der::only(self.extension(SUBJECT_KEY_ID)?, 0x04)
    }

    /// Whether a moment lies within its validity.
    pub fn is_good_at(&self, at: Time) -> bool {
        self.not_before <= at && at <= self.not_after
    }

    /// Whether `issuer` made it out: by name, and by signature.
    pub fn is_by(&self, issuer: &Certificate) -> bool {
        let key = issuer.public_key().filter(|_| self.issuer == issuer.subject);
        key.is_some_and(|key| key.verify(&self.signed, &self.signature).is_ok())
    }

    /// Whether it vouches for itself, as roots do.
    pub fn is_root(&self) -> bool {
        self.is_by(self)
    }
}

fn extension(element: &Element<'_>) -> Option<Extension> {
    let fields = der::all(element.inner).filter(|_| element.tag == 0x30)?;
    let (id, critical, value) = match fields.as_slice() {
        [id, value] => (id, false, value),
        [id, critical, value] if critical.tag == 0x01 => (id, critical.inner == [0xff], value),
        _ => return None,
    };
    (id.tag == 0x06 && value.tag == 0x04).then(|| Extension {
        id: id.inner.to_vec(),
        critical,
        value: value.inner.to_vec(),
        whole: element.whole.to_vec(),
    })
}

/// A UTCTime or a GeneralizedTime, in whole seconds.
pub(crate) fn time(element: &Element<'_>) -> Option<Time> {
    let written = std::str::from_utf8(element.inner).ok()?.strip_suffix('Z')?;
    let full = match element.tag {
        // Two digits of the year: before 50 they are of this century.
        0x17 if written.len() == 12 => format!("{}{written}", if written.get(..1)? < "5" { "20" } else { "19" }),
        // A fraction of a second decides nothing here.
        0x18 => written.split('.').next()?.to_owned(),
        _ => return None,
    };
    if full.len() != 14 || !full.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| full.get(from..to).unwrap_or_default();
    let (year, month, day) = (part(0, 4), part(4, 6), part(6, 8));
    let (hour, minute, second) = (part(8, 10), part(10, 12), part(12, 14));
    Time::parse_stated(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z")).ok().map(|(time, _)| time)
}

fn text(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

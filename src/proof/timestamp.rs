//! Timestamp tokens of RFC 3161: the moment an authority says it saw some bytes, and whether a supplied
//! authority said so. It reads no clock.

use super::certificate::{self, Certificate};
use super::chain::{self, Purpose};
use super::der::{self, Element};
use super::digest::HashName;
use super::trust::Authority;
use crate::model::Time;

const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// 1.2.840.113549.1.9.16.1.4
const TOKEN_INFO: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04];
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
const HASHES: [(&[u8], HashName); 3] = [
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01], HashName::Sha256),
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02], HashName::Sha384),
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03], HashName::Sha512),
];

/// Why a token says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It is not over this, or was altered.
    Wrong(String),
    /// Nobody who was supplied made it.
    Unknown(String),
}

/// A token taken apart; nothing in it is believed yet.
#[derive(Debug)]
pub struct Token {
    /// The moment it states.
    pub at: Time,
    info: Vec<u8>,
    imprint: (HashName, Vec<u8>),
    certificates: Vec<Certificate>,
    signer: Signer,
}

#[derive(Debug)]
struct Signer {
    issuer: Vec<u8>,
    serial: Vec<u8>,
    key_id: Vec<u8>,
    hash: HashName,
    attributes: Vec<u8>,
    signature: Vec<u8>,
}

fn hash_of(algorithm: &Element<'_>) -> Option<HashName> {
    let (_, id) = der::values(algorithm.inner).next()?;
    HASHES.iter().find(|(known, _)| *known == id).map(|(_, hash)| *hash)
}

impl Token {
    /// Reads a response with its token in it, or a bare token.
    pub fn read(bytes: &[u8]) -> Option<Token> {
        let parts = der::all(der::only(bytes, 0x30)?)?;
        let content = match parts.as_slice() {
            [status, token] if status.tag == 0x30 => {
                // Granted, or granted with changes.
                let (0x02, [0 | 1]) = der::values(status.inner).next()? else { return None };
                der::all(token.inner).filter(|_| token.tag == 0x30)?
            }
            _ => parts,
        };
        let [kind, data] = content.as_slice() else { return None };
        if kind.inner != SIGNED_DATA || data.tag != 0xa0 {
            return None;
        }
        let fields = der::all(der::only(data.inner, 0x30)?)?;
        let carried = der::all(fields.iter().filter(|it| it.tag == 0x30).map(|it| it.inner).next()?)?;
        let [kind, carried] = carried.as_slice() else { return None };
        let info = der::only(carried.inner, 0x04).filter(|_| kind.inner == TOKEN_INFO)?.to_vec();
        let list = fields.iter().find(|it| it.tag == 0xa0).map_or(&[][..], |it| it.inner);
        let certificates: Vec<Certificate> =
            der::all(list)?.iter().take(8).filter_map(|it| Certificate::from_der(it.whole)).collect();
        // The last field holds who signed, and one does.
        let signers = der::all(fields.last().filter(|it| it.tag == 0x31)?.inner)?;
        let [signer] = signers.as_slice() else { return None };
        let (at, imprint) = stated(&info)?;
        Some(Token { at, imprint, certificates, signer: signer_of(signer)?, info })
    }

    /// Checks that a supplied authority saw `bytes`; gives the moment and the authority's name.
    ///
    /// # Errors
    /// Why not.
    pub fn verify(&self, bytes: &[u8], authorities: &[Authority]) -> Result<(Time, String), Refused> {
        let wrong = |why: &str| Refused::Wrong(why.to_owned());
        let (hash, imprint) = &self.imprint;
        if hash.of(bytes) != *imprint {
            return Err(wrong("the timestamp is over something else than this signature"));
        }
        let attributes =
            der::all(&self.signer.attributes).ok_or_else(|| wrong("the timestamp's signer cannot be read"))?;
        let attribute = |id: &[u8]| {
            attributes.iter().find_map(|it| {
                let mut fields = der::values(it.inner);
                let (_, value) = fields.next().filter(|(_, known)| *known == id).and_then(|_| fields.next())?;
                der::elements(value).next().map(|it| it.inner)
            })
        };
        if attribute(CONTENT_TYPE) != Some(TOKEN_INFO)
            || attribute(MESSAGE_DIGEST) != Some(self.signer.hash.of(&self.info).as_slice())
        {
            return Err(wrong("the timestamp's signature is over another timestamp"));
        }
        // Signed as a set, though it stands there under another tag.
        let signed = der::wrap(0x31, &self.signer.attributes);
        let supplied = authorities.iter().flat_map(|authority| &authority.chain);
        let fitting: Vec<&Certificate> =
            self.certificates.iter().chain(supplied).filter(|it| self.is_signer(it)).collect();
        if fitting.is_empty() {
            return Err(Refused::Unknown("the timestamp's signer was not supplied".to_owned()));
        }
        let signer = fitting
            .into_iter()
            .find(|it| it.public_key().is_some_and(|key| key.verify(&signed, &self.signer.signature).is_ok()))
            .ok_or_else(|| wrong("the timestamp's signature does not hold"))?;
        let mut why = "no timestamp authority was supplied".to_owned();
        for authority in authorities {
            let Some((root, others)) = authority.chain.split_last() else { continue };
            if !authority.counts_at(self.at) {
                "the authority's root does not count at that moment".clone_into(&mut why);
                continue;
            }
            let mut between = others.to_vec();
            between.extend(self.certificates.iter().filter(|it| *it != signer).cloned());
            between.truncate(8);
            match chain::path(signer, &between, &[root], self.at, Purpose::TimeStamping) {
                Ok(_) => return Ok((self.at, authority.name.clone())),
                Err(error) => why = format!("of the timestamp's signer: {error}"),
            }
        }
        Err(Refused::Unknown(why))
    }

    /// Whether another one states the same of the same, signed with the same signature.
    pub fn states_the_same(&self, other: &Token) -> bool {
        let of = |it: &Token| (it.info.clone(), it.signer.attributes.clone(), it.signer.signature.clone());
        of(self) == of(other)
    }

    fn is_signer(&self, it: &Certificate) -> bool {
        let by_name =
            !self.signer.serial.is_empty() && it.issuer == self.signer.issuer && it.serial == self.signer.serial;
        by_name || !self.signer.key_id.is_empty() && it.key_id() == Some(&self.signer.key_id)
    }
}

/// The moment, and the hash of what was there.
fn stated(info: &[u8]) -> Option<(Time, (HashName, Vec<u8>))> {
    let fields = der::all(der::only(info, 0x30)?)?;
    let [version, _policy, imprint, _serial, at, ..] = fields.as_slice() else { return None };
    let imprint = der::all(imprint.inner).filter(|_| version.inner == [1])?;
    let [algorithm, digest] = imprint.as_slice() else { return None };
    Some((certificate::time(at)?, (hash_of(algorithm)?, digest.inner.to_vec())))
}

fn signer_of(element: &Element<'_>) -> Option<Signer> {
    let mut fields = der::all(element.inner).filter(|_| element.tag == 0x30)?.into_iter();
    fields.next().filter(|version| version.tag == 0x02)?;
    let who = fields.next()?;
    let (mut issuer, mut serial, mut key_id) = (Vec::new(), Vec::new(), Vec::new());
    match who.tag {
        0x30 => {
            let parts = der::all(who.inner)?;
            let [name, number] = parts.as_slice() else { return None };
            issuer = name.whole.to_vec();
            serial = number.inner.to_vec();
        }
        0x80 => key_id = who.inner.to_vec(),
        _ => return None,
    }
    let hash = hash_of(&fields.next()?)?;
    let attributes = fields.next().filter(|it| it.tag == 0xa0)?.inner.to_vec();
    let signature = fields.find(|it| it.tag == 0x04)?.inner.to_vec();
    Some(Signer { issuer, serial, key_id, hash, attributes, signature })
}

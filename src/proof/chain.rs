//! The path from a certificate to a root that somebody supplied, at a chosen moment and for a purpose. It
//! takes no root from what it checks, and asks no server whether a certificate was revoked.

use super::certificate::Certificate;
use crate::model::Time;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use std::time::Duration;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, Error, KeyUsage, anchor_from_trusted_cert};

/// What a certificate is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Signing artefacts.
    CodeSigning,
    /// Saying when something was there.
    TimeStamping,
}

impl Purpose {
    fn id(self) -> &'static [u8] {
        match self {
            Purpose::CodeSigning => &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x03],
            Purpose::TimeStamping => &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08],
        }
    }
}

/// A path that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The key of whoever made the certificate out, as SubjectPublicKeyInfo.
    pub issuer_key: Vec<u8>,
    /// What is odd about it.
    pub remark: Option<&'static str>,
}

/// What is said when no root fits.
pub(super) const NO_ROOT: &str = "no supplied root leads to the certificate";

const OTHER_PURPOSE: &str = "the certificate is not made out for this purpose";

/// No chain of signers is longer.
const MOST: usize = 8;

/// Finds the path from `leaf` over `others` to one of `roots`.
///
/// # Errors
/// Why there is none, in a sentence.
pub fn path(
    leaf: &Certificate,
    others: &[Certificate],
    roots: &[&Certificate],
    at: Time,
    purpose: Purpose,
) -> Result<Path, String> {
    if others.len() > MOST {
        return Err(format!("more than {MOST} certificates come with it"));
    }
    let seconds = u64::try_from(at.seconds()).map_err(|_| "the moment lies before 1970".to_owned())?;
    let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let roots_der: Vec<CertificateDer<'_>> =
        roots.iter().map(|root| CertificateDer::from(root.der.as_slice())).collect();
    let anchors: Vec<TrustAnchor<'_>> =
        roots_der.iter().filter_map(|root| anchor_from_trusted_cert(root).ok()).collect();
    let others_der: Vec<CertificateDer<'_>> = others.iter().map(|it| CertificateDer::from(it.der.as_slice())).collect();
    let leaf_der = CertificateDer::from(leaf.der.as_slice());
    let end = EndEntityCert::try_from(&leaf_der).map_err(|error| reason(&error, leaf))?;
    // An authority need not say what it certifies for; a signer must.
    let usage = KeyUsage::required_if_present(purpose.id());
    if !leaf.purposes().contains(&purpose.id()) {
        return Err(OTHER_PURPOSE.to_owned());
    }
    match end.verify_for_usage(ALL_VERIFICATION_ALGS, &anchors, &others_der, time, usage, None, None) {
        Ok(found) => Ok(Path { issuer_key: found.issuer_spki().as_ref().to_vec(), remark: None }),
        Err(Error::CaUsedAsEndEntity) => marked_as_authority(leaf, others, roots, at),
        Err(error) => Err(reason(&error, leaf)),
    }
}

fn reason(error: &Error, leaf: &Certificate) -> String {
    match error {
        Error::CertExpired { .. } => format!("the certificate had expired: it was good until {}", leaf.not_after),
        Error::CertNotValidYet { .. } => format!("the certificate was not yet good: it is from {}", leaf.not_before),
        Error::UnknownIssuer => NO_ROOT.to_owned(),
        Error::RequiredEkuNotFoundContext(_) => OTHER_PURPOSE.to_owned(),
        Error::BadDer => "the certificate cannot be read".to_owned(),
        other => format!("the certificate does not lead to a supplied root ({other:?})"),
    }
}

/// The key may sign, and may certify.
const DIGITAL_SIGNATURE: u32 = 0;
const CERTIFY: u32 = 5;

/// Small authorities make out certificates for signers that are marked as an authority's own, which no
/// path validation takes for a signer's. Such a one is followed by hand, and it is said.
fn marked_as_authority(
    leaf: &Certificate,
    others: &[Certificate],
    roots: &[&Certificate],
    at: Time,
) -> Result<Path, String> {
    if !leaf.may(DIGITAL_SIGNATURE) {
        return Err("the certificate is an authority's, and its key may not sign".to_owned());
    }
    let fit = |it: &Certificate, below: usize| {
        it.is_authority()
            && it.may(CERTIFY)
            && !it.has_unknown_critical()
            && it.is_good_at(at)
            && it.path_length().is_none_or(|most| below <= usize::from(most))
    };
    if !leaf.is_good_at(at) {
        return Err(format!("the certificate was good from {} until {}", leaf.not_before, leaf.not_after));
    }
    if leaf.has_unknown_critical() {
        return Err("the certificate has a critical extension that is not known here".to_owned());
    }
    let mut current = leaf;
    let mut issuer_key: Option<Vec<u8>> = None;
    // The leaf itself is an authority too, and stands below the others.
    for below in 1..=MOST {
        if let Some(root) = roots.iter().find(|root| fit(root, below) && current.is_by(root)) {
            let issuer_key = issuer_key.unwrap_or_else(|| root.key.clone());
            let remark = Some("the signer's certificate is marked as an authority's (CA:TRUE)");
            return Ok(Path { issuer_key, remark });
        }
        let next = others.iter().find(|it| *it != current && fit(it, below) && current.is_by(it));
        current = next.ok_or(NO_ROOT)?;
        issuer_key.get_or_insert_with(|| current.key.clone());
    }
    Err("the chain is too long".to_owned())
}

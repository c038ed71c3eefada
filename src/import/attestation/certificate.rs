//! The holder a signing certificate names: its alternative names, and what Sigstore's authority noted
//! of the workflow. It checks no chain, no date and no signature, and a certificate it cannot walk
//! says nothing.

use super::envelope::decode;
use crate::import::openlineage::{commit, repository};
use crate::model::Time;
use crate::proof::certificate::Certificate;

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

    fn of(certificate: &Certificate) -> Holder {
        let note = |number| certificate.note(number);
        let seconds = certificate.not_after.seconds() - certificate.not_before.seconds();
        Holder {
            name: certificate.names().into_iter().next(),
            issuer: certificate.vouched_by(),
            repository: note(12).map(|it| repository(&it)).or_else(|| note(5).map(|it| format!("github.com/{it}"))),
            commit: note(13).or_else(|| note(3)).as_deref().and_then(commit),
            reference: note(14).or_else(|| note(6)),
            run: note(21),
            made_out: (0..=SHORT).contains(&seconds).then_some(certificate.not_before),
        }
    }
}

/// The certificate that is written in base64 DER or in PEM. Bundles of some writers hold the PEM text in
/// base64.
pub(super) fn certificate(written: &str) -> Option<Certificate> {
    if written.contains("-----BEGIN") {
        return Certificate::read(written.as_bytes());
    }
    let body: String = written.split_whitespace().collect();
    Certificate::read(&decode(&body)?)
}

/// The holder of a certificate in base64 DER or in PEM.
pub(super) fn holder(written: &str) -> Option<Holder> {
    certificate(written).as_ref().map(Holder::of)
}

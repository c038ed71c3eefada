//! What a user trusts: keys, roots, logs, timestamp authorities and the identities expected. It is put
//! together from files that the user names, never from what is checked.

use super::certificate::Certificate;
use super::digest::{HashName, sha256};
use super::encoding::pem_blocks;
use super::public_key::PublicKey;
use super::signers::fits;
use super::trusted_root;
use crate::model::Time;

/// A key that may sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedKey {
    /// The file it came in.
    pub name: String,
    /// The key.
    pub key: PublicKey,
    /// What signers call it: hashes of its PEM text and of its DER, in hex.
    pub hints: Vec<String>,
}

/// An authority that makes out certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// Its name, or the file it came in.
    pub name: String,
    /// Its certificates, the root last.
    pub chain: Vec<Certificate>,
    /// The first moment it counts.
    pub since: Option<Time>,
    /// The last.
    pub until: Option<Time>,
    /// Whether what it makes out must be promised to a supplied certificate log.
    pub listed: bool,
    /// Whether what is signed under it must be in a supplied log of signatures.
    pub logged: bool,
}

/// The key of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKey {
    /// Its host, or the file it came in.
    pub name: String,
    /// What entries call it by.
    pub id: Vec<u8>,
    /// The key it signs with.
    pub key: PublicKey,
    /// The first moment it counts.
    pub since: Option<Time>,
    /// The last.
    pub until: Option<Time>,
}

fn counts(since: Option<Time>, until: Option<Time>, at: Time) -> bool {
    since.is_none_or(|since| since <= at) && until.is_none_or(|until| at <= until)
}

impl Authority {
    /// Whether it counts at a moment.
    pub fn counts_at(&self, at: Time) -> bool {
        counts(self.since, self.until, at)
    }
}

impl LogKey {
    /// Whether it counts at a moment.
    pub fn counts_at(&self, at: Time) -> bool {
        counts(self.since, self.until, at)
    }
}

/// Who is expected to have signed; `*` stands for anything, and what is not stated is not asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expected {
    /// An alternative name of the certificate, or its common name where it has none.
    pub name: Option<String>,
    /// Who vouched for that name to the authority.
    pub issuer: Option<String>,
    /// The repository the signing workflow ran for.
    pub repository: Option<String>,
    /// The branch or tag it ran for.
    pub reference: Option<String>,
    /// The builder that the statement names.
    pub builder: Option<String>,
}

/// Everything a user trusts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trust {
    /// Keys that may sign.
    pub keys: Vec<TrustedKey>,
    /// Authorities for signers.
    pub authorities: Vec<Authority>,
    /// Authorities for timestamps.
    pub timestamps: Vec<Authority>,
    /// Transparency logs of signatures.
    pub logs: Vec<LogKey>,
    /// Transparency logs of certificates.
    pub certificate_logs: Vec<LogKey>,
    /// Who is expected.
    pub expected: Vec<Expected>,
}

impl Trust {
    /// Whether nothing is trusted, so that nothing can be verified.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.authorities.is_empty()
    }

    /// Adds what a file holds: public keys, certificates of authorities (PEM or DER), or a Sigstore
    /// trusted root.
    ///
    /// # Errors
    /// When it holds none of them.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), String> {
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        if text.trim_start().starts_with('{') {
            return trusted_root::add(self, text);
        }
        let before = self.keys.len() + self.authorities.len();
        if let Ok(key) = PublicKey::from_der(bytes) {
            self.add_key(name, key, None);
        }
        for block in pem_blocks(text, "PUBLIC KEY") {
            let key = PublicKey::from_der(&block).map_err(|error| error.to_string())?;
            self.add_key(name, key, Some(text));
        }
        for block in pem_blocks(text, "RSA PUBLIC KEY") {
            let key = PublicKey::from_pkcs1(&block).map_err(|error| error.to_string())?;
            self.add_key(name, key, Some(text));
        }
        let der = if Certificate::from_der(bytes).is_some() { vec![bytes.to_vec()] } else { Vec::new() };
        for block in pem_blocks(text, "CERTIFICATE").into_iter().chain(der) {
            let certificate = Certificate::from_der(&block).ok_or("a certificate in it cannot be read")?;
            if !certificate.is_authority() {
                return Err(format!(
                    "the certificate of {} is a signer's, not an authority's; give the authority's, or the signer's public key",
                    certificate.names().first().cloned().or(certificate.common_name()).unwrap_or_default()
                ));
            }
            self.add_authority(name, certificate);
        }
        if self.keys.len() + self.authorities.len() == before {
            return Err(
                "it holds no public key, no certificate of an authority and no Sigstore trusted root".to_owned()
            );
        }
        Ok(())
    }

    fn add_key(&mut self, name: &str, key: PublicKey, text: Option<&str>) {
        if self.keys.iter().any(|known| known.key == key) {
            return;
        }
        let mut hints = vec![hex::encode(sha256(key.der()))];
        // Some hash the text of the file, with its last line feed or without.
        for text in text
            .iter()
            .flat_map(|text| [text.to_string(), text.trim_end().to_owned(), format!("{}\n", text.trim_end())])
        {
            hints.push(hex::encode(sha256(text.as_bytes())));
        }
        self.keys.push(TrustedKey { name: name.to_owned(), key, hints });
    }

    fn add_authority(&mut self, name: &str, certificate: Certificate) {
        let name = certificate.common_name().unwrap_or_else(|| name.to_owned());
        let authority =
            Authority { name, chain: vec![certificate], since: None, until: None, listed: false, logged: false };
        if !self.authorities.contains(&authority) {
            self.authorities.push(authority.clone());
            self.timestamps.push(authority);
        }
    }

    /// Adds the keys of logs in a PEM file.
    ///
    /// # Errors
    /// When it holds none.
    pub fn add_log(&mut self, name: &str, text: &str) -> Result<(), String> {
        let key = PublicKey::from_pem(text).map_err(|error| error.to_string())?;
        let id = sha256(key.der()).to_vec();
        self.logs.push(LogKey { name: name.to_owned(), id, key, since: None, until: None });
        Ok(())
    }

    /// SHA-256 over all of it, in no order: two checks with the same one were made with the same trust.
    pub fn digest(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        let dates = |since: Option<Time>, until: Option<Time>| format!("{since:?} {until:?}");
        lines.extend(self.keys.iter().map(|it| format!("key {}", it.key.fingerprint())));
        for (what, list) in [("authority", &self.authorities), ("timestamps", &self.timestamps)] {
            lines.extend(list.iter().map(|it| {
                let chain: Vec<String> = it.chain.iter().map(Certificate::fingerprint).collect();
                format!("{what} {} {} {} {}", chain.join(","), dates(it.since, it.until), it.listed, it.logged)
            }));
        }
        for (what, list) in [("log", &self.logs), ("certificate-log", &self.certificate_logs)] {
            lines.extend(list.iter().map(|it| {
                format!("{what} {} {} {}", hex::encode(&it.id), it.key.fingerprint(), dates(it.since, it.until))
            }));
        }
        lines.extend(self.expected.iter().map(|it| format!("expect {it:?}")));
        lines.sort();
        format!("sha256:{}", hex::encode(HashName::Sha256.of(lines.join("\n").as_bytes())))
    }
}

/// What is known of who signed.
#[derive(Debug, Clone, Default)]
pub struct Signer<'s> {
    /// The names in the certificate.
    pub names: Vec<String>,
    /// Who vouched for them.
    pub issuer: Option<String>,
    /// The repository.
    pub repository: Option<String>,
    /// The branch or tag.
    pub reference: Option<String>,
    /// The builder that the statement names.
    pub builder: Option<&'s str>,
}

impl Expected {
    /// Whether somebody is who is expected.
    ///
    /// # Errors
    /// What differs.
    pub fn is(&self, signer: &Signer<'_>) -> Result<(), String> {
        let told = |what: &str, wanted: &str, found: Option<&str>| {
            format!("the {what} is {}, expected {wanted}", found.unwrap_or("not stated"))
        };
        if let Some(wanted) = &self.name
            && !signer.names.iter().any(|name| fits(wanted, name))
        {
            return Err(told("signer", wanted, signer.names.first().map(String::as_str)));
        }
        for (what, wanted, found) in [
            ("issuer", &self.issuer, signer.issuer.as_deref()),
            ("repository", &self.repository, signer.repository.as_deref()),
            ("ref", &self.reference, signer.reference.as_deref()),
            ("builder", &self.builder, signer.builder),
        ] {
            if let Some(wanted) = wanted
                && !found.is_some_and(|found| fits(wanted, found))
            {
                return Err(told(what, wanted, found));
            }
        }
        Ok(())
    }
}

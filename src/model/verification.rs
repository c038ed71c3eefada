//! What came of checking a signature: a list of checks, each held, failed or not made, and what they were
//! made with. It checks nothing itself and holds no key.

use crate::model::Time;
use serde::Serialize;

/// The checks, in the order they are told; each stands on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckName {
    /// It can be read, and says one thing only.
    Form,
    /// The bytes of the artefact have the signed digest.
    Artefact,
    /// The signature is over this content, by the key or certificate that comes with it or was supplied.
    Signature,
    /// The certificate leads to a supplied root, or the key is a supplied one.
    Chain,
    /// A supplied log took this in.
    Log,
    /// A trusted moment lies within the certificate's validity.
    Time,
    /// The signer is who was expected.
    Identity,
}

impl CheckName {
    /// All of them, in order.
    pub const ALL: [CheckName; 7] = [
        CheckName::Form,
        CheckName::Artefact,
        CheckName::Signature,
        CheckName::Chain,
        CheckName::Log,
        CheckName::Time,
        CheckName::Identity,
    ];

    /// Its level, 0 to 6.
    pub fn level(self) -> u8 {
        self as u8
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            CheckName::Form => "form",
            CheckName::Artefact => "artefact",
            CheckName::Signature => "signature",
            CheckName::Chain => "chain",
            CheckName::Log => "log",
            CheckName::Time => "time",
            CheckName::Identity => "identity",
        }
    }
}

/// What came of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckState {
    /// It was made and held.
    Held,
    /// It was made and did not hold.
    Failed,
    /// It was not made: nothing to make it with, or nothing to make it on.
    NotChecked,
}

impl CheckState {
    /// The words for it.
    pub fn as_str(self) -> &'static str {
        match self {
            CheckState::Held => "held",
            CheckState::Failed => "failed",
            CheckState::NotChecked => "not checked",
        }
    }
}

/// One check with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its level.
    pub level: u8,
    /// Which.
    pub check: CheckName,
    /// What came of it.
    pub state: CheckState,
    /// Why, or by what.
    pub why: String,
}

impl Check {
    /// One that held, by this.
    pub fn held(check: CheckName, why: impl Into<String>) -> Check {
        Check { level: check.level(), check, state: CheckState::Held, why: why.into() }
    }

    /// One that did not.
    pub fn failed(check: CheckName, why: impl Into<String>) -> Check {
        Check { level: check.level(), check, state: CheckState::Failed, why: why.into() }
    }

    /// One that was not made.
    pub fn not_checked(check: CheckName, why: impl Into<String>) -> Check {
        Check { level: check.level(), check, state: CheckState::NotChecked, why: why.into() }
    }
}

/// What all the checks come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A supplied key signed it, or a certificate whose chain, time or log, and identity all held.
    Verified,
    /// The signature matches, and too little was checked to say whose it is.
    Matches,
    /// Not even the signature could be checked.
    NotChecked,
    /// A check failed.
    Failed,
    /// It carries no signature.
    Unsigned,
}

impl Outcome {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Verified => "verified",
            Outcome::Matches => "matches",
            Outcome::NotChecked => "not-checked",
            Outcome::Failed => "failed",
            Outcome::Unsigned => "unsigned",
        }
    }
}

/// What the checks were made with: the same bytes pass or fail by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckInputs {
    /// SHA-256 of the payload that was checked and is shown, or the digest that was signed.
    pub content: Option<String>,
    /// SHA-256 of the key that signed, as SubjectPublicKeyInfo.
    pub key: Option<String>,
    /// SHA-256 over the keys, roots and expectations that were supplied; absent when nothing was.
    pub trust: Option<String>,
    /// The digest of the artefact's bytes, where they were at hand.
    pub artefact: Option<String>,
    /// When it was signed, as somebody trusted says.
    pub signed_at: Option<Time>,
    /// When it was checked.
    pub at: Time,
}

/// What came of checking one signed thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// All in a word.
    pub outcome: Outcome,
    /// All in a sentence.
    pub says: String,
    /// The name in the certificate, or the key's; whether it is to be believed, the checks say.
    pub signer: Option<String>,
    /// Every check once, by level.
    pub checks: Vec<Check>,
    /// What they were made with.
    pub inputs: CheckInputs,
    /// What else is to be known: other signatures, old forms.
    pub remarks: Vec<String>,
}

impl Verification {
    /// Draws the sum of the checks. `by_key` names the supplied key that signed; with `logged` nothing is
    /// verified without its log.
    pub fn of(
        mut checks: Vec<Check>,
        (signer, by_key, logged): (Option<String>, Option<&str>, bool),
        inputs: CheckInputs,
        remarks: Vec<String>,
    ) -> Verification {
        checks.sort_by_key(|check| check.level);
        let state = |name: CheckName| checks.iter().find(|it| it.check == name).map(|it| it.state);
        let held = |name| state(name) == Some(CheckState::Held);
        let failed = checks.iter().find(|check| check.state == CheckState::Failed);
        let enough = !logged || held(CheckName::Log);
        let (outcome, says) = if let Some(check) = failed {
            (Outcome::Failed, format!("failed at {}: {}", check.check.as_str(), check.why))
        } else if !held(CheckName::Signature) {
            let why = checks.iter().find(|check| check.check == CheckName::Signature);
            let why = why.map_or("there is nothing to check it with", |check| check.why.as_str());
            (Outcome::NotChecked, format!("signature not checked: {why}"))
        } else if let Some(key) = by_key.filter(|_| held(CheckName::Chain) && enough) {
            (Outcome::Verified, format!("verified by the supplied key {key}"))
        } else if held(CheckName::Chain)
            && (held(CheckName::Time) || held(CheckName::Log))
            && held(CheckName::Identity)
            && enough
        {
            let signer = signer.as_deref().unwrap_or("nobody named");
            (Outcome::Verified, format!("verified: signed by {signer}"))
        } else {
            let open = [CheckName::Chain, CheckName::Log, CheckName::Time, CheckName::Identity];
            let open: Vec<&str> = open.into_iter().filter(|name| !held(*name)).map(CheckName::as_str).collect();
            (Outcome::Matches, format!("signature matches; {} not checked", open.join("/")))
        };
        Verification { outcome, says, signer, checks, inputs, remarks }
    }

    /// Of something that carries no signature.
    pub fn unsigned(at: Time) -> Verification {
        let inputs = CheckInputs { content: None, key: None, trust: None, artefact: None, signed_at: None, at };
        let none = || Check::not_checked(CheckName::Signature, "it carries no signature");
        Verification {
            outcome: Outcome::Unsigned,
            says: "no signature: it binds nobody".to_owned(),
            signer: None,
            checks: vec![none()],
            inputs,
            remarks: Vec::new(),
        }
    }

    /// Of something that cannot even be read.
    pub fn unreadable(why: String, at: Time) -> Verification {
        let inputs = CheckInputs { content: None, key: None, trust: None, artefact: None, signed_at: None, at };
        Verification::of(vec![Check::failed(CheckName::Form, why)], (None, None, false), inputs, Vec::new())
    }

    /// Of something whose bytes are not those that were signed, and why.
    pub fn not_checkable(why: &str, at: Time) -> Verification {
        let mut it = Verification::unsigned(at);
        it.outcome = Outcome::NotChecked;
        it.says = format!("signature not checked: {why}");
        it.checks = vec![Check::not_checked(CheckName::Signature, why)];
        it
    }

    /// The bytes were at hand after all: they are the signed ones, or not, and that settles the artefact.
    pub fn compared(&mut self, same: bool, why: String) {
        self.checks.retain(|check| check.check != CheckName::Artefact);
        if same {
            self.checks.push(Check::held(CheckName::Artefact, why));
        } else {
            if !matches!(self.outcome, Outcome::Failed | Outcome::Unsigned) {
                self.outcome = Outcome::Failed;
                self.says = format!("failed at artefact: {why}");
            }
            self.checks.push(Check::failed(CheckName::Artefact, why));
        }
        self.checks.sort_by_key(|check| check.level);
    }

    /// One check.
    pub fn check(&self, name: CheckName) -> Option<&Check> {
        self.checks.iter().find(|check| check.check == name)
    }
}

//! Who is known to have said what: signatures on investigators' statements, made by `ssh-keygen` and checked
//! against the allowed signers. It keeps no key and decides nothing about what a proof means.

use crate::config::{Settings, read_text};
use crate::engine::EngineError;
use crate::import::native;
use crate::investigate::said::{Proof, Saying};
use crate::model::Statement;
use crate::proof::signers::{Signers, Standing};
use crate::proof::sshsig::{self, NAMESPACE};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Whose keys count here.
#[derive(Debug, Default)]
pub(super) struct Vouchers {
    signers: Signers,
    remarks: Vec<String>,
}

impl Vouchers {
    /// Reads the allowed signers that the settings name.
    pub(super) fn of(settings: &Settings) -> Vouchers {
        let Some(path) = &settings.allowed_signers else { return Vouchers::default() };
        let told = |why: &str| format!("{}: {why}", path.display());
        match read_text(path) {
            Ok(text) => {
                let signers = Signers::parse(&text);
                let remarks = signers.remarks.iter().map(|why| told(why)).collect();
                Vouchers { signers, remarks }
            }
            Err(error) => {
                let why = format!("cannot be read ({error}), so nothing signed is known to be by anybody");
                Vouchers { signers: Signers::default(), remarks: vec![told(&why)] }
            }
        }
    }

    /// Whose keys count, and what of the file that says so was not understood.
    pub(super) fn signers(&self) -> (&Signers, &[String]) {
        (&self.signers, &self.remarks)
    }

    /// What could not be told, where something is signed at all.
    pub(super) fn remarks(&self, sayings: &[Saying]) -> Vec<String> {
        let signed = sayings.iter().any(|it| it.statement.signature().is_some());
        if signed { self.remarks.clone() } else { Vec::new() }
    }

    /// How it is known who said a statement, by the keys that counted when it says it was said.
    pub(super) fn proof(&self, statement: &Statement) -> Proof {
        let Some(armored) = statement.signature() else { return Proof::CLAIMED };
        // anybody may write signatures by the thousand: only those that could prove something are checked
        match sshsig::named_key(armored) {
            Ok(key) if !self.signers.names(&key) => return Proof::Claimed { key: Some(key.fingerprint()) },
            Ok(_) => {}
            Err(error) => return Proof::Refused { why: error.to_string() },
        }
        let key = match sshsig::verify(native::unsigned(statement).as_bytes(), armored, NAMESPACE) {
            Ok(key) => key,
            Err(error) => return Proof::Refused { why: error.to_string() },
        };
        let fingerprint = key.fingerprint();
        match statement.said_at().map(|at| self.signers.standing(&key, at, NAMESPACE)) {
            Some(Standing::Of(principal)) => Proof::Signed { principal, key: fingerprint },
            Some(Standing::Not(why)) => Proof::Refused { why },
            Some(Standing::Unknown) | None => Proof::Claimed { key: Some(fingerprint) },
        }
    }
}

/// With which key statements are signed, and whether a person can be asked for its passphrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signing {
    /// The private key, or the public one of a key that an agent holds.
    pub key: PathBuf,
    /// Whether `ssh-keygen` may ask at the terminal.
    pub may_ask: bool,
}

impl Signing {
    /// The statement with a signature by the key.
    pub(super) fn sign(&self, mut statement: Statement) -> Result<Statement, EngineError> {
        let line = native::unsigned(&statement);
        let armored = self.run(line.as_bytes())?;
        statement.set_signature(Some(armored));
        Ok(statement)
    }

    fn run(&self, line: &[u8]) -> Result<String, EngineError> {
        let refused = |why: String| EngineError::Signing { key: self.key.clone(), why };
        let mut command = Command::new("ssh-keygen");
        command.args(["-Y", "sign", "-n", NAMESPACE, "-f"]).arg(absolute(&self.key));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if !self.may_ask {
            // a question at the terminal would be drawn over the console and never be answered
            command.env("SSH_ASKPASS", "false").env("SSH_ASKPASS_REQUIRE", "force");
        }
        let mut child = command.spawn().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => refused("ssh-keygen is not installed (package openssh-client)".to_owned()),
            _ => refused(format!("ssh-keygen cannot be run: {error}")),
        })?;
        if let Some(mut input) = child.stdin.take() {
            // what it makes of too little it says itself
            input.write_all(line).unwrap_or_default();
        }
        let output = child.wait_with_output().map_err(|error| refused(error.to_string()))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let why = said.lines().map(str::trim).rfind(|line| !line.is_empty() && !line.starts_with("Signing"));
            return Err(refused(why.unwrap_or("ssh-keygen gave no reason").to_owned()));
        }
        String::from_utf8(output.stdout).map_err(|_| refused("ssh-keygen printed no signature".to_owned()))
    }
}

/// A path that no option can be mistaken for.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

//! Fetches a credential from where it is kept, when it is needed and no earlier. It writes none anywhere,
//! and what it holds is never shown.

use super::{Sort, Trouble};
use crate::config::CredentialSetting;
use base64::Engine as _;
use reqwest::header::HeaderValue;
use std::fmt;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

/// The longest credential.
const LONGEST: usize = 16 * 1024;
/// How long a command may take: somebody may have to unlock something first.
const COMMAND: Duration = Duration::from_secs(60);
/// What is shorter stands in an answer by chance.
const SHORTEST: usize = 6;

/// Asks a person for a credential; nothing where there is nobody to ask.
pub type Prompt<'p> = &'p dyn Fn(&str) -> Option<String>;

/// What is sent to prove who asks.
#[derive(Clone)]
pub struct Secret {
    header: HeaderValue,
    /// As it may come back in an answer: by itself, and as it is sent.
    spelt: [String; 2],
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The text of a credential, fetched from where it is kept.
///
/// # Errors
/// When it is not there, or others can read it.
pub fn credential(of: &str, setting: &CredentialSetting, prompt: Prompt<'_>) -> Result<String, Trouble> {
    let trouble = |why: String| no_credential(of, &why);
    let named = [&setting.env, &setting.command, &setting.keyring].into_iter().filter(|it| it.is_some()).count();
    if named + usize::from(setting.file.is_some()) + usize::from(setting.prompt) != 1 {
        return Err(trouble("say where it is kept, once: file, env, command, keyring or prompt".to_owned()));
    }
    let text = if let Some(file) = &setting.file {
        from_file(file).map_err(trouble)?
    } else if let Some(name) = &setting.env {
        std::env::var(name).map_err(|_| trouble(format!("the environment has no {name}: set it, and export it")))?
    } else if let Some(command) = &setting.command {
        from_command(command).map_err(trouble)?
    } else if let Some(entry) = &setting.keyring {
        let (service, user) = entry
            .split_once('/')
            .ok_or_else(|| trouble(format!("\"{entry}\" is no entry of a keyring: expected SERVICE/USER")))?;
        from_keyring(service, user).map_err(trouble)?
    } else {
        let asked = match &setting.user {
            Some(user) => format!("password of {user} at {of}"),
            None => format!("token for {of}"),
        };
        prompt(&asked).ok_or_else(|| {
            trouble("nobody can be asked for it here: use a terminal, or keep it in a file".to_owned())
        })?
    };
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn no_credential(of: &str, why: &str) -> Trouble {
    Trouble::new(Sort::NoCredential, "", format!("the credential of {of}: {why}"))
}

impl Secret {
    /// Fetches it from where it is kept.
    ///
    /// # Errors
    /// When it is not there, others can read it, or it cannot be sent.
    pub fn fetch(of: &str, setting: &CredentialSetting, prompt: Prompt<'_>) -> Result<Secret, Trouble> {
        let text = credential(of, setting, prompt)?;
        // What password managers print below the first line are remarks.
        let text = text.lines().next().unwrap_or_default();
        Secret::of(setting.user.as_deref(), text).map_err(|why| no_credential(of, &why))
    }

    fn of(user: Option<&str>, text: &str) -> Result<Secret, String> {
        if text.is_empty() || text.len() > LONGEST {
            return Err("it is empty, or too long to be one".to_owned());
        }
        let header = match user {
            Some(user) if user.contains(':') => return Err("a user's name holds no colon".to_owned()),
            Some(user) => {
                format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{text}")))
            }
            None => format!("Bearer {text}"),
        };
        let mut header = HeaderValue::from_str(&header).map_err(|_| "it holds what no header can".to_owned())?;
        header.set_sensitive(true);
        let sent = header.to_str().unwrap_or_default().split_once(' ').map_or("", |(_, sent)| sent).to_owned();
        Ok(Secret { header, spelt: [text.to_owned(), sent] })
    }

    pub(super) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// An answer without it: some servers repeat what they were sent.
    pub(super) fn taken_out(&self, mut body: Vec<u8>) -> Vec<u8> {
        for spelt in self.spelt.iter().filter(|it| it.len() >= SHORTEST) {
            let places: Vec<usize> = memchr::memmem::find_iter(&body, spelt.as_bytes()).collect();
            for place in places {
                // As long as it was, so that what stands around it stays where it is.
                body.iter_mut().skip(place).take(spelt.len()).for_each(|byte| *byte = b'*');
            }
        }
        body
    }
}

fn from_file(path: &Path) -> Result<String, String> {
    let place = path.display();
    private(path)?;
    let look = std::fs::metadata(path).map_err(|error| format!("{place}: {error}"))?;
    if !look.is_file() || look.len() > LONGEST as u64 {
        return Err(format!("{place}: is no small file"));
    }
    std::fs::read_to_string(path).map_err(|error| format!("{place}: {error}"))
}

/// Whether only its owner can read a file.
pub(super) fn private(path: &Path) -> Result<(), String> {
    let place = path.display();
    let look = std::fs::metadata(path).map_err(|error| format!("{place}: {error}"))?;
    if look.permissions().mode() & 0o077 != 0 {
        return Err(format!("{place}: others can read it; run: chmod 600 {place}"));
    }
    Ok(())
}

/// What the command says on its standard error goes to ours; what it prints is the credential.
fn from_command(command: &str) -> Result<String, String> {
    let run = Command::new("sh").args(["-c", command]).stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut run = run.map_err(|error| format!("its command does not start: {error}"))?;
    let (send, printed) = channel();
    if let Some(mut out) = run.stdout.take() {
        std::thread::spawn(move || {
            let mut text = Vec::new();
            let read = out.by_ref().take(LONGEST as u64 + 1).read_to_end(&mut text).map(|_| text);
            // Nobody waits any more where it took too long.
            send.send(read).unwrap_or_default();
        });
    }
    let Ok(text) = printed.recv_timeout(COMMAND) else {
        // Ended already is as good.
        run.kill().unwrap_or_default();
        run.wait().map(drop).unwrap_or_default();
        return Err(format!("its command did not end within {} seconds", COMMAND.as_secs()));
    };
    let status = run.wait().map_err(|error| format!("its command cannot be waited for: {error}"))?;
    if !status.success() {
        return Err(format!("its command ended with {status}"));
    }
    let text = text.map_err(|error| format!("what its command prints cannot be read: {error}"))?;
    String::from_utf8(text).map_err(|_| "its command printed what is no text".to_owned())
}

#[cfg(feature = "keyring")]
fn from_keyring(service: &str, user: &str) -> Result<String, String> {
    let found = keyring::v1::Entry::new(service, user).and_then(|entry| entry.get_password());
    found.map_err(|error| {
        format!(
            "the keyring gives no entry of {user} for {service}: {error}; is it there, and is the keyring unlocked?"
        )
    })
}

#[cfg(not(feature = "keyring"))]
fn from_keyring(_service: &str, _user: &str) -> Result<String, String> {
    Err("this build does not read the keyring of the system: build it with --features keyring, or use a file, a \
        variable or a command"
        .to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetch(setting: CredentialSetting) -> Result<Secret, Trouble> {
        Secret::fetch("fraud", &setting, &|_| None)
    }

    #[test]
    fn a_credential_comes_from_one_place_and_is_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, "s3cret\n").unwrap();
        let of_file = CredentialSetting { file: Some(file.clone()), ..CredentialSetting::default() };
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let refused = fetch(of_file.clone()).unwrap_err();
        assert!(refused.why.contains("chmod 600") && !refused.why.contains("s3cret"), "{refused}");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        let secret = fetch(of_file.clone()).unwrap();
        assert_eq!(secret.header().to_str().unwrap(), "Bearer s3cret");
        assert!(!format!("{secret:?}{:?}", secret.header()).contains("s3cret"));
        let both = CredentialSetting { env: Some("HOME".into()), ..of_file };
        assert_eq!(fetch(both).unwrap_err().sort, Sort::NoCredential);
        let command = Some("printf 'pw\\nuser: ci\\n'".to_owned());
        let basic = CredentialSetting { user: Some("ci".into()), command, ..CredentialSetting::default() };
        assert_eq!(fetch(basic).unwrap().header().to_str().unwrap(), "Basic Y2k6cHc=");
        let entry = |it: &str| CredentialSetting { keyring: Some(it.to_owned()), ..CredentialSetting::default() };
        assert!(fetch(entry("mlflow")).unwrap_err().why.contains("SERVICE/USER"));
        if cfg!(not(feature = "keyring")) {
            assert!(fetch(entry("mlflow/ci")).unwrap_err().why.contains("--features keyring"));
        }
        let asked = CredentialSetting { prompt: true, ..CredentialSetting::default() };
        assert!(fetch(asked).unwrap_err().why.contains("use a terminal"));
    }
}

//! The secrets of this installation on disk: one signing key per ledger and the pepper of
//! fingerprints, mode 0600, in the user's configuration and never beside the ledger. It signs nothing.

use crate::config::Home;
use crate::engine::EngineError;
use crate::proof::fingerprint::Pepper;
use crate::proof::keys::{SigningKey, VerifierKey};
use crate::proof::random;
use crate::store::heads;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Where one ledger's key lies: named after the ledger's origin.
fn key_file(home: &Home, origin: &str) -> PathBuf {
    home.keys().join(format!("{}.seed", origin.replace('/', "-")))
}

/// Makes a signing key for a new ledger and keeps it.
pub(super) fn create(home: &Home) -> Result<SigningKey, EngineError> {
    let unique = random::bytes::<8>().map_err(|_| EngineError::NoRandomness)?;
    let origin = format!("lastgood/{}", hex::encode(unique));
    let seed = random::bytes::<32>().map_err(|_| EngineError::NoRandomness)?;
    write_secret(&key_file(home, &origin), hex::encode(seed).as_bytes())?;
    SigningKey::from_seed(&origin, &seed).map_err(|error| EngineError::Key { origin, why: error.to_string() })
}

/// The signing key of a ledger, when this installation holds it.
pub(super) fn signing(home: &Home, origin: &str) -> Result<Option<SigningKey>, EngineError> {
    let path = key_file(home, origin);
    let Some(text) = read_secret(&path)? else { return Ok(None) };
    key_of(origin, &path, &text).map(Some)
}

fn key_of(origin: &str, path: &Path, text: &str) -> Result<SigningKey, EngineError> {
    let damaged = |why: &str| EngineError::Key { origin: origin.to_owned(), why: format!("{}: {why}", path.display()) };
    let bytes = hex::decode(text.trim()).map_err(|_| damaged("is not hex"))?;
    let seed: [u8; 32] = bytes.try_into().map_err(|_| damaged("is not 32 bytes"))?;
    SigningKey::from_seed(origin, &seed).map_err(|error| damaged(&error.to_string()))
}

/// The public half of a ledger's key, when this installation holds the key, and what is wrong with
/// how it is kept. To verify, nothing secret is needed, so a fault is told and stops nothing.
pub(super) fn verifier(home: &Home, origin: &str) -> (Option<VerifierKey>, Option<String>) {
    let path = key_file(home, origin);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return (None, None),
        Err(error) => return (None, Some(EngineError::io(&path, error).to_string())),
    };
    let fault = read_secret(&path).err().map(|error| error.to_string());
    match key_of(origin, &path, &text) {
        Ok(key) => (Some(key.verifier()), fault),
        Err(error) => (None, Some(error.to_string())),
    }
}

/// Takes back a key just made for a ledger that did not come to be.
pub(super) fn discard(home: &Home, origin: &str) {
    // Gone already is as good.
    fs::remove_file(key_file(home, origin)).unwrap_or_default();
}

/// Where this installation keeps the newest checkpoint of a ledger, outside the ledger's file.
pub(super) fn kept_head(home: &Home, origin: &str) -> PathBuf {
    home.heads().join(origin.replace('/', "-"))
}

/// Keeps a ledger's newest checkpoint there.
pub(super) fn keep_head(home: &Home, origin: &str, note: &str) -> Result<(), EngineError> {
    make_folder(&home.heads())?;
    Ok(heads::keep(&kept_head(home, origin), note)?)
}

/// Keeps a choice of the user's, one line, for the next time.
pub(super) fn keep_choice(file: &Path, choice: &str) -> Result<(), EngineError> {
    if let Some(folder) = file.parent() {
        make_folder(folder)?;
    }
    let aside = file.with_extension(format!("new-{}", std::process::id()));
    let written = fs::write(&aside, format!("{choice}\n")).and_then(|()| fs::rename(&aside, file));
    written.map_err(|error| EngineError::io(file, error))
}

pub(super) fn make_folder(folder: &Path) -> Result<(), EngineError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|e| EngineError::io(folder, e))
}

/// Where the pepper lies.
pub(super) fn pepper_file(home: &Home) -> PathBuf {
    home.keys().join("pepper")
}

/// The pepper that keys the fingerprints of secrets, when there is one.
pub(super) fn pepper(home: &Home) -> Result<Option<Pepper>, EngineError> {
    let path = pepper_file(home);
    let Some(text) = read_secret(&path)? else { return Ok(None) };
    let bytes = hex::decode(text.trim()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    bytes.map(|bytes| Some(Pepper::new(bytes))).ok_or_else(|| EngineError::Key {
        origin: "pepper".to_owned(),
        why: format!(
            "{}: is not 32 bytes of hex; restore it from a backup: without it, pasted secrets find nothing of before",
            path.display()
        ),
    })
}

/// The same for a ledger that is being made: the first one needs a new pepper.
pub(super) fn pepper_or_new(home: &Home) -> Result<Pepper, EngineError> {
    if let Some(pepper) = pepper(home)? {
        return Ok(pepper);
    }
    let fresh = random::bytes::<32>().map_err(|_| EngineError::NoRandomness)?;
    match write_secret(&pepper_file(home), hex::encode(fresh).as_bytes()) {
        Ok(()) => Ok(Pepper::new(fresh)),
        // Another process made it between our look and our write: its pepper counts.
        Err(EngineError::Io { source, .. }) if source.kind() == ErrorKind::AlreadyExists => pepper_or_new(home),
        Err(error) => Err(error),
    }
}

/// The key under which this installation seals its cached indexes. One that others could have read,
/// or that is not one, is made anew: that costs an index built again. `None` where none can be kept.
pub(super) fn index_key(home: &Home) -> Option<[u8; 32]> {
    let path = home.index_key();
    let kept = || {
        let text = read_secret(&path).ok()??;
        <[u8; 32]>::try_from(hex::decode(text.trim()).ok()?).ok()
    };
    kept().or_else(|| {
        // Nothing to remove is what is wanted.
        fs::remove_file(&path).unwrap_or_default();
        let fresh = random::bytes::<32>().ok()?;
        // Another process may have made it meanwhile: then its key counts.
        write_secret(&path, hex::encode(fresh).as_bytes()).map_or_else(|_| kept(), |()| Some(fresh))
    })
}

fn read_secret(path: &Path) -> Result<Option<String>, EngineError> {
    match fs::read_to_string(path) {
        Ok(text) => {
            let mode = fs::metadata(path).map_err(|e| EngineError::io(path, e))?.permissions().mode();
            if mode & 0o077 != 0 {
                return Err(EngineError::LooseKey { path: path.to_owned(), mode: mode & 0o777 });
            }
            Ok(Some(text))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(EngineError::io(path, error)),
    }
}

/// Writes a new file of mode 0600; an existing one is left as it is and reported.
fn write_secret(path: &Path, bytes: &[u8]) -> Result<(), EngineError> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    // Written aside and linked into place, so that a crash leaves the whole file or none.
    let aside = path.with_extension(format!("new-{}", std::process::id()));
    let write = || -> std::io::Result<()> {
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::hard_link(&aside, path)
    };
    let written = write();
    let cleared = fs::remove_file(&aside);
    written.map_err(|e| EngineError::io(path, e))?;
    cleared.map_err(|e| EngineError::io(&aside, e))
}

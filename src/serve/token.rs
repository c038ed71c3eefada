//! The tokens that clients show, and whose each of them is. Only digests are kept, so that comparing tells nothing of
//! them. It reads no file and no request.

use crate::proof::digest::{same, sha256};
use std::sync::Arc;

/// The shortest token that cannot be guessed.
const SHORTEST: usize = 16;
/// The longest name of a client; it goes into the names of sources.
const LONGEST_NAME: usize = 64;

/// Whose a token is, where that is said.
pub(super) type Client = Option<Arc<str>>;

/// Tokens that open one door, each with the name of the client that it was given to.
#[derive(Clone)]
pub struct Tokens(Vec<(Client, [u8; 32])>);

impl Tokens {
    /// Reads them, one a line: `NAME TOKEN`, or a token alone. A name may have several, so that one can follow another.
    ///
    /// # Errors
    /// When there is none, one is too short to be one or cannot be sent, or a name is none. No token is in what is said.
    pub fn read(text: &str) -> Result<Tokens, String> {
        let mut tokens: Vec<(Client, [u8; 32])> = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            let (name, token) = match words[..] {
                [] => continue,
                [token] => (None, token),
                [name, token] => (Some(name), token),
                _ => return Err(format!("line {}: expected NAME TOKEN, or a token alone", at + 1)),
            };
            if let Some(name) = name.filter(|name| !is_name(name)) {
                // What is no name may be a token with a blank in it.
                let len = name.chars().count();
                return Err(format!(
                    "line {}: what stands before the token ({len} characters) is no name: a to z, 0 to 9, - _ and .",
                    at + 1
                ));
            }
            if token.len() < SHORTEST || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(format!(
                    "a token has at least {SHORTEST} printable characters and no blank: openssl rand -hex 32"
                ));
            }
            let digest = sha256(token.as_bytes());
            if tokens.iter().any(|(_, before)| *before == digest) {
                return Err(format!("line {}: this token stands there before; each client has one of its own", at + 1));
            }
            tokens.push((name.map(Arc::from), digest));
        }
        match tokens.is_empty() {
            true => Err(format!("a token has at least {SHORTEST} characters, and there is none: openssl rand -hex 32")),
            false => Ok(Tokens(tokens)),
        }
    }

    /// Whose token that is; nothing where it is none of them.
    pub(super) fn whose(&self, shown: &str) -> Option<&Client> {
        let shown = sha256(shown.as_bytes());
        // All of them are looked at, so that the time it takes tells nothing either.
        self.0.iter().fold(None, |found, (client, token)| if same(token, &shown) { Some(client) } else { found })
    }

    /// Whether one of them is among others, too.
    pub(super) fn meet(&self, others: &Tokens) -> bool {
        self.0.iter().any(|(_, token)| others.0.iter().any(|(_, other)| other == token))
    }

    /// The clients that are named, each once.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.0.iter().filter_map(|(client, _)| Some(client.as_ref()?.to_string())).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_token_or_a_name_and_a_token() {
        let tokens =
            Tokens::read("airflow 0123456789abcdef\n\n  fedcba9876543210  \nairflow fedcba98765432100\n").unwrap();
        let whose = |shown: &str| tokens.whose(shown).map(|client| client.as_deref().map(str::to_owned));
        assert_eq!(whose("0123456789abcdef"), Some(Some("airflow".to_owned())));
        assert_eq!(whose("fedcba98765432100"), Some(Some("airflow".to_owned())), "the next one of the same client");
        assert_eq!(whose("fedcba9876543210"), Some(None));
        assert_eq!(whose("0123456789abcdeg"), None);
        assert_eq!(whose(""), None);
        assert_eq!(tokens.names(), ["airflow"]);
        assert!(tokens.meet(&Tokens::read("x fedcba9876543210").unwrap()));
        assert!(!tokens.meet(&Tokens::read("fedcba9876543211").unwrap()));
    }

    #[test]
    fn what_is_no_token_is_refused_and_not_repeated() {
        for (text, why) in [
            ("", "there is none"),
            ("\n \n", "there is none"),
            ("short", "at least 16"),
            ("0123456789 abcdef", "at least 16"),
            ("Airflow 0123456789abcdef", "no name"),
            ("a/b 0123456789abcdef", "no name"),
            ("a b 0123456789abcdef", "line 1: expected"),
            ("0123456789abcdef\nb 0123456789abcdef", "line 2: this token stands there before"),
            ("012345678\u{e9}9abcdef", "printable"),
        ] {
            let said = Tokens::read(text).err().unwrap();
            assert!(said.contains(why) && !said.contains("0123456789"), "{text}: {said}");
        }
    }
}

//! Whose keys count: a file in the `allowed_signers` format of ssh-keygen(1). It checks no signature and
//! opens no file.

use crate::model::Time;
use crate::proof::sshsig::PublicKey;

/// The keys that are vouched for, and what of the file was not understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signers {
    entries: Vec<Entry>,
    /// Lines that count for nothing, each with why.
    pub remarks: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    principals: String,
    namespaces: Option<Vec<String>>,
    after: Option<Time>,
    before: Option<Time>,
    key: PublicKey,
}

/// What the file says of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It belongs to these principals, as the file words them.
    Of(String),
    /// Nothing.
    Unknown,
    /// It is in the file and does not count then; why.
    Not(String),
}

/// Key types by which the key is found after the options.
const TYPES: [&str; 6] = ["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-", "webauthn-", "rsa-sha2-"];

impl Signers {
    /// Reads the file. A line that cannot be read counts for nothing, and says so.
    pub fn parse(text: &str) -> Signers {
        let mut signers = Signers::default();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match entry(line) {
                Ok(entry) => signers.entries.push(entry),
                Err(why) => signers.remarks.push(format!("line {}: {why}", number + 1)),
            }
        }
        signers
    }

    /// Whether nobody is vouched for.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether the file says anything of a key.
    pub fn names(&self, key: &PublicKey) -> bool {
        self.entries.iter().any(|entry| entry.key == *key)
    }

    /// Whose key it is at a moment, for signatures of a namespace. Of several lines the first that counts
    /// then does.
    pub fn standing(&self, key: &PublicKey, at: Time, namespace: &str) -> Standing {
        let mut why_not = None;
        for entry in self.entries.iter().filter(|entry| entry.key == *key) {
            match entry.refuses(at, namespace) {
                None => return Standing::Of(entry.principals.clone()),
                Some(why) => {
                    why_not.get_or_insert(format!("the key of {} {why}", entry.principals));
                }
            }
        }
        why_not.map_or(Standing::Unknown, Standing::Not)
    }
}

impl Entry {
    fn refuses(&self, at: Time, namespace: &str) -> Option<String> {
        if let Some(namespaces) = &self.namespaces
            && !listed(namespaces, namespace)
        {
            return Some(format!("may not sign for \"{namespace}\""));
        }
        match (self.after, self.before) {
            (Some(after), _) if at < after => Some(format!("counts only after {after}")),
            (_, Some(before)) if at >= before => Some(format!("counted only before {before}")),
            _ => None,
        }
    }
}

/// Whether a list of patterns takes a word; one with `!` before it that fits refuses it.
fn listed(patterns: &[String], word: &str) -> bool {
    let mut taken = false;
    for pattern in patterns {
        match pattern.strip_prefix('!') {
            Some(pattern) if fits(pattern, word) => return false,
            Some(_) => {}
            None => taken |= fits(pattern, word),
        }
    }
    taken
}

/// `*` stands for any characters, `?` for one.
pub(crate) fn fits(pattern: &str, word: &str) -> bool {
    let (pattern, word): (Vec<char>, Vec<char>) = (pattern.chars().collect(), word.chars().collect());
    let (mut p, mut w) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while w < word.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, w));
                p += 1;
            }
            Some(c) if *c == '?' || word.get(w) == Some(c) => {
                p += 1;
                w += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    w = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|c| *c == '*')
}

fn entry(line: &str) -> Result<Entry, String> {
    let mut words = words(line);
    let principals = words.next().filter(|word| !word.is_empty()).ok_or("it names nobody")?;
    let mut options = String::new();
    let mut kind = words.next().ok_or("it has no key")?;
    if !TYPES.iter().any(|begin| kind.starts_with(begin)) {
        options = kind;
        kind = words.next().ok_or("it has no key")?;
    }
    let text = words.next().ok_or("its key is missing")?;
    let key = PublicKey::from_base64(&text).ok_or("its key cannot be read")?;
    if key.kind() != kind {
        return Err(format!("its key is not of type {kind}"));
    }
    let mut entry = Entry { principals: unquoted(&principals), namespaces: None, after: None, before: None, key };
    for option in split(&options, ',').filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').unwrap_or((&option, ""));
        let value = unquoted(value);
        match name.to_ascii_lowercase().as_str() {
            "namespaces" => entry.namespaces = Some(value.split(',').map(str::to_owned).collect()),
            "valid-after" => entry.after = Some(moment(&value)?),
            "valid-before" => entry.before = Some(moment(&value)?),
            "cert-authority" => return Err("a certificate authority vouches for nobody here".to_owned()),
            // An option that was not understood may have been a limit.
            other => return Err(format!("the option \"{other}\" is not known")),
        }
    }
    Ok(entry)
}

/// `YYYYMMDD` or `YYYYMMDDHHMM[SS]`, in UTC with or without a `Z`.
fn moment(text: &str) -> Result<Time, String> {
    let wrong = || format!("\"{text}\" is no moment such as 20261118 or 202611181200Z");
    let digits = text.strip_suffix('Z').unwrap_or(text);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or("00");
    let seconds = if digits.len() == 14 { part(12, 14) } else { "00" };
    if ![8, 12, 14].contains(&digits.len()) {
        return Err(wrong());
    }
    let (hour, minute) = if digits.len() == 8 { ("00", "00") } else { (part(8, 10), part(10, 12)) };
    let written = format!("{}-{}-{}T{hour}:{minute}:{seconds}Z", part(0, 4), part(4, 6), part(6, 8));
    Time::parse_stated(&written).map(|(time, _)| time).map_err(|_| wrong())
}

/// Splits at a sign, but not within double quotes.
fn split(text: &str, at: char) -> impl Iterator<Item = String> + '_ {
    let mut quoted = false;
    let parts = text.split(move |c: char| {
        quoted ^= c == '"';
        !quoted && (c == at || (at == ' ' && c == '\t'))
    });
    parts.map(str::to_owned)
}

fn words(line: &str) -> impl Iterator<Item = String> + '_ {
    split(line, ' ').filter(|word| !word.is_empty())
}

fn unquoted(text: &str) -> String {
    text.replace('"', "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::sshsig::NAMESPACE;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFY1drRA9aV8Q1L5Q8TYz3m5t3n4T5Jb8w3cQp3kP8mX";

    fn key() -> PublicKey {
        PublicKey::from_base64(KEY.split_once(' ').unwrap().1).unwrap()
    }

    fn at(text: &str) -> Time {
        Time::parse_stated(text).unwrap().0
    }

    fn standing(line: &str, when: &str) -> Standing {
        let signers = Signers::parse(line);
        assert_eq!(signers.remarks, [""; 0], "{line}");
        signers.standing(&key(), at(when), NAMESPACE)
    }

    #[test]
    fn a_key_belongs_to_its_principals_within_its_time_and_namespace() {
        let of = |name: &str| Standing::Of(name.to_owned());
        let day = "2026-11-18T00:00:00Z";
        assert_eq!(standing(&format!("ada@example.org {KEY} a comment"), day), of("ada@example.org"));
        assert_eq!(standing(&format!("\"ada@example.org\"  {KEY}"), day), of("ada@example.org"));
        assert_eq!(standing(&format!("a,b namespaces=\"git,last*\" {KEY}"), day), of("a,b"));
        assert!(matches!(standing(&format!("a namespaces=\"git\" {KEY}"), day), Standing::Not(_)));
        assert!(matches!(standing(&format!("a namespaces=\"*,!lastgood\" {KEY}"), day), Standing::Not(_)));
        let limited = format!("a valid-after=\"20261101\",valid-before=\"202611301200Z\" {KEY}");
        assert_eq!(standing(&limited, day), of("a"));
        assert!(matches!(standing(&limited, "2026-10-31T23:59:59Z"), Standing::Not(_)));
        assert!(matches!(standing(&limited, "2026-11-30T12:00:00Z"), Standing::Not(_)));
        assert_eq!(standing("# nobody\n\n", day), Standing::Unknown);
    }

    #[test]
    fn a_line_that_is_not_understood_vouches_for_nobody_and_says_so() {
        for line in [
            "ada@example.org".to_owned(),
            "ada@example.org ssh-ed25519".to_owned(),
            "ada@example.org ssh-ed25519 AAAA".to_owned(),
            format!("ca@example.org cert-authority {KEY}"),
            format!("ada@example.org surprise {KEY}"),
            format!("ada@example.org valid-before=tomorrow {KEY}"),
            KEY.replace("ssh-ed25519", "ada@example.org ssh-rsa"),
        ] {
            let signers = Signers::parse(&line);
            assert!(signers.is_empty() && signers.remarks.len() == 1, "{line}");
        }
    }

    #[test]
    fn patterns_fit_as_in_a_shell() {
        assert!(fits("last*", "lastgood") && fits("*", "") && fits("l?st*d", "lastgood"));
        assert!(!fits("last", "lastgood") && !fits("?", "") && !fits("*x", "lastgood"));
    }
}

//! A thousand secrets of twenty shapes in eight encodings. They are made from a seed and put together from
//! parts when the test runs, so that nothing in the sources looks like one to a scanner.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::io::Write as _;

/// Numbers that are the same in every run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap()
    }

    fn of(&mut self, alphabet: &str, length: usize) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        (0..length).map(|_| letters[self.next() % letters.len()]).collect()
    }

    fn key(&mut self, length: usize) -> String {
        // A digit, a capital and a small letter are in every one, as they are in keys.
        let rest = self.of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", length - 3);
        format!("q7{rest}Z")
    }
}

/// One secret.
pub(crate) struct Canary {
    pub(crate) shape: &'static str,
    pub(crate) encoding: &'static str,
    /// As a person would write it, encoded.
    pub(crate) text: String,
    /// A name that tells what its value is, and the value, encoded; or the text under a name that tells nothing.
    pub(crate) name: &'static str,
    pub(crate) value: String,
    /// The secret alone, encoded: what scanners and Secrets of Kubernetes hold.
    pub(crate) alone: String,
    /// The secret parts, which must be nowhere, and by which it must be found.
    pub(crate) secrets: Vec<String>,
}

const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

fn pem(kind: &str, chance: &mut Chance) -> String {
    let lines: Vec<String> = (0..4).map(|_| chance.of(BASE64, 64)).collect();
    let label = format!("{kind}PRIVATE {}", "KEY");
    format!("-----BEGIN {label}-----\n{}\n{}==\n-----END {label}-----", lines.join("\n"), chance.of(BASE64, 30))
}

/// Shape, text, telling name or nothing, value, secret parts.
type Plain = (&'static str, String, &'static str, String, Vec<String>);

fn plain(shape: usize, chance: &mut Chance) -> Plain {
    let token = |shape, beginning: &[&str], rest: String, name| {
        let token = format!("{}{rest}", beginning.concat());
        (shape, format!("use {token} to log in"), name, token.clone(), vec![token])
    };
    let assigned = |shape, text: String, secret: String| (shape, text, "", String::new(), vec![secret]);
    match shape {
        0 => {
            let id = format!("{}{}", ["AK", "IA"].concat(), chance.of(UPPER, 16));
            let secret = chance.key(40);
            let text = format!("aws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
            ("aws-key-pair", text, "AWS_SECRET_ACCESS_KEY", secret.clone(), vec![id, secret])
        }
        1 => token("github-classic", &["gh", "p_"], chance.key(36), "GITHUB_TOKEN"),
        2 => token("github-fine-grained", &["github", "_pat_"], chance.key(60), "GH_TOKEN"),
        3 => token("gitlab", &["gl", "pat-"], chance.key(20), "GITLAB_TOKEN"),
        4 => token("slack", &["xo", "xb-"], format!("1234567890-{}", chance.key(24)), "SLACK_TOKEN"),
        5 => token("openai", &["sk", "-proj-"], chance.key(48), "OPENAI_API_KEY"),
        6 => token("anthropic", &["sk", "-ant-", "api03-"], chance.key(80), "ANTHROPIC_API_KEY"),
        7 => token("hugging-face", &["h", "f_"], chance.key(34), "HF_TOKEN"),
        8 => token("stripe", &["sk", "_live_"], chance.key(24), "STRIPE_API_KEY"),
        9 => token("google", &["AI", "za"], chance.key(35), "GOOGLE_API_KEY"),
        10 => {
            let key = format!("{}==", chance.key(86));
            let text = format!(
                "DefaultEndpointsProtocol=https;AccountName=acme;Account{}={key};EndpointSuffix=core.windows.net",
                "Key"
            );
            assigned("azure-connection-string", text, key)
        }
        11 => {
            let body = [chance.key(20), chance.key(40), chance.key(43)];
            let begins = ["ey", "J"].concat();
            let jwt = format!("{begins}{}.{begins}{}.{}", body[0], body[1], body[2]);
            ("jwt", format!("session {jwt} ended"), "AUTH_TOKEN", jwt.clone(), vec![jwt])
        }
        12 => {
            let key = pem("", chance);
            ("pem-key", key.clone(), "TLS_PRIVATE_KEY", key.clone(), vec![key])
        }
        13 => {
            let key = pem("OPENSSH ", chance);
            ("ssh-key", format!("ssh key:\n{key}\n"), "SSH_PRIVATE_KEY", key.clone(), vec![key])
        }
        14 => {
            let password = chance.key(18);
            assigned("basic-auth-url", format!("git clone https://deploy:{password}@git.example.com/o/r"), password)
        }
        15 => {
            let key = chance.key(32);
            assigned("bearer-header", format!("Authorization: Bearer {key}"), key)
        }
        16 => {
            let key = chance.key(28);
            assigned("cookie", format!("Cookie: theme=dark; session={key}"), key)
        }
        17 => {
            let key = format!("{}!{}", chance.key(8), chance.key(8));
            ("password", format!("DB_PASSWORD={key}"), "DB_PASSWORD", key.clone(), vec![key])
        }
        18 => token("npm", &["np", "m_"], chance.key(36), "NPM_TOKEN"),
        19 => {
            let password = chance.key(16);
            assigned("database-url", format!("postgres://app:{password}@db.internal:5432/orders"), password)
        }
        _ => {
            let key = chance.key(30);
            ("generic", format!("export INTERNAL_API_KEY={key}"), "INTERNAL_API_KEY", key.clone(), vec![key])
        }
    }
}

pub(crate) const SHAPES: usize = 21;
pub(crate) const ENCODINGS: [&str; 8] =
    ["plain", "base64", "base64url", "hex", "percent", "escaped", "wrapped", "gzip"];

pub(crate) fn percent(text: &str) -> String {
    let part = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(part).collect()
}

pub(crate) fn escaped(text: &str) -> String {
    text.chars().map(|c| format!("\\u{:04x}", c as u32)).collect()
}

fn encoded(text: &str, encoding: &str) -> String {
    match encoding {
        "base64" => STANDARD.encode(text),
        "base64url" => URL_SAFE_NO_PAD.encode(text),
        "hex" => hex::encode(text),
        "wrapped" => {
            let digits = STANDARD.encode(text);
            let lines: Vec<&str> =
                (0..digits.len()).step_by(64).map(|at| &digits[at..digits.len().min(at + 64)]).collect();
            lines.join("\n")
        }
        "gzip" => {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gzip.write_all(text.as_bytes()).unwrap();
            STANDARD.encode(gzip.finish().unwrap())
        }
        "percent" => percent(text),
        "escaped" => escaped(text),
        _ => text.to_owned(),
    }
}

/// As many of each shape in each encoding as make a thousand.
pub(crate) fn canaries() -> Vec<Canary> {
    let mut chance = Chance(0x5eed_0001_cafe);
    let mut out = Vec::new();
    for _ in 0..6 {
        for shape in 0..SHAPES {
            for encoding in ENCODINGS {
                let (shape, text, name, value, secrets) = plain(shape, &mut chance);
                let alone = secrets.last().unwrap().clone();
                // A text that is broken into lines is broken where the secret stands.
                let text = if encoding == "wrapped" { format!("as it was said in the night, {text}") } else { text };
                let (name, value) = if name.is_empty() { ("NOTE", text.clone()) } else { (name, value) };
                // What is kept by itself is in base64 at most.
                let short = if matches!(encoding, "wrapped" | "gzip") { "base64" } else { encoding };
                let [value, alone] = [value, alone].map(|plain| encoded(&plain, short));
                let text = encoded(&text, encoding);
                out.push(Canary { shape, encoding, text, name, value, alone, secrets });
            }
        }
    }
    // In no order, so that each shape and encoding stands in each place of a format.
    for at in (1..out.len()).rev() {
        out.swap(at, chance.next() % (at + 1));
    }
    // The first document of a format is also cut off: of half a secret only what has a form of its own is known.
    let formed = ["github-classic", "gitlab", "npm", "google", "hugging-face"];
    for at in 0..16 {
        let rest = out.iter().skip(at);
        let next = rest.take_while(|it| !(it.encoding == "plain" && formed.contains(&it.shape))).count();
        out.swap(at, at + next);
    }
    out
}

/// Every way in which a secret may be left somewhere. Of a long one a stretch stands for all of it.
pub(crate) fn traces(secret: &str) -> Vec<String> {
    let stretch = secret.lines().find(|line| !line.starts_with("---")).unwrap_or(secret);
    let stretch = stretch.get(..stretch.len().min(40)).unwrap();
    let mut out = vec![stretch.to_owned(), hex::encode(stretch), percent(stretch), escaped(stretch)];
    for before in 0..3 {
        // In base64 what stands before decides how it is written.
        let text = format!("{}{stretch}", "x".repeat(before));
        let (from, to) = ((before * 8).div_ceil(6), text.len() * 8 / 6);
        for digits in [STANDARD_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
            out.push(digits.get(from..to).unwrap().to_owned());
        }
    }
    out.sort();
    out.dedup();
    out
}

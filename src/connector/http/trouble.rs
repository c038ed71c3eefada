//! Why a server did not answer as asked, in words a person can act on. It holds no credential and no query.

use super::Answer;
use super::address::shown;
use reqwest::{StatusCode, Url};
use std::fmt;

/// How much of an error's text is told.
const TOLD: usize = 300;

/// What sort of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// No connection, or one that was cut.
    Unreachable,
    /// It took longer than it may.
    Late,
    /// 401: it does not know us.
    Unknown,
    /// 403: it knows us and does not let us look.
    NotPermitted,
    /// 404: there is no such thing.
    NoSuch,
    /// Any other answer than the one asked for.
    Other,
    /// More than is taken.
    TooMuch,
    /// It sent us somewhere we do not follow.
    Astray,
    /// The credential cannot be had.
    NoCredential,
    /// Somebody told us to stop.
    Cancelled,
}

/// What went wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What sort.
    pub sort: Sort,
    /// Where, without a query.
    pub place: String,
    /// What happened, and what to do.
    pub why: String,
}

impl Trouble {
    /// Trouble of a sort.
    pub fn new(sort: Sort, place: impl Into<String>, why: impl Into<String>) -> Trouble {
        Trouble { sort, place: place.into(), why: why.into() }
    }

    /// Whether we were refused, rather than that something failed.
    pub fn is_refusal(&self) -> bool {
        matches!(self.sort, Sort::Unknown | Sort::NotPermitted)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() { f.write_str(&self.why) } else { write!(f, "{}: {}", self.place, self.why) }
    }
}

impl std::error::Error for Trouble {}

pub(super) fn astray(url: &Url, to: &str) -> Trouble {
    Trouble::new(Sort::Astray, shown(url), format!("it sends us {to}"))
}

/// What the layers below say, without an address that may hold a query.
pub(super) fn told(error: &reqwest::Error) -> String {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(below) = deepest.source() {
        deepest = below;
    }
    let text = deepest.to_string();
    match () {
        () if text.contains("CaUsedAsEndEntity") => format!(
            "{text}: its certificate is that of an authority, which --ca cannot mend; it needs a certificate of its own"
        ),
        () if text.contains("CertificateRequired") => {
            format!("{text}: it wants a certificate of ours; name it and its key with --client-certificate FILE")
        }
        () if text.contains("fatal alert")
            && ["UnknownCA", "BadCertificate", "DecryptError", "CertificateUnknown"]
                .iter()
                .any(|it| text.contains(it)) =>
        {
            format!("{text}: it does not accept our certificate; is it of an authority that it knows?")
        }
        () if text.contains("InvalidContentType") || text.contains("corrupt message") => {
            format!("{text}: what answers there speaks no TLS; is it http:// instead?")
        }
        () if text.contains("UnknownIssuer") => {
            format!("{text}: nobody trusted vouches for its certificate; name its authority with --ca FILE")
        }
        () => text,
    }
}

pub(super) fn failed(url: &Url, error: &reqwest::Error) -> Trouble {
    if error.is_timeout() {
        return Trouble::new(
            Sort::Late,
            shown(url),
            "it does not answer in time; is it the right address, and is it up?",
        );
    }
    let what = if error.is_connect() { "cannot be reached" } else { "broke off" };
    Trouble::new(Sort::Unreachable, shown(url), format!("{what}: {}", told(error)))
}

/// What another answer than success means.
pub(super) fn refusal(url: &Url, answer: &Answer, has_secret: bool) -> Trouble {
    let text = String::from_utf8_lossy(&answer.body);
    let said: String = match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(value) => {
            ["message", "error"].iter().find_map(|key| value.get(*key)?.as_str().map(str::to_owned)).unwrap_or_default()
        }
        Err(_) if text.trim_start().starts_with('<') => String::new(),
        Err(_) => text.trim().to_owned(),
    };
    let said: String = said.chars().take(TOLD).collect();
    let said = if said.is_empty() { String::new() } else { format!(" ({said})") };
    let name = StatusCode::from_u16(answer.status).ok().and_then(|it| it.canonical_reason()).unwrap_or("");
    let status = format!("{} {name}", answer.status);
    let (sort, why) = match answer.status {
        401 if has_secret => (Sort::Unknown, format!("{status}: it does not accept the credential{said}")),
        401 => (
            Sort::Unknown,
            format!(
                "{status}: it wants a credential{said}; give --secret-file, --secret-env, --secret-command or --secret-prompt, and --user for a password, to lastgood source add; one that is there already is removed first (lastgood source remove), or gets its credential in sources.toml"
            ),
        ),
        403 => (Sort::NotPermitted, format!("{status}: it does not let us look{said}")),
        404 => (Sort::NoSuch, format!("{status}{said}")),
        429 => {
            (Sort::Other, format!("{status}: it asks for fewer requests{said}; lower patience.at-once in sources.toml"))
        }
        _ => (Sort::Other, format!("{}{said}", status.trim_end())),
    };
    Trouble::new(sort, shown(url), why)
}

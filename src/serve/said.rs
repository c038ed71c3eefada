//! What the receiver tells of itself: plain values, laid out and printed by whoever listens.

use crate::engine::Accepted;
use axum::http::StatusCode;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It listens.
    Listening {
        /// Where.
        address: SocketAddr,
        /// Into which ledger.
        ledger: PathBuf,
        /// Whether clients must show a token.
        token: bool,
    },
    /// A request was taken in.
    Kept {
        /// The source its records went under.
        source: &'static str,
        /// Who sent it.
        peer: IpAddr,
        /// What came of it.
        accepted: Accepted,
    },
    /// A request was turned away.
    Refused {
        /// Where it went.
        path: String,
        /// Who sent it, where that is known.
        peer: Option<IpAddr>,
        /// Why.
        refusal: Refusal,
    },
}

/// Why a request is turned away.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It came from a web page.
    #[error("a request with an Origin comes from a web page, which has no business here")]
    Origin,
    /// It was meant for another.
    #[error("the Host \"{0}\" is no name of this receiver; name it with --host where it is one")]
    Host(String),
    /// No token.
    #[error("a token is needed: Authorization: Bearer TOKEN")]
    NoToken,
    /// Another token.
    #[error("this is not the token")]
    WrongToken,
    /// A webhook that proves nothing.
    #[error("{0}")]
    Unsigned(String),
    /// Nothing is there, or not in that way.
    #[error("there is nothing here for this; there are: {0}")]
    Nowhere(String),
    /// A media type that is not read there.
    #[error("{0}")]
    MediaType(String),
    /// A body or what it becomes is too large.
    #[error("{0}")]
    TooLarge(String),
    /// A body took too long.
    #[error("the body did not arrive within {0} seconds")]
    Slow(u64),
    /// It is compressed in a way that is not undone here.
    #[error("the content encoding \"{0}\" is not undone here: gzip is, and nothing else")]
    Encoding(String),
    /// The body breaks off, or is not what it says.
    #[error("{0}")]
    Malformed(String),
    /// It cannot be taken in now.
    #[error("{0}")]
    Now(String),
    /// It cannot be taken in, and waiting will not help.
    #[error("{0}")]
    Broken(String),
}

impl Refusal {
    /// The status to answer with: never 429, on which some clients lose what they send.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Refusal::Origin => StatusCode::FORBIDDEN,
            Refusal::Host(_) => StatusCode::MISDIRECTED_REQUEST,
            Refusal::NoToken | Refusal::WrongToken | Refusal::Unsigned(_) => StatusCode::UNAUTHORIZED,
            Refusal::Nowhere(_) => StatusCode::NOT_FOUND,
            Refusal::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::Slow(_) => StatusCode::REQUEST_TIMEOUT,
            Refusal::Encoding(_) | Refusal::MediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Refusal::Malformed(_) => StatusCode::BAD_REQUEST,
            Refusal::Now(_) => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

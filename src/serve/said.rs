//! What the receiver tells of itself: plain values, laid out and printed by whoever listens.

use super::caller::Caller;
use crate::engine::Accepted;
use crate::model::Time;
use axum::http::StatusCode;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It listens.
    Listening {
        /// Since when.
        at: Time,
        /// Where.
        address: SocketAddr,
        /// Into which ledger.
        ledger: PathBuf,
        /// Who may send.
        senders: Door,
        /// To whom the ledger is handed out.
        readers: Door,
    },
    /// A request was answered.
    Answered(Box<Request>),
    /// It was told to stop, and everything that had arrived is written.
    Stopped {
        /// When.
        at: Time,
    },
}

/// Whether a token is asked for, and the clients that have one by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Door {
    /// Whether there is a token.
    pub token: bool,
    /// The clients that are named.
    pub clients: Vec<String>,
}

/// A request, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// When it was answered.
    pub at: Time,
    /// How it asked.
    pub method: String,
    /// Where it went.
    pub path: String,
    /// Who sent it.
    pub caller: Caller,
    /// The client whose token it showed, where that has a name.
    pub client: Option<String>,
    /// The status it was answered with.
    pub status: u16,
    /// What was taken in of it.
    pub kept: Option<Kept>,
    /// Why it was turned away.
    pub refusal: Option<Refusal>,
}

/// What was taken in of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The source its records went under.
    pub source: String,
    /// What its sender calls it, where it has a name.
    pub delivery: Option<String>,
    /// What came of it.
    pub accepted: Accepted,
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
    /// The ledger is handed out to nobody.
    #[error(
        "this receiver does not hand out its ledger: start it with --ledger-token-file FILE (or \
         LASTGOOD_SERVE_LEDGER_TOKEN), and show the token that is in it"
    )]
    NotHandedOut,
    /// No token, where the ledger is handed out.
    #[error("the ledger is handed out to who shows the token of --ledger-token-file: Authorization: Bearer TOKEN")]
    NoLedgerToken,
    /// The token of a sender, where the ledger is handed out.
    #[error("this token is for sending; the ledger is handed out to who shows the token of --ledger-token-file")]
    SendsOnly,
    /// A webhook that proves nothing.
    #[error("{0}")]
    Unsigned(String),
    /// Nothing is there.
    #[error("nothing is here")]
    Nowhere,
    /// Something is there, and not in that way.
    #[error("this method is not for this path; Allow says which is")]
    Method,
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
            Refusal::Origin | Refusal::NotHandedOut | Refusal::SendsOnly => StatusCode::FORBIDDEN,
            Refusal::Host(_) => StatusCode::MISDIRECTED_REQUEST,
            Refusal::NoToken | Refusal::NoLedgerToken | Refusal::WrongToken | Refusal::Unsigned(_) => {
                StatusCode::UNAUTHORIZED
            }
            Refusal::Nowhere => StatusCode::NOT_FOUND,
            Refusal::Method => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::Slow(_) => StatusCode::REQUEST_TIMEOUT,
            Refusal::Encoding(_) | Refusal::MediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Refusal::Malformed(_) => StatusCode::BAD_REQUEST,
            Refusal::Now(_) => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What its client is told: of what is wrong with this machine no more than that something is.
    pub(super) fn told(&self) -> String {
        match self {
            Refusal::Nowhere => format!("{self}; there are: {}", super::routes::PATHS.join(", ")),
            Refusal::Broken(_) => "this cannot be done here, and asking again does not help before whoever runs this \
                                   receiver has looked into its log"
                .to_owned(),
            other => other.to_string(),
        }
    }

    /// Whether a token would open what it was turned away from.
    pub(super) fn wants_a_token(&self) -> bool {
        self.status() == StatusCode::UNAUTHORIZED || matches!(self, Refusal::NotHandedOut | Refusal::SendsOnly)
    }
}

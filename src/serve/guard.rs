//! Who may speak: the name it was called by, whether a web page sent it, and the token. All of it is settled before
//! a body is read. It knows no route.

use super::Serving;
use super::connection::Peer;
use super::routes::Answer;
use super::said::{Refusal, Said};
use crate::proof::digest::{same, sha256};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::net::IpAddr;
use std::sync::Arc;

/// The shortest token that cannot be guessed.
const SHORTEST: usize = 16;

/// What clients show. Only its digest is kept, so that comparing tells nothing of it.
#[derive(Clone)]
pub struct Token([u8; 32]);

impl Token {
    /// Takes a token.
    ///
    /// # Errors
    /// When it is too short to be one, or cannot be sent.
    pub fn new(text: &str) -> Result<Token, String> {
        let text = text.trim();
        if text.len() < SHORTEST || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!(
                "a token has at least {SHORTEST} printable characters and no blank: openssl rand -hex 32"
            ));
        }
        Ok(Token(sha256(text.as_bytes())))
    }

    fn is(&self, shown: &str) -> bool {
        same(&self.0, &sha256(shown.as_bytes()))
    }
}

/// How a request proved where it comes from, as records tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proven {
    /// It showed the token.
    Token,
    /// What it sent is signed.
    Signature,
    /// It was not asked to: only this machine can reach us.
    Loopback,
}

impl Proven {
    pub(super) fn word(self) -> &'static str {
        match self {
            Proven::Token => "token",
            Proven::Signature => "signature",
            Proven::Loopback => "no token",
        }
    }
}

/// What is asked of every request.
pub(super) struct Guard {
    token: Option<Token>,
    hosts: Vec<String>,
}

impl Guard {
    pub(super) fn new(token: Option<Token>, hosts: Vec<String>) -> Guard {
        Guard { token, hosts: hosts.into_iter().map(|host| host.to_ascii_lowercase()).collect() }
    }

    pub(super) fn asks_for_a_token(&self) -> bool {
        self.token.is_some()
    }

    /// Whether it was meant for us and sent by no web page. A page that rebinds its own name to our address still
    /// calls us by that name, so a name must be known; an address is nobody's to rebind.
    fn check_call(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        if headers.contains_key(header::ORIGIN) {
            return Err(Refusal::Origin);
        }
        let mut hosts = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err(Refusal::Host(String::new())) };
        let host = host.to_str().unwrap_or_default();
        let name = name_of(host).to_ascii_lowercase();
        let known = name == "localhost" || name.parse::<IpAddr>().is_ok() || self.hosts.contains(&name);
        if known { Ok(()) } else { Err(Refusal::Host(host.to_owned())) }
    }

    fn check_token(&self, headers: &HeaderMap) -> Result<Proven, Refusal> {
        let Some(token) = &self.token else { return Ok(Proven::Loopback) };
        let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let scheme = shown.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("bearer "));
        match scheme.and_then(|_| shown.get(7..)) {
            Some(shown) if token.is(shown.trim()) => Ok(Proven::Token),
            Some(_) => Err(Refusal::WrongToken),
            None => Err(Refusal::NoToken),
        }
    }
}

/// A host without its port, an IPv6 address without its brackets.
fn name_of(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((name, after)) if after.is_empty() || after.starts_with(':') => name,
            _ => "",
        },
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    }
}

/// Lets nobody by who called another, or is a web page; and tells whoever listens what was refused, here or further in.
pub(super) async fn calls(State(serving): State<Arc<Serving>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0);
    let path = request.uri().path().to_owned();
    let response = match serving.guard.check_call(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    if let Some(refusal) = response.extensions().get::<Refusal>() {
        (serving.hear)(&Said::Refused { path, peer, refusal: refusal.clone() });
    }
    response
}

/// Lets nobody by without the token, where there is one.
pub(super) async fn tokens(State(serving): State<Arc<Serving>>, mut request: Request, next: Next) -> Answer {
    let proven = serving.guard.check_token(request.headers())?;
    request.extensions_mut().insert(proven);
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(of: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in of {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn names_must_be_known_and_addresses_are_nobodys() {
        let guard = Guard::new(None, vec!["Lineage.example.test".to_owned()]);
        let ours =
            ["localhost", "LOCALHOST:4318", "127.0.0.1:4318", "[::1]:4318", "10.0.0.7", "lineage.example.test:443"];
        for host in ours {
            assert_eq!(guard.check_call(&headers(&[("host", host)])), Ok(()), "{host}");
        }
        let others = [
            "",
            "evil.test",
            "localhost.evil.test",
            "127.0.0.1.evil.test:4318",
            "evil.test:localhost",
            "[::1].evil.test",
            "[::1",
        ];
        for host in others {
            assert!(guard.check_call(&headers(&[("host", host)])).is_err(), "{host}");
        }
        assert!(guard.check_call(&headers(&[])).is_err());
        assert!(guard.check_call(&headers(&[("host", "localhost"), ("host", "evil.test")])).is_err());
        let page = headers(&[("host", "localhost"), ("origin", "http://localhost")]);
        assert_eq!(guard.check_call(&page), Err(Refusal::Origin));
    }

    #[test]
    fn a_token_is_asked_for_where_there_is_one() {
        assert_eq!(Guard::new(None, Vec::new()).check_token(&headers(&[])), Ok(Proven::Loopback));
        let guard = Guard::new(Some(Token::new("0123456789abcdef").unwrap()), Vec::new());
        let shown = |text: &str| guard.check_token(&headers(&[("authorization", text)]));
        assert_eq!(shown("Bearer 0123456789abcdef"), Ok(Proven::Token));
        assert_eq!(shown("bearer  0123456789abcdef"), Ok(Proven::Token));
        assert_eq!(shown("Bearer 0123456789abcdeg"), Err(Refusal::WrongToken));
        assert_eq!(shown("Basic MDEyMw=="), Err(Refusal::NoToken));
        assert_eq!(guard.check_token(&headers(&[])), Err(Refusal::NoToken));
        assert!(Token::new("short").is_err() && Token::new("0123456789 abcdef").is_err());
    }
}

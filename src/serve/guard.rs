//! Who may speak, and to whom the ledger is handed out: the name it was called by, whether a web page sent it, and the
//! token. All of it is settled before a body is read. It knows no route.

use super::Serving;
use super::caller::{Caller, Proven};
use super::connection::Peer;
use super::routes::Answer;
use super::said::{Kept, Refusal, Request as Heard, Said};
use super::token::Tokens;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::net::IpAddr;
use std::sync::Arc;

/// What is asked of every request.
pub(super) struct Guard {
    /// The tokens of those that send; nobody is asked for one where there are none.
    senders: Option<Tokens>,
    /// The tokens of those that the ledger is handed out to; nobody reads it where there are none.
    readers: Option<Tokens>,
    hosts: Vec<String>,
}

impl Guard {
    pub(super) fn new(senders: Option<Tokens>, readers: Option<Tokens>, hosts: Vec<String>) -> Guard {
        Guard { senders, readers, hosts: hosts.into_iter().map(|host| host.to_ascii_lowercase()).collect() }
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

    /// Whether it may send.
    fn check_sender(&self, headers: &HeaderMap) -> Result<Proven, Refusal> {
        let Some(senders) = &self.senders else { return Ok(Proven::Loopback) };
        let shown = shown(headers).ok_or(Refusal::NoToken)?;
        senders.whose(shown).map(|client| Proven::Token(client.clone())).ok_or(Refusal::WrongToken)
    }

    /// Whether the ledger is handed out to it. Who may send may not read for that.
    fn check_reader(&self, headers: &HeaderMap) -> Result<Proven, Refusal> {
        let readers = self.readers.as_ref().ok_or(Refusal::NotHandedOut)?;
        let shown = shown(headers).ok_or(Refusal::NoLedgerToken)?;
        match readers.whose(shown) {
            Some(client) => Ok(Proven::Token(client.clone())),
            None if self.senders.as_ref().is_some_and(|senders| senders.whose(shown).is_some()) => {
                Err(Refusal::SendsOnly)
            }
            None => Err(Refusal::WrongToken),
        }
    }
}

/// The token that a request shows.
fn shown(headers: &HeaderMap) -> Option<&str> {
    let shown = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    shown.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("bearer "))?;
    Some(shown.get(7..)?.trim())
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

/// Lets nobody by who called another, or is a web page; and tells whoever listens what came of each request.
pub(super) async fn calls(State(serving): State<Arc<Serving>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0);
    let caller = Caller::of(peer, request.headers());
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    request.extensions_mut().insert(caller.clone());
    let response = match serving.guard.check_call(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let told = response.extensions();
    if told.get::<Unheard>().is_none() {
        (serving.hear)(&Said::Answered(Box::new(Heard {
            at: serving.engine.clock().now(),
            method,
            path,
            caller,
            client: told.get::<Proven>().and_then(Proven::client),
            status: response.status().as_u16(),
            kept: told.get::<Kept>().cloned(),
            refusal: told.get::<Refusal>().cloned(),
        })));
    }
    response
}

/// An answer that nobody needs to hear of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unheard;

/// Lets nobody by without the token of a sender, where there is one.
pub(super) async fn senders(State(serving): State<Arc<Serving>>, request: Request, next: Next) -> Answer {
    let proven = serving.guard.check_sender(request.headers())?;
    Ok(go_on(proven, request, next).await)
}

/// Lets nobody by without the token that the ledger is handed out to.
pub(super) async fn readers(State(serving): State<Arc<Serving>>, request: Request, next: Next) -> Answer {
    let proven = serving.guard.check_reader(request.headers())?;
    Ok(go_on(proven, request, next).await)
}

async fn go_on(proven: Proven, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(proven.clone());
    let mut response = next.run(request).await;
    response.extensions_mut().insert(proven);
    response
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
        let guard = Guard::new(None, None, vec!["Lineage.example.test".to_owned()]);
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
        let anybody = Guard::new(None, None, Vec::new());
        assert_eq!(anybody.check_sender(&headers(&[])), Ok(Proven::Loopback));
        assert_eq!(anybody.check_reader(&headers(&[])), Err(Refusal::NotHandedOut));
        let guard = Guard::new(
            Some(Tokens::read("airflow 0123456789abcdef").unwrap()),
            Some(Tokens::read("fedcba9876543210").unwrap()),
            Vec::new(),
        );
        let of = |text: &str| headers(&[("authorization", text)]);
        let airflow = Ok(Proven::Token(Some("airflow".into())));
        assert_eq!(guard.check_sender(&of("Bearer 0123456789abcdef")), airflow);
        assert_eq!(guard.check_sender(&of("bearer  0123456789abcdef")), airflow);
        assert_eq!(guard.check_sender(&of("Bearer 0123456789abcdeg")), Err(Refusal::WrongToken));
        assert_eq!(guard.check_sender(&of("Basic MDEyMw==")), Err(Refusal::NoToken));
        assert_eq!(guard.check_sender(&headers(&[])), Err(Refusal::NoToken));
        // Each opens its own door.
        assert_eq!(guard.check_sender(&of("Bearer fedcba9876543210")), Err(Refusal::WrongToken));
        assert_eq!(guard.check_reader(&of("Bearer fedcba9876543210")), Ok(Proven::Token(None)));
        assert_eq!(guard.check_reader(&of("Bearer 0123456789abcdef")), Err(Refusal::SendsOnly));
        assert_eq!(guard.check_reader(&of("Bearer fedcba987654321")), Err(Refusal::WrongToken));
        assert_eq!(guard.check_reader(&headers(&[])), Err(Refusal::NoLedgerToken));
    }
}

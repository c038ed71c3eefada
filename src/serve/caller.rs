//! Who sent a request: the other end of its connection, for whom that says it sends, and how it proved itself, in the
//! words that records and the log use. It lets nobody in and turns nobody away.

use super::token::Client;
use axum::http::HeaderMap;
use std::fmt;
use std::net::IpAddr;

/// The most addresses that are taken from what stands before us.
const HOPS: usize = 8;

/// The other end of a connection, and for whom it says it sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who is at the other end.
    pub peer: IpAddr,
    /// For whom it says it sends, the first first. Nobody checked it.
    pub on_behalf_of: Vec<IpAddr>,
}

impl Caller {
    pub(super) fn of(peer: IpAddr, headers: &HeaderMap) -> Caller {
        Caller { peer, on_behalf_of: forwarded(headers).unwrap_or_default() }
    }
}

/// What whoever passes requests on says of who sent them, where that is addresses and nothing else.
fn forwarded(headers: &HeaderMap) -> Option<Vec<IpAddr>> {
    let mut hops = Vec::new();
    for value in headers.get_all("x-forwarded-for") {
        for hop in value.to_str().ok()?.split(',') {
            hops.push(hop.trim().parse().ok()?);
            if hops.len() > HOPS {
                return None;
            }
        }
    }
    Some(hops)
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.peer)?;
        for (at, hop) in self.on_behalf_of.iter().enumerate() {
            write!(f, "{}{hop}", if at == 0 { ", for " } else { " by way of " })?;
        }
        f.write_str(if self.on_behalf_of.is_empty() { "" } else { " as it says" })
    }
}

/// How a request proved where it comes from, as records tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Proven {
    /// It showed a token.
    Token(Client),
    /// What it sent is signed.
    Signature,
    /// It was not asked to: only this machine can reach us.
    Loopback,
}

impl Proven {
    /// The client that the token was given to, where it was given to one by name.
    pub(super) fn client(&self) -> Option<String> {
        match self {
            Proven::Token(client) => client.as_deref().map(str::to_owned),
            Proven::Signature | Proven::Loopback => None,
        }
    }
}

impl fmt::Display for Proven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Proven::Token(Some(client)) => write!(f, "token of {client}"),
            Proven::Token(None) => f.write_str("token"),
            Proven::Signature => f.write_str("signature"),
            Proven::Loopback => f.write_str("no token"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        Caller::of(IpAddr::from([127, 0, 0, 1]), &headers).to_string()
    }

    #[test]
    fn for_whom_it_sends_is_told_where_it_is_addresses() {
        assert_eq!(caller(&[]), "127.0.0.1");
        assert_eq!(caller(&["203.0.113.7"]), "127.0.0.1, for 203.0.113.7 as it says");
        let way = "127.0.0.1, for 203.0.113.7 by way of 10.0.0.2 by way of ::1 as it says";
        assert_eq!(caller(&["203.0.113.7, 10.0.0.2", "::1"]), way);
        for other in ["", "unknown", "203.0.113.7:80", "203.0.113.7, \u{e9}", "1.1.1.1,,2.2.2.2", &"1.1.1.1,".repeat(9)]
        {
            assert_eq!(caller(&[other]), "127.0.0.1", "{other}");
        }
    }
}

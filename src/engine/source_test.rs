//! Looks what answers at an address, and tells in words what works, what is refused and what to look at. It pulls
//! nothing and keeps nothing.

use crate::config::SourceSetting;
use crate::connector::http::{Address, Http, Prompt, Request, Sort, Trouble};
use crate::connector::server::{self, Tried};
use crate::engine::EngineError;
use crate::engine::sync::reach;
use crate::engine::verify::verifier_key;
use crate::model::Time;
use serde::Serialize;
use std::sync::Arc;

/// What a test of a source found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Tested {
    /// The kind of server that answers there.
    pub kind: Option<String>,
    /// Lines in words: what works, what is refused, what to look at.
    pub says: Vec<String>,
    /// Whether it can be pulled.
    pub works: bool,
    /// The key that it signs with, when it is a ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// Whether a text is the address of a server.
///
/// # Errors
/// What is wrong with it, and what to write instead.
pub fn check_address(text: &str) -> Result<(), String> {
    Address::parse(text).map(drop)
}

/// The key of another ledger, as it is pinned: written out, or in a file.
///
/// # Errors
/// When it is none.
pub fn key_to_pin(text: &str) -> Result<String, EngineError> {
    verifier_key(text).map(|key| key.to_string())
}

/// The kinds of servers that can be pulled from: word and what it is.
pub fn source_kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    server::KINDS.iter().map(|kind| (kind.name, kind.about))
}

/// Asks a server what it is, and tells in words what works and what does not. `kind` names it where a person
/// knows better.
pub fn test_source(name: &str, setting: &SourceSetting, prompt: Prompt<'_>, now: Time) -> Tested {
    let mut tested = Tested::default();
    let http = match Address::parse(&setting.url).map_err(|why| Trouble::new(Sort::Other, "", why)) {
        Ok(_) => reach(name, setting, prompt, Arc::default()),
        Err(trouble) => Err(trouble),
    };
    let http = match http {
        Ok(http) => http,
        Err(trouble) => {
            tested.says.push(trouble.to_string());
            return tested;
        }
    };
    if http.has_secret() && http.address().is_plain() {
        tested.says.push("the credential goes over plain http, where it can be read on the way: use https".to_owned());
    }
    let kinds = server::KINDS.iter().filter(|kind| setting.kind.is_empty() || kind.name == setting.kind);
    for kind in kinds {
        match kind.recognises(&http) {
            Ok(Some(what)) => {
                tested.kind = Some(kind.name.to_owned());
                tested.says.push(format!("{what} answers at {}", http.address()));
                let tried = kind.lists(&http);
                tested.works = tried.is_empty() || tried.iter().any(|(_, asked)| asked.is_ok());
                tested.says.extend(looked(tried));
                if kind.name == server::LEDGER {
                    offered_key(&http, setting, &mut tested);
                }
                if !tested.works {
                    return tested;
                }
                break;
            }
            Ok(None) => {}
            Err(trouble) => {
                tested.says.push(trouble.to_string());
                if matches!(
                    trouble.sort,
                    Sort::Unreachable | Sort::Late | Sort::Unknown | Sort::NotPermitted | Sort::Astray
                ) {
                    return tested;
                }
            }
        }
    }
    match tested.works {
        true => tested.says.extend(skew(&http, now)),
        false if setting.kind.is_empty() => {
            let known: Vec<&str> = server::KINDS.iter().map(|kind| kind.name).collect();
            tested
                .says
                .push(format!("what answers there is none of {}; is a path missing in the address?", known.join(", ")));
        }
        false => tested.says.push(format!("what answers there is no {}", setting.kind)),
    }
    tested
}

/// Which key a ledger signs with, and whether that is the one that was pinned.
fn offered_key(http: &Http, setting: &SourceSetting, tested: &mut Tested) {
    match server::ledger(http) {
        Ok(Some(it)) if setting.key.as_ref().is_some_and(|pinned| *pinned != it.key) => {
            tested.works = false;
            tested.says.push(format!("it signs with another key than the one that is pinned: {}", it.key));
        }
        Ok(Some(it)) => {
            tested.says.push(format!("its key is {}: compare it with what lastgood stats says there", it.key));
            tested.key = Some(it.key);
        }
        Ok(None) => tested.works = false,
        Err(trouble) => {
            tested.works = false;
            tested.says.push(trouble.to_string());
        }
    }
}

/// What may be looked at, what may not and why, and what is not there, in words.
fn looked(tried: Vec<Tried>) -> Vec<String> {
    let (mut may, mut lacks, mut says) = (Vec::new(), Vec::new(), Vec::new());
    for (what, asked) in tried {
        match asked {
            Ok(()) => may.push(what),
            Err(trouble) if trouble.sort == Sort::NoSuch => lacks.push(what),
            Err(trouble) if trouble.is_refusal() => {
                says.push(format!("it does not let us look at {what}: {}", trouble.why))
            }
            Err(trouble) => says.push(format!("{what} cannot be read: {}", trouble.why)),
        }
    }
    let list = |head: &str, of: Vec<&str>| (!of.is_empty()).then(|| format!("{head} {}", of.join(", ")));
    let first = list("it lets us look at", may);
    first.into_iter().chain(says).chain(list("it has no", lacks)).collect()
}

/// What to say of the server's clock.
fn skew(http: &Http, now: Time) -> Option<String> {
    let answer = http.answer(&Request::get(http.address().below(&[], &[]))).ok()?;
    let theirs = Time::parse_http(answer.header("date")?)?;
    let apart = (theirs.seconds() - now.seconds()).abs();
    let way = if theirs > now { "ahead of" } else { "behind" };
    (apart > 5).then(|| format!("its clock is {apart} seconds {way} ours: moments that it states are off by as much"))
}

//! When something was signed, as somebody trusted says, and whether the certificate leads to a supplied root
//! and was good then. It draws no conclusion over all checks.

use super::attested::Given;
use super::certificate::Certificate;
use super::chain::{self, Purpose};
use super::sct;
use super::timestamp::{Refused, Token};
use super::trust::{Authority, Trust};
use crate::model::{Check, CheckName, Time};

/// Moments at which a signature was there.
#[derive(Debug, Default)]
pub(super) struct Moments {
    /// Those of supplied logs and authorities, and who says so.
    pub(super) trusted: Vec<(Time, String)>,
    /// Why others are stated and not believed.
    pub(super) open: Vec<String>,
    /// What is told wrongly.
    pub(super) wrong: Option<String>,
}

/// No signature has more timestamps.
const MOST: usize = 8;

/// Takes the moments of timestamps over a signature.
pub(super) fn timestamps(tokens: &[Vec<u8>], signature: &[u8], trust: &Trust, moments: &mut Moments) {
    if tokens.len() > MOST {
        moments.wrong = Some(format!("more than {MOST} timestamps"));
        return;
    }
    for token in tokens {
        let Some(token) = Token::read(token) else {
            moments.wrong = Some("a timestamp that cannot be read".to_owned());
            continue;
        };
        match token.verify(signature, &trust.timestamps) {
            Ok((at, by)) => moments.trusted.push((at, format!("timestamp authority {by} says"))),
            Err(Refused::Unknown(why)) => moments.open.push(why),
            Err(Refused::Wrong(why)) => moments.wrong = Some(why),
        }
    }
}

impl Moments {
    /// The check of the time where no certificate limits it.
    pub(super) fn alone(&self) -> Check {
        match (&self.wrong, self.trusted.first(), self.open.first()) {
            (Some(why), ..) => Check::failed(CheckName::Time, why.as_str()),
            (None, Some((at, by)), _) => Check::held(CheckName::Time, format!("{by} {at}")),
            (None, None, Some(why)) => Check::not_checked(CheckName::Time, why.as_str()),
            (None, None, None) => Check::not_checked(CheckName::Time, "nobody trusted says when it was signed"),
        }
    }
}

/// What came of a signer's certificate.
pub(super) struct Certified {
    /// Whether it leads to a supplied root.
    pub(super) chain: Check,
    /// Whether it was good when it was used.
    pub(super) time: Check,
    /// What is odd about it.
    pub(super) remark: Option<String>,
    /// Whether the root asks for a log of signatures.
    pub(super) logged: bool,
}

/// The way to a root.
struct Way {
    by: String,
    remark: Option<String>,
    logged: bool,
}

/// The checks of a signer's certificate: its chain, and the time.
pub(super) fn certificate(
    leaf: &Certificate,
    others: &[Certificate],
    moments: &Moments,
    given: &Given<'_>,
) -> Certified {
    let time = time(leaf, moments, given.now);
    let at: Vec<Time> = if !moments.trusted.is_empty() {
        moments.trusted.iter().map(|(at, _)| *at).collect()
    } else if leaf.is_good_at(given.now) {
        vec![given.now]
    } else {
        // The time is a check of its own: the path is looked at as of when the certificate was made out.
        vec![leaf.not_before]
    };
    // Where the time does not fit, the path is still looked at for itself.
    let at: Vec<Time> = at.into_iter().map(|at| at.max(leaf.not_before).min(leaf.not_after)).collect();
    let (chain, path) = paths(leaf, others, &at, given.trust);
    let (remark, logged) = path.map_or((None, false), |path| (path.remark, path.logged));
    Certified { chain, time, remark, logged }
}

fn time(leaf: &Certificate, moments: &Moments, now: Time) -> Check {
    let validity = format!("the certificate was good from {} until {}", leaf.not_before, leaf.not_after);
    if let Some(why) = &moments.wrong {
        return Check::failed(CheckName::Time, why.as_str());
    }
    if let Some((at, by)) = moments.trusted.iter().find(|(at, _)| !leaf.is_good_at(*at)) {
        return Check::failed(CheckName::Time, format!("{by} {at}, and {validity}"));
    }
    if let Some((at, by)) = moments.trusted.first() {
        return Check::held(CheckName::Time, format!("{by} {at}, within the certificate's validity"));
    }
    if leaf.is_good_at(now) {
        return Check::held(
            CheckName::Time,
            format!("nobody says when; the certificate is good until {}", leaf.not_after),
        );
    }
    match moments.open.first() {
        Some(why) => Check::not_checked(CheckName::Time, format!("{why}; {validity}")),
        None => Check::failed(CheckName::Time, format!("{validity}, and nothing says that it was signed then")),
    }
}

fn paths(leaf: &Certificate, others: &[Certificate], at: &[Time], trust: &Trust) -> (Check, Option<Way>) {
    let failed = |why: String| (Check::failed(CheckName::Chain, why), None);
    if trust.authorities.is_empty() {
        return (Check::not_checked(CheckName::Chain, "no root was supplied"), None);
    }
    let supplied = |it: &Certificate| trust.authorities.iter().any(|authority| authority.chain.contains(it));
    if others.iter().any(|it| it.is_root() && !supplied(it)) {
        return failed("the chain brings a root of its own, which is none of the supplied ones".to_owned());
    }
    let mut last = None;
    for moment in at {
        match path(leaf, others, *moment, trust) {
            Ok(found) => last = Some(found),
            Err(why) => return failed(why),
        }
    }
    match last {
        Some(way) => (Check::held(CheckName::Chain, way.by.as_str()), Some(way)),
        None => failed("there is no moment to look at it as of".to_owned()),
    }
}

const NO_ROOT_THEN: &str = "no supplied root counts at that moment";

/// The path at one moment, and the promise of a certificate log.
fn path(leaf: &Certificate, others: &[Certificate], at: Time, trust: &Trust) -> Result<Way, String> {
    let mut why = NO_ROOT_THEN.to_owned();
    let in_time = |authority: &&Authority| authority.counts_at(at);
    for authority in trust.authorities.iter().filter(in_time) {
        let Some((root, between)) = authority.chain.split_last() else { continue };
        let mut between = between.to_vec();
        between.extend_from_slice(others);
        let found = match chain::path(leaf, &between, &[root], at, Purpose::CodeSigning) {
            Ok(found) => found,
            Err(error) => {
                // Another root not leading there says less than what is wrong on the way from one that does.
                if error != chain::NO_ROOT || why == NO_ROOT_THEN {
                    why = error;
                }
                continue;
            }
        };
        let mut remark = found.remark.map(str::to_owned);
        let mut by = format!("root {}", authority.name);
        if authority.listed {
            let log = sct::promised(leaf, &found.issuer_key, &trust.certificate_logs)?;
            by = format!("{by}; listed by certificate log {log}");
        } else {
            remark = remark
                .or(Some("certificate log (SCT) not checked: no key of one was supplied for this root".to_owned()));
        }
        return Ok(Way { by, remark, logged: authority.logged });
    }
    Err(why)
}

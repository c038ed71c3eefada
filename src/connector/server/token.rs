//! The token that a registry asks for: it says where to get one, and that may be anywhere. A credential goes
//! there only where it is the registry's own origin; elsewhere we are nobody.

use crate::connector::http::{Answer, Http, Request, Sort, Trouble};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Tokens by what they are for.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<HashMap<String, String>>);

impl Tokens {
    /// Asks, with a token where the registry wants one for `scope`.
    pub(super) fn answer(&self, http: &Http, request: &Request, scope: &str) -> Result<Answer, Trouble> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(scope).cloned();
        let answer = http.answer(&Request { bearer: held, ..request.clone() })?;
        if answer.status != 401 {
            return Ok(answer);
        }
        let Some(wanted) = answer.header("www-authenticate").and_then(challenge) else { return Ok(answer) };
        let token = fetch(http, &wanted, scope)?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(scope.to_owned(), token.clone());
        http.answer(&Request { bearer: Some(token), ..request.clone() })
    }
}

fn fetch(http: &Http, wanted: &HashMap<String, String>, scope: &str) -> Result<String, Trouble> {
    let wrong = |why: &str| Trouble::new(Sort::Astray, "", format!("the registry wants a token, {why}"));
    let realm = wanted.get("realm").ok_or_else(|| wrong("and does not say from where"))?;
    let mut url = http.address().url().join(realm).map_err(|_| wrong("from what is no address"))?;
    let home = http.address().is_home_of(&url);
    if !home && http.has_secret() {
        let host = url.host_str().unwrap_or("elsewhere");
        return Err(wrong(&format!(
            "from {host}, another origin, where its credential does not go: add the source with a token as its credential and no user"
        )));
    }
    let mut query = vec![("scope", scope)];
    query.extend(wanted.get("service").map(|service| ("service", service.as_str())));
    url.query_pairs_mut().extend_pairs(query);
    let answer = http.ask(&Request { elsewhere: !home, ..Request::get(url) })?;
    let value: serde_json::Value = serde_json::from_slice(&answer.body).map_err(|_| wrong("and gives none"))?;
    let token = ["token", "access_token"].iter().find_map(|key| value.get(*key)?.as_str());
    token.map(str::to_owned).ok_or_else(|| wrong("and gives none"))
}

/// The parameters of `Bearer realm="…",service="…"`.
fn challenge(header: &str) -> Option<HashMap<String, String>> {
    let (scheme, mut rest) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let mut found = HashMap::new();
    while let Some((key, after)) = rest.split_once('=') {
        let key = key.trim_matches([' ', ',']).to_ascii_lowercase();
        let (value, left) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_once(',').unwrap_or((after, "")),
        };
        found.insert(key, value.to_owned());
        rest = left;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_challenge_is_taken_apart() {
        let found = super::challenge("Bearer realm=\"https://a.test/t?x=1,2\",service=\"r\", scope=pull").unwrap();
        assert_eq!(
            (found["realm"].as_str(), found["service"].as_str(), found["scope"].as_str()),
            ("https://a.test/t?x=1,2", "r", "pull")
        );
        assert!(super::challenge("Basic realm=\"x\"").is_none());
    }
}

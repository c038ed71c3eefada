//! Pages of JSON: as much of an answer is read as it takes to cut it into objects and to find the next page.
//! What the objects say stays as it was written.

use crate::connector::http::{Answer, Request, Sort, Trouble};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashSet};

/// The members of a JSON object, each as it was written.
pub(super) type Members = BTreeMap<String, Box<RawValue>>;

/// Pages without an object in them, after which nothing more is expected.
const EMPTY: usize = 20;

/// The members of an answer that is one JSON object.
pub(super) fn members(request: &Request, answer: &Answer) -> Result<Members, Trouble> {
    serde_json::from_slice(&answer.body).map_err(|error| malformed(request, &format!("it is no JSON object: {error}")))
}

pub(super) fn malformed(request: &Request, why: &str) -> Trouble {
    let mut url = request.url.clone();
    url.set_query(None);
    Trouble::new(Sort::Other, url.to_string(), format!("the answer cannot be used: {why}"))
}

/// The objects of a list; one that is left out is empty.
pub(super) fn list(request: &Request, members: &Members, key: &str) -> Result<Vec<Box<RawValue>>, Trouble> {
    let Some(raw) = members.get(key).filter(|raw| raw.get() != "null") else { return Ok(Vec::new()) };
    serde_json::from_str(raw.get()).map_err(|_| malformed(request, &format!("\"{key}\" is no list")))
}

/// JSON without the blanks between its tokens; texts and numbers stay as they were written.
pub(super) fn without_blanks(json: &str) -> String {
    let (mut within, mut escaped) = (false, false);
    let stays = |c: &char| {
        match (within, *c) {
            (true, _) if escaped => escaped = false,
            (true, '\\') => escaped = true,
            (_, '"') => within = !within,
            _ => {}
        }
        within || !c.is_ascii_whitespace()
    };
    json.chars().filter(stays).collect()
}

/// A text or a number of an object.
pub(super) fn text(members: &Members, key: &str) -> Option<String> {
    match serde_json::from_str(members.get(key)?.get()).ok()? {
        serde_json::Value::String(text) if !text.is_empty() => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The members of an object within.
pub(super) fn inner(members: &Members, key: &str) -> Members {
    members.get(key).and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

/// Goes from page to page by tokens, and stops where they lead in a circle.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    seen: HashSet<String>,
    empty: usize,
}

impl Tokens {
    /// The token of the next page, when there is one.
    pub(super) fn next(
        &mut self,
        request: &Request,
        token: Option<String>,
        objects: usize,
    ) -> Result<Option<String>, Trouble> {
        let Some(token) = token else { return Ok(None) };
        self.empty = if objects == 0 { self.empty + 1 } else { 0 };
        if self.empty > EMPTY || !self.seen.insert(token.clone()) {
            return Err(malformed(request, "its pages lead round and round"));
        }
        Ok(Some(token))
    }
}

#[cfg(test)]
mod tests {
    use super::without_blanks;

    #[test]
    fn blanks_go_between_tokens_and_stay_in_texts() {
        let written = "{ \"a b\" :\t[ 1.50,\r\n \"\\\\\" , \" \\\" x \\\\\\\" \", null ] }\n";
        assert_eq!(without_blanks(written), "{\"a b\":[1.50,\"\\\\\",\" \\\" x \\\\\\\" \",null]}");
    }
}

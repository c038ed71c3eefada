//! Another ledger, behind its own `lastgood serve`: the records that came since, stretch by stretch, each stretch a
//! bundle with the proof that the log only grew. It checks nothing of them: whoever takes them in does.

use super::page::{Members, malformed, text};
use super::{Kind, Pull};
use crate::connector::http::{Http, Request, Sort, Trouble};
use serde::Deserialize;

/// The word for such a source.
pub const LEDGER: &str = "lastgood";

pub(super) const KIND: Kind = Kind {
    name: LEDGER,
    about: "the ledger of another lastgood, behind its serve",
    recognises,
    lists: |_| Vec::new(),
    pull,
    browse: None,
};

/// Where the next look goes on: so many records are taken in, and the log was seen with so many.
pub const TAKEN: &str = "taken";
/// See [`TAKEN`].
pub const SEEN: &str = "seen";

/// What a ledger says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Ledger {
    schema: String,
    /// The key that it signs with, as a verifier writes it. Whose that is has to be known from elsewhere.
    pub key: String,
    /// How many records it has.
    pub records: u64,
}

/// Asks a ledger what it is; nothing where what answers is none.
///
/// # Errors
/// When nothing answers, or it does not know us.
pub fn ledger(http: &Http) -> Result<Option<Ledger>, Trouble> {
    let request = Request::get(http.address().below(&["ledger"], &[]));
    let answer = http.answer(&request)?;
    // Without a realm it is no registry's way to ask for a token.
    if matches!(answer.status, 401 | 403) && answer.header("www-authenticate") == Some("Bearer") {
        return http.ask(&request).map(|_| None);
    }
    let read = serde_json::from_slice::<Ledger>(&answer.body).ok();
    Ok(read.filter(|it| answer.status == 200 && it.schema == "lastgood/ledger/1"))
}

fn recognises(http: &Http) -> Result<Option<String>, Trouble> {
    Ok(ledger(http)?.map(|it| format!("lastgood with a ledger of {} records", it.records)))
}

/// The first line of a bundle: which records are in it, and how many the log has.
fn stretch(request: &Request, bundle: &[u8]) -> Result<(u64, u64), Trouble> {
    let wrong = || malformed(request, "it is no bundle of records");
    let line = bundle.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let head: Members = serde_json::from_slice(line).map_err(|_| wrong())?;
    let number = |text: Option<String>| text.and_then(|it| it.parse::<u64>().ok());
    let to = text(&head, "name").and_then(|name| name.split_once('-').map(|(_, to)| to.to_owned()));
    number(to).zip(number(text(&head, "size"))).ok_or_else(wrong)
}

fn pull(pull: &Pull<'_>) -> Result<(), Trouble> {
    let number = |name: &str| pull.held.cursor(name).and_then(|it| it.parse::<u64>().ok()).unwrap_or(0);
    let (mut taken, mut seen) = (number(TAKEN), number(SEEN));
    loop {
        let (after, since) = (taken.to_string(), seen.to_string());
        let query = [("after", after.as_str()), ("since", since.as_str())];
        let request = Request::get(pull.http.address().below(&["ledger", "records"], &query));
        let answer = pull.http.ask(&request)?;
        let (to, size) = stretch(&request, &answer.body)?;
        if !pull.document(format!("records/{after}-{to}"), Some("bundle"), answer.body) || to >= size {
            return Ok(());
        }
        if to <= taken {
            return Err(Trouble::new(Sort::Other, "", "it hands out no more, though there is more"));
        }
        (taken, seen) = (to, size);
    }
}

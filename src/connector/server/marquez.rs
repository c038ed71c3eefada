//! A Marquez server, by the raw OpenLineage events it keeps: its own graph is joined over names and forgets
//! versions. It asks for what came since the last look.

use super::page::{Members, inner, list, malformed, members, text};
use super::{Kind, Pull, Tried};
use crate::connector::http::{Http, Request, Trouble};

pub(super) const KIND: Kind =
    Kind { name: "marquez", about: "Marquez, by the OpenLineage events it received", recognises, lists, pull };

/// Events of one page.
const PAGE: usize = 100;
/// Beyond what it takes for the end of time unless told.
const BEFORE: &str = "9999-12-31T00:00:00.000Z";

fn recognises(http: &Http) -> Result<Option<String>, Trouble> {
    let request = Request::get(http.address().below(&["api", "v1", "namespaces"], &[("limit", "1")]));
    let answer = http.answer(&request)?;
    if answer.status != 200 {
        return Ok(None);
    }
    let known = members(&request, &answer).is_ok_and(|it| it.contains_key("namespaces"));
    Ok(known.then(|| "Marquez".to_owned()))
}

fn lists(http: &Http) -> Vec<Tried> {
    let url = http.address().below(&["api", "v1", "events", "lineage"], &[("limit", "1")]);
    vec![("events", http.ask(&Request::get(url)).map(drop))]
}

fn pull(pull: &Pull<'_>) -> Result<(), Trouble> {
    let after = pull.held.cursor("events");
    let mut newest = after.clone();
    let mut offset = 0;
    let mut last: Option<String> = None;
    loop {
        let (limit, from) = (PAGE.to_string(), offset.to_string());
        let mut query =
            vec![("limit", limit.as_str()), ("offset", from.as_str()), ("sortDirection", "asc"), ("before", BEFORE)];
        query.extend(after.as_deref().map(|after| ("after", after)));
        let request = Request::get(pull.http.address().below(&["api", "v1", "events", "lineage"], &query));
        let answer = pull.http.ask(&request)?;
        let page = members(&request, &answer)?;
        let events = list(&request, &page, "events")?;
        let whole = answer.body;
        if !events.is_empty() && last.as_deref() == Some(String::from_utf8_lossy(&whole).as_ref()) {
            return Err(malformed(&request, "its pages repeat"));
        }
        for raw in &events {
            let Ok(event) = serde_json::from_str::<Members>(raw.get()) else {
                return Err(malformed(&request, "an event is no object"));
            };
            let at = text(&event, "eventTime").unwrap_or_default();
            let run = text(&inner(&event, "run"), "runId").unwrap_or_default();
            let sort = text(&event, "eventType").unwrap_or_default();
            let job = text(&inner(&event, "job"), "name").unwrap_or_default();
            let part = format!("events/{at}/{sort}/{run}/{job}");
            if !pull.held.has(&part) && !pull.document(part, Some("openlineage"), raw.get().as_bytes().to_vec()) {
                return Ok(());
            }
            newest = newest.max(Some(at).filter(|at| !at.is_empty()));
        }
        offset += events.len();
        if events.len() < PAGE {
            break;
        }
        last = Some(String::from_utf8_lossy(&whole).into_owned());
    }
    if let Some(newest) = newest {
        pull.held.end_at("events", newest);
    }
    Ok(())
}

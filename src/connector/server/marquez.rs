//! A Marquez server, by the raw OpenLineage events it keeps: its own graph is joined over names and forgets
//! versions. It asks for what came since the last look.

use super::page::{Members, inner, list, malformed, members, text};
use super::{Browse, Kind, Pull, Tried};
use crate::connector::http::{Address, Http, Request, Sort, Trouble};
use std::collections::BTreeSet;

pub(super) const KIND: Kind = Kind {
    name: "marquez",
    about: "Marquez, by the OpenLineage events it received",
    recognises,
    lists,
    pull,
    browse: Some(Browse { may_know, around }),
};

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

/// What Marquez calls a dataset or a job by, of a name that the ledger has for it.
fn node(name: &str) -> Option<String> {
    for (identifier, sort) in [("ol:", "dataset"), ("oljob:", "job")] {
        if let Some((namespace, name)) = name.strip_prefix(identifier).and_then(|it| it.split_once('|')) {
            let name = name.split('@').next().unwrap_or(name);
            return Some(format!("{sort}:{namespace}:{name}"));
        }
    }
    let (sort, rest) = name.split_once(':').filter(|(sort, _)| matches!(*sort, "dataset" | "job"))?;
    let rest = rest.split('@').next().unwrap_or(rest);
    // A namespace may be an address of its own.
    let start = rest.find("://").map_or(0, |at| at + 3);
    let end = start + rest.get(start..)?.find('/')?;
    let (namespace, name) = (rest.get(..end)?, rest.get(end + 1..)?);
    let named = !namespace.is_empty() && !name.is_empty() && namespace != "mlflow";
    named.then(|| format!("{sort}:{namespace}:{name}"))
}

fn may_know(_: &Address, names: &[String]) -> bool {
    names.iter().any(|name| node(name).is_some())
}

/// The graph around it, one step each way, as it is now.
fn around(pull: &Pull<'_>, names: &[String]) -> Result<(), Trouble> {
    let nodes: BTreeSet<String> = names.iter().filter_map(|name| node(name)).collect();
    for node in nodes {
        let query = [("nodeId", node.as_str()), ("depth", "1")];
        let request = Request::get(pull.http.address().below(&["api", "v1", "lineage"], &query));
        match pull.http.ask(&request) {
            Ok(answer) => drop(pull.document(format!("graph/{node}"), Some("openlineage"), answer.body)),
            Err(trouble) if trouble.sort == Sort::NoSuch => {}
            Err(trouble) => pull.tell(&format!("graph/{node}"), trouble)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_ledger_become_names_of_marquez() {
        for (name, wanted) in [
            ("ol:s3://lake|tx/day", Some("dataset:s3://lake:tx/day")),
            ("oljob:airflow|daily.load", Some("job:airflow:daily.load")),
            ("dataset:s3://lake/tx/day@7", Some("dataset:s3://lake:tx/day")),
            ("job:airflow/daily.load", Some("job:airflow:daily.load")),
            ("dataset:vendor-labels@2026", None),
            ("dataset:mlflow/0f/labels@1", None),
            ("run:airflow/x", None),
            ("dataset:s3://lake", None),
        ] {
            assert_eq!(node(name).as_deref(), wanted, "{name}");
        }
    }
}

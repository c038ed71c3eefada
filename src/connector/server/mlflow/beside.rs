//! What a server keeps beside runs and models: the gateway, MCP servers, evaluation data sets, scorers and webhooks.
//! Most servers have little of it, so that lists found empty are asked for in turn. It reads no value of a secret.

use super::{Listing, Look, api};
use crate::connector::http::{Request, Sort, Trouble};
use crate::connector::server::page::{Members, inner, list, members, text};
use serde_json::value::to_raw_value;

/// Lists found empty at the last look that are asked for in one look.
const IN_TURN: usize = 2;

/// A list that many servers have nothing in; how much there is in it.
type Seldom = (&'static str, fn(&Look<'_>) -> Result<usize, Trouble>);

const SELDOM: [Seldom; 5] = [
    ("gateway", |look| look.gateway()),
    ("mcp_servers", |look| look.mcp_servers()),
    ("evaluation_datasets", |look| look.plain(&DATASETS)),
    ("scorers", |look| look.plain(&SCORERS)),
    ("webhooks", |look| look.plain(&WEBHOOKS)),
];

/// A list of which every object is a document of its own.
struct Plain {
    path: &'static [&'static str],
    most: &'static str,
    /// The list in the answer, the word for one of it, and what tells one from another.
    objects: (&'static str, &'static str, &'static [&'static str]),
}

const DATASETS: Plain = Plain {
    path: &["api", "3.0", "mlflow", "datasets", "search"],
    most: "50",
    objects: ("datasets", "evaluation_dataset", &["dataset_id"]),
};
const SCORERS: Plain = Plain {
    path: &["api", "3.0", "mlflow", "scorers", "list"],
    most: "",
    objects: ("scorers", "scorer", &["experiment_id", "scorer_name"]),
};
const WEBHOOKS: Plain = Plain {
    path: &["api", "2.0", "mlflow", "webhooks"],
    most: "1000",
    objects: ("webhooks", "webhook", &["webhook_id"]),
};

impl Look<'_> {
    /// The lists that are seldom filled. At the first look all; then those that had something, and some of the rest.
    pub(super) fn seldom(&self) -> Result<(), Trouble> {
        let turn = self.pull.held.cursor("turn").and_then(|it| it.parse::<usize>().ok());
        let empty: Vec<&str> = SELDOM.iter().map(|it| it.0).filter(|it| self.pull.held.cursor(it).is_none()).collect();
        let first = turn.unwrap_or_default();
        let now: Vec<&str> = match turn {
            None => empty.clone(),
            Some(_) => {
                empty.iter().cycle().skip(first % empty.len().max(1)).take(IN_TURN.min(empty.len())).copied().collect()
            }
        };
        let wanted = SELDOM.iter().filter(|(name, _)| !empty.contains(name) || now.contains(name));
        self.pull.each(wanted, |(name, read)| {
            match read(self) {
                Ok(0) => {}
                Ok(_) => self.pull.held.end_at(name, "seen".to_owned()),
                // An older version has none.
                Err(trouble) if trouble.sort == Sort::NoSuch => {}
                Err(trouble) => self.pull.tell(name, trouble)?,
            }
            Ok(())
        })?;
        self.pull.held.end_at("turn", (first + IN_TURN).to_string());
        Ok(())
    }

    fn plain(&self, of: &Plain) -> Result<usize, Trouble> {
        let (table, word, key) = of.objects;
        let query = if of.most.is_empty() { Vec::new() } else { vec![("max_results", of.most.to_owned())] };
        let listing = Listing { path: of.path.to_vec(), key: table, post: None, query };
        let name = |it: &Members| {
            let parts: Option<Vec<String>> = key.iter().map(|key| text(it, key)).collect();
            parts.map(|parts| parts.join("/"))
        };
        // Runs have data sets of their own.
        let table = if table == "datasets" { "evaluation_datasets" } else { table };
        let mut found = 0;
        self.pages(&listing, |page| {
            found += page.len();
            Ok(self.hand_out(table, word, &key.join(" and "), page.iter(), name))
        })?;
        self.whole(&format!("{table}/"));
        Ok(found)
    }

    /// MCP servers, and the versions of each.
    fn mcp_servers(&self) -> Result<usize, Trouble> {
        let page = || vec![("max_results", "1000".to_owned())];
        let path = api("3.0", &["mcp-servers"]);
        let servers = self.all(&Listing { path, key: "mcp_servers", post: None, query: page() })?;
        self.hand_out("mcp_servers", "mcp_server", "name", servers.iter(), |it| text(it, "name"));
        self.whole("mcp_servers/");
        let names: Vec<String> = servers.iter().filter_map(|it| text(it, "name")).collect();
        self.pull.each(names.iter(), |name| {
            let path: Vec<&str> = ["mcp-servers"].into_iter().chain(name.split('/')).chain(["versions"]).collect();
            let listing = Listing { path: api("3.0", &path), key: "mcp_server_versions", post: None, query: page() };
            let named = |it: &Members| Some(format!("{name}/{}", text(it, "version")?));
            let told = self.pages(&listing, |page| {
                Ok(self.hand_out("mcp_server_versions", "mcp_server_version", "version", page.iter(), named))
            });
            match told {
                Ok(()) => {
                    self.whole(&format!("mcp_server_versions/{name}/"));
                    Ok(())
                }
                Err(trouble) => self.pull.tell(&format!("mcp_server_versions/{name}"), trouble),
            }
        })?;
        Ok(servers.len())
    }

    /// The gateway's chain: from secrets to who is bound to an endpoint.
    fn gateway(&self) -> Result<usize, Trouble> {
        let lists: [(&[&str], &str, &str, &str); 4] = [
            (&["secrets"], "secrets", "secret", "secret_id"),
            (&["model-definitions"], "model_definitions", "model_definition", "model_definition_id"),
            (&["endpoints"], "endpoints", "endpoint", "endpoint_id"),
            (&["endpoints", "bindings"], "bindings", "binding", "endpoint_id"),
        ];
        let mut found = 0;
        for (path, table, word, key) in lists {
            // Nothing is called without a secret; once there was one, all is looked at again.
            let known = self.pull.held.cursor("gateway").is_some();
            if found == 0 && table != "secrets" && !known {
                break;
            }
            let listing = Listing {
                path: api("3.0", &[&["gateway"], path, &["list"]].concat()),
                key: table,
                post: None,
                query: Vec::new(),
            };
            let mut objects = match self.all(&listing) {
                Err(trouble) if trouble.sort == Sort::NoSuch => return Err(trouble),
                Err(trouble) => {
                    self.pull.tell(&format!("gateway/{}", path.join("/")), trouble)?;
                    found += 1;
                    continue;
                }
                Ok(objects) => objects,
            };
            found += objects.len();
            if table == "endpoints" {
                self.guarded(&mut objects)?;
            }
            let name = |it: &Members| match word {
                "binding" => Some(format!("{}/{}", text(it, key)?, text(it, "resource_id")?)),
                _ => text(it, key),
            };
            if self.hand_out(table, word, key, objects.iter(), name) {
                self.whole(&format!("{table}/"));
            }
        }
        Ok(found)
    }

    /// What guards each endpoint, put where a database has it: in the endpoint itself.
    fn guarded(&self, endpoints: &mut [Members]) -> Result<(), Trouble> {
        let path = api("3.0", &["gateway", "guardrails", "list"]);
        let any = match self.all(&Listing { path, key: "guardrails", post: None, query: Vec::new() }) {
            Err(trouble) if trouble.sort == Sort::NoSuch => return Ok(()),
            Err(trouble) => return self.pull.tell("gateway/guardrails", trouble),
            Ok(any) => !any.is_empty(),
        };
        for endpoint in endpoints.iter_mut().filter(|_| any) {
            let Some(id) = text(endpoint, "endpoint_id") else { continue };
            let path = api("3.0", &["gateway", "guardrails", "list-for-endpoint"]);
            let request = Request::get(self.http().address().below(&path, &[("endpoint_id", &id)]));
            let answer = match self.http().ask(&request) {
                Ok(answer) => members(&request, &answer)?,
                Err(trouble) => {
                    self.pull.tell(&format!("gateway/guardrails/{id}"), trouble)?;
                    continue;
                }
            };
            let mut guards = Vec::new();
            for config in list(&request, &answer, "configs")? {
                let config: Members = serde_json::from_str(config.get()).unwrap_or_default();
                let mut guard = inner(&config, "guardrail");
                guard.remove("scorer");
                guard.extend(config.into_iter().filter(|(key, _)| key != "guardrail"));
                guards.push(guard);
            }
            if let (false, Ok(raw)) = (guards.is_empty(), to_raw_value(&guards)) {
                endpoint.insert("guardrails".to_owned(), raw);
            }
        }
        Ok(())
    }
}

//! An MLflow server, by its REST API: experiments, runs, logged and registered models, prompts, traces, the
//! gateway, MCP servers, and the files that describe a model's environment. The documents are those that a database
//! of MLflow gives. Steps of measures are not asked for: each would be a question of its own.

mod around;
mod beside;
mod described;
mod models_used;
mod traces;

use super::page::{Members, Tokens, inner, list, members, text, without_blanks};
use super::{Kind, Pull, Pulled, Tried};
use crate::connector::http::{Http, Request, Sort, Trouble};
use described::Described;
use serde_json::json;
use serde_json::value::RawValue;

pub(super) const KIND: Kind = Kind {
    name: "mlflow",
    about: "an MLflow tracking server, 2.x or 3.x, by its REST API",
    recognises,
    lists,
    pull,
    browse: Some(around::BROWSE),
};

const FORMAT: Option<&str> = Some("mlflow");
/// Runs of one page; each is some kilobytes.
const RUNS: u32 = 1000;
/// Runs that are asked about before those are handed out: what is stopped midway keeps what was handed out.
const TOGETHER: usize = 32;
/// Versions of one page.
const VERSIONS: u32 = 2000;
/// Experiments that are asked about at once.
const EXPERIMENTS: usize = 500;

fn api<'p>(version: &'p str, path: &[&'p str]) -> Vec<&'p str> {
    [&["api", version, "mlflow"], path].concat()
}

fn recognises(http: &Http) -> Result<Option<String>, Trouble> {
    let version = http.answer(&Request::get(http.address().below(&["version"], &[])))?;
    let text = String::from_utf8_lossy(&version.body).trim().to_owned();
    let numbered = text.len() < 40 && text.starts_with(|c: char| c.is_ascii_digit()) && text.contains('.');
    if version.status == 200 && numbered {
        return Ok(Some(format!("MLflow {text}")));
    }
    if matches!(version.status, 401 | 403) && version.header("www-authenticate").is_some_and(|it| it.contains("mlflow"))
    {
        return http.ask(&Request::get(http.address().below(&["version"], &[]))).map(|_| None);
    }
    Ok(None)
}

fn lists(http: &Http) -> Vec<Tried> {
    let get = |path: &[&str], query: &[(&str, &str)]| Request::get(http.address().below(path, query));
    let post =
        |path: &[&str], body: serde_json::Value| Request::post(http.address().below(path, &[]), body.to_string());
    let place = json!({"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}});
    let one = ("max_results", "1");
    let asked = [
        ("experiments and runs", post(&api("2.0", &["experiments", "search"]), json!({"max_results": 1}))),
        ("registered models", get(&api("2.0", &["registered-models", "search"]), &[one])),
        (
            "logged models",
            post(&api("2.0", &["logged-models", "search"]), json!({"experiment_ids": ["0"], "max_results": 1})),
        ),
        ("traces", post(&api("3.0", &["traces", "search"]), json!({"locations": [place], "max_results": 1}))),
        ("the gateway", get(&api("3.0", &["gateway", "secrets", "list"]), &[])),
        ("MCP servers", get(&api("3.0", &["mcp-servers"]), &[one])),
    ];
    asked.into_iter().map(|(what, request)| (what, http.ask(&request).map(drop))).collect()
}

fn pull(pull: &Pull<'_>) -> Result<(), Trouble> {
    let look = Look { pull, store: Store::default() };
    let (experiments, store) = look.experiments()?;
    let look = Look { pull, store };
    look.is_the_same()?;
    look.hand_out("experiments", "experiment", "experiment_id", experiments.iter(), |it| text(it, "experiment_id"));
    let ids: Vec<String> = experiments.iter().filter_map(|it| text(it, "experiment_id")).collect();
    pull.give(Pulled::Whole { prefix: "experiments/".to_owned() });
    let parts: [(&str, Part<'_>); 5] = [
        ("runs", &|| look.runs(&ids)),
        ("registered_models", &|| look.registered()),
        ("logged_models", &|| look.logged(&ids)),
        ("traces", &|| look.traces(&ids)),
        ("gateway", &|| look.seldom()),
    ];
    pull.each(parts.iter(), |(place, part)| part().or_else(|trouble| pull.tell(place, trouble)))
}

/// One of the lists of a server, read on its own.
type Part<'p> = &'p (dyn Fn() -> Result<(), Trouble> + Sync);

/// What tells this store from others: its first experiment and when that was made.
#[derive(Debug, Clone, Default)]
struct Store(String);

impl Store {
    fn of(first: &Members) -> Option<Store> {
        let id = serde_json::Value::from(text(first, "experiment_id")?);
        let created = first.get("creation_time").map_or("null", |raw| raw.get());
        Some(Store(format!("\"store\":{{\"created\":{created},\"first_experiment\":{id}}},")))
    }
}

struct Look<'p> {
    pull: &'p Pull<'p>,
    store: Store,
}

/// A list that is asked for page by page.
struct Listing<'l> {
    path: Vec<&'l str>,
    key: &'l str,
    /// What is posted; without it the question stands in the address.
    post: Option<serde_json::Value>,
    query: Vec<(&'l str, String)>,
}

/// A version as lists have it: its aliases are told by its model, and stand on the version only where it is asked for
/// by itself.
fn without_aliases(version: &mut Members) {
    version.remove("aliases");
}

/// When a logged model was last changed, as its server writes it.
fn changed(model: &Members) -> String {
    text(&inner(model, "info"), "last_updated_timestamp_ms").unwrap_or_default()
}

impl Look<'_> {
    fn http(&self) -> &Http {
        self.pull.http
    }

    /// Whether the store is the one that was pulled before. Another at the same address, as after a restore into an
    /// empty place, would have everything told as gone.
    fn is_the_same(&self) -> Result<(), Trouble> {
        let Store(store) = &self.store;
        match self.pull.held.cursor("store") {
            _ if store.is_empty() => Ok(()),
            Some(before) if before != *store => Err(Trouble::new(
                Sort::Other,
                self.http().address().to_string(),
                "another store answers here than the one that was pulled before: its first experiment is another. \
                 Nothing was concluded from it. If it is meant, remove the source (lastgood source remove) and add it again",
            )),
            Some(_) => Ok(()),
            None => {
                self.pull.held.learn("store", store.clone());
                Ok(())
            }
        }
    }

    fn request(&self, of: &Listing<'_>, token: Option<&str>) -> Request {
        let address = self.http().address();
        match &of.post {
            Some(body) => {
                let mut body = body.clone();
                if let (Some(token), Some(body)) = (token, body.as_object_mut()) {
                    body.insert("page_token".to_owned(), token.into());
                }
                Request::post(address.below(&of.path, &[]), body.to_string())
            }
            None => {
                let mut query: Vec<(&str, &str)> = of.query.iter().map(|(key, value)| (*key, value.as_str())).collect();
                query.extend(token.map(|token| ("page_token", token)));
                Request::get(address.below(&of.path, &query))
            }
        }
    }

    /// The objects of one page, and the token of the next.
    fn page_of(&self, of: &Listing<'_>, request: &Request) -> Result<(Vec<Members>, Option<String>), Trouble> {
        let page = members(request, &self.http().ask(request)?)?;
        let objects = list(request, &page, of.key)?;
        let read = |raw: &RawValue| serde_json::from_str::<Members>(raw.get());
        let objects: Result<Vec<Members>, _> = objects.iter().map(|raw| read(raw)).collect();
        let objects = objects.map_err(|_| super::page::malformed(request, "what it lists are no objects"))?;
        Ok((objects, text(&page, "next_page_token")))
    }

    /// Every object of a list, page by page.
    fn pages(
        &self,
        of: &Listing<'_>,
        mut take: impl FnMut(Vec<Members>) -> Result<bool, Trouble>,
    ) -> Result<(), Trouble> {
        let (mut tokens, mut token) = (Tokens::default(), None);
        loop {
            let request = self.request(of, token.as_deref());
            let (objects, next) = self.page_of(of, &request)?;
            let count = objects.len();
            if !take(objects)? {
                return Ok(());
            }
            token = tokens.next(&request, next, count)?;
            if token.is_none() {
                return Ok(());
            }
        }
    }

    fn all(&self, of: &Listing<'_>) -> Result<Vec<Members>, Trouble> {
        let mut all = Vec::new();
        self.pages(of, |mut page| {
            all.append(&mut page);
            Ok(true)
        })?;
        Ok(all)
    }

    /// One object as a document of its own. False when nobody listens.
    fn give(&self, table: &str, word: &str, key: &str, body: &Members) -> bool {
        let Ok(body) = serde_json::to_string(body) else { return true };
        let Store(store) = &self.store;
        // An answer is indented by how deep a thing lies in it, and the same thing lies deeper in a list.
        let document = format!("{{{store}\"{word}\":{}}}", without_blanks(&body));
        self.pull.document(format!("{table}/{key}"), FORMAT, document.into_bytes())
    }

    fn hand_out<'m>(
        &self,
        table: &str,
        word: &str,
        key: &str,
        objects: impl Iterator<Item = &'m Members>,
        name: impl Fn(&Members) -> Option<String>,
    ) -> bool {
        for object in objects {
            let going = match name(object) {
                Some(name) => self.give(table, word, &name, object),
                None => self.pull.give(Pulled::Failed {
                    place: table.to_owned(),
                    why: format!("an object without {key}; it is left out"),
                }),
            };
            if !going {
                return false;
            }
        }
        true
    }

    fn whole(&self, prefix: &str) {
        self.pull.give(Pulled::Whole { prefix: prefix.to_owned() });
    }

    fn experiments(&self) -> Result<(Vec<Members>, Store), Trouble> {
        let all = self.all(&Listing {
            path: api("2.0", &["experiments", "search"]),
            key: "experiments",
            post: Some(json!({"max_results": 1000, "view_type": "ALL"})),
            query: Vec::new(),
        })?;
        let first = all.iter().filter_map(|it| Some((text(it, "experiment_id")?, it)));
        let first = first.min_by_key(|(id, _)| (id.len(), id.clone()));
        let store = first.and_then(|(_, it)| Store::of(it));
        Ok((all, store.unwrap_or_default()))
    }

    fn runs(&self, experiments: &[String]) -> Result<(), Trouble> {
        for some in experiments.chunks(EXPERIMENTS) {
            let listing = Listing {
                path: api("2.0", &["runs", "search"]),
                key: "runs",
                post: Some(json!({"experiment_ids": some, "run_view_type": "ALL", "max_results": RUNS})),
                query: Vec::new(),
            };
            let name = |run: &Members| text(&inner(run, "info"), "run_id");
            self.pages(&listing, |page| {
                let mut page = page.into_iter();
                loop {
                    let some: Vec<Members> = page.by_ref().take(TOGETHER).collect();
                    if some.is_empty() {
                        return Ok(true);
                    }
                    if !self.hand_out("runs", "run", "info.run_id", self.with_models(some)?.iter(), name) {
                        return Ok(false);
                    }
                }
            })?;
        }
        self.whole("runs/");
        Ok(())
    }

    /// Registered models with their versions; prompts are kept as such, and are listed only when asked for.
    fn registered(&self) -> Result<(), Trouble> {
        const PROMPTS: &str = "tags.`mlflow.prompt.is_prompt` = 'true'";
        let (mut any, mut fresh) = (true, Vec::new());
        for filter in [None, Some(PROMPTS)] {
            let query = |most: &str| {
                let mut query = vec![("max_results", most.to_owned())];
                query.extend(filter.map(|filter| ("filter", filter.to_owned())));
                query
            };
            let models = Listing {
                path: api("2.0", &["registered-models", "search"]),
                key: "registered_models",
                post: None,
                query: query("1000"),
            };
            let mut found = self.all(&models)?;
            if found.is_empty() {
                continue;
            }
            for model in &mut found {
                // Each version is told for itself, and these change when another is made.
                model.remove("latest_versions");
            }
            any &= self.hand_out("registered_models", "registered_model", "name", found.iter(), |it| text(it, "name"));
            let versions = Listing {
                path: api("2.0", &["model-versions", "search"]),
                key: "model_versions",
                post: None,
                query: query(&VERSIONS.to_string()),
            };
            let name = |it: &Members| Some(format!("{}/{}", text(it, "name")?, text(it, "version")?));
            self.pages(&versions, |mut page| {
                page.iter_mut().for_each(without_aliases);
                fresh.extend(page.iter().filter_map(Described::version).filter(|it| self.is_due(it)));
                Ok(self.hand_out("model_versions", "model_version", "name and version", page.iter(), name))
            })?;
        }
        if any {
            self.whole("registered_models/");
            self.whole("model_versions/");
        }
        self.described(fresh)
    }

    fn logged(&self, experiments: &[String]) -> Result<(), Trouble> {
        let mut fresh = Vec::new();
        for some in experiments.chunks(EXPERIMENTS) {
            let listing = Listing {
                path: api("2.0", &["logged-models", "search"]),
                key: "models",
                post: Some(json!({"experiment_ids": some, "max_results": 50})),
                query: Vec::new(),
            };
            let name = |it: &Members| text(&inner(it, "info"), "model_id");
            let listed = self.pages(&listing, |page| {
                let looked = page.iter().filter_map(|it| Some(Described::logged(name(it)?, changed(it))));
                fresh.extend(looked.filter(|it| self.is_due(it)));
                Ok(self.hand_out("logged_models", "model", "info.model_id", page.iter(), name))
            });
            match listed {
                // MLflow 2 has none.
                Err(trouble) if trouble.sort == Sort::NoSuch => return Ok(()),
                other => other?,
            }
        }
        self.whole("logged_models/");
        self.described(fresh)
    }
}

//! What an MLflow server knows around one thing: a version's run, model and name, a run's inputs, outputs and
//! versions, a name's versions. Of a list it takes one page, and it goes two steps and no further.

use super::described::Described;
use super::{Listing, Look, Store, api, without_aliases};
use crate::connector::http::{Address, Request, Sort, Trouble};
use crate::connector::server::page::{Members, inner, members, text};
use crate::connector::server::{Browse, Pull, Pulled};
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::{BTreeSet, VecDeque};

pub(super) const BROWSE: Browse = Browse { may_know, around };

/// Objects of a list that are taken.
const SOME: usize = 100;
/// Steps from the thing asked about.
const STEPS: u8 = 2;

/// Something that can be asked for by itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Experiment(String),
    Run(String),
    Logged(String),
    Model(String),
    Version(String, String),
    Dataset(String, String),
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Thing {
    /// What a name that the ledger has for something of MLflow means there.
    fn named(name: &str) -> Option<Thing> {
        let version = |name: &str, version: &str| {
            let numbered = !name.is_empty() && !version.is_empty() && version.bytes().all(|it| it.is_ascii_digit());
            numbered.then(|| Thing::Version(name.to_owned(), version.to_owned()))
        };
        if let Some(rest) = name.strip_prefix("models:/").or_else(|| name.strip_prefix("prompts:/")) {
            let rest = rest.trim_start_matches('/');
            // An alias and a stage are told by their model.
            let of = |text: &str| (!text.is_empty()).then(|| Thing::Model(text.to_owned()));
            let Some((name, number)) = rest.rsplit_once('/') else {
                return of(rest.split('@').next().unwrap_or(rest));
            };
            return version(name, number.split('@').next().unwrap_or(number)).or_else(|| of(name));
        }
        let (kind, rest) = name.split_once(":mlflow/")?;
        // The store's own name stands before what is unique within it alone.
        let bare = rest.split_once('/').filter(|(scope, _)| is_hex(scope, 12)).map_or(rest, |(_, bare)| bare);
        let one = |thing: fn(String) -> Thing, text: &str| (!text.is_empty()).then(|| thing(text.to_owned()));
        match kind {
            "run" => one(Thing::Run, bare),
            "experiment" => one(Thing::Experiment, bare),
            "model" => one(Thing::Model, bare),
            "prompt" | "model-version" if bare.contains('@') => {
                bare.rsplit_once('@').and_then(|(name, number)| version(name, number))
            }
            "prompt" => one(Thing::Model, bare),
            "model-version" => match bare.split_once('/') {
                Some((run, _)) => one(Thing::Run, run),
                None => one(Thing::Logged, bare),
            },
            "deployment" => bare.rsplitn(3, '/').nth(2).and_then(|name| one(Thing::Model, name)),
            "dataset" => {
                let (name, digest) = bare.rsplit_once('@')?;
                Some(Thing::Dataset(name.to_owned(), digest.to_owned()))
            }
            _ => None,
        }
    }
}

fn may_know(_: &Address, names: &[String]) -> bool {
    names.iter().any(|name| Thing::named(name).is_some())
}

fn around(pull: &Pull<'_>, names: &[String]) -> Result<(), Trouble> {
    let look = Look { pull, store: Store::default() };
    let look = Look { store: look.store()?, pull };
    look.is_the_same()?;
    let first: BTreeSet<Thing> = names.iter().filter_map(|name| Thing::named(name)).collect();
    let mut seen = first.clone();
    let mut queue: VecDeque<(u8, Thing)> = first.into_iter().map(|thing| (0, thing)).collect();
    while let Some((step, thing)) = queue.pop_front() {
        let next = match look.visit(&thing, step == 0) {
            Ok(Some(next)) => next,
            Ok(None) => {
                let part = thing.place();
                if pull.held.has(&part) {
                    pull.give(Pulled::Gone { part });
                }
                Vec::new()
            }
            Err(trouble) => {
                let ends = trouble.sort == Sort::Late || trouble.sort == Sort::TooMuch;
                pull.tell(&thing.place(), trouble)?;
                if ends {
                    break;
                }
                Vec::new()
            }
        };
        let fresh = next.into_iter().filter(|thing| step < STEPS && seen.insert(thing.clone()));
        queue.extend(fresh.collect::<Vec<_>>().into_iter().map(|thing| (step + 1, thing)));
    }
    Ok(())
}

impl Thing {
    /// What the object is called among those of a sync.
    fn place(&self) -> String {
        match self {
            Thing::Experiment(id) => format!("experiments/{id}"),
            Thing::Run(id) => format!("runs/{id}"),
            Thing::Logged(id) => format!("logged_models/{id}"),
            Thing::Model(name) => format!("registered_models/{name}"),
            Thing::Version(name, version) => format!("model_versions/{name}/{version}"),
            Thing::Dataset(name, _) => format!("runs with {name}"),
        }
    }
}

/// The ids that the objects of a list within name.
fn ids(of: &Members, within: &str, list: &str, key: &str) -> Vec<String> {
    let within = inner(of, within);
    let Some(raw) = within.get(list) else { return Vec::new() };
    let objects: Vec<Box<RawValue>> = serde_json::from_str(raw.get()).unwrap_or_default();
    let read = |raw: &RawValue| text(&serde_json::from_str::<Members>(raw.get()).ok()?, key);
    objects.iter().filter_map(|raw| read(raw)).take(SOME).collect()
}

/// A text as a filter quotes it; nothing for one that no filter can hold.
fn quoted(text: &str) -> Option<String> {
    (!text.contains(['\'', '"', '\\', '`'])).then(|| format!("'{text}'"))
}

impl Look<'_> {
    /// What tells this store from others, in one request where the first experiment is the usual one.
    fn store(&self) -> Result<Store, Trouble> {
        let usual = self.one(&api("2.0", &["experiments", "get"]), &[("experiment_id", "0")], "experiment")?;
        if let Some(store) = usual.and_then(|it| Store::of(&it)) {
            return Ok(store);
        }
        let (some, _) = self.first_page(&self.experiments_listed())?;
        let first = some.iter().filter_map(|it| Some((text(it, "experiment_id")?, it)));
        let first = first.min_by_key(|(id, _)| (id.len(), id.clone()));
        Ok(first.and_then(|(_, it)| Store::of(it)).unwrap_or_default())
    }

    fn experiments_listed(&self) -> Listing<'static> {
        Listing {
            path: api("2.0", &["experiments", "search"]),
            key: "experiments",
            post: Some(json!({"max_results": 500, "view_type": "ALL"})),
            query: Vec::new(),
        }
    }

    /// One object; nothing where there is no such thing.
    fn one(&self, path: &[&str], query: &[(&str, &str)], key: &str) -> Result<Option<Members>, Trouble> {
        let request = Request::get(self.http().address().below(path, query));
        match self.http().ask(&request) {
            Err(trouble) if trouble.sort == Sort::NoSuch => Ok(None),
            answer => Ok(Some(inner(&members(&request, &answer?)?, key)).filter(|it| !it.is_empty())),
        }
    }

    /// The first page of a list, and whether there is another.
    fn first_page(&self, of: &Listing<'_>) -> Result<(Vec<Members>, bool), Trouble> {
        let (some, next) = self.page_of(of, &self.request(of, None))?;
        Ok((some, next.is_some()))
    }

    /// Hands out the first page of a list, and says so where there may be more.
    fn page(&self, of: &Listing<'_>, table: &str, word: &str, key: &str) -> Result<Vec<Members>, Trouble> {
        let (mut some, next) = self.first_page(of)?;
        let more = next || some.len() > SOME;
        some.truncate(SOME);
        let name = |it: &Members| match word {
            "run" => text(&inner(it, "info"), key),
            "model_version" => Some(format!("{}/{}", text(it, "name")?, text(it, "version")?)),
            _ => text(it, key),
        };
        self.hand_out(table, word, key, some.iter(), name);
        if more {
            let why = format!("the first {SOME} were taken and there are more: a sync takes all");
            self.pull.give(Pulled::Failed { place: of.path.join("/"), why });
        }
        Ok(some)
    }

    /// Hands out one thing, and gives what it is tied to; nothing where there is no such thing. Lists are for what was
    /// asked about alone.
    fn visit(&self, thing: &Thing, asked_about: bool) -> Result<Option<Vec<Thing>>, Trouble> {
        match thing {
            Thing::Version(name, version) => self.version(name, version),
            Thing::Run(id) => self.run(id, asked_about),
            Thing::Logged(id) => self.logged_model(id),
            Thing::Model(name) => self.model(name, asked_about),
            Thing::Experiment(id) => {
                let query = [("experiment_id", id.as_str())];
                let Some(found) = self.one(&api("2.0", &["experiments", "get"]), &query, "experiment")? else {
                    return Ok(None);
                };
                self.give("experiments", "experiment", id, &found);
                if asked_about {
                    self.runs_of(json!([id]), None)?;
                }
                Ok(Some(Vec::new()))
            }
            Thing::Dataset(name, digest) => {
                let (experiments, _) = self.first_page(&self.experiments_listed())?;
                let ids: Vec<String> = experiments.iter().filter_map(|it| text(it, "experiment_id")).collect();
                if let (Some(name), Some(digest)) = (quoted(name), quoted(digest)) {
                    let filter = format!("dataset.name = {name} AND dataset.digest = {digest}");
                    self.runs_of(json!(ids), Some(filter))?;
                }
                Ok(Some(Vec::new()))
            }
        }
    }

    fn runs_of(&self, experiments: serde_json::Value, filter: Option<String>) -> Result<(), Trouble> {
        let mut post = json!({"experiment_ids": experiments, "run_view_type": "ALL", "max_results": SOME + 1});
        if let Some(filter) = filter {
            post["filter"] = filter.into();
        }
        let path = api("2.0", &["runs", "search"]);
        let listing = Listing { path, key: "runs", post: Some(post), query: Vec::new() };
        self.page(&listing, "runs", "run", "run_id").map(drop)
    }

    fn versions_where(&self, filter: String) -> Result<(), Trouble> {
        let listing = Listing {
            path: api("2.0", &["model-versions", "search"]),
            key: "model_versions",
            post: None,
            query: vec![("max_results", (SOME + 1).to_string()), ("filter", filter)],
        };
        self.page(&listing, "model_versions", "model_version", "name and version").map(drop)
    }

    fn version(&self, name: &str, version: &str) -> Result<Option<Vec<Thing>>, Trouble> {
        let query = [("name", name), ("version", version)];
        let Some(mut found) = self.one(&api("2.0", &["model-versions", "get"]), &query, "model_version")? else {
            return Ok(None);
        };
        without_aliases(&mut found);
        self.give("model_versions", "model_version", &format!("{name}/{version}"), &found);
        if let Some(described) = Described::version(&found).filter(|it| self.is_due(it)) {
            self.described(vec![described])?;
        }
        let source = text(&found, "source").unwrap_or_default();
        let logged = text(&found, "model_id").or_else(|| source.strip_prefix("models:/").map(str::to_owned));
        let logged = logged.filter(|id| id.starts_with("m-") && !id.contains('/')).map(Thing::Logged);
        let run = text(&found, "run_id").map(Thing::Run);
        Ok(Some([Some(Thing::Model(name.to_owned())), run, logged].into_iter().flatten().collect()))
    }

    fn run(&self, id: &str, asked_about: bool) -> Result<Option<Vec<Thing>>, Trouble> {
        let Some(found) = self.one(&api("2.0", &["runs", "get"]), &[("run_id", id)], "run")? else {
            return Ok(None);
        };
        self.give("runs", "run", id, &found);
        if let (Some(id), true) = (quoted(id), asked_about) {
            self.versions_where(format!("run_id = {id}"))?;
        }
        let made = ids(&found, "outputs", "model_outputs", "model_id");
        let used = ids(&found, "inputs", "model_inputs", "model_id");
        let experiment = text(&inner(&found, "info"), "experiment_id").map(Thing::Experiment);
        Ok(Some(made.into_iter().chain(used).map(Thing::Logged).chain(experiment).collect()))
    }

    fn logged_model(&self, id: &str) -> Result<Option<Vec<Thing>>, Trouble> {
        let Some(found) = self.one(&api("2.0", &["logged-models", id]), &[], "model")? else {
            return Ok(None);
        };
        self.give("logged_models", "model", id, &found);
        let changed = text(&inner(&found, "info"), "last_updated_timestamp_ms").unwrap_or_default();
        let described = Described::logged(id.to_owned(), changed);
        if self.is_due(&described) {
            self.described(vec![described])?;
        }
        let run = text(&inner(&found, "info"), "source_run_id").map(Thing::Run);
        Ok(Some(run.into_iter().collect()))
    }

    fn model(&self, name: &str, asked_about: bool) -> Result<Option<Vec<Thing>>, Trouble> {
        let path = api("2.0", &["registered-models", "get"]);
        let Some(mut found) = self.one(&path, &[("name", name)], "registered_model")? else {
            return Ok(None);
        };
        found.remove("latest_versions");
        self.give("registered_models", "registered_model", name, &found);
        if let (Some(name), true) = (quoted(name), asked_about) {
            self.versions_where(format!("name = {name}"))?;
        }
        Ok(Some(Vec::new()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_ledger_become_things_of_mlflow() {
        let version = |name: &str| Some(Thing::Version(name.into(), "2".into()));
        let hex = "0123456789abcdef0123456789abcdef";
        for (name, wanted) in [
            ("models:/fraud/2", version("fraud")),
            ("models:/fraud/2@0123456789ab", version("fraud")),
            ("models:/fraud@champion", Some(Thing::Model("fraud".into()))),
            ("models:/fraud/Production", Some(Thing::Model("fraud".into()))),
            ("models:/fraud", Some(Thing::Model("fraud".into()))),
            ("models:/", None),
            ("prompts:/ask/2", version("ask")),
            ("model-version:mlflow/0123456789ab/fraud@2", version("fraud")),
            ("model-version:mlflow/fraud@2", version("fraud")),
            ("prompt:mlflow/0123456789ab/ask@2", version("ask")),
            ("model:mlflow/0123456789ab/fraud", Some(Thing::Model("fraud".into()))),
            ("deployment:mlflow/0123456789ab/fraud/alias/champion", Some(Thing::Model("fraud".into()))),
            (&format!("run:mlflow/{hex}"), Some(Thing::Run(hex.into()))),
            (&format!("model-version:mlflow/m-{hex}"), Some(Thing::Logged(format!("m-{hex}")))),
            (&format!("model-version:mlflow/{hex}/model"), Some(Thing::Run(hex.into()))),
            ("experiment:mlflow/0123456789ab/7", Some(Thing::Experiment("7".into()))),
            ("dataset:mlflow/0123456789ab/tx@1f", Some(Thing::Dataset("tx".into(), "1f".into()))),
            ("model-version:fraud@2", None),
            ("dataset:lake/tx", None),
        ] {
            assert_eq!(Thing::named(name), wanted, "{name}");
        }
        assert_eq!(quoted("it's"), None);
    }
}

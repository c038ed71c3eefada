//! The files that describe a model and its environment: of logged models, and of registered versions whose files the
//! server keeps itself. Of files that lie elsewhere the server would have to fetch each: those are left there.

use super::{FORMAT, Look};
use crate::connector::http::{Request, Sort, Trouble};
use crate::connector::server::page::{Members, text};
use reqwest::Url;
use serde_json::{Value, json};

/// A model whose description is wanted.
pub(super) struct Described {
    /// What it is called among what is held.
    place: String,
    /// When it was last changed, as its server writes it.
    changed: String,
    of: Of,
}

enum Of {
    /// A logged model, by its id.
    Logged(String),
    /// A version of a registered model.
    Version(String, String),
}

impl Described {
    pub(super) fn logged(id: String, changed: String) -> Described {
        Described { place: format!("model_files/{id}"), changed, of: Of::Logged(id) }
    }

    /// Of a version that is no logged model, which is described by itself.
    pub(super) fn version(version: &Members) -> Option<Described> {
        let (name, number) = (text(version, "name")?, text(version, "version")?);
        text(version, "source").filter(|it| it.starts_with("mlflow-artifacts:"))?;
        let changed = text(version, "last_updated_timestamp").unwrap_or_default();
        Some(Described { place: format!("version_files/{name}/{number}"), changed, of: Of::Version(name, number) })
    }
}

impl Look<'_> {
    /// Whether a description is neither held nor known to be lacking.
    pub(super) fn is_due(&self, it: &Described) -> bool {
        let held = self.pull.held;
        !held.has(&it.place) && held.cursor(&it.place).as_ref() != Some(&it.changed)
    }

    /// Hands out descriptions.
    pub(super) fn described(&self, fresh: Vec<Described>) -> Result<(), Trouble> {
        self.pull.each(fresh.into_iter(), |it| {
            match self.files(&it) {
                // What has none is looked at again only when the model itself has changed.
                Ok(()) => self.pull.held.end_at(&it.place, it.changed),
                Err(trouble) => self.pull.tell(&it.place, trouble)?,
            }
            Ok(())
        })
    }

    fn file(&self, of: &Of, name: &str) -> Url {
        let address = self.http().address();
        match of {
            Of::Logged(id) => {
                let path = ["ajax-api", "2.0", "mlflow", "logged-models", id, "artifacts", "files"];
                address.below(&path, &[("artifact_file_path", name)])
            }
            Of::Version(model, version) => {
                let query = [("name", model.as_str()), ("version", version), ("path", name)];
                address.below(&["model-versions", "get-artifact"], &query)
            }
        }
    }

    /// The description of a model and of its environment.
    fn files(&self, it: &Described) -> Result<(), Trouble> {
        let file = |name: &str| match self.http().ask(&Request::get(self.file(&it.of, name))) {
            Ok(answer) => Ok(String::from_utf8(answer.body).ok()),
            Err(trouble) if matches!(trouble.sort, Sort::NoSuch | Sort::Other) => Ok(None),
            Err(trouble) => Err(trouble),
        };
        // A model that is somewhere else has no description here.
        let Some(described) = file("MLmodel")?.filter(|text| text.contains("flavors:")) else { return Ok(()) };
        let mut document = json!({"MLmodel": described});
        if let Of::Version(name, version) = &it.of {
            document["registered_as"] = json!({"name": name, "version": version});
        }
        for name in crate::connector::mlflow::ENVIRONMENT {
            if let Some(text) = file(name)? {
                document[*name] = Value::from(text);
            }
        }
        let text = document.to_string();
        let text = format!("{{{}{}", self.store.0, text.trim_start_matches('{'));
        self.pull.document(it.place.clone(), FORMAT, text.into_bytes());
        Ok(())
    }
}

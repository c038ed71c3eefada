//! Secrets that scanners found: the value as an artefact known by its keyed fingerprint, the exposure
//! as evidence where the report dates it, and the code that holds the value. Which report says what
//! is in the files beside. It sees no value: what stands in a record by now is a marker.

pub mod detect_secrets;
pub mod github;
pub mod gitlab;
pub mod gitleaks;
pub mod trufflehog;

use super::seen::marker_at;
use super::telling::{Telling, evidence};
use crate::model::{Artefact, Attributes, Kind, Relation, Time};
use serde_json::Value;

/// One place where a scanner saw one secret.
struct Finding<'a> {
    tool: &'a str,
    /// The marker that took the value's place, or whatever stands there.
    value: Option<&'a str>,
    /// What the secret is called where the report does not hold its value.
    otherwise: String,
    /// What the scanner took it for.
    rule: &'a str,
    /// Where the scanner looked: `git`, `filesystem`, `github`.
    scope: &'a str,
    file: Option<&'a str>,
    line: Option<u64>,
    /// `github.com/o/r`, when the report names it.
    repository: Option<String>,
    commit: Option<String>,
    /// When the value came to stand there; when the scanner saw it, if the report knows no better.
    at: Option<Time>,
    /// Who put it there.
    by: Option<String>,
    /// Whether the scanner asked the secret's issuer, and what that said.
    live: Option<bool>,
    /// What a person said of the finding since: `resolved`, `false_positive`.
    resolution: Option<String>,
    refs: Vec<String>,
    attributes: Attributes,
}

impl<'a> Finding<'a> {
    fn new(tool: &'a str, rule: &'a str, otherwise: String) -> Finding<'a> {
        Finding {
            tool,
            value: None,
            otherwise,
            rule,
            scope: "file",
            file: None,
            line: None,
            repository: None,
            commit: None,
            at: None,
            by: None,
            live: None,
            resolution: None,
            refs: Vec::new(),
            attributes: Attributes::new(),
        }
    }

    /// `github.com/o/r/path:7`, as far as it is known.
    fn place(&self) -> String {
        let mut place = self.repository.clone().unwrap_or_default();
        if let Some(file) = self.file {
            place = if place.is_empty() { file.to_owned() } else { format!("{place}/{file}") };
            if let Some(line) = self.line {
                place = format!("{place}:{line}");
            }
        }
        if place.is_empty() { self.scope.to_owned() } else { place }
    }

    /// The id of the secret, and the fingerprint when its value was there to be seen.
    fn secret(&self) -> (String, Option<String>) {
        let marker = self.value.and_then(|value| {
            let at = value.find("[secret:")?;
            marker_at(value.as_bytes(), at).map(|(marker, _)| marker.fingerprint)
        });
        match marker {
            Some(fingerprint) => (format!("secret:fp/{fingerprint}"), Some(fingerprint)),
            None if self.otherwise.starts_with("secret:") => (self.otherwise.clone(), None),
            None => (format!("secret:{}/{}", self.tool, self.otherwise), None),
        }
    }

    fn tell(mut self, telling: &mut Telling<'_>) {
        let (id, fingerprint) = self.secret();
        let place = self.place();
        let mut secret = Artefact::new(id.clone(), Kind::Secret);
        secret.identifiers.extend(fingerprint.map(|print| format!("fingerprint:{print}")));
        secret.attributes.insert("rule".to_owned(), Value::from(self.rule));
        secret.attributes.insert(format!("found.{}", self.tool), Value::from(place.as_str()));
        if let Some(live) = self.live {
            secret.attributes.insert("live".to_owned(), Value::from(live));
        }
        if self.at.is_none() {
            // Nothing dates it, so that it can be no evidence; the place is kept all the same.
            secret.attributes.insert(format!("exposed.{place}"), Value::from(self.rule));
        }
        telling.artefact(secret);
        let code = self.tell_code(telling);
        if let Some(code) = &code {
            telling.link(code, Relation::Contains, &id, self.at);
        }
        match self.at {
            Some(at) => {
                let mut exposure = evidence(&id, "exposure", at);
                exposure.scope = Some(self.scope.to_owned());
                exposure.by = self.by.take();
                exposure.verdict = Some(if self.resolution.is_some() { "resolved" } else { "exposed" }.to_owned());
                exposure.refs = std::mem::take(&mut self.refs);
                exposure.attributes = std::mem::take(&mut self.attributes);
                let said = [
                    ("tool", Some(self.tool.to_owned())),
                    ("rule", Some(self.rule.to_owned())),
                    ("place", Some(place)),
                    ("commit", self.commit.clone()),
                    ("resolution", self.resolution.clone()),
                ];
                for (key, value) in said {
                    if let Some(value) = value {
                        exposure.attributes.insert(key.to_owned(), Value::from(value));
                    }
                }
                if let Some(live) = self.live {
                    exposure.attributes.insert("live".to_owned(), Value::from(live));
                }
                telling.observe(at);
                telling.evidence(exposure);
            }
            None => telling.doubt(format!("the report dates no exposure at {place}: it is kept as an undated place")),
        }
    }

    /// The commit that holds the value. A path alone names no code: every repository has a `config.yml`.
    fn tell_code(&self, telling: &mut Telling<'_>) -> Option<String> {
        let commit = self.commit.as_deref().and_then(full_commit)?;
        let id = match &self.repository {
            Some(repository) => format!("code:{repository}@{commit}"),
            None => format!("code:{commit}"),
        };
        let mut code = Artefact::new(id.clone(), Kind::Code);
        code.name.clone_from(&self.repository);
        code.identifiers.push(format!("git:{commit}"));
        code.version = Some(commit);
        telling.artefact(code);
        Some(id)
    }
}

/// A full commit hash, in lower case.
pub(super) fn full_commit(text: &str) -> Option<String> {
    let hex = text.trim();
    (matches!(hex.len(), 40 | 64) && hex.bytes().all(|b| b.is_ascii_hexdigit())).then(|| hex.to_ascii_lowercase())
}

/// `mailto:x@y` for an address, as people are known by; a name alone is none.
fn person(email: Option<&str>) -> Option<String> {
    email.filter(|text| text.contains('@')).map(|text| {
        let inner = text.rsplit_once('<').map_or(text, |(_, inner)| inner.trim_end_matches('>'));
        format!("identity:mailto:{}", inner.trim().to_ascii_lowercase())
    })
}

/// `github.com/o/r` of an address that leads into a repository.
fn repository(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let mut parts = rest.split(['/', '?', '#']);
    let (host, owner, name) = (parts.next()?, parts.next()?, parts.next()?);
    let name = name.strip_suffix(".git").unwrap_or(name);
    (host.contains('.') && !owner.is_empty() && !name.is_empty()).then(|| format!("{host}/{owner}/{name}"))
}

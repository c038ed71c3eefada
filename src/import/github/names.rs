//! The ids that GitHub's names become: commits, people, apps, runs. A branch or a tag is never one.

use crate::import::node::{Fault, Node};
use crate::import::openlineage::ids;
use crate::import::teller::{Teller, keep};
use crate::model::{Artefact, Attributes, Digest, Kind};
use serde_json::Value;

/// A repository: `github.com/o/r`, with the host of its own server where it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Repository(pub(super) String);

impl Repository {
    /// The one an event names.
    pub(super) fn of_event(node: &Node<'_>) -> Result<Repository, Fault> {
        let repository = node.required("repository")?;
        match repository.optional_text("html_url")?.and_then(of_url) {
            Some(repository) => Ok(repository),
            None => Ok(Repository(format!("github.com/{}", repository.text("full_name")?))),
        }
    }

    /// The one that the addresses in an answer belong to.
    pub(super) fn of_answer(node: &Node<'_>) -> Result<Repository, Fault> {
        for key in ["html_url", "repository_url", "pull_request_url", "url"] {
            if let Some(repository) = node.optional_text(key)?.and_then(of_url) {
                return Ok(repository);
            }
        }
        Err(format!(
            "{}: which repository it is of is not said: expected \"html_url\" or \"repository_url\"",
            node.place()
        ))
    }

    /// Describes a commit of it and gives its id.
    pub(super) fn commit(&self, sha: &str, place: &str, telling: &mut Teller<'_>) -> Result<String, Fault> {
        let commit = ids::commit(sha).ok_or_else(|| {
            format!("{place}: \"{}\" is no commit: expected 40 or 64 hex digits", crate::import::teller::clip(sha))
        })?;
        let mut code = Artefact::new(format!("code:{}@{commit}", self.0), Kind::Code);
        code.name = Some(self.0.clone());
        code.version = Some(commit.clone());
        code.digests.push(Digest::parse(&format!("git:{commit}")));
        code.identifiers.push(format!("git:{commit}"));
        Ok(telling.artefact(code))
    }
}

/// `github.com/o/r` for an address of a page or of the API.
fn of_url(url: &str) -> Option<Repository> {
    let rest = url.split_once("://")?.1;
    let (host, path) = rest.split_once('/')?;
    let host = host.strip_prefix("api.").unwrap_or(host);
    let path = path.strip_prefix("api/v3/").unwrap_or(path);
    let mut parts = path.strip_prefix("repos/").unwrap_or(path).split(['/', '?', '#']);
    match (parts.next()?, parts.next()?) {
        ("", _) | (_, "") => None,
        (owner, name) => Some(Repository(format!("{host}/{owner}/{name}"))),
    }
}

/// Describes who is under that key: a person, a bot or an app.
pub(super) fn who(node: &Node<'_>, key: &str, telling: &mut Teller<'_>) -> Result<Option<String>, Fault> {
    let Some(user) = node.child(key)? else { return Ok(None) };
    user_id(&user, telling).map(Some)
}

fn user_id(user: &Node<'_>, telling: &mut Teller<'_>) -> Result<String, Fault> {
    let login = user.text("login")?;
    let kind = match user.optional_text("type")? {
        Some("Bot") => "service-account",
        Some("Organization") => "organisation",
        _ => "person",
    };
    let number = user.child("id")?.map(|id| id.value.clone());
    Ok(identity(format!("github:user/{login}"), login, kind, number, telling))
}

/// Describes an identity and gives its id.
pub(super) fn identity(id: String, name: &str, kind: &str, number: Option<Value>, telling: &mut Teller<'_>) -> String {
    let mut artefact = Artefact::new(id, Kind::Identity);
    artefact.name = Some(name.to_owned());
    artefact.attributes.insert("type".to_owned(), Value::from(kind));
    if let Some(number) = number.filter(Value::is_number) {
        artefact.attributes.insert("number".to_owned(), number);
    }
    telling.artefact(artefact)
}

/// A reviewer: a user, or a team.
pub(super) fn reviewer(node: &Node<'_>, telling: &mut Teller<'_>) -> Result<String, Fault> {
    let inner = node.child("reviewer")?.unwrap_or_else(|| node.clone());
    match inner.optional_text("slug")? {
        Some(slug) => {
            let organisation = inner.optional_text("html_url")?.and_then(|url| {
                let (_, rest) = url.split_once("/orgs/")?;
                rest.split('/').next()
            });
            let id = match organisation {
                Some(organisation) => format!("github:team/{organisation}/{slug}"),
                None => format!("github:team/{slug}"),
            };
            let number = inner.child("id")?.map(|id| id.value.clone());
            Ok(identity(id, inner.optional_text("name")?.unwrap_or(slug), "team", number, telling))
        }
        None => user_id(&inner, telling),
    }
}

/// A number that names something, as text.
pub(super) fn number(node: &Node<'_>, key: &str) -> Result<String, Fault> {
    let child = node.required(key)?;
    match child.value {
        Value::Number(number) => Ok(number.to_string()),
        Value::String(text) if !text.trim().is_empty() => Ok(text.clone()),
        _ => Err(format!("{}: expected a number", child.path)),
    }
}

/// Keeps some texts as attributes under their own names.
pub(super) fn keep_texts(attributes: &mut Attributes, node: &Node<'_>, keys: &[&str]) -> Result<(), Fault> {
    for key in keys {
        keep(attributes, key, node.optional_text(key)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_known_by_its_pages_and_by_its_api() {
        for url in [
            "https://github.com/o/r/pull/1#pullrequestreview-80",
            "https://api.github.com/repos/o/r/deployments/1",
            "https://github.com/o/r",
        ] {
            assert_eq!(of_url(url), Some(Repository("github.com/o/r".to_owned())));
        }
        assert_eq!(of_url("https://ghe.example/api/v3/repos/o/r/x"), Some(Repository("ghe.example/o/r".to_owned())));
        assert_eq!(of_url("https://github.com/o"), None);
    }
}

//! One commit: who made it, what it follows, that it is signed, and what it changed of DVC. It knows nothing of
//! other commits.

use super::object::Object;
use super::{Repository, code, commit_id, person, say_signature};
use crate::import::dvc;
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, clip, keep};
use crate::model::{Attributes, Relation};
use serde_json::Value;

pub(super) fn read(node: &Node<'_>, repository: &Repository, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let hash = node.text("id")?;
    let id =
        commit_id(hash).ok_or_else(|| format!("/id: \"{}\" is no commit: expected 40 or 64 hex digits", clip(hash)))?;
    let object = Object::of(node)?;
    if object.header("tree").is_none() {
        return Err("/object: no tree: it is no commit".to_owned());
    }
    let (author, committer) = (object.person("author"), object.person("committer"));
    let at = committer.as_ref().and_then(|it| it.at);
    match at {
        Some(at) => telling.observe(at),
        None => telling.doubt("/object: the committer gives no date that can be read; the commit is undated"),
    }
    let mut code = code(&id, repository);
    code.at = at;
    keep(&mut code.attributes, "subject", Some(object.subject()));
    for (key, who) in [("author", &author), ("committer", &committer)] {
        keep(&mut code.attributes, key, who.as_ref().map(|it| format!("{} <{}>", it.name, it.email)).as_deref());
    }
    if author.as_ref().and_then(|it| it.at) != at {
        keep(
            &mut code.attributes,
            "authored",
            author.as_ref().and_then(|it| it.at).map(|at| at.to_string()).as_deref(),
        );
    }
    let id = telling.artefact(code);
    let same = author.as_ref().zip(committer.as_ref()).is_some_and(|(a, b)| a.email.eq_ignore_ascii_case(&b.email));
    for (role, who) in [("author", author), ("committer", committer.filter(|_| !same))] {
        let Some(identity) = who.as_ref().and_then(|who| person(who, telling)) else { continue };
        let since = who.and_then(|it| it.at).or(at);
        let role = Attributes::from([("role".to_owned(), Value::from(role))]);
        telling.link_with(&id, Relation::ChangedBy, &identity, since, role);
    }
    for parent in object.all("parent") {
        match commit_id(parent) {
            Some(parent) => telling.link(&id, Relation::DerivedFrom, &parent, at),
            None => telling.doubt(format!("/object: the parent \"{}\" is no commit id", clip(parent))),
        }
    }
    if node.child("shallow")?.is_some_and(|it| *it.value == Value::Bool(true)) {
        telling.doubt("/shallow: the clone was cut off here: what came before is not in it");
    }
    say_signature(&id, "commit", &object, at, telling);
    let project = dvc::Project { repository: repository.name(), commit: id.strip_prefix("git:"), at, alone: None };
    dvc::changed(node, &project, telling)
}

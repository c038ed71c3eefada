//! One annotated tag: who set it, when, on which commit, and that it is signed. A tag is a name of a commit and
//! never its identity.

use super::object::Object;
use super::{Repository, code, commit_id, gto, person, say_signature};
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, clip, keep};
use crate::import::telling::evidence;
use crate::model::{Digest, Statement};

pub(super) fn read(node: &Node<'_>, repository: &Repository, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let object = Object::of(node)?;
    let name =
        object.header("tag").filter(|it| !it.trim().is_empty()).ok_or("/object: a tag without a name")?.to_owned();
    let target = object.header("object").ok_or("/object: a tag of nothing")?;
    let kind = object.header("type").unwrap_or("commit");
    if kind != "commit" {
        telling.doubt(format!(
            "/object: {} is a tag of a {}, which no artefact is; it is kept in the record only",
            clip(&name),
            clip(kind)
        ));
        return Ok(());
    }
    let id = commit_id(target).ok_or_else(|| format!("/object: \"{}\" is no commit id", clip(target)))?;
    let id = telling.artefact(code(&id, repository));
    let tagger = object.person("tagger");
    let by = tagger.as_ref().and_then(|it| person(it, telling));
    let at = tagger.as_ref().and_then(|it| it.at);
    let Some(at) = at else {
        telling.doubt(format!("/object: {} says nobody and no date", clip(&name)));
        return Ok(());
    };
    telling.observe(at);
    let mut said = evidence(&id, "tag", at);
    (said.scope, said.by) = (Some(name.clone()), by.clone());
    said.covers.push(Digest::parse(&id));
    keep(&mut said.attributes, "message", Some(&object.message));
    telling.say(Statement::Evidence(said));
    say_signature(&id, &format!("tag {name}"), &object, Some(at), telling);
    match gto::Name::parse(&name) {
        Some(gto) => gto.tell(
            node,
            &gto::Tag { commit: &id, repository, by, at, tagger: tagger.as_ref(), object: &object },
            telling,
        ),
        None => Ok(()),
    }
}

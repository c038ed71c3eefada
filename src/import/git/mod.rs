//! Git: commits, annotated tags and references, as documents that hold each object as git stores it. A full
//! commit hash is the identity; a branch, a tag or a short hash never is. That a signature is there and by
//! which key is recorded here; whether it counts is asked later.

mod commit;
mod gto;
mod object;
mod tag;

use super::json::strict_value;
use super::node::{Fault, Node};
use super::openlineage::ids;
use super::sniff::json_shape;
use super::teller::{Teller, clip};
use super::telling::evidence;
use super::{Format, Framing, Head, Importer, Reading};
use crate::model::{Artefact, Attributes, Digest, Kind, Statement, Time};
use crate::proof::sshsig;
use object::{Object, Person};
use serde_json::Value;
use std::collections::BTreeMap;

/// Reads what a git repository is read into.
pub struct Git;

static FORMAT: Format = Format {
    name: "git",
    version: 1,
    media_type: "application/vnd.lastgood.git+json",
    about: "git repositories (a work tree or a bare one, no checkout): commits, signed commits and tags, GTO tags, DVC across history",
    extensions: &["git"],
};

impl Importer for Git {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let shape = json_shape(head)?;
        let ours = |word: &&str| ["\"commit\"", "\"tag\"", "\"refs\"", "\"fault\""].contains(word);
        shape.objects.iter().any(|keys| keys.get("git").is_some_and(&ours)).then_some(Framing::Documents)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        Teller::documents(content, out, read);
    }
}

fn read(node: &Node<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let repository = Repository::of(node)?;
    match node.text("git")? {
        "commit" => commit::read(node, &repository, telling),
        "tag" => tag::read(node, &repository, telling),
        "refs" => references(node, &repository, telling),
        "fault" => {
            let (what, why) = (node.text("what")?, node.text("why")?);
            Err(if why.starts_with(what) { why.to_owned() } else { format!("{what}: {why}") })
        }
        other => Err(format!("/git: \"{}\": expected commit, tag or refs", clip(other))),
    }
}

/// Which repository it is: `github.com/o/r` where it has an address, otherwise what its folder is called.
struct Repository(Option<String>);

impl Repository {
    fn of(node: &Node<'_>) -> Result<Repository, Fault> {
        let remote = node.optional_text("remote")?.map(str::trim).filter(|it| !it.is_empty());
        let name = match remote {
            Some(url) if is_address(url) => Some(ids::repository(url)),
            Some(path) => {
                path.trim_end_matches('/').rsplit('/').next().map(|it| it.trim_end_matches(".git").to_owned())
            }
            None => node.optional_text("folder")?.map(str::to_owned),
        };
        Ok(Repository(name.filter(|it| !it.is_empty())))
    }

    fn name(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

/// A URL or `host:path`, and not a path of somebody's disk.
fn is_address(url: &str) -> bool {
    match url.split_once("://") {
        Some((scheme, _)) => !scheme.eq_ignore_ascii_case("file"),
        None => url.split_once(':').is_some_and(|(host, _)| host.len() > 1 && !host.contains('/')),
    }
}

/// The id of a commit.
fn commit_id(hash: &str) -> Option<String> {
    ids::commit(hash).map(|hash| format!("git:{hash}"))
}

/// A commit, with nothing said of it yet.
fn code(id: &str, repository: &Repository) -> Artefact {
    let mut code = Artefact::new(id, Kind::Code);
    code.name = repository.name().map(str::to_owned);
    code.version = id.strip_prefix("git:").map(str::to_owned);
    code.digests.push(Digest::parse(id));
    code.identifiers.push(id.to_owned());
    code.attributes.extend(repository.name().map(|name| ("repository".to_owned(), Value::from(name))));
    code
}

/// Describes somebody by the address; a name alone identifies nobody.
fn person(person: &Person, telling: &mut Teller<'_>) -> Option<String> {
    if !person.email.contains('@') || person.email.contains(char::is_whitespace) {
        return None;
    }
    let mut identity = Artefact::new(format!("mailto:{}", person.email.to_lowercase()), Kind::Identity);
    identity.name = Some(person.name.clone()).filter(|name| !name.is_empty());
    let sort = if gto::is_machine(person) { "service-account" } else { "person" };
    identity.attributes.insert("type".to_owned(), Value::from(sort));
    Some(telling.artefact(identity))
}

/// Where branches and tags were when the repository was read: names of commits, and no more than that.
fn references(node: &Node<'_>, repository: &Repository, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let mut names: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for list in ["refs", "annotated"] {
        for (name, target) in node.entries(list)? {
            let id = commit_id(target.as_text()?).ok_or_else(|| format!("{}: no commit id", target.path))?;
            names.entry(id).or_default().push(Value::from(name));
            if list == "refs"
                && let Some(tag) = name.strip_prefix("refs/tags/").filter(|tag| gto::Name::parse(tag).is_some())
            {
                telling
                    .doubt(format!("{}: {tag} has no object of its own, so it says neither who nor when", target.path));
            }
        }
    }
    let head = node.optional_text("head")?;
    for (id, refs) in names {
        let mut code = code(&id, repository);
        if head.is_some_and(|head| refs.iter().any(|name| name == head)) {
            code.attributes.insert("head".to_owned(), Value::Bool(true));
        }
        code.attributes.insert("refs".to_owned(), Value::Array(refs));
        telling.artefact(code);
    }
    Ok(())
}

/// Says that something is signed and by which key. Whether that counts is not asked here.
fn say_signature(about: &str, scope: &str, object: &Object, at: Option<Time>, telling: &mut Teller<'_>) {
    let Some((scheme, armored)) = object.signature() else { return };
    let mut attributes = Attributes::from([("scheme".to_owned(), Value::from(scheme))]);
    match sshsig::named_key(&armored) {
        _ if scheme != "ssh" => {
            attributes.insert("signature".to_owned(), Value::from("present, of a kind that is not checked"));
        }
        Ok(key) => {
            attributes.insert("key".to_owned(), Value::from(key.fingerprint()));
            attributes.insert("signature".to_owned(), Value::from("present, checked when it is asked about"));
        }
        Err(error) => {
            attributes.insert("signature".to_owned(), Value::from(format!("unreadable: {error}")));
        }
    }
    let Some(at) = at else {
        return telling
            .doubt(format!("{about}: it is signed, and dated by nobody: the signature is in the record only"));
    };
    let mut said = evidence(about, "signature", at);
    said.scope = Some(scope.to_owned());
    said.covers.push(Digest::parse(about));
    said.attributes = attributes;
    telling.say(Statement::Evidence(said));
}

/// An SSH signature and what it should be over, for whoever knows whose keys count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// What was signed.
    pub payload: Vec<u8>,
    /// The signature.
    pub armored: String,
    /// When it is said to have been made.
    pub at: Option<Time>,
    /// Whether the record holds the object as it was signed: a secret in it may have been replaced.
    pub whole: bool,
}

/// The SSH signature of the commit or tag that a record holds.
pub fn sealed(content: &[u8]) -> Option<Sealed> {
    let value = strict_value(std::str::from_utf8(content).ok()?).ok()?;
    let node = Node::new(&value, "");
    let kind = node.text("git").ok()?;
    let object = Object::of(&node).ok()?;
    let (scheme, armored) = object.signature()?;
    let who = object.person(if kind == "tag" { "tagger" } else { "committer" });
    let whole = node.text("id").is_ok_and(|id| object.is(kind, id));
    let armored = armored.into_owned();
    (scheme == "ssh").then(|| Sealed { payload: object.signed(), armored, at: who.and_then(|it| it.at), whole })
}

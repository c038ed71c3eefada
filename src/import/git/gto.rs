//! Tags that GTO names: versions of models and data that are registered, assigned to stages, and taken back.
//! Who approved is not in a tag that a machine set, and that is said.

use super::Repository;
use super::object::{Object, Person};
use crate::import::dvc;
use crate::import::node::{Fault, Node};
use crate::import::openlineage::ids;
use crate::import::teller::{Teller, keep};
use crate::import::telling::evidence;
use crate::model::{Artefact, Attributes, Kind, Link, Relation, Statement, Time};
use serde_json::Value;

/// What a tag's name says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name<'n> {
    /// The artefact, with the folder its description is in: `folder=name`.
    artefact: &'n str,
    what: What<'n>,
    /// It takes back what it names.
    back: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum What<'n> {
    Version(&'n str),
    Stage(&'n str),
}

impl<'n> Name<'n> {
    /// `name@v1.2.0`, `name@v1.2.0!`, `name#stage`, `name#stage#3`, `name#stage!#3`.
    pub(super) fn parse(tag: &'n str) -> Option<Name<'n>> {
        let at = tag.find(['@', '#'])?;
        let (artefact, rest) = tag.split_at(at);
        let is_word = |text: &str| {
            !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '='))
        };
        let (rest, number) = match rest.get(1..)?.split_once('#') {
            Some((rest, number)) => (rest, number),
            None => (rest.get(1..)?, "0"),
        };
        let (word, back) = rest.strip_suffix('!').map_or((rest, false), |word| (word, true));
        if !is_word(artefact) || !number.bytes().all(|byte| byte.is_ascii_digit()) || number.is_empty() {
            return None;
        }
        let version = word.strip_prefix('v').is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()));
        let plain = |text: &str| text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+'));
        let what = match rest.is_empty() || !plain(word) || word.is_empty() {
            true => return None,
            false if tag.get(at..)?.starts_with('@') => What::Version(Some(word).filter(|_| version)?),
            false => What::Stage(word),
        };
        Some(Name { artefact, what, back })
    }

    /// Says what the tag says.
    pub(super) fn tell(&self, node: &Node<'_>, tag: &Tag<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
        let (folder, short) = self.artefact.rsplit_once('=').unwrap_or(("", self.artefact));
        let path = if folder.is_empty() { short.to_owned() } else { format!("{folder}:{short}") };
        let name = match tag.repository.name() {
            Some(repository) => format!("{repository}/{path}"),
            None => path,
        };
        let described = dvc::registered(node, folder, short, telling)?;
        let (kind, of) = match described.as_ref().map(|it| &it.kind) {
            Some(Kind::Dataset) => (Kind::Dataset, Kind::Other("dataset-name".into())),
            _ => (Kind::ModelVersion, Kind::Model),
        };
        let commit = tag.commit.strip_prefix("git:").unwrap_or(tag.commit);
        let here = self.version(&kind, &name, commit, telling);
        telling.link(&here, Relation::BuiltFrom, tag.commit, Some(tag.at));
        if let Some(bytes) = described.and_then(|it| it.data(tag.commit, tag.at, telling)) {
            telling.link(&here, Relation::Contains, &bytes, Some(tag.at));
        }
        let (about, said, scope, verdict) = match &self.what {
            What::Version(version) => {
                let id = self.version(&kind, &name, version, telling);
                telling.same(&id, &here, "its tag registers that commit");
                let model = telling.named(format!("{of}:{name}"), of, name.clone());
                telling.link(&id, Relation::VersionOf, &model, None);
                (id, "registration", (*version).to_owned(), if self.back { "deregistered" } else { "registered" })
            }
            What::Stage(stage) => {
                let mut site = Artefact::new(format!("deployment:{name}#{stage}"), Kind::Deployment);
                site.name = Some(name.clone());
                site.environment = Some((*stage).to_owned());
                let site = telling.artefact(site);
                let mut deploys = Link::new(site, Relation::Deploys, here.clone());
                deploys.since = Some(tag.at);
                // What was assigned before is so no longer.
                if let Some(earlier) = node.optional_text("before")?.map(|it| Object::from(it.as_bytes().to_vec()))
                    && let Some(commit) = earlier.header("object").and_then(ids::commit)
                {
                    let to = self.version(&kind, &name, &commit, telling);
                    let mut ended = Link::new(deploys.from.clone(), Relation::Deploys, to);
                    ended.since = earlier.person("tagger").and_then(|it| it.at);
                    ended.until = Some(tag.at);
                    telling.say(Statement::Link(ended));
                }
                if !self.back {
                    telling.say(Statement::Link(deploys));
                }
                (here.clone(), "promotion", (*stage).to_owned(), if self.back { "unassigned" } else { "assigned" })
            }
        };
        let mut attributes = Attributes::new();
        keep(&mut attributes, "tag", tag.object.header("tag"));
        keep(&mut attributes, "message", Some(&tag.object.message));
        if tag.tagger.is_some_and(is_machine) {
            attributes.insert("approved-by".to_owned(), Value::from("not recorded: a machine set the tag"));
            telling.absent(&about, Relation::Other("approved-by".into()), "not-recorded");
        }
        let mut evidence = evidence(&about, said, tag.at);
        (evidence.scope, evidence.verdict) = (Some(scope), Some(verdict.to_owned()));
        (evidence.by, evidence.attributes) = (tag.by.clone(), attributes);
        telling.say(Statement::Evidence(evidence));
        Ok(())
    }

    fn version(&self, kind: &Kind, name: &str, version: &str, telling: &mut Teller<'_>) -> String {
        let mut artefact = Artefact::new(format!("{kind}:{name}@{version}"), kind.clone());
        artefact.name = Some(name.to_owned());
        artefact.version = Some(version.to_owned());
        telling.artefact(artefact)
    }
}

/// The tag behind a name.
pub(super) struct Tag<'t> {
    /// The id of the commit it is on.
    pub(super) commit: &'t str,
    pub(super) repository: &'t Repository,
    pub(super) by: Option<String>,
    pub(super) at: Time,
    pub(super) tagger: Option<&'t Person>,
    pub(super) object: &'t Object,
}

/// Words by which runners of pipelines call themselves.
const MACHINES: [&str; 14] = [
    "github-actions",
    "actions",
    "action",
    "gitlab-ci",
    "gitlab-runner",
    "ci",
    "ci-bot",
    "jenkins",
    "circleci",
    "buildkite",
    "azure-pipelines",
    "drone",
    "runner",
    "bot",
];

/// Whether a person is none: a bot, or the runner of a pipeline.
pub(super) fn is_machine(person: &Person) -> bool {
    let (name, email) = (person.name.to_lowercase(), person.email.to_lowercase());
    let local = email.split('@').next().unwrap_or_default();
    let user = local.rsplit('+').next().unwrap_or_default();
    [name.as_str(), email.as_str()].iter().any(|it| it.contains("[bot]"))
        || [name.as_str(), local, user].iter().any(|it| MACHINES.contains(it))
        || name.replace(' ', "-") == "github-actions"
        || name.ends_with("-bot")
        || name.ends_with(" ci")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(tag: &str) -> Option<(&str, String, bool)> {
        let name = Name::parse(tag)?;
        let what = match name.what {
            What::Version(it) => format!("version {it}"),
            What::Stage(it) => format!("stage {it}"),
        };
        Some((name.artefact, what, name.back))
    }

    #[test]
    fn names_are_read_as_gto_reads_them() {
        assert_eq!(parsed("credit-risk@v1.0.0"), Some(("credit-risk", "version v1.0.0".to_owned(), false)));
        assert_eq!(parsed("credit-risk@v1.0.0!"), Some(("credit-risk", "version v1.0.0".to_owned(), true)));
        assert_eq!(parsed("credit-risk#prod#1"), Some(("credit-risk", "stage prod".to_owned(), false)));
        assert_eq!(parsed("models=x#prod!#2"), Some(("models=x", "stage prod".to_owned(), true)));
        assert_eq!(parsed("x#prod!"), Some(("x", "stage prod".to_owned(), true)));
        for other in ["v1.0.0", "pkg@1.2.3", "@scope/pkg@v1.0.0", "x#", "x@", "x#prod#one", "a b@v1", "x@v1.0.0 y"] {
            assert_eq!(parsed(other), None, "{other}");
        }
    }

    #[test]
    fn runners_and_bots_are_no_people() {
        let person = |name: &str, email: &str| Person { name: name.to_owned(), email: email.to_owned(), at: None };
        assert!(is_machine(&person("github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com")));
        assert!(is_machine(&person("GitHub Actions", "actions@github.com")));
        assert!(is_machine(&person("Deploy", "gitlab-ci@example.org")));
        assert!(!is_machine(&person("Ada", "12+ada@users.noreply.github.com")));
    }
}

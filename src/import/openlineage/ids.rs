//! The ids that OpenLineage's names become. It looks nothing up.

use crate::import::node::{Fault, Node};
use crate::model::Kind;

/// A namespace and a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::import) struct Name {
    pub(in crate::import) namespace: String,
    pub(in crate::import) name: String,
}

impl Name {
    pub(in crate::import) fn of(node: &Node<'_>) -> Result<Name, Fault> {
        Ok(Name { namespace: node.text("namespace")?.to_owned(), name: node.text("name")?.to_owned() })
    }

    pub(in crate::import) fn id(&self, kind: &Kind) -> String {
        format!("{kind}:{}/{}", self.namespace, self.name)
    }

    pub(in crate::import) fn dataset(&self) -> String {
        self.id(&Kind::Dataset)
    }

    pub(in crate::import) fn job(&self) -> String {
        self.id(&Kind::Job)
    }

    /// The identifier by which two sources' claims of one dataset are joined.
    pub(in crate::import) fn dataset_identifier(&self) -> String {
        format!("ol:{}|{}", self.namespace, self.name)
    }

    pub(in crate::import) fn job_identifier(&self) -> String {
        format!("oljob:{}|{}", self.namespace, self.name)
    }
}

/// `run:<uuid>`, and whether it is a UUID at all.
pub(in crate::import) fn run(text: &str) -> (String, bool) {
    let trimmed = text.trim();
    let groups: Vec<&str> = trimmed.split('-').collect();
    let uuid = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|b| b.is_ascii_hexdigit()));
    if uuid { (format!("run:{}", trimmed.to_ascii_lowercase()), true) } else { (format!("run:{trimmed}"), false) }
}

/// `person:x` for `user:x`, teams and the rest as they are; nothing for a name its source blanked.
pub(in crate::import) fn owner(text: &str) -> Option<String> {
    let name = text.trim();
    if name.is_empty() || name.bytes().all(|byte| byte == b'*') {
        return None;
    }
    match name.split_once(':') {
        Some(("user", user)) => Some(format!("person:{user}")),
        _ => Some(name.to_owned()),
    }
}

/// A full commit hash, in lower case.
pub(in crate::import) fn commit(text: &str) -> Option<String> {
    let hex = text.trim();
    (matches!(hex.len(), 40 | 64) && hex.bytes().all(|b| b.is_ascii_hexdigit())).then(|| hex.to_ascii_lowercase())
}

/// `github.com/o/r` for the ways in which a repository's address is written.
pub(in crate::import) fn repository(url: &str) -> String {
    let url = url.trim();
    let url = url.strip_prefix("git+").unwrap_or(url);
    let bare = match url.split_once("://") {
        Some((_, rest)) => {
            rest.split_once('@').filter(|(user, _)| !user.contains('/')).map_or(rest, |(_, host)| host).to_owned()
        }
        None => url.strip_prefix("git@").map_or_else(|| url.to_owned(), |rest| rest.replacen(':', "/", 1)),
    };
    let cut =
        ["/blob/", "/tree/", "/-/", "?", "#"].iter().filter_map(|mark| bare.find(mark)).min().unwrap_or(bare.len());
    let bare = bare.get(..cut).unwrap_or_default().trim_end_matches('/');
    bare.strip_suffix(".git").unwrap_or(bare).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_has_one_name() {
        for url in [
            "https://github.com/o/r.git",
            "git@github.com:o/r.git",
            "git+https://github.com/o/r",
            "https://token@github.com/o/r/blob/abc/dags/x.py",
        ] {
            assert_eq!(repository(url), "github.com/o/r");
        }
    }

    #[test]
    fn a_run_id_that_is_no_uuid_is_kept_and_told() {
        assert_eq!(
            run("EA041791-68BC-4AE1-BD89-4C8106A157E4"),
            ("run:ea041791-68bc-4ae1-bd89-4c8106a157e4".to_owned(), true)
        );
        assert_eq!(run("run_id"), ("run:run_id".to_owned(), false));
    }

    #[test]
    fn owners_are_people_teams_or_blanked_out() {
        assert_eq!(owner("user:ada").as_deref(), Some("person:ada"));
        assert_eq!(owner("team:risk").as_deref(), Some("team:risk"));
        assert_eq!(owner("***"), None);
    }
}
